"""Things that go wrong on purpose: queued, matched to requests or functions, used up one by one."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

KINDS = {
    "latency": "the reply waits for `seconds`",
    "http": "a page with HTTP `status` in place of a reply, before or after the work is done",
    "gateway": "HTTP `status` with a refusal of the gateway itself: `errorno` and `text`, before or after the work",
    "control": "the request is refused at control with `errorno`, `text` and `correction`, before or after the work",
    "mute": "a control with a status and nothing else, before or after the work",
    "cdn": "a page of the network between, with HTTP `status` (403 if none is given), before or after the work",
    "rate": "HTTP 429 with GW-0010, and Retry-After (or another `header`) if `seconds` is given",
    "drop": "the connection ends without a reply, before or after the work is done",
    "junk": "the reply with `text` before and after it, after the work is done",
    "truncate": "half of the reply, after the work is done",
    "session": "all sessions are expired",
    "busy": "the function is refused: too many operations",
    "refuse": "the function is refused with `errorno`, `text` and `correction`",
    "missing": "the function's result is left out of the reply, after the work is done",
    "bare": "the function's result says success and nothing else, after the work is done",
    "spoil": "one `row` of what the function answers has `text`, as it is, in its first value, after the work is done",
    "name": "one `row` has an element more, whose name is `text`, after the work is done",
    "cursors": "all cursors of readByQuery are expired",
}


LONGEST = 3600
"""Seconds that a reply may be held back, or a client be told to wait."""


@dataclass(slots=True)
class Fault:
    """One fault. `function` is an element name, "" for any; `control_id` part of a function's control id; `skip` how
    many matches pass unharmed first; `times` how often it strikes, 0 = for ever."""

    kind: str
    when: str = "before"
    function: str = ""
    control_id: str = ""
    status: int = 503
    seconds: float = 0
    errorno: str = "DL02000001"
    text: str = "There was an error processing the request."
    skip: int = 0
    times: int = 1
    struck: int = 0
    thread: int = 0
    header: str = "Retry-After"
    correction: str = ""
    row: int = 0


class Faults:
    """The queue. `add` returns the fault, whose `struck` counts how often it was used."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        *,
        when: str = "before",
        function: str = "",
        control_id: str = "",
        status: int = 0,
        seconds: float = 0,
        errorno: str = "DL02000001",
        text: str = "There was an error processing the request.",
        skip: int = 0,
        times: int = 1,
        own: bool = False,
        header: str = "Retry-After",
        correction: str = "",
        row: int = 0,
    ) -> Fault:
        """Queue a fault.

        :param kind: one of KINDS.
        :param when: "before" the work is done, or "after" it was done and committed.
        :param function: strike only requests with this function.
        :param control_id: strike only functions whose control id contains this.
        :param status: the HTTP status of "http", "gateway" (503 if none is given) and "cdn" (403).
        :param seconds: the wait of "latency", or the Retry-After of "rate".
        :param skip: let so many matching requests pass first.
        :param times: strike so often; 0 = until cleared.
        :param header: the header in which "rate" tells the seconds.
        :param correction: what an error says is to be done.
        :param row: the row that is spoiled, from 0.
        :param own: strike only what this thread is at work on.
        :raises ValueError: an unknown kind, or numbers out of range.
        :raises TypeError: something that is no text where one is wanted.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
        if when not in ("before", "after"):
            raise ValueError("when is 'before' or 'after'")
        if not all(isinstance(one, str) for one in (function, control_id, errorno, text, correction)):
            raise TypeError("function, control_id, errorno, text and correction are texts")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", header):
            raise ValueError("header is the name of a header")
        if not all(isinstance(one, int) for one in (status, skip, times, row)) or not 0 <= float(seconds) <= LONGEST:
            raise ValueError(f"status, skip, times and row are whole numbers, seconds are 0 to {LONGEST}")
        status = status or (403 if kind == "cdn" else 503)
        fault = Fault(kind, when, function, control_id, status, seconds, errorno, text, skip, times)
        fault.header, fault.correction, fault.row = header, correction, row
        fault.thread = threading.get_ident() if own else 0
        if kind in ("truncate", "junk", "missing", "bare", "spoil", "name"):
            fault.when = "after"
        with self._lock:
            self._queue.append(fault)
        return fault

    def forget_own(self) -> None:
        """Drop what was queued for this thread and has not struck."""
        with self._lock:
            self._queue = [fault for fault in self._queue if fault.thread != threading.get_ident()]

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def queued(self) -> list[Fault]:
        """The faults that still wait."""
        with self._lock:
            return list(self._queue)

    def take(self, kinds: Iterable[str], when: str, functions: Iterable[tuple[str, str]]) -> Fault | None:
        """The first fault that strikes one of these (function, control id) pairs; it is used up by one."""
        given = list(functions) or [("", "")]
        with self._lock:
            for fault in self._queue:
                if fault.kind not in kinds or fault.when != when or fault.thread not in (0, threading.get_ident()):
                    continue
                if not any(
                    (not fault.function or fault.function == name) and fault.control_id in control_id
                    for name, control_id in given
                ):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.struck += 1
                if fault.times and fault.struck >= fault.times:
                    self._queue.remove(fault)
                return fault
        return None
