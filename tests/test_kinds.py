"""What differs from kind to kind stands in the registry: nobody else names a kind of documents or its fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import flask_intacct
from flask_intacct import Intacct, kinds
from flask_intacct.sync.outbox.actions import ACTIONS
from flask_intacct.translate import rows
from flask_intacct.translate.translators import TRANSLATORS

ROOT = Path(flask_intacct.__file__).parent
DOCS = Path(__file__).parent.parent / "docs"

AT_HOME = {
    "kinds": "the registry itself",
    "translate": "translates between Intacct's fields and ledger values",
    "gateway": "speaks the vendor's protocol, and is of use without any kinds",
    "simulator": "shares no code with us",
}
"""Packages that may name them."""

EXCEPTIONS = {
    "sync/outbox/actions.py": "the table of actions, by kind and verb",
    "admin/link_views.py": "a button for each role in which a contact can be created, each with words of its own",
    "admin/override.py": "asks again after these buttons, likewise",
    "messages/words.py": "the words that messages are made of, in English",
}
"""Modules that may, each for its reason."""

CONSTANTS = {"INVOICE", "BILL", "CUSTOMER", "VENDOR", "SALE", "PURCHASE"}


def _names() -> Iterator[str]:
    """The names that stand for a kind of documents, a role of contacts, or one of their objects or fields."""
    for role in kinds.roles(kinds.CONTACT):
        spec = kinds.kind(kinds.CONTACT, role)
        yield from (role, f"create_{role}", spec.object, spec.natural_id)
    for name in kinds.documents():
        spec, shape = kinds.kind(name), kinds.shape(name)
        yield from (name, f"{name}s", spec.object, shape.items, shape.collection, shape.contact, *shape.dates)
        yield from (shape.number, shape.reference, shape.total, shape.open)
        parts = {field.name: getattr(shape.form, field.name) for field in fields(shape.form)}
        yield from (parts[part] for part in ("contact", "number", "lines", "date", "due"))
        yield shape.form.function


NAMES = set(_names()) - {"create"}


def _said(source: str) -> set[str]:
    """What a module names, its docstrings and comments apart."""
    tree = ast.parse(source)
    prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "kinds":
            found |= {node.attr} & CONSTANTS
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kinds"):
            found |= {alias.name for alias in node.names} & CONSTANTS
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            found |= {node.value} if node.value in NAMES or node.value.startswith("TRX_") else set()
    return found


def named(root: Path) -> dict[str, set[str]]:
    """The modules, templates and scripts that name one, by what they name."""
    found = {str(path.relative_to(root)): _said(path.read_text()) for path in sorted(root.rglob("*.py"))}
    words = re.compile(rf"""['"]({"|".join(sorted(NAMES))}|TRX_\w+)['"]""")
    for path in sorted({*root.rglob("*.html"), *root.rglob("*.js")}):
        found[str(path.relative_to(root))] = set(words.findall(path.read_text()))
    return {path: names for path, names in found.items() if names}


def test_no_other_module_names_a_kind_of_documents() -> None:
    others = {path: names for path, names in named(ROOT).items() if path.partition("/")[0] not in AT_HOME}
    assert {path: names for path, names in others.items() if path not in EXCEPTIONS} == {}


def test_every_exception_is_still_one() -> None:
    assert set(EXCEPTIONS) <= set(named(ROOT))


def test_a_module_that_names_one_would_be_found() -> None:
    source = '"""An invoice."""\nROLE = {kinds.BILL: "vendor"}\nif row["TRX_TOTALDUE"] or "invoice paid":\n    "bill"\n'
    assert _said(source) == {"BILL", "vendor", "TRX_TOTALDUE"}


def test_every_kind_of_documents_has_a_translator_and_an_action() -> None:
    assert set(TRANSLATORS) == set(kinds.documents())
    assert {name for name, verb in ACTIONS if verb == "create"} >= set(kinds.documents())


@pytest.mark.parametrize("name", kinds.documents())
def test_the_days_and_amounts_of_a_kind_are_kept_in_one_form(name: str) -> None:
    shape = kinds.shape(name)
    assert set(shape.dates) <= rows.DATES
    assert {shape.total, shape.open} <= rows.AMOUNTS


def test_an_argument_of_no_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(TypeError, match=r"takes no invocies=\. Did you mean invoices"):
        Intacct(invocies=None)


@pytest.mark.parametrize("name", [kind.name for kind in kinds.each()])
def test_the_guide_for_hosts_lists_what_a_description_may_name(name: str) -> None:
    spec = kinds.named(name)
    rows = [line.split("|") for line in (DOCS / "hosts.md").read_text().splitlines() if line.startswith("| `")]
    (row,) = [row for row in rows if f"`{spec.argument}`" in row[1]]
    needed, optional = (re.findall(r"`([a-z_0-9]+)`", cell) for cell in row[2:4])
    assert (set(needed), set(optional)) == (set(spec.needed), set(spec.optional))


@pytest.mark.parametrize("name", [kinds.INVOICE, kinds.CONTACT])
def test_only_a_kind_of_documents_of_a_new_name_can_be_added(name: str) -> None:
    with pytest.raises(ValueError, match="can't be added"), kinds.added(kinds.named(name)):
        pass
    assert kinds.documents() == (kinds.INVOICE, kinds.BILL)
