"""Gateway sessions that end in the middle of a sync."""

from __future__ import annotations

from datetime import date

import pytest
from world import MakeWorld, books

from flask_intacct.models import Record
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.sync import source

RENT = books.line("4000", "100.00", "20.00")


def company() -> Dataset:
    """A company with seven invoices."""
    return books.intacct_company(
        invoices=tuple(books.paper(f"P-{at}", "C1", date(2026, 3, 1 + at), RENT) for at in range(7)), bills=()
    )


@pytest.mark.parametrize("skip", [3, 12])
def test_a_session_that_ends_between_two_pages_is_made_anew_once_and_no_row_is_lost_or_doubled(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, skip: int
) -> None:
    monkeypatch.setattr(source, "PAGE", 2)
    undisturbed = make_world(company(), stage="decided")
    undisturbed.drain(undisturbed.confirm())
    expected = sorted((row.object, row.key) for row in undisturbed.rows(Record))
    world = make_world(company(), stage="decided")
    run, before = world.confirm(), len(world.sim.requests)
    world.sim.faults.add("session", function="query", skip=skip)
    assert world.drain(run).state == "done"
    signed_in = [one for one in world.sim.requests[before:] if "getAPISession" in one.functions]
    assert len(signed_in) == 1
    assert sorted((row.object, row.key) for row in world.rows(Record)) == expected
    assert world.issues() == undisturbed.issues()
