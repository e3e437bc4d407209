"""What syncs cost: a night without news, a plan, Confirm, an initial sync; by SQL statements, memory and requests.

    python -m benchmarks.sync [--quick] [--database sqlite] [--json]

benchmarks/README.md says how each figure is measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .books import Books
from .parts import Bench, Parts, bench, tell

FULL = Books(contacts=5_000, ours=10_000, theirs=10_000)
QUICK = Books(contacts=500, ours=1_000, theirs=1_000)
LATENCY, WORK = 0.15, 0.02
"""Seconds that the gateway needs for each request, and for each record that it creates."""

CHANGED = 50
AT_ONCE, KEYS, IN_FLIGHT = 25, 100, 2
"""Creates in a request, keys in a `read`, and requests that Intacct takes at once."""

ASKED = (
    "getAPISession", "readUserFormatting", "readEntityDetails", "getDimensions", "TAXDETAIL", "GLACCOUNT",
    "CHECKINGACCOUNT", "SAVINGSACCOUNT", "CLASS", "DEPARTMENT", "LOCATION", "PROJECT", "CUSTOMER", "VENDOR",
    "ARINVOICE", "APBILL",
)  # fmt: skip
"""What a sync has to ask: to sign in, how dates are written, and of each object what changed, one page each."""


def least(size: Books) -> int:
    """The fewest requests of an initial sync: one for each question, and for each kind that is created two for its
    first document, which goes alone, and for the others one to write 25 and one to read back 100, rounded up."""
    kinds = (size.ours - size.ours // 2, size.ours // 2)
    return len(ASKED) + sum(2 + -(-(count - 1) // AT_ONCE) + -(-(count - 1) // KEYS) for count in kinds)


def measure(at: Bench, kind: str, size: Books) -> dict[str, Any]:
    """All figures on one kind of database."""
    with at.parts(kind, size) as parts:
        tell(f"{kind}: connecting {size.contacts} contacts, {size.documents} documents")
        reading: list[dict[str, Any]] = []
        parts.person.work = lambda: reading.extend(parts.work())
        parts.person.connect("Match contacts")
        tell(f"{kind}: read and suggested: {cost(reading)}")
        plan: list[dict[str, Any]] = []
        parts.person.work = lambda: plan.extend(parts.work())
        parts.person.connect("The plan")
        tell(f"{kind}: planned: {cost(plan)}")
        parts.gateway.order(latency=LATENCY, work=WORK)
        _, confirm = parts.person.confirm()
        initial = parts.work()
        asked = parts.gateway.order(latency=0, work=0)
        check(parts)
        tell(f"{kind}: synced: {cost(initial)} {asked}")
        nights = {}
        some = min(CHANGED, size.theirs)
        for name, changed in (
            ("nightly", 0),
            ("nightly_50_changed", some),
            ("unscanned", 0),
            ("unscanned_50_changed", some),
        ):
            parts.scan(not name.startswith("unscanned"))
            parts.gateway.order(modify=changed)
            parts.command("sync")
            nights[name] = {"documents": size.documents} | cost(parts.work())
            nights[name]["requests"] = parts.gateway.order()["requests"]
            check(parts)
            tell(f"{kind}: {name}: {nights[name]}")
    wall = sum(job["wall_s"] for job in initial)
    return {
        "database": kind,
        "contacts": size.contacts,
        **nights,
        "reading": {"contacts": size.contacts} | cost(reading),
        "plan": {"documents": size.documents} | cost(plan),
        "confirm_ms": round(confirm * 1000, 1),
        "initial": {
            "documents": size.documents,
            "wall_over_gateway": round(wall / (asked["alone"] / IN_FLIGHT), 2),
            "requests_over_least": round(asked["requests"] / least(size), 2),
            "sql_per_document": round(sum(job["sql"] for job in initial) / size.documents, 2),
            "peak_mb": cost(initial)["peak_mb"],
            "requests": asked["requests"],
            "wall_s": round(wall, 1),
            "cpu_s": cost(initial)["cpu_s"],
            "latency_s": LATENCY,
            "work_s": WORK,
        },
    }


def cost(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the jobs of a run came to."""
    return {
        "sql": sum(job["sql"] for job in jobs),
        "cpu_s": round(sum(job["cpu_s"] for job in jobs), 2),
        "peak_mb": round(max(peak for job in jobs for peak in job["peaks_mb"]), 1),
    }


def check(parts: Parts) -> None:
    """A figure of a sync that failed would be worth nothing."""
    said = parts.command("status")
    if "last sync" not in said or " 0 open issues" not in said:
        raise RuntimeError(f"The sync did not go well: {said}")


def table(results: list[dict[str, Any]]) -> str:
    """The results for people: a line for each figure, a column for each database."""
    columns: list[dict[str, Any]] = []
    for result in results:
        flat: dict[str, Any] = {}
        for name, value in result.items():
            inner = value if isinstance(value, dict) else {"": value}
            flat.update({f"{name} {key}".strip(): figure for key, figure in inner.items()})
        columns.append(flat)
    lines = [f"{name:<34}" + "".join(f"{column[name]!s:>14}" for column in columns) for name in columns[0]]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", default=[],
                        help="only this one; may be given twice")  # fmt: skip
    parser.add_argument("--contacts", type=int, help="another size")
    parser.add_argument("--documents", type=int, help="another size; half of them are on either side")
    parser.add_argument("--json", action="store_true", help="a list in place of the table")
    given = parser.parse_args(arguments)
    size = QUICK if given.quick else FULL
    documents = given.documents or size.documents
    size = Books(given.contacts or size.contacts, documents - documents // 2, documents // 2)
    with bench(given.database) as (at, kinds):
        results = [measure(at, kind, size) for kind in kinds]
    sys.stdout.write(json.dumps(results, indent=1) + "\n" if given.json else table(results))


if __name__ == "__main__":
    main()
