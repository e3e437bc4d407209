"""The page that asks before a decision is taken against the evidence."""

from __future__ import annotations

import re

from flask_intacct.ledger import folded
from flask_intacct.messages import quoted
from flask_intacct.models import Connection, Link, Record, now
from flask_intacct.onboarding import plan as plans

from .conftest import World, account, contact, run_of

ACCOUNTS, CONTACTS, PLAN = "/admin/intacct/accounts/1/", "/admin/intacct/contacts/1/", "/admin/intacct/plan/1/"


def link(world: World, label: str) -> Link:
    found: Link = world.row(Link, Link.label == label)
    return found


def fields(page: str) -> dict[str, list[str]]:
    """What the form of the page would post with all rows ticked."""
    form = page.split('class="intacct-override">')[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def suppliers(world: World, number: int = 9) -> list[str]:
    world.add(*[contact(at, f"Supplier {at}", "vendor") for at in range(1, number + 1)])
    return [str(link(world, f"Supplier {at}").id) for at in range(1, number + 1)]


def bank(world: World) -> None:
    """Intacct's 4005 is the account of a bank account."""
    connection = world.row(Connection, Connection.id == 1)
    connection.facts = {**connection.facts, "account_marks": {"4005": "bank"}}
    world.add(connection)


def test_creating_suppliers_as_customers_asks_once_for_all_and_names_them(world: World) -> None:
    ids = suppliers(world)
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids)
    assert "<h1>Create 9 vendors as customers?</h1>" in page
    for at in range(1, 10):
        assert (
            f"Supplier {at} is a vendor in this application and will be created in Sage Intacct as a customer." in page
        )
    assert {item.state for item in world.rows(Link, Link.kind == "contact")} == {"undecided"}
    page = world.click(CONTACTS + "action/", **fields(page))
    assert "9 contacts will be created at Confirm." in page
    assert {(item.state, item.role) for item in world.rows(Link, Link.kind == "contact")} == {("create", "customer")}


def test_undo_of_the_message_restores_the_roles(world: World) -> None:
    ids = suppliers(world)
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids)
    page = world.click(CONTACTS + "action/", **fields(page))
    form = page.split('<form class="intacct-inline"')[1].split("</form>")[0]
    world.click(CONTACTS + "action/", **dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)))
    found = {(item.state, item.role) for item in world.rows(Link, Link.kind == "contact")}
    assert found == {("undecided", "vendor")}


def test_what_is_unticked_stays_undecided(world: World) -> None:
    ids = suppliers(world, 2)
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids)
    world.click(CONTACTS + "action/", **{**fields(page), "rowid": ids[:1]})
    assert [item.state for item in world.rows(Link, Link.kind == "contact")] == ["create", "undecided"]


def test_the_agreement_has_to_be_posted_by_its_key(world: World) -> None:
    ids = suppliers(world, 1)
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids, agreed=["1", "true", f"{ids[0]}-x"])
    assert "Create 1 vendor as customer?" in page
    assert link(world, "Supplier 1").state == "undecided"


def test_rows_that_need_no_agreement_are_done_at_once(world: World) -> None:
    ids = suppliers(world, 1)
    world.add(contact(9, "Ada", "customer"))
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=[*ids, str(link(world, "Ada").id)])
    assert "1 contact will be created at Confirm." in page
    assert "Create 1 vendor as customer?" in page
    assert link(world, "Ada").state == "create"


def test_back_leads_to_the_place_in_the_list(world: World) -> None:
    ids = suppliers(world, 1)
    place = CONTACTS + "?search=supplier&page=0"
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids, url=place)
    assert page.count(f'href="{place}"') == 2
    assert fields(page)["url"] == [place]


def test_a_bank_account_for_an_account_of_ours_asks(world: World) -> None:
    bank(world)
    page = world.click(ACCOUNTS + "action/", action="match", rowid=["3"], **{"key-3": "5", "version-3": "1"})
    assert "<h1>Decide against the evidence?</h1>" in page
    assert "4005 Bank charges is used as a bank account in Sage Intacct." in page
    assert link(world, "4003 Repairs").state == "undecided"
    page = world.click(ACCOUNTS + "action/", **fields(page), reason="It is the account of the till.")
    assert "1 record matched." in page
    matched = link(world, "4003 Repairs")
    assert (matched.record_key, matched.origin, matched.overrides[0]["who"]) == ("5", "hand", "ada")
    assert "Agreed to by ada. It is the account of the till." in world.page(ACCOUNTS + "?state=matched")


def test_a_row_that_was_changed_meanwhile_is_not_decided_by_the_page(world: World) -> None:
    bank(world)
    page = world.click(ACCOUNTS + "action/", action="match", rowid=["3"], **{"key-3": "5", "version-3": "1"})
    world.click(ACCOUNTS + "action/", action="match", rowid=["3"], **{"key-3": "3"})
    assert "changed" in world.click(ACCOUNTS + "action/", **fields(page))
    assert link(world, "4003 Repairs").record_key == "3"


def test_a_vendor_is_found_for_a_customer_on_the_page_of_choices(world: World) -> None:
    world.add(
        contact(1, "Ada", "customer"),
        Record(connection_id=1, object="VENDOR", key="7", natural_id="V7", name="Ada Ltd", search=folded("V7 Ada Ltd")),
    )
    ada = link(world, "Ada").id
    assert "V7" not in world.page(CONTACTS + f"choose/{ada}")
    page = world.page(CONTACTS + f"choose/{ada}?as=vendor")
    assert f'name="as-{ada}" value="vendor"' in page
    assert "V7 Ada Ltd" in page
    chosen = {f"key-{ada}": "7", f"as-{ada}": "vendor", f"version-{ada}": "1"}
    page = world.click(CONTACTS + "action/", action="match", rowid=[str(ada)], **chosen)
    assert "Ada is a customer in this application and will be joined to the vendor V7 Ada Ltd." in page
    world.click(CONTACTS + "action/", **fields(page))
    matched = link(world, "Ada")
    assert (matched.state, matched.object, matched.role) == ("matched", "VENDOR", "vendor")


def test_list_shows_what_sort_of_account_is_on_either_side(world: World) -> None:
    bank(world)
    record = world.row(Record, Record.key == "5")
    record.payload = {"ACCOUNTTYPE": "balancesheet"}
    mine = account(9, "4005 Charges", key="5", confidence=60, facts={"type": "incomestatement"})
    world.add(record, mine)
    page = world.page(ACCOUNTS)
    assert 'class="intacct-detail">income statement<' in page
    assert 'intacct-pick-detail">balance sheet · bank account<' in page
    assert world.get(ACCOUNTS + "candidates/3?q=4005").get_json()[0]["detail"] == "balance sheet · bank account"
    assert "balance sheet · bank account" in world.page(ACCOUNTS + "choose/3?q=4005")


def test_the_plan_names_what_was_decided_against_the_evidence_and_confirm_wants_a_tick(world: World) -> None:
    for number in range(1, 5):
        world.click(ACCOUNTS + "archive", rowid=[str(number)])
    names = tuple(f"Supplier {at}" for at in range(1, 15))
    plan = plans.Plan(
        "d",
        now(),
        against=(plans.Against(quoted("14 vendors of yours will be created as customers"), names, ("ada",)),),
    )
    connection = world.row(Connection, Connection.id == 1)
    connection.step, connection.plan_digest = "plan", "d"
    world.add(connection, run_of(1, "plan", "done", report=plans.dump(plan)))
    for link_ in world.rows(Link):
        link_.state = "archived"
        world.add(link_)
    page = world.page(PLAN)
    assert "Decided against the evidence" in page
    assert "<strong>14 vendors of yours will be created as customers:</strong> Supplier 1, Supplier 2," in page
    assert "Agreed to by ada." in page
    assert re.search(r'name="against" value="1" required', page)
    assert "tick that you want it" in world.click(PLAN + "confirm", digest="d")
    assert "tick that you want it" not in world.click(PLAN + "confirm", digest="d", against="1")
