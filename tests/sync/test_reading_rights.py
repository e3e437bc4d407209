"""What Intacct does not let the user read is named, with the right, the module and the place of the cure."""

from __future__ import annotations

from typing import Any

import pytest
from world import MakeWorld, World, books, host

from flask_intacct import Intacct, kinds
from flask_intacct.errors import Refused
from flask_intacct.models import Record, Run
from flask_intacct.onboarding import connect

PERMISSIONS = "Company > Admin > Roles > Permissions"
SUBSCRIPTIONS = "Company > Admin > Subscriptions"


def begun(world: World) -> Run:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    return world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))


@pytest.mark.parametrize(
    ("object_", "place", "module"),
    [
        ("VENDOR", "Accounts Payable > Vendors", "Accounts Payable"),
        ("CUSTOMER", "Accounts Receivable > Customers", "Accounts Receivable"),
        ("GLACCOUNT", "General Ledger > Accounts", "General Ledger"),
    ],
)
def test_a_right_that_is_missing_stops_with_the_object_the_right_and_the_module(
    make_world: MakeWorld, object_: str, place: str, module: str
) -> None:
    world = make_world()
    world.sim.deny(object_)
    run = begun(world)
    assert run.state == "failed"
    assert f"does not let the Web Services user read {object_}:" in str(run.problem)
    assert f"List and View for {place} ({PERMISSIONS})" in str(run.problem)
    assert f"not subscribed to {module}, do so under {SUBSCRIPTIONS}" in str(run.problem)


@pytest.mark.parametrize(
    ("module", "object_", "name"), [("AP", "VENDOR", "Accounts Payable"), ("AR", "CUSTOMER", "Accounts Receivable")]
)
def test_a_module_that_is_missing_stops_with_its_name(
    make_world: MakeWorld, module: str, object_: str, name: str
) -> None:
    world = make_world()
    world.sim.company.modules_off.add(module)
    run = begun(world)
    assert run.state == "failed"
    assert f"{object_} can't be read" in str(run.problem)
    assert "The module is not subscribed" in str(run.problem)
    assert f"Subscribe to {name} under {SUBSCRIPTIONS}" in str(run.problem)


def test_bills_that_may_not_be_read_stop_with_the_right(synced_world: World) -> None:
    synced_world.sim.deny("APBILL")
    run = synced_world.sync()
    assert run.state == "failed"
    assert f"List and View for Accounts Payable > Bills ({PERMISSIONS})" in str(run.problem)


def test_a_module_that_the_host_has_no_use_for_may_be_missing(make_world: MakeWorld) -> None:
    def customers_only(**options: Any) -> Intacct:
        intacct = host.describe(**options)
        intacct._mapped[kinds.BILL] = ()
        (contacts,) = intacct._mapped[kinds.CONTACT]
        contacts.role = "customer"
        return intacct

    world = make_world(described=customers_only)
    world.sim.company.modules_off.add("AP")
    assert begun(world).state == "done"
    world.onboard()
    assert world.sync().state == "done"
    assert world.rows(Record, Record.object == "CUSTOMER")
    assert [one for one in world.sim.requests if "<object>VENDOR</object>" in one.body] == []


def test_a_company_without_the_module_of_taxes_has_none(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.company.modules_off.add("TX")
    assert begun(world).state == "done"
    assert world.issues() == []


def test_fields_that_are_not_told_stop_with_the_object_and_the_box(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.faults.add("refuse", function="lookup", times=0, errorno="PL04000005", text="You do not have permission.")
    run = begun(world)
    assert run.state == "failed"
    field = world.app.extensions["intacct"].config.exclusion_field
    assert f"which fields CUSTOMER has, and whether {field} is among them" in str(run.problem)
    assert f"Accounts Receivable > Customers ({PERMISSIONS})" in str(run.problem)


def test_entities_that_are_not_told_stop_with_the_right(world: World) -> None:
    world.begin()
    world.sign_in()
    world.sim.deny("LOCATIONENTITY")
    with pytest.raises(Refused) as caught:
        connect.entities(world.id)
    assert "LOCATIONENTITY, the list of entities" in caught.value.message
    assert f"List and View for Company > Entities ({PERMISSIONS})" in caught.value.message


def test_locations_that_are_not_told_stop_with_the_right(world: World) -> None:
    world.begin()
    world.sign_in()
    world.sim.deny("LOCATION")
    with pytest.raises(Refused, match="List and View for Company > Locations"):
        connect.locations(world.id, "E1")
