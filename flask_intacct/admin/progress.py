"""How far a run is, as its page, the flag and the polling script show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_admin.babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds
from ..models import Phase, Run, now
from ..sync import run as runs
from . import words

LIVE = (runs.QUEUED, runs.RUNNING, runs.PAUSED)


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase: `value` of `max` (-1: not known yet), and the same in words."""

    name: str
    label: str
    state: str
    state_label: str
    value: int
    max: int
    failed: int
    failed_text: str
    text: str
    pace: str


def bars(session: Session, run: Run) -> list[Bar]:
    """The phases of a run, drawn."""
    return draw(session, run, runs.phases(session, run.id))


def draw(session: Session, run: Run, phases: Sequence[Phase]) -> list[Bar]:
    """These phases of it."""
    known = _planned(session, run)
    return [_bar(phase, known.get(phase.name, -1)) for phase in phases]


_PLANNED = {
    "reference": (kinds.TAX_TYPE, kinds.ACCOUNT, kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION),
    "contact": (kinds.CONTACT,),
    "invoice": (kinds.INVOICE,),
    "bill": (kinds.BILL,),
}


def _planned(session: Session, run: Run) -> dict[str, int]:
    """How many records each phase of an initial sync will see, by the plan that was confirmed."""
    if run.kind != runs.INITIAL:
        return {}
    plan = select(Run.report).where(
        Run.connection_id == run.connection_id, Run.kind == runs.PLAN, Run.state == runs.DONE, Run.id < run.id
    )
    report = session.scalar(plan.order_by(Run.id.desc()).limit(1)) or {}
    counted: dict[str, int] = {}
    for section in report.get("sections", ()):
        seen = (row["count"] for row in section["rows"] if row["action"] not in ("skip", "leave_out"))
        counted[section["kind"]] = sum(seen)
    return {name: total for name, of in _PLANNED.items() if (total := sum(counted.get(kind, 0) for kind in of))}


def _bar(phase: Phase, planned: int) -> Bar:
    seen = phase.done + phase.failed
    ended = phase.state in ("done", "skipped", "failed")
    total = phase.total if phase.total >= 0 else seen if ended else max(planned, seen) if planned > 0 else -1
    return Bar(
        name=phase.name,
        label=words.phase(phase.name),
        state=phase.state,
        state_label=words.state(phase.state),
        value=max(total, 1) if phase.state == "done" else min(seen, total) if total > 0 else 0,
        max=max(total, 1) if ended or total >= 0 else -1,
        failed=phase.failed,
        failed_text=ngettext("%(num)s to look at", "%(num)s to look at", phase.failed),
        text=_text(phase, seen, total),
        pace=_pace(phase, seen, total),
    )


def _text(phase: Phase, seen: int, total: int) -> str:
    if phase.state in ("waiting", "skipped") or (phase.state == "done" and not seen):
        return ""
    if total < 0:
        return ngettext("%(num)s so far", "%(num)s so far", seen) if seen else ""
    return gettext("%(seen)s of %(total)s", seen=f"{seen:,}", total=f"{total:,}")


def _pace(phase: Phase, seen: int, total: int) -> str:
    """Records per minute and the time left, while both can be told."""
    if phase.state != "running" or phase.started_at is None or seen < 1:
        return ""
    seconds = max((now() - phase.started_at).total_seconds(), 1.0)
    rate = seen / seconds
    pace = gettext("%(rate)s a minute", rate=f"{round(rate * 60):,}")
    if total > seen:
        pace += " · " + gettext("about %(time)s left", time=words.duration((total - seen) / rate))
    return pace


def as_json(session: Session, run: Run) -> dict[str, Any]:
    """What the polling script asks for."""
    return {
        "state": run.state,
        "label": words.state(run.state),
        "colour": words.colour(run.state),
        "live": run.state in LIVE,
        "bars": [asdict(item) for item in bars(session, run)],
    }
