"""Two people, or a person and a worker, at the same connection: what was checked still holds when it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from world import MakeWorld, World, books, host
from world.together import at_once

from flask_intacct import jobs, links
from flask_intacct.errors import Refused, Stale
from flask_intacct.models import Event, Run
from flask_intacct.onboarding import connect, settings
from flask_intacct.simulator.errors import Error, LoginRefusal
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.sync import run as runs
from flask_intacct.sync import touched


@pytest.fixture
def on_the_wire(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has somebody else act while the next request with a function is at Intacct."""

    def arrange(world: World, function: str, act: Callable[[], object]) -> None:
        answer = FUNCTIONS[function]

        def meanwhile(call: Any) -> str:
            monkeypatch.setitem(FUNCTIONS, function, answer)
            with world.app.app_context():
                act()
            return answer(call)

        monkeypatch.setitem(FUNCTIONS, function, meanwhile)

    return arrange


@pytest.fixture
def decided(make_world: MakeWorld, on: str) -> World:
    world: World = make_world(on=on, stage="decided")
    world.sim.add_company("other", books.intacct_company(), "ws_user", "secret")
    return world


def states(world: World) -> list[tuple[int, str, str]]:
    return [(link.id, link.state, link.record_key) for kind in ("account", "contact") for link in world.links(kind)]


def test_a_move_to_another_company_is_refused_if_confirm_comes_first(decided: World, on_the_wire: Any) -> None:
    world = decided
    digest, before = world.plan().digest, states(world)
    on_the_wire(world, "getAPISession", lambda: connect.confirm(world.id, digest, "bob"))
    with pytest.raises(Refused, match="joined to the Intacct company demo for good"):
        connect.credentials(world.id, "other", "ws_user", "secret", "ada", reopen=1000)
    row = world.connection
    assert (row.state, row.intacct_company, row.entity, row.confirmed_by) == ("connected", "demo", "E1", "bob")
    assert states(world) == before
    (run,) = world.rows(Run, Run.live.is_not(None))
    assert world.drain(run).state == "done"


def test_another_entity_is_refused_if_confirm_comes_first(decided: World, on_the_wire: Any) -> None:
    world = decided
    digest = world.plan().digest
    on_the_wire(world, "query", lambda: connect.confirm(world.id, digest, "bob"))
    with pytest.raises(Refused, match="confirmed"):
        connect.entity(world.id, "E2", "", False, "ada", reopen=1000)
    assert (world.connection.entity, world.connection.state) == ("E1", "connected")


def test_an_entity_of_the_company_before_is_refused(decided: World, on_the_wire: Any) -> None:
    world = decided

    def move() -> None:
        connect.credentials(world.id, "other", "ws_user", "secret", "bob", reopen=1000)

    on_the_wire(world, "query", move)
    with pytest.raises(Stale, match="another Sage Intacct company"):
        connect.entity(world.id, "E2", "", False, "ada", reopen=1000)
    assert (world.connection.intacct_company, world.connection.level) == ("other", "")


def test_a_disconnect_stands_whoever_signs_in_meanwhile(make_world: MakeWorld, on: str, on_the_wire: Any) -> None:
    world = make_world(on=on, stage="synced")
    on_the_wire(world, "getAPISession", lambda: connect.disconnect(world.id, "bob"))
    with pytest.raises(Stale, match="disconnected a moment ago"):
        world.sign_in()
    assert world.connection.state == "disconnected"


def test_a_disconnect_stands_though_a_worker_s_sign_in_is_refused(
    make_world: MakeWorld, on: str, monkeypatch: Any
) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()

    def refuse(*_: Any) -> Any:
        with world.app.app_context():
            if world.connection.state == "connected":
                connect.disconnect(world.id, "bob")
        raise LoginRefusal(Error("XL03000006", "Sign-in information is incorrect"))

    monkeypatch.setattr(world.sim.gateway.directory, "sign_in", refuse)
    jobs.work(run.id)
    assert (world.connection.state, world.get(Run, run.id).state) == ("disconnected", "cancelled")
    assert world.issues() == []


def test_settings_of_a_company_that_is_deleted_meanwhile_are_refused(
    make_world: MakeWorld, on: str, on_the_wire: Any
) -> None:
    world = make_world(on=on, stage="synced")

    def delete() -> None:
        with host.db.engine.begin() as connection:
            for table in reversed(host.db.metadata.sorted_tables):
                if not table.name.startswith("intacct_"):
                    connection.execute(table.delete())
        jobs.tick()

    on_the_wire(world, "query", delete)
    with pytest.raises(Refused, match="was deleted"):
        settings.change(world.id, "E1-20", False, "ada")
    assert (world.connection.state, world.connection.default_location) == ("ended", "")


def slipping_in(monkeypatch: Any, act: Callable[[], object]) -> None:
    """Somebody else acts after Confirm has seen what the host touched, and before it locks."""
    dispatch = touched.dispatch

    def meanwhile(state: Any) -> Any:
        found = dispatch(state)
        monkeypatch.setattr(touched, "dispatch", dispatch)
        act()
        return found

    monkeypatch.setattr(touched, "dispatch", meanwhile)


def deleted(row: object) -> None:
    host.db.session.delete(row)
    host.db.session.commit()


DECISIONS: dict[str, tuple[type[Exception], Callable[[World], object]]] = {
    "undone": (Refused, lambda world: links.undo(world.id, [world.link("4000 Rent").id], "bob")),
    "changed": (Stale, lambda world: world.match("7999 Sundry", "6100", who="bob")),
    "deleted here": (Stale, lambda world: deleted(world.one(host.Account, title="Sundry"))),
    "posting level": (Stale, lambda world: connect.entity(world.id, "E1", "E1-20", True, "bob")),
}  # fmt: skip


@pytest.mark.parametrize(("error", "act"), DECISIONS.values(), ids=list(DECISIONS))
def test_confirm_holds_for_no_decision_that_slips_in(
    decided: World, monkeypatch: Any, error: type[Refused], act: Callable[[World], object]
) -> None:
    world = decided
    digest = world.plan().digest
    slipping_in(monkeypatch, lambda: act(world))
    with pytest.raises(error) as caught:
        connect.confirm(world.id, digest, "ada")
    assert type(caught.value) is error
    assert (world.connection.confirmed_at, world.connection.state) == (None, "onboarding")
    assert not world.rows(Event, Event.action == "confirmed")


def plain_sql(*statements: str) -> None:
    """Another program acts."""
    with host.db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


OF_INV_1 = "(SELECT id FROM invoice_line WHERE invoice_id IN (SELECT id FROM invoice WHERE number = 'INV-1'))"
COMES_OR_GOES = {
    "deleted": [f"DELETE FROM invoice_line_option WHERE invoice_line_id IN {OF_INV_1}",
                "DELETE FROM invoice_line WHERE invoice_id IN (SELECT id FROM invoice WHERE number = 'INV-1')",
                "DELETE FROM invoice WHERE number = 'INV-1'"],
    "added": [("INSERT INTO invoice (id, company_id, number, contact_id, day, reference, status, currency, total)"
              " VALUES (99, 1, 'NEW-1', 1, '2026-02-02', '', 'approved', 'GBP', 0)")],
    "moved": ["UPDATE invoice SET day = '2020-01-01' WHERE number = 'INV-1'"],
}  # fmt: skip


@pytest.mark.parametrize("statements", COMES_OR_GOES.values(), ids=list(COMES_OR_GOES))
def test_confirm_holds_for_no_document_that_comes_or_goes_unseen(
    make_world: MakeWorld, anywhere: str, monkeypatch: Any, statements: list[str]
) -> None:
    world = make_world(on=anywhere, stage="decided")
    digest = world.plan().digest
    slipping_in(monkeypatch, lambda: plain_sql(*statements))
    with pytest.raises(Stale):
        connect.confirm(world.id, digest, "ada")
    assert world.connection.confirmed_at is None


def test_a_document_that_is_changed_unseen_is_sent_as_it_is_then_by_the_next_sync(
    decided: World, monkeypatch: Any
) -> None:
    world = decided
    digest = world.plan().digest
    slipping_in(monkeypatch, lambda: plain_sql("UPDATE invoice SET reference = 'late' WHERE number = 'INV-1'"))
    world.drain(connect.confirm(world.id, digest, "ada"))
    assert ("INV-1", "changed since the plan") in world.issues()
    world.sync()
    (sent,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    assert sent["DOCNUMBER"] == "late"


def test_a_document_that_is_drafted_again_unseen_is_not_sent(decided: World, monkeypatch: Any) -> None:
    world = decided
    digest = world.plan().digest
    slipping_in(monkeypatch, lambda: plain_sql("UPDATE invoice SET status = 'draft' WHERE number = 'INV-1'"))
    world.drain(connect.confirm(world.id, digest, "ada"))
    assert "INV-1" not in world.numbers("ARINVOICE")


def test_confirm_waits_for_what_a_run_reads_meanwhile(decided: World, monkeypatch: Any) -> None:
    world = decided
    digest = world.plan().digest
    run = connect.refresh(world.id, "bob")
    slipping_in(monkeypatch, lambda: world.drain(run))
    with pytest.raises(Stale):
        connect.confirm(world.id, digest, "ada")
    assert world.connection.confirmed_at is None


def test_no_run_stays_behind_a_disconnect_that_comes_at_the_same_moment(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="synced")
    for _ in range(5):
        at_once(world, lambda: runs.start(world.id, runs.SYNC, "ada"), lambda: connect.disconnect(world.id, "bob"))
        assert world.connection.state == "disconnected"
        assert world.rows(Run, Run.live.is_not(None)) == []
        world.sign_in()


def test_push_says_that_nothing_syncs_while_the_company_is_read(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    connect.refresh(world.id, "ada")
    assert host.describe(identity=lambda: "ada").push(world.one(host.Invoice, number="INV-1")) is False
