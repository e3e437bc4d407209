"""Signals fire after the commit, at least once: what a worker left behind, or a receiver failed at, the tick tells."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World
from world.dying import Died, dies
from world.papers import another_invoice
from world.statements import counted

from flask_intacct import jobs, queueing, signals
from flask_intacct.clock import now
from flask_intacct.models import Delivery, Run
from flask_intacct.state import current
from flask_intacct.sync import run as runs


def add(world: World, *numbers: str) -> None:
    world.save(*(another_invoice(world, number) for number in numbers))


def later(seconds: float = 7200) -> None:
    with current().transaction() as session:
        session.execute(sa.update(Delivery).values(due_at=now(-1), created_at=now(-seconds)))


def labels(world: World, link_ids: list[int]) -> list[str]:
    return [next(link.label for link in world.links("invoice") if link.id == link_id) for link_id in link_ids]


@pytest.mark.parametrize("signal", [signals.record_linked, signals.document_posted])
def test_what_a_worker_did_not_get_to_tell_the_tick_tells(make_world: MakeWorld, anywhere: str, signal: Any) -> None:
    world, heard = make_world(on=anywhere, stage="synced"), list[int]()
    add(world, "OUT-1", "OUT-2")

    def hears(sender: Any, *, connection_id: int, link_id: int) -> None:
        assert (sender, connection_id) == (world.app, world.id)
        heard.append(link_id)

    with signal.connected_to(dies), pytest.raises(Died):
        world.sync()
    assert len(world.rows(Delivery)) == 1
    with signal.connected_to(hears):
        jobs.tick()
        assert heard == []  # the worker may be at it still
        later()
        jobs.tick()
        jobs.tick()
    assert sorted(labels(world, heard)) == ["OUT-1", "OUT-2"]
    assert world.rows(Delivery) == []


def test_a_sync_that_ended_is_told_though_its_worker_died_then(synced_world: World) -> None:
    world, heard = synced_world, list[dict[str, Any]]()

    def hears(sender: Any, **told: Any) -> None:
        heard.append(told)

    with signals.run_finished.connected_to(dies), pytest.raises(Died):
        world.sync()
    later()
    with signals.run_finished.connected_to(hears):
        jobs.tick()
    ((told, *_),) = [heard]
    assert (told["connection_id"], told["level"]) == (world.id, "blue")


def test_runs_are_woken_before_a_receiver_takes_its_time(synced_world: World) -> None:
    world, waiting = synced_world, list[int]()
    with signals.run_finished.connected_to(dies), pytest.raises(Died):
        world.sync()
    later()
    run = runs.start(world.id, runs.SYNC, "ada")
    with current().transaction() as session:
        session.execute(sa.update(Run).where(Run.id == run.id).values(asked_at=now(-120)))
    queueing.queue().connection.flushall()

    def slow(sender: Any, **told: Any) -> None:
        waiting.append(queueing.queue().count)

    with signals.run_finished.connected_to(slow):
        jobs.tick()
    assert waiting == [1]


def test_what_a_receiver_fails_at_is_told_again_alone_until_it_gets_through(synced_world: World) -> None:
    world, heard, broken = synced_world, list[int](), {"OUT-2"}
    add(world, "OUT-1", "OUT-2", "OUT-3")

    def hears(sender: Any, *, connection_id: int, link_id: int) -> None:
        heard.append(link_id)
        if set(labels(world, [link_id])) & broken:
            raise ZeroDivisionError

    with signals.document_posted.connected_to(hears):
        assert world.sync().state == "done"
        for _ in range(7):
            later(60)
            jobs.tick()
        status = world.app.test_cli_runner().invoke(args=["intacct", "status"])
        assert "1 signal has not been delivered for an hour. The log says which receiver fails." not in status.output
        later()
        status = world.app.test_cli_runner().invoke(args=["intacct", "status"])
        assert "1 signal has not been delivered for an hour. The log says which receiver fails." in status.output
        assert status.exit_code == 1
        broken.clear()
        jobs.tick()
    assert Counter(labels(world, heard)) == {"OUT-1": 1, "OUT-2": 9, "OUT-3": 1}
    assert world.rows(Delivery) == []


def test_a_process_without_the_receiver_leaves_it_to_others(synced_world: World) -> None:
    world = synced_world
    add(world, "OUT-1")

    with signals.document_posted.connected_to(dies), pytest.raises(Died):
        world.sync()
    later()
    jobs.tick()
    assert [(row.signal, row.tries) for row in world.rows(Delivery)] == [("intacct-document-posted", 0)]


def test_nothing_is_written_where_nobody_listens(synced_world: World) -> None:
    add(synced_world, "OUT-1")
    with counted() as statements:
        assert synced_world.sync().state == "done"
    assert not [one for one in statements if "intacct_delivery" in one]


def test_a_request_is_told_of_in_two_statements(synced_world: World) -> None:
    world, heard = synced_world, list[int]()
    add(world, *(f"OUT-{at:02}" for at in range(50)))

    def hears(sender: Any, *, link_id: int, **_: Any) -> None:
        heard.append(link_id)

    listening = signals.document_posted.connected_to(hears), signals.record_linked.connected_to(hears)
    with listening[0], listening[1], counted() as statements:
        assert world.sync().state == "done"
    assert len(heard) == 100
    assert len([one for one in statements if "intacct_delivery" in one]) == 2 * 2
