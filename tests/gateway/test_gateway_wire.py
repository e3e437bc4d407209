"""What a broken or hostile server may put on the line, below the XML."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest

from flask_intacct.gateway import errors as e
from flask_intacct.gateway.transport import Transport

Line = Callable[..., str]
OK = b"HTTP/1.1 200 OK\r\n"
ZIPPED = OK + b"Connection: close\r\nContent-Encoding: "


@pytest.fixture
def line() -> Iterator[Line]:
    """Answers each connection with these pieces, whatever it asks."""
    made = []

    def line(pieces: Iterable[bytes], pause: float = 0) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        made.append(server)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                asked = b""
                while not asked.endswith(b"<x/>"):
                    asked += connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/"

    yield line
    for server in made:
        server.close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(connect_timeout=1, read_timeout=0.4, largest_reply=1_000_000)
    yield made
    made.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"<response/>",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 many OK\r\n\r\n",
        OK + b"Content-Length: 99999999999999999999\r\n\r\nabc",
        OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
        OK + b"".join(b"X%d: y\r\n" % n for n in range(500)) + b"\r\n",
        OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        ZIPPED + b", ".join([b"gzip"] * 3000) + b"\r\n\r\nabc",
        ZIPPED + b"gzip\r\n\r\nnot packed",
    ],
)
def test_broken_http_is_no_reply(line: Line, transport: Transport, answer: bytes) -> None:
    with pytest.raises(e.NoReply):
        transport.post(line([answer]), b"<x/>")


@pytest.mark.parametrize("name", [b"br", b"zstd", b"something"])
def test_a_packing_nobody_asked_for_is_left_as_it_is(line: Line, transport: Transport, name: bytes) -> None:
    answer = transport.post(line([ZIPPED + name + b"\r\n\r\nab"]), b"<x/>")
    assert answer.content == b"ab"


def test_pieces_are_put_together(line: Line, transport: Transport) -> None:
    packed = gzip.compress(b"<response/>")
    pieces = [ZIPPED + b"gzip\r\n\r\n", *(packed[n : n + 4] for n in range(0, len(packed), 4))]
    assert transport.post(line(pieces, pause=0.005), b"<x/>").content == b"<response/>"
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert transport.post(line([chunked]), b"<x/>").content == b"abcde"


def drip(line: Line, pieces: Iterable[bytes]) -> tuple[type[e.ExchangeError], float]:
    """How long it took to give up on what never ends."""
    transport = Transport(connect_timeout=1, read_timeout=0.4, largest_reply=1_000_000)
    began = time.monotonic()
    with pytest.raises(e.ExchangeError) as caught:
        transport.post(line(pieces, pause=0.02), b"<x/>")
    transport.close()
    return type(caught.value), time.monotonic() - began


@pytest.mark.parametrize(
    "pieces",
    [
        [OK, b"X: ", *[b"y"] * 500],
        [OK, *[b"X: y\r\n"] * 90, *[b"z"] * 500],
        itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
        [OK, b"\r\n", *[b"y"] * 500],
        [OK, b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\ny\r\n"] * 500],
    ],
    ids=["header", "headers", "continue", "body", "chunks"],
)
def test_an_answer_that_drips_in_is_cut_off(line: Line, pieces: Iterable[bytes]) -> None:
    kind, seconds = drip(line, pieces)
    assert kind is e.NoReply
    assert seconds < 3


def test_an_endless_answer_is_cut_off(line: Line, transport: Transport) -> None:
    with pytest.raises(e.ProtocolError, match="larger"):
        transport.post(line(itertools.chain([OK + b"\r\n"], itertools.repeat(b"x" * 10_000))), b"<x/>")


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_is_not_unpacked(line: Line, transport: Transport, layers: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(50)) + packer.flush()
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    names = b", ".join([b"gzip"] * layers)
    with pytest.raises(e.ProtocolError, match="larger"):
        transport.post(line([ZIPPED + names + b"\r\n\r\n" + bomb]), b"<x/>")


@pytest.mark.parametrize("status", [b"204 X", b"304 X", b"999 X"])
def test_an_odd_status_is_an_empty_answer(line: Line, transport: Transport, status: bytes) -> None:
    answer = transport.post(line([b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"]), b"<x/>")
    assert (answer.status, answer.content) == (int(status[:3]), b"")
