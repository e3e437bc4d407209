"""The rows of a matching list: each link with the Intacct records that it speaks of, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_admin.babel import gettext
from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, aliased

from .. import kinds
from ..choices import ARCHIVED, CREATE, LINKED, MATCHED, UNDECIDED, Bar, taken_words
from ..models import Link, Record

LIKELY = 75
"""Below this a suggestion is shown as a guess."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    :param record: The Intacct record that is matched, else the suggested one.
    :param taken: Who holds the suggested record already, in words; "" if it is free.
    :param shared: How many others of ours use the same record, where sharing is allowed.
    """

    link: Link
    record: Record | None
    bar: Bar
    runner_up: Record | None = None
    taken: str = ""
    shared: int = 0

    @property
    def certain(self) -> bool:
        """Ticked beforehand, and taken by *Accept all certain*."""
        return self.record is not None and self.bar.clears(self.link) and not self.taken

    @property
    def band(self) -> str:
        """How sure the suggestion is, as a class name."""
        return "high" if self.bar.clears(self.link) else "middle" if self.link.confidence >= LIKELY else "low"

    @property
    def decided(self) -> bool:
        return self.link.state not in (UNDECIDED, "broken")

    @property
    def open(self) -> bool:
        """Whether the decision can still be taken back."""
        return self.link.state in (MATCHED, CREATE, ARCHIVED)


def certain(connection_id: int, kind: str, bar: Bar) -> Select[Any]:
    """The links that *Accept all certain* takes: sure, not decided, and their record still free."""
    other = aliased(Link)
    objects = {role: kinds.kind(kind, role).object for role in kinds.roles(kind)}
    used = (
        select(other.id)
        .where(other.connection_id == Link.connection_id, other.exclusive == Link.suggested_key)
        .where(other.object == case(objects, value=Link.role, else_=""))
    )
    return (
        select(Link.id)
        .where(Link.connection_id == connection_id, Link.kind == kind, Link.state == UNDECIDED)
        .where(bar.clearing, Link.suggested_key != "", ~used.exists())
        .order_by(Link.id)
    )


def objects_of(session: Session, links: Sequence[Link]) -> dict[int, str]:
    """The Intacct object that each link chooses from: the values of its category's dimension, for an option."""
    parents = {link.parent for link in links if link.kind == kinds.TRACKING_OPTION}
    dimensions: dict[str, str] = {}
    if parents:
        query = select(Link.local_id, Link.record_key).where(
            Link.connection_id == links[0].connection_id,
            Link.kind == kinds.TRACKING_CATEGORY,
            Link.local_id.in_(parents),
            Link.state.in_((MATCHED, LINKED)),
        )
        dimensions = dict(session.execute(query).all())
    return {
        link.id: dimensions.get(link.parent, "")
        if link.kind == kinds.TRACKING_OPTION
        else kinds.kind(link.kind, link.role).object
        for link in links
    }


def rows(session: Session, links: Sequence[Link], bar: Bar) -> list[Row]:
    """Join the links of a page with their records: three queries, however long the page."""
    if not links:
        return []
    connection_id, objects = links[0].connection_id, objects_of(session, links)
    keys = {key for link in links for key in (link.record_key, link.suggested_key, link.runner_up_key) if key}
    records = {
        (record.object, record.key): record
        for record in session.scalars(
            select(Record).where(
                Record.connection_id == connection_id,
                Record.object.in_(set(objects.values())),
                Record.key.in_(keys or [""]),
            )
        )
    }
    holders: dict[tuple[str, str], list[Link]] = {}
    for holder in session.scalars(
        select(Link).where(
            Link.connection_id == connection_id,
            Link.object.in_(set(objects.values())),
            Link.record_key.in_(keys or [""]),
            Link.state.in_((MATCHED, LINKED)),
        )
    ):
        holders.setdefault((holder.object, holder.record_key), []).append(holder)
    return [_row(link, objects[link.id], records, holders, bar) for link in links]


def _row(
    link: Link,
    object_: str,
    records: dict[tuple[str, str], Record],
    holders: dict[tuple[str, str], list[Link]],
    bar: Bar,
) -> Row:
    key = link.record_key or (link.suggested_key if link.state in (UNDECIDED, "broken") else "")
    held_by = [holder for holder in holders.get((object_, key), []) if holder.id != link.id]
    exclusive = kinds.kind(link.kind, link.role).exclusive
    other = "" if exclusive and holders.get((object_, link.runner_up_key)) else link.runner_up_key
    return Row(
        link=link,
        record=records.get((object_, key)),
        bar=bar,
        runner_up=records.get((object_, other)),
        taken=taken_words(held_by[0], link) if exclusive and held_by else "",
        shared=0 if exclusive else len(held_by),
    )


def said(reasons: Sequence[Any]) -> str:
    """What speaks for the suggested record, or against it, in one line."""
    return ", ".join(map(_said, reasons))


def _said(reason: Any) -> str:
    if isinstance(reason, dict):
        return str(gettext(reason["message"], **reason["values"]))
    return str(gettext(str(reason)))
