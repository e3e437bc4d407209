"""Signals for the host. Each fires after commit, at least once, with ids; the sender is the Flask application.

An event is written down in the transaction of what it tells of, and goes once the receivers were called, right after
the commit. What a worker that died left behind, and what a receiver raised for, the tick delivers: whoever connects
receivers does so where the application is made, so that every process has them. Where a process has none for a signal,
it writes nothing down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blinker import NamedSignal, Namespace
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from . import logs
from .clock import now
from .models import Delivery
from .state import State, application, current

log = logs.logger(__name__)

_signals = Namespace()

record_linked = _signals.signal("intacct-record-linked")
"""``connection_id``, ``link_id``: a local record and an Intacct record were joined."""

document_posted = _signals.signal("intacct-document-posted")
"""``connection_id``, ``link_id``: a document of the host now exists in Intacct."""

run_finished = _signals.signal("intacct-run-finished")
"""``connection_id``, ``run_id``, ``level`` ("blue" or "red"): a sync ended."""

needs_reconnecting = _signals.signal("intacct-needs-reconnecting")
"""``connection_id``: Intacct no longer accepts the credentials."""

AT_ONCE = 20
"""So many rows one tick delivers."""

WAITS = (30.0, 120.0, 600.0, 3600.0, 86400.0)
"""Seconds until what a receiver raised for is delivered again, by how often it was tried; the last ones go on."""

STUCK = 3600.0
"""Seconds after which what is not delivered yet is told."""

FORGOTTEN = 30 * 86400.0
"""Seconds after which it is given up."""

_EACH = "each"


@dataclass(frozen=True, slots=True)
class Event:
    """What is written down of one signal: it is sent once for each of these values."""

    id: int
    signal: str
    connection_id: int
    each: Sequence[dict[str, Any]]


def keep(session: Session, connection_id: int, told: Mapping[NamedSignal, Sequence[dict[str, Any]]]) -> Sequence[Event]:
    """Write events down, within the caller's transaction; gives what to :func:`tell` once it is committed.

    :param told: By signal, what is sent each time beside ``connection_id``.
    """
    sender = application()
    heard = {signal.name: each for signal, each in told.items() if each and signal.has_receivers_for(sender)}
    if not heard:
        return []
    rows = [{"connection_id": connection_id, "signal": name, "payload": {_EACH: each}} for name, each in heard.items()]
    made = session.execute(insert(Delivery).returning(Delivery.id, Delivery.signal), rows)
    return [Event(id_, name, connection_id, heard[name]) for id_, name in made]


def of_links(link_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What is told of links."""
    return [{"link_id": link_id} for link_id in link_ids]


def tell(events: Sequence[Event]) -> None:
    """Send signals, after the commit. What fails is logged, and tried again by the tick: it changes nothing about what
    is told of.
    """
    if not events:
        return
    left = {event.id: missed for event in events if (missed := _send(event))}
    try:
        with current().transaction() as session:
            session.execute(delete(Delivery).where(Delivery.id.in_([one.id for one in events if one.id not in left])))
            for id_, missed in left.items():
                row = session.get(Delivery, id_, with_for_update=True)
                if row is not None:
                    row.payload, row.tries = {_EACH: missed}, row.tries + 1
                    row.due_at = now(WAITS[min(row.tries, len(WAITS) - 1)])
    except Exception:
        # The database may have anything; they are delivered once more then.
        logs.exception(log, "What was delivered of %s signals was not kept.", len(events))


def deliver(state: State) -> None:
    """Deliver what is due: the tick's part. What no receiver here is for is left to another process."""
    sender = application()
    mine = [name for name, signal in _signals.items() if signal.has_receivers_for(sender)]
    due = select(Delivery).where(Delivery.due_at <= now(), Delivery.signal.in_(mine))
    with state.reading() as session:
        if not mine or session.execute(due.limit(1)).first() is None:
            return
    with state.transaction() as session:
        query = due.order_by(Delivery.due_at, Delivery.id).limit(AT_ONCE).with_for_update(skip_locked=True)
        events = [_event(row) for row in session.scalars(query)]
        ids = [event.id for event in events]
        session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(due_at=now(WAITS[1])))  # mine until then
        session.execute(delete(Delivery).where(Delivery.created_at <= now(-FORGOTTEN), Delivery.id.not_in(ids)))
    tell(events)


def stuck(session: Session) -> int:
    """How many rows could not be delivered for long."""
    query = select(func.count()).select_from(Delivery).where(Delivery.created_at <= now(-STUCK))
    return session.scalar(query) or 0


def _send(event: Event) -> list[dict[str, Any]]:
    """Call the receivers; gives that for which one failed."""
    sender, missed = application(), list[dict[str, Any]]()
    for one in event.each:
        for receiver in _signals.signal(event.signal).receivers_for(sender):
            try:
                receiver(sender, connection_id=event.connection_id, **one)
            except Exception:
                # The host's own code may raise anything; the other receivers and our work go on.
                logs.exception(log, "A receiver of %s failed.", event.signal)
                missed += [one] if one not in missed else []
    return missed


def _event(row: Delivery) -> Event:
    return Event(row.id, row.signal, row.connection_id, row.payload[_EACH])
