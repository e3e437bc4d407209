"""Pushes: a document that was touched and may go is sent within a minute, alone, and for as few requests as can be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.papers import another_invoice
from world.statements import counted

from flask_intacct import jobs
from flask_intacct.models import Connection, Link, Notice, Run
from flask_intacct.models import Session as StoredSession
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import run as runs

D = Decimal


@pytest.fixture
def pushing(make_world: MakeWorld) -> World:
    """A company in step, of which what is touched is sent."""
    world: World = make_world(stage="synced")
    world.configure(push=True)
    world.sync()
    return world


def add_invoice(world: World, number: str, **more: object) -> host.Invoice:
    invoice = another_invoice(world, number, **more)
    world.save(invoice)
    return invoice


def ticked(world: World) -> Run | None:
    """What a tick starts, worked off; None if it starts nothing."""
    jobs.tick()
    with current().transaction() as session:
        run = runs.live(session, world.id)
    return None if run is None else world.drain(run)


def asked(world: World, act: Callable[[], object]) -> list[str]:
    """The functions that reach Intacct meanwhile, those of one request as one."""
    before = len(world.sim.requests)
    act()
    return ["+".join(request.functions) for request in world.sim.requests[before:]]


def test_one_touched_invoice_costs_three_requests_with_the_look_for_its_like(pushing: World) -> None:
    world = pushing
    add_invoice(world, "P-1")
    found = asked(world, lambda: ticked(world))
    assert found == ["query", "create_invoice", "read"]
    assert world.numbers("ARINVOICE").count("P-1") == 1
    assert world.link("P-1").state == "linked"
    (run,) = world.rows(Run, Run.kind == "push")
    assert (run.state, run.asked_by) == ("done", "")
    assert [issue for issue in world.issues() if issue[0] == "P-1"] == []


def test_without_a_session_it_signs_in_once(pushing: World) -> None:
    world = pushing
    with current().transaction() as session:
        session.execute(sa.delete(StoredSession))
    add_invoice(world, "P-1")
    assert asked(world, lambda: ticked(world)) == ["getAPISession", "query", "create_invoice", "read"]


def test_many_that_were_touched_go_together(pushing: World) -> None:
    world = pushing
    for number in range(20):
        add_invoice(world, f"P-{number:02}")
    assert [one.partition("+")[0] for one in asked(world, lambda: ticked(world))] == ["query", "create_invoice", "read"]


def test_what_may_not_go_starts_nothing_and_costs_the_tick_little(pushing: World) -> None:
    world = pushing
    add_invoice(world, "P-1", status="draft")
    world.save(host.Contact(company_id=1, name="Gail Green", buys=True))
    requests = len(world.sim.requests)
    assert ticked(world) is None
    assert (world.rows(Run, Run.kind == "push"), len(world.sim.requests)) == ([], requests)
    with counted() as first:
        jobs.tick()
    with counted() as second:
        jobs.tick()
    assert len(second) <= len(first) <= 30
    invoice = world.one(host.Invoice, number="P-1")
    invoice.status = "approved"
    world.save(invoice)
    assert ticked(world) is not None
    assert "P-1" in world.numbers("ARINVOICE")


def test_only_what_was_touched_goes(pushing: World) -> None:
    world = pushing
    add_invoice(world, "P-1", contact_id=world.one(host.Contact, name="Bob Brown").id)
    with current().transaction() as session:  # as an application does that writes past its session
        session.execute(sa.text("DELETE FROM intacct_touch"))
    add_invoice(world, "P-2")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C7", "NAME": "Gail Green", "STATUS": "active"}, "E1")
    ticked(world)
    assert [number for number in world.numbers("ARINVOICE") if number[:2] == "P-"] == ["P-2"]
    assert world.host(host.Contact, name="Gail Green") == []
    world.sync()
    assert "P-1" in world.numbers("ARINVOICE")


def typed(world: World, number: str) -> None:
    """Somebody types an invoice into Intacct that is in the host, too."""
    world.sim.run(
        "<create_invoice><customerid>C1</customerid><datecreated><year>2026</year><month>3</month><day>9</day>"
        "</datecreated><datedue><year>2026</year><month>4</month><day>9</day></datedue>"
        f"<invoiceno>{number}</invoiceno><invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>10.00</amount>"
        "<locationid>E1-10</locationid><taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>2.00</trx_tax>"
        "</taxentry></taxentries></lineitem></invoiceitems></create_invoice>",
        "E1",
    )


def test_what_somebody_typed_into_intacct_meanwhile_is_not_posted_again(pushing: World) -> None:
    world = pushing
    typed(world, "P-1")
    add_invoice(world, "P-1")
    add_invoice(world, "P-2", total=D("12.00"), day=date(2026, 3, 10))
    ticked(world)
    assert world.numbers("ARINVOICE").count("P-1") == 1
    assert (world.link("P-1").state, world.link("P-1").origin) == ("linked", "pair")
    assert world.numbers("ARINVOICE").count("P-2") == 1


def test_what_may_be_the_same_is_held_as_in_a_sync(pushing: World) -> None:
    world = pushing
    typed(world, "OTHER-1")
    add_invoice(world, "P-1")
    ticked(world)
    assert "P-1" not in world.numbers("ARINVOICE")
    assert ("P-1", "may exist already") in world.issues()


def test_a_run_at_work_is_left_alone_and_what_it_left_goes_then(pushing: World) -> None:
    world = pushing
    run = runs.start(world.id, runs.SYNC, "ada")
    add_invoice(world, "P-1")
    jobs.tick()
    assert world.rows(Run, Run.kind == "push") == []
    world.drain(run)
    assert "P-1" in world.numbers("ARINVOICE")
    assert ticked(world) is None


def test_a_sync_takes_the_place_of_a_push(pushing: World) -> None:
    world = pushing
    add_invoice(world, "P-1")
    jobs.tick()
    with current().transaction() as session:
        push = runs.live(session, world.id)
    assert push is not None
    assert push.kind == "push"
    run = runs.start(world.id, runs.SYNC, "ada", pressed=True)
    assert (run.kind, world.get(Run, push.id).state) == ("sync", "cancelled")
    assert world.drain(run).state == "done"
    assert world.numbers("ARINVOICE").count("P-1") == 1


@pytest.mark.parametrize("why", ["off", "initial", "paused", "side", "night"])
def test_nothing_is_pushed_where_it_may_not(pushing: World, why: str) -> None:
    world = pushing
    if why == "off":
        world.configure(push=False)
    elif why == "initial":
        with current().transaction() as session:
            session.get_one(Connection, world.id).synced_at = None
    elif why == "paused":
        connect.pause(world.id, "ada")
    elif why == "side":
        connect.pause_side(world.id, "receivables", "ada")
    else:
        world.configure(api_limit=1)
    add_invoice(world, "P-1")
    assert ticked(world) is None
    assert "P-1" not in world.numbers("ARINVOICE")


def test_the_host_s_own_push_sends_the_document_and_nothing_else(pushing: World) -> None:
    world = pushing
    invoice = add_invoice(world, "P-1")
    assert host.describe(identity=lambda: "bob").push(invoice) is True
    (run,) = world.rows(Run, Run.live.is_not(None))
    assert (run.kind, run.asked_by) == ("push", "ada")
    assert asked(world, lambda: world.drain(run)) == ["query", "create_invoice", "read"]


def test_the_first_of_a_kind_goes_alone_in_a_push_too(pushing: World) -> None:
    world = pushing
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        row.facts = {name: value for name, value in row.facts.items() if name != "proved"}
    for number in range(3):
        add_invoice(world, f"P-{number}")
    found = [one for one in asked(world, lambda: ticked(world)) if "create_invoice" in one]
    assert found == ["create_invoice", "create_invoice+create_invoice"]


def test_a_kind_that_is_stopped_waits_for_the_next_sync(pushing: World) -> None:
    world = pushing
    world.sim.faults.add("refuse", function="create_invoice", errorno="BL01001973", times=5)
    for number in range(5):
        add_invoice(world, f"P-{number}")
    ticked(world)
    assert ("ARINVOICE", "sending stopped") in world.issues()
    add_invoice(world, "P-5")
    assert asked(world, lambda: ticked(world)) == []
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("P-5")) == ([], 1)


def test_a_push_is_no_news(pushing: World) -> None:
    world = pushing
    notices = len(world.rows(Notice))
    add_invoice(world, "P-1")
    ticked(world)
    assert len(world.rows(Notice)) == notices
    assert [link.seen_at > 0 for link in world.rows(Link, Link.label == "P-1")] == [True]
