"""Retry on the pages of results: what is chosen, and what the person is told then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, redirect
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import func, select

from ..models import Issue, Run
from ..onboarding import retry
from ..onboarding.retry import Retried
from ..onboarding.wanted import Wanted, causes_of
from ..state import current
from ..sync import run as runs
from ..translation import gettext, ngettext
from . import many, words
from .base import who
from .messages import flash


def some(view: Any, ids: Sequence[int]) -> ResponseReturnValue:
    """Try the records of a few issues again; 404 if one of these is not of this connection."""
    if not ids:
        flash(gettext("Tick at least one row first."), "error")
        return redirect(view.back(), 303)
    mine = select(func.count()).where(Issue.connection_id == view.connection.id, Issue.id.in_(ids))
    if current().session.scalar(mine) != len(ids):
        abort(404)
    told = retry.some(view.connection.id, ids, who())
    assert told.taken is not None  # it took them at once
    number = len(told.taken.done) - told.taken.rests
    if number:
        _tell(view, told, _first(told, number))
    for text, category in _others(told, len(told.taken.left), told.taken.rests):
        flash(text, category)
    return redirect(view.back(), 303)


def every(view: Any, wanted: Wanted, most: int) -> ResponseReturnValue:
    """Try again all that is wanted: at once if it is no more than `most`, else in the background."""
    session, connection_id = current().session, view.connection.id
    query = wanted.issues(session, connection_id).with_only_columns(Issue.id).order_by(Issue.id.desc())
    ids = session.scalars(query.limit(most + 1)).all()
    if not ids:
        flash(gettext("Nothing of it is open any more."), "success")
        return redirect(view.back(), 303)
    if len(ids) <= most:
        return some(view, ids)
    wanted = replace(wanted, called=causes_of(session, connection_id, wanted.search))
    told = retry.many(connection_id, wanted, who())
    if told.run is not None and told.run.kind == runs.DECIDE:
        return many.begun(view, told.run, wanted)
    _tell(view, told, gettext("A sync tries all of them again."))
    return redirect(view.back(), 303)


def _tell(view: Any, told: Retried, text: str) -> None:
    """Tell of what is tried again, with when that begins, and the way to the run that it is about."""
    text = " ".join(filter(None, [text, _when(told)]))
    if told.up:
        text += " " + gettext("The limit of API transactions is reached; what you ask for goes all the same.")
    run = told.run or told.busy
    if run is not None:
        url = view.get_url("intacct_runs.show", run_id=run.id)
        text = Markup('{} <a href="{}">{}</a>').format(text, url, gettext("See how far it is"))
    flash(text, "success")


def _first(told: Retried, number: int) -> str:
    if told.run is None:
        return ngettext("%(num)s record is tried again.", "%(num)s records are tried again.", number)
    if told.run.kind == runs.PUSH:
        return ngettext("%(num)s record is tried again now.", "%(num)s records are tried again now.", number)
    return ngettext(
        "%(num)s record is tried again now, by a sync.", "%(num)s records are tried again now, by a sync.", number
    )


def _when(told: Retried) -> str:
    """When what could not begin does; "" if it could."""
    if told.run is not None:
        return ""
    if told.state == "paused":
        return gettext("That begins once the connection is resumed.")
    if told.state != "connected":
        return gettext("That begins once the company is reconnected.")
    return gettext("That begins as soon as the run at work has ended: %(run)s.", run=_called(told.busy))


def _called(run: Run | None) -> str:
    return words.run(run.kind) if run is not None else ""


def _others(told: Retried, left: int, rests: int) -> list[tuple[str, str]]:
    """What there is to say of those that are not tried again just now."""
    found = []
    if rests:
        text = ngettext(
            "%(num)s record waits for the first sync after its side is resumed.",
            "%(num)s records wait for the first sync after their side is resumed.",
            rests,
        )
        found.append((text, "success"))
    if left:
        text = ngettext(
            "%(num)s record is not tried again before you answer what is asked of it.",
            "%(num)s records are not tried again before you answer what is asked of them.",
            left,
        )
        found.append((text, "error"))
    if told.solved:
        text = ngettext("%(num)s record is solved already.", "%(num)s records are solved already.", told.solved)
        found.append((text, "success"))
    return found
