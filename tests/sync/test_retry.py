"""Retry: what failed or is held is tried again because a person says so, without a whole sync where that will do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.papers import another_invoice
from world.statements import counted, plain_sql
from world.together import at_once, meanwhile

from flask_intacct import jobs, links
from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Event, Issue, Operation, Run, transition
from flask_intacct.onboarding import connect, deciding, retry
from flask_intacct.onboarding.retry import Retried
from flask_intacct.onboarding.wanted import RETRY, Wanted
from flask_intacct.state import current
from flask_intacct.sync import run as runs

D = Decimal


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A company in step."""
    world: World = make_world(stage="synced")
    world.sync()
    return world


def add_invoices(world: World, *numbers: str, **more: object) -> None:
    world.save(*(another_invoice(world, number, **more) for number in numbers))


def without_account(world: World, *numbers: str) -> None:
    """Invoices of which each has a line without an account."""
    for number in numbers:
        invoice = another_invoice(world, number)
        invoice.lines[0].account_id = None
        world.save(invoice)


def cured(*numbers: str) -> None:
    """Another program gives the lines their accounts: no session tells of it."""
    named = ", ".join(f"'{number}'" for number in numbers)
    of = f"SELECT id FROM invoice WHERE number IN ({named})"
    plain_sql(f"UPDATE invoice_line SET account_id = 1 WHERE account_id IS NULL AND invoice_id IN ({of})")


def refused(world: World, times: int = 1) -> None:
    """Intacct refuses so many invoices."""
    world.sim.faults.add("refuse", function="create_invoice", errorno="BL01001973", times=times)


def ids(world: World, *labels: str) -> list[int]:
    return [row.id for row in world.rows(Issue, Issue.live.is_not(None)) if row.label in labels]


def pressed(world: World, *labels: str, who: str = "ada") -> Retried:
    """Somebody presses Retry for what is open of these."""
    return retry.some(world.id, ids(world, *labels), who)


def live(world: World) -> Run | None:
    with current().transaction() as session:
        return runs.live(session, world.id)


def done(world: World) -> list[Run]:
    """All that is at work is worked off, and what follows it."""
    found = []
    while (run := live(world)) is not None:
        found.append(world.drain(run))
    return found


def asked(world: World, act: Callable[[], object]) -> list[str]:
    """The functions that reach Intacct meanwhile, those of one request as one."""
    before = len(world.sim.requests)
    act()
    return ["+".join(request.functions) for request in world.sim.requests[before:]]


def state(world: World, label: str) -> str:
    return world.link(label).state


def test_one_that_was_refused_goes_by_three_requests(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    assert world.issues() == [("R-1", "refused by Intacct")]
    told = pressed(world, "R-1")
    assert (told.run and told.run.kind, told.taken and told.taken.done) == ("push", ids(world, "R-1"))
    assert asked(world, lambda: done(world)) == ["query", "create_invoice", "read"]
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1"), state(world, "R-1")) == ([], 1, "linked")
    (event,) = world.rows(Event, Event.action == "tried again")
    assert (event.who, event.subject, event.after) == ("ada", "R-1", {"cause": "refused by Intacct"})


def test_only_the_ticked_are_tried(world: World) -> None:
    refused(world, times=3)
    add_invoices(world, "R-1", "R-2", "R-3")
    world.sync()
    pressed(world, "R-1", "R-3")
    done(world)
    assert [number for number in world.numbers("ARINVOICE") if number[:2] == "R-"] == ["R-1", "R-3"]
    assert world.issues() == [("R-2", "refused by Intacct")]


def test_one_that_fails_again_is_open_with_a_fresh_time(world: World) -> None:
    refused(world, times=2)
    add_invoices(world, "R-1")
    world.sync()
    (before,) = world.rows(Issue, Issue.live.is_not(None))
    pressed(world, "R-1")
    (run,) = done(world)
    (after,) = world.rows(Issue, Issue.live.is_not(None))
    assert (run.kind, run.state, after.label, after.fingerprint) == ("push", "done", "R-1", "refused by Intacct")
    assert after.last_seen > before.last_seen
    pressed(world, "R-1")
    done(world)
    assert world.issues() == []


def test_a_row_that_another_program_put_right_is_read_again(world: World) -> None:
    without_account(world, "R-1", "R-2")
    world.sync()
    assert world.issues() == [("R-1", "no account"), ("R-2", "no account")]
    (held,) = world.rows(Issue, Issue.live.is_not(None), Issue.label == "R-2")
    cured("R-1")
    told = pressed(world, "R-1", "R-2")
    assert told.run is not None
    assert told.run.kind == "push"
    done(world)
    assert (world.issues(), state(world, "R-1")) == ([("R-2", "no account")], "linked")
    (still,) = world.rows(Issue, Issue.live.is_not(None))
    assert (still.id, still.count, still.last_seen > held.last_seen) == (held.id, held.count + 1, True)


def test_a_whole_cause_is_taken_set_by_set_and_then_goes_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 20)
    numbers = [f"R-{at:02}" for at in range(55)]
    without_account(world, *numbers)
    world.sync()
    cured(*numbers)
    wanted = Wanted(RETRY, "invoice", cause="no account")
    told = retry.many(world.id, wanted, "ada")
    again = retry.many(world.id, wanted, "ada")
    assert told.run is not None
    assert again.run is not None
    assert (told.run.id, told.run.kind) == (again.run.id, "decide"), "a second press is the same"
    assert [(run.kind, run.state, run.asked_by) for run in done(world)] == [
        ("decide", "done", "ada"), ("push", "done", "ada"),
    ]  # fmt: skip
    assert world.issues() == []
    assert len([number for number in world.numbers("ARINVOICE") if number[:2] == "R-"]) == 55
    assert len(world.rows(Event, Event.action == "tried again")) == 55


def test_what_a_push_can_not_do_a_sync_does(world: World) -> None:
    world.save(host.Contact(company_id=1, name="Gail Green", buys=True))
    world.sync()
    links.create(world.id, [link.id for link in world.links("contact", "undecided")], "", "ada", confirmed=True)
    world.sim.faults.add("refuse", function="create", errorno="BL01001973")
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    assert [label for label, _ in world.issues()] == ["Gail Green", "R-1"]
    told = pressed(world, "Gail Green", "R-1")
    assert told.run is not None
    assert told.run.kind == "sync"
    done(world)
    assert (world.issues(), state(world, "R-1"), state(world, "Gail Green")) == ([], "linked", "linked")


def test_after_the_cure_a_kind_that_was_stopped_goes_as_a_whole(world: World) -> None:
    refused(world, times=0)
    add_invoices(world, *(f"R-{at:02}" for at in range(30)))
    world.sync()
    assert ("ARINVOICE", "sending stopped") in world.issues()
    world.sim.faults.clear()
    (label, *_) = [label for label, cause in world.issues() if cause == "refused by Intacct"]
    told = pressed(world, label)
    assert told.run is not None
    assert told.run.kind == "sync"
    before = len(world.sim.requests)
    done(world)
    sizes = [
        request.functions.count("create_invoice")
        for request in world.sim.requests[before:]
        if "create_invoice" in request.functions
    ]
    assert (sizes[0], sum(sizes), world.issues()) == (1, 30, [])


def test_an_outcome_that_nobody_knows_is_looked_up_now(world: World) -> None:
    world.sim.faults.add("drop", when="after", function="create_invoice")
    add_invoices(world, "R-1")
    world.sync()
    assert world.issues() == [("R-1", "outcome unknown")]
    pressed(world, "R-1")
    done(world)
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1"), state(world, "R-1")) == ([], 1, "linked")


def test_what_only_a_person_can_tell_is_left_alone(world: World) -> None:
    world.sim.faults.add("drop", when="before", function="create_invoice")
    add_invoices(world, "R-1")
    world.sync()
    with current().transaction() as session:
        operation = session.scalars(sa.select(Operation).where(Operation.state == "UNKNOWN")).one()
        transition(operation, "MANUAL", "a test")
        issue = session.scalars(sa.select(Issue).where(Issue.live.is_not(None))).one()
        issue.fingerprint = "needs a person"
    told = pressed(world, "R-1")
    assert told.taken is not None
    assert (told.run, told.taken.done, len(told.taken.left)) == (None, [], 1)
    assert (live(world), world.rows(Event, Event.action == "tried again")) == (None, [])
    assert world.operations()["MANUAL"] == 1


def test_a_document_that_is_a_draft_again_is_no_trouble_any_more(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    plain_sql("UPDATE invoice SET status = 'draft' WHERE number = 'R-1'")
    pressed(world, "R-1")
    assert asked(world, lambda: done(world)) == []
    assert world.issues() == []


def test_a_paused_connection_tries_it_once_it_is_resumed(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    connect.pause(world.id, "ada")
    told = pressed(world, "R-1", who="bob")
    assert (told.run, told.busy, told.state) == (None, None, "paused")
    jobs.tick()
    assert live(world) is None
    connect.resume(world.id, "ada")
    jobs.tick()
    (run,) = done(world)
    assert (run.kind, run.asked_by) == ("push", "bob")
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1")) == ([], 1)
    jobs.tick()
    assert live(world) is None


def test_a_side_that_is_paused_waits_for_its_own_sync(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    connect.pause_side(world.id, "receivables", "ada")
    told = pressed(world, "R-1")
    assert told.taken is not None
    assert (told.run, told.taken.rests) == (None, 1)
    jobs.tick()
    assert live(world) is None
    connect.resume_side(world.id, "receivables", "ada")
    world.sync()
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1")) == ([], 1)


def test_a_company_that_is_disconnected_is_said_to_be(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    connect.disconnect(world.id, "ada")
    with pytest.raises(Refused, match="not connected"):
        pressed(world, "R-1")


def test_what_is_pressed_while_a_push_is_at_work_goes_after_it(world: World) -> None:
    refused(world, times=2)
    add_invoices(world, "R-1", "R-2")
    world.sync()
    first = pressed(world, "R-1").run
    assert first is not None
    told: list[Retried] = []
    meanwhile(world, first, "create_invoice", lambda: told.append(pressed(world, "R-2")))
    assert (told[0].run, told[0].busy and told[0].busy.id) == (None, first.id)
    done(world)
    assert [run.state for run in world.rows(Run, Run.kind == "push")] == ["done", "done"]
    assert [number for number in world.numbers("ARINVOICE") if number[:2] == "R-"] == ["R-1", "R-2"]
    assert world.issues() == []


def test_what_is_pressed_while_a_sync_is_at_work_goes_after_it(world: World) -> None:
    without_account(world, "R-1")
    world.sync()
    sync = runs.start(world.id, runs.SYNC, "ada")
    first = pressed(world, "R-1").run
    assert first is not None
    assert first.id == sync.id, "it has not begun, so it tries that too"
    add_invoices(world, "R-2")
    told: list[Retried] = []

    def act() -> None:
        cured("R-1")
        told.append(pressed(world, "R-1"))

    meanwhile(world, sync, "create_invoice", act)
    assert (told[0].run, told[0].busy and told[0].busy.id) == (None, sync.id)
    done(world)
    assert [run.state for run in world.rows(Run, Run.kind == "push")] == ["done"]
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1")) == ([], 1)


def test_a_whole_cause_pressed_while_a_run_is_at_work_is_tried_by_a_sync_after_it(world: World) -> None:
    refused(world, times=2)
    add_invoices(world, "R-1", "R-2")
    world.sync()
    run = runs.start(world.id, runs.SYNC, "ada")
    runs.pause(run.id, "ada")
    told = retry.many(world.id, Wanted(RETRY, cause="refused by Intacct"), "ada")
    assert (told.run, told.busy and told.busy.id) == (None, run.id)
    runs.cancel(run.id, "ada")
    jobs.tick()
    (after,) = done(world)
    assert (after.kind, after.state, world.issues()) == ("sync", "done", [])


def test_two_presses_send_it_once(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    chosen, before = ids(world, "R-1"), world.writes().count("create_invoice")
    at_once(world, *[lambda: retry.some(world.id, chosen, "ada")] * 2)
    retry.some(world.id, chosen, "ada")
    assert len(world.rows(Run, Run.kind == "push")) == 1
    done(world)
    told = retry.some(world.id, chosen, "ada")
    assert (told.run, told.solved) == (None, 1)
    assert world.writes().count("create_invoice") == before + 1
    assert world.numbers("ARINVOICE").count("R-1") == 1


def test_the_limit_of_api_transactions_holds_it_back_no_more_than_sync_now(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    world.configure(api_limit=1)
    assert pressed(world, "R-1").up
    done(world)
    assert world.numbers("ARINVOICE").count("R-1") == 1


def test_a_night_that_is_held_back_forgets_nothing_that_is_wanted(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    connect.pause(world.id, "ada")
    pressed(world, "R-1")
    connect.resume(world.id, "ada")
    world.configure(api_limit=1)
    jobs.nightly()
    assert live(world) is None
    jobs.tick()
    done(world)
    assert (world.issues(), world.numbers("ARINVOICE").count("R-1")) == ([], 1)


def test_what_waits_for_a_run_that_no_worker_ends_begins_with_the_next_tick(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    run = runs.start(world.id, runs.SYNC, "ada")
    runs.pause(run.id, "ada")
    with current().transaction() as session:
        session.get_one(Run, run.id).started_at = session.get_one(Run, run.id).asked_at
    pressed(world, "R-1")
    runs.cancel(run.id, "ada")
    assert live(world) is None
    jobs.tick()
    assert [(one.kind, one.state) for one in done(world)] == [("push", "done")]


def test_it_is_tried_in_the_same_statements_for_many(world: World) -> None:
    numbers = [f"R-{at:03}" for at in range(80)]
    without_account(world, *numbers)
    world.sync()
    found = []
    for some in (numbers[:5], numbers[5:45]):
        chosen = ids(world, *some)
        with counted() as said:
            retry.some(world.id, chosen, "ada")
        found.append(len(said))
        done(world)
    assert found[0] == found[1] <= 40


def test_an_initial_sync_that_was_not_complete_goes_on(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    with current().transaction() as session:
        session.get_one(Connection, world.id).synced_at = None
    told = pressed(world, "R-1")
    assert told.run is not None
    assert told.run.kind == "initial"


def test_a_copied_or_restored_database_tries_nothing(world: World) -> None:
    refused(world)
    add_invoices(world, "R-1")
    world.sync()
    world.age(timedelta(minutes=20))
    with current().transaction() as session:
        session.execute(sa.text("UPDATE intacct_meta SET held = 'restored'"))
    with pytest.raises(Refused):
        pressed(world, "R-1")
    assert world.rows(Event, Event.action == "tried again") == []
