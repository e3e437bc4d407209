"""A gateway that says back what it was told: no secret of ours gets into an error, a log or a traceback."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from frames import tells

from flask_intacct.gateway import (
    Client,
    Exchange,
    Login,
    MemorySessions,
    Sender,
    Session,
    SessionKey,
    WireLog,
    functions,
)
from flask_intacct.gateway.errors import ExchangeError

from .canned import (
    Asked,
    Canned,
    CannedGateway,
    auth_failure,
    control_failure,
    error,
    failed,
    reply,
    result,
    session_reply,
)
from .conftest import MakeClient

PASSWORD, SENDER, SESSION = "canary&pass<word", "canary-sender", "canary.session.."
ESCAPED = "canary&amp;pass&lt;word"
SECRETS = (PASSWORD, ESCAPED, SENDER, SESSION)
WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]


@dataclass
class Heard:
    """All that anybody could have kept of a call."""

    texts: list[str]

    def holds_none(self) -> None:
        for text in self.texts:
            for secret in SECRETS:
                assert secret not in text


Hear = Callable[[Callable[[Client], object]], Heard]


@pytest.fixture
def heard(gateway: CannedGateway, make_client: MakeClient, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Hear:
    caplog.set_level(logging.DEBUG)

    def heard(act: Callable[[Client], object]) -> Heard:
        seen: list[Exchange] = []
        log = WireLog(tmp_path / "wire")

        def keep(exchange: Exchange) -> None:
            seen.append(exchange)
            log(exchange)

        client = Client(
            Login("acme", "ws", PASSWORD),
            Sender("me", SENDER),
            endpoint=gateway.url,
            allow_loopback=True,
            on_exchange=keep,
            tries=1,
            read_timeout=1,
        )
        texts = []
        try:
            texts.append(repr(act(client)))
        except ExchangeError as caught:
            shown = traceback.TracebackException.from_exception(caught, capture_locals=True).format()
            # From our first frame on: those of this test hold the secrets themselves.
            told = "".join(shown)
            texts += [str(caught), repr(caught), repr(caught.errors), repr(vars(caught))]
            texts.append(told[told.index("/flask_intacct/gateway/") :])
        finally:
            client.close()
        texts += [f"{e.request} {e.response} {e.error} {e!r}" for e in seen]
        texts += [path.read_text() for path in (tmp_path / "wire").iterdir()]
        texts.append(caplog.text)
        return Heard(texts)

    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url, session=SESSION))
    return heard


def said_back(asked: Asked) -> str:
    """What it was told, as text within XML."""
    return f"{asked.raw.decode()} {known(asked)}".replace("&", "&amp;").replace("<", "&lt;")


def known(asked: Asked) -> str:
    """The secrets that it knows: no session yet when we sign in."""
    return f"{PASSWORD} {SENDER} {'' if asked.signs_in else SESSION}"


REFUSALS: dict[str, Callable[[Asked], Canned]] = {
    "control": lambda asked: Canned(control_failure(error("XL03000003", "", said_back(asked)), asked=asked)),
    "authentication": lambda asked: Canned(auth_failure(asked, error("XX", said_back(asked), "", said_back(asked)))),
    "errors without an envelope": lambda asked: Canned(error("GW-0014", said_back(asked)).encode(), 400),
    "a page": lambda asked: Canned(f"<p>{known(asked)}</p>".encode(), 400),
    "the request": lambda asked: Canned(asked.raw, 500),
    "text": lambda asked: Canned(known(asked).encode()),
    "escaped text": lambda asked: Canned(said_back(asked).encode()),
    "a truncated session": lambda asked: Canned(f"<sessionid>{SESSION}</sessionid><password>x".encode()),
    "a redirect": lambda asked: Canned(b"", 302, {"Location": f"http://evil.example/{SENDER}/{SESSION}"}),
    "nothing": lambda asked: Canned(drop=True),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_sign_in_tells_no_secret(gateway: CannedGateway, heard: Hear, name: str) -> None:
    gateway.sign_in = REFUSALS[name]
    heard(lambda client: client.sign_in()).holds_none()


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_call_tells_no_secret(gateway: CannedGateway, heard: Hear, name: str) -> None:
    gateway.script = REFUSALS[name]
    heard(lambda client: client.execute(WRITE)).holds_none()


def test_a_failed_function_tells_no_secret(gateway: CannedGateway, heard: Hear) -> None:
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("BL01001973", "", said_back(asked)))))
    heard(lambda client: client.call(WRITE[0])).holds_none()
    heard(lambda client: client.execute(WRITE).results[0].errors).holds_none()


@pytest.mark.parametrize(
    "endpoint", ["https://evil.example/x", f"https://{SENDER}@evil.example/x", "https://api.intacct.com/x"]
)
def test_a_sign_in_that_leads_elsewhere_tells_no_secret(gateway: CannedGateway, heard: Hear, endpoint: str) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, endpoint, session=SESSION))
    heard(lambda client: client.execute(WRITE)).holds_none()


def test_a_success_tells_no_secret(gateway: CannedGateway, heard: Hear) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, '<data count="1"><a><B>1</B></a></data>')))
    heard(lambda client: client.execute(WRITE)).holds_none()
    heard(lambda client: client.sign_in()).holds_none()


def test_a_request_that_is_not_built_tells_no_secret(heard: Hear) -> None:
    large = [functions.create("CLASS", {"DESCRIPTION": "x" * 500_000})]
    heard(lambda client: client.execute(large, policy="later")).holds_none()
    heard(lambda client: client.execute([])).holds_none()


def test_credentials_that_xml_has_no_place_for_are_refused_without_telling_them(make_client: MakeClient) -> None:
    client = make_client(login=Login("acme", "ws", "canary\x00pass"))
    with pytest.raises(ExchangeError) as caught:
        client.sign_in()
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "canary" not in shown[shown.index("/flask_intacct/gateway/") :]


class Explosion(Exception):
    """Not one of ours: a time-out of the job, a mistake of whoever gave us a function."""


class Exploding(MemorySessions):
    """A store that fails at one of its doors."""

    def __init__(self, door: str) -> None:
        super().__init__()
        self.door = door

    def get(self, key: SessionKey) -> Session | None:
        if self.door == "get":
            raise Explosion
        return super().get(key)

    def put(self, key: SessionKey, session: Session) -> None:
        if self.door == "put":
            raise Explosion
        super().put(key, session)


@pytest.fixture
def canary(gateway: CannedGateway) -> Iterator[Callable[..., Client]]:
    """Makes clients whose credentials and session are canaries."""
    made = []

    def make(**options: Any) -> Client:
        given = {"endpoint": gateway.url, "allow_loopback": True, "tries": 1, "read_timeout": 1, **options}
        made.append(Client(Login("acme", "ws", PASSWORD), Sender("me", SENDER), **given))
        return made[-1]

    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url, session=SESSION))
    yield make
    for client in made:
        client.close()


def failure(act: Callable[[], object]) -> BaseException:
    with pytest.raises((ExchangeError, Explosion)) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("door", ["sign_in", "script"])
def test_no_frame_of_a_refusal_holds_a_secret(
    gateway: CannedGateway, canary: Callable[..., Client], name: str, door: str
) -> None:
    setattr(gateway, door, REFUSALS[name])
    assert tells(failure(lambda: canary().execute(WRITE)), *SECRETS) == []


@pytest.mark.parametrize("door", ["get", "put"])
def test_no_frame_of_a_store_that_fails_holds_a_secret(canary: Callable[..., Client], door: str) -> None:
    assert tells(failure(lambda: canary(sessions=Exploding(door)).execute(WRITE)), *SECRETS) == []


def test_no_frame_of_an_answer_in_the_wrong_entity_holds_a_secret(
    gateway: CannedGateway, canary: Callable[..., Client]
) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url, "E9", session=SESSION))
    assert tells(failure(lambda: canary().at("E1").execute(WRITE)), *SECRETS) == []


def test_no_frame_below_a_hook_that_fails_holds_a_secret(gateway: CannedGateway, canary: Callable[..., Client]) -> None:
    def explode() -> None:
        raise Explosion

    client = canary()
    client.sign_in()
    assert tells(failure(lambda: client._channel.send(WRITE, gone=explode)), *SECRETS) == []


def test_no_frame_of_a_log_that_fails_holds_a_secret(
    canary: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    def explode(exchange: Exchange) -> None:
        raise Explosion

    canary(on_exchange=explode).execute(WRITE)
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info and record.exc_info[1]]
    assert len(errors) == 2  # the sign-in's and the call's
    assert [tells(error, *SECRETS) for error in errors] == [[], []]


def test_no_frame_of_a_request_that_is_not_built_holds_a_secret(canary: Callable[..., Client]) -> None:
    assert tells(failure(lambda: canary().execute([])), *SECRETS) == []


def test_what_an_error_was_raised_amid_keeps_its_variables(
    gateway: CannedGateway, canary: Callable[..., Client]
) -> None:
    gateway.script = REFUSALS["nothing"]

    def amid() -> None:
        kept = "ours"
        raise Explosion(kept)

    try:
        amid()
    except Explosion as outer:
        failure(lambda: canary().execute(WRITE))
        lines = traceback_lines(outer)
    assert any("kept = 'ours'" in line for line in lines)


def traceback_lines(error: BaseException) -> list[str]:
    return list(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def test_credentials_and_sessions_are_texts_that_only_their_repr_hides() -> None:
    login, sender = Login("acme", "ws", PASSWORD), Sender("me", SENDER)
    assert (login.password, sender.password) == (PASSWORD, SENDER)
    shown = repr([login, login.password, login.password[:9], sender.password, vars(Exploding("")), [sender]])
    assert not any(part in shown for part in ("canary", *SECRETS))
