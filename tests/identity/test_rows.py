"""Rows that the host deletes: their links end, and the next row with the same id inherits nothing."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import plain_sql

from flask_intacct import kinds, links
from flask_intacct.models import Event, Link, Operation
from flask_intacct.onboarding import connect
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.sync import ours, unsent

D = Decimal


def delete(*rows: Any) -> None:
    for row in rows:
        host.db.session.delete(row)
    host.db.session.commit()


def delete_invoice(world: World, number: str) -> int:
    """Delete an invoice with its lines; gives the id it had."""
    invoice = world.one(host.Invoice, number=number)
    was = invoice.id
    delete(invoice)
    return was


def new_invoice(world: World, number: str, contact: int = 1, **more: Any) -> host.Invoice:
    """An approved invoice with one line."""
    options = [world.one(host.Option, title="High Street")]
    line = host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=options)
    given = {"company_id": 1, "contact_id": contact, "day": date(2026, 4, 1), "total": D("12.00")} | more
    invoice = host.Invoice(number=number, lines=[line], **given)
    world.save(invoice)
    return invoice


def without_lines(table: str, where: str) -> tuple[str, str, str]:
    """Statements that delete documents with all that hangs on them."""
    lines = f"SELECT id FROM {table}_line WHERE {table}_id IN (SELECT id FROM {table} WHERE {where})"
    return (
        f"DELETE FROM {table}_line_option WHERE {table}_line_id IN ({lines})",
        f"DELETE FROM {table}_line WHERE id IN ({lines})",
        f"DELETE FROM {table} WHERE {where}",
    )


@pytest.fixture
def synced(make_world: MakeWorld, on: str) -> World:
    """The initial sync is complete, on each database."""
    world: World = make_world(on=on, stage="synced")
    return world


def test_a_new_tenant_with_the_id_of_a_deleted_one_is_not_linked_to_its_customer(synced: World) -> None:
    world = synced
    world.save(host.Contact(company_id=1, name="Frank Field", buys=True, email="frank@example.test"))
    was = world.one(host.Contact, name="Frank Field").id
    world.sync()
    frank = world.link("Frank Field")
    links.create(world.id, [frank.id], "", "ada", confirmed=True)
    world.sync()
    old = world.link("Frank Field")
    assert old.state == "linked"
    delete(world.one(host.Contact, name="Frank Field"))
    world.save(host.Contact(id=was, company_id=1, name="Grace Green", buys=True, email="grace@example.test"))
    new_invoice(world, "NEW-1", was)
    world.sync()
    assert "NEW-1" not in world.numbers("ARINVOICE")
    grace = world.link("Grace Green")
    assert (grace.id != old.id, grace.state, grace.record_key) == (True, "undecided", "")
    links.create(world.id, [grace.id], "", "ada", confirmed=True)
    world.sync()
    (invoice,) = world.theirs("ARINVOICE", RECORDID="NEW-1")
    (customer,) = world.theirs("CUSTOMER", CUSTOMERID=invoice["CUSTOMERID"])
    assert customer["NAME"] == "Grace Green"


def test_a_new_contact_with_the_id_that_another_one_had_is_not_linked_to_its_customer(synced: World) -> None:
    eve = synced.one(host.Contact, name="Eve Evans")
    old, eve.id = eve.id, 900
    synced.save(eve)
    synced.save(host.Contact(id=old, company_id=1, name="Nora Next", buys=True))
    synced.sync()
    assert {link.record_key for link in synced.rows(Link, Link.source == "contact", Link.local_id == str(old))} == {""}
    assert [row.name for row in synced.host(host.Contact, id=old)] == ["Nora Next"]


def test_a_new_invoice_with_the_id_of_a_deleted_one_is_sent(synced: World) -> None:
    world = synced
    was = delete_invoice(world, "INV-1")
    new_invoice(world, "NEW-1", id=was)
    world.sync()
    assert {"INV-1", "NEW-1"} <= set(world.numbers("ARINVOICE"))
    assert world.link("NEW-1").state == "linked"


def test_what_intacct_still_has_is_an_issue_that_names_it(synced: World) -> None:
    world = synced
    delete_invoice(world, "INV-1")
    assert world.issues() == [("INV-1", "deleted here")]
    world.sync()
    assert world.issues() == [("INV-1", "deleted here")]
    assert world.host(host.Invoice, number="INV-1") == []  # nor does it come in again
    link = world.link("INV-1")
    assert (link.state, link.exclusive, link.record_key != "") == ("orphaned", None, True)
    (event,) = world.rows(Event, Event.action == "invoice deleted here")
    assert (event.subject, event.before["state"]) == ("INV-1", "linked")


def test_an_invoice_that_is_keyed_anew_is_joined_to_the_one_in_intacct(synced: World) -> None:
    world = synced
    invoice = new_invoice(world, "NEW-1")
    world.sync()
    delete(invoice)
    new_invoice(world, "NEW-1")
    world.sync()
    assert world.numbers("ARINVOICE").count("NEW-1") == 1
    assert sorted(link.state for link in world.rows(Link, Link.label == "NEW-1")) == ["linked", "orphaned"]
    assert world.issues() == []


def test_a_deleted_row_frees_its_intacct_record_for_another_one(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.match("7999 Sundry", "6100")
    plan = world.plan().digest
    delete(world.one(host.Account, title="Sundry"))
    assert world.link("7999 Sundry").exclusive is None
    assert world.connection.plan_digest == "" != plan
    assert world.issues() == []


def test_a_delete_that_is_rolled_back_changes_nothing(synced: World) -> None:
    world = synced
    host.db.session.delete(world.one(host.Invoice, number="INV-1"))
    host.db.session.flush()
    host.db.session.rollback()
    assert (world.link("INV-1").state, world.issues()) == ("linked", [])
    assert not world.rows(Event, Event.action == "invoice deleted here")


def test_a_delete_in_a_savepoint_that_is_rolled_back_changes_nothing(synced: World) -> None:
    world = synced
    invoice = world.one(host.Invoice, number="INV-1")
    world.one(host.Company).name = "Northgate Ltd"
    savepoint = host.db.session.begin_nested()
    host.db.session.delete(invoice)
    host.db.session.flush()
    savepoint.rollback()
    host.db.session.commit()
    assert world.one(host.Company).name == "Northgate Ltd"
    assert (world.link("INV-1").state, world.issues()) == ("linked", [])


@pytest.mark.parametrize("synchronize", ["auto", "fetch", False])
def test_rows_deleted_in_bulk_are_deleted(synced: World, synchronize: Any) -> None:
    world = synced
    invoice = world.one(host.Invoice, number="INV-1")
    for line in list(invoice.lines):
        host.db.session.delete(line)
    host.db.session.flush()
    statement = sa.delete(host.Invoice).where(host.Invoice.number == sa.bindparam("wanted"))
    options = {"synchronize_session": synchronize}
    gone = host.db.session.execute(statement, {"wanted": "INV-1"}, execution_options=options)
    assert isinstance(gone, sa.CursorResult)
    assert gone.rowcount == 1
    host.db.session.commit()
    assert [link.label for link in world.links("invoice", "orphaned")] == ["INV-1"]


def test_a_bulk_delete_that_names_what_was_changed_a_moment_ago(synced: World) -> None:
    world = synced
    bill = world.one(host.Bill, number="BILL-1")
    bill.lines.clear()
    bill.reference = "goes"
    host.db.session.execute(sa.delete(host.Bill).where(host.Bill.reference == "goes"))
    host.db.session.commit()
    assert [link.label for link in world.links("bill", "orphaned")] == ["BILL-1"]


def test_a_bulk_delete_gives_back_what_the_host_asks_for(synced: World) -> None:
    there = [bill.id for bill in synced.host(host.Bill)]
    host.db.session.execute(host.db.metadata.tables["bill_line_option"].delete())
    host.db.session.execute(sa.delete(host.BillLine))
    gone = host.db.session.execute(sa.delete(host.Bill).returning(host.Bill.id)).scalars().all()
    host.db.session.commit()
    assert sorted(gone) == there
    assert not synced.links("bill", "linked")


def test_a_bulk_delete_that_is_rolled_back_changes_nothing(synced: World) -> None:
    world = synced
    host.db.session.execute(host.db.metadata.tables["bill_line_option"].delete())
    host.db.session.execute(sa.delete(host.BillLine))
    host.db.session.execute(sa.delete(host.Bill))
    host.db.session.rollback()
    assert (len(world.host(host.Bill)) > 0, world.links("bill", "orphaned")) == (True, [])


def test_a_bulk_delete_of_nothing_is_as_cheap_as_ever(synced: World) -> None:
    host.db.session.execute(sa.delete(host.Invoice).where(host.Invoice.number == "nothing"))
    host.db.session.commit()
    assert synced.links("invoice", "orphaned") == []


def statements(act: Any) -> list[str]:
    """What the database is told while something is done."""
    said: list[str] = []
    listener = lambda conn, cursor, statement, *_: said.append(statement)  # noqa: E731
    sa.event.listen(host.db.engine, "before_cursor_execute", listener)
    try:
        act()
    finally:
        sa.event.remove(host.db.engine, "before_cursor_execute", listener)
    return [statement for statement in said if "intacct_" in statement]


def test_a_flush_costs_one_note_of_documents_and_one_query_for_deleted_rows(synced: World) -> None:
    world = synced
    world.save(*(host.Account(company_id=1, title=f"Unknown {n}") for n in range(3)))
    line = host.InvoiceLine(account_id=1, net=D("1.00"), invoice_id=world.one(host.Invoice, number="INV-7").id)
    world.save(line)
    (note,) = statements(lambda: delete(line))
    assert note.startswith("INSERT INTO intacct_touch")
    unknown = [row for row in world.host(host.Account) if row.title.startswith("Unknown")]
    (query,) = statements(lambda: delete(*unknown))
    assert query.startswith("SELECT intacct_link.id")


def test_another_entity_reopens_no_deleted_row(decided_world: World) -> None:
    world = decided_world
    tenant = world.links(kinds.CONTACT, "matched")[0]
    plain_sql("UPDATE invoice SET contact_id = 2", "UPDATE bill SET contact_id = 2")
    delete(host.db.session.get(host.Contact, int(tenant.local_id)))
    connect.entity(world.id, "E2", "", False, "ada", reopen=99)
    assert world.get(Link, tenant.id).state == "orphaned"


def test_what_was_never_sent_for_a_deleted_row_is_withdrawn(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    world.sim.faults.add("refuse", function="create_invoice", times=1)
    world.drain(world.confirm())
    (refused,) = [row for row in world.rows(Operation) if row.state == "REJECTED"]
    delete_invoice(world, world.get(Link, refused.link_id).label)
    assert (world.get(Operation, refused.id).state, world.issues()) == ("CANCELLED", [])


def lost(world: World) -> None:
    """The answer to the first invoice is lost after Intacct has made it."""
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    assert world.issues() == [("INV-1", "outcome unknown")]


def test_what_was_sent_for_a_deleted_row_is_still_looked_up_and_told(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    lost(world)
    was = delete_invoice(world, "INV-1")
    new_invoice(world, "NEW-1", id=was)
    assert world.operations()["UNKNOWN"] == 1
    world.age(timedelta(minutes=1))
    world.sync()
    assert (world.operations()["UNKNOWN"], world.issues()) == (0, [("INV-1", "deleted here")])
    assert (world.link("INV-1").state, world.link("INV-1").exclusive) == ("orphaned", None)
    assert world.host(host.Invoice, number="INV-1") == []
    assert world.link("NEW-1").state == "linked"


def test_what_was_sent_for_a_deleted_row_and_never_arrived_is_given_up(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.faults.add("drop", when="before", function="create_invoice")
    world.drain(world.confirm())
    delete_invoice(world, "INV-1")
    world.age(timedelta(minutes=20))
    world.sync()
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert (world.operations()["CANCELLED"], world.operations()["READY"], world.issues()) == (1, 0, [])


def test_what_plain_sql_deleted_is_found_by_the_next_sync_before_anything_is_sent(synced: World) -> None:
    world = synced
    plain_sql(*without_lines("invoice", "number = 'INV-1'"))
    assert world.link("INV-1").state == "linked"
    world.sync()
    assert (world.link("INV-1").state, world.issues()) == ("orphaned", [("INV-1", "deleted here")])


def test_a_contact_to_be_created_that_plain_sql_deleted_is_not_sent(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    carol = world.one(host.Contact, name="Carol Clark").id
    plain_sql(*without_lines("invoice", f"contact_id = {carol}"), f"DELETE FROM contact WHERE id = {carol}")
    world.drain(run)
    assert world.theirs("CUSTOMER", NAME="Carol Clark") == []
    assert world.link("Carol Clark").state == "orphaned"


def test_a_document_that_plain_sql_deleted_after_it_was_made_ready_is_not_sent(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, on: str
) -> None:
    world = make_world(on=on, stage="decided")
    look = ours.retire_gone

    def gone_now(job: Any, found: Any) -> int:
        links = list(found)
        if links[0].kind == "invoice":
            plain_sql(*without_lines("invoice", "number = 'INV-1'"))
        return look(job, links)

    monkeypatch.setattr(unsent, "retire_gone", gone_now)
    world.drain(world.confirm())
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert world.link("INV-1").state == "orphaned"


CHANGES = {
    "voided": ("UPDATE invoice SET status = 'void' WHERE number = 'INV-1'", False),
    "other reference": ("UPDATE invoice SET reference = 'late' WHERE number = 'INV-1'", True),
    "another company's": ("UPDATE invoice SET company_id = 2 WHERE number = 'INV-1'", False),
}


@pytest.mark.parametrize(("statement", "goes"), CHANGES.values(), ids=list(CHANGES))
def test_a_document_that_is_changed_after_it_was_made_ready_is_not_sent_as_it_was(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, on: str, statement: str, goes: bool
) -> None:
    world = make_world(on=on, stage="decided")
    world.save(host.Company(id=2, name="Another Ltd"))
    look = ours.retire_gone

    def meanwhile(job: Any, found: Any) -> int:
        links = list(found)
        if links[0].kind == "invoice":
            plain_sql(statement)
        return look(job, links)

    monkeypatch.setattr(unsent, "retire_gone", meanwhile)
    assert world.drain(world.confirm()).state == "done"
    assert "INV-1" not in world.numbers("ARINVOICE")
    assert ("INV-1", "changed meanwhile") in world.issues()
    world.sync()
    assert ("INV-1" in world.numbers("ARINVOICE")) is goes
    assert ("INV-1", "changed meanwhile") not in world.issues()


def test_the_host_goes_on_while_our_tables_are_missing(synced: World, caplog: pytest.LogCaptureFixture) -> None:
    world = synced
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE intacct_link RENAME TO away")
    with caplog.at_level(logging.ERROR):
        delete_invoice(world, "INV-1")
    assert "the next sync finds them" in caplog.text
    assert world.host(host.Invoice, number="INV-1") == []
    with host.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO intacct_link")
    world.sync()
    assert world.issues() == [("INV-1", "deleted here")]


def test_a_row_that_is_only_hidden_from_the_session_is_not_gone(synced: World) -> None:
    world = synced

    def hide(execution: Any) -> None:
        if execution.is_select:
            hidden = sa.orm.with_loader_criteria(host.Account, host.Account.title != "Rent")
            execution.statement = execution.statement.options(hidden)

    sa.event.listen(host.db.session, "do_orm_execute", hide)
    try:
        host.db.session.execute(sa.delete(host.Account).where(host.Account.title == "nothing"))
        host.db.session.commit()
        world.sync()
    finally:
        sa.event.remove(host.db.session, "do_orm_execute", hide)
    assert world.link("4000 Rent").local_id == "1"


def test_unlinking_paths_of_a_row_that_stays_are_unaffected(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    rent = world.link("4000 Rent")
    links.undo(world.id, [rent.id], "ada")
    delete(world.one(host.Account, title="Sundry"))
    assert world.match("4000 Rent", "4000").state == "matched"


def test_link_for_a_row_with_a_deleted_row_s_id_is_none(synced: World) -> None:
    world = synced
    intacct = host.describe(identity=lambda: "ada")
    was = delete_invoice(world, "INV-1")
    fresh = new_invoice(world, "NEW-1", id=was)
    assert intacct.link_for(fresh) is None
    assert intacct.can_edit(fresh)


def test_a_row_deleted_while_it_is_on_the_wire_is_told_when_the_answer_comes(
    make_world: MakeWorld, on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(on=on, stage="decided")
    run, create = world.confirm(), FUNCTIONS["create_invoice"]

    def meanwhile(call: Any) -> str:
        monkeypatch.setitem(FUNCTIONS, "create_invoice", create)
        with world.app.app_context():
            delete_invoice(world, "INV-1")
        return create(call)

    monkeypatch.setitem(FUNCTIONS, "create_invoice", meanwhile)
    assert world.drain(run).state == "done"
    assert (world.link("INV-1").state, world.issues()) == ("orphaned", [("INV-1", "deleted here")])
    assert world.numbers("ARINVOICE").count("INV-1") == 1
    assert world.host(host.Invoice, number="INV-1") == []
