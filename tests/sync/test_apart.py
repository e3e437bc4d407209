"""Documents of both sides that were joined and agreed, and of which the host changes one: people are told at once."""

from __future__ import annotations

from decimal import Decimal

from world import World, host

from flask_intacct.models import Link

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


def test_a_note_in_intacct_changes_nothing_about_what_is_told(synced_world: World) -> None:
    world = synced_world
    invoice(world)
    status(world, "void")
    world.sync()
    world.sim.modify("ARINVOICE", theirs(world), DESCRIPTION="Seen")
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]
