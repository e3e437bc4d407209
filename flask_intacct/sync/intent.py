"""Intents: what is to be sent, written down before anything goes out, and withdrawn when nobody wants it any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from .. import kinds
from ..choices import CREATE, LINKED
from ..installation import installation_id
from ..ledger import digest
from ..messages import NOTHING
from ..models import Link, Operation, transition
from ..phases import Cursor, following
from .identity import under_way as under_way
from .outbox import AT_ONCE, CANCELLED, READY, UNDER_WAY, WITHDRAWABLE
from .slice import Slice


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be created for a link."""

    link_id: int
    function: str
    object: str
    values: dict[str, Any]


def intend(slice_: Slice, session: Session, intents: Sequence[Intent]) -> None:
    """Write intents down within the caller's transaction, but for what is under way, done, or waits for a person."""
    ids = [intent.link_id for intent in intents]
    links = {link.id: link for link in session.scalars(select(Link).where(Link.id.in_(ids)))}
    query = select(Operation).where(Operation.link_id.in_(ids), Operation.live == CREATE)
    live = {operation.link_id: operation for operation in session.scalars(query)}
    counting = select(Operation.link_id, func.count()).where(Operation.link_id.in_(ids)).group_by(Operation.link_id)
    counts: dict[int, int] = dict(session.execute(counting).all())
    for intent in intents:
        link, found = links[intent.link_id], live.get(intent.link_id)
        payload = {"object": intent.object, "values": _plain(intent.values)}
        if link.state == LINKED or (found is not None and found.state in UNDER_WAY):
            continue
        if found is None:
            found = Operation(
                connection_id=link.connection_id,
                link_id=link.id,
                op_key=f"{link.id}:{CREATE}:{counts.get(link.id, 0) + 1}",
                live=CREATE,
                action=CREATE,
                state=READY,
                revision=0,
            )
            session.add(found)
        found.run_id = slice_.run.id
        if found.state == READY and found.payload_hash == digest(payload) and found.control_id:
            continue
        found.revision += 1
        transition(found, READY, "it is to be sent")
        found.reason = NOTHING
        found.function, found.payload, found.payload_hash = intent.function, payload, digest(payload)
        # The digest names the intent and its revision: a repeat after an unknown outcome carries the same one, and the
        # gateway refuses it if the first was executed.
        found.control_id = digest([installation_id(slice_.state), found.op_key, found.revision])[:40]
        found.sent_at = found.due_at = None
        found.lookups = 0
    session.flush()


def intended(session: Session, run_id: int, kind: str, role: str = "") -> int:
    """How many records of a kind a run has still to send."""
    query = (
        select(func.count())
        .select_from(Operation)
        .join(Operation.link)
        .where(Operation.run_id == run_id, Operation.state == READY, Link.kind == kind, Link.role == role)
    )
    return session.scalar(query) or 0


def withdraw(kind: str, role: str, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Cancel what was to be sent for records of a kind, and is not any more; what is under way stays as it is.

    That is what this run did not intend anew, but for contacts that a person decided to create: why such a one can't
    be sent now, it has an issue for.
    """
    query = (
        select(Operation)
        .join(Operation.link)
        .where(
            Operation.connection_id == slice_.connection.id,
            Operation.id > cursor.get("after", 0),
            Link.kind == kind,
            Link.role == role,
            Operation.state.in_(WITHDRAWABLE),
            or_(Operation.run_id.is_(None), Operation.run_id != slice_.run.id),
        )
        .order_by(Operation.id)
    )
    if kind == kinds.CONTACT:
        query = query.where(Link.state != CREATE)
    if not slice_.any(query):
        return None
    with slice_.transaction() as session:
        some = session.scalars(query.limit(AT_ONCE)).all()
        for operation in some:
            transition(operation, CANCELLED, "it is not to be sent any more")
    return following(some, AT_ONCE)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}
