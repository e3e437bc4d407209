"""The one state machine of a connection: from "not connected" through the wizard's steps to Confirm, and after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as date_

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .. import audit, choices, issues, notices
from ..config import EARLIEST_SYNC_FROM
from ..errors import Refused, Stale
from ..gateway import Login
from ..messages import Message, listed
from ..models import Connection, Run, now, transition
from ..secret import Secret
from ..sessions import login_of
from ..state import current
from ..sync import lease
from ..sync import run as runs
from . import plan
from .company import PREREQUISITES as PREREQUISITES
from .company import Prerequisite as Prerequisite
from .company import companies as companies
from .company import entities as entities
from .company import get as get
from .company import locations as locations
from .company import taker, target, try_sign_in, try_typed
from .company import view_state as view_state
from .confirm import check_taxes
from .confirm import confirm as confirm
from .steps import STEP_KINDS, STEPS, next_step
from .steps import steps as steps
from .switches import disconnect as disconnect
from .switches import forget_company, forget_documents, forget_entity, lost_with_company, lost_with_entity, onboarding
from .switches import pause as pause
from .switches import pause_side as pause_side
from .switches import resume as resume
from .switches import resume_side as resume_side
from .switches import start_over as start_over


def start(company_id: str, who: str) -> Connection:
    """Begin to connect a company, or go on where somebody stopped; a disconnected one goes to its credentials.

    :raises Refused: there is no such company.
    """
    state = current()
    names = dict(state.host.companies())
    if company_id not in names:
        raise Refused(Message("connection.no_company"))
    try:
        with state.transaction() as session:
            found = session.scalar(select(Connection).where(Connection.live_company == company_id))
            if found is None:
                found = Connection(company_id=company_id, company_name=names[company_id][:255], live_company=company_id)
                session.add(found)
                session.flush()
                audit.record(session, found.id, who, "connect begun", found.company_name)
            return found
    except IntegrityError:
        with state.transaction() as session:  # another person began at the same moment
            return session.scalars(select(Connection).where(Connection.live_company == company_id)).one()


def tick(connection_id: int, keys: list[str], who: str) -> None:
    """Keep which prerequisites are ticked, and go on.

    :raises Refused: one is not; what was ticked is kept all the same.
    """
    wanted = [item.key for item in PREREQUISITES]
    missing = [item.label for item in PREREQUISITES if item.key not in keys]
    with current().transaction() as session:
        connection = onboarding(session, connection_id)
        connection.ticked = [key for key in wanted if key in keys]
        if not missing:
            _advance(connection, "credentials")
            audit.record(session, connection_id, who, "prerequisites ticked")
    if missing:
        raise Refused(Message("connection.to_do", missing=listed(missing)))


def credentials(
    connection_id: int, intacct_company: str, user_id: str, password: str, who: str, *, reopen: int = 0
) -> None:
    """Try the Web Services user's credentials, then keep them. Those of another Intacct company void all decisions.

    :param intacct_company: As typed; blanks around it count only if Intacct does not know it without them.
    :param reopen: So many decisions the person has agreed to lose.
    :raises Refused: one is missing, Intacct refuses them, or more decisions would be lost than was agreed to; the text
        says what to do. Nothing was kept.
    """
    state, password = current(), Secret(password).strip()
    login = Login(intacct_company.strip(), user_id.strip(), password)
    if not login.company:
        raise Refused(Message("connection.no_company_id"))
    if not login.user:
        raise Refused(Message("connection.no_user_id"))
    if not login.password:
        raise Refused(Message("connection.no_password"))
    before = get(connection_id)
    _check_company(before, login)
    login, form = try_typed(login, intacct_company)
    with state.transaction() as session:
        connection = lease.locked(session, connection_id)
        _check_company(connection, login)  # again: others may have gone on while Intacct was asked
        if connection.state == "disconnected" != before.state:
            raise Stale(Message("connection.disconnected"))
        _agreed(lost_with_company(session, connection, login.company), reopen, "connection.company_reopens")
        if connection.intacct_company.strip().casefold() not in ("", login.company.strip().casefold()):
            forget_company(session, connection)
        connection.intacct_company, connection.user_id = login.company, login.user
        connection.password_sealed = state.vault.seal(login.password)
        connection.facts = {**connection.facts, "format": form.row() if form else None}
        if connection.confirmed_at is None:
            transition(connection, "onboarding", "credentials were accepted")
            _advance(connection, "entity")
        elif connection.state != "paused":
            transition(connection, "connected", "credentials were accepted")
            connection.step = "done"
        issues.close(session, connection_id, f"connection:{connection_id}")
        notices.renew(session, connection)
        audit.record(session, connection_id, who, "credentials accepted", login.company, after={"user": login.user})


def _check_company(connection: Connection, login: Login) -> None:
    """:raises Refused: the connection is confirmed for another Intacct company, or it has ended."""
    if connection.live_company is None:
        raise Refused(Message("connection.ended"))
    if connection.confirmed_at and login.company.strip().casefold() != connection.intacct_company.strip().casefold():
        raise Refused(Message("connection.for_good", company=connection.intacct_company))


def entity(
    connection_id: int, entity: str, default_location: str, top_level_posting: bool, who: str, *, reopen: int = 0
) -> None:
    """Choose the entity; "" is the top level. A change reopens the contacts and tracking options decided so far.

    :param reopen: So many decisions the person has agreed to lose.
    :raises Refused: another company has it, the user may not work in it, the location is not in it, or more decisions
        would be lost than was agreed to.
    """
    state = current()
    with state.transaction() as session:
        asked = onboarding(session, connection_id)
    offered = {choice.id: choice for choice in entities(connection_id)}
    if entity not in offered:
        raise Refused(Message("connection.entity_unseen"))
    if default_location and default_location not in dict(locations(connection_id, entity)):
        raise Refused(Message("connection.location_elsewhere", location=default_location))
    if entity:
        try_sign_in(replace(login_of(state, connection_id), entity=entity))
    try:
        with state.transaction() as session:
            connection = onboarding(session, connection_id)
            if (connection.intacct_company, connection.user_id) != (asked.intacct_company, asked.user_id):
                raise Stale(Message("connection.other_company"))
            if any(taker(session, connection, entity)):
                raise Refused(Message("connection.entity_taken", entity=offered[entity].label))
            _agreed(lost_with_entity(session, connection, entity), reopen, "connection.entity_reopens")
            if connection.level and connection.entity != entity:
                forget_entity(session, connection)
            connection.entity, connection.entity_name = entity, offered[entity].name[:255]
            connection.level = "entity" if entity else "top"
            connection.live_target = target(connection, entity)
            connection.default_location, connection.top_level_posting = default_location, top_level_posting
            connection.plan_digest = ""
            _advance(connection, "date")
            audit.record(session, connection_id, who, "entity chosen", offered[entity].name, after={"entity": entity})
    except IntegrityError:
        raise Refused(Message("connection.entity_just_taken", entity=offered[entity].label)) from None


def date(connection_id: int, sync_from: date_, with_transactions: bool, who: str) -> Run:
    """Set the sync-from date and begin to read both sides.

    :raises Refused: it is before 1 January 2018 or in the future.
    """
    if sync_from < EARLIEST_SYNC_FROM:
        raise Refused(Message("connection.too_early"))
    if sync_from > now().date():
        raise Refused(Message("connection.in_future"))
    with current().transaction() as session:
        connection = onboarding(session, connection_id)
        if (connection.sync_from, connection.with_transactions) != (sync_from, with_transactions):
            forget_documents(session, connection)
        connection.sync_from, connection.with_transactions = sync_from, with_transactions
        connection.plan_digest = ""
        _advance(connection, "tax_type")
        audit.record(session, connection_id, who, "sync-from date chosen", sync_from.isoformat())
    return runs.start(connection_id, runs.READ, who, pressed=True)


def refresh(connection_id: int, who: str) -> Run:
    """Read Intacct and our own records again.

    :raises Refused: another run is at work, or the wizard has not come so far.
    """
    return runs.start(connection_id, runs.READ, who, pressed=True)


def go_on(connection_id: int, step: str, who: str) -> str:
    """Finish a step; gives the next one. Steps with nothing to decide are passed over.

    :raises Refused: something in it is undecided; the text says how much.
    """
    state = current()
    with state.transaction() as session:
        connection = lease.locked(session, connection_id)
        _check_reached(connection, step)
        check_taxes(connection, step)
        if step in STEP_KINDS:
            open_ = choices.undecided(session, connection_id, *STEP_KINDS[step])
            if open_:
                raise Refused(Message("connection.undecided", open=open_))
        following = next_step(session, connection, step)
        if connection.confirmed_at is None:
            _advance(connection, following)
            audit.record(session, connection_id, who, "step finished", step)
        else:
            following = "done"
    if following == "plan":
        plan.make(connection_id, who)
    return following


def go_to(connection_id: int, step: str, who: str) -> None:
    """Go back to a step, or forward to one where the wizard already was.

    :raises Refused: the wizard has not come so far.
    """
    with current().transaction() as session:
        connection = onboarding(session, connection_id)
        if step not in STEPS or STEPS.index(step) > _reached(connection):
            raise Refused(Message("connection.steps_before"))
        _advance(connection, step)
        audit.record(session, connection_id, who, "went to step", step)


def _agreed(lost: dict[str, int], reopen: int, cause: str) -> None:
    """:raises Refused: more would be lost than the person saw and agreed to."""
    number = sum(lost.values())
    if number > reopen:
        raise Refused(Message(cause, count=number))


def _advance(connection: Connection, step: str) -> None:
    """Move to a step, and remember how far the wizard has come."""
    reached = max(STEPS.index(step), _reached(connection))
    connection.step, connection.facts = step, {**connection.facts, "reached": reached}


def _check_reached(connection: Connection, step: str) -> None:
    """Continue is for steps that are reached; those with something to fill in are finished by filling it in.

    :raises Refused: the step can't be finished like this.
    """
    reached = _reached(connection)
    plain = step in ("overview", *STEP_KINDS)
    if step not in STEPS or STEPS.index(step) > reached or (not plain and STEPS.index(step) == reached):
        raise Refused(Message("connection.steps_before"))


def _reached(connection: Connection) -> int:
    standing = STEPS.index(connection.step) if connection.step in STEPS else len(STEPS)
    return max(int(connection.facts.get("reached", 0)), standing)
