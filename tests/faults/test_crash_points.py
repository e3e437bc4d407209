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
from world import MakeWorld, World, host
from world.conserved import held, settle
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


def first(make_world: MakeWorld, on: str) -> tuple[World, Run]:
    """An initial sync: contacts, invoices and a bill go out, others come in, some are paired."""
    world = make_world(on=on, stage="decided")
    return world, world.confirm()


def later(make_world: MakeWorld, on: str) -> tuple[World, Run]:
    """A later sync: something of each kind is new or changed on either side."""
    world = make_world(on=on, stage="synced")
    world.save(another_invoice(world, "INV-11"), another_invoice(world, "INV-12"))
    carol = world.one(host.Contact, name="Carol Clark")
    carol.phone = "0117 496 0001"
    world.save(carol)
    new_in_intacct(world, "THEIRS-9")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Nora North", "STATUS": "active"}, "E1")
    (theirs,) = world.theirs("APBILL", RECORDID="THEIRS-2")
    world.sim.reverse("APBILL", theirs["RECORDNO"], date(2026, 5, 1))
    return world, runs.start(world.id, runs.SYNC, "ada")


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


@pytest.mark.parametrize("history", [first, later], ids=["initial sync", "later sync"])
def test_a_worker_killed_at_any_point_changes_nothing_in_the_end(
    make_world: MakeWorld, history: Callable[[MakeWorld, str], tuple[World, Run]], on: str
) -> None:
    world, run = history(make_world, on)
    names = recorded(world, run)
    settle(world)
    undisturbed = held(world)
    assert {COMMIT, LEAVING, ANSWERED} == set(names)
    missed = 0
    for at in range(EACH // 2, len(names), EACH):
        world, run = history(make_world, on)
        missed += not killed(world, run, at)
        lapse(world)
        assert world.drain(run).state == "done", (at, names[at])
        settle(world)
        assert held(world) == undisturbed, (at, names[at])
    assert missed <= 1, "the same run has the same points, but for what two threads do at once"
