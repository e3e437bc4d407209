"""What was paid in Intacct is never shown as money owed here, though payments do not sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import World, books, host
from world.papers import pay

from flask_intacct.admin.causes import causes
from flask_intacct.models import Issue, Run
from flask_intacct.simulator.seed.dataset import LedgerDocument

D = Decimal


def there(number: str, state: str, paid: str) -> LedgerDocument:
    """An invoice of 120.00 that Intacct alone has."""
    line = books.line("4000", "100.00", "20.00")
    return books.paper(number, "C1", date(2026, 3, 10), line, state=state, paid=D(paid))


INVOICES = (
    there("OPEN-1", "Posted", "0.00"),
    there("PART-1", "Partially Paid", "40.00"),
    there("PART-2", "Partially Paid", "100.00"),
    there("PAID-1", "Paid", "120.00"),
)


@pytest.fixture
def paid_world(make_world: Callable[..., World]) -> World:
    return make_world(books.intacct_company(invoices=INVOICES, bills=()), stage="decided")


@contextmanager
def without_a_word(world: World) -> Iterator[None]:
    """The host's invoices have no status for what is paid."""
    (local,) = world.app.extensions["intacct"].host.locals("invoice")
    before = local.statuses
    local.statuses = {word: meaning for word, meaning in before.items() if meaning != "paid"}
    yield
    local.statuses = before


def here(world: World, number: str) -> list[str]:
    return [row.status for row in world.host(host.Invoice, number=number)]


def planned(world: World) -> dict[str, tuple[int, Decimal | None]]:
    (section,) = (item for item in world.plan().sections if item.kind == "invoice")
    return {row.action: (row.count, row.total) for row in section.rows}


def settled(world: World, run: Run) -> dict[str, Any]:
    found: dict[str, Any] = world.get(Run, run.id).report["settled"]
    return found


def test_what_is_paid_comes_in_as_paid_and_what_is_open_as_approved(paid_world: World) -> None:
    paid_world.drain(paid_world.confirm())
    assert (here(paid_world, "PAID-1"), here(paid_world, "OPEN-1")) == (["paid"], ["approved"])


def test_the_plan_tells_what_comes_in_paid_and_what_is_held_in_part_with_sums(paid_world: World) -> None:
    found = planned(paid_world)
    assert found["bring_in_paid"] == (1, D("120.00"))
    assert found["hold_part_paid"] == (2, D("240.00"))
    assert found["bring_in"] == (1, D("120.00"))


def test_what_is_paid_in_part_is_held_with_its_amounts(paid_world: World) -> None:
    run = paid_world.drain(paid_world.confirm())
    assert here(paid_world, "PART-1") == here(paid_world, "PART-2") == []
    messages = [str(row.message) for row in paid_world.rows(Issue, Issue.fingerprint == "part paid in Sage Intacct")]
    assert [message.split(" is paid")[0] for message in messages] == ["40.00 of 120.00", "100.00 of 120.00"]
    assert settled(paid_world, run) == {"invoice": {"hold_part_paid": {"count": 2, "total": "240.00"}}}


def test_what_is_held_is_not_among_what_somebody_has_to_look_at(paid_world: World) -> None:
    run = paid_world.drain(paid_world.confirm())
    assert {phase.name: phase.failed for phase in paid_world.phases(run.id) if phase.failed} == {}


def test_the_cause_of_what_is_held_has_as_many_records_as_the_results_say(make_world: Callable[..., World]) -> None:
    line = books.line("4000", "200.00", "40.00")
    both = books.paper("INV-2", "C2", date(2026, 2, 10), line, state="Partially Paid", paid=D("10.00"))
    world = make_world(books.intacct_company(invoices=(*INVOICES, both), bills=()), stage="decided")
    run = world.start()
    assert settled(world, run) == {"invoice": {"hold_part_paid": {"count": 2, "total": "240.00"}}}
    with world.app.app_context():
        counts = {cause.fingerprint: cause.records for cause in causes(world.id)}
    assert counts == {"part paid in Sage Intacct": 2, "part paid in Sage Intacct, owed here": 1}


def test_what_was_held_comes_in_as_paid_when_it_is_paid_in_full(paid_world: World) -> None:
    paid_world.drain(paid_world.confirm())
    pay(paid_world, "PART-1", "0.00", "Paid")
    pay(paid_world, "PART-2", "120.00", "Posted")
    paid_world.sync()
    assert (here(paid_world, "PART-1"), here(paid_world, "PART-2")) == (["paid"], ["approved"])
    assert not [cause for _, cause in paid_world.issues() if cause == "part paid in Sage Intacct"]


def test_without_a_word_for_paid_it_is_left_out_and_counted_once(paid_world: World) -> None:
    with without_a_word(paid_world):
        assert planned(paid_world)["leave_out"] == (1, D("120.00"))
        run = paid_world.drain(paid_world.confirm())
        paid_world.sync()
    assert here(paid_world, "PAID-1") == []
    (issue,) = paid_world.rows(Issue, Issue.fingerprint == "paid in Sage Intacct", Issue.live.is_not(None))
    assert str(issue.message).startswith("1 invoice of 120.00")
    assert settled(paid_world, run)["invoice"]["leave_out"] == {"count": 1, "total": "120.00"}


def test_what_was_left_out_comes_in_once_the_host_has_a_word(paid_world: World) -> None:
    with without_a_word(paid_world):
        paid_world.drain(paid_world.confirm())
    paid_world.sync()
    assert here(paid_world, "PAID-1") == ["paid"]
    assert "paid in Sage Intacct" not in [cause for _, cause in paid_world.issues()]


def test_a_joined_document_that_is_paid_there_becomes_paid_here_and_open_again(synced_world: World) -> None:
    pay(synced_world, "INV-1", "0.00", "Paid")
    synced_world.sync()
    assert here(synced_world, "INV-1") == ["paid"]
    pay(synced_world, "INV-1", "400.01", "Posted")
    synced_world.sync()
    assert here(synced_world, "INV-1") == ["approved"]


def test_a_joined_document_that_is_paid_in_part_there_is_told(synced_world: World) -> None:
    pay(synced_world, "INV-1", "100.01", "Partially Paid")
    synced_world.sync()
    assert here(synced_world, "INV-1") == ["approved"]
    assert synced_world.issues() == [("INV-1", "part paid in Sage Intacct, owed here")]
    pay(synced_world, "INV-1", "400.01", "Posted")
    synced_world.sync()
    assert synced_world.issues() == []


def test_what_people_here_marked_as_paid_is_not_taken_back(synced_world: World) -> None:
    pay(synced_world, "INV-3", "120.00", "Posted")
    (row,) = synced_world.theirs("ARINVOICE", RECORDID="INV-3")
    synced_world.sim.modify("ARINVOICE", int(row["RECORDNO"]), DESCRIPTION="changed")
    synced_world.sync()
    assert here(synced_world, "INV-3") == ["paid"]


def test_a_document_keyed_on_both_sides_that_is_paid_there_becomes_paid_here(make_world: Callable[..., World]) -> None:
    line = books.line("4000", "200.00", "40.00")
    both = books.paper("INV-2", "C2", date(2026, 2, 10), line, state="Paid", paid=D("240.00"))
    world = make_world(books.intacct_company(invoices=(both,), bills=()), stage="decided")
    world.start()
    assert here(world, "INV-2") == ["paid"]


def test_a_state_does_not_tell_what_is_owed(make_world: Callable[..., World]) -> None:
    """A bill whose negative line was set off when it was posted reads Partially Paid, and all of it is due."""
    world = make_world(books.intacct_company(invoices=(there("SET-OFF", "Posted", "0.00"),), bills=()), stage="decided")
    pay(world, "SET-OFF", "120.00", "Partially Paid")
    world.start()
    assert here(world, "SET-OFF") == ["approved"]


def test_a_factory_of_the_host_that_makes_a_paid_one_look_owed_is_told(
    paid_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (local,) = paid_world.app.extensions["intacct"].host.locals("invoice")

    def create(values: dict[str, Any]) -> host.Invoice:
        return host.Invoice(
            company_id=1, contact_id=1, number=values["number"], day=values["date"], total=120, status="approved"
        )

    monkeypatch.setattr(local, "create", create)
    paid_world.drain(paid_world.confirm())
    assert here(paid_world, "PAID-1") == []
    (message,) = [str(row.message) for row in paid_world.rows(Issue) if row.label.startswith("PAID-1")]
    assert "create= of the description made it approved" in message


def test_what_came_in_as_paid_is_owed_again_when_its_payment_is_taken_back(paid_world: World) -> None:
    paid_world.drain(paid_world.confirm())
    pay(paid_world, "PAID-1", "120.00", "Posted")
    paid_world.sync()
    assert here(paid_world, "PAID-1") == ["approved"]


def test_documents_that_are_held_or_left_out_are_got_past_in_slices_however_short(paid_world: World) -> None:
    run = paid_world.confirm()
    paid_world.configure(slice_seconds=0)
    with without_a_word(paid_world):
        run = paid_world.drain(run, slices=200)
    assert run.state == "done"
    assert settled(paid_world, run)["invoice"] == {
        "leave_out": {"count": 1, "total": "120.00"},
        "hold_part_paid": {"count": 2, "total": "240.00"},
    }


def test_a_held_document_that_is_keyed_here_is_no_longer_said_to_come_in(paid_world: World) -> None:
    paid_world.drain(paid_world.confirm())
    like = paid_world.one(host.Invoice, number="OPEN-1")
    (line,) = like.lines
    lines = [host.InvoiceLine(account_id=line.account_id, tax_id=line.tax_id, net=line.net, tax=line.tax)]
    lines[0].options = list(line.options)
    own = {"company_id": 1, "contact_id": like.contact_id, "day": like.day, "total": like.total}
    paid_world.save(host.Invoice(number="PART-1", lines=lines, **own))
    paid_world.sync()
    pay(paid_world, "PART-1", "0.00", "Paid")
    paid_world.sync()
    assert here(paid_world, "PART-1") == ["paid"]
    assert not [label for label, _ in paid_world.issues() if label.startswith("PART-1")]


def test_a_held_document_that_is_left_out_once_it_is_paid_is_no_longer_said_to_come_in(paid_world: World) -> None:
    with without_a_word(paid_world):
        paid_world.drain(paid_world.confirm())
        pay(paid_world, "PART-1", "0.00", "Paid")
        paid_world.sync()
    assert not [label for label, _ in paid_world.issues() if label.startswith("PART-1")]


@pytest.mark.parametrize("change", [{"due": "0.00", "state": "Paid"}, {"due": "400.01", "state": "Reversed"}])
def test_a_status_that_the_host_s_row_does_not_take_is_told(
    synced_world: World, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]
) -> None:
    """A callable status= can be read alone, and update= is missing."""
    (local,) = synced_world.app.extensions["intacct"].host.locals("invoice")
    pay(synced_world, "INV-1", **change)
    with monkeypatch.context() as patched:
        patched.setitem(local.entries, "status", lambda row: row.status)
        synced_world.sync()
    assert synced_world.issues() == [("INV-1", "not possible here")]
    synced_world.sync()
    assert (here(synced_world, "INV-1") != ["approved"], synced_world.issues()) == (True, [])


def test_a_paid_document_of_another_amount_becomes_paid_once_ours_is_put_right(synced_world: World) -> None:
    pay(synced_world, "INV-2", "0.00", "Paid")
    (row,) = synced_world.theirs("ARINVOICE", RECORDID="INV-2")
    (line,) = synced_world.theirs("ARINVOICEITEM", RECORDKEY=row["RECORDNO"])
    synced_world.sim.plant("ARINVOICEITEM", int(line["RECORDNO"]), TRX_AMOUNT=D("210.00"))
    synced_world.sim.modify("ARINVOICE", int(row["RECORDNO"]), TRX_TOTALENTERED=D("250.00"))
    synced_world.sync()
    assert synced_world.issues() == [("INV-2", "amounts differ")]
    ours = synced_world.one(host.Invoice, number="INV-2")
    ours.lines[0].net += D("10.00")
    ours.total = D("250.00")
    synced_world.save(ours)
    synced_world.sync()
    assert (here(synced_world, "INV-2"), synced_world.issues()) == (["paid"], [])


def test_a_joined_document_that_is_paid_there_is_told_where_the_host_has_no_word(synced_world: World) -> None:
    pay(synced_world, "INV-1", "0.00", "Paid")
    with without_a_word(synced_world):
        synced_world.sync()
        assert here(synced_world, "INV-1") == ["approved"]
        assert ("INV-1", "paid in Sage Intacct") in synced_world.issues()
    synced_world.sync()
    assert (here(synced_world, "INV-1"), synced_world.issues()) == (["paid"], [])
