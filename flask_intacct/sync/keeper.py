"""Keeps the lease of a worker that is alive, in a thread of its own: a request may take longer than a lease lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import logs
from ..clock import boot
from ..gates import PATIENCE, CompanyGate
from ..gateway.gate import Kind
from .lease import Hold, LeaseLost

log = logs.logger(__name__)

SHARE = 8 / 30
"""The share of a lease's life after which it is renewed."""


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
        super().__init__(name=f"intacct lease {hold.connection_id}", target=logs.carried(self._keep), daemon=True)
        self._hold = hold
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()
        self.join(self._hold.seconds)  # longer only if the database hangs, and then it may renew nothing any more

    def _keep(self) -> None:
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

    :param gate: That of all who send to the company.
    :param seconds: How long a request may take.
    :param deadline: Tells when the time of the slice is over, by :func:`~flask_intacct.clock.boot`: a read does not
        wait longer for its turn.
    :param before_read: Called before each read is sent; what it raises holds the read back. A write is the work at
        hand and is held back by the lease alone, and by the gate for :data:`~flask_intacct.gates.PATIENCE` seconds.
    :raises LeaseLost: on entering a slot; for a write it is made sure that nobody else can have the lease.
    :raises Crowded: likewise, if its turn did not come in time.
    """

    def __init__(
        self,
        hold: Hold,
        gate: CompanyGate,
        seconds: float,
        deadline: Callable[[], float],
        before_read: Callable[[], None],
    ) -> None:
        self._hold, self._gate, self._seconds = hold, gate, seconds
        self._deadline, self._before_read = deadline, before_read

    @contextmanager
    def slot(self, kind: Kind) -> Iterator[None]:
        now = boot()
        until = now + PATIENCE if kind == "write" else max(now + PATIENCE, self._deadline())
        with self._gate.slot(kind, until=until, meanwhile=self._hold.check):
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

    def narrow(self) -> None:
        """After a rate limit, for all who send to the company."""
        self._gate.narrow()
