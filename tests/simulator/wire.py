"""HTTP requests that are nearly right, or not at all: methods, headers, lengths, chunks, connections that end."""

import random
import socket
import struct
from collections.abc import Callable

from .client import Caller, select

HEADERS = (
    *(
        "Content-Type: application/json",
        "Content-Type:",
        "Content-Type: text/xml; charset=\xff",
        "Expect: 100-continue",
    ),
    *(
        "Content-Length: -1",
        "Content-Length: 1e3",
        "Content-Length: " + "9" * 40,
        "Content-Length: ２",
        "Content-Length:",
    ),
    *(
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "Connection: upgrade",
        "Upgrade: h2c",
    ),
    *("Accept-Encoding: gzip, br", "Accept-Encoding: \x00", "Host: elsewhere.test", "Host:", "Cookie: " + "c" * 9000),
    *("X: " + "x" * 70_000, "no colon", ": no name", " folded", "Range: bytes=0-1", "Content-Encoding: gzip"),
)
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "P\x00ST", "", "PRI * HTTP/2.0")
PATHS = (
    "/",
    "*",
    "//",
    "/simulator/state",
    "/simulator/switches",
    "/../..",
    "/%00",
    "http://x/",
    "/" + "p" * 70_000,
    "/é",
)
VERSIONS = ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.1.1", "HTTP/", "", "HTTP/9999999999.1", "JUNK")


def good(path: str) -> tuple[list[str], bytes]:
    """The lines and the body of a proper request."""
    body = Caller("http://127.0.0.1:1/").envelope(select("CLASS", "RECORDNO")).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/xml",
        f"Content-Length: {len(body)}",
    ]
    return lines, body


def joined(lines: list[str], body: bytes) -> bytes:
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def chunked(body: bytes, chance: random.Random) -> bytes:
    """The body in chunks of any sizes."""
    parts = []
    while body:
        size = chance.randrange(1, 400)
        part, body = body[:size], body[size:]
        parts.append(f"{len(part):{chance.choice('xX')}}{chance.choice(('', ';a=b'))}\r\n".encode() + part + b"\r\n")
    return b"".join(parts) + b"0\r\n" + chance.choice((b"", b"T: 1\r\n")) + b"\r\n"


def spoil_method(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    method, path, version = lines[0].split(" ")
    kind = chance.randrange(3)
    method = chance.choice(METHODS) if kind == 0 else method
    path = chance.choice(PATHS) if kind == 1 or chance.random() < 0.2 else path
    version = chance.choice(VERSIONS) if kind == 2 else version
    return joined([f"{method} {path} {version}", *lines[1:]], body)


def spoil_headers(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    lines = list(lines)
    for _ in range(chance.choice((1, 1, 2, 4, 200))):
        kind = chance.randrange(3)
        if kind == 0 and len(lines) > 2:
            lines.pop(chance.randrange(1, len(lines)))
        else:
            lines.insert(chance.randrange(1, len(lines) + 1), chance.choice(HEADERS))
    return joined(lines, body)


def spoil_length(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    length = chance.choice((0, 1, len(body) - 1, len(body) + 1, len(body) * 2, 10**8, 10**30))
    return joined([*lines[:-1], f"Content-Length: {length}"], body)


def spoil_chunks(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    """Chunks, right or with a few bytes of another kind in them."""
    sent = bytearray(chunked(body, chance))
    for _ in range(chance.choice((0, 1, 1, 5))):
        at = chance.randrange(len(sent))
        sent[at : at + chance.randrange(3)] = chance.choice((b"", b"\r", b"\n", b"-", b"fffffff", chance.randbytes(3)))
    return joined([*lines[:-1], "Transfer-Encoding: chunked"], bytes(sent))


def spoil_line(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    """Bytes of the head by chance."""
    head = bytearray(joined(lines, b""))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(head))
        head[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    return bytes(head) + body


def one_after_another(lines: list[str], body: bytes, chance: random.Random) -> bytes:
    """Several requests at once on one connection, one of them perhaps wrong."""
    sent = [joined(lines, body) for _ in range(chance.randrange(2, 6))]
    sent.insert(
        chance.randrange(len(sent)), chance.choice((b"", b"\r\n", b"junk\r\n", spoil_headers(lines, body, chance)))
    )
    return b"".join(sent)


Spoiler = Callable[[list[str], bytes, random.Random], bytes]
SPOILERS: tuple[Spoiler, ...] = (
    *(spoil_method, spoil_headers, spoil_length, spoil_chunks, spoil_line, one_after_another),
)


def exchange(address: tuple[str, int], sent: bytes, chance: random.Random) -> bytes:
    """Send, now and then in pieces or not to the end, and read what comes until the other side ends."""
    manner = chance.choice(("whole", "whole", "whole", "pieces", "cut", "leave", "reset"))
    if manner == "cut":
        sent = sent[: chance.randrange(len(sent) + 1)]
    got = b""
    with socket.create_connection(address, timeout=10) as connection:
        try:
            for part in [sent[at : at + 700] for at in range(0, len(sent), 700)] if manner == "pieces" else [sent]:
                connection.sendall(part)
            if manner == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if manner in ("leave", "reset"):
                return b""
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                got += part
        except OSError as error:  # it was refused, and ended, before everything had been sent
            if isinstance(error, TimeoutError):
                raise
    return got
