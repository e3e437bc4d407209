"""Issues: what a person has to look at. One live row per cause and record; it closes when the cause is gone.

What a person marked as handled counts on without coming back, until something else is said of the record, the record
itself changes, or it is taken back. Once the cause is gone, that is over: what comes then is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from . import audit
from .clock import now
from .errors import Refused
from .messages import NOTHING, Message, dump, named, noun, sentences
from .models import Issue
from .state import current
from .vocabulary import shown as word_shown

LIVE = "live"
SOLVED, HANDLED, CHANGED = "solved", "handled", "changed"
"""How an issue ended: its cause went, a person put it aside, or that no longer holds for what is said now."""

UNDESCRIBED = "no longer described"
"""Likewise: the application describes no model for it any more, so that nothing is done with it."""

AT_ONCE = 400
"""So many subjects in one statement."""

NEEDS_A_PERSON = "needs a person"
"""The cause of the issue of what was sent, and of which only a person can tell what became of it."""

ANOTHER_RECORD, ANOTHER_COMPANY = "another record", "another company"
"""Causes that stand until a person answers: a row, or a company, seems to be another one than before."""

ASKED = (ANOTHER_RECORD, ANOTHER_COMPANY)

DELETED_THERE = "deleted in Sage Intacct"
"""The cause of the issue of a joined record that is gone from Intacct."""

ANSWERED = (*ASKED, NEEDS_A_PERSON, DELETED_THERE)
"""Causes of which only a person's answer tells what becomes of the record: trying again changes nothing."""

DELETED_HERE = "deleted here"
"""Likewise of one whose row was deleted here, while Intacct still has it."""

NOTICE = "notice"
"""The severity of what waits without anybody having to do anything."""

SEVERITIES = ("error", "warning", NOTICE)

NEEDS_SOMEBODY = (Issue.live == LIVE, Issue.severity != NOTICE)
"""The condition of an open issue that a person has to work on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong with one record.

    :param cause: Short name of the cause; equal causes are shown as one group.
    :param message: What is wrong, for a person.
    :param cure: What that person can do.
    :param severity: ``error``, ``warning``, or :data:`NOTICE`.
    :param same: What is the same each time, where the message is another each time; "" is the message.
    """

    cause: str
    message: Message
    cure: Message = NOTHING
    severity: str = "error"
    same: str = ""

    @property
    def whole(self) -> Message:
        """What is wrong and what to do, as one message."""
        return sentences([self.message, self.cure])


UNLISTED = " is not listed"
"""How the cause of a word ends that nobody listed."""
_OF_WHAT = (
    "unknown",
    "inactive",
    "left out",
    "archived",
    "not created yet",
    "not matched",
    "can't be read",
    "in doubt",
)
"""The causes that name a kind or an object before them."""


def heading(cause: str) -> Message:
    """What a cause is called where people see it; the words of one that nobody here knows."""
    called = named("cause", cause.lower())
    if called.id == "text":
        if cause.endswith(UNLISTED):
            return Message("cause.of.is_not_listed", what=word_shown(cause.removesuffix(UNLISTED)))
        for tail in _OF_WHAT:
            if cause.endswith(f" {tail}"):
                return Message(named("cause.of", tail).id, what=noun(cause.removesuffix(f" {tail}")))
    return called


def of_another(cause: str) -> bool:
    """Whether a cause lies in another record than the one that the issue is about."""
    return cause.endswith((UNLISTED, *(f" {tail}" for tail in _OF_WHAT)))


def causes(session: Session, connection_id: int) -> Sequence[str]:
    """All causes that issues of a connection have or had."""
    return session.scalars(select(Issue.fingerprint).where(Issue.connection_id == connection_id).distinct()).all()


def called(causes: Iterable[str], word: str) -> list[str]:
    """Those causes that have a word in them: as they are kept, or as the reader sees them."""
    word = word.casefold()
    return [one for one in causes if word in one.casefold() or word in str(heading(one)).casefold()]


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per cause, which says all that was found."""
    found: dict[str, Finding] = {}
    said: dict[str, dict[Message, None]] = {}
    for finding in findings:
        found.setdefault(finding.cause, finding)
        said.setdefault(finding.cause, {})[finding.message] = None
    return [replace(finding, message=sentences(said[cause])) for cause, finding in found.items()]


def open_issue(
    session: Session,
    connection_id: int,
    subject: str,
    finding: Finding,
    *,
    kind: str = "",
    label: str = "",
    direction: str = "",
    state: str = "",
) -> bool:
    """Open an issue, or count it once more if it is open already, or handled; gives whether it is open.

    :param subject: Names the record: ``link:12``, ``record:7``, ``run:3``.
    :param state: Stands for the record as it is; where that changes, what was handled comes back.
    """
    cause = finding.cause[:64]
    content = hashlib.sha256(f"{finding.same or dump(finding.message)}\n{state}".encode()).hexdigest()
    of_it = select(Issue).where(
        Issue.connection_id == connection_id, Issue.fingerprint == cause, Issue.subject == subject
    )
    issue = session.scalar(of_it.where(Issue.live == LIVE))
    if issue is None:
        for handled in session.scalars(of_it.where(Issue.live.is_(None), Issue.resolution == HANDLED)):
            if handled.content == content:
                issue = handled
            else:
                handled.resolution = CHANGED
    if issue is None:
        issue = Issue(connection_id=connection_id, fingerprint=cause, subject=subject, live=LIVE, count=0)
        session.add(issue)
    issue.count += 1
    issue.last_seen = now()
    issue.severity, issue.kind, issue.direction, issue.label = finding.severity, kind, direction, label[:255]
    issue.message, issue.cure, issue.content = finding.message, finding.cure, content
    session.flush()
    return issue.live is not None


def close(
    session: Session,
    connection_id: int,
    subject: str,
    *,
    causes: Collection[str] = (),
    but: Collection[str] = (),
    proved: bool = True,
) -> None:
    """Close what is open on a record, but for what only an answer closes: its cause is gone.

    :param causes: Those that are gone, if not all.
    :param but: Causes that are still there.
    :param proved: It is known to be gone, so that what was handled is over as well; False where nothing more than
        another try begins.
    """
    standing = or_(Issue.live == LIVE, Issue.resolution == HANDLED) if proved else Issue.live == LIVE
    session.execute(
        update(Issue)
        .where(
            Issue.connection_id == connection_id,
            Issue.subject == subject,
            standing,
            Issue.fingerprint.in_([cause[:64] for cause in causes]) if causes else Issue.fingerprint.not_in(ASKED),
            Issue.fingerprint.not_in([cause[:64] for cause in but]),
        )
        .values(live=None, resolution=SOLVED, last_seen=now())
    )


def close_all(
    session: Session,
    connection_id: int,
    subjects: Sequence[str],
    *,
    causes: Collection[str] = (),
    but: Collection[str] = (),
) -> None:
    """Close what is open on several records, as :func:`close` does."""
    for at in range(0, len(subjects), AT_ONCE):
        session.execute(
            update(Issue)
            .where(
                Issue.connection_id == connection_id,
                Issue.subject.in_(subjects[at : at + AT_ONCE]),
                or_(Issue.live == LIVE, Issue.resolution == HANDLED),
                Issue.fingerprint.in_(causes) if causes else Issue.fingerprint.not_in([*ASKED, *but]),
            )
            .values(live=None, resolution=SOLVED, last_seen=now())
        )


def deleted_here(name: str) -> Finding:
    """What there is to say of a record whose row was deleted here.

    :param name: What Intacct calls the record.
    """
    return Finding(
        DELETED_HERE,
        Message("row.deleted", name=name),
        Message("row.deleted.cure"),
        severity="warning",
    )


def open_issues(connection_id: int) -> Select[Any]:
    """The open issues of a connection, newest first; add filters and a limit to it."""
    return select(Issue).where(Issue.connection_id == connection_id, Issue.live == LIVE).order_by(Issue.id.desc())


def handled(connection_id: int) -> Select[Any]:
    """What people put aside and still stands, the newest first."""
    query = select(Issue).where(Issue.connection_id == connection_id, Issue.live.is_(None), Issue.resolution == HANDLED)
    return query.order_by(Issue.handled_at.desc(), Issue.id.desc())


def count(session: Session, connection_id: int) -> int:
    """How many open issues need a person."""
    return _count(session, connection_id, *NEEDS_SOMEBODY)


def waiting(session: Session, connection_id: int) -> int:
    """How many records wait without anybody having to do anything."""
    return _count(session, connection_id, Issue.live == LIVE, Issue.severity == NOTICE)


def _count(session: Session, connection_id: int, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Issue).where(Issue.connection_id == connection_id, *conditions)
    return session.scalar(query) or 0


def resolve(connection_id: int, issue_id: int, reason: str, who: str) -> None:
    """Mark an issue as handled by a person.

    :param reason: Why it needs nobody any more, for those who come after.
    :raises Refused: no reason is given, or it is not an open issue of this connection.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(Message("issue.no_reason"))
    with current().transaction() as session:
        issue = session.get(Issue, issue_id, with_for_update=True)
        if issue is None or issue.connection_id != connection_id or issue.live is None:
            raise Refused(Message("issue.not_open"))
        if issue.fingerprint in ASKED:
            raise Refused(Message("issue.asks"))
        issue.live, issue.resolution, issue.reason = None, HANDLED, reason[:500]
        issue.handled_by, issue.handled_at = who[:120], now()
        audit.record(session, connection_id, who, "issue handled", issue.label, after={"reason": reason})


def take_back(connection_id: int, issue_id: int, who: str) -> None:
    """Open an issue again that was marked as handled.

    :raises Refused: it is not marked as handled any more.
    """
    with current().transaction() as session:
        issue = session.get(Issue, issue_id, with_for_update=True)
        standing = issue is not None and issue.live is None and issue.resolution == HANDLED
        if issue is None or issue.connection_id != connection_id or not standing:
            raise Refused(Message("issue.not_handled"))
        before = {"reason": issue.reason, "by": issue.handled_by}
        issue.live, issue.resolution, issue.reason = LIVE, "", ""
        issue.handled_by, issue.handled_at = "", None
        audit.record(session, connection_id, who, "issue taken back", issue.label, before=before)
