"""``flask intacct upgrade``: brings data of schema version 1 into the form of this release.

The host's own migrations bring tables and columns (``flask db migrate``, ``flask db upgrade``); what has to be computed
is computed here. All of it may be killed at any moment and run again, nothing that was there is dropped, and what was
sent without an answer keeps its control id and its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..choices import CREATE, SUSPENDED
from ..errors import SchemaError
from ..installation import check, forget, installation_id, version
from ..messages import Message
from ..models import SCHEMA_VERSION, Connection, Link, Meta, Operation, Run, transition_all
from ..state import State
from ..sync import identity
from ..sync import run as runs
from ..sync.outbox.states import BLOCKED, CANCELLED, WITHDRAWABLE
from . import columns, steps
from .hold import Busy as Busy
from .hold import Hold, take

Say = Callable[[str], object]


def upgrade(state: State, say: Say) -> str:
    """Upgrade the data if they are of an earlier version; gives the id of the installation.

    :param say: Is told what is done.
    :raises SchemaError: the tables lack what the host's migrations bring, or are those of a newer release.
    :raises Busy: a worker is at work.
    """
    lacking = columns.lacking(state.engine)
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise SchemaError(
            f"The database lacks {', '.join(lacking[:3])}{more}. Run the application's migrations first"
            " (flask db migrate, flask db upgrade), or db.create_all() for a database without any of our tables."
        )
    with state.transaction() as session:
        found = version(session)
    if found is not None and found < SCHEMA_VERSION:
        hold = take(state)
        try:
            _upgrade(state, hold, say)
        finally:
            hold.release()
    forget(state)
    return installation_id(state)


def back(state: State, say: Say) -> None:
    """Hand the data over to the release before this one; afterwards the host's migrations may go back by a step.

    What version 2 keeps stands beside what version 1 keeps, so only the version is changed; what is suspended goes on
    as version 1 has it, until an upgrade asks about it again.

    :raises SchemaError: the data are of another version.
    :raises Busy: a worker is at work.
    """
    installation_id(state)
    hold = take(state)
    try:
        with state.transaction() as session:
            hold.renew(session)
            hold.complete(session)
            check(session)
            stopped = _end_runs(session)
            _lift(session)
            _one_verb(session)
            session.execute(update(Meta).values(schema_version=SCHEMA_VERSION - 1))
        _tell(stopped, say)
        forget(state)
    finally:
        hold.release()


def _upgrade(state: State, hold: Hold, say: Say) -> None:
    for name in columns.convert(state.engine):
        say(f"{name}: keys are compared exactly, times are kept to the microsecond, texts take every letter.")
        with state.transaction() as session:
            hold.renew(session)
    with state.transaction() as session:
        hold.renew(session)
        stopped = _end_runs(session)
    _tell(stopped, say)
    for step in steps.STEPS:
        after, number = 0, 0
        while True:
            with state.transaction() as session:
                hold.renew(session)
                ids = step.treat(state.config, session, after)
            if not ids:
                break
            after, number = ids[-1], number + len(ids)
        say(f"{number} {step.of}.")
    with state.transaction() as session:
        hold.renew(session)
        hold.complete(session)
        stopped = _end_runs(session)  # those that people asked for meanwhile
        session.execute(update(Meta).values(schema_version=SCHEMA_VERSION))
    _tell(stopped, say)
    say(f"The data are those of schema version {SCHEMA_VERSION}.")


def _end_runs(session: Session) -> list[str]:
    """End all live runs: where they are says nothing to another release. Gives the names of their companies."""
    query = select(Run, Connection.company_name).join(Connection, Connection.id == Run.connection_id)
    names = []
    for row, name in session.execute(query.where(Run.live.is_not(None)).order_by(Run.id)).all():
        runs.end(session, row, runs.CANCELLED, Message("run.upgraded"))
        audit.record(session, row.connection_id, "", "run cancelled", f"run {row.id}, for an upgrade")
        names.append(name or "(the company)")
    return names


def _lift(session: Session) -> None:
    """Let suspended links be what they were: the release before this one knows no such state."""
    for link in session.scalars(select(Link).where(Link.state == SUSPENDED).order_by(Link.id)).all():
        identity.lift(session, link, "")


def _one_verb(session: Session) -> None:
    """Let operations be as the release before this one knows them: it creates, and has one place for each verb.

    What waits for another operation, and other verbs that Intacct has surely not executed, are withdrawn.
    """
    waiting = or_(Operation.state == BLOCKED, Operation.action != CREATE)
    transition_all(session, Operation, CANCELLED, "handed back", waiting, Operation.state.in_(WITHDRAWABLE))
    live = update(Operation).where(Operation.live.is_not(None))
    session.execute(
        live.values(live=Operation.action, updated_at=Operation.updated_at).execution_options(synchronize_session=False)
    )


def _tell(stopped: Iterable[str], say: Say) -> None:
    for name in stopped:
        say(f"{name}: its run was stopped. Start it again afterwards, or wait for the next sync.")
