"""``Intacct.init_app``: settings, tables, views, jobs, commands; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask
from flask_admin.base import Admin
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, TypeDecorator, select
from sqlalchemy.orm import object_session

from . import deletions, exchanges, jobs, kinds, metrics, run_kinds, touches
from .admin import add_views
from .binding import check_database
from .choices import LINKED, standing
from .cli import make_cli
from .config import Config
from .errors import ConfigError, Refused
from .host import Host
from .local import Local, LocalDocument
from .messages import Message
from .models import Base, Connection, Link
from .plain import refuse_async
from .state import Access, State, current
from .sync import run as runs
from .vault import Vault
from .vocabulary import near

Described = Local | Sequence[Local] | None


def _closed(right: str, company_id: str) -> bool:
    """Without `access` nobody may enter."""
    return False


class Intacct:
    """Joins an application to Sage Intacct. Describes the host; holds nothing of an application.

    :param company: The model of a company and its `name` and `currency`; left out: a host with one company.
    :param described: The host's models by kind: `tax_types`, `accounts`, `tracking_categories`, `tracking_options` and
        `contacts`, each a :class:`~flask_intacct.local.Local`; `invoices` and `bills`, each a
        :class:`~flask_intacct.local.LocalDocument`. Several for a kind that lives in several tables. A kind that is not
        given has no screen and no phase.
    :param access: ``may(right, company_id) -> bool``, with right ``"see"``, ``"match"`` or ``"administer"``.
        Without it every view is closed. Only True itself opens; anything that is not True or False is logged.
    :param identity: Gives the name of the person of this request, for the audit log; the default asks Flask-Login.
    :param views: Subclasses of our matching views to take their place, by ``"tax_types"``, ``"accounts"``,
        ``"tracking"`` or ``"contacts"``.
    :raises TypeError: there is no such kind; the text names the nearest.
    """

    def __init__(
        self,
        *,
        company: Local | None = None,
        access: Access = _closed,
        identity: Callable[[], str] | None = None,
        views: Mapping[str, type[Any]] | None = None,
        **described: Described,
    ) -> None:
        known = {kind.argument: kind.name for kind in kinds.each()}
        for argument in described:
            if argument not in known:
                arguments = (*known, "company", "access", "identity", "views")
                raise TypeError(f"Intacct(...) takes no {argument}=. {near(argument, arguments)}")
        self._company = company
        self._mapped = {name: _several(described.get(argument)) for argument, name in known.items()}
        self._access = access
        self._identity = identity
        self._views = dict(views or {})

    def init_app(self, app: Flask, db: SQLAlchemy, admin: Admin | None = None, rq: RQ | None = None) -> None:
        """Install into an application. Reads the ``INTACCT_*`` settings of :class:`~flask_intacct.config.Config`.

        :param db: The host's Flask-SQLAlchemy; our tables join its metadata.
        :param admin: The host's Flask-Admin; left out: no screens.
        :param rq: The host's Flask-RQ; left out: the one on the application, else a new one.
        :raises ConfigError: a setting or a mapping is wrong; the text names it and the cure.
        :raises RuntimeError: it is already installed on this application.
        """
        if "intacct" in app.extensions:
            raise RuntimeError("Flask-Intacct is already initialised on this application.")
        self._refuse_async()
        config = Config.from_mapping(app.config)
        check_database(app, db)
        host = Host(self._company, self._mapped)
        host.bind(db)
        vault = Vault(config.secret_keys)
        _add_tables(db.metadata)
        state = State(
            config=config, host=host, vault=vault, db=db, rq=_rq(app, rq, config), access=self._access,
            runs=run_kinds.runs(), identity=self._identity,
        )  # fmt: skip
        app.extensions["intacct"] = state
        deletions.watch(db, host)
        touches.watch(db)
        jobs.schedule(state)
        make_cli(app)
        if admin is not None:
            add_views(app, admin, state, self._views)

    def _refuse_async(self) -> None:
        """:raises ConfigError: a function that we were given is a coroutine function."""
        refuse_async("Intacct(...)", {"access": self._access, "identity": self._identity})
        described = [self._company, *(local for locals_ in self._mapped.values() for local in locals_)]
        for local in [one for one in described if one is not None]:
            parts = [local, local.lines] if isinstance(local, LocalDocument) else [local]
            for part in parts:
                refuse_async(f"{type(part).__name__}({part.model.__name__})", {**vars(part), **part.entries})

    def link_for(self, row: Any, role: str = "") -> Link | None:
        """How a row of the host is joined to Intacct; None if nobody was asked about it yet.

        :param role: For a contact or tax type with two: ``customer`` or ``vendor``, ``sale`` or ``purchase``.
        :raises Refused: the row's model was not described to us.
        """
        # Read in the host's own session: a transaction of ours would wait for what the host has not committed yet.
        state = current()
        local, kind = _described(state, row)
        query = (
            select(Link)
            .join(Connection, Connection.id == Link.connection_id)
            .where(Link.kind == kind, Link.source == local.source, Link.local_id == local.local_id(row))
            .where(Connection.live_company.is_not(None))
        )
        if role:
            query = query.where(Link.role == role)
        return state.session.scalar(query.order_by((Link.state == LINKED).desc(), Link.id).limit(1))

    def can_edit(self, row: Any) -> bool:
        """Whether an edit in the host makes sense: what is joined to Intacct is managed there."""
        return not self._joined(row)

    def can_void(self, row: Any) -> bool:
        """Whether a document may be voided in the host: voiding one that is in Intacct starts there."""
        return not self._joined(row)

    def _joined(self, row: Any) -> bool:
        link = self.link_for(row)
        if link is None or standing(link) != LINKED:
            return False
        connection = current().session.get_one(Connection, link.connection_id)
        return connection.state != "disconnected"

    def touch(self, row: Any) -> None:
        """Note that a row was changed past the session (by plain SQL, say): it is read again.

        The note is written in the transaction of the row's session, or of ``db.session``, and kept with its commit.

        :raises Refused: the row's model was not described to us.
        """
        state = current()
        if not touches.known(state.host, row):
            raise Refused(Message("host.unknown", model=type(row).__name__))
        touches.touch(state, object_session(row) or state.session, row)

    def push(self, row: Any) -> bool:
        """Have a document sent at once, or the row's company synced; call it after the commit that approved it. False
        if nothing syncs it.

        Documents go by a run that sends what was touched, unless ``INTACCT_PUSH`` is off or the initial sync is not
        complete.

        :raises Refused: the row's model was not described to us.
        """
        state = current()
        local, kind = _described(state, row)
        company = state.host.company_of(local, row)
        touches.note(state, [(kind, local.source, local.local_id(row))])
        with state.reading() as session:
            query = select(Connection).where(Connection.live_company == company, Connection.state == "connected")
            connection = session.scalar(query)
            if connection is None:
                return False
            use = exchanges.use(session, state.config, connection)
        alone = state.config.push and connection.synced_at is not None and kind in kinds.documents()
        if alone and use.up:
            return False  # it goes next month, or with the next sync
        try:
            runs.start(connection.id, runs.PUSH if alone else runs.SYNC, state.who())
        except Refused:
            return False  # disconnected a moment ago, or it is being read just now: the next sync takes the row along
        return True

    def metrics(self) -> str:
        """Metrics of all companies, of the scheduler and the queue, in the text format of Prometheus, for a route of
        the host's; who may ask it, the host has to see to. Needs the extra ``[prometheus]``.

        :raises ConfigError: the extra is not installed.
        """
        return metrics.text(current())


def _described(state: State, row: Any) -> tuple[Local, str]:
    found = state.host.kind_of(row)
    if found is None:
        raise Refused(Message("host.unknown", model=type(row).__name__))
    return found[1], found[0]


def _several(given: Any) -> tuple[Local, ...]:
    return () if given is None else (given,) if isinstance(given, Local) else tuple(given)


def _add_tables(metadata: MetaData) -> None:
    """Copy our tables into the host's metadata, once, with plain column types: migrations name no type of ours."""
    if metadata.schema:
        raise ConfigError(
            f"The metadata of the database has the default schema {metadata.schema!r}; our tables would be looked for"
            " elsewhere. Give Flask-SQLAlchemy a metadata without a schema, and set the search path instead."
        )
    for table in Base.metadata.sorted_tables:
        if table.name not in metadata.tables:
            for column in table.to_metadata(metadata).columns:
                column.type = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def _rq(app: Flask, rq: RQ | None, config: Config) -> RQ:
    """The host's RQ, or a new one; it must know our queue."""
    queues = app.config.setdefault("RQ_QUEUES", ["default", config.queue])
    if config.queue not in queues:
        raise ConfigError(
            f'RQ_QUEUES does not list "{config.queue}": add it, or set INTACCT_QUEUE to a queue it lists.'
        )
    if rq is None:
        rq = app.extensions.get("rq") or RQ()
    if "rq" not in app.extensions:
        rq.init_app(app)
    elif app.extensions["rq"] is not rq:
        raise ConfigError("Another RQ is initialised on this application; give that one to init_app.")
    return rq
