"""A gateway that forgets control ids: nothing is there twice, whatever is said, and whoever changed it there."""

from __future__ import annotations

from datetime import date
from typing import Any

from world import World

from flask_intacct.models import Operation

from .test_outbox import LATE, add_invoices, sent


def forgetful(world: World, function: str) -> None:
    """The gateway carries the first one out, says nothing, and would take it a second time."""
    world.sim.switches.forget_ids = True
    world.sim.switches.unique_invoice_numbers = False
    world.sim.faults.add("drop", when="after", function=function)
    world.drain(world.confirm())


def later(world: World) -> None:
    for _ in range(3):
        world.age(LATE)
        world.sync()


def states(world: World, **of: Any) -> list[str]:
    link = world.link(**of)
    return [one.state for one in world.rows(Operation, Operation.link_id == link.id)]


def test_a_contact_whose_address_was_put_right_in_intacct_is_not_created_twice(decided_world: World) -> None:
    world = decided_world
    forgetful(world, "create")
    (carol,) = [row for row in world.theirs("CUSTOMER") if row["NAME"] == "Carol Clark"]
    world.sim.modify("CONTACT", int(carol["DISPLAYCONTACTKEY"]), EMAIL1="clark@example.test")
    later(world)
    assert [row["NAME"] for row in world.theirs("CUSTOMER")].count("Carol Clark") == 1
    assert ("Carol Clark", "needs a person") in world.issues()


def test_a_document_that_was_changed_in_intacct_is_not_created_twice(decided_world: World) -> None:
    world = decided_world
    forgetful(world, "create_invoice")
    (row,) = [row for row in world.theirs("ARINVOICE") if row["RECORDID"] == "INV-1"]
    world.sim.modify("ARINVOICE", row["RECORDNO"], WHENCREATED=date(2026, 3, 30))
    later(world)
    assert (world.numbers("ARINVOICE").count("INV-1"), len(sent(world, "INV-1"))) == (1, 1)
    assert states(world, label="INV-1", kind="invoice") == ["CANCELLED"]
    assert "INV-1" in [label for label, _ in world.issues()]


def test_each_document_of_a_request_is_there_once_whatever_is_said_of_it(decided_world: World) -> None:
    world, numbers = decided_world, [f"N-{number}" for number in range(10, 22)]
    world.sim.switches.forget_ids = True
    world.sim.switches.unique_invoice_numbers = False
    world.drain(world.confirm())
    add_invoices(world, *numbers)
    for fault in ("missing", "refuse", "bare", "busy"):
        world.sim.faults.add(fault, function="create_invoice", errorno="BL01001973", text="Not now")
    world.sim.faults.add("truncate", function="create_invoice", skip=1)
    for _ in range(4):
        world.sync()
        world.age(LATE)
    assert [number for number in world.numbers("ARINVOICE") if number in numbers] == numbers
    assert (world.issues(), set(world.executions()), set(world.operations())) == ([], {1}, {"DONE"})
