"""Two years of invoices and bills of the simulated property company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TypeVar

from .dataset import DocumentLine, LedgerDocument, Party

DAYS = 730
REVERSED_SHARE = 0.02
T = TypeVar("T")
_CENT = Decimal("0.01")
_PORTFOLIO_IDS = ("OWN", "FFT", "ALB", "NQP", "CLI")


@dataclass(frozen=True, slots=True)
class Books:
    """What documents are written with: the day, the entities, their locations, the rate of each tax detail."""

    today: date
    entities: Sequence[str]
    places: Mapping[str, Sequence[str]]
    rates: Mapping[str, Decimal]

    def line(self, rng: Random, side: str, rate: str, account: str, amount: Decimal, memo: str) -> DocumentLine:
        """A line without its dimensions."""
        detail = f"UK {side} Goods {rate} Rate"
        tax = (amount * self.rates[detail] / 100).quantize(_CENT, ROUND_HALF_UP)
        portfolio = _PORTFOLIO_IDS[int(rng.random() * 5)] if rng.random() < 0.7 else ""
        return DocumentLine(account, amount, detail, tax, memo, udd=portfolio)


def make_invoices(
    rng: Random, books: Books, parties: Sequence[Party], homes: Sequence[str], count: int
) -> list[LedgerDocument]:
    """`count` invoices over two years, each fiftieth reversed; numbered in the order of their dates."""
    if not parties or not count:
        return []
    reversals = int(count * REVERSED_SHARE)
    ages = sorted((int(rng.random() * DAYS) for _ in range(count - reversals)), reverse=True)
    backwards = set(rng.sample(range(len(ages) * 9 // 10), reversals))
    chosen = _busy(rng, len(parties))
    made = []
    for index, age in enumerate(ages):
        who = next(chosen)
        party, entity = parties[who], homes[who]
        day = books.today - timedelta(days=age)
        lines, reference, description = _invoice_lines(rng, books, party, day)
        location = _pick(rng, books.places[entity])
        department, class_id = ("300", "COM") if party.tax_id else (_pick(rng, ("100", "200")), "RES")
        invoice = LedgerDocument(
            number=f"INV-{100001 + index}",
            party=party.id,
            date=day,
            due=day + timedelta(days=(0, 7, 14, 30)[int(rng.random() * 4)]),
            lines=_placed(lines, location, department, class_id),
            entity=entity,
            reference=reference,
            description=description,
        )
        states = ("Draft", "Draft", "Posted", "Posted", "Posted")
        made += _in_state(rng, books, invoice, age, index in backwards, states)
    return made


def make_bills(
    rng: Random, books: Books, parties: Sequence[Party], trades: Sequence[tuple[str, str]], count: int
) -> list[LedgerDocument]:
    """`count` bills over two years, each fiftieth reversed; numbered as the vendors number them."""
    if not parties or not count:
        return []
    reversals = int(count * REVERSED_SHARE)
    ages = sorted((int(rng.random() * DAYS) for _ in range(count - reversals)), reverse=True)
    backwards = set(rng.sample(range(len(ages) * 9 // 10), reversals))
    chosen = _busy(rng, len(parties))
    made = []
    for index, age in enumerate(ages):
        who = next(chosen)
        account, home = trades[who]
        entity = home if rng.random() < 0.8 else _pick(rng, books.entities)
        day = books.today - timedelta(days=age)
        prefix = "".join(word[0] for word in parties[who].name.split() if word[0].isalpha())[:3].upper()
        bill = LedgerDocument(
            number=f"{prefix}{4000 + index * 7}",
            party=parties[who].id,
            date=day,
            due=day + timedelta(days=30),
            lines=_placed(_bill_lines(rng, books, account), _pick(rng, books.places[entity]), "220", "RES"),
            entity=entity,
            reference=f"PO-{3000 + index}" if rng.random() < 0.6 else "",
            description=_pick(rng, ("Works order", "Quarterly account", "Call-out", "Annual contract")),
        )
        states = ("Draft", "Submitted", "Partially Approved", "Declined", "Posted", "Posted")
        made += _in_state(rng, books, bill, age, index in backwards, states)
    return made


def _busy(rng: Random, count: int) -> Iterator[int]:
    """Endless indexes below `count`: all get a turn, few get many."""
    while True:
        yield int(rng.random() * count)
        yield int(rng.random() ** 3 * count)


def _invoice_lines(rng: Random, books: Books, party: Party, day: date) -> tuple[list[DocumentLine], str, str]:
    firm = bool(party.tax_id)
    month = f"{day:%b %Y}"
    dice = rng.random()
    if dice < 0.7:
        rent = _money(rng, 1500, 9000) if firm else _money(rng, 650, 2600)
        account, rate = ("4010", "Standard") if firm else ("4000", "Exempt")
        lines = [books.line(rng, "Sale", rate, account, rent, f"Rent {month}")]
        if rng.random() < 0.3:
            lines.append(books.line(rng, "Sale", rate, "4100", _money(rng, 40, 400), f"Service charge {month}"))
        if rng.random() < 0.15:
            lines.append(books.line(rng, "Sale", "Standard", "4030", _money(rng, 30, 120), f"Parking {month}"))
        reference = f"T{party.id[1:]}-{day:%y%m}"
        return lines, reference, f"Rent {month}"
    if dice < 0.84:
        lines = [books.line(rng, "Sale", "Reduced", "4120", _money(rng, 25, 260), "Heating and light")]
        if rng.random() < 0.4:
            lines.append(books.line(rng, "Sale", "Zero", "4120", _money(rng, 15, 90), "Water"))
        return lines, f"UTIL-{day:%y%m}", "Utilities recharged"
    if dice < 0.94:
        repair = books.line(rng, "Sale", "Standard", "4130", _money(rng, 45, 800), "Repair recharged")
        return [repair], f"WO-{int(rng.random() * 90000) + 10000}", "Repairs recharged"
    account, memo = _pick(rng, (("4220", "Renewal fee"), ("4240", "Inspection fee"), ("4250", "Licence to alter")))
    return [books.line(rng, "Sale", "Standard", account, _money(rng, 60, 450), memo)], "", memo


def _bill_lines(rng: Random, books: Books, account: str) -> list[DocumentLine]:
    rate = {"5200": "Reduced", "5220": "Zero", "5300": "Exempt", "5310": "Exempt"}.get(account, "Standard")
    lines = [books.line(rng, "Purchase", rate, account, _money(rng, 60, 1800), "Work done")]
    if rate == "Standard" and rng.random() < 0.35:
        lines.append(books.line(rng, "Purchase", rate, account, _money(rng, 10, 400), "Materials"))
    return lines


def _in_state(
    rng: Random,
    books: Books,
    document: LedgerDocument,
    age: int,
    backwards: bool,
    fresh: Sequence[str],
) -> list[LedgerDocument]:
    """The document in a state that fits its age, with its reversal if it has one."""
    if backwards:
        day = min(books.today, document.date + timedelta(days=3 + int(rng.random() * 20)))
        lines = tuple(replace(line, amount=-line.amount, tax=-line.tax) for line in document.lines)
        undone = replace(
            document,
            number=f"{document.number}-R",
            date=day,
            due=day,
            lines=lines,
            description=f"Reversal of {document.number}",
            state="Reversal",
        )
        return [replace(document, state="Reversed"), undone]
    gross = sum((line.amount + line.tax for line in document.lines), Decimal("0.00"))
    dice = rng.random()
    if age < 30:
        return [replace(document, state=_pick(rng, fresh))]
    if (age < 75 and dice < 0.45) or dice < 0.06:
        return [document]
    if dice < 0.14 or (age < 75 and dice < 0.6):
        part = (gross * (20 + int(rng.random() * 60)) / 100).quantize(_CENT, ROUND_HALF_UP)
        return [replace(document, state="Partially Paid", paid=part)]
    return [replace(document, state="Paid", paid=gross)]


def _placed(lines: Sequence[DocumentLine], location: str, department: str, class_id: str) -> tuple[DocumentLine, ...]:
    return tuple(replace(line, location=location, department=department, class_id=class_id) for line in lines)


def _money(rng: Random, low: int, high: int) -> Decimal:
    """An amount between two sums of pounds: mostly whole fives, else to the cent."""
    pounds = low + int(rng.random() * (high - low))
    if rng.random() < 0.5:
        return Decimal(pounds - pounds % 5).quantize(_CENT)
    return Decimal(pounds * 100 + int(rng.random() * 100)).scaleb(-2)


def _pick(rng: Random, values: Sequence[T]) -> T:
    return values[int(rng.random() * len(values))]
