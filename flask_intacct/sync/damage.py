"""Rows that came damaged from Intacct: one issue names each record, and closes when it reads well again or is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from .. import issues
from ..gateway import Spoiled
from ..gateway.mending import AMPERSAND, CHARACTERS, UNREADABLE
from ..issues import Finding
from ..messages import Message, listed, quoted
from ..standing import Standing
from ..translate.rows import whole
from .job_context import JobContext

CAUSE = "damaged in the answer"
_REASONS = {CHARACTERS: "read.characters", AMPERSAND: "read.ampersand", UNREADABLE: "read.malformed"}


def report(job: JobContext, object_: str, keys: Sequence[str], spoiled: Collection[Spoiled]) -> None:
    """Open an issue for each damaged row of a page, and close those of rows that read well.

    :param object_: The object under which the records are cached.
    :param keys: Of the rows that were read, repaired ones too.
    """
    known = job.told(Standing([CAUSE]))
    damaged = {_subject(object_, whole(row.key)): row for row in spoiled}
    healed = known & {_subject(object_, key) for key in keys} - damaged.keys()
    if not damaged and not healed:
        return
    with job.transaction() as session:
        for subject in healed:
            issues.close(session, job.connection.id, subject)
        for subject, row in damaged.items():
            name = f"{object_} {row.key or '(record number unknown)'}"
            became = "left_out" if row.left_out else "repaired"
            finding = Finding(
                CAUSE,
                Message(f"read.damaged.{became}", name=name, reason=_reason(row)),
                Message("read.damaged.cure"),
                severity="error" if row.left_out else issues.NOTICE,
            )
            job.issue(session, subject, finding, "", name, "in")


def _reason(row: Spoiled) -> Message:
    """What the gateway found; it lists its own words for that."""
    parts = row.reason.split("; ")
    return listed(Message(_REASONS[part]) if part in _REASONS else quoted(part) for part in parts)


def keys(job: JobContext, object_: str) -> list[str]:
    """The records of an object that came damaged last, as far as their keys are known."""
    before = _subject(object_, "")
    known = job.told(Standing([CAUSE]))
    return [subject.removeprefix(before) for subject in known if subject.startswith(before) and subject != before]


def gone(job: JobContext, session: Session, object_: str, keys: Collection[str]) -> None:
    """Close the issues of records that Intacct no longer has."""
    issues.close_all(session, job.connection.id, [_subject(object_, key) for key in keys])


def _subject(object_: str, key: str) -> str:
    return f"damaged:{object_}:{key}"[:120]
