"""Intacct's records that become new rows of the host: the row, our link and the applied hash in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, bulk, issues, kinds, signals, tokens
from ..choices import LINKED, ORPHANED
from ..clock import now
from ..contents import Resolve
from ..errors import Refused
from ..host import Host
from ..kinds import Kind
from ..ledger import PAID, Document, Ref, TrackingCategory, Value
from ..links import local_ref
from ..messages import Message, noun
from ..models import Link, Record
from . import link_values, records, snapshot
from .job_context import JobContext
from .record_import import host_transaction, lock


def create_local(job: JobContext, spec: Kind, record: Record, *, counts: bool = True) -> Ref:
    """Create one of Intacct's records in the host and join the two, unless it is joined by now; gives the row.

    :param counts: It is one of the records that the phase counts.
    :raises Refused: the host can't have it; the text says why. Nothing was kept.
    """
    label = f"{record.natural_id} {record.name}".strip()

    def category(kind: str, ref: Ref) -> Any:
        return _category(job.state.host.session, job, record.object)

    arrival = Arrival(record, lambda: incoming(job, spec, record), category, label)
    return create_rows(job, spec, [arrival], counts=counts)[0]


def incoming(job: JobContext, spec: Kind, record: Record) -> Value:
    """One of Intacct's records as the host gets it.

    :raises Refused: it must not sync, or can't be read.
    """
    if spec.name == kinds.TRACKING_CATEGORY:
        return TrackingCategory(ref=Ref(record.object, record.key), name=record.name)
    value: Value = records.value_of(job.state.config, record, spec.name, spec.role)
    if getattr(value, "excluded", False):
        raise Refused(Message("in.excluded"))
    return value


@dataclass(frozen=True, slots=True)
class Arrival:
    """One of Intacct's records that becomes a row.

    :param value_of: Gives what becomes the row.
    :param resolve: Gives the host's rows of what it refers to; called within the transaction.
    :param meant: Those rows, as far as they are known before.
    """

    record: Record
    value_of: Callable[[], Value | Document]
    resolve: Resolve
    label: str
    agreed: dict[str, Any] = field(default_factory=dict)
    meant: Collection[tuple[str, Ref]] = ()


def create_rows(job: JobContext, spec: Kind, arrivals: Sequence[Arrival], *, counts: bool = True) -> list[Ref]:
    """Make the host's rows, our links and the applied hashes, in one transaction: all of them or none; gives the rows.

    Where somebody joined a record meanwhile, nothing is made: it is that row.

    :param counts: They are of the records that the phase counts.
    :raises Refused: the host can't have one of them.
    """
    host, connection = job.state.host, job.connection
    local = host.place(spec.name, spec.role)
    if local is None:
        raise Refused(Message("in.no_place", noun=noun(spec.role or spec.name)))
    with host_transaction(job) as session:
        rows = _holders(session, connection.id, [one.record for one in arrivals])
        fresh = [one for one in arrivals if one.record.key not in rows]
        values = [one.value_of() for one in fresh]
        held = [host.hold(kind, refs) for kind, refs in _meant(fresh).items()] if len(fresh) > 1 else []
        found: dict[tuple[str, Ref], Any] = {}
        made_of = [(value, partial(_resolved, found, one.resolve)) for one, value in zip(fresh, values, strict=True)]
        refs = host.create(local, made_of, connection.company_id)
        rows |= {one.record.key: ref for one, ref in zip(fresh, refs, strict=True)}
        new = {ref: (one, value) for one, value, ref in zip(fresh, values, refs, strict=True)}
        made = _made(host, spec, {ref: value for ref, (_, value) in new.items()})
        link_ids = _join(job, session, spec, {ref: one for ref, (one, _) in new.items()}, made)
        names = [f"record:{one.record.id}" for one, _ in new.values()]
        job.progress(session, done=names if counts else ())
        events = signals.keep(session, connection.id, {signals.record_linked: signals.of_links(link_ids)})
        del held  # till here: the host's session forgets rows that nobody holds, and asks for them again
    signals.tell(events)
    return [rows[one.record.key] for one in arrivals]


def _meant(arrivals: Iterable[Arrival]) -> dict[str, set[Ref]]:
    """The rows that records refer to, by kind."""
    found: dict[str, set[Ref]] = {}
    for one in arrivals:
        for kind, ref in one.meant:
            found.setdefault(kind, set()).add(ref)
    return found


def _resolved(found: dict[tuple[str, Ref], Any], resolve: Resolve, kind: str, ref: Ref) -> Any:
    """A row of the host, asked for once for all that come in together."""
    if (kind, ref) not in found:
        found[kind, ref] = resolve(kind, ref)
    return found[kind, ref]


def _join(
    job: JobContext, session: Session, spec: Kind, new: Mapping[Ref, Arrival], made: Mapping[Ref, Document]
) -> list[int]:
    """Keep the links of new rows, and all that hangs on them; gives the ids of the links."""
    if not new:
        return []
    connection = job.connection
    links = [
        {
            "connection_id": connection.id,
            "kind": spec.name,
            "source": ref.source,
            "local_id": ref.id,
            "role": spec.role,
            "label": one.label[:255],
            "search": one.record.search,
            "state": LINKED,
            "object": one.record.object,
            "record_key": one.record.key,
            "exclusive": one.record.key if spec.exclusive else None,
            "origin": "intacct",
            "agreed": one.agreed,
            **(snapshot.columns(made[ref], connection.sync_from) if ref in made else {}),
        }
        for ref, one in new.items()
    ]
    bulk.insert_rows(session, Link, links)
    keys = [one.record.key for one in new.values()]
    query = select(Link.source, Link.local_id, Link.id, Link.search).where(
        Link.connection_id == connection.id,
        Link.kind == spec.name,
        Link.source.in_({ref.source for ref in new}),  # an index leads through it
        Link.local_id.in_([ref.id for ref in new]),
        Link.role == spec.role,
        Link.record_key.in_(keys),
    )
    kept = {Ref(source, local_id): (id_, search) for source, local_id, id_, search in session.execute(query)}
    ids = {ref: id_ for ref, (id_, _) in kept.items()}
    session.execute(update(Link).where(Link.id.in_(ids.values())).values(decided_at=now()))
    link_values.keep(session, connection.id, {ids[ref]: document for ref, document in made.items()})
    tokens.write(session, connection.id, spec.name, dict(kept.values()))
    records_ = [one.record for one in new.values()]
    bulk.set_rows(session, Record, [{bulk.ID: one.id, "applied_hash": one.hash} for one in records_])
    issues.close_all(session, connection.id, [f"record:{one.id}" for one in records_])
    action = f"{spec.name} brought in"
    audit.record_all(
        session, connection.id, "", ((action, one.label, {}, {"local": ref.id}) for ref, one in new.items())
    )
    return list(ids.values())


def _holders(session: Session, connection_id: int, records_: Sequence[Record]) -> dict[str, Ref]:
    """The rows that records of one object are joined to, by key: asked under the lock under which people decide."""
    lock(session, connection_id)
    query = select(Link).where(
        Link.connection_id == connection_id,
        Link.object == records_[0].object,
        Link.record_key.in_([record.key for record in records_]),
        Link.state != ORPHANED,
    )
    found: dict[str, Ref] = {}
    for link in session.scalars(query.order_by(Link.id).with_for_update()):  # MariaDB's plain reads look back
        found.setdefault(link.record_key, local_ref(link))
    return found


def _made(host: Host, spec: Kind, values: Mapping[Ref, Value | Document]) -> dict[Ref, Document]:
    """The documents that the host made, as they are now; none of what is no document.

    :raises Refused: the host's own factory made a document that is paid look owed.
    """
    documents = [ref for ref, value in values.items() if isinstance(value, Document)]
    found: dict[Ref, Document] = {}
    for ref, made in host.by_refs(spec.name, documents) if documents else ():
        if isinstance(made, Document):
            if getattr(values[ref], "status", "") == PAID != made.status:
                raise Refused(Message("in.made_otherwise", status=made.status))
            found[ref] = made
    return found


def _category(session: Session, job: JobContext, object_: str) -> Any:
    link = session.scalar(
        select(Link)
        .where(
            Link.connection_id == job.connection.id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.record_key == object_,
            Link.state == LINKED,
        )
        .order_by(Link.id)
        .limit(1)
    )
    return None if link is None else job.state.host.row(kinds.TRACKING_CATEGORY, local_ref(link))
