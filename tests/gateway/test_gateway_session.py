"""Signing in, sharing sessions, and never hammering."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from flask_intacct.gateway import Client, Login, MemorySessions, RetryClass, functions
from flask_intacct.gateway import errors as e

from .canned import (
    INVALID_SESSION,
    SESSION,
    Asked,
    Canned,
    CannedGateway,
    Script,
    auth_failure,
    error,
    reply,
    result_of,
    session_reply,
)
from .conftest import MakeClient

WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
READ = [functions.query("CLASS", ["RECORDNO"], control_id="r")]


def test_sign_in_gives_the_session(gateway: CannedGateway, client: Client) -> None:
    session = client.sign_in()
    assert (session.id, session.endpoint, session.entity) == (SESSION, gateway.url, "")
    assert session.user_now == datetime(2098, 12, 31, 23, tzinfo=UTC)
    assert session.usable()


def test_the_schemas_order_of_a_sign_in(gateway: CannedGateway, make_client: MakeClient) -> None:
    make_client(login=Login("acme", "ws", "p&<w", "E1")).sign_in()
    request = gateway.asked[0].request
    assert list(request["control"]) == [
        "senderid",
        "password",
        "controlid",
        "uniqueid",
        "dtdversion",
        "includewhitespace",
    ]
    login = request["operation"]["authentication"]["login"]
    assert login == {"userid": "ws", "companyid": "acme", "password": "p&<w", "locationid": "E1"}
    assert list(login) == ["userid", "companyid", "password", "locationid"]
    assert request["operation"]["@transaction"] == "false"


def test_calls_carry_the_session_and_no_password(gateway: CannedGateway, client: Client) -> None:
    client.execute(READ)
    assert gateway.calls[0].request["operation"]["authentication"] == {"sessionid": SESSION}
    assert b"s3cret" not in gateway.calls[0].raw.replace(b"sender-s3cret", b"")


def test_any_number_of_threads_sign_in_once(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url), delay=0.05)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.execute([functions.query("CLASS", ["RECORDNO"])]), range(16)))
    assert gateway.sign_ins == 1


def test_clients_share_a_session_through_the_store(gateway: CannedGateway, make_client: MakeClient) -> None:
    sessions = MemorySessions()
    make_client(sessions=sessions).execute(READ)
    make_client(sessions=sessions).execute(READ)
    assert gateway.sign_ins == 1


def test_entities_have_sessions_of_their_own(gateway: CannedGateway, make_client: MakeClient) -> None:
    sessions = MemorySessions()
    for entity in ("", "E1"):
        make_client(sessions=sessions, login=Login("acme", "ws", "s3cret", entity)).execute(READ)
    assert gateway.sign_ins == 2


def test_an_expired_session_is_renewed_once_and_the_write_replayed(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(lambda asked: Canned(auth_failure(asked, INVALID_SESSION)), lambda asked: Canned(reply(asked)))
    assert result_of(client.execute(WRITE), "w").ok
    assert (gateway.sign_ins, len(gateway.calls)) == (2, 2)


def test_a_session_refused_twice_is_an_error(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(lambda asked: Canned(auth_failure(asked, INVALID_SESSION)))
    with pytest.raises(e.SessionExpired) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.SESSION, False)
    assert (gateway.sign_ins, len(gateway.calls)) == (2, 2)


def test_threads_that_meet_an_expired_session_sign_in_once_more(gateway: CannedGateway, client: Client) -> None:
    current = ["old"]

    def sign_in(asked: Asked) -> Canned:
        return Canned(session_reply(asked, gateway.url, session=current[0]), delay=0.05)

    def call(asked: Asked) -> Canned:
        known = asked.request["operation"]["authentication"]["sessionid"] == current[0]
        return Canned(reply(asked) if known else auth_failure(asked, INVALID_SESSION))

    gateway.sign_in, gateway.script = sign_in, call
    client.sign_in()
    current[0] = "new"
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: client.execute([functions.query("CLASS", ["RECORDNO"])]), range(6)))
    assert gateway.sign_ins == 2


def test_refused_credentials_are_not_tried_again(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Sign-in information is incorrect")), delay=0.02
    )

    def attempt(_: int) -> None:
        with pytest.raises(e.BadLogin):
            client.execute(READ)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, range(12)))
    assert gateway.sign_ins == 1


def test_a_person_may_ask_for_one_more_sign_in(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Sign-in information is incorrect"))
    )
    for _ in range(2):
        with pytest.raises(e.BadLogin):
            client.sign_in()
    assert gateway.sign_ins == 2


def test_the_session_lives_by_the_gateways_clock(gateway: CannedGateway, client: Client) -> None:
    there = datetime(2031, 5, 1, 12, tzinfo=UTC)  # a gateway years ahead of us

    def sign_in(asked: Asked) -> Canned:
        body = session_reply(asked, gateway.url).replace(b"2099-01-01T00:00:00+00:00", b"2031-05-01T06:20:00-06:00")
        return Canned(body, headers={"Date": format_datetime(there, usegmt=True)})

    gateway.sign_in = sign_in
    session = client.sign_in()
    left = session.expires - datetime.now(UTC)
    assert timedelta(minutes=19) < left <= timedelta(minutes=20)


def test_a_session_about_to_end_is_replaced_before_use(gateway: CannedGateway, client: Client) -> None:
    def sign_in(asked: Asked) -> Canned:
        return Canned(session_reply(asked, gateway.url).replace(b"2099-01-01T00:00:00", b"2098-12-31T23:00:30"))

    gateway.sign_in = sign_in
    gateway.script = lambda asked: Canned(reply(asked, timeout=""))
    client.execute(READ)
    client.execute(READ)
    assert gateway.sign_ins == 2


def test_each_reply_moves_the_end_of_the_session(gateway: CannedGateway, make_client: MakeClient) -> None:
    sessions = MemorySessions()
    client = make_client(sessions=sessions)
    first = client.sign_in()
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    gateway.script = lambda asked: Canned(reply(asked, timeout=later))
    client.execute(READ)
    moved = sessions.get(client.login.key)
    assert moved is not None
    assert moved.id == first.id
    assert abs(moved.expires - datetime.now(UTC) - timedelta(hours=3)) < timedelta(seconds=5)


def test_an_answer_is_not_lost_to_a_store_that_fails(gateway: CannedGateway, make_client: MakeClient) -> None:
    class Failing(MemorySessions):
        def put(self, key: Any, session: Any) -> None:
            if self.get(key) is not None:
                raise RuntimeError("the database is away")
            super().put(key, session)

    client = make_client(sessions=Failing())
    client.sign_in()
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    gateway.script = lambda asked: Canned(reply(asked, timeout=later))
    assert result_of(client.execute(WRITE), "w").ok


def test_a_reply_without_an_end_leaves_the_session_as_it_is(gateway: CannedGateway, make_client: MakeClient) -> None:
    sessions = MemorySessions()
    client = make_client(sessions=sessions)
    first = client.sign_in()
    gateway.script = lambda asked: Canned(reply(asked, timeout=""))
    client.execute(READ)
    assert sessions.get(client.login.key) == first


def test_signed_in_to_another_entity_is_refused(gateway: CannedGateway, make_client: MakeClient) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url, entity="E2"))
    with pytest.raises(e.EntityRefused):
        make_client(login=Login("acme", "ws", "s3cret", "E1")).sign_in()


def test_secrets_are_not_in_any_repr(client: Client) -> None:
    session = client.sign_in()
    from flask_intacct.gateway import Sender

    shown = repr(session) + repr(client.login) + repr(Sender("me", "sender-s3cret")) + repr(client)
    assert SESSION not in shown
    assert "s3cret" not in shown


def test_no_more_than_two_requests_are_in_flight(gateway: CannedGateway, client: Client) -> None:
    busy, most, guard = [0], [0], threading.Lock()

    def script(asked: Asked) -> Canned:
        with guard:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        threading.Event().wait(0.03)
        with guard:
            busy[0] -= 1
        return Canned(reply(asked))

    gateway.script = script
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.execute([functions.query("CLASS", ["RECORDNO"])]), range(10)))
    assert most[0] == 2


def test_the_gate_can_be_replaced(gateway: CannedGateway, make_client: MakeClient) -> None:
    from contextlib import contextmanager

    passed = []

    class Gate:
        @contextmanager
        def slot(self, kind: str) -> Iterator[None]:
            passed.append(kind)
            yield

    make_client(gate=Gate()).execute(WRITE)
    assert passed == ["session", "write"]


def test_a_sign_in_without_a_session_is_refused(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(reply(asked))
    with pytest.raises(e.ProtocolError, match="no session"):
        client.sign_in()


def stamped(body: bytes, now: datetime, life: timedelta) -> bytes:
    """The reply with the session's times by a gateway whose clock shows `now`."""
    body = body.replace(b"2098-12-31T23:00:00+00:00", now.isoformat().encode())
    return body.replace(b"2099-01-01T00:00:00+00:00", (now + life).isoformat().encode())


@pytest.mark.parametrize("date", [True, False], ids=["a date of ours", "no date"])
@pytest.mark.parametrize("ahead", [-26, -2, 2, 26], ids=str)
def test_a_gateway_whose_clock_is_wrong_is_signed_in_to_once(
    gateway: CannedGateway, client: Client, ahead: int, date: bool
) -> None:
    def there() -> datetime:
        return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=ahead)

    headers = {"Date": format_datetime(datetime.now(UTC), usegmt=True)} if date else {}
    life = timedelta(minutes=30)
    gateway.sign_in = lambda asked: Canned(stamped(session_reply(asked, gateway.url), there(), life), headers=headers)
    gateway.script = lambda asked: Canned(stamped(reply(asked), there(), life), headers=headers)
    for _ in range(3):
        client.execute([functions.query("CLASS", ["RECORDNO"])])
    assert gateway.sign_ins == 1
    left = client.sign_in().expires - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


def test_the_end_moves_as_far_as_the_gateway_moves_it(gateway: CannedGateway, make_client: MakeClient) -> None:
    sessions = MemorySessions()
    client = make_client(sessions=sessions)
    started = datetime(2031, 5, 1, 12, tzinfo=UTC)
    gateway.sign_in = lambda asked: Canned(stamped(session_reply(asked, gateway.url), started, timedelta(minutes=10)))
    gateway.script = lambda asked: Canned(stamped(reply(asked), started, timedelta(minutes=25)))
    first = client.sign_in()
    for _ in range(2):
        client.execute([functions.query("CLASS", ["RECORDNO"])])
        kept = sessions.get(client.login.key)
        assert kept is not None
        assert kept.expires == first.expires + timedelta(minutes=15)
    assert gateway.sign_ins == 1


@pytest.mark.parametrize("end", ["2000-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
@pytest.mark.parametrize("date", ["Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_end_that_can_not_be_is_no_reason_to_sign_in_each_time(
    gateway: CannedGateway, client: Client, end: str, date: str
) -> None:
    def odd(body: bytes) -> Canned:
        return Canned(body.replace(b"2099-01-01T00:00:00+00:00", end.encode()), headers={"Date": date})

    gateway.script = lambda asked: odd(reply(asked))

    def saying(said: Callable[[bytes], Canned]) -> Script:
        return lambda asked: said(session_reply(asked, gateway.url))

    for said in (odd, Canned):
        gateway.sign_in = saying(said)
        client.sign_in()
        for _ in range(3):
            client.execute([functions.query("CLASS", ["RECORDNO"])])
    assert gateway.sign_ins == 2


def test_clients_that_share_a_store_try_refused_credentials_once(
    gateway: CannedGateway, make_client: MakeClient
) -> None:
    gateway.sign_in = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Sign-in information is incorrect")), delay=0.02
    )
    sessions = MemorySessions()

    def attempt(number: int) -> None:
        login = Login("acme", "ws", "s3cret", f"E{number % 3}")
        with pytest.raises(e.BadLogin):
            make_client(sessions=sessions, login=login).execute(READ)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, range(12)))
    assert gateway.sign_ins == 1


@pytest.mark.parametrize("login", [Login("acme", "ws", "n3w"), Login("acme", "other", "s3cret")])
def test_other_credentials_are_tried_through_the_same_store(
    gateway: CannedGateway, make_client: MakeClient, login: Login
) -> None:
    sessions = MemorySessions()
    gateway.sign_in = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Sign-in information is incorrect"))
    )
    with pytest.raises(e.BadLogin):
        make_client(sessions=sessions).execute(READ)
    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url))
    assert result_of(make_client(sessions=sessions, login=login).execute(READ), "r").ok


def test_a_sign_in_refused_without_words_is_not_tried_again(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(b"<html>Unauthorized</html>", 401)
    for _ in range(3):
        with pytest.raises(e.ProtocolError) as caught:
            client.execute(READ)
        assert (caught.value.retry, caught.value.http_status) == (RetryClass.CREDENTIAL, 401)
    assert gateway.sign_ins == 1


def test_a_wrong_password_stays_one_at_every_level_whatever_the_text_advises(
    gateway: CannedGateway, client: Client
) -> None:
    advice = "Check the company, the user and the entity (location)."
    gateway.sign_in = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Sign-in information is incorrect", advice))
    )
    for entity in ("", "E1", "E2"):
        with pytest.raises(e.BadLogin):
            client.at(entity).execute(READ)
    assert gateway.sign_ins == 1


def test_a_store_may_be_anything_that_keeps_sessions(gateway: CannedGateway, make_client: MakeClient) -> None:
    class Plain(MemorySessions):
        __hash__ = None  # type: ignore[assignment]

    assert result_of(make_client(sessions=Plain()).execute(READ), "r").ok
