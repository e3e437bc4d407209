"""Which installation this is, and of which version its tables are: a database that is copied elsewhere must not send on
behalf of the original, and no release works on the tables of another one.
"""

from __future__ import annotations

import uuid
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, case, inspect, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from .errors import SchemaError
from .models import SCHEMA_VERSION, Meta
from .state import State

_known: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()


def installation_id(state: State) -> str:
    """The id in our ``meta`` row, made on first use; also checks that the tables are those of this version.

    :raises SchemaError: the tables are missing, or of another version; the text says how to cure it.
    """
    engine = state.engine
    if engine not in _known:
        _known[engine] = _read(state)
    return _known[engine]


def _read(state: State) -> str:
    try:
        with state.transaction() as session:
            meta = row(session, str(uuid.uuid4()))
    except IntegrityError:
        return _read(state)  # another process made the row in between
    except (OperationalError, ProgrammingError) as error:
        if inspect(state.engine).has_table(Meta.__tablename__):
            raise
        raise SchemaError(
            "The tables of Flask-Intacct are missing or outdated in the database: run the application's migrations"
            " (flask db migrate, flask db upgrade) or db.create_all()."
        ) from error
    judge(meta.schema_version)
    return meta.installation_id


def row(session: Session, id_: str) -> Meta:
    """Our ``meta`` row, within the caller's transaction; one with this id where there is none, or none any more."""
    meta = session.scalar(select(Meta).order_by(Meta.id).limit(1))
    if meta is None:
        meta = Meta(id=1, schema_version=SCHEMA_VERSION, installation_id=id_)
        session.add(meta)
        session.flush()
    return meta


def forget(state: State) -> None:
    """Have this process look again, for the tables are being handed to another release."""
    _known.pop(state.engine, None)


def remember(state: State, id_: str) -> None:
    """Have this process use the id that was just read: another process may have changed it."""
    _known[state.engine] = id_


def epoch(session: Session) -> int:
    """How often the database was restored from a backup, as far as it was told: part of every control id."""
    return session.scalar(select(Meta.epoch).order_by(Meta.id).limit(1)) or 0


def renew_epoch(session: Session, past: int = 0) -> None:
    """Begin a new epoch, within the caller's transaction: the database was restored from a backup.

    What was sent after the backup was made is not known here, so that revisions may come again; their control ids must
    not. What is under way keeps its own.

    :param past: An epoch that there was already, though the database may not know it.
    """
    session.execute(update(Meta).values(epoch=case((Meta.epoch > past, Meta.epoch), else_=past) + 1))


def become_another(session: Session) -> None:
    """Take another id, within the caller's transaction: the database is a copy, and the original goes on elsewhere."""
    session.execute(update(Meta).values(installation_id=str(uuid.uuid4())))


def version(session: Session) -> int | None:
    """The schema version of the data, within the caller's transaction; None before anything was written."""
    return session.scalar(select(Meta.schema_version).order_by(Meta.id).limit(1))


def check(session: Session) -> None:
    """Make sure that the tables are still those of this release: another one may have upgraded them since this process
    began.

    :raises SchemaError: they are not; the text says how to cure it.
    """
    found = version(session)
    if found is not None:
        judge(found)


def judge(found: int) -> None:
    """Make sure that a schema version is that of this release.

    :raises SchemaError: it is not; the text says how to cure it.
    """
    if found == SCHEMA_VERSION:
        return
    cure = (
        "Stop the workers, migrate the database (flask db migrate, flask db upgrade), then run `flask intacct upgrade`."
        if found < SCHEMA_VERSION
        else "Start this process anew with the release that upgraded the database."
    )
    raise SchemaError(
        f"The database holds schema version {found} of Flask-Intacct; this release needs {SCHEMA_VERSION}. {cure}"
    )
