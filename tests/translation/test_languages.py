"""Screens in the language that the host's Flask-Babel chooses for the reader."""

from __future__ import annotations

import json
import os
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
    path = os.pathsep.join([str(WITH_BABEL), str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
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


def test_no_english_of_a_text_that_has_german_is_left_on_a_german_page() -> None:
    with (translation.PLACE / "de" / "LC_MESSAGES" / "intacct.po").open("rb") as file:
        english = [
            entry.id for entry in read_po(file) if isinstance(entry.id, str) and entry.id not in ("", entry.string)
        ]
    for name, page in speaking("de").items():
        left = [text for text in english if f">{text}<" in unescape(page) or f'"{text}"' in unescape(page)]
        assert left == [], name


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


def test_what_is_kept_as_id_and_values_is_said_in_the_reader_s_language() -> None:
    german, english = speaking("de")["message"], speaking("en")["message"]
    assert german == "Rechnung 7 hat kein Datum. Geben Sie eines ein und versuchen Sie es noch einmal."
    assert english == "invoice 7 has no date. Date it, then try again."
