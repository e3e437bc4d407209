"""The garbage collector while a job is at work, and after it."""

from __future__ import annotations

import gc

import pytest
from world import World

from flask_intacct import collector, jobs
from flask_intacct.sync import run as runs
from flask_intacct.sync.executor import Executor


def test_it_is_as_it_was_once_all_who_were_in_it_have_left() -> None:
    before = gc.get_threshold()
    with collector.patient(50_000):
        with collector.patient(500_000):
            assert gc.get_threshold()[0] == 500_000
        assert gc.get_threshold()[0] == 50_000
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_it_stays_as_the_process_set_it_where_that_is_more_or_off() -> None:
    before = gc.get_threshold()
    try:
        for own in (1_000_000, 0):
            gc.set_threshold(own, *before[1:])
            with collector.patient(50_000):
                assert gc.get_threshold()[0] == own
            assert gc.get_threshold()[0] == own
    finally:
        gc.set_threshold(*before)


def test_a_job_works_in_it_and_leaves_it_also_where_it_fails(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seen = gc.get_threshold(), list[int]()

    def fails(executor: Executor) -> bool:
        seen.append(gc.get_threshold()[0])
        raise ValueError("surprise")

    monkeypatch.setattr(Executor, "slice", fails)
    with pytest.raises(ValueError, match="surprise"):
        jobs.work(runs.start(synced_world.id, runs.SYNC, "ada").id)
    assert seen == [jobs.OBJECTS]
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
