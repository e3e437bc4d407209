"""The ledger of Marlow & Finch: accounts, VAT rates and tracking, set up without a look at Intacct."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from flask_intacct.simulator.seed.dataset import Dataset, DimensionValue

from ..models import Company, LedgerAccount, TaxRate, TrackingGroup, TrackingTag
from .spelling import misspelt
from .truth import Truth

# Host's code, host's name, Intacct's number ("" = Intacct has none).
ACCOUNTS = (
    ("1000", "Office Account", "1000"),
    ("1010", "Client Account", "1010"),
    ("1100", "Debtors Control", "1100"),
    ("1200", "Input VAT", "1200"),
    ("1250", "Prepayments", "1250"),
    ("2000", "Creditors Control", "2000"),
    ("2010", "Accruals", "2010"),
    ("2100", "Output VAT", "2100"),
    ("0220", "Tenant Deposits Held", "2200"),
    ("0222", "Landlord Funds Held", "2220"),
    ("3200", "Retained Profit", "3200"),
    ("4000", "Residential Rent", "4000"),
    ("4010", "Commercial Rent", "4010"),
    ("0430", "Garage and Parking Rent", "4030"),
    ("0440", "Ground Rent", "4040"),
    ("4100", "Service Charge Income", "4100"),
    ("4120", "Utilities Recharged", "4120"),
    ("0413", "Repairs Recharged", "4130"),
    ("4200", "Management Fees", "4200"),
    ("4210", "Letting Fees", "4210"),
    ("4220", "Tenancy Renewal Charges", "4220"),
    ("4240", "Property Visits", "4240"),
    ("4250", "Consents & Licences", "4250"),
    ("0435", "Interest on Arrears", "4300"),
    ("0499", "Misc. Income", "4900"),
    ("5000", "Repairs and Maintenance", "5000"),
    ("5010", "Plumbing and Heating", "5010"),
    ("5020", "Electrical Works", "5020"),
    ("0530", "Roofing and Gutters", "5030"),
    ("5040", "Decorating", "5040"),
    ("0525", "Lift Maintenance", "5050"),
    ("5060", "Fire Safety", "5060"),
    ("5070", "Gas Safe (CP12)", "5070"),
    ("5100", "Cleaning of Common Parts", "5100"),
    ("5110", "Gardening", "5110"),
    ("0512", "Pest Control", "5120"),
    ("5130", "Bins and Waste", "5130"),
    ("5140", "Concierge & Security", "5140"),
    ("5200", "Electricity", "5200"),
    ("5220", "Water", "5220"),
    ("5240", "Rates", "5240"),
    ("5300", "Buildings Insurance", "5300"),
    ("0531", "Ground Rent to Head Landlord", "5310"),
    ("6120", "Telephone and Internet", "6120"),
    ("0613", "Printing and Stationery", "6130"),
    ("0615", "Subscriptions (Software)", "6150"),
    ("0620", "Advertising and Portals", "6200"),
    ("6300", "Audit & Accountancy", "6300"),
    ("6310", "Solicitors' Fees", "6310"),
    ("7000", "Bank Charges", "7000"),
    ("0404", "Rent (old system)", ""),
    ("0555", "Chimney Sweeping", ""),
    ("6999", "Christmas Party", ""),
    ("8100", "Video Rental Income", ""),
    ("9999", "Suspense", ""),
)

# Label, per cent, S/P/B, Intacct's word for the rate ("" = Intacct has none).
TAX_RATES = (
    ("VAT 20%", "20", "B", "Standard"),
    ("Reduced 5% - sales", "5", "S", "Reduced"),
    ("Reduced 5% - purchases", "5", "P", "Reduced"),
    ("Zero rated sales", "0", "S", "Zero"),
    ("Zero rated purchases", "0", "P", "Zero"),
    ("Exempt sales", "0", "S", "Exempt"),
    ("Exempt purchases", "0", "P", "Exempt"),
    ("VAT 17.5% (until 2011)", "17.5", "B", ""),
)

# Host's name, host's code, Intacct's department.
COST_CENTRES = (
    ("Lettings", "LET", "100"),
    ("Students", "STU", "110"),
    ("Managed Property", "PM", "200"),
    ("Block Management", "210", "210"),
    ("Maintenance", "220", "220"),
    ("Commercial", "300", "300"),
    ("Head Office", "", "900"),
    ("Marketing", "MKT", ""),
)


class Books:
    """The ledger of one company, with ways to find its rows by Intacct's names."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.accounts: dict[str, LedgerAccount] = {}
        self.old_accounts: list[LedgerAccount] = []
        self.rates: dict[str, TaxRate] = {}
        self.buildings: dict[str, list[TrackingTag]] = {}
        self.centres: dict[str, TrackingTag] = {}
        self.rows: list[object] = []

    def rate(self, detail: str) -> TaxRate:
        """The host's rate for a tax detail."""
        return self.rates[detail]


def make_books(rng: Random, company: Company, dataset: Dataset, entity: str, truth: Truth, whole: bool) -> Books:
    """The ledger of a company. The small branch (`whole` false) keeps only what it needs."""
    books = Books(company)
    _accounts(books, truth, whole)
    _tax_rates(books, truth, whole)
    places = [location for location in dataset.locations if location.parent == entity]
    _buildings(rng, books, places, truth, whole)
    _cost_centres(books, truth)
    return books


def _accounts(books: Books, truth: Truth, whole: bool) -> None:
    for code, name, number in ACCOUNTS:
        row = LedgerAccount(
            acc_code=code,
            acc_name=name,
            acc_type="B/S" if number[:1] in ("1", "2", "3") or name == "Suspense" else "P&L",
            company=books.company,
        )
        if number:
            books.accounts[number] = row
            truth.accounts[row] = number
        elif whole:
            books.old_accounts.append(row)
        else:
            continue
        books.rows.append(row)


def _tax_rates(books: Books, truth: Truth, whole: bool) -> None:
    for label, percent, used, word in TAX_RATES:
        if not word and not whole:
            continue
        row = TaxRate(label=label, percent=Decimal(percent), used_for=used, company=books.company)
        books.rows.append(row)
        for letter, side in (("S", "Sale"), ("P", "Purchase")):
            if word and used in (letter, "B"):
                detail = f"UK {side} Goods {word} Rate"
                books.rates[detail] = row
                truth.tax_rates[row, side.lower()] = detail


def _buildings(rng: Random, books: Books, places: list[DimensionValue], truth: Truth, whole: bool) -> None:
    group = TrackingGroup(grp_nm="Property", company=books.company)
    books.rows.append(group)
    for index, place in enumerate(places):
        name, code = place.name, place.id if index % 2 else f"B{index + 1:02d}"
        if index % 9 == 4:
            name, code = misspelt(rng, name), ""
        elif index % 9 == 8:
            name, code = name.replace("House", "Hse").replace("Court", "Ct").replace("Mansions", "Mans."), place.id
        _tag(books, truth, group, name, code, place.id)
    if whole and places:
        _tag(books, truth, group, f"{places[0].name} (shops)", f"{places[0].id}-S", places[0].id)
        for name in ("14 Quay Street (sold 2019)", "zz test building"):
            _tag(books, truth, group, name, "", "")


def _cost_centres(books: Books, truth: Truth) -> None:
    group = TrackingGroup(grp_nm="Cost centre", company=books.company)
    books.rows.append(group)
    for name, code, department in COST_CENTRES:
        tag = TrackingTag(tag_nm=name, tag_cd=code, group=group, company_id=books.company.co_id)
        books.rows.append(tag)
        if department:
            books.centres[department] = tag
            truth.tags[tag] = department


def _tag(books: Books, truth: Truth, group: TrackingGroup, name: str, code: str, place: str) -> None:
    tag = TrackingTag(tag_nm=name, tag_cd=code, group=group, company_id=books.company.co_id)
    books.rows.append(tag)
    if place:
        books.buildings.setdefault(place, []).append(tag)
        truth.tags[tag] = place
