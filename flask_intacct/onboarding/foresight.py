"""Which of Intacct's records the host's tables can't take: told by the plan, before anything is tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from .. import kinds
from ..errors import Refused
from ..kinds import Kind
from ..ledger import Document, Ref
from ..messages import NOTHING, Message, noun
from ..models import Record
from ..sync import apply, arrivals, coming
from ..sync.maps import Maps
from ..sync.slice import Slice

CAUSE = "can't be brought in"
OTHER_ROW = object()
"""Stands for another row of the host, of which it only matters that there is one."""


class Foresight:
    """Asks the host's descriptions, each contact once."""

    def __init__(self, slice_: Slice, decided: Maps) -> None:
        self._slice, self._decided = slice_, decided
        self._records: dict[Ref, Record | None] = {}
        self._contacts: dict[tuple[str, Ref], Message] = {}
        self._claimed: dict[tuple[Message, Any], Ref] = {}

    def record(self, spec: Kind, record: Record) -> Message:
        """Why the host could not have a record; nothing if it can, as far as that can be told."""
        try:
            values = arrivals.incoming(self._slice, spec, record)
        except (Refused, ValueError):
            return NOTHING  # it has an issue of its own
        if spec.name == kinds.TRACKING_OPTION:
            values["category"] = OTHER_ROW
        return self._foreseen(spec.name, spec.role, values, _ref(record))

    def category(self, record: Record) -> Message:
        """The same for a dimension that becomes a tracking category."""
        return self._foreseen(kinds.TRACKING_CATEGORY, "", {"name": record.name, "active": True}, _ref(record))

    def document(self, document: Document) -> Message:
        """The same for a document, with its lines and a contact that would come along."""
        role = kinds.shape(document.kind).contact_role
        if document.contact is not None and self._decided.local(kinds.CONTACT, document.contact) is None:
            reason = self._contact(role, document.contact)
            if reason:
                return Message("place.contact", role=noun(role), reason=reason)

        def other(ref: Ref | None) -> object | None:
            return None if ref is None else OTHER_ROW

        lines = [
            {
                "description": line.description, "account": other(line.account), "tax_type": other(line.tax_type),
                "net": line.net, "tax": line.tax, "options": [OTHER_ROW] * bool(line.options),
            }
            for line in document.lines
        ]  # fmt: skip
        return self._foreseen(document.kind, "", apply.header(document, OTHER_ROW) | {"lines": lines}, document.ref)

    def comes(self, role: str, ref: Ref) -> bool:
        """Whether a contact comes in by itself, so that it does not count as one that comes along."""
        record, spec = self.contact(ref), kinds.kind(kinds.CONTACT, role)
        return (
            record is not None
            and self._slice.state.host.place(kinds.CONTACT, role) is not None
            and coming.wanted(self._slice, spec, record)
            and not self._contact(role, ref)
        )

    def _contact(self, role: str, ref: Ref) -> Message:
        if (role, ref) not in self._contacts:
            record = self.contact(ref)
            if record is None and self._slice.state.host.place(kinds.CONTACT, role) is None:
                self._contacts[role, ref] = Message("place.none", noun=noun(role))
            else:
                spec = kinds.kind(kinds.CONTACT, role)
                self._contacts[role, ref] = NOTHING if record is None else self.record(spec, record)
        return self._contacts[role, ref]

    def contact(self, ref: Ref) -> Record | None:
        """What was read of one of Intacct's contacts."""
        if ref not in self._records:
            query = select(Record).where(
                Record.connection_id == self._slice.connection.id,
                Record.object == ref.source,
                Record.natural_id == ref.id,
            )
            with self._slice.state.reading() as session:
                self._records[ref] = session.scalar(query.limit(1))
        return self._records[ref]

    def _foreseen(self, kind: str, role: str, values: dict[str, Any], ref: Ref) -> Message:
        host = self._slice.state.host
        if host.company is not None:
            values["company"] = OTHER_ROW
        return host.foreseen(kind, role, values) or self._claim(host.alone(kind, role, values), ref)

    def _claim(self, wanted: list[tuple[Message, Any, bool]], ref: Ref) -> Message:
        """Note what only one row may have; gives why this one can't have it."""
        for column, value, taken in wanted:
            if taken or self._claimed.get((column, value), ref) != ref:
                held = {"column": column, "value": repr(str(value)[:60])}
                return Message("column.taken", **held) if taken else Message("column.twice", **held)
        self._claimed.update({(column, value): ref for column, value, _ in wanted})
        return NOTHING


def _ref(record: Record) -> Ref:
    return Ref(record.object, record.key)
