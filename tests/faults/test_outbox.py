"""Lost answers, refusals, dead workers: one document for each intent, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from world import MakeWorld, World, host
from world.papers import another_invoice
from world.together import meanwhile

from flask_intacct import jobs, links
from flask_intacct.models import Issue, Link, Operation, Record, Run, now
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import run as runs

LOST = {
    "dropped": {"kind": "drop"},
    "time-out of a proxy": {"kind": "http", "status": 524},
}
INVOICES = ["DRAFT-1", "INV-1", "INV-2", "INV-3", "INV-4", "OLD-1", "SOUTH-1", "THEIRS-1"]
BILLS = ["BILL-1", "BILL-2", "THEIRS-2"]
LATE = timedelta(minutes=17)


def ticked(world: World) -> Run:
    """What the minute's tick starts, worked off."""
    jobs.tick()
    with current().transaction() as session:
        run = runs.live(session, world.id)
    assert run is not None
    return world.drain(run)


def sent(world: World, number: str) -> list[str]:
    """The control ids under which an invoice went out."""
    return [
        control_id
        for request in world.sim.requests
        for name, control_id in zip(request.functions, request.control_ids, strict=True)
        if name == "create_invoice" and f"<invoiceno>{number}</invoiceno>" in request.body
    ]


def add_invoices(world: World, *numbers: str) -> None:
    """More of the same to send."""
    world.save(*(another_invoice(world, number) for number in numbers))


def outcome(world: World, link: Link) -> str:
    """What became of the one thing that was sent of a link."""
    (operation,) = world.rows(Operation, Operation.link_id == link.id)
    return operation.state


def settled(world: World) -> None:
    """Everything is there, once."""
    assert (world.numbers("ARINVOICE"), world.numbers("APBILL")) == (INVOICES, BILLS)
    assert world.issues() == []
    assert world.operations() == {"DONE": sum(world.executions().values())}
    assert set(world.executions()) == {1}


@pytest.mark.parametrize(
    "fault",
    [*LOST.values(), {"kind": "http", "status": 500}, {"kind": "http", "status": 200}, {"kind": "truncate"}],
    ids=[*LOST, "server error", "a page", "truncated"],
)
def test_a_document_whose_answer_is_lost_after_the_commit_is_looked_up_and_adopted(
    decided_world: World, fault: dict[str, Any]
) -> None:
    world = decided_world
    world.sim.faults.add(**fault, when="after", function="create_invoice")
    run = world.drain(world.confirm())
    assert (run.state, world.issues()) == ("done", [("INV-1", "outcome unknown")])
    assert world.link("INV-1").state == "create"
    world.age(timedelta(seconds=31))
    assert ticked(world).state == "done"
    settled(world)
    assert len(sent(world, "INV-1")) == 1


@pytest.mark.parametrize("fault", LOST.values(), ids=list(LOST))
def test_a_document_that_is_lost_before_the_commit_is_sent_once_more_under_the_same_control_id(
    decided_world: World, fault: dict[str, Any]
) -> None:
    world = decided_world
    world.sim.faults.add(**fault, when="before", function="create_invoice")
    world.drain(world.confirm())
    world.age(LATE)
    assert ticked(world).state == "done"
    settled(world)
    first, second = sent(world, "INV-1")
    assert first == second


def test_a_record_that_comes_damaged_proves_no_absence(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.sim.switches.raw_texts = {"PO 7": "PO <7"}
    world.drain(world.confirm())
    world.age(LATE)
    ticked(world)
    assert (len(sent(world, "INV-1")), world.operations()["UNKNOWN"]) == (1, 1)
    world.sim.switches.raw_texts = {}
    world.age(LATE)
    ticked(world)
    assert (world.link("INV-1").state, len(sent(world, "INV-1"))) == ("linked", 1)


def test_a_document_is_not_sent_again_while_the_gateway_may_still_be_at_work(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="before", function="create_invoice")
    world.drain(world.confirm())
    for minutes in (1, 3, 11):
        world.age(timedelta(minutes=minutes) - timedelta(seconds=30))
        ticked(world)
        assert (len(sent(world, "INV-1")), world.operations()["UNKNOWN"]) == (1, 1)
        assert ("INV-1", "outcome unknown") in world.issues()


def test_an_answer_that_leaves_out_a_document_says_nothing_about_the_others(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("missing", function="create_invoice", skip=1)
    world.drain(world.confirm())
    (label, cause), *others = world.issues()
    assert (cause, others, world.operations()["UNKNOWN"]) == ("outcome unknown", [], 1)
    assert label in ("INV-3", "INV-4")
    world.age(timedelta(seconds=31))
    ticked(world)
    settled(world)


@pytest.mark.parametrize("function", ["create", "create_invoice"])
def test_a_success_that_names_no_record_is_looked_up(decided_world: World, function: str) -> None:
    world = decided_world
    world.sim.faults.add("bare", function=function)
    world.drain(world.confirm())
    assert "outcome unknown" in {cause for _, cause in world.issues()}
    assert world.operations()["UNKNOWN"] == 1
    world.age(timedelta(seconds=31))
    ticked(world)
    settled(world)


def test_a_whole_batch_whose_answer_is_lost_is_adopted(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    world.sim.faults.add("drop", when="after", function="create_invoice", skip=1)
    world.drain(world.confirm())
    assert world.operations()["UNKNOWN"] == 2
    world.age(timedelta(seconds=31))
    ticked(world)
    settled(world)


def test_an_unknown_outcome_that_the_next_sync_reads_anyway_is_not_sent_again(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    world.sync()  # no look-up is due yet
    world.age(LATE)
    world.sync()
    settled(world)
    assert len(sent(world, "INV-1")) == 1


def test_a_gateway_that_forgets_control_ids_gets_one_document_all_the_same(decided_world: World) -> None:
    world = decided_world
    world.sim.switches.forget_ids = True
    world.sim.switches.unique_invoice_numbers = False
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    world.age(LATE)
    ticked(world)
    settled(world)


@pytest.mark.parametrize("when", ["after", "before"])
def test_a_contact_whose_answer_is_lost_is_never_doubled(decided_world: World, when: str) -> None:
    world = decided_world
    world.sim.faults.add("drop", when=when, function="create")
    world.drain(world.confirm())
    world.age(LATE)
    ticked(world)
    names = Counter(row["NAME"] for row in world.theirs("CUSTOMER"))
    if when == "after":
        assert names["Carol Clark"] == 1
        settled(world)
    else:
        assert names["Carol Clark"] == 1
        ids = [request.control_ids[0] for request in world.sim.requests if "<NAME>Carol Clark</NAME>" in request.body]
        assert (len(ids), len(set(ids))) == (2, 1)
        settled(world)


def left_to_a_person(world: World) -> Link:
    """Carol was sent without an answer, and two others of the name are in Intacct since."""
    world.sim.faults.add("drop", when="before", function="create")
    world.drain(world.confirm())
    for id_ in ("C10", "C11"):
        world.sim.run(CAROL.replace("C10", id_), "E1")
    world.age(LATE)
    ticked(world)
    link = world.link("Carol Clark")
    assert outcome(world, link) == "MANUAL"
    return link


def test_a_contact_that_a_person_looked_for_in_vain_is_sent_again_once_it_is_unlinked_and_created(
    decided_world: World,
) -> None:
    world = decided_world
    link = left_to_a_person(world)
    links.undo(world.id, [link.id], "ada")
    assert "Carol Clark" not in [label for label, _ in world.issues()]
    links.create(world.id, [link.id], "", "ada", confirmed=True)
    world.sync()
    assert Counter(row["NAME"] for row in world.theirs("CUSTOMER"))["Carol Clark"] == 3
    assert world.get(Link, link.id).state == "linked"
    assert "INV-3" in world.numbers("ARINVOICE")


def test_a_contact_that_a_person_found_is_theirs_to_match_and_keeps_no_namesake_out(decided_world: World) -> None:
    world = decided_world
    link = left_to_a_person(world)
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    world.match("Carol Clark", "C9")
    assert outcome(world, link) == "CANCELLED"
    assert "Carol Clark" not in [label for label, _ in world.issues()]
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C12", "NAME": "Carol Clark", "STATUS": "active"}, "E1")
    world.sync()
    assert len(world.host(host.Contact, name="Carol Clark")) == 4


def test_a_contact_that_waits_for_a_person_is_not_sent_again_by_another_press_of_the_button(
    decided_world: World,
) -> None:
    world = decided_world
    link = left_to_a_person(world)
    links.create(world.id, [link.id], "", "ada", confirmed=True)
    world.sync()
    assert outcome(world, link) == "MANUAL"
    assert ("Carol Clark", "needs a person") in world.issues()
    assert Counter(row["NAME"] for row in world.theirs("CUSTOMER"))["Carol Clark"] == 2


def test_one_reset_connection_on_twenty_contacts_leaves_no_work_for_a_person(decided_world: World) -> None:
    world = decided_world
    names = [f"Tenant {number:02}" for number in range(20)]
    world.save(*(host.Contact(company_id=1, name=name, buys=True) for name in names))
    world.drain(connect.refresh(world.id, "ada"))
    links.create(world.id, [world.link(name).id for name in names], "", "ada", confirmed=True)
    world.sim.faults.add("drop", when="before", function="create")
    world.drain(world.confirm())
    world.age(LATE)
    ticked(world)
    assert Counter(row["NAME"] for row in world.theirs("CUSTOMER") if row["NAME"] in names) == dict.fromkeys(names, 1)
    settled(world)


def test_a_refused_document_is_an_issue_and_goes_out_anew_in_the_next_run(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("refuse", function="create_invoice", text="The moon is full.")
    world.drain(world.confirm())
    assert world.issues() == [("INV-1", "refused by Intacct")]
    assert world.operations()["REJECTED"] == 1
    world.sync()
    settled(world)
    first, second = sent(world, "INV-1")
    assert first != second


def test_two_refused_documents_of_a_batch_do_not_stop_the_others(decided_world: World) -> None:
    world = decided_world
    add_invoices(world, "INV-8", "INV-9")
    world.sim.faults.add("refuse", function="create_invoice", skip=1, times=2)
    run = world.drain(world.confirm())
    assert (run.state, [cause for _, cause in world.issues()]) == ("done", ["refused by Intacct"] * 2)
    counted = Counter(world.numbers("ARINVOICE"))
    assert sum(counted[number] for number in ("INV-1", "INV-3", "INV-4", "INV-8", "INV-9")) == 3
    (phase,) = [phase for phase in world.phases(run.id) if phase.name == "invoice"]
    assert phase.failed == 2


def test_a_busy_gateway_is_waited_for(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("busy", function="create_invoice", times=2)
    assert world.drain(world.confirm()).state == "done"
    settled(world)
    assert len(set(sent(world, "INV-1"))) == 1


def test_a_rate_limit_is_waited_for_as_long_as_it_says(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("rate", function="create_invoice", seconds=1)
    assert world.drain(world.confirm()).state == "done"
    settled(world)


def test_a_long_rate_limit_leaves_the_worker_free(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("rate", function="create_invoice", seconds=600)
    run = world.confirm()
    jobs.work(run.id)
    requests = len(world.sim.requests)
    jobs.work(run.id)  # too early
    assert len(world.sim.requests) == requests
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        assert row.state == "running"
        row.rests_until = now()
    assert world.drain(run).state == "done"
    settled(world)


def test_an_expired_session_costs_one_sign_in_and_nothing_else(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("session", function="create_invoice")
    before = Counter(name for request in world.sim.requests for name in request.functions)
    assert world.drain(world.confirm()).state == "done"
    after = Counter(name for request in world.sim.requests for name in request.functions)
    assert after["getAPISession"] - before["getAPISession"] <= 3
    settled(world)


def test_a_document_voided_after_it_was_refused_is_not_sent(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("refuse", function="create_invoice")
    world.drain(world.confirm())
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.status = "void"
    world.save(invoice)
    world.sync()
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert (world.issues(), world.operations()["CANCELLED"]) == ([], 1)


def test_a_document_that_was_never_sent_goes_out_as_it_is_now(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("rate", function="create_invoice", seconds=600)
    run = world.confirm()
    jobs.work(run.id)
    runs.cancel(run.id, "ada")
    jobs.work(run.id)
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.status = "void"
    world.save(invoice)
    world.sim.faults.clear()
    assert world.sync().state == "done"
    assert "INV-1" not in world.numbers("ARINVOICE")


def test_a_write_told_to_come_later_goes_out_again_by_itself(decided_world: World) -> None:
    world = decided_world
    later = "The server could not complete the operation. Please Try Again Later"
    world.sim.faults.add("refuse", function="create_invoice", errorno="BL01001973", text=later)
    assert world.drain(world.confirm()).state == "done"
    settled(world)
    assert len(set(sent(world, "INV-1"))) == 1


def test_what_became_of_a_write_behind_a_page_of_the_network_is_looked_up(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("http", status=403, when="after", function="create_invoice")
    world.drain(world.confirm())
    world.age(LATE)
    world.sync()
    settled(world)
    assert Counter(world.numbers("ARINVOICE"))["INV-1"] == 1


def test_a_contact_decided_otherwise_after_it_was_refused_is_not_created(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("refuse", function="create")
    world.drain(world.confirm())
    assert ("Carol Clark", "refused by Intacct") in world.issues()
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol C.", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    world.match("Carol Clark", "C9")
    assert world.sync().state == "done"
    assert "Carol Clark" not in [row["NAME"] for row in world.theirs("CUSTOMER")]
    assert (world.link("Carol Clark").record_key, world.issues()) == (world.record("C9").key, [])
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    assert invoice["CUSTOMERID"] == "C9"


def test_a_contact_decided_otherwise_while_nobody_knew_what_became_of_it_stays_as_decided(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    link = world.match("Carol Clark", "C9")
    world.age(LATE)
    world.sync()
    assert world.get(Link, link.id).record_key == world.record("C9").key
    assert world.issues() == [("Carol Clark", "exists twice")]
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    assert world.operations()["UNKNOWN"] == 0


CAROL = (
    "<create><CUSTOMER><CUSTOMERID>C10</CUSTOMERID><NAME>Carol Clark</NAME><DISPLAYCONTACT><PRINTAS>Carol</PRINTAS>"
    "<EMAIL1>carol@example.test</EMAIL1></DISPLAYCONTACT></CUSTOMER></create>"
)
"""What creates a customer in Intacct that may be ours."""


def decided_otherwise(world: World, *, created: bool = True) -> Link:
    """The answer to Carol's creation is lost; meanwhile a person matched her to another customer of Intacct's."""
    world.sim.faults.add("drop", when="after" if created else "before", function="create")
    world.drain(world.confirm())
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    return world.match("Carol Clark", "C9")


def test_a_damaged_answer_proves_nothing_of_a_contact_that_was_decided_otherwise(decided_world: World) -> None:
    world = decided_world
    link = decided_otherwise(world)
    world.sim.switches.raw_texts = {"carol@example.test": "carol&amp<"}
    world.age(LATE)
    world.sync()
    assert outcome(world, link) == "UNKNOWN"
    world.sim.switches.raw_texts = {}
    (theirs,) = world.theirs("CUSTOMER", NAME="Carol Clark")
    world.sim.modify("CUSTOMER", int(theirs["RECORDNO"]), COMMENTS="read anew")
    world.sync()  # no look-up is due yet
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    world.age(LATE)
    world.sync()
    assert (outcome(world, link), world.issues()) == ("DONE", [("Carol Clark", "exists twice")])
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


def test_a_contact_that_was_decided_otherwise_is_looked_up_as_long_as_intacct_may_be_at_work(
    decided_world: World,
) -> None:
    world = decided_world
    link = decided_otherwise(world, created=False)
    world.age(timedelta(seconds=31))
    world.sync()
    assert outcome(world, link) == "UNKNOWN"
    world.sim.run(CAROL, "E1")
    world.sync()  # no look-up is due yet
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    world.age(LATE)
    world.sync()
    assert (outcome(world, link), ("Carol Clark", "exists twice") in world.issues()) == ("DONE", True)
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


def test_a_contact_that_was_decided_otherwise_and_is_not_in_intacct_is_not_looked_up_for_ever(
    decided_world: World,
) -> None:
    world = decided_world
    link = decided_otherwise(world, created=False)
    world.age(LATE)
    world.sync()
    assert outcome(world, link) == "CANCELLED"
    assert "Carol Clark" not in [label for label, _ in world.issues()]
    assert world.get(Link, link.id).record_key == world.record("C9").key


def test_of_several_that_may_have_been_created_beside_a_persons_choice_none_comes_in(decided_world: World) -> None:
    world = decided_world
    world.sim.run(CAROL, "E1")
    link = decided_otherwise(world)
    world.age(LATE)
    world.sync()
    assert (outcome(world, link), world.issues()) == ("DONE", [("Carol Clark", "exists twice")] * 2)
    world.sync()
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


def test_a_contact_that_was_created_and_then_matched_in_another_role_is_found_where_it_was_created(
    make_world: MakeWorld, anywhere: str
) -> None:
    world = make_world(on=anywhere, stage="decided")
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    world.sim.insert("VENDOR", {"VENDORID": "V9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    link = world.link("Carol Clark")
    links.match(world.id, link.id, world.record("V9", "VENDOR").key, "ada", role="vendor", confirmed=True)
    world.sync()  # no look-up is due yet
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    world.age(LATE)
    world.sync()
    assert ("Carol Clark", "exists twice") in world.issues()
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    found = world.get(Link, link.id)
    assert (found.state, found.object, found.record_key) == ("linked", "VENDOR", world.record("V9", "VENDOR").key)


def test_what_a_person_decided_while_a_contact_was_on_its_way_stands_and_both_are_told(
    make_world: MakeWorld, on: str
) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    run = world.confirm()
    meanwhile(world, run, "create", lambda: world.match("Carol Clark", "C9"))
    assert world.drain(run).state == "done"
    link = world.link("Carol Clark")
    (made,) = world.theirs("CUSTOMER", NAME="Carol Clark")
    assert (link.state, link.record_key) == ("linked", world.record("C9").key)
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert (issue.label, issue.fingerprint) == ("Carol Clark", "exists twice")
    assert made["CUSTOMERID"] in str(issue.message)
    world.sync()
    assert world.issues() == [("Carol Clark", "exists twice")]
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    assert set(world.executions()) == {1}
    world.save(host.Contact(company_id=1, name="Carla", buys=True))
    world.sync()
    world.match("Carla", made["CUSTOMERID"])
    world.sync()
    assert world.issues() == []


def twice(world: World, *, cancelled: bool = False) -> str:
    """A customer is created while a person matches the contact to another one; gives the id of the surplus one."""
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    run = world.confirm()

    def act() -> None:
        world.match("Carol Clark", "C9")
        if cancelled:
            runs.cancel(run.id, "ada")

    meanwhile(world, run, "create", act)
    world.drain(run)
    (made,) = world.theirs("CUSTOMER", NAME="Carol Clark")
    assert world.issues() == [("Carol Clark", "exists twice")]
    return str(made["CUSTOMERID"])


@pytest.mark.parametrize("seen", [False, True], ids=["at once", "after another sync"])
def test_a_contact_no_longer_exists_twice_once_the_surplus_one_is_deleted_in_intacct(
    decided_world: World, seen: bool
) -> None:
    world = decided_world
    surplus = twice(world)
    if seen:
        world.sync()
        assert world.issues() == [("Carol Clark", "exists twice")]
    world.sim.delete("CUSTOMER", surplus)
    world.sync()
    assert world.issues() == []
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    assert world.link("Carol Clark").record_key == world.record("C9").key


def test_a_contact_exists_twice_also_while_the_surplus_one_is_not_read_yet(decided_world: World) -> None:
    world = decided_world
    surplus = twice(world, cancelled=True)
    assert world.rows(Record, Record.natural_id == surplus) == []
    world.sim.switches.late_seconds = 60
    assert world.sync().state == "done"
    assert world.issues() == [("Carol Clark", "exists twice")]
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


def test_a_contact_of_which_nobody_knows_yet_whether_it_was_created_does_not_come_in_as_another(
    decided_world: World,
) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    world.sync()  # before it is looked up
    assert len(world.host(host.Contact, name="Carol Clark")) == 1
    world.age(LATE)
    world.sync()
    assert world.issues() == []
    (theirs,) = world.theirs("CUSTOMER", NAME="Carol Clark")
    assert world.link("Carol Clark").record_key == str(theirs["RECORDNO"])


@pytest.mark.parametrize("decide", [links.archive, links.undo])
def test_a_contact_decided_otherwise_while_it_was_under_way_is_joined_when_it_is_found(
    synced_world: World, decide: Callable[..., Any]
) -> None:
    """It is in Intacct by our own doing: no decision made meanwhile undoes that, and none stops the sync."""
    world = synced_world
    world.save(host.Contact(company_id=1, name="Ivy Idle", buys=True))
    world.sync()
    ids = [world.link("Ivy Idle").id]
    assert not links.create(world.id, ids, "", "ada").refused
    world.sim.faults.add("drop", when="after", function="create")
    world.sync()
    assert world.operations()["UNKNOWN"] == 1
    assert not decide(world.id, ids, "ada").refused
    world.age(LATE)
    assert world.sync().state == "done"
    link = world.link("Ivy Idle")
    (theirs,) = world.theirs("CUSTOMER", NAME="Ivy Idle")
    assert (link.state, link.record_key, world.issues()) == ("linked", str(theirs["RECORDNO"]), [])
