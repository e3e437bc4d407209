"""A row that comes damaged costs itself, not its page, and an issue names it."""

from __future__ import annotations

import pytest
from world import MakeWorld, World, books, host

from flask_intacct.models import Issue, Record
from flask_intacct.onboarding import connect
from flask_intacct.sync import source

CAUSE = "damaged in the answer"


def live(world: World) -> list[tuple[str, str, str]]:
    return [(row.label, row.fingerprint, row.severity) for row in world.rows(Issue, Issue.live.is_not(None))]


def customers(world: World) -> list[str]:
    return [row.name for row in world.rows(Record, Record.object == "CUSTOMER")]


def test_a_row_that_can_be_repaired_is_used_and_named(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.switches.raw_texts = {"Bob Brown": "Bob\x01 Brown"}
    world.connect()
    assert customers(world)[:2] == ["Alice Adams", "Bob Brown"]
    assert live(world) == [("CUSTOMER 2", CAUSE, "notice")]


@pytest.mark.parametrize("torn", ["Bob <Brown", "Bob</CUSTOMER>"])
@pytest.mark.parametrize("page", [1, 2, 1000])
def test_a_row_that_can_not_be_repaired_is_left_out_until_it_reads_well(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, page: int, torn: str
) -> None:
    monkeypatch.setattr(source, "PAGE", page)
    world = make_world()
    world.sim.switches.raw_texts = {"Bob Brown": torn}
    world.connect()
    assert "Bob Brown" not in customers(world)
    assert "Alice Adams" in customers(world)
    assert "Old Tenant" in customers(world)
    assert live(world) == [("CUSTOMER 2", CAUSE, "error")]
    world.sim.switches.raw_texts = {}
    world.sim.modify("CUSTOMER", "C2", NAME="Bob Brown")
    world.drain(connect.refresh(world.id, "ada"))
    assert (live(world), "Bob Brown" in customers(world)) == ([], True)


@pytest.mark.parametrize("torn", ["Fe<es", "Fees<GLACCOUNT>"])
def test_a_record_that_comes_damaged_is_not_taken_for_gone(synced_world: World, torn: str) -> None:
    world = synced_world
    world.sim.switches.raw_texts = {"Fees": torn}
    assert world.sync().state == "done"
    assert world.record("4100").missing_since is None
    assert [cause for _, cause, _ in live(world)] == [CAUSE]
    world.sim.switches.raw_texts = {}
    world.sync()
    assert live(world) == []


@pytest.mark.parametrize("memo", ["May <rent", "May</ARINVOICEITEM>", "May</ARINVOICE>"])
def test_a_document_with_a_damaged_line_waits_and_the_others_come(make_world: MakeWorld, memo: str) -> None:
    data = books.intacct_company()
    torn = books.paper("TORN-1", "C1", books.SYNC_FROM, books.line("4000", "30.00", "6.00", memo="May rent"))
    world = make_world(books.intacct_company(invoices=(*data.invoices, torn)))
    world.sim.switches.raw_texts = {"May rent": memo}
    world.onboard()
    assert world.host(host.Invoice, number="TORN-1") == []
    assert world.host(host.Invoice, number="THEIRS-1")
    assert CAUSE in {cause for _, cause, _ in live(world)}
    world.sim.switches.raw_texts = {}
    (row,) = world.theirs("ARINVOICE", RECORDID="TORN-1")
    world.sim.modify("ARINVOICE", int(row["RECORDNO"]), DESCRIPTION="mended")
    world.sync()
    assert len(world.host(host.Invoice, number="TORN-1")) == 1
    assert live(world) == []


def test_the_issue_of_a_contact_that_is_deleted_in_intacct_closes(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.switches.raw_texts = {"Bob Brown": "Bob <Brown", "Alice Adams": "Alice <Adams"}
    world.connect()
    assert [label for label, _, _ in live(world)] == ["CUSTOMER 1", "CUSTOMER 2"]
    world.sim.delete("CUSTOMER", "C2")
    world.drain(connect.refresh(world.id, "ada"))
    assert [label for label, _, _ in live(world)] == ["CUSTOMER 1"]


def test_the_issue_of_an_account_that_is_deleted_in_intacct_closes(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.switches.raw_texts = {"Fees": "Fees</GLACCOUNT>"}
    world.connect()
    (row,) = world.theirs("GLACCOUNT", ACCOUNTNO="4100")
    assert [label for label, _, _ in live(world)] == [f"GLACCOUNT {row['RECORDNO']}"]
    world.sim.delete("GLACCOUNT", "4100")
    world.drain(connect.refresh(world.id, "ada"))
    assert live(world) == []


def test_the_issue_of_a_line_closes_with_its_document(make_world: MakeWorld) -> None:
    data = books.intacct_company()
    torn = books.paper("TORN-1", "C1", books.SYNC_FROM, books.line("4000", "30.00", "6.00", memo="May rent"))
    world = make_world(books.intacct_company(invoices=(*data.invoices, torn)))
    world.sim.switches.raw_texts = {"May rent": "May <rent"}
    world.onboard()
    assert {label.split()[0] for label, cause, _ in live(world) if cause == CAUSE} >= {"ARINVOICEITEM"}
    (row,) = world.theirs("ARINVOICE", RECORDID="TORN-1")
    world.sim.run(f"<delete><object>ARINVOICE</object><keys>{row['RECORDNO']}</keys></delete>")
    world.sync()
    assert [label for label, cause, _ in live(world) if cause == CAUSE] == []


def test_the_issue_stays_where_the_record_may_not_be_asked_for(make_world: MakeWorld) -> None:
    data = books.intacct_company()
    torn = books.paper("TORN-1", "C1", books.SYNC_FROM, books.line("4000", "30.00", "6.00", memo="May rent"))
    world = make_world(books.intacct_company(invoices=(*data.invoices, torn)))
    world.sim.switches.raw_texts = {"May rent": "May <rent"}
    world.onboard()
    before = [label for label, cause, _ in live(world) if cause == CAUSE]
    world.sim.deny("ARINVOICEITEM")
    assert world.sync().state == "done"
    assert [label for label, cause, _ in live(world) if cause == CAUSE] == before != []
