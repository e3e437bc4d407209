"""Currencies: which one a document is in, and what an amount of it comes to in the base currency."""

from __future__ import annotations

from decimal import Decimal

from ..company import Company
from ..errors import invalid
from ..store.values import Row, money

ONE = Decimal(1)
LARGEST = Decimal(10) ** 6


def own(company: Company, entity: str) -> str:
    """The base currency of an entity, or of the company."""
    found = company.entities.get(entity)
    return found.currency if found else company.base_currency


def rate(company: Company, currency: str, base: str, given: Decimal | None) -> Decimal:
    """What one of `currency` is worth in `base`: the rate given, or that of the company's table.

    :raises FunctionRefusal: a currency that the company does not know, or a rate out of all proportion.
    """
    if currency == base:
        return ONE
    known = company.switches.rates
    if not known:
        raise invalid(f"Invalid currency '{currency[:20]}' specified.", f"The books are kept in {base} only.")
    if currency != company.base_currency and currency not in known:
        raise invalid(f"Invalid currency '{currency[:20]}' specified.")
    if given is None:
        given = _worth(company, currency) / _worth(company, base)
    if not 0 < given < LARGEST:
        raise invalid(f"Invalid exchange rate {given}.")
    return given


def _worth(company: Company, currency: str) -> Decimal:
    text = "1" if currency == company.base_currency else company.switches.rates.get(currency)
    if text is None:
        raise invalid(f"There is no exchange rate for {currency}.")
    return Decimal(text)


def of(row: Row) -> Decimal:
    """The rate that a record was written with."""
    found: Decimal = row.get("EXCHANGE_RATE", ONE)
    return found


def base_part(total: Decimal, base_total: Decimal, part: Decimal, rate: Decimal) -> Decimal:
    """A part of an amount in the base currency; all of it is all of it, whatever the roundings came to."""
    return base_total if total and part == total else money(part * rate)
