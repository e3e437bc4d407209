"""Things that go wrong on purpose: what each fault sends in place of the right reply."""

from xml.etree import ElementTree

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, level, select
from .test_writing import create, customer

CUSTOMERS = select("CUSTOMER", "CUSTOMERID NAME")
LATER = "Please Try Again Later"


@pytest.mark.parametrize(("kind", "where"), [("refuse", "result"), ("control", "control")])
def test_a_correction_may_say_that_it_passes(sim: Simulator, caller: Caller, kind: str, where: str) -> None:
    sim.faults.add(kind, errorno="XL03000009", text="Not now", correction=LATER)
    found, error = level(caller.call(create(customer("X1"))))
    assert error is not None
    assert (found, error.findtext("errorno"), error.findtext("correction")) == (where, "XL03000009", LATER)
    assert sim.rows("CUSTOMER", CUSTOMERID="X1") == []
    caller.ok(create(customer("X1")))


def test_a_control_may_say_nothing_but_that_it_failed(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("mute")
    response = caller.call(CUSTOMERS)
    assert [(one.tag, [part.tag for part in one]) for one in response] == [("control", ["status"])]
    assert (caller.status, response.findtext("control/status")) == (200, "failure")


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
def test_the_network_between_has_a_page_of_its_own(sim: Simulator, caller: Caller, when: str, written: int) -> None:
    sim.faults.add("cdn", when=when)
    page = caller.post(caller.envelope(create(customer("X1"))))
    assert (caller.status, b"cf-error-details" in page, b"Cloudflare" in page) == (403, True, True)
    assert caller.headers["Content-Type"] == "text/html"
    assert len(sim.rows("CUSTOMER", CUSTOMERID="X1")) == written


@pytest.mark.parametrize("text", ["\x1a", "&#x1a;", "&", "&nbsp;", "<b>"])
def test_one_row_of_a_page_may_hold_what_xml_can_not(sim: Simulator, caller: Caller, text: str) -> None:
    sim.faults.add("spoil", function="query", text=text, row=1)
    body = caller.post(caller.envelope(CUSTOMERS)).decode()
    assert body.count(f"<CUSTOMERID>C0002{text}</CUSTOMERID>") == 1
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(body)
    assert len(caller.ok(CUSTOMERS).findall("data/CUSTOMER")) == 4


@pytest.mark.parametrize("name", ["GLDIMFit-out/Strip_Works", "1st"])
def test_one_row_may_have_an_element_of_an_impossible_name(sim: Simulator, caller: Caller, name: str) -> None:
    sim.faults.add("name", text=name, row=2)
    body = caller.post(caller.envelope(CUSTOMERS)).decode()
    assert f"<NAME>Tenant 3</NAME><{name}>1</{name}></CUSTOMER>" in body
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(body)


@pytest.mark.parametrize("row", [9, 0])
def test_a_page_may_have_fewer_rows_than_that(sim: Simulator, caller: Caller, row: int) -> None:
    sim.faults.add("spoil", text="&", row=row)
    nothing = "<filter><equalto><field>NAME</field><value>x</value></equalto></filter>"
    assert caller.ok(select("CUSTOMER", "NAME", nothing)).find("data") is not None
    sim.faults.add("spoil", text="&", row=row)
    assert b"&<" in caller.post(caller.envelope(CUSTOMERS))


def test_faults_are_asked_for_over_http_too(caller: Caller) -> None:
    asked = '{"kind": "control", "text": "x", "correction": "Please Try Again Later"}'
    caller.post(caller.envelope(CUSTOMERS), **{"X-Simulator-Fault": asked})
    assert LATER.encode() in caller.body
    caller.post(caller.envelope(CUSTOMERS), **{"X-Simulator-Fault": '{"kind": "spoil", "text": "&"}'})
    assert b"C0001&<" in caller.body
