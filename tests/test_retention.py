"""What is kept for a time only is deleted after it, and nothing else is."""

from __future__ import annotations

import sqlalchemy as sa
from world import MakeWorld, World

from flask_intacct import jobs
from flask_intacct.clock import now
from flask_intacct.messages import quoted
from flask_intacct.models import Dismissal, Event, Issue, Link, Notice, Operation, Phase, Run
from flask_intacct.state import current

YEARS = 2 * 365 * 86400.0


def long_ago(world: World) -> None:
    """All that has happened so far happened two years ago."""
    then = now(-YEARS)
    with current().transaction() as session:
        session.execute(sa.update(Run).values(asked_at=then, started_at=then, finished_at=then))
        session.execute(sa.update(Notice).values(at=then))
        session.execute(sa.update(Issue).values(first_seen=then, last_seen=then))


def test_old_runs_and_notices_go_but_the_newest_of_each_kind(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="synced")
    for _ in range(3):
        world.sync()
    first, *_, last = world.rows(Run, Run.kind == "sync")
    kinds = {run.kind for run in world.rows(Run)}
    with current().transaction() as session:
        old = session.scalars(sa.select(Notice).where(Notice.run_id == first.id)).one()
        session.add(Dismissal(notice_id=old.id, who="ada"))
    kept = len(world.rows(Link)), len(world.rows(Operation)), len(world.rows(Event))
    long_ago(world)
    jobs.tick()
    jobs.tick()
    assert [run.id for run in world.rows(Run, Run.kind == "sync")] == [last.id]
    assert {run.kind for run in world.rows(Run)} == kinds
    assert [notice.run_id for notice in world.rows(Notice)] == [last.id]
    assert world.rows(Dismissal) == []
    assert {phase.run_id for phase in world.rows(Phase)} == {run.id for run in world.rows(Run)}
    assert (len(world.rows(Link)), len(world.rows(Operation)), len(world.rows(Event))) == kept
    assert world.sync().state == "done"


def test_solved_issues_go_and_open_and_handled_ones_stay(synced_world: World) -> None:
    world = synced_world
    with current().transaction() as session:
        for subject, live, resolution in (("a", None, "solved"), ("b", "live", ""), ("c", None, "handled")):
            more = {"subject": subject, "live": live, "resolution": resolution, "message": quoted("x")}
            session.add(Issue(connection_id=world.id, fingerprint="no account", **more))
    long_ago(world)
    jobs.tick()
    assert [issue.subject for issue in world.rows(Issue)] == ["b", "c"]


def test_what_is_not_old_enough_stays(synced_world: World) -> None:
    world = synced_world
    for _ in range(2):
        world.sync()
    before = [run.id for run in world.rows(Run)]
    jobs.tick()
    assert [run.id for run in world.rows(Run)] == before
