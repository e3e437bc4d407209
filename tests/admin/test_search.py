"""What the search of a matching list and the typeahead find, alike on each database."""

from __future__ import annotations

import re

import pytest

from flask_intacct import tokens
from flask_intacct.ledger import folded
from flask_intacct.models import Record, now

from .conftest import World, account, issue_of

ACCOUNTS = "/admin/intacct/accounts/1/"
LABELS = (
    "INV-2024/001", "INV-2024/002 Heating", "O'Neill & Söhne", "Großstraße 7", "100 % Wolle", "a_b under", "東京 支店",
    "x" * 60 + " long", "Zebra (North)", "ada@mail.example.test",
)  # fmt: skip
FOUND = {
    "inv": LABELS[:2], "INV-2024/0": LABELS[:2], "inv-2024/001": LABELS[:1], "2024": LABELS[:2],
    "2024/002": LABELS[1:2], "001": LABELS[:1], "heat 2024": LABELS[1:2], "heat 2024/001": (), "24": (),
    "nv-2024": (), "eating": (), "o'n": LABELS[2:3], "neill": LABELS[2:3], "söhne": LABELS[2:3], "SÖHNE": LABELS[2:3],
    "sohne": (), "&": LABELS[2:3], "GROSS": LABELS[3:4], "großstr": LABELS[3:4], "100": LABELS[4:5],
    "%": LABELS[4:5], "1%": (), "_": (), "under": LABELS[5:6], "a_": LABELS[5:6], "aab": (), "東": LABELS[6:7],
    "支店": LABELS[6:7], "x" * 60: LABELS[7:8], "x" * 39: LABELS[7:8], "north": LABELS[8:9], "(nor": LABELS[8:9],
    "zebra nor": LABELS[8:9], "mail": LABELS[9:10], "example.test": LABELS[9:10], "[abc]": (), "*": (), "\\": (),
    "'": (), '"': (),
}  # fmt: skip


@pytest.fixture
def named(anywhere_world: World) -> World:
    """The same names on either side."""
    anywhere_world.add(*(account(100 + at, label) for at, label in enumerate(LABELS)))
    own = {"connection_id": 1, "object": "GLACCOUNT"}
    named = ((f"n{at}", label) for at, label in enumerate(LABELS))
    anywhere_world.add(
        *(Record(**own, key=key, natural_id=key, name=label, search=folded(label)) for key, label in named)
    )
    return anywhere_world


@pytest.mark.parametrize("few", [tokens.FEW, 1, -1])
def test_list_and_typeahead_find_words_by_their_beginnings(
    named: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """However many a word finds, and whether others find more."""
    monkeypatch.setattr(tokens, "FEW", few)
    in_list, offered = {}, {}
    for text in FOUND:
        page = named.client.get(ACCOUNTS, query_string={"search": text}).text
        ids = {int(id_) for id_ in re.findall(r'name="rowid" value="(\d+)"', page)}
        in_list[text] = {LABELS[id_ - 5] for id_ in ids}
        answer = named.client.get(f"{ACCOUNTS}candidates/1", query_string={"q": text}).get_json()
        offered[text] = {item["name"] for item in answer}
    assert in_list == {text: set(labels) for text, labels in FOUND.items()}
    assert offered == in_list


def test_a_search_of_one_company_and_list_finds_nothing_of_another(named: World) -> None:
    named.add(account(900, "Elsewhere", connection_id=2))
    assert "Nothing fits the search." in named.page(f"{ACCOUNTS}?search=elsewhere")
    assert "Nothing fits the search." in named.page("/admin/intacct/contacts/1/?search=heating")


def test_blank_search_finds_everything(named: World) -> None:
    assert "rows" in named.page(f"{ACCOUNTS}?search=%20%20")
    assert len(named.get(f"{ACCOUNTS}candidates/1?q=%20").get_json()) == len(LABELS) + 5


RESULTS = "/admin/intacct/results/2/"


@pytest.mark.parametrize("place", [RESULTS, RESULTS + "list", RESULTS + "handled"])
def test_results_are_found_by_any_part_of_their_label_however_it_is_written(anywhere_world: World, place: str) -> None:
    world = anywhere_world
    found = {"inv-7": "INV-7", "V-7": "INV-7", "nv%7": "", "inv_7": "", "50 %": "50 % a_b/c", "A_B/C": "50 % a_b/c"}
    handled = place.endswith("handled")
    for at, label in enumerate(("INV-7", "50 % a_b/c"), 1):
        more = {"live": None, "resolution": "handled", "handled_at": now()} if handled else {}
        issue = issue_of(2, at, f"cause {at}")
        for name, value in {"label": label, **more}.items():
            setattr(issue, name, value)
        world.add(issue)
    for text, label in found.items():
        page = world.client.get(place, query_string={"search": text}).text
        assert [name for name in ("INV-7", "50 % a_b/c") if f"{name}<" in page or f"{name}:" in page] == [
            name for name in (label,) if name
        ], text
