"""A host application of ordinary make: companies, a small chart of accounts, contacts, invoices and bills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import fakeredis
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, ForeignKey, Numeric, String, Table, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_intacct import Intacct, Local, LocalDocument
from flask_intacct.errors import Refused

Money = Numeric(12, 2)
KEY = "bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0aGUgdGVzdHM="
NOWHERE = "http://127.0.0.1:9/ia/xml/xmlgw.phtml"
STATUSES = {"draft": "draft", "submitted": "awaiting_approval", "approved": "approved", "paid": "paid", "void": "void"}


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Company(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3), default="GBP")


class Owned:
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))


class TaxRate(Owned, db.Model):  # type: ignore[name-defined, misc]
    label: Mapped[str] = mapped_column(String(80))
    percent: Mapped[Decimal] = mapped_column(Numeric(6, 3))
    hidden: Mapped[bool] = mapped_column(default=False)


class Account(Owned, db.Model):  # type: ignore[name-defined, misc]
    code: Mapped[str] = mapped_column(String(20), default="")
    title: Mapped[str] = mapped_column(String(80))
    hidden: Mapped[bool] = mapped_column(default=False)


class Category(Owned, db.Model):  # type: ignore[name-defined, misc]
    title: Mapped[str] = mapped_column(String(80))
    hidden: Mapped[bool] = mapped_column(default=False)


class Option(Owned, db.Model):  # type: ignore[name-defined, misc]
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    title: Mapped[str] = mapped_column(String(80))
    hidden: Mapped[bool] = mapped_column(default=False)


class Contact(Owned, db.Model):  # type: ignore[name-defined, misc]
    name: Mapped[str] = mapped_column(String(80))
    buys: Mapped[bool] = mapped_column(default=False)
    sells: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    vat: Mapped[str] = mapped_column(String(40), default="")
    street: Mapped[str] = mapped_column(String(80), default="")
    street2: Mapped[str] = mapped_column(String(80), default="")
    town: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(12), default="")
    country: Mapped[str] = mapped_column(String(40), default="")
    hidden: Mapped[bool] = mapped_column(default=False)


class Paper(Owned):
    number: Mapped[str] = mapped_column(String(60), default="")
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    day: Mapped[date]
    due: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(String(12), default="approved")
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    total: Mapped[Decimal] = mapped_column(Money)
    stamp: Mapped[datetime | None]


class PaperLine:
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rate.id"))
    net: Mapped[Decimal] = mapped_column(Money)
    tax: Mapped[Decimal] = mapped_column(Money, default=Decimal("0.00"))
    text: Mapped[str] = mapped_column(String(80), default="")


def tagged(name: str) -> Table:
    return Table(
        f"{name}_option",
        db.metadata,
        Column(f"{name}_id", ForeignKey(f"{name}.id"), primary_key=True),
        Column("option_id", ForeignKey("option.id"), primary_key=True),
    )


class InvoiceLine(PaperLine, db.Model):  # type: ignore[name-defined, misc]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    options: Mapped[list[Option]] = relationship(secondary=tagged("invoice_line"))


class Invoice(Paper, db.Model):  # type: ignore[name-defined, misc]
    lines: Mapped[list[InvoiceLine]] = relationship(order_by=InvoiceLine.id, cascade="all, delete-orphan")


class BillLine(PaperLine, db.Model):  # type: ignore[name-defined, misc]
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"))
    options: Mapped[list[Option]] = relationship(secondary=tagged("bill_line"))


class Bill(Paper, db.Model):  # type: ignore[name-defined, misc]
    lines: Mapped[list[BillLine]] = relationship(order_by=BillLine.id, cascade="all, delete-orphan")


def roles_of(contact: Contact) -> set[str]:
    return {role for role, plays in (("customer", contact.buys), ("vendor", contact.sells)) if plays}


def make_contact(values: dict[str, Any]) -> Contact:
    """A contact as Intacct has it; nobody called Refused is taken in, and Broken is our own mistake."""
    if "Refused" in values["name"]:
        raise Refused("There is no tenancy for this contact.")
    if "Broken" in values["name"]:
        raise ZeroDivisionError
    return Contact(
        company_id=values["company"].id, name=values["name"], buys="customer" in values["roles"],
        sells="vendor" in values["roles"], email=values.get("email", ""), phone=values.get("phone", ""),
        vat=values.get("tax_number", ""), street=values.get("address1", ""), town=values.get("city", ""),
        street2=values.get("address2", ""), postcode=values.get("postcode", ""), country=values.get("country", ""),
    )  # fmt: skip


def describe(**options: Any) -> Intacct:
    """How the host describes its models."""
    named: dict[str, Any] = {"archived": "hidden", "company": "company_id"}
    head = {"number": "number", "contact": "contact_id", "date": "day", "due": "due", "reference": "reference",
            "status": "status", "currency": "currency", "total": "total", "company": "company_id"}  # fmt: skip
    line: dict[str, Any] = {"account": "account_id", "net": "net", "tax": "tax", "tax_type": "tax_id",
                            "description": "text", "options": "options"}  # fmt: skip
    return Intacct(
        company=Local(Company, name="name", currency="currency"),
        tax_types=Local(TaxRate, name="label", rate="percent", **named),
        accounts=Local(Account, code="code", name="title", **named),
        tracking_categories=Local(Category, name="title", **named),
        tracking_options=Local(Option, name="title", category="category_id", **named),
        contacts=Local(
            Contact, role=roles_of, name="name", email="email", phone="phone", tax_number="vat", address1="street",
            address2="street2", city="town", postcode="postcode", country="country", create=make_contact, **named,
        ),
        invoices=LocalDocument(Invoice, lines=Local(InvoiceLine, **line), statuses=STATUSES, **head),
        bills=LocalDocument(Bill, lines=Local(BillLine, **line), statuses=STATUSES, **head),
        access=lambda right, company: True,
        **options,
    )  # fmt: skip


def make_app(
    database: str, endpoint: str = NOWHERE, described: Callable[..., Intacct] = describe, **settings: Any
) -> Flask:
    """The application; its jobs wait in a Redis of its own until a test works them off.

    :param described: Describes the models in another way.
    """
    app = Flask("host")
    app.config.update(
        TESTING=True,
        SQLALCHEMY_DATABASE_URI=database,
        RQ_ASYNC=True,
        RQ_CONNECTION_CLASS=fakeredis.FakeRedis,
        RQ_CONNECTION={"server": fakeredis.FakeServer()},
        INTACCT_SENDER_ID="sender",
        INTACCT_SENDER_PASSWORD="x",
        INTACCT_SECRET_KEYS=[KEY],
        INTACCT_ENDPOINT=endpoint,
        INTACCT_ALLOW_LOOPBACK=True,
        INTACCT_READ_TIMEOUT=5,
        INTACCT_PUSH=False,  # tests that tick say themselves what is to go
    )
    app.config.update(settings)
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _fast)
    described(identity=lambda: "ada").init_app(app, db)
    return app


def _fast(raw: Any, _: Any) -> None:
    """A test's database need not survive a power cut."""
    if type(raw).__module__.startswith("sqlite3"):
        raw.execute("PRAGMA synchronous=OFF")
