"""A host that describes only some roles: the others are neither planned nor tried nor offered."""

from typing import Any

import pytest
from world import MakeWorld, host

from flask_intacct import Intacct, kinds, links
from flask_intacct.models import Issue, Record
from flask_intacct.state import current


def customers_only(**options: Any) -> Intacct:
    """The world's host without vendors and bills."""
    intacct = with_bills(**options)
    intacct._mapped[kinds.BILL] = ()
    return intacct


def with_bills(**options: Any) -> Intacct:
    """The world's host without a model of vendors, though it has bills."""
    intacct = host.describe(**options)
    (contacts,) = intacct._mapped[kinds.CONTACT]
    contacts.role = "customer"
    return intacct


def rows(plan: Any, kind: str) -> dict[str, int]:
    return {row.action: row.count for section in plan.sections if section.kind == kind for row in section.rows}


def test_vendors_are_not_read_nor_planned_nor_tried(make_world: MakeWorld) -> None:
    world = make_world(described=customers_only)
    world.connect()
    world.decide()
    assert {link.role for link in world.links(kinds.CONTACT)} == {"customer"}
    world.plan()
    world.drain(world.confirm())
    assert world.rows(Record, Record.object == "VENDOR") == []
    assert [issue.message for issue in world.rows(Issue) if "vendor" in str(issue.message)] == []
    assert "THEIRS-1" in {row.number for row in world.host(host.Invoice)}


def test_vendor_is_no_role_to_create_a_contact_in(make_world: MakeWorld) -> None:
    world = make_world(described=customers_only)
    world.connect()
    link = world.link("Carol Clark")
    outcome = links.create(world.id, [link.id], "vendor", "ada", confirmed=True)
    assert outcome.refused == ["vendor is not a role of a contact."]
    assert current().host.roles(kinds.CONTACT) == ("customer",)


def test_bill_whose_vendor_has_no_place_is_held_with_the_reason(make_world: MakeWorld) -> None:
    world = make_world(described=with_bills)
    world.connect()
    world.decide()
    plan = world.plan()
    reason = "Its vendor can't be brought in: the application describes no vendor."
    assert [(one.kind, one.count) for one in plan.problems if str(one.message) == reason] == [(kinds.BILL, 1)]
    assert "bring_in" not in rows(plan, kinds.BILL)
    run = world.drain(world.confirm())
    assert run.state == "done"
    (issue,) = (row for row in world.rows(Issue, Issue.live.is_not(None)) if row.label.startswith("THEIRS-2"))
    assert "no place for a vendor" in str(issue.message)
    assert world.host(host.Bill, number="THEIRS-2") == []
    assert [row for row in world.rows(Issue) if row.label.startswith("V2")] == []


@pytest.mark.parametrize(("described", "shown"), [(customers_only, False), (host.describe, True)])
def test_list_of_contacts_offers_the_roles_that_there_are(make_world: MakeWorld, described: Any, shown: bool) -> None:
    from flask_admin.base import Admin

    from flask_intacct.admin import add_views

    world = make_world(described=described)
    world.connect()
    world.app.secret_key = "test"
    world.app._got_first_request = False
    add_views(world.app, Admin(world.app), current())
    page = world.app.test_client().get(f"/admin/intacct/contacts/{world.id}/").text
    assert ("create_vendor" in page, 'value="vendor"' in page) == (shown, shown)
    assert "create_customer" in page
