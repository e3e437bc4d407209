"""Places and counts of a run whose steps are passed over, when a worker dies, Intacct fails or the time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from world import World
from world.dying import Died

from flask_intacct import jobs
from flask_intacct.gateway.errors import TransportError
from flask_intacct.messages import Message
from flask_intacct.models import Run
from flask_intacct.phases import Cursor, Phase, RunKind, Stage, Step
from flask_intacct.sync import executor
from flask_intacct.sync import run as runs
from flask_intacct.sync.job_context import JobContext, OutOfTime


def begun(world: World, *steps: Step, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that consists of these steps, each a stage."""
    monkeypatch.setattr(executor, "MOMENT", 60)
    kind = RunKind(Message("run.Sync"), ("connected",), (Phase("all", "All", (), tuple(map(Stage, steps))),))
    state = world.app.extensions["intacct"]
    world.app.extensions["intacct"] = replace(state, runs={**state.runs, runs.SYNC: kind})
    return runs.start(world.id, runs.SYNC, "ada")


def counts(world: World, run: Run) -> tuple[int, int, int]:
    (phase,) = world.phases(run.id)
    return phase.done, phase.failed, phase.total


def looking(*names: str) -> Step:
    """A step that finds all as it is, and counts so many records."""

    def step(job: JobContext, _: Cursor) -> None:
        job.count(names)

    return step


def writing(names: Sequence[str], then: Callable[[], object] = lambda: None) -> Step:
    """A step that writes and counts, and does something after that."""

    def step(job: JobContext, _: Cursor) -> None:
        with job.transaction() as session:
            job.progress(session, done=names)
        then()

    return step


def once(error: BaseException) -> Callable[[], object]:
    left = [error]

    def fails() -> None:
        if left:
            raise left.pop()

    return fails


@pytest.mark.parametrize("error", [TransportError("gone"), OutOfTime(), ValueError("ours"), Died()])
def test_what_was_counted_counts_once_if_its_step_comes_again(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    run = begun(synced_world, looking("a"), writing(["b", "c"], once(error)), looking("d"), monkeypatch=monkeypatch)
    with suppress(Died):
        jobs.work(run.id)
    assert synced_world.drain(run).state == "done"
    assert counts(synced_world, run) == (4, 0, 4)


def test_what_was_counted_counts_once_if_a_step_before_it_writes_the_second_time(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was passed over, and its worker died after the one behind it had counted."""
    looked = [looking("a")]

    def first(job: JobContext, cursor: Cursor) -> Cursor | None:
        return (looked.pop() if looked else writing(["a"]))(job, cursor)

    run = begun(synced_world, first, writing(["b"], once(Died())), monkeypatch=monkeypatch)
    with suppress(Died):
        jobs.work(run.id)
    assert synced_world.drain(run).state == "done"
    assert counts(synced_world, run) == (2, 0, 2)


def test_what_a_step_counted_before_it_failed_counts_once(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = once(TransportError("gone"))

    def counting(job: JobContext, _: Cursor) -> None:
        job.count(["b"])
        fails()

    run = begun(synced_world, looking("a"), counting, looking("c"), monkeypatch=monkeypatch)
    assert synced_world.drain(run).state == "done"
    assert counts(synced_world, run) == (3, 0, 3)


def test_what_is_expected_comes_on_top_of_what_was_counted_without_a_commit(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(synced_world, looking("a", "b"), lambda job, _: job.expect(1), writing(["c"]), monkeypatch=monkeypatch)
    assert synced_world.drain(run).state == "done"
    assert counts(synced_world, run) == (3, 0, 3)
