"""What both sides hold at first: Intacct's small company, and the host's, which only partly agrees with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

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

from . import host

D = Decimal
SYNC_FROM = date(2026, 1, 1)
SALE, SALE_ZERO = "Sale Standard", "Sale Zero"
PURCHASE, PURCHASE_ZERO = "Purchase Standard", "Purchase Zero"


def line(account: str, net: str, tax: str = "0.00", detail: str = SALE, location: str = "E1-10", **more: str) -> Any:
    """A line in Intacct."""
    return DocumentLine(account, D(net), detail, D(tax), location=location, **more)


def paper(number: str, party: str, day: date, *lines: Any, entity: str = "E1", **more: Any) -> LedgerDocument:
    """A document in Intacct."""
    return LedgerDocument(number, party, day, day.replace(day=28), lines, entity, **more)


def intacct_company(**changes: Any) -> Dataset:
    """Two entities; INV-2 and BILL-2 are in the host too, THEIRS-1 and THEIRS-2 are not, the rest stays out."""
    rent = line("4000", "100.00", "20.00")
    repair = line("6000", "50.00", "10.00", PURCHASE)
    values: dict[str, Any] = {
        "entities": (Entity("E1", "North Ltd"), Entity("E2", "South Ltd")),
        "tax_details": (
            TaxDetail(SALE, "Standard", "Sale", D("20"), "2200"),
            TaxDetail(SALE_ZERO, "Zero", "Sale", D("0"), "2200"),
            TaxDetail(PURCHASE, "Standard", "Purchase", D("20"), "2200"),
            TaxDetail(PURCHASE_ZERO, "Zero", "Purchase", D("0"), "2200"),
        ),
        "accounts": (
            GLAccount("1100", "Receivables", "balancesheet", "debit", "ar"),
            GLAccount("1200", "Bank", "balancesheet", "debit", "bank"),
            GLAccount("2100", "Payables", "balancesheet", "credit", "ap"),
            GLAccount("2200", "VAT", "balancesheet", "credit", "tax"),
            GLAccount("3000", "Retained", "balancesheet", "credit", "retained"),
            GLAccount("4000", "Rent", "incomestatement", "credit"),
            GLAccount("4100", "Fees", "incomestatement", "credit"),
            GLAccount("4900", "Old income", "incomestatement", "credit", active=False),
            GLAccount("6000", "Repairs", "incomestatement", "debit"),
            GLAccount("6100", "Cleaning", "incomestatement", "debit"),
        ),
        "locations": (
            DimensionValue("E1-10", "High Street", "E1"),
            DimensionValue("E1-20", "Station Road", "E1"),
            DimensionValue("E2-10", "Low Road", "E2"),
        ),
        "departments": (DimensionValue("LET", "Lettings"), DimensionValue("MNT", "Maintenance")),
        "classes": (),
        "udd_name": "",
        "udd_label": "",
        "udd_values": (),
        "customers": (
            Party("C1", "Alice Adams", "alice@example.test"),
            Party("C2", "Bob Brown", "bob@example.test"),
            Party("C3", "Zoe South", "zoe@example.test", entity="E2"),
            Party("C4", "Old Tenant", "old@example.test", active=False),
        ),
        "vendors": (Party("V1", "Dave's Plumbing Ltd", "dave@example.test"), Party("V2", "Clean & Co")),
        "invoices": (
            paper("OLD-1", "C1", date(2025, 11, 5), rent),
            paper("INV-2", "C2", date(2026, 2, 10), line("4000", "200.00", "40.00")),
            paper("THEIRS-1", "C1", date(2026, 3, 1), rent, line("4100", "10.00", "0.00", SALE_ZERO, "E1-20")),
            paper("SOUTH-1", "C3", date(2026, 3, 2), line("4000", "70.00", "14.00", location="E2-10"), entity="E2"),
            paper("DRAFT-1", "C1", date(2026, 3, 3), rent, state="Draft"),
        ),
        "bills": (
            paper("BILL-2", "V1", date(2026, 2, 11), line("6000", "80.00", "16.00", PURCHASE)),
            paper("THEIRS-2", "V2", date(2026, 3, 4), repair),
        ),
    }
    return Dataset(**values | changes)


def fill_host(company_id: int = 1, name: str = "Northgate") -> None:
    """The host's records: INV-1, INV-3 and BILL-1 are to be sent, INV-4 awaits approval, the others stay."""
    add = host.db.session.add_all
    own = {"company_id": company_id}
    add([host.Company(id=company_id, name=name)])
    host.db.session.flush()
    standard, zero = (host.TaxRate(**own, label=label, percent=rate) for label, rate in (("Standard", 20), ("Zero", 0)))
    accounts = [
        host.Account(**own, code=code, title=title)
        for code, title in (("4000", "Rent"), ("4100", "Fees"), ("6000", "Repairs"), ("7999", "Sundry"))
    ]
    add([standard, zero, *accounts])
    place, team = host.Category(**own, title="Property"), host.Category(**own, title="Team")
    add([place, team])
    host.db.session.flush()
    streets = [host.Option(**own, category_id=place.id, title=title) for title in ("High Street", "Station Road")]
    add([*streets, *(host.Option(**own, category_id=team.id, title=title) for title in ("Lettings", "Maintenance"))])
    alice = host.Contact(**own, name="Alice Adams", buys=True, email="alice@example.test")
    bob = host.Contact(**own, name="Bob Brown", buys=True, email="bob@example.test")
    carol = host.Contact(
        **own, name="Carol Clark", buys=True, email="carol@example.test", phone="0117 496 0000", vat="GB123456782",
        street="1 High Street", town="Bristol", postcode="BS1 1AA",
    )  # fmt: skip
    dave = host.Contact(**own, name="Daves Plumbing", sells=True, email="dave@example.test")
    eve = host.Contact(**own, name="Eve Evans", buys=True, sells=True, email="eve@example.test")
    add([alice, bob, carol, dave, eve])
    host.db.session.flush()
    rent, fees, repairs, _ = accounts

    def invoice(
        number: str, who: host.Contact, day: date, net: str = "100.00", tax: str = "20.00", **more: Any
    ) -> None:
        rows = [
            host.InvoiceLine(account_id=rent.id, tax_id=standard.id, net=D(net), tax=D(tax), options=[streets[0]]),
        ]
        total = D(net) + D(tax)
        add([host.Invoice(**own, number=number, contact_id=who.id, day=day, total=total, lines=rows, **more)])

    def bill(number: str, day: date, net: str, tax: str) -> None:
        rows = [host.BillLine(account_id=repairs.id, tax_id=standard.id, net=D(net), tax=D(tax), options=[streets[1]])]
        total = D(net) + D(tax)
        add([host.Bill(**own, number=number, contact_id=dave.id, day=day, total=total, lines=rows)])

    mixed = [
        host.InvoiceLine(account_id=rent.id, tax_id=standard.id, net=D("333.33"), tax=D("66.67"), options=[streets[0]]),
        host.InvoiceLine(account_id=fees.id, tax_id=zero.id, net=D("0.01"), text="Card fee", options=[streets[1]]),
    ]
    add([host.Invoice(**own, number="INV-1", contact_id=alice.id, day=date(2026, 2, 1), due=date(2026, 2, 15),
                      reference="PO 7", total=D("400.01"), lines=mixed)])  # fmt: skip
    invoice("INV-2", bob, date(2026, 2, 10), "200.00", "40.00")
    invoice("INV-3", carol, date(2026, 2, 20), status="paid")
    invoice("INV-4", alice, date(2026, 2, 21), status="submitted")
    invoice("INV-5", alice, date(2026, 2, 22), status="draft")
    invoice("INV-6", alice, date(2026, 2, 23), status="void")
    invoice("INV-7", alice, date(2025, 12, 31))
    bill("BILL-1", date(2026, 2, 2), "60.00", "12.00")
    bill("BILL-2", date(2026, 2, 11), "80.00", "16.00")
    host.db.session.commit()
