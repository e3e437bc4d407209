"""Writes the small data set of our own: a property company's records against its simulated Intacct.

    python -m benchmarks.matching_sample tests/matching/data
    python -m benchmarks.matching_sample FOLDER --contacts 5000 20000 50000

Intacct's side is the simulator's property company; our side is the same company as people keyed it into another
program: other legal forms, titles, swapped and misspelt words, missing details, own account names and numbers. A sixth
of either side has no counterpart. All names are invented; the same call writes the same files. With --contacts, instead
of the small set, contacts only, so many on either side.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

from flask_intacct.simulator.seed.dataset import Dataset, Party
from flask_intacct.simulator.seed.property_company import property_company

Row = list[str]
Pairs = list[tuple[Row, Row]]

CONTACT = ["id", "name", "kind", "email", "phone", "tax_number", "address1", "city", "postcode", "country"]
ACCOUNT = ["id", "code", "name", "type"]
TAX = ["id", "code", "name", "rate", "direction"]
TRACKING = ["id", "code", "name"]
_LONG = {" Ltd": (" Limited", " LTD.", ""), " LLP": (" L.L.P.", ""), " & Co": (" and Company", " & Co.")}
_SHORT = {
    "Street": "St", "Road": "Rd", "Avenue": "Ave", "Management": "Mgmt", "Insurance": "Ins.", "Maintenance": "Maint.",
    "Depreciation": "Depn", "Equipment": "Equip.", "Property": "Prop.", "Repairs": "Rep.", "Commission": "Comm.",
    "Professional": "Prof.", "Income": "Inc.", "Service": "Serv.", "Services": "Svcs", "Provision": "Prov.",
}  # fmt: skip

_TAXES = (
    ("20% (VAT on Income)", "UK Sale Goods Standard Rate", "20", "sale"),
    ("5% (VAT on Income)", "UK Sale Goods Reduced Rate", "5", "sale"),
    ("Zero Rated Income", "UK Sale Goods Zero Rate", "0", "sale"),
    ("Exempt Income", "UK Sale Exempt Rate", "0", "sale"),
    ("Outside the scope", "UK Sale Outside Scope", "0", "sale"),
    ("20% (VAT on Expenses)", "UK Purchase Goods Standard Rate", "20", "purchase"),
    ("5% (VAT on Expenses)", "UK Purchase Goods Reduced Rate", "5", "purchase"),
    ("Zero Rated Expenses", "UK Purchase Goods Zero Rate", "0", "purchase"),
    ("Exempt Expenses", "UK Purchase Exempt Rate", "0", "purchase"),
    ("Reverse Charge Expenses (20%)", "UK Purchase Services Reverse Charge", "20", "purchase"),
    ("Ausgangssteuer 19 %", "DE Umsatzsteuer Normalsatz", "19", "sale"),
    ("Ausgangssteuer 7 %", "DE Umsatzsteuer ermässigt", "7", "sale"),
    ("Vorsteuer 19 %", "DE Vorsteuer Normalsatz", "19", "purchase"),
    ("Vorsteuer 7 %", "DE Vorsteuer ermässigt", "7", "purchase"),
    ("IVA 21% ventas", "ES IVA repercutido general", "21", "sale"),
    ("IVA 10% ventas", "ES IVA repercutido reducido", "10", "sale"),
    ("IVA 21% compras bienes", "ES IVA soportado bienes corrientes", "21", "purchase"),
    ("IVA 21% inversión", "ES IVA soportado bienes de inversión", "21", "purchase"),
    ("IVA 10% compras", "ES IVA soportado reducido", "10", "purchase"),
)
"""How two programs call the same taxes: ours, Intacct's, rate, direction."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sets below a folder."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching_sample", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--contacts", type=int, nargs="+", default=[], metavar="COUNT")
    given = parser.parse_args(arguments)
    folder: Path = given.folder
    for count in given.contacts:
        every = -(-count * 6 // 5)  # a sixth is left out of either side
        vendors = every * 3 // 10
        _contacts(Random(f"sample {count}"), folder / f"contacts{count}", _company(every - vendors, vendors))
    if given.contacts:
        return 0
    random, company = Random("sample"), _company(260, 120)
    _contacts(random, folder / "contacts", company)
    accounts: Pairs = []
    for account in company.accounts:
        own = account.no if random.random() < 0.6 else str(random.randrange(100, 999) * 10)
        accounts.append((["", own, _shorter(random, account.title), account.type],
                         ["", account.no, account.title, account.type]))  # fmt: skip
    _write(random, folder / "accounts", "accounts", ACCOUNT, accounts)
    taxes: Pairs = []
    for tax in company.tax_details:
        word, direction = tax.description.split()[3], tax.type.lower()
        name = f"VAT {word.lower()} {f'{tax.rate}% ' if tax.rate else ''}on {direction}s"
        taxes.append((["", "", name, str(tax.rate), direction], ["", "", tax.description, str(tax.rate), direction]))
    _write(random, folder / "tax", "tax", TAX, taxes, alone=0)
    named: Pairs = [
        (["", "", one, rate, direction], ["", "", two, rate, direction]) for one, two, rate, direction in _TAXES
    ]
    _write(random, folder / "tax_names", "tax", TAX, named)
    places: Pairs = [
        (["", "", _shorter(random, place.name)], ["", "", place.name]) for place in company.locations if place.parent
    ]
    _write(random, folder / "tracking", "tracking", TRACKING, places)
    return 0


def _company(customers: int, vendors: int) -> Dataset:
    day = date(2024, 6, 30)
    return property_company(seed=7, customers=customers, vendors=vendors, today=day, invoices=1, bills=1)


def _contacts(random: Random, folder: Path, company: Dataset) -> None:
    parties = [(party, "tenant", "customer") for party in company.customers]
    parties += [(party, "supplier", "vendor") for party in company.vendors]
    contacts: Pairs = [
        (_ours(random, party, ours), ["", party.name, theirs, *_details(party), "GB"])
        for party, ours, theirs in parties
    ]
    _write(random, folder, "contacts", CONTACT, contacts)


def _details(party: Party) -> Row:
    return [party.email, party.phone, party.tax_id, party.address1, party.city, party.postcode]


def _ours(random: Random, party: Party, kind: str) -> Row:
    """A party as somebody else keyed it."""
    name = party.name
    for form, others in _LONG.items():
        if name.endswith(form) and random.random() < 0.5:
            name = name.removesuffix(form) + random.choice(others)
    words = name.split()
    if len(words) == 2 and random.random() < 0.2:
        name = random.choice([f"{words[1]}, {words[0]}", f"{words[0][0]}. {words[1]}", f"Mr {name}", f"Ms {name}"])
    if random.random() < 0.08:
        at = random.randrange(1, len(name) - 1)
        name = name[:at] + name[at + 1 :]
    name = name.upper() if random.random() < 0.1 else name
    email = "" if random.random() < 0.35 else party.email
    phone = "" if random.random() < 0.4 else party.phone.replace(" ", random.choice(["", "-", " "]))
    tax = "" if random.random() < 0.4 else party.tax_id.removeprefix("GB")
    street = party.address1 if random.random() < 0.85 else ""
    for long, short in _SHORT.items():
        street = street.replace(long, short) if random.random() < 0.3 else street
    return ["", name, kind, email, phone, tax, street, party.city, party.postcode if street else "", "GB"]


def _shorter(random: Random, name: str) -> str:
    for long, short in _SHORT.items():
        name = name.replace(long, short) if random.random() < 0.5 else name
    if " and " in name and random.random() < 0.5:
        name = name.replace(" and ", " & ")
    return name


def _write(random: Random, folder: Path, kind: str, head: Row, pairs: Pairs, alone: int = 6) -> None:
    """One set; every sixth record has no counterpart, by turns on either side."""
    local = [row for at, (row, _) in enumerate(pairs) if not alone or at % alone != 1]
    remote = [row for at, (_, row) in enumerate(pairs) if not alone or at % alone != 4]
    random.shuffle(local)
    random.shuffle(remote)
    for side, rows in (("L", local), ("R", remote)):
        for at, row in enumerate(rows):
            row[0] = f"{side}{at:04}"
    truth = [[one[0], two[0], "sure"] for one, two in pairs if one[0] and two[0]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kind.txt").write_text(f"{kind}\n", encoding="utf-8")
    for name, columns, rows in (
        ("local", head, local),
        ("remote", head, remote),
        ("truth", ["local_id", "remote_id", "status"], sorted(truth)),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([columns, *rows])


if __name__ == "__main__":
    sys.exit(main())
