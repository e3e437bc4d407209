"""Whether all is conserved: each document is once on both sides and joined, or an issue says why it is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from flask_intacct.ledger import whole_cents
from flask_intacct.models import Connection, Issue, Link, Operation, Record
from flask_intacct.state import current

from .. import books, host
from .parts import Chaos
from .people import OBJECTS, PAPERS

OPEN = ("Draft", "Posted", "Paid", "Partially Paid", "Submitted")
"""States of a document of Intacct that counts."""


@dataclass(slots=True)
class Verdict:
    """What was found, a text for each thing that is wrong."""

    posted: int = 0
    duplicates: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    manual: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is there twice, lost, left open, or different, and people have little to do."""
        wrong = self.duplicates or self.losses or self.unresolved or self.differences
        return not wrong and self.manual <= self.posted / 100


def judge(chaos: Chaos) -> Verdict:
    """Look at both sides, once all is quiet."""
    found = Verdict()
    with chaos.app.app_context():
        try:
            for company in chaos.companies:
                _Company(chaos, company, found).judge()
        finally:
            host.db.session.remove()
    return found


class _Company:
    def __init__(self, chaos: Chaos, company: int, found: Verdict) -> None:
        self._intacct, self._company, self._found = chaos.intacct[company], company, found
        with current().reading() as session:
            mine = Connection.company_id == str(company), Connection.live_company.is_not(None)
            self._id = session.scalars(sa.select(Connection.id).where(*mine)).one()
            self._operations = session.scalars(sa.select(Operation).where(Operation.connection_id == self._id)).all()
            self._links = session.scalars(sa.select(Link).where(Link.connection_id == self._id)).all()
            told = sa.select(Issue.subject).where(Issue.connection_id == self._id, Issue.live.is_not(None))
            self._told = set(session.scalars(told))
            kept = sa.select(Record.id, Record.object, Record.key).where(Record.connection_id == self._id)
            self._record_ids = {(object_, key): id_ for id_, object_, key in session.execute(kept)}
        self._joined = {(link.object, link.record_key): link for link in self._links if link.record_key}

    def judge(self) -> None:
        states = Counter(operation.state for operation in self._operations)
        self._found.posted += states["DONE"]
        self._found.manual += states["MANUAL"]
        for operation in self._operations:
            ran = self._intacct.executions(operation.control_id)
            if ran > 1:
                self._found.duplicates.append(f"operation {operation.id} ran {ran} times")
            if operation.state in ("READY", "SENT", "UNKNOWN", "BLOCKED"):
                link = next(one for one in self._links if one.id == operation.link_id)
                what = f"operation {operation.id}, to {operation.action} {operation.object} {link.label}"
                seen = f"looked up {operation.lookups} times, its link {link.state}"
                self._found.unresolved.append(f"{what}, is {operation.state}: {seen}")
        for kind in PAPERS:
            self._documents(kind)
        for name in ("CUSTOMER", "VENDOR"):
            self._twice(name.lower(), Counter(row["NAME"] for row in self._intacct.rows(name)))

    def _documents(self, kind: str) -> None:
        model, object_ = PAPERS[kind][0], OBJECTS[kind]
        theirs = [row for row in self._intacct.rows(object_) if row.get("STATE") in OPEN]
        ours = host.db.session.scalars(sa.select(model).where(model.company_id == self._company)).unique().all()
        self._twice(f"{object_} in Intacct", Counter(row.get("RECORDID", "") for row in theirs))
        self._twice(f"{kind} in the host", Counter(paper.number for paper in ours))
        by_key = {str(row["RECORDNO"]): row for row in theirs}
        links = {link.local_id: link for link in self._links if link.kind == kind}
        for paper in ours:
            self._ours(kind, paper, links.get(str(paper.id)), by_key)
        for key, row in by_key.items():
            self._theirs(kind, object_, key, row)

    def _ours(self, kind: str, paper: Any, link: Link | None, theirs: dict[str, Any]) -> None:
        what = f"{kind} {paper.number} of company {self._company}"
        told = link is not None and f"link:{link.id}" in self._told
        if paper.status != "approved" or paper.day < books.SINCE or told:
            return
        row = theirs.get(link.record_key) if link is not None else None
        if row is None:
            state = "no link" if link is None else f"its link is {link.state} {link.record_key}"
            self._found.losses.append(f"{what} is not in Intacct, and nothing says why: {state}")
        elif whole_cents(paper.total) != whole_cents(row["TRX_TOTALENTERED"]):
            self._found.differences.append(f"{what}: {paper.total} here, {row['TRX_TOTALENTERED']} in Intacct")

    def _theirs(self, kind: str, object_: str, key: str, row: Any) -> None:
        what = f"{object_} {row.get('RECORDID')} of company {self._company}"
        link, record_id = self._joined.get((object_, key)), self._record_ids.get((object_, key))
        if f"record:{record_id}" in self._told or row.get("MEGAENTITYID") != books.ENTITY:
            return
        if link is None:
            if row["STATE"] not in ("Draft", "Submitted"):
                self._found.losses.append(f"{what} is not here, and nothing says why")
            return
        paper = host.db.session.get(PAPERS[kind][0], int(link.local_id)) if link.local_id.isdigit() else None
        if paper is None and f"link:{link.id}" not in self._told:
            self._found.losses.append(f"{what} is joined to nothing, and nothing says why")

    def _twice(self, what: str, counted: Counter[str]) -> None:
        for name, number in counted.items():
            if number > 1 and name:
                self._found.duplicates.append(f"{number} times {what}: {name} of company {self._company}")
