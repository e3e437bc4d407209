"""The last phase of a sync: control totals of both sides, over everything that is joined."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from .. import issues, kinds
from ..choices import LINKED
from ..ledger import cents
from ..links import local_ref
from ..models import Link, Record, Run
from ..phases import Cursor
from . import undescribed, unreadable
from .slice import Slice

AT_ONCE = 500


def totals(kind: str, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Write count and totals of a kind into the run's report."""
    query = (
        select(Link, Record.payload)
        .join(
            Record,
            (Record.connection_id == Link.connection_id)
            & (Record.object == Link.object)
            & (Record.key == Link.record_key),
        )
        .where(
            Link.connection_id == slice_.connection.id,
            Link.kind == kind,
            Link.state == LINKED,
            Link.id > cursor.get("after", 0),
        )
    )
    gross = slice_.kept("gross", lambda: {item.ref: item.gross for item in unreadable.documents(slice_, kind)[0]})
    with slice_.state.transaction() as session:
        some = session.execute(query.order_by(Link.id).limit(AT_ONCE)).all()
    ours, theirs = Decimal(cursor.get("ours", "0.00")), Decimal(cursor.get("theirs", "0.00"))
    shape = kinds.shape(kind)
    origins: dict[str, int] = dict(cursor.get("origins", {}))
    for link, payload in some:
        if local_ref(link) in gross:
            try:
                total = cents(payload.get(shape.total) or Decimal(0))
            except ValueError:
                continue  # it has an issue of its own since it was read
            ours += gross[local_ref(link)]
            theirs += total * shape.sign
            origins[link.origin] = origins.get(link.origin, 0) + 1
    sums = {"ours": str(ours), "theirs": str(theirs), "origins": origins}
    if len(some) == AT_ONCE:
        return sums | {"after": some[-1][0].id}
    with slice_.transaction() as session:
        row = session.get_one(Run, slice_.run.id)
        found = row.report.get("totals", {}) | {kind: {"count": sum(origins.values()), **sums}}
        row.report = {**row.report, "totals": found}
    return None


def finish(slice_: Slice, _: Cursor) -> None:
    """Write into the run's report what needs a person."""
    with slice_.transaction() as session:
        row = session.get_one(Run, slice_.run.id)
        undescribed.close(slice_, session)
        open_ = issues.count(session, slice_.connection.id)
        row.report = {"totals": {}, "settled": {}, **row.report, "issues": open_}
        slice_.progress(session, done=["report"], total=1)
