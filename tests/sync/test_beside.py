"""What is done while Intacct is asked: documents are made ready while others are sent, questions are asked early."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import func, select
from world import World, host
from world.papers import another_invoice
from world.together import meanwhile

from flask_intacct.models import Connection, Operation
from flask_intacct.state import current
from flask_intacct.sync import run as runs


def _ready() -> int:
    with current().reading() as session:
        query = select(func.count()).select_from(Operation).where(Operation.state == "READY")
        return session.scalar(query) or 0


def test_documents_are_made_ready_while_the_first_one_is_on_its_way(decided_world: World) -> None:
    world = decided_world
    world.save(*(another_invoice(world, f"N-{number}") for number in range(120)))
    seen: list[int] = []

    def look() -> None:
        seen.append(_ready())
        until = time.monotonic() + 20
        while seen[-1] < 120 and time.monotonic() < until and world.operations()["SENT"]:
            seen.append(_ready())

    meanwhile(world, world.confirm(), "create_invoice", look)
    assert seen[0] < 120 <= seen[-1]
    assert (world.sync().state, world.issues(), set(world.executions())) == ("done", [], {1})


def test_what_an_earlier_run_left_does_not_go_before_it_is_known_whether_it_may(decided_world: World) -> None:
    """The account of its lines was closed since it was made ready."""
    world = decided_world
    world.save(*(another_invoice(world, f"A-{number}") for number in range(60)))
    run = world.confirm()
    meanwhile(world, run, "create_invoice", lambda: runs.cancel(run.id, "ada"))
    assert _ready() > 0
    world.sim.modify("GLACCOUNT", "4000", STATUS="inactive")
    before = len(world.sim.requests)
    world.sync()
    asked = [name for request in world.sim.requests[before:] for name in request.functions]
    assert (asked.count("create_invoice"), _ready()) == (0, 0)


def test_a_quiet_sync_has_two_questions_on_their_way_at_once(synced_world: World) -> None:
    world = synced_world
    world.age(timedelta(hours=3))
    world.sync()
    before = len(world.sim.requests)
    world.sim.gateway.most_at_once = 0
    world.sim.faults.add("latency", when="after", seconds=0.1, times=30)
    world.sync()
    asked = len(world.sim.requests) - before
    assert world.sim.most_at_once == 2
    world.configure(max_in_flight=1)
    world.sim.gateway.most_at_once = 0
    world.sync()
    assert (world.sim.most_at_once, len(world.sim.requests) - before) == (1, 2 * asked)


def test_an_early_question_that_fails_stops_what_it_is_about_alone(synced_world: World) -> None:
    world = synced_world
    world.sim.faults.add("http", status=502, function="getDimensions", times=1)
    world.save(another_invoice(world, "N-1"))
    assert world.sync().state == "done"
    assert (world.issues(), "N-1" in world.numbers("ARINVOICE")) == ([], True)


def test_of_a_side_that_is_paused_nothing_is_asked_early(synced_world: World) -> None:
    world = synced_world
    with current().transaction() as session:
        session.get_one(Connection, world.id).paused_sides = "receivables"
    before = len(world.sim.requests)
    world.sync()
    asked = "".join(request.body for request in world.sim.requests[before:])
    assert [name for name in ("ARINVOICE", "CUSTOMER", "VENDOR") if f"<object>{name}</object>" in asked] == ["VENDOR"]


def test_the_answer_to_an_early_question_is_used_once(synced_world: World) -> None:
    """A renamed account comes in with the next sync, also where the runs follow one another at once."""
    world = synced_world
    for name in ("Rents", "Rents received"):
        world.sim.modify("GLACCOUNT", "4100", TITLE=name)
        world.sync()
        assert world.one(host.Account, code="4100").title == name
