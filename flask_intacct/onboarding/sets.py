"""What :mod:`~flask_intacct.links` and :mod:`~flask_intacct.issues` do for one record, for many at once: in a fixed
number of statements, within one transaction of the caller.

Rows that need more than that, for they have options or something was sent of them, are left to be done singly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, load_only

from .. import audit, choices, kinds, overrides
from ..bars import Bar
from ..choices import ARCHIVED, CREATE, MATCHED, UNDECIDED
from ..decision import decided, described, said
from ..errors import IntacctError
from ..issues import HANDLED, LIVE
from ..links import used_by
from ..messages import NOTHING, Message, sentences
from ..models import Connection, Issue, Link, Operation, Record, transition_all
from ..proposals import objects_of, verdicts

_COLUMNS = (
    Link.connection_id, Link.kind, Link.source, Link.local_id, Link.role, Link.own_role, Link.label, Link.parent,
    Link.state, Link.object, Link.record_key, Link.suggested_key, Link.runner_up_key, Link.certain, Link.confidence,
    Link.sure_key, Link.facts, Link.overrides,
)  # fmt: skip
"""What a decision needs of a link."""

Why = Callable[[Link], Message]
"""Tells why a link has to be left as it is; nothing if it may be decided."""


class Changed(IntacctError):
    """A row of a set is not as it was read: the set has to be divided."""


@dataclass(slots=True)
class Told:
    """What became of a set.

    :param done: The ids of what was decided.
    :param left: Why others were left as they are, by their ids.
    :param singly: The ids of those that have to be done one by one.
    """

    done: list[int] = field(default_factory=list)
    left: dict[int, Message] = field(default_factory=dict)
    singly: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and when."""

    who: str
    at: datetime


def locked(session: Session, query: Select[Any]) -> Sequence[Link]:
    """The links of a query with what a decision needs of them, locked; their connection has to be locked before."""
    return session.scalars(query.options(load_only(*_COLUMNS)).with_for_update()).all()


def accept(session: Session, connection: Connection, links: Sequence[Link], bar: Bar, by: By) -> Told:
    """Match each of these to its suggestion, as far as that is certain."""
    found = verdicts(session, connection, links, bar)
    objects = objects_of(session, links)

    def why(link: Link) -> Message:
        verdict = found[link.id]
        if verdict.record is None:
            return Message("decide.no_record", label=link.label)
        if verdict.blocked:
            return Message("decide.blocked", label=link.label, reason=verdict.blocked)
        if verdict.questions:
            return sentences(question.message for question in verdict.questions)
        return Message("decide.tied", label=link.label) if verdict.tie else NOTHING

    take, told = _sorted(session, links, why)
    parts: dict[tuple[str, bool], list[Link]] = {}
    for link in take:
        parts.setdefault((objects[link.id], kinds.kind(link.kind, link.role).exclusive), []).append(link)
    suggested = Link.suggested_key
    groups = [
        (some, {"object": object_, "record_key": suggested, "exclusive": suggested if only else None,
                "sure_key": suggested})
        for (object_, only), some in parts.items()
    ]  # fmt: skip
    _decide(session, connection, groups, MATCHED, "suggested", by, {link.id: link.suggested_key for link in take})
    return told


def create(session: Session, connection: Connection, links: Sequence[Link], role: str, by: By) -> Told:
    """Decide that contacts are created in this role, as far as nothing speaks against it."""
    offered = _offered(session, connection, links)
    records = {
        (record.object, record.key): record
        for record in session.scalars(
            select(Record)
            .where(
                Record.connection_id == connection.id,
                Record.object.in_({kinds.kind(link.kind, _own(link)).object for link in links}),
                Record.key.in_({link.suggested_key for link in links if link.id in offered} or [""]),
            )
            .options(load_only(Record.object, Record.key, Record.natural_id, Record.name))
        )
    }

    def why(link: Link) -> Message:
        object_ = kinds.kind(link.kind, _own(link)).object
        likely = records.get((object_, link.suggested_key)) if link.id in offered else None
        return sentences(question.message for question in overrides.of_create(link, role, likely))

    take, told = _sorted(session, links, why, lambda link: link.id in offered)
    values = {"object": "", "record_key": "", "exclusive": None}
    _decide(session, connection, [(take, values)], CREATE, "hand", by, {})
    return told


def archive(
    session: Session, connection: Connection, links: Sequence[Link], kept: Mapping[int, Message], by: By
) -> Told:
    """Decide that records are archived.

    :param kept: Why the host wants some of them, by the ids of their links.
    """
    take, told = _sorted(session, links, lambda link: kept.get(link.id, NOTHING) or used_by([link]))
    offered = _offered(session, connection, [link for link in take if link.certain and not link.sure_key])
    values: dict[str, Any] = {"object": "", "record_key": "", "exclusive": None}
    groups = [
        ([link for link in take if link.id not in offered], values),
        ([link for link in take if link.id in offered], values | {"sure_key": Link.suggested_key}),
    ]
    _decide(session, connection, groups, ARCHIVED, "hand", by, {})
    return told


def reopen(session: Session, connection: Connection, links: Sequence[Link], by: By) -> Told:
    """Take decisions back that were made by mistake: that says nothing about the suggestions."""
    take, told = _sorted(session, links, lambda link: NOTHING)
    values = {"object": "", "record_key": "", "exclusive": None, "sure_key": ""}
    _decide(session, connection, [(take, values)], UNDECIDED, "", by, {})
    return told


def handle(session: Session, connection_id: int, found: Sequence[Issue], reason: str, by: By) -> None:
    """Mark open issues as handled."""
    values = {
        "live": None, "resolution": HANDLED, "reason": reason[:500], "handled_by": by.who[:120], "handled_at": by.at,
    }  # fmt: skip
    _put(session, found, Issue.live == LIVE, values)
    audit.record_all(
        session, connection_id, by.who, (("issue handled", one.label, {}, {"reason": reason}) for one in found)
    )


def take_back(session: Session, connection_id: int, found: Sequence[Issue], by: By) -> None:
    """Open issues again that were marked as handled."""
    values = {"live": LIVE, "resolution": "", "reason": "", "handled_by": "", "handled_at": None}
    before = [(one.label, {"reason": one.reason, "by": one.handled_by}) for one in found]
    _put(session, found, Issue.resolution == HANDLED, values)
    audit.record_all(session, connection_id, by.who, (("issue taken back", label, was, {}) for label, was in before))


def _put(session: Session, found: Sequence[Issue], still: Any, values: Mapping[str, Any]) -> None:
    query = update(Issue).where(Issue.id.in_([one.id for one in found]), still)
    changed = session.execute(query.values(values).execution_options(synchronize_session=False))
    if changed.rowcount != len(found):  # type: ignore[attr-defined]  # a CursorResult, which the annotations hide
        raise Changed("An issue was handled meanwhile.")


def _own(link: Link) -> str:
    return overrides.own_role(link)


def _sorted(
    session: Session, links: Sequence[Link], why: Why, more: Callable[[Link], bool] = lambda link: False
) -> tuple[list[Link], Told]:
    """The links that can be decided at once; the others are told.

    :param more: Whether one needs more than can be done at once.
    """
    waiting = select(Operation.link_id).where(
        Operation.link_id.in_([link.id for link in links]), Operation.state == "MANUAL"
    )
    sent, take, told = set(session.scalars(waiting)), [], Told()
    for link in links:
        if reason := why(link):
            told.left[link.id] = reason
        elif link.kind == kinds.TRACKING_CATEGORY or link.own_role or link.id in sent or more(link):
            told.singly.append(link.id)
        else:
            told.done.append(link.id)
            take.append(link)
    return take, told


def _offered(session: Session, connection: Connection, links: Sequence[Link]) -> set[int]:
    """The links whose suggestion no other one holds, as :func:`~flask_intacct.choices.offered` says of one."""
    wanted: dict[str, list[Link]] = {}
    found: set[int] = set()
    for link in links:
        kind = kinds.kind(link.kind, _own(link))
        if link.suggested_key and kind.exclusive:
            wanted.setdefault(kind.object, []).append(link)
        elif link.suggested_key:
            found.add(link.id)
    for object_, some in wanted.items():
        taken = choices.takers(session, connection.id, object_, [link.suggested_key for link in some])
        found |= {link.id for link in some if not choices.taken_words(taken.get(link.suggested_key), link)}
    return found


def _decide(
    session: Session,
    connection: Connection,
    groups: Sequence[tuple[Sequence[Link], Mapping[str, Any]]],
    state: str,
    origin: str,
    by: By,
    keys: Mapping[int, str],
) -> None:
    """Keep decisions, with who and when; a plan made before holds no more.

    :param groups: Links, and what their columns get.
    :param keys: The record that each link has then.
    :raises Changed: a link is not in the state any more that it was read in.
    """
    events = [
        (decided(link.kind, state), link.label, described(link), said(state, keys.get(link.id, ""), link.role))
        for links, _ in groups
        for link in links
    ]
    if not events:
        return
    connection.plan_digest = ""
    session.flush()
    own = {"origin": origin, "decided_by": by.who, "decided_at": by.at, "overrides": [], "version": Link.version + 1}
    ids = [[link.id for link in links] for links, _ in groups]
    before = sorted({link.state for links, _ in groups for link in links})
    session.expunge_all()  # else each of them would be brought up to date
    for those, (_, values) in zip(ids, groups, strict=True):
        still = (Link.id.in_(those), Link.state.in_(before))
        because = f"decided by {by.who}"
        if those and transition_all(session, Link, state, because, *still, **own, **values) != len(those):
            raise Changed("A link was decided meanwhile.")
    audit.record_all(session, connection.id, by.who, events)
