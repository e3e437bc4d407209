"""A person without a browser who connects a company: opens pages, fills forms in, presses buttons by their words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from werkzeug.test import Client

from . import books

COMPANIES = "/admin/intacct/companies/"


@dataclass(slots=True)
class Form:
    """A form: where it goes, what is in it, the boxes that may be ticked, the words on its buttons."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms and the heading of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.text, self.heading = address, text, ""
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: tuple[str, str] | None = None
        self._words: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.address, given.get("action", "") or self.address)
            self._open = Form(action, given.get("method", "get").lower())
            self.forms.append(self._open)
        elif tag == "h1":
            self._words = []
        elif tag == "button":
            self._button, self._words = (given.get("name", ""), given.get("value", "")), []
        elif tag in ("input", "select") and self._open is not None and given.get("name"):
            name, value = given["name"], given.get("value", "on" if given.get("type") == "checkbox" else "")
            self._open.names.add(name)
            if given.get("type") in ("checkbox", "radio"):
                self._open.boxes.append((name, value))
            elif tag == "input":
                self._open.values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        words = " ".join("".join(self._words or ()).split())
        if tag == "h1":
            self.heading = words
        elif tag == "button" and self._open is not None and self._button is not None:
            self._open.buttons.append((words, *self._button))
        elif tag == "form":
            self._open = None
        if tag in ("h1", "button"):
            self._button = self._words = None

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def form(self, words: str, needs: str = "", method: str = "") -> Form | None:
        """The first form with a button whose words begin so, and a field of this name."""
        for form in self.forms:
            fits = (not needs or needs in form.names) and method in ("", form.method)
            if fits and any(button[0].startswith(words) for button in form.buttons):
                return form
        return None


class Person:
    """Connects a company of the host.

    :param work: Lets workers do what waits for them.
    :param company: Its id in the host, and the number of its connection.
    :param patience: So often workers are let do in a row while the wizard stands still.
    """

    def __init__(self, client: Client, work: Callable[[], Any], company: int = 1, patience: int = 5) -> None:
        self._client, self.work, self._company, self._patience = client, work, company, patience

    def open(self, address: str) -> Page:
        answer = self._client.get(address, follow_redirects=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status} {answer.text[:500]}")
        return Page(answer.request.path, answer.text)

    def press(self, form: Form, words: str, tick: str = "", **filled: str) -> Page:
        """Send a form by a button, with all boxes of the name `tick` ticked."""
        button = next(button for button in form.buttons if button[0].startswith(words))
        sent = [(name, value) for name, value in form.values if name not in filled]
        sent += [*filled.items(), *((name, value) for name, value in form.boxes if name == tick)]
        sent += [button[1:]] if button[1] else []
        data: dict[str, list[str]] = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        if form.method == "get":
            answer = self._client.get(form.action, query_string=data, follow_redirects=True)
        else:
            answer = self._client.post(form.action, data=data, follow_redirects=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{words} at {form.action}: {answer.status} {answer.text[:500]}")
        return Page(answer.request.path, answer.text)

    def connect(self, until: str) -> Page:
        """Through the wizard, from where it stands to the page of this heading; every suggestion is taken."""
        page = self.open(COMPANIES)
        mine = str(self._company)
        for form in page.forms:
            if any(words.startswith("Connect") and value == mine for words, _, value in form.buttons):
                self.press(form, "Connect")
        idle = 0
        for _ in range(1000):
            page = self.step_page()
            if page.heading == until and (until != "The plan" or page.form("Confirm")):
                return page
            if self.step(page):
                idle = 0
            elif idle == self._patience:
                raise RuntimeError(f"Nothing to press on {page.address} ({page.heading})")
            else:
                idle += 1
                self.work()
        raise RuntimeError(f"The wizard does not end: {page.address}")

    def step_page(self) -> Page:
        """The page at which the wizard stands."""
        return self.open(f"/admin/intacct/connect/{self._company}/")

    def step(self, page: Page) -> bool:
        """Do what the page asks for; False if it asks for nothing."""
        if form := page.form("Begin"):
            self.press(form, "Begin")
        elif form := page.form("Continue", "tick"):
            self.press(form, "Continue", tick="tick")
        elif form := page.form("Sign in", "password"):
            self.press(
                form,
                "Sign in",
                intacct_company=books.identity(self._company),
                user_id=books.USER,
                password=books.PASSWORD,
            )
        elif form := page.form("Continue", "entity", "get"):
            page = self.press(form, "Continue", entity=books.ENTITY)
            form = page.form("Continue", "entity", "post")
            assert form is not None, page.text
            self.press(form, "Continue", location="E1-10")
        elif form := page.form("Continue", "sync_from"):
            self.press(form, "Continue", sync_from=books.SINCE.isoformat())
        elif "intacct-many intacct-blue" in page.text:
            return False  # many records are being decided in the background
        elif form := page.form("Accept all certain"):
            self.press(form, "Accept all certain")
        elif (form := page.form("Accept selected", "rowid")) and [1 for name, _ in form.boxes if name == "rowid"]:
            self.press(form, "Accept selected", tick="rowid")
        elif form := page.form("Continue"):
            self.press(form, "Continue")
        else:
            return False
        return True

    def confirm(self) -> tuple[Page, float]:
        """Press Confirm on the plan; gives the page that follows, and the seconds that the server took for the POST."""
        page = self.step_page()
        form = page.form("Confirm")
        assert form is not None, page.text
        data = dict(form.values)
        began = time.perf_counter()
        answer = self._client.post(form.action, data=data)
        took = time.perf_counter() - began
        if answer.status_code != 303:
            raise RuntimeError(f"Confirm: {answer.status} {answer.text[:500]}")
        page = self.open(answer.headers["Location"])
        if page.heading == "The plan":
            raise RuntimeError("Confirm was refused: the plan is shown again.")
        return page, took
