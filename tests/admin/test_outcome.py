"""The page on which a person says what became of a record that was sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask_intacct.issues import NEEDS_A_PERSON
from flask_intacct.messages import Message
from flask_intacct.models import Issue, Link, Operation, Record

from .conftest import World

LIST = "/admin/intacct/results/1/list"


def unsure(world: World) -> Link:
    """A contact of the first company of which nobody can tell whether it was created."""
    own_row = {"kind": "contact", "source": "contact", "local_id": "77", "role": "customer", "state": "create"}
    world.add(Link(connection_id=1, label="Maple Ltd", **own_row))
    link: Link = world.row(Link, Link.label == "Maple Ltd")
    payload = {"object": "CUSTOMER", "values": {"NAME": "Maple Ltd", "STATUS": "active"}}
    own = {"connection_id": 1, "link_id": link.id, "op_key": f"{link.id}:create:1", "action": "create"}
    world.add(Operation(**own, object="CUSTOMER", state="MANUAL", control_id="c1", live="live", payload=payload))
    world.add(
        Issue(
            connection_id=1, subject=f"link:{link.id}", fingerprint=NEEDS_A_PERSON, kind="contact", label=link.label,
            direction="out", message=Message("sent.unproved"), cure=Message("sent.look.cure"), live="live",
        ),
        Record(connection_id=1, object="CUSTOMER", key="901", natural_id="C901", name="Maple Ltd"),
        Record(connection_id=1, object="CUSTOMER", key="902", natural_id="C902", name="Somebody else"),
        Record(connection_id=2, object="CUSTOMER", key="903", natural_id="C903", name="Maple Ltd"),
    )  # fmt: skip
    return link


def test_the_results_lead_to_the_question_and_it_offers_what_may_be_it(world: World) -> None:
    link = unsure(world)
    path = f"/admin/intacct/results/1/outcome/{link.id}"
    assert f'href="{path}' in world.page(LIST)
    page = world.page(path)
    assert [word in page for word in ("C901 Maple Ltd", "C902", "C903", "send it again", "Leave it as it is")] == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_it_is_this_one(world: World) -> None:
    link = unsure(world)
    page = world.click(f"/admin/intacct/results/1/outcome/{link.id}", said="found-901", url=LIST)
    assert "goes on from here" in page
    found = world.row(Link, Link.id == link.id)
    assert (found.state, found.object, found.record_key) == ("linked", "CUSTOMER", "901")
    assert world.row(Operation).state == "DONE"


def test_it_is_not_there(world: World) -> None:
    link = unsure(world)
    world.click(f"/admin/intacct/results/1/outcome/{link.id}", said="absent", url=LIST)
    assert world.row(Operation).state == "READY"
    assert "What became of it" not in world.page(LIST)


def test_nothing_chosen_is_asked_again_and_a_record_of_another_company_is_none(world: World) -> None:
    link = unsure(world)
    path = f"/admin/intacct/results/1/outcome/{link.id}"
    answer = world.post(path)
    assert (answer.status_code, "Choose one of these." in answer.text) == (422, True)
    assert "is not in Sage Intacct" in world.click(path, said="found-903", url=LIST)
    assert world.row(Operation).state == "MANUAL"


def test_it_takes_the_right_to_match_and_a_link_of_this_company(world: World) -> None:
    link = unsure(world)
    assert world.get(f"/admin/intacct/results/2/outcome/{link.id}").status_code == 404
    world.rights["1"] = {"see"}
    assert world.post(f"/admin/intacct/results/1/outcome/{link.id}", said="absent").status_code == 403
    assert "What became of it" not in world.page(LIST)
    assert world.row(Operation).state == "MANUAL"


def test_a_form_that_was_drawn_for_an_earlier_sending_says_nothing_of_this_one(world: World) -> None:
    link = unsure(world)
    path = f"/admin/intacct/results/1/outcome/{link.id}"
    drawn = re.search(r'name="version" value="([^"]+)"', world.page(path))
    assert drawn is not None
    world.change(Operation, world.row(Operation).id, sent_at=datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert "was changed since this page was drawn" in world.click(path, said="absent", version=drawn[1], url=LIST)
    assert world.row(Operation).state == "MANUAL"
