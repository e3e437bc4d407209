"""The steps of the wizard: which there are for this host and connection, and which comes next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds
from ..models import Connection, Link
from ..state import current
from ..translation import marked

STEPS = (
    "overview",
    "prerequisites",
    "credentials",
    "entity",
    "date",
    "tax_type",
    "account",
    "tracking",
    "contact",
    "plan",
)
"""The wizard's steps in order; a connection stands at one of them, or at "done"."""

STEP_KINDS: dict[str, tuple[str, ...]] = {
    "tax_type": (kinds.TAX_TYPE,),
    "account": (kinds.ACCOUNT,),
    "tracking": (kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION),
    "contact": (kinds.CONTACT,),
}
"""What each matching step decides."""

STEP_LABELS = {
    "overview": marked("What syncs"),
    "prerequisites": marked("Prepare"),
    "credentials": marked("Sign in"),
    "entity": marked("Entity"),
    "date": marked("Start date"),
    "tax_type": marked("Tax types"),
    "account": marked("Accounts"),
    "tracking": marked("Tracking"),
    "contact": marked("Contacts"),
    "plan": marked("Plan"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as the wizard's header shows it; `state` is done, current, next or skipped."""

    name: str
    label: str
    state: str


def steps(connection: Connection) -> list[StepView]:
    """The steps that this host has, and where the connection stands."""
    session = current().session
    position = STEPS.index(connection.step) if connection.step in STEPS else len(STEPS)
    to_decide = _to_decide(session, connection)
    views = []
    for number, name in enumerate(STEPS):
        if name in STEP_KINDS and not any(current().host.has(kind) for kind in STEP_KINDS[name]):
            continue
        state = "done" if number < position else "current" if number == position else "next"
        if name in STEP_KINDS and "taxes" in connection.facts and name not in to_decide:
            state = "skipped"
        views.append(StepView(name, STEP_LABELS[name], state))
    return views


def next_step(session: Session, connection: Connection, step: str) -> str:
    """The step after this one that has something to show."""
    for name in STEPS[STEPS.index(step) + 1 :]:
        if name not in STEP_KINDS or asked(session, connection, name):
            return name
    return "plan"


def taxes_open(connection: Connection) -> bool:
    """Whether nobody knows if Intacct has taxes: they could not be read, and nobody said that there are none."""
    return bool(connection.facts.get("taxes_unread")) and not connection.facts.get("taxes")


def asked(session: Session, connection: Connection, step: str) -> bool:
    """Whether the host has anything to decide in a step; a blank company skips it."""
    return step in _to_decide(session, connection)


def _to_decide(session: Session, connection: Connection) -> set[str]:
    """The steps in which the host has anything to decide."""
    links = select(Link.id).where(Link.connection_id == connection.id)
    there = [links.where(Link.kind.in_(kinds_)).exists().label(step) for step, kinds_ in STEP_KINDS.items()]
    found = {step for step, any_ in session.execute(select(*there)).mappings().one().items() if any_}
    if taxes_open(connection) and current().host.has(kinds.TAX_TYPE):
        found.add(kinds.TAX_TYPE)
    return found


def after_reading(session: Session, connection: Connection) -> None:
    """Once both sides are read: pass over matching steps with nothing to decide."""
    matching = connection.state == "onboarding" and connection.step in STEP_KINDS
    if matching and not asked(session, connection, connection.step):
        connection.step = next_step(session, connection, connection.step)
