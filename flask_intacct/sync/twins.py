"""Records that were created in Intacct while a person decided otherwise for the same row: both exist.

What the person chose stands. The other one is an issue, and does not come in, until it is joined to a row of its own,
has gone from Intacct (:mod:`.gone`), or a person marks it as handled.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues
from ..issues import Finding
from ..kinds import Kind
from ..messages import Message, noun
from ..models import Link
from ..standing import Standing
from .job_context import JobContext

CAUSE = "exists twice"


def tell(job: JobContext, session: Session, link: Link, spec: Kind, key: str, name: str, count: int) -> None:
    """Open the issue of one.

    :param link: The link for which a person decided otherwise.
    :param spec: What was created, and in which role.
    :param name: What Intacct calls it.
    :param count: So many records may be the one that was created.
    """
    cure = Message("sent.twice.cure", name=name)
    if count > 1:
        said, cure = Message("sent.twice.one_of", name=name, count=count), Message("sent.twice.one_of.cure", name=name)
    elif link.role != spec.role:
        said = Message("sent.twice.role", name=name, role=noun(spec.role), other=noun(link.role))
    else:
        said = Message("sent.twice", name=name)
    job.issue(session, subject(spec.object, key), Finding(CAUSE, said, cure), link.kind, link.label, "out")


def keys(job: JobContext, object_: str) -> Collection[str]:
    """The keys of those of an object that are nobody's; the issues of those that were joined are closed."""
    before = subject(object_, "")
    told = job.told(Standing([CAUSE]))
    found = {subject.removeprefix(before) for subject in told if subject.startswith(before)}
    with job.state.reading() as session:
        query = select(Link.record_key).where(
            Link.connection_id == job.connection.id, Link.object == object_, Link.record_key.in_(found)
        )
        joined = set(session.scalars(query)) if found else set()
    if joined:
        with job.transaction() as session:
            issues.close_all(session, job.connection.id, [subject(object_, key) for key in joined])
    return found - joined


def subject(object_: str, key: str) -> str:
    """The subject of the issue of one."""
    return f"twin:{object_}:{key}"[:120]
