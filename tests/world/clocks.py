"""Machines whose own clocks are wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any


@contextmanager
def off(by: timedelta) -> Iterator[None]:
    """Let the product work on a machine whose own clock is off by so much; the simulator's is right."""

    class Made(type):
        def __call__(cls, *given: Any, **named: Any) -> datetime:
            return datetime(*given, **named)  # noqa: DTZ001

        def __getattr__(cls, name: str) -> Any:
            return getattr(datetime, name)

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime)

    class Wrong(metaclass=Made):
        @staticmethod
        def now(tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + by

    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith("flask_intacct.")
        and not name.startswith("flask_intacct.simulator")
        and getattr(module, "datetime", None) is datetime
    ]
    for module in modules:
        module.datetime = Wrong  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in modules:
            module.datetime = datetime  # type: ignore[attr-defined]
