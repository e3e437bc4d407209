"""The breaker of a kind: after several equal refusals in a row nothing more of it is sent, while other kinds go on.

The next run sends one alone, of those that were not tried yet if there are any. If it goes, the others follow; if it is
refused for the same reason, all wait for the run after that. A connection's facts hold the row of refusals of each
object, so that it goes on from slice to slice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from .. import issues
from ..gateway.errors import ExchangeError
from ..issues import Finding
from ..kinds import Kind
from ..messages import Message, noun
from ..models import Connection
from .job_context import JobContext

ALIKE = 5
"""So many equal refusals in a row stop a kind."""

STOPPED = "sending stopped"
"""The cause of the issue of a kind that is stopped."""

_FACT = "refused"
"""Where a connection's facts keep the row of refusals of each object."""


def stopped(job: JobContext, kind: Kind) -> bool:
    """Whether a kind was stopped, and none of it has gone since: it is sent one by one."""
    return halted(job.connection, kind)


def halted(connection: Connection, kind: Kind) -> bool:
    """The same by what a connection's row says."""
    return bool(_row(connection, kind).get("stopped"))


def waits(job: JobContext, kind: Kind) -> bool:
    """Whether nothing more of a kind is sent in this run."""
    row = _row(job.connection, kind)
    return bool(row.get("stopped")) and row["count"] >= ALIKE and row["run"] == job.run.id


def reason(finding: Finding, error: ExchangeError | None = None) -> str:
    """What two refusals have in common that are equal: the cause, with Intacct's numbers or the place in our code."""
    said = finding.message
    numbers = sorted({fault.errorno for fault in error.errors}) if error is not None else []
    return " ".join([finding.cause, said.id, str(said.values.get("reference", "")), *numbers])


def count(job: JobContext, session: Session, kind: Kind, outcomes: Iterable[tuple[str, Finding] | None]) -> None:
    """Count what became of some operations of a kind, in their order, within the caller's transaction.

    :param outcomes: Of each that was refused its :func:`reason` and what people are told; None for one that went.
    """
    before = after = _row(job.connection, kind)
    last = None
    for outcome in outcomes:
        if outcome is None:
            after, last = {}, None
            continue
        alike, last = outcome
        number = after["count"] + 1 if after.get("alike") == alike else 1
        halted = bool(after.get("stopped")) or number >= ALIKE
        after = {"alike": alike, "count": number, "run": job.run.id, "stopped": halted}
    if after == before:
        return
    row = session.get_one(Connection, job.connection.id)
    kept = {name: value for name, value in row.facts.get(_FACT, {}).items() if name != kind.object}
    row.facts = {**row.facts, _FACT: {**kept, **({kind.object: after} if after else {})}}
    if after.get("stopped"):
        row.facts = {**row.facts, "proved": [name for name in row.facts.get("proved", ()) if name != kind.name]}
    if last is not None and after["count"] >= ALIKE:
        _tell(job, session, kind, last)
    elif before.get("stopped") and not after:
        issues.close(session, row.id, _subject(kind))
    session.flush()
    job.connection = row


def _row(connection: Connection, kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = connection.facts.get(_FACT, {}).get(kind.object, {})
    return found


def _subject(kind: Kind) -> str:
    return f"sending:{kind.object}"


def _tell(job: JobContext, session: Session, kind: Kind, last: Finding) -> None:
    said = Message("out.stopped", count=ALIKE, nouns=noun(f"{kind.role or kind.noun}s"), reason=last.message)
    finding = Finding(STOPPED, said, Message("out.stopped.cure"), same=STOPPED)
    job.issue(session, _subject(kind), finding, kind.name, kind.object, "out")
