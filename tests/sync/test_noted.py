"""What sessions of the host note of lines and of many rows at once: each document, and nothing else."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import counted
from world.together import at_once

from flask_intacct import bulk
from flask_intacct.models import Link, Touch
from flask_intacct.state import current
from flask_intacct.sync import touched

from .test_snapshot import more

D = Decimal


def settled(world: World) -> World:
    """Nothing is noted."""
    touched.dispatch(current())
    host.db.session.rollback()
    return world


def noted(world: World) -> set[tuple[str, str]]:
    """What is noted, by kind and id."""
    return {(row.kind, row.local_id) for row in world.rows(Touch)}


def two(world: World) -> tuple[str, str]:
    """The ids of two invoices."""
    one, other = (world.one(host.Invoice, number=number).id for number in ("INV-1", "INV-3"))
    return str(one), str(other)


def test_lines_that_are_updated_in_bulk_note_their_documents(synced_world: World) -> None:
    world, (one, _) = settled(synced_world), two(synced_world)
    host.db.session.execute(
        sa.update(host.InvoiceLine).where(host.InvoiceLine.invoice_id == int(one)).values(text="Other")
    )
    host.db.session.commit()
    assert noted(world) == {("invoice", one)}


def test_lines_that_are_deleted_in_bulk_note_their_documents(synced_world: World) -> None:
    world = synced_world
    invoice = world.one(host.Invoice, number="INV-1")
    invoice.lines.append(host.InvoiceLine(account_id=1, tax_id=1, net=D("1.00"), text="Extra"))
    world.save(invoice)
    settled(world)
    one, _ = two(world)
    host.db.session.execute(sa.delete(host.InvoiceLine).where(host.InvoiceLine.text == "Extra"))
    host.db.session.commit()
    assert noted(world) == {("invoice", one)}


def test_lines_that_are_moved_in_bulk_note_both_documents(synced_world: World) -> None:
    world, (one, other) = settled(synced_world), two(synced_world)
    host.db.session.execute(
        sa.update(host.InvoiceLine).where(host.InvoiceLine.invoice_id == int(one)).values(invoice_id=int(other))
    )
    host.db.session.commit()
    assert noted(world) == {("invoice", one), ("invoice", other)}


def test_a_line_that_is_moved_while_its_values_are_not_loaded_notes_both_documents(synced_world: World) -> None:
    world, (one, other) = settled(synced_world), two(synced_world)
    line = world.host(host.InvoiceLine, invoice_id=int(one))[0]
    host.db.session.commit()
    line.invoice_id = int(other)
    host.db.session.commit()
    assert noted(world) == {("invoice", one), ("invoice", other)}


def test_rows_that_are_updated_by_their_keys_are_noted_and_no_others(synced_world: World) -> None:
    world = synced_world
    more(world, 20)
    settled(world)
    one, other = two(world)
    with counted() as statements:
        host.db.session.execute(
            sa.update(host.Invoice), [{"id": int(id_), "reference": "By key"} for id_ in (one, other)]
        )
        host.db.session.commit()
    assert noted(world) == {("invoice", one), ("invoice", other)}
    assert len(statements) < 10


def test_an_update_of_lines_gives_what_it_gives_without_us(synced_world: World) -> None:
    world, (one, _) = settled(synced_world), two(synced_world)
    query = host.db.session.query(host.InvoiceLine).filter(host.InvoiceLine.invoice_id == int(one))
    number = query.count()
    assert (query.update({"text": "Other"}), number > 0) == (number, True)
    texts = host.db.session.execute(
        sa.update(host.InvoiceLine)
        .where(host.InvoiceLine.invoice_id == int(one))
        .values(text="Third")
        .returning(host.InvoiceLine.text)
    ).scalars()
    assert list(texts) == ["Third"] * number
    host.db.session.commit()
    assert noted(world) == {("invoice", one)}


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let new links of documents take their time, so that others can come in between."""
    insert_rows = bulk.insert_rows

    def slow(*given: Any) -> None:
        time.sleep(0.3)
        insert_rows(*given)

    monkeypatch.setattr(bulk, "insert_rows", slow)


def test_two_workers_that_hand_out_the_same_notes_make_one_link_of_a_document(
    make_world: MakeWorld, anywhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(on=anywhere, stage="decided")
    settled(world)
    more(world, 2)
    slowly(monkeypatch)
    assert at_once(world, *[lambda: touched.dispatch(current())] * 2) == [None, None]
    ids = [str(world.one(host.Invoice, number=number).id) for number in ("MORE-0", "MORE-1")]
    made = world.rows(Link, Link.kind == "invoice", Link.local_id.in_(ids))
    assert sorted((link.local_id, link.seen_at) for link in made) == [(id_, -1) for id_ in sorted(ids)]
    assert noted(world) == set()
