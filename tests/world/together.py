"""People who act at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask_intacct.errors import Refused

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
