"""The host application of the benchmarks, and what its job processes measure of themselves.

``flask --app benchmarks.host`` finds it by the environment: BENCH_DATABASE, BENCH_REDIS and BENCH_ENDPOINT say where
everything is. Where BENCH_MEASURES names a file, each job appends a line of JSON about itself to it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from flask_admin.base import Admin
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from rq.job import Job
from sqlalchemy import Column, Engine, ForeignKey, Numeric, String, Table, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_intacct import Intacct, Local, LocalDocument

SENDER, SENDER_PASSWORD, KEY = "bench", "x", "b25seSBmb3IgYmVuY2htYXJrcywgbm90IGEgc2VjcmU="
STATUSES = {"draft": "draft", "submitted": "awaiting_approval", "approved": "approved", "paid": "paid", "void": "void"}
UNCOUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Company(Base):
    __tablename__ = "company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3), default="GBP")


class Owned:
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)


class Named(Owned):
    name: Mapped[str] = mapped_column(String(80))
    hidden: Mapped[bool] = mapped_column(default=False)


class TaxRate(Named, Base):
    __tablename__ = "tax_rate"
    percent: Mapped[Decimal] = mapped_column(Numeric(6, 3))


class Account(Named, Base):
    __tablename__ = "account"
    code: Mapped[str] = mapped_column(String(20))


class Category(Named, Base):
    __tablename__ = "category"


class Option(Named, Base):
    __tablename__ = "option"
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))


class Contact(Named, Base):
    __tablename__ = "contact"
    role: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    vat: Mapped[str] = mapped_column(String(40), default="")
    street: Mapped[str] = mapped_column(String(80), default="")
    town: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(12), default="")


class Paper(Owned):
    number: Mapped[str] = mapped_column(String(60), default="")
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    day: Mapped[date] = mapped_column(index=True)
    due: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(String(12), default="approved")
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    total: Mapped[Decimal] = mapped_column(Numeric(12, 2))


class PaperLine:
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rate.id"))
    net: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    tax: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal("0.00"))
    text: Mapped[str] = mapped_column(String(80), default="")


def tagged(name: str) -> Table:
    return Table(
        f"{name}_option",
        Base.metadata,
        Column(f"{name}_id", ForeignKey(f"{name}.id"), primary_key=True),
        Column("option_id", ForeignKey("option.id"), primary_key=True),
    )


class InvoiceLine(PaperLine, Base):
    __tablename__ = "invoice_line"
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    options: Mapped[list[Option]] = relationship(secondary=tagged("invoice_line"))


class Invoice(Paper, Base):
    __tablename__ = "invoice"
    lines: Mapped[list[InvoiceLine]] = relationship(order_by=InvoiceLine.id, cascade="all, delete-orphan")


class BillLine(PaperLine, Base):
    __tablename__ = "bill_line"
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"), index=True)
    options: Mapped[list[Option]] = relationship(secondary=tagged("bill_line"))


class Bill(Paper, Base):
    __tablename__ = "bill"
    lines: Mapped[list[BillLine]] = relationship(order_by=BillLine.id, cascade="all, delete-orphan")


def describe() -> Intacct:
    """How the host describes its models."""
    named: dict[str, Any] = {"name": "name", "archived": "hidden", "company": "company_id"}
    head: dict[str, Any] = {
        "number": "number", "contact": "contact_id", "date": "day", "due": "due", "reference": "reference",
        "status": "status", "currency": "currency", "total": "total", "company": "company_id",
    }  # fmt: skip
    line: dict[str, Any] = {
        "account": "account_id", "net": "net", "tax": "tax", "tax_type": "tax_id", "description": "text",
        "options": "options",
    }  # fmt: skip
    return Intacct(
        company=Local(Company, name="name", currency="currency"),
        tax_types=Local(TaxRate, rate="percent", **named),
        accounts=Local(Account, code="code", **named),
        tracking_categories=Local(Category, **named),
        tracking_options=Local(Option, category="category_id", **named),
        contacts=Local(
            Contact, role=lambda row: row.role, code="code", email="email", phone="phone", tax_number="vat",
            address1="street", city="town", postcode="postcode", **named,
        ),
        invoices=LocalDocument(Invoice, lines=Local(InvoiceLine, **line), statuses=STATUSES, **head),
        bills=LocalDocument(Bill, lines=Local(BillLine, **line), statuses=STATUSES, **head),
        access=lambda right, company: True,
        identity=lambda: "ada",
    )  # fmt: skip


def create_app(environment: Mapping[str, str] = os.environ) -> Flask:
    """The application, with the admin and all screens."""
    app = Flask("host")
    app.config.update(
        SECRET_KEY="only for benchmarks",
        SQLALCHEMY_DATABASE_URI=environment["BENCH_DATABASE"],
        RQ_CONNECTION=environment["BENCH_REDIS"],
        RQ_QUEUES=["intacct"],
        INTACCT_SENDER_ID=SENDER,
        INTACCT_SENDER_PASSWORD=SENDER_PASSWORD,
        INTACCT_SECRET_KEYS=[KEY],
        INTACCT_ENDPOINT=environment["BENCH_ENDPOINT"],
        INTACCT_ALLOW_LOOPBACK=True,
        INTACCT_SCAN=environment.get("BENCH_SCAN", "on") == "on",
    )
    db.init_app(app)
    if environment["BENCH_DATABASE"].startswith("sqlite"):
        with app.app_context():
            event.listen(db.engine, "connect", _tune)
    describe().init_app(app, db, Admin(app, name="Host"), RQ(app))
    if environment.get("BENCH_MEASURES"):
        measure_jobs(Path(environment["BENCH_MEASURES"]))
    return app


def _tune(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "busy_timeout=15000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


class Statements:
    """Counts SQL statements of this process: an executemany is one, what begins or ends a transaction is none."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(Engine, "before_cursor_execute", self._executed)

    def _executed(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        self.count += not statement.lstrip().upper().startswith(UNCOUNTED)


def measure_jobs(path: Path) -> None:
    """Let each job that this process performs append its figures to a file."""
    statements, perform = Statements(), Job.perform

    def measured(self: Job) -> Any:
        sql, cpu, wall = statements.count, time.process_time(), time.perf_counter()
        try:
            return perform(self)
        finally:
            told = {
                "job": str(self.func_name),
                "sql": statements.count - sql,
                "cpu_s": time.process_time() - cpu,
                "wall_s": time.perf_counter() - wall,
                "peaks_mb": [peak_mb(str(os.getppid())), peak_mb("self")],
            }
            with path.open("a") as file:
                file.write(json.dumps(told) + "\n")

    Job.perform = measured  # type: ignore[method-assign]


def peak_mb(process: str) -> float:
    """The peak of a process in MB; Linux counts the starting process's into the `ru_maxrss` of what it starts."""
    status = Path("/proc", process, "status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
