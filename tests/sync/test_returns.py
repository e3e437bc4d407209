"""What was taken back comes back: a reversal that is undone, a row that is restored, a box that is unticked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from world import MakeWorld, World, host
from world.papers import another_invoice, new_in_intacct

COLUMNS = ("id", "company_id", "number", "contact_id", "day", "due", "reference", "status", "currency", "total")
LINE = ("account_id", "tax_id", "net", "tax", "text")


def set_state(world: World, number: str, state: str) -> None:
    """Intacct's invoice is in another state now."""
    (row,) = world.theirs("ARINVOICE", RECORDID=number)
    world.sim.modify("ARINVOICE", row["RECORDNO"], STATE=state)


def test_a_reversal_that_is_undone_is_told_until_ours_counts_again(synced_world: World) -> None:
    world = synced_world
    set_state(world, "INV-1", "Reversed")
    world.sync()
    assert (world.one(host.Invoice, number="INV-1").status, world.issues()) == ("void", [])
    set_state(world, "INV-1", "Posted")
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.status = "approved"
    world.save(invoice)
    world.sync()
    assert (world.one(host.Invoice, number="INV-1").status, world.issues()) == ("approved", [])


def test_a_row_that_was_deleted_and_restored_is_joined_to_its_document_again(synced_world: World) -> None:
    world = synced_world
    invoice = world.one(host.Invoice, number="INV-3")
    values: dict[str, Any] = {name: getattr(invoice, name) for name in COLUMNS}
    lines = [({name: getattr(line, name) for name in LINE}, list(line.options)) for line in invoice.lines]
    host.db.session.delete(invoice)
    host.db.session.commit()
    world.sync()
    assert world.issues() == [("INV-3", "deleted here")]
    world.save(host.Invoice(**values, lines=[host.InvoiceLine(**line, options=options) for line, options in lines]))
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("INV-3")) == ([], 1)
    assert sorted(link.state for link in world.links("invoice") if link.label == "INV-3") == ["linked", "orphaned"]


def test_a_contact_whose_box_is_ticked_is_left_out_with_its_documents_until_it_is_unticked(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.sim.add_field("CUSTOMER", "RL_SYNCING_DISABLED", "B")
    world.onboard()
    world.sim.modify("CUSTOMER", "C1", RL_SYNCING_DISABLED=True)
    world.save(another_invoice(world, "INV-11"))
    new_in_intacct(world, "THEIRS-9")
    world.sync()
    assert (world.issues(), world.host(host.Invoice, number="THEIRS-9")) == ([("INV-11", "contact left out")], [])
    assert "INV-11" not in world.numbers("ARINVOICE")
    world.sim.modify("CUSTOMER", "C1", RL_SYNCING_DISABLED=False)
    world.sync()
    assert (world.issues(), "INV-11" in world.numbers("ARINVOICE")) == ([], True)
    assert world.one(host.Invoice, number="THEIRS-9").total == Decimal("60.00")
