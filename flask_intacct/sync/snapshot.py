"""The host's documents as they were last read, kept with their links: nothing else of a sync reads whole books.

A scan reads them in batches, in the order of their keys, and writes what is new or changed: the value beside the link,
what lists, sums and pairing need as columns of the link, and which records the document uses.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from .. import kinds, tokens
from ..choices import CREATE, SUSPENDED, UNDECIDED
from ..errors import Refused, Unreadable
from ..failures import noted, told
from ..gateway.classify import printable
from ..ledger import APPROVED, AWAITING_APPROVAL, FORM, PAID, ZERO, Document, Ref, digest, dump, folded, load
from ..local import Local
from ..matching.normalise import document_number
from ..models import Connection, Link, LinkUse, LinkValue
from ..models import Cursor as Place
from ..phases import Cursor
from ..state import State
from . import bulk, header, identity, stamps, unlisted, unreadable
from .slice import Slice

log = logging.getLogger(__name__)

AT_ONCE = 500
"""So many documents one step reads."""

SENT = (AWAITING_APPROVAL, APPROVED, PAID)
"""Statuses of documents that go out; drafts and voided ones do not."""

UNREADABLE = "unreadable"
"""Stands for the status of a document that can't be read."""

UNKNOWN = "?"
"""Stands for the number of a document of which not even that can be read; no folded number is like it."""

OPEN = (UNDECIDED, CREATE)
"""The states of a link that joins its document to nothing yet."""

NO_TAX = "no_tax"
"""Source of the row that stands for lines without a tax type: a VAT company wants a tax detail for them too."""

_STREAM = "host"


def there(connection_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    """What holds for the links of documents that the company has, from its sync-from date on."""
    return Link.connection_id == connection_id, Link.kind == kind, Link.seen_at > 0


def unjoined(connection_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    """The same for those of them that are to go out and that nothing joins to Intacct."""
    return *there(connection_id, kind), Link.state.in_(OPEN), Link.status.in_(SENT)


def scan(kind: str, slice_: Slice, cursor: Cursor) -> Cursor | None:
    """Read some documents of a kind and keep what changed; at the end, let go of those that are not there any more."""
    connection, host = slice_.connection, slice_.state.host
    if not connection.with_transactions:
        return None
    if not cursor:
        if not slice_.scans and _scanned(slice_, kind):
            return None
        return {"generation": _begin(slice_, kind), "source": 0}
    generation, locals_ = cursor["generation"], host.locals(kind)
    if cursor["source"] >= len(locals_):
        _finish(slice_, kind, generation, Counter(cursor.get("words", {})))
        return None
    local = locals_[cursor["source"]]
    if "newest" not in cursor:
        cursor = cursor | {"newest": stamps.newest(slice_, local), "stamped": stamps.since(slice_, kind, local)}
    if "keys" in cursor:
        return _compare(slice_, kind, local, cursor)
    page = host.page(
        kind, local, connection.company_id, connection.sync_from, after=cursor.get("after", ""), size=AT_ONCE,
        stamped=datetime.fromisoformat(cursor["stamped"]) if cursor["stamped"] else None,
    )  # fmt: skip
    host.session.rollback()  # nothing stays open while ours is written, and the rows are let go
    words = Counter[str](cursor.get("words", {}))
    words.update(word for document in page.found for word in document.unlisted)
    found, unread = sound(page.found, page.unread)
    with slice_.transaction() as session:
        keep(session, connection.id, kind, found, unread, generation)
        unreadable.report(slice_, session, kind, unread)
    here = cursor | {"words": dict(words)}
    if page.after:
        return here | {"after": page.after}
    return here | {"keys": ""} if cursor["stamped"] else _next(slice_, kind, local, here)


def _next(slice_: Slice, kind: str, local: Local, cursor: Cursor) -> Cursor:
    """The place behind the documents of one model, of which all were seen."""
    stamps.keep(slice_, kind, local, cursor["newest"])
    return {"generation": cursor["generation"], "words": cursor["words"], "source": cursor["source"] + 1}


def _compare(slice_: Slice, kind: str, local: Local, cursor: Cursor) -> Cursor:
    """Compare the keys of documents that nothing moved for with the links that there are: read those that are new here
    or could not be read, and see the others."""
    connection, host, generation = slice_.connection, slice_.state.host, cursor["generation"]
    ids, after = host.keys(
        local, connection.company_id, connection.sync_from, after=cursor["keys"], size=AT_ONCE
    )  # fmt: skip
    mine = Link.connection_id == connection.id, Link.kind == kind, Link.source == local.source, Link.role == ""
    with slice_.state.reading() as session:
        query = select(Link.local_id, Link.status, Link.seen_at).where(*mine, Link.local_id.in_(ids))
        known = {row.local_id: row for row in session.execute(query)}
    lacking = [Ref(local.source, id_) for id_ in ids if id_ not in known or _stale(known[id_])]
    bad: list[Unreadable] = []
    owned = [found for _, found in host.owned(kind, lacking, bad.append) if found is not None] if lacking else []
    host.session.rollback()
    since = connection.sync_from
    found, unread = sound(
        [
            document
            for company, document in owned
            if company == connection.company_id
            and (since is None or (document.date is not None and document.date >= since))
        ],
        bad,
    )
    words = Counter[str](cursor["words"])
    words.update(word for document in found for word in document.unlisted)
    with slice_.transaction() as session:
        if found or unread:
            keep(session, connection.id, kind, found, unread, generation)
            unreadable.report(slice_, session, kind, unread)
        unmoved = Link.local_id.in_(ids), Link.seen_at > 0, Link.seen_at != generation
        session.execute(update(Link).where(*mine, *unmoved).values(seen_at=generation))
    here = cursor | {"words": dict(words), "keys": after}
    return here if after else _next(slice_, kind, local, here)


def _stale(row: Any) -> bool:
    """Whether a document has to be read though it was not written: nothing is known of it, or it could not be read."""
    return bool(row.seen_at == 0 or row.status == UNREADABLE)


def sound(
    documents: Sequence[Document], unread: Sequence[Unreadable]
) -> tuple[Sequence[Document], Sequence[Unreadable]]:
    """Those of the documents that our tables can hold, and with the unreadable ones those that they can't."""
    found, bad = [], list(unread)
    for document in documents:
        try:
            header.columns(document)
            list(uses(document))
        except Exception as error:
            # What our tables can't hold is refused; a mistake in our own functions may raise anything.
            label = f"{kinds.kind(document.kind).noun} {document.number or document.ref.id}"
            refused = isinstance(error, Refused)
            reason = told(error) if refused else noted(log, error, "%s can't be kept", printable(label))
            bad.append(Unreadable(document.kind, document.ref, label, reason, document.number))
        else:
            found.append(document)
    return found, bad


def _begin(slice_: Slice, kind: str) -> int:
    stamp = _stamp(slice_.state, slice_.connection, kind)
    with slice_.transaction() as session:
        place = _place(session, slice_.connection.id, kind)
        place.generation, place.point = place.generation + 1, stamp
        return place.generation


def _scanned(slice_: Slice, kind: str) -> bool:
    own = {"connection_id": slice_.connection.id, "object": kind, "stream": _STREAM}
    return slice_.any(select(Place.id).filter_by(**own).where(Place.generation > 0))


def moved(session: Session, state: State, connection: Connection) -> bool:
    """Whether documents came or went since the last scan, as the host's tables have it now; cheaper than a scan."""
    return connection.with_transactions and any(
        _place(session, connection.id, kind).point != _stamp(state, connection, kind)
        for kind in kinds.documents()
        if state.host.has(kind)
    )


def _stamp(state: State, connection: Connection, kind: str) -> str:
    state.host.session.rollback()  # MariaDB's transactions look back to their beginning
    found = state.host.stamp(kind, connection.company_id, connection.sync_from)
    state.host.session.rollback()
    return digest([list(map(str, row)) for row in found])[:40]


def generation(session: Session, connection_id: int, kind: str) -> int:
    """The number of the latest scan of a kind; 1 before the first."""
    return max(_place(session, connection_id, kind).generation, 1)


def _place(session: Session, connection_id: int, kind: str) -> Place:
    query = select(Place).where(Place.connection_id == connection_id, Place.object == kind, Place.stream == _STREAM)
    place = session.scalar(query)
    if place is None:
        place = Place(connection_id=connection_id, object=kind, stream=_STREAM, generation=0)
        session.add(place)
    return place


def _finish(slice_: Slice, kind: str, generation: int, words: Mapping[str, int]) -> None:
    connection_id = slice_.connection.id
    with slice_.transaction() as session:
        gone = update(Link).where(*there(connection_id, kind), Link.seen_at != generation)
        session.execute(gone.values(seen_at=0))
        unlisted.keep(session, connection_id, kind, words)
        bad = select(Link.source, Link.local_id).where(*there(connection_id, kind), Link.status == UNREADABLE)
        refs = {Ref(source, local_id) for source, local_id in session.execute(bad)}
        unreadable.close_others(session, connection_id, kind, refs)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a link before it is written."""

    id: int
    hash: str
    status: str
    suspended: bool
    head: identity.Head


def keep(
    session: Session,
    connection_id: int,
    kind: str,
    documents: Sequence[Document],
    unread: Sequence[Unreadable] = (),
    generation: int = 0,
) -> dict[Ref, int]:
    """Keep documents with their links, within the caller's transaction; gives the link of each.

    :param unread: Documents that can't be read: their links say so, and keep what was read of them before.
    :param generation: The scan that saw them; 0 leaves to the caller to say that they are there.
    """
    refs = [document.ref for document in documents] + [Ref(*error.ref) for error in unread]
    known = _known(session, connection_id, kind, refs)
    fresh = {document.ref: _columns(document) for document in documents}
    for error in unread:
        fresh[Ref(*error.ref)] = {
            "status": UNREADABLE, "hash": "", "label": error.label[:255],
            "number_folded": UNKNOWN if error.number is None else _folded(error.number),
        }  # fmt: skip
    suspended = _suspended(session, connection_id, kind, known, documents, fresh)
    changed = [
        ref
        for ref, columns in fresh.items()
        if ref not in suspended
        if ref not in known or (known[ref].hash, known[ref].status) != (columns["hash"], columns["status"])
    ]
    new = [ref for ref in changed if ref not in known]
    own = {"connection_id": connection_id, "kind": kind, "seen_at": generation}
    for rows in _alike({"source": ref.source, "local_id": ref.id, **own, **fresh[ref]} for ref in new):
        bulk.insert_rows(session, Link, rows)
    for rows in _alike({"id": known[ref].id, **fresh[ref]} for ref in changed if ref in known):
        session.execute(update(Link), rows)
    made = _known(session, connection_id, kind, new) if new else {}
    ids = {ref: item.id for ref, item in (known | made).items()}
    seen = [item.id for item in known.values()]
    if seen and generation:
        # One that the host touched meanwhile is read once more: it may have been changed after this was read.
        older = Link.id.in_(seen), Link.seen_at >= 0, Link.seen_at != generation
        session.execute(update(Link).where(*older).values(seen_at=generation))
    moved = set(changed)
    values = {ids[document.ref]: document for document in documents if document.ref in moved}
    tokens.write(session, connection_id, kind, {id_: _search(document) for id_, document in values.items()})
    _keep_values(session, connection_id, values)
    return ids


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows that give the same columns, for one statement each."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(row)
    return found.values()


def write(session: Session, link: Link, document: Document, since: date | None) -> None:
    """Keep one document with its new link, within the caller's transaction.

    :param since: The company's sync-from date.
    """
    link.seen_at = int(since is None or (document.date is not None and document.date >= since))
    renew(session, link, document)


def renew(session: Session, link: Link, document: Document) -> None:
    """Keep what the document of a link is like, within the caller's transaction."""
    for name, value in _columns(document).items():
        setattr(link, name, value)
    session.flush()
    _keep_values(session, link.connection_id, {link.id: document})


def _known(session: Session, connection_id: int, kind: str, refs: Sequence[Ref]) -> dict[Ref, _Known]:
    query = select(
        Link.source,
        Link.local_id,
        Link.id,
        Link.hash,
        Link.status,
        Link.state,
        Link.number_folded,
        Link.day,
        Link.party_source,
        Link.party,
    ).where(
        Link.connection_id == connection_id,
        Link.kind == kind,
        Link.source.in_({ref.source for ref in refs}),  # an index leads through it
        Link.local_id.in_([ref.id for ref in refs]),
        Link.role == "",
    )
    found = {
        Ref(row["source"], row["local_id"]): _Known(
            row["id"], row["hash"], row["status"], row["state"] == SUSPENDED, identity.Head.of(dict(row))
        )
        for row in session.execute(query).mappings()
    }
    return {ref: found[ref] for ref in refs if ref in found}


def _suspended(
    session: Session,
    connection_id: int,
    kind: str,
    known: Mapping[Ref, _Known],
    documents: Iterable[Document],
    fresh: Mapping[Ref, Mapping[str, Any]],
) -> set[Ref]:
    """Those whose links are suspended, some of them just now: what is known of their rows stays as it is."""
    odd = [
        (item.id, document, fresh[document.ref])
        for document in documents
        if (item := known.get(document.ref)) is not None
        and (item.suspended or item.head.another(identity.Head.of(fresh[document.ref])))
    ]
    read = {document.ref for _, document, _ in odd}
    still = {ref for ref, item in known.items() if item.suspended and ref not in read}
    return still | identity.documents(session, connection_id, kind, odd) if odd else still


def _columns(document: Document) -> dict[str, Any]:
    """A document as the columns of its link, for lists, sums and pairing.

    :raises Refused: see :mod:`.header`.
    """
    contact = document.contact or Ref("", "")
    return header.columns(document) | {
        "label": (document.number or document.ref.id)[:255],
        "search": _search(document),
        "hash": seen(document),
        "party_source": contact.source[:80],
        "party": contact.id[:80],
    }


def doubtful(session: Session, link: Link, document: Document) -> bool:
    """Whether a joined link's document, as it is now, seems to be another one; the link is suspended then.

    The caller has locked both the link and its connection.
    """
    columns, known = _columns(document), identity.Head(link.number_folded, link.day, (link.party_source, link.party))
    if not known.another(identity.Head.of(columns)):
        return False
    return bool(identity.documents(session, link.connection_id, link.kind, [(link.id, document, columns)]))


def head(document: Document) -> identity.Head:
    """What tells a document from others."""
    return identity.Head.of(_columns(document))


def _search(document: Document) -> str:
    return folded(document.number, document.reference)[:500]


def _folded(number: str) -> str:
    try:
        return document_number(number)[:120]
    except Exception:
        # A mistake in it may raise anything; it is told of the document.
        return UNKNOWN


def seen(document: Document) -> str:
    """Stands for a document of ours, in whatever order its lines and their options are read."""
    lines = [replace(line, options=tuple(sorted(line.options))) for line in document.lines]
    return digest(replace(document, lines=tuple(sorted(lines, key=digest))))


def _keep_values(session: Session, connection_id: int, documents: Mapping[int, Document]) -> None:
    if not documents:
        return
    has = dict(session.execute(select(LinkValue.link_id, LinkValue.id).where(LinkValue.link_id.in_(documents))).all())
    rows = {link_id: {"value": dump(document), "codec": FORM} for link_id, document in documents.items()}
    old = [{"id": has[link_id], **row} for link_id, row in rows.items() if link_id in has]
    new = [{"link_id": link_id, **row} for link_id, row in rows.items() if link_id not in has]
    if old:
        session.execute(update(LinkValue), old)
        session.execute(delete(LinkUse).where(LinkUse.link_id.in_(has)))
    if new:
        session.execute(insert(LinkValue), new)
    used = [
        {"connection_id": connection_id, "link_id": id_, **use}
        for id_, document in documents.items()
        for use in uses(document)
    ]
    if used:
        session.execute(insert(LinkUse), used)


def uses(document: Document) -> Iterable[dict[str, Any]]:
    """Which records a document uses: in how many of its lines, and for how much, net."""
    shape = kinds.shape(document.kind)
    lines: Counter[tuple[str, Ref, str]] = Counter()
    amounts: Counter[tuple[str, Ref, str]] = Counter()
    if document.contact is not None:
        key = (kinds.CONTACT, document.contact, shape.contact_role)
        lines[key], amounts[key] = len(document.lines), header.as_cents(document.net)
    for line in document.lines:
        keys: list[tuple[str, Ref, str]] = []
        if line.account is not None:
            keys.append((kinds.ACCOUNT, line.account, ""))
        if line.tax_type is not None:
            keys.append((kinds.TAX_TYPE, line.tax_type, shape.tax_role))
        elif line.tax == ZERO:
            keys.append((kinds.TAX_TYPE, Ref(NO_TAX, NO_TAX), shape.tax_role))
        keys += [(kinds.TRACKING_OPTION, option, "") for option in line.options]
        for key in keys:
            lines[key] += 1
            amounts[key] += header.as_cents(line.net)
    for (kind, ref, role), number in lines.items():
        yield {
            "kind": kind, "source": ref.source[:80], "local_id": ref.id[:80], "role": role, "lines": number,
            "cents": amounts[kind, ref, role],
        }  # fmt: skip


def values(session: Session, link_ids: Sequence[int]) -> Iterator[Document]:
    """The documents of these links as they were last read; none of one that was never read whole."""
    for at in range(0, len(link_ids), AT_ONCE):
        query = select(LinkValue.value).where(LinkValue.link_id.in_(link_ids[at : at + AT_ONCE]))
        for value in session.scalars(query):
            yield load(Document, value)
