"""The simulator as tests and demos use it: started, reached over HTTP, stopped, and steered meanwhile."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from .gateway import PATH
from .panel import Panel
from .seed.dataset import Dataset
from .server import Server
from .steering import Steering


class Simulator(Steering):
    """A Sage Intacct gateway on 127.0.0.1 with one company; more can be added.

    :param dataset: what the company holds at first.
    :param company: the company id to sign in with, likewise `user`, `password`, `sender`, `sender_password`.
    :param port: 0 takes a free one.
    """

    def __init__(
        self,
        dataset: Dataset,
        company: str = "demo",
        user: str = "ws_user",
        password: str = "secret",  # noqa: S107 - a simulator's default
        sender: str = "sender",
        sender_password: str = "x",  # noqa: S107
        port: int = 0,
    ) -> None:
        super().__init__(dataset, company, user, password, sender, sender_password)
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, in a thread of its own."""
        self._server = Server(self._port, self.gateway, Panel(self))
        self.gateway.url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and end all connections; the records stay."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.close_all()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address to post to."""
        if self._server is None:
            raise RuntimeError("the simulator is not running")
        return f"http://127.0.0.1:{self._server.port}{PATH}"
