"""What was deleted in Intacct is seen, proved and told, and nothing is changed here for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from identity.test_successors import remade
from world import MakeWorld, World, host

from flask_intacct.errors import Refused
from flask_intacct.models import Issue, Link, Operation, Record
from flask_intacct.onboarding import answers, switches
from flask_intacct.simulator.errors import Error, Refusal
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.sync import run as runs

from .test_compared import once_posted, split

GONE = "deleted in Sage Intacct"
HISTORY = "AUDITHISTORY"
WAYS = pytest.mark.parametrize("way", ["history", "sweep"])


def delete(world: World, object_: str, number: str) -> None:
    """A person deletes a record in Intacct."""
    if object_ in ("ARINVOICE", "APBILL"):
        (row,) = world.theirs(object_, RECORDID=number)
        world.sim.delete(object_, row["RECORDNO"])
    else:
        world.sim.delete(object_, number)


def entered(kind: str, contact: str, number: str, account: str, location: str, tax: str) -> str:
    """What a person enters in Intacct: a document of 120.00."""
    of, items = ("customer", "invoiceitems") if kind == "invoice" else ("vendor", "billitems")
    return (
        f"<create_{kind}><{of}id>{contact}</{of}id><datecreated><year>2026</year><month>2</month><day>20</day>"
        "</datecreated><datedue><year>2026</year><month>2</month><day>28</day></datedue>"
        f"<{kind}no>{number}</{kind}no><{items}><lineitem><glaccountno>{account}</glaccountno><amount>100.00</amount>"
        f"<locationid>{location}</locationid><taxentries><taxentry><detailid>{tax}</detailid>"
        f"<trx_tax>20.00</trx_tax></taxentry></taxentries></lineitem></{items}></create_{kind}>"
    )


def seen(world: World, way: str) -> World:
    """Without the right to read the history keys are swept."""
    if way == "sweep":
        world.sim.deny(HISTORY)
    return world


@WAYS
def test_a_joined_document_that_was_deleted_is_told_and_stays_here(synced_world: World, way: str) -> None:
    world = seen(synced_world, way)
    delete(world, "ARINVOICE", "INV-1")
    delete(world, "APBILL", "BILL-1")
    world.sync()
    assert world.issues() == [("BILL-1", GONE), ("INV-1", GONE)]
    assert (world.one(host.Invoice, number="INV-1").status, world.link("INV-1").state) == ("approved", "linked")
    assert world.record("INV-1", "ARINVOICE").missing_since is not None
    world.sync()
    assert world.issues() == [("BILL-1", GONE), ("INV-1", GONE)], "it is told once"


@WAYS
def test_a_joined_contact_that_was_deleted_is_told(synced_world: World, way: str) -> None:
    world = seen(synced_world, way)
    delete(world, "VENDOR", "V1")
    world.sync()
    assert ("Daves Plumbing", GONE) in world.issues()


def test_keys_are_swept_by_scans_alone(make_world: MakeWorld) -> None:
    world = make_world(stage="synced", INTACCT_SCAN=False)
    world.sim.deny(HISTORY)
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    assert world.issues() == []
    world.drain(runs.start(world.id, runs.SYNC, "ada", scan=True))
    assert world.issues() == [("INV-1", GONE)]


def test_the_history_is_asked_for_again_by_scans_once_it_was_denied(synced_world: World) -> None:
    world = seen(synced_world, "sweep")
    world.sync()
    assert world.connection.facts["history_denied"] is True
    world.sim.company.denied.clear()
    world.sync()
    assert world.connection.facts["history_denied"] is False


def test_one_request_asks_for_all_that_was_deleted(synced_world: World) -> None:
    world = synced_world
    before = len(world.sim.requests)
    world.sync()
    asked = [one for one in world.sim.requests[before:] if HISTORY in one.body]
    assert len(asked) == 1


def test_what_the_history_names_and_intacct_still_has_is_not_marked(synced_world: World) -> None:
    world = synced_world
    (row,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    entry = {"OBJECTTYPE": "arinvoice", "OBJECTKEY": str(row["RECORDNO"]), "ACCESSMODE": "Delete", "ID": "999"}
    world.sim.insert(HISTORY, entry | {"ACCESSTIME": world.sim.company.now()})
    world.sync()
    assert (world.issues(), world.record("INV-1", "ARINVOICE").missing_since) == ([], None)


def test_a_sweep_that_misses_too_many_marks_none(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = seen(synced_world, "sweep")
    monkeypatch.setattr("flask_intacct.sync.pull.MOST_MISSING", 1)
    for number in ("INV-1", "INV-2", "INV-3"):
        delete(world, "ARINVOICE", number)
    world.sync()
    assert world.issues() == [("ARINVOICE", "many records missing")]


def test_a_sweep_that_meets_none_of_several_marks_none(synced_world: World) -> None:
    world = seen(synced_world, "sweep")
    for row in world.theirs("VENDOR"):
        delete(world, "VENDOR", row["VENDORID"])
    world.sync()
    assert ("VENDOR", "many records missing") in world.issues()
    assert [cause for _, cause in world.issues() if cause == GONE] == []


@WAYS
def test_what_comes_back_is_no_longer_told(synced_world: World, way: str) -> None:
    world = seen(synced_world, way)
    (row,) = world.theirs("CUSTOMER", CUSTOMERID="C1")
    delete(world, "CUSTOMER", "C1")
    world.sync()
    assert ("Alice Adams", GONE) in world.issues()
    world.sim.insert("CUSTOMER", row, "E1")
    world.sync()
    assert [cause for _, cause in world.issues() if cause == GONE] == []


@pytest.mark.parametrize("act", ["void", "delete"])
def test_it_is_over_once_ours_is_void_or_deleted(synced_world: World, act: str) -> None:
    world = synced_world
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    invoice = world.one(host.Invoice, number="INV-1")
    if act == "void":
        invoice.status = "void"
        world.save(invoice)
    else:
        host.db.session.delete(invoice)
        host.db.session.commit()
    world.sync()
    assert [cause for _, cause in world.issues() if cause == GONE] == []


def told(world: World) -> list[int]:
    """The ids of the issues that ask."""
    return [issue.id for issue in world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == GONE)]


def test_a_person_can_have_it_sent_again(synced_world: World) -> None:
    world = synced_world
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    answers.again(world.id, told(world)[0], "ada")
    assert (world.issues(), world.link("INV-1").state) == ([], "create")
    world.sync()
    assert (world.issues(), world.link("INV-1").state) == ([], "linked")
    assert world.numbers("ARINVOICE").count("INV-1") == 1
    assert set(world.executions()) == {1}
    with pytest.raises(Refused):
        answers.again(world.id, 999, "ada")


def test_one_that_was_entered_anew_in_intacct_is_joined_instead(synced_world: World) -> None:
    world = synced_world
    (row,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    delete(world, "ARINVOICE", "INV-3")
    world.sim.run(entered("invoice", row["CUSTOMERID"], "INV-3", "4000", "E1-10", "Sale Standard"), "E1")
    world.sync()
    answers.again(world.id, told(world)[0], "ada")
    sent = len(world.rows(Operation))
    world.sync()
    assert (world.link("INV-3").state, len(world.rows(Operation))) == ("linked", sent)
    (live,) = world.rows(Record, Record.natural_id == "INV-3", Record.missing_since.is_(None))
    assert world.rows(Link, Link.record_key == live.key)[0].label == "INV-3"


def test_a_contact_that_was_deleted_can_be_created_again(synced_world: World) -> None:
    world = synced_world
    name = "Carol Clark"
    (row,) = world.theirs("CUSTOMER", NAME=name)
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    world.sim.delete("ARINVOICE", invoice["RECORDNO"])
    delete(world, "CUSTOMER", row["CUSTOMERID"])
    world.sync()
    for one in told(world):
        answers.again(world.id, one, "ada")
    world.age(timedelta(minutes=17))
    world.sync()
    world.sync()
    assert (world.issues(), len(world.theirs("CUSTOMER", NAME=name))) == ([], 1)
    assert world.numbers("ARINVOICE").count("INV-3") == 1


def test_what_the_side_that_is_paused_may_not_read_stops_nothing_and_is_asked_for_again(synced_world: World) -> None:
    world = synced_world
    delete(world, "APBILL", "BILL-1")
    world.sim.deny("APBILL")
    switches.pause_side(world.id, "payables", "ada")
    assert (world.sync().state, world.issues()) == ("done", [])
    world.sim.company.denied.clear()
    switches.resume_side(world.id, "payables", "ada")
    world.sync()
    assert world.issues() == [("BILL-1", GONE)]


def test_a_history_that_the_gateway_fails_to_read_is_as_good_as_none(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, query = synced_world, FUNCTIONS["query"]

    def failing(call: Any) -> str:
        if HISTORY in [child.text for child in call.node.children]:
            raise Refusal(Error("DL02000001", "There was an error processing the request."))
        return query(call)

    monkeypatch.setitem(FUNCTIONS, "query", failing)
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    assert world.issues() == [("INV-1", GONE)]


def test_what_is_matched_and_deleted_before_the_initial_sync_is_told(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    delete(world, "VENDOR", "V1")
    world.start()
    assert ("Daves Plumbing", GONE) in world.issues()


def test_it_is_told_of_a_document_whose_row_is_in_doubt_and_waits_for_that_answer(synced_world: World) -> None:
    world = synced_world
    remade("invoice", "INV-1", "INV-900", "2026-07-01", "Bob Brown")
    world.sync()
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    assert world.issues() == [("INV-1", "another record"), ("INV-1", GONE)]
    with pytest.raises(Refused, match="It is the same"):
        answers.again(world.id, told(world)[0], "ada")
    (asked,) = world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == "another record")
    answers.same(world.id, asked.id, "ada")
    world.sync()
    assert [cause for _, cause in world.issues()] == [GONE]


def test_what_was_deleted_here_and_then_there_is_over(synced_world: World) -> None:
    world = synced_world
    host.db.session.delete(world.one(host.Invoice, number="INV-1"))
    host.db.session.commit()
    world.sync()
    assert world.issues() == [("INV-1", "deleted here")]
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    assert world.issues() == []


def test_what_was_voided_here_and_then_deleted_there_is_over(synced_world: World) -> None:
    world = synced_world
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.status = "void"
    world.save(invoice)
    world.sync()
    assert world.issues() == [("INV-1", "voided here")]
    delete(world, "ARINVOICE", "INV-1")
    world.sync()
    assert world.issues() == []


def test_another_contacts_document_of_the_same_number_comes_in(synced_world: World) -> None:
    world = synced_world
    delete(world, "APBILL", "BILL-1")
    world.sync()
    world.sim.run(entered("bill", "V2", "BILL-1", "6000", "E1-20", "Purchase Standard"), "E1")
    world.sync()
    assert len(world.host(host.Bill, number="BILL-1")) == 2


def test_a_deleted_document_that_differed_is_told_as_deleted_alone(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-3", lambda: split(world, "INV-3", "101.00", "19.00")):
        world.drain(world.confirm())
    assert world.issues() == [("INV-3", "amounts differ")]
    delete(world, "ARINVOICE", "INV-3")
    world.sync()
    assert world.issues() == [("INV-3", GONE)]


def test_what_was_deleted_before_it_was_read_back_can_be_sent_again(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-3", lambda: delete(world, "ARINVOICE", "INV-3")):
        world.drain(world.confirm())
    world.sync()
    assert world.issues() == [("INV-3", GONE)]
    world.sync()
    assert world.issues() == [("INV-3", GONE)]
    answers.again(world.id, told(world)[0], "ada")
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("INV-3")) == ([], 1)


@pytest.mark.parametrize("changes", [{}, {"CUSTOMERID": "C-77"}], ids=["same id", "other id"])
def test_a_contact_that_was_entered_anew_in_intacct_waits_and_is_joined(
    synced_world: World, changes: dict[str, str]
) -> None:
    world, name = synced_world, "Carol Clark"
    (row,) = world.theirs("CUSTOMER", NAME=name)
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    world.sim.delete("ARINVOICE", invoice["RECORDNO"])
    delete(world, "CUSTOMER", row["CUSTOMERID"])
    fresh = {field: value for field, value in row.items() if field not in ("RECORDNO", "WHENMODIFIED")} | changes
    world.sim.insert("CUSTOMER", fresh, "E1")
    world.sync()
    world.one(host.Contact, name=name)
    for one in told(world):
        answers.again(world.id, one, "ada")
    world.sync()
    assert (world.issues(), len(world.theirs("CUSTOMER", NAME=name))) == ([], 1)
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    assert invoice["CUSTOMERID"] == fresh["CUSTOMERID"]
    assert len(world.host(host.Contact, name=name)) == 1


def test_a_document_of_a_contact_that_was_entered_anew_waits(synced_world: World) -> None:
    world = synced_world
    (row,) = world.theirs("VENDOR", NAME="Dave's Plumbing Ltd")
    for number in ("BILL-1", "BILL-2"):
        delete(world, "APBILL", number)
    delete(world, "VENDOR", "V1")
    fresh = {field: value for field, value in row.items() if field not in ("RECORDNO", "WHENMODIFIED")}
    world.sim.insert("VENDOR", fresh | {"VENDORID": "V77"}, "E1")
    world.sim.run(entered("bill", "V77", "BILL-9", "6000", "E1-20", "Purchase Standard"), "E1")
    world.sync()
    assert world.host(host.Bill, number="BILL-9") == []
    assert {cause for _, cause in world.issues()} == {GONE}
    for one in told(world):
        answers.again(world.id, one, "ada")
    world.sync()
    assert len(world.host(host.Bill, number="BILL-9")) == 1
    assert len(world.host(host.Contact, name="Daves Plumbing")) == 1
