"""The lease of a connection: one worker at a time writes for it, and one that lost it can't write any more.

A worker takes it for a short while, and its :mod:`.keeper` renews it for as long as the worker shows signs of life. A
killed worker is replaced when the lease runs out, one that hangs when the time is over that it said it would need.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import turns
from ..clock import boot, now
from ..errors import IntacctError, Refused
from ..messages import Message
from ..models import Connection, Lease
from ..state import State

PATIENCE = 300.0
"""So many seconds after its last sign of life a worker is believed to be at work, unless it said otherwise: large books
take minutes to compare. RQ ends a job after ten."""


class LeaseLost(IntacctError):
    """Another worker has taken over; this one must stop without writing."""


@dataclass(slots=True, eq=False)
class Hold:
    """Proof that this worker holds the lease; `token` differs for every owner.

    :param seconds: So long the lease lives from each renewal on.
    :param engine: Has connections of its own: those of the host may all be in use.
    :param sure_until: Until then nobody else can have it, by :func:`~flask_intacct.clock.boot`.
    :param due: When the worker means to show the next sign of life, by the same clock.
    :param inherited: Who had it before did not give it back: it died, or hung.
    """

    connection_id: int
    owner: str
    token: int
    seconds: float
    engine: Engine = field(repr=False)
    sure_until: float
    due: float
    inherited: bool = False
    lost: bool = False

    def until(self, seconds: float = PATIENCE) -> None:
        """Say how long the present activity may take: no longer than that is the lease renewed for it."""
        self.due = boot() + seconds

    def check(self) -> None:
        """:raises LeaseLost: another worker is known to hold it."""
        if self.lost:
            raise LeaseLost(f"The lease of connection {self.connection_id} was taken over.")

    def assure(self) -> None:
        """Make sure that nobody else can have it just now: right before what no fence can stop.

        :raises LeaseLost: another worker holds it.
        """
        self.check()
        if boot() >= self.sure_until - self.seconds / 3:  # what is left must do for connecting
            self.renew()

    def fence(self, session: Session) -> None:
        """Begin a writing transaction: renew the lease, and end here if it is no longer ours.

        :raises LeaseLost: another worker holds it.
        """
        renewed = session.execute(self._ours().execution_options(synchronize_session=False))
        self._judge(renewed.rowcount)  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide
        self.due = max(self.due, boot() + PATIENCE)

    def renew(self) -> None:
        """Renew the lease in a transaction of its own, from whatever thread.

        :raises LeaseLost: another worker holds it.
        """
        began = boot()
        with self.engine.begin() as connection:
            renewed = connection.execute(self._ours())
        self._judge(renewed.rowcount)
        self.sure_until = began + self.seconds

    def _ours(self) -> Update:
        ours = (Lease.connection_id == self.connection_id, Lease.token == self.token, Lease.owner == self.owner)
        return update(Lease).where(*ours).values(expires_at=now(self.seconds))

    def _judge(self, rows: int) -> None:
        self.lost = self.lost or rows != 1
        self.check()


def take(state: State, connection_id: int) -> Hold | None:
    """Take the lease if nobody holds it; None if somebody does. The slots of a dead owner at the gate are free then."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    seconds = state.config.lease_seconds
    former = ensure(state, connection_id)
    began = boot()
    with state.transaction() as session:
        taken = session.execute(
            update(Lease)
            .where(Lease.connection_id == connection_id, Lease.expires_at <= now())
            .values(token=Lease.token + 1, owner=owner, expires_at=now(seconds))
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return None
        token = session.scalar(select(Lease.token).where(Lease.connection_id == connection_id))
    if former:
        with state.transaction() as session:
            turns.free(session.connection(), former)
    engine, due = _aside(state.engine), boot() + PATIENCE
    return Hold(connection_id, owner, token or 0, seconds, engine, began + seconds, due, bool(former))


def release(state: State, hold: Hold) -> None:
    """Give the lease back at once; nothing happens if it was taken over."""
    hold.engine.dispose()
    with state.transaction() as session:
        session.execute(
            update(Lease)
            .where(Lease.connection_id == hold.connection_id, Lease.token == hold.token, Lease.owner == hold.owner)
            .values(expires_at=now(), owner="")  # without an owner no renewal that comes late brings it back
        )


def _aside(engine: Engine) -> Engine:
    """An engine to the same database, made in the same way, with connections of its own."""
    return Engine(
        engine.pool.recreate(), engine.dialect, engine.url,
        hide_parameters=True, execution_options=dict(engine.get_execution_options()),
    )  # fmt: skip


def held(session: Session, connection_id: int) -> bool:
    """Whether a worker holds it now."""
    return (
        session.scalar(select(Lease.id).where(Lease.connection_id == connection_id, Lease.expires_at > now()))
        is not None
    )


class Busy(IntacctError):
    """Somebody is deciding or writing for a connection at this moment."""


def lock(session: Session, connection_ids: Collection[int], *, wait: bool = True) -> Sequence[Connection]:
    """Connections, locked until the caller commits: the leases against workers, then the rows against people.

    Whoever changes what both work on locks in this order, and before all else.

    :param wait: False for who holds other locks already, and must not wait for those who may want them.
    :raises Busy: somebody has one of them, and there is no waiting.
    """
    leases = select(Lease.id).where(Lease.connection_id.in_(connection_ids)).order_by(Lease.id)
    query = select(Connection).where(Connection.id.in_(connection_ids)).order_by(Connection.id)
    there = [] if wait else session.scalars(leases).all()
    held = session.scalars(leases.with_for_update(skip_locked=not wait)).all()
    locked = query.with_for_update(skip_locked=not wait).execution_options(populate_existing=True)
    found = session.scalars(locked).all()
    if not wait and (len(held) < len(there) or len(found) < len(set(connection_ids))):
        raise Busy("A connection is in use.")
    return found


def locked(session: Session, connection_id: int) -> Connection:
    """One connection, locked as by :func:`lock`: what is checked of it still holds when it is changed.

    :raises Refused: it is gone, or its company was deleted.
    """
    found = lock(session, [connection_id])
    if not found:
        raise Refused(Message("connection.gone"))
    if found[0].live_company is None:
        raise Refused(Message("connection.ended"))
    return found[0]


def ensure(state: State, connection_id: int) -> str:
    """Make the row of a lease if there is none yet; gives who has or had it, "" if it was given back."""
    with state.transaction() as session:
        owner = session.scalar(select(Lease.owner).where(Lease.connection_id == connection_id))
        if owner is not None:
            return owner
    try:
        with state.transaction() as session:
            session.add(Lease(connection_id=connection_id, expires_at=now()))
    except IntegrityError:
        pass  # another worker made the row in between
    return ""
