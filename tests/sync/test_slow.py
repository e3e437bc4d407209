"""Slow gateways and slow hosts: a slice ends soon after its time, whatever a step has before it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from world import MakeWorld, World, books, host

from flask_intacct import jobs
from flask_intacct.models import Phase, Record, Run
from flask_intacct.onboarding import plan as plans
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.sync import run as runs
from flask_intacct.sync import whole
from flask_intacct.sync.executor import Executor
from flask_intacct.sync.job_context import JobContext


def papers(number: int) -> Dataset:
    """A company with so many invoices."""
    rent = books.line("4000", "100.00", "20.00")
    return books.intacct_company(
        invoices=tuple(books.paper(f"P-{at}", "C1", date(2026, 3, 1 + at % 28), rent) for at in range(number)), bills=()
    )


def read(world: World) -> int:
    return len(world.rows(Record, Record.object == "ARINVOICE"))


@pytest.mark.parametrize("again", [False, True])
def test_reading_documents_ends_behind_those_that_it_has_once_the_time_is_over(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """Headers come a thousand at a time, and each few of them take requests of their own for lines and taxes."""
    monkeypatch.setattr(whole, "CHUNK", 4)
    world = make_world(papers(10), stage="read")
    if again:
        world.drain(plans.make(world.id, "ada"))
        for row in world.theirs("ARINVOICE"):
            world.sim.modify("ARINVOICE", int(row["RECORDNO"]), DESCRIPTION="Changed")
    world.configure(slice_seconds=0)
    run = plans.make(world.id, "ada")
    grown = []
    while world.get(Run, run.id).live is not None:
        before = changed(world) if again else read(world)
        jobs.work(run.id)
        grown.append((changed(world) if again else read(world)) - before)
    assert [number for number in grown if number] == [4, 4, 2]
    assert world.get(Run, run.id).state == "done"
    (phase,) = [row for row in world.rows(Phase, Phase.run_id == run.id) if row.name == "read_invoice"]
    assert phase.done >= 10


def changed(world: World) -> int:
    rows = world.rows(Record, Record.object == "ARINVOICE")
    return sum(row.payload.get("DESCRIPTION") == "Changed" for row in rows)


def test_what_comes_into_a_slow_host_is_brought_in_one_by_one_once_the_time_is_over(synced_world: World) -> None:
    world = synced_world
    for number in range(3):
        named = {"CUSTOMERID": f"N{number}", "NAME": f"New {number}", "STATUS": "active"}
        world.sim.insert("CUSTOMER", named, "E1")
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")
    grown = []
    while world.get(Run, run.id).live is not None:
        before = len(world.host(host.Contact))
        jobs.work(run.id)
        grown.append(len(world.host(host.Contact)) - before)
    assert [number for number in grown if number] == [1, 1, 1]
    assert (world.get(Run, run.id).state, world.issues()) == ("done", [])


def test_no_read_is_sent_after_the_time_of_a_slice_but_by_its_first_step(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that asks several times, of a gateway that takes long, would else end long after its slice."""
    monkeypatch.setattr(whole, "CHUNK", 2)
    world = make_world(papers(8), stage="read")
    run = plans.make(world.id, "ada")
    over = timed(monkeypatch, world)
    slices = 0
    while world.get(Run, run.id).live is not None:
        over.begin()
        jobs.work(run.id)
        slices += 1
        assert over.late() == 0
    assert (slices > 4, world.get(Run, run.id).state, read(world)) == (True, "done", 8)


class Time:
    """A slice's time is over when so many requests were sent; counts those that were sent after that."""

    MOST = 2

    def __init__(self, world: World) -> None:
        self.world, self.first = world, 0
        self.begin()

    def begin(self) -> None:
        self.first, self.steps = len(self.world.sim.requests), 0
        self.whole = 0

    def sent(self) -> int:
        return len(self.world.sim.requests) - self.first

    def over(self) -> bool:
        return self.sent() >= self.MOST

    def stepped(self) -> None:
        """A step was committed."""
        self.steps += 1
        if self.steps == 1:
            self.whole = self.sent()

    def late(self) -> int:
        return max(0, self.sent() - max(self.MOST, self.whole)) if self.steps else 0


def timed(monkeypatch: pytest.MonkeyPatch, world: World) -> Time:
    time, advance = Time(world), Executor._advance

    def advancing(self: Executor, *given: Any, **more: Any) -> bool:
        going = advance(self, *given, **more)
        time.stepped()
        return going

    monkeypatch.setattr(JobContext, "over", lambda self: time.over())
    monkeypatch.setattr(Executor, "_advance", advancing)
    return time
