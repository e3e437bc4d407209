"""What can be said about companies and connections without changing them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import issues, restored, signins
from ..errors import Refused
from ..explain import AUTHORISATIONS, NUMBERING, USERS, explain, unreadable
from ..gateway import Client, Login, UserFormat, errors
from ..gateway.errors import ExchangeError
from ..gateway.formats import text
from ..messages import NOTHING, Message, quoted, sentences
from ..models import Connection, Issue, Run
from ..sessions import client_for, login_of
from ..state import current
from ..sync import form
from ..sync import run as runs
from ..translate import incoming
from ..translation import marked
from .ended import ENDED


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something to set up in Intacct beforehand, and where."""

    key: str
    label: Message
    where: str


PREREQUISITES: tuple[Prerequisite, ...] = (
    Prerequisite("subscription", Message("prepare.subscription"), "Company > Admin > Subscriptions"),
    Prerequisite("sender", Message("prepare.sender"), AUTHORISATIONS),
    Prerequisite(
        "user",
        Message("prepare.user"),
        USERS,
    ),
    Prerequisite(
        "setup",
        Message("prepare.setup"),
        "Taxes > Setup, General Ledger > Accounts, Company > Setup > Dimensions",
    ),
    Prerequisite(
        "numbering",
        Message("prepare.numbering"),
        NUMBERING,
    ),
)
"""By the vendor's documentation of what an integration needs."""


@dataclass(frozen=True, slots=True)
class EntityChoice:
    """An entity that the user may work in, or the top level, whose id and name are ""; `taken_by` names the company
    that has it already, `taker_id` is its id."""

    id: str
    name: str
    taken_by: str = ""
    taker_id: str = ""

    @property
    def label(self) -> Message:
        """What people call it."""
        return quoted(self.name) if self.id else Message("entity.top")


@dataclass(frozen=True, slots=True)
class CompanyView:
    """A company as the list shows it, with the one button that makes sense."""

    company_id: str
    name: str
    connection: Connection | None
    state: str
    state_label: str
    colour: str
    action: str
    action_label: str
    run: Run | None = None
    issues: int = 0


STATES: dict[str, tuple[str, str, str, str]] = {
    "not_connected": (marked("Not connected"), "grey", "connect", marked("Connect")),
    "onboarding": (marked("Being set up"), "amber", "continue", marked("Continue")),
    "connected": (marked("Connected"), "green", "open", marked("Open")),
    "syncing": (marked("Syncing"), "blue", "open", marked("Open")),
    "sync_paused": (marked("Sync paused"), "amber", "open", marked("Open")),
    "incomplete": (marked("Initial sync stopped"), "amber", "open", marked("Open")),
    "has_errors": (marked("Has records to look at"), "red", "open", marked("Open")),
    "needs_reconnecting": (marked("Needs reconnecting"), "red", "reconnect", marked("Reconnect")),
    "held": (marked("On hold"), "red", "open", marked("Open")),
    "paused": (marked("Paused"), "grey", "resume", marked("Resume")),
    "disconnected": (marked("Disconnected"), "grey", "reconnect", marked("Reconnect")),
    ENDED: (marked("Company deleted"), "grey", "", ""),
}
"""Per state: its label, its colour, its one button."""


def get(connection_id: int) -> Connection:
    """The connection.

    :raises Refused: it is gone.
    """
    with current().reading() as session:
        connection = session.get(Connection, connection_id)
    if connection is None:
        raise Refused(Message("connection.gone"))
    return connection


def view_state(connection: Connection) -> str:
    """The state that people see: what is stored, a run at work, open issues."""
    live, open_ = Run.live == connection.id, select(Issue.id).where(Issue.connection_id == connection.id)
    query = select(
        select(Run.kind).where(live).scalar_subquery(),
        select(Run.state).where(live).scalar_subquery(),
        open_.where(*issues.NEEDS_SOMEBODY).exists(),
        restored.holds(),
    )
    kind, state, errors_, held = current().session.execute(query).one()
    return _state(connection, kind, state, errors_, held)


def _state(connection: Connection, kind: str | None, state: str | None, errors_: bool, held: bool) -> str:
    """:param kind: The kind of the run at work, if there is one; `state` is its state."""
    if connection.state != "connected":
        return connection.state
    if held:
        return "held"
    if kind in (runs.INITIAL, runs.SYNC):
        return "sync_paused" if state == runs.PAUSED else "syncing"
    if connection.synced_at is None:
        return "incomplete"
    return "has_errors" if errors_ else "connected"


def companies() -> list[CompanyView]:
    """Every company of the host, connected or not, in four queries."""
    session = current().session
    rows = session.scalars(select(Connection).where(Connection.live_company.is_not(None))).all()
    connections = {row.company_id: row for row in rows}
    live = {run.connection_id: run for run in session.scalars(select(Run).where(Run.live.is_not(None)))}
    counted = select(Issue.connection_id, func.count()).where(*issues.NEEDS_SOMEBODY).group_by(Issue.connection_id)
    open_: dict[int, int] = dict(session.execute(counted).all())
    held = bool(restored.reason(session))
    views = []
    for company_id, name in current().host.companies():
        connection = connections.get(company_id)
        run = live.get(connection.id) if connection else None
        number = open_.get(connection.id, 0) if connection else 0
        kind, doing = (run.kind, run.state) if run else (None, None)
        state = _state(connection, kind, doing, bool(number), held) if connection else "not_connected"
        label, colour, action, action_label = STATES[state]
        views.append(CompanyView(company_id, name, connection, state, label, colour, action, action_label, run, number))
    return views


def entities(connection_id: int) -> list[EntityChoice]:
    """The entities that the user may work in, the top level last.

    :raises Refused: Intacct can't be asked just now; nothing is lost.
    """
    connection = get(connection_id)
    client = _top_level(connection_id)
    try:
        rows = list(client.query("LOCATIONENTITY", ["RECORDNO", "LOCATIONID", "NAME", "STATUS"]))
    except (errors.NotFound, errors.Disabled):
        rows = []  # a company of one entity has no such object
    except ExchangeError as error:
        raise _refused(
            unreadable("LOCATIONENTITY", error, Message("read.entities", object="LOCATIONENTITY"))
        ) from error
    finally:
        client.close()
    found = [(text(row, "LOCATIONID"), text(row, "NAME")) for row in rows if text(row, "STATUS") != "inactive"]
    choices = [*sorted(found, key=lambda item: item[1]), ("", "")]
    with current().reading() as session:
        return [EntityChoice(id_, name, *taker(session, connection, id_)) for id_, name in choices]


def locations(connection_id: int, entity: str) -> list[tuple[str, str]]:
    """(id, name) of the locations within an entity, for the default location; none at the top level.

    :raises Refused: Intacct can't be asked just now.
    """
    if not entity:
        return []
    client = _top_level(connection_id)
    fields = ["RECORDNO", "LOCATIONID", "NAME", "PARENTID", "STATUS"]
    try:
        rows = list(client.query("LOCATION", fields, show_private=True))
    except ExchangeError as error:
        raise _refused(unreadable("LOCATION", error)) from error
    finally:
        client.close()
    tops = incoming.entities(rows)
    inside = [
        (text(row, "LOCATIONID"), text(row, "NAME"))
        for row in rows
        if tops.get(text(row, "LOCATIONID")) == entity and text(row, "LOCATIONID") != entity
        and text(row, "STATUS") != "inactive"
    ]  # fmt: skip
    return sorted(inside, key=lambda item: item[1])


def try_sign_in(login: Login) -> None:
    """Sign in with stored credentials, perhaps into an entity.

    :raises Refused: Intacct says no, or can't be asked; the text says what to do.
    """
    try:
        _sign_in(login)
    except ExchangeError as error:
        raise _unreachable(error) from error


def try_typed(login: Login, company: str = "") -> tuple[Login, UserFormat | None]:
    """Sign in with what a person typed; gives the login that worked and, if it may be asked, how this user's dates are
    written. After the second failure people have to wait.

    :param company: The company ID as it was typed, tried where Intacct does not know the one of the login. By then no
        user has failed to sign in.
    :raises Refused: Intacct says no, or can't be asked, or it is too early, or dates could be misread; the text says
        what to do.
    """
    state = current()
    signins.begin(state, login)
    try:
        return login, _sign_in(login)
    except ExchangeError as error:
        if error.may_lock:
            until = signins.pause(state, login)
            wait = Message("signin.wait", until=signins.clock(until)) if until else NOTHING
            raise _unreachable(error, wait) from error
        signins.uncount(state, login)
        if isinstance(error, errors.CompanyUnknown) and company not in ("", login.company):
            return try_typed(replace(login, company=company))
        raise _unreachable(error) from error


def _sign_in(login: Login) -> UserFormat | None:
    client = client_for(current(), login, tries=1)
    try:
        client.sign_in()
        return form.told(client)
    finally:
        client.close()


def target(connection: Connection, entity: str) -> str:
    """The key of an Intacct company and entity: at most one company may be joined to it."""
    return f"{connection.intacct_company.casefold()}|{entity.casefold()}"[:255]


def taker(session: Session, connection: Connection, entity: str) -> tuple[str, str]:
    """(name, id) of another company that is joined to this entity; ("", "") if it is free.

    Whoever connects this company may know nothing of the other one: name it only to those who may see it.
    """
    query = select(Connection.company_name, Connection.company_id).where(
        Connection.live_target == target(connection, entity), Connection.id != connection.id
    )
    found = session.execute(query).first()
    return (found[0] or found[1], found[1]) if found is not None else ("", "")


def _top_level(connection_id: int) -> Client:
    state = current()
    return client_for(state, login_of(state, connection_id, top_level=True), tries=1)


def _unreachable(error: ExchangeError, more: Message = NOTHING) -> Refused:
    return _refused(explain(error), more)


def _refused(finding: issues.Finding, more: Message = NOTHING) -> Refused:
    return Refused(sentences([finding.whole, more]))
