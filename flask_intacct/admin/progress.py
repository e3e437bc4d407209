"""How far a run is, as its page, the flag and the polling script show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from .. import notices
from ..models import Phase, Run, now
from ..sync import run as runs
from ..translation import gettext, ngettext
from . import words

LIVE = (runs.QUEUED, runs.RUNNING, runs.PAUSED)
SYNCS = (runs.INITIAL, runs.SYNC)


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
    return draw(run, runs.phases(session, run.id))


def draw(run: Run, phases: Sequence[Phase]) -> list[Bar]:
    """These phases of it."""
    known = run.report.get(runs.EXPECTED, {})
    return [_bar(phase, known.get(phase.name, -1)) for phase in phases]


def left(session: Session, run: Run | None) -> str:
    """What a sync that was stopped has not done, in words; "" for one that is at work or came to its end."""
    if run is None or run.kind not in SYNCS or run.state not in (runs.CANCELLED, runs.FAILED):
        return ""
    number = sum(runs.left(session, run).values())
    if not number:
        return gettext("Stopped before its end.")
    return ngettext("Stopped, %(left)s record left.", "Stopped, %(left)s records left.", number, left=f"{number:,}")


def _bar(phase: Phase, planned: int) -> Bar:
    seen = phase.done + phase.failed
    ended = phase.state in ("done", "skipped", "failed")
    total = runs.total(phase, -1 if phase.state == "done" else planned)
    if total < 0 and ended:
        total = seen
    return Bar(
        name=phase.name,
        label=words.phase(phase.name),
        state=phase.state,
        state_label=gettext("Stopped") if phase.state == "skipped" and seen else words.state(phase.state),
        value=max(total, 1) if phase.state == "done" else min(seen, total) if total > 0 else 0,
        max=max(total, 1) if ended or total >= 0 else -1,
        failed=phase.failed,
        failed_text=ngettext("%(num)s to look at", "%(num)s to look at", phase.failed),
        text=_text(phase, seen, total),
        pace=_pace(phase, seen, total),
    )


def _text(phase: Phase, seen: int, total: int) -> str:
    if phase.state == "waiting" or (phase.state in ("done", "skipped") and not seen):
        return ""
    if total < 0:
        return ngettext("%(num)s so far", "%(num)s so far", seen) if seen else ""
    return gettext("%(seen)s of %(total)s", seen=words.count(seen), total=words.count(total))


def _pace(phase: Phase, seen: int, total: int) -> str:
    """Records per minute and the time left, while both can be told."""
    if phase.state != "running" or phase.started_at is None or seen < 1:
        return ""
    seconds = max((now() - phase.started_at).total_seconds(), 1.0)
    rate = seen / seconds
    pace = gettext("%(rate)s a minute", rate=words.count(round(rate * 60)))
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
        "rest": str(notices.resting(run)),
        "bars": [asdict(item) for item in bars(session, run)],
    }
