"""The leases of all connections at once: while the data are upgraded, no worker may begin."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..errors import IntacctError
from ..models import Connection, Lease
from ..state import State
from ..sync import lease

STOP = "Stop all workers and the scheduler (or wait until they are done), then run this again."


class Busy(IntacctError):
    """A worker is at work, or was meanwhile."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Proof that all leases are ours; each transaction of the upgrade begins with :meth:`renew`."""

    state: State
    owner: str
    connection_ids: Collection[int]

    def renew(self, session: Session) -> None:
        """Renew them, within the caller's transaction.

        :raises Busy: they ran out, and a worker took one.
        """
        until = now(self.state.config.lease_seconds)
        renewed = session.execute(update(Lease).where(Lease.owner == self.owner).values(expires_at=until))
        if renewed.rowcount != len(self.connection_ids):  # type: ignore[attr-defined]  # as in sync.lease
            raise Busy(f"A worker began during the upgrade. {STOP}")

    def complete(self, session: Session) -> None:
        """Make sure that no connection is left out.

        :raises Busy: a company began to connect meanwhile.
        """
        if set(session.scalars(select(Connection.id))) - set(self.connection_ids):
            raise Busy("A company began to connect during the upgrade: run this again.")

    def release(self) -> None:
        """Give them back."""
        with self.state.transaction() as session:
            session.execute(update(Lease).where(Lease.owner == self.owner).values(expires_at=now(), owner=""))


def take(state: State) -> Hold:
    """Take the leases of all connections, or none.

    :raises Busy: somebody has one; the text names the companies.
    """
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    with state.transaction() as session:
        ids = session.scalars(select(Connection.id).order_by(Connection.id)).all()
        there = set(session.scalars(select(Lease.connection_id)))
    for connection_id in ids:
        if connection_id not in there:
            lease.ensure(state, connection_id)
    with state.transaction() as session:
        session.execute(
            update(Lease)
            .where(Lease.connection_id.in_(ids), Lease.expires_at <= now())
            .values(token=Lease.token + 1, owner=owner, expires_at=now(state.config.lease_seconds))
        )
        held = (
            select(Connection.company_name)
            .join(Lease, Lease.connection_id == Connection.id)
            .where(Lease.owner != owner, Connection.id.in_(ids))
            .order_by(Connection.company_name)
        )
        names = [name or "(the company)" for name in session.scalars(held)]
        if names:
            raise Busy(f"A worker is at work for {', '.join(names)}. {STOP}")
    return Hold(state, owner, ids)
