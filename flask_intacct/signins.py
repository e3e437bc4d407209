"""Signing in as an Intacct user: by one process at a time, and never by itself with what Intacct refused.

Every failed sign-in brings a user nearer to being locked out there. So what was refused is remembered for all
processes until credentials are accepted. Only a person may try again, after the second failure only after a pause.

Nobody documents whether Intacct tells ``Bob`` from ``bob``. Here they are one user, on every database: were they two,
they would share sessions and pauses; taken for two, one user could be locked out by twice as many failures.
"""

from __future__ import annotations

import hmac
import time
import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .clock import now, read
from .errors import Refused
from .gateway import Login
from .messages import Message
from .models import Connection, SignIn
from .state import State

PAUSES = (1, 5, 15, 30)
"""Minutes to wait after the second, the third ... failure of a person; the last one for all further ones."""

_LOOK = 0.1
"""Seconds between two looks whether another process is through with signing in."""

_REMEMBERED = 20
"""So many refused passwords of one user are known at most."""

_KEPT = timedelta(days=30)
"""So long a row of a user whom no connection uses is kept."""


def claim(state: State, company: str, user: str) -> str:
    """Wait until no other process signs in as this user; gives what :func:`release` wants to know."""
    owner = uuid.uuid4().hex
    while not _claimed(state, company, user, owner):
        time.sleep(_LOOK)
    return owner


def _claimed(state: State, company: str, user: str, owner: str) -> bool:
    # A process that was killed while it signed in holds up the others no longer than a sign-in can take.
    life = timedelta(seconds=state.config.connect_timeout + state.config.read_timeout + 30)
    try:
        with state.transaction() as session:
            row = _locked(session, company, user)
            at = read(session)
            if row.claimed_until > at:
                return False
            row.owner, row.claimed_until = owner, at + life
    except IntegrityError:
        return False  # another process made the row in between
    return True


def release(state: State, company: str, user: str, owner: str) -> None:
    """Let the next process in."""
    with state.transaction() as session:
        ours = (_is(company, user), SignIn.owner == owner)
        session.execute(update(SignIn).where(*ours).values(owner="", claimed_until=now()))
        _tidy(session, company, user)


def known_wrong(state: State, login: Login) -> bool:
    """Whether Intacct refused these very credentials, and accepted none of this user since."""
    with state.reading() as session:
        refused = session.scalar(select(SignIn.refused).where(_is(login.company, login.user))) or []
    digests = _digests(state, login)
    return any(hmac.compare_digest(digest, known) for digest in digests for known in refused)


def remember(state: State, session: Session, login: Login) -> None:
    """Keep that Intacct refused these credentials, within the caller's transaction."""
    row = _locked(session, login.company, login.user)
    digests = _digests(state, login)
    row.refused = [*(known for known in row.refused if known not in digests), digests[0]][-_REMEMBERED:]
    row.refused_at = now()


def clear(state: State, login: Login) -> None:
    """Credentials of this user were accepted: nothing that was refused counts any more."""
    with state.transaction() as session:
        any_ = (_is(login.company, login.user), or_(SignIn.refused_at.is_not(None), SignIn.typed > 0))
        session.execute(update(SignIn).where(*any_).values(refused=[], refused_at=None, typed=0, until=None))


def begin(state: State, login: Login) -> None:
    """Count a person's try before it is sent, so that no two get through where one may.

    :raises Refused: too many failed; the text says when to try again.
    """
    try:
        _count(state, login)
    except IntegrityError:
        _count(state, login)  # another process made the row in between


def _count(state: State, login: Login) -> None:
    with state.transaction() as session:
        row = _locked(session, login.company, login.user)
        at = read(session)
        if row.until is not None and row.until > at:
            raise Refused(Message("signin.paused", user=login.user, until=clock(row.until)))
        row.typed += 1
        minutes = PAUSES[min(row.typed - 2, len(PAUSES) - 1)] if row.typed > 1 else 0
        row.until = _whole_minute(at + timedelta(minutes=minutes)) if minutes else None


def uncount(state: State, login: Login) -> None:
    """A person's try came to nothing that speaks against the credentials."""
    with state.transaction() as session:
        row = _locked(session, login.company, login.user)
        row.typed, row.until = max(row.typed - 1, 0), None
        session.flush()
        _tidy(session, login.company, login.user)


def pause(state: State, login: Login) -> datetime | None:
    """Until when no person may try; None if one may."""
    with state.transaction() as session:
        return session.scalar(select(SignIn.until).where(_is(login.company, login.user)))


def clock(moment: datetime) -> str:
    """A time of day as people read it."""
    return f"{moment:%H:%M} UTC"


def purge(session: Session) -> None:
    """Delete the rows of users that no connection uses any more, once they say nothing new."""
    used = {folded(*row) for row in session.execute(select(Connection.intacct_company, Connection.user_id))}
    old = select(SignIn.id, SignIn.company, SignIn.user_id).where(SignIn.claimed_until < now(-_KEPT.total_seconds()))
    gone = [id_ for id_, company, user in session.execute(old) if (company, user) not in used]
    session.execute(delete(SignIn).where(SignIn.id.in_(gone)))


def folded(company: str, user: str) -> tuple[str, str]:
    """A user of Intacct, however somebody wrote the company and the name."""
    return company.lower(), user.lower()


def _is(company: str, user: str) -> ColumnElement[bool]:
    company, user = folded(company, user)
    return (SignIn.company == company) & (SignIn.user_id == user)


def _digests(state: State, login: Login) -> list[str]:
    return state.vault.digests("refused sign-in", *folded(login.company, login.user), login.password)


def _whole_minute(moment: datetime) -> datetime:
    """The next whole minute: people are told minutes."""
    return (moment + timedelta(seconds=59)).replace(second=0, microsecond=0)


def _locked(session: Session, company: str, user: str) -> SignIn:
    # Looked for before it is locked: MariaDB would lock the gap where it is not, and two who then write deadlock.
    there = session.scalar(select(SignIn.id).where(_is(company, user))) is not None
    row = session.scalar(select(SignIn).where(_is(company, user)).with_for_update()) if there else None
    if row is None:
        company, user = folded(company, user)
        row = SignIn(company=company, user_id=user, claimed_until=now(), refused=[], typed=0)
        session.add(row)
        session.flush()
    return row


def _tidy(session: Session, company: str, user: str) -> None:
    """Delete a row that says nothing."""
    nothing = (SignIn.owner == "", SignIn.refused_at.is_(None), SignIn.typed == 0)
    session.execute(delete(SignIn).where(_is(company, user), *nothing))
