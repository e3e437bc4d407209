"""A person at a browser who connects the demo to Sage Intacct, for the screenshots and the browser tests.

The person knows which record is which from the made-up data's own answers, and decides everything on the real screens.
"""

from __future__ import annotations

import re
import sqlite3
from collections import ChainMap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from . import create_app
from .database import db
from .demo import COMPANY, PASSWORD, USER
from .seed import seed
from .seed.truth import id_of

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-domain-reliability", "--disable-sync", "--no-default-browser-check", "--force-color-profile=srgb",
)  # fmt: skip
PATIENCE = 90_000
KINDS = {
    "Tax types": ("tax_type",),
    "Accounts": ("account",),
    "Tracking": ("tracking_category", "tracking_option"),
    "Contacts": ("contact",),
}
DIMENSIONS = {"Property": "LOCATION", "Cost centre": "DEPARTMENT"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of our own."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a matching list.

    :param wanted: The natural id of the right Intacct record; "" if Intacct has none.
    """

    id: int
    kind: str
    role: str
    label: str
    wanted: str


class Answers:
    """What the demo's data knows about itself, for each branch: it is made once more, aside.

    `known` says which record of Intacct a row stands for, by (table, id, role); `invoices` and `bills` which documents
    exist on both sides, by id.
    """

    def __init__(self) -> None:
        self.sync_from: list[date] = []
        self.known: list[dict[tuple[str, str, str], str]] = []
        self.invoices: list[dict[str, str]] = []
        self.bills: list[dict[str, str]] = []
        app = create_app({"SQLALCHEMY_DATABASE_URI": "sqlite://"}, integrate=False)
        with app.app_context():
            db.create_all()
            for truth in seed(db):
                self.sync_from.append(truth.sync_from)
                self.known.append(truth.by_id())
                self.invoices.append({id_of(row): number for row, number in truth.invoices.items()})
                self.bills.append({id_of(row): number for row, number in truth.bills.items()})
            db.session.remove()
            db.engine.dispose()

    def of(self, source: str, local_id: str, role: str, label: str = "") -> str:
        """The natural id of the right record; "" if there is none."""
        return DIMENSIONS.get(label, "") or ChainMap(*self.known).get((source, local_id, role), "")


class Walk:
    """One person, one page, one company.

    :param url: Where the demo is.
    :param database: The demo's SQLite file; read, never written.
    """

    def __init__(self, page: Page, url: str, database: Path, answers: Answers, company: str) -> None:
        self.page, self.url, self.database, self.answers, self.company = page, url, database, answers, company
        page.set_default_timeout(20_000)

    # Getting there

    def sign_in(self, login: str = "admin") -> None:
        """Sign in to the host's admin."""
        self.page.goto(f"{self.url}/login")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(login)
        self.button("Sign in").click()
        self.heading("Good to see you")

    def open_companies(self) -> None:
        """To the list of companies, over the menu where it is open."""
        self.page.goto(f"{self.url}/admin/intacct/companies/")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def heading(self, text: str) -> None:
        """Wait for the page of this heading."""
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible(timeout=PATIENCE)

    def press_continue(self) -> None:
        self.button("Continue").first.click()

    # The wizard

    def connect(self) -> None:
        """From the list of companies to the first screen of the wizard."""
        self.open_companies()
        self.page.get_by_role("row", name=self.company).get_by_role("button", name="Connect").click()
        self.heading("What will be kept in step")

    def begin(self) -> None:
        self.button("Begin").click()
        self.heading("Prepare Sage Intacct")

    def prepare(self) -> None:
        """Tick all prerequisites."""
        for tick in self.page.get_by_role("checkbox").all():
            tick.check()
        self.press_continue()
        self.heading("Sign in to Sage Intacct")

    def credentials(self, password: str = PASSWORD) -> None:
        self.page.get_by_label("Company ID").fill(COMPANY)
        self.page.get_by_label("User ID").fill(USER)
        self.page.get_by_label("Password").fill(password)
        self.button("Sign in").click()

    def entity(self) -> None:
        """The entity of the same name, and no default location."""
        self.heading("Choose the entity")
        self.page.get_by_role("radio", name=self.company).check()
        self.press_continue()
        self.heading("Where the records are kept")
        self.press_continue()
        self.heading("From which date on?")

    def date(self, day: str) -> None:
        self.page.get_by_label("Sync-from date").fill(day)
        self.press_continue()

    def to_matching(self) -> None:
        """All screens up to the first matching list."""
        self.connect()
        self.begin()
        self.prepare()
        self.credentials()
        self.entity()
        self.date(self.answers.sync_from[0].isoformat())
        self.heading("Match tax types")

    # Matching

    def rows(self, *kinds: str) -> list[Row]:
        """The undecided rows of these kinds, as the database has them."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT l.id, l.kind, l.role, l.label, l.source, l.local_id FROM intacct_link l"
                " JOIN intacct_connection c ON c.id = l.connection_id"
                " WHERE c.company_name = ? AND l.state = 'undecided' ORDER BY l.label, l.id",
                (self.company,),
            ).fetchall()
        return [
            Row(id_, kind, role, label, self.answers.of(source, local_id, role, label))
            for id_, kind, role, label, source, local_id in found
            if kind in kinds
        ]

    def shown(self, *kinds: str) -> list[Row]:
        """Those of them on this page of the list."""
        return [row for row in self.rows(*kinds) if self.row(row).count()]

    def row(self, row: Row) -> Locator:
        return self.page.locator(f"#row-{row.id}")

    def suggests(self, row: Row, code: str) -> bool:
        """Whether the record of this code stands in the row's box."""
        shown = self.row(row).get_by_role("combobox").input_value()
        return shown == code or shown.startswith(f"{code} ")

    def pick(self, row: Row, wanted: str) -> None:
        """Choose a record by typing its code."""
        box = self.row(row)
        box.get_by_role("combobox").fill(wanted)
        box.get_by_role("option", name=re.compile(rf"^{re.escape(wanted)}( |$)")).first.click()

    def tick(self, row: Row, ticked: bool = True) -> None:
        self.row(row).get_by_role("checkbox").set_checked(ticked)

    def accept_certain(self) -> None:
        """Take what leaves no doubt, if there is anything."""
        press = self.page.get_by_role("button", name=re.compile(r"^Accept all certain"))
        if press.count():
            press.click()
            told = self.page.get_by_text(re.compile(r"records? matched\.")).first
            expect(told).to_be_visible(timeout=PATIENCE)  # more than a page has are matched in the background

    def decide(self, *kinds: str) -> None:
        """Decide all rows of these kinds, page by page: match what Intacct has, then create or archive the rest."""
        while True:
            self.page.wait_for_load_state()  # rows may be missing from half a page
            shown = self.shown(*kinds)
            known = [row for row in shown if row.wanted]
            if not shown:
                return
            for row in shown:
                self.tick(row, row in known)
                if row.wanted and not self.suggests(row, row.wanted):
                    self.pick(row, row.wanted)
            if known:
                self.button("Accept selected").click()
                expect(self.row(known[0])).to_have_count(0)
            elif shown[0].kind == "contact":
                self.create(shown)
            else:
                self.archive(shown)

    def create(self, rows: list[Row]) -> None:
        """Have contacts created, each as what it is."""
        role = rows[0].role
        for row in rows:
            self.tick(row, row.role == role)
        self.button(f"Create as {role}").click()
        self.page.wait_for_load_state()  # it is this list or a question
        if self.page.get_by_role("heading", name="Are these the same?").is_visible():
            self.button("Create as new anyway").click()
        expect(self.row(rows[0])).to_have_count(0)

    def archive(self, rows: list[Row]) -> None:
        for row in rows:
            self.tick(row)
        self.button("Archive selected").click()
        self.heading("Archive")
        self.button("Archive").click()
        expect(self.row(rows[0])).to_have_count(0)

    def decide_step(self, step: str) -> None:
        """A whole matching step, without its Continue."""
        for kind in KINDS[step]:
            if kind == "tracking_option":
                self.page.get_by_role("link", name=re.compile(r"^2\. ")).click()
            self.accept_certain()
            self.decide(kind)

    # Plan and run

    def plan(self) -> None:
        """Wait for the plan."""
        self.heading("The plan")
        expect(self.button("Confirm and start")).to_be_visible(timeout=PATIENCE)

    def confirm(self) -> None:
        for tick in self.page.get_by_role("checkbox").all():  # what was decided against the evidence
            tick.check()
        self.button("Confirm and start").click()
        self.heading("Initial sync")

    def run_ended(self) -> None:
        """Stay on the run's page until it has ended."""
        expect(self.button("Cancel")).to_have_count(0, timeout=PATIENCE)
