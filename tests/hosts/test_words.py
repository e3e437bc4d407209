"""The host's words for states, account types and roles: checked at start where a column knows them, else counted."""

import enum
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Date, Enum, Float, ForeignKey, Integer, String
from sqlalchemy.orm import relationship
from world.made import made

from flask_intacct import Intacct, Local, LocalDocument, kinds
from flask_intacct.errors import MappingError, Refused
from flask_intacct.ledger import cents
from flask_intacct.vocabulary import Vocabulary

from .maker import DAY, close, host, invoice, invoices, make


class State(enum.Enum):
    UNPAID = "open"
    SETTLED = "paid up"


class Ours(enum.Enum):
    approved = 1
    void = 2
    lost = 3


def books(type_: Any, statuses: Any) -> tuple[SQLAlchemy, Any, Intacct]:
    """A host whose status column is of this type."""
    db = SQLAlchemy()

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        no = Column(String(20), default="A1")
        day = Column(Date, default=DAY)
        state = Column(type_)
        lines = relationship("Line")

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))
        net = Column(Float)

    document = LocalDocument(
        Invoice, number="no", contact=lambda row: None, date="day", status="state", statuses=statuses,
        lines=Local(Line, account=lambda line: None, net="net"),
    )  # fmt: skip
    return db, type("Models", (), {"Invoice": Invoice, "Line": Line}), Intacct(invoices=document)


def statuses_read(folder: Path, type_: Any, statuses: Any, *words: Any) -> list[str]:
    db, models, intacct = books(type_, statuses)
    app = make(db, intacct, folder)
    with app.app_context():
        db.session.add_all(models.Invoice(state=word) for word in words)
        db.session.commit()
        found = [document.status for document in invoices()]
    close(app, db)
    return found


@pytest.mark.parametrize("word", [State.UNPAID, "UNPAID", "open"], ids=["member", "name", "value"])
def test_word_of_an_enum_is_its_member_its_name_or_its_value(tmp_path: Path, word: Any) -> None:
    statuses = {word: "approved", State.SETTLED: "paid"}
    assert statuses_read(tmp_path, Enum(State), statuses, State.UNPAID, State.SETTLED) == ["approved", "paid"]


def test_word_that_comes_in_is_written_as_the_enum_wants_it(tmp_path: Path) -> None:
    db, models, intacct = books(Enum(State), {"open": "approved", "paid up": "paid"})
    app = make(db, intacct, tmp_path)
    with app.app_context():
        local = host().locals(kinds.INVOICE)[0]
        ref = made(host(), local, invoice())
        db.session.commit()
        assert db.session.query(models.Invoice).one().state is State.UNPAID
        with pytest.raises(Refused, match="statuses= lists no word for void"):
            host().set_status(kinds.INVOICE, ref, "void")
    close(app, db)


def test_enum_of_our_own_words_needs_none_listed(tmp_path: Path) -> None:
    assert statuses_read(tmp_path, Enum(Ours), None, *Ours) == ["approved", "void", "draft"]


def test_enum_without_any_of_our_words_has_to_be_listed(tmp_path: Path) -> None:
    db, _, intacct = books(Enum(State), None)
    with pytest.raises(MappingError, match=r"statuses= is missing\. It says what UNPAID, SETTLED mean"):
        make(db, intacct, tmp_path)


@pytest.mark.parametrize(
    ("type_", "word", "text"),
    [
        (Enum(State), "UNPAYED", r"statuses\['UNPAYED'\] is no word of that column\. Did you mean UNPAID"),
        (Enum("N", "open", "closed"), "opn", r"statuses\['opn'\] is no word of that column\. Did you mean open"),
        (Enum(State), Ours.void, r"is no word of that column\. Known: UNPAID, SETTLED"),
    ],
    ids=["enum", "texts", "other-enum"],
)
def test_word_that_the_column_does_not_know_is_refused_at_start(
    tmp_path: Path, type_: Any, word: Any, text: str
) -> None:
    db, _, intacct = books(type_, {word: "approved"})
    with pytest.raises(MappingError, match=text):
        make(db, intacct, tmp_path)


def test_one_word_in_two_meanings_is_refused_at_start(tmp_path: Path) -> None:
    db, _, intacct = books(Enum(State), {"UNPAID": "approved", "open": "draft"})
    with pytest.raises(MappingError, match=r"statuses= lists UNPAID twice, with different meanings"):
        make(db, intacct, tmp_path)


def test_member_of_an_enum_is_known_where_no_column_tells() -> None:
    words = Vocabulary("statuses", {"UNPAID": "approved", "paid up": "paid"}, ("approved", "paid"), "none")
    words.bind("x")
    meanings = [words.meaning(word) for word in (*State, "UNPAID  ", None, [])]
    assert meanings == ["approved", "paid", "approved", None, None]


def test_word_that_is_not_listed_is_a_draft_and_told(tmp_path: Path) -> None:
    db, models, intacct = books(String(20), {"A": "approved"})
    app = make(db, intacct, tmp_path)
    with app.app_context():
        db.session.add_all(models.Invoice(state=word) for word in ("A", "X", None))
        db.session.commit()
        found = [(document.status, document.unlisted) for document in invoices()]
        assert found == [("approved", ()), ("draft", ("status 'X'",)), ("draft", ("status None",))]
    close(app, db)


def test_types_of_accounts_and_roles_are_treated_alike(tmp_path: Path) -> None:
    db = SQLAlchemy()

    class Sort(enum.Enum):
        ASSET = "A"
        INCOME = "I"
        OTHER = "O"

    class Account(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        sort: Column[Sort] = Column(Enum(Sort))

    class Person(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        plays = Column(String(20))

    intacct = Intacct(
        accounts=Local(Account, name="id", type="sort", types={"ASSET": "balancesheet", "I": "incomestatement"}),
        contacts=Local(Person, name="id", role=lambda row: row.plays.split(",") if row.plays else None),
    )
    app = make(db, intacct, tmp_path)
    with app.app_context():
        db.session.add_all(Account(sort=sort) for sort in (Sort.ASSET, Sort.INCOME, Sort.OTHER, None))
        db.session.add_all(Person(plays=plays) for plays in ("customer", "vendor,tenant", "landlord", None))
        db.session.commit()
        accounts = [(one.type, one.unlisted) for one in host().values(kinds.ACCOUNT, "")]
        assert accounts == [("balancesheet", ()), ("incomestatement", ()), ("", ("type OTHER",)), ("", ())]
        people = [(set(one.roles), one.unlisted) for one in host().values(kinds.CONTACT, "")]
        odd = [("role 'tenant'",), ("role 'landlord'",)]
        assert people == [({"customer"}, ()), ({"vendor"}, odd[0]), (set(), odd[1]), (set(), ())]
    close(app, db)


@pytest.mark.parametrize(
    ("amount", "money"),
    [(1.005, "1.01"), (2.675, "2.68"), (-1.005, "-1.01"), (0.1 + 0.2, "0.30"), (1e-9, "0.00"), (100, "100.00")],
)
def test_float_counts_as_it_is_printed(amount: Any, money: str) -> None:
    assert cents(amount) == Decimal(money)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), "abc", ""])
def test_what_is_no_number_is_no_money(amount: Any) -> None:
    with pytest.raises(ValueError, match="is not an amount of money"):
        cents(amount)
