"""Rows without stamps, fields that are refused, and documents read by named fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from world import MakeWorld, World, books, host
from world.papers import new_in_intacct

from flask_intacct.errors import Refused
from flask_intacct.models import Issue, Record, Run
from flask_intacct.onboarding import connect, switches
from flask_intacct.state import current
from flask_intacct.sync import header, source

D = Decimal


def requests(world: World, since: int, *functions: str) -> list[str]:
    """The bodies of the requests with these functions."""
    return [one.body for one in world.sim.requests[since:] if set(functions) & set(one.functions)]


# rows without WHENMODIFIED


def test_a_new_document_without_a_stamp_comes_in(synced_world: World) -> None:
    world = synced_world
    world.sim.switches.stamps_empty = {"ARINVOICE"}
    new_in_intacct(world, "BARE-1")
    world.sync()
    assert world.one(host.Invoice, number="BARE-1").total == D("60.00")


def test_a_new_contact_without_a_stamp_is_read(synced_world: World) -> None:
    world = synced_world
    world.sim.switches.stamps_empty = {"CUSTOMER"}
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Nora North", "STATUS": "active"}, "E1")
    world.sync()
    assert world.one(host.Contact, name="Nora North")


def test_what_changes_in_a_row_without_a_stamp_comes_in(synced_world: World) -> None:
    world = synced_world
    world.sim.switches.stamps_empty = {"CUSTOMER"}
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    world.sync()
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Ash")
    world.sync()
    assert world.one(host.Contact, id=1).name == "Alice Ash"


def test_a_company_without_any_stamps_is_read_like_others(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.switches.stamps_empty = {"CUSTOMER", "VENDOR", "ARINVOICE", "APBILL"}
    for object_, field in (("CUSTOMER", "CUSTOMERID"), ("VENDOR", "VENDORID")):
        for row in world.theirs(object_):
            world.sim.modify(object_, row[field], NAME=row["NAME"])
    world.onboard()
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    new_in_intacct(world, "BARE-2")
    assert world.sync().state == "done"
    assert (world.one(host.Contact, id=1).name, world.issues()) == ("Alice Archer", [])
    assert world.host(host.Invoice, number="BARE-2")


@pytest.mark.parametrize("page", [1, 2, 3])
def test_rows_without_a_stamp_come_in_where_what_changed_takes_several_pages(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    world = synced_world
    monkeypatch.setattr(source, "PAGE", page)
    for row in world.theirs("CUSTOMER"):
        world.sim.modify("CUSTOMER", row["CUSTOMERID"], PHONE1="020 1")
    world.sim.switches.stamps_empty = {"CUSTOMER"}
    for number in range(3):
        contact = {"CUSTOMERID": f"N{number}", "NAME": f"Nora {number}", "STATUS": "active"}
        world.sim.insert("CUSTOMER", contact, "E1")
    assert world.sync().state == "done"
    assert [len(world.host(host.Contact, name=f"Nora {number}")) for number in range(3)] == [1, 1, 1]
    assert world.issues() == []


@pytest.mark.parametrize("object_", ["CUSTOMER", "VENDOR", "ARINVOICE", "APBILL"])
def test_a_quiet_sync_asks_once_for_what_changed_and_what_has_no_stamp(synced_world: World, object_: str) -> None:
    before = len(synced_world.sim.requests)
    synced_world.sync()
    assert len([one for one in requests(synced_world, before, "query") if f"<object>{object_}</object>" in one]) == 1


# fields


def refuse_fields(world: World, object_: str, *names: str) -> None:
    """Let `query` refuse these fields of an object, as it does with some that `lookup` lists."""
    for name in names:
        del world.sim.company.store[object_].fields[name]


def live(world: World) -> list[Issue]:
    return world.rows(Issue, Issue.live.is_not(None))


def test_a_refused_field_that_can_be_done_without_is_left_out_and_told(make_world: MakeWorld) -> None:
    world = make_world()
    refuse_fields(world, "CUSTOMER", "TAXID")
    refuse_fields(world, "GLACCOUNT", "REQUIREDEPT", "CLOSINGTYPE")
    world.connect()
    accounts, customers = sorted(live(world), key=lambda issue: issue.label, reverse=True)
    assert (customers.label, customers.severity) == ("CUSTOMER", "notice")
    assert "TAXID" in str(customers.message)
    assert "tax numbers are not compared" in str(customers.message)
    assert accounts.label == "GLACCOUNT"
    assert "CLOSINGTYPE, REQUIREDEPT" in str(accounts.message)
    assert "General Ledger > Accounts" in str(accounts.cure)
    world.decide()
    assert world.drain(world.confirm()).state == "done"


def test_a_field_that_is_refused_is_asked_for_once_a_run(synced_world: World) -> None:
    world = synced_world
    refuse_fields(world, "ARINVOICE", "DOCNUMBER")
    for _ in range(2):
        before = len(world.sim.requests)
        assert world.sync().state == "done"
        asked = [body for body in requests(world, before, "query") if "<field>DOCNUMBER</field>" in body]
        assert len([body for body in asked if "<object>ARINVOICE</object>" in body]) == 1


def test_what_intacct_no_longer_tells_does_not_empty_ours(synced_world: World) -> None:
    world = synced_world
    carol = next(row["CUSTOMERID"] for row in world.theirs("CUSTOMER", NAME="Carol Clark"))
    refuse_fields(world, "CUSTOMER", "TAXID")
    world.sim.modify("CUSTOMER", carol, NAME="Carol Cole")
    world.sync()
    contact = world.one(host.Contact, vat="GB123456782")
    assert contact.name == "Carol Cole"


def test_a_field_that_may_be_read_again_closes_its_issue(synced_world: World) -> None:
    world = synced_world
    fields = world.sim.company.store["GLACCOUNT"].fields
    kept = fields.pop("CLOSINGTYPE")
    world.sync()
    assert world.issues() == [("GLACCOUNT", "fields missing")]
    fields["CLOSINGTYPE"] = kept
    world.sync()
    assert world.issues() == []


@pytest.mark.parametrize(
    ("object_", "field", "where"),
    [
        ("GLACCOUNT", "TITLE", "General Ledger > Accounts"),
        ("CUSTOMER", "STATUS", "Accounts Receivable > Customers"),
        ("TAXDETAIL", "VALUE", "Taxes > Tax details"),
    ],
)
def test_a_refused_field_that_is_needed_stops_with_its_name_and_the_right(
    make_world: MakeWorld, object_: str, field: str, where: str
) -> None:
    world = make_world()
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    refuse_fields(world, object_, field)
    run = world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))
    assert run.state == "failed"
    assert f"the field {field} of {object_}" in str(run.problem)
    assert where in str(run.problem)


# taxes


def begun(world: World) -> Run:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    return world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))


def test_taxes_that_may_not_be_read_are_an_issue_and_the_rest_is_read(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.deny("TAXDETAIL")
    assert begun(world).state == "done"
    (issue,) = live(world)
    assert issue.fingerprint == "taxes can't be read"
    assert "Taxes > Tax details" in str(issue.cure)
    assert world.rows(Record, Record.object == "GLACCOUNT")


def test_the_right_to_read_taxes_cures_it(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.deny("TAXDETAIL")
    begun(world)
    world.sim.company.denied.clear()
    world.drain(connect.refresh(world.id, "ada"))
    assert (world.issues(), world.connection.facts["taxes"]) == ([], True)


def test_taxes_known_from_before_stay_known(synced_world: World) -> None:
    world = synced_world
    world.sim.deny("TAXDETAIL")
    assert world.sync().state == "done"
    assert world.connection.facts["taxes"] is True
    assert [cause for _, cause in world.issues()] == ["taxes can't be read"]


def test_a_company_without_taxes_by_a_persons_word_is_confirmed_and_synced(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.switches.vat = False
    world.sim.deny("TAXDETAIL")
    begun(world)
    with pytest.raises(Refused, match="may not read the tax details"):
        connect.go_on(world.id, "tax_type", "ada")
    switches.no_taxes(world.id, True, "ada")
    assert world.issues() == []
    connect.go_on(world.id, "tax_type", "ada")
    world.drain(connect.refresh(world.id, "ada"))
    assert (world.issues(), world.connection.facts["no_taxes"]) == ([], True)


def test_taxes_that_can_be_read_after_all_are_stronger_than_a_persons_word(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.deny("TAXDETAIL")
    begun(world)
    switches.no_taxes(world.id, True, "ada")
    world.sim.company.denied.clear()
    world.drain(connect.refresh(world.id, "ada"))
    assert (world.connection.facts["taxes"], world.connection.facts["no_taxes"]) == (True, False)
    assert world.links("tax_type")


# documents


def test_documents_are_read_by_named_fields_and_few_requests(make_world: MakeWorld) -> None:
    data = books.intacct_company()
    many = [
        books.paper(
            f"MANY-{n}", "C1", date(2026, 5, 1), books.line("4000", "10.00", "2.00"), books.line("4000", "1.00", "0.20")
        )
        for n in range(250)
    ]
    world = make_world(books.intacct_company(invoices=(*data.invoices, *many)))
    world.connect()
    world.decide()
    before = len(world.sim.requests)
    world.plan()
    bodies = [one for one in requests(world, before, "query", "read") if "ARINVOICE" in one or "TAXRECORD" in one]
    assert not [body for body in bodies if "<fields>*</fields>" in body]
    assert len(bodies) <= 5
    assert len(world.rows(Record, Record.object == "ARINVOICE")) >= 250


@pytest.mark.parametrize("object_", ["TAXRECORD", "ARINVOICEITEM"])
def test_a_document_whose_lines_or_taxes_can_not_be_queried_is_read_whole(make_world: MakeWorld, object_: str) -> None:
    world = make_world()
    world.sim.deny(object_)
    world.onboard()
    assert world.one(host.Invoice, number="THEIRS-1").total == D("130.00")
    assert world.issues() == []


def test_documents_cached_by_an_older_version_are_read_and_not_brought_in_again(synced_world: World) -> None:
    world = synced_world
    (row,) = world.rows(Record, Record.natural_id == "THEIRS-1")
    old = row.payload | {
        "WHENCREATED": "03/01/2026",
        "WHENDUE": "03/28/2026",
        "TRX_TOTALENTERED": "130.00",
        "PRBATCH": "x",
    }
    with current().transaction() as session:
        kept = session.get_one(Record, row.id)
        kept.payload, kept.hash, kept.applied_hash = old, "old", "old"
    invoice = world.one(host.Invoice, number="THEIRS-1")
    invoice.total = D("131.00")
    world.save(invoice)
    world.sync()
    (row,) = world.rows(Record, Record.natural_id == "THEIRS-1")
    assert (row.payload["WHENCREATED"], row.hash == row.applied_hash) == ("2026-03-01", True)
    assert world.one(host.Invoice, number="THEIRS-1").total == D("131.00")
    assert world.issues() == [("THEIRS-1", "amounts differ")], "what was changed here is told"


def test_contacts_cached_by_an_older_version_keep_what_is_different_here(synced_world: World) -> None:
    world = synced_world
    (row,) = world.rows(Record, Record.name == "Alice Adams")
    with current().transaction() as session:
        kept = session.get_one(Record, row.id)
        kept.payload = row.payload | {"WHENMODIFIED": "11/01/2026 10:00:00"}
        kept.hash = kept.applied_hash = "old"
    alice = world.one(host.Contact, name="Alice Adams")
    alice.phone = "changed here"
    world.save(alice)
    world.sync()
    assert world.one(host.Contact, name="Alice Adams").phone == "changed here"


def test_lines_of_a_document_stand_in_the_order_of_intacct(make_world: MakeWorld) -> None:
    world = make_world()
    world.onboard()
    assert [line.net for line in world.one(host.Invoice, number="THEIRS-1").lines] == [D("100.00"), D("10.00")]


# what is kept of a document


def test_documents_that_are_read_have_their_figures_in_columns(synced_world: World) -> None:
    found = synced_world.record("INV-2", "ARINVOICE")
    assert (found.number_folded, found.party, found.day) == ("inv2", "C2", date(2026, 2, 10))
    assert (found.cents, found.open_cents, found.status) == (24000, 24000, "approved")


def test_numbers_too_long_for_a_column_are_alike_only_if_they_are_the_same() -> None:
    long = "PO 9 " * 60
    assert len(header.fold(long)) == 120
    assert header.fold(long) == header.fold(long.lower().replace(" ", "-"))
    assert header.fold(long) != header.fold(long[:-5] + "PO 8 ")


def test_an_amount_that_no_column_can_hold_costs_its_document_only(make_world: MakeWorld) -> None:
    huge = books.paper("HUGE-1", "C1", date(2026, 2, 3), books.line("4000", "99999999999999999.00", "0.00"))
    usual = books.paper("USUAL-1", "C1", date(2026, 2, 4), books.line("4000", "10.00", "2.00"))
    world = make_world(books.intacct_company(invoices=(huge, usual)), stage="decided")
    assert world.start().state == "done"
    assert world.one(host.Invoice, number="USUAL-1").total == D("12.00")
    assert ("ARINVOICE 1", "unreadable record") in world.issues()
