"""Documents that people here take back or change between intent and answer: not sent, brought up to date, or told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from world import MakeWorld, World, host
from world.papers import another_bill, another_invoice
from world.together import meanwhile

from flask_intacct import jobs
from flask_intacct.sync import run as runs

from .test_outbox import LATE

KINDS: dict[str, tuple[Any, Any, str, str]] = {
    "invoice": (host.Invoice, another_invoice, "ARINVOICE", "create_invoice"),
    "bill": (host.Bill, another_bill, "APBILL", "create"),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def void(paper: host.Paper) -> None:
    paper.status = "void"


def draft(paper: host.Paper) -> None:
    paper.status = "draft"


def amount(paper: Any) -> None:
    paper.lines[0].net += 1
    paper.total += 1


TAKEN_BACK = pytest.mark.parametrize(("act", "cause"), [(void, "voided here"), (draft, "amounts differ")])


def act_on(world: World, kind: str, act: Callable[[Any], None]) -> None:
    paper = world.one(KINDS[kind][0], number="N-1")
    act(paper)
    world.save(paper)


def there(world: World, kind: str) -> list[str]:
    """What Intacct has of it: its total."""
    return [str(row["TRX_TOTALENTERED"]) for row in world.theirs(KINDS[kind][2]) if row["RECORDID"] == "N-1"]


def new(world: World, kind: str) -> None:
    world.save(KINDS[kind][1](world, "N-1"))


@EACH_KIND
@pytest.mark.parametrize("act", [void, draft])
def test_what_is_taken_back_after_it_was_made_ready_is_not_sent(
    synced_world: World, kind: str, act: Callable[[Any], None]
) -> None:
    world = synced_world
    new(world, kind)
    world.sim.faults.add("rate", function=KINDS[kind][3], seconds=3600)
    run = runs.start(world.id, runs.SYNC, "ada")
    jobs.work(run.id)
    assert world.operations()["READY"] == 1
    act_on(world, kind, act)
    runs.start(world.id, runs.SYNC, "ada", pressed=True)
    world.drain(run)
    world.sync()
    assert (there(world, kind), world.issues(), world.operations()["CANCELLED"]) == ([], [], 1)


@EACH_KIND
@TAKEN_BACK
def test_what_is_taken_back_while_it_is_on_the_wire_is_told(
    synced_world: World, kind: str, act: Callable[[Any], None], cause: str
) -> None:
    world = synced_world
    new(world, kind)
    run = runs.start(world.id, runs.SYNC, "ada")
    meanwhile(world, run, KINDS[kind][3], lambda: act_on(world, kind, act))
    world.drain(run)
    world.sync()
    assert (there(world, kind), world.issues()) == (["12.00"], [("N-1", cause)])


@EACH_KIND
def test_what_is_changed_while_it_is_on_the_wire_is_brought_up_to_date(
    make_world: MakeWorld, on: str, kind: str
) -> None:
    world = make_world(on=on, stage="synced")
    new(world, kind)
    run = runs.start(world.id, runs.SYNC, "ada")
    meanwhile(world, run, KINDS[kind][3], lambda: act_on(world, kind, amount))
    world.drain(run)
    world.sync()
    assert (there(world, kind), world.issues(), set(world.executions())) == (["13.00"], [], {1})


@EACH_KIND
@TAKEN_BACK
def test_what_is_taken_back_before_it_is_looked_up_is_told(
    synced_world: World, kind: str, act: Callable[[Any], None], cause: str
) -> None:
    world = synced_world
    new(world, kind)
    world.sim.faults.add("drop", when="after", function=KINDS[kind][3])
    world.sync()
    act_on(world, kind, act)
    world.age(LATE)
    world.sync()
    world.sync()
    assert (there(world, kind), world.issues()) == (["12.00"], [("N-1", cause)])
