"""The reader's language: our texts by our own catalogues, which the host's Flask-Babel chooses among if there is one.

Without Flask-Babel, or where the application did not initialise it, every text is English. The catalogues lie in
``translations/<language>/LC_MESSAGES/intacct.mo``; `make messages` renews them.
"""

from __future__ import annotations

import gettext as catalogues
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app, has_app_context

DOMAIN = "intacct"
PLACE = Path(__file__).parent / "translations"


def gettext(text: str, **values: Any) -> str:
    """A text in the reader's language, with `values` in the places of their names."""
    found = _catalogue(_language()).gettext(text) if text else ""
    return found % values if values else found


def ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """A text that goes by a number, which it may name as ``%(num)s``."""
    return _catalogue(_language()).ngettext(singular, plural, number) % {"num": number, **values}


def marked(text: str) -> str:
    """The text itself: it is collected for the catalogues here, and looked up where it is shown."""
    return text


class LazyText:
    """A text that is looked up each time it is shown, for what is written down before there is a reader."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return gettext(self._text)

    def __repr__(self) -> str:
        return f"LazyText({self._text!r})"


def lazy_gettext(text: str) -> Any:
    """A :class:`LazyText`; libraries that want a str take it as one."""
    return LazyText(text)


def moment(at: datetime) -> str:
    """A moment as people write it, in UTC."""
    locale = _locale()
    if locale is None:
        return f"{at.day} {at:%b %Y, %H:%M} UTC"
    from babel.dates import format_datetime  # comes with the Flask-Babel that gave the locale

    pattern = "d. MMM y, HH:mm 'UTC'" if locale.language == "de" else "d MMM y, HH:mm 'UTC'"
    return str(format_datetime(at.astimezone(UTC), pattern, locale=locale))


def day(at: date) -> str:
    """A day as people write it."""
    locale = _locale()
    if locale is None:
        return f"{at.day} {at:%B %Y}"
    from babel.dates import format_date  # as above

    return str(format_date(at, "d MMMM y", locale=locale))


def money(amount: Decimal) -> str:
    """An amount with two places and thousands apart."""
    locale = _locale()
    if locale is None:
        return f"{amount:,.2f}"
    from babel.numbers import format_decimal  # as above

    return str(format_decimal(amount, "#,##0.00", locale=locale))


def count(number: int) -> str:
    """A number of things, thousands apart."""
    locale = _locale()
    if locale is None:
        return f"{number:,}"
    from babel.numbers import format_decimal  # as above

    return str(format_decimal(number, locale=locale))


def languages() -> list[str]:
    """The languages that there is a catalogue for, besides English."""
    return sorted(path.parent.parent.name for path in PLACE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


def _locale() -> Any:
    """The reader's locale; None where the application knows none."""
    if not has_app_context() or "babel" not in current_app.extensions:
        return None
    from flask_babel import get_locale  # the application has initialised it

    return get_locale()


def _language() -> str:
    locale = _locale()
    return str(locale) if locale is not None else ""


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    names = [language, language.split("_")[0]] if language else []
    return catalogues.translation(DOMAIN, PLACE, names, fallback=True) if names else catalogues.NullTranslations()
