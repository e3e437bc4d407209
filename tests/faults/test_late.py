"""Intacct shows what was created only after a while: it is looked up until it is there, and is there once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from world import MakeWorld, World

from flask_intacct.sync.outbox.states import LOOK_UPS

from .test_outbox import LATE, sent, settled, ticked

HOUR = 3600


def hidden(world: World) -> None:
    """From now on nothing that is new is seen by anybody who asks for it."""
    world.sim.advance(2 * HOUR)
    world.sim.switches.late_seconds, world.sim.switches.late_for_all = HOUR, True


@pytest.mark.parametrize("look_ups", [2, len(LOOK_UPS)])
def test_a_document_that_the_first_look_ups_do_not_see_is_there_once(
    make_world: MakeWorld, on: str, look_ups: int
) -> None:
    """Not even the last one: then it is sent again, and Intacct says that it ran before."""
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    hidden(world)
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(run)
    for wait in LOOK_UPS[:look_ups]:
        world.age(wait + timedelta(seconds=1))
        ticked(world)
        assert world.link("INV-1").state == "create"
    world.sim.switches.late_seconds = 0
    for _ in range(2):
        world.age(LATE)
        world.sync()
    settled(world)
    assert len(sent(world, "INV-1")) == 1 + (look_ups == len(LOOK_UPS))
