"""Each verb of the outbox, one operation of a link at a time, and what changes while one is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from world import World, host
from world.papers import another_invoice

from flask_intacct import jobs, kinds, links
from flask_intacct.clock import boot
from flask_intacct.exchanges import Gathered
from flask_intacct.gates import for_work
from flask_intacct.installation import renew_epoch
from flask_intacct.models import Connection, Link, Operation, Run
from flask_intacct.onboarding import connect
from flask_intacct.shutdown import Shutdown
from flask_intacct.state import current
from flask_intacct.sync import lease
from flask_intacct.sync import run as runs
from flask_intacct.sync.early import Early
from flask_intacct.sync.job_context import JobContext
from flask_intacct.sync.outbox import actions, claim
from flask_intacct.sync.outbox.intent import Intent, intend

D = Decimal
LATE = timedelta(minutes=17)
VERBS = [actions.UPDATE, actions.SUBMIT, actions.REVERSE, actions.DELETE]
OBJECTS = {"invoice": "ARINVOICE", "bill": "APBILL"}


@contextmanager
def at_work(world: World, phase: str) -> Iterator[JobContext]:
    """What a stage works with, in a sync that goes on behind the block."""
    state = current()
    run = runs.start(world.id, runs.SYNC, "ada")
    hold = lease.take(state, world.id)
    assert hold is not None
    with state.transaction() as session:
        connection = session.get_one(Connection, world.id)
    (row,) = [one for one in world.phases(run.id) if one.name == phase]
    try:
        gate = for_work(hold.engine, connection.intacct_company, state.config, hold.owner)
        asked = Gathered(connection.id, run.id, gate.company)
        yield JobContext(state, connection, run, row, hold, gate, asked, Early(1), boot() + 60, Shutdown())
    finally:
        lease.release(state, hold)
        world.drain(run)


def draft(world: World, kind: str) -> Link:
    """A document that both sides have, a draft in Intacct."""
    model, line = (host.Invoice, host.InvoiceLine) if kind == "invoice" else (host.Bill, host.BillLine)
    pattern: Any = world.one(model, number="INV-1" if kind == "invoice" else "BILL-1")
    lines: Any = [line(account_id=one.account_id, tax_id=one.tax_id, net=one.net, tax=one.tax) for one in pattern.lines]
    for mine, one in zip(lines, pattern.lines, strict=True):
        mine.options = list(one.options)
    world.save(
        model(
            company_id=1, number="D-1", contact_id=pattern.contact_id, day=date(2026, 3, 9), lines=lines,
            total=pattern.total, status="submitted",
        )
    )  # fmt: skip
    world.sync()
    link = world.link("D-1", kind=kind)
    assert (link.state, theirs(world, kind)["STATE"]) == ("linked", "Draft")
    return link


def theirs(world: World, kind: str) -> dict[str, Any]:
    (row,) = [row for row in world.theirs(OBJECTS[kind]) if row["RECORDID"] == "D-1"]
    return row


def values(world: World, link: Link, verb: str) -> dict[str, Any]:
    """What is sent for a verb about the record of a link."""
    about = {actions.KEY: link.record_key}
    if verb == actions.REVERSE:
        return about | {actions.REVERSED_ON: "2026-03-31"}
    if verb != actions.UPDATE:
        return about
    (made,) = [one for one in world.rows(Operation) if one.link_id == link.id and one.action == actions.CREATE]
    form = kinds.shape(link.kind).form
    sent: dict[str, Any] = made.payload["values"]
    lines = [{**line, form.line.description: "Mended"} for line in sent[form.lines]]
    return about | sent | {form.reference: "NEW REF", form.lines: lines, actions.LINES: len(lines)}


def intended(world: World, link: Link, verb: str, **more: Any) -> None:
    """Have a verb carried out by a sync."""
    intent = Intent(link.id, verb, OBJECTS[link.kind], values(world, link, verb) | more, verb)
    with at_work(world, link.kind) as job, job.transaction() as session:
        intend(job, session, [intent])


def of_verb(world: World, link: Link, verb: str) -> list[Operation]:
    return world.rows(Operation, Operation.link_id == link.id, Operation.action == verb)


def shows(world: World, link: Link, verb: str) -> bool:
    """Whether Intacct shows that a verb was carried out."""
    rows = [row for row in world.theirs(OBJECTS[link.kind]) if str(row["RECORDNO"]) == link.record_key]
    if verb == actions.DELETE:
        return not rows
    (row,) = rows
    if verb == actions.UPDATE:
        items = world.theirs(f"{OBJECTS[link.kind]}ITEM", RECORDKEY=row["RECORDNO"])
        return row["DOCNUMBER"] == "NEW REF" and {item["ENTRYDESCRIPTION"] for item in items} == {"Mended"}
    return bool(row["STATE"] == {actions.SUBMIT: "Posted", actions.REVERSE: "Reversed"}[verb])


def prepared(world: World, kind: str, verb: str) -> Link:
    """A document with which this can be done."""
    link = draft(world, kind)
    if verb == actions.REVERSE:
        intended(world, link, actions.SUBMIT)
    return link


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["invoice", "bill"])
def test_a_verb_is_carried_out_once(synced_world: World, kind: str, verb: str) -> None:
    world = synced_world
    link = prepared(world, kind, verb)
    intended(world, link, verb)
    (operation,) = of_verb(world, link, verb)
    assert (operation.state, world.sim.executions(operation.control_id)) == ("DONE", 1)
    assert shows(world, link, verb)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["invoice", "bill"])
def test_a_verb_whose_answer_is_lost_is_looked_up_and_carried_out_once(
    synced_world: World, kind: str, verb: str, when: str
) -> None:
    world = synced_world
    link = prepared(world, kind, verb)
    function = {"update": "update", "submit": "update", "reverse": f"reverse_{kind}", "delete": "delete"}[verb]
    if kind == "invoice" and function == "update":
        function = "update_invoice"
    world.sim.faults.add("drop", when=when, function=function)
    intended(world, link, verb)
    (operation,) = of_verb(world, link, verb)
    assert operation.state == "UNKNOWN"
    for _ in range(2):
        world.age(LATE)
        world.sync()
    (operation,) = of_verb(world, link, verb)
    assert (operation.state, world.sim.executions(operation.control_id)) == ("DONE", 1)
    assert shows(world, link, verb)


def test_a_draft_that_was_deleted_is_created_anew_under_the_same_link(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    intended(world, link, actions.DELETE)
    world.sync()
    again = world.link("D-1", kind="invoice")
    assert (again.id, again.state) == (link.id, "linked")
    assert again.record_key != link.record_key
    assert world.numbers("ARINVOICE").count("D-1") == 1


def test_a_line_that_is_taken_away_can_not_be_sent_as_an_update(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    intended(world, link, actions.UPDATE, **{actions.LINES: 9})
    assert [label for label, _ in world.issues()] == ["D-1"]
    assert of_verb(world, link, actions.UPDATE)[0].state == "CANCELLED"


def test_a_later_intent_waits_for_what_is_on_its_way(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    world.sim.faults.add("drop", when="after", function="update_invoice")
    intended(world, link, actions.UPDATE)
    intended(world, link, actions.SUBMIT)
    assert [one.state for one in world.rows(Operation, Operation.link_id == link.id)] == ["DONE", "UNKNOWN", "BLOCKED"]
    world.age(LATE)
    world.sync()
    assert [one.state for one in world.rows(Operation, Operation.link_id == link.id)] == ["DONE"] * 3
    assert shows(world, link, actions.UPDATE)
    assert shows(world, link, actions.SUBMIT)


def test_an_intent_takes_the_place_of_one_that_was_never_sent(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    verbs = actions.UPDATE, actions.SUBMIT
    intents = [Intent(link.id, verb, "ARINVOICE", values(world, link, verb), verb) for verb in verbs]
    with at_work(world, "invoice") as job, job.transaction() as session:
        for intent in intents:
            intend(job, session, [intent])
    assert [one.state for one in of_verb(world, link, actions.UPDATE)] == ["SUPERSEDED"]
    assert [one.state for one in of_verb(world, link, actions.SUBMIT)] == ["DONE"]
    assert world.writes().count("update_invoice") == 1  # the draft was handed in, and not changed before


def changed(world: World, number: str, net: str, tax: str) -> None:
    """The host changes the amounts of an invoice."""
    invoice = world.one(host.Invoice, number=number)
    for line in invoice.lines:
        line.net, line.tax = D("0.00"), D("0.00")
    invoice.lines[0].net, invoice.lines[0].tax = D(net), D(tax)
    invoice.total = D(net) + D(tax)
    world.save(invoice)


def deleted(world: World, number: str) -> None:
    """The host deletes an invoice with its lines."""
    host.db.session.delete(world.one(host.Invoice, number=number))
    host.db.session.commit()


def test_a_document_found_after_its_answer_was_lost_is_updated_if_it_was_changed_here(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    changed(world, "INV-1", "50.00", "10.00")
    world.age(LATE)
    world.sync()
    (row,) = [row for row in world.theirs("ARINVOICE") if row["RECORDID"] == "INV-1"]
    assert row["TRX_TOTALENTERED"] == D("60.00")
    link = world.link("INV-1", kind="invoice")
    assert [(one.action, one.state) for one in world.rows(Operation, Operation.link_id == link.id)] == [
        ("create", "DONE"),
        ("update", "DONE"),
    ]
    assert (world.issues(), set(world.executions())) == ([], {1})


def test_a_document_that_was_changed_here_before_it_is_looked_up_does_not_come_in_as_new(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    changed(world, "INV-1", "50.00", "10.00")
    world.sync()  # no look-up is due yet
    assert len(world.host(host.Invoice, number="INV-1")) == 1
    world.age(LATE)
    world.sync()
    assert len(world.host(host.Invoice, number="INV-1")) == 1
    assert world.issues() == []


def test_a_document_that_was_deleted_here_before_it_is_looked_up_does_not_come_in_as_new(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    deleted(world, "INV-1")
    world.sync()
    world.age(LATE)
    world.sync()
    assert world.host(host.Invoice, number="INV-1") == []
    assert [label for label, _ in world.issues()] == ["INV-1"]


def test_a_document_proved_absent_and_changed_here_goes_under_another_control_id(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="before", function="create_invoice")
    world.drain(world.confirm())
    changed(world, "INV-1", "50.00", "10.00")
    world.age(LATE)
    world.sync()
    link = world.link("INV-1", kind="invoice")
    first, second = world.rows(Operation, Operation.link_id == link.id)
    assert (first.state, second.state) == ("SUPERSEDED", "DONE")
    assert first.control_id != second.control_id
    assert [world.sim.executions(one.control_id) for one in (first, second)] == [0, 1]
    (row,) = [row for row in world.theirs("ARINVOICE") if row["RECORDID"] == "INV-1"]
    assert row["TRX_TOTALENTERED"] == D("60.00")


def test_a_contact_found_after_its_answer_was_lost_is_updated_if_it_was_changed_here(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    contact = world.one(host.Contact, name="Carol Clark")
    contact.name = "Carol Clarke"
    world.save(contact)
    world.sync()
    world.age(LATE)
    world.sync()
    world.sync()
    names = [row["NAME"] for row in (*world.theirs("CUSTOMER"), *world.theirs("VENDOR"))]
    assert ("Carol Clark" in names, names.count("Carol Clarke")) == (False, 1)
    assert world.one(host.Contact, name="Carol Clarke")
    assert world.issues() == []


def test_what_was_never_sent_is_made_anew_where_a_mapping_changed(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("rate", function="create_invoice", seconds=3600)
    run = world.confirm()
    jobs.work(run.id)
    link = world.link("INV-1", kind="invoice")
    (before,) = world.rows(Operation, Operation.link_id == link.id)
    assert before.state == "READY"
    runs.cancel(run.id, "ada")
    account = {"ACCOUNTTYPE": "incomestatement", "NORMALBALANCE": "credit", "STATUS": "active"}
    world.sim.insert("GLACCOUNT", {"ACCOUNTNO": "4200", "TITLE": "Other rent", **account})
    world.drain(connect.refresh(world.id, "ada"))
    sent = before.payload["values"]["invoiceitems"][0]["glaccountno"]
    (local,) = [one for one in world.links("account") if one.record_key == world.record(sent, "GLACCOUNT").key]
    links.match(world.id, local.id, world.record("4200", "GLACCOUNT").key, "ada", confirmed=True)
    world.sync()
    (after,) = world.rows(Operation, Operation.link_id == link.id)
    assert (after.state, after.revision) == ("DONE", 2)
    assert after.control_id != before.control_id
    assert sent not in [line["glaccountno"] for line in after.payload["values"]["invoiceitems"]]


def test_a_new_epoch_gives_what_is_ready_other_control_ids(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    submit = Intent(link.id, "submit", "ARINVOICE", values(world, link, actions.SUBMIT), actions.SUBMIT)
    with at_work(world, "invoice") as job, job.transaction() as session:
        intend(job, session, [submit])
        session.flush()
        (first,) = [one.control_id for one in session.query(Operation).filter_by(link_id=link.id, action="submit")]
        renew_epoch(session)
        intend(job, session, [submit])
        session.expire_all()
        (second,) = [one.control_id for one in session.query(Operation).filter_by(link_id=link.id, action="submit")]
    assert first != second
    assert shows(world, link, actions.SUBMIT)


def test_what_is_ready_since_before_a_new_epoch_is_looked_up_before_it_is_sent(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    submit = Intent(link.id, "submit", "ARINVOICE", values(world, link, actions.SUBMIT), actions.SUBMIT)
    with at_work(world, "invoice") as job, job.transaction() as session:
        intend(job, session, [submit])
        session.flush()
        renew_epoch(session)
    (operation,) = of_verb(world, link, actions.SUBMIT)
    assert (operation.state, shows(world, link, actions.SUBMIT)) == ("UNKNOWN", False)
    world.age(timedelta(minutes=17))
    world.sync()
    (operation,) = of_verb(world, link, actions.SUBMIT)
    assert (operation.state, shows(world, link, actions.SUBMIT)) == ("DONE", True)


def test_what_was_held_up_after_it_was_claimed_is_not_sent_then(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    run = world.confirm()
    with monkeypatch.context() as patched:
        patched.setattr(claim, "PATIENCE", -1.0)
        jobs.work(run.id)
    assert "create_invoice" not in world.writes()
    assert set(world.operations()) <= {"READY", "REJECTED"}
    world.drain(run)
    assert world.get(Run, run.id).state == "done"
    assert (set(world.executions()), world.issues()) == ({1}, [])


@pytest.mark.parametrize("verb", [actions.DELETE, actions.REVERSE])
def test_what_takes_back_a_document_goes_out_also_where_its_row_is_gone(synced_world: World, verb: str) -> None:
    world = synced_world
    link = prepared(world, "invoice", verb)
    deleted(world, "D-1")
    world.sync()
    assert world.get(Link, link.id).state == "orphaned"
    world.sim.faults.add("busy", function="delete" if verb == actions.DELETE else "reverse_invoice")
    intended(world, link, verb)
    world.sync()
    (operation,) = of_verb(world, link, verb)
    assert (operation.state, world.sim.executions(operation.control_id)) == ("DONE", 1)
    assert shows(world, link, verb)


def test_what_waits_gives_way_where_what_is_on_its_way_is_wanted_again(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    world.sim.faults.add("drop", when="after", function="update_invoice")
    intended(world, link, actions.UPDATE)
    form = kinds.shape("invoice").form
    intended(world, link, actions.UPDATE, **{form.reference: "ANOTHER"})
    intended(world, link, actions.UPDATE)
    assert [one.state for one in of_verb(world, link, actions.UPDATE)] == ["UNKNOWN", "SUPERSEDED"]
    world.age(LATE)
    world.sync()
    assert theirs(world, "invoice")["DOCNUMBER"] == "NEW REF"
    assert world.writes().count("update_invoice") == 1


def test_what_needs_another_operation_waits_once_and_goes_when_that_is_done(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.save(another_invoice(world, "D-2"))
    world.sync()
    needed = world.rows(Operation, Operation.state == "UNKNOWN")[0]
    submit = Intent(
        link.id, "submit", "ARINVOICE", values(world, link, actions.SUBMIT), actions.SUBMIT, needs=(needed.id,)
    )
    with at_work(world, "invoice") as job:
        for _ in range(2):
            with job.transaction() as session:
                intend(job, session, [submit])
        assert [one.state for one in of_verb(world, link, actions.SUBMIT)] == ["BLOCKED"]
    assert [one.state for one in of_verb(world, link, actions.SUBMIT)] == ["DONE"]
    assert shows(world, link, actions.SUBMIT)


def test_what_needs_something_that_is_done_does_not_wait(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    done = world.rows(Operation, Operation.state == "DONE")[0]
    submit = Intent(
        link.id, "submit", "ARINVOICE", values(world, link, actions.SUBMIT), actions.SUBMIT, needs=(done.id,)
    )
    with at_work(world, "invoice") as job, job.transaction() as session:
        intend(job, session, [submit])
    assert [one.state for one in of_verb(world, link, actions.SUBMIT)] == ["DONE"]


def test_what_waits_goes_in_place_of_what_intacct_refuses(synced_world: World) -> None:
    world = synced_world
    link = draft(world, "invoice")
    world.sim.faults.add("drop", when="before", function="update_invoice")
    intended(world, link, actions.UPDATE)
    intended(world, link, actions.SUBMIT)
    world.sim.faults.add("refuse", function="update_invoice", errorno="BL03000130", text="The period is closed.")
    world.age(LATE)
    world.sync()
    assert [one.state for one in of_verb(world, link, actions.UPDATE)] == ["SUPERSEDED"]
    assert [one.state for one in of_verb(world, link, actions.SUBMIT)] == ["DONE"]


def test_an_update_that_intacct_refused_is_tried_again(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    changed(world, "INV-1", "50.00", "10.00")
    world.sim.faults.add("refuse", function="update_invoice", errorno="BL03000130", text="The period is closed.")
    world.age(LATE)
    world.sync()
    link = world.link("INV-1", kind="invoice")
    assert [one.state for one in of_verb(world, link, actions.UPDATE)] == ["REJECTED"]
    world.sync()
    (row,) = [row for row in world.theirs("ARINVOICE") if row["RECORDID"] == "INV-1"]
    assert (row["TRX_TOTALENTERED"], world.issues()) == (D("60.00"), [])


def test_a_document_that_ran_and_was_changed_in_intacct_since_is_left_to_a_person_in_the_end(
    decided_world: World,
) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    (key,) = [row["RECORDNO"] for row in world.theirs("ARINVOICE") if row["RECORDID"] == "INV-1"]
    world.sim.modify("ARINVOICE", key, WHENCREATED=date(2026, 3, 30))
    for _ in range(12):
        world.age(LATE)
        world.sync()
    link = world.link("INV-1", kind="invoice")
    states = [one.state for one in world.rows(Operation, Operation.link_id == link.id)]
    assert not {"UNKNOWN", "READY", "SENT"} & set(states)
    assert world.numbers("ARINVOICE").count("INV-1") == 1
    assert "INV-1" in [label for label, _ in world.issues()]


def test_a_contact_that_can_not_be_sent_as_it_is_now_is_not_sent_as_it_was(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("rate", function="create", seconds=3600)
    run = world.confirm()
    jobs.work(run.id)
    runs.cancel(run.id, "ada")
    link = world.link("Carol Clark")
    assert [one.state for one in world.rows(Operation, Operation.link_id == link.id)] == ["READY"]
    contact = world.one(host.Contact, name="Carol Clark")
    contact.name = " "
    world.save(contact)
    world.sync()
    assert [one.state for one in world.rows(Operation, Operation.link_id == link.id)] == ["CANCELLED"]
    assert "Carol Clark" not in [row["NAME"] for row in (*world.theirs("CUSTOMER"), *world.theirs("VENDOR"))]


def test_an_update_of_a_contact_that_intacct_refused_is_tried_again(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    contact = world.one(host.Contact, name="Carol Clark")
    contact.name = "Carol Clarke"
    world.save(contact)
    world.sim.faults.add("refuse", function="update", errorno="BL03000130", text="Somebody is at it.")
    world.sync()
    world.age(LATE)
    world.sync()
    assert "Carol Clarke" in [label for label, _ in world.issues()]
    world.sync()
    world.sync()
    names = [row["NAME"] for row in (*world.theirs("CUSTOMER"), *world.theirs("VENDOR"))]
    assert ("Carol Clark" in names, names.count("Carol Clarke")) == (False, 1)
    assert world.issues() == []


def ordered(statement: str) -> None:
    host.db.session.execute(text(statement))
    host.db.session.commit()


def test_an_answer_that_can_not_be_kept_for_one_document_is_kept_for_the_others(decided_world: World) -> None:
    world = decided_world
    world.drain(world.confirm())
    numbers = ["N-1", "N-2", "N-3"]
    world.save(*(another_invoice(world, number) for number in numbers))
    broken = "NEW.label LIKE '%N-2%' AND NEW.record_key != ''"
    ordered(f"CREATE TRIGGER broken BEFORE UPDATE ON intacct_link WHEN {broken} BEGIN SELECT RAISE(ABORT, 'no'); END")
    world.sync()
    ids = [world.link(number, kind="invoice").id for number in numbers]
    assert [world.rows(Operation, Operation.link_id == one)[0].state for one in ids] == ["DONE", "UNKNOWN", "DONE"]
    ordered("DROP TRIGGER broken")
    world.age(LATE)
    world.sync()
    assert set(world.operations()) == {"DONE"}
    assert (set(world.executions()), world.issues()) == ({1}, [])


def test_what_a_person_matched_meanwhile_stands_also_where_the_row_was_deleted(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    link = world.link("Carol Clark")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Another Carol", "STATUS": "active"}, "E1")
    world.drain(connect.refresh(world.id, "ada"))
    other = world.record("C9")
    links.match(world.id, link.id, other.key, "ada", confirmed=True)
    for row in world.host(host.Contact, name="Carol Clark"):
        host.db.session.delete(row)
    host.db.session.commit()
    world.age(LATE)
    world.sync()
    assert world.get(Link, link.id).record_key == other.key
