"""The lease of a connection: one worker at a time writes for it, and one that lost it can't write any more."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..clock import now
from ..errors import IntacctError, Refused
from ..models import Connection, Lease
from ..state import State


class LeaseLost(IntacctError):
    """Another worker has taken over; this one must stop without writing."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Proof that this worker holds the lease; `token` differs for every owner."""

    connection_id: int
    owner: str
    token: int

    def fence(self, session: Session, seconds: int) -> None:
        """Begin a writing transaction: renew the lease, and end here if it is no longer ours.

        :raises LeaseLost: another worker holds it.
        """
        renewed = session.execute(
            update(Lease)
            .where(Lease.connection_id == self.connection_id, Lease.token == self.token, Lease.owner == self.owner)
            .values(expires_at=now(seconds))
            .execution_options(synchronize_session=False)
        )
        if renewed.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide
            raise LeaseLost(f"The lease of connection {self.connection_id} was taken over.")


def take(state: State, connection_id: int) -> Hold | None:
    """Take the lease if nobody holds it; None if somebody does."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    _ensure(state, connection_id)
    with state.transaction() as session:
        taken = session.execute(
            update(Lease)
            .where(Lease.connection_id == connection_id, Lease.expires_at <= now())
            .values(token=Lease.token + 1, owner=owner, expires_at=now(state.config.lease_seconds))
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return None
        token = session.scalar(select(Lease.token).where(Lease.connection_id == connection_id))
    return Hold(connection_id, owner, token or 0)


def release(state: State, hold: Hold) -> None:
    """Give the lease back at once; nothing happens if it was taken over."""
    with state.transaction() as session:
        session.execute(
            update(Lease)
            .where(Lease.connection_id == hold.connection_id, Lease.token == hold.token, Lease.owner == hold.owner)
            .values(expires_at=now())
        )


def held(session: Session, connection_id: int) -> bool:
    """Whether a worker holds it now."""
    return (
        session.scalar(select(Lease.id).where(Lease.connection_id == connection_id, Lease.expires_at > now()))
        is not None
    )


def lock(session: Session, connection_ids: Collection[int]) -> Sequence[Connection]:
    """Connections, locked until the caller commits: the leases against workers, then the rows against people.

    Whoever changes what both work on locks in this order, and before all else.
    """
    leases = select(Lease.id).where(Lease.connection_id.in_(connection_ids)).order_by(Lease.id)
    session.execute(leases.with_for_update()).all()
    query = select(Connection).where(Connection.id.in_(connection_ids)).order_by(Connection.id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).all()


def locked(session: Session, connection_id: int) -> Connection:
    """One connection, locked as by :func:`lock`: what is checked of it still holds when it is changed.

    :raises Refused: it is gone, or its company was deleted.
    """
    found = lock(session, [connection_id])
    if not found:
        raise Refused("This connection is gone.")
    if found[0].live_company is None:
        raise Refused("This company was deleted in the application: its connection has ended.")
    return found[0]


def _ensure(state: State, connection_id: int) -> None:
    with state.transaction() as session:
        if session.scalar(select(Lease.id).where(Lease.connection_id == connection_id)) is not None:
            return
    try:
        with state.transaction() as session:
            session.add(Lease(connection_id=connection_id, expires_at=now()))
    except IntegrityError:
        return  # another worker made the row in between
