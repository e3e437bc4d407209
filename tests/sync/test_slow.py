"""Slow gateways and slow hosts: a slice ends soon after its time, whatever a step has before it."""

from __future__ import annotations

from datetime import date

import pytest
from world import MakeWorld, World, books, host

from flask_intacct import jobs
from flask_intacct.models import Phase, Record, Run
from flask_intacct.onboarding import plan as plans
from flask_intacct.simulator.dataset import Dataset
from flask_intacct.sync import run as runs
from flask_intacct.sync import whole


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
