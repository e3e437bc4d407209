"""Dates in whatever form the Web Services user has them: read and written in it, and nothing while it is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import MakeWorld, World, books, host

from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Cursor, Issue, Record
from flask_intacct.onboarding import connect
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.state import current
from flask_intacct.sync import form, job_context

D = Decimal
FORMS = (("/dmY", "24"), (".dmY", "12"), ("-Ymd", "24"), ("/mdY", "12"), ("/dmy", "24"))


def write_dates(world: World, order: str, clock: str = "24", offset: str = "+0000") -> None:
    world.sim.switches.date_format, world.sim.switches.clock = order, clock
    world.sim.switches.gmt_offset = offset


def hide_form(world: World) -> None:
    """The user may not ask how its dates are written."""
    world.sim.faults.add(
        "refuse", function="readUserFormatting", times=0, errorno="PL04000005", text="You do not have permission."
    )


def early(day: date) -> date:
    """The same month, and a day that may be a month."""
    return day.replace(day=min(day.day, 12))


def ambiguous_company() -> Dataset:
    """A company without a single date that tells day from month."""
    data = books.intacct_company()
    papers: dict[str, Any] = {
        name: tuple(replace(one, date=early(one.date), due=early(one.due)) for one in getattr(data, name))
        for name in ("invoices", "bills")
    }
    return replace(data, **papers)


def set_stamps(world: World, month: int, day: int) -> None:
    """Let all records be changed last on this day."""
    for object_ in ("GLACCOUNT", "CUSTOMER", "VENDOR", "ARINVOICE", "APBILL"):
        table = world.sim.company.store[object_]
        for row in list(table):
            table.put(row | {"WHENMODIFIED": row["WHENMODIFIED"].replace(month=month, day=day)})


@pytest.mark.parametrize(("order", "clock"), FORMS)
def test_dates_are_read_and_written_in_the_users_form(make_world: MakeWorld, order: str, clock: str) -> None:
    world = make_world()
    write_dates(world, order, clock, "+0930")
    run = world.onboard()
    assert (run.state, str(run.problem), world.issues()) == ("done", "", [])
    invoice = world.one(host.Invoice, number="THEIRS-1")
    assert (invoice.day, invoice.due) == (date(2026, 3, 1), date(2026, 3, 28))
    (bill,) = world.theirs("APBILL", RECORDID="BILL-1")
    assert bill["WHENCREATED"] == date(2026, 2, 2)
    assert world.host(host.Invoice, number="OLD-1") == []


@pytest.mark.parametrize(("order", "clock"), FORMS)
def test_changes_are_asked_for_in_the_users_form(make_world: MakeWorld, order: str, clock: str) -> None:
    world = make_world(stage="synced")
    write_dates(world, order, clock)
    assert world.sync().state == "done"
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    assert world.sync().state == "done"
    assert (world.one(host.Contact, id=1).name, world.issues()) == ("Alice Archer", [])


def test_a_form_that_changes_between_runs_changes_no_date_and_brings_nothing_in_again(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    before = {row.key: row.payload for row in world.rows(Record, Record.object == "ARINVOICE")}
    hidden = world.one(host.Contact, id=1)
    hidden.phone = "changed here"
    world.save(hidden)
    write_dates(world, "/dmY", "12", "+1000")
    assert world.sync().state == "done"
    after = {row.key: row.payload for row in world.rows(Record, Record.object == "ARINVOICE")}
    assert {key: row["WHENCREATED"] for key, row in after.items()} == {
        key: row["WHENCREATED"] for key, row in before.items()
    }
    assert (world.one(host.Contact, id=1).phone, world.issues()) == ("changed here", [])


@pytest.mark.parametrize(
    ("setting", "value"), [("date_format", "/Ydm"), ("clock", "36"), ("gmt_offset", "London"), ("locale", "de_DE")]
)
def test_credentials_of_a_user_whose_form_could_be_misread_are_refused_with_the_cure(
    make_world: MakeWorld, setting: str, value: str
) -> None:
    world = make_world()
    setattr(world.sim.switches, setting, value)
    world.begin()
    with pytest.raises(Refused, match=r"could be misread.*Company > Admin > Users > Web Services users"):
        world.sign_in()
    assert (world.connection.intacct_company, world.connection.step) == ("", "credentials")


def test_a_form_that_could_be_misread_stops_a_run_with_the_cure(synced_world: World) -> None:
    world = synced_world
    world.sim.switches.locale = "de_DE"
    run = world.sync()
    assert run.state == "failed"
    assert "mm/dd/yyyy" in str(run.problem)
    assert [cause for _, cause in world.issues()] == ["format unknown"]
    world.sim.switches.locale = "en_US"
    world.sign_in()
    assert world.sync().state == "done"
    assert world.issues() == []


@pytest.mark.parametrize("order", ["/dmY", "/mdY", ".dmY"])
def test_a_form_that_can_not_be_asked_for_is_proved_by_dates(make_world: MakeWorld, order: str) -> None:
    world = make_world()
    hide_form(world)
    write_dates(world, order, "12")
    run = world.onboard()
    assert (run.state, world.issues()) == ("done", [])
    assert world.connection.facts["format"]["DATEFORMAT"] == order
    assert world.one(host.Invoice, number="THEIRS-1").day == date(2026, 3, 1)


def test_documents_wait_while_no_date_tells_day_from_month(make_world: MakeWorld, on: str) -> None:
    world = make_world(ambiguous_company(), on=on)
    hide_form(world)
    write_dates(world, "/dmY")
    set_stamps(world, 5, 2)
    world.connect()
    assert world.issues() == [("Dates", "date order unknown")]
    world.decide()
    plan = world.plan()
    assert {(row.kind, str(row.label), row.count) for row in plan.problems} == {
        ("invoice", "date order unknown", 4),
        ("bill", "date order unknown", 2),
    }
    assert world.drain(world.confirm()).state == "done"
    assert [name for name in world.writes() if name == "create_invoice"] == []
    assert "BILL-1" not in world.numbers("APBILL")
    assert world.host(host.Invoice, number="THEIRS-1") == []
    assert world.issues() == [("Dates", "date order unknown")]

    world.sim.modify("GLACCOUNT", "4100", TITLE="Fees and charges")
    table = world.sim.company.store["GLACCOUNT"]
    row = table.named("4100")
    assert row is not None
    table.put(row | {"WHENMODIFIED": row["WHENMODIFIED"].replace(day=28)})
    assert world.sync().state == "done"
    assert world.issues() == []
    assert world.one(host.Invoice, number="THEIRS-1").day == date(2026, 3, 1)
    (sent,) = world.theirs("APBILL", RECORDID="BILL-1")
    assert sent["WHENCREATED"] == date(2026, 2, 2)


def test_contacts_that_change_come_in_while_the_form_is_not_known(make_world: MakeWorld) -> None:
    world = make_world(ambiguous_company())
    hide_form(world)
    set_stamps(world, 5, 2)
    world.onboard()
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    set_stamps(world, 5, 2)
    world.sync()
    assert world.one(host.Contact, id=1).name == "Alice Archer"


def test_dates_that_fit_no_form_stop_the_run(make_world: MakeWorld) -> None:
    world = make_world()
    hide_form(world)
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    write_dates(world, "_mdY")
    run = world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))
    assert run.state == "failed"
    assert "could be misread" in str(run.problem)


def test_marks_of_an_older_version_are_understood(synced_world: World) -> None:
    """A cursor and a connection as they were before forms were known."""
    world = synced_world
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        row.facts = {name: value for name, value in row.facts.items() if name != "format"}
        for cursor in session.query(Cursor).where(Cursor.stream == "changes"):
            cursor.watermark = "01/15/2026 10:00:00"
    world.sim.modify("CUSTOMER", "C1", NAME="Alice Archer")
    assert world.sync().state == "done"
    assert (world.one(host.Contact, id=1).name, world.rows(Issue, Issue.live.is_not(None))) == ("Alice Archer", [])


def test_dates_that_do_not_come_in_the_form_that_was_told_stop_the_run(make_world: MakeWorld) -> None:
    world = make_world()
    write_dates(world, "/dmY")
    world.sim.switches.documented_dates = True
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    run = world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))
    assert run.state == "failed"
    assert "'/dmY'" in str(run.problem)
    assert "mm/dd/yyyy" in str(run.problem)
    assert world.rows(Record) == []


def another_user(world: World, told: str) -> None:
    """Somebody signed in as another user, of whom Intacct told this form."""
    with current().transaction() as session:
        row = session.get_one(Connection, world.id)
        row.user_id, row.facts = "other", {**row.facts, "format": told}


def test_the_form_of_one_user_is_not_kept_for_another_who_signed_in_meanwhile(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = form.told

    def told(client: Any) -> Any:
        found = real(client)
        another_user(synced_world, "the other's")
        return found

    monkeypatch.setattr(form, "told", told)
    synced_world.sync()
    assert synced_world.connection.facts["format"] == "the other's"


def test_nothing_is_asked_as_another_user_in_the_form_of_the_one_before(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = job_context.JobContext.client
    stopped: list[str] = []

    def client(self: Any, **level: Any) -> Any:
        if self.phase.name == "invoice" and not stopped:
            another_user(synced_world, self.connection.facts["format"])
        try:
            return real(self, **level)
        except job_context.OutOfTime:
            stopped.append(self.phase.name)
            raise

    monkeypatch.setattr(job_context.JobContext, "client", client)
    synced_world.sync()
    assert stopped == ["invoice"]
