"""What an entry means that names another row: a foreign key to whichever unique columns, a relationship, a row."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Date, ForeignKey, ForeignKeyConstraint, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import relationship
from world.made import made

from flask_intacct import Intacct, Local, LocalDocument, kinds
from flask_intacct.errors import MappingError, Refused
from flask_intacct.ledger import Line, Ref

from .maker import DAY, close, host, invoice, invoices, make


class Books:
    """A small host whose lines lead to accounts in the way that a test chooses.

    :param key: What makes the account: its columns beside the name.
    :param lead: What makes the line's way to it.
    """

    def __init__(self, key: Callable[[], dict[str, Any]], lead: Callable[[], dict[str, Any]]) -> None:
        self.db = db = SQLAlchemy()

        class Tenant(db.Model):  # type: ignore[name-defined, misc]
            id = Column(Integer, primary_key=True)
            name = Column(String(20))

        self.Tenant = Tenant
        self.Account = type("Account", (db.Model,), {"name": Column(String(20)), **key()})

        class Invoice(db.Model):  # type: ignore[name-defined, misc]
            id = Column(Integer, primary_key=True)
            no = Column(String(20))
            tenant_id: Column[int] = Column(ForeignKey("tenant.id"))
            day = Column(Date)
            state = Column(String(20), default="approved")
            lines = relationship("Line")

        self.Invoice = Invoice
        line = {
            "id": Column(Integer, primary_key=True),
            "invoice_id": Column(ForeignKey("invoice.id")),
            "net": Column(Numeric(12, 2)),
        }
        self.Line = type("Line", (db.Model,), line | lead())

    def describe(self, account: Any, **more: Any) -> Intacct:
        return Intacct(
            contacts=Local(self.Tenant, role="customer", name="name"),
            accounts=Local(self.Account, name="name"),
            invoices=LocalDocument(
                self.Invoice, number="no", contact="tenant_id", date="day", status="state",
                lines=Local(self.Line, account=account, net="net", **more),
            ),
        )  # fmt: skip


def by_code() -> Books:
    """Codes and ids that cross: code 2 is the account of id 1."""
    return Books(
        lambda: {"id": Column(Integer, primary_key=True), "code": Column(Integer, unique=True)},
        lambda: {"acc": Column(ForeignKey("account.code")), "account": relationship("Account")},
    )


def by_two_parts() -> Books:
    return Books(
        lambda: {"book": Column(String(5), primary_key=True), "no": Column(Integer, primary_key=True)},
        lambda: {
            "acc_book": Column(String(5)),
            "acc_no": Column(Integer),
            "account": relationship("Account"),
            "__table_args__": (ForeignKeyConstraint(["acc_book", "acc_no"], ["account.book", "account.no"]),),
        },
    )


def by_two_unique_parts() -> Books:
    return Books(
        lambda: {
            "id": Column(Integer, primary_key=True),
            "book": Column(String(5)),
            "no": Column(Integer),
            "__table_args__": (UniqueConstraint("book", "no"),),
        },
        lambda: {
            "acc_book": Column(String(5)),
            "acc_no": Column(Integer),
            "account": relationship("Account"),
            "__table_args__": (ForeignKeyConstraint(["acc_book", "acc_no"], ["account.book", "account.no"]),),
        },
    )


CASES: list[Any] = [
    pytest.param(by_code, "acc", {"id": 1, "code": 2}, {"id": 2, "code": 1}, {"acc": 2}, id="unique-column"),
    pytest.param(by_code, "account", {"id": 1, "code": 2}, {"id": 2, "code": 1}, {"acc": 2}, id="relationship"),
    pytest.param(by_two_parts, "acc_no", {"book": "a|b", "no": 1}, {"book": "b", "no": 1},
                 {"acc_book": "a|b", "acc_no": 1}, id="composite"),
    pytest.param(by_two_parts, "account", {"book": "a|b", "no": 1}, {"book": "b", "no": 1},
                 {"acc_book": "a|b", "acc_no": 1}, id="composite-relationship"),
    pytest.param(by_two_unique_parts, "acc_no", {"id": 1, "book": "x", "no": 2}, {"id": 2, "book": "x", "no": 1},
                 {"acc_book": "x", "acc_no": 2}, id="composite-unique"),
    pytest.param(by_two_unique_parts, "account", {"id": 1, "book": "x", "no": 2}, {"id": 2, "book": "x", "no": 1},
                 {"acc_book": "x", "acc_no": 2}, id="composite-unique-relationship"),
]  # fmt: skip


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Callable[..., Books]]:
    """Makes books, joins them and holds the context open."""
    made: list[tuple[Any, Any, Any]] = []

    def join(make_books: Callable[[], Books], account: Any, **more: Any) -> Books:
        books = make_books()
        app = make(books.db, books.describe(account, **more), tmp_path)
        context = app.app_context()
        context.push()
        made.append((app, books.db, context))
        return books

    yield join
    for app, db, context in made:
        context.pop()
        close(app, db)


@pytest.mark.parametrize(("make_books", "account", "one", "other", "held"), CASES)
def test_line_is_read_with_the_account_that_the_host_says(
    joined: Callable[..., Books], make_books: Any, account: str, one: Any, other: Any, held: Any
) -> None:
    books = joined(make_books, account)
    rent, fees = books.Account(name="Rent", **one), books.Account(name="Fees", **other)
    line = books.Line(net=100, **held)
    books.db.session.add_all([rent, fees, books.Tenant(id=1, name="Ann")])
    books.db.session.flush()
    books.db.session.add(books.Invoice(id=1, tenant_id=1, day=DAY, lines=[line]))
    books.db.session.commit()
    (found,) = invoices()
    ref = found.lines[0].account
    assert ref is not None
    assert line.account is rent
    assert host().row(kinds.ACCOUNT, ref) is rent
    assert ref in {value.ref for value in host().values(kinds.ACCOUNT, "")}


@pytest.mark.parametrize(("make_books", "account", "one", "other", "held"), CASES)
def test_line_that_comes_in_is_written_to_the_account_that_is_meant(
    joined: Callable[..., Books], make_books: Any, account: str, one: Any, other: Any, held: Any
) -> None:
    books = joined(make_books, account)
    rent = books.Account(name="Rent", **one)
    ann = books.Tenant(id=1, name="Ann")
    books.db.session.add_all([rent, books.Account(name="Fees", **other), ann])
    books.db.session.commit()
    theirs = invoice(lines=(Line(net=Decimal(5), account=Ref("GLACCOUNT", "4000")),))
    rows = {kinds.CONTACT: ann, kinds.ACCOUNT: rent}
    made(host(), host().locals(kinds.INVOICE)[0], theirs, lambda kind, ref: rows[kind])
    books.db.session.commit()
    line: Any = books.db.session.query(books.Line).one()
    assert {name: getattr(line, name) for name in held} == held
    assert line.account is rent


def test_key_that_leads_nowhere_is_no_account(joined: Callable[..., Books]) -> None:
    books = joined(by_code, "acc")
    books.db.session.add(books.Invoice(id=1, day=DAY, lines=[books.Line(acc=7, net=1)]))
    books.db.session.commit()
    (found,) = invoices()
    assert found.lines[0].account == Ref("", "7")


def test_composite_key_that_lacks_a_part_is_none(joined: Callable[..., Books]) -> None:
    books = joined(by_two_parts, "acc_no")
    books.db.session.add(books.Invoice(id=1, day=DAY, lines=[books.Line(acc_no=7, net=1)]))
    books.db.session.commit()
    (found,) = invoices()
    assert found.lines[0].account is None


@pytest.mark.parametrize("account", [lambda line: line.account, lambda line: line.account.id])
def test_callable_gives_the_row_or_its_primary_key(joined: Callable[..., Books], account: Any) -> None:
    books = joined(by_code, account)
    books.db.session.add(books.Account(id=1, code=20, name="Rent"))
    books.db.session.flush()
    books.db.session.add(books.Invoice(day=DAY, lines=[books.Line(acc=20, net=1)]))
    books.db.session.commit()
    assert invoices()[0].lines[0].account == Ref("account", "1")


def test_column_without_a_foreign_key_is_refused_at_start(tmp_path: Path) -> None:
    books = Books(lambda: {"id": Column(Integer, primary_key=True)}, lambda: {"acc": Column(Integer)})
    with pytest.raises(MappingError, match=r"Local\(Line\) for line: account='acc' .*without a foreign key.*Account"):
        make(books.db, books.describe("acc"), tmp_path)


@pytest.mark.parametrize("entry", ["acc", "other"])
def test_key_to_another_table_is_refused_at_start(tmp_path: Path, entry: str) -> None:
    books = Books(
        lambda: {"id": Column(Integer, primary_key=True)},
        lambda: {"acc": Column(ForeignKey("tenant.id")), "other": relationship("Tenant")},
    )
    with pytest.raises(MappingError, match=rf"account='{entry}' leads to .*[tT]enant.*lead to a Account"):
        make(books.db, books.describe(entry), tmp_path)


def test_key_to_a_table_that_there_is_not_is_refused_at_start(tmp_path: Path) -> None:
    books = Books(
        lambda: {"id": Column(Integer, primary_key=True)}, lambda: {"acc": Column(ForeignKey("old_account.id"))}
    )
    with pytest.raises(MappingError, match=r"account='acc'.*old_account"):
        make(books.db, books.describe("acc"), tmp_path)


def test_row_of_another_model_is_told(joined: Callable[..., Books]) -> None:
    books: Books = joined(by_code, lambda line: books.Tenant(id=4))
    books.db.session.add(books.Invoice(id=1, day=DAY, lines=[books.Line(net=1)]))
    books.db.session.commit()
    with pytest.raises(
        Refused, match=r"Invoice 1 can't be read: account= gives a Tenant, which is described as no acc"
    ):
        invoices()


def test_rows_of_a_company_are_found_by_its_unique_code(tmp_path: Path) -> None:
    db = SQLAlchemy()

    class Firm(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        code = Column(Integer, unique=True)

    class Tenant(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        firm: Column[int] = Column(ForeignKey("firm.code"))

    intacct = Intacct(
        company=Local(Firm, name="code"), contacts=Local(Tenant, role="customer", name="id", company="firm")
    )
    app = make(db, intacct, tmp_path)
    with app.app_context():
        firm = Firm(id=1, code=2)
        db.session.add_all([firm, Firm(id=2, code=1), Tenant(id=10, firm=2), Tenant(id=20, firm=1)])
        db.session.commit()
        assert [value.ref.id for value in host().values(kinds.CONTACT, "1")] == ["10"]
        local = host().locals(kinds.CONTACT)[0]
        assert host().company_of(local, db.session.get(Tenant, 10)) == "1"
        row = Tenant()
        local.assign(row, "company", firm)
        assert row.firm == 2
    close(app, db)
