"""Contacts that the host changed while they were on their way: what Intacct has is brought up to date."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ... import kinds
from ...errors import Refused
from ...ledger import Contact
from ...models import Link, Operation
from ...phases import Cursor, following
from ...translate import outgoing
from .. import values
from ..job_context import JobContext
from . import actions, intent
from .states import AT_ONCE, REJECTED, with_links


def intend(job: JobContext, session: Session, done: Operation, link: Link) -> None:
    """Write down that a contact is to be changed, if it is not any more what was sent of it; documents are compared
    when they are read back.

    :param done: What was sent, and found.
    """
    if link.kind == kinds.CONTACT:
        wanted = _wanted(link)
        if wanted is not None and wanted[1] != done.payload["values"]:
            intent.intend(job, session, [_update(link, *wanted)])


def refused(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Intend again, as it is now, what Intacct refused to change of contacts: whatever was in its way may be gone."""
    query = with_links(
        job.connection.id,
        Operation.id > cursor.get("after", 0),
        Operation.action == actions.UPDATE,
        Operation.state == REJECTED,
        Link.kind == spec.name,
        Link.role == spec.role,
    ).order_by(Operation.id)
    if not job.any(query):
        return None
    with job.transaction() as session:
        some = session.execute(query.limit(AT_ONCE)).all()
        updates = [_update(link, *wanted) for _, link in some if (wanted := _wanted(link)) is not None]
        intent.intend(job, session, updates)
    return following([operation for operation, _ in some], AT_ONCE)


def _wanted(link: Link) -> tuple[str, dict[str, Any]] | None:
    """What a contact is to be like in Intacct; None if it can't be sent as it is now, which its own stage tells."""
    try:
        value = values.of(link)
        return outgoing.contact(value, link.role) if isinstance(value, Contact) else None
    except (Refused, ValueError, TypeError):
        return None


def _update(link: Link, object_: str, fields: dict[str, Any]) -> intent.Intent:
    return intent.Intent(link.id, "update", object_, {**fields, actions.KEY: link.record_key}, actions.UPDATE)
