"""The plan says what the initial sync then does, and Confirm holds for what the plan showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sync.mistakes import translate
from world import MakeWorld, World, books, host
from world.statements import counted

from flask_intacct import kinds, links
from flask_intacct.errors import Refused, Stale
from flask_intacct.ledger import Document
from flask_intacct.models import Operation, Run
from flask_intacct.onboarding import connect, items
from flask_intacct.onboarding import plan as plans
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.state import current
from flask_intacct.sync import executor
from flask_intacct.sync import run as runs
from flask_intacct.translate import documents

D = Decimal

MOST = 360
"""Statements of our tables that a plan of small books may cost."""


def rows(plan: plans.Plan) -> dict[tuple[str, str], tuple[int, Decimal | None]]:
    """What happens to how many, by kind and action."""
    found: dict[tuple[str, str], tuple[int, Decimal | None]] = {}
    for section in plan.sections:
        for row in section.rows:
            count, total = found.get((section.kind, row.action), (0, None))
            totals = [each for each in (total, row.total) if each is not None]
            found[section.kind, row.action] = (count + row.count, sum(totals, D(0)) if totals else None)
    return found


def troubled() -> Dataset:
    """Intacct's company, with documents that can't come in."""
    data = books.intacct_company()
    wrong = books.paper("WRONG-1", "C1", date(2026, 3, 5), books.line("4000", "10.00", "2.00"))
    return replace(data, invoices=(*data.invoices, wrong))


def test_the_plan_counts_what_the_initial_sync_does(decided_world: World) -> None:
    world = decided_world
    before = {object_: len(world.theirs(object_)) for object_ in ("CUSTOMER", "VENDOR", "ARINVOICE", "APBILL")}
    mine = {model: len(world.host(model)) for model in (host.Invoice, host.Bill, host.Contact, host.Account)}
    plan = world.plan()
    run = world.drain(connect.confirm(world.id, plan.digest, "ada"))
    planned = rows(plan)
    created = {object_: len(world.theirs(object_)) - count for object_, count in before.items()}
    assert planned["invoice", "send"] == (created["ARINVOICE"], D("640.01"))
    assert planned["bill", "send"] == (created["APBILL"], D("72.00"))
    assert planned["contact", "create"][0] == created["CUSTOMER"] + created["VENDOR"]
    came = {model: len(world.host(model)) - count for model, count in mine.items()}
    assert planned["invoice", "bring_in"] == (came[host.Invoice], D("130.00"))
    assert planned["bill", "bring_in"] == (came[host.Bill], D("60.00"))
    assert planned["contact", "bring_in"][0] == came[host.Contact]
    assert planned["account", "bring_in"][0] == came[host.Account]
    assert planned["account", "archive"][0] == len(world.host(host.Account, hidden=True))
    origins = run.report["totals"]["invoice"]["origins"]
    assert origins == {"sync": planned["invoice", "send"][0], "pair": planned["invoice", "pair"][0], "intacct": 1}


def test_the_plan_of_a_blank_company_counts_what_comes_in(make_world: MakeWorld) -> None:
    world = make_world(stage="")
    world.save(host.Company(id=1, name="Northgate"))
    world.connect()
    plan = world.plan()
    assert world.drain(connect.confirm(world.id, plan.digest, "ada")).state == "done"
    planned = {kind: count for (kind, action), (count, _) in rows(plan).items() if action == "bring_in"}
    models = {
        "tax_type": host.TaxRate,
        "account": host.Account,
        "tracking_category": host.Category,
        "tracking_option": host.Option,
        "contact": host.Contact,
        "invoice": host.Invoice,
        "bill": host.Bill,
    }
    assert planned == {kind: len(world.host(model)) for kind, model in models.items()}


def test_drafts_and_voided_documents_are_shown_as_left_alone(decided_world: World) -> None:
    assert rows(decided_world.plan())["invoice", "skip"] == (2, D("240.00"))


def test_each_of_intaccts_documents_is_translated_twice_at_most_for_a_plan(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once where it lands, and once where the plan asks what it is; pairs are found by columns."""
    world, read = decided_world, Counter[str]()

    def reading(kind: kinds.Kind, row: Mapping[str, Any]) -> Document:
        read[row["RECORDID"]] += 1
        return documents.read(kind, row)

    translate(monkeypatch, read=reading)
    world.plan()
    assert read["THEIRS-1"] == max(read.values()) == 2


@pytest.mark.parametrize("number", [10, 400])
def test_a_plan_costs_no_statement_for_a_document(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(executor, "MOMENT", 60)  # however slow the machine
    lines = books.line("4000", "10.00", "2.00")
    theirs = tuple(books.paper(f"MORE-{at}", "C1", date(2026, 3, 5), lines) for at in range(number))
    data = books.intacct_company()
    world = make_world(replace(data, invoices=(*data.invoices, *theirs)), stage="filled")
    account = world.one(host.Account, code="4000").id
    world.save(
        *(
            host.Invoice(
                number=f"OURS-{at}", company_id=1, contact_id=1, total=D("12.00"), day=date(2026, 3, 6),
                lines=[host.InvoiceLine(account_id=account, tax_id=1, net=D("10.00"), tax=D("2.00"))],
            )
            for at in range(number)
        )
    )  # fmt: skip
    world.connect()
    world.decide()
    world.plan()
    with counted() as statements:
        plan = world.plan()
    assert rows(plan)["invoice", "bring_in"][0] == number + 1
    assert len([one for one in statements if "intacct_" in one]) < MOST


@pytest.mark.parametrize("action", ["send", "bring_in", "pair"])
def test_a_row_of_the_plan_tells_contact_and_date_of_its_document(decided_world: World, action: str) -> None:
    world = decided_world
    world.plan()
    with current().reading() as session:
        run = runs.latest(session, world.id, runs.PLAN)
        assert run is not None
        rows = items.some(session, run.id, kinds.INVOICE, action, limit=50)
        told = items.about(session, rows)
    assert rows
    for row in rows:
        if action == "bring_in":
            (theirs,) = world.theirs("ARINVOICE", RECORDID=row.label)
            assert (told[row.id].contact, str(told[row.id].day)) == (theirs["CUSTOMERNAME"], str(theirs["WHENCREATED"]))
        else:
            ours = world.one(host.Invoice, number=row.label)
            assert told[row.id] == items.About(world.one(host.Contact, id=ours.contact_id).name, ours.day)


def test_pairs_are_named_with_their_reasons(decided_world: World) -> None:
    assert tuple(map(str, decided_world.plan().pairs)) == (
        "Invoice INV-2, 10 February 2026, 240.00: same contact, same date, same amount, same number",
        "Bill BILL-2, 11 February 2026, 96.00: same contact, same date, same amount, same number",
    )


def test_the_journal_of_a_real_invoice_balances(decided_world: World) -> None:
    journal = decided_world.plan().journal
    assert sum(line.debit or 0 for line in journal) == sum(line.credit or 0 for line in journal) == D("400.01")


def spoil(world: World) -> dict[str, str]:
    """Spoil copies of INV-1, each in its own way; gives the cause that each must come to grief on."""
    first = world.one(host.Invoice, number="INV-1")
    streets = world.host(host.Option, category_id=1)
    ways: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "EURO": ("foreign currency", {"currency": "EUR"}, {}),
        "": ("not acceptable", {}, {}),
        "SUM": ("not acceptable", {"total": D("12.01")}, {}),
        "TAX": ("tax without type", {}, {"tax_id": None}),
        "STREETS": ("not acceptable", {}, {"options": streets}),
        "NOWHERE": ("no location", {}, {"options": []}),
        "NO ACCOUNT": ("no account", {}, {"account_id": None}),
        "CONTROL": ("control account", {}, {"account_id": world.one(host.Account, title="Sundry").id}),
        "X" * 46: ("not acceptable", {}, {}),
        "MINUS": ("not acceptable", {"total": D("-12.00")}, {"net": D("-10.00"), "tax": D("-2.00")}),
    }
    for number, (_, head, line) in ways.items():
        values = {"account_id": 1, "tax_id": 1, "net": D("10.00"), "tax": D("2.00"), "options": streets[:1]} | line
        more = {"total": D("12.00")} | head
        world.save(
            host.Invoice(
                company_id=1, number=number, contact_id=first.contact_id, day=date(2026, 4, 1),
                lines=[host.InvoiceLine(**values)], **more,
            )
        )  # fmt: skip
    world.drain(connect.refresh(world.id, "ada"))
    world.match("7999 Sundry", "1100", confirmed=True)
    return {number: cause for number, (cause, _, _) in ways.items()}


def test_each_foreseen_problem_is_the_issue_of_the_sync_while_the_rest_goes_on(decided_world: World) -> None:
    world = decided_world
    spoilt = spoil(world)
    plan = world.plan()
    assert rows(plan)["invoice", "hold"][0] == len(spoilt)
    assert rows(plan)["invoice", "send"] == (3, D("640.01"))
    run = world.drain(connect.confirm(world.id, plan.digest, "ada"))
    assert run.state == "done"
    causes = {label: {cause for name, cause in world.issues() if name == label} for label, _ in world.issues()}
    for number, cause in spoilt.items():
        assert cause in causes[number or unnumbered(world)]
    assert {str(problem.label) for problem in plan.problems} == {cause for _, cause in world.issues()}
    assert not set(spoilt) & set(world.numbers("ARINVOICE"))
    assert {"INV-1", "INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))


def unnumbered(world: World) -> str:
    """What an invoice without a number goes by: its id."""
    return str(world.one(host.Invoice, number="").id)


def test_an_incoming_document_that_can_not_come_in_is_foreseen(make_world: MakeWorld) -> None:
    world = make_world(troubled())
    key = world.theirs("ARINVOICE", RECORDID="WRONG-1")[0]["RECORDNO"]
    world.sim.modify("ARINVOICE", key, CURRENCY="USD")
    world.connect()
    world.decide()
    plan = world.plan()
    assert [(problem.kind, str(problem.label)) for problem in plan.problems] == [("invoice", "not possible here")]
    assert rows(plan)["invoice", "bring_in"] == (1, D("130.00"))
    world.drain(connect.confirm(world.id, plan.digest, "ada"))
    assert [cause for _, cause in world.issues()] == ["not possible here"]


def test_nothing_is_written_to_intacct_before_confirm(decided_world: World) -> None:
    decided_world.plan()
    assert decided_world.writes() == []
    assert decided_world.rows(Operation) == []


def test_a_plan_is_gone_once_a_decision_changes(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    links.undo(world.id, [world.link("7999 Sundry").id], "bob")
    assert plans.current_plan(world.connection) is None
    with pytest.raises(Refused, match="1 record is undecided"):
        connect.confirm(world.id, plan.digest, "ada")
    links.archive(world.id, [world.link("7999 Sundry").id], "bob")
    with pytest.raises(Stale):
        connect.confirm(world.id, plan.digest, "ada")
    assert world.connection.confirmed_at is None


def test_confirm_is_refused_when_a_document_changed_since_the_plan(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    line = world.one(host.InvoiceLine, net=D("333.33"))
    line.text = "Rent of February"
    world.save(line)
    with pytest.raises(Stale):
        connect.confirm(world.id, plan.digest, "ada")
    assert [run.kind for run in world.rows(Run)] == ["read", "plan"]
    assert connect.confirm(world.id, world.plan().digest, "ada").kind == "initial"


def test_confirm_is_refused_when_intacct_s_record_was_made_inactive_meanwhile(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    world.sim.modify("GLACCOUNT", "4000", STATUS="inactive")
    world.drain(connect.refresh(world.id, "ada"))
    with pytest.raises(Stale):
        connect.confirm(world.id, plan.digest, "ada")


def test_confirm_is_refused_without_a_plan(decided_world: World) -> None:
    for digest in ("", "0" * 64):
        with pytest.raises(Stale):
            connect.confirm(decided_world.id, digest, "ada")


def test_confirm_changes_nothing_while_another_run_is_at_work(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    connect.refresh(world.id, "bob")
    with pytest.raises(Refused, match="still at work"):
        connect.confirm(world.id, plan.digest, "ada")
    assert (world.connection.state, world.connection.confirmed_at) == ("onboarding", None)


def test_a_second_confirm_gives_the_same_run(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    first = connect.confirm(world.id, plan.digest, "ada")
    assert connect.confirm(world.id, plan.digest, "bob").id == first.id
    world.drain(first)
    writes = world.writes()
    assert connect.confirm(world.id, plan.digest, "bob").id == first.id
    assert (world.writes(), world.connection.confirmed_by) == (writes, "ada")


def test_a_plan_without_transactions_says_so_and_sends_none(decided_world: World) -> None:
    world = decided_world
    world.drain(connect.date(world.id, books.SYNC_FROM, False, "ada"))
    plan = world.plan()
    assert plan.warnings
    assert "invoice" not in {section.kind for section in plan.sections}
    world.drain(connect.confirm(world.id, plan.digest, "ada"))
    assert "create_invoice" not in world.writes()


def test_another_kind_of_run_is_refused_while_one_is_at_work(decided_world: World) -> None:
    plans.make(decided_world.id, "ada")
    with pytest.raises(Refused, match="Making the plan is still at work"):
        connect.refresh(decided_world.id, "ada")
    first = plans.make(decided_world.id, "bob")
    assert runs.start(decided_world.id, runs.PLAN, "ada").id == first.id
