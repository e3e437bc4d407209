"""Let everything fail at random for some minutes while people edit on both sides, then see whether the books agree.

    python -m benchmarks.chaos [--minutes 10] [--seed 1] [--database sqlite|postgresql] [--edits fair|all]

Prints one line of JSON; ends with 1 unless nothing is there twice, lost, unresolved or different, and at most one in a
hundred of what was posted is left to a person. benchmarks/README.md says what fails and how it ends.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from flask_intacct.models import Operation, Run
from flask_intacct.state import current

from .. import host
from ..books import Books
from ..parts import database, postgres, tell
from .oracle import Verdict, judge
from .parts import Chaos
from .people import People

SIZE = Books(contacts=40, ours=60, theirs=60)
COMPANIES = 2
WRITES = ("create", "create_invoice", "update", "update_invoice")
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop", {"when": "before"}), ("drop", {"when": "after"}),
    ("http", {"when": "before", "status": 500}), ("http", {"when": "after", "status": 502}),
    ("http", {"when": "after", "status": 524}), ("truncate", {}), ("junk", {"text": "<html>"}),
    ("rate", {"seconds": 2}), ("busy", {}), ("session", {}), ("missing", {}), ("latency", {"seconds": 3}),
)  # fmt: skip
SAME = 3
"""After so many syncs in a row that change nothing, all is quiet. Before each, look-ups are brought forward."""


class Storm:
    """Minutes in which anything may fail.

    :param random: Decides what fails and when: with the same seed the same is tried again, though never at the very
        same moments.
    """

    def __init__(self, chaos: Chaos, random: Random, people: People) -> None:
        self._chaos, self._random, self._people = chaos, random, people
        self.faults: Counter[str] = Counter()
        self.recovered: list[float] = []
        self._killed_at = 0.0
        self._seen = 0

    def rage(self, minutes: float) -> None:
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            roll = self._random.random()
            if roll < 0.45:
                self._people.edit()
            elif roll < 0.80:
                self._fault()
            elif roll < 0.86:
                self._kill()
            elif roll < 0.92:
                self._sync()
            else:
                self._chaos.mend()
            self._watch()
            time.sleep(self._random.random())

    def _fault(self) -> None:
        kind, more = self._random.choice(FAULTS)
        function = self._random.choice((*WRITES, "query", "read", ""))
        self._chaos.simulator.faults.add(kind, function=function, **more)
        self.faults[kind] += 1

    def _kill(self) -> None:
        what = self._chaos.kill(self._random)
        if what:
            self.faults[f"kill {what}"] += 1
        if "work" in what and not self._killed_at:
            self._killed_at, self._seen = time.monotonic(), len(self._chaos.simulator.requests)

    def _sync(self) -> None:
        with suppress(Exception):  # Redis may be away: the next one is asked for later
            self._chaos.app.test_cli_runner().invoke(args=["intacct", "sync"])

    def _watch(self) -> None:
        """Measure how long nothing reaches Intacct after work was killed while a run was live."""
        if self._killed_at and len(self._chaos.simulator.requests) > self._seen:
            self.recovered.append(round(time.monotonic() - self._killed_at, 1))
            self._killed_at = 0.0

    def quiet(self) -> Verdict:
        """Let nothing fail any more, bring look-ups forward, and sync until nothing is left to do."""
        self._chaos.simulator.faults.clear()
        self._chaos.reach()
        verdict, same = judge(self._chaos), 0
        while same < SAME:
            self._chaos.mend()
            with self._chaos.app.app_context():
                age(timedelta(minutes=17))
            self._sync()
            self._rest()
            before, verdict = verdict, judge(self._chaos)
            same = same + 1 if verdict == before else 0
        return verdict

    def _rest(self) -> None:
        """Wait until no run is live."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            with self._chaos.app.app_context(), current().reading() as session:
                live = session.scalar(sa.select(sa.func.count()).select_from(Run).where(Run.live.is_not(None)))
            if not live:
                return
            time.sleep(1)


def age(by: timedelta) -> None:
    """Move what was sent without an answer, its look-ups, and the runs that ended or rest back in time."""
    with current().transaction() as session:
        for row in session.scalars(sa.select(Operation).where(Operation.state.in_(("SENT", "UNKNOWN")))):
            row.sent_at = row.sent_at - by if row.sent_at else None
            row.due_at = row.due_at - by if row.due_at else None
        for run in session.scalars(sa.select(Run)):
            run.started_at = run.started_at - by if run.started_at else None
            run.finished_at = run.finished_at - by if run.finished_at else None
            run.rests_until = run.rests_until - by if run.rests_until else None
    host.db.session.remove()


def storm(kind: str, server: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """One storm on one kind of database; gives what is printed."""
    random = Random(given.seed)
    with database(kind, server, folder) as address:
        chaos = Chaos(COMPANIES, SIZE, address, folder)
        try:
            chaos.mend()
            tell(f"{kind}: connecting {COMPANIES} companies")
            chaos.connect()
            people = People(chaos, random, every=given.edits == "all")
            found = Storm(chaos, random, people)
            tell(f"{kind}: {given.minutes} minutes of it")
            found.rage(given.minutes)
            tell(f"{kind}: quiet; {dict(found.faults)}")
            verdict = found.quiet()
            if not verdict.clean:
                for state in chaos.states():
                    tell(state)
        finally:
            chaos.stop()
    lists = {"duplicates": verdict.duplicates, "losses": verdict.losses, "unresolved": verdict.unresolved,
             "differences": verdict.differences}  # fmt: skip
    for name, texts in lists.items():
        for text in texts[:20]:
            tell(f"{name}: {text}")
    return {
        "database": kind, "minutes": given.minutes, "seed": given.seed, "edits": given.edits,
        "posted": verdict.posted, "faults": dict(found.faults), "edited": dict(people.done),
        **{name: len(texts) for name, texts in lists.items()}, "manual": verdict.manual,
        "seconds_to_recover": found.recovered, "clean": verdict.clean,
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--edits", choices=("fair", "all"), default="fair",
                        help="all: people void, delete, reverse and change what is posted, too")  # fmt: skip
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))  # a socket's path must be short
    try:
        with postgres() as server:
            if given.database == "postgresql" and not server:
                sys.exit("There is no PostgreSQL: install it, or set INTACCT_TEST_POSTGRES to the address of a server.")
            result = storm(given.database, server, folder, given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
