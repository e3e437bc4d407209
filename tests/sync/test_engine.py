"""Runs in slices: handed over, paused, resumed, cancelled, woken."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.together import meanwhile

from flask_intacct import jobs, queueing
from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Issue, Operation, Run, now
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import run as runs


def in_time(seconds: int) -> None:
    """Let so much time pass since a run last gave a sign of life."""
    ago = now() - timedelta(seconds=seconds)
    with current().transaction() as session:
        session.execute(sa.update(Run).where(Run.live.is_not(None)).values(beat_at=ago, asked_at=ago))


def queued() -> int:
    return int(queueing.queue().count)


def forget_jobs() -> None:
    queueing.queue().connection.flushall()


def test_a_run_of_the_shortest_slices_does_the_same(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    world.configure(slice_seconds=0)
    run = world.drain(world.confirm(), slices=600)
    assert (run.state, world.issues(), set(world.executions())) == ("done", [], {1})
    assert run.slices > 20
    assert run.report["totals"]["invoice"]["count"] == 5
    assert [len(world.host(model)) for model in (host.Invoice, host.Bill, host.Contact)] == [8, 3, 6]


def test_a_slice_that_ends_wakes_the_next(decided_world: World) -> None:
    world = decided_world
    world.configure(slice_seconds=0)
    run = world.confirm()
    forget_jobs()
    jobs.work(run.id)
    assert (queued(), world.get(Run, run.id).state) == (1, "running")


def test_a_second_request_for_a_sync_gives_the_run_at_work(synced_world: World) -> None:
    first = runs.start(synced_world.id, runs.SYNC, "ada")
    forget_jobs()
    assert runs.start(synced_world.id, runs.SYNC, "bob").id == first.id
    assert queued() == 0


def test_two_who_ask_at_once_get_one_run(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    barrier, found = threading.Barrier(3), []

    def ask() -> None:
        with world.app.app_context():
            barrier.wait()
            found.append(connect.refresh(world.id, "ada").id)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1


def test_a_paused_run_rests_and_goes_on_where_it_was(decided_world: World) -> None:
    world = decided_world
    world.configure(slice_seconds=0)
    run = world.confirm()
    for _ in range(12):
        jobs.work(run.id)
    done = {phase.name: phase.state for phase in world.phases(run.id)}
    runs.pause(run.id, "ada")
    requests = len(world.sim.requests)
    jobs.work(run.id)
    assert (world.get(Run, run.id).state, len(world.sim.requests)) == ("paused", requests)
    in_time(300)
    forget_jobs()
    jobs.tick()
    assert queued() == 0
    runs.resume(run.id, "ada")
    assert queued() == 1
    assert {phase.name: phase.state for phase in world.phases(run.id)} == done
    assert world.drain(run, slices=600).state == "done"
    assert set(world.executions()) == {1}


def test_a_pause_while_a_document_is_on_its_way_keeps_its_answer(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    meanwhile(world, run, "create_invoice", lambda: runs.pause(run.id, "ada"))
    assert world.get(Run, run.id).state == "paused"
    assert (world.operations()["SENT"], world.link("INV-1").state) == (0, "linked")
    runs.resume(run.id, "ada")
    assert world.drain(run).state == "done"
    assert (world.issues(), set(world.executions())) == ([], {1})


def test_a_cancelled_run_keeps_what_is_done_and_the_next_one_does_the_rest(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    meanwhile(world, run, "create_invoice", lambda: runs.cancel(run.id, "ada"))
    ended = world.get(Run, run.id)
    assert (ended.state, ended.live) == ("cancelled", None)
    assert (world.link("INV-1").state, world.numbers("ARINVOICE").count("INV-3")) == ("linked", 0)
    assert world.sync().state == "done"
    assert (world.issues(), set(world.executions())) == ([], {1})


def test_what_a_cancelled_initial_sync_left_is_what_the_next_one_expects(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    expected = world.get(Run, run.id).report["expected"]
    assert (expected["invoice"], expected["bill"]) == (5, 3)
    meanwhile(world, run, "create_invoice", lambda: runs.cancel(run.id, "ada"))
    with current().transaction() as session:
        left = runs.left(session, session.get_one(Run, run.id))
    assert (left["bill"], left["invoice"]) == (3, 3)
    again = runs.start(world.id, runs.SYNC, "ada")
    assert (again.kind, again.report["expected"]) == ("initial", left)


def test_a_disconnect_while_a_document_is_on_its_way_ends_the_run(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    meanwhile(world, run, "create_invoice", lambda: connect.disconnect(world.id, "ada"))
    assert (world.get(Run, run.id).state, world.connection.state) == ("cancelled", "disconnected")
    assert world.link("INV-1").state == "linked"
    assert "INV-3" not in world.numbers("ARINVOICE")


def test_a_run_that_ended_can_not_be_switched(synced_world: World) -> None:
    (run,) = synced_world.rows(Run, Run.kind == "initial")
    for switch in (runs.pause, runs.resume, runs.cancel):
        with pytest.raises(Refused, match="ended already"):
            switch(run.id, "ada")


def test_the_tick_wakes_a_run_that_nobody_works_at(decided_world: World) -> None:
    run = decided_world.confirm()
    forget_jobs()
    jobs.tick()
    assert queued() == 0  # it was asked for a moment ago
    in_time(60)
    jobs.tick()
    assert queued() == 1
    assert decided_world.drain(run).state == "done"


def test_two_ticks_do_no_harm(decided_world: World) -> None:
    run = decided_world.confirm()
    in_time(60)
    jobs.tick()
    jobs.tick()
    decided_world.drain(run)
    jobs.work(run.id)
    assert set(decided_world.executions()) == {1}


def test_the_tick_starts_a_sync_when_a_look_up_is_due(synced_world: World) -> None:
    world = synced_world
    last = world.rows(Operation)[-1].id
    with current().transaction() as session:
        row = session.get_one(Operation, last)
        row.state, row.live, row.due_at = "UNKNOWN", "create", now() + timedelta(seconds=20)
    jobs.tick()
    assert world.rows(Run)[-1].kind == "initial"
    world.age(timedelta(seconds=30))
    jobs.tick()
    assert (world.rows(Run)[-1].kind, world.rows(Run)[-1].state) == ("sync", "queued")


def test_the_night_starts_a_sync_of_every_connected_company(synced_world: World) -> None:
    world = synced_world
    world.save(host.Company(id=2, name="Harbour"))
    connect.start("2", "ada")
    jobs.nightly()
    jobs.nightly()
    assert [(run.connection_id, run.kind) for run in world.rows(Run)][-1] == (world.id, "sync")
    assert len(world.rows(Run, Run.kind == "sync")) == 1


def test_the_night_leaves_a_paused_company_alone(synced_world: World) -> None:
    connect.pause(synced_world.id, "ada")
    jobs.nightly()
    assert synced_world.rows(Run, Run.kind == "sync") == []


def test_refused_credentials_stop_the_connection_after_one_try(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    user = world.sim.company.users["ws_user"]
    user.password = "changed"
    world.sim.expire_sessions()
    assert world.drain(run).state == "failed"
    assert (user.failures, world.connection.state) == (1, "needs_reconnecting")
    jobs.tick()
    jobs.nightly()
    assert user.failures == 1
    assert [row.fingerprint for row in world.rows(Issue)] == ["sign-in refused"]
    world.sign_in(password="changed")
    assert (world.connection.state, world.issues()) == ("connected", [])
    assert world.sync().state == "done"


def test_a_missing_right_fails_the_run_with_its_cure(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    world.sim.deny("GLACCOUNT")
    ended = world.drain(run)
    assert ended.state == "failed"
    assert "does not let the Web Services user read GLACCOUNT" in str(ended.problem)
    assert world.connection.state == "connected"


def test_a_mistake_in_our_own_code_is_tried_once_more_and_then_shown(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    with current().transaction() as session:
        session.get_one(Connection, world.id).facts = {"proved": 7}
    ended = world.drain(run)
    assert ended.state == "failed"
    assert "reference" in str(ended.problem)
    assert [row.fingerprint for row in world.rows(Issue, Issue.kind == "")] == ["internal error"]


def test_the_host_deciding_to_start_over_ends_the_worker_quietly(decided_world: World) -> None:
    world = decided_world
    run = connect.refresh(world.id, "ada")
    meanwhile(world, run, "query", lambda: connect.start_over(world.id, "ada"))
    assert (world.rows(Run), world.rows(Connection)) == ([], [])
