"""A host that deletes rows while a worker writes: neither waits for ever, and the host's delete always goes through."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, books, host

from flask_intacct.models import Link, Record
from flask_intacct.simulator.functions import FUNCTIONS

PATIENCE = 60
"""Seconds after which a test takes a thread for stuck: longer than MariaDB waits for a lock."""


@pytest.fixture
def synced(make_world: MakeWorld, server: str) -> World:
    """The initial sync is complete; two values came in that no document uses."""
    world: World = make_world(on=server, stage="synced")
    for key, name in (("E1-30", "Bridge Street"), ("E1-40", "Mill Lane")):
        world.sim.insert("LOCATION", {"LOCATIONID": key, "NAME": name, "PARENTID": "E1", "STATUS": "active"})
    world.sync()
    return world


class Elsewhere:
    """Another process of the host at work, with a connection of its own."""

    def __init__(self, world: World, act: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self._world, self._act = world, act
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with self._world.app.app_context():
            try:
                self._act()
            except BaseException as error:
                self.error = error

    def end(self) -> None:
        """Wait until it is done, which it is without an error."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        assert self.error is None


def delete(*titles: str) -> None:
    for title in titles:
        row = host.db.session.scalars(sa.select(host.Option).filter_by(title=title)).one()
        host.db.session.delete(row)
        host.db.session.flush()
    host.db.session.commit()


def test_a_worker_and_the_host_that_want_what_the_other_has_both_go_on(
    synced: World, caplog: pytest.LogCaptureFixture
) -> None:
    world, others, taken = synced, list[Elsewhere](), threading.Event()
    world.sim.modify("LOCATION", "E1-40", NAME="Mill Road")

    def deleted(mapper: Any, connection: Any, row: Any) -> None:
        connection.execute(sa.select(host.Option.id).where(host.Option.id == row.id).with_for_update())
        taken.set()

    def update(mapper: Any, connection: Any, row: Any) -> None:
        """The worker has the lease and is about to write the row; the host deletes it first, then wants the lease."""
        if not others:
            others.append(Elsewhere(world, lambda: delete("Mill Lane")))
            assert taken.wait(PATIENCE)

    sa.event.listen(host.Option, "before_delete", deleted)
    sa.event.listen(host.Option, "before_update", update)
    try:
        with caplog.at_level(logging.ERROR):
            assert world.sync().state == "done"
    finally:
        sa.event.remove(host.Option, "before_delete", deleted)
        sa.event.remove(host.Option, "before_update", update)
    others[0].end()
    assert caplog.text == ""
    assert world.link("Mill Lane").state == "orphaned"
    assert not world.host(host.Option, title="Mill Lane")


@pytest.mark.parametrize("strict", [False, True], ids=["", "strict"])
def test_a_delete_goes_by_what_a_worker_did_since_its_transaction_began(
    make_world: MakeWorld, server: str, strict: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """MariaDB reads what was there as the transaction began; a newer one ends it if it locks what was changed since."""
    world: World = make_world(on=server, stage="decided")
    run, session = world.confirm(), host.db.session
    if server == "mariadb":
        session.execute(sa.text(f"SET SESSION innodb_snapshot_isolation = {'ON' if strict else 'OFF'}"))
    invoice = session.scalars(sa.select(host.Invoice).filter_by(number="INV-1")).one()
    Elsewhere(world, lambda: world.drain(run)).end()
    session.delete(invoice)
    with caplog.at_level(logging.ERROR):
        session.commit()
    assert caplog.text == ""
    assert "INV-1" in world.numbers("ARINVOICE")
    assert (world.link("INV-1").state, world.issues()) == ("orphaned", [("INV-1", "deleted here")])


def test_two_that_delete_rows_of_two_companies_crosswise_both_go_on(
    make_world: MakeWorld, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    world: World = make_world(on=server, stage="read")
    books.fill_host(2, "Southgate")
    host.db.session.commit()
    world.connect(company="2", entity="E2")
    by_company = {one: f"{one} Sundry" for one in (1, 2)}
    for company, title in by_company.items():
        row = world.one(host.Account, company_id=company, title="Sundry")
        row.title = title
        world.save(row)
    barrier = threading.Barrier(2)

    def crosswise(*companies: int) -> None:
        first, second = (
            host.db.session.scalars(sa.select(host.Account).filter_by(title=by_company[one], company_id=one)).one()
            if number == 0
            else host.db.session.scalars(sa.select(host.Category).filter_by(title="Team", company_id=one)).one()
            for number, one in enumerate(companies)
        )
        host.db.session.delete(first)
        host.db.session.flush()
        barrier.wait(PATIENCE)
        for option in host.db.session.scalars(sa.select(host.Option).filter_by(category_id=second.id)):
            host.db.session.delete(option)
        host.db.session.flush()
        host.db.session.commit()

    with caplog.at_level(logging.ERROR):
        for other in [Elsewhere(world, lambda: crosswise(1, 2)), Elsewhere(world, lambda: crosswise(2, 1))]:
            other.end()
    assert caplog.text == ""
    gone = [link.label for link in world.rows(Link, Link.state == "orphaned")]
    assert sorted(gone).count("Lettings") == 2


def test_the_host_deletes_many_rows_while_a_request_is_at_intacct(synced: World, monkeypatch: Any) -> None:
    world, create = synced, FUNCTIONS["query"]
    done: list[str] = []

    def meanwhile(call: Any) -> str:
        monkeypatch.setitem(FUNCTIONS, "query", create)
        other = Elsewhere(world, lambda: delete("Bridge Street", "Mill Lane"))
        other.end()  # before Intacct answers
        with world.app.app_context():
            done.extend(link.label for link in world.links("tracking_option", "orphaned"))
        return create(call)

    monkeypatch.setitem(FUNCTIONS, "query", meanwhile)
    assert world.sync().state == "done"
    assert sorted(done) == ["Bridge Street", "Mill Lane"]


def test_what_somebody_decides_while_a_worker_begins_to_write_holds(synced: World) -> None:
    world, others = synced, list[Elsewhere]()
    category = world.one(host.Category, title="Property").id
    world.save(host.Option(company_id=1, category_id=category, title="The old mill"))
    world.sync()
    world.sim.insert("LOCATION", {"LOCATIONID": "E1-50", "NAME": "Weir", "PARENTID": "E1", "STATUS": "active"})

    def decide(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """The worker has the lease and is about to lock the connection; somebody who decides has it before."""
        ours = "FROM intacct_connection" in statement and "FOR UPDATE" in statement
        if ours and not others and world.rows(Record, Record.natural_id == "E1-50"):
            others.append(Elsewhere(world, lambda: world.match("The old mill", "E1-50")))
            others[0].end()

    sa.event.listen(host.db.engine, "before_cursor_execute", decide)
    try:
        world.sync()
    finally:
        sa.event.remove(host.db.engine, "before_cursor_execute", decide)
    assert others
    assert not world.host(host.Option, title="Weir")
    mine = Link.object == "LOCATION", Link.record_key == world.record("E1-50").key
    assert [link.label for link in world.rows(Link, *mine)] == ["The old mill"]
