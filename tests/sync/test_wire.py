"""The wire: requests in flight at once, one made ready ahead, and all that was asked is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flask_intacct.gateway.errors import Crowded, NoReply
from flask_intacct.sync.job_context import JobContext
from flask_intacct.sync.outbox import wire
from flask_intacct.sync.outbox.wire import Task, pump

SECONDS = 10


def job(most: int, *, full: bool = True) -> JobContext:
    """A slice without end.

    :param full: Whether all slots of the gate are in use by its requests.
    """
    config = SimpleNamespace(max_in_flight=most)
    given = SimpleNamespace(
        over=lambda: False, state=SimpleNamespace(config=config), gate=SimpleNamespace(full=lambda: full)
    )
    return cast(JobContext, given)


@pytest.mark.parametrize(
    ("full", "went", "slow", "expected"),
    [
        pytest.param(True, True, 60.0, "ab a! cd b! e c!", id="all slots are in use"),
        pytest.param(False, True, 60.0, "ab a! c b! d c!", id="others have slots"),
        pytest.param(True, False, 60.0, "ab a! c b! d c!", id="the last one came to nothing"),
        pytest.param(True, True, 0.0, "ab a! c b! d c!", id="the last one came slowly"),
    ],
)
def test_one_request_is_made_ready_while_all_slots_are_in_use(
    full: bool, went: bool, slow: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SLOW", slow)
    answers = {name: threading.Event() for name in "abcdefgh"}
    said, told, names = list[str](), list[str](), iter(answers)

    def following(flying: int) -> Task | None:
        name = next(names, "")
        said.extend(name)
        return Task(partial(answers[name].wait, SECONDS), partial(tell, name)) if name else None

    def tell(name: str, answer: Callable[[], Any]) -> bool:
        told.append(name)
        return went

    def meanwhile() -> bool:
        name = "abcdefgh"[len(told)]
        if not answers[name].is_set():
            said.append(f"{name}!")
            answers[name].set()
        return True

    pump(job(2, full=full), following, meanwhile)
    assert "".join(said).startswith(expected.replace(" ", ""))


def order(most: int) -> list[str]:
    """What happens to three requests of which each is answered at once, and in which order."""
    said: list[str] = []
    names = iter("abc")

    def task(name: str) -> Task:
        def tell(answer: Callable[[], Any]) -> bool:
            said.append(f"told {answer()}")
            return True

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

        def tell(answer: Callable[[], Any]) -> bool:
            said.append(f"told {answer()}")
            answered.set()
            return True

        return Task(ask, tell)

    def following(flying: int) -> Task | None:
        name = next(names, "")
        said.extend([f"ready {name}"] if name else [])
        return task(name) if name else None

    pump(job(2), following)
    assert said.index("ready c") < said.index("told a")


def test_a_failure_of_intacct_is_told_though_the_turn_of_the_next_request_did_not_come_before_it() -> None:
    crowded, names = threading.Event(), iter("ab")

    def ask(name: str) -> None:
        if name == "b":
            raise Crowded("nothing was sent")
        crowded.wait(SECONDS)
        raise NoReply("nothing came back")

    def tell(name: str, answer: Callable[[], Any]) -> bool:
        if name == "b":
            crowded.set()
        return bool(answer())

    def following(flying: int) -> Task | None:
        name = next(names, "")
        return Task(partial(ask, name), partial(tell, name)) if name else None

    with pytest.raises(NoReply):
        pump(job(2), following)
