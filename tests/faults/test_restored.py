"""A database that was restored from a backup, moved or copied is paused until a person says how to go on, and then
nothing is doubled on either side.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis.exceptions import ConnectionError as Unreachable
from world import MakeWorld, World, host

from flask_intacct import jobs, links, queueing, restored
from flask_intacct.clock import now
from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Lease, Link, Meta, Operation, Run, Session
from flask_intacct.onboarding import held
from flask_intacct.state import current
from flask_intacct.sync import run as runs

D = Decimal
LATE = timedelta(minutes=17)


class Backup:
    """The database as it was at some moment."""

    def __init__(self, world: World, folder: Path) -> None:
        self._path = sa.make_url(world.database).database or ""
        self._kept = folder / "backup.sqlite"

    def make(self) -> None:
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(self._kept)) as target:
            source.backup(target)

    def restore(self) -> None:
        host.db.session.remove()
        host.db.engine.dispose()
        shutil.copy(self._kept, self._path)
        with current().transaction() as session:  # a worker's that was at work then is over in half a minute
            session.execute(sa.update(Lease).values(expires_at=now()))


@pytest.fixture
def backup(synced_world: World, tmp_path: Path) -> Backup:
    return Backup(synced_world, tmp_path)


def new_invoice(world: World, number: str, contact: str = "Alice Adams") -> None:
    option = world.one(host.Option, title="High Street")
    line = host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=[option])
    own = {"company_id": 1, "day": date(2026, 4, 1), "total": D("12.00"), "lines": [line]}
    world.save(host.Invoice(number=number, contact_id=world.one(host.Contact, name=contact).id, **own))


def paper(world: World, number: str) -> None:
    """An invoice that is keyed in Intacct."""
    world.sim.run(
        "<create_invoice><customerid>C1</customerid>"
        "<datecreated><year>2026</year><month>4</month><day>2</day></datecreated>"
        f"<datedue><year>2026</year><month>4</month><day>9</day></datedue><invoiceno>{number}</invoiceno>"
        "<invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>50.00</amount>"
        "<locationid>E1-10</locationid><taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>10.00</trx_tax>"
        "</taxentry></taxentries></lineitem></invoiceitems></create_invoice>"
    )


def pending_contact(world: World, name: str) -> None:
    """A contact of the host that is to be created in Intacct."""
    world.save(host.Contact(company_id=1, name=name, buys=True, email="f@example.test"))
    world.sync()
    links.create(world.id, [world.link(name).id], "", "ada", confirmed=True)


def caught_up(world: World) -> None:
    """Work off what go_on began, and what the tick starts later for what was not clear yet."""
    for _ in range(3):
        with current().transaction() as session:
            run = runs.live(session, world.id)
        if run is not None:
            assert world.drain(run).state == "done"
        world.age(LATE)
        jobs.tick()


def once(world: World, *more: str) -> None:
    """Every document and contact is once on both sides, and joined."""
    assert world.issues() == []
    theirs = Counter(row["RECORDID"] for row in world.theirs("ARINVOICE"))
    ours = Counter(row.number for row in world.host(host.Invoice))
    assert {side[number] for side in (theirs, ours) for number in more} <= {1}
    assert set(Counter(row["NAME"] for row in world.theirs("CUSTOMER")).values()) == {1}
    assert set(Counter(row.name for row in world.host(host.Contact)).values()) == {1}
    assert all(world.rows(Link, Link.label.startswith(label)) for label in more)
    assert {link.state for label in more for link in world.rows(Link, Link.label.startswith(label))} <= {"linked"}
    assert set(world.operations()) <= {"DONE", "CANCELLED", "SUPERSEDED"}


def test_after_a_restore_nothing_is_sent_or_read_until_a_person_said_so_and_nothing_is_doubled(
    synced_world: World, backup: Backup
) -> None:
    world = synced_world
    pending_contact(world, "Fay Ford")
    new_invoice(world, "OUT-1")
    new_invoice(world, "OUT-2", "Fay Ford")
    paper(world, "IN-1")
    backup.make()
    assert world.sync().state == "done"
    new_invoice(world, "OUT-3")
    paper(world, "IN-2")
    assert world.sync().state == "done"
    numbers = ["OUT-1", "OUT-2", "OUT-3", "IN-1", "IN-2"]
    once(world, *numbers)

    backup.restore()
    before = len(world.sim.requests)
    run = runs.start(world.id, runs.SYNC, "ada")
    jobs.work(run.id)
    jobs.tick()
    assert (len(world.sim.requests), world.get(Run, run.id).state) == (before, "queued")
    with pytest.raises(Refused, match="restored from a backup"):
        runs.start(world.id, runs.SYNC, "ada")
    status = world.app.test_cli_runner().invoke(args=["intacct", "status"])
    assert (status.exit_code, "restored from a backup" in status.output) == (1, True)

    held.go_on("ada")
    caught_up(world)
    once(world, *numbers)
    assert world.sync().state == "done"
    once(world, *numbers)
    assert [row.held for row in world.rows(Meta)] == [""]


@pytest.mark.parametrize("moment", ["READY", "SENT"])
def test_an_operation_that_was_done_since_the_backup_is_not_done_again(
    synced_world: World, backup: Backup, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    pending_contact(world, "Fay Ford")
    new_invoice(world, "OUT-1")
    new_invoice(world, "OUT-2", "Fay Ford")
    name = "count" if moment == "READY" else "keep"
    real: Callable[..., Any] = getattr(restored, name)

    def copying(*given: Any) -> Any:
        backup.make()  # the last one counts: that of the documents
        return real(*given)

    monkeypatch.setattr(restored, name, copying)
    assert world.sync().state == "done"
    monkeypatch.undo()
    new_invoice(world, "OUT-3")
    assert world.sync().state == "done"
    backup.restore()
    assert world.operations()[moment] == 2
    jobs.tick()
    held.go_on("ada")
    caught_up(world)
    once(world, "OUT-1", "OUT-2", "OUT-3")


def test_a_contact_that_was_ready_at_the_backup_and_created_since_is_adopted(
    synced_world: World, backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    pending_contact(world, "Fay Ford")
    real = restored.count

    def copying(session: Any) -> Any:
        backup.make()
        return real(session)

    monkeypatch.setattr(restored, "count", copying)
    assert world.sync().state == "done"
    monkeypatch.undo()
    backup.restore()
    assert world.operations()["READY"] == 1
    jobs.tick()
    held.go_on("ada")
    caught_up(world)
    once(world)
    assert world.link("Fay Ford").state == "linked"


def test_an_unknown_outcome_that_was_settled_since_the_backup_is_settled_again(
    synced_world: World, backup: Backup
) -> None:
    world = synced_world
    new_invoice(world, "OUT-1")
    world.sim.faults.add("drop", function="create_invoice", when="after")
    world.sync()
    assert world.operations()["UNKNOWN"] == 1
    backup.make()
    world.age(LATE)
    jobs.tick()
    caught_up(world)
    new_invoice(world, "OUT-2")
    world.sync()
    once(world, "OUT-1", "OUT-2")
    backup.restore()
    jobs.tick()
    held.go_on("ada")
    caught_up(world)
    once(world, "OUT-1", "OUT-2")


def test_what_was_ready_at_the_backup_and_never_sent_is_sent_once(synced_world: World, backup: Backup) -> None:
    world = synced_world
    new_invoice(world, "OUT-1")
    world.sync()
    pending_contact(world, "Fay Ford")
    backup.make()
    new_invoice(world, "OUT-2")
    world.sync()
    (fay,) = world.theirs("CUSTOMER", NAME="Fay Ford")
    backup.restore()
    world.sim.delete("CUSTOMER", fay["CUSTOMERID"])  # as if it had never got there
    jobs.tick()
    held.go_on("ada")
    caught_up(world)
    caught_up(world)
    once(world, "OUT-1", "OUT-2")
    assert world.link("Fay Ford").state == "linked"


def test_a_second_restore_to_before_the_first_one_is_seen_and_takes_a_new_epoch(
    synced_world: World, backup: Backup
) -> None:
    world = synced_world
    backup.make()
    new_invoice(world, "OUT-1")
    world.sync()
    for epoch in (1, 2):
        backup.restore()
        jobs.tick()
        assert [row.held for row in world.rows(Meta)] == ["restored"]
        held.go_on("ada")
        caught_up(world)
        assert [row.epoch for row in world.rows(Meta)] == [epoch]
    assert world.numbers("ARINVOICE").count("OUT-1") == 1


def test_a_new_redis_gets_a_mark_and_pauses_nothing(synced_world: World) -> None:
    world = synced_world
    queueing.queue().connection.flushall()
    new_invoice(world, "OUT-1")
    assert world.sync().state == "done"
    (meta,) = world.rows(Meta)
    key = restored.KEY.format(meta.installation_id)
    assert queueing.queue().connection.get(key) == f"0:{meta.sends}".encode()


def test_what_is_no_mark_is_no_mark(synced_world: World) -> None:
    world = synced_world
    (meta,) = world.rows(Meta)
    queueing.queue().connection.set(restored.KEY.format(meta.installation_id), b"\x80\x04cposix\nsystem\n")
    assert world.sync().state == "done"


def test_a_redis_that_is_away_stops_no_send_and_is_logged(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = synced_world
    new_invoice(world, "OUT-1")
    run = runs.start(world.id, runs.SYNC, "ada")

    def away(*_: Any, **__: Any) -> Any:
        raise Unreachable("away")

    monkeypatch.setattr(type(queueing.queue().connection), "execute_command", away)
    assert world.drain(run).state == "done"
    jobs.tick()
    monkeypatch.undo()
    once(world, "OUT-1")
    assert "Redis could not be told how far was sent (ConnectionError)." in caplog.text
    assert "Redis could not be asked how far was sent (ConnectionError)." in caplog.text


@pytest.fixture
def moved(make_world: MakeWorld, anywhere: str) -> World:
    """The database belongs to another installation than this one."""
    world = make_world(on=anywhere, stage="synced", INTACCT_INSTALLATION="production")
    jobs.tick()
    assert [row.installation for row in world.rows(Meta)] == ["production"]
    world.configure(installation="staging")
    return world


def test_a_database_of_another_installation_is_paused_and_goes_on_where_it_was_moved(moved: World) -> None:
    world = moved
    new_invoice(world, "OUT-1")
    before = len(world.sim.requests)
    run = runs.start(world.id, runs.SYNC, "ada")
    jobs.work(run.id)
    assert (len(world.sim.requests), world.get(Run, run.id).state) == (before, "queued")
    with pytest.raises(Refused, match='belongs to the installation "production", and this one is "staging"'):
        runs.start(world.id, runs.SYNC, "ada")
    held.go_on("ada")
    caught_up(world)
    once(world, "OUT-1")
    (meta,) = world.rows(Meta)
    assert (meta.installation, meta.held, meta.epoch) == ("staging", "", 1)
    first = sum("ARINVOICE" in request.body for request in world.sim.requests[before:])
    assert first


def test_a_wrong_name_that_is_put_right_holds_nothing(moved: World) -> None:
    jobs.tick()
    moved.configure(installation="production")
    jobs.tick()
    assert moved.sync().state == "done"


def test_a_copy_never_posts(moved: World) -> None:
    world = moved
    new_invoice(world, "OUT-1")
    jobs.tick()
    (before,) = world.rows(Meta)
    held.copied("ada")
    (after,) = world.rows(Meta)
    assert (after.held, after.installation) == ("", "staging")
    assert after.installation_id != before.installation_id
    assert (world.rows(Session), world.connection.state) == ([], "disconnected")
    with current().transaction() as session:
        assert list(session.scalars(sa.select(Connection.password_sealed))) == [""]
    jobs.tick()
    with pytest.raises(Refused):
        runs.start(world.id, runs.SYNC, "ada")
    assert "OUT-1" not in world.numbers("ARINVOICE")


def test_nothing_can_be_said_where_nothing_is_held(synced_world: World) -> None:
    for say in (held.go_on, held.copied):
        with pytest.raises(Refused, match="Nothing is held any more"):
            say("ada")
    assert synced_world.connection.state == "connected"
    assert synced_world.rows(Operation)
