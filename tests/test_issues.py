"""Issues open once for a cause and record, count, and close."""

from __future__ import annotations

import pytest
from world import World

from flask_intacct import issues
from flask_intacct.errors import Refused
from flask_intacct.issues import Finding
from flask_intacct.models import Connection, Event, Issue
from flask_intacct.onboarding import connect
from flask_intacct.state import current

LOST = Finding("no account", "A line has no account.", "Choose one.")
ODD = Finding("odd", "It is odd.")


@pytest.fixture
def connected(world: World) -> World:
    world.id = connect.start("1", "ada").id
    return world


def opened(world: World, *findings: Finding, subject: str = "link:1") -> None:
    with current().transaction() as session:
        for finding in findings:
            issues.open_issue(session, world.id, subject, finding, kind="invoice", label="INV-1", direction="out")


def close(world: World, **options: object) -> None:
    with current().transaction() as session:
        issues.close(session, world.id, "link:1", **options)


def test_the_same_cause_of_the_same_record_is_one_issue_that_counts(connected: World) -> None:
    opened(connected, LOST)
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
    issues.resolve(connected.id, 1, "handled", "ada")
    (issue,) = connected.rows(Issue)
    assert (issue.live, issue.resolution) == (None, "handled")
    assert connected.rows(Event)[-1].who == "ada"
    with pytest.raises(Refused, match="no longer open"):
        issues.resolve(connected.id, 1, "handled", "ada")


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
