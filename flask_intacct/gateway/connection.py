"""Connections on which an answer must begin in time.

A socket's time-out starts anew with every byte, so headers that drip in could go on for ever.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Event, Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Punctual(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        """The status and the headers, all of them within the read time-out."""
        sock, late = self.sock, Event()

        def cut() -> None:
            late.set()
            # The plain method: that of an SSL socket would take the encryption away from the thread that reads.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

        watch = Timer(self.timeout or 0, cut)
        watch.daemon = True
        watch.start()
        try:
            response = super().getresponse()
        finally:
            watch.cancel()
        if late.is_set():
            response.close()
            raise TimeoutError("the headers did not end in time")
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
