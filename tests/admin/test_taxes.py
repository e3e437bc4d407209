"""Where taxes can't be read: the step of the tax types says so, and lets a person say that there are none."""

from __future__ import annotations

from typing import Any

import pytest

from flask_intacct.models import Connection, Event

from .conftest import World

PATH = "/admin/intacct/tax-types/1/"


@pytest.fixture
def world(world: World) -> World:
    """The first company's taxes could not be read."""
    with world.app.app_context():
        row = world.db.session.get_one(Connection, 1)
        row.facts, row.step = {"taxes": False, "taxes_unread": True, "reached": 5}, "tax_type"
        world.db.session.commit()
    return world


def facts(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.row(Connection, Connection.id == 1).facts
    return found


def test_the_page_says_what_is_missing_and_offers_both_ways(world: World) -> None:
    page = world.page(PATH)
    assert "may not read the tax details" in page
    assert "Taxes > Tax details" in page
    assert "This company has no taxes" in page


def test_continue_is_refused_while_nobody_knows(world: World) -> None:
    assert "may not read the tax details" in world.click(f"{PATH}go-on")
    assert world.row(Connection, Connection.id == 1).step == "tax_type"


def test_a_person_can_say_that_there_are_none_and_go_on(world: World) -> None:
    page = world.click(f"{PATH}no-taxes", none="yes")
    assert "has no taxes in Sage Intacct" in page
    assert (facts(world)["no_taxes"], facts(world)["taxes_unread"]) == (True, False)
    world.post(f"{PATH}go-on")
    assert world.row(Connection, Connection.id == 1).step != "tax_type"
    assert [row.who for row in world.rows(Event) if "no taxes" in row.action] == ["ada"]


def test_it_can_be_taken_back(world: World) -> None:
    world.post(f"{PATH}no-taxes", none="yes")
    assert "It has taxes after all" in world.page(PATH)
    world.post(f"{PATH}no-taxes", none="no")
    assert (facts(world)["no_taxes"], facts(world)["taxes_unread"]) == (False, True)


def test_it_takes_the_right_to_match(world: World) -> None:
    world.token()
    world.rights["1"] = {"see"}
    assert world.post(f"{PATH}no-taxes", none="yes").status_code == 403
    assert facts(world)["taxes_unread"] is True


def test_nobody_can_say_so_where_taxes_were_read(world: World) -> None:
    with world.app.app_context():
        world.db.session.get_one(Connection, 1).facts = {"taxes": True, "reached": 5}
        world.db.session.commit()
    assert "this company has taxes" in world.click(f"{PATH}no-taxes", none="yes")
    assert "no_taxes" not in facts(world)
