"""Intents: what is to be sent, written down before anything goes out, and withdrawn when nobody wants it any more.

A link has one operation at a time that is not over. What is intended while one may be on its way waits for it
(``BLOCKED``); what was never sent is made anew where its content changed, or gives way to what is intended now.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from ... import bulk, kinds
from ...installation import epoch, installation_id
from ...ledger import digest
from ...messages import NOTHING
from ...models import Link, Operation, OperationDependency, transition, transition_all
from ...phases import Cursor, following
from ..identity import under_way as under_way
from ..job_context import JobContext
from . import states
from .actions import CREATE
from .states import BLOCKED, CANCELLED, LIVE, READY, SUPERSEDED, UNDER_WAY, WITHDRAWABLE


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done with the record of a link.

    :param function: The gateway's function that does it.
    :param needs: Operations that have to be done first.
    """

    link_id: int
    function: str
    object: str
    values: Mapping[str, Any]
    verb: str = CREATE
    needs: Sequence[int] = ()


def intend(job: JobContext, session: Session, intents: Sequence[Intent]) -> None:
    """Write intents down within the caller's transaction; one for what is under way or done already changes nothing."""
    if intents:
        _Intents(job, session, intents).write()


class _Intents:
    """The operations of some links, and what is intended with them now."""

    def __init__(self, job: JobContext, session: Session, intents: Sequence[Intent]) -> None:
        self._intents, ids = intents, [intent.link_id for intent in intents]
        self._session, self._run_id, self._connection_id = session, job.run.id, job.connection.id
        self._installation = installation_id(job.state)
        self._epoch = epoch(session)
        joined = select(Link.id).where(Link.id.in_(ids), Link.record_key != "")
        self._joined = set(session.scalars(joined))
        open_ = or_(Operation.live.is_not(None), Operation.state == BLOCKED)
        found = session.scalars(select(Operation).where(Operation.link_id.in_(ids), open_)).all()
        self._live = {operation.link_id: operation for operation in found if operation.live is not None}
        self._waiting = {operation.link_id: operation for operation in found if operation.state == BLOCKED}
        of_link = Operation.link_id
        counting = select(of_link, func.count()).where(of_link.in_(ids)).group_by(of_link)
        self._counts: dict[int, int] = dict(session.execute(counting).all())
        self._unmet = set(_open(session, {needed for intent in intents for needed in intent.needs}))
        self._kept: list[int] = []
        self._new: list[dict[str, Any]] = []

    def write(self) -> None:
        for intent in self._intents:
            self._one(intent)
        self._session.flush()
        if self._kept:
            mine = Operation.id.in_(self._kept)
            transition_all(self._session, Operation, READY, "still to be sent", mine, run_id=self._run_id)
        if self._new:
            bulk.insert_rows(self._session, Operation, self._new)

    def _one(self, intent: Intent) -> None:
        payload = {"object": intent.object, "values": _plain(intent.values)}
        content, live = digest(payload), self._live.get(intent.link_id)
        unmet = [needed for needed in intent.needs if needed in self._unmet]
        if intent.verb == CREATE and intent.link_id in self._joined:
            return  # it is there
        if live is not None and live.state in UNDER_WAY:
            # One that is created is looked up first: what changed since is seen then.
            if intent.verb != CREATE and (live.action, live.payload_hash) != (intent.verb, content):
                self._wait(intent, payload, content, [live.id, *unmet])
            else:  # what is on its way is what is wanted
                self._give_way(self._waiting.pop(intent.link_id, None))
            return
        if unmet:
            self._give_way(live)
            self._wait(intent, payload, content, unmet)
            return
        self._give_way(self._waiting.pop(intent.link_id, None))
        if live is not None and self._is_as(live, intent, content):
            self._kept.append(live.id)
        elif live is None or live.action != intent.verb or live.lookups > 0:  # what was proved absent stays as it was
            self._give_way(live)
            self._new.append(self._row(intent, payload, content) | {"state": READY, "live": LIVE})
        else:
            live.revision += 1
            transition(live, READY, "it is to be sent")
            for name, value in self._columns(live.op_key, live.revision, intent, payload, content).items():
                setattr(live, name, value)

    def _give_way(self, other: Operation | None) -> None:
        """Supersede an operation, if there is one: its place is free."""
        if other is not None:
            transition(other, SUPERSEDED, "something else is to be sent")
            self._session.flush()

    def _is_as(self, live: Operation, intent: Intent, content: str) -> bool:
        """Whether it is to go out as it was written down."""
        same = (live.action, live.payload_hash, live.epoch) == (intent.verb, content, self._epoch)
        return same and live.state == READY and bool(live.control_id)

    def _wait(self, intent: Intent, payload: dict[str, Any], content: str, needs: Sequence[int]) -> None:
        """Have it wait for these; there is one of a link that waits, whose content is what was intended last."""
        waiting = self._waiting.get(intent.link_id)
        if waiting is not None and (waiting.action, waiting.payload_hash) == (intent.verb, content):
            waiting.run_id = self._run_id
            return
        self._give_way(waiting)
        blocked = Operation(**self._row(intent, payload, content), state=BLOCKED, live=None, needs=len(needs))
        self._waiting[intent.link_id] = blocked
        self._session.add(blocked)
        self._session.flush()
        for needed in needs:
            self._session.add(OperationDependency(operation_id=blocked.id, needs_id=needed))

    def _row(self, intent: Intent, payload: dict[str, Any], content: str) -> dict[str, Any]:
        number = self._counts[intent.link_id] = self._counts.get(intent.link_id, 0) + 1
        op_key = f"{intent.link_id}:{intent.verb}:{number}"
        given = {"connection_id": self._connection_id, "link_id": intent.link_id, "op_key": op_key, "revision": 1}
        return given | {"action": intent.verb} | self._columns(op_key, 1, intent, payload, content)

    def _columns(
        self, op_key: str, revision: int, intent: Intent, payload: dict[str, Any], content: str
    ) -> dict[str, Any]:
        """The control id names the intent, its revision and its content: a repeat after an unknown outcome carries the
        same one, and the gateway refuses it if the first was executed."""
        made_of = [self._installation, self._epoch, op_key, revision, content]
        return {
            "run_id": self._run_id, "epoch": self._epoch, "control_id": digest(made_of)[:40], "object": intent.object,
            "function": intent.function, "payload": payload, "payload_hash": content, "size": len(json.dumps(payload)),
            "reason": NOTHING, "sent_at": None, "due_at": None, "lookups": 0, "claims": 0,
        }  # fmt: skip


def _open(session: Session, ids: Collection[int]) -> list[int]:
    """Those of these operations that are not over."""
    if not ids:
        return []
    query = select(Operation.id).where(
        Operation.id.in_(ids), or_(Operation.live.is_not(None), Operation.state == BLOCKED)
    )
    return list(session.scalars(query))


def give_way(session: Session, refused: Operation) -> bool:
    """Let what waits of the same link go in place of an operation that Intacct refused; False if nothing does."""
    waiting = select(Operation.id).where(Operation.link_id == refused.link_id, Operation.state == BLOCKED)
    if session.scalar(waiting.limit(1)) is None:
        return False
    transition(refused, SUPERSEDED, "what was intended since goes in its place")
    session.flush()
    release(session, [refused.id])
    return True


def release(session: Session, done: Sequence[int]) -> None:
    """Make ready what waited for these operations alone, which are over."""
    waits = select(OperationDependency.operation_id).where(OperationDependency.needs_id.in_(done))
    ids = sorted(set(session.scalars(waits)))
    if not ids:
        return
    session.execute(delete(OperationDependency).where(OperationDependency.needs_id.in_(done)))
    left = select(OperationDependency.operation_id, func.count()).where(OperationDependency.operation_id.in_(ids))
    counts: dict[int, int] = dict(session.execute(left.group_by(OperationDependency.operation_id)).all())
    for operation in session.scalars(select(Operation).where(Operation.id.in_(ids), Operation.state == BLOCKED)):
        operation.needs = counts.get(operation.id, 0)
        if not operation.needs:
            transition(operation, READY, "what it waited for is done")
            operation.live = LIVE
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


def withdraw(kind: str, role: str, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Cancel what was to be created for records of a kind, and is not any more; what is under way stays as it is.

    That is what this run did not intend anew, but for contacts that a person decided to create, which are intended or
    refused one by one. Other verbs stand until something else is intended for their records.
    """
    query = (
        select(Operation)
        .join(Operation.link)
        .where(
            Operation.connection_id == job.connection.id,
            Operation.id > cursor.get("after", 0),
            Link.kind == kind,
            Link.role == role,
            Operation.action == CREATE,
            Operation.state.in_(WITHDRAWABLE),
            or_(Operation.run_id.is_(None), Operation.run_id != job.run.id),
        )
        .order_by(Operation.id)
    )
    if kind == kinds.CONTACT:
        query = query.where(Link.state != CREATE)
    if not job.any(query):
        return None
    with job.transaction() as session:
        some = session.scalars(query.limit(states.AT_ONCE)).all()
        for operation in some:
            transition(operation, CANCELLED, "it is not to be sent any more")
    return following(some, states.AT_ONCE)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}
