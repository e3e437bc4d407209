"""Transactions of ours beside those of others, on databases with several writers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host

from flask_intacct import tokens
from flask_intacct.models import Connection
from flask_intacct.state import State, current
from flask_intacct.sync import lease, touched

PATIENCE = 20


@pytest.fixture
def read(make_world: MakeWorld, server: str) -> World:
    world: World = make_world(on=server, stage="read")
    return world


def elsewhere(world: World, act: Callable[[], object]) -> threading.Thread:
    """Another process at work, with a connection of its own."""

    def run() -> None:
        with world.app.app_context():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def rename(world: World, name: str) -> None:
    with current().transaction() as session:
        session.execute(sa.update(Connection).where(Connection.id == world.id).values(company_name=name))


@pytest.mark.parametrize("door", [State.transaction, State.reading])
def test_what_others_commit_meanwhile_is_seen(
    read: World, door: Callable[[State], AbstractContextManager[Any]]
) -> None:
    world, name = read, sa.select(Connection.company_name)
    with door(current()) as session:
        before = session.scalar(name)
        elsewhere(world, lambda: rename(world, "Elsewhere Ltd")).join(PATIENCE)
        after = session.scalar(name)
    assert (before, after) == ("Northgate", "Elsewhere Ltd")


def test_what_is_read_under_a_lock_is_what_was_committed_before_it_was_had(read: World) -> None:
    world, had = read, threading.Event()
    found: list[str] = []

    def wait_for_it() -> None:
        with current().transaction() as session:
            session.scalars(sa.select(Connection)).all()  # whatever it looks at before
            session.expire_all()
            had.set()
            lease.lock(session, [world.id])
            found.append(session.scalars(sa.select(Connection.company_name)).one())

    with current().transaction() as session:
        lease.lock(session, [world.id])
        waiting = elsewhere(world, wait_for_it)
        assert had.wait(PATIENCE)
        session.execute(sa.update(Connection).values(company_name="Elsewhere Ltd"))
    waiting.join(PATIENCE)
    assert found == ["Elsewhere Ltd"]


def test_nobody_waits_for_words_that_another_company_has_none_of(read: World) -> None:
    world = read
    with current().transaction() as session:
        tokens.forget(session, world.id, "NOTHING")
        other = elsewhere(world, lambda: _write(world))
        other.join(PATIENCE)
        waits = other.is_alive()
    other.join(PATIENCE)
    assert not waits


def _write(world: World) -> None:
    with current().transaction() as session:
        tokens.write(session, world.id, "NOTICE", {1: "some words"})


def test_what_the_hosts_own_code_reads_in_a_worker_is_what_is_committed_by_then(
    make_world: MakeWorld, server: str
) -> None:
    world, found = make_world(on=server, stage="synced"), list[str]()
    world.sim.insert("LOCATION", {"LOCATIONID": "E1-50", "NAME": "Weir", "PARENTID": "E1", "STATUS": "active"})

    def rename_category() -> None:
        with host.db.engine.begin() as connection:
            connection.execute(sa.update(host.Category).values(title="Elsewhere"))

    def look(mapper: Any, connection: Any, row: Any) -> None:
        """The host goes by another row as it makes a new one, which changes just then."""
        elsewhere(world, rename_category).join(PATIENCE)
        found.append(connection.scalar(sa.select(host.Category.title).where(host.Category.id == row.category_id)))

    sa.event.listen(host.Option, "before_insert", look)
    try:
        assert world.sync().state == "done"
    finally:
        sa.event.remove(host.Option, "before_insert", look)
    assert found == ["Elsewhere"]


def test_a_document_that_came_since_the_hosts_transaction_began_is_not_taken_for_gone(
    make_world: MakeWorld, server: str
) -> None:
    world = make_world(on=server, stage="synced")
    host.db.session.scalars(sa.select(host.Invoice)).all()  # a request has begun
    new = {"company_id": 1, "contact_id": 1, "day": date(2026, 4, 1), "total": Decimal("0.00"), "status": "draft"}
    elsewhere(world, lambda: world.save(host.Invoice(number="NEW-1", **new))).join(PATIENCE)
    touched.dispatch(current())
    (invoice,) = world.host(host.Invoice, number="NEW-1")
    assert [link.seen_at for link in world.links("invoice") if link.local_id == str(invoice.id)] == [-1]
