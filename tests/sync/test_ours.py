"""Our own side, read again: slots that open, stay and go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from world import World, host

from flask_intacct import links
from flask_intacct.onboarding import connect

D = Decimal


def refresh(world: World) -> None:
    assert world.drain(connect.refresh(world.id, "ada")).state == "done"


def invoice(world: World, **line: Any) -> host.Invoice:
    """A new invoice to Alice with one line."""
    values: dict[str, Any] = {"account_id": 1, "tax_id": 1, "net": D("10.00"), "tax": D("2.00"), **line}
    options = [world.one(host.Option, title="High Street")]
    return host.Invoice(
        company_id=1, number="NEW-1", contact_id=1, day=date(2026, 4, 1), total=values["net"] + values["tax"],
        lines=[host.InvoiceLine(**values, options=options)],
    )  # fmt: skip


def test_a_refresh_keeps_the_decisions(decided_world: World) -> None:
    world = decided_world
    before = [(link.id, link.state, link.record_key) for kind in ("account", "contact") for link in world.links(kind)]
    refresh(world)
    after = [(link.id, link.state, link.record_key) for kind in ("account", "contact") for link in world.links(kind)]
    assert after == before


def test_a_record_that_the_host_deleted_is_orphaned_and_frees_intacct_s(decided_world: World) -> None:
    world = decided_world
    world.match("7999 Sundry", "6100")
    host.db.session.delete(world.one(host.Account, title="Sundry"))
    host.db.session.commit()
    refresh(world)
    link = world.link("7999 Sundry")
    assert (link.state, link.exclusive) == ("orphaned", None)
    world.save(host.Account(company_id=1, code="8", title="Other"))
    refresh(world)
    assert world.match("8 Other", "6100").state == "matched"


def test_a_tax_type_used_both_ways_has_a_slot_for_each(read_world: World) -> None:
    slots = [(link.label, link.role) for link in read_world.links("tax_type")]
    assert slots == [("Standard", "sale"), ("Standard", "purchase"), ("Zero", "sale"), ("Zero", "purchase")]


def test_a_contact_that_is_both_has_a_slot_for_each(read_world: World) -> None:
    assert [link.role for link in read_world.links("contact") if link.label == "Eve Evans"] == ["customer", "vendor"]


def test_a_contact_whose_role_changes_is_decided_anew_in_its_new_one(read_world: World) -> None:
    world = read_world
    world.save(host.Contact(company_id=1, name="Stranger", buys=True))
    refresh(world)
    stranger = world.one(host.Contact, name="Stranger")
    stranger.buys, stranger.sells = False, True
    world.save(stranger)
    refresh(world)
    found = [(link.role, link.state) for link in world.links("contact") if link.label == "Stranger"]
    assert sorted(found) == [("customer", "orphaned"), ("vendor", "undecided")]


def test_a_role_that_a_person_chose_stays_when_a_sync_reads_the_contact_again(read_world: World) -> None:
    world = read_world
    world.save(host.Contact(company_id=1, name="Stranger", buys=True))
    refresh(world)
    link = world.link("Stranger", "customer")
    assert not links.create(world.id, [link.id], "vendor", "ada", confirmed=True).refused
    refresh(world)
    found = [(link.role, link.state) for link in world.links("contact") if link.label == "Stranger"]
    assert found == [("vendor", "create")]


def test_a_role_in_which_only_a_document_uses_a_contact_has_a_slot_too(read_world: World) -> None:
    world = read_world
    dave = world.one(host.Contact, name="Daves Plumbing")
    new = invoice(world)
    new.contact_id = dave.id
    world.save(new)
    refresh(world)
    assert world.link("Daves Plumbing", "customer").facts["to_send"] == 1


def test_lines_without_tax_have_a_row_of_their_own(read_world: World) -> None:
    world = read_world
    world.save(invoice(world, tax_id=None, tax=D("0.00")))
    refresh(world)
    row = world.link("No tax")
    assert (row.role, row.state, row.facts["to_send"]) == ("sale", "undecided", 1)


def test_a_document_that_starts_to_use_an_archived_record_opens_its_slot(decided_world: World) -> None:
    world = decided_world
    assert world.link("7999 Sundry").state == "archived"
    world.save(invoice(world, account_id=world.one(host.Account, title="Sundry").id))
    refresh(world)
    assert (world.link("7999 Sundry").state, world.link("7999 Sundry").facts["to_send"]) == ("undecided", 1)


def test_an_archived_record_of_the_host_has_no_slot_until_it_is_used(read_world: World) -> None:
    world = read_world
    old = host.Account(company_id=1, code="9", title="Old", hidden=True)
    world.save(old)
    refresh(world)
    assert "9 Old" not in [link.label for link in world.links("account")]
    world.save(invoice(world, account_id=world.one(host.Account, title="Old").id))
    refresh(world)
    assert world.link("9 Old").state == "undecided"


def test_archiving_is_refused_while_a_document_to_be_sent_uses_the_record(read_world: World) -> None:
    world = read_world
    outcome = links.archive(world.id, [world.link("4000 Rent").id], "ada")
    assert (outcome.done, world.link("4000 Rent").state) == ([], "undecided")
    assert "used by 4 documents still to be sent" in outcome.refused[0]


def test_what_is_joined_stays_joined_when_everything_is_sent(synced_world: World) -> None:
    world = synced_world
    world.sync()
    for kind in ("tax_type", "account", "tracking_option", "contact"):
        assert {link.state for link in world.links(kind)} <= {"linked", "archived"}


def test_the_row_for_lines_without_tax_stays_joined_when_all_of_them_are_sent(read_world: World) -> None:
    world = read_world
    world.save(invoice(world, tax_id=None, tax=D("0.00")))
    bare = world.one(host.InvoiceLine, text="Card fee")
    bare.tax_id = None
    world.save(bare)
    rates = world.host(host.TaxRate, label="Zero")
    for rate in rates:
        rate.hidden = True
    world.save(*rates)
    refresh(world)
    world.match("No tax", "Sale Zero", "sale")
    world.onboard()
    world.sync()
    assert world.link("No tax").state == "linked"
    assert world.issues() == []
