"""Relationships of the host's that load in other ways than the ordinary one, and collections that are no lists."""

import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Date, ForeignKey, Integer, Numeric, String, Table
from sqlalchemy.orm import attribute_keyed_dict, relationship
from world.made import made

from flask_intacct import Intacct, Local, LocalDocument, kinds, ledger
from flask_intacct.errors import MappingError
from flask_intacct.ledger import Ref

from .maker import DAY, close, host, invoice, invoices, make

WAYS = ["select", "joined", "subquery", "selectin", "immediate", "raise", "raise_on_sql", "noload", "dynamic",
        "write_only"]  # fmt: skip
TO_ONE = [way for way in WAYS if way not in ("dynamic", "write_only")]


def books(
    way: Any = "select", to_one: Any = "select", between: Any = lambda tagged: {}, **more: Any
) -> tuple[SQLAlchemy, Any, Intacct]:
    """A host whose lines, options and tenants load in a certain way.

    :param between: Takes the table between lines and options, gives more for the relationship.
    """
    db = SQLAlchemy()

    class Firm(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))
        tenants = relationship("Tenant", lazy="joined" if way == "joined" else "select")

    class Tenant(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))
        firm_id: Column[int] = Column(ForeignKey("firm.id"))

    class Account(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))

    class Group(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))

    class Tag(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))
        group_id: Column[int] = Column(ForeignKey("group.id"))

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        no = Column(String(20))
        tenant_id: Column[int] = Column(ForeignKey("tenant.id"))
        tenant = relationship("Tenant", lazy=to_one)
        firm_id: Column[int] = Column(ForeignKey("firm.id"))
        day = Column(Date)
        state = Column(String(20))
        lines = relationship("Line", **{"lazy": way, "order_by": "Line.id", **more})

    tagged = Table(
        "tagged",
        db.metadata,
        Column("line_id", ForeignKey("line.id"), primary_key=True),
        Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    )

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))
        account_id: Column[int] = Column(ForeignKey("account.id"))
        net = Column(Numeric(12, 2))
        tags = relationship("Tag", secondary=tagged, **{"lazy": way, "order_by": "Tag.id", **between(tagged)})

    intacct = Intacct(
        company=Local(Firm, name="name"),
        contacts=Local(Tenant, role="customer", name="name", company="firm_id"),
        accounts=Local(Account, name="name"),
        tracking_categories=Local(Group, name="name"),
        tracking_options=Local(Tag, name="name", category="group_id"),
        invoices=LocalDocument(
            Invoice, number="no", contact="tenant", date="day", status="state", company="firm_id",
            lines=Local(Line, account="account_id", net="net", options="tags"),
        ),
    )  # fmt: skip
    models = {model.__name__: model for model in (Firm, Tenant, Account, Group, Tag, Invoice, Line)}
    return db, type("Models", (), models), intacct


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Makes an application of books and holds its context open."""
    held: list[tuple[Flask, SQLAlchemy, Any]] = []

    def make_it(*given: Any, **more: Any) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*noload.*")  # SQLAlchemy's own word on that way to load
            db, models, intacct = books(*given, **more)
            app = make(db, intacct, tmp_path)
        context = app.app_context()
        context.push()
        held.append((app, db, context))
        return db, models

    yield make_it
    for app, db, context in held:
        context.pop()
        close(app, db)


def fill(db: SQLAlchemy, models: Any) -> None:
    """One firm, two tenants, and the invoice A1 with two lines, the first of which has two tags."""
    db.session.add_all([models.Firm(id=1, name="Oak"), models.Group(id=1, name="Place")])
    db.session.add_all([models.Account(id=1, name="Rent"), models.Account(id=2, name="Fees")])
    db.session.flush()
    db.session.add_all(models.Tenant(id=number, name=f"T{number}", firm_id=1) for number in (1, 2))
    db.session.add_all(models.Tag(id=number, name=f"Tag {number}", group_id=1) for number in (1, 2))
    db.session.add(models.Invoice(id=1, no="A1", tenant_id=2, firm_id=1, day=DAY, state="approved"))
    db.session.flush()
    db.session.add_all(models.Line(id=number, invoice_id=1, account_id=number, net=number) for number in (1, 2))
    db.session.flush()
    tagged = models.Line.tags.property.secondary
    db.session.execute(tagged.insert(), [{"line_id": 1, "tag_id": number} for number in (1, 2)])
    db.session.commit()


@pytest.mark.parametrize("way", WAYS)
def test_lines_and_options_are_read_however_they_load(hold: Callable[..., Any], way: str) -> None:
    fill(*hold(way))
    (found,) = host().documents(kinds.INVOICE, "1", DAY)
    assert [line.net for line in found.lines] == [Decimal("1.00"), Decimal("2.00")]
    assert [line.options for line in found.lines] == [(Ref("tag", "1"), Ref("tag", "2")), ()]
    assert host().value(kinds.INVOICE, found.ref) == found


@pytest.mark.parametrize("way", ["select", "raise", "dynamic", "write_only"])
def test_options_come_in_the_order_that_the_table_between_gives(hold: Callable[..., Any], way: str) -> None:
    db, models = hold(way, between=lambda tagged: {"order_by": tagged.c.tag_id.desc()})
    fill(db, models)
    (found,) = host().documents(kinds.INVOICE, "1", DAY)
    assert found.lines[0].options == (Ref("tag", "2"), Ref("tag", "1"))
    assert host().value(kinds.INVOICE, found.ref) == found


@pytest.mark.parametrize("way", TO_ONE)
def test_contact_is_read_however_it_loads(hold: Callable[..., Any], way: str) -> None:
    fill(*hold("select", way))
    (found,) = host().documents(kinds.INVOICE, "1", DAY)
    assert found.contact == Ref("tenant", "2")


@pytest.mark.parametrize("way", WAYS)
def test_document_that_comes_in_has_its_lines_and_options(hold: Callable[..., Any], way: str) -> None:
    db, models = hold(way)
    fill(db, models)
    options = (Ref("LOCATION", "1"), Ref("LOCATION", "2"))
    account = Ref("GLACCOUNT", "1")
    theirs = invoice(lines=tuple(ledger.Line(net=Decimal(n), account=account, options=options) for n in (3, 4)))
    models_of = {kinds.CONTACT: models.Tenant, kinds.ACCOUNT: models.Account, kinds.TRACKING_OPTION: models.Tag}

    def resolve(kind: str, ref: Ref) -> Any:
        return db.session.get(models_of[kind], int(ref.id if ref.id.isdigit() else 1))

    ref = made(host(), host().locals(kinds.INVOICE)[0], theirs, resolve, "1")
    db.session.commit()
    db.session.expunge_all()
    found: Any = host().value(kinds.INVOICE, ref)
    assert [line.net for line in found.lines] == [Decimal("3.00"), Decimal("4.00")]
    assert {line.options for line in found.lines} == {(Ref("tag", "1"), Ref("tag", "2"))}


@pytest.mark.parametrize("collection", [set, attribute_keyed_dict("id")])
def test_lines_need_not_be_a_list(hold: Callable[..., Any], collection: Any) -> None:
    fill(*hold("select", collection_class=collection))
    (found,) = host().documents(kinds.INVOICE, "1", DAY)
    assert sorted(line.net for line in found.lines) == [Decimal("1.00"), Decimal("2.00")]


def test_companies_are_read_though_they_load_their_rows(hold: Callable[..., Any]) -> None:
    fill(*hold("joined"))
    assert host().companies() == [("1", "Oak")]


def test_options_go_to_the_property_where_that_is_all_there_is(tmp_path: Path) -> None:
    db = SQLAlchemy()

    class Place(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        name = Column(String(20))

    class Line(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        invoice_id: Column[int] = Column(ForeignKey("invoice.id"))
        place_id: Column[int] = Column(ForeignKey("place.id"))
        net = Column(Integer)

    class Invoice(db.Model):  # type: ignore[name-defined, misc]
        id = Column(Integer, primary_key=True)
        lines = relationship("Line")

    lines = Local(Line, account=lambda line: None, net="net", property="place_id")
    document = LocalDocument(Invoice, number="id", contact=lambda row: None, date=lambda row: DAY,
                             status=lambda row: "approved", lines=lines)  # fmt: skip
    options = Local(Place, name="name", category=lambda row: None)
    app = make(db, Intacct(tracking_options=options, invoices=document), tmp_path)
    with app.app_context():
        place = Place(id=7, name="High Street")
        db.session.add(place)
        db.session.flush()
        theirs_line = ledger.Line(net=Decimal(1), options=(Ref("LOCATION", "7"),))
        theirs = invoice(number="5", contact=None, lines=(theirs_line,))
        made(host(), host().locals(kinds.INVOICE)[0], theirs, lambda kind, ref: place)
        assert invoices()[0].lines[0].options == (Ref("place", "7"),)
    close(app, db)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ({"uselist": False}, r"parent='lines' holds one row\. Name the relationship to all"),
        ({"viewonly": True}, r"parent='lines' is for viewing only\. Give create="),
    ],
)
def test_lines_that_could_not_be_kept_are_refused_at_start(tmp_path: Path, lines: Any, text: str) -> None:
    db, _, intacct = books(**lines)
    with pytest.raises(MappingError, match=text):
        make(db, intacct, tmp_path)


def test_lines_of_another_model_are_refused_at_start(tmp_path: Path) -> None:
    db, models, _ = books()
    intacct = Intacct(
        invoices=LocalDocument(
            models.Invoice, number="no", contact="tenant", date="day", status="state",
            lines=Local(models.Tag, account="id", net="id"),
        )
    )  # fmt: skip
    with pytest.raises(MappingError, match=r"holds rows of Line, but lines= describes Tag"):
        make(db, intacct, tmp_path)
