"""Rows of the host that can't be read: an issue each, and the rest goes on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.papers import another_invoice

from flask_intacct import Intacct, LocalDocument, choices, kinds, links
from flask_intacct.models import Issue
from flask_intacct.onboarding import connect, retry
from flask_intacct.state import current

POISON: set[str] = set()


@pytest.fixture(autouse=True)
def no_poison() -> Iterator[None]:
    POISON.clear()
    yield
    POISON.clear()


def tasted(value: str) -> str:
    """What a callable of the host gives, unless it fails on this."""
    if value in POISON:
        raise ZeroDivisionError("division by zero")
    return value


def tasting_of(attribute: str) -> Callable[[Any], str]:
    return lambda row: tasted(getattr(row, attribute))


def described(**options: Any) -> Intacct:
    """The world's host, read by callables that may fail."""
    intacct = host.describe(**options)
    for kind, entry, attribute in (
        (kinds.CONTACT, "phone", "name"), (kinds.ACCOUNT, "code", "code"), (kinds.INVOICE, "description", "number"),
        (kinds.BILL, "description", "number"),
    ):  # fmt: skip
        (local,) = intacct._mapped[kind]
        local.entries[entry] = tasting_of(attribute)
    company: Any = intacct._company
    company.entries |= {"name": lambda row: tasted(row.name), "currency": lambda row: tasted(row.currency)}
    (accounts,) = intacct._mapped[kinds.ACCOUNT]
    accounts.usage = lambda row: {"leases": len(tasted("usage"))}
    accounts.keep = lambda row: tasted("keep") and ""
    return intacct


@pytest.fixture
def tasting(make_world: MakeWorld) -> World:
    return make_world(described=described)


def told(world: World) -> list[tuple[str, str]]:
    return [(label, cause) for label, cause in world.issues() if cause == "row can't be read"]


def asking(**options: Any) -> Intacct:
    """The world's host, whose telephone numbers are asked of the database; one of them with a mistake."""
    intacct = host.describe(**options)
    (contacts,) = intacct._mapped[kinds.CONTACT]
    contacts.entries["phone"] = lambda row: host.db.session.scalar(
        sa.text(f"SELECT '{row.name}'" + (" FROM nowhere" if row.name in POISON else ""))
    )
    return intacct


def test_statement_of_the_host_that_fails_for_one_row_fails_for_no_other(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, described=asking)
    POISON.add("Alice Adams")
    world.connect()
    assert told(world) == [("Contact 1", "row can't be read")]


def test_a_document_that_reads_well_again_goes_when_it_is_tried_again_without_a_scan(tasting: World) -> None:
    world = tasting
    world.onboard()
    world.sync()
    world.configure(scan=False)
    POISON.add("R-1")
    world.save(another_invoice(world, "R-1"))
    world.sync()
    (issue,) = world.rows(Issue, Issue.live.is_not(None), Issue.fingerprint == "row can't be read")
    POISON.clear()
    world.sync()
    assert len(told(world)) == 1, "nothing says that it was changed"
    run = retry.some(world.id, [issue.id], "ada").run
    assert run is not None
    assert (run.kind, world.drain(run).state) == ("push", "done")
    assert (told(world), world.numbers("ARINVOICE").count("R-1")) == ([], 1)


class Wordless(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize("raised", [ValueError("name \udcff"), Wordless()])
def test_exception_whose_text_can_not_be_kept_costs_one_record(make_world: MakeWorld, raised: Exception) -> None:
    def failing(row: Any) -> str:
        if row.name == "Alice Adams":
            raise raised
        return ""

    def described(**options: Any) -> Intacct:
        intacct = host.describe(**options)
        intacct._mapped[kinds.CONTACT][0].entries["phone"] = failing
        return intacct

    world = make_world(described=described)
    world.connect()
    assert told(world) == [("Contact 1", "row can't be read")]


def test_count_or_reason_of_the_host_whose_statement_fails_leaves_its_session_usable(
    make_world: MakeWorld, on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL answers no more after a statement that failed, until its transaction is rolled back."""
    world = make_world(on=on)
    world.connect()
    (accounts,) = current().host.locals(kinds.ACCOUNT)
    for name in ("usage", "keep"):
        monkeypatch.setattr(accounts, name, lambda row: host.db.session.scalar(sa.text("SELECT 1 FROM nowhere")))
    link = world.links(kinds.ACCOUNT)[0]
    for asked in (choices.usage, choices.keep):
        asked(link)
        assert host.db.session.scalar(sa.text("SELECT 1")) == 1


def test_record_that_can_not_be_read_stops_no_other(tasting: World) -> None:
    POISON.add("Carol Clark")
    tasting.connect()
    assert told(tasting) == [("Contact 3", "row can't be read")]
    names = {link.label for link in tasting.links(kinds.CONTACT)}
    assert {"Alice Adams", "Bob Brown"} <= names
    assert "Carol Clark" not in names
    (issue,) = tasting.rows(Issue)
    said = "It can't be read: phone= fails: ZeroDivisionError in hosts.test_unreadable.tasted (reference "
    assert str(issue.message).startswith(said)


def test_issue_closes_when_the_row_reads_well_again(tasting: World) -> None:
    POISON.add("Carol Clark")
    tasting.connect()
    POISON.clear()
    tasting.drain(connect.refresh(tasting.id, "ada"))
    assert told(tasting) == []
    assert "Carol Clark" in {link.label for link in tasting.links(kinds.CONTACT)}


def test_record_that_was_matched_stays_so_while_it_can_not_be_read(tasting: World) -> None:
    tasting.connect()
    tasting.accept(kinds.ACCOUNT)
    before = tasting.link("4000 Rent").state
    POISON.add("4000")
    tasting.drain(connect.refresh(tasting.id, "ada"))
    assert (before, tasting.link("4000 Rent").state) == ("matched", "matched")
    assert told(tasting) == [("Account 1", "row can't be read")]


def test_document_that_can_not_be_read_is_in_the_plan_and_stops_no_other(tasting: World) -> None:
    tasting.connect()
    tasting.decide()
    POISON.add("INV-3")
    plan = tasting.plan()
    found = [(problem.kind, str(problem.label), problem.count) for problem in plan.problems]
    assert (kinds.INVOICE, "row can't be read", 1) in found
    run = tasting.drain(tasting.confirm())
    assert run.state == "done"
    assert told(tasting) == [("Invoice INV-3", "row can't be read")]
    numbers = tasting.numbers("ARINVOICE")
    assert "INV-1" in numbers
    assert "INV-3" not in numbers
    POISON.clear()
    tasting.sync()
    assert told(tasting) == []
    assert "INV-3" in tasting.numbers("ARINVOICE")


def test_document_that_can_not_be_read_is_not_brought_in_a_second_time(tasting: World) -> None:
    tasting.connect()
    tasting.decide()
    POISON.add("INV-2")
    tasting.drain(tasting.confirm())
    assert len(tasting.host(host.Invoice, number="INV-2")) == 1
    assert len(tasting.host(host.Invoice, number="THEIRS-1")) == 1


def test_value_that_its_column_can_make_nothing_of_is_told_of_its_row(make_world: MakeWorld) -> None:
    world = make_world()
    host.db.session.execute(sa.text("UPDATE invoice SET due = 'soon' WHERE number = 'INV-3'"))
    host.db.session.commit()
    run = world.onboard()
    assert run.state == "done"
    assert told(world) == [("Invoice INV-3", "row can't be read")]
    assert "INV-1" in world.numbers("ARINVOICE")


def test_currency_that_can_not_be_read_holds_the_documents_and_nothing_else(tasting: World) -> None:
    POISON.add("GBP")
    tasting.connect()
    tasting.decide()
    plan = tasting.plan()
    assert ("company", "row can't be read", 1) in [(one.kind, str(one.label), one.count) for one in plan.problems]
    run = tasting.drain(tasting.confirm())
    assert run.state == "done"
    assert told(tasting) == [("Company 1", "row can't be read")]
    assert "INV-1" not in tasting.numbers("ARINVOICE")
    assert [row["NAME"] for row in tasting.theirs("CUSTOMER", NAME="Carol Clark")] == ["Carol Clark"]
    POISON.clear()
    tasting.sync()
    assert told(tasting) == []
    assert "INV-1" in tasting.numbers("ARINVOICE")


def test_company_whose_name_fails_hides_no_other(tasting: World) -> None:
    tasting.save(host.Company(id=2, name="Harbour"))
    POISON.add("Northgate")
    assert current().host.companies() == [("1", "Company 1"), ("2", "Harbour")]


def test_what_the_host_can_not_judge_is_not_archived(tasting: World) -> None:
    tasting.connect()
    link = tasting.link("7999 Sundry")
    POISON.add("keep")
    outcome = links.archive(tasting.id, [link.id], "ada")
    (refusal,) = outcome.refused
    assert refusal.startswith(
        "7999 Sundry can't be archived: it can't be told whether it is still needed (ZeroDivision"
    )
    POISON.add("usage")
    ((said, count),) = choices.usage(link).items()
    assert said.startswith("use that can't be counted (ZeroDivisionError in hosts.test_unreadable.tasted (reference ")
    assert count == 1


def test_words_that_nobody_listed_are_counted_in_the_plan(make_world: MakeWorld) -> None:
    def fewer(**options: Any) -> Intacct:
        intacct = host.describe(**options)
        (invoices,) = intacct._mapped[kinds.INVOICE]
        assert isinstance(invoices, LocalDocument)
        invoices.statuses = {word: meaning for word, meaning in host.STATUSES.items() if word != "submitted"}
        (contacts,) = intacct._mapped[kinds.CONTACT]
        contacts.role = lambda row: {"tenant"} if row.name == "Carol Clark" else host.roles_of(row)
        return intacct

    world = make_world(described=fewer)
    world.connect()
    assert world.connection.facts["unlisted"] == {"contact": {"role 'tenant'": 1}, "invoice": {"status 'submitted'": 1}}
    world.decide()
    found = [(problem.kind, str(problem.label), problem.count) for problem in world.plan().problems]
    assert ("invoice", "status 'submitted' is not listed", 1) in found
    assert ("contact", "role 'tenant' is not listed", 1) in found
    world.drain(world.confirm())
    assert "INV-4" not in world.numbers("ARINVOICE")
    host.db.session.execute(sa.update(host.Invoice).where(host.Invoice.number == "INV-4").values(status="draft"))
    host.db.session.commit()
    world.sync()
    assert world.connection.facts["unlisted"] == {"contact": {"role 'tenant'": 1}}
