"""The wire: requests in flight at once, one made ready ahead, and all that was asked is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from flask_intacct.sync.job_context import JobContext
from flask_intacct.sync.outbox.wire import Task, pump

SECONDS = 10


def job(most: int) -> JobContext:
    """A slice without end."""
    given = SimpleNamespace(over=lambda: False, state=SimpleNamespace(config=SimpleNamespace(max_in_flight=most)))
    return cast(JobContext, given)


def test_no_request_is_made_ready_while_as_many_as_go_are_in_flight_and_none_is_answered() -> None:
    asked: list[int] = []
    answer, turns = threading.Event(), iter(range(5))

    def following(flying: int) -> Task | None:
        asked.append(flying)
        return Task(lambda: answer.wait(SECONDS), lambda told: told()) if len(asked) <= 2 else None

    def meanwhile() -> bool:
        assert asked == [0, 1], "waiting for a slot would keep this from going on"
        if next(turns, None) is None:
            answer.set()
            return False
        return True

    pump(job(2), following, meanwhile)
    assert len(asked) > 2


def order(most: int) -> list[str]:
    """What happens to three requests of which each is answered at once, and in which order."""
    said: list[str] = []
    names = iter("abc")

    def task(name: str) -> Task:
        def tell(answer: Callable[[], Any]) -> None:
            said.append(f"told {answer()}")

        return Task(lambda: name, tell)

    def following(flying: int) -> Task | None:
        name = next(names, "")
        if name:
            said.append(f"ready {name}")
        return task(name) if name else None

    pump(job(most), following)
    return said


def test_one_at_a_time_is_told_before_the_next_is_made_ready() -> None:
    assert order(1) == ["ready a", "told a", "ready b", "told b", "ready c", "told c"]


def test_the_next_request_is_made_ready_before_an_answer_that_came_is_told() -> None:
    answered, names, said = threading.Event(), iter("abc"), list[str]()

    def task(name: str) -> Task:
        def ask() -> str:
            if name == "b":
                answered.wait(SECONDS)
            return name

        def tell(answer: Callable[[], Any]) -> None:
            said.append(f"told {answer()}")
            answered.set()

        return Task(ask, tell)

    def following(flying: int) -> Task | None:
        name = next(names, "")
        said.extend([f"ready {name}"] if name else [])
        return task(name) if name else None

    pump(job(2), following)
    assert said.index("ready c") < said.index("told a")
