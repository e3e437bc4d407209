"""The books of both sides, as large as wanted: all contacts are on both, each document is on one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from flask_intacct.simulator.seed.dataset import (
    Dataset,
    DimensionValue,
    DocumentLine,
    Entity,
    GLAccount,
    LedgerDocument,
    Party,
    TaxDetail,
)
from flask_intacct.simulator.seed.property_company import property_company

from . import host

COMPANY, USER, PASSWORD, ENTITY = "bench", "ws", "pw", "E1"
SINCE = date(2026, 1, 1)
STREETS = ("High Street", "Station Road", "Mill Lane", "Church Walk", "Park Avenue", "Queen Square", "King's Parade")
ACCOUNTS = (("4000", "Rent"), ("4100", "Fees"), ("6000", "Repairs"), ("6100", "Cleaning"))
CHUNK = 5000
APART = 1_000_000
"""Between the ids of one company's rows and those of the next one's."""


def identity(company: int) -> str:
    """The company of Intacct that a company of the host is joined to."""
    return COMPANY if company == 1 else f"{COMPANY}{company}"


@dataclass(frozen=True, slots=True)
class Books:
    """How large the books are.

    :param contacts: On both sides; half of them customers, half vendors.
    :param ours: Documents that only the host has; half of them invoices, half bills.
    :param theirs: Documents that only Intacct has, likewise.
    :param foreign: Whether the host's documents are in a currency that can't be sent.
    """

    contacts: int
    ours: int = 0
    theirs: int = 0
    foreign: bool = False

    @property
    def documents(self) -> int:
        return self.ours + self.theirs

    def parties(self) -> tuple[list[Party], list[Party]]:
        """Customers and vendors, each with an e-mail address of its own."""
        half = max(self.contacts // 2, 1)
        made = property_company(customers=half, vendors=half, entities=1, invoices=0, bills=0)
        sides = []
        for found in (made.customers, made.vendors):
            sides.append(
                [replace(one, entity="", active=True, email=f"{one.id.lower()}@example.test") for one in found]
            )
        return sides[0], sides[1]

    def intacct(self) -> Dataset:
        """What Intacct has at first."""
        customers, vendors = self.parties()
        return Dataset(
            entities=(Entity(ENTITY, "North Ltd"), Entity("E2", "South Ltd")),
            tax_details=(
                TaxDetail("Sale Standard", "Standard", "Sale", Decimal(20), "2200"),
                TaxDetail("Purchase Standard", "Standard", "Purchase", Decimal(20), "2200"),
            ),
            accounts=(
                GLAccount("1100", "Receivables", "balancesheet", "debit", "ar"),
                GLAccount("1200", "Bank", "balancesheet", "debit", "bank"),
                GLAccount("2100", "Payables", "balancesheet", "credit", "ap"),
                GLAccount("2200", "VAT", "balancesheet", "credit", "tax"),
                GLAccount("3000", "Retained", "balancesheet", "credit", "retained"),
                *(GLAccount(code, name, "incomestatement", "credit") for code, name in ACCOUNTS),
            ),
            locations=tuple(DimensionValue(f"E1-{n}", name, ENTITY) for n, name in enumerate(STREETS, 10)),
            departments=(),
            classes=(),
            udd_name="",
            udd_label="",
            udd_values=(),
            customers=customers,
            vendors=vendors,
            invoices=tuple(_theirs("TI", customers, self.theirs - self.theirs // 2, "4000", "Sale Standard")),
            bills=tuple(_theirs("TB", vendors, self.theirs // 2, "6000", "Purchase Standard")),
        )

    def fill(self, company: int = 1) -> None:
        """Put the host's part into its tables, which have nothing of this company yet, and commit."""
        session, base = host.db.session, (company - 1) * APART
        session.add(host.Company(id=company, name="Northgate" if company == 1 else f"Northgate {company}"))
        session.flush()
        own = {"company_id": company}
        session.add(host.TaxRate(id=base + 1, name="Standard", percent=Decimal(20), **own))
        session.add_all(
            host.Account(id=base + n, code=code, name=name, **own) for n, (code, name) in enumerate(ACCOUNTS, 1)
        )
        session.add(host.Category(id=base + 1, name="Location", **own))
        session.flush()
        session.add_all(
            host.Option(id=base + n, name=name, category_id=base + 1, **own) for n, name in enumerate(STREETS, 1)
        )
        session.flush()
        customers, vendors = self.parties()
        both = [*(("customer", one) for one in customers), *(("vendor", one) for one in vendors)]
        _insert(host.Contact, (_contact(company, base + n, role, one) for n, (role, one) in enumerate(both, 1)))
        half = len(customers)
        self._papers(host.Invoice, host.InvoiceLine, "OI", self.ours - self.ours // 2, 1, half, 1, company)
        self._papers(host.Bill, host.BillLine, "OB", self.ours // 2, half + 1, half, 3, company)
        if session.get_bind().dialect.name == "postgresql":
            for table in host.Base.metadata.sorted_tables:
                if "id" in table.c and not table.name.startswith("intacct_"):
                    last = f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name})"
                    session.execute(
                        sa.text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last}, false)")
                    )
        session.commit()

    def _papers(
        self, model: Any, line: Any, word: str, count: int, first: int, contacts: int, account: int, company: int
    ) -> None:
        name, base = model.__tablename__, (company - 1) * APART
        currency = "EUR" if self.foreign else "GBP"

        def heads() -> Iterator[dict[str, Any]]:
            for n in range(1, count + 1):
                yield {"id": base + n, "company_id": company, "number": f"{word}-{n:06}",
                       "contact_id": base + first + n % contacts, "day": _day(n),
                       "due": _day(n) + timedelta(days=14), "reference": f"PO {n}",
                       "currency": currency, "total": _net(n) * Decimal("2.40")}  # fmt: skip

        def lines() -> Iterator[dict[str, Any]]:
            for n in range(1, count + 1):
                for at in (0, 1):
                    yield {"id": base + 2 * n - at, f"{name}_id": base + n, "account_id": base + account + at,
                           "tax_id": base + 1, "net": _net(n), "tax": _net(n) / 5, "text": f"Item {at}"}  # fmt: skip

        _insert(model, heads())
        _insert(line, lines())
        tags = host.Base.metadata.tables[f"{name}_line_option"]
        marks = (
            {f"{name}_line_id": base + n, "option_id": base + 1 + n % len(STREETS)} for n in range(1, 2 * count + 1)
        )
        _insert(tags, marks)


def _day(n: int) -> date:
    return SINCE + timedelta(days=n % 300)


def _net(n: int) -> Decimal:
    """Net of each of two lines: another one for each document, with a tax that is whole pence."""
    return Decimal(100) + Decimal(n) / 20


def _contact(company: int, n: int, role: str, one: Party) -> dict[str, Any]:
    return {"id": n, "company_id": company, "name": one.name[:80], "hidden": False, "role": role, "code": one.id,
            "email": one.email, "phone": one.phone, "vat": one.tax_id, "street": one.address1, "town": one.city,
            "postcode": one.postcode}  # fmt: skip


def _theirs(word: str, parties: list[Party], count: int, account: str, detail: str) -> Iterator[LedgerDocument]:
    for n in range(1, count + 1):
        net = _net(n) + Decimal("0.05")
        place = f"E1-{10 + n % len(STREETS)}"
        lines = tuple(DocumentLine(account, net, detail, net / 5, location=place) for _ in (0, 1))
        due = _day(n) + timedelta(days=14)
        yield LedgerDocument(f"{word}-{n:06}", parties[n % len(parties)].id, _day(n), due, lines, ENTITY)


def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == CHUNK:
            host.db.session.execute(sa.insert(model), batch)
            batch = []
    if batch:
        host.db.session.execute(sa.insert(model), batch)
