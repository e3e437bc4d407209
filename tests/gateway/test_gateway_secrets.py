"""A gateway that says back what it was told: no secret of ours gets into an error, a log or a traceback."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from canned import Asked, Canned, auth_failure, control_failure, error, failed, reply, result, session_reply

from flask_intacct.gateway import Client, Exchange, Login, Sender, WireLog, functions
from flask_intacct.gateway.errors import ExchangeError

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


@pytest.fixture
def heard(gateway, make_client, tmp_path, caplog) -> Callable[[Callable[[Client], object]], Heard]:
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
def test_a_refused_sign_in_tells_no_secret(gateway, heard, name):
    gateway.sign_in = REFUSALS[name]
    heard(lambda client: client.sign_in()).holds_none()


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_call_tells_no_secret(gateway, heard, name):
    gateway.script = REFUSALS[name]
    heard(lambda client: client.execute(WRITE)).holds_none()


def test_a_failed_function_tells_no_secret(gateway, heard):
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("BL01001973", "", said_back(asked)))))
    heard(lambda client: client.call(WRITE[0])).holds_none()
    heard(lambda client: client.execute(WRITE).results[0].errors).holds_none()


@pytest.mark.parametrize(
    "endpoint", ["https://evil.example/x", f"https://{SENDER}@evil.example/x", "https://api.intacct.com/x"]
)
def test_a_sign_in_that_leads_elsewhere_tells_no_secret(gateway, heard, endpoint):
    gateway.sign_in = lambda asked: Canned(session_reply(asked, endpoint, session=SESSION))
    heard(lambda client: client.execute(WRITE)).holds_none()


def test_a_success_tells_no_secret(gateway, heard):
    gateway.script = lambda asked: Canned(reply(asked, result(asked, '<data count="1"><a><B>1</B></a></data>')))
    heard(lambda client: client.execute(WRITE)).holds_none()
    heard(lambda client: client.sign_in()).holds_none()


def test_a_request_that_is_not_built_tells_no_secret(heard):
    large = [functions.create("CLASS", {"DESCRIPTION": "x" * 500_000})]
    heard(lambda client: client.execute(large, policy="later")).holds_none()
    heard(lambda client: client.execute([])).holds_none()


def test_credentials_that_xml_has_no_place_for_are_refused_without_telling_them(make_client):
    client = make_client(login=Login("acme", "ws", "canary\x00pass"))
    with pytest.raises(ExchangeError) as caught:
        client.sign_in()
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "canary" not in shown[shown.index("/flask_intacct/gateway/") :]
