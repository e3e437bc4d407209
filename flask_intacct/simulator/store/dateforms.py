"""How one user has dates and times written: order, separator, clock, zone. Each user of Intacct chooses his own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

CENTURY = 70
"""Two digits from here on are a year of the last century; the gateway's own rule is not public."""
_TIME = r"(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])[Mm])?)?"
_TWO = [f"{number:02d}" for number in range(100)]


@dataclass(frozen=True, slots=True)
class DateForm:
    """One user's form, as `readUserFormatting` tells it.

    :param order: a separator and an order: `/mdY` is month, day and year of four digits, `.ymd` has two of the year.
    :param offset: what the clock is ahead of UTC: `+0000`, `+09:30`; anything else is told, and counts for nothing.
    :param clock: `24` or `12`; anything else is told, and taken for 24.
    :raises ValueError: for an order in which no date can be written.
    """

    order: str = "/mdY"
    offset: str = "+0000"
    clock: str = "24"
    locale: str = "en_US"

    def __post_init__(self) -> None:
        letters = sorted(self.order[1:].replace("Y", "y"))
        fits = letters == ["d", "m", "y"] and not self.order[0].isalnum()
        if not fits:
            raise ValueError(f"no form of dates: {self.order!r}")

    @property
    def ahead(self) -> timedelta:
        if not re.fullmatch(r"[+-]\d\d:?\d\d", self.offset, re.ASCII):
            return timedelta()
        hours, minutes = int(self.offset[1:3]), int(self.offset[-2:])
        return timedelta(hours=hours, minutes=minutes) * (-1 if self.offset[0] == "-" else 1)

    def day(self, value: date) -> str:
        if self.order == "/mdY":  # what nearly everybody has
            return f"{_TWO[value.month]}/{_TWO[value.day]}/{value.year:04d}"
        parts = {"m": _TWO[value.month], "d": _TWO[value.day], "y": _TWO[value.year % 100], "Y": f"{value.year:04d}"}
        return self.order[0].join(parts[letter] for letter in self.order[1:])

    def moment(self, value: datetime) -> str:
        """A time in UTC as this user reads it."""
        if self.offset not in ("+0000", "+00:00"):
            value = value + self.ahead
        minutes = f"{_TWO[value.minute]}:{_TWO[value.second]}"
        if self.clock != "12":
            return f"{self.day(value)} {_TWO[value.hour]}:{minutes}"
        return f"{self.day(value)} {_TWO[value.hour % 12 or 12]}:{minutes} {'AM' if value.hour < 12 else 'PM'}"

    def read_day(self, text: str) -> date:
        """
        :raises ValueError: it is not of this form.
        """
        return self._read(text).date()

    def read_moment(self, text: str) -> datetime:
        """A time in UTC.

        :raises ValueError: it is not of this form.
        """
        return self._read(text) - self.ahead

    def _read(self, text: str) -> datetime:
        found = _pattern(self.order).fullmatch(text)
        if found is None:
            raise ValueError(text)
        *parts, hour, minute, second, half = found.groups()
        given = {letter.lower(): int(part) for letter, part in zip(self.order[1:], parts, strict=True)}
        year = given["y"]
        if "y" in self.order:
            year += 1900 if year >= CENTURY else 2000
        hours = int(hour or 0)
        if half is not None:
            if not 1 <= hours <= 12:
                raise ValueError(text)
            hours = hours % 12 + (12 if half.lower() == "p" else 0)
        return datetime(year, given["m"], given["d"], hours, int(minute or 0), int(second or 0))  # noqa: DTZ001 - no zone


@cache
def _pattern(order: str) -> re.Pattern[str]:
    digits = {"m": r"(\d{1,2})", "d": r"(\d{1,2})", "y": r"(\d{2})", "Y": r"(\d{4})"}
    return re.compile(re.escape(order[0]).join(digits[letter] for letter in order[1:]) + _TIME)


USUAL = DateForm()
_forms: ContextVar[tuple[DateForm, DateForm]] = ContextVar("forms", default=(USUAL, USUAL))


def written() -> DateForm:
    """The form of what is read at the moment by somebody."""
    return _forms.get()[0]


def given() -> DateForm:
    """The form of what somebody sends at the moment."""
    return _forms.get()[1]


@contextmanager
def forms(out: DateForm, into: DateForm) -> Iterator[None]:
    """Write and read the dates of one user for a while."""
    token = _forms.set((out, into))
    try:
        yield
    finally:
        _forms.reset(token)
