"""Suggestions are computed again for what changed on either side, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sync.mistakes import failing
from world import MakeWorld, World, host

from flask_intacct import bars, kinds, links, matching
from flask_intacct.matching.contacts import evidence as contact_evidence
from flask_intacct.matching.contacts import parties
from flask_intacct.matching.text import normalise
from flask_intacct.models import Connection, Issue, Link, Rejection, Run
from flask_intacct.onboarding import connect, suggest
from flask_intacct.onboarding import plan as plans
from flask_intacct.state import current

MARK = 1
"""A confidence that no matching gives: a suggestion that still has it was not computed again."""


@pytest.fixture
def settled(read_world: World) -> World:
    """Both sides are read once more: the simulator of each test stamps its records anew."""
    read_world.drain(connect.refresh(read_world.id, "ada"))
    return read_world


def mark(world: World) -> None:
    with current().transaction() as session:
        session.execute(sa.update(Link).where(Link.connection_id == world.id).values(confidence=MARK))


def computed(world: World) -> set[str]:
    """The kinds whose suggestions were computed since they were marked."""
    return {
        link.kind
        for kind in kinds.MATCHED
        for link in world.links(kind, "undecided")
        if link.suggested_key and link.confidence != MARK
    }


def refresh(world: World) -> None:
    mark(world)
    assert world.drain(connect.refresh(world.id, "ada")).state == "done"


def stored(world: World) -> list[Any]:
    return [
        [link.kind, link.label, link.role, link.suggested_key, link.runner_up_key, link.certain, link.reasons]
        for kind in kinds.MATCHED
        for link in world.links(kind)
    ]


def test_nothing_is_computed_where_neither_side_changed(settled: World) -> None:
    refresh(settled)
    assert computed(settled) == set()


def test_a_change_in_the_host_renews_its_kind_only(settled: World) -> None:
    world = settled
    alice = world.one(host.Contact, name="Alice Adams")
    alice.name = "Alice Adamson"
    world.save(alice)
    refresh(world)
    assert computed(world) == {"contact"}


def test_a_change_in_intacct_renews_its_kind_only(settled: World) -> None:
    settled.sim.modify("GLACCOUNT", "6000", TITLE="Repairs and upkeep")
    refresh(settled)
    assert computed(settled) == {"account"}


def test_a_document_that_uses_a_record_changes_no_suggestion(settled: World) -> None:
    world = settled
    paid = world.host(host.Invoice)[0]
    paid.status = "void"
    world.save(paid)
    refresh(world)
    assert computed(world) == set()


def test_a_new_record_of_the_host_gets_a_suggestion_from_any_reading(read_world: World) -> None:
    world = read_world
    world.accept("contact")
    world.save(host.Account(company_id=1, code="6100", title="Cleaning"))
    world.drain(plans.make(world.id, "ada"))
    assert world.link("6100 Cleaning").suggested_key == world.record("6100").key


def test_a_new_record_in_intacct_gets_suggested_from_any_sync(synced_world: World) -> None:
    world = synced_world
    world.save(host.Account(company_id=1, code="4200", title="Parking"))
    world.sync()
    assert world.link("4200 Parking").suggested_key == ""
    world.sim.insert("GLACCOUNT", {"ACCOUNTNO": "4200", "TITLE": "Parking", "ACCOUNTTYPE": "incomestatement",
                                   "NORMALBALANCE": "credit", "STATUS": "active"})  # fmt: skip
    world.drain(connect.refresh(world.id, "ada"))
    assert world.link("4200 Parking").suggested_key == world.record("4200").key


def test_a_decided_row_keeps_what_was_suggested(read_world: World) -> None:
    world = read_world
    world.match("4000 Rent", "4000")
    world.sim.modify("GLACCOUNT", "4000", TITLE="Something else")
    refresh(world)
    rent = world.link("4000 Rent")
    assert (rent.state, rent.suggested_key, rent.confidence) == ("matched", world.record("4000").key, MARK)


def test_a_refused_pair_never_comes_back(read_world: World) -> None:
    world = read_world
    link = world.match("4000 Rent", "6100")
    links.undo(world.id, [link.id], "ada")
    refresh(world)
    assert world.link("4000 Rent").suggested_key != world.record("4000").key
    assert len(world.rows(Rejection)) == 1


def test_a_refused_customer_says_nothing_about_the_vendor_of_the_same_key(read_world: World) -> None:
    world = read_world
    for at in (3, 4):
        world.sim.insert("VENDOR", {"VENDORID": f"V{at}", "NAME": f"Other {at}", "STATUS": "active"})
    row = {"NAME": "Pat Page Ltd", "STATUS": "active"}
    keys = {
        str(world.sim.insert(object_, {f"{object_}ID": "P5", **row})["RECORDNO"]) for object_ in ("CUSTOMER", "VENDOR")
    }
    assert len(keys) == 1
    world.save(host.Contact(company_id=1, name="Pat Page Ltd", buys=True, sells=True))
    refresh(world)
    assert {world.link("Pat Page Ltd", role).suggested_key for role in ("customer", "vendor")} == keys
    link = world.link("Pat Page Ltd", "customer")
    assert not links.create(world.id, [link.id], "", "ada", confirmed=True).refused
    links.undo(world.id, [link.id], "ada")
    refresh(world)
    assert world.link("Pat Page Ltd", "customer").suggested_key not in keys
    assert world.link("Pat Page Ltd", "vendor").suggested_key in keys


def test_a_refused_value_of_one_dimension_says_nothing_about_that_of_another(read_world: World) -> None:
    world = read_world
    world.match("Team", "DEPARTMENT")
    option = world.match("Lettings", "MNT")
    links.undo(world.id, [option.id], "ada")
    assert [row.link_id for row in world.rows(Rejection)] == [option.id]
    world.match("Team", "LOCATION")
    assert world.rows(Rejection) == []


def test_a_record_that_is_used_goes_to_nobody_else_until_it_is_free(read_world: World) -> None:
    world = read_world
    key = world.record("4000").key
    taker = world.match("7999 Sundry", "4000")
    refresh(world)
    assert world.link("4000 Rent").suggested_key != key
    links.undo(world.id, [taker.id], "ada")
    refresh(world)
    assert world.link("4000 Rent").suggested_key == key


def test_what_is_renewed_is_what_a_whole_computation_gives(read_world: World) -> None:
    world = read_world
    world.match("7999 Sundry", "4100")
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Anderson")
    world.save(host.Contact(company_id=1, name="Zoe Young", buys=True, email="zoe@example.test"))
    world.drain(connect.refresh(world.id, "ada"))
    renewed = stored(world)
    with current().transaction() as session:
        session.get_one(Connection, world.id).suggested = {}
    world.drain(connect.refresh(world.id, "ada"))
    assert stored(world) == renewed


def test_a_decision_taken_while_it_is_computed_stands(read_world: World) -> None:
    world = read_world
    world.sim.modify("GLACCOUNT", "4100", TITLE="Charges")
    with current().transaction() as session:
        session.get_one(Connection, world.id).suggested = {}
    begun: list[str] = []

    @contextmanager
    def after_a_decision() -> Iterator[Session]:
        if not begun:
            begun.append("decided")
            links.undo(world.id, [world.match("4000 Rent", "6100").id], "bob")
            world.match("6000 Repairs", "6100", who="bob")
        with current().transaction() as session:
            yield session

    mark(world)
    suggest.compute(world.id, "account", after_a_decision)
    assert (world.link("4000 Rent").confidence, world.link("6000 Repairs").confidence) == (MARK, MARK)
    assert world.link("6000 Repairs").record_key == world.record("6100").key
    refresh(world)
    assert world.link("4000 Rent").suggested_key != world.record("4000").key, "bob refused it"


def test_a_long_computation_keeps_the_lease(read_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed, usual = Event(), matching.suggest

    def long(*given: Any, **named: Any) -> Any:
        assert renewed.wait(20), "the lease was not renewed while the matching was at work"
        return usual(*given, **named)

    @contextmanager
    def transaction() -> Iterator[Session]:
        renewed.set()
        with current().transaction() as session:
            yield session

    monkeypatch.setattr(suggest, "BREATH", 0.0005)
    monkeypatch.setattr(suggest, "suggest", long)
    with current().transaction() as session:
        session.get_one(Connection, read_world.id).suggested = {}
    assert suggest.compute(read_world.id, "contact", transaction) > 0


def test_the_plan_s_progress_counts_plans_only(decided_world: World) -> None:
    run = decided_world.drain(plans.make(decided_world.id, "ada"))
    phase = next(phase for phase in decided_world.phases(run.id) if phase.name == "plan")
    assert (phase.done, phase.total, decided_world.get(Run, run.id).state) == (1, 1, "done")


def test_what_changed_is_suggested_anew_and_the_bar_rises_on_each_database(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    world.drain(connect.refresh(world.id, "ada"))
    world.save(host.Account(company_id=1, code="6100", title="Cleaning"))
    world.match("4000 Rent", "4100")
    refresh(world)
    assert computed(world) == {"account"}
    assert world.link("6100 Cleaning").suggested_key == world.record("6100").key
    with current().transaction() as session:
        found = bars.bar(session, world.id, "account")
    assert (found.least, found.overruled) == (99, 1)


SPOILED = {"ours": "Carol Clark", "Intacct's": "Clean & Co"}


@pytest.mark.parametrize("by_evidence", [True, False], ids=["by evidence", "where equal"])
@pytest.mark.parametrize("whose", SPOILED)
def test_a_record_that_the_matching_fails_for_is_told_and_the_others_get_their_suggestions(
    settled: World, monkeypatch: pytest.MonkeyPatch, whose: str, by_evidence: bool
) -> None:
    world = settled
    name = SPOILED[whose]
    before = {link.label: link.suggested_key for link in world.links(kinds.CONTACT)}
    monkeypatch.setattr(matching, "available", lambda: by_evidence)
    with monkeypatch.context() as patched:
        patched.setattr(contact_evidence, "party", failing(parties.party, name))
        patched.setattr(normalise, "party", failing(normalise.party, name))
        alice = world.one(host.Contact, name="Alice Adams")
        alice.phone = "0117 496 0001"
        world.save(alice)
        mark(world)
        assert world.drain(connect.refresh(world.id, "ada")).state == "done"
        assert "contact" in computed(world)
        after = {link.label: link.suggested_key for link in world.links(kinds.CONTACT)}
        assert (after["Alice Adams"], after["Bob Brown"]) == (before["Alice Adams"], before["Bob Brown"])
        (issue,) = world.rows(Issue, Issue.live.is_not(None))
        assert (name in issue.label, issue.fingerprint, issue.severity) == (True, "internal error", "warning")
        assert "KeyError" in str(issue.message)
        world.drain(connect.refresh(world.id, "ada"))
        assert len(world.rows(Issue, Issue.live.is_not(None))) == 1
    world.drain(connect.refresh(world.id, "ada"))
    assert world.issues() == []


def test_a_record_whose_stored_value_can_not_be_read_costs_no_other_its_suggestion(settled: World) -> None:
    world = settled
    rent = world.link("4000 Rent").id
    with current().transaction() as session:
        session.get_one(Link, rent).facts = {"v": 10_000}
    made = suggest.Made.anew(world.id, kinds.ACCOUNT, current().transaction)
    assert made.found.keys() == {world.link("4100 Fees").id, world.link("6000 Repairs").id}
    assert [failed.label for failed in made.failed] == ["4000 Rent"]


def test_what_fails_for_no_single_record_ends_the_run(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = settled

    def broken(*given: object, **more: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(matching.equal, "suggest", broken)
    monkeypatch.setattr(matching, "available", lambda: False)
    alice = world.one(host.Contact, name="Alice Adams")
    alice.phone = "0117 496 0001"
    world.save(alice)
    assert world.drain(connect.refresh(world.id, "ada")).state == "failed"
