"""Intacct's documents come into the host many at a time, and one that can't stops no other."""

from __future__ import annotations

from typing import Any

import pytest
from world import World, host
from world.statements import counted

from flask_intacct import signals
from flask_intacct.sync import executor, incoming


def paper(world: World, number: str) -> None:
    """An invoice that is keyed in Intacct."""
    customer = world.theirs("CUSTOMER")[0]["CUSTOMERID"]
    world.sim.run(
        f"<create_invoice><customerid>{customer}</customerid>"
        "<datecreated><year>2026</year><month>4</month><day>2</day></datecreated>"
        f"<datedue><year>2026</year><month>4</month><day>9</day></datedue><invoiceno>{number}</invoiceno>"
        "<invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>50.00</amount>"
        "<locationid>E1-10</locationid><taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>10.00</trx_tax>"
        "</taxentry></taxentries></lineitem></invoiceitems></create_invoice>"
    )


def here(world: World) -> list[str]:
    return sorted(row.number for row in world.host(host.Invoice) if row.number.startswith("IN-"))


def test_documents_of_intacct_come_in_in_few_statements(synced_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = synced_world
    monkeypatch.setattr(executor, "MOMENT", 60)  # however slow the machine
    counts = []
    for first, number in ((0, 20), (20, 60)):
        for at in range(first, first + number):
            paper(world, f"IN-{at:03}")
        with counted() as statements:
            assert world.sync().state == "done"
        counts.append(len(statements))
    assert (len(here(world)), world.issues()) == (80, [])
    assert (counts[1] - counts[0]) / 40 <= 5


def test_a_set_in_which_a_row_fails_as_it_is_saved_comes_in_one_by_one(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = synced_world
    for at in range(5):
        paper(world, f"IN-{at}")
    made = type(world.app.extensions["intacct"].host).create

    def create(self: Any, kind: str, local: Any, value: Any, *more: Any) -> Any:
        if getattr(value, "number", "") == "IN-3":
            raise ValueError("the host's own code")
        return made(self, kind, local, value, *more)

    monkeypatch.setattr(type(world.app.extensions["intacct"].host), "create", create)
    assert incoming.SET > 5
    told: list[int] = []

    def receive(sender: Any, *, connection_id: int, link_id: int) -> None:
        told.append(link_id)

    with signals.record_linked.connected_to(receive):
        assert world.sync().state == "done"
    assert here(world) == ["IN-0", "IN-1", "IN-2", "IN-4"]
    assert len(told) == len(set(told)) == 4
    assert [cause for _, cause in world.issues()] == ["internal error"]
    monkeypatch.undo()
    assert world.sync().state == "done"
    assert here(world) == ["IN-0", "IN-1", "IN-2", "IN-3", "IN-4"]
    assert world.issues() == []
