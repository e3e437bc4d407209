"""Databases that were restored from a backup, moved or copied: nothing is sent or read for them until a person said so.

Redis keeps a mark of how far was sent; one that is ahead of the database tells that this was restored. Another
``INTACCT_INSTALLATION`` than the database holds tells that it was moved, or copied. A Redis that is away, or new, tells
nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from . import installation, logs, queueing
from .errors import Refused
from .messages import NOTHING, Message
from .models import Meta
from .state import State, current

log = logs.logger(__name__)

RESTORED, MOVED = "restored", "moved"
"""Why nothing is sent or read."""

KEY = "intacct:sent:{}"
"""Where Redis keeps the mark of an installation."""

SINCE = "restored"
"""Where a connection's facts keep when a person said that the database had been restored."""

_MARK = re.compile(r"(\d{1,9}):(\d{1,18})")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """How far was sent: in which epoch, and how many requests that write in all.

    Requests are counted, for operations do not go out in the order of their ids.
    """

    epoch: int
    sends: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.sends}"


UNKNOWN = Mark(-1, -1)
"""Ahead of nothing."""


def kept(state: State) -> tuple[str, Mark]:
    """The id of the installation, and its mark in Redis; :data:`UNKNOWN` if that can't be asked.

    A Redis without a mark that can be read gets the database's.
    """
    id_ = installation.installation_id(state)
    try:
        redis = queueing.queue().connection
        found: Any = redis.get(KEY.format(id_))
        read = _MARK.fullmatch(found.decode("ascii", "replace") if isinstance(found, bytes) else found or "")
        if read:
            return id_, Mark(int(read[1]), int(read[2]))
        with state.transaction() as session:
            installation.row(session, id_)
            _, mine = mark_of(session)
        redis.set(KEY.format(id_), str(mine), nx=found is None)
        return id_, mine
    except RedisError as error:
        log.warning("Redis could not be asked how far was sent (%s).", type(error).__name__)
        return id_, UNKNOWN


def keep(installation_id: str, mark: Mark) -> None:
    """Keep the mark in Redis, after the commit of what it counts and before that is sent; nothing if it is away."""
    try:
        queueing.queue().connection.set(KEY.format(installation_id), str(mark))
    except RedisError as error:
        log.warning("Redis could not be told how far was sent (%s).", type(error).__name__)


def count(session: Session) -> tuple[str, Mark]:
    """Count a request that is to write, within the transaction that claims it; gives what to :func:`keep`."""
    session.execute(update(Meta).values(sends=Meta.sends + 1))
    return mark_of(session)


def mark_of(session: Session) -> tuple[str, Mark]:
    """The id of the installation, and its mark as the database has it."""
    id_, epoch, sends = session.execute(select(Meta.installation_id, Meta.epoch, Meta.sends)).one()
    return id_, Mark(epoch, sends)


def judge(state: State, session: Session, seen: tuple[str, Mark]) -> bool:
    """Whether all is well with the database; if not, that is written down. Within the caller's transaction.

    :param seen: What :func:`kept` gave, before the transaction.
    :raises SchemaError: the tables are those of another release.
    """
    meta = installation.row(session, seen[0])
    installation.judge(meta.schema_version)
    installation.remember(state, meta.installation_id)
    here = state.config.installation
    meta.installation = meta.installation or here
    if meta.installation != here:
        held = MOVED
    elif meta.held == RESTORED or is_ahead(seen, meta):
        held = RESTORED
    else:
        held = ""
    if held != meta.held:
        log.warning("%s", _said(held, meta.installation) or "The database is that of this installation again.")
        meta.held = held
    return not held


def is_ahead(seen: tuple[str, Mark], meta: Meta) -> bool:
    """Whether more was sent, by what :func:`kept` gave, than the database knows of."""
    id_, mark = seen
    return id_ == meta.installation_id and mark > Mark(meta.epoch, meta.sends)


def reason(session: Session) -> Message:
    """Why nothing is sent or read; nothing if all is well."""
    found = session.execute(select(Meta.held, Meta.installation).limit(1)).first()
    return _said(*found) if found is not None else NOTHING


def holds() -> ColumnElement[bool]:
    """Whether nothing is sent or read, within a statement about something else."""
    return select(Meta.id).where(Meta.held.in_((RESTORED, MOVED))).exists()


def check(session: Session) -> None:
    """:raises Refused: nothing is to be sent or read just now."""
    found = reason(session)
    if found:
        raise Refused(found)


def _said(held: str, stored: str) -> Message:
    if held == RESTORED:
        return Message("held.restored")
    if held == MOVED:
        return Message("held.moved", stored=stored, here=current().config.installation)
    return NOTHING
