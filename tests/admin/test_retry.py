"""The buttons that try records again: one, the ticked, a whole cause, all that a filter leaves."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from world.dying import Died, dying
from world.statements import counted

from flask_intacct import jobs
from flask_intacct.issues import ASKED, DELETED_THERE, NEEDS_A_PERSON
from flask_intacct.models import ApiUsage, Connection, Event, Issue, Link, Phase, Run, now
from flask_intacct.onboarding import deciding

from .conftest import World, issue_of, run_of
from .test_many import statements, work

RESULTS = "/admin/intacct/results/2/"
LIST = RESULTS + "list"


def held(world: World, count: int, first: int = 0, **more: Any) -> list[int]:
    """So many invoices of the second company that are to go out and can't; gives the ids of their issues."""
    numbers = range(first, first + count)
    world.add(
        *(Link(connection_id=2, kind="invoice", source="Invoice", local_id=str(n), label=f"INV-{n}", seen_at=1,
               status="approved", id=1000 + n) for n in numbers),
    )  # fmt: skip
    rows = [issue_of(2, 1000 + n, direction="out", **more) for n in numbers]
    world.add(*rows)
    return [row.id for row in rows]


def marked(world: World) -> list[int]:
    """The links that are read again."""
    return [link.id for link in world.rows(Link, Link.seen_at < 0)]


@pytest.fixture
def ready(world: World) -> World:
    """The second company, of which documents can be sent."""
    world.change(Connection, 2, facts={"format": {}})
    return world


def test_one_row_is_tried_again_from_the_list(ready: World) -> None:
    world = ready
    one, _ = held(world, 2)
    page = world.page(LIST)
    assert re.search(rf'<button[^>]*form="retry-one"[^>]*name="one" value="{one}">Retry', page)
    page = world.click(RESULTS + "retry", one=one, url=LIST)
    assert "1 record is tried again now." in page
    assert "See how far it is" in page
    assert marked(world) == [1000]
    run = world.row(Run)
    assert (run.kind, run.state, run.asked_by) == ("push", "queued", "ada")
    (event,) = world.rows(Event, Event.action == "tried again")
    assert (event.who, event.subject) == ("ada", "INV-1000")


def test_the_ticked_are_tried_again(ready: World) -> None:
    world = ready
    first, _, third = held(world, 3)
    assert "Retry selected" in world.page(LIST)
    page = world.click(RESULTS + "retry", rowid=[first, third], url=LIST)
    assert "2 records are tried again now." in page
    assert marked(world) == [1000, 1002]


def test_nothing_ticked_is_said(world: World) -> None:
    held(world, 1)
    assert "Tick at least one row first." in world.click(RESULTS + "retry", url=LIST)
    assert world.rows(Run) == []


def test_a_cause_says_how_many_it_tries(ready: World) -> None:
    world = ready
    held(world, 4)
    held(world, 1, 50, cause="other")
    page = world.page(RESULTS)
    assert "Retry 4<" in page
    form = re.search(r'<form method="post" action="([^"]*/retry)".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert {name: fields[name] for name in ("cause", "kind", "outcome", "every")} == {
        "cause": "no account", "kind": "invoice", "outcome": "failed", "every": "1",
    }  # fmt: skip
    page = world.click(form[1], **{name: value for name, value in fields.items() if name != "csrf_token"})
    assert "4 records are tried again now." in page
    assert marked(world) == [1000, 1001, 1002, 1003]


def test_what_is_no_document_on_its_way_out_is_tried_by_a_sync(ready: World) -> None:
    world = ready
    (out,) = held(world, 1)
    world.add(issue_of(2, 5, kind="contact"))
    other = world.row(Issue, Issue.kind == "contact").id
    assert "2 records are tried again now, by a sync." in world.click(RESULTS + "retry", rowid=[out, other], url=LIST)
    assert world.row(Run).kind == "sync"


def test_an_issue_of_another_company_is_not_there(world: World) -> None:
    (mine,) = held(world, 1)
    world.add(issue_of(1, 7))
    other = world.row(Issue, Issue.connection_id == 1).id
    assert world.post(RESULTS + "retry", rowid=[mine, other]).status_code == 404
    assert world.post(RESULTS + "retry", rowid="x").status_code == 404
    assert world.post(RESULTS + "retry", every=1, outcome="sent").status_code == 400
    assert (marked(world), world.rows(Run), world.rows(Event, Event.action == "tried again")) == ([], [], [])


def test_it_takes_the_right_to_match_and_a_token(world: World) -> None:
    (one,) = held(world, 1)
    world.token()
    assert world.client.post(RESULTS + "retry", data={"rowid": one}).status_code == 400
    assert world.get(RESULTS + "retry").status_code == 405
    world.rights["2"] = {"see"}
    assert world.post(RESULTS + "retry", rowid=one).status_code == 403
    assert world.post(RESULTS + "retry", every=1, cause="no account").status_code == 403
    assert ("Retry" in world.page(LIST), "/retry" in world.page(RESULTS)) == (False, False)
    assert (marked(world), world.rows(Run)) == ([], [])


def test_what_waits_for_an_answer_is_not_offered_and_not_tried(ready: World) -> None:
    world = ready
    causes = (*ASKED, NEEDS_A_PERSON, DELETED_THERE)
    found = [held(world, 1, number, cause=cause)[0] for number, cause in enumerate(causes)]
    (one,) = held(world, 1, 50)
    assert world.page(RESULTS).count("/retry") == 1
    page = world.click(RESULTS + "retry", rowid=[*found, one], url=LIST)
    assert "1 record is tried again now." in page
    assert "4 records are not tried again before you answer what is asked of them." in page
    assert marked(world) == [1050]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("paused", "2 records are tried again. That begins once the connection is resumed."),
        ("needs_reconnecting", "2 records are tried again. That begins once the company is reconnected."),
    ],
)
def test_a_connection_that_rests_is_said_and_nothing_is_lost(ready: World, state: str, said: str) -> None:
    world = ready
    world.change(Connection, 2, state=state)
    assert said in world.click(RESULTS + "retry", rowid=held(world, 2), url=LIST)
    assert world.rows(Run) == []
    world.change(Connection, 2, state="connected")
    with world.app.app_context():
        jobs.tick()
    assert (world.row(Run).kind, world.row(Run).asked_by, marked(world)) == ("push", "ada", [1000, 1001])


def test_a_disconnected_company_is_said(world: World) -> None:
    world.change(Connection, 2, state="disconnected")
    assert "not connected just now" in world.click(RESULTS + "retry", rowid=held(world, 1), url=LIST)
    assert marked(world) == []


def test_a_paused_side_is_said(ready: World) -> None:
    world = ready
    found = held(world, 2)
    world.change(Connection, 2, paused_sides="receivables")
    page = world.click(RESULTS + "retry", rowid=found, url=LIST)
    assert "2 records wait for the first sync after their side is resumed." in page
    assert world.rows(Run) == []


def test_a_run_at_work_is_said_and_it_goes_after_it(ready: World) -> None:
    world = ready
    found = held(world, 2)
    world.add(run_of(2, "sync", "running"))
    page = world.click(RESULTS + "retry", rowid=found, url=LIST)
    assert "2 records are tried again. That begins as soon as the run at work has ended: Sync." in page
    assert world.row(Connection, Connection.id == 2).facts["again"] == {"kind": "push", "who": "ada"}


def test_the_limit_of_api_transactions_is_said(ready: World) -> None:
    world = ready
    world.change(Connection, 2, facts={"format": {}, "api_limit": 1})
    with world.app.app_context():
        world.add(ApiUsage(company="harbour", month=now().strftime("%Y-%m"), requests=1, functions=5, rows=1))
    page = world.click(RESULTS + "retry", rowid=held(world, 1), url=LIST)
    assert "The limit of API transactions is reached; what you ask for goes all the same." in page


def test_a_second_press_finds_it_solved(ready: World) -> None:
    world = ready
    found = held(world, 1)
    world.change(Issue, found[0], live=None, resolution="solved")
    page = world.click(RESULTS + "retry", rowid=found, url=LIST)
    assert "1 record is solved already." in page
    assert world.rows(Run) == []


def test_a_large_cause_is_taken_in_the_background_and_then_sent(anywhere_world: World) -> None:
    world = anywhere_world
    world.change(Connection, 2, facts={"format": {}})
    held(world, 120)
    held(world, 1, 500, cause=NEEDS_A_PERSON)
    page = world.click(RESULTS + "retry", every=1, cause="no account", kind="invoice", url=RESULTS)
    assert "At work in the background: Retry · Invoices · No account." in page
    assert marked(world) == []
    run = work(world)
    assert (run.kind, run.state) == ("decide", "done")
    assert len(marked(world)) == 120
    assert "120 records are tried again." in world.page(RESULTS)
    assert "Undo" not in world.page(RESULTS)
    assert world.post(f"/admin/intacct/runs/2/{run.id}/undo").status_code == 404
    (after,) = world.rows(Run, Run.live.is_not(None))
    assert (after.kind, after.asked_by, len(world.rows(Event, Event.action == "tried again"))) == ("push", "ada", 120)


def test_all_that_a_filter_leaves_are_tried_again(ready: World) -> None:
    world = ready
    held(world, 60)
    held(world, 30, 200, kind="bill")
    page = world.page(LIST + "?kind=invoice")
    assert "With all 60 to look at or held" in page
    world.click(RESULTS + "retry", every=1, kind="invoice", url=LIST)
    work(world)
    assert len(marked(world)) == 60


def test_another_run_at_work_is_said_of_a_large_cause(ready: World) -> None:
    world = ready
    held(world, 60)
    world.add(run_of(2, "sync", "paused"))
    page = world.click(RESULTS + "retry", every=1, cause="no account", url=RESULTS)
    assert "A sync tries all of them again. That begins as soon as the run at work has ended: Sync." in page
    assert world.row(Connection, Connection.id == 2).facts["again"] == {"kind": "sync", "who": "ada"}


def test_a_worker_that_is_killed_after_each_set_counts_nothing_twice(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = ready
    monkeypatch.setattr(deciding, "AT_ONCE", 20)
    held(world, 110)
    world.click(RESULTS + "retry", every=1, cause="no account", url=RESULTS)
    decide = world.row(Run)
    dying(monkeypatch)
    for _ in range(30):
        with suppress(Died), world.app.app_context():
            jobs.work(decide.id)
    (phase,) = world.rows(Phase, Phase.run_id == decide.id)
    assert (phase.state, phase.done, phase.failed) == ("done", 110, 0)
    assert len(world.rows(Event, Event.action == "tried again")) == 110
    assert len(marked(world)) == 110


def test_so_many_statements_are_sent_for_a_thousand(ready: World) -> None:
    world = ready
    held(world, 3000)
    world.click(RESULTS + "retry", every=1, cause="no account", url=RESULTS)
    with statements(world) as said:
        work(world)
    assert len(marked(world)) == 3000
    assert len(said) <= 4 * 20 + 40


def test_the_press_costs_the_same_however_many(ready: World) -> None:
    world, found = ready, []
    for first, count in ((0, 60), (100, 60), (200, 600)):
        held(world, count, first)
        with world.app.app_context():
            engine = world.db.engine
        with counted(engine) as said:
            world.post(RESULTS + "retry", every=1, cause="no account")
        found.append(len(said))
        with world.app.app_context():
            world.db.session.execute(sa.delete(Phase))
            world.db.session.execute(sa.delete(Run))
            world.db.session.commit()
    assert found[1] == found[2]
