"""A key was dropped too early, or a connection has no password: words and a way on, never an error page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from frames import tells
from world import World, host

from flask_intacct import jobs, signals
from flask_intacct.errors import Refused
from flask_intacct.gateway import Session as GatewaySession
from flask_intacct.gateway import SessionKey
from flask_intacct.models import Base, Connection, Issue, Notice, Session
from flask_intacct.onboarding import connect, settings
from flask_intacct.sessions import DatabaseSessions, login_of
from flask_intacct.state import current
from flask_intacct.vault import Vault

OTHER = Fernet.generate_key().decode()


@pytest.fixture
def lost(read_world: World) -> World:
    """A world whose key is another one all of a sudden."""
    with current().transaction() as session:
        row = session.get_one(Connection, 1)
        row.password_sealed = Vault([OTHER]).seal("secret")
    return read_world


def confirm(world: World) -> None:
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        row.state, row.step = "connected", "done"
        row.confirmed_at = row.synced_at = row.created_at


def refused(act: Any, *given: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*given)
    return caught.value.message


@pytest.mark.parametrize(
    "ask",
    [
        lambda: connect.entities(1),
        lambda: connect.locations(1, "E1"),
        lambda: connect.entity(1, "E2", "", False, "ada"),
    ],
    ids=["entities", "locations", "entity"],
)
def test_wherever_the_password_is_opened_the_connection_needs_reconnecting(
    lost: World, ask: Callable[..., Any]
) -> None:
    message = refused(ask)
    assert "INTACCT_SECRET_KEYS" in message
    assert "Sign in again" in message
    assert lost.connection.state == "needs_reconnecting"
    assert lost.sim.requests == []


def test_the_settings_page_says_it_too(lost: World) -> None:
    confirm(lost)
    assert "INTACCT_SECRET_KEYS" in refused(settings.choices, 1)
    assert lost.connection.state == "needs_reconnecting"


def test_a_run_ends_by_it_with_one_signal_issue_and_notice(lost: World) -> None:
    told: list[int] = []

    def hear(sender: Any, connection_id: int) -> None:
        told.append(connection_id)

    signals.needs_reconnecting.connect(hear)
    confirm(lost)
    assert lost.sync().state == "failed"
    refused(connect.entities, 1)
    jobs.nightly()
    signals.needs_reconnecting.disconnect(hear)
    assert (lost.connection.state, told) == ("needs_reconnecting", [1])
    assert [(row.fingerprint, row.count) for row in lost.rows(Issue)] == [("password lost", 1)]
    assert [str(row.message) for row in lost.rows(Notice)] == ["The sync stopped."]


def test_signing_in_again_is_the_cure(lost: World) -> None:
    refused(connect.entities, 1)
    lost.sign_in()
    assert (lost.connection.state, lost.issues()) == ("onboarding", [])
    assert len(connect.entities(1)) == 3


def test_a_stored_session_that_can_not_be_opened_is_none_and_goes(read_world: World) -> None:
    key = SessionKey("demo", "ws_user", "E1")
    end = datetime.now(UTC) + timedelta(hours=1)
    sessions = DatabaseSessions(current())
    sessions.put(key, GatewaySession("s1", "http://127.0.0.1:9/", "E1", end))
    with current().transaction() as session:
        session.query(Session).one().sealed = Vault([OTHER]).seal("s1")
    assert sessions.get(key) is None
    assert read_world.rows(Session) == []
    assert connect.locations(1, "E1")


def test_sessions_that_are_over_go_with_the_tick(read_world: World) -> None:
    sessions, hour = DatabaseSessions(current()), timedelta(hours=1)
    for user, end in (("old", -hour), ("new", hour)):
        session = GatewaySession("s1", "http://127.0.0.1:9/", "", datetime.now(UTC) + end)
        sessions.put(SessionKey("demo", user, ""), session)
    jobs.tick()
    assert [row.user_id for row in read_world.rows(Session)] == ["new"]


def test_disconnecting_forgets_the_password_and_the_sessions(read_world: World) -> None:
    confirm(read_world)
    assert connect.locations(1, "E1")
    assert read_world.rows(Session)
    connect.disconnect(1, "ada")
    with current().transaction() as session:
        assert session.get_one(Connection, 1).password_sealed == ""
    assert read_world.rows(Session) == []


def test_disconnecting_leaves_the_sessions_that_another_company_works_with(read_world: World) -> None:
    world = read_world
    confirm(world)
    world.save(host.Company(id=2, name="Harbour"))
    world.begin("2")
    world.sign_in()
    connect.disconnect(1, "ada")
    assert world.rows(Session)
    assert login_of(current(), 2).password == "secret"


def test_after_disconnecting_pages_ask_for_the_password(read_world: World) -> None:
    confirm(read_world)
    connect.disconnect(1, "ada")
    assert "Sign in again" in refused(settings.choices, 1)
    assert read_world.connection.state == "disconnected"
    read_world.sign_in()
    assert (read_world.connection.state, read_world.connection.step) == ("connected", "done")
    assert settings.choices(1)


def test_before_anybody_signed_in_pages_say_so(world: World) -> None:
    world.begin()
    assert "Nobody has signed in" in refused(connect.entities, 1)
    assert world.connection.state == "onboarding"


def test_no_frame_of_a_sign_in_that_fails_holds_the_password(world: World) -> None:
    world.begin()
    with pytest.raises(Refused) as caught:
        connect.credentials(1, "demo", "ws_user", " canary-7391 ", "ada")
    assert tells(caught.value, "canary-7391") == []


def test_no_frame_of_a_database_that_fails_holds_the_password(world: World) -> None:
    world.begin()
    world.sim.company.users["ws_user"].password = "canary-7391"
    Base.metadata.tables["intacct_event"].drop(host.db.engine)
    with pytest.raises(Exception, match="intacct_event") as caught:
        connect.credentials(1, "demo", "ws_user", "canary-7391", "ada")
    assert tells(caught.value, "canary-7391", host.KEY) == []


def test_no_frame_of_a_lost_key_holds_a_key(lost: World) -> None:
    with pytest.raises(Refused) as caught:
        connect.entities(1)
    assert tells(caught.value, OTHER, host.KEY, repr(host.KEY.encode())) == []
