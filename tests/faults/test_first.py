"""The first document of a kind comes back otherwise, while all else goes wrong, too: no second one is sent."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from sync.test_compared import in_step, mended, mixed, once_posted, sent, told
from sync.test_failures import tried
from world import MakeWorld

from flask_intacct import signals
from flask_intacct.gateway import channel

from .test_workers import lapse


def test_no_second_document_goes_while_the_first_is_otherwise_and_can_not_be_read_back(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, on: str
) -> None:
    monkeypatch.setattr(channel, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None))
    world = make_world(on=on, stage="decided")
    world.configure(slice_seconds=0)  # each step has a worker of its own
    run = world.confirm()

    def raises(sender: Any, **given: Any) -> None:
        raise ZeroDivisionError

    def posted() -> None:
        mixed(world)
        world.sim.faults.add("http", status=502, function="read", times=5)

    with signals.document_posted.connected_to(raises), once_posted("INV-1", posted):
        while tried(world, run).live is not None:
            lapse(world)
    assert sent(world) == set()
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    for _ in range(2):
        assert (world.sync().state, sent(world), told(world)) == ("failed", set(), [("INV-1", "amounts differ")])
    mended(world)
    assert world.sync().state == "done"
    in_step(world)
