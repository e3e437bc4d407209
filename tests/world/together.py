"""People who act at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask_intacct import jobs
from flask_intacct.errors import Refused
from flask_intacct.models import Run

from . import World


def at_once(world: World, *calls: Callable[[], object]) -> list[object]:
    """What each call gave or raised, all begun at the same moment."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        with world.app.app_context():
            barrier.wait()
            try:
                outcomes[number] = calls[number]()
            except Refused as refusal:
                outcomes[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def meanwhile(world: World, run: Run, function: str, act: Callable[[], object]) -> None:
    """Do something while a worker waits for the answer to this function."""
    world.sim.faults.add("latency", when="after", function=function, seconds=0.7)
    before = len(world.sim.requests)

    def worker() -> None:
        with world.app.app_context():
            jobs.work(run.id)

    thread = threading.Thread(target=worker)
    thread.start()
    while not any(function in request.functions for request in world.sim.requests[before:]):
        thread.join(0.02)
    act()
    thread.join()
