"""Confirm holds for what the plan showed, and a plan can always be confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from hosts import test_unreadable as unreadable
from world import MakeWorld, World, host

from flask_intacct import jobs, kinds
from flask_intacct.errors import Stale
from flask_intacct.models import Run
from flask_intacct.onboarding import connect, planning
from flask_intacct.onboarding import plan as plans
from flask_intacct.sync import run as runs


def test_a_decision_that_comes_while_a_plan_is_kept_makes_it_stale(decided_world: World, monkeypatch: Any) -> None:
    world = decided_world
    digest = planning.digest

    def late(connection: Any) -> str:
        found = digest(connection)
        monkeypatch.setattr(planning, "digest", digest)
        world.match("7999 Sundry", "6100", who="bob")
        return found

    monkeypatch.setattr(planning, "digest", late)
    run = world.drain(plans.make(world.id, "ada"))
    with pytest.raises(Stale):
        connect.confirm(world.id, run.report["digest"], "ada")


def test_a_plan_is_stale_once_a_later_one_failed_that_read_something_new(
    make_world: MakeWorld, monkeypatch: Any
) -> None:
    world = make_world()
    world.connect(transactions=False)
    world.decide()
    plan = world.plan()
    linked = next(link for link in world.links(kinds.CONTACT, "matched") if link.object == "CUSTOMER")
    record = next(r for r in world.theirs("CUSTOMER") if str(r["RECORDNO"]) == linked.record_key)
    world.sim.modify("CUSTOMER", record["CUSTOMERID"], STATUS="inactive")

    def fail(*given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(planning, "_keep", fail)
    run = plans.make(world.id, "bob")
    for _ in range(20):
        jobs.work(run.id)
    if world.get(Run, run.id).live is not None:
        runs.cancel(run.id, "bob")
    assert world.get(Run, run.id).state in ("failed", "cancelled")
    with pytest.raises(Stale):
        connect.confirm(world.id, plan.digest, "ada")


def test_a_plan_is_stale_once_a_document_that_could_not_be_read_is_written(make_world: MakeWorld) -> None:
    world = make_world(described=unreadable.described)
    try:
        world.connect()
        world.decide()
        unreadable.POISON.add("INV-3")
        plan = world.plan()
        unreadable.POISON.clear()
        row = world.one(host.Invoice, number="INV-3")
        row.reference = "Mended"
        world.save(row)
        with pytest.raises(Stale):
            connect.confirm(world.id, plan.digest, "ada")
    finally:
        unreadable.POISON.clear()


def test_a_plan_without_a_currency_can_be_confirmed(make_world: MakeWorld) -> None:
    world = make_world(described=unreadable.described)
    try:
        world.connect()
        world.decide()
        world.plan()
        unreadable.POISON.add("GBP")
        assert connect.confirm(world.id, world.plan().digest, "ada").kind == "initial"
    finally:
        unreadable.POISON.clear()


def test_a_plan_can_be_confirmed_after_the_host_gave_a_kind_up(decided_world: World) -> None:
    world = decided_world
    world.plan()
    has = list(world.app.extensions["intacct"].host._mapped)
    world.describe(*(kind for kind in has if kind != kinds.BILL))
    assert connect.confirm(world.id, world.plan().digest, "ada").kind == "initial"
