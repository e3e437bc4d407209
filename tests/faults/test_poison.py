"""One document that makes Intacct fail or refuse a whole request: the others of the request get through."""

from __future__ import annotations

from typing import Any

import pytest
from world import World

from flask_intacct import jobs
from flask_intacct.models import Operation
from flask_intacct.onboarding import outcomes
from flask_intacct.sync import run as runs
from flask_intacct.sync.outbox import actions

from .test_operations import draft, intended, of_verb
from .test_outbox import LATE, add_invoices

NUMBERS = [f"N-{number}" for number in range(1, 9)]


def ready(world: World) -> Operation:
    """The operation of one document among others, all ready; the first of their kind is proved."""
    world.drain(world.confirm())
    add_invoices(world, *NUMBERS)
    told_to_wait(world)
    assert world.operations()["READY"] == len(NUMBERS)
    link = world.link("N-3", kind="invoice")
    (operation,) = world.rows(Operation, Operation.link_id == link.id)
    return operation


def told_to_wait(world: World) -> None:
    """A sync whose first request does not run; the rest is cancelled."""
    world.sim.faults.add("rate", function="create_invoice", seconds=3600)
    run = runs.start(world.id, runs.SYNC, "ada")
    jobs.work(run.id)
    runs.cancel(run.id, "ada")


def posted(world: World) -> list[str]:
    return [number for number in world.numbers("ARINVOICE") if number in NUMBERS]


def test_a_document_for_which_intacct_refuses_the_request_stops_no_other(decided_world: World) -> None:
    world = decided_world
    poison = ready(world)
    schema = {"errorno": "XL03000003", "text": "There is an error in the XML document"}
    world.sim.faults.add("control", function="create_invoice", control_id=poison.control_id, times=0, **schema)
    assert world.sync().state == "done"
    assert posted(world) == [number for number in NUMBERS if number != "N-3"]
    assert [label for label, _ in world.issues()] == ["N-3"]
    assert world.operations()["REJECTED"] == 1
    world.sim.faults.clear()
    world.sync()
    assert (posted(world), world.issues(), set(world.executions())) == (NUMBERS, [], {1})


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "http", "status": 500}], ids=["drop", "server error"])
def test_a_document_at_which_intacct_fails_each_time_leaves_no_other_to_a_person(
    decided_world: World, fault: dict[str, Any]
) -> None:
    world = decided_world
    poison = ready(world)
    world.sim.faults.add(**fault, function="create_invoice", control_id=poison.control_id, times=0)
    for _ in range(7):
        world.sync()
        world.age(LATE)
    assert posted(world) == [number for number in NUMBERS if number != "N-3"]
    assert world.issues() == [("N-3", "needs a person")]


def test_a_gateway_that_refuses_every_request_is_not_asked_for_each_document(decided_world: World) -> None:
    world = decided_world
    ready(world)
    asked = len(world.sim.requests)
    schema = {"errorno": "XL03000003", "text": "There is an error in the XML document"}
    world.sim.faults.add("control", function="create_invoice", times=0, **schema)
    assert world.sync().state == "failed"
    writes = [request for request in world.sim.requests[asked:] if "create_invoice" in request.functions]
    assert len(writes) <= 10
    world.sim.faults.clear()
    world.sync()
    assert (posted(world), world.issues(), set(world.executions())) == (NUMBERS, [], {1})


def test_an_operation_that_no_call_can_be_made_of_stops_no_other(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    add_invoices(world, *NUMBERS[:2])
    intended(world, link, actions.UPDATE, oddfield="x")
    assert posted(world) == NUMBERS[:2]
    assert [label for label, _ in world.issues()] == ["D-1"]


def test_a_change_that_intacct_alters_is_not_looked_up_for_ever(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    world.sim.faults.add("drop", when="after", function="update_invoice")
    intended(world, link, actions.UPDATE)
    world.sim.modify("ARINVOICE", int(link.record_key), DOCNUMBER="ANOTHER REF")
    for _ in range(8):
        world.age(LATE)
        world.sync()
    (operation,) = of_verb(world, link, actions.UPDATE)
    assert (operation.state, world.sim.executions(operation.control_id)) == ("MANUAL", 1)
    assert world.issues() == [("D-1", "needs a person")]
    outcomes.carried_out(world.id, link.id, link.record_key, "ada")
    world.sync()
    assert (world.issues(), world.operations()["DONE"]) == ([], len(world.rows(Operation)))


def test_requests_that_did_not_run_count_for_nothing(decided_world: World) -> None:
    world = decided_world
    ready(world)
    for _ in range(5):
        told_to_wait(world)
    asked = len(world.sim.requests)
    world.sim.faults.add("drop", function="create_invoice")
    world.sync()
    world.age(LATE)
    world.sync()
    assert (posted(world), world.issues(), set(world.executions())) == (NUMBERS, [], {1})
    writes = [request.functions for request in world.sim.requests[asked:] if "create_invoice" in request.functions]
    assert [len(functions) for functions in writes] == [len(NUMBERS), 5, len(NUMBERS) - 5]
