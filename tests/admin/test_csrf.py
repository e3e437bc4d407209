"""Every change carries a token of the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_intacct.models import Connection, Link

from .conftest import World, make_app

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
    for rule in world.app.url_map.iter_rules():
        if not rule.endpoint.startswith("intacct_") or "POST" not in (rule.methods or ()):
            continue
        path = rule.rule.replace("<int:connection_id>", "1")
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", "1").replace(f"<{argument}>", "x")
        assert world.client.post(path).status_code == 400, path


def test_change_by_get_is_not_possible(world: World) -> None:
    for path in ("companies/start", "companies/2/do/pause", "companies/2/sync", "accounts/1/action/", "plan/1/confirm"):
        assert world.get(f"/admin/intacct/{path}").status_code == 405, path


class Protector:
    """As Flask-WTF's CSRFProtect, for an application that has it."""

    def __init__(self, good: bool) -> None:
        self.good = good

    def protect(self) -> None:
        from werkzeug.exceptions import BadRequest

        if not self.good:
            raise BadRequest("The CSRF token is missing.")


@pytest.mark.parametrize(("good", "status"), [(True, 303), (False, 400)])
def test_protection_of_the_host_is_used_where_it_has_one(tmp_path: Path, good: bool, status: int) -> None:
    app, db, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada")
    app.extensions["csrf"] = Protector(good)
    app.jinja_env.globals["csrf_token"] = lambda: "token of the host"
    with app.app_context():
        db.session.add(Connection(company_id="1", company_name="Northgate", live_company="1", facts={}))
        db.session.commit()
    client = app.test_client()
    assert 'name="csrf_token" value="token of the host"' in client.get("/admin/intacct/connect/1/overview").text
    answer = client.post("/admin/intacct/connect/1/overview", data={"csrf_token": "token of the host"})
    assert answer.status_code == status
