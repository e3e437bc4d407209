"""The stages of contacts: read what changed, create what was decided, bring in what is new; each role by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import CREATE, MATCHED
from ..errors import Refused
from ..gateway import Reply
from ..gateway import filters as f
from ..gateway.functions import MOST_KEYS
from ..issues import Finding
from ..ledger import digest
from ..messages import Message
from ..models import Link, Operation, Record, transition_all
from ..phases import Cursor, Stage, following
from ..restored import SINCE
from ..translate import outgoing
from . import aside, deletions, eligibility, reading, record_import, records, twins, unreadable, unsent
from . import source as sources
from .job_context import JobContext
from .outbox import actions, again, intent, outcome_lookup, settle
from .outbox import claim as claims
from .outbox.intent import Intent
from .outbox.record import record
from .outbox.states import CANCELLED, READY, WITHDRAWABLE, with_links
from .outbox.wire import Task, pump
from .reference import decided


def stages() -> tuple[Stage, ...]:
    """Bring contacts into step, in both directions."""
    kind = kinds.CONTACT
    specs = [kinds.kind(kind, role) for role in kinds.roles(kind)]
    outwards = [
        *(partial(outcome_lookup.look_up, spec) for spec in specs),
        *(partial(_intend, spec) for spec in specs),
        *(partial(again.refused, spec) for spec in specs),
        *(partial(intent.withdraw, kind, spec.role) for spec in specs),
    ]
    read = (
        Stage(partial(reading.contacts, spec.role), kind, spec.role, asks=partial(reading.asks, kind, spec.role))
        for spec in specs
    )
    send = (Stage(partial(_send, spec), kind, spec.role, border=True) for spec in specs)
    brought = [partial(step, spec) for spec in specs for step in (record_import.update_changed, eligibility.bring_in)]

    def of_roles(steps: list[partial[Cursor | None]], each: int = 1) -> tuple[Stage, ...]:
        return tuple(Stage(step, kind, specs[at // each % len(specs)].role) for at, step in enumerate(steps))

    return (
        Stage(deletions.find, kind),
        Stage(settle.reap, kind),
        *read,
        *of_roles(outwards),
        Stage(_count, kind),
        *send,
        *of_roles([partial(_adopt, spec) for spec in specs]),
        *decided(kind),
        *of_roles(brought, 2),
    )


def _intend(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Write down an intent for every contact that a person decided to create."""
    with job.state.reading() as session:
        query = select(Link).where(
            Link.connection_id == job.connection.id,
            Link.kind == spec.name,
            Link.role == spec.role,
            Link.state == CREATE,
            Link.id > cursor.get("after", 0),
        )
        links = session.scalars(query.order_by(Link.id).limit(record_import.AT_ONCE)).all()
        under_way = intent.under_way(session, [link.id for link in links]) if links else ()
    if not links:
        return None
    intents: list[Intent] = []
    refused: list[tuple[Link, Finding, str]] = []
    free = [link for link in links if link.id not in under_way]  # what is known of others stands until its outcome is
    ours_of = unreadable.of_links(job, spec.name, free)
    for link in free:
        value = None
        try:
            value = ours_of(link)
            if value is None:
                raise Refused(Message("out.gone"))
            object_, fields = outgoing.contact(value, link.role)
            intents.append(Intent(link.id, "create", object_, fields))
        except Exception as error:
            seen = "" if value is None else digest(value)
            refused.append((link, aside.finding(error, f"{link.kind} {link.label}", "not acceptable"), seen))
    with job.transaction() as session:
        still = record_import.still(session, job.connection.id, links)
        intents = [one for one in intents if one.link_id in still]
        refused = [(link, finding, seen) for link, finding, seen in refused if link.id in still]
        ids = [link.id for link, _, _ in refused]
        mine = Operation.link_id.in_(ids), Operation.action == actions.CREATE, Operation.state.in_(WITHDRAWABLE)
        transition_all(session, Operation, CANCELLED, "it can't be sent as it is now", *mine)
        for link, finding, seen in refused:
            job.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", seen)
        issues.close_all(session, job.connection.id, [f"link:{one.link_id}" for one in intents])
        intent.intend(job, session, intents)
        _doubt(job, session, [one.link_id for one in intents])
        job.progress(session, failed=[f"link:{link.id}" for link, _, _ in refused])
    return following(links, record_import.AT_ONCE)


def _doubt(job: JobContext, session: Session, link_ids: Sequence[int]) -> None:
    """Have contacts looked up before they are sent that were to be created when the database was restored: it does not
    know what was sent after the backup. Documents are paired with Intacct's anyway.
    """
    since = job.connection.facts.get(SINCE)
    if since is None:
        return
    query = with_links(
        job.connection.id,
        Link.id.in_(link_ids),
        Link.decided_at < datetime.fromisoformat(since),
        Operation.state == READY,
        Operation.action == actions.CREATE,
        Operation.lookups == 0,
    )
    for operation, link in session.execute(query):
        settle.doubt(job, session, operation, link, link.decided_at or operation.created_at)


def _count(job: JobContext, _: Cursor) -> None:
    """Tell how many there will be."""
    paused = job.connection.resting
    roles = [
        role
        for role in job.state.host.roles(kinds.CONTACT)
        if (side := kinds.side(kinds.CONTACT, role)) is None or side.name not in paused
    ]
    incoming = sum(len(eligibility.coming(job, kinds.kind(kinds.CONTACT, role))) for role in roles)
    with job.state.reading() as session:
        outgoing_ = sum(intent.intended(session, job.run.id, kinds.CONTACT, role) for role in roles)
        matched = select(func.count()).where(
            Link.connection_id == job.connection.id, Link.kind == kinds.CONTACT, Link.state == MATCHED
        )
        joined = session.scalar(matched) or 0
    job.expect(outgoing_ + joined + incoming)


def _send(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Send what is ready, for as long as the slice's time is not over."""
    ready = unsent.Queue(job, spec)
    if not ready:
        return None
    client = job.writer

    def following(flying: int) -> Task | None:
        batch = ready.take(patient=not flying)
        return None if batch is None else Task(partial(claims.send, client, batch), partial(_recorded, job, batch))

    pump(job, following)
    return {"rounds": cursor.get("rounds", 0) + 1}


def _recorded(job: JobContext, batch: claims.Batch, answer: Callable[[], Reply]) -> bool:
    return bool(record(job, batch, answer))


def _unread(session: Session, connection_id: int, spec: kinds.Kind, after: int, limit: int) -> list[Link]:
    """The links of what was created and not read back yet, from one on."""
    query = (
        select(Link)
        .outerjoin(Link.record)
        .where(
            Link.connection_id == connection_id,
            Link.kind == spec.name,
            Link.object == spec.object,
            Link.record_key != "",
            Record.id.is_(None),
            Link.id > after,
        )
    )
    return list(session.scalars(query.order_by(Link.id).limit(limit)))


def _adopt(spec: kinds.Kind, job: JobContext, cursor: Cursor) -> Cursor | None:
    """Read back what was created, so that documents can refer to it by the id that Intacct gave.

    What exists twice as well: it is seen to go from Intacct only if it was there.
    """
    twice = () if cursor else twins.keys(job, spec.object)
    with job.state.reading() as session:
        links = _unread(session, job.connection.id, spec, cursor.get("after", 0), MOST_KEYS)
        cached = records.by_key(session, job.connection.id, spec.object, twice)
    keys = [*(link.record_key for link in links), *(key for key in twice if key not in cached)]
    if not keys:
        return None
    rows = sources.rows(job, sources.of(spec), f.in_("RECORDNO", keys), client=job.writer).rows
    with job.transaction() as session:
        records.land(job, session, spec, rows)
        for record in records.by_key(session, job.connection.id, spec.object, keys).values():
            record.applied_hash = record.hash  # our own write coming back is no news
    return following(links, MOST_KEYS)
