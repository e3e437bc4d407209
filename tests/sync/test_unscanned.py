"""With INTACCT_SCAN off a sync reads only what the host's sessions told of; a scan is had for the asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from world import World, host
from world.statements import counted

from flask_intacct import touches
from flask_intacct.models import Link, Run
from flask_intacct.state import current
from flask_intacct.sync import executor
from flask_intacct.sync import run as runs

from .test_snapshot import more, plainly

D = Decimal


@pytest.fixture
def unscanned(synced_world: World) -> World:
    """Scans are off, and nothing is left to be read."""
    synced_world.configure(scan=False)
    synced_world.sync()
    return synced_world


def of_the_host(statements: list[str]) -> list[str]:
    """Those that ask the host's tables for more than the company."""
    return [one for one in statements if " FROM " in one and "intacct_" not in one and "FROM company" not in one]


def test_a_quiet_sync_asks_the_host_s_tables_nothing(unscanned: World) -> None:
    with counted() as statements:
        run = unscanned.sync()
    assert (run.state, of_the_host(statements)) == ("done", [])


@pytest.mark.parametrize("drafts", [20, 400])
def test_a_quiet_sync_costs_the_same_however_many_documents_there_are(
    unscanned: World, drafts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "MOMENT", 60)  # however slow the machine
    more(unscanned, drafts)
    unscanned.sync()
    unscanned.sync()
    with counted() as statements:
        unscanned.sync()
    assert len(statements) < 265


def test_what_a_session_changes_is_read_and_sent(unscanned: World) -> None:
    world = unscanned
    more(world, 1)
    world.sync()
    assert "MORE-0" in world.numbers("ARINVOICE")


def test_what_plain_sql_changes_waits_for_a_scan(unscanned: World) -> None:
    world = unscanned
    plainly("UPDATE invoice SET reference = 'By hand' WHERE number = 'INV-1'")
    world.sync()
    before = world.link("INV-1", kind="invoice").hash
    world.drain(runs.start(world.id, runs.SYNC, "ada", scan=True))
    assert world.link("INV-1", kind="invoice").hash != before


def test_the_command_asks_for_a_scan(unscanned: World) -> None:
    world = unscanned
    plainly("UPDATE contact SET name = 'Renamed Ltd' WHERE id = 1")
    world.sync()
    assert world.rows(Link, Link.label == "Renamed Ltd") == []
    told = world.app.test_cli_runner().invoke(args=["intacct", "sync", "--scan"])
    assert "is queued" in told.output
    world.drain(world.rows(Run)[-1])
    assert world.rows(Link, Link.label == "Renamed Ltd") != []


def renamed(world: World) -> None:
    contact = world.host(host.Contact)[0]
    contact.name = "Renamed Ltd"
    world.save(contact)


def renamed_in_bulk(world: World) -> None:
    host.db.session.execute(sa.update(host.Contact).where(host.Contact.id == 1).values(name="Renamed Ltd"))
    host.db.session.commit()


def renamed_and_told(world: World) -> None:
    plainly("UPDATE contact SET name = 'Renamed Ltd' WHERE id = 1")
    touches.touch(current(), host.db.session(), world.one(host.Contact, id=1))
    host.db.session.commit()


@pytest.mark.parametrize("rename", [renamed, renamed_in_bulk, renamed_and_told])
def test_a_contact_that_a_session_changes_is_read_again(unscanned: World, rename: Callable[[World], None]) -> None:
    rename(unscanned)
    unscanned.sync()
    assert unscanned.rows(Link, Link.label == "Renamed Ltd") != []


def test_a_contact_that_a_new_document_uses_is_to_be_decided(unscanned: World) -> None:
    world = unscanned
    world.save(host.Contact(company_id=1, name="Stranger"))
    world.sync()
    stranger = world.one(host.Contact, name="Stranger")
    world.save(
        host.Invoice(
            number="NEW-1", company_id=1, contact_id=stranger.id, total=D("12.00"), day=date(2026, 3, 1),
            lines=[host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"))],
        )
    )  # fmt: skip
    world.sync()
    (link,) = world.rows(Link, Link.label == "Stranger")
    assert (link.state, link.facts["to_send"]) == ("undecided", 1)


def test_a_row_that_plain_sql_deletes_is_let_go_by_a_scan(unscanned: World) -> None:
    world = unscanned
    world.save(host.Contact(company_id=1, name="Stranger", buys=True))
    world.sync()
    plainly("DELETE FROM contact WHERE name = 'Stranger'")
    world.sync()
    assert [link.state for link in world.rows(Link, Link.label == "Stranger")] == ["undecided"]
    world.drain(runs.start(world.id, runs.SYNC, "ada", scan=True))
    assert [link.state for link in world.rows(Link, Link.label == "Stranger")] == ["orphaned"]


def test_the_initial_sync_scans_all_the_same(decided_world: World) -> None:
    world = decided_world
    world.configure(scan=False)
    plan = world.plan()
    assert plan.digest
    world.start()
    assert world.operations()["DONE"] == 7


def test_a_document_that_went_to_another_company_and_can_t_be_read_is_no_issue_of_its_old_one(
    unscanned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = unscanned
    world.save(host.Company(id=2, name="Harbour"))
    more(world, 1)
    draft = world.one(host.Invoice, number="MORE-0")
    draft.status = "draft"
    world.save(draft)
    world.sync()

    def fails(row: host.Invoice) -> str:
        if row.number == "MORE-0":
            raise ValueError("surprise")
        return row.reference

    (local,) = current().host.locals("invoice")
    monkeypatch.setitem(local.entries, "reference", fails)
    draft = world.one(host.Invoice, number="MORE-0")
    draft.company_id = 2
    world.save(draft)
    world.sync()
    assert (world.issues(), world.link("MORE-0", kind="invoice").seen_at) == ([], 0)
