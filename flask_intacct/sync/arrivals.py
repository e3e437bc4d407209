"""Intacct's records that become new rows of the host: the row, our link and the applied hash in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds, signals, tokens
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
from . import records, snapshot
from .inbound import host_transaction, lock
from .slice import Slice, application


def create_local(slice_: Slice, spec: Kind, record: Record, *, counts: bool = True) -> Ref:
    """Create one of Intacct's records in the host and join the two, unless it is joined by now; gives the row.

    :param counts: It is one of the records that the phase counts.
    :raises Refused: the host can't have it; the text says why. Nothing was kept.
    """
    label = f"{record.natural_id} {record.name}".strip()

    def category(kind: str, ref: Ref) -> Any:
        return _category(slice_.state.host.session, slice_, record.object)

    return create_row(slice_, spec, record, lambda: incoming(slice_, spec, record), category, label, counts=counts)


def incoming(slice_: Slice, spec: Kind, record: Record) -> Value:
    """One of Intacct's records as the host gets it.

    :raises Refused: it must not sync, or can't be read.
    """
    if spec.name == kinds.TRACKING_CATEGORY:
        return TrackingCategory(ref=Ref(record.object, record.key), name=record.name)
    value: Value = records.value_of(slice_.state.config, record, spec.name, spec.role)
    if getattr(value, "excluded", False):
        raise Refused(Message("in.excluded"))
    return value


def create_row(
    slice_: Slice,
    spec: Kind,
    record: Record,
    value_of: Callable[[], Value | Document],
    resolve: Resolve,
    label: str,
    agreed: dict[str, Any] | None = None,
    *,
    counts: bool = True,
) -> Ref:
    """Make the host's row, our link and the applied hash, in one transaction; gives the row.

    If somebody joined the record meanwhile, nothing is made: it is that row.

    :param value_of: Gives what becomes the row.
    :param resolve: Gives the host's rows of what it refers to; called within the transaction.
    :param counts: It is one of the records that the phase counts.
    :raises Refused: the host can't have it.
    """
    host, connection = slice_.state.host, slice_.connection
    local = host.place(spec.name, spec.role)
    if local is None:
        raise Refused(Message("in.no_place", noun=noun(spec.role or spec.name)))
    with host_transaction(slice_) as session:
        taken = _holder(session, connection.id, record)
        if taken is not None:
            return taken
        value = value_of()
        ref = host.create(spec.name, local, value, resolve, connection.company_id)
        made = _made(host, spec, ref, value)
        link = Link(
            connection_id=connection.id,
            kind=spec.name,
            source=ref.source,
            local_id=ref.id,
            role=spec.role,
            label=label[:255],
            search=record.search,
            state=LINKED,
            object=record.object,
            record_key=record.key,
            exclusive=record.key if spec.exclusive else None,
            origin="intacct",
            agreed=agreed or {},
            decided_at=now(),
        )
        session.add(link)
        if made is not None:
            snapshot.write(session, link, made, connection.sync_from)
        tokens.write_rows(session, [link])
        session.get_one(Record, record.id).applied_hash = record.hash
        issues.close(session, connection.id, f"record:{record.id}")
        audit.record(session, connection.id, "", f"{spec.name} brought in", label, after={"local": ref.id})
        slice_.progress(session, done=[f"record:{record.id}"] if counts else ())
        link_id = link.id
    signals.tell(signals.record_linked, application(), connection_id=connection.id, link_id=link_id)
    return ref


def _holder(session: Session, connection_id: int, record: Record) -> Ref | None:
    """The row that a record of Intacct is joined to, if it is: asked under the lock under which people decide."""
    lock(session, connection_id)
    query = select(Link).where(
        Link.connection_id == connection_id,
        Link.object == record.object,
        Link.record_key == record.key,
        Link.state != ORPHANED,
    )
    link = session.scalar(query.order_by(Link.id).limit(1).with_for_update())  # MariaDB's plain reads look back
    return None if link is None else local_ref(link)


def _made(host: Host, spec: Kind, ref: Ref, value: Value | Document) -> Document | None:
    """The document that the host made; None of what is no document.

    :raises Refused: the host's own factory made a document that is paid look owed.
    """
    if not isinstance(value, Document):
        return None
    made = host.value(spec.name, ref)
    if not isinstance(made, Document):
        return None
    if value.status == PAID != made.status:
        raise Refused(Message("in.made_otherwise", status=made.status))
    return made


def _category(session: Session, slice_: Slice, object_: str) -> Any:
    link = session.scalar(
        select(Link)
        .where(
            Link.connection_id == slice_.connection.id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.record_key == object_,
            Link.state == LINKED,
        )
        .order_by(Link.id)
        .limit(1)
    )
    return None if link is None else slice_.state.host.row(kinds.TRACKING_CATEGORY, local_ref(link))
