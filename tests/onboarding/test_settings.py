"""Where records go that say nothing themselves may be changed after Confirm."""

from __future__ import annotations

from datetime import date

import pytest
from world import World, host

from flask_intacct.errors import Refused
from flask_intacct.models import Event
from flask_intacct.onboarding import settings


def test_location_and_level_are_changed_with_an_entry_in_the_audit_log(synced_world: World) -> None:
    world = synced_world
    assert settings.choices(world.id) == [("E1-10", "High Street"), ("E1-20", "Station Road")]
    settings.change(world.id, "E1-20", True, "bob")
    connection = world.connection
    assert (connection.default_location, connection.top_level_posting) == ("E1-20", True)
    settings.change(world.id, "E1-20", True, "ada")
    (event,) = world.rows(Event, Event.action == "settings changed")
    assert (event.who, event.before, event.after) == (
        "bob", {"location": "", "top_level": False}, {"location": "E1-20", "top_level": True},
    )  # fmt: skip


@pytest.mark.parametrize("location", ["E2-10", "E1", "nowhere"])
def test_a_location_outside_the_entity_is_refused(synced_world: World, location: str) -> None:
    with pytest.raises(Refused, match="does not belong to this entity"):
        settings.change(synced_world.id, location, True, "ada")
    connection = synced_world.connection
    assert (connection.default_location, connection.top_level_posting) == ("", False)


def test_before_confirm_the_wizard_is_the_place(decided_world: World) -> None:
    with pytest.raises(Refused, match="still being set up"):
        settings.change(decided_world.id, "", True, "ada")


def test_a_document_without_a_place_goes_to_the_new_default(synced_world: World) -> None:
    world = synced_world
    settings.change(world.id, "E1-20", False, "ada")
    before = world.one(host.Invoice, number="INV-1")
    line = before.lines[0]
    paper = host.Invoice(
        company_id=1, number="INV-77", contact_id=before.contact_id, day=date(2026, 4, 1), total=line.net + line.tax
    )
    paper.lines = [host.InvoiceLine(account_id=line.account_id, tax_id=line.tax_id, net=line.net, tax=line.tax)]
    world.save(paper)
    world.sync()
    (row,) = world.theirs("ARINVOICE", RECORDID="INV-77")
    places = [item["LOCATIONID"] for item in row["ARINVOICEITEMS"] if not item.get("PARENTENTRY")]
    assert places == ["E1-20"]
