"""What was sent is read back and compared until it is the same, the first of a kind before a second one goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host

from flask_intacct import issues, signals
from flask_intacct.models import Issue, Link, Run
from flask_intacct.state import current
from flask_intacct.translate import translators

from .mistakes import failing, translate

D = Decimal
LATE = timedelta(minutes=17)
OTHERS = {"INV-3", "INV-4"}


def unread(world: World, monkeypatch: pytest.MonkeyPatch, number: str) -> Run:
    """The initial sync, in which one invoice can't be read back."""
    with monkeypatch.context() as patched:
        translate(patched, read=failing(translators.of("invoice").read, number))
        return world.drain(world.confirm())


def key(world: World, number: str) -> int:
    (row,) = world.theirs("ARINVOICE", RECORDID=number)
    return int(row["RECORDNO"])


def split(world: World, number: str, net: str, tax: str) -> None:
    """Let the one line of an invoice be another amount and another tax in Intacct."""
    invoice = key(world, number)
    (line,) = world.theirs("ARINVOICEITEM", RECORDKEY=invoice)
    (entry,) = world.theirs("TAXRECORD", PRRECORDKEY=str(invoice))
    world.sim.plant("ARINVOICEITEM", int(line["RECORDNO"]), TRX_AMOUNT=D(net))
    world.sim.plant("TAXRECORD", int(entry["RECORDNO"]), TRXTAXAMOUNT=D(tax))
    world.sim.modify("ARINVOICE", invoice, DESCRIPTION=f"{net} and {tax}")


def mixed(world: World, number: str = "INV-1") -> None:
    """Let an invoice of several lines have another date in Intacct."""
    world.sim.modify("ARINVOICE", key(world, number), WHENCREATED=date(2026, 2, 27))


def mended(world: World, number: str = "INV-1", day: date = date(2026, 2, 1)) -> None:
    world.sim.modify("ARINVOICE", key(world, number), WHENCREATED=day)


def sent(world: World) -> set[str]:
    return OTHERS & set(world.numbers("ARINVOICE"))


def told(world: World) -> list[tuple[str, str]]:
    """What is open of our own documents."""
    return [(label, cause) for label, cause in world.issues() if label.startswith("INV-")]


def handle(world: World) -> None:
    for row in world.rows(Issue, Issue.live.is_not(None)):
        issues.resolve(world.id, row.id, "It is all right.", "ada")


def in_step(world: World) -> None:
    """All was sent, once, and nothing is left to look at."""
    assert world.issues() == []
    assert sent(world) == OTHERS
    assert set(world.executions()) == {1}


@contextmanager
def once_posted(number: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something when an invoice was posted and is not read back yet."""

    def posted(sender: Any, **given: Any) -> None:
        with current().transaction() as session:
            label = session.get_one(Link, given["link_id"]).label
        if label == number:
            act()

    with signals.document_posted.connected_to(posted):
        yield


def plain_sql(statement: str) -> None:
    with host.db.engine.begin() as connection:
        connection.execute(sa.text(statement))


# a later document


def test_a_document_that_could_not_be_compared_is_compared_by_net_and_tax_later(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    assert unread(world, monkeypatch, "INV-3").state == "done"
    assert told(world) == [("INV-3", "not compared")]
    split(world, "INV-3", "101.00", "19.00")
    assert world.sync().state == "done"
    assert world.issues() == [("INV-3", "amounts differ")]


@pytest.mark.parametrize("on_side", ["Intacct's", "ours"])
def test_a_document_that_was_made_otherwise_stays_so_until_the_two_agree(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, anywhere: str, on_side: str
) -> None:
    world = make_world(on=anywhere, stage="decided")
    unread(world, monkeypatch, "INV-3")
    split(world, "INV-3", "101.00", "19.00")
    world.sync()
    world.sim.modify("ARINVOICE", key(world, "INV-3"), DESCRIPTION="Changed")
    world.sync()
    assert world.issues() == [("INV-3", "amounts differ")]
    if on_side == "ours":
        plain_sql(
            "UPDATE invoice_line SET net = 101, tax = 19"
            " WHERE invoice_id IN (SELECT id FROM invoice WHERE number = 'INV-3')"
        )
    else:
        split(world, "INV-3", "100.00", "20.00")
    world.sync()
    in_step(world)


def test_what_was_paid_of_a_document_that_was_made_otherwise_is_shown_here(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    unread(world, monkeypatch, "INV-4")
    plain_sql("UPDATE invoice SET status = 'approved' WHERE number = 'INV-4'")
    world.sim.modify("ARINVOICE", key(world, "INV-4"), STATE="Posted")
    split(world, "INV-4", "101.00", "19.00")
    world.sync()
    world.sim.pay("ARINVOICE", key(world, "INV-4"), D("120.00"))
    world.sync()
    assert world.one(host.Invoice, number="INV-4").status == "paid"
    assert world.issues() == [("INV-4", "amounts differ")]


def test_a_document_that_intacct_does_not_give_back_is_an_issue(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-3", lambda: world.sim.delete("ARINVOICE", key(world, "INV-3"))):
        assert world.drain(world.confirm()).state == "done"
    assert world.issues() == [("INV-3", "not compared")]
    assert "INV-4" in sent(world)


# the first of its kind


def test_a_first_document_that_could_not_be_compared_is_compared_by_the_next_sync_before_others_go(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    assert unread(world, monkeypatch, "INV-1").state == "failed"
    assert (sent(world), told(world)) == (set(), [("INV-1", "not compared")])
    before = len(world.sim.requests)
    assert world.sync().state == "done"
    in_step(world)
    asked = [name for request in world.sim.requests[before:] for name in request.functions]
    assert "read" in asked[: asked.index("create_invoice")]


def test_a_first_document_that_turns_out_to_be_otherwise_stops_until_the_two_agree(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    unread(world, monkeypatch, "INV-1")
    mixed(world)
    run = world.sync()
    assert (run.state, sent(world), told(world)) == ("failed", set(), [("INV-1", "amounts differ")])
    assert "INV-1: date" in str(run.problem)
    run = world.sync()
    assert (run.state, sent(world)) == ("failed", set())
    assert "INV-1: date" in str(run.problem)
    mended(world)
    assert world.sync().state == "done"
    in_step(world)


def test_after_a_first_document_that_a_person_handled_the_next_goes_alone(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    unread(world, monkeypatch, "INV-1")
    mixed(world)
    world.sync()
    handle(world)
    with once_posted("INV-3", lambda: split(world, "INV-3", "101.00", "19.00")):
        assert world.sync().state == "failed"
    assert (sent(world), told(world)) == ({"INV-3"}, [("INV-3", "amounts differ")])
    handle(world)
    assert world.sync().state == "done"
    in_step(world)


def test_no_second_document_goes_while_our_row_of_the_first_can_not_be_read(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-1", lambda: plain_sql("UPDATE invoice SET total = 'much' WHERE number = 'INV-1'")):
        run = world.drain(world.confirm())
    assert (run.state, sent(world)) == ("failed", set())
    assert ("INV-1", "not compared") in world.issues()
    plain_sql("UPDATE invoice SET total = 400.01 WHERE number = 'INV-1'")
    assert world.sync().state == "done"
    in_step(world)


def test_no_second_document_goes_while_intacct_does_not_give_the_first_back(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-1", lambda: world.sim.delete("ARINVOICE", key(world, "INV-1"))):
        run = world.drain(world.confirm())
    assert (run.state, sent(world)) == ("failed", set())
    assert ("INV-1", "not compared") in world.issues()
    assert world.sync().state == "done"
    assert (sent(world), world.issues()) == (OTHERS, [("INV-1", "deleted in Sage Intacct")])


def test_no_second_document_goes_while_nobody_knows_what_became_of_the_first(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    assert world.drain(world.confirm()).state == "done"
    assert sent(world) == set()
    world.age(LATE)
    assert world.sync().state == "done"
    in_step(world)


def test_a_first_document_that_was_looked_up_is_compared_before_others_go(decided_world: World) -> None:
    world = decided_world
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    world.sim.modify("ARINVOICE", key(world, "INV-1"), WHENDUE=date(2026, 3, 15))
    world.age(LATE)
    assert world.sync().state == "failed"
    assert (sent(world), told(world)) == (set(), [("INV-1", "amounts differ")])


def test_no_second_document_goes_while_only_a_person_can_tell_what_became_of_the_first(
    make_world: MakeWorld,
) -> None:
    world = make_world(stage="decided")
    world.sim.switches.unique_invoice_numbers = False
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    request = next(one for one in world.sim.requests if "create_invoice" in one.functions)
    function = request.body[request.body.index("<create_invoice") :]
    world.sim.run(function[: function.index("</create_invoice>") + len("</create_invoice>")], "E1")
    world.age(LATE)
    run = world.sync()
    assert (run.state, sent(world)) == ("failed", set())
    handle(world)
    assert world.sync().state == "done"
    assert sent(world) == OTHERS


def test_a_document_that_was_reversed_before_it_was_read_back_is_voided_here(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-3", lambda: world.sim.reverse("ARINVOICE", key(world, "INV-3"), date(2026, 5, 1))):
        assert world.drain(world.confirm()).state == "done"
    assert world.one(host.Invoice, number="INV-3").status == "void"
    in_step(world)


def test_a_document_that_was_paid_before_it_was_read_back_is_paid_here(decided_world: World) -> None:
    world = decided_world
    with once_posted("INV-1", lambda: world.sim.pay("ARINVOICE", key(world, "INV-1"), D("400.01"))):
        assert world.drain(world.confirm()).state == "done"
    assert world.one(host.Invoice, number="INV-1").status == "paid"
    in_step(world)
