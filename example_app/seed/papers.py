"""Invoices and bills of a branch: some exist in Intacct too, keyed in twice; most do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TypeVar

from flask_intacct.simulator.seed.dataset import Dataset, DocumentLine, LedgerDocument

from ..documents import Bill, BillLine, Invoice, InvoiceLine
from ..models import Company, LedgerAccount, Property, Supplier, TaxRate, Tenant, TrackingTag
from .books import Books
from .people import People
from .truth import Truth

T = TypeVar("T")
_ON_BOTH_SIDES = ("Posted", "Partially Paid", "Paid")
_INVOICE_STATES = ("OK",) * 10 + ("PD",) * 5 + ("APR", "APR", "DFT", "DFT", "VD")
_BILL_STATES = ("passed",) * 8 + ("settled",) * 4 + ("checking", "new", "cancelled")


class Papers:
    """The documents of one branch, as they are made."""

    def __init__(self, rng: Random, company: Company, books: Books, people: People, truth: Truth, today: date) -> None:
        self.rng = rng
        self.company = company
        self.books = books
        self.people = people
        self.truth = truth
        self.today = today
        self.invoices: list[Invoice] = []
        self.bills: list[Bill] = []
        self._homes = {tenancy.tenant: tenancy.prop for tenancy in people.tenancies if tenancy.tcy_stat == "CUR"}

    def copy(self, dataset: Dataset, entity: str, invoices: int, bills: int) -> None:
        """Key in documents that Intacct has: half under the same number, half with the same reference."""
        found = [document for document in dataset.invoices if self._copyable(document, entity)]
        tenants = self.people.known_tenants
        for index, document in enumerate(_spread([d for d in found if d.party in tenants], invoices)):
            same = index < invoices // 2
            invoice = self._invoice(
                document.date,
                f"SI-{51000 + index}",
                {"Paid": "PD"}.get(document.state, "OK"),
                tenants[document.party],
            )
            if same:
                invoice.inv_no = document.number
            invoice.inv_ref = None if same else document.reference
            invoice.due_dt, invoice.narrative = document.due, document.description
            for line in document.lines:
                self._copy_invoice_line(invoice, line)
            self._close_invoice(invoice)
            self.truth.invoices[invoice] = document.number
        found = [document for document in dataset.bills if self._copyable(document, entity)]
        suppliers = self.people.known_suppliers
        for index, document in enumerate(_spread([d for d in found if d.party in suppliers], bills)):
            same = index < bills // 2
            bill = self._bill(
                document.date, f"PI-{71000 + index}", "settled" if document.state == "Paid" else "passed",
                suppliers[document.party],
            )  # fmt: skip
            if same:
                bill.bill_no = document.number
            bill.order_no = None if same else document.reference
            bill.due_date, bill.memo = document.due, document.description
            for line in document.lines:
                self._copy_bill_line(bill, line)
            self._close_bill(bill)
            self.truth.bills[bill] = document.number

    def write(self, since: date, until: date, invoices: int, bills: int, old: bool = False) -> None:
        """Documents that only the host has, dated within two days, in all states; `old` uses accounts long closed."""
        for _ in range(invoices):
            tenant = _pick(self.rng, self.people.tenants)
            invoice = self._invoice(self._day(since, until), self._invoice_number(), self._invoice_state(old), tenant)
            self._rent(invoice, self._homes.get(tenant) or _pick(self.rng, self.people.properties), old)
            self._close_invoice(invoice)
        for _ in range(bills):
            supplier = _pick(self.rng, self.people.suppliers)
            state = "settled" if old else _pick(self.rng, _BILL_STATES)
            bill = self._bill(self._day(since, until), f"PI-{60001 + len(self.bills)}", state, supplier)
            self._work(bill, _pick(self.rng, self.people.properties))
            self._close_bill(bill)

    def charge_landlords(self) -> None:
        """Each landlord is charged a fee, and charges us ground rent."""
        for landlord in self.people.landlords:
            day = self.today - timedelta(days=20 + 3 * len(self.invoices) % 60)
            prop = next((each for each in self.people.properties if each.landlord is landlord), None)
            prop = prop or self.people.properties[0]
            invoice = self._invoice(day, self._invoice_number(), "OK", None)
            invoice.landlord, invoice.narrative = landlord, "Management fee"
            self._invoice_line(invoice, "4200", "Standard", Decimal("186.40"), "Management fee", prop, "200")
            self._close_invoice(invoice)
            bill = self._bill(day, f"GR-{landlord.supp_code}", "passed", landlord)
            self._bill_line(bill, "5310", "Exempt", Decimal("250.00"), "Ground rent", prop, "210")
            self._close_bill(bill)

    def bill_abroad(self) -> None:
        """The one invoice in another currency than the books'."""
        tenant = next(tenant for tenant in self.people.tenants if tenant.ten_vat)
        invoice = self._invoice(self.today - timedelta(days=40), self._invoice_number(), "OK", tenant)
        invoice.currency, invoice.narrative = "EUR", "Rent for the Paris office guests"
        prop = self.people.properties[0]
        self._invoice_line(invoice, "4010", "Standard", Decimal("1450.00"), "Guest flat", prop, "300")
        self._close_invoice(invoice)

    def _copyable(self, document: LedgerDocument, entity: str) -> bool:
        return (
            document.entity == entity
            and document.state in _ON_BOTH_SIDES
            and document.date >= self.truth.sync_from
            and bool(document.reference)
            and all(line.account in self.books.accounts for line in document.lines)
        )

    def _copy_invoice_line(self, invoice: Invoice, line: DocumentLine) -> None:
        tag = self.books.buildings[line.location][0]
        prop = next((each for each in self.people.properties if each.tag is tag), None)
        invoice.lines.append(
            InvoiceLine(
                line_desc=line.memo,
                account=self.books.accounts[line.account],
                tax_rate=self.books.rate(line.tax_detail),
                net_amt=line.amount,
                vat_amt=line.tax,
                prop=prop,
                cost_tag=self.books.centres.get(line.department),
            )
        )

    def _copy_bill_line(self, bill: Bill, line: DocumentLine) -> None:
        tags = [self.books.buildings[line.location][0], self.books.centres[line.department]]
        bill.lines.append(
            BillLine(
                memo=line.memo,
                account=self.books.accounts[line.account],
                tax_rate=self.books.rate(line.tax_detail),
                net=line.amount,
                vat=line.tax,
                tags=tags,
            )
        )

    def _rent(self, invoice: Invoice, prop: Property, old: bool) -> None:
        month = f"{invoice.inv_dt:%B %Y}"
        shop = prop.prop_kind == "COM"
        account, word, centre = ("4010", "Standard", "300") if shop else ("4000", "Exempt", "100")
        dice = self.rng.random()
        if dice < 0.75:
            rent = Decimal(700 + 5 * int(self.rng.random() * 300))
            line = self._invoice_line(invoice, account, word, rent, f"Rent {month}", prop, centre)
            if old and self.books.old_accounts and dice < 0.2:
                line.account = self.books.old_accounts[0]
            if dice < 0.2:
                charge = self._amount(35, 220)
                self._invoice_line(invoice, "4100", word, charge, f"Service charge {month}", prop, "210")
            invoice.narrative = f"Rent {month}"
        elif dice < 0.9:
            self._invoice_line(invoice, "4120", "Reduced", self._amount(20, 180), "Heating and light", prop, "200")
            invoice.narrative = "Utilities"
        else:
            self._invoice_line(invoice, "4130", "Standard", self._amount(40, 600), "Repair", prop, "220")
            invoice.narrative = "Repair recharged"

    def _work(self, bill: Bill, prop: Property) -> None:
        account = _pick(self.rng, ("5000", "5010", "5020", "5040", "5060", "5100", "5110"))
        self._bill_line(bill, account, "Standard", self._amount(60, 900), "Labour", prop, "220")
        if self.rng.random() < 0.4:
            self._bill_line(bill, account, "Standard", self._amount(10, 250), "Materials", prop, "220")
        bill.memo = f"Works at {prop.addr_1}"[:200]

    def _invoice(self, day: date, number: str, state: str, tenant: Tenant | None) -> Invoice:
        invoice = Invoice(inv_no=number, inv_dt=day, due_dt=day + timedelta(days=14), inv_stat=state, tenant=tenant)
        invoice.company, invoice.currency = self.company, "GBP"
        invoice.inv_ref = f"MF{self.company.co_id}-{len(self.invoices) + 1:05d}"
        self.invoices.append(invoice)
        return invoice

    def _bill(self, day: date, number: str, state: str, supplier: Supplier) -> Bill:
        bill = Bill(bill_no=number, bill_date=day, due_date=day + timedelta(days=30), status=state, supplier=supplier)
        bill.company, bill.currency = self.company, "GBP"
        self.bills.append(bill)
        return bill

    def _invoice_line(
        self, invoice: Invoice, account: str, word: str, net: Decimal, text: str, prop: Property, centre: str
    ) -> InvoiceLine:
        rate = self.books.rate(f"UK Sale Goods {word} Rate")
        line = InvoiceLine(
            line_desc=text,
            account=self.books.accounts[account],
            tax_rate=rate,
            net_amt=net,
            vat_amt=_tax(net, rate),
            prop=prop,
            cost_tag=self.books.centres[centre],
        )
        invoice.lines.append(line)
        return line

    def _bill_line(
        self, bill: Bill, account: str, word: str, net: Decimal, text: str, prop: Property, centre: str
    ) -> None:
        rate = self.books.rate(f"UK Purchase Goods {word} Rate")
        row: LedgerAccount = self.books.accounts[account]
        tags: list[TrackingTag] = [tag for tag in (prop.tag, self.books.centres[centre]) if tag is not None]
        bill.lines.append(BillLine(memo=text, account=row, tax_rate=rate, net=net, vat=_tax(net, rate), tags=tags))

    def _close_invoice(self, invoice: Invoice) -> None:
        invoice.gross_tot = sum((line.net_amt + line.vat_amt for line in invoice.lines), Decimal(0))

    def _close_bill(self, bill: Bill) -> None:
        bill.gross = sum((line.net + line.vat for line in bill.lines), Decimal(0))

    def _invoice_number(self) -> str:
        return f"SI-{20000 * self.company.co_id + len(self.invoices) + 1}"

    def _invoice_state(self, old: bool) -> str:
        return "PD" if old and self.rng.random() < 0.9 else _pick(self.rng, _INVOICE_STATES)

    def _day(self, since: date, until: date) -> date:
        return since + timedelta(days=int(self.rng.random() * ((until - since).days + 1)))

    def _amount(self, low: int, high: int) -> Decimal:
        return Decimal(low * 100 + int(self.rng.random() * (high - low) * 100)).scaleb(-2)


def _tax(net: Decimal, rate: TaxRate) -> Decimal:
    return (net * rate.percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _spread(found: list[LedgerDocument], count: int) -> list[LedgerDocument]:
    """`count` of them, evenly over the time."""
    if len(found) < count:
        raise ValueError(f"only {len(found)} documents to choose {count} from")
    return [found[index * len(found) // count] for index in range(count)]


def _pick(rng: Random, values: Sequence[T]) -> T:
    return values[int(rng.random() * len(values))]
