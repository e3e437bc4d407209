"""The pictures of the README: ``make screenshots`` walks through a demo of its own and writes them to docs/images."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from .started import HOME, started
from .walk import KINDS, Answers, Walk, chromium

IMAGES = HOME / "docs" / "images"
WIDE: ViewportSize = {"width": 1400, "height": 860}
NARROW: ViewportSize = {"width": 360, "height": 740}
LARGEST = 300_000


def main() -> int:
    """Write all pictures; the exit code is 1 if one is too large for a README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    answers = Answers()
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as demo, chromium() as browser:
        page = browser.new_page(viewport=WIDE, locale="en-GB")
        walk, other = (
            Walk(page, demo.url, demo.database, answers, f"Marlow & Finch {town}") for town in ("London", "Bristol")
        )
        walk.sign_in()
        phone = browser.new_page(viewport=NARROW, locale="en-GB", storage_state=page.context.storage_state())
        wizard(walk)
        matching(walk, phone)
        plan_and_run(walk)
        results(other)
    large = [image.name for image in sorted(IMAGES.glob("*.png")) if image.stat().st_size > LARGEST]
    sys.stdout.write(f"{IMAGES}: {len(list(IMAGES.glob('*.png')))} pictures\n")
    if large:
        sys.stderr.write(f"Larger than {LARGEST // 1000} kB: {', '.join(large)}\n")
    return 1 if large else 0


def wizard(walk: Walk) -> None:
    walk.open_companies()
    shoot(walk.page, "companies")
    walk.connect()
    walk.begin()
    walk.prepare()
    walk.credentials("not the password")
    expect(walk.page.get_by_role("alert")).to_be_visible()
    shoot(walk.page, "credentials")
    walk.credentials()
    walk.entity()
    walk.date(walk.answers.sync_from[0].isoformat())
    walk.heading("Match tax types")


def matching(walk: Walk, phone: Page) -> None:
    for step in KINDS:
        walk.heading("Match")
        if step == "Accounts":
            shoot(walk.page, "match-accounts")
        if step == "Contacts":
            contacts(walk, phone)
        walk.decide_step(step)
        walk.press_continue()


def contacts(walk: Walk, phone: Page) -> None:
    """The list with the typeahead open: one record that it finds is taken already."""
    first, second = walk.shown("contact")[:2]
    walk.row(first).get_by_role("button", name="Match").click()
    expect(walk.row(first)).to_have_count(0)
    walk.row(second).get_by_role("combobox").fill(first.label.split()[-1])
    expect(walk.row(second).get_by_role("option").first).to_be_visible()
    walk.page.evaluate("scrollTo(0, 0)")
    shoot(walk.page, "match-contacts")
    phone.goto(walk.page.url)
    phone.locator(".intacct-certain").evaluate("each => each.scrollIntoView()")
    shoot(phone, "phone")


def plan_and_run(walk: Walk) -> None:
    walk.plan()
    walk.page.screenshot(path=IMAGES / "plan.png", full_page=True)
    walk.confirm()
    expect(walk.page.locator(".intacct-bar-running[data-bar=invoice]")).to_be_visible(timeout=90_000)
    expect(walk.page.locator("[data-bar=invoice] [data-part=pace]")).not_to_be_empty()
    shoot(walk.page, "run")
    walk.run_ended()
    walk.page.goto(f"{walk.url}/admin/")
    expect(walk.page.locator(".intacct-flag-blue")).to_be_visible()
    shoot(walk.page, "flag")


def results(walk: Walk) -> None:
    """The second branch has an invoice that can't be sent."""
    walk.to_matching()
    for step in KINDS:
        walk.heading("Match")
        walk.decide_step(step)
        walk.press_continue()
    walk.plan()
    walk.confirm()
    walk.run_ended()
    walk.page.get_by_role("link", name="See what to do").click()
    shoot(walk.page, "results")


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
