"""The pages of a connection whose company the host has deleted."""

from __future__ import annotations

import pytest

from flask_intacct.models import Connection

from .conftest import World

PAGES = (
    "companies/1/", "companies/1/settings", "companies/1/confirm/disconnect", "connect/1/", "connect/1/credentials",
    "plan/1/", "runs/1/", "results/1/", "results/1/list", "notices/1/",
)  # fmt: skip


@pytest.fixture
def ended(world: World) -> World:
    """Northgate was deleted; another company has its id, and the person every right in it."""
    world.change(Connection, 1, state="ended", live_company=None, live_target=None)
    return world


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_it_says_that_it_has_ended_and_nothing_else(ended: World, page: str) -> None:
    text = ended.page(f"/admin/intacct/{page}", 410)
    assert "The company was deleted in this application" in text
    assert "Rent" not in text


def test_nothing_can_be_done_to_it(ended: World) -> None:
    for path in ("companies/1/sync", "companies/1/do/resume", "connect/1/credentials", "plan/1/confirm"):
        assert ended.post(f"/admin/intacct/{path}").status_code == 410
    assert ended.row(Connection, Connection.id == 1).state == "ended"


def test_the_company_with_its_id_can_be_connected(ended: World) -> None:
    assert "Not connected" in ended.page("/admin/intacct/companies/")
    ended.click("/admin/intacct/companies/start", company_id="1")
    assert ended.row(Connection, Connection.live_company == "1").id not in (1, 2)
