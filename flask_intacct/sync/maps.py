"""The decisions as look-up tables: from a local record to its Intacct record, and back."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from .. import accounts, kinds
from ..choices import LINKED, MATCHED
from ..ledger import Ref
from ..models import Connection, Link, Record
from ..state import current
from . import records


@dataclass(frozen=True, slots=True)
class Target:
    """Where a local record leads: its link's state, and the Intacct record if it has one."""

    link_id: int
    label: str
    state: str
    ref: Ref | None = None
    active: bool = True
    control: bool = False
    excluded: bool = False
    entity: str = ""


@dataclass(slots=True)
class Maps:
    """All decisions of a connection."""

    out: dict[tuple[str, Ref, str], Target] = field(default_factory=dict)
    back: dict[tuple[str, Ref], Ref] = field(default_factory=dict)

    def target(self, kind: str, ref: Ref, role: str = "") -> Target | None:
        """Where a local record leads; None if nobody was asked about it."""
        return self.out.get((kind, ref, role))

    def local(self, kind: str, ref: Ref) -> Ref | None:
        """The local record of an Intacct one; of a shared option the first that was made."""
        return self.back.get((kind, ref))


def load(session: Session, connection_id: int) -> Maps:
    """Read the decisions of a connection, in two joins."""
    maps, connection = Maps(), session.get_one(Connection, connection_id)
    query = (
        select(Link, Record)
        .outerjoin(
            Record,
            and_(
                Record.connection_id == Link.connection_id,
                Record.object == Link.object,
                Record.key == Link.record_key,
                Link.record_key != "",
            ),
        )
        .where(Link.connection_id == connection_id, Link.kind.in_(kinds.MATCHED))
        .order_by(Link.id)
    )
    for link, record in session.execute(query):
        local = Ref(link.source, link.local_id)
        usable = record is not None and link.state in (MATCHED, LINKED)
        target = Target(
            link_id=link.id,
            label=link.label,
            state=link.state,
            ref=Ref(record.object, record.natural_id) if usable and record is not None else None,
            active=record.active and record.missing_since is None if record is not None else True,
            control=record is not None and link.kind == kinds.ACCOUNT and accounts.control(connection, record) != "",
            excluded=record is not None and link.kind == kinds.CONTACT and records.excluded(current().config, record),
            entity=record.entity if record is not None else "",
        )
        maps.out[link.kind, local, link.role] = target
        if target.ref is not None:
            maps.back.setdefault((link.kind, target.ref), local)
    return maps
