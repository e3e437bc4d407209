"""A record that kills each process that is at it, as too little memory or a crash in native code does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from world import MakeWorld, World, host
from world.papers import another_bill, another_invoice

from flask_intacct.models import Notice, Run
from flask_intacct.sync import failing
from flask_intacct.sync import run as runs

from .test_crash_points import killed
from .test_workers import lapse


@contextmanager
def deadly(model: Any, event: str, which: Callable[..., bool]) -> Iterator[None]:
    """Some rows of the host are the end of a worker's process at an event of their model."""
    mine = os.getpid()

    def meets(*given: Any) -> None:
        if os.getpid() != mine and which(*given):
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(model, event, meets)
    try:
        yield
    finally:
        sa.event.remove(model, event, meets)


def worked(world: World) -> Run:
    """A sync that one worker after the other does, until it ends."""
    run = runs.start(world.id, runs.SYNC, "ada")
    for _ in range(failing.DEATHS + 2):
        if not killed(world, run, 10_000):
            return world.get(Run, run.id)
        lapse(world)
    raise AssertionError("they die for ever")


def test_a_record_that_kills_each_worker_is_told_and_the_other_kinds_go_on(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="synced")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Deadly Dora", "STATUS": "active"}, "E1")
    world.save(another_bill(world, "B-1"))
    with deadly(host.Contact, "init", lambda row, given, named: "Deadly" in named["name"]):
        assert worked(world).state == "done"
    assert world.issues() == [("CUSTOMER", "internal error")]
    assert "B-1" in world.numbers("APBILL")
    assert world.sync().state == "done"
    assert (world.issues(), len(world.host(host.Contact, name="Deadly Dora"))) == ([], 1)


def test_a_row_that_kills_each_worker_before_it_comes_to_a_kind_ends_the_sync_with_a_word(synced_world: World) -> None:
    world = synced_world
    world.save(another_invoice(world, "N-1"))
    with deadly(host.Invoice, "load", lambda row, _: row.number == "N-1"):
        assert worked(world).state == "failed"
    assert [cause for _, cause in world.issues()] == ["internal error"]
    assert [str(row.message) for row in world.rows(Notice)][-1] == "The sync stopped."
    assert world.sync().state == "done"
    assert (world.issues(), world.numbers("ARINVOICE").count("N-1")) == ([], 1)
