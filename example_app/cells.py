"""How states, money and lines are shown in the lists."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from .documents import InvoiceLine

WORDS = {
    "DFT": ("Draft", "secondary"), "APR": ("Awaiting approval", "warning"), "OK": ("Approved", "primary"),
    "PD": ("Paid", "success"), "VD": ("Void", "dark"),
    "new": ("Draft", "secondary"), "checking": ("Awaiting approval", "warning"), "passed": ("Approved", "primary"),
    "settled": ("Paid", "success"), "cancelled": ("Void", "dark"),
    "CUR": ("Current", "success"), "END": ("Ended", "secondary"), "FUT": ("Signed", "info"),
    "A": ("Active", "success"), "X": ("Left", "secondary"),
}  # fmt: skip


_ROW = Markup("<tr><td>{}</td><td>{}</td><td>{}</td><td class=money>{:,.2f}</td><td class=money>{:,.2f}</td></tr>")


def word(view: Any, context: Any, row: Any, name: str) -> Markup:
    """A code as a word on a coloured badge."""
    text, colour = WORDS.get(getattr(row, name), (getattr(row, name), "light"))
    return Markup('<span class="badge badge-{}">{}</span>').format(colour, text)


def billed(view: Any, context: Any, row: Any, name: str) -> str:
    """The tenant, or the landlord, that an invoice is for."""
    return str(row.tenant or row.landlord or "")


def money(view: Any, context: Any, row: Any, name: str) -> Markup:
    """An amount with its currency."""
    amount = getattr(row, name)
    sign = {"GBP": "£", "EUR": "€"}.get(getattr(row, "currency", "GBP"), "")
    return Markup('<span class="money">{}</span>').format("" if amount is None else f"{sign}{amount:,.2f}")


def lines(view: Any, context: Any, row: Any, name: str) -> Markup:
    """The lines of a document as a small table."""
    cells = []
    for line in row.lines:
        net, tax = (line.net_amt, line.vat_amt) if isinstance(line, InvoiceLine) else (line.net, line.vat)
        cells.append(_ROW.format(str(line), line.account, line.tax_rate or "", net, tax))
    head = Markup("<tr><th>Text</th><th>Account</th><th>VAT</th><th class=money>Net</th><th class=money>VAT</th></tr>")
    return Markup('<div class="table-responsive"><table class="table table-sm mb-0">{}{}</table></div>').format(
        head, Markup("").join(cells)
    )


def choices(*codes: str) -> list[tuple[str, str]]:
    """The codes a person may choose, in words."""
    return [(code, WORDS[code][0]) for code in codes]
