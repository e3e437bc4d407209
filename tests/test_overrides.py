"""Decisions against the evidence: asked about first, kept with who and when, gone when they are taken back."""

from __future__ import annotations

from typing import Any

import pytest
from world import MakeWorld, World, host

from flask_intacct import Local, choices, links
from flask_intacct.errors import Refused
from flask_intacct.messages import read
from flask_intacct.models import Event
from flask_intacct.onboarding import connect
from flask_intacct.overrides import NeedsConfirmation
from flask_intacct.state import current


def refused(world: World, label: str, natural_id: str, **options: Any) -> NeedsConfirmation:
    with pytest.raises(NeedsConfirmation) as caught:
        world.match(label, natural_id, **options)
    return caught.value


def causes(world: World, label: str) -> list[str]:
    return [item["cause"] for item in world.link(label).overrides]


def test_another_role_than_the_host_s_needs_agreement(read_world: World) -> None:
    world = read_world
    carol = world.link("Carol Clark")
    outcome = links.create(world.id, [carol.id], "vendor", "ada")
    assert (outcome.done, outcome.final) == ([], [])
    (question,) = outcome.asked[0].questions
    assert question.text.startswith("Carol Clark is a customer in this application and will be created")
    assert "To be sent so far: 1; for these it is asked about again, as a customer." in question.text
    assert (world.link("Carol Clark").state, world.link("Carol Clark").role) == ("undecided", "customer")
    assert links.create(world.id, [carol.id], "vendor", "bob", confirmed=[question.key]).done == [carol.id]
    created = world.link("Carol Clark")
    assert (created.state, created.role, created.own_role) == ("create", "vendor", "customer")
    assert [(item["cause"], item["who"]) for item in created.overrides] == [("other_role", "bob")]
    assert created.overrides[0]["at"]
    (event,) = world.rows(Event, Event.subject == "Carol Clark")
    assert [str(read(said)) for said in event.after["overrides"]] == [question.text]


def test_the_host_s_role_needs_no_agreement(read_world: World) -> None:
    world = read_world
    assert links.create(world.id, [world.link("Carol Clark").id], "customer", "ada").done
    assert world.link("Carol Clark").overrides == []


@pytest.mark.parametrize("take_back", ["undo", "archive", "own role"])
def test_taking_the_decision_back_restores_the_role(read_world: World, take_back: str) -> None:
    world = read_world
    world.save(host.Contact(company_id=1, name="Ned Nash", buys=True))
    world.drain(connect.refresh(world.id, "ada"))
    ned = world.link("Ned Nash")
    links.create(world.id, [ned.id], "vendor", "ada", confirmed=True)
    if take_back == "own role":
        links.create(world.id, [ned.id], "", "ada")
    else:
        assert getattr(links, take_back)(world.id, [ned.id], "ada").done == [ned.id]
    ned = world.link("Ned Nash")
    assert (ned.role, ned.own_role, ned.overrides) == ("customer", "", [])


def test_what_the_host_says_of_a_contact_in_another_role_is_kept_up_to_date(read_world: World) -> None:
    world = read_world
    ned = host.Contact(company_id=1, name="Ned Nash", buys=True)
    world.save(ned)
    world.drain(connect.refresh(world.id, "ada"))
    links.create(world.id, [world.link("Ned Nash").id], "vendor", "ada", confirmed=True)
    ned.name = "Ned Nash-Smith"
    world.save(ned)
    world.drain(connect.refresh(world.id, "ada"))
    assert (world.link("Ned Nash-Smith").role, world.link("Ned Nash-Smith").state) == ("vendor", "create")


def test_a_reopened_step_restores_the_role(read_world: World) -> None:
    world = read_world
    links.create(world.id, [world.link("Carol Clark").id], "vendor", "ada", confirmed=True)
    connect.entity(world.id, "E2", "", False, "ada", reopen=1)
    carol = world.link("Carol Clark")
    assert (carol.state, carol.role, carol.own_role, carol.overrides) == ("undecided", "customer", "", [])


def test_a_chosen_role_stays_when_the_host_is_read_again(read_world: World) -> None:
    world = read_world
    links.create(world.id, [world.link("Carol Clark").id], "vendor", "ada", confirmed=True)
    world.drain(connect.refresh(world.id, "ada"))
    assert world.link("Carol Clark", "vendor").state == "create"
    assert world.link("Carol Clark", "customer").state == "undecided", "an invoice to be sent needs it"


def test_taking_it_back_leaves_one_row_where_the_contact_got_its_own_meanwhile(read_world: World) -> None:
    world = read_world
    chosen = world.link("Carol Clark")
    links.create(world.id, [chosen.id], "vendor", "ada", confirmed=True)
    world.drain(connect.refresh(world.id, "ada"))
    links.undo(world.id, [chosen.id], "ada")
    left = [(link.role, link.state) for link in world.links("contact") if link.label == "Carol Clark"]
    assert sorted(left) == [("customer", "undecided"), ("vendor", "orphaned")]


def test_a_vendor_may_be_chosen_for_a_tenant_by_whoever_agrees(read_world: World) -> None:
    world = read_world
    key, carol = world.record("V2").key, world.link("Carol Clark")
    with pytest.raises(
        NeedsConfirmation, match="is a customer in this application and will be joined to the vendor V2"
    ):
        links.match(world.id, carol.id, key, "ada", role="vendor")
    matched = links.match(world.id, carol.id, key, "ada", role="vendor", confirmed=True)
    assert (matched.object, matched.role, matched.exclusive) == ("VENDOR", "vendor", key)
    links.undo(world.id, [carol.id], "ada")
    carol = world.link("Carol Clark")
    assert (carol.role, carol.exclusive, carol.object) == ("customer", None, "")


def test_a_role_that_the_kind_has_not_is_refused(read_world: World) -> None:
    world = read_world
    for role in ("vendor", "nobody"):
        with pytest.raises(Refused, match="is not a role of 4000 Rent"):
            links.match(
                world.id, world.link("4000 Rent").id, world.record("4000").key, "ada", role=role, confirmed=True
            )


def accounts() -> Local:
    """How the host describes its accounts."""
    found = current().host.local("account", "account")
    assert found is not None
    return found


def typed(world: World) -> World:
    """The host says of its accounts what they are: 4000 is income, 7999 a balance sheet account."""
    local = accounts()
    local.entries = {**local.entries, "type": lambda row: "balancesheet" if row.code == "7999" else "incomestatement"}
    world.drain(connect.refresh(world.id, "ada"))
    return world


@pytest.fixture
def typed_world(read_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    local = accounts()
    monkeypatch.setattr(local, "entries", dict(local.entries))
    return typed(read_world)


def test_an_account_of_the_other_statement_needs_agreement(typed_world: World) -> None:
    world = typed_world
    asked = refused(world, "7999 Sundry", "6100")
    assert [question.cause for question in asked.questions] == ["other_type"]
    assert "belongs to the balance sheet in this application, 6100 Cleaning to the income statement" in asked.message
    assert (
        world.match("7999 Sundry", "6100", confirmed=[question.key for question in asked.questions]).state == "matched"
    )
    assert causes(world, "7999 Sundry") == ["other_type"]


def test_an_account_of_the_same_statement_needs_none(typed_world: World) -> None:
    assert typed_world.match("4100 Fees", "6100").overrides == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1100", "a control account"),
        ("2100", "a control account"),
        ("1200", "a bank account"),
        ("2200", "a tax account"),
        ("3000", "retained earnings"),
    ],
)
def test_a_control_tax_or_bank_account_needs_agreement(read_world: World, number: str, words: str) -> None:
    asked = refused(read_world, "7999 Sundry", number)
    assert [question.cause for question in asked.questions] == ["control"]
    assert f"is used as {words} in Sage Intacct. Documents with 7999 Sundry on a line can't be sent." in asked.message


def test_a_host_that_says_what_its_account_controls_is_not_asked(
    read_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, local = read_world, accounts()
    monkeypatch.setattr(local, "entries", {**local.entries, "control": lambda row: "bank" * (row.code == "7999")})
    world.drain(connect.refresh(world.id, "ada"))
    assert str(choices.detail_of(world.link("7999 Sundry"))) == "bank account"
    assert world.match("7999 Sundry", "1200").overrides == []


def test_an_agreement_holds_for_what_was_shown_only(typed_world: World) -> None:
    world = typed_world
    keys = [question.key for question in refused(world, "7999 Sundry", "6100").questions]
    assert refused(world, "7999 Sundry", "6000", confirmed=keys)
    world.sim.modify("GLACCOUNT", "6100", TITLE="Cleaning of windows")
    world.drain(connect.refresh(world.id, "ada"))
    assert refused(world, "7999 Sundry", "6100", confirmed=keys)
    assert world.link("7999 Sundry").state == "undecided"


@pytest.mark.parametrize(("natural_id", "words"), [("Sale Zero", "has 0 %"), ("Purchase Standard", "is a purchase")])
def test_a_wrong_rate_or_direction_nobody_may_choose(read_world: World, natural_id: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        read_world.match("Standard", natural_id, "sale", confirmed=True)
    assert not isinstance(caught.value, NeedsConfirmation)


def test_another_decision_forgets_what_was_agreed_to_before(typed_world: World) -> None:
    world = typed_world
    world.match("7999 Sundry", "6100", confirmed=True)
    world.match("7999 Sundry", "2100", confirmed=True)
    assert causes(world, "7999 Sundry") == ["control"]
    links.undo(world.id, [world.link("7999 Sundry").id], "ada")
    assert causes(world, "7999 Sundry") == []


def test_bank_accounts_that_may_not_be_read_stop_nothing(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.deny("CHECKINGACCOUNT")
    world.sim.deny("SAVINGSACCOUNT")
    world.connect()
    assert world.match("7999 Sundry", "1200").state == "matched", "nothing tells that it is a bank account"


def test_what_was_known_of_bank_accounts_stays_when_they_may_not_be_read_any_more(read_world: World) -> None:
    world = read_world
    world.sim.deny("CHECKINGACCOUNT")
    world.drain(connect.refresh(world.id, "ada"))
    assert refused(world, "7999 Sundry", "1200")


def test_no_line_may_be_posted_to_any_control_account(decided_world: World) -> None:
    world = decided_world
    links.undo(world.id, [world.link("4100 Fees").id], "ada")
    world.match("4100 Fees", "1200", confirmed=True)
    problems = {str(problem.label): str(problem.message) for problem in world.plan().problems}
    assert "4100 Fees" in problems["control account"]


def test_the_plan_says_again_what_was_decided_against_the_evidence(make_world: MakeWorld) -> None:
    world = make_world(stage="read")
    world.save(*(host.Contact(company_id=1, name=f"Supplier {letter}", sells=True) for letter in "ABC"))
    world.drain(connect.refresh(world.id, "ada"))
    ids = [world.link(f"Supplier {letter}").id for letter in "ABC"]
    assert links.create(world.id, ids, "customer", "bob", confirmed=True, reason="They rent, too.").done == ids
    world.match("7999 Sundry", "1200", confirmed=True)
    world.decide()
    first, second = world.plan().against
    assert str(first.text) == "3 vendors of yours will be created as customers"
    assert (first.names, first.who) == (("Supplier A", "Supplier B", "Supplier C"), ("bob (They rent, too.)",))
    assert second.names == ("7999 Sundry (1200 Bank)",)
    assert str(second.text).startswith("1 account of yours is joined to a control, tax or bank account")
    links.undo(world.id, ids, "ada")
    links.create(world.id, ids, "", "ada")
    assert [item.names for item in world.plan().against] == [("7999 Sundry (1200 Bank)",)]


def test_candidates_say_what_sort_of_account_they_are(read_world: World) -> None:
    world = read_world
    connection, link = world.connection, world.link("7999 Sundry")
    with current().transaction() as session:
        found = choices.candidates(session, connection, link, "")
    details = {candidate.natural_id: str(candidate.detail) for candidate in found}
    assert details["1200"] == "balance sheet · bank account"
    assert details["4000"] == "income statement"


def test_what_was_agreed_to_is_kept_on_each_database(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    links.create(world.id, [world.link("Carol Clark").id], "vendor", "ada", confirmed=True)
    assert causes(world, "Carol Clark") == ["other_role"]
    assert causes(world, "Daves Plumbing") == []
