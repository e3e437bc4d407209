"""What people see and say where the database was restored, moved or copied."""

from __future__ import annotations

import uuid

import pytest

from flask_intacct.models import SCHEMA_VERSION, Connection, Meta, Run

from .conftest import World

RESTORED = "The database was restored from a backup"
PAGE = "/admin/intacct/held/"


@pytest.fixture
def held(world: World) -> World:
    return hold(world)


def hold(world: World) -> World:
    if not world.rows(Meta):
        world.add(Meta(id=1, schema_version=SCHEMA_VERSION, installation_id=str(uuid.uuid4())))
    world.change(Meta, 1, held="restored")
    return world


@pytest.mark.parametrize(
    "path", ["companies/", "companies/2/", "accounts/1/", "results/", "notices/2/", "jobs/", "held/"]
)
def test_every_page_of_ours_says_why_nothing_syncs(held: World, path: str) -> None:
    held.rights["1"] = held.rights["2"] = {"see", "match", "administer"}
    page = held.client.get(f"/admin/intacct/{path}").text
    assert RESTORED in page
    assert (f'href="{PAGE}"' in page) == (path != "held/")


def test_nothing_is_said_where_nothing_is_held(world: World) -> None:
    assert RESTORED not in world.page("/admin/intacct/companies/")
    assert "Nothing is held: all companies sync." in world.page(PAGE)


def test_a_connection_is_shown_on_hold_and_does_not_sync(held: World) -> None:
    assert "On hold" in held.page("/admin/intacct/companies/2/")
    assert RESTORED in held.click("/admin/intacct/companies/2/sync")
    assert held.rows(Run) == []


def test_whoever_does_not_administer_every_company_says_nothing(held: World) -> None:
    held.token()
    held.rights["2"] = {"see", "match"}
    assert "Somebody who may administer every company has to say how to go on." in held.page(PAGE)
    for path in ("go-on", "copied"):
        assert held.post(PAGE + path).status_code == 403
    assert held.row(Meta).held == "restored"


def test_a_restored_database_goes_on(held: World) -> None:
    assert "It was restored: go on" in held.page(PAGE)
    page = held.click(PAGE + "go-on")
    assert "All connections sync again." in page
    assert RESTORED not in page
    assert (held.row(Meta).held, held.row(Meta).epoch) == ("", 1)
    assert {run.connection_id for run in held.rows(Run)} == {
        row.id for row in held.rows(Connection) if row.state == "connected"
    }


def test_a_copy_is_disconnected(held: World) -> None:
    page = held.click(PAGE + "copied")
    assert "All companies are disconnected here, and their passwords are wiped." in page
    assert "connected" not in {row.state for row in held.rows(Connection)}
    assert "Nothing is held any more" in held.click(PAGE + "copied")


def test_pages_of_the_host_say_it_in_the_flag(anywhere_world: World) -> None:
    page = hold(anywhere_world).page("/admin/thing/")
    assert page.count(RESTORED) == 1
    assert f'href="{PAGE}"' in page


def test_whoever_may_see_no_company_is_not_told(held: World) -> None:
    held.rights.clear()
    assert RESTORED not in held.client.get("/admin/thing/").text


def test_pages_of_ours_say_it_once(held: World) -> None:
    assert held.page("/admin/intacct/companies/").count(RESTORED) == 1
