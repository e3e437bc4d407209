"""What both sides hold, to compare how two histories ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_intacct.ledger import whole_cents
from flask_intacct.models import Issue, Link, Record

from . import World, host
from .books import SYNC_FROM

PAPERS: dict[str, tuple[Any, str]] = {"invoice": (host.Invoice, "ARINVOICE"), "bill": (host.Bill, "APBILL")}

LATE = timedelta(minutes=17)
"""After so long Intacct is no longer at work on what was sent without an answer."""


def settle(world: World) -> None:
    """Sync until what has no answer yet is looked up, and what that leaves to do is done."""
    for _ in range(3):
        world.age(LATE)
        assert world.sync().state == "done"
        if set(world.operations()) <= {"DONE"}:
            return


def held(world: World) -> dict[str, Any]:
    """Both sides, the links between them, what was sent and how often it was carried out, and what people are told."""
    found: dict[str, Any] = {"issues": world.issues(), "operations": world.operations()}
    found["executions"] = set(world.executions())
    for kind, (model, object_) in PAPERS.items():
        rows = world.theirs(object_)
        found[object_] = sorted((row["RECORDID"], str(row["TRX_TOTALENTERED"]), row["STATE"]) for row in rows)
        found[kind] = sorted((row.number, row.total, row.status) for row in world.host(model))
    for object_ in ("CUSTOMER", "VENDOR"):
        found[object_] = sorted(row["NAME"] for row in world.theirs(object_))
    found["contact"] = sorted(row.name for row in world.host(host.Contact))
    found["links"] = sorted((link.kind, link.label, link.role, link.state) for link in world.rows(Link))
    found["joined"] = [pair for pair, number in _joined(world).items() if number > 1]
    return found


def _joined(world: World) -> Counter[tuple[str, str]]:
    """How many links there are to each record of Intacct."""
    return Counter((link.object, link.record_key) for link in world.rows(Link, Link.state == "linked"))


LIVE = ("Draft", "Posted", "Paid", "Partially Paid", "Submitted")
"""States of a document of Intacct that was not taken back."""


def wrong(world: World) -> list[str]:
    """What is not conserved, once all is quiet: each document that counts is once on both sides, joined and equal, or
    people are told why not; each intent was carried out once."""
    told = {issue.subject for issue in world.rows(Issue, Issue.live.is_not(None))}
    found = [f"an intent ran {times} times" for times in world.executions() if times > 1]
    found += [f"an operation is {state}" for state in world.operations() if state in ("READY", "SENT", "UNKNOWN")]
    for object_ in ("CUSTOMER", "VENDOR"):
        found += _twice(object_, (row["NAME"] for row in world.theirs(object_)))
    for kind, (model, object_) in PAPERS.items():
        links = {link.local_id: link for link in world.rows(Link, Link.kind == kind)}
        joined = {link.record_key: link for link in links.values() if link.record_key}
        live = {str(row["RECORDNO"]): row for row in world.theirs(object_) if row["STATE"] in LIVE}
        ours = world.host(model)
        found += _twice(kind, (paper.number for paper in ours))
        found += _twice(object_, (str(row["RECORDID"]) for row in live.values()))
        for paper in ours:
            link = links.get(str(paper.id))
            if paper.status != "approved" or paper.day < SYNC_FROM or (link and f"link:{link.id}" in told):
                continue
            row = live.get(link.record_key) if link else None
            if row is None or whole_cents(paper.total) != whole_cents(row["TRX_TOTALENTERED"]):
                found.append(f"{paper.number} is not in Intacct, or is another one there: {link and link.state}")
        known = {record.key: record for record in world.rows(Record, Record.object == object_)}
        for key, row in live.items():
            record = known.get(key)
            counts = row["MEGAENTITYID"] == "E1" and row["STATE"] in LIVE[1:4] and row["WHENCREATED"] >= SYNC_FROM
            link = joined.get(key)
            if not counts or (record is not None and f"record:{record.id}" in told):
                continue
            if link is None or not (f"link:{link.id}" in told or world.host(model, id=int(link.local_id))):
                found.append(f"{row['RECORDID']} of Intacct is not here")
    return found


def _twice(what: str, names: Iterable[str]) -> list[str]:
    counted = Counter(name for name in names if name)
    return [f"{number} times {what} {name}" for name, number in counted.items() if number > 1]
