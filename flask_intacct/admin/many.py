"""Decisions about many records at once, as the lists show them: what was asked for, how far it is, what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, redirect
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from ..clock import read
from ..messages import kept
from ..models import Phase, Run
from ..onboarding import deciding
from ..onboarding.wanted import ACCEPT, ADD, ARCHIVE, HANDLE, LEFT, RETRY, UNDO, Wanted
from ..sync import run as runs
from ..translation import gettext, ngettext
from . import override, progress, words
from .base import here, who
from .bounds import whole
from .messages import flash
from .progress import Bar

SHOWN = timedelta(minutes=10)
"""So long the lists show the person who asked for it what a run came to."""


@dataclass(frozen=True, slots=True)
class Many:
    """A run that decides many records.

    :param text: What was asked for.
    :param came: What it came to; "" while it is at work.
    :param undo: Whether the person may take it back.
    :param place: The address of the page that shows it.
    """

    run: Run
    text: str
    bars: Sequence[Bar]
    came: str
    undo: bool
    place: str

    @property
    def going(self) -> bool:
        return self.run.state in progress.LIVE

    @property
    def left(self) -> int:
        """How many records were left as they were."""
        return sum(bar.failed for bar in self.bars)


CHOSEN = ("cause", "kind", "search", "outcome")
"""What issues are chosen by."""


def asked_for(action: str, sent: Mapping[str, str], **more: Any) -> Wanted:
    """What a person wants done with many issues; 400 if it makes no sense."""
    chosen: dict[str, Any] = {name: sent.get(name, "").strip() for name in CHOSEN}
    try:
        return Wanted(action, **chosen, last=whole(sent.get("last")), **more)
    except ValueError:
        abort(400)


def begin(view: Any, wanted: Wanted) -> ResponseReturnValue:
    """Have it done in the background, and go back to where the person came from."""
    return begun(view, deciding.start(view.connection.id, wanted, who()), wanted)


def begun(view: Any, run: Run, wanted: Wanted) -> ResponseReturnValue:
    """Tell of the run that does it, and go back to where the person came from."""
    url = view.get_url("intacct_runs.show", run_id=run.id)
    link = Markup('<a href="{}">{}</a>').format(url, gettext("See how far it is"))
    flash(
        Markup("{} {}").format(gettext("At work in the background: %(what)s.", what=wanted_words(wanted)), link),
        "success",
    )
    return redirect(view.back(), 303)


def latest(session: Session, connection_id: int, person: str) -> Many | None:
    """The run that a list shows: the one at work, or the newest of this person's that ended just now."""
    run = runs.latest(session, connection_id, runs.DECIDE)
    if run is None:
        return None
    fresh = run.finished_at is not None and run.finished_at > read(session) - SHOWN and run.asked_by == person
    return of(session, run, person) if run.live is not None or fresh else None


def of(session: Session, run: Run, person: str) -> Many:
    """A run of this kind as it is shown."""
    wanted, phases = Wanted.of(run), runs.phases(session, run.id)
    came = "" if run.live is not None else _came(wanted, run, phases)
    return Many(run, wanted_words(wanted), progress.draw(run, phases), came, deciding.undoable(run, person), here())


def reasons(run: Run) -> list[str]:
    """Why records were left as they were, as far as the run listed them."""
    return [str(kept(reason)) for reason in run.report.get(LEFT, {}).values()]


def wanted_words(wanted: Wanted) -> str:
    """What was asked for, in words."""
    if wanted.action == UNDO:
        said = gettext("Undo")
    elif wanted.action == HANDLE:
        said = gettext("Mark as handled")
    elif wanted.action == RETRY:
        said = gettext("Retry")
    elif wanted.action == ACCEPT:
        said = gettext("Accept all certain")
    elif wanted.action == ADD:
        said = str(override.CREATING[wanted.new_role])
    else:
        said = gettext("Archive")
    facts = [
        words.kind(wanted.kind) if wanted.kind else "",
        words.cause(wanted.cause) if wanted.cause else "",
        words.roles(wanted.role) if wanted.role else "",
        {"certain": gettext("Certain"), "likely": gettext("Likely"), "unsure": gettext("Unsure or none")}.get(
            wanted.sure, ""
        ),
        {"failed": gettext("To look at"), "held": gettext("Held")}.get(wanted.outcome, ""),
        f"“{wanted.search}”" if wanted.search else "",
    ]
    return " · ".join([said, *filter(None, facts)])


def _came(wanted: Wanted, run: Run, phases: Sequence[Phase]) -> str:
    """How many were decided, how many were left, and how many somebody else decided."""
    done, failed = sum(phase.done for phase in phases), sum(phase.failed for phase in phases)
    total = sum(max(phase.total, 0) for phase in phases)
    found = [_done(wanted, done)]
    if failed:
        found.append(ngettext("%(num)s was left as it was.", "%(num)s were left as they were.", failed))
    others = total - done - failed
    if others > 0 and run.state == runs.DONE:
        found.append(
            ngettext(
                "%(num)s was decided by somebody else meanwhile.",
                "%(num)s were decided by somebody else meanwhile.",
                others,
            )
        )
    elif others > 0:
        found.append(ngettext("%(num)s was not reached.", "%(num)s were not reached.", others))
    return " ".join(found)


def _done(wanted: Wanted, done: int) -> str:
    texts = {
        ACCEPT: lambda: ngettext("%(num)s record matched.", "%(num)s records matched.", done),
        ADD: lambda: ngettext(
            "%(num)s contact will be created at Confirm.", "%(num)s contacts will be created at Confirm.", done
        ),
        ARCHIVE: lambda: ngettext("%(num)s record will be archived.", "%(num)s records will be archived.", done),
        HANDLE: lambda: ngettext(
            "%(num)s record is marked as handled.", "%(num)s records are marked as handled.", done
        ),
        RETRY: lambda: ngettext("%(num)s record is tried again.", "%(num)s records are tried again.", done),
        UNDO: lambda: ngettext("%(num)s record is open again.", "%(num)s records are open again.", done),
    }
    return str(texts[wanted.action]())
