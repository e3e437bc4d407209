"""A host whose documents lead to other rows in every way: by key, by code, by relationship."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Date, ForeignKey, Integer, Numeric, String, Table, insert
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import deferred, relationship

from flask_intacct import Intacct, Local, LocalDocument
from flask_intacct.ledger import Document, Ref

from .maker import DAY, close, make

Entries = tuple[dict[str, Any], dict[str, Any]]
"""Of a document, and of its lines."""


class Books:
    """A host whose lines lead to other rows in every way: by key, by code, by relationship.

    :param way: How lines and tags load.
    """

    def __init__(self, way: Any = "select") -> None:
        self.db = db = SQLAlchemy()

        class Coded:
            id = Column(Integer, primary_key=True)
            code = Column(String(20), unique=True)
            name = Column(String(20))

        class Firm(Coded, db.Model):  # type: ignore[name-defined, misc]
            pass

        class Tenant(Coded, db.Model):  # type: ignore[name-defined, misc]
            invoices = relationship("Invoice", foreign_keys="Invoice.tenant_id", back_populates="tenant")

        class Account(Coded, db.Model):  # type: ignore[name-defined, misc]
            pass

        class Rate(Coded, db.Model):  # type: ignore[name-defined, misc]
            pass

        class Tag(Coded, db.Model):  # type: ignore[name-defined, misc]
            pass

        class Invoice(db.Model):  # type: ignore[name-defined, misc]
            id = Column(Integer, primary_key=True)
            no = Column(String(20))
            day = Column(Date)
            state = Column(String(20), default="approved")
            memo = deferred(Column(String(20), default="rent"))
            firm_id: Column[int] = Column(ForeignKey("firm.id"))
            firm = relationship("Firm")
            tenant_id: Column[int] = Column(ForeignKey("tenant.id"))
            tenant = relationship("Tenant", foreign_keys=tenant_id, back_populates="invoices")
            tenant_code: Column[str] = Column(ForeignKey("tenant.code"))
            lines = relationship("Line", lazy=way, order_by="Line.id", back_populates="invoice")

        tagged = Table(
            "tagged",
            db.metadata,
            Column("line_id", ForeignKey("line.id"), primary_key=True),
            Column("tag_id", ForeignKey("tag.id"), primary_key=True),
        )

        class Line(db.Model):  # type: ignore[name-defined, misc]
            id = Column(Integer, primary_key=True)
            invoice_id: Column[int] = Column(ForeignKey("invoice.id"))
            invoice = relationship("Invoice", back_populates="lines")
            net = Column(Numeric(12, 2))
            account_id: Column[int] = Column(ForeignKey("account.id"))
            account = relationship("Account", foreign_keys=account_id)
            account_code: Column[str] = Column(ForeignKey("account.code"))
            rate_id: Column[int] = Column(ForeignKey("rate.id"))
            rate = relationship("Rate", foreign_keys=rate_id)
            rate_code: Column[str] = Column(ForeignKey("rate.code"))
            place_id: Column[int] = Column(ForeignKey("tag.id"))
            place = relationship("Tag", foreign_keys=place_id, lazy="raise")
            place_code: Column[str] = Column(ForeignKey("tag.code"))
            tags = relationship("Tag", secondary=tagged, lazy=way, order_by="Tag.id")
            labels = relationship("Label", order_by="Label.id")
            labelled = association_proxy("labels", "tag")

        class Label(db.Model):  # type: ignore[name-defined, misc]
            id = Column(Integer, primary_key=True)
            line_id: Column[int] = Column(ForeignKey("line.id"))
            tag_id: Column[int] = Column(ForeignKey("tag.id"))
            tag = relationship("Tag")

        self.tagged = tagged
        self.Firm, self.Tenant, self.Account, self.Rate, self.Tag = Firm, Tenant, Account, Rate, Tag
        self.Invoice, self.Line, self.Label = Invoice, Line, Label

    def describe(self, document: dict[str, Any], line: dict[str, Any]) -> Intacct:
        """How the host describes its models, documents and lines with these entries."""
        entries = {"number": "no", "date": "day", "status": "state", "description": "memo", **document}
        return Intacct(
            company=Local(self.Firm, name="name"),
            contacts=Local(self.Tenant, role="customer", name="name"),
            accounts=Local(self.Account, name="name"),
            tax_types=Local(self.Rate, name="name", rate=lambda row: 20),
            tracking_options=Local(self.Tag, name="name", category=lambda row: None),
            invoices=LocalDocument(self.Invoice, lines=Local(self.Line, **{"net": "net", **line}), **entries),
        )

    def fill(self, number: int) -> None:
        """So many documents with three lines each, and two tags on each of them."""
        session = self.db.session
        for model in (self.Firm, self.Tenant, self.Account, self.Rate, self.Tag):
            few = number if model is self.Tenant else 20
            session.execute(insert(model), [{"id": at, "code": f"c{at}", "name": "x"} for at in range(1, few + 1)])
        numbers = range(1, number + 1)
        rows = [
            {"id": at, "no": f"A{at}", "day": DAY, "firm_id": 1, "tenant_id": at, "tenant_code": f"c{at}"}
            for at in numbers
        ]
        session.execute(insert(self.Invoice), rows)
        lines: list[dict[str, Any]] = []
        for at in range(1, 3 * number + 1):
            other = 1 + at % 20
            keys = {f"{name}_id": other for name in ("account", "rate", "place")}
            codes = {f"{name}_code": f"c{other}" for name in ("account", "rate", "place")}
            lines.append({"id": at, "invoice_id": 1 + (at - 1) // 3, "net": at, **keys, **codes})
        session.execute(insert(self.Line), lines)
        tags = [{"line_id": at, "tag_id": 1 + (at + more) % 20} for at in range(1, 3 * number + 1) for more in (5, 6)]
        session.execute(insert(self.tagged), tags)
        session.execute(insert(self.Label), tags)
        session.commit()

    def expected(self, at: int) -> tuple[Any, ...]:
        """Contact of an invoice, and account, tax type and options of each of its lines."""
        lines = [
            (
                Ref("account", str(1 + line % 20)),
                Ref("rate", str(1 + line % 20)),
                {Ref("tag", str(1 + (line + more) % 20)) for more in (0, 5, 6)},
            )
            for line in range(3 * at - 2, 3 * at + 1)
        ]
        return Ref("tenant", str(at)), lines


def seen(document: Document) -> tuple[Any, ...]:
    return document.contact, [(line.account, line.tax_type, set(line.options)) for line in document.lines]


RELATIONSHIPS = (
    {"contact": "tenant", "company": "firm"},
    {"account": "account", "tax_type": "rate", "property": "place", "options": "tags"},
)
KEYS = (
    {"contact": "tenant_id", "company": "firm_id"},
    {"account": "account_id", "tax_type": "rate_id", "property": "place_id", "options": "tags"},
)
CODES = (
    {"contact": "tenant_code", "company": "firm_id"},
    {"account": "account_code", "tax_type": "rate_code", "property": "place_code", "options": "tags"},
)
PROXIES = (
    {"contact": "tenant_id", "company": "firm_id"},
    {"account": "account_id", "tax_type": "rate_id", "property": "place_id", "options": "labelled"},
)


@contextmanager
def held(books: Books, intacct: Intacct, folder: Path, number: int) -> Iterator[Books]:
    """So many documents in an application whose context is open."""
    app = make(books.db, intacct, folder)
    with app.app_context():
        books.fill(number)
        yield books
    close(app, books.db)
