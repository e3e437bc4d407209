"""How fast the simulator is there and is read, with very many customers.

python benchmarks/simulator.py [--customers 1000000] [--json]

The server and the reader have a process each. The reader is the floor client of `benchmarks/gateway.py`: one kept
connection, pages of 2,000 rows of 12 fields by key, rows to dicts. The simulator's share is the part of the reader's
time in which it waits for a reply, and, since two processes share the machine with others, the part of the processor
time of both that the server used.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gateway import COMPANY, FIELDS, PAGE, PASSWORD, SENDER, SENDER_PASSWORD, USER, Floor, say

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
REPEAT = 7


def serve(customers: int) -> None:
    """Serve a company; each line of standard input asks for the processor time and memory so far."""
    began = time.perf_counter()
    from flask_intacct.simulator import Simulator
    from flask_intacct.simulator.books.seeder import patient_collector
    from flask_intacct.simulator.seed.property_company import property_company

    with patient_collector():
        dataset = property_company(customers=customers, vendors=1, invoices=1, bills=1)
    made = time.perf_counter()
    with Simulator(dataset, COMPANY, USER, PASSWORD, SENDER, SENDER_PASSWORD) as simulator:
        ready = time.perf_counter()
        say({"url": simulator.url, "dataset": made - began, "seeding": ready - made, "cpu": time.process_time()})
        for _ in sys.stdin:
            say({"cpu": time.process_time(), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


class Waiting(Floor):
    """The floor client, which also looks at the clock around each request."""

    waited = 0.0

    def _post(self, authentication: str, *functions: str, unique: str = "false") -> Any:
        send = self._http.send

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return send(*given, **named)
            finally:
                self.waited += time.perf_counter() - began

        self._http.send = timed  # type: ignore[method-assign]
        try:
            return super()._post(authentication, *functions, unique=unique)
        finally:
            self._http.send = send  # type: ignore[method-assign]

    def page(self, rest: str) -> float:
        """The best time of one page."""
        fields = "".join(f"<field>{name}</field>" for name in FIELDS)
        query = (
            f"<query><object>CUSTOMER</object><select>{fields}</select>{rest}"
            f"<options><showprivate>true</showprivate></options><pagesize>{PAGE}</pagesize></query>"
        )
        times = []
        for _ in range(REPEAT):
            before = self.waited
            rows = len(self._call(query).find("operation/result/data"))
            assert rows == PAGE
            times.append(self.waited - before)
        return min(times)


def measure(customers: int) -> dict[str, Any]:
    """All figures of one size."""
    command = [sys.executable, __file__, "--serve", str(customers)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    orders, answers = server.stdin, server.stdout
    assert orders
    assert answers

    def told() -> dict[str, Any]:
        orders.write("\n")
        orders.flush()
        figures: dict[str, Any] = json.loads(answers.readline())
        return figures

    start = json.loads(answers.readline())
    reader = Waiting(start["url"])
    before, began, mine = told(), time.perf_counter(), time.process_time()
    reader.waited = 0.0
    rows = sum(1 for _ in reader.read())
    seconds, own = time.perf_counter() - began, time.process_time() - mine
    after = told()
    used = after["cpu"] - before["cpu"]
    found = {
        "customers": customers,
        "rows": rows,
        "dataset_seconds": start["dataset"],
        "seeding_seconds": start["seeding"],
        "both_processor_seconds": start["cpu"],
        "peak_mb": after["peak_mb"],
        "read_seconds": seconds,
        "rows_per_second": rows / seconds,
        "share_of_wall": reader.waited / seconds,
        "share_of_processor": used / (used + own),
    }
    order = "<orderby><order><field>RECORDNO</field><ascending/></order></orderby>"
    for depth in DEPTHS:
        at = int((customers - PAGE) * depth)
        key = f"<filter><greaterthan><field>RECORDNO</field><value>{at}</value></greaterthan></filter>"
        found[f"page_ms_by_key_at_{depth:g}"] = reader.page(key + order) * 1000
        found[f"page_ms_by_offset_at_{depth:g}"] = reader.page(f"<offset>{at}</offset>{order}") * 1000
    server.communicate()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--json", action="store_true", help="one JSON object a size in place of lines")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    for size in given.customers:
        found = measure(size)
        if given.json:
            say(found)
        else:
            sys.stdout.write("".join(f"{name:>26}  {value:,.2f}\n" for name, value in found.items()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
