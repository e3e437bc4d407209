"""Records that the host gives to another of its companies, after they were posted or joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from world import World, host
from world.statements import plain_sql

from flask_intacct.host import Host
from flask_intacct.local import Local
from flask_intacct.models import Link


def by_session(world: World, model: type[host.Invoice] | type[host.Contact], company: int, **which: str) -> None:
    row = world.one(model, **which)
    row.company_id = company
    world.save(row)


def by_plain_sql(world: World, model: type[host.Invoice] | type[host.Contact], company: int, **which: str) -> None:
    (name, value) = next(iter(which.items()))
    plain_sql(f"UPDATE {model.__tablename__} SET company_id = {company} WHERE {name} = '{value}'")


Move = Callable[..., None]
WAYS = pytest.mark.parametrize("move", [by_session, by_plain_sql])


@pytest.fixture
def world(synced_world: World) -> World:
    synced_world.save(host.Company(id=2, name="Another Ltd"))
    assert synced_world.issues() == []
    return synced_world


def theirs(world: World, number: str) -> int:
    (row,) = world.theirs("ARINVOICE", RECORDID=number)
    return int(row["RECORDNO"])


@WAYS
def test_a_posted_document_given_to_another_company_is_told_until_it_is_back(world: World, move: Move) -> None:
    move(world, host.Invoice, 2, number="INV-1")
    for _ in range(2):
        world.sync()
        assert world.issues() == [("INV-1", "moved here")]
    move(world, host.Invoice, 1, number="INV-1")
    world.sync()
    assert world.issues() == []


@WAYS
def test_what_becomes_of_it_in_intacct_is_not_brought_to_the_other_company(world: World, move: Move) -> None:
    before = world.one(host.Invoice, number="INV-1").status
    move(world, host.Invoice, 2, number="INV-1")
    world.sync()
    world.sim.reverse("ARINVOICE", theirs(world, "INV-1"))
    world.sync()
    assert world.one(host.Invoice, number="INV-1").status == before
    assert world.issues() == []


@WAYS
def test_a_contact_given_to_another_company_takes_no_changes_of_the_first_ones_intacct(
    world: World, move: Move
) -> None:
    link = world.get(Link, world.link("Alice Adams", kind="contact").id)
    move(world, host.Contact, 2, name="Alice Adams")
    (row,) = world.theirs("CUSTOMER", NAME="Alice Adams")
    world.sim.modify("CUSTOMER", int(row["RECORDNO"]), NAME="Alice Bow")
    world.sync()
    assert world.get(host.Contact, int(link.local_id)).name == "Alice Adams"


@WAYS
def test_what_was_reversed_in_intacct_meanwhile_is_void_here_once_it_is_back(world: World, move: Move) -> None:
    move(world, host.Invoice, 2, number="INV-1")
    world.sync()
    world.sim.reverse("ARINVOICE", theirs(world, "INV-1"))
    world.sync()
    move(world, host.Invoice, 1, number="INV-1")
    world.sync()
    assert (world.one(host.Invoice, number="INV-1").status, world.issues()) == ("void", [])


@WAYS
def test_a_document_that_counts_nowhere_in_intacct_any_more_may_be_given_to_another_company(
    world: World, move: Move
) -> None:
    world.sim.reverse("ARINVOICE", theirs(world, "INV-1"))
    world.sync()
    move(world, host.Invoice, 2, number="INV-1")
    world.sync()
    assert world.issues() == []


@WAYS
def test_of_a_document_that_was_deleted_in_intacct_that_alone_is_told(world: World, move: Move) -> None:
    world.sim.delete("ARINVOICE", theirs(world, "INV-1"))
    world.sync()
    assert world.issues() == [("INV-1", "deleted in Sage Intacct")]
    move(world, host.Invoice, 2, number="INV-1")
    world.sync()
    assert world.issues() == [("INV-1", "deleted in Sage Intacct")]


def test_a_contact_of_all_companies_takes_the_changes_of_each_ones_intacct(world: World) -> None:
    state = world.app.extensions["intacct"]
    shared = Local(host.Contact, role=host.roles_of, name="name", email="email")
    kinds_ = {local.kind for local in state.host.described()} - {"company", "contact"}
    described = Host(state.host.company, {**{kind: state.host.locals(kind) for kind in kinds_}, "contact": [shared]})
    described.bind(host.db)
    world.app.extensions["intacct"] = replace(state, host=described)
    link = world.get(Link, world.link("Alice Adams", kind="contact").id)
    (row,) = world.theirs("CUSTOMER", NAME="Alice Adams")
    world.sim.modify("CUSTOMER", int(row["RECORDNO"]), NAME="Alice Bow")
    world.sync()
    assert world.get(host.Contact, int(link.local_id)).name == "Alice Bow"


def test_a_posted_document_that_can_t_be_read_in_another_company_is_told_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reference(row: host.Invoice) -> str:
        return str(1 / (2 - row.company_id))

    (local,) = world.app.extensions["intacct"].host.locals("invoice")
    monkeypatch.setitem(local.entries, "reference", reference)
    by_session(world, host.Invoice, 2, number="INV-1")
    world.sync()
    assert world.issues() == [("INV-1", "moved here")]


def test_a_document_that_is_back_with_a_date_before_all_that_syncs_is_not_told_any_more(world: World) -> None:
    by_plain_sql(world, host.Invoice, 2, number="INV-1")
    world.sync()
    assert world.issues() == [("INV-1", "moved here")]
    plain_sql("UPDATE invoice SET company_id = 1, day = '2025-02-01' WHERE number = 'INV-1'")
    world.sync()
    assert world.issues() == []
