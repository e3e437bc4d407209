"""What stands still though it should run: the scheduler, the workers, the queue. For `flask intacct status`."""

from __future__ import annotations

from redis.exceptions import RedisError

from . import heartbeat, queued, restored, signals
from .messages import Message, sentences
from .state import State

WAITS = 120.0
"""Seconds after which a job that still waits shows that the workers are too few, or stuck."""


def troubles(state: State) -> list[str]:
    """What is wrong and how to cure it, a sentence or two for each; empty if all is well."""
    return [*_held(state), *_scheduler(state), *_queue(state), *_signals(state)]


def _held(state: State) -> list[str]:
    with state.reading() as session:
        found = restored.reason(session)
    return [str(sentences([found, Message("held.cure")]))] if found else []


def _signals(state: State) -> list[str]:
    with state.reading() as session:
        number = signals.stuck(session)
    if not number:
        return []
    cure = "The log says which receiver fails. Connect all receivers where the application is made."
    return [f"{number} signal{' has' if number == 1 else 's have'} not been delivered for an hour. {cure}"]


def _scheduler(state: State) -> list[str]:
    with state.reading() as session:
        age = heartbeat.age(session)
    if age is not None and age <= heartbeat.LATE:
        return []
    since = "has not run yet" if age is None else f"has been silent for {age / 60:.0f} minutes"
    cure = "Run `flask intacct scheduler`: without it nothing goes on that a worker left behind."
    return [f"The scheduler {since}. {cure}"]


def _queue(state: State) -> list[str]:
    name = state.config.queue
    try:
        workers, oldest = queued.workers(), queued.oldest()
    except RedisError as error:
        return [f"Redis can't be reached ({type(error).__name__}). Start it, or set RQ_CONNECTION to where it is."]
    if not workers:
        return [f"No worker listens to the queue {name}. Run `flask rq worker {name}`."]
    if oldest is not None and oldest > WAITS:
        return [f"A job in the queue {name} has waited for {oldest / 60:.0f} minutes. Start more workers."]
    return []
