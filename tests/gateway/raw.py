"""A gateway that writes whatever bytes a test likes over a socket: HTTP that no server library would write."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

Speech = Callable[[socket.socket, bytes], None]


class RawGateway:
    """Reads one request per connection, gives it to `speech` and hangs up."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/ia/xml/xmlgw.phtml"
        self.bodies: list[bytes] = []
        self.finished = 0  # speeches that were heard to their end
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(10)
            came = b""
            while b"\r\n\r\n" not in came:
                came += line.recv(65536)
            head, _, body = came.partition(b"\r\n\r\n")
            wanted = next(int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
            while len(body) < wanted:
                body += line.recv(65536)
            self.bodies.append(body)
            self._speech(line, body)
            self.finished += 1

    def close(self) -> None:
        self._listener.close()


def say(head: bytes, again: bytes = b"", every: float = 0.05, for_: float = 6) -> Speech:
    """Write the head, then the same bytes over and over."""

    def pieces() -> Iterator[bytes]:
        yield head
        end = time.monotonic() + for_
        while again and time.monotonic() < end:
            time.sleep(every)
            yield again

    def speech(line: socket.socket, body: bytes) -> None:
        for piece in pieces():
            line.sendall(piece)

    return speech
