"""Connections on which an answer must be there in time, from its first byte to its last.

A socket's time-out starts anew with every byte, so an answer that drips in could go on for ever: its headers, the lines
between its chunks, what follows the last chunk, compressed blocks with nothing in them.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Event, Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Watch:
    """Cuts a connection after so many seconds, unless it is called off.

    :param sock: None where there is nothing to cut any more.
    """

    def __init__(self, sock: socket.socket | None, seconds: float) -> None:
        self._sock = sock
        self._late = Event()
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self._late.set()
        if self._sock is not None:
            # The plain method: that of an SSL socket would take the encryption away from the thread that reads.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def off(self) -> bool:
        """Call it off; True if it was too late for that."""
        self._timer.cancel()
        return self._late.is_set()


class _Punctual(HTTPConnection):
    _watch: Watch | None = None

    def request(self, *given: Any, **named: Any) -> None:
        """Send, on a connection that nobody watches any more."""
        if self._watch is not None:
            self._watch.off()
        super().request(*given, **named)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        """The status and the headers; the answer's `watch` goes on until whoever reads the body calls it off."""
        watch = self._watch = Watch(self.sock, self.timeout or 0)
        try:
            response = super().getresponse()
        except BaseException:  # raised on; only the timer must not outlive the request
            watch.off()
            raise
        response.watch = watch  # type: ignore[attr-defined]
        return response


class _PunctualTLS(_Punctual, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Punctual


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _PunctualTLS


class Adapter(HTTPAdapter):
    """The adapter of `requests` over such connections."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
