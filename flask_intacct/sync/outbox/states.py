"""The states of an operation, and what holds in them.

::

    BLOCKED -> READY (what it waits for is done)
    READY -> SENT -> DONE | REJECTED | UNKNOWN        REJECTED -> READY (a new revision: proved not executed)
    UNKNOWN -> DONE (found in Intacct) | READY or CANCELLED (proved absent) | MANUAL
    UNKNOWN -> SUPERSEDED (proved absent, and its content has changed: another operation takes its place)
    MANUAL -> DONE (found in Intacct) | READY (a person looked for it in vain) | CANCELLED (matched or unlinked)
    BLOCKED | READY | REJECTED -> CANCELLED (nobody wants it any more) | SUPERSEDED (another one takes its place)

From SENT nothing leads back to READY but the proof that Intacct did not execute it, or a look-up that did not find it
after the gateway's own time limit (15 minutes, by the vendor's documentation).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select

from ... import kinds, logs
from ...models import UNDER_WAY as UNDER_WAY
from ...models import Link, Operation

BLOCKED, READY, SENT, DONE = "BLOCKED", "READY", "SENT", "DONE"
REJECTED, UNKNOWN, MANUAL = "REJECTED", "UNKNOWN", "MANUAL"
CANCELLED, SUPERSEDED = "CANCELLED", "SUPERSEDED"

LIVE = "live"
"""What the column `live` holds of the one operation of a link that is not over and waits for no other one of it."""

WITHDRAWABLE = (BLOCKED, READY, REJECTED)
"""States of what Intacct has surely not executed: it may be cancelled."""

BATCH = 25
"""So many operations go out in one request, at most."""

SHARE = 5
"""By so much fewer go out together for each time that one of them was sent and nothing was said of it: one that makes
requests fail is alone in the end, and the others get through.
"""

LARGEST = 400_000
"""Bytes of a request, at most, unless one operation alone is larger."""

AT_ONCE = 200
"""So many operations one step looks at, where nothing is sent."""

TRIES = 5
"""So often an operation is sent that Intacct is too busy for, while it takes others."""

LOOK_UPS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=16))
"""When an unknown outcome is looked up, after it was sent; only the last one proves absence."""


def with_links(connection_id: int, *where: ColumnElement[bool]) -> Select[Operation, Link]:
    """The operations of a connection of which all this holds, each with its link."""
    return select(Operation, Link).join(Operation.link).where(Operation.connection_id == connection_id, *where)


def kind_of(operation: Operation, link: Link) -> kinds.Kind:
    """The kind, and of contacts the role, of what an operation writes."""
    return kinds.kind(link.kind, kinds.role_of(link.kind, operation.object))


def about(operation: Operation) -> AbstractContextManager[None]:
    """Have what is logged meanwhile say which operation it is about."""
    return logs.about(operation=operation.id, control_id=operation.control_id)


AGREES = "intacct_number"
"""What the agreement of a link holds once both sides were the same, also of those that were never sent."""
