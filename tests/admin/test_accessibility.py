"""What axe finds on the screens of the work itself; tests/browser has those of the way there."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe import complaints
from playwright.sync_api import Page
from werkzeug.serving import make_server

from example_app.walk import chromium
from flask_intacct.messages import quoted
from flask_intacct.models import Connection, Link, Run, now
from flask_intacct.onboarding import plan as plans

from .conftest import World, issue_of, notice_of, phase_of, run_of

pytestmark = pytest.mark.browser

BASE = "/admin/intacct/"


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The host over HTTP."""
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def test_axe_finds_nothing_on_the_pages_of_the_work(world: World, site: str, page: Page) -> None:
    found: dict[str, list[str]] = {}

    def look(*paths: str, name: str = "") -> None:
        for path in paths:
            page.goto(f"{site}{BASE}{path}")
            found[f"{path} {name}"] = complaints(page)

    look("plan/1/", name="not made")
    plan = plans.Plan(
        "d",
        now(),
        sections=(
            plans.Section("invoice", "Invoices", (plans.PlanRow("create", quoted("Created in Sage Intacct"), 12),)),
        ),
        problems=(
            plans.Problem(
                "invoice", quoted("No account"), quoted("The account is not matched."), quoted("Match it."), 3
            ),
        ),
        pairs=(quoted("INV-1 and INV-1"),),
        against=(plans.Against(quoted("1 vendor of yours will be created as customer"), ("Supplier 1",), ("ada",)),),
    )
    world.add(run_of(1, "plan", "done", report=plans.dump(plan)))
    world.change(Connection, 1, step="plan", plan_digest="d")
    look("plan/1/", name="with records to match")
    for link in world.rows(Link):
        world.change(Link, link.id, state="archived")
    look("plan/1/", name="to confirm")
    world.add(run_of(2, "initial", "running"), run_of(1, "plan", "running"))
    world.add(
        phase_of(2, "contact", 0, "done", 412, 2, 414),
        phase_of(2, "invoice", 1, "running", 300, 0, 1200),
        phase_of(2, "bill", 2, "waiting"),
    )
    look("plan/1/", name="being made")
    look("runs/2/2", "companies/2/", "companies/", "jobs/", name="at work")
    states = {"paused": "", "done": "", "cancelled": "", "failed": "The location E9 is gone."}
    for state, problem in states.items():
        world.change(Run, 2, state=state, live=2 if state == "paused" else None, problem=problem)
        look("runs/2/2", "companies/2/", "results/2/", name=state)
    world.add(*[issue_of(2, number, f"cause {number % 3}") for number in range(1, 60)])
    world.add(notice_of(2, 2, "red", "59 records need you."))
    look("results/", "results/2/", "results/2/list", "results/2/list?outcome=failed&search=zz", "results/2/handled")
    look("results/2/handle?cause=cause%201", "notices/2/", "runs/2/", "runs/1/", "companies/", "companies/2/")
    world.click(f"{BASE}results/2/handle", cause="cause 1", last="1000", reason="The tenant paid in cash.")
    look("results/2/handled", name="with some")
    look("companies/2/settings")
    for action in ("pause", "disconnect"):
        look(f"companies/2/confirm/{action}")
    for state in ("paused", "needs_reconnecting", "disconnected"):
        world.change(Connection, 2, state=state)
        look("companies/2/", "connect/2/credentials", name=state)
    page.goto(f"{site}/admin/thing/")
    found["the flag"] = complaints(page, ".intacct-flags")
    world.change(Connection, 1, step="reading")
    world.add(run_of(1, "read", "failed", problem=quoted("Sage Intacct does not answer.")))
    look("connect/1/reading", name="failed")
    world.change(Connection, 2, live_company=None)
    look("companies/2/", name="ended")
    assert {name: what for name, what in found.items() if what} == {}
