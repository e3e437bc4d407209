"""Dates and times as one user of Sage Intacct has them written: order, separator, clock and zone.

Each user chooses them, and `readUserFormatting` tells them: `/mdY` is month, day and year of four digits with slashes.
The choices are those that Intacct offers; any other is an :class:`UnknownFormat`, never a guess, because 03/04 read the
wrong way round is a date too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal

from .errors import UnknownFormat

_ORDERS = frozenset({"mdy", "dmy", "ymd"})
_SEPARATORS = frozenset("/.- ")
_CLOCKS = frozenset({"12", "24"})
# Locales that write a decimal point. Amounts come with a point for all that is known; with another locale who knows.
_LOCALES = frozenset({"en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_NZ"})
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")
_TIME = r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?: ?([ap])\.?m\.?)?(?: ?(z|[+-][0-9]{2}:?[0-9]{2}))?"
_CENTURY = 70  # of two digits: 70 is 1970, 69 is 2069, as POSIX has it


def _known(order: str) -> bool:
    separator, letters = order[:1], order[1:]
    return separator in _SEPARATORS and letters.replace("Y", "y") in _ORDERS


@dataclass(frozen=True, slots=True)
class UserFormat:
    """How one user's dates and times are written. The default is the documented form, in UTC.

    The documentation knows only mm/dd/yyyy, sent and received; yet each user has a form, and clients in production
    refuse to work with any other. So what comes back is read in the user's form, and what is sent (dates of generic
    objects, values of filters) is written in it as well: one setting, both ways. `written="documented"` is for a
    company that turns out to take only the documented form. Old functions have year, month and day apart.

    :param locale: For example `en_US`.
    :param date_format: Separator (`/`, `.`, `-`, blank) and order: `/mdY`, `.ymd`; `Y` has four digits, `y` two.
    :param offset: What the user's clock is ahead of UTC.
    :param clock: `24` or `12`.
    :param written: The form of what is sent: the `user`'s or the `documented` one.
    :raises UnknownFormat: for what Intacct does not offer, or a locale that may write amounts with a comma.
    """

    locale: str = "en_US"
    date_format: str = "/mdY"
    offset: timedelta = timedelta(0)
    clock: str = "24"
    written: Literal["user", "documented"] = "user"

    def __post_init__(self) -> None:
        if self.locale not in _LOCALES or self.clock not in _CLOCKS or not _known(self.date_format):
            raise UnknownFormat(
                f"the API user's format is locale {self.locale[:20]!r}, date {self.date_format[:20]!r}, clock"
                f" {self.clock[:20]!r}"
            )

    @classmethod
    def parse(cls, row: Mapping[str, Any], written: Literal["user", "documented"] = "user") -> UserFormat:
        """Read a `userformatting` row.

        :raises UnknownFormat: for any form that we would misread: dates and amounts would be silently wrong.
        """
        told = {name: str(row.get(name) or "").strip() for name in ("LOCALE", "DATEFORMAT", "GMTOFFSET", "CLOCK")}
        away = _offset(told["GMTOFFSET"])
        if away is None:
            raise UnknownFormat(f"the API user's format has an offset from Greenwich of {told['GMTOFFSET'][:20]!r}")
        # A blank in front is lost on the way.
        return cls(told["LOCALE"], told["DATEFORMAT"].rjust(4), away, told["CLOCK"], written)

    def row(self) -> dict[str, str]:
        """What :meth:`parse` reads, to be stored."""
        minutes = int(self.offset.total_seconds()) // 60
        away = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
        return {"LOCALE": self.locale, "DATEFORMAT": self.date_format, "GMTOFFSET": away, "CLOCK": self.clock}


USUAL = UserFormat()


def to_date(value: str | None, form: UserFormat = USUAL) -> date | None:
    """Read a date (also that of a timestamp, as it is written there); None for an empty value.

    :raises ValueError: for anything that is not of this form.
    """
    if not value or not value.strip():
        return None
    day, _, _ = _read(value.strip(), form, "date")
    return day


def from_date(value: date, form: UserFormat = USUAL) -> str:
    """Write a date: `mm/dd/yyyy` by default.

    :raises ValueError: for a year that two digits can't tell, where the form has two.
    """
    order = form.date_format if form.written == "user" else USUAL.date_format
    if "y" in order and _year(value.year % 100) != value.year:
        raise ValueError(f"the year {value.year} can't be written with two digits")
    parts = {"m": f"{value.month:02}", "d": f"{value.day:02}", "y": f"{value.year % 100:02}", "Y": f"{value.year:04}"}
    return order[0].join(parts[letter] for letter in order[1:])


def to_timestamp(value: str | None, form: UserFormat = USUAL) -> datetime | None:
    """Read a timestamp, also one without its time, as an aware UTC time; None for an empty value.

    A time with AM or PM counts to twelve, any other to 24, whatever the user's clock.

    :param form: Names the user's zone too, which counts where the text itself has none (`+0100`, `Z`): fields of one
        row may differ.
    :raises ValueError: for anything that is not of this form.
    """
    if not value or not value.strip():
        return None
    day, (hour, minute, second), own = _read(value.strip(), form, "time")
    offset = form.offset if own is None else own
    return _moved(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC), -offset)


def from_timestamp(value: datetime, form: UserFormat = USUAL) -> str:
    """Write a timestamp in the user's zone: `mm/dd/yyyy hh:mm:ss` by default.

    :raises ValueError: for a time without a zone.
    """
    if value.utcoffset() is None:
        raise ValueError("a time without a zone can't be sent")
    local = _moved(value.replace(tzinfo=UTC), form.offset - (value.utcoffset() or timedelta(0)))
    minutes = f"{local.minute:02}:{local.second:02}"
    if form.clock == "12" and form.written == "user":
        return f"{from_date(local, form)} {local.hour % 12 or 12:02}:{minutes} {'AM' if local.hour < 12 else 'PM'}"
    return f"{from_date(local, form)} {local.hour:02}:{minutes}"


def _offset(written: str) -> timedelta | None:
    """None for one that no place on earth has."""
    found = _OFFSET.fullmatch(written)
    if found is None or int(found[3]) > 59:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3])) * (-1 if found[1] == "-" else 1)
    return away if timedelta(hours=-12) <= away <= timedelta(hours=14) else None


@lru_cache(maxsize=64)
def _pattern(order: str) -> re.Pattern[str]:
    parts = {"m": "(?P<m>[0-9]{1,2})", "d": "(?P<d>[0-9]{1,2})", "y": "(?P<y>[0-9]{2})", "Y": "(?P<y>[0-9]{4})"}
    day = re.escape(order[0]).join(parts[letter] for letter in order[1:])
    return re.compile(f"{day}(?:[ T]{_TIME})?", re.IGNORECASE)


def _read(value: str, form: UserFormat, what: str) -> tuple[date, tuple[int, int, int], timedelta | None]:
    """The day, the time, and what that is ahead of UTC if the text itself tells."""
    found = _pattern(form.date_format).fullmatch(value)
    if found is None:
        raise ValueError(f"{value[:40]!r} is not a {what} of the form {_shown(form)}")
    year = int(found["y"])
    day = date(_year(year) if "y" in form.date_format else year, int(found["m"]), int(found["d"]))
    hour, minute, second, half, zone = found.groups()[3:]
    if hour is None:
        return day, (0, 0, 0), None
    own = None if zone is None else timedelta(0) if zone in "zZ" else _offset(zone)
    if zone is not None and own is None:
        raise ValueError(f"{value[:40]!r} has a zone that no place on earth has")
    told = time(_hour(int(hour), half), int(minute), int(second))
    return day, (told.hour, told.minute, told.second), own


def _hour(hour: int, half: str | None) -> int:
    """Of a day, whether told by 24 or by twelve.

    :raises ValueError: for an hour that there is not.
    """
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"there is no hour {hour} on a clock of twelve")
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _year(two_digits: int) -> int:
    return two_digits + (1900 if two_digits >= _CENTURY else 2000)


def _shown(form: UserFormat) -> str:
    letters = {"m": "mm", "d": "dd", "y": "yy", "Y": "yyyy"}
    return form.date_format[0].join(letters[letter] for letter in form.date_format[1:])


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError as error:
        raise ValueError(f"{moment} lies at the end of time") from error
