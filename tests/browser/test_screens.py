"""The screens for people with other rights, other browsers, other widths."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from example_app.started import Started
from example_app.walk import Walk

from .conftest import BRISTOL, NARROW, People, too_wide

pytestmark = pytest.mark.browser

LISTS = ("tax-types", "accounts", "tracking", "contacts")
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def address(walk: Walk, list_: str, connection: str) -> str:
    return f"{walk.url}/admin/intacct/{list_}/{connection}/"


def decided(demo: Started) -> int:
    with closing(sqlite3.connect(f"file:{demo.database}?mode=ro", uri=True)) as database:
        query = (
            "SELECT count(*) FROM intacct_link JOIN intacct_connection c ON c.id = connection_id WHERE company_name = ?"
        )
        found: int = database.execute(f"{query} AND intacct_link.state != 'undecided'", (BRISTOL,)).fetchone()[0]
        return found


def box_of(place: Locator) -> FloatRect:
    """Where it is on the screen, and how large."""
    found = place.bounding_box()
    assert found is not None
    return found


def test_a_viewer_sees_no_button_and_may_post_nothing(person: People, demo: Started, bristol: str) -> None:
    vera = person("viewer", BRISTOL)
    for list_ in LISTS:
        vera.page.goto(address(vera, list_, bristol))
        vera.heading("Match")
        expect(vera.page.locator("main form[method=post] button")).to_have_count(0)
        expect(
            vera.page.locator("main").get_by_role("button", name=re.compile("Match|Accept|Archive|Create"))
        ).to_have_count(0)
    before = decided(demo)
    token = vera.page.locator("input[name=csrf_token]").first.input_value()
    for list_, action in (("accounts", "accept_certain"), ("contacts", "create_customer")):
        url = f"{address(vera, list_, bristol)}action/"
        assert vera.page.request.post(url, form={"csrf_token": token, "action": action, "rowid": "1"}).status == 403
    assert decided(demo) == before


def test_a_post_without_a_token_changes_nothing(person: People, demo: Started, bristol: str) -> None:
    ada = person(company=BRISTOL)
    before = decided(demo)
    answer = ada.page.request.post(f"{address(ada, 'accounts', bristol)}action/", form={"action": "accept_certain"})
    assert answer.status == 400
    assert "nothing was changed" in answer.text()
    assert decided(demo) == before


def test_matching_works_without_javascript(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL, java_script_enabled=False)
    ada.page.goto(address(ada, "contacts", bristol))
    rows = [row for row in ada.shown("contact") if row.wanted]
    sure = next(row for row in rows if ada.row(row).get_by_text(re.compile(rf"^{row.wanted} ")).count())
    ada.row(sure).get_by_role("button", name="Match").click()
    expect(ada.page.get_by_text("1 record matched.")).to_be_visible()
    expect(ada.row(sure)).to_have_count(0)

    other = next(row for row in rows if row.id != sure.id)
    ada.row(other).get_by_role("link", name=re.compile("^Choose")).click()
    ada.heading("Choose for")
    ada.page.get_by_role("searchbox").fill(other.wanted)
    ada.button("Search").click()
    ada.page.get_by_role("radio", name=re.compile(rf"^{other.wanted} ")).check()
    ada.button("Match").click()
    expect(ada.page.get_by_text("1 record matched.")).to_be_visible()
    expect(ada.row(other)).to_have_count(0)


def test_no_screen_is_wider_than_a_phone(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL, viewport=NARROW)
    base = f"{ada.url}/admin/intacct"
    wizard = [
        f"{base}/connect/{bristol}/{step}" for step in ("overview", "prerequisites", "credentials", "entity", "date")
    ]
    lists = [address(ada, list_, bristol) for list_ in LISTS]
    rows = "&".join(f"rowid={row.id}" for row in ada.rows("contact")[:3])
    asked = [f"{address(ada, 'contacts', bristol)}archive?{rows}"]
    others = [
        f"{base}/{page}"
        for page in (
            "companies/",
            f"companies/{bristol}/",
            f"runs/{bristol}/",
            "jobs/",
            f"results/{bristol}/",
            f"results/{bristol}/list",
        )
    ]
    wide = {}
    for url in (*wizard, *lists, *asked, *others):
        ada.page.goto(url)
        wide[url] = too_wide(ada.page)
    ada.page.goto(address(ada, "contacts", bristol))
    labels = [row.label for row in ada.shown("contact")]
    for row in ada.shown("contact"):
        ada.tick(row, row.role == "customer" and labels.count(row.label) == 1)
    ada.button("Create as vendor").click()
    expect(ada.page.locator(".intacct-override")).to_be_visible()
    ada.page.wait_for_load_state()  # visible is not yet styled
    wide["override"] = too_wide(ada.page)
    assert {url: by for url, by in wide.items() if by} == {}


def test_a_phone_shows_a_record_on_the_first_screen(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL, viewport=NARROW)
    for list_ in LISTS:
        ada.page.goto(address(ada, list_, bristol))
        row = box_of(ada.page.locator("tr[id^=row-]").first)
        bar = box_of(ada.page.get_by_role("group", name="With the selected rows"))
        assert row["y"] + 100 < bar["y"], list_


@pytest.mark.parametrize("width", [360, 768, 1024, 1400])
def test_nothing_of_a_list_is_clipped_at_any_width(person: People, bristol: str, width: int) -> None:
    ada = person(company=BRISTOL, viewport={"width": width, "height": 800})
    for list_ in LISTS:
        ada.page.goto(address(ada, list_, bristol))
        assert box_of(ada.page.get_by_role("combobox", name=re.compile("^Sage Intacct record")).first)["width"] > 200
        for strip in (".intacct-tabs", ".intacct-layers", ".intacct-sticky"):
            for button in ada.page.locator(strip).locator("a, button").all():
                box = box_of(button)
                assert box["x"] >= 0, (list_, button.inner_text())
                assert box["x"] + box["width"] <= width, (list_, button.inner_text())


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 420}, {"width": 1400, "height": 420}])
def test_the_choice_stays_clear_of_the_bar_in_a_low_window(
    person: People, bristol: str, viewport: dict[str, int]
) -> None:
    ada = person(company=BRISTOL, viewport=viewport)
    ada.page.goto(address(ada, "contacts", bristol))
    for number in range(6):
        ada.page.get_by_role("combobox", name=re.compile("^Sage Intacct record")).nth(number).click()
        list_ = ada.page.get_by_role("listbox").filter(visible=True)
        expect(list_.get_by_role("option").first).to_be_visible()
        shown, bar = box_of(list_), box_of(ada.page.get_by_role("group", name="With the selected rows"))
        assert shown["y"] >= 0
        assert shown["y"] + shown["height"] <= bar["y"]
        ada.page.keyboard.press("Escape")


def test_match_appears_once_a_record_is_chosen(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL)
    ada.page.goto(f"{address(ada, 'contacts', bristol)}?sure=unsure")
    row = ada.page.locator("tr[id^=row-]").first
    match, choose = row.get_by_role("button", name="Match"), row.get_by_role("link", name=re.compile("^Choose"))
    expect(match).to_have_count(0)
    choose.click()
    row.get_by_role("option").nth(1).click()
    expect(match).to_be_visible()
    expect(choose).to_have_count(0)
    row.get_by_role("combobox").fill("")
    row.get_by_role("combobox").blur()
    expect(match).to_have_count(0)
    expect(choose).to_be_visible()


def test_screens_obey_a_strict_content_security_policy(person: People, bristol: str) -> None:
    ada = person(company=BRISTOL)
    ada.page.route("**/admin/intacct/**", strict)
    base = f"{ada.url}/admin/intacct"
    for url in (
        f"{base}/companies/", f"{base}/companies/{bristol}/", f"{base}/connect/{bristol}/entity", f"{base}/jobs/",
        *(address(ada, list_, bristol) for list_ in LISTS),
    ):  # fmt: skip
        ada.page.goto(url)
        expect(ada.page.get_by_role("main")).to_be_visible()
    type_ahead_answers(ada.page)


def strict(route: Route) -> None:
    """Let a page come with the policy of a strict host."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": STRICT})


def type_ahead_answers(page: Page) -> None:
    page.get_by_role("combobox", name=re.compile("^Sage Intacct record")).first.fill("a")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
