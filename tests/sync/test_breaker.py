"""The breaker: equal refusals in a row stop a kind, and that kind alone, until one of it goes again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import World, host
from world.papers import another_bill, another_invoice

from flask_intacct import kinds, links
from flask_intacct.errors import Refused
from flask_intacct.models import Issue
from flask_intacct.sync.outbox import actions

D = Decimal


def add_invoices(world: World, number: int, first: int = 0) -> None:
    some = range(first, first + number)
    world.save(*(another_invoice(world, f"N-{at:03}", day=date(2026, 3, 1 + at % 28)) for at in some))


def refused(world: World, times: int = 0, function: str = "create_invoice", **more: str) -> None:
    """Intacct refuses invoices from now on."""
    world.sim.faults.add("refuse", function=function, errorno="BL01001973", times=times, **more)


def sent(world: World) -> int:
    return Counter(world.writes())["create_invoice"]


def stopped(world: World) -> list[str]:
    """The objects that are stopped, by their open issues."""
    return [row.label for row in world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == "sending stopped")]


def test_equal_refusals_in_a_row_stop_a_kind_and_no_other(synced_world: World) -> None:
    world = synced_world
    add_invoices(world, 60)
    world.save(another_bill(world, "BILL-9"))
    world.configure(max_in_flight=1)
    refused(world, text="The subledger is not set up.")
    before = sent(world)
    assert world.sync().state == "done"
    assert sent(world) - before == 25  # one request
    (issue,) = world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == "sending stopped")
    assert (issue.kind, issue.label, issue.severity) == ("invoice", "ARINVOICE", "error")
    assert "5 invoices in a row were refused for the same reason" in str(issue.message)
    assert "The subledger is not set up." in str(issue.message)
    assert "press Sync now" in str(issue.cure)
    assert "BILL-9" in world.numbers("APBILL")


def test_after_the_cure_one_goes_first_and_then_the_others(synced_world: World) -> None:
    world = synced_world
    add_invoices(world, 60)
    refused(world)
    world.sync()
    before, requests = sent(world), len(world.sim.requests)
    assert world.sync().state == "done"
    assert sent(world) - before == 1  # and it was refused as well
    assert stopped(world) == ["ARINVOICE"]
    world.sim.faults.clear()
    before, requests = sent(world), len(world.sim.requests)
    assert world.sync().state == "done"
    sizes = [
        request.functions.count("create_invoice")
        for request in world.sim.requests[requests:]
        if "create_invoice" in request.functions
    ]
    assert sizes == [1, 25, 25, 9]
    assert (sum(sizes), world.issues()) == (60, [])


def test_the_one_that_is_tried_was_not_refused_before(synced_world: World) -> None:
    """Five that are wrong themselves hold nobody up for ever."""
    world = synced_world
    add_invoices(world, 5)
    refused(world, times=5)
    world.sync()
    assert stopped(world) == ["ARINVOICE"]
    add_invoices(world, 3, first=5)
    world.sim.faults.add("refuse", function="create_invoice", errorno="BL01001973", skip=3, times=5)
    world.sync()
    assert [number for number in world.numbers("ARINVOICE") if number[:2] == "N-"] == ["N-005", "N-006", "N-007"]


def test_refusals_for_different_reasons_stop_nothing(synced_world: World) -> None:
    world = synced_world
    world.configure(max_in_flight=1)
    add_invoices(world, 8)
    for at in range(8):
        world.sim.faults.add(
            "refuse", function="create_invoice", errorno="BL01001973" if at % 2 else "BL03000018", text=f"Number {at}."
        )
    world.sync()
    assert stopped(world) == []


def test_one_that_goes_ends_the_row(synced_world: World) -> None:
    world = synced_world
    world.configure(max_in_flight=1)
    add_invoices(world, 9)
    refused(world, times=4)
    world.sim.faults.add("refuse", function="create_invoice", errorno="BL01001973", skip=1, times=4)
    world.sync()
    assert stopped(world) == []
    world.sync()
    assert world.issues() == []


def test_contacts_are_stopped_by_role_and_tried_alone(synced_world: World) -> None:
    world = synced_world
    add_invoices(world, 8)
    for at, invoice in enumerate(world.host(host.Invoice)[-8:]):
        contact = host.Contact(company_id=1, name=f"Customer {chr(65 + at)}", buys=True)
        world.save(contact)
        invoice.contact_id = contact.id
        world.save(invoice)
    world.sync()
    links.create(world.id, [link.id for link in world.links("contact", "undecided")], "", "ada", confirmed=True)
    world.sim.faults.add("refuse", function="create", errorno="BL01001973", times=0)
    world.sync()
    assert stopped(world) == ["CUSTOMER"]
    before = len(world.writes())
    world.sync()
    assert len(world.writes()) - before == 1
    world.sim.faults.clear()
    world.sync()
    assert (world.issues(), sum(row["NAME"][:9] == "Customer " for row in world.theirs("CUSTOMER"))) == ([], 8)


def test_a_mistake_of_ours_stops_a_kind_as_well(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = synced_world
    add_invoices(world, 8)
    bad = 0

    def build(*_: object) -> Any:
        nonlocal bad
        bad += 1
        raise Refused("This can't be built.")

    at = kinds.INVOICE, actions.CREATE
    monkeypatch.setitem(actions.ACTIONS, at, replace(actions.ACTIONS[at], build=build))
    world.sync()
    assert (bad, stopped(world)) == (5, ["ARINVOICE"])
    monkeypatch.undo()
    world.sync()
    assert world.issues() == []
