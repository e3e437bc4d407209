"""Documents of both sides that were joined and agreed, and of which the host changes one: people are told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from world import World, host
from world.papers import pay

from flask_intacct.models import Issue, Link

D = Decimal


def invoice(world: World) -> Link:
    link = world.link("INV-1", kind="invoice")
    assert (link.state, world.issues()) == ("linked", [])
    return link


def amount(world: World, more: str) -> None:
    """Change what the first line of the invoice comes to."""
    row = world.one(host.Invoice, number="INV-1")
    row.lines[0].net += D(more)
    row.total += D(more)
    world.save(row)


def status(world: World, word: str) -> None:
    row = world.one(host.Invoice, number="INV-1")
    row.status = word
    world.save(row)


def theirs(world: World) -> int:
    (row,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    return int(row["RECORDNO"])


def test_an_amount_changed_here_after_it_was_posted_is_told_until_both_agree(synced_world: World) -> None:
    world = synced_world
    invoice(world)
    amount(world, "1.00")
    world.sync()
    assert world.issues() == [("INV-1", "amounts differ")]
    world.sync()
    assert world.issues() == [("INV-1", "amounts differ")]
    amount(world, "-1.00")
    world.sync()
    assert world.issues() == []


def test_a_void_here_of_what_intacct_counts_on_is_told_until_it_is_reversed_there(synced_world: World) -> None:
    world = synced_world
    invoice(world)
    before = world.one(host.Invoice, number="INV-1").status
    status(world, "void")
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]
    status(world, before)
    world.sync()
    assert world.issues() == []
    status(world, "void")
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]
    world.sim.reverse("ARINVOICE", theirs(world))
    world.sync()
    assert world.issues() == []


def account(row: host.Invoice) -> None:
    row.lines[0].account_id = 2


def split(row: host.Invoice) -> None:
    row.lines[0].net += D("1.00")
    row.lines[0].tax -= D("1.00")


def day(row: host.Invoice) -> None:
    row.day = date(2026, 2, 3)


def year(row: host.Invoice) -> None:
    """To before the day from which on documents sync."""
    row.day = date(2025, 2, 1)


def draft(row: host.Invoice) -> None:
    row.status = "draft"


@pytest.mark.parametrize("change", [account, split, day, year, draft])
def test_what_else_is_changed_here_after_it_was_posted_is_told_until_both_agree(
    synced_world: World, change: Callable[[host.Invoice], None]
) -> None:
    world = synced_world
    invoice(world)
    row = world.one(host.Invoice, number="INV-1")
    before = {name: getattr(row, name) for name in ("day", "status")}
    line = {name: getattr(row.lines[0], name) for name in ("account_id", "net", "tax")}
    change(row)
    world.save(row)
    for _ in range(2):
        world.sync()
        assert world.issues() == [("INV-1", "amounts differ")]
    row = world.one(host.Invoice, number="INV-1")
    for of, values in ((row, before), (row.lines[0], line)):
        for name, value in values.items():
            setattr(of, name, value)
    world.save(row)
    world.sync()
    assert world.issues() == []


def test_what_is_approved_here_and_still_a_draft_there_is_told(synced_world: World) -> None:
    world = synced_world
    row = world.one(host.Invoice, number="INV-4")
    row.status = "approved"
    world.save(row)
    world.sync()
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert str(issue.message) == "It was changed here: it is approved here and draft in Intacct."
    (row_there,) = world.theirs("ARINVOICE", RECORDID="INV-4")
    world.sim.modify("ARINVOICE", int(row_there["RECORDNO"]), STATE="Posted")
    world.sync()
    assert world.issues() == []


def test_a_note_in_intacct_changes_nothing_about_what_is_told(synced_world: World) -> None:
    world = synced_world
    invoice(world)
    status(world, "void")
    world.sync()
    world.sim.modify("ARINVOICE", theirs(world), DESCRIPTION="Seen")
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]


PAID = pytest.mark.parametrize(("due", "state"), [("0.00", "Paid"), ("300.00", "Partially Paid")])


def stays_void_and_is_told(world: World) -> None:
    for _ in range(2):
        world.sync()
        assert world.issues() == [("INV-1", "voided here")]
        assert world.one(host.Invoice, number="INV-1").status == "void"


@PAID
def test_a_void_here_of_what_is_paid_in_intacct_stays_a_void_and_is_told(
    synced_world: World, due: str, state: str
) -> None:
    world = synced_world
    invoice(world)
    pay(world, "INV-1", due, state)
    status(world, "void")
    stays_void_and_is_told(world)
    pay(world, "INV-1", "400.01", "Posted")
    world.sim.reverse("ARINVOICE", theirs(world))
    world.sync()
    assert (world.issues(), world.one(host.Invoice, number="INV-1").status) == ([], "void")


@PAID
def test_what_is_paid_in_intacct_after_it_was_voided_here_stays_a_void_and_is_told(
    synced_world: World, due: str, state: str
) -> None:
    world = synced_world
    invoice(world)
    status(world, "void")
    world.sync()
    pay(world, "INV-1", due, state)
    stays_void_and_is_told(world)
