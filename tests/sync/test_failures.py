"""What fails in a run: waited for, rested upon, given up, told; each once, and each with its object."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from world import World, books, host

from flask_intacct import batches, issues, jobs, queueing
from flask_intacct.gateway import channel
from flask_intacct.messages import quoted
from flask_intacct.models import Event, Issue, Notice, Operation, Run, now
from flask_intacct.onboarding import connect
from flask_intacct.onboarding import plan as plans
from flask_intacct.state import current
from flask_intacct.sync import dimensions, failing, reading, reference
from flask_intacct.sync import run as runs


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own waits between two tries."""
    monkeypatch.setattr(channel, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None))


def tried(world: World, run: Run) -> Run:
    """The run after one more slice, whatever it rested for."""
    with current().transaction() as session:
        row = session.get_one(Run, run.id)
        row.rests_until = None if row.rests_until is None else now() - timedelta(seconds=1)
    jobs.work(run.id)
    found: Run = world.get(Run, run.id)
    return found


def place(world: World, run: Run) -> tuple[str, int]:
    """The phase that a run is at, and the stage of it."""
    (phase,) = [phase for phase in world.phases(run.id) if phase.state == "running"]
    return phase.name, phase.place.get("stage", 0)


def told(world: World) -> list[str]:
    return [str(row.message) for row in world.rows(Notice)]


def away(world: World) -> None:
    world.sim.faults.add("http", status=503, times=0)


def resting(world: World) -> Run:
    """A sync that rests, because Intacct went away after it began; its slices are as short as they can be."""
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")
    away(world)
    while not (row := tried(world, run)).problem:
        pass
    return row


def test_a_run_rests_while_the_gateway_is_away_and_goes_on_by_itself(synced_world: World, pauses: None) -> None:
    world = synced_world
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")
    away(world)
    waits = []
    for _ in range(7):
        row = tried(world, run)
        while row.rests_until is None:
            row = tried(world, run)  # it has not come to the gateway yet
        assert (row.state, row.live) == ("running", world.id)
        assert row.beat_at is not None
        waits.append((row.rests_until - row.beat_at).total_seconds())
    assert [round(wait) for wait in waits] == [1, 2, 4, 8, 60, 120, 300]
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    row = tried(world, run)
    assert (row.state, str(row.problem), row.rests_until) == ("done", "", None)
    assert told(world)[-3:] == ["The sync rests.", "The sync goes on.", "The sync is complete."]
    assert world.issues() == []


def test_a_run_that_rests_is_not_woken_before_its_time(synced_world: World) -> None:
    world = synced_world
    run = resting(world)
    with current().transaction() as session:
        session.execute(sa.update(Run).where(Run.id == run.id).values(beat_at=now() - timedelta(seconds=45)))
    queueing.queue().connection.flushall()
    sent = len(world.sim.requests)
    jobs.tick()
    jobs.work(run.id)
    assert (queueing.queue().count, len(world.sim.requests)) == (0, sent)
    with current().transaction() as session:
        session.get_one(Run, run.id).rests_until = now() - timedelta(seconds=1)
    jobs.tick()
    assert queueing.queue().count == 1


def test_a_run_that_rests_goes_on_at_once_when_a_person_presses_sync_now(synced_world: World) -> None:
    """The schedule and the host's own calls ask for a sync, too; they wait."""
    world = synced_world
    run = resting(world)
    world.sim.faults.clear()
    queueing.queue().connection.flushall()
    jobs.nightly()
    runs.start(world.id, runs.SYNC, "ada")
    assert (queueing.queue().count, world.get(Run, run.id).rests_until) == (0, run.rests_until)
    assert runs.start(world.id, runs.SYNC, "ada", pressed=True).id == run.id
    assert queueing.queue().count == 1
    world.configure(slice_seconds=45)
    jobs.work(run.id)
    assert world.get(Run, run.id).state == "done"
    assert told(world)[-3:] == ["The sync rests.", "The sync goes on.", "The sync is complete."]


def test_a_run_that_is_paused_stays_so_when_a_sync_is_asked_for(synced_world: World) -> None:
    world = synced_world
    run = resting(world)
    runs.pause(run.id, "ada")
    runs.start(world.id, runs.SYNC, "ada", pressed=True)
    assert world.get(Run, run.id).state == "paused"


def test_the_flag_says_why_a_run_rests_and_when_it_is_tried_again(synced_world: World) -> None:
    world = synced_world
    run = resting(world)
    (flag,) = world.flags()
    assert str(flag.message) == f"Sync rests: Sage Intacct does not answer; next try at {run.rests_until:%H:%M} UTC."
    assert flag.colour == "orange"
    assert str(run.problem) == "Sage Intacct is busy or under maintenance."


def test_an_object_that_fails_for_ever_is_an_issue_and_the_others_go_on(synced_world: World) -> None:
    """The second one of its phase: what succeeds for the first does not count for it."""
    world = synced_world
    world.configure(slice_seconds=0)
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C7", "NAME": "Gail Green", "STATUS": "active"}, "E1")
    run = runs.start(world.id, runs.SYNC, "ada")
    while world.phases(run.id)[2].state == "waiting" or place(world, run) < ("contact", 3):
        tried(world, run)
    before = len(world.sim.requests)
    world.sim.faults.add("http", status=503, function="query", times=0)
    for _ in range(20):
        tried(world, run)
        if world.issues():
            break
    world.sim.faults.clear()
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert (issue.subject, issue.label) == ("missed:VENDOR", "VENDOR")
    assert "VENDOR could not be brought into step, while Sage Intacct answers otherwise" in str(issue.message)
    assert len(world.sim.requests) - before < 30
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"
    assert world.one(host.Contact, name="Gail Green").buys
    assert world.sync().state == "done"
    assert world.issues() == []


def test_a_dimension_that_fails_for_ever_is_an_issue_and_the_others_are_read(synced_world: World) -> None:
    world = synced_world
    world.configure(slice_seconds=0)
    world.sim.insert("DEPARTMENT", {"DEPARTMENTID": "NEW", "TITLE": "New", "STATUS": "active"})
    run = runs.start(world.id, runs.SYNC, "ada")

    def at() -> str:
        return str(
            next((p.place.get("cursor", {}).get("of") for p in world.phases(run.id) if p.state == "running"), "")
        )

    while at() != "CLASS":
        tried(world, run)
    world.sim.faults.add("http", status=503, function="query", times=0)
    while not world.issues():
        tried(world, run)
    world.sim.faults.clear()
    assert at() != "CLASS"
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert (issue.subject, issue.label) == ("missed:CLASS", "CLASS")
    assert world.host(host.Option, title="New")
    assert world.sync().state == "done"
    assert world.issues() == []


@pytest.mark.parametrize(
    ("phase", "object_"), [("reference", "TAXDETAIL"), ("contact", "CUSTOMER"), ("invoice", "ARINVOICE")]
)
def test_an_object_that_was_given_up_is_an_issue_until_a_run_gets_it(
    synced_world: World, phase: str, object_: str
) -> None:
    """Later phases work on what is known of its records, too: that closes nothing."""
    world = synced_world
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")
    while phase not in [item.name for item in world.phases(run.id) if item.state == "running"]:
        tried(world, run)
    world.sim.faults.add("http", status=503, function="query", times=0)
    while not world.issues():
        tried(world, run)
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"
    assert [issue.subject for issue in world.rows(Issue, Issue.live.is_not(None))] == [f"missed:{object_}"]
    assert world.sync().state == "done"
    assert world.issues() == []


def given_up(world: World, object_: str, phase: str, stage: int, of: str = "") -> None:
    """A sync that has to do without an object; it is at a stage of a phase when Intacct stops to give it."""
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")

    def at() -> tuple[str, int, str]:
        row = next((item for item in world.phases(run.id) if item.state == "running"), None)
        return ("", 0, "") if row is None else (*place(world, run), row.place.get("cursor", {}).get("of", ""))

    while at() != (phase, stage, of):
        assert tried(world, run).live is not None
    world.sim.faults.add("http", status=503, function="query", times=0)
    while not world.issues():
        tried(world, run)
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"
    assert subjects(world) == [f"missed:{object_}"]


DIMENSIONS = next(number for number, stage in enumerate(reference.stages()) if stage.step is dimensions.values)
"""The stage that reads the values of dimensions."""

MARKS = next(number for number, stage in enumerate(reference.stages()) if stage.step is reading.marks)
"""The stage that reads which accounts are marked."""


def subjects(world: World) -> list[str]:
    return [issue.subject for issue in world.rows(Issue, Issue.live.is_not(None))]


@pytest.fixture
def banked(synced_world: World) -> World:
    """Intacct marks accounts as those of bank accounts."""
    world = synced_world
    assert [row["GLACCOUNTNO"] for row in world.theirs("CHECKINGACCOUNT")] == ["1200"]
    world.sim.insert("SAVINGSACCOUNT", {"BANKACCOUNTID": "SAVE", "GLACCOUNTNO": "3000", "STATUS": "active"})
    world.sync()
    assert world.connection.facts["account_marks"] == {"2200": "tax", "1200": "bank", "3000": "bank"}
    return world


@pytest.mark.parametrize(
    ("object_", "changed"),
    [
        ("TAXDETAIL", {"2200": "tax", "1100": "bank", "2100": "bank"}),
        ("CHECKINGACCOUNT", {"2200": "tax", "1200": "bank", "3000": "bank", "2100": "bank"}),
        ("SAVINGSACCOUNT", {"2200": "tax", "1100": "bank", "1200": "bank", "3000": "bank"}),
    ],
)
def test_one_of_the_objects_that_mark_accounts_is_gone_without_alone(
    banked: World, object_: str, changed: dict[str, str]
) -> None:
    """What was known of its accounts stays; those of the others, and the accounts themselves, are brought into step."""
    world = banked
    row = {"ACCOUNTNO": "4200", "TITLE": "New", "ACCOUNTTYPE": "incomestatement", "STATUS": "active"}
    world.sim.insert("GLACCOUNT", row)
    for name, account in (("CHECKINGACCOUNT", "1100"), ("SAVINGSACCOUNT", "2100")):
        if name != object_:
            (bank,) = world.theirs(name)
            world.sim.modify(name, int(bank["RECORDNO"]), GLACCOUNTNO=account)
    given_up(world, object_, "reference", MARKS, object_)
    assert world.connection.facts["account_marks"] == changed
    assert world.one(host.Account, code="4200").title == "New"
    assert world.sync().state == "done"
    assert world.issues() == []


def test_the_wizard_goes_on_without_an_object_that_only_marks_accounts(world: World) -> None:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    world.configure(slice_seconds=0)
    run = connect.date(world.id, books.SYNC_FROM, True, "ada")
    while not any(phase.place.get("cursor", {}).get("of") == "CHECKINGACCOUNT" for phase in world.phases(run.id)):
        assert tried(world, run).live is not None
    world.sim.faults.add("http", status=503, function="query", times=0)
    while not world.issues():
        tried(world, run)
    world.sim.faults.clear()
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"
    assert subjects(world) == ["missed:CHECKINGACCOUNT"]
    assert world.connection.facts["account_marks"] == {"2200": "tax"}


def test_a_dimension_that_may_not_be_read_any_more_is_told_once_as_that(synced_world: World) -> None:
    world = synced_world
    given_up(world, "CLASS", "reference", DIMENSIONS, "CLASS")
    world.sim.deny("CLASS")
    world.sync()
    assert world.issues() == [("CLASS", "dimension left out")]


BUT_BILLS = ("tax_type", "account", "tracking_category", "tracking_option", "contact", "invoice")


def new_bill(world: World, *lines: Any) -> None:
    like = world.one(host.Bill, number="BILL-1")
    total = sum((line.net + line.tax for line in lines), Decimal(0))
    world.save(
        host.Bill(
            company_id=1, number="BILL-9", contact_id=like.contact_id, day=like.day, total=total, lines=[*lines]
        )
    )  # fmt: skip


def test_what_the_application_no_longer_describes_is_no_issue_any_more(synced_world: World) -> None:
    world = synced_world
    given_up(world, "APBILL", "bill", 1)
    new_bill(world)  # has no lines
    waits = issues.Finding(issues.NEEDS_A_PERSON, quoted("It was sent once."))
    run = runs.start(world.id, runs.SYNC, "ada")
    with current().transaction() as session:
        issues.open_issue(session, world.id, "link:99", waits, kind="bill")
    world.drain(run)
    world.describe(*BUT_BILLS)
    with current().transaction() as session:
        issues.open_issue(session, world.id, "missed:APBILL", issues.Finding("busy", quoted("Busy.")), kind="bill")
    world.sync()
    assert subjects(world) == ["link:99"]
    (event,) = world.rows(Event, Event.action == "issues closed")
    assert (event.subject, event.after) == ("bill", {"reason": "no longer described", "closed": 2})
    closed = world.rows(Issue, Issue.resolution == issues.UNDESCRIBED)
    assert [issue.subject.partition(":")[0] for issue in closed] == ["link", "missed"]


def test_a_role_that_the_application_no_longer_describes_is_no_issue_any_more(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    given_up(world, "VENDOR", "contact", 3)
    (contacts,) = current().host.locals("contact")
    monkeypatch.setattr(contacts, "role", "customer")
    world.describe(*BUT_BILLS)
    world.sync()
    assert subjects(world) == []
    (event,) = world.rows(Event, Event.action == "issues closed")
    assert (event.subject, event.after) == ("contact vendor", {"reason": "no longer described", "closed": 1})


def test_a_sync_is_not_started_again_and_again_for_a_look_up_that_it_does_not_make(synced_world: World) -> None:
    world = synced_world
    line = world.one(host.Bill, number="BILL-1").lines[0]
    new_bill(world, host.BillLine(account_id=line.account_id, tax_id=line.tax_id, net=line.net, tax=line.tax,
                                  options=[*line.options]))  # fmt: skip
    world.sim.faults.add("drop", when="after", function="create")
    world.sync()
    assert world.operations()["UNKNOWN"] == 1
    world.describe(*BUT_BILLS)
    world.age(timedelta(minutes=17))
    jobs.tick()
    run = world.rows(Run)[-1]
    assert world.drain(run).state == "done"
    jobs.tick()
    assert world.rows(Run)[-1].id == run.id
    assert world.operations()["UNKNOWN"] == 1


@pytest.mark.parametrize(("wish", "state"), [(runs.cancel, "cancelled"), (runs.pause, "paused")])
def test_a_run_that_is_to_rest_heeds_what_a_person_wished_meanwhile(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, wish: Callable[[int, str], None], state: str
) -> None:
    """It would be heeded only when the rest is over, half an hour later."""
    world = synced_world
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")
    away(world)
    while tried(world, run).failures < 5:
        pass
    answers = failing._answers

    def pressed(executor: Any) -> bool:
        wish(run.id, "ada")
        return answers(executor)

    monkeypatch.setattr(failing, "_answers", pressed)
    assert tried(world, run).state == state


def test_an_object_that_fails_for_ever_ends_a_plan(decided_world: World) -> None:
    world = decided_world
    run = plans.make(world.id, "ada")
    world.configure(slice_seconds=0)
    while world.phases(run.id)[2].state == "waiting":
        tried(world, run)
    world.sim.faults.add("http", status=503, function="query", times=0)
    for _ in range(8):
        row = tried(world, run)
    assert (row.state, row.live) == ("failed", None)


def test_a_document_that_intacct_is_always_too_busy_for_stops_no_other(decided_world: World) -> None:
    world = decided_world
    run = world.confirm()
    world.configure(slice_seconds=0)
    while not (waiting := world.rows(Operation, Operation.function == "create_invoice")):
        tried(world, run)
    busy = waiting[-1]
    world.sim.faults.add("busy", function="create_invoice", control_id=busy.control_id, times=0)
    for _ in range(300):
        row = tried(world, run)
        if row.live is None:
            break
    assert row.state == "done"
    states = {row.control_id: row.state for row in world.rows(Operation)}
    assert states.pop(busy.control_id) == "REJECTED"
    assert set(states.values()) == {"DONE"}
    assert [cause for _, cause in world.issues()] == ["busy"]


def test_a_database_that_is_busy_for_a_moment_fails_no_run(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    world.configure(slice_seconds=0)
    run = runs.start(world.id, runs.SYNC, "ada")

    def busy(*given: object, **more: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patched:
        while world.phases(run.id)[-3].state == "waiting":
            tried(world, run)
        patched.setattr(batches, "batch", busy)
        for _ in range(100):
            row = tried(world, run)
            if row.failures:
                break
    assert (row.state, row.live) == ("running", world.id)
    world.configure(slice_seconds=45)
    assert tried(world, run).state == "done"


def test_a_sync_that_fails_like_the_one_before_is_no_news(synced_world: World) -> None:
    world = synced_world
    world.sim.deny("GLACCOUNT")
    before = len(told(world))
    assert [world.sync().state for _ in range(3)] == ["failed"] * 3
    assert told(world)[before:] == ["The sync stopped."]


def test_the_tick_does_not_start_a_failing_sync_again_each_time(synced_world: World) -> None:
    world = synced_world
    last = world.rows(Operation)[-1].id
    with current().transaction() as session:
        row = session.get_one(Operation, last)
        row.state, row.live, row.due_at = "UNKNOWN", "create", now() - timedelta(seconds=1)
    world.sim.deny("GLACCOUNT")
    begun: list[int] = []
    for minutes in (0, 1, 4, 5, 10, 14, 16, 40, 61):
        if begun:
            ended = now() - timedelta(minutes=minutes - begun[-1])
            with current().transaction() as session:
                newest = session.scalars(sa.select(Run).order_by(Run.id.desc()).limit(1)).one()
                newest.finished_at = ended
        jobs.tick()
        run = world.rows(Run)[-1]
        if run.live is not None:
            world.drain(run)
            begun.append(minutes)
    assert begun == [0, 5, 40]
