"""The flag: what a sync came to, for each person until put away."""

from __future__ import annotations

import pytest
from world import MakeWorld, World, host

from flask_intacct import jobs, notices, reconnecting, signals
from flask_intacct.flags import flags as read_flags
from flask_intacct.messages import quoted
from flask_intacct.models import Connection, Link, Notice, Phase, Run
from flask_intacct.onboarding import connect, ended
from flask_intacct.state import current
from flask_intacct.sync import run as runs


def flags(world: World, who: str = "ada") -> list[tuple[str, str]]:
    return [(flag.colour, str(flag.message)) for flag in world.flags(who=who)]


@pytest.fixture
def troubled_world(decided_world: World) -> World:
    """One invoice can't go."""
    invoice = decided_world.one(host.Invoice, number="INV-1")
    invoice.currency = "EUR"
    decided_world.save(invoice)
    return decided_world


def test_the_flag_is_blue_when_all_is_well(synced_world: World) -> None:
    assert flags(synced_world) == [("blue", "The initial sync is complete.")]


def test_the_flag_is_red_when_records_need_a_look(troubled_world: World) -> None:
    troubled_world.drain(troubled_world.confirm())
    assert flags(troubled_world) == [("red", "The initial sync is complete, with 1 record to look at.")]


def test_the_flag_is_red_when_the_sync_stopped(decided_world: World) -> None:
    run = decided_world.confirm()
    decided_world.sim.company.users["ws_user"].password = "changed"
    decided_world.sim.expire_sessions()
    assert decided_world.drain(run).state == "failed"
    assert flags(decided_world) == [("red", "The initial sync stopped.")]


def test_the_flag_says_that_a_sync_is_at_work(decided_world: World) -> None:
    decided_world.confirm()
    assert flags(decided_world) == [("working", "Initial sync in progress.")]


def test_the_flag_turns_orange_at_the_first_error_of_a_sync_at_work(troubled_world: World) -> None:
    world = troubled_world
    run = world.confirm()
    world.sim.faults.add("rate", function="create_invoice", seconds=600)
    jobs.work(run.id)
    rests = world.get(Run, run.id).rests_until
    said = f"Initial sync rests: Sage Intacct does not answer; next try at {rests:%H:%M} UTC"
    assert flags(world) == [("orange", f"{said}, 1 record to look at already.")]


def test_reading_and_planning_raise_no_flag(decided_world: World) -> None:
    decided_world.plan()
    assert flags(decided_world) == []


def test_a_run_has_one_notice_however_often_it_is_written(synced_world: World) -> None:
    world = synced_world
    (run,) = world.rows(Run, Run.kind == "initial")
    connection = world.connection
    with current().transaction() as session:
        notices.write(session, session.get_one(Run, run.id), connection)
    assert [notice.run_id for notice in world.rows(Notice)] == [run.id]


def test_a_cancelled_run_has_no_notice(decided_world: World) -> None:
    run = decided_world.confirm()
    runs.cancel(run.id, "ada")
    assert decided_world.rows(Notice) == []


def test_putting_a_flag_away_is_for_one_person_and_one_notice(synced_world: World) -> None:
    world = synced_world
    (flag,) = world.flags()
    assert flag.notice_id is not None
    notices.dismiss(flag.notice_id, "ada")
    notices.dismiss(flag.notice_id, "ada")
    assert flags(world) == []
    assert len(flags(world, "bob")) == 1
    world.sync()
    assert flags(world) == [("blue", "The sync is complete.")]
    assert [str(notice.message) for notice in world.rows(Notice)] == [
        "The initial sync is complete.", "The sync is complete.",
    ]  # fmt: skip


def test_once_nobody_has_to_sign_in_any_more_the_flag_is_what_the_last_sync_came_to(synced_world: World) -> None:
    world = synced_world
    with current().transaction() as session:
        reconnecting.stop(session, [world.id], reconnecting.SIGNED_OUT)
    assert flags(world) == [("red", "Needs reconnecting.")]
    connect.disconnect(world.id, "ada")
    assert flags(world) == [("blue", "The initial sync is complete.")]


def test_a_company_that_was_deleted_has_no_flag(synced_world: World) -> None:
    with current().transaction() as session:
        ended.end(session, ["1"])
    assert flags(synced_world) == []


def test_the_worst_flag_comes_first(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere)
    world.save(*(host.Company(id=number, name=name) for number, name in ((2, "Blue"), (3, "Red"), (4, "Anvil"))))
    ids = [connect.start(str(number), "ada").id for number in (2, 3, 4)]
    with current().transaction() as session:
        for number, (id_, level) in enumerate(zip(ids, ("blue", "red", "blue"), strict=True)):
            session.add(Run(id=number + 1, connection_id=id_, kind="sync", state="done"))
            session.add(Notice(connection_id=id_, run_id=number + 1, level=level, message=quoted(".")))
            notices.renew(session, session.get_one(Connection, id_))
    host.db.session.rollback()
    assert [flag.company for flag in read_flags("ada", lambda company_id: True).shown] == ["Red", "Anvil", "Blue"]
    found = read_flags("ada", lambda company_id: True, most=2)
    assert ([flag.company for flag in found.shown], found.more) == (["Red", "Anvil"], 1)
    assert not read_flags("ada", lambda company_id: False).shown


def test_a_company_that_rests_and_one_that_works_have_their_own_phases(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere)
    world.save(*(host.Company(id=number, name=name) for number, name in ((2, "Two"), (3, "Three"))))
    ids = [connect.start(str(number), "ada").id for number in (2, 3)]
    with current().transaction() as session:
        for number, id_ in enumerate(ids, 1):
            session.add(Run(id=number, connection_id=id_, live=id_, kind="sync", state="running"))
            session.flush()
            session.add(Phase(run_id=number, name="contact", position=0, failed=number - 1))
    found = world.flags(*ids)
    assert [(flag.company, flag.colour, [one.run_id for one in flag.phases]) for flag in found] == [
        ("Three", "orange", [2]), ("Two", "working", [1]),
    ]  # fmt: skip


def test_the_host_hears_of_the_end_of_a_run_with_its_colour(decided_world: World) -> None:
    heard = []

    def listen(sender: object, **told: object) -> None:
        heard.append(told)

    with signals.run_finished.connected_to(listen):
        run = decided_world.drain(decided_world.confirm())
    assert heard == [{"connection_id": decided_world.id, "run_id": run.id, "level": "blue"}]


def test_the_host_hears_of_every_document_that_was_posted_and_record_that_was_joined(decided_world: World) -> None:
    posted, linked = [], []

    def on_posted(sender: object, *, link_id: int, **_: object) -> None:
        posted.append(decided_world.get(Link, link_id).label)

    def on_linked(sender: object, *, link_id: int, **_: object) -> None:
        linked.append(link_id)

    with signals.document_posted.connected_to(on_posted), signals.record_linked.connected_to(on_linked):
        decided_world.confirm()
        decided_world.sync()
    assert sorted(posted) == ["BILL-1", "INV-1", "INV-3", "INV-4"]
    joined = [link.id for kind in ("contact", "invoice", "bill") for link in decided_world.links(kind, "linked")]
    assert set(joined) - set(linked) <= {link.id for link in decided_world.links("contact")}
    assert len(linked) == len(set(linked))
