"""Ending, pausing and resuming a connection, and forgetting what a changed mind makes void."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds, notices, queueing, tokens
from ..choices import ARCHIVED, CREATE, MATCHED, OPEN_STATES, UNDECIDED
from ..decision import has_row, take_role
from ..errors import Refused
from ..messages import Message
from ..models import (
    Base,
    Connection,
    Cursor,
    Link,
    Record,
    transition,
    transition_all,
)
from ..sessions import forget
from ..state import current
from ..sync import lease
from ..sync import run as runs
from ..sync.reading import TAXES_SUBJECT, TAXES_UNREAD


def start_over(connection_id: int, who: str) -> None:
    """Throw a connection away with all its decisions; only before Confirm.

    :raises Refused: it was confirmed.
    """
    with current().transaction() as session:
        connection = onboarding(session, connection_id)
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "intacct_event":
                _forget_rows(session, table, connection_id)
        forget(session, connection)
        audit.record(session, connection_id, who, "started over", connection.company_name)
        session.delete(connection)


def _forget_rows(session: Session, table: Table, connection_id: int) -> None:
    """Delete a table's rows of a connection: its own, or those of a row of another table of ours."""
    if "connection_id" in table.c:
        session.execute(delete(table).where(table.c.connection_id == connection_id))
    for key in table.foreign_keys:
        above = key.column.table
        if "connection_id" not in table.c and "connection_id" in above.c:
            mine = select(key.column).where(above.c.connection_id == connection_id)
            session.execute(delete(table).where(key.parent.in_(mine)))


def disconnect(connection_id: int, who: str) -> None:
    """Stop syncing and forget the password; links, numbers and the sync-from date stay, for when it is reconnected."""
    _switch(connection_id, "disconnected", who)


def pause(connection_id: int, who: str) -> None:
    """Send and read nothing until resumed."""
    _switch(connection_id, "paused", who)


def resume(connection_id: int, who: str) -> None:
    """Go on after a pause."""
    _switch(connection_id, "connected", who)


def pause_side(connection_id: int, side: str, who: str) -> None:
    """Send and bring in nothing of a side until it is resumed; a sync at work begins anew without it."""
    _switch_side(connection_id, side, who, rests=True)


def resume_side(connection_id: int, side: str, who: str) -> None:
    """Go on with a side after its pause; a sync at work begins anew with it."""
    _switch_side(connection_id, side, who, rests=False)


def _switch_side(connection_id: int, side: str, who: str, *, rests: bool) -> None:
    fresh = None
    with current().transaction() as session:
        connection = lease.locked(session, connection_id)
        if connection.confirmed_at is None or connection.state not in FROM["disconnected"]:
            raise Refused(Message("connection.not_possible"))
        if (side in connection.resting) == rests:
            return
        resting = {*connection.resting, side} if rests else {*connection.resting} - {side}
        connection.paused_sides = ",".join(sorted(resting))
        action = f"{side} {'paused' if rests else 'resumed'}"
        audit.record(session, connection_id, who, action, connection.company_name)
        busy = runs.live(session, connection_id)
        if busy is not None and busy.kind in (runs.INITIAL, runs.SYNC):
            kind, goes_on = busy.kind, busy.state != runs.PAUSED
            runs.abandon(session, connection_id)
            fresh = runs.begin(session, connection_id, kind, who)[0] if goes_on else None
    if fresh is not None:
        queueing.enqueue(fresh.id)


FROM: dict[str, tuple[str, ...]] = {
    "disconnected": ("connected", "paused", "needs_reconnecting"),
    "paused": ("connected",),
    "connected": ("paused",),
}
"""From which states each state can be reached by a person's press of a button."""


def _switch(connection_id: int, to: str, who: str) -> None:
    with current().transaction() as session:
        connection = lease.locked(session, connection_id)
        if connection.state not in FROM[to]:
            raise Refused(Message("connection.not_possible"))
        if to != "connected":
            runs.abandon(session, connection_id)
        audit.record(session, connection_id, who, to, connection.company_name, before={"state": connection.state})
        transition(connection, to, f"{who or 'somebody'} asked for it")
        notices.renew(session, connection)
        if to == "disconnected":
            forget(session, connection)


def no_taxes(connection_id: int, none: bool, who: str) -> None:
    """Say that this Intacct company has no taxes, where they can't be read; or take that back.

    :raises Refused: the connection was confirmed, or taxes were read.
    """
    with current().transaction() as session:
        connection = onboarding(session, connection_id)
        if connection.facts.get("taxes"):
            raise Refused(Message("connection.has_taxes"))
        connection.facts = {**connection.facts, "no_taxes": none, "taxes_unread": not none}
        connection.plan_digest = ""
        if none:
            issues.close(session, connection_id, TAXES_SUBJECT)
        else:
            issues.open_issue(
                session, connection_id, TAXES_SUBJECT, TAXES_UNREAD, kind=kinds.TAX_TYPE, label="TAXDETAIL"
            )
        said = "said that the company has no taxes" if none else "took back that the company has no taxes"
        audit.record(session, connection_id, who, said, connection.company_name, after={"no_taxes": none})


def onboarding(session: Session, connection_id: int) -> Connection:
    """The connection, locked, as long as it may still be changed.

    :raises Refused: it was confirmed, or it is gone.
    """
    connection = lease.locked(session, connection_id)
    if connection.confirmed_at is not None:
        raise Refused(Message("connection.fixed"))
    return connection


def forget_company(session: Session, connection: Connection) -> None:
    """Another Intacct company: nothing that was read or matched holds any more."""
    runs.abandon(session, connection.id)
    objects = session.scalars(select(Record.object).where(Record.connection_id == connection.id).distinct())
    tokens.forget(session, connection.id, *objects)
    for model in (Record, Cursor):
        session.execute(delete(model).where(model.connection_id == connection.id))
    _reopen(session, connection, kinds.MATCHED)
    connection.entity = connection.entity_name = connection.level = connection.default_location = ""
    connection.live_target = None
    connection.step, connection.facts, connection.plan_digest = "credentials", {}, ""


def lost_with_entity(session: Session, connection: Connection, entity: str) -> dict[str, int]:
    """How many decisions of each kind another entity would void."""
    same = not connection.level or connection.entity == entity
    return {} if same else _decided(session, connection, _of_entity())


def lost_with_company(session: Session, connection: Connection, intacct_company: str) -> dict[str, int]:
    """How many decisions of each kind another Intacct company would void."""
    same = connection.intacct_company.strip().casefold() in ("", intacct_company.strip().casefold())
    return {} if same else _decided(session, connection, kinds.MATCHED)


def _of_entity() -> list[str]:
    """The kinds whose matches hang on the entity."""
    return [kind.name for kind in kinds.each() if kind.of_entity]


def _decided(session: Session, connection: Connection, kinds_: Sequence[str]) -> dict[str, int]:
    query = select(Link.kind, func.count()).where(
        Link.connection_id == connection.id, Link.kind.in_(kinds_), Link.state.in_((MATCHED, CREATE, ARCHIVED))
    )
    return dict(session.execute(query.group_by(Link.kind).order_by(Link.kind)).all())


def forget_entity(session: Session, connection: Connection) -> None:
    """Another entity: what was read of contacts and documents, and the matches that hang on them, no longer hold."""
    forget_documents(session, connection)
    contacts = [kinds.kind(kinds.CONTACT, role).object for role in kinds.roles(kinds.CONTACT)]
    _forget_objects(session, connection, [*contacts, "LOCATION"])
    _reopen(session, connection, _of_entity())


def forget_documents(session: Session, connection: Connection) -> None:
    """Another date or entity: the documents are read anew, and what is at work just now is too late."""
    runs.abandon(session, connection.id)
    _forget_objects(session, connection, [kinds.kind(name).object for name in kinds.documents()])
    connection.plan_digest = ""


def _forget_objects(session: Session, connection: Connection, objects: Sequence[str]) -> None:
    tokens.forget(session, connection.id, *objects)
    for model in (Record, Cursor):
        session.execute(delete(model).where(model.connection_id == connection.id, model.object.in_(objects)))


def _reopen(session: Session, connection: Connection, kinds_: Sequence[str]) -> None:
    moved = select(Link).where(Link.connection_id == connection.id, Link.kind.in_(kinds_), Link.own_role != "")
    for link in session.scalars(moved).all():
        if not has_row(session, link, link.own_role):
            take_role(session, link, link.own_role)
    session.flush()
    open_ = Link.connection_id == connection.id, Link.kind.in_(kinds_), Link.state.in_(OPEN_STATES)
    transition_all(
        session, Link, UNDECIDED, "what it was decided by is gone", *open_,
        object="", record_key="", exclusive=None, suggested_key="", sure_key="", overrides=[],
        version=Link.version + 1,
    )  # fmt: skip
