"""Intacct's documents come into the host many at a time, and one that can't stops no other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select
from world import World, host
from world.papers import another_invoice
from world.statements import counted

from flask_intacct import signals
from flask_intacct.sync import document_import, executor


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


def test_a_set_in_which_a_row_fails_as_it_is_saved_comes_in_one_by_one(synced_world: World) -> None:
    world = synced_world
    for at in range(5):
        paper(world, f"IN-{at}")

    def refuse(session: Any, *_: Any) -> None:
        if any(getattr(row, "number", "") == "IN-3" for row in session.new):
            raise ValueError("the host's own code")

    assert document_import.SET > 5
    told: list[int] = []

    def receive(sender: Any, *, connection_id: int, link_id: int) -> None:
        told.append(link_id)

    event.listen(host.db.session, "before_flush", refuse)
    try:
        with signals.record_linked.connected_to(receive):
            assert world.sync().state == "done"
    finally:
        event.remove(host.db.session, "before_flush", refuse)
    assert here(world) == ["IN-0", "IN-1", "IN-2", "IN-4"]
    assert len(told) == len(set(told)) == 4
    assert [label.split()[0] for label, _ in world.issues()] == ["IN-3"]
    assert world.sync().state == "done"
    assert here(world) == ["IN-0", "IN-1", "IN-2", "IN-3", "IN-4"]
    assert world.issues() == []


def test_a_host_that_numbers_each_row_as_it_is_saved_sees_those_before_it(synced_world: World) -> None:
    world = synced_world
    for at in range(3):
        paper(world, f"IN-{at}")
    seen: list[int] = []

    def number(mapper: Any, connection: Connection, row: host.Invoice) -> None:
        seen.append(connection.scalar(select(func.count()).select_from(host.Invoice)) or 0)

    event.listen(host.Invoice, "before_insert", number)
    try:
        assert world.sync().state == "done"
    finally:
        event.remove(host.Invoice, "before_insert", number)
    assert [count - seen[0] for count in seen] == [0, 1, 2]


def test_what_comes_in_does_so_while_answers_are_awaited(synced_world: World) -> None:
    world = synced_world
    for at in range(2):
        paper(world, f"IN-{at}")
    world.save(another_invoice(world, "OUT-1"), another_invoice(world, "OUT-2"))
    there: list[list[str]] = []

    def receive(sender: Any, **_: Any) -> None:
        there.append(here(world))

    world.sim.faults.add("latency", function="create_invoice", seconds=2)
    with signals.document_posted.connected_to(receive):
        assert world.sync().state == "done"
    assert there == [["IN-0", "IN-1"]] * 2
    assert world.issues() == []
