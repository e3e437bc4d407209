"""After Confirm: pause, resume, disconnect, reconnect, and what is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import World, books, host

from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Event, Run
from flask_intacct.onboarding import connect
from flask_intacct.onboarding.company import STATES
from flask_intacct.state import current
from flask_intacct.sync import run as runs

D = Decimal

ALLOWED = {
    connect.pause: ({"connected"}, "paused"),
    connect.resume: ({"paused"}, "connected"),
    connect.disconnect: ({"connected", "paused", "needs_reconnecting"}, "disconnected"),
}
STORED = [state for state in STATES if state not in ("not_connected", "syncing", "has_errors")]


def put(world: World, state: str, *, confirmed: bool = True) -> None:
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        row.state, row.step = state, "done" if confirmed else "plan"
        row.confirmed_at = row.created_at if confirmed else None


@pytest.mark.parametrize("state", STORED)
@pytest.mark.parametrize("switch", ALLOWED, ids=lambda switch: switch.__name__)
def test_only_these_switches_lead_from_this_state(decided_world: World, switch: Callable[..., Any], state: str) -> None:
    put(decided_world, state, confirmed=state != "onboarding")
    allowed, to = ALLOWED[switch]
    if state in allowed:
        switch(decided_world.id, "ada")
        assert decided_world.connection.state == to
    else:
        with pytest.raises(Refused):
            switch(decided_world.id, "ada")
        assert decided_world.connection.state == state


@pytest.mark.parametrize("state", [state for state in STORED if state != "connected"])
def test_no_sync_starts_in_a_state_that_can_not_sync(decided_world: World, state: str) -> None:
    put(decided_world, state, confirmed=state != "onboarding")
    with pytest.raises(Refused):
        runs.start(decided_world.id, runs.SYNC, "ada")


@pytest.mark.parametrize("state", ["paused", "disconnected", "needs_reconnecting"])
def test_nothing_is_read_in_a_state_that_must_rest(decided_world: World, state: str) -> None:
    put(decided_world, state)
    with pytest.raises(Refused):
        connect.refresh(decided_world.id, "ada")


def test_a_pause_ends_the_run_at_work(decided_world: World) -> None:
    run = decided_world.confirm()
    connect.pause(decided_world.id, "ada")
    assert decided_world.get(Run, run.id).state == "cancelled"
    connect.resume(decided_world.id, "ada")
    assert decided_world.sync().state == "done"


def test_what_is_confirmed_can_not_be_changed(decided_world: World) -> None:
    put(decided_world, "connected")
    for change in (
        lambda: connect.entity(decided_world.id, "E2", "", False, "ada"),
        lambda: connect.date(decided_world.id, books.SYNC_FROM, True, "ada"),
        lambda: connect.start_over(decided_world.id, "ada"),
        lambda: connect.go_to(decided_world.id, "entity", "ada"),
    ):
        with pytest.raises(Refused, match="confirmed"):
            change()


def test_reconnecting_keeps_every_link_and_the_date(synced_world: World) -> None:
    world = synced_world
    before = [(link.id, link.state, link.record_key) for link in world.links("invoice") + world.links("contact")]
    connect.disconnect(world.id, "ada")
    assert connect.start("1", "ada").id == world.id
    world.sign_in()
    assert (world.connection.state, world.connection.step) == ("connected", "done")
    assert world.connection.sync_from == books.SYNC_FROM
    assert world.sync().state == "done"
    after = [(link.id, link.state, link.record_key) for link in world.links("invoice") + world.links("contact")]
    assert (after, world.issues()) == (before, [])


def test_reconnecting_to_another_intacct_company_is_refused(decided_world: World) -> None:
    put(decided_world, "disconnected")
    decided_world.sim.add_company("other", books.intacct_company(), "ws_user", "secret")
    with pytest.raises(Refused, match="joined to the Intacct company demo for good"):
        decided_world.sign_in("other")
    assert decided_world.connection.state == "disconnected"


def test_new_credentials_do_not_end_a_pause(decided_world: World) -> None:
    put(decided_world, "paused")
    decided_world.sign_in()
    assert decided_world.connection.state == "paused"


def test_credentials_that_stop_working_in_the_wizard_lead_back_into_it(decided_world: World) -> None:
    world = decided_world
    world.sim.company.users["ws_user"].password = "changed"
    assert world.drain(connect.refresh(world.id, "ada")).state == "failed"
    assert world.connection.state == "needs_reconnecting"
    world.sign_in(password="changed")
    assert world.connection.state == "onboarding"
    assert world.plan().problems == ()


def test_the_entity_stays_taken_while_disconnected(decided_world: World) -> None:
    put(decided_world, "disconnected")
    with current().transaction() as session:
        assert session.scalar(sa.select(Connection.live_target)) == "demo|e1"


def test_a_paused_side_neither_sends_nor_brings_in_and_the_other_goes_on(synced_world: World) -> None:
    world = synced_world
    connect.pause_side(world.id, "receivables", "ada")
    invoice, bill = world.one(host.Invoice, number="INV-5"), world.one(host.Bill, number="BILL-1")
    invoice.status = "approved"
    world.save(invoice)
    line = host.BillLine(account_id=3, tax_id=1, net=D("1.00"), tax=D("0.20"), options=[bill.lines[0].options[0]])
    world.save(
        host.Bill(
            company_id=1, number="BILL-9", contact_id=bill.contact_id, day=date(2026, 3, 9), lines=[line],
            total=D("1.20"),
        )
    )  # fmt: skip
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C7", "NAME": "Gail Green", "STATUS": "active"}, "E1")
    world.sim.insert("VENDOR", {"VENDORID": "V7", "NAME": "Hal Hill", "STATUS": "active"}, "E1")
    requests = len(world.sim.requests)
    assert world.sync().state == "done"
    bodies = [one.body for one in world.sim.requests[requests:]]
    assert [
        body for body in bodies if "<object>CUSTOMER</object>" in body or "<object>ARINVOICE</object>" in body
    ] == []
    assert ("INV-5" in world.numbers("ARINVOICE"), "BILL-9" in world.numbers("APBILL")) == (False, True)
    assert (world.host(host.Contact, name="Gail Green"), len(world.host(host.Contact, name="Hal Hill"))) == ([], 1)
    (flag,) = world.flags()
    assert "Everything is in step" not in str(flag.message)
    connect.resume_side(world.id, "receivables", "bob")
    world.sync()
    assert "INV-5" in world.numbers("ARINVOICE")
    assert len(world.host(host.Contact, name="Gail Green")) == 1
    events = world.rows(Event, Event.action.startswith("receivables"))
    assert [(event.action, event.who) for event in events] == [
        ("receivables paused", "ada"),
        ("receivables resumed", "bob"),
    ]


def test_a_sync_at_work_begins_anew_without_the_side(synced_world: World) -> None:
    world = synced_world
    first = runs.start(world.id, runs.SYNC, "ada")
    connect.pause_side(world.id, "payables", "ada")
    with current().transaction() as session:
        second = runs.live(session, world.id)
    assert second is not None
    assert (world.get(Run, first.id).state, second.kind, second.id > first.id) == ("cancelled", "sync", True)
    assert world.drain(second).state == "done"


@pytest.mark.parametrize("state", ["onboarding", "disconnected"])
def test_no_side_is_paused_where_nothing_syncs(decided_world: World, state: str) -> None:
    put(decided_world, state, confirmed=state != "onboarding")
    with pytest.raises(Refused):
        connect.pause_side(decided_world.id, "receivables", "ada")
