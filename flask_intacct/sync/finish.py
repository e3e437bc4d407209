"""The last phase of a sync: control totals of both sides, over everything that is joined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from .. import issues, kinds
from ..choices import LINKED
from ..ledger import ZERO, Ref, cents
from ..models import Link, Record, Run
from . import run, unreadable
from .slice import Slice


def finish(slice_: Slice) -> None:
    """Write counts and totals per kind into the run's report, and what was left because it is paid in Intacct; open the
    connection for daily use."""
    report: dict[str, Any] = {}
    host = slice_.state.host
    for kind in kinds.documents():
        if not host.has(kind):
            continue
        with slice_.state.transaction() as session:
            query = (
                select(Link.source, Link.local_id, Link.origin, Record.payload)
                .join(
                    Record,
                    (Record.connection_id == Link.connection_id)
                    & (Record.object == Link.object)
                    & (Record.key == Link.record_key),
                )
                .where(Link.connection_id == slice_.connection.id, Link.kind == kind, Link.state == LINKED)
            )
            joined = {Ref(source, id_): (origin, payload) for source, id_, origin, payload in session.execute(query)}
        ours, theirs, origins, shape = ZERO, ZERO, dict[str, int](), kinds.shape(kind)
        documents, _ = unreadable.documents(slice_, kind)
        for document in documents:
            if document.ref in joined:
                origin, payload = joined[document.ref]
                ours += document.gross
                theirs += cents(payload.get(shape.total) or Decimal(0)) * shape.sign
                origins[origin] = origins.get(origin, 0) + 1
        report[kind] = {"count": sum(origins.values()), "ours": str(ours), "theirs": str(theirs), "origins": origins}
    with slice_.transaction() as session:
        row = session.get_one(Run, slice_.run.id)
        settled = {
            phase.name: phase.place["settled"] for phase in run.phases(session, row.id) if phase.place.get("settled")
        }
        row.report = {
            **row.report,
            "totals": report,
            "issues": issues.count(session, slice_.connection.id),
            "settled": settled,
        }
        slice_.progress(session, done=1, total=1)
