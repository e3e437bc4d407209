"""Questions are asked early, two at a time, while something else is done."""

from __future__ import annotations

from datetime import timedelta

from world import World, host
from world.papers import another_invoice

from flask_intacct.models import Connection
from flask_intacct.state import current


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
