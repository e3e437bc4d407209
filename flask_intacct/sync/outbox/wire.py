"""The wire: requests that are in flight at once. Its threads carry bytes; all else is done by the executor's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ... import logs
from ...clock import boot
from ...gateway.errors import Crowded
from ..job_context import JobContext

AHEAD = 1
"""So many requests are made ready while all slots are in use: each goes as soon as one is answered, whatever else is
done here then.

None is where one goes at a time, or unless the last one came to something: what becomes of it decides about the next.
"""

SLOW = 5.0
"""Seconds after which an answer is slow: nothing is made ready then that would have to wait for such a one."""

LOOK = 0.05
"""Seconds after which it is looked again whether all slots are in use."""


@dataclass(frozen=True, slots=True)
class Task:
    """One request.

    :param ask: Sends it and gives what came back; called in a thread of the wire, without any database.
    :param tell: Takes what `ask` gives or raises, in the executor's thread; gives whether anything came of it. What it
        raises ends the sending.
    :param brief: It is answered so soon that another one is made ready behind it.
    """

    ask: Callable[[], Any]
    tell: Callable[[Callable[[], Any]], bool]
    brief: bool = False


def pump(
    job: JobContext, following: Callable[[int], Task | None], meanwhile: Callable[[], bool] = lambda: False
) -> None:
    """Keep as many requests in flight as Intacct takes, until nothing follows, the slice's time is over, or one fails.

    One more is made ready while all slots are in use by these: there is no moment then in which one stands empty. Not
    while others have slots, too: that would wait for one, and keep `meanwhile` from going on.

    All that was asked is told before this returns or raises: a slice does not end with an answer on its way.

    :param following: Gives the next request, None if there is none just now; is told how many are on their way.
    :param meanwhile: Does a little of something else while no answer is there; False if nothing of it is left just now.
        What it raises ends the sending.
    """
    most, failure, more = job.state.config.max_in_flight, None, True
    ahead = 0  # until one came to something
    spare = AHEAD if most > 1 else 0
    with ThreadPoolExecutor(most + 2 * spare, "intacct-wire") as pool:  # one of the spare ones is brief
        flying: dict[Future[Any], tuple[Task, float]] = {}
        while True:
            task: Task | None = None
            out = [one for future, (one, _) in flying.items() if not future.done()]
            answered = next((future for future in flying if future.done()), None)
            waits = ahead and not answered and sum(not one.brief for one in out) < most + ahead and job.gate.full()
            room = len(flying) < most + spare + ahead and (len(out) < most or waits)
            if failure is None and room and not (flying and job.over()):
                try:
                    task = following(len(flying))
                except Exception as error:  # raised again once the others are told
                    failure = error
            if task is not None:
                try:
                    flying[pool.submit(logs.carried(task.ask))] = task, boot()
                except RuntimeError as error:  # no thread is to be had: what is on its way is told all the same
                    failure = error
                continue
            if not flying:
                break
            if answered is not None:
                task, began = flying.pop(answered)
                quick, more = boot() - began < SLOW, True
                try:
                    went = task.tell(answered.result)
                    ahead = spare if went and quick else 0
                except Exception as error:  # likewise
                    # One whose turn did not come tells nothing of Intacct; what became of the others may.
                    failure = error if failure is None or isinstance(failure, Crowded) else failure
                if job.over() and not flying:
                    break
            elif more and failure is None and not job.over():
                try:
                    more = meanwhile()
                except Exception as error:  # likewise
                    failure = error
            else:
                coming = ahead and len(out) == most  # they may enter their slots just now
                wait(flying, LOOK if coming else None, FIRST_COMPLETED)
    if failure is not None:
        raise failure
