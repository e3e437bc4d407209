"""Companies that the host deletes: their connections end, and the next company with the same id inherits nothing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, books, host

from flask_intacct import jobs, queueing
from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Event, Link, Run
from flask_intacct.models import Session as StoredSession
from flask_intacct.onboarding import connect
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.state import current
from flask_intacct.sync import run as runs

ORDER = ("invoice_line_option", "bill_line_option", "invoice_line", "bill_line", "invoice", "bill", "contact", "option",
         "category", "account", "tax_rate", "company")  # fmt: skip
"""The host's tables, each before those it refers to."""


def by_session(world: World) -> None:
    """The host deletes the company and all it has, row by row."""
    host.db.session.rollback()
    for model in (host.Invoice, host.Bill, host.Contact, host.Option, host.Category, host.Account, host.TaxRate):
        for row in host.db.session.scalars(sa.select(model)).all():
            host.db.session.delete(row)
        host.db.session.flush()
    host.db.session.delete(host.db.session.get_one(host.Company, 1))
    host.db.session.commit()


def in_bulk(world: World) -> None:
    """The host deletes with statements of its session."""
    host.db.session.rollback()
    for name in ORDER:
        host.db.session.execute(host.db.metadata.tables[name].delete())
    host.db.session.commit()


def by_plain_sql(world: World) -> None:
    """Another program deletes, and the tick looks."""
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        for name in ORDER:
            connection.exec_driver_sql(f"DELETE FROM {name}")
    jobs.tick()


def by_plain_sql_before_the_night(world: World) -> None:
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        for name in ORDER:
            connection.exec_driver_sql(f"DELETE FROM {name}")
    jobs.nightly()


WAYS = [by_session, in_bulk, by_plain_sql, by_plain_sql_before_the_night]


def sealed(connection_id: int) -> str:
    with current().transaction() as session:
        return session.scalars(sa.select(Connection.password_sealed).where(Connection.id == connection_id)).one()


@pytest.fixture
def synced(make_world: MakeWorld, on: str) -> World:
    world: World = make_world(on=on, stage="synced")
    return world


@pytest.mark.parametrize("delete", WAYS, ids=lambda way: way.__name__)
def test_the_next_company_with_the_id_inherits_nothing_and_nothing_syncs(synced: World, delete: Any) -> None:
    world = synced
    run = runs.start(world.id, runs.SYNC, "ada")
    delete(world)
    old = world.connection
    assert (old.state, old.live_company, old.live_target) == ("ended", None, None)
    assert (sealed(old.id), world.rows(StoredSession)) == ("", [])
    assert world.get(Run, run.id).state == "cancelled"
    (event,) = world.rows(Event, Event.action == "company deleted here")
    assert (event.connection_id, event.subject, event.before["company"]) == (old.id, "Northgate", "1")
    queueing.queue().connection.flushall()
    books.fill_host(1, "Southgate")
    seen = len(world.sim.requests)
    jobs.tick()
    jobs.nightly()
    jobs.work(run.id)
    assert (queueing.queue().count, len(world.sim.requests)) == (0, seen)
    (view,) = connect.companies()
    assert (view.name, view.state, view.connection) == ("Southgate", "not_connected", None)
    fresh = connect.start("1", "ada")
    assert (fresh.id != old.id, fresh.company_name, fresh.state, fresh.intacct_company) == (
        True,
        "Southgate",
        "onboarding",
        "",
    )
    assert (sealed(fresh.id), world.rows(Link, Link.connection_id == fresh.id)) == ("", [])


def test_the_entity_of_a_deleted_company_is_free(synced: World) -> None:
    world = synced
    by_session(world)
    books.fill_host(1, "Southgate")
    world.id = 0
    world.connect()
    assert (world.connection.entity, world.connection.live_target) == ("E1", "demo|e1")
    world.decide()
    assert world.drain(world.confirm()).state == "done"


def test_a_session_that_another_company_works_with_is_kept(synced: World) -> None:
    world = synced
    world.save(host.Company(id=2, name="Harbour"))
    first = world.id
    world.begin("2")
    world.sign_in()
    assert len(world.rows(StoredSession)) > 0
    with current().transaction() as session:
        session.execute(sa.update(Connection).where(Connection.id == world.id).values(intacct_company="Demo"))
    by_session_of(1)
    assert world.get(Connection, first).state == "ended"
    assert len(world.rows(StoredSession)) > 0
    assert sealed(world.id)


def by_session_of(company_id: int) -> None:
    """Delete the row of a company alone; what refers to it is left over, as without foreign keys."""
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        for name in ORDER[:-1]:
            connection.exec_driver_sql(f"DELETE FROM {name}")
    host.db.session.delete(host.db.session.get_one(host.Company, company_id))
    host.db.session.commit()


def test_a_delete_that_is_rolled_back_ends_nothing(synced: World) -> None:
    world = synced
    run = runs.start(world.id, runs.SYNC, "ada")
    for name in ORDER[:-1]:
        host.db.session.execute(host.db.metadata.tables[name].delete())
    host.db.session.delete(host.db.session.get_one(host.Company, 1))
    host.db.session.flush()
    host.db.session.rollback()
    assert (world.connection.state, world.connection.live_company) == ("connected", "1")
    assert sealed(world.id)
    assert world.drain(run).state == "done"


def test_a_connection_that_is_being_set_up_ends_too(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    by_session(world)
    assert (world.connection.state, sealed(world.id)) == ("ended", "")
    for change in (
        lambda: world.sign_in(),
        lambda: connect.entity(world.id, "E2", "", False, "ada"),
        lambda: connect.date(world.id, books.SYNC_FROM, True, "ada"),
        lambda: connect.start_over(world.id, "ada"),
        lambda: connect.refresh(world.id, "ada"),
        lambda: connect.go_on(world.id, "account", "ada"),
        lambda: connect.confirm(world.id, "x", "ada"),
    ):
        with pytest.raises(Refused, match="deleted"):
            change()


def test_a_worker_at_work_stops_when_the_company_is_deleted(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, on: str
) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    create = FUNCTIONS["create_invoice"]

    def meanwhile(call: Any) -> str:
        monkeypatch.setitem(FUNCTIONS, "create_invoice", create)
        with world.app.app_context():
            by_session(world)
        return create(call)

    monkeypatch.setitem(FUNCTIONS, "create_invoice", meanwhile)
    jobs.work(run.id)
    assert (world.connection.state, world.get(Run, run.id).state) == ("ended", "cancelled")
    assert world.writes().count("create_invoice") == 1
