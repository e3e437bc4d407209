"""Questions that are asked early, while something else is done: once a stage asks one, its answer is there.

They are what stages ask first. One that asks something else asks anew, and what nobody asks for is dropped. Once one
fails, no more are asked early.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from .. import logs

Answer = TypeVar("Answer")


class Early:
    """The early questions of a slice.

    :param most: So many are on their way at once; with one alone nothing is asked early.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked: dict[Hashable, Future[Any]] = {}
        self._known: dict[str, Any] = {}
        self._failed = False
        self._pool: ThreadPoolExecutor | None = None

    def known(self, name: str, find: Callable[[], Answer]) -> Answer:
        """What questions are made of: found once in the slice. One that is out of date by then is not the one asked."""
        if name not in self._known:
            self._known[name] = find()
        found: Answer = self._known[name]
        return found

    def ask(self, key: Hashable, question: Callable[[], Any]) -> None:
        """Have it asked in a thread, after those that were given before; it must not need the database of the host.

        :param key: By this whoever asks later knows it.
        """
        if self._most < 2 or self._failed or key in self._asked:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, "intacct-early")
        try:
            self._asked[key] = self._pool.submit(logs.carried(self._answer), question)
        except RuntimeError:  # no thread is to be had: it is asked when it is wanted
            return

    def take(self, key: Hashable, question: Callable[[], Answer]) -> Answer:
        """The answer, or what was raised in its place; asked now if it was not early, or was taken before."""
        future = self._asked.pop(key, None)
        if future is None:
            return question()
        try:
            found: Answer = future.result()
        except CancelledError:
            return question()
        return found

    def _answer(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except Exception:
            self._failed = True  # Intacct may be away: those behind it would only ask the same in vain
            for other in list(self._asked.values()):
                other.cancel()
            raise

    def close(self) -> None:
        """Ask nothing more, and wait for what is on its way."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._asked.clear()
