"""The host's rows as a sync reads them: one that can't be read is an issue, closed when it reads well again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import issues
from ..errors import Unreadable
from ..issues import Finding
from ..ledger import Ref
from ..links import local_ref
from ..messages import Message
from ..models import Issue, Link
from ..standing import Standing
from .job_context import JobContext

CAUSE = "row can't be read"


def values(job: JobContext, kind: str, *, again: bool = False) -> tuple[list[Any], list[Unreadable]]:
    """All records of a kind of the company, and those that can't be read.

    :param again: Count once more in its issue what was told before: once in a run is enough.
    """
    bad: list[Unreadable] = []
    found = list(job.state.host.values(kind, job.connection.company_id, bad.append))
    _report(job, kind, bad, again)
    return found, bad


def report(job: JobContext, session: Session, kind: str, bad: Iterable[Unreadable]) -> None:
    """Open an issue for each of these documents, within the caller's transaction."""
    for error in bad:
        job.issue(session, _subject(kind, Ref(*error.ref)), finding(error), kind, error.label)


def ref_of(subject: str) -> tuple[str, str, str] | None:
    """Kind, source and local id of the row that an issue is about; None if its subject does not tell."""
    name, _, rest = subject.partition(":")
    parts = rest.split(":", 2)
    return (parts[0], parts[1], parts[2]) if name == "row" and len(parts) == 3 else None


def told(job: JobContext, kind: str, refs: Iterable[Ref]) -> list[str]:
    """The subjects of those of these rows of which it stands that they can't be read."""
    standing = job.told(Standing([CAUSE]))
    return [subject for ref in refs if (subject := _subject(kind, ref)) in standing]


def close_others(session: Session, connection_id: int, kind: str, refs: Iterable[Ref]) -> None:
    """Close the issues of all documents of a kind but these, which still can't be read."""
    still = {_subject(kind, ref) for ref in refs}
    for subject in set(session.scalars(_open(connection_id, kind))) - still:
        issues.close(session, connection_id, subject)


def of_links(job: JobContext, kind: str, links: Iterable[Link]) -> Callable[[Link], Any]:
    """The records of these links as they are now, read at once.

    :return: Gives the record of one of them, None if it is gone, and raises `Unreadable` if it can't be read.
    """
    bad: list[Unreadable] = []
    found = dict(job.state.host.by_refs(kind, map(local_ref, links), bad.append))
    errors = {error.ref: error for error in bad}

    def ours(link: Link) -> Any:
        if local_ref(link) in errors:
            raise errors[local_ref(link)]
        return found[local_ref(link)]

    return ours


def currency(job: JobContext) -> str | None:
    """The currency of the company; None if it can't be read, which is an issue. It is read once a slice."""
    return job.once("currency", lambda: _currency(job))


def _currency(job: JobContext) -> str | None:
    try:
        found = job.state.host.currency(job.connection.company_id)
    except Unreadable as error:
        _report(job, "company", [error])
        return None
    _report(job, "company", [])
    return found


def finding(error: Unreadable) -> Finding:
    """What is wrong with a row, for its issue."""
    return Finding(CAUSE, Message("row.unreadable", reason=error.reason), Message("row.unreadable.cure"))


def _report(job: JobContext, kind: str, bad: Sequence[Unreadable], again: bool = False) -> None:
    with job.state.reading() as session:
        known = set(session.scalars(_open(job.connection.id, kind)))
    met = {_subject(kind, Ref(*error.ref)): error for error in bad}
    if not met.keys() ^ known and not (met and again):
        return  # told already in this run or the last
    with job.transaction() as session:
        for subject in known - met.keys():
            issues.close(session, job.connection.id, subject)
        for subject, error in met.items():
            job.issue(session, subject, finding(error), kind, error.label)


def _open(connection_id: int, kind: str) -> Select[str]:
    return select(Issue.subject).where(
        Issue.connection_id == connection_id,
        Issue.fingerprint == CAUSE,
        Issue.kind == kind,
        Issue.subject.startswith("row:"),
        Issue.live == issues.LIVE,
    )


def _subject(kind: str, ref: Ref) -> str:
    name = f"{kind}:{ref.source}:{ref.id}"
    return f"row:{name if len(name) <= 100 else hashlib.sha256(name.encode()).hexdigest()}"
