"""What axe finds on the screens, up to the plan; tests/admin has those of the work after it."""

from __future__ import annotations

import re

import pytest
from axe import complaints
from playwright.sync_api import expect

from .conftest import BRISTOL, People

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_on_the_way_to_the_plan(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL)
    base, found = f"{ada.url}/admin/intacct", {}

    def look(name: str) -> None:
        found[name] = complaints(ada.page)

    for step in ("overview", "prerequisites", "credentials", "entity", "entity?entity=BRS", "date"):
        ada.page.goto(f"{base}/connect/{bristol}/{step}")
        look(step)
    for page in (
        "companies/",
        "results/",
        "jobs/",
        *(f"{name}/{bristol}/" for name in ("companies", "runs", "notices")),
    ):
        ada.page.goto(f"{base}/{page}")
        look(page)
    for list_ in ("tax-types", "accounts", "tracking", "contacts"):
        for state in ("undecided", "matched", "archived"):
            ada.page.goto(f"{base}/{list_}/{bristol}/?state={state}")
            look(f"{list_} {state}")
    contacts = f"{base}/contacts/{bristol}/"
    row = ada.rows("contact")[0]
    ada.page.goto(f"{contacts}choose/{row.id}")
    look("choose")
    ada.page.goto(f"{contacts}archive?rowid={row.id}")
    look("archive")
    ada.page.goto(f"{contacts}?role=vendor&sure=unsure")
    ada.page.locator("tr[id^=row-]").get_by_role("checkbox").first.check()
    ada.button("Create as customer").click()
    ada.heading("Create 1 vendor")
    look("override")
    ada.page.goto(f"{contacts}?sure=unsure")
    ada.page.get_by_role("combobox", name=re.compile("^Sage Intacct record")).first.click()
    expect(ada.page.get_by_role("listbox").filter(visible=True).get_by_role("option").first).to_be_visible()
    look("list of records open")
    assert {name: what for name, what in found.items() if what} == {}
