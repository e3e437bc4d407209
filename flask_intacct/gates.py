"""The gate of an Intacct company: at most so many requests of all processes are in flight to it.

Background work keeps a slot for its next request as long as nobody waits for one, so that a request costs no statement.
Each few seconds it asks whether somebody does, and what it does not use it gives back.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from . import logs
from .clock import boot
from .config import Config
from .gateway.errors import Crowded
from .gateway.gate import Kind
from .models import folded
from .turns import BACKGROUND, PERSON, Slots

log = logs.logger(__name__)

KEPT = 3.0
"""Seconds after which background work asks whether somebody waits for the slot that it keeps."""

UNUSED = 0.25
"""Seconds after its last request that a slot is kept at least, so that a next one at once finds it."""

PATIENCE = 10.0
"""Seconds that a person waits for a slot at most, and a write that is committed already."""

MARGIN = 15.0
"""Seconds that a request may take besides its time-outs: to be built, sent and judged."""

_LOOK = 0.1
"""Seconds between two looks whether a slot is free."""


def _nothing() -> None:
    """Done between two looks if there is nothing else to do."""


@dataclass(slots=True, eq=False)
class _Held:
    """A slot that this process has.

    :param until: No request may begin after it, by :func:`~flask_intacct.clock.boot`.
    :param unused_since: None while a request is in flight.
    """

    number: int
    until: float
    unused_since: float | None = None


class CompanyGate:
    """A :class:`~flask_intacct.gateway.Gate` over all processes; threads may share one. It needs neither an application
    context nor a session.

    :param engine: To the database of our tables.
    :param company: Intacct's company ID, however it is written.
    :param owner: Whose slots they are, at most 80 characters: the owner of a lease.
    :param kept: Seconds for which a slot is kept for the next request, 0 to give it back after each.
    """

    def __init__(self, engine: Engine, company: str, config: Config, *, owner: str, rank: int, kept: float) -> None:
        self.company = folded(company)
        longest = kept + config.connect_timeout + config.read_timeout + MARGIN
        self._slots = Slots(engine, self.company, config.max_in_flight, owner, rank, longest)
        self._kept = kept
        self._held: list[_Held] = []
        self._changed = threading.Condition()
        self._watcher: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def slot(
        self, kind: Kind, *, until: float | None = None, meanwhile: Callable[[], None] = _nothing
    ) -> Iterator[None]:
        """Wait for a slot; hold it inside the `with`.

        :param until: How long to wait at most, by :func:`~flask_intacct.clock.boot`; else :data:`PATIENCE`.
        :param meanwhile: Called between two looks; what it raises ends the wait.
        :raises Crowded: there was none in time.
        """
        try:
            held = self._enter(until, meanwhile, yields=kind != "write")
        except SQLAlchemyError:
            if kind != "write":
                raise
            logs.exception(log, "The gate of %s can't be asked", self.company)
            raise Crowded("the database can't tell whose turn it is to send; nothing was sent") from None
        try:
            yield
        finally:
            self._leave(held)

    def reserve(self, count: int = 1, *, until: float | None = None, meanwhile: Callable[[], None] = _nothing) -> int:
        """Wait for a slot and take more if they are free, for requests that begin now; gives how many, 1 to `count`.

        They are kept for :data:`KEPT` seconds: a :meth:`slot` within that time waits for nobody.

        :raises Crowded: there was none in time.
        """
        first = self._enter(until, meanwhile, yields=True, fresh=True)
        try:
            with self._changed:
                others = sum(held.unused_since is not None for held in self._held)
            if others < count - 1:
                self._try(uuid.uuid4().hex, count - 1 - others, waits=False)
            with self._changed:
                return min(count, 1 + sum(held.unused_since is not None for held in self._held))
        finally:
            self._leave(first)

    def full(self) -> bool:
        """Whether requests of this process are in flight in all slots: the next one goes as soon as one is answered."""
        with self._changed:
            return len(self._held) >= self._slots.most and all(held.unused_since is None for held in self._held)

    def narrow(self) -> None:
        """Intacct refused a request because there are too many: have fewer in flight for some minutes."""
        self._slots.narrow()
        with self._changed:
            for held in self._held:
                held.until = 0.0  # each slot is asked for again before it is used: it may be one that was shut

    def close(self) -> None:
        """Give back what is kept; a request that is still in flight gives its slot back itself."""
        with self._changed:
            self._closed = True
            unused = self._pop(lambda held: True)
            self._changed.notify_all()
            watcher = self._watcher
        self._give_back(unused)
        if watcher is not None:
            watcher.join(PATIENCE)

    def _enter(self, until: float | None, meanwhile: Callable[[], None], *, yields: bool, fresh: bool = False) -> _Held:
        until, mark, waits = boot() + PATIENCE if until is None else until, uuid.uuid4().hex, False
        try:
            while True:
                held = self._use(yields=yields, fresh=fresh)
                if held is None and not self.full() and (not waits or self._slots.promising(mark)):
                    held = self._try(mark)
                    waits = held is None
                if held is not None:
                    return held
                yields = True  # also a write, which was not promised a slot
                with self._changed:
                    self._changed.wait(_LOOK)
                meanwhile()
                if boot() >= until:
                    raise Crowded(f"no turn to send to the Intacct company {self.company!r}: others are in line")
        finally:
            if waits:
                self._unmark(mark)

    def _use(self, *, yields: bool, fresh: bool) -> _Held | None:
        """One that is kept and unused; what is not to be kept any longer is given back.

        :param fresh: It is to be kept for a while yet.
        """
        while True:
            with self._changed:
                held = next((one for one in self._held if one.unused_since is not None), None)
                if held is None:
                    return None
                held.unused_since = None
            began = boot()
            if began < held.until - (self._kept / 3 if fresh else 0):
                return held
            renewed = False
            try:
                renewed = self._slots.renew(held.number, yields=yields)
            finally:
                if not renewed:
                    with self._changed:
                        self._held.remove(held)
                    self._give_back([held])
            if renewed:
                held.until = began + self._kept
                return held

    def _try(self, mark: str, count: int = 1, *, waits: bool = True) -> _Held | None:
        """Take some if they are free; gives the first, in use, where somebody waits for it."""
        began = boot()
        taken = [_Held(number, began + self._kept) for number in self._slots.take(mark, count, waits=waits)]
        with self._changed:
            for held in taken[1 if waits else 0 :]:
                held.unused_since = boot()
            self._held += taken
        return taken[0] if taken else None

    def _leave(self, held: _Held) -> None:
        with self._changed:
            if self._kept and not self._closed:
                held.unused_since = boot()
                if self._watcher is None:
                    name = f"intacct gate {self.company}"
                    self._watcher = threading.Thread(target=logs.carried(self._watch), name=name, daemon=True)
                    self._watcher.start()
                self._changed.notify_all()
                return
            self._held.remove(held)
        self._give_back([held])

    def _watch(self) -> None:
        """Give back what is not used any more, in a thread of its own: the worker may be busy for minutes."""
        while True:
            with self._changed:
                late = self._pop(lambda held: boot() >= max(held.until, (held.unused_since or 0.0) + UNUSED))
                if not late:
                    if self._closed or not self._held:
                        self._watcher = None
                        return
                    self._changed.wait(UNUSED)
            if late:
                self._give_back(late)

    def _pop(self, which: Callable[[_Held], bool]) -> list[_Held]:
        """Take unused slots out of those that are held; the lock is held."""
        found = [held for held in self._held if held.unused_since is not None and which(held)]
        self._held = [held for held in self._held if held not in found]
        return found

    def _give_back(self, some: list[_Held]) -> None:
        if not some:
            return
        for last in (False, True):
            try:
                self._slots.give_back([held.number for held in some])
                return
            except Exception:  # the database may have been started again: a new connection may do
                if last:  # it runs out by itself; the answer that came meanwhile must not be lost for it
                    logs.warning(log, "A slot of the gate of %s could not be given back.", self.company)

    def _unmark(self, mark: str) -> None:
        try:
            self._slots.unmark(mark)
        except Exception:  # as above
            logs.warning(log, "A mark at the gate of %s could not be taken back.", self.company)


def for_person(engine: Engine, company: str, config: Config) -> CompanyGate:
    """The gate for requests that a person waits for: the next free slot is his."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    return CompanyGate(engine, company, config, owner=owner, rank=PERSON, kept=0.0)


def for_work(engine: Engine, company: str, config: Config, owner: str) -> CompanyGate:
    """The gate for the requests of background work, which keeps its slots while nobody waits.

    :param owner: The owner of its lease: when that is taken over, its slots are free.
    """
    return CompanyGate(engine, company, config, owner=owner, rank=BACKGROUND, kept=KEPT)
