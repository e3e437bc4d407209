"""One running demo, one browser, and people who use them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, ViewportSize

from example_app.started import Started, started
from example_app.walk import Answers, Walk, chromium

LONDON, BRISTOL = "Marlow & Finch London", "Marlow & Finch Bristol"
WIDE: ViewportSize = {"width": 1400, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}

Person = Callable[..., Walk]


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """The real demo with all its processes; Ctrl-C ends it and leaves nothing."""
    folder = tmp_path_factory.mktemp("demo")
    with started(folder) as running:
        yield running
        assert running.stop() == 0, running.logs
        assert processes_of(folder) == set(), running.logs


def processes_of(folder: Path) -> set[int]:
    """Processes that write a log into the folder."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in os.readlink(entry / "fd" / "1"):
                found.add(int(entry.name))
        except OSError:
            continue
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="package")
def bristol(demo: Started, browser: Browser, answers: Answers) -> str:
    """The second company, connected as far as the matching; gives the number of its connection."""
    page = browser.new_page()
    walk = Walk(page, demo.url, demo.database, answers, BRISTOL)
    walk.sign_in()
    walk.to_matching()
    found = re.search(r"/tax-types/(\d+)/", page.url)
    assert found is not None
    page.context.close()
    return found[1]


def too_wide(page: Page) -> int:
    """By how many pixels the page has to be scrolled sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


@dataclass
class People:
    """Whoever has a browser open in a test, and what the consoles of their browsers complained about."""

    demo: Started
    browser: Browser
    answers: Answers
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __call__(self, login: str = "admin", company: str = LONDON, **options: Any) -> Walk:
        """Somebody who has signed in."""
        options = {"viewport": WIDE, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = self.browser.new_context(**options)
        self.contexts.append(context)
        page = context.new_page()
        self.listen(page)
        walk = Walk(page, self.demo.url, self.demo.database, self.answers, company)
        walk.sign_in(login)
        return walk

    def listen(self, page: Page) -> None:
        refusals: set[str] = set()

        def answered(response: Response) -> None:
            if response.request.resource_type == "document" and 400 <= response.status < 500:
                refusals.add(response.url)

        def said(message: ConsoleMessage) -> None:
            # Chromium calls a form that is refused with 422 an error.
            if message.type in ("error", "warning") and message.location["url"] not in refusals:
                self.complaints.append(f"{page.url}: {message.text}")

        page.on("response", answered)
        page.on("console", said)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def shoot(self, folder: Path) -> list[str]:
        """What is on all their screens, as files."""
        pages = [page for context in self.contexts for page in context.pages]
        shots = []
        for number, page in enumerate(pages, 1):
            shots.append(str(folder / f"page-{number}.png"))
            page.screenshot(path=shots[-1], full_page=True)
            shots[-1] += f" of {page.url}"
        return shots


@pytest.fixture
def person(demo: Started, browser: Browser, answers: Answers) -> Iterator[People]:
    """Opens a browser for somebody. A complaint of its console fails the test."""
    people = People(demo, browser, answers)
    yield people
    for context in people.contexts:
        context.close()
    assert people.complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the screens and the logs of a test that fails."""
    report = yield
    people = getattr(item, "funcargs", {}).get("person")
    if report.failed and call.when == "call" and people is not None:
        folder = people.demo.folder / f"failed-{int(time.time())}"
        folder.mkdir()
        shots = "\n".join(people.shoot(folder))
        report.sections.append(("browser and demo", f"{shots}\nlogs: {people.demo.logs}"))
    return report
