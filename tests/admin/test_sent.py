"""The pages that show what was said to Intacct about a record."""

from __future__ import annotations

import re

from flask_intacct.admin.sent import indented
from flask_intacct.exchanges import packed
from flask_intacct.models import Exchange, ExchangeOperation, Link, Operation

from .conftest import World

LIST = "/admin/intacct/results/1/list"
REQUEST = "<request><control><senderid>x</senderid><password>***</password></control><a>&amp;<b/></a></request>"


def sent(world: World) -> Link:
    """A contact of the first company that was sent, once without an answer and once refused."""
    link: Link = next(link for link in world.rows(Link) if link.connection_id == 1)
    operation = Operation(
        connection_id=1, link_id=link.id, op_key=f"{link.id}:create:1", action="create", state="DONE", control_id="c1"
    )
    lost = Exchange(
        connection_id=1, functions="create", request=packed(REQUEST), outcome="NoReply", milliseconds=60_000
    )
    refused = Exchange(
        connection_id=1, functions="create", request=packed(REQUEST), response=packed("<script>alert(1)</script>"),
        http_status=200, outcome="refused", milliseconds=120,
    )  # fmt: skip
    world.add(operation)
    world.add(lost)
    world.add(refused)
    for exchange in world.rows(Exchange):
        world.add(ExchangeOperation(exchange_id=exchange.id, operation_id=world.row(Operation).id))
    return link


def test_the_results_lead_to_what_was_sent_of_a_record(world: World) -> None:
    link = sent(world)
    found = re.search(r'href="(/admin/intacct/results/1/sent/\d+)"', world.page(LIST))
    assert found
    page = world.page(found[1])
    assert link.label in page
    assert [word in page for word in ("No answer", "NoReply", "Refused, at least in part", "120 ms")] == [True] * 4
    paths = re.findall(rf'href="({re.escape(found[1])}/\d+)"', page)
    assert len(paths) == 2
    raw = world.get(paths[0]).text  # the newest
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in raw
    assert "<script>alert" not in raw
    assert "<password>***</password>" in world.page(paths[0])
    assert "Nothing came back." in world.page(paths[1])


def test_what_was_sent_is_for_those_who_administer_the_company(world: World) -> None:
    link = sent(world)
    number = world.rows(Exchange)[0].id
    world.rights["1"] = {"see", "match"}
    assert "/sent/" not in world.page(LIST)
    for path in (f"sent/{link.id}", f"sent/{link.id}/{number}"):
        assert world.get(f"/admin/intacct/results/1/{path}").status_code == 403


def test_another_companys_requests_are_not_there(world: World) -> None:
    link = sent(world)
    number = world.rows(Exchange)[0].id
    world.change(Exchange, number, connection_id=2)
    assert world.get(f"/admin/intacct/results/2/sent/{link.id}").status_code == 404
    assert world.get(f"/admin/intacct/results/1/sent/{link.id}/{number}").status_code == 404


def test_a_record_of_which_nothing_is_kept_says_so(world: World) -> None:
    link = next(link for link in world.rows(Link) if link.connection_id == 1)
    page = world.page(f"/admin/intacct/results/1/sent/{link.id}")
    assert "No request that carried this record is kept." in page
    assert "Requests are kept for 90 days." in page


def test_xml_is_shown_a_line_for_each_element() -> None:
    assert indented("<a><b>1</b><c/><d><e>2</e></d></a>").split("\n") == [
        "<a>", "  <b>1</b>", "  <c/>", "  <d>", "    <e>2</e>", "  </d>", "</a>",
    ]  # fmt: skip
    assert indented("no XML <at> all") == "no XML <at> all"
