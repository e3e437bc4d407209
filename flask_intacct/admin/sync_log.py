"""All records that syncs tried: what was sent, brought in, paired, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ..choices import LINKED, sought
from ..clock import now
from ..counting import counted
from ..holding import holding
from ..issues import LIVE
from ..keys import unindexed
from ..kinds import each
from ..messages import NOTHING, Message
from ..models import Issue, Link, MessageText, Operation, Record, Run
from ..sync import run as runs
from ..translation import lazy_gettext
from . import keyset
from .keyset import Order, Page

SENT, BROUGHT_IN, PAIRED, FAILED, HELD = "sent", "brought_in", "paired", "failed", "held"

OUTCOMES: dict[str, tuple[Any, str]] = {
    SENT: (lazy_gettext("Sent"), "green"),
    BROUGHT_IN: (lazy_gettext("Brought in"), "green"),
    PAIRED: (lazy_gettext("Paired"), "green"),
    FAILED: (lazy_gettext("To look at"), "red"),
    HELD: (lazy_gettext("Held"), "grey"),
}
"""What became of a record: the word for it and its colour."""

ORDER = (Order(datetime, up=False), Order(str), Order(int, up=False))
"""By time, outcome and id."""

_LINK = "link:"

LATEST = 20
"""So many runs can be chosen from."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One record: `number` is Intacct's id of it, `issue_id` is 0 unless it needs a person, `subject` names its link if
    it went out.
    """

    at: datetime
    outcome: str
    kind: str
    label: str
    message: Message
    number: str
    direction: str
    issue_id: int
    cause: str
    cure: Message
    times: int
    subject: str

    @property
    def link_id(self) -> int:
        """The link that was sent; 0 if there is none."""
        name, _, number = self.subject.partition(":")
        return int(number) if self.direction == "out" and name == "link" and number.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the page.

    :param called: For each word of the search the causes that have it.
    """

    kind: str = ""
    outcome: str = ""
    search: str = ""
    cause: str = ""
    called: Sequence[Sequence[str]] = ()
    run: Run | None = None

    @property
    def any(self) -> bool:
        return bool(self.kind or self.outcome or self.search or self.cause or self.run)


def page(
    session: Session, connection_id: int, wanted: Wanted, size: int, asked: Mapping[str, str]
) -> tuple[Sequence[Tried], Page, int]:
    """One page of them, the newest first, and how many there are, as :mod:`~flask_intacct.counting` says."""
    keys = _keys(connection_id, wanted)
    found = keyset.page(session, keys, ORDER, size, asked)
    return _rows(session, connection_id, found), found, sum(counted(session, *keys))


def _keys(connection_id: int, wanted: Wanted) -> list[Select[Any]]:
    """When each record was tried that the filters leave, what came of it and its id: a query for each of our tables."""
    found = []
    for table in _tables(connection_id, wanted.run):
        query = select(table.c.at, table.c.outcome, table.c.id)
        for name in ("kind", "outcome", "cause"):
            if getattr(wanted, name):
                query = query.where(table.c[name] == getattr(wanted, name))
        for word, causes in zip(sought(wanted.search), wanted.called or repeat(()), strict=False):
            named = [holding(table.c[name], word) for name in ("label", "number")]
            query = query.where(or_(*named, table.c.cause.in_(causes)))
        found.append(query)
    return found


def _rows(session: Session, connection_id: int, page: Page) -> Sequence[Tried]:
    """The records of a page; one that is something else meanwhile is left out."""
    parts = [
        select(table).where(table.c.id.in_(page.ids), table.c.outcome.in_({outcome for _, outcome, _ in page.keys}))
        for table in _tables(connection_id, None, by_id=True)
    ]
    found = {(row["outcome"], row["id"]): row for row in session.execute(union_all(*parts)).mappings()}
    shown = [found[key] for _, *key_ in page.keys if (key := tuple(key_)) in found]
    return [Tried(**{name: row[name] for name in Tried.__slots__}) for row in shown]


def kinds(connection_id: int) -> Select[Any]:
    """The kind of each record that was tried."""
    tables = _tables(connection_id, None)
    return select(union_all(*(select(table.c.kind) for table in tables)).subquery().c.kind)


def choosable(session: Session, connection_id: int) -> Sequence[Run]:
    """The latest syncs."""
    query = select(Run).where(Run.connection_id == connection_id, Run.kind.in_((runs.INITIAL, runs.SYNC)))
    return session.scalars(query.order_by(Run.id.desc()).limit(LATEST)).all()


def _tables(connection_id: int, run: Run | None, *, by_id: bool = False) -> list[Subquery]:
    """What was sent carries its run; the rest belongs to the run in whose time it happened.

    :param by_id: The rows are asked for by their ids.
    """

    def ours(column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = (unindexed(column) if by_id else column) == connection_id
        return found

    nothing = literal(NOTHING, MessageText())
    sent = (
        _columns(Operation.updated_at, literal(SENT), Link.kind, Link.label, nothing, "out", Link.id, Operation.id)
        .join_from(Operation, Link, Operation.link)
        .outerjoin(Link.record)
        .where(ours(Operation.connection_id), Operation.state == "DONE")
    )
    every = [kind.name for kind in each()]  # an index by kind and state finds all
    joined = (
        _columns(
            func.coalesce(Link.decided_at, Link.created_at),
            case((Link.origin == "pair", PAIRED), else_=BROUGHT_IN),
            Link.kind, Link.label, nothing, "in", Link.id, Link.id,
        )
        .outerjoin_from(Link, Record, Link.record)
        .where(ours(Link.connection_id), Link.kind.in_(every))
        .where(Link.state == LINKED, Link.origin.in_(("pair", "intacct")))
    )  # fmt: skip
    failed = select(
        Issue.last_seen.label("at"),
        case((Issue.severity == "notice", HELD), else_=FAILED).label("outcome"),
        Issue.kind,
        Issue.label,
        Issue.message,
        literal("").label("number"),
        Issue.direction,
        Issue.id.label("issue_id"),
        Issue.fingerprint.label("cause"),
        Issue.cure,
        Issue.count.label("times"),
        Issue.subject,
        Issue.id,
    ).where(ours(Issue.connection_id), Issue.live == LIVE)
    if run is not None:
        begin, end = run.started_at or run.asked_at, run.finished_at or now()
        sent = sent.where(Operation.run_id == run.id)
        joined = joined.where(Link.decided_at.between(begin, end))
        failed = failed.where(Issue.last_seen.between(begin, end))
    return [sent.subquery(), joined.subquery(), failed.subquery()]


def _columns(
    at: Any,
    outcome: ColumnElement[str],
    kind: Any,
    label: Any,
    message: ColumnElement[Message],
    way: str,
    link_id: Any,
    id_: Any,
) -> Select[Any]:
    return select(
        at.label("at"),
        outcome.label("outcome"),
        kind,
        label,
        message.label("message"),
        func.coalesce(Record.natural_id, "").label("number"),
        literal(way).label("direction"),
        literal(0).label("issue_id"),
        literal("").label("cause"),
        literal(NOTHING, MessageText()).label("cure"),
        literal(1).label("times"),
        (literal(_LINK) + cast(link_id, String)).label("subject"),
        id_,
    )
