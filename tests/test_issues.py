"""Issues open once for a cause and record, count, and close."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import World, host

from flask_intacct import issues
from flask_intacct.clock import now
from flask_intacct.errors import Refused
from flask_intacct.issues import Finding
from flask_intacct.messages import quoted
from flask_intacct.models import Connection, Event, Issue
from flask_intacct.onboarding import connect
from flask_intacct.state import current

D = Decimal
LOST = Finding("no account", quoted("A line has no account."), quoted("Choose one."))
ODD = Finding("odd", quoted("It is odd."))


@pytest.fixture
def connected(world: World) -> World:
    world.id = connect.start("1", "ada").id
    return world


def opened(world: World, *findings: Finding, subject: str = "link:1", state: str = "") -> None:
    with current().transaction() as session:
        for finding in findings:
            issues.open_issue(
                session, world.id, subject, finding, kind="invoice", label="INV-1", direction="out", state=state
            )


def close(world: World, **options: Any) -> None:
    with current().transaction() as session:
        issues.close(session, world.id, "link:1", **options)


def test_the_same_cause_of_the_same_record_is_one_issue_that_counts(connected: World) -> None:
    opened(connected, LOST)
    with current().transaction() as session:  # SQLite's clock counts milliseconds: both may be within one
        earlier = now(-60)
        session.execute(sa.update(Issue).values(first_seen=earlier, last_seen=earlier))
    opened(connected, LOST, ODD)
    first, second = connected.rows(Issue)
    assert (first.fingerprint, first.count, second.fingerprint, second.count) == ("no account", 2, "odd", 1)
    assert first.last_seen > first.first_seen


def test_a_closed_issue_may_come_again(connected: World) -> None:
    opened(connected, LOST)
    close(connected)
    opened(connected, LOST)
    assert [(row.live, row.resolution) for row in connected.rows(Issue)] == [(None, "solved"), ("live", "")]


def test_closing_may_leave_causes_that_are_still_there(connected: World) -> None:
    opened(connected, LOST, ODD)
    close(connected, but=("odd",))
    assert connected.issues() == [("INV-1", "odd")]


def test_closing_leaves_other_records_and_companies_alone(connected: World) -> None:
    opened(connected, LOST)
    opened(connected, LOST, subject="link:11")
    close(connected)
    assert [row.subject for row in connected.rows(Issue, Issue.live.is_not(None))] == ["link:11"]


def test_a_person_may_mark_an_issue_as_handled(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Entered by hand.", "ada")
    (issue,) = connected.rows(Issue)
    assert (issue.live, issue.resolution) == (None, "handled")
    assert (issue.reason, issue.handled_by) == ("Entered by hand.", "ada")
    assert issue.handled_at is not None
    assert (connected.rows(Event)[-1].who, connected.rows(Event)[-1].after) == ("ada", {"reason": "Entered by hand."})
    with pytest.raises(Refused, match="no longer open"):
        issues.resolve(connected.id, 1, "handled", "ada")


def test_handled_without_a_reason_is_refused(connected: World) -> None:
    opened(connected, LOST)
    with pytest.raises(Refused, match="Say why"):
        issues.resolve(connected.id, 1, "  ", "ada")
    assert connected.issues() == [("INV-1", "no account")]


def states(world: World) -> list[tuple[str | None, str, int]]:
    return [(row.live, row.resolution, row.count) for row in world.rows(Issue)]


def test_what_is_handled_counts_on_and_does_not_come_back_by_itself(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Fine.", "ada")
    opened(connected, LOST)
    opened(connected, LOST)
    assert states(connected) == [(None, "handled", 3)]


def test_what_is_handled_comes_back_when_something_else_is_said(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Fine.", "ada")
    opened(connected, replace(LOST, message=quoted("Two lines have no account.")))
    assert states(connected) == [(None, "changed", 1), ("live", "", 1)]


def test_what_is_handled_comes_back_when_the_record_changes(connected: World) -> None:
    opened(connected, LOST, state="100.00")
    issues.resolve(connected.id, 1, "Fine.", "ada")
    opened(connected, LOST, state="100.00")
    assert connected.issues() == []
    opened(connected, LOST, state="200.00")
    assert connected.issues() == [("INV-1", "no account")]


def test_another_cause_of_a_handled_record_is_shown(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Fine.", "ada")
    opened(connected, LOST, ODD)
    assert connected.issues() == [("INV-1", "odd")]


def test_a_message_that_is_new_each_time_may_say_what_is_the_same(connected: World) -> None:
    opened(connected, Finding("internal error", quoted("Reference 1."), same="ZeroDivisionError()"))
    issues.resolve(connected.id, 1, "Reported.", "ada")
    opened(connected, Finding("internal error", quoted("Reference 2."), same="ZeroDivisionError()"))
    assert states(connected) == [(None, "handled", 2)]


def test_once_the_cause_is_gone_what_was_handled_is_over(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Fine.", "ada")
    close(connected, proved=False)
    opened(connected, LOST)
    assert connected.issues() == []
    close(connected)
    opened(connected, LOST)
    assert states(connected) == [(None, "solved", 2), ("live", "", 1)]


def test_what_is_handled_can_be_taken_back(connected: World) -> None:
    opened(connected, LOST)
    issues.resolve(connected.id, 1, "Fine.", "ada")
    issues.take_back(connected.id, 1, "bob")
    (issue,) = connected.rows(Issue)
    assert (issue.live, issue.resolution, issue.reason, issue.handled_by, issue.handled_at) == (
        "live",
        "",
        "",
        "",
        None,
    )
    event = connected.rows(Event)[-1]
    assert (event.who, event.before) == ("bob", {"reason": "Fine.", "by": "ada"})
    with pytest.raises(Refused, match="not marked as handled"):
        issues.take_back(connected.id, 1, "bob")
    opened(connected, LOST)
    assert states(connected) == [("live", "", 2)]


def test_findings_of_one_cause_are_one_issue_that_says_them_all() -> None:
    second = replace(LOST, message=quoted("Account 4100 is not matched."))
    (merged, odd) = issues.merged([LOST, ODD, second, LOST])
    assert (merged.cause, str(merged.message)) == ("no account", "A line has no account. Account 4100 is not matched.")
    assert odd == ODD


def spoilt(world: World) -> host.Invoice:
    """An invoice without an account, tried by a sync, and what there is of it handled."""
    world.save(
        host.Invoice(
            company_id=1, number="LOST-1", contact_id=1, day=date(2026, 5, 1), total=D("12.00"),
            lines=[host.InvoiceLine(tax_id=1, net=D("10.00"), tax=D("2.00"), options=world.host(host.Option)[:1])],
        )
    )  # fmt: skip
    world.sync()
    (issue,) = world.rows(Issue, Issue.label == "LOST-1")
    issues.resolve(world.id, issue.id, "Entered by hand.", "ada")
    return world.one(host.Invoice, number="LOST-1")


def test_a_handled_document_stays_away_over_the_next_syncs(synced_world: World) -> None:
    world = synced_world
    spoilt(world)
    world.sync()
    (issue,) = world.rows(Issue, Issue.label == "LOST-1")
    assert (issue.live, issue.count) == (None, 2)


def test_a_handled_document_that_the_host_changes_comes_back(synced_world: World) -> None:
    world = synced_world
    invoice = spoilt(world)
    invoice.lines[0].net, invoice.total = D("20.00"), D("22.00")
    world.save(invoice)
    world.sync()
    assert ("LOST-1", "no account") in world.issues()


def test_a_handled_refusal_of_intacct_stays_away_though_the_document_is_sent_again(synced_world: World) -> None:
    world = synced_world
    world.sim.deny("ARINVOICE", "Add")
    world.save(
        host.Invoice(
            company_id=1, number="DENIED-1", contact_id=1, day=date(2026, 5, 1), total=D("12.00"),
            lines=[host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"),
                                    options=world.host(host.Option)[:1])],
        )
    )  # fmt: skip
    world.sync()
    (issue,) = world.rows(Issue, Issue.label == "DENIED-1")
    issues.resolve(world.id, issue.id, "The right is asked for.", "ada")
    world.sync()
    (issue,) = world.rows(Issue, Issue.label == "DENIED-1")
    assert (issue.live, issue.count) == (None, 2)


def test_an_issue_of_another_connection_can_not_be_resolved(connected: World) -> None:
    opened(connected, LOST)
    with pytest.raises(Refused):
        issues.resolve(connected.id + 1, 1, "handled", "ada")
    assert connected.issues() == [("INV-1", "no account")]


def test_only_open_issues_are_counted(connected: World) -> None:
    opened(connected, LOST, ODD)
    close(connected, but=("odd",))
    with current().transaction() as session:
        assert issues.count(session, connected.id) == 1
        assert session.get(Connection, connected.id) is not None
