"""The plan: what Confirm will do, as values; :mod:`.planning` works it out in the background."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ..messages import Message, kept, plain
from ..models import Connection, Run
from ..state import current
from ..sync import run as runs


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One thing that will happen to so many records; `action` is link, create, send, pair, bring_in, bring_in_paid,
    archive, hold, hold_part_paid, leave_out or skip. `total` is their gross, for documents."""

    action: str
    label: Message
    count: int
    total: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What will happen to the records of one kind."""

    kind: str
    label: str
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure that can be foreseen, with the documents it concerns."""

    kind: str
    label: Message
    message: Message
    cure: Message
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of what Intacct will post for a document."""

    account: str
    debit: Decimal | None = None
    credit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """Decisions of one sort against the evidence: what they come to, the records, and who agreed to it."""

    text: Message
    names: tuple[str, ...]
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan; `digest` stands for the decisions and outgoing documents that it was made from."""

    digest: str
    made_at: datetime
    sections: tuple[Section, ...] = ()
    problems: tuple[Problem, ...] = ()
    pairs: tuple[Message, ...] = ()
    journal: tuple[JournalLine, ...] = ()
    warnings: tuple[Message, ...] = field(default_factory=tuple)
    against: tuple[Against, ...] = ()


def make(connection_id: int, who: str) -> Run:
    """Ask for a plan.

    :raises Refused: another run is at work.
    """
    return runs.start(connection_id, runs.PLAN, who, pressed=True)


def current_plan(connection: Connection) -> Plan | None:
    """The newest plan; None if there is none, or a decision was taken since."""
    session = current().session
    run = runs.latest(session, connection.id, runs.PLAN)
    if run is None or run.state != runs.DONE or run.report.get("digest") != connection.plan_digest:
        return None
    return _load(run.report)


def expected(connection: Connection, session: Session) -> dict[str, int]:
    """How many records each phase of the initial sync will see, by the newest plan."""
    run = runs.latest(session, connection.id, runs.PLAN)
    counted = {
        section["kind"]: sum(row["count"] for row in section["rows"] if row["action"] not in ("skip", "leave_out"))
        for section in (run.report.get("sections", ()) if run is not None else ())
    }
    seen = {phase.name: sum(counted.get(kind, 0) for kind in phase.kinds) for phase in current().runs[runs.SYNC].phases}
    return {name: number for name, number in seen.items() if number}


def dump(plan: Plan) -> dict[str, Any]:
    """A plan as JSON, for the report of its run."""
    return {**_plain(asdict(plan)), "made_at": plan.made_at.isoformat()}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | datetime) else value


def _load(report: dict[str, Any]) -> Plan:
    def money(value: str | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return Plan(
        digest=report["digest"],
        made_at=datetime.fromisoformat(report["made_at"]).astimezone(UTC),
        sections=tuple(
            Section(
                item["kind"],
                item["label"],
                tuple(
                    PlanRow(**{**row, "label": kept(row["label"]), "total": money(row["total"])})
                    for row in item["rows"]
                ),
            )
            for item in report["sections"]
        ),
        problems=tuple(
            Problem(**{**item, **{name: kept(item[name]) for name in ("label", "message", "cure")}})
            for item in report["problems"]
        ),
        pairs=tuple(map(kept, report["pairs"])),
        journal=tuple(
            JournalLine(item["account"], money(item["debit"]), money(item["credit"])) for item in report["journal"]
        ),
        warnings=tuple(map(kept, report["warnings"])),
        against=tuple(
            Against(kept(item["text"]), tuple(item["names"]), tuple(item["who"])) for item in report.get("against", ())
        ),
    )
