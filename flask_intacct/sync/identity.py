"""Whether a row is still the record that it was: databases give ids away again, also where no session of ours sees it.

A link whose row seems to be another record is suspended until a person says which it is. What the row was like before
stays with the link, and what it is like now is kept beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, issues, kinds
from ..choices import ARCHIVED, CREATE, DOUBT, LINKED, MATCHED, SUSPENDED, standing
from ..issues import Finding
from ..ledger import Document, Ref, Value, dump, folded, money
from ..messages import Message, dotted, quoted
from ..models import UNDER_WAY, Connection, Link, Operation, transition

DECIDED = (MATCHED, CREATE, ARCHIVED, LINKED)
"""The states of links that another record must not inherit."""

TELLING = ("code", "email", "tax_number")
"""What tells records apart, besides their names."""


def another(before: Value, after: Value) -> bool:
    """Whether a row is another record now: its name differs, and so does all of :data:`TELLING` that both have.

    What only one of them has says nothing, and a name alone is not enough.
    """
    pairs = [(_bare(getattr(before, name, "")), _bare(getattr(after, name, ""))) for name in TELLING]
    told = [(old, new) for old, new in pairs if old and new]
    old_name, new_name = _bare(before.name), _bare(after.name)
    differs = bool(old_name and new_name) and old_name != new_name
    return differs and bool(told) and all(old != new for old, new in told)


def telling(facts: Mapping[str, Any]) -> bool:
    """Whether what is known of a row would do to tell another one from it."""
    return bool(facts.get("name")) and any(facts.get(name) for name in TELLING)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", folded(text)) or folded(text)


@dataclass(frozen=True, slots=True)
class Head:
    """What tells documents apart: number, day and contact."""

    number: str
    day: date | None
    party: tuple[str, str]

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Head:
        """That of a document, by the columns of its link."""
        return cls(columns["number_folded"], columns["day"], (columns["party_source"], columns["party"]))

    def another(self, after: Head) -> bool:
        """Whether it is another document now: all three differ, and day and contact are known of both."""
        known = self.day and after.day and self.party[1] and after.party[1]
        return bool(known) and self.number != after.number and self.day != after.day and self.party != after.party


def documents(
    session: Session,
    connection_id: int,
    kind: str,
    found: Sequence[tuple[int, Document, Mapping[str, Any]]],
) -> set[Ref]:
    """Suspend those of these links whose document seems to be another one; gives all that are suspended, of which
    nothing new is to be kept. One that is again what it was goes on.

    :param found: Links that are suspended, or whose heads tell of another document, with their documents as they are
        now, and those as columns.
    """
    lock(session, connection_id)
    ids = [link_id for link_id, _, _ in found]
    query = select(Link).where(Link.id.in_(ids)).order_by(Link.id).with_for_update()
    links = {link.id: link for link in session.scalars(query.execution_options(populate_existing=True))}
    sent = under_way(session, ids)
    suspended: set[Ref] = set()
    for link_id, document, columns in found:
        link = links[link_id]
        if link.state == SUSPENDED and link.hash == columns["hash"]:
            lift(session, link, "")
            continue
        if link.state not in (LINKED, SUSPENDED) and link_id not in sent:
            continue
        after = _Document(document.number, document.date, document.gross, _party(session, link, document.contact))
        contact = Ref(link.party_source, link.party)
        before = _Document(link.label, link.day, money(link.cents), _party(session, link, contact))
        suspend(session, link, dump(document), before.said, after.said)
        suspended.add(document.ref)
    session.flush()
    return suspended


@dataclass(frozen=True, slots=True)
class _Document:
    number: str
    day: date | None
    gross: Any
    contact: str

    @property
    def said(self) -> Message:
        day = Message("text", text=self.day) if self.day else quoted("")
        return dotted([quoted(self.number), day, quoted(self.contact), Message("text", text=self.gross)])


def _party(session: Session, link: Link, contact: Ref | None) -> str:
    """What people call a contact of ours."""
    if contact is None or not contact.id:
        return ""
    query = select(Link.label).where(
        Link.connection_id == link.connection_id,
        Link.kind == kinds.CONTACT,
        Link.source == contact.source,
        Link.local_id == contact.id,
    )
    return session.scalar(query.order_by(Link.id).limit(1)) or contact.id


def under_way(session: Session, link_ids: Sequence[int]) -> set[int]:
    """Those of these links of which something was sent, and nobody knows yet what became of it."""
    query = select(Operation.link_id).where(
        Operation.link_id.in_(link_ids), Operation.live.is_not(None), Operation.state.in_(UNDER_WAY)
    )
    return set(session.scalars(query))


def lock(session: Session, connection_id: int) -> None:
    """Lock a connection against whoever decides for it, until the caller commits; the fence comes first."""
    session.execute(select(Connection.id).where(Connection.id == connection_id).with_for_update())


def said(value: Value) -> Message:
    """A record in a few words."""
    return dotted(quoted(str(getattr(value, name, ""))) for name in ("name", *TELLING))


def suspend(session: Session, link: Link, value: Mapping[str, Any], was: Message, now: Message) -> None:
    """Suspend a link, within the caller's transaction, which has locked it; or keep what the row is by now.

    :param value: The row as it is now, as :func:`~flask_intacct.ledger.dump` wrote it.
    """
    if link.state == SUSPENDED and link.agreed[DOUBT]["value"] == value:
        return  # it is told
    before = {"state": link.state, "record": link.record_key}
    link.agreed = {**link.agreed, DOUBT: {"state": standing(link), "value": dict(value)}}
    if link.state != SUSPENDED:
        transition(link, SUSPENDED, "its row seems to be another record")
        link.version += 1
        audit.record(session, link.connection_id, "", f"{link.kind} suspended", link.label, before)
    finding = Finding(
        issues.ANOTHER_RECORD, Message("row.another", was=was, now=now), Message("row.another.cure")
    )  # fmt: skip
    subject = f"link:{link.id}"
    issues.open_issue(session, link.connection_id, subject, finding, kind=link.kind, label=link.label)


def lift(session: Session, link: Link, who: str) -> None:
    """Let a suspended link be what it was, within the caller's transaction, which has locked it.

    :param who: The person who said so; "" where its row is again as it was.
    """
    before, state = {"state": link.state, "record": link.record_key}, standing(link)
    transition(link, state, f"{who} said which it is" if who else "its row is again what it was")
    link.agreed = {name: content for name, content in link.agreed.items() if name != DOUBT}
    link.version += 1
    audit.record(session, link.connection_id, who, f"{link.kind} goes on", link.label, before, {"state": state})
    issues.close(session, link.connection_id, f"link:{link.id}", causes=[issues.ANOTHER_RECORD])


def found(link: Link, key: str) -> None:
    """What a suspended link sent exists in Intacct: it is joined to that, should its row be the same record."""
    link.agreed = {**link.agreed, DOUBT: {**link.agreed[DOUBT], "state": LINKED}}
    link.exclusive = key
