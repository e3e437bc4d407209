"""What it costs to read many documents: statements by the batch, not by the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Date, ForeignKey, Integer, String, UniqueConstraint, func, insert, text, update
from sqlalchemy.orm import joinedload, relationship, selectinload
from world.statements import counted

from flask_intacct import Intacct, Local, LocalDocument, kinds
from flask_intacct.errors import MappingError, Unreadable
from flask_intacct.ledger import Ref

from .large import CODES, KEYS, PROXIES, RELATIONSHIPS, Books, Entries, held, seen
from .maker import DAY, close, host, invoices, make

NUMBER = 400
MOST = 6
"""So many statements a batch may cost."""

Hold = Callable[..., Books]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Makes an application of books and holds its context open."""
    with ExitStack() as stack:

        def make_it(entries: Any, way: Any = "select", number: int = NUMBER, books: Books | None = None) -> Books:
            books = books or Books(way)
            return stack.enter_context(held(books, books.describe(*entries), tmp_path, number))

        yield make_it


def batches_of(number: int) -> int:
    return ceil(number / LocalDocument.BATCH)


@pytest.mark.parametrize(
    ("entries", "way"),
    [
        pytest.param(RELATIONSHIPS, "select", id="relationships"),
        pytest.param(KEYS, "select", id="keys"),
        pytest.param(CODES, "select", id="codes"),
        pytest.param(PROXIES, "select", id="association-proxies"),
        *(pytest.param(RELATIONSHIPS, way, id=way) for way in ("joined", "raise", "dynamic", "write_only")),
    ],
)
def test_statements_are_counted_by_the_batch(hold: Hold, entries: Entries, way: str) -> None:
    books = hold(entries, way)
    with counted(books.db.engine) as statements:
        found = invoices()
    assert [seen(document) for document in found] == [books.expected(at) for at in range(1, NUMBER + 1)]
    assert len(statements) <= MOST * batches_of(NUMBER)


def test_what_callables_need_is_loaded_along_if_the_host_names_it(hold: Hold) -> None:
    books = Books()
    document = {"contact": lambda row: row.tenant, "company": "firm_id", "load": [joinedload(books.Invoice.tenant)]}
    line = {
        **RELATIONSHIPS[1],
        "options": lambda row: [label.tag for label in row.labels],
        "load": [selectinload(books.Line.labels).joinedload(books.Label.tag)],
    }
    hold((document, line), books=books)
    with counted(books.db.engine) as statements:
        found = invoices()
    assert [seen(document) for document in found] == [books.expected(at) for at in range(1, NUMBER + 1)]
    assert len(statements) <= MOST * batches_of(NUMBER)


def test_way_to_load_that_the_host_gives_goes_before_ours(hold: Hold) -> None:
    """SQLAlchemy refuses a statement with two ways for one relationship."""
    books = Books()
    ways = [selectinload(books.Invoice.tenant), selectinload(books.Invoice.lines).selectinload(books.Line.account)]
    hold(({**RELATIONSHIPS[0], "load": ways}, RELATIONSHIPS[1]), books=books)
    with counted(books.db.engine) as statements:
        found = invoices()
    assert seen(found[0]) == books.expected(1)
    assert len(statements) <= MOST * batches_of(NUMBER)
    assert any("FROM account" in statement for statement in statements)


@pytest.mark.parametrize(
    ("of_lines", "load", "told"),
    [
        (False, lambda books: ["tenant"], r"LocalDocument\(Invoice\) for invoice: load= takes SQLAlchemy's loader "),
        (False, lambda books: "tenant", r"load= takes a list of SQLAlchemy's loader options, not 'tenant'"),
        (False, lambda books: joinedload(books.Invoice.tenant), r"load= takes a list"),
        (False, lambda books: [joinedload(books.Line.account)], r"load= can't be used for rows of Invoice: .*Line"),
        (True, lambda books: [books.Line.account], r"Local\(Line\) for line: load= takes SQLAlchemy's loader options"),
        (True, lambda books: [joinedload(books.Invoice.tenant)], r"Local\(Line\) for line: load= can't be used for"),
    ],
)  # fmt: skip
def test_what_is_no_way_to_load_is_refused_at_start(tmp_path: Path, of_lines: bool, load: Any, told: str) -> None:
    books = Books()
    more = {"load": load(books)}
    document, line = RELATIONSHIPS
    intacct = books.describe(document, line | more) if of_lines else books.describe(document | more, line)
    with pytest.raises(MappingError, match=told):
        make(books.db, intacct, tmp_path)


def test_way_to_load_what_can_not_be_loaded_along_is_refused_at_start(tmp_path: Path) -> None:
    books = Books("dynamic")
    more = {"load": [selectinload(books.Invoice.lines)]}
    with pytest.raises(MappingError, match=r"load= names Invoice\.lines, which is lazy='dynamic' and can't be loaded"):
        make(books.db, books.describe(KEYS[0] | more, KEYS[1]), tmp_path)


def test_ways_to_load_that_contradict_each_other_are_refused_at_start(tmp_path: Path) -> None:
    books = Books()
    document = {**KEYS[0], "load": [selectinload(books.Invoice.lines).selectinload(books.Line.account)]}
    line = {**KEYS[1], "load": [joinedload(books.Line.account)]}
    with pytest.raises(MappingError, match=r"LocalDocument\(Invoice\) for invoice: load= can't be used.*conflict"):
        make(books.db, books.describe(document, line), tmp_path)


def test_one_row_that_can_not_be_read_costs_little_more(hold: Hold) -> None:
    books = hold(RELATIONSHIPS)
    books.db.session.execute(text("UPDATE invoice SET day = 'soon' WHERE id = 70"))
    books.db.session.commit()
    bad: list[Unreadable] = []
    with counted(books.db.engine) as statements:
        found = list(host().documents(kinds.INVOICE, "1", None, bad.append))
    assert [error.label for error in bad] == ["Invoice A70"]
    assert [document.number for document in found] == [f"A{at}" for at in range(1, NUMBER + 1) if at != 70]
    assert len(statements) <= 100


def test_row_behind_an_entry_that_can_not_be_read_is_told_with_the_entry(hold: Hold) -> None:
    books = Books()
    books.Tenant.left_on = Column(Date)
    hold(RELATIONSHIPS, books=books)
    books.db.session.execute(text("UPDATE tenant SET left_on = 'soon' WHERE id = 70"))
    books.db.session.commit()
    bad: list[Unreadable] = []
    with counted(books.db.engine) as statements:
        found = list(host().documents(kinds.INVOICE, "1", DAY, bad.append))
    assert [(error.label, str(error.reason)[:23]) for error in bad] == [("Invoice A70", "contact= fails: ValueEr")]
    assert len(found) == NUMBER - 1
    assert len(statements) <= 100


def test_codes_that_lead_nowhere_are_looked_up_together(hold: Hold) -> None:
    books = hold(CODES)
    books.db.session.execute(update(books.Invoice).values(tenant_code=books.Invoice.no))
    books.db.session.commit()
    with counted(books.db.engine) as statements:
        found = invoices()
    assert [document.contact for document in found] == [Ref("", f"A{at}") for at in range(1, NUMBER + 1)]
    assert len(statements) <= MOST * batches_of(NUMBER)


def test_code_that_the_database_alone_calls_equal_is_found(hold: Hold) -> None:
    books = Books()
    books.Tenant.__table__.c.code.type = String(20, collation="NOCASE")
    hold(CODES, number=5, books=books)
    books.db.session.execute(update(books.Invoice).values(tenant_code=func.upper(books.Invoice.tenant_code)))
    books.db.session.commit()
    assert [document.contact for document in invoices()] == [Ref("tenant", str(at)) for at in range(1, 6)]


def test_code_that_several_rows_have_is_told_of_the_documents_that_name_it(hold: Hold) -> None:
    books = Books()
    table = books.Tenant.__table__
    table.constraints -= {one for one in table.constraints if isinstance(one, UniqueConstraint)}
    hold(CODES, number=5, books=books)
    books.db.session.execute(insert(books.Tenant), [{"id": 9, "code": "c2", "name": "x"}])
    books.db.session.commit()
    bad: list[Unreadable] = []
    found = list(host().documents(kinds.INVOICE, "1", DAY, bad.append))
    assert [error.label for error in bad] == ["Invoice A2"]
    assert [document.number for document in found] == ["A1", "A3", "A4", "A5"]


@pytest.mark.parametrize("contact", ["party_id", "party"])
def test_contacts_of_several_tables_are_told_apart_together(tmp_path: Path, contact: str) -> None:
    """Joined inheritance: the key is of the common table, and only the rows tell whose it is."""
    db = SQLAlchemy()

    class Party(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        sort = Column(String(10))
        name = Column(String(20))
        __mapper_args__ = {"polymorphic_on": "sort", "polymorphic_identity": "party"}  # noqa: RUF012

    class Tenant(Party):
        id = Column(ForeignKey("party.id"), primary_key=True)
        __mapper_args__ = {"polymorphic_identity": "tenant"}  # noqa: RUF012

    class Owner(Party):
        id = Column(ForeignKey("party.id"), primary_key=True)
        __mapper_args__ = {"polymorphic_identity": "owner"}  # noqa: RUF012

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        party_id: Column[int] = Column(ForeignKey("party.id"))
        party = relationship("Party")
        lines = relationship("Line")

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))

    intacct = Intacct(
        contacts=[Local(Tenant, role="customer", name="name"), Local(Owner, role="vendor", name="name")],
        invoices=LocalDocument(
            Invoice, number="id", contact=contact, date=lambda row: DAY, status=lambda row: "approved",
            lines=Local(Line, account=lambda line: None, net="id"),
        ),
    )  # fmt: skip
    app = make(db, intacct, tmp_path)
    with app.app_context():
        numbers = range(1, NUMBER + 1)
        db.session.add_all((Tenant if at % 2 else Owner)(id=at, name="x") for at in numbers)
        db.session.flush()
        db.session.add_all(Invoice(id=at, party_id=at) for at in numbers)
        db.session.add(Invoice(id=NUMBER + 1, party_id=NUMBER + 1))
        db.session.commit()
        expected = [Ref("tenant" if at % 2 else "owner", str(at)) for at in numbers]
        with counted(db.engine) as statements:
            found = [document.contact for document in invoices()]
        assert found == [*expected, Ref("", str(NUMBER + 1)) if contact == "party_id" else None]
        assert len(statements) <= MOST * batches_of(NUMBER + 1)
    close(app, db)


@pytest.mark.filterwarnings("ignore:Multiple rows returned with uselist=False")
def test_no_document_is_lost_where_several_rows_are_behind_a_relationship_to_one(tmp_path: Path) -> None:
    """A join with them would fill the batch with rows of the same documents."""
    db = SQLAlchemy()

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        day = Column(Date)
        payer = relationship("Payer", uselist=False, order_by="Payer.id")
        lines = relationship("Line")

    class Payer(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))

    intacct = Intacct(
        contacts=Local(Payer, role="customer", name="name"),
        invoices=LocalDocument(
            Invoice, number="id", contact="payer", date="day", status=lambda row: "approved",
            lines=Local(Line, account=lambda line: None, net="id"),
        ),
    )  # fmt: skip
    app = make(db, intacct, tmp_path)
    with app.app_context():
        numbers = range(1, NUMBER + 1)
        db.session.add_all(Invoice(id=at, day=DAY) for at in numbers)
        db.session.flush()
        db.session.add_all(Payer(invoice_id=at) for at in numbers for _ in range(3))
        db.session.commit()
        with counted(db.engine) as statements:
            assert [document.number for document in invoices()] == [str(at) for at in numbers]
        assert len(statements) <= MOST * batches_of(NUMBER)
    close(app, db)


@pytest.mark.parametrize("way", ["select", "dynamic"])
def test_lines_may_be_described_by_one_of_several_models(tmp_path: Path, way: Any) -> None:
    """What only that model has can't be loaded along with all lines."""
    db = SQLAlchemy()

    class Account(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        lines = relationship("Line", lazy=way)

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        sort = Column(String(10))
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))
        __mapper_args__ = {"polymorphic_on": "sort", "polymorphic_identity": "line"}  # noqa: RUF012

    class Rent(Line):
        id = Column(ForeignKey("line.id"), primary_key=True)
        account_id: Column[int] = Column(ForeignKey("account.id"))
        account = relationship("Account")
        __mapper_args__ = {"polymorphic_identity": "rent"}  # noqa: RUF012

    described = LocalDocument(
        Invoice, number="id", contact=lambda row: None, date=lambda row: DAY, status=lambda row: "approved",
        create=lambda values: Invoice(), lines=Local(Rent, account="account", net="id"),
    )  # fmt: skip
    app = make(db, Intacct(accounts=Local(Account, name="name"), invoices=described), tmp_path)
    with app.app_context():
        db.session.add_all([Account(id=7), Invoice(id=1), Rent(invoice_id=1, account_id=7)])
        db.session.commit()
        assert [line.account for line in invoices()[0].lines] == [Ref("account", "7")]
    close(app, db)
