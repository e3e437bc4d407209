"""A record that something unforeseen fails for is an issue of its own: the others go on, and so does the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host

from flask_intacct import signals
from flask_intacct.matching.text.normalise import document_number
from flask_intacct.models import Issue
from flask_intacct.onboarding import connect
from flask_intacct.onboarding import plan as plans
from flask_intacct.sync import header, settled
from flask_intacct.sync.outbox import actions
from flask_intacct.translate import outgoing, translators

from .mistakes import act, failing, translate

LATE = timedelta(minutes=17)


def told(world: World) -> list[str]:
    return [str(row.message) for row in world.rows(Issue, Issue.live.is_not(None))]


def in_step(world: World) -> None:
    """Everything is there, once."""
    assert world.issues() == []
    assert {"INV-1", "INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))
    assert max(world.executions()) == 1


def test_a_call_that_can_not_be_built_sets_aside_one_record(
    decided_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = decided_world
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        act(patched, "invoice", build=failing(actions.NEW_DOCUMENT.build, "INV-1"))
        act(patched, "contact", build=failing(actions.NEW_CONTACT.build, "Carol Clark"))
        run = world.drain(world.confirm())
    assert run.state == "done"
    assert {"INV-4"} <= set(world.numbers("ARINVOICE"))
    assert "INV-1" not in world.numbers("ARINVOICE")
    found = [(label, cause) for label, cause in world.issues() if cause == "internal error"]
    assert found == [("Carol Clark", "internal error"), ("INV-1", "internal error")]
    said = [text for text in told(world) if "reference" in text]
    assert all("KeyError in sync.mistakes.failing.fails" in text for text in said)
    assert not any("surprise" in text for text in said)
    logged = [record for record in caplog.records if "invoice INV-1 failed" in record.getMessage()]
    assert logged[0].exc_info
    assert world.sync().state == "done"
    in_step(world)


def test_a_document_that_can_not_be_translated_is_told_and_the_others_go_out(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    with monkeypatch.context() as patched:
        translate(patched, write=failing(outgoing.document, "INV-1"))
        world.drain(plans.make(world.id, "ada"))
        made = plans.current_plan(world.connection)
        assert made is not None
        assert [str(problem.label) for problem in made.problems] == ["internal error"]
        run = world.drain(world.confirm())
    assert run.state == "done"
    assert world.issues() == [("INV-1", "internal error")]
    assert "INV-4" in world.numbers("ARINVOICE")
    assert world.sync().state == "done"
    in_step(world)


def test_a_contact_that_can_not_be_translated_is_told_and_the_others_go_out(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    with monkeypatch.context() as patched:
        patched.setattr(outgoing, "contact", failing(outgoing.contact, "Carol Clark"))
        run = world.drain(world.confirm())
    assert run.state == "done"
    assert ("Carol Clark", "internal error") in world.issues()
    assert "INV-1" in world.numbers("ARINVOICE")
    assert world.sync().state == "done"
    in_step(world)


@pytest.mark.parametrize("part", ["find", "matches"])
def test_a_look_up_that_fails_proves_nothing_and_is_made_again(
    decided_world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    world.age(LATE)
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C7", "NAME": "Gail Green", "STATUS": "active"}, "E1")
    with monkeypatch.context() as patched:
        act(patched, "contact", **{part: failing(getattr(actions.NEW_CONTACT, part), "Carol Clark")})
        assert world.sync().state == "done"
    assert world.one(host.Contact, name="Gail Green").buys
    assert [cause for label, cause in world.issues() if label == "Carol Clark"] == ["internal error", "outcome unknown"]
    assert world.operations()["UNKNOWN"] == 1
    world.age(LATE)
    assert world.sync().state == "done"
    in_step(world)


@pytest.mark.parametrize("part", ["find", "matches"])
def test_a_look_up_that_always_fails_is_left_to_a_person_in_the_end(
    decided_world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    act(monkeypatch, "contact", **{part: failing(getattr(actions.NEW_CONTACT, part), "Carol Clark")})
    for left in (3, 2, 1, 0):
        world.age(LATE)
        assert world.sync().state == "done"
        assert world.operations()["UNKNOWN"] == min(left, 1)
    assert world.operations()["MANUAL"] == 1
    assert [cause for label, cause in world.issues() if label == "Carol Clark"] == ["needs a person"]
    (text,) = [text for text in told(world) if "4 times" in text]
    assert "reference" in text
    world.sync()
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


def test_a_look_up_that_always_fails_is_told_also_where_a_person_decided_meanwhile(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create")
    world.drain(world.confirm())
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "Carol", "STATUS": "active"})
    world.drain(connect.refresh(world.id, "ada"))
    world.match("Carol Clark", "C9")
    act(monkeypatch, "contact", matches=failing(actions.NEW_CONTACT.matches, "Carol Clark"))
    for left in (3, 2, 1, 0):
        world.age(LATE)
        assert world.sync().state == "done"
        assert world.operations()["UNKNOWN"] == min(left, 1)
    assert [cause for label, cause in world.issues() if label == "Carol Clark"] == ["needs a person"]
    assert len(world.host(host.Contact, name="Carol Clark")) == 1


@pytest.mark.parametrize("when", ["at once", "once it is cached"])
def test_a_record_that_can_not_be_translated_is_told_and_the_others_come_in(
    decided_world: World, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    world = decided_world
    read = translators.of("invoice").read
    if when != "at once":
        world.plan()
    with monkeypatch.context() as patched:
        translate(patched, read=failing(read, "THEIRS-1", "SOUTH-1"))
        run = world.drain(world.confirm())
    assert run.state == "done"
    assert any("KeyError in sync.mistakes.failing.fails" in text for text in told(world))
    assert not any("surprise" in text for text in told(world))
    assert "THEIRS-1" not in [row.number for row in world.host(host.Invoice)]
    assert "THEIRS-2" in [row.number for row in world.host(host.Bill)]
    assert world.sync().state == "done"
    if when == "at once":
        in_step(world)
        assert "THEIRS-1" in [row.number for row in world.host(host.Invoice)]


def test_a_pair_that_can_not_be_joined_is_told_and_the_others_go_on(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    with monkeypatch.context() as patched:
        patched.setattr(settled, "word", failing(settled.word, "INV-2"))
        run = world.drain(world.confirm())
    assert run.state == "done"
    assert world.issues() == [("INV-2", "internal error")]
    assert len(world.host(host.Invoice, number="INV-2")) == 1
    assert {"INV-1", "INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))
    assert world.sync().state == "done"
    in_step(world)
    assert world.numbers("ARINVOICE").count("INV-2") == 1


def test_a_document_that_can_not_be_compared_with_others_is_told_and_the_others_are(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither sent nor brought in: it may be the same as one of the other side."""
    world = make_world()
    with monkeypatch.context() as patched:
        patched.setattr(header, "document_number", failing(document_number, "INV-1", "INV-2", "THEIRS-1"))
        world.connect()
        world.decide()
        assert world.plan()
        run = world.drain(world.confirm())
        assert run.state == "done"
        assert {"INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))
        assert "INV-1" not in world.numbers("ARINVOICE")
        assert len(world.host(host.Invoice, number="INV-2")) == 1
        assert world.host(host.Invoice, number="THEIRS-1") == []
        assert world.host(host.Bill, number="THEIRS-2")
        causes = [cause for _, cause in world.issues()]
        assert causes == ["unreadable record"] * 2 + ["row can't be read"] * 2  # INV-2 on either side
        world.sync()
        assert len(world.issues()) == 4
    assert world.sync().state == "done"
    in_step(world)
    assert world.numbers("ARINVOICE").count("INV-2") == 1
    assert len(world.host(host.Invoice, number="THEIRS-1")) == 1


@pytest.mark.parametrize(
    ("number", "cause"), [("INV-1", "row can't be read"), ("THEIRS-1", "unreadable record")], ids=["ours", "Intacct's"]
)
def test_a_document_that_can_not_be_kept_is_told_and_the_others_are(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, number: str, cause: str
) -> None:
    world = make_world()
    with monkeypatch.context() as patched:
        patched.setattr(header, "document_number", failing(document_number, number))
        world.connect()
        world.decide()
        assert world.drain(world.confirm()).state == "done"
        assert cause in [found for label, found in world.issues() if number in label or "ARINVOICE" in label]
        assert {"INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))
        assert ("INV-1" in world.numbers("ARINVOICE")) is (number != "INV-1")
        assert world.host(host.Invoice, number="THEIRS-1") == []
        assert world.host(host.Bill, number="THEIRS-2")
        assert world.sync().state == "done"
    assert world.sync().state == "done"
    in_step(world)
    assert len(world.host(host.Invoice, number="THEIRS-1")) == 1


def test_no_second_document_goes_out_while_the_first_could_not_be_compared(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    with monkeypatch.context() as patched:
        translate(patched, read=failing(translators.of("invoice").read, "INV-1"))
        assert world.drain(world.confirm()).state == "failed"
        assert world.sync().state == "failed"
    assert ("INV-1", "not compared") in world.issues()
    assert not {"INV-3", "INV-4"} & set(world.numbers("ARINVOICE"))
    assert world.numbers("ARINVOICE").count("INV-1") == 1


def test_a_later_document_that_can_not_be_compared_stops_no_other(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    with monkeypatch.context() as patched:
        translate(patched, read=failing(translators.of("invoice").read, "INV-3"))
        assert world.drain(world.confirm()).state == "done"
    assert ("INV-3", "not compared") in world.issues()
    assert {"INV-1", "INV-3", "INV-4"} <= set(world.numbers("ARINVOICE"))
    (invoice,) = world.theirs("ARINVOICE", RECORDID="INV-3")
    world.sim.modify("ARINVOICE", int(invoice["RECORDNO"]), DESCRIPTION="Changed")
    assert world.sync().state == "done"
    in_step(world)


def test_a_joined_document_whose_total_can_not_be_read_is_left_out_of_the_control_totals(synced_world: World) -> None:
    world = synced_world
    (theirs,) = world.theirs("ARINVOICE", RECORDID="THEIRS-1")
    world.sim.modify("ARINVOICE", int(theirs["RECORDNO"]), TRX_TOTALENTERED="much")
    run = world.sync()
    assert run.state == "done"
    assert run.report["totals"]["invoice"]["count"] == 4


@contextmanager
def listening(event: str, listener: Callable[..., Any]) -> Iterator[None]:
    """The host listens to its own session."""
    sa.event.listen(host.db.session, event, listener)
    try:
        yield
    finally:
        sa.event.remove(host.db.session, event, listener)


def test_a_listener_that_fails_after_the_commit_makes_nothing_failed(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    raised: list[Any] = []

    def broken(session: Any) -> None:
        raised.append(session)
        raise ZeroDivisionError

    with listening("after_commit", broken):
        assert world.drain(run).state == "done"
    assert raised
    in_step(world)
    assert [phase.failed for phase in world.phases(run.id)] == [0] * len(world.phases(run.id))
    world.sync()
    assert len(world.host(host.Invoice, number="THEIRS-1")) == 1
    assert world.one(host.Account, code="7999").hidden


def test_a_listener_that_fails_before_the_commit_sets_that_record_aside(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()

    def broken(session: Any, context: Any) -> None:
        if any(isinstance(row, host.Invoice) and row.number == "THEIRS-1" for row in session.new):
            raise ZeroDivisionError

    with listening("after_flush", broken):
        assert world.drain(run).state == "done"
    assert [cause for _, cause in world.issues()] == ["not possible here"]
    assert world.host(host.Invoice, number="THEIRS-1") == []
    world.sync()
    in_step(world)
    assert len(world.host(host.Invoice, number="THEIRS-1")) == 1


@pytest.mark.parametrize("signal", [signals.record_linked, signals.document_posted, signals.run_finished])
def test_a_receiver_of_a_signal_that_fails_stops_nothing(decided_world: World, signal: Any) -> None:
    world = decided_world

    def broken(sender: Any, **given: Any) -> None:
        raise ZeroDivisionError

    with signal.connected_to(broken):
        assert world.drain(world.confirm()).state == "done"
    in_step(world)


def test_a_tracking_category_that_the_host_refuses_comes_in_once_it_takes_it(make_world: MakeWorld) -> None:
    """Others that came in meanwhile are none of the host's own."""
    world = make_world(stage="filled")
    session = host.db.session
    lines: list[Any] = [*world.host(host.InvoiceLine), *world.host(host.BillLine)]
    for line in lines:
        line.options = []
    session.flush()
    session.execute(sa.delete(host.Option))
    session.execute(sa.delete(host.Category))
    session.commit()
    world.connect(location="E1-10")
    world.decide()
    run = world.confirm()

    def refuse(session: Any, context: Any) -> None:
        if any(isinstance(row, host.Category) and row.title == "Department" for row in session.new):
            raise ZeroDivisionError

    with listening("after_flush", refuse):
        assert world.drain(run).state == "done"
    others = [row.title for row in world.host(host.Category)]
    assert others
    assert "Department" not in others
    assert ("Department", "not possible here") in world.issues()
    assert world.sync().state == "done"
    assert sorted(row.title for row in world.host(host.Category)) == sorted([*others, "Department"])
    department = world.one(host.Category, title="Department")
    assert {row.title for row in world.host(host.Option, category_id=department.id)} == {"Lettings", "Maintenance"}
    assert "Department" not in [label for label, _ in world.issues()]
    world.save(host.Category(company_id=1, title="Our own"))
    world.sync()
    world.sim.insert("CLASS", {"CLASSID": "K1", "NAME": "New", "STATUS": "active"})
    world.sync()
    assert len(world.host(host.Category)) == len(others) + 2
