"""Whether this worker is about to be stopped: it then hands over after the step that it is at.

A worker that forks learns it from RQ, which notes it with the worker's own process; others by the signal itself.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from redis.exceptions import RedisError
from rq import Worker, get_current_job

from .clock import boot

LOOK_SECONDS = 1.0
"""Redis is asked at most so often."""


class Shutdown:
    """Tells whether a stop was asked for."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._looked = boot()

    def ask(self) -> None:
        """Ask for it."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether somebody did."""
        if not self._asked.is_set() and boot() - self._looked >= LOOK_SECONDS:
            self._looked = boot()
            if _noted():
                self.ask()
        return self._asked.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, not longer than until a stop is asked for."""
        until = boot() + seconds
        while (left := until - boot()) > 0 and not self.asked:
            self._asked.wait(min(left, LOOK_SECONDS))


@contextmanager
def watched() -> Iterator[Shutdown]:
    """Watch for SIGTERM while a job is at work; whoever watched before is told too."""
    shutdown = Shutdown()
    if threading.current_thread() is not threading.main_thread():
        yield shutdown  # signals reach the main thread alone
        return
    before = signal.getsignal(signal.SIGTERM)

    def asked(number: int, frame: FrameType | None) -> Any:
        shutdown.ask()
        return before(number, frame) if callable(before) else None

    signal.signal(signal.SIGTERM, asked)
    try:
        yield shutdown
    finally:
        if signal.getsignal(signal.SIGTERM) is asked:
            signal.signal(signal.SIGTERM, before)


def _noted() -> bool:
    """Whether RQ was told to stop the worker that this job belongs to."""
    job = get_current_job()
    if job is None or not job.worker_name:
        return False
    try:
        key = Worker.redis_worker_namespace_prefix + job.worker_name
        return bool(job.connection.hexists(key, "shutdown_requested_date"))
    except RedisError:
        return False  # nobody can tell; the slice ends by itself
