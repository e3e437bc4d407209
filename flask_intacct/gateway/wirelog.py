"""A log of exchanges for support cases: redacted, one file each, never more than so many."""

from __future__ import annotations

import itertools
import os
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .redact import Exchange

_OURS = re.compile(r"\d{8}T\d{12}-\d+-\d{6,}\.xml")


class WireLog:
    """Give it to a client as `on_exchange`.

    :param directory: Made if it is missing, readable by its owner only.
    :param keep: How many exchanges are kept at most; the oldest go first.
    :param days: How long they are kept; checked at each exchange.
    :param enabled: May be switched while the client works.
    """

    def __init__(self, directory: str | Path, *, keep: int = 500, days: float = 14, enabled: bool = True) -> None:
        self.enabled = enabled
        self._directory = Path(directory)
        self._keep = max(keep, 1)
        self._age = timedelta(days=days)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        if not self.enabled:
            return
        now = datetime.now(UTC)
        with self._lock:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}-{next(self._numbers):06}.xml"
            path = self._directory / name
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(_page(exchange, now))
            self._prune(now)

    def _prune(self, now: datetime) -> None:
        files = sorted(path for path in self._directory.glob("*.xml") if _OURS.fullmatch(path.name))
        oldest = f"{now - self._age:%Y%m%dT%H%M%S%f}"
        for number, path in enumerate(reversed(files)):
            if number >= self._keep or path.name < oldest:
                path.unlink(missing_ok=True)


def _page(exchange: Exchange, now: datetime) -> str:
    head = [
        f"at: {now.isoformat(timespec='milliseconds')}",
        f"kind: {exchange.kind}",
        f"functions: {', '.join(exchange.functions)}",
        f"control ids: {', '.join(exchange.control_ids)}",
        f"http status: {exchange.http_status or 'none'}",
        f"seconds: {exchange.seconds:.3f}",
        f"error: {exchange.error or 'none'}",
    ]
    return "\n".join([*head, "", exchange.request, "", exchange.response, ""])
