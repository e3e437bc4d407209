"""Screens in the language that the host's Flask-Babel chooses for the reader."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from flask_intacct import translation

WITH_BABEL = Path(sys.prefix) / "with-babel"
"""Where `make test` puts Flask-Babel: apart, because Flask-Admin would need it initialised in every application."""


def speaking(language: str) -> dict[str, Any]:
    return all_languages()[language]  # type: ignore[no-any-return]


@cache
def all_languages() -> dict[str, Any]:
    assert WITH_BABEL.is_dir(), "make test installs Flask-Babel there"
    script = Path(__file__).parent / "speaking.py"
    path = os.pathsep.join(
        [str(WITH_BABEL), str(Path.cwd()), str(script.parent.parent), os.environ.get("PYTHONPATH", "")]
    )
    done = subprocess.run(
        [sys.executable, str(script), "en", "de", "de_AT", "ja"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_pages_are_german_for_a_german_reader() -> None:
    pages = speaking("de")
    assert "<h1>Firmen</h1>" in pages["companies/"]
    assert "Verbunden" in pages["companies/"]
    assert "Nicht verbunden" in pages["companies/"]
    assert "Jetzt abgleichen" in pages["companies/1/"]
    assert "Was abgeglichen wird" in pages["connect/1/overview"]


def shown(page: str) -> str:
    """What a person reads or hears of a page."""
    attributes = re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]+)"', page)
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return unescape("\n".join([re.sub(r"<[^>]+>", "\n", text), *attributes]))


def forms(text: Any) -> tuple[str, ...]:
    """The one form of a text, or those that go by a number."""
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def fragments() -> tuple[str, ...]:
    """The English of our texts between the places of values, as far as no German text has it too."""
    with (translation.PLACE / "de" / "LC_MESSAGES" / "intacct.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    german = "\n".join(form for entry in entries for form in forms(entry.string))
    english = [form for entry in entries for form in forms(entry.id)]
    parts = {part.strip(" .,:;()/") for form in english for part in re.split(r"%\(\w+\)s|%%", form)}
    return tuple(sorted(part for part in parts if len(part) > 3 and part not in german))


def english_in(text: str) -> list[str]:
    """The English of ours that is left in a text."""
    return [part for part in fragments() if part in text and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)]


def test_no_english_of_a_text_that_has_german_is_left_on_a_german_page() -> None:
    left = {name: english_in(shown(page)) for name, page in speaking("de").items() if isinstance(page, str)}
    assert {name: parts for name, parts in left.items() if parts} == {}


def test_english_on_a_page_would_be_found() -> None:
    found = {part for page in speaking("en").values() if isinstance(page, str) for part in english_in(shown(page))}
    assert len(found) > len(fragments()) * 2 / 3


ALIKE = {
    "detail.rate",
    "document",
    "entry.word",
    "exception.at",
    "plan.both",
    "send.one",
    "sent.odd",
    "sentence",
    "text",
    "trade.eu",
}
"""Messages that are the same in German."""


def test_every_message_of_the_catalogue_is_german_for_a_german_reader() -> None:
    german, english = speaking("de")["catalogue"], speaking("en")["catalogue"]
    assert {id for id, text in german.items() if text == english[id]} == ALIKE
    assert {id: parts for id, text in german.items() if (parts := english_in(text))} == {}


def test_a_variant_of_a_language_reads_the_language() -> None:
    assert "<h1>Firmen</h1>" in speaking("de_AT")["companies/"]


def test_a_language_without_a_catalogue_is_english() -> None:
    assert "<h1>Companies</h1>" in speaking("ja")["companies/"]


def test_amounts_and_moments_are_written_as_the_reader_does() -> None:
    german, english = speaking("de"), speaking("en")
    assert (german["money"], english["money"]) == ("1.234.567,80", "1,234,567.80")
    assert (german["count"], english["count"]) == ("1.234", "1,234")
    assert (german["moment"], english["moment"]) == ("2. Mai 2026, 14:05 UTC", "2 May 2026, 14:05 UTC")
    assert (german["plural"], english["plural"]) == ("2 Datensätze", "2 records")


def test_amounts_on_a_page_are_written_as_the_reader_does() -> None:
    form = re.compile(r"\d\.\d\d\b(?!\.)")
    pages = {name: page for name, page in speaking("de").items() if isinstance(page, str) and name.startswith("plan/")}
    assert any(re.search(r"\d,\d\d\b", shown(page)) for page in pages.values())
    assert {name: found for name, page in pages.items() if (found := form.findall(shown(page)))} == {}


def test_what_is_kept_as_id_and_values_is_said_in_the_reader_s_language() -> None:
    german, english = speaking("de")["message"], speaking("en")["message"]
    assert german == "Rechnung 7 hat kein Datum. Geben Sie eines ein und versuchen Sie es noch einmal."
    assert english == "invoice 7 has no date. Date it, then try again."
