"""The loopback server: one thread a connection, kept alive; every reply leaves in a single write."""

from __future__ import annotations

import gzip
import json
import re
import socket
import socketserver
import sys
import traceback
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from .gateway import PATH, Gateway
from .panel import Panel
from .protocol.payload import Answer

FAULT = "X-Simulator-Fault"
LARGEST_BODY = 64 * 1024 * 1024


class Refused(Exception):
    """The HTTP around a request is no good: a status and a text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the gateway, writes the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "IntacctSimulator"
    timeout = 60

    @property
    def gateway(self) -> Gateway:
        return cast("Server", self.server).gateway

    @property
    def panel(self) -> Panel:
        return cast("Server", self.server).panel

    def do_POST(self) -> None:
        try:
            body = self._body()
        except Refused as error:
            self._refuse(error.status, error.text)
            return
        if body is None:
            return
        kind = self.headers.get("Content-Type", "")
        if self.path.partition("?")[0] != PATH:
            if self._is_local():
                self._send(self.panel.handle("POST", self.path, body, kind))
            return
        if not self._queue_fault():
            self._refuse(400, f"{FAULT} takes an object as the panel does")
            return
        answer = self.gateway.handle(body, kind)
        self.gateway.faults.forget_own()
        self._send(answer)

    def _queue_fault(self) -> bool:
        """Queue the fault that a header asks for, for this request only; False if it makes no sense."""
        text = self.headers.get(FAULT)
        if text is None:
            return True
        try:
            given = json.loads(text)
            self.gateway.faults.add(given.pop("kind"), **given, own=True)
            return True
        except (ValueError, TypeError, KeyError, AttributeError):
            return False

    def do_GET(self) -> None:
        if self.path.partition("?")[0] == PATH:
            self._refuse(405, "Only POST is allowed")
        elif self._is_local():
            self._send(self.panel.handle("GET", self.path))

    def do_HEAD(self) -> None:
        self._refuse(405, "Only POST is allowed")

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_HEAD

    def _body(self) -> bytes | None:
        """What the request carries; None where it broke off.

        :raises Refused: lengths, codings or sizes that no server takes.
        """
        lengths = set(self.headers.get_all("Content-Length", []))
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        if coding and (coding != "chunked" or lengths):
            raise Refused(501 if coding != "chunked" else 400, "Only chunked, and then no Content-Length")
        if coding:
            return self._chunks()
        if not lengths:
            raise Refused(411, "Length required")
        length = lengths.pop()
        if lengths or not length.isascii() or not length.isdigit():
            raise Refused(400, "Bad length")
        if len(length) > 15 or int(length) > LARGEST_BODY:
            raise Refused(413, "Too large")
        body = self.rfile.read(int(length))
        self.close_connection |= len(body) < int(length)
        return body if len(body) == int(length) else None

    def _chunks(self) -> bytes:
        """A body in chunks: sizes in hexadecimal on lines of their own, an empty chunk, trailers."""
        parts: list[bytes] = []
        total = 0
        while True:
            size = self.rfile.readline(100)
            digits = size.partition(b";")[0].strip()
            if not size.endswith(b"\n") or not re.fullmatch(rb"[0-9a-fA-F]{1,8}", digits):
                raise Refused(400, "Bad chunk")
            total += int(digits, 16)
            if total > LARGEST_BODY:
                raise Refused(413, "Too large")
            part = self.rfile.read(int(digits, 16))
            if not part:
                break
            end = self.rfile.readline(3)
            if len(part) < int(digits, 16) or end not in (b"\r\n", b"\n"):
                raise Refused(400, "Bad chunk")
            parts.append(part)
        for _ in range(100):
            trailer = self.rfile.readline(1000)
            if trailer in (b"\r\n", b"\n"):
                return b"".join(parts)
            if not trailer.endswith(b"\n"):
                break
        raise Refused(400, "Bad trailer")

    def _is_local(self) -> bool:
        """Whether the browser means this machine; a name that was pointed here by somebody else does not count."""
        if self.headers.get("Host", "").partition(":")[0] in ("127.0.0.1", "localhost"):
            return True
        self._refuse(421, "Ask 127.0.0.1")
        return False

    def _refuse(self, status: int, text: str) -> None:
        self.close_connection = True
        headers = {"Content-Type": "text/plain", "Connection": "close"}
        self._send(Answer(status, text.encode(), headers | ({"Allow": "POST"} if status == 405 else {})))

    def _send(self, answer: Answer) -> None:
        if answer.cut == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = answer.body
        headers = {"Server": self.server_version, "Date": self.date_time_string(), **answer.headers}
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 512:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if answer.cut == 1:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command == "HEAD":
            body = b""
        self.connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def log_message(self, *args: Any) -> None:
        """The gateway keeps its own list of requests."""


class Server(socketserver.ThreadingTCPServer):
    """Listens on loopback only."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, port: int, gateway: Gateway, panel: Panel) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.gateway, self.panel = gateway, panel
        self._open: set[Any] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        """End the connections that clients keep alive."""
        for request in list(self._open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:  # it was closed in the meantime
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; anything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            self.gateway.errors.append(traceback.format_exc())
