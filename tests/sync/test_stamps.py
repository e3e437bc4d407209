"""Documents with a stamp of the host's: a scan reads what it moved for, and of the others the keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import counted, plain_sql

from flask_intacct import Local, LocalDocument
from flask_intacct.errors import MappingError
from flask_intacct.models import Link
from flask_intacct.state import current
from flask_intacct.sync import scanning

D = Decimal
FIRST = datetime.fromisoformat("2026-03-01T12:00:00")


@pytest.fixture
def stamped(make_world: MakeWorld, on: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """The invoices are stamped, a day apart, and were scanned since."""
    world: World = make_world(on=on, stage="synced")
    local = current().host.local("invoice", "invoice")
    monkeypatch.setattr(local, "updated", "stamp")
    monkeypatch.setattr(scanning, "AT_ONCE", 3)
    for number, row in enumerate(world.host(host.Invoice)):
        row.stamp = FIRST + timedelta(days=number)
    host.db.session.commit()
    world.sync()
    return world


@contextmanager
def loaded() -> Iterator[list[str]]:
    """The numbers of the invoices of which rows are read in here."""
    found: list[str] = []

    def note(row: Any, *given: Any) -> None:
        found.append(row.number)

    sa.event.listen(host.Invoice, "load", note)
    try:
        yield found
    finally:
        sa.event.remove(host.Invoice, "load", note)


def newest(world: World) -> host.Invoice:
    return max(world.host(host.Invoice), key=lambda row: row.stamp or FIRST)


def stamp(row: host.Invoice) -> datetime:
    assert row.stamp is not None
    return row.stamp


def read(world: World) -> set[str]:
    """The numbers of the invoices whose rows a sync reads."""
    host.db.session.remove()
    with loaded() as found:
        world.sync()
    return set(found)


def test_only_what_is_as_new_as_the_newest_is_read(stamped: World) -> None:
    assert read(stamped) == {newest(stamped).number}


def test_what_was_written_is_read(stamped: World) -> None:
    world = stamped
    last = newest(world)
    when = stamp(last) + timedelta(days=1)
    plain_sql(f"UPDATE invoice SET reference = 'new', stamp = '{when}' WHERE number = 'INV-5'")
    assert read(world) == {"INV-5", last.number}
    assert "new" in world.link("INV-5").search
    assert read(world) == {"INV-5"}


def test_what_has_the_same_stamp_as_the_newest_or_a_little_earlier_one_is_read(stamped: World) -> None:
    world = stamped
    last = newest(world)
    plain_sql(f"UPDATE invoice SET reference = 'tied', stamp = '{stamp(last)}' WHERE number = 'INV-5'",
              f"UPDATE invoice SET reference = 'late', stamp = '{stamp(last) - timedelta(hours=1)}'"
              " WHERE number = 'INV-6'")  # fmt: skip
    assert read(world) == {"INV-5", "INV-6", last.number}
    assert "tied" in world.link("INV-5").search
    assert "late" in world.link("INV-6").search


def test_what_has_no_stamp_is_read_each_time(stamped: World) -> None:
    world = stamped
    plain_sql("UPDATE invoice SET reference = 'new', stamp = NULL WHERE number = 'INV-5'")
    assert "INV-5" in read(world)
    assert "INV-5" in read(world)


def test_a_row_that_is_new_here_is_read_whatever_its_stamp(stamped: World) -> None:
    world = stamped
    world.save(host.Invoice(company_id=1, number="NEW-1", contact_id=1, day=date(2026, 4, 1), total=D("12.00"),
                            status="draft", stamp=FIRST - timedelta(days=90)))  # fmt: skip
    plain_sql("DELETE FROM intacct_touch")
    assert "NEW-1" in read(world)
    assert world.link("NEW-1").seen_at > 0


def test_a_row_that_is_not_the_company_s_any_more_is_let_go(stamped: World) -> None:
    world = stamped
    world.save(host.Company(id=2, name="Harbour"))
    plain_sql("UPDATE invoice SET company_id = 2 WHERE number = 'INV-5'")
    world.sync()
    assert world.link("INV-5").seen_at == 0
    plain_sql("UPDATE invoice SET company_id = 1 WHERE number = 'INV-5'")
    world.sync()
    assert world.link("INV-5").seen_at > 0


def test_another_description_reads_all(stamped: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stamped
    local = current().host.local("invoice", "invoice")
    assert isinstance(local, LocalDocument)
    monkeypatch.setitem(local.entries, "description", "reference")
    assert read(world) == {row.number for row in world.host(host.Invoice) if row.day >= date(2026, 1, 1)}
    assert read(world) == {newest(world).number}


def test_a_stamp_far_ahead_of_the_clock_reads_all(stamped: World) -> None:
    world = stamped
    plain_sql("UPDATE invoice SET stamp = '2099-01-01 00:00:00' WHERE number = 'INV-5'")
    read(world)
    assert {"INV-1", "INV-6"} <= read(world)


def test_a_scan_in_which_nothing_was_written_costs_keys_alone(stamped: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stamped
    more = [
        host.Invoice(company_id=1, number=f"D-{number}", contact_id=1, day=date(2026, 4, 1), total=D("0.00"),
                     status="draft", stamp=FIRST + timedelta(minutes=number))
        for number in range(200)
    ]  # fmt: skip
    world.save(*more)
    monkeypatch.setattr(scanning, "AT_ONCE", 100)
    world.sync()
    host.db.session.remove()
    with loaded() as rows, counted() as statements:
        world.sync()
    assert set(rows) == {newest(world).number}
    assert len([one for one in statements if "FROM invoice" in one and "invoice_line" not in one]) <= 12
    assert len(world.rows(Link, Link.kind == "invoice", Link.seen_at > 0)) > 200


@pytest.mark.parametrize(
    ("updated", "entries", "said"),
    [
        ("stamps", {}, "Did you mean stamp"),
        ("number", {}, "no column of dates with times"),
        ("stamp", {"date": lambda row: row.day}, "needs a date= that is a column"),
        ("stamp", {"company": lambda row: row.company_id}, "needs a company= that is a foreign key"),
    ],
    ids=["unknown", "a text", "date", "company"],
)
def test_a_stamp_that_can_t_be_used_is_refused_at_start(updated: str, entries: dict[str, Any], said: str) -> None:
    head = {"number": "number", "contact": "contact_id", "date": "day", "company": "company_id", "status": "status"}
    lines = Local(host.InvoiceLine, account="account_id", net="net")
    local = LocalDocument(host.Invoice, lines=lines, statuses=host.STATUSES, updated=updated, **head | entries)
    local.owner = Local(host.Company, name="name")
    local.owner.bind("company")
    with pytest.raises(MappingError, match=said):
        local.bind("invoice")
