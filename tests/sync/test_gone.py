"""What is said of a record of Intacct ends when it is deleted there."""

from __future__ import annotations

import pytest
from world import World

from flask_intacct.models import Issue
from flask_intacct.sync import pull


def said(world: World) -> list[tuple[str, str]]:
    """(subject's sort, cause) of what is open."""
    open_ = world.rows(Issue, Issue.live.is_not(None))
    return [(row.subject.partition(":")[0], row.fingerprint) for row in open_]


def number(world: World, object_: str, **where: str) -> int:
    (row,) = world.theirs(object_, **where)
    return int(row["RECORDNO"])


def test_of_a_contact_that_the_host_did_not_take(synced_world: World) -> None:
    world = synced_world
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C8", "NAME": "Refused Ltd", "STATUS": "active"}, "E1")
    world.sync()
    assert said(world) == [("record", "not possible here")]
    world.sim.delete("CUSTOMER", "C8")
    world.sync()
    assert said(world) == []


def test_of_a_document_in_a_state_that_nobody_knows(synced_world: World) -> None:
    world = synced_world
    draft = number(world, "ARINVOICE", RECORDID="DRAFT-1")
    world.sim.modify("ARINVOICE", draft, STATE="Pondering")
    world.sync()
    assert said(world) == [("record", "unreadable record"), ("record", "not possible here")]
    world.sim.delete("ARINVOICE", draft)
    world.sync()
    assert said(world) == []


def test_of_an_account_that_the_host_did_not_take(synced_world: World) -> None:
    world = synced_world
    account = {"ACCOUNTNO": "4200", "TITLE": "x" * 100, "ACCOUNTTYPE": "incomestatement", "STATUS": "active"}
    world.sim.insert("GLACCOUNT", account)
    world.sync()
    assert said(world) == [("record", "not possible here")]
    world.sim.delete("GLACCOUNT", "4200")
    world.sync()
    assert said(world) == []


def test_that_many_records_are_missing_is_over_once_they_are_not(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    for account in ("4900", "6100"):
        world.sim.delete("GLACCOUNT", account)
    with monkeypatch.context() as patched:
        patched.setattr(pull, "MOST_MISSING", 1)
        world.sync()
    assert world.issues() == [("GLACCOUNT", "many records missing")]
    assert world.record("6100").missing_since is None
    world.sync()
    assert world.issues() == []
    assert world.record("6100").missing_since is not None


def test_that_many_tax_details_are_missing_is_told(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = synced_world
    world.sim.insert("TAXDETAIL", {"DETAILID": "New", "DESCRIPTION": "New", "VALUE": 5, "TAXTYPE": "Sale"})
    world.sync()
    world.sim.delete("TAXDETAIL", "New")
    monkeypatch.setattr(pull, "MOST_MISSING", 0)
    world.sync()
    assert world.issues() == [("TAXDETAIL", "many records missing")]
