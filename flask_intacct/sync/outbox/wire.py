"""The wire: requests that are in flight at once. Its threads carry bytes; all else is done by the executor's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ... import logs
from ..job_context import JobContext

AHEAD = 1
"""So many requests are made ready while answers that came wait to be told: no slot stands empty meanwhile.

Where one goes at a time none is: what became of it decides about the next.
"""


@dataclass(frozen=True, slots=True)
class Task:
    """One request.

    :param ask: Sends it and gives what came back; called in a thread of the wire, without any database.
    :param tell: Takes what `ask` gives or raises, in the executor's thread. What it raises ends the sending.
    """

    ask: Callable[[], Any]
    tell: Callable[[Callable[[], Any]], None]


def pump(
    job: JobContext, following: Callable[[int], Task | None], meanwhile: Callable[[], bool] = lambda: False
) -> None:
    """Keep as many requests in flight as Intacct takes, until nothing follows, the slice's time is over, or one fails.

    While all slots are in use none is asked for: that would wait for one, and keep `meanwhile` from going on.

    All that was asked is told before this returns or raises: a slice does not end with an answer on its way.

    :param following: Gives the next request, None if there is none just now; is told how many are on their way.
    :param meanwhile: Does a little of something else while no answer is there; False if nothing of it is left. What it
        raises ends the sending.
    """
    most, failure, more = job.state.config.max_in_flight, None, True
    ready = most + AHEAD if most > 1 else most
    with ThreadPoolExecutor(most, "intacct-wire") as pool:
        flying: dict[Future[Any], Task] = {}
        while True:
            task: Task | None = None
            out = sum(not future.done() for future in flying)
            if failure is None and out < most and len(flying) < ready and not (flying and job.over()):
                try:
                    task = following(len(flying))
                except Exception as error:  # raised again once the others are told
                    failure = error
            if task is not None:
                try:
                    flying[pool.submit(logs.carried(task.ask))] = task
                except RuntimeError as error:  # no thread is to be had: what is on its way is told all the same
                    failure = error
                continue
            if not flying:
                break
            if not any(future.done() for future in flying):
                if more and failure is None and not job.over():
                    try:
                        more = meanwhile()
                    except Exception as error:  # likewise
                        failure = error
                else:
                    wait(flying, return_when=FIRST_COMPLETED)
                continue
            for future in [one for one in flying if one.done()]:
                try:
                    flying.pop(future).tell(future.result)
                except Exception as error:  # likewise
                    failure = failure or error
            if job.over() and not flying:
                break
    if failure is not None:
        raise failure
