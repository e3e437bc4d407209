"""The contact phase: read what changed, create what was decided, bring in what is new."""

from __future__ import annotations

from sqlalchemy import func, select

from .. import issues, kinds
from ..choices import CREATE, MATCHED
from ..errors import Refused, Unreadable
from ..gateway import filters as f
from ..issues import Finding
from ..ledger import dump
from ..links import local_ref
from ..models import Link
from ..translate import outgoing
from . import coming, inbound, lookup, outbox, reading, records, unreadable
from . import source as sources
from .ours import retire_gone
from .outbox import Intent
from .slice import Slice

_BACK = 100


def contacts(slice_: Slice) -> None:
    """Bring contacts into step, in stages that a next slice finds again."""
    outbox.reap(slice_)
    stages = {"read": _read, "settle": _settle, "intend": _intend, "send": _send, "adopt": _adopt, "apply": _apply}
    names = list(stages)
    for name in names[names.index(slice_.place.get("stage", "read")) :]:
        stages[name](slice_)
        following = names[names.index(name) + 1 :]
        with slice_.transaction() as session:
            slice_.progress(session, place={"stage": following[0] if following else name})
        if following:
            slice_.check_time()


def _roles(slice_: Slice) -> list[kinds.Kind]:
    return [kinds.kind(kinds.CONTACT, role) for role in slice_.state.host.roles(kinds.CONTACT)]


def _read(slice_: Slice) -> None:
    reading.contacts(slice_)


def _settle(slice_: Slice) -> None:
    for spec in _roles(slice_):
        lookup.settle(slice_, spec)


def _intend(slice_: Slice) -> None:
    """Write down an intent for every contact that a person decided to create."""
    with slice_.state.transaction() as session:
        query = select(Link).where(
            Link.connection_id == slice_.connection.id, Link.kind == kinds.CONTACT, Link.state == CREATE
        )
        links = session.scalars(query.order_by(Link.id)).all()
        under_way = outbox.under_way(session, slice_.connection.id)
    written = 0
    for link in links:
        if link.id in under_way:
            continue  # what is known of it, an issue may be, stands until its outcome is known
        finding, value = None, None
        try:
            value = slice_.state.host.value(kinds.CONTACT, local_ref(link))
            if value is None:
                raise Refused("It is no longer in the application.")
            object_, fields = outgoing.contact(value, link.role)  # type: ignore[arg-type]
        except Unreadable as error:
            finding = unreadable.finding(error)
        except Refused as refusal:
            finding = Finding("not acceptable", refusal.message)
        with slice_.transaction() as session:
            if finding is not None:
                seen = "" if value is None else records.digest(dump(value))
                slice_.issue(session, f"link:{link.id}", finding, link.kind, link.label, "out", seen)
                slice_.progress(session, failed=1)
                continue
            issues.close(session, slice_.connection.id, f"link:{link.id}")
            written += outbox.intend(slice_, session, Intent(link.id, "create", object_, fields))
    expected = sum(len(coming.coming(slice_, spec)) for spec in _roles(slice_))
    with slice_.transaction() as session:
        outbox.withdraw(session, slice_.connection.id, kinds.CONTACT, {link.id for link in links})
        matched = select(func.count()).where(
            Link.connection_id == slice_.connection.id, Link.kind == kinds.CONTACT, Link.state == MATCHED
        )
        joined = session.scalar(matched) or 0
        slice_.progress(session, total=slice_.phase.done + slice_.phase.failed + written + joined + expected)


def _send(slice_: Slice) -> None:
    for spec in _roles(slice_):
        while True:
            with slice_.state.transaction() as session:
                ready = outbox.waiting(session, slice_.connection.id, spec.name, spec.role, outbox.BATCH)
            if not ready:
                break
            if retire_gone(slice_, (link for _, link in ready)):
                continue
            outbox.send(slice_, spec)
            slice_.check_time()


def _adopt(slice_: Slice) -> None:
    """Read back what was created, so that documents can refer to it by the id that Intacct gave."""
    for spec in _roles(slice_):
        with slice_.state.transaction() as session:
            linked = session.scalars(
                select(Link.record_key).where(
                    Link.connection_id == slice_.connection.id,
                    Link.object == spec.object,
                    Link.kind == kinds.CONTACT,
                    Link.record_key != "",
                )
            ).all()
            cached = records.by_key(session, slice_.connection.id, spec.object, linked)
        unread = [key for key in linked if key not in cached]
        for at in range(0, len(unread), _BACK):
            keys = unread[at : at + _BACK]
            rows = sources.rows(slice_, sources.of(spec), f.in_("RECORDNO", keys), client=slice_.writer).rows
            with slice_.transaction() as session:
                records.land(slice_, session, spec, rows)
                for record in records.by_key(session, slice_.connection.id, spec.object, keys).values():
                    record.applied_hash = record.hash  # our own write coming back is no news
            slice_.check_time()


def _apply(slice_: Slice) -> None:
    """Join what was matched, bring in changes made in Intacct, and the contacts that belong to our entity."""
    inbound.link_matched(slice_, (kinds.CONTACT,))
    inbound.archive(slice_, (kinds.CONTACT,))
    for spec in _roles(slice_):
        inbound.update_changed(slice_, spec)
        coming.bring_in(slice_, spec)
