"""How far the host's records of a matched kind were read: they are read whole, but only if something was touched."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from ..models import Cursor
from .job_context import JobContext

_STREAM = "ours"


def mark(session: Session, connection_ids: Collection[int], kind: str) -> None:
    """Have a kind read again; one that was never read is read anyway."""
    wanted = Cursor.connection_id.in_(connection_ids), Cursor.object == kind, Cursor.stream == _STREAM
    if connection_ids:
        session.execute(update(Cursor).where(*wanted).values(generation=Cursor.generation + 1))


def of(job: JobContext, kind: str, use: str) -> tuple[int, bool]:
    """The mark up to which a kind may be read now, and whether it was read up to it, with the same use.

    :param use: Stands for what else its links depend on.
    """
    with job.state.reading() as session:
        found = session.scalar(_of(job, kind))
    if found is None:  # from now on others can mark it, while it is read for the first time
        with job.transaction() as session:
            session.add(Cursor(connection_id=job.connection.id, object=kind, stream=_STREAM))
        return 0, False
    return found.generation, (found.point, found.watermark) == (str(found.generation), use[:40])


def keep(job: JobContext, kind: str, mark: int, use: str) -> None:
    """Note that a kind was read up to a mark."""
    with job.transaction() as session:
        found = session.scalars(_of(job, kind)).one()
        found.point, found.watermark = str(mark), use[:40]


def _of(job: JobContext, kind: str) -> Select[Cursor]:
    return select(Cursor).where(
        Cursor.connection_id == job.connection.id, Cursor.object == kind, Cursor.stream == _STREAM
    )
