"""Keeps the lease of a worker that is alive, in a thread of its own: a request may take longer than a lease lives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import logs
from ..clock import boot
from ..config import Config
from ..gateway.gate import Gate, Kind, LocalGate
from .lease import Hold, LeaseLost

log = logging.getLogger(__name__)

SHARE = 8 / 30
"""The share of a lease's life after which it is renewed."""

MARGIN = 15.0
"""Seconds that a request may take besides its time-outs: to be built, sent and judged."""


@contextmanager
def keeping(hold: Hold) -> Iterator[None]:
    """Renew the lease while the body runs and shows signs of life. No thread outlives it."""
    keeper = _Keeper(hold)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper(threading.Thread):
    def __init__(self, hold: Hold) -> None:
        super().__init__(name=f"intacct lease {hold.connection_id}", daemon=True)
        self._hold = hold
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()
        self.join(self._hold.seconds)  # longer only if the database hangs, and then it may renew nothing any more

    def run(self) -> None:
        wait = self._hold.seconds * SHARE
        silent = False
        while not self._over.wait(wait):
            wait = self._hold.seconds * SHARE
            if boot() >= self._hold.due:
                if not silent:
                    log.warning("The worker of connection %s hangs; its lease is let go.", self._hold.connection_id)
                silent = True
                continue
            silent = False
            try:
                self._hold.renew()
            except LeaseLost as error:
                log.warning("%s", error)
                return  # the main thread finds it lost before its next request or write
            except Exception:  # locked or away for a moment, as the host's driver or its listeners say it: again soon
                logs.warning(log, "The lease of connection %s could not be renewed.", self._hold.connection_id)
                wait /= 4


class LeasedGate:
    """The gate of a worker that holds a lease: nothing is sent without it, and each request says how long it may take.

    :param before_read: Called before each read is sent; what it raises holds the read back. A write is the work at
        hand and is held back by the lease alone.
    :raises LeaseLost: on entering a slot; for a write it is made sure that nobody else can have the lease.
    """

    def __init__(self, hold: Hold, config: Config, before_read: Callable[[], None]) -> None:
        self._hold, self._before_read = hold, before_read
        self._inner: Gate = LocalGate(config.max_in_flight)
        self._seconds = config.connect_timeout + config.read_timeout + MARGIN

    @contextmanager
    def slot(self, kind: Kind) -> Iterator[None]:
        with self._inner.slot(kind):
            self._hold.check()
            if kind == "write":
                self._hold.assure()
            elif kind == "read":
                self._before_read()
            self._hold.until(self._seconds)
            try:
                yield
            finally:
                self._hold.until()
