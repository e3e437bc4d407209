"""Many records decided at one press, in the background."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from world.dying import Died, dying
from world.statements import counted

from flask_intacct import issues, jobs, links, translation
from flask_intacct.ledger import folded
from flask_intacct.models import Connection, Event, Issue, Link, Phase, Record, Rejection, Run
from flask_intacct.onboarding import deciding
from flask_intacct.sync.executor import Executor

from .conftest import World, account, contact, issue_of, make_app, run_of

ACCOUNTS = "/admin/intacct/accounts/1/"
CONTACTS = "/admin/intacct/contacts/1/"
RESULTS = "/admin/intacct/results/2/"


def certain(world: World, count: int, first: int = 0) -> None:
    """So many accounts more, each with a certain suggestion of its own."""
    world.add(
        *(
            Record(connection_id=1, object="GLACCOUNT", key=f"k{number}", natural_id=f"{5000 + number}", name="Rent",
                   search=folded(f"{5000 + number}"))
            for number in range(first, first + count)
        ),
        *(
            account(100 + n, f"{5000 + n} Rent", key=f"k{n}", confidence=99, certain=True)
            for n in range(first, first + count)
        ),
    )  # fmt: skip


def contacts(world: World, count: int, role: str = "customer", **more: Any) -> None:
    world.add(*(contact(100 + number, f"C{number:05}", role, **more) for number in range(count)))


def work(world: World) -> Run:
    """Let a worker do the latest run."""
    with world.app.app_context():
        run_id = world.db.session.scalars(sa.select(sa.func.max(Run.id))).one()
        assert run_id is not None
        jobs.work(run_id)
        world.db.session.remove()
    run: Run = world.row(Run, Run.id == run_id)
    return run


def accept(world: World) -> str:
    return world.click(ACCOUNTS + "action/", action="accept_certain", url=ACCOUNTS)


def matched(world: World) -> list[Link]:
    return world.rows(Link, Link.state == "matched")


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    with world.app.app_context():
        engine = world.db.engine
    with counted(engine) as said:
        yield said


def test_one_press_accepts_all_certain_however_many(anywhere_world: World) -> None:
    world = anywhere_world
    certain(world, 30)
    page = accept(world)
    assert "At work in the background" in page
    assert matched(world) == []
    run = work(world)
    assert (run.state, run.asked_by) == ("done", "ada")
    found = matched(world)
    assert len(found) == 31
    for link in found:
        assert (link.record_key, link.exclusive, link.sure_key) == (link.suggested_key,) * 3
        assert (link.origin, link.decided_by, link.version, link.object) == ("suggested", "ada", 2, "GLACCOUNT")
        assert link.decided_at == run.asked_at
    assert "31 records matched." in world.page(ACCOUNTS)


def test_the_audit_log_has_one_event_for_each_as_if_they_were_pressed_one_by_one(world: World) -> None:
    certain(world, 12)
    accept(world)
    work(world)
    events = world.rows(Event, Event.action == "account matched")
    assert sorted(event.subject for event in events) == sorted(link.label for link in matched(world))
    one = next(event for event in events if event.subject == "4001 Rent")
    assert (one.who, one.before, one.after) == (
        "ada", {"state": "undecided", "record": ""}, {"state": "matched", "record": "1"},
    )  # fmt: skip


def test_as_many_as_a_page_has_are_accepted_at_once(world: World) -> None:
    certain(world, 9)
    assert "10 records matched." in accept(world)
    assert world.rows(Run) == []


def test_the_page_shows_how_far_it_is_and_offers_nothing_more_meanwhile(world: World) -> None:
    certain(world, 30)
    page = accept(world)
    assert 'data-poll="/admin/intacct/runs/1/1/progress"' in page
    assert "Accept all certain" not in page.replace("Accept all certain · Accounts", "")
    assert "every?do=archive" not in page
    answer = world.get("/admin/intacct/runs/1/1/progress").get_json()
    assert answer["live"]
    assert [bar["label"] for bar in answer["bars"]] == ["Records"]


def test_a_tie_and_what_is_taken_are_left_and_told(world: World) -> None:
    certain(world, 20)
    world.add(
        account(300, "Tie", key="k0", confidence=99, certain=True),
        account(301, "Inactive", key="gone", confidence=99, certain=True),
        Record(connection_id=1, object="GLACCOUNT", key="gone", natural_id="9", name="Old", active=False),
    )
    accept(world)
    run = work(world)
    (phase,) = world.rows(Phase)
    assert (phase.done, phase.failed) == (20, 3)
    page = world.page(f"/admin/intacct/runs/1/{run.id}")
    assert "20 records matched. 3 were left as they were." in page
    assert "Tie: the same record is suggested for another record of ours, too." in page
    assert "Inactive was not matched: 9 Old is inactive in Sage Intacct." in page


def test_what_clashes_in_the_database_stops_no_other(anywhere_world: World) -> None:
    world = anywhere_world
    certain(world, 20)
    world.add(account(300, "Holder", object="GLACCOUNT", exclusive="k7", state="orphaned"))
    accept(world)
    work(world)
    assert len(matched(world)) == 20
    (phase,) = world.rows(Phase)
    assert (phase.done, phase.failed) == (20, 1)
    assert "Already used by Holder" in world.page("/admin/intacct/runs/1/1")


def test_what_somebody_decided_meanwhile_is_left_as_it_is(world: World) -> None:
    certain(world, 20)
    accept(world)
    chosen = world.row(Link, Link.label == "5003 Rent")
    with world.app.app_context():
        links.archive(1, [chosen.id], "bob")

    run = work(world)
    after = world.row(Link, Link.id == chosen.id)
    assert (after.state, after.decided_by) == ("archived", "bob")
    assert run.state == "done"
    assert "19 records matched." in world.page(ACCOUNTS), "4001 Rent has 97 %: where one was overruled, 99 are needed"


def test_what_is_decided_while_the_run_is_at_it_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 5)
    certain(world, 20)
    accept(world)
    chosen = world.row(Link, Link.label == "5019 Rent")
    advance = Executor._advance

    def meanwhile(self: Executor, *given: Any, **more: Any) -> bool:
        if world.row(Link, Link.id == chosen.id).state == "undecided":
            links.archive(1, [chosen.id], "bob")
        return advance(self, *given, **more)

    monkeypatch.setattr(Executor, "_advance", meanwhile)
    work(world)
    assert world.row(Link, Link.id == chosen.id).decided_by == "bob"
    assert "20 records matched. 1 was decided by somebody else meanwhile." in world.page(ACCOUNTS)


def test_a_worker_that_is_killed_after_each_set_decides_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 5)
    certain(world, 22)
    world.add(account(300, "0 Tie", key="k0", confidence=99, certain=True))
    accept(world)
    dying(monkeypatch)
    for _ in range(40):
        with suppress(Died):
            work(world)
    (phase,) = world.rows(Phase)
    assert (phase.state, phase.done, phase.failed) == ("done", 22, 2)
    assert len(matched(world)) == len(world.rows(Event, Event.action == "account matched")) == 22
    assert {link.version for link in matched(world)} == {2}


def test_it_is_the_same_for_each_record_as_if_it_was_accepted_by_itself(world: World) -> None:
    certain(world, 12)
    with world.app.app_context():
        links.accept(1, [1], "ada")
    accept(world)
    work(world)

    def left(link: Link) -> dict[str, Any]:
        own = {"id", "local_id", "label", "search", "decided_at", "created_at", "reasons", "confidence"}
        found = {name: getattr(link, name) for name in (one.key for one in Link.__table__.columns) if name not in own}
        key = link.suggested_key
        return {name: "its own" if value == key and key else value for name, value in found.items()}

    one, *others = matched(world)
    assert len(others) == 12
    assert all(left(other) == left(one) for other in others)


def test_so_many_statements_are_sent_for_a_thousand(world: World) -> None:
    certain(world, 3000)
    accept(world)
    with statements(world) as said:
        work(world)
    assert len(matched(world)) == 3001
    assert len(said) <= 4 * 16 + 40


def forgotten(world: World) -> None:
    with world.app.app_context():
        world.db.session.execute(sa.delete(Phase))
        world.db.session.execute(sa.delete(Run))
        world.db.session.commit()


def test_the_press_costs_the_same_however_many(world: World) -> None:
    found = []
    for first, count in ((0, 40), (40, 400)):
        certain(world, count, first)
        accept(world)  # the pages are warm
        forgotten(world)
        with statements(world) as said:
            accept(world)
        found.append(len(said))
        forgotten(world)
    assert found[0] == found[1]


def test_another_run_at_work_is_said(world: World) -> None:
    certain(world, 20)
    world.add(run_of(1, "read", "queued"))
    page = accept(world)
    assert "Reading Sage Intacct is still at work. Wait until it is done, or cancel it." in page
    assert len(world.rows(Run)) == 1


def test_the_same_press_twice_is_one_run_and_another_one_is_refused(world: World) -> None:
    certain(world, 20)
    accept(world)
    accept(world)
    assert len(world.rows(Run)) == 1
    page = world.click(ACCOUNTS + "every?do=archive", url=ACCOUNTS)
    assert "Deciding many records is still at work." in page
    assert len(world.rows(Run)) == 1


def test_only_who_may_match_can_press(world: World) -> None:
    certain(world, 20)
    world.token()
    world.rights["1"] = {"see"}
    assert world.post(ACCOUNTS + "action/", action="accept_certain").status_code == 403
    assert world.get(ACCOUNTS + "every?do=archive").status_code == 403
    assert world.post(ACCOUNTS + "every?do=archive").status_code == 403
    assert "every?do=archive" not in world.page(ACCOUNTS)


def test_a_paused_company_can_be_decided_too(world: World) -> None:
    certain(world, 20)
    world.change(Connection, 1, state="paused")
    accept(world)
    assert work(world).state == "done"


def test_a_run_that_asks_intacct_nothing_closes_no_issue_of_the_connection(world: World) -> None:
    certain(world, 20)
    world.add(Issue(connection_id=1, fingerprint="x", subject="connection:1", live="live", message="Trouble."))
    accept(world)
    work(world)
    assert world.row(Issue).live == "live"


def test_all_that_a_filter_leaves_are_archived(anywhere_world: World) -> None:
    world = anywhere_world
    contacts(world, 15)
    contacts(world, 15, "vendor", key="9", certain=True, confidence=99)
    page = world.page(CONTACTS + "?role=vendor")
    assert "With all 15 that fit" in page
    address = re.search(r'href="([^"]*every\?do=archive[^"]*)"', page)
    assert address is not None
    page = world.page(address[1])
    assert "Archive all 15?" in page
    assert "Archive · Contacts · Vendors" in page
    world.click(address[1])
    work(world)
    found = world.rows(Link, Link.state == "archived")
    assert len(found) == 15
    for link in found:
        assert (link.role, link.origin, link.decided_by, link.record_key, link.version) == (
            "vendor",
            "hand",
            "ada",
            "",
            2,
        )
        assert link.sure_key == "9", "that a certain suggestion was overruled counts"
    assert len(world.rows(Event, Event.action == "contact archived")) == 15


def test_a_search_narrows_what_is_archived(world: World) -> None:
    certain(world, 12)
    world.add(*(account(400 + n, f"Zeal {n}") for n in range(12)))
    world.click(ACCOUNTS + "every?do=archive&search=zeal")
    work(world)
    assert {link.label.split()[0] for link in world.rows(Link, Link.state == "archived")} == {"Zeal"}


def test_what_is_still_used_or_wanted_by_the_host_is_not_archived(tmp_path: Any) -> None:
    from flask_intacct import Local

    asked: list[str] = []

    def keep(row: Any) -> str:
        asked.append(row.name)
        return "there is an active tenancy" if row.name == "thing 3" else ""

    app, db, thing = make_app(tmp_path / "host.sqlite", lambda *_: True, lambda: "ada")
    world = World(app, db)
    with app.app_context():
        (local,) = app.extensions["intacct"].host.locals("account")
        assert isinstance(local, Local)
        local.keep = keep
        db.session.add_all(thing(id=n, name=f"thing {n}", company_id=1) for n in range(1, 16))
        db.session.commit()
    world.add(
        Connection(company_id="1", company_name="Northgate", live_company="1", step="account", facts={"taxes": True}),
        Connection(company_id="2", company_name="Harbour", live_company="2", step="done", state="connected"),
        *(account(n, f"A{n:02}", facts={"to_send": 2} if n == 5 else {}) for n in range(1, 16)),
    )
    with statements(world) as said:
        world.click(ACCOUNTS + "every?do=archive")
        work(world)
    assert len(asked) == 15
    assert sum(" thing" in text and "SELECT" in text for text in said) <= 2, "not one by one"
    assert len(world.rows(Link, Link.state == "archived")) == 13
    page = world.page("/admin/intacct/runs/1/1")
    assert "A03 can't be archived: there is an active tenancy." in page
    assert "A05 is used by 2 documents still to be sent." in page


def test_contacts_are_created_but_those_that_look_like_an_existing_one(anywhere_world: World) -> None:
    world = anywhere_world
    contacts(world, 20)
    world.add(
        Record(connection_id=1, object="CUSTOMER", key="7", natural_id="C-7", name="Ann"),
        contact(500, "Ann", "customer", key="7", confidence=80),
        contact(501, "Bob the builder", "vendor"),
    )
    page = world.page(CONTACTS + "every?do=create_customer")
    assert "Create all 22 as customers?" in page
    world.click(CONTACTS + "every?do=create_customer")
    run = work(world)
    found = world.rows(Link, Link.state == "create")
    assert len(found) == 20
    assert {(link.role, link.origin, link.object) for link in found} == {("customer", "hand", "")}
    assert world.rows(Rejection) == []
    page = world.page(f"/admin/intacct/runs/1/{run.id}")
    assert "Ann looks like an existing record in Sage Intacct, C-7 Ann" in page
    assert "Bob the builder is a vendor in this application" in page


def test_a_role_or_an_action_that_there_is_not_is_refused(world: World) -> None:
    assert world.get(ACCOUNTS + "every?do=create_customer").status_code == 400
    assert world.get(CONTACTS + "every?do=undo").status_code == 400
    assert world.get(CONTACTS + "every").status_code == 400


def test_a_whole_cause_is_handled_in_the_background_with_its_reason(world: World) -> None:
    world.add(*(issue_of(2, number) for number in range(120)), issue_of(2, 500, "other"))
    page = world.page(RESULTS + "handle?cause=no account")
    assert "Mark 120 records as handled?" in page
    last = re.search(r'name="last" value="(\d+)"', page)
    assert last is not None
    world.add(issue_of(2, 600))
    world.click(RESULTS + "handle", cause="no account", every="1", last=last[1], reason="Paid by hand", url=RESULTS)
    run = work(world)
    found = world.rows(Issue, Issue.resolution == "handled")
    assert len(found) == 120
    assert {(one.live, one.reason, one.handled_by, one.handled_at) for one in found} == {
        (None, "Paid by hand", "ada", run.asked_at)
    }
    events = world.rows(Event, Event.action == "issue handled")
    assert (len(events), events[0].after) == (120, {"reason": "Paid by hand"})


def test_all_issues_that_a_search_finds_are_handled(world: World) -> None:
    world.add(*(issue_of(2, number) for number in range(60)), *(issue_of(2, n, kind="bill") for n in range(100, 180)))
    page = world.page(RESULTS + "list?kind=bill")
    assert "With all 80 to look at or held" in page
    address = re.search(r'href="([^"]*handle\?every=1[^"]*)"', page)
    assert address is not None
    assert "Mark 80 records as handled?" in world.page(address[1])
    world.click(RESULTS + "handle", every="1", kind="bill", reason="Old")
    work(world)
    assert {one.kind for one in world.rows(Issue, Issue.resolution == "handled")} == {"bill"}
    assert len(world.rows(Issue, Issue.live == "live")) == 60


def test_a_run_can_be_undone_and_the_suggestions_are_certain_again(world: World) -> None:
    certain(world, 20)
    with world.app.app_context():
        links.accept(1, [1], "ada")
    accept(world)
    run = work(world)
    world.click(f"/admin/intacct/runs/1/{run.id}/undo", url=ACCOUNTS)
    work(world)
    assert [link.label for link in matched(world)] == ["4001 Rent"], "what was accepted by itself stays"
    assert "20 records are open again." in world.page(ACCOUNTS)
    assert "Accept all certain" in world.page(ACCOUNTS)
    accept(world)
    work(world)
    assert len(matched(world)) == 21


def test_handled_issues_of_a_run_can_be_taken_back(world: World) -> None:
    world.add(*(issue_of(2, number) for number in range(120)))
    world.click(RESULTS + "handle", every="1", reason="Old")
    run = work(world)
    world.click(f"/admin/intacct/runs/2/{run.id}/undo")
    work(world)
    assert len(world.rows(Issue, Issue.live == "live")) == 120


def test_only_who_pressed_can_undo_a_run(world: World) -> None:
    certain(world, 20)
    accept(world)
    run = work(world)
    world.person = "bob"
    assert "records matched" not in world.page(ACCOUNTS)
    assert world.post(f"/admin/intacct/runs/1/{run.id}/undo").status_code == 404


def test_a_run_can_be_cancelled_and_what_was_done_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 5)
    certain(world, 20)
    accept(world)
    advance = Executor._advance

    def cancelled(self: Executor, *given: Any, **more: Any) -> bool:
        if len(matched(world)) == 10:
            with world.app.test_request_context():
                self.state.session.execute(sa.update(Run).values(wish="cancel"))
                self.state.session.commit()
        return advance(self, *given, **more)

    monkeypatch.setattr(Executor, "_advance", cancelled)
    assert work(world).state == "cancelled"
    assert len(matched(world)) == 10
    assert "10 records matched. 11 were not reached." in world.page(ACCOUNTS)


def test_a_run_of_many_has_no_notice_and_no_flag(world: World) -> None:
    certain(world, 20)
    accept(world)
    assert "intacct-flag-text" not in world.page("/admin/")
    work(world)
    assert "intacct-flag-text" not in world.page("/admin/")


def test_a_host_that_chooses_the_rows_itself_is_not_offered_all_of_them(world: World) -> None:
    from flask_intacct.admin.link_views import AccountLinkView

    class Own(AccountLinkView):
        def get_query(self) -> Any:
            return super().get_query().filter(Link.label != "4001 Rent")

    with world.app.app_context():
        assert Own(world.db, endpoint="own").every_actions() == []
        assert [name for name, _ in AccountLinkView(world.db, endpoint="plain").every_actions()] == ["archive"]


def test_what_a_run_itself_overrules_narrows_nothing_of_what_it_was_to_archive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "AT_ONCE", 5)
    dying(monkeypatch)
    certain(world, 20)
    world.click(ACCOUNTS + "every?do=archive&sure=certain")
    for _ in range(40):
        with suppress(Died):
            work(world)
    (phase,) = world.rows(Phase)
    assert (phase.state, phase.done, phase.failed) == ("done", 21, 0)
    assert len(world.rows(Link, Link.state == "archived")) == 21


def test_what_came_after_the_question_was_asked_is_not_archived(world: World) -> None:
    contacts(world, 15)
    address = CONTACTS + "every?do=archive"
    page = world.page(address)
    assert "Archive all 15?" in page
    world.add(*(contact(700 + number, f"Late {number}", "customer") for number in range(3)))
    world.click(address, **hidden(page))
    work(world)
    assert len(world.rows(Link, Link.state == "archived")) == 15
    assert {one.label[:4] for one in world.rows(Link, Link.kind == "contact", Link.state == "undecided")} == {"Late"}


def test_what_was_certain_when_the_question_was_asked_is_not_archived_as_likely(world: World) -> None:
    certain(world, 12)
    world.add(*(account(400 + n, f"Likely {n}", key=f"k{n}", confidence=80) for n in range(12)))
    address = ACCOUNTS + "every?do=archive&sure=likely"
    page = world.page(address)
    assert "Archive all 13?" in page
    with world.app.app_context():
        links.archive(1, [link.id for link in world.rows(Link, Link.label.in_(["5001 Rent", "5002 Rent"]))], "bob")
    world.click(address, **hidden(page))
    work(world)
    found = world.rows(Link, Link.state == "archived", Link.decided_by == "ada")
    assert len(found) == 13
    assert {link.confidence >= 97 for link in found} == {False}


def hidden(page: str) -> dict[str, str]:
    """What the form of a page sends along."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: value for name, value in found if name != "csrf_token"}


def test_issues_that_a_reader_found_in_another_language_are_handled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(*(issue_of(2, number, "no account") for number in range(60)))
    with monkeypatch.context() as reader:
        reader.setattr(translation, "_language", lambda: "de")
        word = str(issues.heading("no account")).split()[-1]
        page = world.page(RESULTS + f"handle?every=1&search={word}")
        assert hidden(page)["search"] == word
        world.click(RESULTS + "handle", **hidden(page), reason="Alt")
        world.click(RESULTS + "handle", **hidden(page), reason="Alt")
    assert len(world.rows(Run)) == 1, "the same press"
    work(world)
    assert len(world.rows(Issue, Issue.resolution == "handled")) == 60
