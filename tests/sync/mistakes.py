"""Mistakes in our own functions, for records of one's choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flask_intacct.sync.outbox import actions
from flask_intacct.translate import translators


def failing(function: Callable[..., Any], *words: str) -> Callable[..., Any]:
    """The same function, with a mistake for whatever has one of these words in what it is given."""

    def fails(*given: Any, **more: Any) -> Any:
        if any(word in repr(given) for word in words):
            raise KeyError("surprise")
        return function(*given, **more)

    return fails


def act(monkeypatch: pytest.MonkeyPatch, kind: str, **functions: Any) -> None:
    """Let functions of the action that creates a kind be others."""
    key = (kind, "create")
    monkeypatch.setitem(actions.ACTIONS, key, replace(actions.ACTIONS[key], **functions))


def translate(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> None:
    """The same for the translator of invoices."""
    monkeypatch.setitem(translators.TRANSLATORS, "invoice", replace(translators.of("invoice"), **functions))
