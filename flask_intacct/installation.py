"""Which installation this is: a database that is copied elsewhere must not send on behalf of the original."""

from __future__ import annotations

import uuid
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

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
            meta = session.scalar(select(Meta).order_by(Meta.id).limit(1))
            if meta is None:
                meta = Meta(id=1, schema_version=SCHEMA_VERSION, installation_id=str(uuid.uuid4()))
                session.add(meta)
                session.flush()
    except IntegrityError:
        return _read(state)  # another process made the row in between
    except (OperationalError, ProgrammingError) as error:
        if inspect(state.engine).has_table(Meta.__tablename__):
            raise
        raise SchemaError(
            "The tables of Flask-Intacct are missing or outdated in the database: run the application's migrations"
            " (flask db migrate, flask db upgrade) or db.create_all()."
        ) from error
    if meta.schema_version != SCHEMA_VERSION:
        raise SchemaError(
            f"The database holds schema version {meta.schema_version} of Flask-Intacct; this release needs"
            f" {SCHEMA_VERSION}. Migrate the database, then run `flask intacct upgrade`."
        )
    return meta.installation_id
