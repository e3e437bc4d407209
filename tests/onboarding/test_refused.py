"""Credentials that Intacct refuses: tried once by all of us together, and by people only after pauses."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.together import at_once

from flask_intacct import jobs, sessions, signals
from flask_intacct.errors import Refused
from flask_intacct.gateway.errors import BadLogin
from flask_intacct.models import Connection, Issue, Notice, Run, SignIn, now
from flask_intacct.onboarding import connect
from flask_intacct.sessions import client_for, login_of
from flask_intacct.state import current
from flask_intacct.sync import run as runs


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The connections that the signal was sent for."""
    heard: list[int] = []

    def hear(sender: Any, connection_id: int) -> None:
        heard.append(connection_id)

    signals.needs_reconnecting.connect(hear)
    yield heard
    signals.needs_reconnecting.disconnect(hear)


@pytest.fixture
def two(read_world: World) -> World:
    """Two companies that work as the same user: the first is connected, the second is being set up."""
    world = read_world
    world.save(host.Company(id=2, name="Harbour"))
    world.begin("2")
    world.sign_in()
    connect.entity(world.id, "E2", "", False, "ada")
    with current().transaction() as session:
        first, second = session.get_one(Connection, 1), session.get_one(Connection, 2)
        first.state, first.step, first.confirmed_at = "connected", "done", now()
        first.synced_at = now()
        second.sync_from = first.sync_from
    world.id = 1
    return world


def user(world: World) -> Any:
    return world.sim.company.users["ws_user"]


def change_password(world: World) -> None:
    user(world).password = "changed"
    world.sim.expire_sessions()


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(Connection)]


def refused(act: Callable[..., object], *given: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    return caught.value.message


def let_pass(minutes: int) -> None:
    with current().transaction() as session:
        for row in session.scalars(sa.select(SignIn).where(SignIn.until.is_not(None))):
            row.until = row.until - timedelta(minutes=minutes) if row.until else None


def test_refused_credentials_cost_one_failure_whatever_asks(two: World, told: list[int]) -> None:
    first, second = runs.start(1, runs.SYNC, "ada"), runs.start(2, runs.READ, "ada")
    change_password(two)
    for _ in range(3):
        for id_ in (1, 2):
            refused_or_done(connect.entities, id_)
    for run in (first, second):
        assert two.drain(run).state == "failed"
    for again in (
        jobs.nightly,
        jobs.tick,
        lambda: refused(connect.entities, 1),
        lambda: refused(connect.refresh, 2, ""),
    ):
        again()
    assert (user(two).failures, states(two)) == (1, ["needs_reconnecting", "needs_reconnecting"])


def refused_or_done(act: Callable[..., object], *given: Any) -> None:
    try:
        act(*given)
    except Refused:
        return


def test_every_connection_of_the_user_rests_with_one_signal_and_one_notice_each(two: World, told: list[int]) -> None:
    change_password(two)
    assert two.sync().state == "failed"
    refused(connect.entities, 2)
    assert (states(two), sorted(told)) == (["needs_reconnecting", "needs_reconnecting"], [1, 2])
    newest = {row.connection_id: str(row.message) for row in two.rows(Notice)}
    assert newest == {1: "The sync stopped.", 2: "Needs reconnecting."}
    assert len(two.rows(Notice)) == 2
    assert [(row.connection_id, row.fingerprint, row.count) for row in two.rows(Issue)] == [
        (1, "sign-in refused", 1),
        (2, "sign-in refused", 1),
    ]


def test_a_run_that_did_not_meet_the_refusal_ends_by_it_at_its_next_sign_in(two: World) -> None:
    second = runs.start(2, runs.READ, "ada")
    change_password(two)
    two.sync()
    ended = two.drain(second)
    assert (ended.state, user(two).failures) == ("failed", 1)
    assert "refuses the sign-in" in str(ended.problem)


def test_processes_that_sign_in_at_the_same_moment_fail_once(
    make_world: MakeWorld, on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(on=on, stage="read")
    login = login_of(current(), world.id)
    change_password(world)
    world.sim.faults.add("latency", when="after", function="getAPISession", seconds=0.3)
    monkeypatch.setattr(sessions, "_locks", Strangers())  # threads that know nothing of each other, as processes do
    together = threading.Barrier(4)
    caught: list[Exception] = []

    def process(entity: str) -> None:
        with world.app.app_context():
            client = client_for(current(), replace(login, entity=entity), tries=1)
            together.wait()
            try:
                client.entity_details()
            except Exception as error:
                caught.append(error)
            finally:
                client.close()

    threads = [threading.Thread(target=process, args=(entity,)) for entity in ("E1", "E2", "", "E1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in caught] == [BadLogin] * 4
    assert user(world).failures == 1


class Strangers(dict[tuple[str, str], threading.Lock]):
    def setdefault(self, key: tuple[str, str], lock: threading.Lock) -> threading.Lock:
        return lock


def test_runs_and_pages_at_the_same_moment_cost_one_failure(
    two: World, monkeypatch: pytest.MonkeyPatch, told: list[int]
) -> None:
    first, second = runs.start(1, runs.SYNC, "ada"), runs.start(2, runs.READ, "ada")
    change_password(two)
    user(two).failures, two.sim.switches.lock_after = 0, 2
    two.sim.faults.add("latency", when="after", function="getAPISession", seconds=0.3)
    monkeypatch.setattr(sessions, "_locks", Strangers())
    pages = [partial(refused_or_done, connect.entities, id_) for id_ in (1, 2, 1, 2)]
    at_once(two, partial(jobs.work, first.id), partial(jobs.work, second.id), *pages)
    assert (user(two).failures, user(two).status, sorted(told)) == (1, "active", [1, 2])
    assert [two.drain(run).state for run in (first, second)] == ["failed", "failed"]
    assert states(two) == ["needs_reconnecting", "needs_reconnecting"]


def test_reading_ahead_uses_the_stored_session_from_its_own_thread(read_world: World) -> None:
    client = client_for(current(), login_of(current(), read_world.id))
    ids = [row["CUSTOMERID"] for row in client.query("CUSTOMER", ["CUSTOMERID"], page_size=1)]
    client.close()
    assert len(ids) > 1


def test_accepted_credentials_end_it_for_the_company_they_were_typed_for(two: World) -> None:
    change_password(two)
    two.sync()
    assert [str(flag.message) for flag in two.flags(1, 2)] == ["Needs reconnecting.", "The sync stopped."]
    two.sign_in(password="changed")
    assert (states(two), user(two).failures, two.rows(SignIn)) == (["connected", "needs_reconnecting"], 0, [])
    assert two.sync().state == "done"
    two.id = 2
    two.sign_in(password="changed")
    assert states(two) == ["connected", "onboarding"]
    assert [flag.connection_id for flag in two.flags(1, 2)] == [1]
    assert [str(flag.message) for flag in two.flags(2)] == []


def test_a_password_that_was_right_all_along_can_be_typed_again(two: World) -> None:
    user(two).status = "lockedout"
    two.sim.expire_sessions()
    two.sync()
    assert states(two) == ["needs_reconnecting", "needs_reconnecting"]
    user(two).status = "active"
    two.sign_in()
    assert states(two)[0] == "connected"


def test_a_wrong_password_that_somebody_typed_stops_nobody_elses_connection(two: World, told: list[int]) -> None:
    two.id = 2
    refused(two.sign_in, password="wrong")
    assert (states(two), told) == (["connected", "onboarding"], [])
    two.id = 1
    assert two.sync().state == "done"


def test_other_credentials_are_tried_after_the_stored_ones_were_refused(two: World) -> None:
    change_password(two)
    two.sync()
    two.sign_in(password="changed")
    assert states(two)[0] == "connected"


def test_the_company_counts_in_whatever_case_it_is_written(two: World) -> None:
    with current().transaction() as session:
        session.get_one(Connection, 2).intacct_company = "DEMO"
    change_password(two)
    two.sync()
    refused(connect.entities, 2)
    assert (user(two).failures, states(two)) == (1, ["needs_reconnecting", "needs_reconnecting"])


def test_a_paused_connection_stays_paused_and_does_not_sign_in(two: World) -> None:
    connect.pause(1, "ada")
    change_password(two)
    two.id = 2
    assert two.drain(connect.refresh(2, "ada")).state == "failed"
    assert states(two) == ["paused", "needs_reconnecting"]
    refused(connect.locations, 1, "E1")
    connect.resume(1, "ada")
    jobs.nightly()
    assert two.drain(two.rows(Run)[-1]).state == "failed"
    assert (states(two)[0], user(two).failures) == ("needs_reconnecting", 1)


def test_people_wait_after_the_second_failure_and_ever_longer(world: World) -> None:
    world.begin()
    assert "Wait until" not in refused(world.sign_in, password="wrong-1")
    waits = []
    for number in (2, 3, 4, 5, 6):
        message = refused(world.sign_in, password=f"wrong-{number}")
        assert re.search(r"Wait until \d\d:\d\d UTC before the next try\.", message)
        (row,) = world.rows(SignIn)
        assert row.until is not None
        waits.append(round((row.until - now()) / timedelta(minutes=1)))
        user(world).failures = 0  # the simulator would lock the user
        let_pass(60)
    assert all(later >= before - 1 for before, later in pairwise(waits))  # whole minutes are told
    assert (waits[0] <= 2, 25 <= waits[-1] <= 31) == (True, True)


def test_nothing_is_sent_during_a_pause_not_even_the_right_password(world: World) -> None:
    world.begin()
    for number in (1, 2):
        refused(world.sign_in, password=f"wrong-{number}")
    sent = len(world.sim.requests)
    (row,) = world.rows(SignIn)
    for password in ("wrong-3", "secret"):
        assert f"{row.until:%H:%M} UTC" in refused(world.sign_in, password=password)
    assert (len(world.sim.requests), user(world).failures) == (sent, 2)
    let_pass(60)
    world.sign_in()
    assert (world.connection.step, world.rows(SignIn)) == ("entity", [])


def test_people_who_type_at_the_same_moment_get_two_failures_at_most(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="filled")
    world.begin()
    together = threading.Barrier(5)

    def person(number: int) -> None:
        with world.app.app_context():
            together.wait()
            refused(world.sign_in, password=f"wrong-{number}")

    threads = [threading.Thread(target=person, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert user(world).failures == 2


def sender_refused(world: World) -> None:
    world.sim.gateway.directory.senders["sender"] = "another"


def sender_not_authorised(world: World) -> None:
    world.sim.company.senders.clear()


def address_denied(world: World) -> None:
    world.sim.switches.address_denied = True


def not_subscribed(world: World) -> None:
    world.sim.switches.web_services = False


def gateway_down(world: World) -> None:
    world.sim.stop()


@pytest.mark.parametrize("spoil", [sender_refused, sender_not_authorised, address_denied, not_subscribed, gateway_down])
def test_what_does_not_speak_against_the_user_is_neither_counted_nor_remembered(
    world: World, spoil: Callable[..., Any]
) -> None:
    world.begin()
    spoil(world)
    for _ in range(3):
        assert "Wait" not in refused(world.sign_in)
    assert world.rows(SignIn) == []


def test_an_entity_that_is_closed_to_the_user_does_not_count_as_a_wrong_password(two: World) -> None:
    user(two).entities = {"", "E2"}
    two.sim.expire_sessions()
    assert two.sync().state == "failed"
    assert (states(two), two.rows(SignIn)) == (["needs_reconnecting", "onboarding"], [])


def test_a_receiver_that_fails_hides_nothing(two: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(sender: Any, connection_id: int) -> None:
        raise ZeroDivisionError

    signals.needs_reconnecting.connect(broken)
    try:
        change_password(two)
        ended = two.sync()
    finally:
        signals.needs_reconnecting.disconnect(broken)
    assert "refuses the sign-in" in str(ended.problem)
    assert "ZeroDivisionError" in caplog.text


def test_what_is_known_of_a_user_goes_once_no_connection_uses_it(two: World) -> None:
    refused(two.sign_in, user="somebody", password="wrong")
    change_password(two)
    two.sync()
    with current().transaction() as session:
        session.execute(sa.update(SignIn).values(claimed_until=now() - timedelta(days=31)))
    jobs.tick()
    assert [row.user_id for row in two.rows(SignIn)] == ["ws_user"]


def test_a_user_is_one_however_the_name_is_written(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="filled")
    world.begin()
    refused(world.sign_in, user="WS_User", password="wrong-1")
    refused(world.sign_in, user="Ws_user", password="wrong-2")
    sent = len(world.sim.requests)
    assert "try again from" in refused(world.sign_in, user="ws_user")
    (row,) = world.rows(SignIn)
    assert (row.user_id, row.typed, len(world.sim.requests)) == ("ws_user", 2, sent)


def test_a_password_that_was_refused_is_known_however_the_user_is_written(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="read")
    sent = []
    for name in ("WS_USER", "ws_user"):
        client = client_for(current(), replace(login_of(current(), world.id), user=name, password="wrong"), tries=1)
        with pytest.raises(BadLogin):
            client.entity_details()
        sent.append(len(world.sim.requests))
    assert sent[0] == sent[1]
