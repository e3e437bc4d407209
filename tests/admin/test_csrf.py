"""Every change carries a token of the session."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect

from flask_intacct.models import Connection, Event, Issue, Link

from .conftest import World, addresses, issue_of, make_app, run_of

OVERVIEW = "/admin/intacct/connect/1/overview"
EXPIRED = "This page had expired, so nothing was changed."


@pytest.mark.parametrize("token", [None, "", "nonsense", "20200101000000##0123"])
def test_change_without_a_good_token_says_so_and_changes_nothing(world: World, token: str | None) -> None:
    world.token()
    data = {"action": "match", "rowid": "1", "key-1": "1"}
    answer = world.client.post(
        "/admin/intacct/accounts/1/action/", data=data if token is None else {**data, "csrf_token": token}
    )
    assert answer.status_code == 400
    assert EXPIRED in answer.text
    assert {link.state for link in world.rows(Link)} == {"undecided"}


def test_token_of_a_lost_session_is_refused(world: World) -> None:
    token = world.token()
    world.client = world.app.test_client()
    answer = world.client.post("/admin/intacct/companies/1/do/start_over", data={"csrf_token": token})
    assert answer.status_code == 400
    assert EXPIRED in answer.text
    assert world.rows(Connection, Connection.id == 1)


def test_every_post_of_ours_is_checked(world: World) -> None:
    world.token()
    for method, path in addresses(world.app):
        if method == "POST":
            assert world.client.post(path).status_code == 400, path


def test_change_by_get_is_not_possible(world: World) -> None:
    for path in ("companies/start", "companies/2/do/pause", "companies/2/sync", "accounts/1/action/", "plan/1/confirm"):
        assert world.get(f"/admin/intacct/{path}").status_code == 405, path


def test_nothing_is_changed_by_the_methods_that_carry_no_token(world: World) -> None:
    world.add(issue_of(1, 1), issue_of(1, 2), run_of(1, "plan", "paused"))
    given = {"rowid": "1", "reason": "x", "action": "match", "single": "match:1", "tick": "sender", "entity": "E1"}
    for method in ("HEAD", "GET", "OPTIONS"):
        for _, path in addresses(world.app):
            world.client.open(path, method=method, query_string=given, data=given)
    assert [issue.live for issue in world.rows(Issue)] == ["live", "live"]
    assert {link.state for link in world.rows(Link)} == {"undecided"}
    assert world.rows(Event) == []


@dataclass
class Protected:
    """A host with Flask-WTF's CSRFProtect, and the token that a form of ours carries there."""

    app: Flask
    client: FlaskClient
    field: str = "csrf_token"

    def page(self) -> str:
        return self.client.get(OVERVIEW).text

    def token(self) -> str:
        found = re.search(f'name="{self.field}" value="([^"]+)"', self.page())
        assert found is not None
        return found[1]

    def begin(self, **data: str) -> int:
        """The status of a change."""
        return self.client.post(OVERVIEW, data=data).status_code

    def step(self) -> str:
        with self.app.app_context():
            return str(self.app.extensions["sqlalchemy"].session.get_one(Connection, 1).step)


@pytest.fixture
def protect(tmp_path: Path) -> Callable[..., Protected]:
    def make(**config: Any) -> Protected:
        app, db, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada", config=config)
        CSRFProtect(app)
        with app.app_context():
            db.session.add(Connection(company_id="1", company_name="Northgate", live_company="1", facts={}))
            db.session.commit()
        return Protected(app, app.test_client(), str(config.get("WTF_CSRF_FIELD_NAME", "csrf_token")))

    return make


SETTINGS = {
    "as it comes": {},
    "no methods": {"WTF_CSRF_METHODS": []},
    "other methods": {"WTF_CSRF_METHODS": ["DELETE"]},
    "switched off": {"WTF_CSRF_ENABLED": False},
    "not by default": {"WTF_CSRF_CHECK_DEFAULT": False},
    "another name": {"WTF_CSRF_FIELD_NAME": "_token"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_no_setting_of_the_host_switches_the_check_off(
    protect: Callable[..., Protected], settings: dict[str, Any]
) -> None:
    host = protect(**settings)
    token = host.token()
    assert host.begin() == 400
    assert host.begin(**{host.field: token[:-3] + "xyz"}) == 400
    assert host.step() == "overview"
    assert host.begin(**{host.field: token}) == 303
    assert host.step() == "prerequisites"


def test_no_exemption_of_the_host_switches_the_check_off(protect: Callable[..., Protected]) -> None:
    host = protect()
    host.app.extensions["csrf"].exempt(host.app.blueprints["intacct_connect"])
    assert host.begin() == 400
    assert host.begin(csrf_token=host.token()) == 303


def test_token_in_the_address_is_none(protect: Callable[..., Protected]) -> None:
    host = protect(WTF_CSRF_CHECK_DEFAULT=False)
    assert host.client.post(f"{OVERVIEW}?csrf_token={host.token()}").status_code == 400


def test_token_may_travel_in_a_header_of_the_host_s(protect: Callable[..., Protected]) -> None:
    host = protect()
    assert host.client.post(OVERVIEW, headers={"X-CSRFToken": host.token()}).status_code == 303


def test_another_extension_of_that_name_is_not_asked(tmp_path: Path) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada")
    app.extensions["csrf"] = object()
    assert app.test_client().post("/admin/intacct/companies/start").status_code == 400
