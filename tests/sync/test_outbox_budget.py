"""What sending costs: statements a document, requests, and requests in flight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from world import World, host
from world.statements import counted

from flask_intacct.sync import executor

D = Decimal

MOST = 3
"""Statements a document from its intent to its result, the look at the host's row right before it goes included."""


def statements(world: World, first: int, number: int) -> int:
    """Of a sync that sends so many invoices."""
    pattern = world.one(host.Invoice, number="INV-1")
    option = pattern.lines[0].options[0]
    for at in range(first, first + number):
        line = host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=[option])
        host.db.session.add(
            host.Invoice(
                number=f"M-{at:05}", day=date(2026, 3, 1 + at % 28), lines=[line], company_id=1,
                contact_id=pattern.contact_id, total=D("12.00"),
            )
        )  # fmt: skip
    host.db.session.commit()
    with counted() as seen:
        assert world.sync().state == "done"
    return len(seen)


@pytest.mark.parametrize("number", [200])
def test_a_document_costs_few_statements_from_intent_to_result(
    synced_world: World, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "MOMENT", 60)
    world = synced_world
    few = statements(world, 0, 25)
    many = statements(world, 25, 25 + number)
    assert world.issues() == []
    assert (many - few) / number <= MOST
