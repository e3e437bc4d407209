"""A world to test in: a host application, the simulator, and short ways to act as a person or a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from flask import Flask

from flask_intacct import choices, flags, jobs, kinds, links
from flask_intacct.flags import Flag
from flask_intacct.host import Host
from flask_intacct.models import Connection, Issue, Link, Operation, Phase, Record, Run
from flask_intacct.onboarding import connect
from flask_intacct.onboarding import plan as plans
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.state import current
from flask_intacct.sync import run as runs

from . import books, copies, host

WRITES = ("create", "create_invoice", "update", "update_invoice", "delete", "reverse_invoice")


class Numbered(Protocol):
    """A model with a column `id`: of ours, or of the host."""

    id: Any


Row = TypeVar("Row", bound=Numbered)


class World:
    """One company of the host and one of Intacct. All methods need the application context that it holds open.

    :param app: The host's application, on a database that holds what `stage` says: "" empty tables, "filled" the
        host's records, "read" and "decided" a connection as :meth:`connect` and :meth:`decide` leave it, "synced" the
        initial sync at its end.
    :param like: A world whose Intacct company this one begins with, where it was written to.
    """

    def __init__(self, app: Flask, dataset: Dataset | None = None, stage: str = "", like: World | None = None) -> None:
        self.sim = Simulator(dataset or books.intacct_company())
        if like is not None:
            copies.take_over(self.sim, like.sim)
        self.sim.start()
        self.app = app
        self._context = app.app_context()
        self._context.push()
        self._state = app.extensions["intacct"]
        self.configure(endpoint=self.sim.url)
        self.id = 0 if stage in ("", "filled") else 1

    def close(self) -> None:
        host.db.session.remove()
        host.db.engine.dispose()
        self.app.extensions["intacct"] = self._state
        self._context.pop()
        self.sim.stop()
        assert not self.sim.gateway.errors

    def configure(self, **settings: Any) -> None:
        """Change settings, to values that no configuration may have if need be."""
        state = self.app.extensions["intacct"]
        self.app.extensions["intacct"] = replace(state, config=replace(state.config, **settings))

    def describe(self, *kinds_: str) -> None:
        """Let the application describe these kinds alone, as after its next start."""
        state = self.app.extensions["intacct"]
        fewer = Host(state.host.company, {kind: state.host.locals(kind) for kind in kinds_})
        fewer.bind(host.db)
        self.app.extensions["intacct"] = replace(state, host=fewer)

    @property
    def database(self) -> str:
        """The address of the database."""
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"])

    # the wizard

    def begin(self, company: str = "1") -> int:
        """Start to connect, up to the credentials."""
        self.id = connect.start(company, "ada").id
        connect.go_on(self.id, "overview", "ada")
        connect.tick(self.id, [item.key for item in connect.PREREQUISITES], "ada")
        return self.id

    def sign_in(self, company: str = "demo", user: str = "ws_user", password: str = "secret") -> None:
        connect.credentials(self.id, company, user, password, "ada")

    def connect(self, *, entity: str = "E1", location: str = "", top: bool = False, since: date = books.SYNC_FROM,
                transactions: bool = True, company: str = "1") -> int:  # fmt: skip
        """Go through the wizard until both sides are read."""
        self.begin(company)
        self.sign_in()
        connect.entity(self.id, entity, location, top, "ada")
        self.drain(connect.date(self.id, since, transactions, "ada"))
        return self.id

    def decide(self) -> None:
        """Take every suggestion; create the other contacts, archive what is left."""
        for kind in kinds.MATCHED:
            self.accept(kind)
            open_ = [link.id for link in self.links(kind, "undecided")]
            if kind == kinds.CONTACT:
                outcome = links.create(self.id, open_, "", "ada", confirmed=True)
            else:
                outcome = links.archive(self.id, open_, "ada")
            assert not outcome.refused, outcome.refused

    def accept(self, kind: str) -> None:
        outcome = links.accept(
            self.id, [link.id for link in self.links(kind, "undecided") if link.suggested_key], "ada"
        )
        assert not outcome.refused, outcome.refused

    def plan(self) -> plans.Plan:
        """Make the plan and read it."""
        self.drain(plans.make(self.id, "ada"))
        found = plans.current_plan(self.connection)
        assert found is not None
        return found

    def confirm(self) -> Run:
        """Confirm the plan; the initial sync that this starts is still to be drained."""
        return connect.confirm(self.id, self.plan().digest, "ada")

    def start(self) -> Run:
        """Confirm; the initial sync at its end."""
        return self.drain(self.confirm())

    def onboard(self, **options: Any) -> Run:
        """The rest of the path: connected, decided, confirmed, the initial sync at its end."""
        if not self.id:
            self.connect(**options)
        self.decide()
        return self.start()

    # work

    def drain(self, run: Run, slices: int = 60) -> Run:
        """Work a run off, as workers would."""
        for _ in range(slices):
            jobs.work(run.id)
            row = self.get(Run, run.id)
            if row.live is None or row.state == runs.PAUSED:
                return row
        raise AssertionError(f"the run did not end: {[(p.name, p.state, p.place) for p in self.phases(run.id)]}")

    def sync(self) -> Run:
        return self.drain(runs.start(self.id, runs.SYNC, "ada"))

    def age(self, by: timedelta) -> None:
        """Move what was sent without an answer, its next look-up, and the runs that ended back in time."""
        with current().transaction() as session:
            for row in session.scalars(sa.select(Operation).where(Operation.state.in_(("SENT", "UNKNOWN")))):
                row.sent_at = row.sent_at - by if row.sent_at else None
                row.due_at = row.due_at - by if row.due_at else None
            for run in session.scalars(sa.select(Run).where(Run.live.is_(None))):
                run.started_at = run.started_at - by if run.started_at else None
                run.finished_at = run.finished_at - by if run.finished_at else None

    # our tables

    @property
    def connection(self) -> Connection:
        return self.get(Connection, self.id)

    def get(self, model: type[Row], id_: int) -> Row:
        with current().transaction() as session:
            return session.get_one(model, id_)

    def rows(self, model: type[Row], *where: Any) -> list[Row]:
        with current().transaction() as session:
            return list(session.scalars(sa.select(model).where(*where).order_by(model.id)))

    def links(self, kind: str, *states: str) -> list[Link]:
        found = self.rows(Link, Link.connection_id == self.id, Link.kind == kind)
        return [link for link in found if not states or link.state in states]

    def link(self, label: str, role: str = "", kind: str = "") -> Link:
        """The one link of this label."""
        where = [Link.connection_id == self.id, Link.label == label]
        where += [Link.role == role] * bool(role) + [Link.kind == kind] * bool(kind)
        (found,) = self.rows(Link, *where)
        return found

    def record(self, natural_id: str, object_: str = "") -> Record:
        where = [Record.connection_id == self.id, Record.natural_id == natural_id]
        (found,) = self.rows(Record, *where, *([Record.object == object_] if object_ else []))
        return found

    def match(self, label: str, natural_id: str, role: str = "", who: str = "ada", **options: Any) -> Link:
        """Match by hand, by our label and Intacct's id."""
        link = self.link(label, role)
        with current().transaction() as session:
            object_ = choices.object_of(session, session.get_one(Link, link.id))
        return links.match(self.id, link.id, self.record(natural_id, object_).key, who, **options)

    def flags(self, *ids: int, who: str = "ada") -> list[Flag]:
        """What the flag says of these connections, else of this one."""
        host.db.session.rollback()
        found = flags.flags(who, lambda company: True, most=100).shown
        return [flag for flag in found if flag.connection_id in (ids or (self.id,))]

    def issues(self) -> list[tuple[str, str]]:
        """(label, cause) of what is open."""
        return sorted((row.label, row.fingerprint) for row in self.rows(Issue, Issue.live.is_not(None)))

    def phases(self, run_id: int) -> list[Phase]:
        return self.rows(Phase, Phase.run_id == run_id)

    def operations(self) -> Counter[str]:
        return Counter(row.state for row in self.rows(Operation))

    # both sides

    def host(self, model: type[Row], **where: Any) -> list[Row]:
        """Rows of the host, as they are in its database."""
        host.db.session.rollback()
        return list(host.db.session.scalars(sa.select(model).filter_by(**where).order_by(model.id)))

    def one(self, model: type[Row], **where: Any) -> Row:
        (row,) = self.host(model, **where)
        return row

    def save(self, *rows: Any) -> None:
        """Keep changes made to the host's rows, as the host would."""
        host.db.session.add_all(rows)
        host.db.session.commit()

    def theirs(self, object_: str, **where: Any) -> list[dict[str, Any]]:
        """Intacct's rows."""
        return self.sim.rows(object_, **where)

    def numbers(self, object_: str) -> list[str]:
        """The numbers of Intacct's documents, sorted; one that is there twice is listed twice."""
        return sorted(row["RECORDID"] for row in self.theirs(object_))

    def writes(self) -> list[str]:
        """The writing functions that reached Intacct."""
        return [name for request in self.sim.requests for name in request.functions if name in WRITES]

    def executions(self) -> Counter[int]:
        """How often our intents were carried out in Intacct: for each number of times, how many."""
        return Counter(self.sim.executions(row.control_id) for row in self.rows(Operation))


MakeWorld = Callable[..., World]
"""Makes worlds to a test's own measure: see :meth:`world.databases.Worlds.make`."""
