"""What it costs to accept many certain suggestions, and to take that back: presses, processor time, statements.

    python -m benchmarks.decisions [--quick] [--database sqlite] [--json]

benchmarks/README.md says how each figure is measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from .books import Books
from .host import Statements
from .parts import Bench, Parts, bench, tell
from .person import Form, Page

FULL = 80_000
QUICK = FULL // 10
LIST = "/admin/intacct/contacts/1/"
ACCEPT, UNDO = "Accept all certain", "Undo"


def measure(at: Bench, kind: str, contacts: int) -> dict[str, Any]:
    """All figures on one kind of database."""
    statements = Statements()
    with at.parts(kind, Books(contacts)) as parts:
        tell(f"{kind}: reading {contacts} contacts")
        parts.person.connect("Match contacts")
        accepted = press(parts, statements, ACCEPT, lambda page: page.form(ACCEPT))
        tell(f"{kind}: accepted: {accepted}")
        undone = press(parts, statements, UNDO, undo)
    return {"database": kind, "contacts": contacts, "accept": accepted, "undo": undone}


def undo(page: Page) -> Form | None:
    """The form that takes a run back."""
    return next((form for form in page.forms if form.action.endswith("/undo")), None)


def press(parts: Parts, statements: Statements, words: str, offered: Callable[[Page], Form | None]) -> dict[str, Any]:
    """Press a button until it is not offered any more; what is asked of a worker is done after each press."""
    found = {"presses": 0, "press_cpu_s": 0.0, "press_sql": 0, "run_cpu_s": 0.0, "run_sql": 0, "jobs": 0}
    page = parts.person.open(LIST)
    while form := offered(page):
        sql, cpu = statements.count, time.process_time()
        page = parts.person.press(form, words)
        found["press_cpu_s"] += time.process_time() - cpu
        found["press_sql"] += statements.count - sql
        found["presses"] += 1
        if "data-poll=" in page.text:
            jobs = parts.work()
            found["run_cpu_s"] += sum(job["cpu_s"] for job in jobs)
            found["run_sql"] += sum(job["sql"] for job in jobs)
            found["jobs"] += len(jobs)
        page = parts.person.open(LIST)
    found["cpu_s"] = round(found["press_cpu_s"] + found["run_cpu_s"], 2)
    return found | {name: round(found[name], 2) for name in ("press_cpu_s", "run_cpu_s")}


def table(results: list[dict[str, Any]]) -> str:
    """The results for people."""
    head = ("presses", "press_cpu_s", "press_sql", "run_cpu_s", "run_sql", "jobs", "cpu_s")
    lines = [f"{'':<34}" + "".join(f"{name:>13}" for name in head)]
    for one in results:
        for name in ("accept", "undo"):
            title = f"{one['database']}, {one['contacts']}: {name}"
            lines.append(f"{title:<34}" + "".join(f"{one[name][figure]!s:>13}" for figure in head))
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", default=[],
                        help="only this one; may be given twice")  # fmt: skip
    parser.add_argument("--contacts", type=int, help=f"another size than {FULL:,}")
    parser.add_argument("--json", action="store_true", help="a list in place of the table")
    given = parser.parse_args(arguments)
    contacts = given.contacts or (QUICK if given.quick else FULL)
    with bench(given.database) as (at, kinds):
        results = [measure(at, kind, contacts) for kind in kinds]
    sys.stdout.write(json.dumps(results, indent=1) + "\n" if given.json else table(results))


if __name__ == "__main__":
    main()
