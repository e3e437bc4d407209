"""Ids that the host gives away again where no session sees it: a person says whether the record is still the same."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import plain_sql

from flask_intacct import issues, links
from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Event, Issue, Link
from flask_intacct.onboarding import answers, connect
from flask_intacct.sync import run as runs

D = Decimal


@pytest.fixture
def synced(make_world: MakeWorld, on: str) -> World:
    """The initial sync is complete, on each database."""
    world: World = make_world(on=on, stage="synced")
    return world


def remade(table: str, number: str, fresh: str, day: str, contact: str, due: str = "") -> int:
    """A document is deleted, and another one made that gets its id and its lines; gives the id."""
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE number = '{number}'").mappings().one()
        of = connection.exec_driver_sql(f"SELECT * FROM {table}_line WHERE {table}_id = {found['id']}")
        line = of.mappings().all()
        party = connection.exec_driver_sql(f"SELECT id FROM contact WHERE name = '{contact}'").scalar_one()
        ids = ", ".join(str(row["id"]) for row in line)
        options = sa.Table(f"{table}_line_option", sa.MetaData(), autoload_with=connection)
        kept = connection.execute(sa.select(options).where(options.c[f"{table}_line_id"].in_([r["id"] for r in line])))
        tagged = [dict(row) for row in kept.mappings()]
        connection.exec_driver_sql(f"DELETE FROM {table}_line_option WHERE {table}_line_id IN ({ids})")
        connection.exec_driver_sql(f"DELETE FROM {table}_line WHERE id IN ({ids})")
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE id = {found['id']}")
        head, lines = (sa.Table(name, sa.MetaData(), autoload_with=connection) for name in (table, f"{table}_line"))
        row = dict(found) | {"number": fresh, "day": date.fromisoformat(day), "contact_id": party}
        row["due"] = date.fromisoformat(due) if due else None
        connection.execute(head.insert(), [row])
        connection.execute(lines.insert(), [dict(one) for one in line])
        connection.execute(options.insert(), tagged)
    return int(found["id"])


def other_contact(name: str, fresh: str, email: str, **more: str) -> int:
    """A contact is deleted, and another one made that gets its id; gives the id."""
    host.db.session.remove()
    with host.db.engine.begin() as connection:
        table = sa.Table("contact", sa.MetaData(), autoload_with=connection)
        found = connection.execute(sa.select(table).where(table.c.name == name)).mappings().one()
        row = dict(found) | {"name": fresh, "email": email, "vat": "", "phone": ""} | more
        if connection.dialect.name == "sqlite":
            connection.execute(table.delete().where(table.c.id == found["id"]))
            connection.execute(table.insert(), [row])
        else:  # foreign keys keep the row: what they leave of it is the same
            connection.execute(table.update().where(table.c.id == found["id"]).values(**row))
    return int(found["id"])


def asked(world: World, cause: str = issues.ANOTHER_RECORD) -> Issue:
    """The one open question."""
    (found,) = world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == cause)
    return found


SIDES = [
    pytest.param("invoice", "ARINVOICE", "INV-1", "Bob Brown", id="invoice"),
    pytest.param("bill", "APBILL", "BILL-1", "Eve Evans", id="bill"),
]


@pytest.mark.parametrize(("kind", "object_", "number", "contact"), SIDES)
def test_a_document_with_the_id_of_another_one_is_not_taken_for_it(
    synced: World, kind: str, object_: str, number: str, contact: str
) -> None:
    world = synced
    before = world.link(number)
    remade(kind, number, "NEW-1", "2026-04-01", contact)
    world.sync()
    assert world.issues() == [(number, "another record")]
    link = world.get(Link, before.id)
    assert (link.state, link.label, link.cents, link.hash) == ("suspended", number, before.cents, before.hash)
    said = str(asked(world).message)
    assert number in said
    assert "NEW-1" in said
    assert contact in said
    assert "NEW-1" not in world.numbers(object_)


@pytest.mark.parametrize("day", ["2026-04-01", "2025-04-01"], ids=["synced", "before the sync-from date"])
def test_nothing_comes_in_through_a_suspended_document(synced: World, day: str) -> None:
    world = synced
    remade("invoice", "INV-1", "NEW-1", day, "Bob Brown")
    (theirs,) = world.theirs("ARINVOICE", RECORDID="INV-1")
    world.sim.reverse("ARINVOICE", int(theirs["RECORDNO"]), date(2026, 5, 1))
    world.sync()
    world.sync()
    assert world.one(host.Invoice, number="NEW-1").status == "approved"
    assert world.host(host.Invoice, number="INV-1") == []
    assert world.issues() == [("INV-1", "another record")]


def test_another_document_begins_anew(synced: World) -> None:
    world = synced
    old = world.link("INV-1")
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.sync()
    answers.another(world.id, asked(world).id, "ada")
    assert world.issues() == [("INV-1", "deleted here")]
    assert (world.get(Link, old.id).state, world.get(Link, old.id).exclusive) == ("orphaned", None)
    world.sync()
    assert {"INV-1", "NEW-1"} <= set(world.numbers("ARINVOICE"))
    assert world.link("NEW-1").state == "linked"


def test_a_document_that_was_only_edited_goes_on_as_it_is_now(synced: World) -> None:
    world = synced
    old = world.link("INV-1")
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.sync()
    answers.same(world.id, asked(world).id, "ada")
    link = world.get(Link, old.id)
    assert (link.state, link.label, link.record_key) == ("linked", "NEW-1", old.record_key)
    world.sync()
    assert world.issues() == [("NEW-1", "amounts differ")]  # Intacct has it as it was
    assert world.numbers("ARINVOICE").count("NEW-1") == 0
    assert world.get(Link, old.id).state == "linked"


def test_a_document_that_is_again_what_it_was_goes_on(synced: World) -> None:
    world = synced
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.sync()
    assert world.link("INV-1").state == "suspended"
    remade("invoice", "NEW-1", "INV-1", "2026-02-01", "Alice Adams", due="2026-02-15")
    world.sync()
    assert (world.link("INV-1").state, world.issues()) == ("linked", [])


def test_an_edit_of_number_and_date_is_an_edit(synced: World) -> None:
    world = synced
    old = world.link("INV-1")
    plain_sql("UPDATE invoice SET number = 'NEW-1', day = '2026-04-01' WHERE number = 'INV-1'")
    world.sync()
    assert world.issues() == [("NEW-1", "amounts differ")]  # Intacct has it as it was
    assert (world.get(Link, old.id).state, world.get(Link, old.id).label) == ("linked", "NEW-1")


def test_a_document_that_was_only_read_is_read_anew(synced: World) -> None:
    world = synced
    draft = world.link("INV-5")
    assert draft.state == "undecided"
    remade("invoice", "INV-5", "NEW-1", "2026-04-01", "Bob Brown")
    world.sync()
    assert world.issues() == []
    assert (world.get(Link, draft.id).label, world.get(Link, draft.id).state) == ("NEW-1", "undecided")


def test_what_was_sent_for_another_document_is_still_looked_up_and_joined_to_nothing_else(
    make_world: MakeWorld, on: str
) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.drain(world.confirm())
    old = world.link("INV-1")
    assert world.issues() == [("INV-1", "outcome unknown")]
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.age(timedelta(minutes=1))
    world.sync()
    link = world.get(Link, old.id)
    assert (link.state, link.record_key != "", world.operations()["UNKNOWN"]) == ("suspended", True, 0)
    assert world.issues() == [("INV-1", "another record")]
    answers.another(world.id, asked(world).id, "ada")
    assert world.issues() == [("INV-1", "deleted here")]
    world.sync()
    assert {"INV-1", "NEW-1"} <= set(world.numbers("ARINVOICE"))
    assert world.link("NEW-1").state == "linked"


def test_what_was_sent_and_never_arrived_is_not_sent_again_for_another_document(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.faults.add("drop", when="before", function="create_invoice")
    world.drain(world.confirm())
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.age(timedelta(minutes=20))
    world.sync()
    world.sync()
    assert not {"INV-1", "NEW-1"} & set(world.numbers("ARINVOICE"))
    answers.same(world.id, asked(world).id, "ada")
    world.sync()
    assert (world.numbers("ARINVOICE").count("NEW-1"), world.issues()) == (1, [])


def test_what_touches_a_remade_document_is_asked_about_too(synced: World) -> None:
    world = synced
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    row = world.one(host.Invoice, number="NEW-1")
    row.reference = "touched"
    world.save(row)
    world.sync()
    assert world.issues() == [("INV-1", "another record")]


def test_a_contact_with_the_id_of_another_one_is_sent_no_documents_for(synced: World) -> None:
    world = synced
    alice = world.link("Alice Adams")
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    invoice = host.Invoice(
        company_id=1, number="NEW-1", contact_id=int(alice.local_id), day=date(2026, 4, 1), total=D("12.00"),
        lines=[host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"),
                                options=[world.one(host.Option, title="High Street")])],
    )  # fmt: skip
    world.save(invoice)
    world.sync()
    assert world.issues() == [("Alice Adams", "another record"), ("NEW-1", "contact in doubt")]
    assert "NEW-1" not in world.numbers("ARINVOICE")
    (waits,) = world.rows(Issue, Issue.live.is_not(None), Issue.label == "NEW-1")
    assert "Alice Adams" in str(waits.message)
    answers.same(world.id, asked(world).id, "ada")
    world.sync()
    assert world.issues() == []
    assert "NEW-1" in world.numbers("ARINVOICE")
    assert (world.get(Link, alice.id).state, world.get(Link, alice.id).label) == ("linked", "Grace Green")


def test_intacct_s_changes_do_not_reach_another_contact(synced: World) -> None:
    world = synced
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    world.sync()
    assert [row.name for row in world.host(host.Contact, email="grace@example.test")] == ["Grace Green"]
    answers.another(world.id, asked(world).id, "ada")
    world.sync()
    assert [row.name for row in world.host(host.Contact, email="grace@example.test")] == ["Grace Green"]


def test_documents_of_intacct_wait_for_a_contact_in_doubt(synced: World) -> None:
    world = synced
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    draft = next(row for row in world.theirs("ARINVOICE", RECORDID="DRAFT-1"))
    world.sim.modify("ARINVOICE", int(draft["RECORDNO"]), STATE="Posted")
    world.sync()
    assert world.host(host.Invoice, number="DRAFT-1") == []
    (waits,) = world.rows(Issue, Issue.live.is_not(None), Issue.label.startswith("DRAFT-1"))
    assert "Alice Adams" in str(waits.message)
    answers.same(world.id, asked(world).id, "ada")
    world.sync()
    assert (len(world.host(host.Invoice, number="DRAFT-1")), world.issues()) == (1, [])


def test_a_contact_that_is_to_be_created_is_not_created_as_another_one(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.confirm()
    other_contact("Carol Clark", "Grace Green", "grace@example.test")
    world.drain(run)
    assert world.theirs("CUSTOMER", NAME="Grace Green") == []
    assert ("Carol Clark", "another record") in world.issues()


def test_another_contact_begins_anew(synced: World) -> None:
    world = synced
    old = world.link("Alice Adams")
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    world.sync()
    answers.another(world.id, asked(world).id, "ada")
    assert (world.get(Link, old.id).state, world.get(Link, old.id).exclusive) == ("orphaned", None)
    world.sync()
    grace = world.link("Grace Green")
    assert (grace.id != old.id, grace.state, grace.local_id) == (True, "undecided", old.local_id)


def test_a_contact_in_two_roles_is_answered_for_once(synced: World) -> None:
    world = synced
    other_contact("Eve Evans", "Grace Green", "grace@example.test")
    world.sync()
    found = world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == issues.ANOTHER_RECORD)
    assert len(found) == len(world.links("contact", "suspended")) >= 2
    answers.same(world.id, found[0].id, "ada")
    assert (world.issues(), world.links("contact", "suspended")) == ([], [])


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE contact SET name = 'Alice Archer' WHERE name = 'Alice Adams'",
        "UPDATE contact SET email = 'other@example.test' WHERE name = 'Alice Adams'",
        "UPDATE contact SET name = 'Alice Archer', email = '' WHERE name = 'Alice Adams'",
        "UPDATE contact SET name = 'ALICE  ADAMS', email = 'other@example.test' WHERE name = 'Alice Adams'",
        "UPDATE contact SET name = 'Carl Clark', email = 'carl@example.test' WHERE name = 'Carol Clark'",
    ],
    ids=["name", "e-mail", "name, no e-mail", "only how it is written", "the same tax number"],
)
def test_an_edit_of_a_contact_is_an_edit(synced: World, edit: str) -> None:
    plain_sql(edit)
    synced.sync()
    assert (synced.issues(), synced.links("contact", "suspended")) == ([], [])


def test_what_intacct_changed_of_a_contact_is_no_other_contact(synced: World) -> None:
    world = synced
    (alice,) = world.theirs("CUSTOMER", CUSTOMERID="C1")
    world.sim.modify("CUSTOMER", "C1", NAME="Amy Archer")
    world.sim.modify("CONTACT", int(alice["DISPLAYCONTACTKEY"]), EMAIL1="amy@example.test")
    for _ in range(2):
        world.sync()
        assert (world.issues(), world.links("contact", "suspended")) == ([], [])
    assert len(world.host(host.Contact, name="Amy Archer", email="amy@example.test")) == 1


def test_before_confirm_the_row_is_decided_anew(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    old = world.link("Alice Adams")
    assert old.state == "matched"
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    world.drain(runs.start(world.id, runs.READ, "ada"))
    grace = world.link("Grace Green")
    assert (world.get(Link, old.id).state, grace.state, grace.record_key) == ("orphaned", "undecided", "")
    assert world.issues() == []


def test_a_question_can_t_be_put_aside_nor_its_record_decided(synced: World) -> None:
    world = synced
    other_contact("Alice Adams", "Grace Green", "grace@example.test")
    world.sync()
    with pytest.raises(Refused, match="waits for your answer"):
        issues.resolve(world.id, asked(world).id, "no matter", "ada")
    with pytest.raises(Refused, match="seems to be another record"):
        links.match(world.id, world.link("Alice Adams").id, world.record("C2").key, "ada")


def test_a_suspended_row_that_is_deleted_ends(synced: World) -> None:
    world = synced
    remade("invoice", "INV-1", "NEW-1", "2026-04-01", "Bob Brown")
    world.sync()
    host.db.session.delete(world.one(host.Invoice, number="NEW-1"))
    host.db.session.commit()
    assert world.issues() == [("INV-1", "deleted here")]
    assert world.link("INV-1").state == "orphaned"


def emptied() -> list[str]:
    order = ("invoice_line_option", "bill_line_option", "invoice_line", "bill_line", "invoice", "bill", "contact",
             "option", "category", "account", "tax_rate", "company")  # fmt: skip
    return [f"DELETE FROM {name}" for name in order]


def test_a_company_with_another_name_and_the_same_rows_is_the_same(synced: World) -> None:
    world = synced
    plain_sql("UPDATE company SET name = 'Southgate', currency = 'GBP'", "DELETE FROM bill_line_option",
              "DELETE FROM bill_line", "DELETE FROM bill")  # fmt: skip
    assert world.sync().state == "done"
    assert world.connection.company_name == "Southgate"


def test_a_company_that_was_renamed_goes_on(synced: World) -> None:
    world = synced
    plain_sql("UPDATE company SET name = 'Northgate Ltd'")
    assert world.sync().state == "done"
    assert (world.issues(), world.connection.company_name) == ([], "Northgate Ltd")
    (event,) = world.rows(Event, Event.action == "company renamed here")
    assert event.before == {"name": "Northgate"}


def moved_out(world: World) -> None:
    """The rows of the company are gone, and another one has its id."""
    plain_sql(*emptied())
    world.save(host.Company(id=1, name="Southgate"))
    world.save(host.Contact(id=900, company_id=1, name="Sam South", buys=True, email="sam@example.test"))


def test_a_company_of_which_nothing_is_left_but_its_id_is_held(synced: World) -> None:
    world = synced
    moved_out(world)
    seen = len(world.sim.requests)
    assert world.sync().state == "failed"
    assert len(world.sim.requests) == seen
    assert [cause for _, cause in world.issues()] == ["another company"]
    assert not world.rows(Link, Link.label == "Sam South")
    assert world.links("invoice", "linked")  # nothing was let go of
    said = str(asked(world, issues.ANOTHER_COMPANY).message)
    assert "Northgate" in said
    assert "Southgate" in said


def test_a_held_company_goes_on_once_somebody_says_it_is_the_same(synced: World) -> None:
    world = synced
    moved_out(world)
    world.sync()
    answers.same(world.id, asked(world, issues.ANOTHER_COMPANY).id, "ada")
    assert world.sync().state == "done"
    assert world.connection.company_name == "Southgate"
    assert world.link("Sam South").state == "undecided"


def test_the_connection_of_another_company_ends(synced: World) -> None:
    world = synced
    moved_out(world)
    world.sync()
    answers.another(world.id, asked(world, issues.ANOTHER_COMPANY).id, "ada")
    assert (world.connection.state, world.connection.live_company) == ("ended", None)
    (view,) = connect.companies()
    assert (view.name, view.state) == ("Southgate", "not_connected")
    assert connect.start("1", "ada").id != world.id
    assert world.get(Connection, world.id).state == "ended"
