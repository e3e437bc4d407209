"""How long a sync stands still after its worker was killed: from `kill -9` to the next request that reaches Intacct.

    python -m benchmarks.recovery [--times 3] [--database sqlite] [--json]

benchmarks/README.md says how it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from example_app.children import Child, stop

from .books import Books
from .parts import Bench, Parts, bench, tell

SIZE = Books(contacts=100, ours=200, theirs=200)
LATENCY = 1.0
"""Seconds for each request, so that the sync lasts long enough to be killed in."""

LONGEST = 120.0


def measure(at: Bench, kind: str, times: int) -> dict[str, Any]:
    """The seconds of each kill on one kind of database."""
    with at.parts(kind, SIZE) as parts:
        parts.person.connect("The plan")
        scheduler = parts.start("scheduler", "intacct", "scheduler")
        workers = [parts.start(f"worker-{number}", "rq", "worker", "intacct") for number in range(2)]
        found: list[float] = []
        try:
            parts.gateway.order(latency=LATENCY)
            parts.person.confirm()
            for number in range(times):
                until_asked(parts)
                killed = kill(workers)
                began = time.monotonic()
                workers.remove(killed)
                workers.append(parts.start(f"worker-{number + 2}", "rq", "worker", "intacct"))
                time.sleep(LATENCY + 1)  # what was on its way is answered, and no longer counts
                parts.gateway.order()
                until_asked(parts)
                found.append(round(time.monotonic() - began - LATENCY, 1))
                tell(f"{kind}: {found[-1]} s")
        finally:
            stop([*workers, scheduler])
    return {"database": kind, "kill_to_request_s": found}


def until_asked(parts: Parts) -> None:
    """Wait until a request was answered."""
    deadline = time.monotonic() + LONGEST
    while not parts.gateway.order()["requests"]:
        if time.monotonic() > deadline:
            raise RuntimeError("Nothing reaches Intacct any more.")
        time.sleep(0.1)


def kill(workers: list[Child]) -> Child:
    """Kill the worker that has a job, and the process of the job."""
    for worker in workers:
        children = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text().split()
        if children:
            for process in (worker.process.pid, *map(int, children)):
                os.kill(process, signal.SIGKILL)
            worker.process.wait()
            return worker
    raise RuntimeError("No worker is at work.")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="how often a worker is killed")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", default=[],
                        help="only this one; may be given twice")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="a list in place of the lines")
    given = parser.parse_args(arguments)
    with bench(given.database) as (at, kinds):
        results = [measure(at, kind, given.times) for kind in kinds]
    lines = [f"{result['database']:<12}{result['kill_to_request_s']}" for result in results]
    sys.stdout.write(json.dumps(results, indent=1) + "\n" if given.json else "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
