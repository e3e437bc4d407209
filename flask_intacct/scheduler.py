"""The scheduler: ticks in its own process, and queues what is due on the application's schedule.

It takes the place of `flask rq cron`, of which each tick is a job that starts the application. Neither a database nor a
Redis that is away for a while ends it. Of several schedulers each ticks and each queues: harmless for what is ours.
"""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

from flask import Flask
from redis.exceptions import RedisError
from rq.exceptions import DuplicateSchedulerError, SchedulerNotFound

from . import jobs, logs
from .clock import boot
from .state import State

log = logs.logger(__name__)


class Scheduler:
    """For one application, with all jobs that are registered on its Flask-RQ."""

    def __init__(self, app: Flask, state: State) -> None:
        self._app = app
        self._cron = state.rq.make_cron_scheduler()
        self._cron._cron_jobs = [job for job in self._cron._cron_jobs if job.func is not jobs.tick]
        self._next_tick = 0.0
        self._listed = False

    def run(self) -> None:
        """Go on until SIGINT or SIGTERM."""
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        while not over.wait(self.turn()):
            pass
        if self._listed:
            with suppress(RedisError, SchedulerNotFound):  # it is forgotten there by itself, in two minutes
                self._cron.register_death()

    def turn(self) -> float:
        """Do what is due; gives the seconds until the next turn."""
        if boot() >= self._next_tick:
            self._next_tick = boot() + jobs.TICK_SECONDS
            self._tick()
        try:
            wait = self._queue()
        except RedisError as error:
            log.warning("Redis can't be reached (%s): the schedule queues nothing.", type(error).__name__)
            wait = jobs.TICK_SECONDS
        return max(min(wait, self._next_tick - boot()), 0.0)

    def _tick(self) -> None:
        try:
            with self._app.app_context():
                jobs.tick()
        except Exception:  # whatever it is, the next tick comes in ten seconds and has to be there
            logs.exception(log, "The tick failed.")

    def _queue(self) -> float:
        if not self._listed:
            with suppress(DuplicateSchedulerError):  # an earlier one was killed, or another runs
                self._cron.register_birth()
            self._listed = True
        if self._cron.enqueue_jobs():
            self._cron.save()
        self._cron.heartbeat()
        return self._cron.calculate_sleep_interval()
