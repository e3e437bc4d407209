"""After the initial sync: what changes in Intacct comes in, what is new here goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from world import World, books, host
from world.databases import ANYWHERE, Worlds
from world.papers import new_in_intacct

from flask_intacct import links
from flask_intacct.models import Operation, Record

D = Decimal


@pytest.fixture(scope="module", params=ANYWHERE)
def synced_world(worlds: Worlds, request: pytest.FixtureRequest) -> Iterator[World]:
    """One company for all days, on each database: each test leaves it without issues, and uses numbers of its own."""
    world = worlds.make(on=request.param, stage="synced")
    yield world
    worlds.end(world)


def key(world: World, object_: str, number: str) -> int:
    (row,) = world.theirs(object_, RECORDID=number)
    return int(row["RECORDNO"])


def new_invoice(world: World, number: str, **changes: object) -> None:
    option = world.one(host.Option, title="High Street")
    line = host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=[option])
    values = {"company_id": 1, "contact_id": 1, "day": date(2026, 4, 1), "total": D("12.00"), "lines": [line]}
    world.save(host.Invoice(number=number, **values | changes))


def test_a_changed_contact_comes_in_and_an_emptied_field_too(synced_world: World) -> None:
    world = synced_world
    (alice,) = world.theirs("CUSTOMER", CUSTOMERID="C1")
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    world.sim.modify("CONTACT", int(alice["DISPLAYCONTACTKEY"]), EMAIL1=None, PHONE1="0117 496 0001")
    world.sync()
    contact = world.one(host.Contact, id=1)
    assert (contact.name, contact.phone, contact.email) == ("Alice Archer", "0117 496 0001", "")


def test_a_changed_account_comes_in(synced_world: World) -> None:
    synced_world.sim.modify("GLACCOUNT", "4100", TITLE="Fees and charges")
    synced_world.sync()
    assert synced_world.one(host.Account, code="4100").title == "Fees and charges"


def test_an_account_that_is_made_inactive_is_archived_here_and_comes_back(synced_world: World) -> None:
    world = synced_world
    world.sim.modify("GLACCOUNT", "4100", STATUS="inactive")
    world.sync()
    assert world.one(host.Account, code="4100").hidden is True
    world.sync()
    world.sim.modify("GLACCOUNT", "4100", STATUS="active")
    world.sync()
    assert world.one(host.Account, code="4100").hidden is False
    assert len(world.host(host.Account, code="4100")) == 1


def test_a_new_account_comes_in(synced_world: World) -> None:
    row = {"ACCOUNTNO": "4300", "TITLE": "Parking", "ACCOUNTTYPE": "incomestatement", "NORMALBALANCE": "credit"}
    synced_world.sim.insert("GLACCOUNT", row | {"STATUS": "active"})
    synced_world.sync()
    assert synced_world.one(host.Account, code="4300").title == "Parking"


def test_an_account_that_is_gone_from_intacct_is_marked(synced_world: World) -> None:
    world = synced_world
    world.sim.delete("GLACCOUNT", "6100")
    world.sync()
    assert world.record("6100").missing_since is not None


def test_a_document_on_an_inactive_account_is_held_until_it_is_active_again(synced_world: World) -> None:
    world = synced_world
    world.sim.modify("GLACCOUNT", "4000", STATUS="inactive")
    new_invoice(world, "NEW-1")
    world.sync()
    assert world.issues() == [("NEW-1", "account inactive")]
    world.sim.modify("GLACCOUNT", "4000", STATUS="active")
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("NEW-1")) == ([], 1)


def test_a_new_document_goes_out_and_only_that(synced_world: World) -> None:
    world = synced_world
    before = len(world.writes())
    new_invoice(world, "NEW-2")
    world.sync()
    assert (world.writes()[before:], world.numbers("ARINVOICE").count("NEW-2")) == (["create_invoice"], 1)


def test_a_new_contact_of_the_host_waits_to_be_decided_with_its_document(synced_world: World) -> None:
    world = synced_world
    world.save(host.Contact(company_id=1, name="Fay Ford", buys=True))
    new_invoice(world, "NEW-3", contact_id=world.one(host.Contact, name="Fay Ford").id)
    world.sync()
    assert [cause for _, cause in world.issues()] == ["contact unknown"]
    fay = world.link("Fay Ford")
    assert fay.state == "undecided"
    links.create(world.id, [fay.id], "", "ada")
    world.sync()
    assert (world.issues(), world.link("Fay Ford").state) == ([], "linked")
    assert world.numbers("ARINVOICE").count("NEW-3") == 1


def test_our_own_writes_are_no_news(synced_world: World) -> None:
    world = synced_world
    carol = world.one(host.Contact, name="Carol Clark")
    carol.phone = "changed here"
    world.save(carol)
    world.sync()
    assert world.one(host.Contact, name="Carol Clark").phone == "changed here"
    assert world.rows(Record, Record.name == "Carol Clark", Record.hash != Record.applied_hash) == []


def test_a_document_that_is_reversed_in_intacct_is_voided_here(synced_world: World) -> None:
    world = synced_world
    world.sim.reverse("ARINVOICE", key(world, "ARINVOICE", "INV-1"), date(2026, 5, 1))
    world.sync()
    assert world.one(host.Invoice, number="INV-1").status == "void"
    assert world.issues() == []
    assert [invoice.number for invoice in world.host(host.Invoice)].count("INV-1") == 1
    writes = world.writes()
    world.sync()
    assert world.writes() == writes


def test_a_draft_that_is_posted_in_intacct_comes_in(synced_world: World) -> None:
    world = synced_world
    world.sim.modify("ARINVOICE", key(world, "ARINVOICE", "DRAFT-1"), STATE="Posted")
    world.sync()
    assert world.one(host.Invoice, number="DRAFT-1").total == D("120.00")


def test_amounts_that_were_changed_in_intacct_are_shown_until_they_agree(synced_world: World) -> None:
    world = synced_world
    number = key(world, "ARINVOICE", "INV-3")
    world.sim.modify("ARINVOICE", number, TRX_TOTALENTERED=D("121.00"))
    world.sync()
    assert world.issues() == [("INV-3", "amounts differ")]
    assert world.one(host.Invoice, number="INV-3").total == D("120.00")
    world.sim.modify("ARINVOICE", number, TRX_TOTALENTERED=D("120.00"))
    world.sync()
    assert world.issues() == []


def test_a_state_nobody_knows_is_an_issue_of_that_document_alone(synced_world: World) -> None:
    world = synced_world
    world.sim.modify("ARINVOICE", key(world, "ARINVOICE", "INV-3"), STATE="Pondering")
    new_invoice(world, "NEW-4")
    assert world.sync().state == "done"
    assert {cause for _, cause in world.issues()} == {"unreadable record", "not possible here"}
    assert world.numbers("ARINVOICE").count("NEW-4") == 1
    world.sim.modify("ARINVOICE", key(world, "ARINVOICE", "INV-3"), STATE="Posted")
    world.sync()
    assert world.issues() == []


def test_a_document_that_is_to_the_letter_what_it_was_again_has_no_issue_left(synced_world: World) -> None:
    world = synced_world
    invoice = key(world, "ARINVOICE", "INV-3")
    (before,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    world.sim.modify("ARINVOICE", invoice, STATE="Pondering")
    world.sync()
    assert {cause for _, cause in world.issues()} == {"unreadable record", "not possible here"}
    back = (before["WHENMODIFIED"] - world.sim.company.now()).total_seconds()
    world.sim.advance(back)
    world.sim.modify("ARINVOICE", invoice, STATE="Posted")
    world.sim.advance(-back)
    (after,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    assert after == before
    world.sync()
    assert world.issues() == []


def test_a_new_document_of_intacct_comes_in_once(synced_world: World) -> None:
    world = synced_world
    new_in_intacct(world, "THEIRS-9")
    world.sync()
    world.sync()
    assert world.one(host.Invoice, number="THEIRS-9").total == D("60.00")


def test_a_deleted_row_of_the_host_does_not_hand_its_link_on(synced_world: World) -> None:
    world = synced_world
    sundry = world.one(host.Account, title="Sundry")
    assert world.link("7999 Sundry").state == "archived"
    host.db.session.delete(sundry)
    host.db.session.commit()
    world.sync()
    assert world.link("7999 Sundry").state in ("archived", "orphaned")


def test_documents_of_a_reconnected_company_are_those_from_its_date_on(synced_world: World) -> None:
    world = synced_world
    new_invoice(world, "OLD-9", day=date(2025, 12, 30))
    world.sync()
    assert "OLD-9" not in world.numbers("ARINVOICE")
    assert world.connection.sync_from == books.SYNC_FROM


def test_every_intent_was_carried_out_once(synced_world: World) -> None:
    world = synced_world
    world.sync()
    assert set(world.executions()) == {1}
    assert {row.live for row in world.rows(Operation)} == {None}
