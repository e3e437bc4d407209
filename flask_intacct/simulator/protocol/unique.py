"""`uniqueid`: the control ids of functions that were carried out, or still are."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from ..company import Company
from ..errors import Error


class ControlIds:
    """Remembers what must not be done twice. The ids of a sender's requests that are under way are held by a thread."""

    def __init__(self) -> None:
        self._done: dict[tuple[str, str, str], datetime] = {}
        self._running: dict[tuple[str, str], int] = {}

    def hold(self, sender: str, control_ids: Iterable[str]) -> None:
        """Note that this thread is at work on these, unless another one is."""
        for control_id in control_ids:
            self._running.setdefault((sender, control_id), threading.get_ident())

    def release(self) -> None:
        """Forget what this thread was at work on."""
        me = threading.get_ident()
        for key in [key for key, thread in list(self._running.items()) if thread == me]:
            del self._running[key]

    def refusal(self, company: Company, sender: str, control_id: str) -> Error | None:
        """Why a function with this control id may not run, if it may not."""
        number = company.switches.numbers["duplicate"]
        if self._running.get((sender, control_id)) != threading.get_ident():
            return Error(number, f"A request's function with the control ID {control_id} is in process")
        switches = company.switches
        done = None if switches.forget_ids else self._done.get(self._key(company, sender, control_id))
        if done is None:
            return None
        if switches.ids_seconds and company.now() >= done + timedelta(seconds=switches.ids_seconds):
            return None
        return Error(number, f"A request's function with the control ID {control_id} has already been processed")

    def remember(self, company: Company, sender: str, control_id: str) -> None:
        self._done[self._key(company, sender, control_id)] = company.now()

    def _key(self, company: Company, sender: str, control_id: str) -> tuple[str, str, str]:
        return sender, company.id if company.switches.ids_per_company else "", control_id
