"""The documents of the host as values beside their links, and which records of the host each of them uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from .. import kinds
from ..ledger import FORM, ZERO, Document, Ref, dump, load
from ..models import LinkUse, LinkValue
from . import header

AT_ONCE = 500
"""So many values are fetched at once."""

NO_TAX = "no_tax"
"""Source of the row that stands for lines without a tax type: a VAT company wants a tax detail for them too."""


def keep(session: Session, connection_id: int, documents: Mapping[int, Document]) -> None:
    """Keep documents with their links, by the ids of these, within the caller's transaction."""
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


def of(session: Session, link_ids: Sequence[int]) -> Iterator[Document]:
    """The documents of these links as they were last read; none of one that was never read whole."""
    for at in range(0, len(link_ids), AT_ONCE):
        query = select(LinkValue.value).where(LinkValue.link_id.in_(link_ids[at : at + AT_ONCE]))
        for value in session.scalars(query):
            yield load(Document, value)
