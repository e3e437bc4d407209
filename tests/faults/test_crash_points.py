"""A worker that is killed at any point at all: before each commit, before and right after each request of a run.

The points are those of one run that nothing disturbs. For each of them a worker does the same run in a process of its
own and is killed there; then another one takes over. `make test` takes each fortieth point, INTACCT_EVERY_POINT=1 all
of them.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from urllib3.connection import HTTPConnection
from world import World, host
from world.conserved import held, settle
from world.databases import Worlds
from world.papers import another_invoice, new_in_intacct

from flask_intacct import jobs
from flask_intacct.models import Run
from flask_intacct.sync import run as runs

from .test_workers import lapse

EACH = int(os.environ.get("INTACCT_EVERY_POINT", "40"))
"""Each so-many-th point is tried."""

COMMIT, LEAVING, ANSWERED = "before a commit", "before a request", "after its answer"


@contextmanager
def points(reached: Callable[[str], None]) -> Iterator[None]:
    """Call this at each point."""
    request, answer = HTTPConnection.request, HTTPConnection.getresponse

    def committing(connection: Any) -> None:
        reached(COMMIT)

    def sending(self: HTTPConnection, *given: Any, **named: Any) -> Any:
        reached(LEAVING)
        return request(self, *given, **named)

    def answered(self: HTTPConnection) -> Any:
        found = answer(self)
        reached(ANSWERED)
        return found

    engine = host.db.engine
    sa.event.listen(engine, "commit", committing)
    HTTPConnection.request, HTTPConnection.getresponse = sending, answered  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPConnection.request, HTTPConnection.getresponse = request, answer  # type: ignore[method-assign]
        sa.event.remove(engine, "commit", committing)


def first(world: World) -> Run:
    """An initial sync: contacts, invoices and a bill go out, others come in, some are paired."""
    return world.confirm()


def later(world: World) -> Run:
    """A later sync: something of each kind is new or changed on either side, and one is deleted in Intacct."""
    world.save(another_invoice(world, "INV-11"), another_invoice(world, "INV-12"))
    carol = world.one(host.Contact, name="Carol Clark")
    carol.phone = "0117 496 0001"
    bill = world.one(host.Bill, number="BILL-1")
    bill.lines[0].net += 1
    bill.total += 1
    world.save(carol, bill)
    new_in_intacct(world, "THEIRS-9")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Nora North", "STATUS": "active"}, "E1")
    (theirs,) = world.theirs("APBILL", RECORDID="THEIRS-2")
    world.sim.reverse("APBILL", theirs["RECORDNO"], date(2026, 5, 1))
    (sent,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    world.sim.delete("ARINVOICE", sent["RECORDNO"])
    return runs.start(world.id, runs.SYNC, "ada")


@contextmanager
def begun(worlds: Worlds, stage: str, on: str) -> Iterator[tuple[World, Run]]:
    """A world with a run that nobody has begun to work on; it ends at once, for there are hundreds of them."""
    world = worlds.make(on=on, stage=stage)
    try:
        yield world, {"decided": first, "synced": later}[stage](world)
    finally:
        worlds.end(world)


def recorded(world: World, run: Run) -> list[str]:
    """The points of a run that nothing disturbs."""
    found: list[str] = []
    with points(found.append):
        assert world.drain(run).state == "done"
    return found


def killed(world: World, run: Run, at: int) -> bool:
    """Let a worker in a process of its own do a run, and be killed at a point; whether it came so far."""
    host.db.session.remove()
    host.db.engine.dispose()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    code = 1
    try:
        seen = iter(range(at))

        def reached(point: str) -> None:
            if next(seen, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        with points(reached):
            while world.get(Run, run.id).live is not None:
                jobs.work(run.id)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


@pytest.mark.parametrize("stage", ["decided", "synced"], ids=["initial sync", "later sync"])
def test_a_worker_killed_at_any_point_changes_nothing_in_the_end(worlds: Worlds, stage: str, on: str) -> None:
    with begun(worlds, stage, on) as (world, run):
        names = recorded(world, run)
        settle(world)
        undisturbed = held(world)
    assert {COMMIT, LEAVING, ANSWERED} == set(names)
    missed, other = 0, []
    for at in range(EACH // 2, len(names), EACH):
        with begun(worlds, stage, on) as (world, run):
            missed += not killed(world, run, at)
            lapse(world)
            if world.drain(run).state == "done":
                settle(world)
            found = {"run": world.get(Run, run.id).state, **held(world)}
        other += [(at, names[at], name, is_) for name, is_ in found.items() if is_ != undisturbed.get(name, "done")]
    assert other == []
    assert missed <= 1, "the same run has the same points, but for what two threads do at once"
