"""The page and the JSON beside the gateway."""

import dataclasses
import http.client
import json
import random
from typing import Any

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.switches import Switches

from .client import Caller, select


def ask(caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    connection: http.client.HTTPConnection = caller.connection
    given = {"Content-Type": "application/json", **headers}
    connection.request(method, path, None if body is None else json.dumps(body), given)
    answer = connection.getresponse()
    data = answer.read()
    return answer.status, json.loads(data) if answer.getheader("Content-Type") == "application/json" else data.decode()


def test_the_page_shows_what_is_going_on(sim: Simulator, caller: Caller) -> None:
    caller.ok(select("CUSTOMER", "RECORDNO"))
    sim.faults.add("http", function="<b>")
    status, page = ask(caller, "GET", "/")
    assert status == 200
    assert "This is not Sage Intacct" in page
    assert "INV1" in page
    assert "<td>query</td>" in page
    assert "&lt;b&gt;" in page


def test_faults_switches_and_changes_from_elsewhere(sim: Simulator, caller: Caller) -> None:
    assert ask(caller, "POST", "/simulator/faults", {"kind": "http", "status": 500})[0] == 200
    caller.post(caller.envelope(select("CUSTOMER", "RECORDNO")))
    assert caller.status == 500
    ask(caller, "POST", "/simulator/faults", {"kind": "drop"})
    ask(caller, "POST", "/simulator/faults", {})
    ask(caller, "POST", "/simulator/switches", {"vat": False, "automatic_ids": ["VENDOR"]})
    assert (sim.switches.vat, sim.switches.automatic_ids) == (False, {"VENDOR"})
    body = {"object": "CUSTOMER", "key": "C0001", "changes": {"NAME": "Renamed"}}
    assert ask(caller, "POST", "/simulator/modify", body)[0] == 200
    assert sim.rows("CUSTOMER")[0]["NAME"] == "Renamed"
    before = sim.company.now()
    ask(caller, "POST", "/simulator/advance", {"seconds": 60})
    assert (sim.company.now() - before).seconds >= 60
    state = ask(caller, "GET", "/simulator/state")[1]
    assert state["companies"]["demo"]["ARINVOICE"] == 1
    assert state["faults"] == []
    assert ask(caller, "GET", "/simulator/executions/f1")[1] == {"executions": 0}
    assert ask(caller, "POST", "/simulator/expire", {})[0] == 200


def test_what_is_wrong_is_said(caller: Caller) -> None:
    assert ask(caller, "POST", "/simulator/faults", {"kind": "flood"})[0] == 400
    assert ask(caller, "POST", "/simulator/switches", {"vat": "yes"})[0] == 400
    assert ask(caller, "POST", "/simulator/switches", {"colour": 1})[0] == 400
    assert ask(caller, "POST", "/simulator/nothing", {})[0] == 404
    assert ask(caller, "GET", "/nothing")[0] == 404


def test_pages_of_other_sites_get_nothing(caller: Caller) -> None:
    assert ask(caller, "POST", "/simulator/faults", {}, **{"Content-Type": "text/plain"})[0] == 415
    assert ask(caller, "GET", "/simulator/state", Host="evil.test")[0] == 421


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("switches", {"closed_until": "soon"}),
        ("switches", {"rates": {"USD": "cheap"}}),
        ("switches", {"rates": {"USD": "-1"}}),
        ("switches", {"rates": {"USD": 2}}),
        ("switches", {"automatic_ids": [1]}),
        ("switches", {"lock_after": -1}),
        ("switches", {"vat": 1}),
        ("advance", {"seconds": 1e300}),
        ("advance", {"seconds": "NaN"}),
        ("faults", {"kind": "http", "status": "high"}),
        ("faults", {"kind": "busy", "control_id": 5}),
        ("faults", {"kind": "latency", "seconds": 1e9}),
        ("modify", {"object": "CUSTOMER", "key": "C0001", "changes": {"CREDITLIMIT": "much"}}),
    ],
)
def test_what_would_break_the_gateway_is_refused(caller: Caller, what: str, given: dict[str, Any]) -> None:
    assert ask(caller, "POST", f"/simulator/{what}", given)[0] == 400
    caller.ok(select("CUSTOMER", "RECORDNO"))


def test_part_of_the_words_can_be_changed(sim: Simulator, caller: Caller) -> None:
    assert ask(caller, "POST", "/simulator/switches", {"texts": {"page": "No."}, "hold_seconds": 1})[0] == 200
    assert sim.switches.texts["page"] == "No."
    assert "module" in sim.switches.texts
    assert sim.switches.hold_seconds == 1


def test_any_json_leaves_it_alive(sim: Simulator, caller: Caller) -> None:
    chance = random.Random(3)
    names = [one.name for one in dataclasses.fields(Switches)] + ["kind", "object", "key", "changes", "seconds", "x"]
    words: list[Any] = [None, True, 0, -1, 2.5, 1e308, "", "x", "http", "CUSTOMER", [], ["x"], {}, {"NAME": None}, "1"]
    blocking = {"web_services", "address_denied", "concurrent", "charset"}
    for _ in range(400):
        what = chance.choice(("switches", "modify", "advance", "expire", "nothing"))
        given = {chance.choice(names): chance.choice(words) for _ in range(chance.randrange(4))}
        given = {name: value for name, value in given.items() if name not in blocking}
        assert ask(caller, "POST", f"/simulator/{what}", given)[0] in (200, 400, 404)
        caller.ok(select("CLASS", "RECORDNO"))


def test_what_a_user_sees_can_be_steered(caller: Caller) -> None:
    missing = {"object": "CUSTOMER", "key": "C0001", "changes": {"WHENMODIFIED": None}}
    for path, given, status in (
        ("hide", {"object": "CUSTOMER", "fields": ["TAXID"]}, 200),
        ("dates", {"order": ".ymd", "clock": "12"}, 200),
        ("dates", {"order": "ymd"}, 400),
        ("plant", missing, 200),
    ):
        assert ask(caller, "POST", f"/simulator/{path}", given)[0] == status
    assert caller.refused(select("CUSTOMER", "TAXID")).findtext("errorno") == "Query Failed"
    assert caller.ok(select("CUSTOMER", "WHENMODIFIED")).findtext("data/CUSTOMER/WHENMODIFIED") == ""
    assert caller.ok(select("ARINVOICE", "WHENCREATED")).findtext("data/ARINVOICE/WHENCREATED") == "26.01.05"
