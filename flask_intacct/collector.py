"""Python's garbage collector while many records are read: it passes over what stays, which costs up to a third else."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_active: list[int] = []
_before = (0, 0, 0)
_frozen = False
"""By us: what the process froze for itself stays frozen."""


@contextmanager
def patient(after: int) -> Iterator[None]:
    """Look at new objects after so many of them, and at none that there were before; threads may be in it at once.

    :param after: Objects; the greatest of all that are in it counts, and never fewer than the process has set.
    """
    global _before, _frozen
    with _lock:
        if not _active:
            _before, _frozen = gc.get_threshold(), gc.get_freeze_count() == 0
            if _frozen:
                gc.freeze()
        _active.append(after)
        _set()
    try:
        yield
    finally:
        with _lock:
            _active.remove(after)
            _set()
            if _frozen and not _active:
                gc.unfreeze()


def _set() -> None:
    least, *others = _before
    gc.set_threshold(max([least, *_active]) if least else 0, *others)
