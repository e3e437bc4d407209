"""Whatever was written in between, a read shows what a plain search through all records shows."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import small_company

EXAMPLES = int(os.environ.get("INTACCT_READING_EXAMPLES", "80"))
Row = dict[str, Any]
Test = Callable[[Row], bool]
Order = tuple[tuple[str, bool], ...]


def held(field: str, test: Callable[[Any], bool]) -> Test:
    """A test of a field, which nothing meets that is empty."""
    return lambda row: row.get(field) not in (None, "") and test(row[field])


FILTERS: dict[str, tuple[str, Test]] = {
    "all": ("", lambda row: True),
    "active": (where("equalto", "STATUS", "active"), held("STATUS", lambda value: value == "active")),
    "not active": (where("notequalto", "STATUS", "active"), held("STATUS", lambda value: value != "active")),
    "named": (where("like", "NAME", "%a_"), held("NAME", lambda value: value[-2:-1] == "a")),
    "without comment": (where("isnull", "COMMENTS"), lambda row: not row.get("COMMENTS")),
    "limit": (where("greaterthan", "CREDITLIMIT", "5"), held("CREDITLIMIT", lambda value: value > 5)),
    "some": (where("in", "CUSTOMERID", "C0001", "X1", "X2", "X3"), lambda row: row["CUSTOMERID"] in "C0001 X1 X2 X3"),
    "late": (where("greaterthanorequalto", "RECORDNO", "4"), lambda row: row["RECORDNO"] >= 4),
    "middle": (where("between", "RECORDNO", "2", "6"), lambda row: 2 <= row["RECORDNO"] <= 6),
    "either": (
        f"<or>{where('equalto', 'NAME', 'ada')}{where('isnotnull', 'COMMENTS')}</or>",
        lambda row: row.get("NAME") == "ada" or bool(row.get("COMMENTS")),
    ),
    "both": (
        f"<and>{where('equalto', 'STATUS', 'active')}{where('lessthan', 'CREDITLIMIT', '9')}</and>",
        lambda row: row.get("STATUS") == "active" and (row.get("CREDITLIMIT") or 10) < 9,
    ),
}
ORDERS: dict[str, Order] = {
    "none": (),
    "name": (("NAME", False),),
    "name down": (("NAME", True),),
    "limit, name": (("CREDITLIMIT", False), ("NAME", True)),
    "stamp": (("WHENMODIFIED", False), ("RECORDNO", False)),
    "number down": (("RECORDNO", True),),
}
NAMES, LIMITS = (
    st.sampled_from(["ada", "bob", "cara", "Zoë", "Tenant 1"]),
    st.sampled_from([None, "1.5", "5", "7", "20"]),
)
STATUS, IDS = st.sampled_from(["active", "inactive"]), st.sampled_from(["C0001", "C0002", "X1", "X2", "X3", "X4"])
WRITES = st.tuples(st.sampled_from(["save", "save", "delete", "wait"]), IDS, NAMES, LIMITS, STATUS, st.booleans())
READS = st.tuples(
    st.sampled_from(sorted(FILTERS)), st.sampled_from(sorted(ORDERS)), st.integers(1, 4), st.integers(0, 3)
)


def ordered(rows: list[Row], order: Order) -> list[Row]:
    rows = sorted(rows, key=lambda row: row["RECORDNO"])
    for field, down in reversed(order):
        rows.sort(key=lambda row, field=field: (row.get(field) is None, row.get(field) or 0), reverse=down)  # type: ignore[misc]
    return rows


def asked(sim: Simulator, caller: Caller, fields: str, condition: str, order: Order, paged: str) -> str:
    """The reply to a query of customers, as text."""
    down = {True: "<descending/>", False: "<ascending/>"}
    words = "".join(f"<order><field>{field}</field>{down[one]}</order>" for field, one in order)
    rest = f"<filter>{condition}</filter>" if condition else ""
    rest += f"<orderby>{words}</orderby>" if words else ""
    rest += "<options><showprivate>true</showprivate></options>" + paged
    return sim.gateway.handle(caller.envelope(select("CUSTOMER", fields, rest)).encode()).body.decode()


def write(sim: Simulator, step: tuple[str, str, str, str | None, str, bool]) -> None:
    what, identity, name, limit, status, commented = step
    found = sim.rows("CUSTOMER", CUSTOMERID=identity)
    if what == "wait":
        sim.advance(60)
    elif what == "delete":
        if found and identity.startswith("X"):
            sim.run(f"<delete><object>CUSTOMER</object><keys>{found[0]['RECORDNO']}</keys></delete>")
    else:
        fields = f"<NAME>{name}</NAME><CREDITLIMIT>{limit or ''}</CREDITLIMIT><STATUS>{status}</STATUS>"
        fields += "<COMMENTS>c</COMMENTS>" if commented else "<COMMENTS/>"
        verb = "update" if found else "create"
        sim.run(f"<{verb}><CUSTOMER><CUSTOMERID>{identity}</CUSTOMERID>{fields}</CUSTOMER></{verb}>")


@settings(
    max_examples=int(os.environ.get("INTACCT_READING_EXAMPLES", "80")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(WRITES, st.lists(READS, max_size=3)), min_size=1, max_size=15))
def test_reads_agree_with_a_plain_search(plan: list[tuple[Any, list[tuple[str, str, int, int]]]]) -> None:
    """The same few reads come again and again, so that lists that are kept have to keep up."""
    sim = Simulator(small_company())
    caller = Caller("http://127.0.0.1:1/")
    for step, reads in plan:
        write(sim, step)
        for name, order_name, size, offset in reads:
            condition, test = FILTERS[name]
            order = ORDERS[order_name]
            expected = ordered([row for row in sim.rows("CUSTOMER") if test(row)], order)
            paged = f"<pagesize>{size}</pagesize><offset>{offset}</offset>"
            body = asked(sim, caller, "RECORDNO", condition, order, paged)
            page = expected[offset : offset + size]
            assert f'totalcount="{len(expected)}"' in body
            told = [int(one.partition("<")[0]) for one in body.split("<RECORDNO>")[1:]]
            assert told == [row["RECORDNO"] for row in page], (name, order_name)
    assert not sim.gateway.errors


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WRITES, min_size=2, max_size=20), st.integers(0, 19))
def test_changes_since_a_moment_are_found(plan: list[Any], mark: int) -> None:
    """A reader of changes that asks from the last stamp it saw misses none."""
    sim = Simulator(small_company())
    caller = Caller("http://127.0.0.1:1/")
    since, seen = sim.company.now() - timedelta(days=90), {}
    for number, step in enumerate(plan):
        write(sim, step)
        if number % 5 == mark % 5:
            text = since.strftime("%m/%d/%Y %H:%M:%S")
            condition = where("greaterthanorequalto", "WHENMODIFIED", text)
            body = asked(sim, caller, "RECORDNO NAME", condition, ORDERS["stamp"], "<pagesize>2000</pagesize>")
            for part in body.split("<RECORDNO>")[1:]:
                key = int(part.partition("<")[0])
                seen[key] = part.partition("<NAME>")[2].partition("<")[0]
            since = max([row["WHENMODIFIED"] for row in sim.rows("CUSTOMER")])
            there = {row["RECORDNO"]: row["NAME"].replace("&", "&amp;") for row in sim.rows("CUSTOMER")}
            told = {key: name.replace("&lt;", "<").replace("&gt;", ">") for key, name in seen.items() if key in there}
            assert told == there
