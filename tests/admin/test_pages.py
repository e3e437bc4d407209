"""Companies, runs, results, jobs and notices."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flask_intacct.models import ApiUsage, Connection, Event, Issue, Link, Operation, Record, Run, now

from .conftest import World, issue_of, linked, notice_of, phase_of, run_of


def test_companies_show_state_and_one_button(world: World) -> None:
    world.add(issue_of(2, 1))
    page = world.page("/admin/intacct/companies/")
    assert "Northgate" in page
    assert "Continue" in page
    assert "Has records to look at" in page
    assert "<h1>Companies</h1>" in page


def test_company_not_connected_yet_starts_the_wizard(world: World) -> None:
    world.click("/admin/intacct/companies/1/do/start_over")
    assert "Connect" in world.page("/admin/intacct/companies/")
    page = world.click("/admin/intacct/companies/start", company_id="1")
    assert "What will be kept in step" in page
    assert world.row(Connection, Connection.live_company == "1").step == "overview"


def test_words_that_nobody_listed_are_on_the_page_of_the_company(world: World) -> None:
    assert "does not list" not in world.page("/admin/intacct/companies/2/")
    with world.app.app_context():
        connection = world.db.session.get(Connection, 2)
        assert connection is not None
        connection.facts = {**connection.facts, "unlisted": {"invoice": {"status 'X'": 1234}}}
        world.db.session.commit()
    page = world.page("/admin/intacct/companies/2/")
    assert "does not list" in page
    assert "Status 'X'" in page
    assert "(1,234)" in page


def test_switch_asks_before_it_acts(world: World) -> None:
    page = world.page("/admin/intacct/companies/2/confirm/disconnect")
    assert "Disconnect this company?" in page
    assert world.row(Connection, Connection.id == 2).state == "connected"
    world.click("/admin/intacct/companies/2/do/disconnect")
    assert world.row(Connection, Connection.id == 2).state == "disconnected"


def test_pause_and_resume(world: World) -> None:
    world.click("/admin/intacct/companies/2/do/pause")
    assert world.row(Connection, Connection.id == 2).state == "paused"
    assert "Resume" in world.page("/admin/intacct/companies/2/")
    world.click("/admin/intacct/companies/2/do/resume")
    assert world.row(Connection, Connection.id == 2).state == "connected"
    assert {event.who for event in world.rows(Event)} == {"ada"}


def test_a_side_is_paused_and_every_page_of_the_company_says_so(world: World) -> None:
    world.change(Connection, 2, confirmed_at=now())
    assert "Pause receivables" in world.page("/admin/intacct/companies/2/")
    assert "Customers and their documents are neither sent" in world.page(
        "/admin/intacct/companies/2/confirm/pause_receivables"
    )
    world.click("/admin/intacct/companies/2/do/pause_receivables")
    assert world.row(Connection, Connection.id == 2).paused_sides == "receivables"
    for address in ("companies/2/", "runs/2/", "results/2/", "notices/2/", "contacts/2/"):
        page = world.page(f"/admin/intacct/{address}")
        assert "Receivables are paused" in page
        assert "Payables are paused" not in page
    assert "Receivables paused" in world.page("/admin/intacct/companies/")
    world.rights["2"] = {"see", "match"}
    assert world.post("/admin/intacct/companies/2/do/resume_receivables").status_code == 403
    world.rights["2"] = {"see", "match", "administer"}
    world.click("/admin/intacct/companies/2/do/resume_receivables")
    assert "paused" not in world.page("/admin/intacct/companies/2/")
    assert [event.action for event in world.rows(Event)] == ["receivables paused", "receivables resumed"]


def test_company_page_tells_the_api_transactions_and_when_the_limit_is_reached(world: World) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    world.change(Connection, 2, intacct_company="Demo")
    world.add(ApiUsage(company="demo", month=month, requests=900, functions=1234, rows=0))
    page = world.page("/admin/intacct/companies/2/")
    assert "1,234 this month, 0 last month" in page
    assert "are used up" not in page
    state = world.app.extensions["intacct"]
    world.app.extensions["intacct"] = replace(state, config=replace(state.config, api_limit=1234))
    try:
        page = world.page("/admin/intacct/companies/2/")
    finally:
        world.app.extensions["intacct"] = state
    assert "1,234 of 1,234 this month" in page
    assert "This month's 1,234 API transactions are used up: nightly syncs and pushes wait" in page


def test_limit_of_api_transactions_is_set_on_a_page_of_its_own(world: World) -> None:
    page = "/admin/intacct/companies/2/limit"
    world.change(Connection, 2, intacct_company="Demo", confirmed_at=now())
    assert f'href="{page}"' in world.page("/admin/intacct/companies/2/")
    assert "0, or left empty, is no limit." in world.page(page)
    assert "many is not a number" in world.post(page, limit="many").text
    assert "The settings are saved." in world.click(page, limit="5000")
    assert 'value="5000"' in world.page(page)
    assert world.row(Event).after == {"api_limit": 5000}
    world.rights["2"] = {"see", "match"}
    assert world.get(page).status_code == 403
    assert page not in world.page("/admin/intacct/companies/2/")


def test_switch_that_does_not_exist_is_not_found(world: World) -> None:
    assert world.get("/admin/intacct/companies/2/confirm/explode").status_code == 404
    assert world.post("/admin/intacct/companies/2/do/explode").status_code == 404


def test_sync_now_leads_to_its_run(world: World) -> None:
    page = world.click("/admin/intacct/companies/2/sync")
    assert "<h1>Sync</h1>" in page
    assert "Waiting to start" in page
    assert world.row(Run).asked_by == "ada"


def test_run_page_shows_each_phase_with_numbers(world: World) -> None:
    world.add(run_of(2))
    world.add(phase_of(1, "contact", 0, "done", 412, 2, 414), phase_of(1, "invoice", 1, "running", 300, 0, 1200))
    page = world.page("/admin/intacct/runs/2/1")
    assert "414 of 414" in page
    assert "2 to look at" in page
    assert "300 of 1,200" in page
    assert "a minute" in page
    assert "left" in page
    assert 'http-equiv="refresh"' in page


def test_progress_is_told_as_json(world: World) -> None:
    world.add(run_of(2))
    world.add(phase_of(1, "contact", 0, "running", 10, 0, 40))
    answer = world.get("/admin/intacct/runs/2/1/progress")
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    assert (found["state"], found["live"]) == ("running", True)
    bar = found["bars"][0]
    assert (bar["label"], bar["value"], bar["max"], bar["text"]) == ("Contacts", 10, 40, "10 of 40")


def test_unknown_total_is_not_invented(world: World) -> None:
    world.add(run_of(2))
    world.add(phase_of(1, "contact", 0, "running", 10))
    bar = world.get("/admin/intacct/runs/2/1/progress").get_json()["bars"][0]
    assert (bar["max"], bar["text"]) == (-1, "10 so far")


def test_totals_of_an_initial_sync_are_those_expected_until_they_are_counted(world: World) -> None:
    expected = {"reference": 42, "contact": 18, "invoice": 1234}
    world.add(run_of(2, "plan", "done"), run_of(2, report={"expected": expected}))
    world.add(
        phase_of(2, "reference", 0, "done", 41), phase_of(2, "contact", 1, "running", 2, 0, 20),
        phase_of(2, "invoice", 2, "running"), phase_of(2, "bill", 3, "running", 7),
    )  # fmt: skip
    bars = {bar["name"]: bar for bar in world.get("/admin/intacct/runs/2/2/progress").get_json()["bars"]}
    assert [(bars[name]["value"], bars[name]["max"], bars[name]["text"]) for name in bars] == [
        (41, 41, "41 of 41"), (2, 20, "2 of 20"), (0, 1234, "0 of 1,234"), (0, -1, "7 so far"),
    ]  # fmt: skip
    assert "0 of 1,234" in world.page("/admin/thing/"), "in the flag as well"


def test_run_is_paused_resumed_and_cancelled(world: World) -> None:
    world.click("/admin/intacct/companies/2/sync")
    assert "Resume" in world.click("/admin/intacct/runs/2/1/pause")
    assert world.row(Run).state == "paused"
    world.click("/admin/intacct/runs/2/1/resume")
    assert world.row(Run).state == "queued"
    page = world.click("/admin/intacct/runs/2/1/cancel")
    assert world.row(Run).state == "cancelled"
    assert "Cancelled" in page


def test_switch_of_a_finished_run_is_refused_in_words(world: World) -> None:
    world.add(run_of(2, state="done"))
    assert "This run has ended already." in world.click("/admin/intacct/runs/2/1/pause")


def test_finished_run_says_what_it_came_to(world: World) -> None:
    world.add(run_of(2, state="done"), issue_of(2, 1))
    page = world.page("/admin/intacct/runs/2/1")
    assert "1 record needs you." in page
    assert "/admin/intacct/results/2/" in page


def test_stopped_run_says_why(world: World) -> None:
    world.add(run_of(2, state="failed", problem="Sage Intacct refuses the sign-in."))
    assert "Sage Intacct refuses the sign-in." in world.page("/admin/intacct/runs/2/1")


def test_a_run_that_rests_says_why_and_when_it_is_tried_again(world: World) -> None:
    until = datetime(2030, 5, 6, 14, 5, tzinfo=UTC)
    world.add(run_of(2, rests_until=until, problem="Sage Intacct can't be reached just now."))
    said = "Sage Intacct does not answer; next try at 14:05 UTC."
    assert f"{said} Sage Intacct can't be reached just now." in world.page("/admin/intacct/runs/2/1").replace(
        "&#39;", "'"
    )
    progress = world.client.get("/admin/intacct/runs/2/1/progress").json
    assert progress is not None
    assert progress["rest"] == said


@pytest.mark.parametrize("page", ["companies/2/", "runs/2/1"])
def test_a_run_that_rests_is_tried_at_once_where_a_person_asks_for_it(world: World, page: str) -> None:
    until = datetime(2030, 5, 6, 14, 5, tzinfo=UTC)
    world.add(run_of(2, rests_until=until, problem="Sage Intacct can't be reached just now.", slices=1))
    assert "Try now" in world.page(f"/admin/intacct/{page}")
    shown = world.click("/admin/intacct/runs/2/1/resume")
    assert "The run goes on where it was." in shown
    assert "Try now" not in shown
    assert "can&#39;t be reached just now" not in shown, "that is what it was before"
    assert (world.row(Run).state, world.row(Run).rests_until) == ("queued", None)


def test_sync_now_on_a_page_from_before_wakes_a_run_that_rests(world: World) -> None:
    until = datetime(2030, 5, 6, 14, 5, tzinfo=UTC)
    world.add(run_of(2, rests_until=until, problem="Sage Intacct can't be reached just now.", slices=1))
    assert "The run goes on where it was." in world.click("/admin/intacct/companies/2/sync")
    assert world.row(Run).rests_until is None


def test_history_pages_through_the_runs(world: World) -> None:
    world.add(*[run_of(2, "sync", "done") for _ in range(30)])
    page = world.page("/admin/intacct/runs/2/")
    assert "30 rows" in page
    assert page.count('scope="row"') == 25
    second = world.page(linked(page, "next"))
    assert second.count('scope="row"') == 5
    assert 'rel="next"' not in second


def test_results_are_grouped_by_cause(world: World) -> None:
    world.add(*[issue_of(2, number) for number in range(3)], issue_of(2, 9, "period closed", kind="bill"))
    page = world.page("/admin/intacct/results/2/")
    assert page.index("No account") < page.index("Period closed")
    assert "Match the account." in page
    assert "Period closed" not in world.page("/admin/intacct/results/2/?kind=invoice")
    assert "Trouble 9." in world.page("/admin/intacct/results/2/?search=inv-9")


def test_results_say_why_the_last_sync_stopped(world: World) -> None:
    world.add(run_of(2, "sync", "failed", problem="Sage Intacct refuses the sign-in."))
    page = world.page("/admin/intacct/results/2/")
    assert "Stopped before its end. Sage Intacct refuses the sign-in." in page
    assert "Last complete sync: " in page


def test_results_one_by_one_can_be_narrowed_to_a_cause(world: World) -> None:
    world.add(*[issue_of(2, number) for number in range(60)], issue_of(2, 99, "period closed"))
    page = world.page("/admin/intacct/results/2/list?cause=no+account")
    assert "INV-99" not in page
    assert "60 rows" in page
    assert "INV-99" in world.page("/admin/intacct/results/2/list")


def tried(world: World) -> None:
    """Two runs: the first sent one and paired one, the second brought one in and failed with another."""
    begin = now() - timedelta(hours=2)
    for number in (1, 2):
        start = begin + timedelta(hours=number - 1)
        world.add(run_of(2, "sync", "done", started_at=start, finished_at=start + timedelta(minutes=5)))
    minute = timedelta(minutes=1)
    common = {"connection_id": 2, "kind": "invoice", "source": "thing", "state": "linked", "object": "ARINVOICE"}
    world.add(
        Link(**common, local_id="1", label="INV-1", record_key="1", origin="sync", decided_at=begin + minute),
        Link(**common, local_id="2", label="INV-2", record_key="2", origin="pair", decided_at=begin + minute),
        Link(**common, local_id="3", label="THEIRS-3", record_key="3", origin="intacct",
             decided_at=begin + timedelta(hours=1, minutes=1)),
        *[Record(connection_id=2, object="ARINVOICE", key=key, natural_id=f"SI-{key}") for key in "123"],
    )  # fmt: skip
    first = world.row(Link, Link.label == "INV-1").id
    world.add(
        Operation(connection_id=2, link_id=first, run_id=1, op_key="1", action="create", state="DONE",
                  updated_at=begin + minute),
        issue_of(2, 4, last_seen=begin + timedelta(hours=1, minutes=2)),
    )  # fmt: skip


def cell(pattern: str, row: str) -> str:
    found = re.search(pattern, row)
    assert found is not None
    return found[1]


def outcomes(page: str) -> list[tuple[str, str]]:
    """(record, outcome) of each row."""
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:] if "<tbody>" in page else []
    return [(cell(r'scope="row">([^<]*)', row), cell(r"intacct-chip [^>]*>([^<]*)", row)) for row in rows]


def test_all_records_tried_are_listed_one_by_one(world: World) -> None:
    tried(world)
    page = world.page("/admin/intacct/results/2/list")
    assert outcomes(page) == [
        ("INV-4", "To look at"), ("THEIRS-3", "Brought in"), ("INV-2", "Paired"), ("INV-1", "Sent"),
    ]  # fmt: skip
    assert "SI-1" in page
    assert "Trouble 4." in page
    assert page.count('name="rowid"') == 1, "only what needs a person can be marked as handled"


def test_records_of_one_run_are_listed(world: World) -> None:
    tried(world)
    assert outcomes(world.page("/admin/intacct/results/2/list?run=1")) == [("INV-2", "Paired"), ("INV-1", "Sent")]
    assert [label for label, _ in outcomes(world.page("/admin/intacct/results/2/list?run=2"))] == ["INV-4", "THEIRS-3"]
    world.add(run_of(1, "sync", "done"))
    assert world.get("/admin/intacct/results/2/list?run=3").status_code == 404


def test_records_tried_are_filtered_by_outcome_and_found_by_either_number(world: World) -> None:
    tried(world)
    for query, found in (
        ("outcome=sent", ["INV-1"]), ("outcome=failed", ["INV-4"]), ("search=si-3", ["THEIRS-3"]),
        ("search=inv-2", ["INV-2"]), ("search=no+account", ["INV-4"]), ("kind=bill", []),
    ):  # fmt: skip
        assert [label for label, _ in outcomes(world.page(f"/admin/intacct/results/2/list?{query}"))] == found, query


def test_empty_list_says_why_it_is_empty(world: World) -> None:
    path = "/admin/intacct/results/2/list"
    assert "Nothing was tried yet." in world.page(path)
    world.add(run_of(2, "sync", "done", started_at=now(), finished_at=now()))
    assert "This sync had nothing to send, to bring in or to pair." in world.page(f"{path}?run=1")
    assert "Nothing fits the search." in world.page(f"{path}?search=x")


def test_cause_of_a_single_record_names_it(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 8, "period closed"), issue_of(2, 9, "period closed"))
    page = world.page("/admin/intacct/results/2/")
    assert "<strong>INV-1:</strong> Trouble 1." in page
    assert "INV-8" not in page
    assert "INV-9" not in page


HANDLE = "/admin/intacct/results/2/handle"


def test_one_result_is_marked_as_handled(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 2))
    page = world.click(HANDLE, rowid=["1"], reason="Entered by hand.")
    assert "1 record is marked as handled." in page
    assert [(issue.live, issue.resolution) for issue in world.rows(Issue)] == [(None, "handled"), ("live", "")]


def test_whole_cause_is_marked_as_handled(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 2), issue_of(2, 3, "period closed"))
    world.click(HANDLE, cause="no account", reason="Entered by hand.")
    assert [issue.live for issue in world.rows(Issue)] == [None, None, "live"]


def test_marking_as_handled_asks_why(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 2))
    assert "Mark as handled…" in world.page("/admin/intacct/results/2/")
    page = world.click(HANDLE, rowid=["1", "2"])
    assert "<h1>Mark 2 records as handled?</h1>" in page
    assert "INV-1" in page
    assert "Trouble 2." in page
    assert re.search(r"<textarea[^>]* required", page)
    answer = world.post(HANDLE, rowid=["1", "2"], reason="  ")
    assert answer.status_code == 422
    assert "Say why it needs nobody any more." in answer.text
    assert [issue.live for issue in world.rows(Issue)] == ["live", "live"]


def test_what_comes_after_the_page_was_drawn_is_not_handled_with_it(world: World) -> None:
    world.add(issue_of(2, 1))
    last = re.search(r'name="last" value="(\d+)"', world.page(HANDLE + "?cause=no account"))
    assert last is not None
    world.add(issue_of(2, 2))
    world.click(HANDLE, cause="no account", last=last[1], reason="Entered by hand.")
    assert [issue.live for issue in world.rows(Issue)] == [None, "live"]


def test_handled_list_says_who_when_and_why_and_takes_back(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 2))
    world.click(HANDLE, rowid=["1"], reason="Entered by hand in March.")
    page = world.page("/admin/intacct/results/2/handled")
    assert "Entered by hand in March." in page
    assert "ada" in page
    assert "INV-1" in page
    assert "INV-2" not in page
    assert re.search(r'Handled <span class="intacct-count intacct-num">1<', page)
    page = world.click("/admin/intacct/results/2/take-back", rowid=["1"], url="/admin/intacct/results/2/handled")
    assert "1 record is open again." in page
    assert "Nothing is marked as handled." in page
    assert [issue.live for issue in world.rows(Issue)] == ["live", "live"]


def test_handled_list_is_searched_by_kind_and_words(world: World) -> None:
    world.add(issue_of(2, 1), issue_of(2, 2, kind="bill"))
    world.click(HANDLE, rowid=["1", "2"], reason="Fine.")
    path = "/admin/intacct/results/2/handled"
    assert "INV-2" not in world.page(path + "?kind=invoice")
    assert "INV-1" not in world.page(path + "?search=trouble 2")
    assert "Nothing fits the search." in world.page(path + "?search=nothing")


def test_issue_of_another_company_is_not_taken_back(world: World) -> None:
    world.add(issue_of(1, 1))
    world.click("/admin/intacct/results/1/handle", rowid=["1"], reason="Fine.")
    assert world.post("/admin/intacct/results/2/take-back", rowid=["1"]).status_code == 404
    assert world.row(Issue).live is None


def test_results_of_several_companies_begin_with_a_choice(world: World) -> None:
    world.add(issue_of(2, 1))
    page = world.page("/admin/intacct/results/")
    assert page.index("Harbour") < page.index("Northgate")
    world.rights["1"] = set()
    assert world.get("/admin/intacct/results/").headers["Location"].endswith("/results/2/")


def test_notices_are_kept(world: World) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "The initial sync is complete."))
    assert "The initial sync is complete." in world.page("/admin/intacct/notices/2/")


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=7), "7 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_time_of_the_last_sync_is_told_in_one_unit(world: World, past: timedelta, words: str) -> None:
    connection = world.row(Connection, Connection.id == 2)
    connection.synced_at = now() - past
    world.add(connection)
    assert words in world.page("/admin/intacct/companies/2/")


@pytest.mark.parametrize(
    ("took", "words"),
    [(timedelta(seconds=40), "40 seconds"), (timedelta(minutes=5), "5 minutes"), (timedelta(hours=3), "3 hours")],
)
def test_length_of_a_run_is_told_in_one_unit(world: World, took: timedelta, words: str) -> None:
    world.add(run_of(2, state="done", started_at=now() - took, finished_at=now()))
    assert f"took {words}" in world.page("/admin/intacct/runs/2/1")


def test_a_cancelled_initial_sync_says_what_is_left_and_offers_to_resume(world: World) -> None:
    world.change(Connection, 2, synced_at=None)
    world.add(run_of(2, state="cancelled", report={"expected": {"contact": 20, "invoice": 450}}))
    world.add(phase_of(1, "contact", 0, "skipped", 7), phase_of(1, "invoice", 1, "skipped"))
    for address in ("companies/2/", "runs/2/1", "results/2/"):
        page = world.page(f"/admin/intacct/{address}")
        assert "Stopped, 463 records left." in page
        assert "Resume the initial sync" in page
    assert "Initial sync stopped" in world.page("/admin/intacct/companies/")
    assert "<h1>Initial sync</h1>" in world.click("/admin/intacct/companies/2/sync")


def test_a_paused_sync_is_paused_on_every_page(world: World) -> None:
    world.add(run_of(2, "sync", "paused"))
    for address in ("companies/", "companies/2/", "runs/2/", "runs/2/1"):
        page = world.page(f"/admin/intacct/{address}").casefold()
        assert "paused" in page
        assert "syncing" not in page
        assert "in progress" not in page


def test_reconnect_leads_to_the_credentials_from_every_page(world: World) -> None:
    world.add(run_of(2, "sync", "done"))
    world.click("/admin/intacct/companies/2/do/disconnect")
    for address in ("companies/2/", "runs/2/", "runs/2/1", "results/2/"):
        assert '/admin/intacct/connect/2/credentials">Reconnect' in world.page(f"/admin/intacct/{address}"), address
    assert "Password" in world.click("/admin/intacct/companies/start", company_id="2")


def test_the_plan_after_confirm_says_what_it_was(world: World) -> None:
    world.change(Connection, 2, plan_digest="d")
    before = {"digest": "d", "made_at": "2020-01-01T00:00:00+00:00", "sections": [], "problems": [], "pairs": [],
              "journal": [], "warnings": []}  # fmt: skip
    world.add(run_of(2, "plan", "done", report=before))
    page = world.page("/admin/intacct/plan/2/")
    assert "This is the plan that was confirmed" in page
    assert "Nothing has been written" not in page
    assert "What will happen" not in page


def test_cause_opens_with_a_capital_and_keeps_those_of_names(world: World) -> None:
    world.add(issue_of(2, 1, "part paid in Sage Intacct"))
    assert "<h2>Part paid in Sage Intacct" in world.page("/admin/intacct/results/2/")


def test_results_of_a_stopped_sync_do_not_say_that_nothing_needs_anybody(world: World) -> None:
    world.add(run_of(2, "initial", "cancelled"))
    page = world.page("/admin/intacct/results/2/")
    assert "No record that was tried needs you." in page
    assert "Nothing needs you." not in page


def test_what_needs_nobody_is_held_and_not_to_look_at(world: World) -> None:
    world.add(issue_of(2, 1, severity="notice"), issue_of(2, 2))
    page = world.page("/admin/intacct/results/2/list?outcome=held")
    assert "INV-1" in page
    assert "INV-2" not in page
    assert '<span class="intacct-chip intacct-grey">Held</span>' in page
    assert "INV-1" not in world.page("/admin/intacct/results/2/list?outcome=failed")
