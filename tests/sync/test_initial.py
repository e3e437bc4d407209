"""The initial sync, from Confirm to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import MakeWorld, World, books, host
from world.databases import ANYWHERE, Worlds

from flask_intacct.errors import Refused
from flask_intacct.models import Issue, Operation, Record, Run
from flask_intacct.simulator.seed.dataset import Dataset, Party

D = Decimal


@pytest.fixture(scope="module", params=ANYWHERE)
def done(worlds: Worlds, request: pytest.FixtureRequest) -> Iterator[World]:
    """A complete initial sync on each database, for tests that only look at it."""
    world = worlds.make(on=request.param, stage="synced")
    yield world
    worlds.end(world)


def theirs(world: World, object_: str, number: str) -> dict[str, Any]:
    (row,) = world.theirs(object_, RECORDID=number)
    return row


def lines(row: dict[str, Any], object_: str) -> list[tuple[Any, ...]]:
    """Account, amount, tax detail, tax and location of each line."""
    return [
        (line["ACCOUNTNO"], line["TRX_AMOUNT"], *[(tax["DETAILID"], tax["TRX_TAX"]) for tax in line["TAXENTRIES"]],
         line["LOCATIONID"])
        for line in row[f"{object_}ITEMS"]
        if not line.get("PARENTENTRY")
    ]  # fmt: skip


def test_both_sides_agree(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.drain(world.confirm())
    assert (run.state, str(run.problem), world.issues()) == ("done", "", [])
    for kind, count, total in (("invoice", 5, "1010.01"), ("bill", 3, "228.00")):
        totals = run.report["totals"][kind]
        assert (totals["count"], totals["ours"], totals["theirs"]) == (count, total, total)
    assert set(world.executions()) == {1}


def test_every_phase_ends_with_all_it_counted(done: World) -> None:
    (run,) = done.rows(Run, Run.kind == "initial")
    assert {(phase.state, phase.done + phase.failed - phase.total) for phase in done.phases(run.id)} == {("done", 0)}


def test_contacts_are_created_once_with_their_details(done: World) -> None:
    assert [row["NAME"] for row in done.theirs("CUSTOMER")].count("Carol Clark") == 1
    (carol,) = done.theirs("CUSTOMER", NAME="Carol Clark")
    (contact,) = done.theirs("CONTACT", RECORDNO=carol["DISPLAYCONTACTKEY"])
    assert carol["TAXID"] == "GB123456782"
    assert [contact[name] for name in ("EMAIL1", "PHONE1", "MAILADDRESS.ADDRESS1", "MAILADDRESS.CITY",
                                       "MAILADDRESS.ZIP")] == [
        "carol@example.test", "0117 496 0000", "1 High Street", "Bristol", "BS1 1AA",
    ]  # fmt: skip


def test_a_contact_that_is_both_is_created_as_both(done: World) -> None:
    assert len(done.theirs("CUSTOMER", NAME="Eve Evans")) == len(done.theirs("VENDOR", NAME="Eve Evans")) == 1


def test_an_invoice_goes_out_to_the_cent(done: World) -> None:
    row = theirs(done, "ARINVOICE", "INV-1")
    assert (row["CUSTOMERID"], row["WHENCREATED"], row["WHENDUE"]) == ("C1", date(2026, 2, 1), date(2026, 2, 15))
    assert (row["TRX_TOTALENTERED"], row["DOCNUMBER"], row["STATE"]) == (D("400.01"), "PO 7", "Posted")
    assert row["MEGAENTITYID"] == "E1"
    assert lines(row, "ARINVOICE") == [
        ("4000", D("333.33"), ("Sale Standard", D("66.67")), "E1-10"),
        ("4100", D("0.01"), ("Sale Zero", D("0.00")), "E1-20"),
    ]


def test_a_bill_goes_out_to_the_cent(done: World) -> None:
    row = theirs(done, "APBILL", "BILL-1")
    assert (row["VENDORID"], row["WHENCREATED"], row["TRX_TOTALENTERED"]) == ("V1", date(2026, 2, 2), D("72.00"))
    assert lines(row, "APBILL") == [("6000", D("60.00"), ("Purchase Standard", D("12.00")), "E1-20")]


def test_an_invoice_comes_in_to_the_cent(done: World) -> None:
    invoice = done.one(host.Invoice, number="THEIRS-1")
    assert (invoice.contact_id, invoice.day, invoice.due) == (1, date(2026, 3, 1), date(2026, 3, 28))
    assert (invoice.total, invoice.status, invoice.company_id) == (D("130.00"), "approved", 1)
    accounts: dict[int | None, host.Account] = {row.id: row for row in done.host(host.Account)}
    taxes: dict[int | None, host.TaxRate] = {row.id: row for row in done.host(host.TaxRate)}
    assert [
        (accounts[line.account_id].code, taxes[line.tax_id].label, line.net, line.tax, [o.title for o in line.options])
        for line in invoice.lines
    ] == [
        ("4000", "Standard", D("100.00"), D("20.00"), ["High Street"]),
        ("4100", "Zero", D("10.00"), D("0.00"), ["Station Road"]),
    ]


def test_a_bill_comes_in_with_its_vendor(done: World) -> None:
    bill = done.one(host.Bill, number="THEIRS-2")
    vendor = done.one(host.Contact, id=bill.contact_id)
    assert (vendor.name, vendor.sells, vendor.buys) == ("Clean & Co", True, False)
    assert done.link("Clean & Co").origin == "intacct"


def test_documents_that_are_on_both_sides_are_joined_and_not_doubled(done: World) -> None:
    assert done.numbers("ARINVOICE").count("INV-2") == done.numbers("APBILL").count("BILL-2") == 1
    assert len(done.host(host.Invoice, number="INV-2")) == 1
    assert (done.link("INV-2").state, done.link("INV-2").origin) == ("linked", "pair")


def test_what_awaits_approval_goes_out_as_a_draft(done: World) -> None:
    assert theirs(done, "ARINVOICE", "INV-4")["STATE"] == "Draft"


@pytest.mark.parametrize("number", ["INV-5", "INV-6", "INV-7"])
def test_drafts_voided_ones_and_those_before_the_date_stay_here(done: World, number: str) -> None:
    assert number not in done.numbers("ARINVOICE")


@pytest.mark.parametrize("number", ["OLD-1", "SOUTH-1", "DRAFT-1"])
def test_drafts_older_ones_and_those_of_other_entities_stay_there(done: World, number: str) -> None:
    assert done.host(host.Invoice, number=number) == []


def test_what_was_archived_is_archived_in_the_host_only_at_confirm(decided_world: World) -> None:
    world = decided_world
    assert world.one(host.Account, title="Sundry").hidden is False
    world.drain(world.confirm())
    assert world.one(host.Account, title="Sundry").hidden is True


def test_matched_records_keep_their_differences(done: World) -> None:
    assert done.one(host.Contact, id=4).name == "Daves Plumbing"


def test_unused_accounts_of_intacct_come_in_but_inactive_ones(done: World) -> None:
    codes = {account.code for account in done.host(host.Account)}
    assert {"1100", "6100"} <= codes
    assert "4900" not in codes


def test_a_second_sync_creates_nothing_on_either_side(synced_world: World) -> None:
    world = synced_world
    models = (host.Invoice, host.Bill, host.Contact, host.Account, host.TaxRate, host.Option, host.Category)
    before = [len(world.host(model)) for model in models], world.writes(), len(world.rows(Operation))
    assert world.sync().state == "done"
    assert ([len(world.host(model)) for model in models], world.writes(), len(world.rows(Operation))) == before
    assert world.issues() == []


def with_twins() -> Dataset:
    """Intacct has two documents that may be INV-1, under other numbers."""
    data = books.intacct_company()
    twin = books.line("4000", "333.33", "66.68")
    more = [books.paper(number, "C1", date(2026, 2, 1), twin) for number in ("A-1", "A-2")]
    return replace(data, invoices=(*data.invoices, *more))


def test_a_document_that_may_exist_already_is_held_on_both_sides(make_world: MakeWorld) -> None:
    world = make_world(with_twins())
    world.connect()
    world.decide()
    world.drain(world.confirm())
    assert world.issues() == [("INV-1", "may exist already")]
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert world.host(host.Invoice, number="A-1") == []
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.number = "A-2"
    world.save(invoice)
    world.sync()
    assert world.issues() == []
    assert world.numbers("ARINVOICE").count("A-2") == 1
    assert [len(world.host(host.Invoice, number=number)) for number in ("A-1", "A-2")] == [1, 1]


def test_an_issue_closes_when_its_document_is_voided_here(decided_world: World) -> None:
    world = decided_world
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.currency = "EUR"
    world.save(invoice)
    world.drain(world.confirm())
    assert world.issues() == [("INV-1", "foreign currency")]
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.status = "void"
    world.save(invoice)
    world.sync()
    assert world.issues() == []


def test_an_issue_that_stays_is_one_issue_and_counts(decided_world: World) -> None:
    world = decided_world
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.currency = "EUR"
    world.save(invoice)
    world.drain(world.confirm())
    world.sync()
    (issue,) = world.rows(Issue)
    assert (issue.live, issue.count) == ("live", 2)


def test_a_mended_document_goes_out_in_the_next_sync(decided_world: World) -> None:
    world = decided_world
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.total += 1
    world.save(invoice)
    world.drain(world.confirm())
    assert world.issues() == [("INV-1", "not acceptable")]
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.total -= 1
    world.save(invoice)
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("INV-1")) == ([], 1)


def strangers(*names: str) -> Dataset:
    """Intacct has documents of customers with these names."""
    data = books.intacct_company()
    customers = [Party(f"X{number}", name) for number, name in enumerate(names)]
    papers = [
        books.paper(f"X-{number}", f"X{number}", date(2026, 3, 9), books.line("4000", "5.00", "1.00"))
        for number in range(len(names))
    ]
    return replace(data, customers=(*data.customers, *customers), invoices=(*data.invoices, *papers))


@pytest.mark.parametrize("name", ["Refused", "Broken"])
def test_what_the_host_can_not_take_in_is_an_issue_while_the_rest_goes_on(make_world: MakeWorld, name: str) -> None:
    world = make_world(strangers(name, "Willing"))
    run = world.onboard()
    assert run.state == "done"
    ((label, cause),) = world.issues()
    assert label.startswith("X-0")
    assert cause == "not possible here"
    assert [invoice.number for invoice in world.host(host.Invoice, day=date(2026, 3, 9))] == ["X-1"]
    assert world.host(host.Contact, name=name) == []


def test_records_that_the_host_does_not_take_are_got_past_in_slices_however_short(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(stage="")
    world.save(host.Company(id=1, name="Northgate"))
    world.connect(transactions=False)
    run = world.confirm()
    (local,) = world.app.extensions["intacct"].host.locals("account")

    def create(values: dict[str, Any]) -> None:
        raise Refused("There is no place for it.")

    monkeypatch.setattr(local, "create", create)
    world.configure(slice_seconds=0)
    assert world.drain(run, slices=200).state == "done"
    assert len(world.issues()) > 1


def test_the_host_s_own_reason_is_given_in_the_issue(make_world: MakeWorld) -> None:
    world = make_world(strangers("Refused"))
    world.onboard()
    (issue,) = world.rows(Issue)
    assert "There is no tenancy for this contact." in str(issue.message)


def test_a_reversed_document_and_its_reversal_stay_there(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.reverse("ARINVOICE", theirs(world, "ARINVOICE", "THEIRS-1")["RECORDNO"], date(2026, 3, 20))
    world.onboard()
    assert [invoice.number for invoice in world.host(host.Invoice) if invoice.day.month == 3] == []
    assert world.issues() == []


def test_a_blank_company_receives_what_intacct_has(make_world: MakeWorld) -> None:
    world = make_world(stage="")
    world.save(host.Company(id=1, name="Northgate"))
    world.connect()
    assert world.drain(world.confirm()).state == "done"
    assert world.issues() == []
    assert {rate.label for rate in world.host(host.TaxRate)} == {"Standard", "Zero"}
    assert len(world.host(host.TaxRate)) == 4
    assert {option.title for option in world.host(host.Option)} == {
        "High Street", "Station Road", "Lettings", "Maintenance",
    }  # fmt: skip
    assert [invoice.number for invoice in world.host(host.Invoice)] == ["INV-2", "THEIRS-1"]
    assert [bill.number for bill in world.host(host.Bill)] == ["BILL-2", "THEIRS-2"]
    assert {contact.name for contact in world.host(host.Contact)} == {
        "Alice Adams", "Bob Brown", "Dave's Plumbing Ltd", "Clean & Co",
    }  # fmt: skip


def test_an_excluded_contact_stays_there_with_its_documents(make_world: MakeWorld) -> None:
    world = make_world(strangers("Secret"))
    world.sim.add_field("CUSTOMER", "RL_SYNCING_DISABLED", "B")
    world.sim.modify("CUSTOMER", "X0", RL_SYNCING_DISABLED=True)
    world.onboard()
    assert world.host(host.Contact, name="Secret") == []
    assert world.host(host.Invoice, number="X-0") == []
    assert world.issues() == []


def test_documents_of_a_contact_that_is_excluded_later_are_held(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.add_field("CUSTOMER", "RL_SYNCING_DISABLED", "B")
    world.connect()
    world.decide()
    world.sim.modify("CUSTOMER", "C1", RL_SYNCING_DISABLED=True)
    world.drain(world.confirm())
    assert ("INV-1", "contact left out") in world.issues()
    assert "INV-1" not in world.numbers("ARINVOICE")


def test_posting_at_the_top_level_works_too(make_world: MakeWorld) -> None:
    world = make_world()
    run = world.onboard(top=True)
    assert (run.state, world.issues()) == ("done", [])
    assert theirs(world, "ARINVOICE", "INV-1").get("MEGAENTITYID", "") == ""
    assert theirs(world, "ARINVOICE", "INV-1")["TRX_TOTALENTERED"] == D("400.01")


def test_the_top_level_takes_in_the_documents_of_every_entity(make_world: MakeWorld) -> None:
    world = make_world()
    run = world.onboard(entity="")
    assert (run.state, world.issues()) == ("done", [])
    assert {"THEIRS-1", "SOUTH-1"} <= {invoice.number for invoice in world.host(host.Invoice)}


def test_a_default_location_stands_in_where_a_line_has_none(make_world: MakeWorld) -> None:
    world = make_world()
    line = world.one(host.InvoiceLine, net=D("333.33"))
    line.options = []
    world.save(line)
    world.onboard(location="E1-20")
    assert world.issues() == []
    assert lines(theirs(world, "ARINVOICE", "INV-1"), "ARINVOICE")[0][-1] == "E1-20"


def test_a_row_of_intacct_that_can_not_be_read_is_an_issue_of_its_own(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.modify("ARINVOICE", theirs(world, "ARINVOICE", "THEIRS-1")["RECORDNO"], STATE="Pondering")
    run = world.onboard()
    assert run.state == "done"
    assert {cause for _, cause in world.issues()} <= {"unreadable record", "not possible here"}
    assert len(world.rows(Record, Record.object == "ARINVOICE")) > 1
