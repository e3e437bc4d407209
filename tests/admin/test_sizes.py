"""Whatever is sent, however big: words or 404, never a failure, on each database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import request, session
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from world import databases

import flask_intacct
from flask_intacct.admin import messages
from flask_intacct.models import Event, Link

from .conftest import World, account, addresses, issue_of, make_app, notice_of, run_of, world_on

NOWHERE = "http://127.0.0.1:9/"

IDS = ("-1", "2147483648", "9223372036854775808", "7" * 5000, "\u00b2", "\u0661")

TEXTS = (
    "a" * 5_000,
    "\u20ac\U0001f600" * 250,
    "x " * 1_500,
    "'\";--%_\\\x01\x7f\u202e{{7*7}}%s%(x)s",
    "\0",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "match:\u00b2",
)

NUMBERS = (
    "page", "page_size", "sort", "desc", "run", "reopen", "rowid", "version-1", "last", "flt0_0", "connection_id",
    "link_id", "after", "before",
)  # fmt: skip

WORDS = (
    "search", "state", "sure", "role", "parent", "layer", "q", "url", "kind", "outcome", "cause", "entity", "since",
    "until", "key-1", "as-1", "agreed", "after", "before", "reason", "none",
    "location", "company_id", "intacct_company", "user_id", "password", "digest", "tick", "sync_from",
    "name", "endpoint", "self", "cls", "values", "_method", "_scheme", "_external", "_anchor", "_", "nobody knows",
)  # fmt: skip

ALONE = (
    "search", "layer", "parent", "kind", "cause", "endpoint", "self", "cls", "values", "_method", "_scheme",
    "_external", "_anchor",
)  # fmt: skip

ACTIONS = ("match", "accept_certain", "archive", "undo", "create_customer", "create_vendor", "delete", "nonsense")


@pytest.fixture(params=databases.KINDS)
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The two companies on each database."""
    config = {"INTACCT_ENDPOINT": NOWHERE, "INTACCT_ALLOW_LOOPBACK": True, "INTACCT_CONNECT_TIMEOUT": 1}
    with world_on(request.param, tmp_path, config=config) as world:
        world.add(run_of(2, state="done"), issue_of(2, 1))
        world.add(notice_of(2, 1, "blue", "Complete."))
        yield world


def bears(world: World, method: str, path: str, sent: dict[str, Any]) -> None:
    """The answer is no failure; 503 is for Intacct or Redis that can't be reached, in words."""
    try:
        if method == "GET":
            answer = world.client.get(path, query_string=sent)
        else:
            answer = world.client.post(path, data={**sent, "csrf_token": world.token()})
    except Exception as error:
        error.add_note(f"{method} {path} {str(sent)[:300]}")
        raise
    assert answer.status_code < 500 or answer.status_code == 503, (method, path, str(sent)[:300])


def test_no_text_is_too_much(any_world: World) -> None:
    for method, path in addresses(any_world.app):
        for text in TEXTS:
            bears(any_world, method, path, dict.fromkeys(WORDS, text))


def test_no_number_is_too_big(any_world: World) -> None:
    for method, path in addresses(any_world.app):
        for number in IDS:
            sent = dict.fromkeys(NUMBERS, number)
            bears(any_world, method, path, {**sent, "action": "match", "role": "customer"})
    for path in ("accounts/1/action/", "accounts/1/archive", "results/2/handle", "results/2/take-back"):
        for number in IDS:
            sent = {**dict.fromkeys(NUMBERS, number), "rowid": "1", "action": "match", "role": "customer"}
            bears(any_world, "POST", f"/admin/intacct/{path}", sent)


def test_no_id_in_an_address_is_too_big(any_world: World) -> None:
    with any_world.app.test_request_context("/"):
        rules = [rule for rule in any_world.app.url_map.iter_rules() if rule.endpoint.startswith("intacct_")]
    for rule in rules:
        for number in (*IDS, "\0", "a" * 5000):
            path = rule.rule
            for name in rule.arguments:
                path = path.replace(f"<intacct_id:{name}>", number).replace(f"<path:{name}>", number)
                path = path.replace(f"<{name}>", number)
            for method in sorted({"GET", "POST"} & (rule.methods or set())):
                bears(any_world, method, path, {})
    assert not [rule.rule for rule in rules if "<int:" in rule.rule]


def test_each_argument_alone_is_borne_by_each_list(any_world: World) -> None:
    lists = ("accounts/1/", "tracking/1/", "results/2/", "results/2/list", "results/2/handled", "runs/2/", "companies/")
    for path in lists:
        for name in ALONE:
            bears(any_world, "GET", f"/admin/intacct/{path}", {name: "a b " * 700})
        for name in NUMBERS:
            for number in IDS[1:5]:
                bears(any_world, "GET", f"/admin/intacct/{path}", {name: number})


def test_no_action_fails_of_what_it_is_given(any_world: World) -> None:
    for place in ("accounts", "contacts", "tax-types", "tracking"):
        for action in ACTIONS:
            for row in (*IDS, "1"):
                bears(any_world, "POST", f"/admin/intacct/{place}/1/action/", {"single": f"{action}:{row}"})
            for text in TEXTS:
                sent = {"action": action, "rowid": "1", "key-1": text, "since": text, "until": text, "url": text}
                bears(any_world, "POST", f"/admin/intacct/{place}/1/action/", sent)


def test_nul_is_refused_in_words(any_world: World) -> None:
    for path in (
        "accounts/1/?search=a%00b",
        "results/2/list?cause=%00",
        "accounts/1/candidates/1?q=%00",
        "accounts/1/?%00=1",
    ):
        answer = any_world.get(f"/admin/intacct/{path}")
        assert answer.status_code == 400, path
        assert "NUL character" in answer.text
    answer = any_world.post("/admin/intacct/accounts/1/action/", action="match", rowid="1", **{"key-1": "1\0"})
    assert answer.status_code == 400
    assert any_world.row(Link, Link.id == 1).state == "undecided"


def test_arguments_that_url_for_knows_are_left_out_of_links(world: World) -> None:
    world.add(*(account(at, f"{at} Account") for at in range(100, 130)))
    url_for_s = ("endpoint", "_method", "_scheme", "_external", "_anchor", "self", "connection_id")
    own = dict.fromkeys(url_for_s, "evil")
    page = world.client.get("/admin/intacct/accounts/1/", query_string={**own, "mine": "kept"}).text
    assert "evil" not in page
    assert "mine=kept" in page


@pytest.mark.parametrize("page", ["9999999", "-3", "7" * 400, "x"])
def test_page_that_there_is_not_is_an_empty_list_or_the_first(world: World, page: str) -> None:
    for path in ("accounts/1/", "results/1/list", "runs/1/"):
        assert world.client.get(f"/admin/intacct/{path}", query_string={"page": page}).status_code == 200


def test_each_ticked_row_counts_once_and_no_more_than_a_page_holds(world: World) -> None:
    ids = [str(link.id) for link in world.rows(Link)]
    page = world.click("/admin/intacct/contacts/1/action/", action="undo", rowid=["1"])
    answer = world.post("/admin/intacct/accounts/1/action/", action="archive", rowid=["1", "1", "01", *ids] * 3)
    assert answer.headers["Location"].count("rowid=") == len(ids)
    world.add(*(account(at, f"{at} Account") for at in range(100, 130)))
    ids = [str(link.id) for link in world.rows(Link)]
    answer = world.post("/admin/intacct/accounts/1/action/", action="archive", rowid=ids)
    assert answer.headers["Location"].count("rowid=") == 10
    assert page


def test_undo_passes_over_what_nobody_decided(world: World) -> None:
    world.click("/admin/intacct/accounts/1/action/", action="match", rowid="1", **{"key-1": "1"})
    before = world.row(Link, Link.id == 2).version
    page = world.click("/admin/intacct/accounts/1/action/", action="undo", rowid=["1", "2"])
    assert "1 record is open again." in page
    assert world.row(Link, Link.id == 2).version == before
    assert [event.subject for event in world.rows(Event, Event.action == "account undecided")] == ["4001 Rent"]


def test_undo_of_what_nobody_decided_does_nothing(world: World) -> None:
    assert "open again" not in world.click("/admin/intacct/accounts/1/action/", action="undo", rowid=["2"])
    assert not world.rows(Event)


def cookie_size(client: FlaskClient) -> int:
    cookie = client.get_cookie("session")
    return len(cookie.value) if cookie is not None else 0


@pytest.mark.parametrize("letter", ["a", "\u00e4", "\u6f22", "\U0001f600"])
def test_messages_fit_into_the_cookie_of_a_session(world: World, letter: str) -> None:
    for at in range(1, 5):
        link = world.row(Link, Link.id == at)
        link.label = "".join(chr(ord(letter) + place % 20) for place in range(255))
        world.add(link)
    world.add(*(account(at, letter * 255) for at in range(100, 104)))
    ids = [str(link.id) for link in world.rows(Link)]
    for _ in range(6):  # nobody looks at a page in between
        world.post("/admin/intacct/accounts/1/action/", action="match", rowid=ids, url="/admin/thing/?" + "q" * 1900,
                   **{f"key-{at}": "none" for at in ids[1:]})  # fmt: skip
    assert 0 < cookie_size(world.client) < 3900
    assert "choose again" in world.page("/admin/thing/")


def test_newest_messages_have_room_and_the_first_of_them_stay(world: World) -> None:
    with world.app.test_request_context("/"):
        messages.flash("old " * 100, "info")
    with world.app.test_request_context("/"):
        session["_flashes"] = [("info", "old " * 100)] * 4
        messages.flash("first " * 70, "success")
        for at in range(9):
            messages.flash(f"{at} later " * 40, "error")
        kept = [text for _, text in session["_flashes"]]
    assert kept[0].startswith("first")
    assert not [text for text in kept if text.startswith("old")]
    assert len(json.dumps(kept)) <= messages.ROOM


@pytest.mark.parametrize("letter", ["a", "\u6f22"])
def test_long_message_keeps_its_start_and_its_end(letter: str) -> None:
    short = messages.shortened(f"Start {letter * 900} end.")
    assert short.startswith("Start ")
    assert short.endswith(" end.")
    assert len(json.dumps(short)) <= messages.LONGEST
    assert messages.shortened("Short.") == "Short."


HUGE = b"rowid=&" * (11 * 1024 * 1024 // 7)
PARTS = (
    b"".join(b'--x\r\nContent-Disposition: form-data; name="rowid"\r\n\r\n\r\n' for _ in range(20_000)) + b"--x--\r\n"
)

Post = Callable[[FlaskClient], Any]

BODIES: dict[str, Post] = {
    "fields": lambda client: client.post(
        "/admin/intacct/companies/start", data=HUGE, content_type="application/x-www-form-urlencoded"
    ),
    "stream": lambda client: client.post(
        "/admin/intacct/companies/start",
        input_stream=BytesIO(HUGE),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True},
    ),
    "parts": lambda client: client.post(
        "/admin/intacct/companies/start", data=PARTS, content_type="multipart/form-data; boundary=x"
    ),
}


@pytest.mark.parametrize("protected", [False, True], ids=["own tokens", "CSRFProtect"])
@pytest.mark.parametrize("body", BODIES)
def test_huge_form_is_refused_before_it_is_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, protected: bool
) -> None:
    lavish = {"MAX_FORM_MEMORY_SIZE": 2**30, "MAX_FORM_PARTS": 10**7, "MAX_CONTENT_LENGTH": None}
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda *_: True, lambda: "ada", config=lavish)
    if protected:
        CSRFProtect(app)
    assert BODIES[body](app.test_client()).status_code == 413


def test_forms_of_the_host_keep_their_own_limits(tmp_path: Path) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda *_: True, lambda: "ada")
    app.add_url_rule("/theirs", view_func=lambda: str(len(request.form["text"])), methods=["POST"])
    assert app.test_client().post("/theirs", data={"text": "a" * 400_000}).text == "400000"


def test_every_message_of_ours_is_kept_within_the_cookie() -> None:
    folder = Path(flask_intacct.__file__).parent / "admin"
    importing = re.compile(r"from flask import [^\n]*\bflash\b")
    assert [path.name for path in folder.glob("*.py") if importing.search(path.read_text())] == ["messages.py"]
