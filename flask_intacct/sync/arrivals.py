"""Intacct's records that become new rows of the host: the row, our link and the applied hash in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds, signals, tokens
from ..choices import LINKED, ORPHANED
from ..clock import now
from ..errors import Refused
from ..host import Host
from ..kinds import Kind
from ..ledger import PAID, Document, Ref
from ..links import local_ref
from ..messages import Message, noun
from ..models import Link, Record
from . import records, snapshot
from .inbound import FOLLOWED, host_transaction, lock
from .slice import Slice, application


def create_local(slice_: Slice, spec: Kind, record: Record, *, counts: bool = True) -> Ref:
    """Create one of Intacct's records in the host and join the two, unless it is joined by now; gives the row.

    :param counts: It is one of the records that the phase counts.
    :raises Refused: the host can't have it; the text says why. Nothing was kept.
    """
    label = f"{record.natural_id} {record.name}".strip()
    return create_row(slice_, spec, record, lambda: incoming(slice_, spec, record), label, counts=counts)


def incoming(slice_: Slice, spec: Kind, record: Record) -> dict[str, Any]:
    """What one of Intacct's records gives the host's new row.

    :raises Refused: it must not sync, or can't be read.
    """
    value = records.value_of(slice_.state.config, record, spec.name, spec.role)
    if getattr(value, "excluded", False):
        raise Refused(Message("in.excluded"))
    values = {
        name: content for name in (*FOLLOWED, "rate", "type") if (content := getattr(value, name, None)) is not None
    }
    values["active"] = value.active
    if spec.role:
        values["roles"] = value.roles
    return values


def create_row(
    slice_: Slice,
    spec: Kind,
    record: Record,
    values_of: Callable[[], dict[str, Any]],
    label: str,
    agreed: dict[str, Any] | None = None,
    *,
    counts: bool = True,
) -> Ref:
    """Make the host's row, our link and the applied hash, in one transaction; gives the row.

    If somebody joined the record meanwhile, nothing is made: it is that row.

    :param values_of: Gives what goes into the row; called within the transaction, where it may read the host's rows.
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
        values = values_of()
        if host.company is not None:
            values["company"] = host.company.find(session, connection.company_id)
            if values["company"] is None:
                raise Refused(Message("in.company_gone"))
        if spec.name == kinds.TRACKING_OPTION:
            values["category"] = _category(session, slice_, record.object)
        ref = host.create(spec.name, local, values)
        made = _made(host, spec, ref, values)
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


def _made(host: Host, spec: Kind, ref: Ref, values: dict[str, Any]) -> Document | None:
    """The document that the host made; None of what is no document.

    :raises Refused: the host's own factory made a document that is paid look owed.
    """
    if spec.shape is None:
        return None
    made = host.value(spec.name, ref)
    if not isinstance(made, Document):
        return None
    if values.get("status") == PAID != made.status:
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
