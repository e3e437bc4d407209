"""Which of Intacct's records the host's tables can't take: told by the plan, before anything is tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from .. import kinds
from ..errors import Refused
from ..keys import portions
from ..kinds import Kind
from ..ledger import Document, Ref, Value
from ..messages import NOTHING, Message, noun
from ..models import Record
from ..prospects import Claim, Prospects
from ..sync import arrivals, eligibility, records
from ..sync.job_context import JobContext
from ..sync.resolution import Maps

CAUSE = "can't be brought in"


class Foresight:
    """Asks the host's descriptions, each contact once; of many documents what has to be asked is asked together."""

    def __init__(self, job: JobContext) -> None:
        self._slice, self._host = job, job.state.host
        self._prospects = Prospects(job.state.host)
        self._records: dict[Ref, Record | None] = {}
        self._contacts: dict[tuple[str, Ref], Message] = {}
        self._claimed: dict[tuple[Any, Any], Ref] = {}
        self._taken: dict[tuple[Any, Any], bool] = {}
        self._claims: dict[Ref, list[Claim]] = {}

    def ahead(self, documents: Iterable[Document], decided: Maps) -> None:
        """Ask together what has to be asked for some documents, and for the contacts that would come along."""
        found, strangers = list(documents), dict[Ref, str]()
        for document in found:
            if document.contact is not None and decided.local(kinds.CONTACT, document.contact) is None:
                strangers[document.contact] = kinds.shape(document.kind).contact_role
        self._meet(strangers)
        self._claims = {document.ref: self._prospects.claims(document.kind, "", document) for document in found}
        claims = [claim for some in self._claims.values() for claim in some]
        for ref, role in strangers.items():
            record, spec = self._records[ref], kinds.kind(kinds.CONTACT, role)
            if record is not None:
                with suppress(Refused, ValueError):  # it has an issue of its own
                    claims += self._prospects.claims(spec.name, role, arrivals.incoming(self._slice, spec, record))
        self._ask(claims)

    def _meet(self, refs: Iterable[Ref]) -> None:
        """Read what is cached of Intacct's contacts."""
        wanted: dict[str, list[str]] = {}
        for ref in refs:
            if ref not in self._records:
                self._records[ref] = None
                wanted.setdefault(ref.source, []).append(ref.id)
        with self._slice.state.reading() as session:
            for object_, ids in wanted.items():
                for some in portions(ids, records.CHUNK):
                    query = select(Record).where(
                        Record.connection_id == self._slice.connection.id,
                        Record.object == object_,
                        Record.natural_id.in_(some),
                    )
                    for record in session.scalars(query.order_by(Record.id.desc())):
                        self._records[Ref(object_, record.natural_id)] = record

    def records(self, spec: Kind, found: Sequence[Record]) -> list[Message]:
        """Why the host could not have some records; nothing of each that it can, as far as that can be told."""
        claims: list[Claim] = []
        for record in found:
            with suppress(Refused, ValueError):
                claims += self._prospects.claims(spec.name, spec.role, arrivals.incoming(self._slice, spec, record))
        self._ask(claims)
        return [self.record(spec, record) for record in found]

    def record(self, spec: Kind, record: Record) -> Message:
        """Why the host could not have a record; nothing if it can, as far as that can be told."""
        try:
            value = arrivals.incoming(self._slice, spec, record)
        except (Refused, ValueError):
            return NOTHING  # it has an issue of its own
        return self._foreseen(spec.name, spec.role, value, _ref(record))

    def document(self, document: Document, decided: Maps) -> Message:
        """The same for a document, with its lines and a contact that would come along."""
        role = kinds.shape(document.kind).contact_role
        if document.contact is not None and decided.local(kinds.CONTACT, document.contact) is None:
            reason = self._contact(role, document.contact)
            if reason:
                return Message("place.contact", role=noun(role), reason=reason)
        return self._foreseen(document.kind, "", document, document.ref)

    def comes(self, role: str, ref: Ref) -> bool:
        """Whether a contact comes in by itself, so that it does not count as one that comes along."""
        record, spec = self.contact(ref), kinds.kind(kinds.CONTACT, role)
        return (
            record is not None
            and self._host.place(kinds.CONTACT, role) is not None
            and eligibility.wanted(self._slice, spec, record)
            and not self._contact(role, ref)
        )

    def _contact(self, role: str, ref: Ref) -> Message:
        if (role, ref) not in self._contacts:
            record = self.contact(ref)
            if record is None and self._host.place(kinds.CONTACT, role) is None:
                self._contacts[role, ref] = Message("place.none", noun=noun(role))
            else:
                spec = kinds.kind(kinds.CONTACT, role)
                self._contacts[role, ref] = NOTHING if record is None else self.record(spec, record)
        return self._contacts[role, ref]

    def contact(self, ref: Ref) -> Record | None:
        """What was read of one of Intacct's contacts."""
        self._meet([ref])
        return self._records[ref]

    def _foreseen(self, kind: str, role: str, value: Value | Document, ref: Ref) -> Message:
        foreseen = self._prospects.refusal(kind, role, value)
        if foreseen:
            return foreseen
        claims = self._claims.get(ref)
        return self._claim(self._prospects.claims(kind, role, value) if claims is None else claims, ref)

    def _ask(self, claims: Iterable[Claim]) -> None:
        """Ask the host's tables what of it a row has already."""
        fresh = {key: claim for claim in claims if (key := (claim.column, claim.value)) not in self._taken}
        taken = self._prospects.taken(fresh.values())
        self._taken.update({key: claim in taken for key, claim in fresh.items()})

    def _claim(self, claims: Sequence[Claim], ref: Ref) -> Message:
        """Note what only one row may have; gives why this one can't have it."""
        self._ask(claims)
        for claim in claims:
            key = claim.column, claim.value
            twice = self._claimed.get(key, ref) != ref
            if twice or self._taken[key]:
                held = {"column": claim.name, "value": repr(str(claim.value)[:60])}
                return Message("column.taken" if self._taken[key] else "column.twice", **held)
        self._claimed.update(((claim.column, claim.value), ref) for claim in claims)
        return NOTHING


def _ref(record: Record) -> Ref:
    return Ref(record.object, record.key)
