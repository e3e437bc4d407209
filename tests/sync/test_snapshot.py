"""The host's documents are read once and kept: what the host touches is read again, what it never told by a scan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import counted

from flask_intacct.errors import Stale
from flask_intacct.host import Host
from flask_intacct.ledger import money
from flask_intacct.models import Issue, Link, LinkUse, LinkValue, Touch
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import executor, touched

D = Decimal


LATE = """
    INSERT INTO invoice (company_id, number, contact_id, day, reference, status, currency, total)
    VALUES (1, 'LATE', 1, '2026-03-01', '', 'approved', 'GBP', 1)
"""


def more(world: World, number: int) -> None:
    """So many more documents like INV-1."""
    pattern = world.one(host.Invoice, number="INV-1")
    option = pattern.lines[0].options[0]
    world.save(
        *(
            host.Invoice(
                number=f"MORE-{at}", company_id=1, contact_id=pattern.contact_id, total=D("12.00"),
                day=date(2026, 3, 1 + at % 28),
                lines=[host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=[option])],
            )
            for at in range(number)
        )
    )  # fmt: skip


def plainly(statement: str) -> None:
    """Change the host's tables where no session of it sees it."""
    with host.db.engine.begin() as connection:
        connection.execute(sa.text(statement))


def document(world: World, label: str) -> Link:
    return world.link(label, kind="invoice")


@pytest.mark.parametrize("drafts", [20, 400])
def test_a_sync_of_unchanged_books_costs_no_statement_of_ours_for_a_document(
    synced_world: World, drafts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "MOMENT", 60)  # however slow the machine
    world = synced_world
    more(world, drafts)
    world.sync()
    with counted() as statements:
        run = world.sync()
    assert (run.state, world.operations()["DONE"]) == ("done", 7 + drafts)
    assert len([one for one in statements if "intacct_" in one]) < 425


def test_what_a_document_is_and_uses_stands_beside_its_link(decided_world: World) -> None:
    world = decided_world
    world.plan()
    ours = world.one(host.Invoice, number="INV-1")
    link = document(world, "INV-1")
    gross = sum((line.net + line.tax for line in ours.lines), D(0))
    assert (money(link.cents), link.day) == (gross, ours.day)
    assert (link.status, link.party) == ("approved", str(ours.contact_id))
    (value,) = world.rows(LinkValue, LinkValue.link_id == link.id)
    assert value.value["number"] == "INV-1"
    used = {(use.kind, use.role): use.lines for use in world.rows(LinkUse, LinkUse.link_id == link.id)}
    assert used["contact", "customer"] == len(ours.lines)


def test_a_document_that_the_session_changes_is_read_again_without_a_scan(synced_world: World) -> None:
    world = synced_world
    draft = host.Invoice(
        number="NEW-1", company_id=1, contact_id=1, total=D("12.00"), day=date(2026, 3, 1), status="draft",
        lines=[host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"))],
    )  # fmt: skip
    world.save(draft)
    world.sync()
    assert document(world, "NEW-1").status == "draft"
    draft = world.one(host.Invoice, number="NEW-1")
    draft.lines[0].net = D("20.00")
    draft.total = D("22.00")
    world.save(draft)
    touched.dispatch(current())
    assert (document(world, "NEW-1").seen_at < 0, world.rows(Touch)) == (True, [])
    world.sync()
    assert (document(world, "NEW-1").cents, document(world, "NEW-1").seen_at > 0) == (2200, True)


def test_a_line_that_moves_touches_both_of_its_documents(decided_world: World) -> None:
    world = decided_world
    world.plan()
    one, other = world.one(host.Invoice, number="INV-1"), world.one(host.Invoice, number="INV-2")
    names = {one.number, other.number}
    line = one.lines[0]
    line.invoice_id = other.id
    world.save(line)
    touched.dispatch(current())
    assert {link.label for link in world.links("invoice") if link.seen_at < 0} == names


def test_a_bulk_update_of_the_session_touches_what_its_condition_names(decided_world: World) -> None:
    world = decided_world
    world.plan()
    host.db.session.execute(
        sa.update(host.Invoice).where(host.Invoice.number == "INV-1").values(reference="By hand")
    )  # fmt: skip
    host.db.session.commit()
    touched.dispatch(current())
    assert [link.label for link in world.links("invoice") if link.seen_at < 0] == ["INV-1"]


def test_what_is_rolled_back_touches_nothing(decided_world: World) -> None:
    world = decided_world
    world.plan()
    ours = world.one(host.Invoice, number="INV-1")
    ours.reference = "By hand"
    host.db.session.flush()
    host.db.session.rollback()
    assert world.rows(Touch) == []


def test_a_document_that_is_touched_right_after_it_was_read_is_read_once_more(
    decided_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = decided_world
    page, changes = Host.page, iter(["Second"])

    def page_late(*given: Any, **more: Any) -> Any:
        found = page(*given, **more)
        for word in changes:
            ours = world.one(host.Invoice, number="INV-1")
            ours.reference = word
            world.save(ours)
            touched.dispatch(current())
        return found

    world.plan()
    monkeypatch.setattr(Host, "page", page_late)
    world.plan()
    (value,) = world.rows(LinkValue, LinkValue.link_id == document(world, "INV-1").id)
    assert (value.value["reference"], document(world, "INV-1").seen_at > 0) == ("Second", True)


def test_a_change_by_plain_sql_between_plan_and_confirm_is_not_sent_by_the_initial_sync(decided_world: World) -> None:
    world = decided_world
    plan = world.plan()
    plainly("UPDATE invoice SET reference = 'Behind your back' WHERE number = 'INV-1'")
    world.drain(connect.confirm(world.id, plan.digest, "ada"))
    assert ("INV-1", "changed since the plan") in world.issues()
    assert "INV-1" not in world.numbers("ARINVOICE")
    world.sync()
    assert world.numbers("ARINVOICE").count("INV-1") == 1
    assert ("INV-1", "changed since the plan") not in world.issues()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM invoice_line_option",
        LATE,
    ],
    ids=["options", "invoice"],
)
def test_documents_that_come_by_plain_sql_before_confirm_make_the_plan_stale(
    decided_world: World, statement: str
) -> None:
    world = decided_world
    plan = world.plan()
    plainly(statement)
    if "LATE" in statement:
        with pytest.raises(Stale):
            connect.confirm(world.id, plan.digest, "ada")
    else:  # no row of the documents came or went: the initial sync finds them changed
        world.drain(connect.confirm(world.id, plan.digest, "ada"))
        assert [cause for _, cause in world.issues() if cause == "changed since the plan"]


def test_a_draft_that_was_only_read_leaves_nothing_behind_when_it_is_deleted(synced_world: World) -> None:
    world = synced_world
    draft = host.Invoice(
        number="NEW-1", company_id=1, contact_id=1, total=D("0.00"), day=date(2026, 3, 1), status="draft"
    )  # fmt: skip
    world.save(draft)
    world.sync()
    link = document(world, "NEW-1")
    host.db.session.delete(world.one(host.Invoice, number="NEW-1"))
    host.db.session.commit()
    assert world.rows(Link, Link.id == link.id) == []
    assert world.rows(LinkValue, LinkValue.link_id == link.id) == []
    assert world.rows(Issue, Issue.subject == f"link:{link.id}") == []


def test_a_document_that_left_the_scope_is_not_sent(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    world.plan()
    plainly("UPDATE invoice SET day = '2020-01-01' WHERE number = 'INV-1'")
    world.drain(world.confirm())
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert document(world, "INV-1").seen_at == 0
