"""Processes that die: what they were at ends there, and what they did not commit is gone."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from flask_intacct.sync.executor import Executor


class Died(BaseException):
    """A process is gone; only a test lives to see it."""


def dies(*_: Any, **__: Any) -> NoReturn:
    """Die as soon as this is called."""
    raise Died


def dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers die after a step, before the cursor behind it is committed, so that each step comes twice."""
    advance, alive = Executor._advance, False

    def advances(self: Executor, *given: Any, **more: Any) -> bool:
        nonlocal alive
        alive = not alive
        return dies() if alive else advance(self, *given, **more)

    monkeypatch.setattr(Executor, "_advance", advances)
