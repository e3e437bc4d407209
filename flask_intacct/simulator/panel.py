"""The simulator's own address beside the gateway: a page for people who watch, and JSON to steer it from elsewhere.

GET  /                      what is going on
GET  /simulator/state       counts, last requests, queued faults, switches
POST /simulator/faults      {"kind": "http", "status": 503, ...} queues one; {} clears all
POST /simulator/switches    {"vat": false, ...}
POST /simulator/modify      {"object": "CUSTOMER", "key": "C0001", "changes": {"NAME": "x"}}
POST /simulator/plant       the same, but unchecked, and without a stamp: null takes a field away
POST /simulator/hide        {"object": "CUSTOMER", "fields": ["TAXID"], "user": "ws_user"}
POST /simulator/dates       {"order": ".ymd", "offset": "+09:30", "clock": "12", "user": "ws_user"}
POST /simulator/advance     {"seconds": 3600}
POST /simulator/expire      {} ends all sessions
GET  /simulator/executions/<control id>
"""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import unquote

from .books.rates import LARGEST
from .gateway import PATH
from .protocol.payload import Answer
from .steering import Steering
from .store.dateforms import DateForm
from .store.objects import SPECS
from .store.values import plain, read

SHOWN = ("CUSTOMER", "VENDOR", "ARINVOICE", "ARADJUSTMENT", "ARPYMT", "APBILL", "APADJUSTMENT", "APPYMT", "GLENTRY")
FARTHEST = 10 * 365 * 86400
"""Seconds that the clock is moved by at once."""
PREFIX = "/simulator/"
_STYLE = (
    "body{font:15px system-ui;margin:2em auto;max-width:60em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ccc;text-align:left}.badge{background:#b00;color:#fff;"
    "padding:.2em .6em}"
)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _checked(name: str, present: Any, value: Any) -> Any:
    """The new value of a switch; some may not be anything of their type."""
    inner = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, set) else ()
    if not all(isinstance(one, str) for one in inner):
        raise ValueError(f"{name} holds texts")
    if name in ("numbers", "texts"):
        return present | {key: text for key, text in value.items() if key in present}
    if name == "rates" and not all(0 < Decimal(one) < LARGEST for one in value.values()):
        raise ValueError("rates are above nought")
    if name == "date_format":
        DateForm(value)
    if name == "closed_until":
        read(value, "d")
    if isinstance(value, int | float) and not 0 <= value < 10**9:
        raise ValueError(f"{name} is no less than nought")
    return value


class Panel:
    """Answers everything that is not posted to the gateway."""

    def __init__(self, simulator: Steering) -> None:
        self.simulator = simulator

    def handle(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        """The answer to a request; a page from another site can't send JSON without being asked first."""
        if method == "GET":
            if path == "/":
                return Answer(200, self._page().encode(), {"Content-Type": "text/html; charset=utf-8"})
            if path == PREFIX + "state":
                return _json(self._state())
            if path.startswith(PREFIX + "executions/"):
                control_id = unquote(path.removeprefix(PREFIX + "executions/"))
                return _json({"executions": self.simulator.executions(control_id)})
            return _json({"error": "not found"}, 404)
        if kind.partition(";")[0].strip() != "application/json":
            return _json({"error": "send application/json"}, 415)
        try:
            given = json.loads(body or b"{}")
            if not isinstance(given, dict):
                raise ValueError("an object is needed")
            return self._change(path.removeprefix(PREFIX), given)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            return _json({"error": str(error)}, 400)

    def _change(self, what: str, given: dict[str, Any]) -> Answer:
        simulator = self.simulator
        if what == "faults":
            if given:
                simulator.faults.add(given.pop("kind"), **given)
            else:
                simulator.faults.clear()
        elif what == "switches":
            self._switch(given)
        elif what in ("modify", "plant"):
            fields = simulator.company.store[given["object"]].fields
            changes = {name: read(str(value or ""), fields[name].kind) for name, value in given["changes"].items()}
            (simulator.modify if what == "modify" else simulator.plant)(given["object"], given["key"], **changes)
        elif what == "hide":
            simulator.hide(given["object"], *given["fields"], user=given.get("user", ""))
        elif what == "dates":
            simulator.show_dates(**given)
        elif what == "advance":
            seconds = float(given["seconds"])
            if not abs(seconds) <= FARTHEST:
                raise ValueError(f"seconds are at most {FARTHEST}")
            simulator.advance(seconds)
        elif what == "expire":
            simulator.expire_sessions()
        else:
            return _json({"error": "not found"}, 404)
        return _json({"status": "done"})

    def _switch(self, given: dict[str, Any]) -> None:
        switches = self.simulator.switches
        for name, value in given.items():
            present = getattr(switches, name)
            if isinstance(present, set):
                value = set(value)
            if type(value) is not type(present) and not (type(present) is float and type(value) is int):
                raise ValueError(f"{name} is a {type(present).__name__}")
            setattr(switches, name, _checked(name, present, value))

    def _state(self) -> dict[str, Any]:
        gateway = self.simulator.gateway
        switches = dataclasses.asdict(self.simulator.switches)
        return {
            "simulator": True,
            "companies": {
                company.id: {name: len(company.store[name]) for name in SPECS}
                for company in gateway.directory.companies.values()
            },
            "requests": [
                {"functions": one.functions, "control_ids": one.control_ids, "status": one.status}
                for one in gateway.requests[-50:]
            ],
            "faults": [dataclasses.asdict(fault) for fault in gateway.faults.queued()],
            "switches": {k: sorted(v) if isinstance(v, set) else v for k, v in switches.items()},
        }

    def _page(self) -> str:
        gateway = self.simulator.gateway
        companies = "".join(
            f"<h2>Company {escape(company.id)}</h2><table>"
            + "".join(f"<tr><th>{name}</th><td>{len(company.store[name])}</td></tr>" for name in SHOWN)
            + "</table>"
            for company in gateway.directory.companies.values()
        )
        documents = "".join(
            f"<tr><td>{name}</td><td>{escape(plain(row.get('RECORDID')))}</td><td>{row['STATE']}</td>"
            f"<td>{plain(row['WHENCREATED'])}</td><td>{plain(row['TRX_TOTALENTERED'])}</td></tr>"
            for name in ("ARINVOICE", "APBILL")
            for row in self._latest(name)
        )
        requests = "".join(
            f"<tr><td>{escape(', '.join(one.functions)) or '-'}</td><td>{one.status}</td></tr>"
            for one in reversed(gateway.requests[-20:])
        )
        faults = "".join(
            f"<li>{fault.kind} {fault.when} {escape(fault.function)}</li>" for fault in gateway.faults.queued()
        )
        return (
            f"<!doctype html><html lang=en><head><title>Sage Intacct simulator</title><style>{_STYLE}</style></head>"
            "<body><h1>Sage Intacct simulator</h1><p><span class=badge>This is not Sage Intacct.</span>"
            f" Clients post to <code>{PATH}</code>.</p>{companies}"
            f"<h2>Latest documents</h2><table>{documents}</table>"
            f"<h2>Latest requests</h2><table>{requests}</table><h2>Queued faults</h2><ul>{faults}</ul></body></html>"
        )

    def _latest(self, name: str) -> list[dict[str, Any]]:
        with self.simulator.company.lock:
            table = self.simulator.company.store[name]
            return [table[key] for key in reversed(table.keys[-8:])]
