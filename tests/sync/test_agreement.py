"""The last value that both sides of a joined record had, kept beside its link."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import MakeWorld, World, host
from world.statements import counted

from flask_intacct import ledger
from flask_intacct.ledger import Contact, Document
from flask_intacct.models import Link, LinkValue, Record
from flask_intacct.state import current

D = Decimal


@pytest.fixture
def synced(make_world: MakeWorld, on: str) -> World:
    """The initial sync is complete, on each database."""
    world: World = make_world(on=on, stage="synced")
    return world


def agreed(world: World, label: str) -> Any:
    """What is agreed of a record; None if nothing is."""
    link = world.link(label)
    (kept,) = world.rows(LinkValue, LinkValue.link_id == link.id)
    assert (kept.agreed is None) == (kept.agreed_codec is None)
    class_ = Document if link.kind in ("invoice", "bill") else Contact
    return None if kept.agreed is None else ledger.load(class_, kept.agreed)


def theirs(world: World, object_: str, number: str) -> dict[str, Any]:
    (row,) = world.theirs(object_, RECORDID=number)
    return row


def test_what_was_sent_joined_and_brought_in_is_agreed_on_after_the_initial_sync(synced: World) -> None:
    world, origins = synced, set()
    for link in [*world.links("invoice", "linked"), *world.links("bill", "linked")]:
        value, row = agreed(world, link.label), theirs(world, link.object, link.label)
        if link.label == "BILL-2":  # keyed by hand on both sides, with another location
            assert value is None
            continue
        assert value == current().host.value(link.kind, ledger.Ref(link.source, link.local_id)), link.label
        assert (value.number, value.gross) == (row["RECORDID"], abs(D(str(row["TRX_TOTALENTERED"])))), link.label
        assert str(value.date) == str(row["WHENCREATED"])[:10], link.label
        origins.add(link.origin)
    assert origins == {"sync", "pair", "intacct"}


def test_an_edit_here_leaves_what_was_agreed_until_both_say_the_same(synced: World) -> None:
    world = synced
    before = agreed(world, "INV-1")
    row = world.one(host.Invoice, number="INV-1")
    row.reference = "PO 8"
    world.save(row)
    world.sync()
    assert agreed(world, "INV-1") == before
    assert ledger.load(Document, world.rows(LinkValue, LinkValue.link_id == world.link("INV-1").id)[0].value) != before
    key = int(theirs(world, "ARINVOICE", "INV-1")["RECORDNO"])
    world.sim.modify("ARINVOICE", key, DOCNUMBER="PO 8")
    world.sync()
    assert agreed(world, "INV-1").reference == "PO 8"


def test_an_edit_in_intacct_leaves_what_was_agreed_until_both_say_the_same(synced: World) -> None:
    world = synced
    before, key = agreed(world, "INV-1"), int(theirs(world, "ARINVOICE", "INV-1")["RECORDNO"])
    world.sim.modify("ARINVOICE", key, TRX_TOTALENTERED=D("401.01"))
    world.sync()
    assert agreed(world, "INV-1") == before
    world.sim.modify("ARINVOICE", key, TRX_TOTALENTERED=D("400.01"))
    world.sync()
    assert agreed(world, "INV-1") == before


def test_an_edit_of_a_line_leaves_what_was_agreed(synced: World) -> None:
    world = synced
    before = agreed(world, "INV-1")
    row = world.one(host.Invoice, number="INV-1")
    row.lines[0].account_id = world.one(host.Account, title="Fees").id
    world.save(row)
    world.sync()
    assert agreed(world, "INV-1") == before


def test_a_document_that_is_paid_or_reversed_is_agreed_on_as_it_is_then(synced: World) -> None:
    world = synced
    key = int(theirs(world, "ARINVOICE", "INV-1")["RECORDNO"])
    world.sim.pay("ARINVOICE", key, D("400.01"))
    world.sync()
    assert (world.one(host.Invoice, number="INV-1").status, agreed(world, "INV-1").status) == ("paid", "paid")
    assert agreed(world, "INV-4").status == "awaiting_approval"
    world.sim.reverse("ARINVOICE", int(theirs(world, "ARINVOICE", "THEIRS-1")["RECORDNO"]), date(2026, 5, 1))
    world.sync()
    assert agreed(world, "THEIRS-1").status == "void"


def test_what_is_not_joined_has_nothing_agreed(synced: World) -> None:
    values = {value.link_id: value for value in synced.rows(LinkValue)}
    unjoined = [link for link in synced.links("invoice") if link.state != "linked"]
    assert unjoined
    assert all(values[link.id].agreed is None for link in unjoined if link.id in values)


def test_contacts_are_agreed_on_where_both_say_the_same(synced: World) -> None:
    world = synced
    carol = agreed(world, "Carol Clark")
    assert (carol.email, carol.tax_number, carol.city) == ("carol@example.test", "GB123456782", "Bristol")
    assert agreed(world, "Alice Adams") is None  # Sage Intacct knows her country
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    world.sync()
    assert (agreed(world, "Alice Archer").name, agreed(world, "Alice Archer").country) == (
        "Alice Archer",
        "United Kingdom",
    )
    row = world.one(host.Contact, name="Alice Archer")
    row.email = "other@example.test"
    world.save(row)
    world.sync()
    assert agreed(world, "Alice Archer").email == "alice@example.test"


def test_nothing_is_agreed_with_another_record_than_the_one_that_is_joined(synced: World) -> None:
    world = synced
    carol, other = world.link("Carol Clark"), world.record("C4", "CUSTOMER")
    assert agreed(world, "Carol Clark") is not None
    with current().transaction() as session:  # as where a customer was merged into another one
        row, record = session.get_one(Link, carol.id), session.get_one(Record, other.id)
        row.record_key = row.exclusive = other.key
        record.applied_hash = record.hash
    world.sync()
    (kept,) = world.rows(LinkValue, LinkValue.link_id == carol.id)
    assert (kept.agreed, kept.agreed_codec) == (None, None)


def test_a_sync_in_which_nothing_changed_compares_nothing(synced: World) -> None:
    world = synced
    world.sync()
    with counted() as statements:
        world.sync()
    assert not [statement for statement in statements if statement.startswith("UPDATE intacct_link_value")]
