"""What nobody but a person can tell: the ways out, and what follows from each."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from world import World, host

from flask_intacct import links
from flask_intacct.errors import Refused
from flask_intacct.models import Link, Operation
from flask_intacct.onboarding import connect, outcomes
from flask_intacct.state import current

LATE = timedelta(minutes=17)
CAROL = (
    "<create><CUSTOMER><CUSTOMERID>{id}</CUSTOMERID><NAME>Carol Clark</NAME><DISPLAYCONTACT><PRINTAS>Carol</PRINTAS>"
    "<EMAIL1>carol@example.test</EMAIL1></DISPLAYCONTACT></CUSTOMER></create>"
)
INVOICE = (
    "<create_invoice><customerid>{customer}</customerid>"
    "<datecreated><year>{day.year}</year><month>{day.month}</month><day>{day.day}</day></datecreated>"
    "<datedue><year>2026</year><month>4</month><day>9</day></datedue><invoiceno>INV-1</invoiceno>"
    "<invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>{net}</amount>"
    "<locationid>E1-10</locationid><taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>{tax}</trx_tax>"
    "</taxentry></taxentries></lineitem></invoiceitems></create_invoice>"
)


def contact(world: World) -> Link:
    """Carol was sent without an answer, and Intacct has two customers since that may be her."""
    world.sim.faults.add("drop", when="before", function="create")
    world.drain(world.confirm())
    for id_ in ("C10", "C11"):
        world.sim.run(CAROL.format(id=id_), "E1")
    world.age(LATE)
    world.sync()
    link = world.link("Carol Clark")
    assert state(world, link) == "MANUAL"
    assert ("Carol Clark", "needs a person") in world.issues()
    return link


def state(world: World, link: Link) -> str:
    return str(world.rows(Operation, Operation.link_id == link.id)[-1].state)


def offered(world: World, link: Link) -> list[str]:
    with current().reading() as session:
        return sorted(record.natural_id for record in outcomes.sent(session, world.id, link.id).records)


def customers(world: World) -> int:
    return Counter(row["NAME"] for row in world.theirs("CUSTOMER"))["Carol Clark"]


def test_a_contact_that_a_person_found_is_that_record(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    assert offered(world, link) == ["C10", "C11"]
    outcomes.carried_out(world.id, link.id, world.record("C11").key, "ada")
    assert (state(world, link), world.link("Carol Clark").state) == ("DONE", "linked")
    world.sync()
    assert customers(world) == 2
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    assert invoice["CUSTOMERID"] == "C11"
    assert world.issues() == []


def test_a_contact_that_a_person_looked_for_in_vain_is_sent_once_more(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    outcomes.send_again(world.id, link.id, "ada")
    assert (state(world, link), "needs a person" in [cause for _, cause in world.issues()]) == ("READY", False)
    world.sync()
    world.sync()
    assert (state(world, link), customers(world)) == ("DONE", 3)
    ids = [request.control_ids[0] for request in world.sim.requests if "<NAME>Carol Clark</NAME>" in request.body]
    assert len(set(ids[-2:])) == 1
    assert world.issues() == []


def test_a_contact_that_is_left_as_it_is_stays_unsent(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    for _ in range(2):
        world.age(LATE)
        world.sync()
    assert (state(world, link), customers(world)) == ("MANUAL", 2)


def test_a_contact_that_was_deleted_here_and_that_a_person_found_is_still_in_intacct(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    row = world.one(host.Contact, id=int(link.local_id))
    for paper in world.host(host.Invoice, contact_id=row.id):
        host.db.session.delete(paper)
    host.db.session.delete(row)
    host.db.session.commit()
    world.sync()
    assert ("Carol Clark", "needs a person") in world.issues()
    outcomes.carried_out(world.id, link.id, world.record("C11").key, "ada")
    assert (state(world, link), world.issues()) == ("DONE", [("Carol Clark", "deleted here")])
    world.sync()
    assert (state(world, link), world.issues()) == ("DONE", [("Carol Clark", "deleted here")])


def test_an_answer_that_was_given_already_is_refused(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    outcomes.send_again(world.id, link.id, "ada")
    with pytest.raises(Refused):
        outcomes.carried_out(world.id, link.id, world.record("C11").key, "bea")
    with pytest.raises(Refused):
        outcomes.send_again(world.id, link.id, "bea")


def test_a_record_that_somebody_has_is_neither_offered_nor_taken(decided_world: World) -> None:
    world = decided_world
    link = contact(world)
    world.save(host.Contact(company_id=1, name="Carol Clark the second", buys=True))
    world.drain(connect.refresh(world.id, "ada"))
    links.match(world.id, world.link("Carol Clark the second").id, world.record("C11").key, "ada", confirmed=True)
    assert offered(world, link) == ["C10"]
    with pytest.raises(Refused):
        outcomes.carried_out(world.id, link.id, world.record("C11").key, "ada")
    assert state(world, link) == "MANUAL"


def test_a_document_that_a_person_found_is_compared_with_what_was_sent(decided_world: World) -> None:
    world = decided_world
    world.sim.switches.unique_invoice_numbers = False
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    (theirs,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    ours = world.one(host.Invoice, number="INV-1")
    net, tax = sum(line.net for line in ours.lines), sum(line.tax for line in ours.lines)
    world.sim.run(INVOICE.format(customer=theirs["CUSTOMERID"], day=ours.day, net=net, tax=tax), "E1")
    world.age(LATE)
    world.sync()
    link = world.link("INV-1", kind="invoice")
    assert state(world, link) == "MANUAL"
    world.sync()
    with current().reading() as session:
        keys = [record.key for record in outcomes.sent(session, world.id, link.id).records]
    assert str(theirs["RECORDNO"]) in keys
    outcomes.carried_out(world.id, link.id, str(theirs["RECORDNO"]), "ada")
    world.sync()
    found = world.get(Link, link.id)
    assert (found.state, found.record_key, found.agreed["intacct_number"]) == (
        "linked", str(theirs["RECORDNO"]), "INV-1",
    )  # fmt: skip
    assert world.numbers("ARINVOICE").count("INV-1") == 2
