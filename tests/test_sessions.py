"""Gateway sessions that all processes share through the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from world import World

from flask_intacct.gateway import Session, SessionKey
from flask_intacct.sessions import DatabaseSessions
from flask_intacct.state import current

KEY = SessionKey("acme", "ws", "E1")


def test_a_stored_session_keeps_its_end_by_both_clocks(read_world: World) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    stated = (end + timedelta(days=3)).replace(microsecond=0)  # the gateway's clock is wrong
    session = Session("s1", "https://api.intacct.com/ia/xml/xmlgw.phtml", "E1", end, stated=stated)
    DatabaseSessions(current()).put(KEY, session)
    found = DatabaseSessions(current()).get(KEY)
    assert found is not None
    assert abs(found.expires - end) < timedelta(seconds=20)  # by the database's clock in between
    assert replace(found, expires=end) == session


def test_a_dropped_session_is_gone(read_world: World) -> None:
    sessions = DatabaseSessions(current())
    sessions.put(KEY, Session("s1", "https://api.intacct.com/ia/xml/xmlgw.phtml", "E1", datetime.now(UTC)))
    sessions.drop(KEY)
    assert sessions.get(KEY) is None
