"""The catalogues hold every text that screens show, whole, and as `make messages` compiled them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import flask_intacct
from flask_intacct import kinds, translation
from flask_intacct.onboarding.company import STATES
from flask_intacct.onboarding.steps import STEP_LABELS

PACKAGE = Path(flask_intacct.__file__).parent
KEYWORDS = {
    **dict.fromkeys(("gettext", "lazy_gettext", "_gettext", "marked", "literal")),
    "ngettext": (1, 2),
    "_ngettext": (1, 2),
    "Plural": (2, 3),
}
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
PLACE = re.compile(r"%\((\w+)\)s|\{(\w*)\}")


def texts() -> dict[str, tuple[str, ...]]:
    """Every text in our code and templates: its English, by its first form."""
    found: dict[str, tuple[str, ...]] = {}
    for _, _, message, _, _ in extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS, callback=None):
        forms = message if isinstance(message, tuple) else (message,)
        if forms[0]:
            found[forms[0]] = max(forms, found.get(forms[0], ()), key=len)
    return found


def test_no_text_goes_by_a_number_here_and_by_itself_there() -> None:
    """A catalogue has one entry for both, and of one that goes by a number gettext finds nothing."""
    shown = [
        message
        for _, _, message, _, _ in extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS, callback=None)
        if message
    ]
    alone = {message for message in shown if isinstance(message, str)}
    assert alone & {message[0] for message in shown if isinstance(message, tuple)} == set()


def catalogue(language: str) -> Catalog:
    with (translation.PLACE / language / "LC_MESSAGES" / "intacct.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(of: Catalog) -> Iterator[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    for entry in of:
        if entry.id:
            english = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
            assert entry.string is not None
            yield entry, english, (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def test_there_is_german() -> None:
    assert "de" in translation.languages()


@pytest.mark.parametrize("language", translation.languages())
def test_every_text_is_translated(language: str) -> None:
    translated = {
        english[0] for entry, english, other in entries(catalogue(language)) if all(other) and not entry.fuzzy
    }
    missing = sorted(set(texts()) - translated)
    assert missing == [], "run `make messages`, then fill in what is empty in the .po file"


def test_no_text_stands_in_an_f_string_where_python_3_11_does_not_find_it() -> None:
    hidden = {
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in PACKAGE.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in KEYWORDS
    }
    assert hidden == set()


@pytest.mark.parametrize("language", translation.languages())
def test_no_text_is_kept_that_nothing_shows(language: str) -> None:
    assert {english[0] for _, english, _ in entries(catalogue(language))} <= set(texts()), "run `make messages`"


@pytest.mark.parametrize("language", translation.languages())
def test_a_translation_names_the_same_values(language: str) -> None:
    for _, english, other in entries(catalogue(language)):
        wanted = {frozenset(PLACE.findall(form)) for form in english}
        for form in other:
            assert frozenset(PLACE.findall(form)) in wanted, (english, form)


@pytest.mark.parametrize("language", translation.languages())
def test_the_compiled_catalogue_is_that_of_its_source(language: str) -> None:
    with (translation.PLACE / language / "LC_MESSAGES" / "intacct.mo").open("rb") as file:
        compiled = {english: other for _, english, other in entries(read_mo(file))}
    assert compiled == {english: other for _, english, other in entries(catalogue(language))}, "run `make messages`"


def test_labels_that_are_built_of_names_are_texts() -> None:
    labels = {label for row in kinds.each() for label in (row.label, row.theirs)}
    labels |= {label for state in STATES.values() for label in (state[0], state[3]) if label}
    labels |= {*STEP_LABELS.values()}
    assert labels <= set(texts())


def test_without_an_application_texts_are_english() -> None:
    assert translation.gettext("Sync now") == "Sync now"
    assert translation.gettext("%(num)s left", num=3) == "3 left"
    assert translation.gettext("") == ""
    assert translation.ngettext("%(num)s record", "%(num)s records", 1) == "1 record"
    assert translation.ngettext("%(num)s record", "%(num)s records", 2) == "2 records"
    assert str(translation.lazy_gettext("Sync now")) == "Sync now"
