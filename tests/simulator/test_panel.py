"""The page and the JSON beside the gateway."""

import http.client
import json
from typing import Any

from flask_intacct.simulator import Simulator

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
