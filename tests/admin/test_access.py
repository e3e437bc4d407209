"""Who may enter and who may do what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask_login import LoginManager, current_user

from flask_intacct import queueing
from flask_intacct.models import Connection, Link, Run

from .conftest import World, account, addresses, issue_of, make_app, notice_of, phase_of, run_of

PAGES = {
    "see": (
        "companies/1/",
        "connect/1/overview",
        "accounts/1/",
        "accounts/1/candidates/1",
        "contacts/1/",
        "tax-types/1/",
        "tracking/1/",
        "plan/1/",
        "runs/1/",
        "results/1/",
        "results/1/list",
        "results/1/handled",
        "notices/1/",
    ),
    "match": ("accounts/1/choose/1", "accounts/1/archive?rowid=1"),
    "administer": (
        "companies/1/confirm/start_over",
        "companies/1/settings",
        "connect/1/prerequisites",
        "connect/1/credentials",
        "connect/1/entity",
        "connect/1/date",
        "jobs/",
    ),
}

CHANGES = {
    "match": (
        "companies/2/sync",
        "accounts/1/action/",
        "accounts/1/archive",
        "accounts/1/go-on",
        "accounts/1/refresh",
        "contacts/1/action/",
        "plan/1/make",
        "results/1/handle",
        "results/1/take-back",
        "results/1/answer",
    ),
    "administer": (
        "companies/1/do/start_over",
        "companies/1/settings",
        "connect/1/overview",
        "connect/1/prerequisites",
        "connect/1/credentials",
        "connect/1/entity",
        "connect/1/date",
        "connect/1/read",
        "plan/1/confirm",
        "jobs/requeue/x",
        "jobs/delete/x",
    ),
}

WITHOUT = {"see": set(), "match": {"see"}, "administer": {"see", "match"}}


@pytest.mark.parametrize("right", PAGES)
def test_page_is_closed_without_its_right(world: World, right: str) -> None:
    world.rights["1"] = set(WITHOUT[right])
    world.rights["2"] = set()
    for path in PAGES[right]:
        assert world.get(f"/admin/intacct/{path}").status_code == 403, path


@pytest.mark.parametrize("right", CHANGES)
def test_change_is_closed_without_its_right(world: World, right: str) -> None:
    world.token()
    world.rights["1"] = set(WITHOUT[right])
    world.rights["2"] = set(WITHOUT[right])
    for path in CHANGES[right]:
        answer = world.post(f"/admin/intacct/{path}", rowid=["1"], action="match")
        assert answer.status_code == 403, path
    assert world.row(Connection, Connection.id == 1).step == "account"
    assert {link.state for link in world.rows(Link)} == {"undecided"}
    assert not world.rows(Run)


def test_everything_is_closed_unless_the_host_opens_it(tmp_path: Path) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: False, lambda: "")
    client = app.test_client()
    for method, path in addresses(app):
        assert client.open(path, method=method).status_code == 403, path


@pytest.fixture
def signed_out(tmp_path: Path) -> Any:
    """A host with Flask-Login, and a browser whose session has ended."""
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: bool(current_user.is_authenticated), str)
    manager = LoginManager(app)
    manager.user_loader(lambda user_id: None)
    manager.login_view = "log_in"
    app.add_url_rule("/log-in", "log_in", lambda: "Who are you?")
    return app


def test_reader_whose_session_ended_is_led_to_the_log_in_page(signed_out: Any) -> None:
    for path in ("/admin/intacct/companies/?state=x", "/admin/intacct/accounts/1/", "/admin/intacct/jobs/"):
        answer = signed_out.test_client().get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/log-in?{urlencode({'next': path})}")


def test_visitor_who_names_no_media_type_is_led_to_the_log_in_page(signed_out: Any) -> None:
    answer = signed_out.test_client().get("/admin/intacct/companies/")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/log-in")


def test_change_after_the_session_ended_is_refused_in_words(signed_out: Any) -> None:
    answer = signed_out.test_client().post("/admin/intacct/companies/start", data={"company_id": "1"})
    assert answer.status_code == 403
    assert "You are no longer signed in, so nothing was changed." in answer.text


def test_script_whose_session_ended_gets_no_log_in_page(signed_out: Any) -> None:
    answer = signed_out.test_client().get("/admin/intacct/runs/1/1/progress", headers={"Accept": "application/json"})
    assert answer.status_code == 403


def test_host_without_a_log_in_page_says_no(signed_out: Any) -> None:
    signed_out.login_manager.login_view = None
    assert signed_out.test_client().get("/admin/intacct/companies/").status_code == 403


def test_menu_is_empty_for_somebody_without_rights(world: World) -> None:
    assert "Sage Intacct" in world.page("/admin/thing/")
    world.rights.clear()
    assert "Sage Intacct" not in world.page("/admin/thing/")


def test_menu_shows_the_jobs_to_administrators_only(world: World) -> None:
    assert "/admin/intacct/jobs/" in world.page("/admin/thing/")
    world.rights.update({"1": {"see"}, "2": {"see"}})
    page = world.page("/admin/thing/")
    assert "/admin/intacct/jobs/" not in page
    assert "/admin/intacct/companies/" in page


def test_right_in_one_company_opens_no_other(world: World) -> None:
    world.rights["2"] = set()
    assert world.get("/admin/intacct/accounts/1/").status_code == 200
    assert world.get("/admin/intacct/accounts/2/").status_code == 403
    assert "Harbour" not in world.page("/admin/intacct/companies/")


def test_connection_that_does_not_exist_is_not_found(world: World) -> None:
    assert world.get("/admin/intacct/accounts/99/").status_code == 404


def test_buttons_are_left_out_where_the_right_is_missing(world: World) -> None:
    world.rights["1"] = {"see"}
    page = world.page("/admin/intacct/accounts/1/")
    assert "4001 Rent" in page
    assert "Accept selected" not in page
    assert "Refresh from Intacct" not in page


def test_run_of_another_connection_does_not_exist_here(world: World) -> None:
    world.add(run_of(2))
    assert world.get("/admin/intacct/runs/2/1").status_code == 200
    assert world.get("/admin/intacct/runs/1/1").status_code == 404
    assert world.get("/admin/intacct/runs/1/1/progress").status_code == 404
    assert world.post("/admin/intacct/runs/1/1/cancel").status_code == 404


def test_issue_and_notice_of_another_connection_do_not_exist_here(world: World) -> None:
    world.add(issue_of(2, 1), run_of(2, state="done"))
    world.add(phase_of(1, "contact", 0, "done"), notice_of(2, 1, "blue", "Complete."))
    assert world.post("/admin/intacct/results/1/handle", rowid=["1"]).status_code == 404
    assert world.post("/admin/intacct/notices/1/dismiss/1").status_code == 404


def test_company_that_is_not_the_hosts_can_not_be_connected(world: World) -> None:
    assert world.post("/admin/intacct/companies/start", company_id="77").status_code == 404


def test_company_without_the_right_can_not_be_connected(world: World) -> None:
    world.rights["1"] = {"see"}
    assert world.post("/admin/intacct/companies/start", company_id="1").status_code == 403


def test_no_page_tells_of_a_company_that_one_may_not_see(world: World) -> None:
    world.add(run_of(1), run_of(2, state="failed", problem="Harbour is closed."), issue_of(1, 1), issue_of(2, 2))
    world.add(notice_of(2, 2, "red", "Harbour stopped."))
    world.add(account(1, "9 Harbour dues", connection_id=2, key="1", state="matched", decided_by="grace"))
    with world.app.app_context():
        queueing.enqueue(2)
    world.token()
    world.rights["2"] = set()
    for method, path in addresses(world.app):
        for own in (path, re.sub(r"/1/1\b", "/1/2", path)):
            answer = world.get(own) if method == "GET" else world.post(own, rowid="5", cause="no account")
            told = answer.text + world.page("/admin/thing/")
            assert not re.search("Harbour|grace", told), (method, own)
