"""Scans that read only what was written since the last one, by the stamp of the host's rows.

The newest stamp is taken from the rows, before a scan reads them, and kept once it is complete. The next one reads
what is stamped later, or up to :data:`MARGIN` earlier: a transaction may stamp a row long before it commits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..ledger import FORM, digest
from ..local import LocalDocument
from ..models import Cursor as Place
from . import unlisted
from .job_context import JobContext

MARGIN = timedelta(hours=2)
"""So much earlier than the newest one a stamp may be of a row that is new to us; an hour of it is for clocks that are
put back."""

READING = 1
"""The way in which rows are read: a release that reads them in another way raises it."""

AHEAD = timedelta(days=1)
"""A stamp that is further ahead of the clock than this is no use: what is written now would come before it."""


def newest(job: JobContext, local: Any) -> str:
    """The newest stamp that the rows of a company have; "" where they have none, or it is of no use."""
    if not isinstance(local, LocalDocument) or not local.updated:
        return ""
    connection = job.connection
    found = job.state.host.newest(local, connection.company_id, connection.sync_from)
    job.state.host.session.rollback()
    if found is None or found.replace(tzinfo=None) > datetime.now(UTC).replace(tzinfo=None) + AHEAD:
        return ""
    return found.isoformat()


def since(job: JobContext, kind: str, local: Any) -> str:
    """From which stamp on the rows have to be read; "" where all of them have to.

    They have to where the description is another one than at the last scan, and while there are words that nobody
    listed: how often each occurs is counted over all documents.
    """
    if not isinstance(local, LocalDocument) or not local.updated or unlisted.of(job.connection, kind):
        return ""
    with job.state.reading() as session:
        place = _place(session, job.connection.id, kind, local)
    if place is None or not place.watermark or place.point != _description(job, local):
        return ""
    return (datetime.fromisoformat(place.watermark) - MARGIN).isoformat()


def keep(job: JobContext, kind: str, local: Any, stamp: str) -> None:
    """Keep how far a scan that is complete has got."""
    if not isinstance(local, LocalDocument) or not local.updated:
        return
    with job.transaction() as session:
        place = _place(session, job.connection.id, kind, local)
        if place is None:
            place = Place(connection_id=job.connection.id, object=kind, stream=_stream(local))
            session.add(place)
        place.watermark, place.point = stamp, _description(job, local)


def _place(session: Session, connection_id: int, kind: str, local: LocalDocument) -> Place | None:
    mine = Place.connection_id == connection_id, Place.object == kind, Place.stream == _stream(local)
    return session.scalar(select(Place).where(*mine))


def _stream(local: LocalDocument) -> str:
    return f"host:{digest(local.source)[:12]}"


def _description(job: JobContext, local: LocalDocument) -> str:
    """Stands for all that makes another value of the same row, as far as we can see it."""
    parts = [
        {name: _named(entry) for name, entry in part.entries.items()} | {"model": part.model.__qualname__}
        for part in (local, local.lines)
    ]
    words = {str(word): meaning for word, meaning in local.statuses.items()}
    return digest([READING, FORM, parts, words, local.updated, str(job.connection.sync_from)])[:40]


def _named(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    return ".".join(str(getattr(entry, name, "")) for name in ("__module__", "__qualname__"))
