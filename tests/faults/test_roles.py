"""Keys of customers and vendors may be equal: what was sent as one of them is never taken for the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from world import World, host
from world.together import meanwhile

from flask_intacct import jobs, links
from flask_intacct.models import Link
from flask_intacct.onboarding import connect
from flask_intacct.sync import ours, unsent
from flask_intacct.sync import run as runs

LATE = timedelta(minutes=17)
CAROL = "Carol Clark"


def vendors(world: World) -> None:
    """So many vendors that one of them has the key of whatever customer is created next."""
    for at in range(3, 12):
        world.sim.insert("VENDOR", {"VENDORID": f"V{at}", "NAME": f"Vendor {at}", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))


def customer(world: World) -> dict[str, Any]:
    (made,) = world.theirs("CUSTOMER", NAME=CAROL)
    return made


def as_vendor(world: World) -> None:
    """A person matches Carol to the vendor with the key that she has as a customer in Intacct by now."""
    while not world.theirs("CUSTOMER", NAME=CAROL):
        pass
    key = str(customer(world)["RECORDNO"])
    links.match(world.id, world.link(CAROL).id, key, "ada", role="vendor", confirmed=True)


def joined(world: World, link: Link) -> tuple[str, str, str]:
    found = world.get(Link, link.id)
    return found.state, found.role, found.object


def told(world: World) -> list[str]:
    return [cause for label, cause in world.issues() if label == CAROL]


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "looked up"])
def test_a_contact_that_is_matched_to_a_vendor_of_the_same_key_while_it_is_created_as_customer_exists_twice(
    decided_world: World, lost: bool
) -> None:
    world = decided_world
    vendors(world)
    link, run = world.link(CAROL), world.confirm()
    if lost:
        world.sim.faults.add("drop", when="after", function="create")
        world.drain(run)
        as_vendor(world)
        world.age(LATE)
        run = runs.start(world.id, runs.SYNC, "ada")
    else:
        meanwhile(world, run, "create", lambda: as_vendor(world))
    world.drain(run)
    assert joined(world, link) == ("linked", "vendor", "VENDOR")
    assert world.get(Link, link.id).record_key == str(customer(world)["RECORDNO"])
    assert "exists twice" in told(world)
    assert len(world.host(host.Contact, name=CAROL)) == 1


def test_a_customer_that_turns_up_after_it_was_decided_to_be_a_new_vendor_exists_beside_it(
    decided_world: World,
) -> None:
    world = decided_world
    link = world.link(CAROL)
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    assert not links.create(world.id, [link.id], "vendor", "ada", confirmed=True).refused
    world.age(LATE)
    world.sync()
    assert "exists twice" in told(world)
    assert (joined(world, link), len(world.theirs("VENDOR", NAME=CAROL))) == (("linked", "vendor", "VENDOR"), 1)
    assert customer(world)
    assert len(world.host(host.Contact, name=CAROL)) == 1


def test_what_was_made_ready_for_a_customer_does_not_go_out_as_a_vendor(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    link, look = world.link(CAROL), ours.retire_gone

    def decides(job: Any, found: Any) -> int:
        if world.get(Link, link.id).role == "customer":
            links.create(world.id, [link.id], "vendor", "ada", confirmed=True)
        return look(job, found)

    monkeypatch.setattr(unsent, "retire_gone", decides)
    world.drain(world.confirm())
    assert world.theirs("VENDOR", NAME=CAROL) == world.theirs("CUSTOMER", NAME=CAROL) == []
    world.sync()
    assert joined(world, link) == ("linked", "vendor", "VENDOR")
    assert len(world.theirs("VENDOR", NAME=CAROL)) == 1
    assert world.theirs("CUSTOMER", NAME=CAROL) == []


def test_a_document_of_a_customer_that_was_sent_without_an_answer_waits_until_it_is_found(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    run = world.confirm()
    while not world.theirs("CUSTOMER", NAME=CAROL):
        jobs.work(run.id)
    world.sim.run(
        f"<create_invoice><customerid>{customer(world)['CUSTOMERID']}</customerid>"
        "<datecreated><year>2026</year><month>4</month><day>2</day></datecreated>"
        "<datedue><year>2026</year><month>4</month><day>9</day></datedue><invoiceno>THEIRS-9</invoiceno>"
        "<invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>50.00</amount><locationid>E1-10</locationid>"
        "<taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>10.00</trx_tax></taxentry></taxentries>"
        "</lineitem></invoiceitems></create_invoice>",
        "E1",
    )
    world.drain(run)
    world.sync()
    assert ("THEIRS-9", "not possible here") in [(label.split()[0], cause) for label, cause in world.issues()]
    world.age(LATE)
    world.sync()
    world.sync()
    assert [invoice.number for invoice in world.host(host.Invoice, number="THEIRS-9")] == ["THEIRS-9"]
    assert len(world.host(host.Contact, name=CAROL)) == 1
