"""What can be chosen for a local record, what is taken, and how far a step is: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from . import accounts, kinds, logs, tokens
from .counting import counted, whole
from .failures import noted, passing, roll_back
from .ledger import Ref, folded
from .messages import NOTHING, Message, dotted, noun, quoted
from .models import Connection, Link, Record
from .plain import let_go
from .state import current

log = logs.logger(__name__)

UNDECIDED, MATCHED, CREATE, ARCHIVED, LINKED = "undecided", "matched", "create", "archived", "linked"

ORPHANED = "orphaned"
"""The state of a link whose row is not to be decided any more, or no longer there."""

SUSPENDED = "suspended"
"""The state of a link whose row seems to be another record than before: a person is asked, and until then nothing is
sent, changed or brought in through it."""

DOUBT = "doubt"
"""Where the agreement of a suspended link says what its state was, and what its row is now."""

RETIRED = "deleted:"
"""How the local id of an orphaned link begins whose row was deleted: the id itself may belong to another row now."""

OPEN_STATES = (UNDECIDED, MATCHED, CREATE, ARCHIVED)
"""States that a person may still change before Confirm."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many links of a kind are in which state; `linked` ones count as matched. One more than
    :data:`~flask_intacct.counting.LIMIT` may be any number more.
    """

    undecided: int = 0
    matched: int = 0
    create: int = 0
    archived: int = 0

    @property
    def total(self) -> int:
        return self.undecided + self.matched + self.create + self.archived

    @property
    def done(self) -> int:
        return self.total - self.undecided

    @property
    def whole(self) -> bool:
        """Whether all of them were counted."""
        return whole(max(self.undecided, self.matched, self.create, self.archived))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An Intacct record that a person may choose; `blocked` says why not, nothing if it may."""

    key: str
    natural_id: str
    name: str
    detail: Message
    blocked: Message = NOTHING


def retired(link: Link) -> bool:
    """Whether the row behind a link was deleted; one that is only orphaned may come back."""
    return link.state == ORPHANED and link.local_id.startswith(RETIRED)


def standing(link: Link) -> str:
    """The state of a link; of a suspended one that which it had."""
    return str(link.agreed[DOUBT]["state"]) if link.state == SUSPENDED else link.state


def object_of(session: Session, link: Link, role: str = "") -> str:
    """The Intacct object whose records can be chosen for a link; "" while its category is not matched.

    :param role: For a contact: that of another role than its own.
    """
    if link.kind != kinds.TRACKING_OPTION:
        return kinds.kind(link.kind, role or link.role).object
    category = session.scalar(
        select(Link).where(
            Link.connection_id == link.connection_id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.local_id == link.parent,
            Link.state.in_((MATCHED, LINKED)),
        )
    )
    return "" if category is None else category.record_key


def objection(connection: Connection, link: Link, record: Record) -> Message:
    """Why nobody may match these two; nothing if one may."""
    named = f"{record.natural_id} {record.name}"
    if not record.active:
        return Message("match.inactive", record=named)
    if record.missing_since is not None:
        return Message("match.gone", record=named)
    if link.kind == kinds.CONTACT and str(record.payload.get(current().config.exclusion_field, "")).lower() == "true":
        return Message("match.excluded", record=named)
    if link.kind == kinds.TAX_TYPE:
        if record.role and record.role != link.role:
            roles = {"role": noun(record.role), "wanted": noun(f"{link.role}s")}
            return Message("match.tax_role", record=record.natural_id, **roles)
        ours, theirs = link.facts.get("rate"), record.payload.get("VALUE")
        if ours is not None and theirs is not None and Decimal(str(ours)) != Decimal(str(theirs)):
            return Message("match.rate", record=record.natural_id, theirs=_percent(theirs), ours=_percent(ours))
    if record.object == "LOCATION" and connection.entity and record.entity != connection.entity:
        return Message("match.outside", record=named, entity=connection.entity)
    return NOTHING


def _percent(rate: object) -> str:
    return f"{Decimal(str(rate)).normalize():f} %"


def counts(session: Session, connection_id: int, *kinds_: str) -> Counts:
    """How far a step is. Several kinds are added up."""
    links = select(Link.id).where(Link.connection_id == connection_id, Link.kind.in_(kinds_))
    states = ((UNDECIDED,), (MATCHED, LINKED), (CREATE,), (ARCHIVED,))
    return Counts(*counted(session, *(links.where(Link.state.in_(names)) for names in states)))


def undecided(session: Session, connection_id: int, *kinds_: str) -> int:
    """How many links of these kinds nobody has decided, however many."""
    open_ = (Link.connection_id == connection_id, Link.kind.in_(kinds_), Link.state == UNDECIDED)
    return session.scalar(select(func.count()).select_from(Link).where(*open_)) or 0


def usage(link: Link) -> dict[str, int]:
    """Where the host uses the record, for the screen that asks before archiving."""
    counted: dict[str, int] = {}
    try:
        found = current().host.find(link.kind, Ref(link.source, link.local_id))
        if found and found[0].usage is not None:
            counted = dict(found[0].usage(found[1]))
    except Exception as error:
        if passing(error):
            raise
        # The host's own code may raise anything: the others on the page are shown.
        roll_back(current().host.session, error)
        reason = noted(log, error, "usage= for %s failed", link.source)
        counted = {f"use that can't be counted ({reason})": 1}
    used = int(link.facts.get("to_send", 0))
    return {"documents still to be sent": used, **counted} if used else counted


def keep(link: Link) -> Message:
    """The host's own reason why a record can't be archived; nothing if it can."""
    try:
        found = current().host.find(link.kind, Ref(link.source, link.local_id))
        if not found or found[0].keep is None:
            return NOTHING
        reason: object = found[0].keep(found[1])
    except Exception as error:
        if passing(error):
            raise
        # The host's own code may raise anything; what it can't judge stays.
        roll_back(current().host.session, error)
        return Message("keep.unknown", reason=noted(log, error, "keep= for %s failed", link.source))
    if isinstance(reason, str):
        return quoted(reason)
    log.error("keep= for %s gave %s; it must give a text, empty if nothing keeps it.", link.source, let_go(reason))
    return Message("keep.unsaid")


def candidates(
    session: Session, connection: Connection, link: Link, text: str, limit: int = 20, role: str = ""
) -> list[Candidate]:
    """Intacct records that have for each word of `text` one that begins with it, in their code or name, for a person to
    choose from, the suggested ones first; used ones say by whom.

    :param role: For a contact: look among the records of another role than its own.
    """
    object_ = object_of(session, link, role)
    where = tokens.having(session, Record, connection.id, object_, sought(folded(text)))
    where += [Record.object == object_, Record.missing_since.is_(None)]
    if link.kind == kinds.TAX_TYPE:
        where.append(Record.role == link.role)
    suggested = (link.suggested_key, link.runner_up_key)
    others = Record.key.not_in(suggested)
    # Each of these is short, or in the order of an index; all together would have to be sorted.
    ranks = (Record.key == suggested[0], and_(Record.key == suggested[1], Record.key != suggested[0]),
             and_(others, Record.active), and_(others, ~Record.active))  # fmt: skip
    parts = [
        select(Record.id, literal(rank).label("rank"))
        .where(*where, condition)
        .order_by(Record.name, Record.id)
        .limit(limit)
        .subquery()
        for rank, condition in enumerate(ranks)
    ]
    found = union_all(*(select(part) for part in parts)).subquery()
    query = select(Record).join(found, found.c.id == Record.id).order_by(found.c.rank, Record.name, Record.id)
    records = session.scalars(query.limit(limit)).all()
    taken = takers(session, connection.id, object_, [record.key for record in records])
    return [
        Candidate(
            key=record.key,
            natural_id=record.natural_id,
            name=record.name,
            detail=detail(connection, record),
            blocked=taken_words(taken.get(record.key), link) or objection(connection, link, record),
        )
        for record in records
    ]


def detail(connection: Connection, record: Record) -> Message:
    """What helps to tell a record from others: an e-mail, or what sort of account it is."""
    if record.object == kinds.kind(kinds.ACCOUNT).object:
        return accounts.described(accounts.type_of(record), accounts.control(connection, record))
    return quoted(record.email)


def detail_of(link: Link) -> Message:
    """What helps to tell a record of ours from others, and how many documents wait for it."""
    facts, found = link.facts, []
    if link.kind == kinds.TAX_TYPE and "rate" in facts:
        rate = str(facts["rate"])
        found.append(Message("detail.rate", rate=rate.rstrip("0").rstrip(".") if "." in rate else rate))
    if link.kind == kinds.ACCOUNT:
        found.append(accounts.described(facts.get("type", ""), facts.get("control", "")))
    found += [quoted(facts.get(name, "")) for name in ("email", "tax_number", "postcode")]
    if facts.get("to_send"):
        found.append(Message("detail.used", used=facts["to_send"]))
    return dotted(found)


def sought(text: str) -> list[str]:
    """The first words of a search: of hundreds no database makes a condition, and nobody types so many."""
    return text[:200].split()[:10]


def takers(session: Session, connection_id: int, object_: str, keys: Sequence[str]) -> dict[str, Link]:
    """Which links hold these Intacct records for themselves."""
    query = select(Link).where(
        Link.connection_id == connection_id, Link.object == object_, Link.exclusive.in_(keys or [""])
    )
    return {str(link.exclusive): link for link in session.scalars(query)}


def offered(session: Session, link: Link) -> str:
    """The key of the suggestion, as long as no other local record holds that record; "" if there is none."""
    key = link.suggested_key
    kind = kinds.kind(link.kind, link.own_role or link.role)
    if key and kind.exclusive and taken_words(takers(session, link.connection_id, kind.object, [key]).get(key), link):
        return ""
    return key


def likely(session: Session, link: Link) -> Record | None:
    """The record that :func:`offered` names."""
    key = offered(session, link)
    query = select(Record).where(
        Record.connection_id == link.connection_id,
        Record.object == kinds.kind(link.kind, link.own_role or link.role).object,
        Record.key == key,
    )
    return session.scalar(query) if key else None


def taken_words(taker: Link | None, link: Link) -> Message:
    """Who holds a record, when that is not `link` itself; nothing if it is free."""
    if taker is None or taker.id == link.id:
        return NOTHING
    if taker.decided_at is None:
        return Message("match.taken", taker=taker.label)
    if not taker.decided_by:
        return Message("match.taken_on", taker=taker.label, at=taker.decided_at)
    return Message("match.taken_by", taker=taker.label, who=taker.decided_by, at=taker.decided_at)
