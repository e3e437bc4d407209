"""Servers that drip, lie and never end: a typed error in good time."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from flask_intacct.gateway import Client, functions
from flask_intacct.gateway import errors as e

from .canned import Asked, Canned, CannedGateway, reply, result_of, session_reply
from .conftest import MakeClient
from .raw import RawGateway, Speech, say

WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
READ = [functions.query("CLASS", ["RECORDNO"], control_id="r")]
OK = b"HTTP/1.1 200 OK\r\n"
MOVED = b"HTTP/1.1 302 Found\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def told(gateway: CannedGateway, make_client: MakeClient) -> Iterator[Callable[..., e.ExchangeError]]:
    """The error of a write that is answered by this speech; one without end must not be heard to its end."""
    servers: list[RawGateway] = []

    def told(speech: Speech, *, endless: bool = False) -> e.ExchangeError:
        servers.append(RawGateway(speech))
        gateway.sign_in = lambda asked: Canned(session_reply(asked, servers[-1].url))
        client = make_client(read_timeout=0.5, largest_reply=1_000_000)
        with pytest.raises(e.ExchangeError) as caught:
            client.execute(WRITE)
        assert len(servers[-1].bodies) == 1
        assert not (endless and servers[-1].finished)
        return caught.value

    yield told
    for server in servers:
        server.close()


@pytest.mark.parametrize("location", [b"http://[evil", b"\xff\xfe", b"http://evil.example/", b"//"])
def test_a_redirect_is_not_even_read(told: Callable[..., e.ExchangeError], location: bytes) -> None:
    error = told(say(MOVED + b"Location: " + location + b"\r\nContent-Length: 0\r\n\r\n"))
    assert isinstance(error, e.ProtocolError)
    assert error.executed is None


def test_the_body_of_a_redirect_is_not_read(told: Callable[..., e.ExchangeError]) -> None:
    error = told(say(MOVED + b"Location: http://evil.example/\r\n\r\n", again=b"x" * 100_000), endless=True)
    assert isinstance(error, e.ProtocolError)


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (OK + b"\r\n", b"x"),
        (CHUNKED + b"5;", b"a"),
        (CHUNKED + b"5\r\nhello\r\n0\r\n", b"a: b\r\n"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\x00\x00\x00\xff\xff"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "chunk extension", "trailers", "empty blocks", "interim answers", "status line"],
)
def test_what_drips_for_ever_is_cut_off(told: Callable[..., e.ExchangeError], head: bytes, again: bytes) -> None:
    error = told(say(head, again), endless=True)
    assert isinstance(error, e.NoReply)
    assert error.executed is None


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        OK + b"Content-Length: 99999999999999999999999\r\n\r\nabcdef",
        OK + b"Content-Encoding: " + b"gzip," * 100 + b"gzip\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"a: b\r\n" * 5000 + b"\r\n",
        OK + b"a: " + b"b" * 1_000_000 + b"\r\n\r\n",
        CHUNKED + b"-5\r\nhello\r\n",
        CHUNKED + b"f" * 40 + b"\r\nhello\r\n",
        b"HTTP/1.1 99999999 X\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 204 X\r\n\r\n",
        b"<response></response>",
    ],
)
def test_http_that_is_none_is_an_unknown_outcome(told: Callable[..., e.ExchangeError], head: bytes) -> None:
    assert told(say(head)).executed is None


def test_a_bomb_of_bombs_is_cut_off(told: Callable[..., e.ExchangeError]) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 100_000_000))
    head = OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert isinstance(told(say(head + bomb)), e.ProtocolError | e.NoReply)


@pytest.mark.parametrize(
    "value", ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 +9999999999999", "-5", "1e9"]
)
def test_times_in_headers_that_can_not_be_are_passed_over(
    gateway: CannedGateway, make_client: MakeClient, value: str
) -> None:
    gateway.script = lambda asked: Canned(reply(asked), headers={"Date": value})
    assert result_of(make_client().execute(READ), "r").ok
    gateway.script = lambda asked: Canned(b"", 429, {"Retry-After": value})
    with pytest.raises(e.GatewayBusy) as caught:
        make_client(tries=1).execute(READ)
    assert caught.value.retry_after is None


def test_connections_outlive_the_time_an_answer_may_take(gateway: CannedGateway, make_client: MakeClient) -> None:
    client = make_client(read_timeout=0.3)
    for _ in range(3):
        client.execute([functions.query("CLASS", ["RECORDNO"])])
        time.sleep(0.2)
    assert gateway.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: Canned(reply(asked).replace(asked.control_id.encode(), b"someone-else")),
        lambda asked: Canned(reply(asked, "<result><status>success</status><controlid>x</controlid></result>")),
        lambda asked: Canned(b"<response>"),
    ],
    ids=["another request's", "another function's", "cut short"],
)
def test_a_connection_that_gave_an_answer_of_its_own_is_not_used_again(
    gateway: CannedGateway, client: Client, answer: Callable[..., Any]
) -> None:
    client.sign_in()
    gateway.answers(answer, lambda asked: Canned(reply(asked)))
    with suppress(e.ProtocolError):
        assert client.execute(WRITE).result("w") is None
    assert gateway.connections == 1
    assert result_of(client.execute(READ), "r").ok
    assert gateway.connections == 2


def test_dropping_connections_leaves_other_threads_alone(gateway: CannedGateway, make_client: MakeClient) -> None:
    client = make_client()
    client.sign_in()

    def script(asked: Asked) -> Canned:
        return Canned(b"<response>") if "bad" in asked.ids else Canned(reply(asked), delay=0.3)

    gateway.script = script
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(client.execute, [functions.query("CLASS", ["RECORDNO"], control_id="slow")])
        with pytest.raises(e.ProtocolError):
            client.execute([functions.create("CLASS", {"CLASSID": "A"}, control_id="bad")])
        assert result_of(slow.result(), "slow").ok
