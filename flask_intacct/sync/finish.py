"""The last phase of a sync: control totals of both sides, over everything that is joined."""

from __future__ import annotations

from sqlalchemy import func, select

from .. import issues
from ..choices import LINKED
from ..ledger import money
from ..models import Link, Record, Run
from ..phases import Cursor
from . import undescribed
from .slice import Slice
from .snapshot import UNREADABLE, there


def totals(kind: str, slice_: Slice, _: Cursor) -> None:
    """Write count and totals of a kind into the run's report: of all that is on both sides, as it was last read."""
    query = (
        select(
            Link.origin,
            func.count(),
            func.coalesce(func.sum(Link.cents), 0),
            func.coalesce(func.sum(Record.cents), 0),
        )
        .join(
            Record,
            (Record.connection_id == Link.connection_id)
            & (Record.object == Link.object)
            & (Record.key == Link.record_key),
        )
        .where(*there(slice_.connection.id, kind), Link.state == LINKED)
        .where(Link.status != UNREADABLE, Record.status != UNREADABLE)
        .group_by(Link.origin)
        .order_by(Link.origin)
    )
    with slice_.transaction() as session:
        found = session.execute(query).all()
        sums = {
            "count": sum(row[1] for row in found),
            "ours": str(money(sum(row[2] for row in found))),
            "theirs": str(money(sum(row[3] for row in found))),
            "origins": {row[0]: row[1] for row in found},
        }
        run = session.get_one(Run, slice_.run.id)
        run.report = {**run.report, "totals": run.report.get("totals", {}) | {kind: sums}}


def finish(slice_: Slice, _: Cursor) -> None:
    """Write into the run's report what needs a person."""
    with slice_.transaction() as session:
        row = session.get_one(Run, slice_.run.id)
        undescribed.close(slice_, session)
        open_ = issues.count(session, slice_.connection.id)
        row.report = {"totals": {}, "settled": {}, **row.report, "issues": open_}
        slice_.progress(session, done=["report"], total=1)
