"""A UK property company as Intacct would hold it: the same seed and day give the same company, to the cent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from random import Random

from . import names
from .chart_of_accounts import chart_of_accounts
from .dataset import Dataset, DimensionValue, Entity, LedgerDocument, Party, TaxDetail
from .property_documents import Books, make_bills, make_invoices

LOCATIONS = 40
INVOICES = 1500
BILLS = 600

_ENTITY_IDS = ("LON", "BRS", "MAN", "LDS", "EDI", "SHF", "LIV", "LEI")
_RATES = (("Standard", "20"), ("Reduced", "5"), ("Zero", "0"), ("Exempt", "0"))
_DEPARTMENTS = (
    ("100", "Lettings", ""),
    ("110", "Student Lettings", "100"),
    ("200", "Property Management", ""),
    ("210", "Block Management", "200"),
    ("220", "Maintenance", "200"),
    ("300", "Commercial", ""),
    ("900", "Head Office", ""),
)
_CLASSES = (
    ("RES", "Residential"),
    ("COM", "Commercial"),
    ("STU", "Student"),
    ("HMO", "House in Multiple Occupation"),
    ("MIX", "Mixed Use"),
)
_KIN_CUSTOMERS, _KIN_VENDORS = (184, 259), (45,)
"""Places in the lists: whoever stands there is easily taken for the one before."""
_PORTFOLIOS = (
    ("OWN", "Own Estate"),
    ("FFT", "Finch Family Trust"),
    ("ALB", "Albany Pension Fund"),
    ("NQP", "North Quay Partnership"),
    ("CLI", "Individual Clients"),
)


def property_company(
    seed: int = 1,
    customers: int = 400,
    vendors: int = 150,
    entities: int = 3,
    today: date | None = None,
    invoices: int = INVOICES,
    bills: int = BILLS,
) -> Dataset:
    """Make the company.

    :param seed: The same seed makes the same company; more customers leave the first ones as they are.
    :param customers: How many; a million takes some seconds.
    :param vendors: How many.
    :param entities: How many, at least one; the 40 locations are spread over them.
    :param today: The last day of the two years of documents; the day of the call if left out.
    :param invoices: How many invoices, reversals included.
    :param bills: How many bills, reversals included.
    """
    if entities < 1:
        raise ValueError("a company has at least one entity")
    today = today or datetime.now(UTC).date()
    units = _entities(entities)
    locations = _locations(Random(f"{seed}-locations"), units)
    people, homes = _customers(Random(f"{seed}-customers"), customers, units)
    firms, trades = _vendors(Random(f"{seed}-vendors"), vendors, units, people)
    places: dict[str, list[str]] = {unit.id: [] for unit in units}
    for location in locations:
        places[location.parent].append(location.id)
    books = Books(today, [unit.id for unit in units], places, {detail.id: detail.rate for detail in _taxes()})
    return Dataset(
        entities=units,
        tax_details=_taxes(),
        accounts=chart_of_accounts(),
        locations=locations,
        departments=tuple(DimensionValue(*row) for row in _DEPARTMENTS),
        classes=tuple(DimensionValue(*row) for row in _CLASSES),
        udd_name="PORTFOLIO",
        udd_label="Portfolio",
        udd_values=tuple(DimensionValue(*row) for row in _PORTFOLIOS),
        customers=people,
        vendors=firms,
        invoices=_documents(make_invoices(Random(f"{seed}-invoices"), books, people, homes, invoices)),
        bills=_documents(make_bills(Random(f"{seed}-bills"), books, firms, trades, bills)),
    )


def _documents(found: list[LedgerDocument]) -> tuple[LedgerDocument, ...]:
    return tuple(sorted(found, key=lambda document: (document.date, document.number, document.state)))


def _entities(count: int) -> tuple[Entity, ...]:
    units = []
    for index in range(count):
        city = names.CITIES[index % len(names.CITIES)][0]
        branch = index // len(names.CITIES)
        number = f" {branch + 1}" if branch else ""
        code = _ENTITY_IDS[index % len(_ENTITY_IDS)] + (str(branch + 1) if branch else "")
        units.append(Entity(code, f"Marlow & Finch {city}{number} Ltd"))
    return tuple(units)


def _taxes() -> tuple[TaxDetail, ...]:
    return tuple(
        TaxDetail(
            id=f"UK {side} Goods {word} Rate",
            description=f"UK {side} Goods {word} Rate",
            type=side,
            rate=Decimal(rate),
            account="2100" if side == "Sale" else "1200",
        )
        for side in ("Sale", "Purchase")
        for word, rate in _RATES
    )


def _locations(rng: Random, units: tuple[Entity, ...]) -> tuple[DimensionValue, ...]:
    """Every entity has a building; the first has most of them."""
    titles = list(names.BUILDINGS)
    rng.shuffle(titles)
    made = []
    for index in range(max(LOCATIONS, len(units))):
        unit = units[index] if index < len(units) else units[_weighted(rng, len(units))]
        title = titles[index % len(titles)]
        kind = names.BUILDING_KINDS[int(rng.random() * len(names.BUILDING_KINDS))]
        made.append(DimensionValue(f"P{index + 1:03d}", f"{title} {kind}", unit.id))
    return tuple(made)


def _customers(rng: Random, count: int, units: tuple[Entity, ...]) -> tuple[tuple[Party, ...], list[str]]:
    """The customers, and beside each the entity it deals with."""
    made: list[Party] = []
    homes, taken = [], set[str]()
    for index in range(count):
        home = _weighted(rng, len(units))
        city = names.CITIES[home % len(names.CITIES)]
        firm = rng.random() < 0.25
        for _ in range(4):
            name = _firm_name(rng, names.TENANT_TRADES) if firm else _person_name(rng)
            if name not in taken:
                break
        taken.add(name)
        own = rng.random() < 0.1
        party = _party(rng, f"C{10001 + index}", name, city, firm, units[home].id if own else "", index)
        made.append(_kin(party, made[-1]) if index in _KIN_CUSTOMERS else party)
        homes.append(units[home].id)
    return tuple(made), homes


def _vendors(
    rng: Random, count: int, units: tuple[Entity, ...], people: tuple[Party, ...]
) -> tuple[tuple[Party, ...], list[tuple[str, str]]]:
    """The vendors, and beside each its trade's account and home. Every fiftieth is also a customer: a landlord."""
    landlords = iter([person for person in people if person.tax_id][:: max(1, len(people) // 40)])
    made: list[Party] = []
    trades, taken = [], set[str]()
    for index in range(count):
        home = _weighted(rng, len(units))
        twin = next(landlords, None) if index % 50 == 7 else None
        trade, account = names.VENDOR_TRADES[int(rng.random() * len(names.VENDOR_TRADES))]
        for _ in range(4):
            name = _firm_name(rng, (trade,))
            if name not in taken:
                break
        taken.add(name)
        city = names.CITIES[int(rng.random() * len(names.CITIES))]
        number = f"V{20001 + index}"
        if twin is None:
            party = _party(rng, number, name, city, True, "", index)
            made.append(_kin(party, made[-1]) if index in _KIN_VENDORS else party)
        else:
            account = "5310"
            made.append(
                Party(
                    number,
                    twin.name,
                    twin.email,
                    twin.phone,
                    twin.tax_id,
                    twin.address1,
                    twin.city,
                    twin.postcode,
                )
            )
        trades.append((account, units[home].id))
    return tuple(made), trades


@cache
def _weights(count: int) -> tuple[list[int], int]:
    weights = [names.CITIES[index % len(names.CITIES)][3] for index in range(count)]
    return weights, sum(weights)


def _weighted(rng: Random, count: int) -> int:
    """An index below `count`, the first ones more often."""
    weights, total = _weights(count)
    point = rng.random() * total
    for index, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return index
    return count - 1


def _person_name(rng: Random) -> str:
    first = names.FIRST_NAMES[int(rng.random() * len(names.FIRST_NAMES))]
    return f"{first} {names.LAST_NAMES[int(rng.random() * len(names.LAST_NAMES))]}"


def _firm_name(rng: Random, trades: tuple[str, ...]) -> str:
    word = names.FIRM_WORDS[int(rng.random() * len(names.FIRM_WORDS))]
    if rng.random() < 0.2:
        word = f"{names.LAST_NAMES[int(rng.random() * len(names.LAST_NAMES))]} & {word}"
    trade = trades[int(rng.random() * len(trades))]
    return f"{word} {trade} {names.FIRM_FORMS[int(rng.random() * len(names.FIRM_FORMS))]}"


def _kin(party: Party, of: Party) -> Party:
    """The party, renamed to the child of another in the same house, or to a firm's other branch."""
    form = next((form for form in names.FIRM_FORMS if of.name.endswith(f" {form}")), "")
    if form:
        branch = f"{of.name.removesuffix(form)}({names.BRANCH}) {form}"
        return replace(party, name=branch, email=of.email.replace("accounts@", f"{names.BRANCH.lower()}@"))
    email = of.email.replace("@", ".jnr@")
    return replace(party, name=f"{of.name} Jnr", email=email, address1=of.address1, postcode=of.postcode)


_SIGNS = re.compile(r"[\W_]+")


def _party(
    rng: Random,
    number: str,
    name: str,
    city: tuple[str, str, tuple[str, ...], int],
    firm: bool,
    entity: str,
    index: int,
) -> Party:
    town, phone, districts, _ = city
    street = names.STREETS[int(rng.random() * len(names.STREETS))]
    kind = names.STREET_KINDS[int(rng.random() * len(names.STREET_KINDS))]
    letters = names.INWARD_LETTERS
    inward = f"{int(rng.random() * 10)}{letters[int(rng.random() * 20)]}{letters[int(rng.random() * 20)]}"
    words = _SIGNS.sub(" ", name.lower()).split()
    if firm:
        email = f"accounts@{'-'.join(words[:3])}.example"
        telephone = f"{phone}{int(rng.random() * 1000):03d}"
    else:
        email = f"{'.'.join(words)}{index if index > 400 else ''}@example.{('com', 'net', 'org')[index % 3]}"
        telephone = f"07700 900{int(rng.random() * 1000):03d}"
    return Party(
        id=number,
        name=name,
        email=email,
        phone=telephone,
        tax_id=vat_number(rng) if firm and rng.random() < 0.85 else "",
        address1=f"{1 + int(rng.random() * 180)} {street} {kind}",
        city=town,
        postcode=f"{districts[int(rng.random() * len(districts))]} {inward}",
        entity=entity,
        active=rng.random() > 0.03,
    )


def vat_number(rng: Random) -> str:
    """A UK VAT number whose check digits are right."""
    digits = f"{1000000 + int(rng.random() * 8999999)}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True))
    return f"GB{digits}{97 - total % 97:02d}"
