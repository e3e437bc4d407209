"""What our screens cost on large books, against the same screens on small ones, in one run.

    python -m benchmarks.screens [--quick] [--database sqlite] [--json]

benchmarks/README.md says how each figure is measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from . import host
from .books import Books
from .host import Statements
from .parts import Bench, Parts, bench, tell

FULL = {"contacts": 100_000, "results": 20_000, "companies": 3_000}
QUICK = {name: size // 10 for name, size in FULL.items()}
SMALL = 100
TIMES = 9
STRIDE = 1000
"""Between the ids of a company's rows and those of the next one, in the copies."""

Address = Callable[[int, str], str]
"""Gives the address of a screen for so many records and one of them: the id of a contact, the middle of the sync."""

MATCHING: dict[str, Address] = {
    "matching: first page": lambda size, one: "",
    "matching: middle page": lambda size, one: "?after=" + quote('["V",0]'),  # where customers end and vendors begin
    "matching: last page": lambda size, one: "?before=end",
    "matching: certain ones": lambda size, one: "?sure=certain",
    "matching: vendors": lambda size, one: "?role=vendor",
    "matching: search": lambda size, one: "?search=c10042",
    "matching: search for nothing": lambda size, one: "?search=zzzz",
    "matching: typeahead": lambda size, one: f"candidates/{one}?q=c1004",
}
RESULTS: dict[str, Address] = {
    "results: by cause": lambda size, one: "",
    "results: first page": lambda size, one: "list",
    "results: middle page": lambda size, one: "list?after=" + quote(f'["{one}","failed",0]'),
    "results: last page": lambda size, one: "list?before=end",
    "results: search": lambda size, one: "list?search=OI-000042",
    "results: one kind": lambda size, one: "list?kind=bill",
}
FLAG = "flag on a page of the host"


def measure(at: Bench, kind: str, sizes: dict[str, int], small: int) -> Iterator[dict[str, Any]]:
    """All screens on one kind of database."""
    statements = Statements()
    with at.parts(kind, Books(sizes["contacts"])) as large, at.parts(kind, Books(small)) as little:
        places, ones = [], []
        for parts in (large, little):
            tell(f"{kind}: reading {parts.size.contacts} contacts")
            page = parts.person.connect("Match contacts")
            places.append(page.address)
            ones.append(next(value for form in page.forms for name, value in form.boxes if name == "rowid"))
        for name, address in MATCHING.items():
            addresses = [
                place + address(parts.size.contacts, one)
                for place, parts, one in zip(places, (large, little), ones, strict=True)
            ]
            yield {"name": name, "records": sizes["contacts"], "database": kind} | compare(
                statements, (large, little), addresses
            )
    papers = [Books(20, ours=size, foreign=True) for size in (sizes["results"], small)]
    with at.parts(kind, papers[0]) as large, at.parts(kind, papers[1]) as little:
        places, ones = [], []
        for parts in (large, little):
            tell(f"{kind}: syncing {parts.size.documents} documents that can't be sent")
            parts.person.connect("The plan")
            parts.person.confirm()
            began = datetime.now(UTC)
            parts.work()
            ones.append((began + (datetime.now(UTC) - began) / 2).isoformat())
            places.append(parts.person.open("/admin/intacct/results/").address)
        for name, address in RESULTS.items():
            addresses = [
                place + address(parts.size.ours, one)
                for place, parts, one in zip(places, (large, little), ones, strict=True)
            ]
            yield {"name": name, "records": sizes["results"], "database": kind} | compare(
                statements, (large, little), addresses
            )
        tell(f"{kind}: copying the company {sizes['companies']} times")
        for parts, count in ((large, sizes["companies"]), (little, small)):
            multiply(parts, count)
        yield {"name": FLAG, "records": sizes["companies"], "database": kind} | compare(
            statements, (large, little), ["/admin/", "/admin/"]
        )


def compare(statements: Statements, both: tuple[Parts, Parts], addresses: list[str]) -> dict[str, Any]:
    """Ask for a screen on large and on small books in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    queries = [0, 0]
    clients = [parts.app.test_client() for parts in both]
    for _ in range(TIMES + 1):
        for side in (0, 1):
            before, began = statements.count, time.perf_counter()
            answer = clients[side].get(addresses[side])
            times[side].append(time.perf_counter() - began)
            queries[side] = statements.count - before
            if answer.status_code != 200:
                raise RuntimeError(f"{addresses[side]}: {answer.status}")
    large, small = (statistics.median(found[1:]) * 1000 for found in times)  # the first one warms up
    return {
        "median_ms": round(large, 1),
        "median_ms_at_100": round(small, 1),
        "queries": queries[0],
        "queries_at_100": queries[1],
    }


def multiply(parts: Parts, count: int) -> None:
    """Copy the one company of the host, with its connection, runs and notices, until there are so many."""
    with parts.app.app_context():
        engine, metadata = host.db.engine, sa.MetaData()
        names = ("company", "intacct_connection", "intacct_run", "intacct_phase", "intacct_notice")
        metadata.reflect(engine, only=lambda name, _: name in names)
        with engine.begin() as connection:
            for name in names:
                table = metadata.tables[name]
                rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
                made = [_copy(row, number) for number in range(1, count) for row in rows]
                connection.execute(sa.insert(table), made)
        host.db.session.remove()


def _copy(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row for another company: ids and what is unique are others, the rest is the same."""
    made = dict(row)
    for name, value in row.items():
        if isinstance(value, int) and (name in ("id", "live") or name.endswith("_id")):
            made[name] = value + number * STRIDE
        elif name in ("company_id", "live_company") and value:
            made[name] = str(int(value) + number * STRIDE)
        elif name in ("name", "company_name", "live_target") and value:
            made[name] = f"{value} {number}"
    return made


def table(screens: list[dict[str, Any]]) -> str:
    """The results for people."""
    head = ("database", "records", "median_ms", "median_ms_at_100", "queries", "queries_at_100")
    lines = [f"{'name':<30}" + "".join(f"{name:>18}" for name in head)]
    lines += [f"{one['name']:<30}" + "".join(f"{one[name]!s:>18}" for name in head) for one in screens]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", default=[],
                        help="only this one; may be given twice")  # fmt: skip
    for name, size in FULL.items():
        parser.add_argument(f"--{name}", type=int, help=f"another size than {size:,}")
    parser.add_argument("--json", action="store_true", help="an object in place of the table")
    given = parser.parse_args(arguments)
    sizes = {name: getattr(given, name) or size for name, size in (QUICK if given.quick else FULL).items()}
    with bench(given.database) as (at, kinds):
        screens = [one for kind in kinds for one in measure(at, kind, sizes, SMALL)]
    sys.stdout.write(json.dumps({"screens": screens}, indent=1) + "\n" if given.json else table(screens))


if __name__ == "__main__":
    main()
