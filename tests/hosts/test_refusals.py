"""Rows that the host's tables or the host's own code can't take: told by the plan, an issue each, nothing else lost."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask_login import LoginManager, current_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    event,
    literal_column,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import foreign, relationship
from world import MakeWorld, World, books
from world import host as world_host
from world.databases import POSTGRES, Worlds
from world.made import made

from flask_intacct import Intacct, Local, LocalDocument, kinds
from flask_intacct.errors import Refused
from flask_intacct.failures import passing
from flask_intacct.models import Issue
from flask_intacct.onboarding import connect
from flask_intacct.prospects import NewRow, Prospects
from flask_intacct.simulator.seed.dataset import Party

from .maker import close, customer, make
from .maker import host as hosted


@pytest.fixture
def tenants(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Makes a host with one table of tenants and holds its context open."""
    held: list[Any] = []

    def make_it(columns: dict[str, Any], **options: Any) -> Any:
        db = SQLAlchemy()
        names = {"id": Column(Integer, primary_key=True), "name": Column(String(20)), **columns}
        model = type("Tenant", (db.Model,), names)
        entries = {"name": "name", **options}
        app = make(db, Intacct(contacts=Local(model, role="customer", **entries)), tmp_path)
        LoginManager(app)
        context = app.app_context()
        context.push()
        held.append((app, db, context))
        return db, model

    yield make_it
    for app, db, context in held:
        context.pop()
        close(app, db)


def bring_in(**values: Any) -> None:
    local = hosted().locals(kinds.CONTACT)[0]
    made(hosted(), local, customer(**values))


CASES: list[Any] = [
    pytest.param({"flat": Column(Integer, nullable=False)}, {}, {}, "column flat", id="not-null"),
    pytest.param({"mail": Column(String(20), unique=True)}, {"email": "mail"}, {"email": "a@b"}, "column mail",
                 id="unique"),
    pytest.param({"mail": Column(String(20)), "__table_args__": (UniqueConstraint("mail", "name", name="uq_two"),)},
                 {"email": "mail"}, {"email": "a@b"}, "column name, mail", id="unique-together"),
    pytest.param({"mail": Column(String(20)), "__table_args__": (CheckConstraint("mail != 'a@b'", name="ck_mail"),)},
                 {"email": "mail"}, {"email": "a@b"}, "ck_mail", id="check"),
    pytest.param({"mail": Column(String(20), CheckConstraint("mail != 'a@b'", name="ck_mail"))},
                 {"email": "mail"}, {"email": "a@b"}, "(column mail)", id="check-of-column"),
    pytest.param({"mail": Column(String(2))}, {"email": "mail"}, {"email": "a@b"},
                 "column mail of the table tenant takes at most 2 characters", id="length"),
    pytest.param({"born": Column(Date)}, {"email": "born"}, {"email": "a@b"},
                 "column born of the table tenant can't hold text", id="type"),
    pytest.param({"by": Column(String(9), default=lambda: current_user.name)}, {}, {},
                 "The default of the column by of the table tenant failed: AttributeError", id="default"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "entries", "values", "text"), CASES)
def test_refusal_names_table_and_column_and_the_cure(
    tenants: Callable[..., Any], columns: Any, entries: Any, values: Any, text: str
) -> None:
    db, model = tenants(columns, **entries)
    if text in ("column mail", "column name, mail"):
        db.session.add(model(name="Ann", mail="a@b"))
        db.session.commit()
    with pytest.raises(Refused) as refused:
        bring_in(**values)
    assert text in refused.value.message
    assert "tenant" in refused.value.message
    assert "create=" in refused.value.message
    db.session.rollback()


def test_listener_of_the_host_that_fails_is_told_as_its_own(tenants: Callable[..., Any]) -> None:
    db, model = tenants({"by": Column(String(9))})

    @event.listens_for(model, "before_insert")
    def sign(mapper: Any, connection: Any, row: Any) -> None:
        row.by = current_user.name

    with pytest.raises(Refused, match=r"The application's own code failed while a Tenant was saved: AttributeError"):
        bring_in()
    db.session.rollback()


@pytest.mark.parametrize("way", ["update", "archive"])
def test_own_ways_that_fail_are_told_as_the_hosts(tenants: Callable[..., Any], way: str) -> None:
    def fail(*given: Any) -> None:
        raise LookupError("no such lease " + "x" * 2000)

    db, model = tenants({"gone": Column(Integer)}, **{way: fail})
    db.session.add(model(id=1))
    db.session.commit()
    ref = next(iter(hosted().values(kinds.CONTACT, ""))).ref
    with pytest.raises(
        Refused, match=rf"The application's {way}= for Tenant failed: LookupError in hosts.test_refusals"
    ) as no:
        hosted().update(kinds.CONTACT, ref, customer()) if way == "update" else hosted().archive(kinds.CONTACT, ref)
    assert len(no.value.message) < 500


def test_update_that_the_table_does_not_take_is_told(tenants: Callable[..., Any]) -> None:
    db, model = tenants({})
    db.session.add(model(id=1, name="Ann"))
    db.session.commit()
    ref = next(iter(hosted().values(kinds.CONTACT, ""))).ref
    with pytest.raises(Refused, match=r"column name of the table tenant takes at most 20 characters.*update="):
        hosted().update(kinds.CONTACT, ref, customer("x" * 21))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"flat": Column(Integer, nullable=False)}, "the column flat of the table tenant must be filled"),
        ({"flat": Column(Integer, nullable=False, default=1)}, ""),
        ({"flat": Column(Integer, nullable=False, server_default="1")}, ""),
        ({"flat": Column(Integer)}, ""),
        ({"note": Column(Text, nullable=False), "__init__": lambda self: setattr(self, "note", "")}, ""),
    ],
    ids=["must", "default", "server-default", "may", "init"],
)
def test_column_that_must_be_filled_is_foreseen(tenants: Callable[..., Any], columns: Any, reason: str) -> None:
    tenants(columns)
    found = Prospects(hosted()).refusal(kinds.CONTACT, kinds.CUSTOMER, customer())
    assert str(found).startswith(reason)
    assert bool(found) is bool(reason)


def test_row_of_a_class_that_is_told_by_an_expression_is_foreseen(tenants: Callable[..., Any]) -> None:
    sort = {
        "polymorphic_on": case((literal_column("name") == "", "none"), else_="some"),
        "polymorphic_identity": "some",
    }
    tenants({"flat": Column(Integer, nullable=False), "__mapper_args__": sort})
    found = Prospects(hosted()).refusal(kinds.CONTACT, kinds.CUSTOMER, customer())
    assert str(found).startswith("the column flat of the table tenant must be filled")


def test_lines_that_only_create_makes_are_not_looked_at() -> None:
    db = SQLAlchemy()

    class Piece(db.Model):  # type: ignore[name-defined, misc]
        __table__ = Table("piece", db.metadata, Column("id", Integer, primary_key=True), Column("paper_id", Integer))
        __mapper_args__ = {"exclude_properties": ["paper_id"]}  # noqa: RUF012

    class Paper(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        pieces = relationship(Piece, viewonly=True, primaryjoin=lambda: Paper.id == foreign(Piece.__table__.c.paper_id))

    described = LocalDocument(Paper, lines=Local(Piece, parent="pieces"), create=lambda values: Paper())
    assert NewRow(described).problems({"number": "A", "lines": [{"net": 1}]}) == []


def without_a_total(**options: Any) -> Intacct:
    """The world's host, whose invoices want a total that no entry fills, and whose contacts are made by attributes."""
    intacct = world_host.describe(**options)
    (invoices,) = intacct._mapped[kinds.INVOICE]
    assert isinstance(invoices, LocalDocument)
    del invoices.entries["total"]
    (contacts,) = intacct._mapped[kinds.CONTACT]
    contacts.create = None
    return intacct


def test_what_the_tables_can_not_take_is_in_the_plan_and_then_an_issue(make_world: MakeWorld) -> None:
    data = books.intacct_company()
    long = Party("C9", "Z" * 90, entity="E1")
    world = make_world(books.intacct_company(customers=(*data.customers, long)), described=without_a_total)
    world.connect()
    world.decide()
    found = {
        str(problem.message): (problem.kind, str(problem.label), problem.count) for problem in world.plan().problems
    }
    missing = "The column total of the table invoice must be filled, and no entry fills it."
    assert found[missing] == (kinds.INVOICE, "can't be brought in", 1)
    assert found["The column name of the table contact takes at most 80 characters."][2] == 1
    run = world.drain(world.confirm())
    assert run.state == "done"
    issues = {row.label: str(row.message) for row in world.rows(Issue, Issue.live.is_not(None))}
    (invoice,) = (message for label, message in issues.items() if label.startswith("THEIRS-1"))
    assert "table invoice" in invoice
    assert "column total" in invoice
    assert "create=" in invoice
    (contact,) = (message for label, message in issues.items() if label.startswith("C9"))
    assert "takes at most 80 characters" in contact
    assert world.host(world_host.Bill, number="THEIRS-2")
    assert "INV-1" in world.numbers("ARINVOICE")


@pytest.mark.parametrize(
    ("given", "away"),
    [((4025, "CONSTRAINT `ck` failed"), False), ((1364, "Field 'flat' doesn't have a default value"), False),
     ((2013, "Lost connection"), True), (("database is locked",), True)],
)  # fmt: skip
def test_refusal_that_a_driver_calls_operational_is_still_the_rows(given: tuple[Any, ...], away: bool) -> None:
    assert passing(OperationalError("INSERT", {}, Exception(*given))) is away


@pytest.fixture
def database(anywhere: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    made = Worlds(tmp_path)
    yield made.empty(anywhere)
    made.drop()


def test_what_a_database_refuses_names_table_and_column_or_constraint(database: str, tmp_path: Path) -> None:
    db = SQLAlchemy()

    class Flat(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)

    class Tenant(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))
        mail = Column(String(40), unique=True)
        flat: Column[int] = Column(ForeignKey("flat.id"))
        __table_args__ = (CheckConstraint("mail <> 'bad'", name="ck_mail"),)

    tenants = Local(Tenant, role="customer", name="name", email="mail", phone="flat")
    app = make(db, Intacct(contacts=tenants), tmp_path, SQLALCHEMY_DATABASE_URI=database)
    with app.app_context():
        if database.startswith("sqlite"):
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
            db.engine.dispose()
        db.session.add_all([Flat(id=1), Tenant(name="Ann", mail="a@b")])
        db.session.commit()
        for values, column in (({"email": "a@b"}, "mail"), ({"email": "bad"}, "mail"), ({"phone": "9"}, "flat")):
            with pytest.raises(Refused, match=rf"The table tenant does not take it \(column {column}\).*create=") as no:
                bring_in(**{"phone": "1"} | values)
            db.session.rollback()
            assert ("ck_mail" in no.value.message) == ("bad" in values.values())
        db.drop_all()
        db.session.remove()
        db.engine.dispose()


def test_row_that_the_database_refuses_is_an_issue_and_the_rest_goes_on(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="filled")
    world.save(world_host.Invoice(company_id=1, contact_id=1, number="THEIRS-1", status="draft",
                                  day=date(2026, 1, 2), total=Decimal("1.00")))  # fmt: skip
    world_host.db.session.remove()
    with world_host.db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX uq_number ON invoice (number)")
    run = world.onboard()
    assert run.state == "done"
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert issue.label.startswith("THEIRS-1")
    assert "table invoice" in str(issue.message)
    assert "number" in str(issue.message)
    assert "create=" in str(issue.message)
    assert "INV-1" in world.numbers("ARINVOICE")
    assert world.host(world_host.Bill, number="THEIRS-2")


@pytest.mark.skipif(not POSTGRES, reason="only PostgreSQL checks a constraint at the commit")
def test_row_that_the_database_refuses_at_the_commit_is_an_issue_and_the_rest_goes_on(make_world: MakeWorld) -> None:
    world = make_world(on="postgresql", stage="decided")
    world.save(world_host.Invoice(company_id=1, contact_id=1, number="THEIRS-1", status="draft",
                                  day=date(2026, 1, 2), total=Decimal("1.00")))  # fmt: skip
    world_host.db.session.remove()
    with world_host.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE invoice ADD CONSTRAINT uq_number UNIQUE (number) INITIALLY DEFERRED")
    assert world.start().state == "done"
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert issue.label.startswith("THEIRS-1")
    assert "The table invoice does not take it" in str(issue.message)
    assert "uq_number" in str(issue.message)
    assert len(world.host(world_host.Invoice, number="THEIRS-1")) == 1
    assert "INV-1" in world.numbers("ARINVOICE")
    assert world.host(world_host.Bill, number="THEIRS-2")


@pytest.fixture
def numbered(make_world: MakeWorld) -> Iterator[World]:
    """In the models of the host no two invoices have the same number, and no two options the same title."""
    world = make_world(stage="read")  # before, so that no other world gets these constraints
    made = [Index(f"uq_{column.table.name}", column, unique=True)
            for column in (world_host.Invoice.__table__.c.number, world_host.Option.__table__.c.title)]  # fmt: skip
    yield world
    for index in made:
        assert index.table is not None
        index.table.indexes.discard(index)


def test_what_only_one_row_may_have_is_foreseen(numbered: World) -> None:
    world = numbered
    world.save(world_host.Invoice(company_id=1, contact_id=1, number="THEIRS-1", status="draft",
                                  day=date(2026, 1, 2), total=Decimal("1.00")))  # fmt: skip
    for key in ("E1-30", "E1-40"):
        world.sim.insert("LOCATION", {"LOCATIONID": key, "NAME": "Mill Lane", "PARENTID": "E1", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    world.decide()
    found = {str(problem.message): (problem.kind, problem.count) for problem in world.plan().problems}
    unique = "The column {} of the table {} holds each value once, and {} has '{}'."
    assert found[unique.format("number", "invoice", "a row here", "THEIRS-1")] == (kinds.INVOICE, 1)
    second = unique.format("title", "option", "another record that comes in", "Mill Lane")
    assert found[second] == (kinds.TRACKING_OPTION, 1)
