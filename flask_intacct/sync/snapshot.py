"""The host's documents as they were last read, kept with their links: nothing else of a sync reads whole books.

Kept is what is new or changed: the value beside the link, what lists, sums and pairing need as columns of the link, and
which records the document uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from .. import bulk, kinds, logs, tokens
from ..choices import CREATE, SUSPENDED, UNDECIDED
from ..errors import Refused, Unreadable
from ..failures import noted, told
from ..gateway.classify import printable
from ..ledger import APPROVED, AWAITING_APPROVAL, PAID, Document, Ref, digest, folded, plain
from ..models import Link
from . import header, identity, link_values

log = logs.logger(__name__)

SENT = (AWAITING_APPROVAL, APPROVED, PAID)
"""Statuses of documents that go out; drafts and voided ones do not."""

UNREADABLE = "unreadable"
"""Stands for the status of a document that can't be read."""

UNKNOWN = "?"
"""Stands for the number of a document of which not even that can be read; no folded number is like it."""

OPEN = (UNDECIDED, CREATE)
"""The states of a link that joins its document to nothing yet."""


def there(connection_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    """What holds for the links of documents that the company has, from its sync-from date on."""
    return Link.connection_id == connection_id, Link.kind == kind, Link.seen_at > 0


def unjoined(connection_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    """The same for those of them that are to go out and that nothing joins to Intacct."""
    return *there(connection_id, kind), Link.state.in_(OPEN), Link.status.in_(SENT)


def sound(
    documents: Sequence[Document], unread: Sequence[Unreadable]
) -> tuple[Sequence[Document], Sequence[Unreadable]]:
    """Those of the documents that our tables can hold, and with the unreadable ones those that they can't."""
    found, bad = [], list(unread)
    for document in documents:
        try:
            header.columns(document)
            list(link_values.uses(document))
        except Exception as error:
            # What our tables can't hold is refused; a mistake in our own functions may raise anything.
            label = f"{kinds.kind(document.kind).noun} {document.number or document.ref.id}"
            refused = isinstance(error, Refused)
            reason = told(error) if refused else noted(log, error, "%s can't be kept", printable(label))
            bad.append(Unreadable(document.kind, document.ref, label, reason, document.number))
        else:
            found.append(document)
    return found, bad


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
    link_values.keep(session, connection_id, values)
    return ids


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows that give the same columns, for one statement each."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(row)
    return found.values()


def columns(document: Document, since: date | None) -> dict[str, Any]:
    """What the link of a new document holds of it.

    :param since: The company's sync-from date.
    """
    return {**_columns(document), "seen_at": int(document.dated_from(since))}


def renew(session: Session, link: Link, document: Document) -> None:
    """Keep what the document of a link is like, within the caller's transaction."""
    for name, value in _columns(document).items():
        setattr(link, name, value)
    session.flush()
    link_values.keep(session, link.connection_id, {link.id: document})


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
        return header.fold(number)
    except Exception:
        # A mistake in it may raise anything; it is told of the document.
        return UNKNOWN


def seen(document: Document) -> str:
    """Stands for a document of ours, in whatever order its lines and their options are read."""
    lines = [
        plain(line if len(line.options) < 2 else replace(line, options=tuple(sorted(line.options))))
        for line in document.lines
    ]
    if len(lines) > 1:
        lines.sort(key=digest)
    found = plain(replace(document, lines=()))
    return digest(found | {"lines": lines} if lines else found)
