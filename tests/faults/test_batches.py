"""A whole request of 25 documents whose answer is lost, in each of the ways in which that happens."""

from __future__ import annotations

from typing import Any

import pytest
from world import World

from .test_outbox import LATE, add_invoices

NUMBERS = [f"N-{number:02}" for number in range(25)]
LOST: dict[str, dict[str, Any]] = {
    "dropped": {"kind": "drop"},
    "server error": {"kind": "http", "status": 500},
    "time-out of a proxy": {"kind": "http", "status": 524},
    "a page": {"kind": "http", "status": 200},
    "time-out": {"kind": "latency", "seconds": 1},
}
EACH = [(fault, when) for when in ("before", "after") for fault in LOST.values()]
IDS = [f"{name} {when}" for when in ("before", "after") for name in LOST]


@pytest.mark.parametrize(("fault", "when"), [*EACH, ({"kind": "truncate"}, "after")], ids=[*IDS, "truncated"])
def test_each_document_of_a_request_without_an_answer_is_there_once(
    synced_world: World, fault: dict[str, Any], when: str
) -> None:
    world = synced_world
    add_invoices(world, *NUMBERS)
    world.configure(read_timeout=0.5 if fault["kind"] == "latency" else 5)
    world.sim.faults.add(**fault, when=when, function="create_invoice")
    assert world.sync().state == "done"
    assert world.operations()["UNKNOWN"] == 25
    world.configure(read_timeout=5)
    for _ in range(2):
        world.age(LATE)
        world.sync()
    assert [number for number in world.numbers("ARINVOICE") if number in NUMBERS] == NUMBERS
    assert (world.issues(), set(world.operations()), set(world.executions())) == ([], {"DONE"}, {1})
