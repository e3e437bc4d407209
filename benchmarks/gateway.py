"""How fast the gateway client reads and writes, beside `sageintacctsdk` and a floor client, in one run.

    python benchmarks/gateway.py [--customers 20000 200000] [--latency 0 150] [--json]

Everything runs against the simulator on loopback. The server and every measured client have a process each, so that
no peak of memory and no interpreter lock is shared. The latency is waited by the server before each reply, and the
work of a create outside its locks, so that two requests in flight do overlap.

A gateway carries out the functions of a request one after the other, and so do the 50 ms of each create add up here.
Two requests in flight halve that sum and no client can do better; sending many creates together saves all but a few
of the latencies. So with no latency twice the speed of one create per request is the limit, and with 150 ms about
seven times.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

FIELDS = [
    "RECORDNO", "CUSTOMERID", "NAME", "STATUS", "TAXID", "TERMNAME", "CURRENCY", "TOTALDUE", "COMMENTS", "CUSTTYPE",
    "WHENCREATED", "WHENMODIFIED",
]  # fmt: skip
COMPANY, USER, PASSWORD, SENDER, SENDER_PASSWORD = "bench", "ws", "pw", "me", "x"
CHANGED, CREATES, WORK, BATCH, PAGE = 714, 300, 0.05, 25, 2000


# the server


def serve(customers: int) -> None:
    """Serve a company; each line of standard input sets the latency or asks for the requests so far."""
    from flask_intacct.simulator import Simulator
    from flask_intacct.simulator.seed.property_company import property_company

    dataset = property_company(customers=customers, vendors=1, invoices=1, bills=1)
    simulator = Simulator(dataset, COMPANY, USER, PASSWORD, SENDER, SENDER_PASSWORD)
    wait = [0.0]
    answer = simulator.gateway.handle

    def slow(body: bytes, *more: Any, **named: Any) -> Any:
        time.sleep(wait[0] + WORK * body.count(b"<create>"))
        return answer(body, *more, **named)

    simulator.gateway.handle = slow  # type: ignore[method-assign]
    with simulator:
        say({"url": simulator.url})
        for line in sys.stdin:
            order = json.loads(line)
            wait[0] = order.get("latency", wait[0])
            done = [request.functions for request in simulator.requests]
            simulator.requests.clear()
            say({"requests": len(done), "sign_ins": done.count(["getAPISession"])})


def say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Server:
    """The server's process, seen from here."""

    def __init__(self, customers: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(customers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._line()["url"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def order(self, **what: float) -> dict[str, Any]:
        """What was asked of it since the last order."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._line()

    def stop(self) -> None:
        self._process.communicate()


# the clients: each has `read`, `since` and `create`


class Ours:
    def __init__(self, url: str) -> None:
        from flask_intacct.gateway import Client, Login, Sender

        self._client = Client(
            Login(COMPANY, USER, PASSWORD), Sender(SENDER, SENDER_PASSWORD), endpoint=url, allow_loopback=True
        )

    def read(self) -> Iterator[Any]:
        return self._client.query("CUSTOMER", FIELDS, show_private=True)

    def since(self, stamp: str) -> Iterator[Any]:
        from flask_intacct.gateway import filters as f

        return self._client.query("CUSTOMER", FIELDS, filter=f.ge("WHENMODIFIED", stamp), show_private=True)

    def create(self, rows: list[dict[str, Any]]) -> None:
        from flask_intacct.gateway import functions

        made = [functions.create("CUSTOMER", row) for row in rows]
        parts = [made[at : at + BATCH] for at in range(0, len(made), BATCH)]
        with ThreadPoolExecutor(2) as pool:
            for reply in pool.map(lambda part: self._client.execute(part, unique=True), parts):
                for result in reply.results:
                    result.raise_for_status()


class Sdk:
    def __init__(self, url: str) -> None:
        from sageintacctsdk import SageIntacctSDK
        from sageintacctsdk.apis import api_base

        begin = api_base.ApiBase.__init__

        def local(self: Any, *given: Any, **named: Any) -> None:
            begin(self, *given, **named)
            self._ApiBase__api_url = url

        api_base.ApiBase.__init__ = local
        self._sdk = SageIntacctSDK(SENDER, SENDER_PASSWORD, USER, COMPANY, PASSWORD, show_private=True)

    def read(self) -> Iterator[Any]:
        return iter(self._sdk.customers.get_all(fields=FIELDS))  # its generator asks for every page twice

    def since(self, stamp: str) -> Iterator[Any]:
        changed = [("greaterthanorequalto", "WHENMODIFIED", stamp)]
        return iter(self._sdk.customers.get_by_query(fields=FIELDS, and_filter=changed))

    def create(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self._sdk.customers.post(row)


class Floor:
    """One kept-alive connection, the fewest requests, rows to dicts; no checks, no errors, no retries."""

    def __init__(self, url: str) -> None:
        import requests

        self._http, self._url = requests.Session(), url
        self._http.trust_env = False
        self._session = ""
        login = f"<login><userid>{USER}</userid><companyid>{COMPANY}</companyid><password>{PASSWORD}</password></login>"
        self._session = self._post(login, "<getAPISession/>").findtext(".//sessionid") or ""

    def _post(self, authentication: str, *functions: str, unique: str = "false") -> Any:
        from xml.etree import ElementTree

        content = "".join(
            f'<function controlid="{time.monotonic_ns()}-{n}">{f}</function>' for n, f in enumerate(functions)
        )
        body = (
            f"<request><control><senderid>{SENDER}</senderid><password>{SENDER_PASSWORD}</password><controlid>c</controlid>"
            f"<uniqueid>{unique}</uniqueid><dtdversion>3.0</dtdversion><includewhitespace>false</includewhitespace></control>"
            f"<operation><authentication>{authentication}</authentication><content>{content}</content></operation></request>"
        )
        answer = self._http.post(self._url, data=body.encode(), headers={"Content-Type": "application/xml"})
        return ElementTree.fromstring(answer.content)

    def _call(self, *functions: str, unique: str = "false") -> Any:
        return self._post(f"<sessionid>{self._session}</sessionid>", *functions, unique=unique)

    def _pages(self, extra: str = "") -> Iterator[Any]:
        last = 0
        fields = "".join(f"<field>{name}</field>" for name in FIELDS)
        while True:
            key = f"<greaterthan><field>RECORDNO</field><value>{last}</value></greaterthan>"
            condition = f"<and>{key}{extra}</and>" if extra else key
            data = self._call(
                f"<query><object>CUSTOMER</object><select>{fields}</select><filter>{condition}</filter>"
                "<orderby><order><field>RECORDNO</field><ascending/></order></orderby>"
                "<options><showprivate>true</showprivate></options>"
                f"<pagesize>{PAGE}</pagesize></query>"
            ).find("operation/result/data")
            rows = [{field.tag: field.text for field in row} for row in data]
            yield from rows
            if data.get("numremaining") == "0":
                return
            last = rows[-1]["RECORDNO"]

    def read(self) -> Iterator[Any]:
        return self._pages()

    def since(self, stamp: str) -> Iterator[Any]:
        return self._pages(
            f"<greaterthanorequalto><field>WHENMODIFIED</field><value>{stamp}</value></greaterthanorequalto>"
        )

    def create(self, rows: list[dict[str, Any]]) -> None:
        made = [
            "<create><CUSTOMER>" + "".join(f"<{n}>{v}</{n}>" for n, v in row.items()) + "</CUSTOMER></create>"
            for row in rows
        ]
        for at in range(0, len(made), BATCH):
            self._call(*made[at : at + BATCH], unique="true")


CLIENTS: dict[str, Callable[[str], Any]] = {"ours": Ours, "sageintacctsdk": Sdk, "floor": Floor}

MODULES = {
    "ours": ["flask_intacct.gateway"],
    "sageintacctsdk": ["sageintacctsdk"],
    "floor": ["requests", "xml.etree.ElementTree"],
}


def work(name: str, url: str, task: str, argument: str) -> None:
    """Do one task in this process and say how long it took and how much memory it needed at most."""
    for module in MODULES[name]:
        import_module(module)
    began = time.perf_counter()
    client = CLIENTS[name](url)
    if task == "create":
        client.create([{"CUSTOMERID": f"{argument}{n}", "NAME": f"New {argument} {n}"} for n in range(CREATES)])
        rows = CREATES
    else:
        rows = sum(1 for _ in (client.read() if task == "read" else client.since(argument)))
    seconds = time.perf_counter() - began
    say({"seconds": round(seconds, 3), "rows": rows, "peak_mb": round(peak(), 1)})


def peak() -> float:
    """This process's own peak in MB. Linux counts the parent's into `ru_maxrss` when it starts a process."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


# the run


def measure(server: Server, name: str, task: str, argument: str, latency: int, repeat: int) -> dict[str, Any]:
    """The best of some runs."""
    best: dict[str, Any] = {}
    for number in range(repeat):
        server.order(latency=latency / 1000)
        given = f"{argument}{number}-" if task == "create" else argument
        command = [sys.executable, __file__, "--work", name, server.url, task, given]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        told |= server.order()
        if not best or told["seconds"] < best["seconds"]:
            best = told
    return {"task": task, "client": name, "latency_ms": latency, **best}


def change_some(server: Server) -> str:
    """Modify 714 customers; the time to ask from."""
    from flask_intacct.gateway import formats, functions

    server.order(latency=0)
    client = Ours(server.url)._client
    keys = [formats.text(row, "RECORDNO") for row in client.page("CUSTOMER", ["RECORDNO"], show_private=True).rows]
    time.sleep(1.1)
    for at in range(0, CHANGED, 102):
        rows = [{"RECORDNO": key, "COMMENTS": "changed"} for key in keys[at : min(at + 102, CHANGED)]]
        client.call(functions.update("CUSTOMER", *rows))
    (row,) = client.read("CUSTOMER", [keys[0]], ["WHENMODIFIED"])
    return formats.text(row, "WHENMODIFIED")


def run(sizes: list[int], latencies: list[int], repeat: int, creates: bool) -> Iterator[dict[str, Any]]:
    """All measurements, one after the other."""
    for size in sizes:
        server = Server(size)
        for latency in latencies:
            for name in CLIENTS:
                yield measure(server, name, "read", "", latency, repeat) | {"customers": size}
        if size == sizes[0]:
            stamp = change_some(server)
            for latency in latencies:
                for name in CLIENTS:
                    yield measure(server, name, "since", stamp, latency, repeat) | {"customers": size}
            for latency in latencies if creates else ():
                for name in CLIENTS:
                    made = f"{name[0].upper()}{latency}x"
                    yield measure(server, name, "create", made, latency, 1) | {"customers": size}
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 150], help="milliseconds per request")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, the best counts (%(default)s)")
    parser.add_argument("--no-creates", action="store_true", help="leave the 300 creates out, which take minutes")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    elif given.work:
        work(*given.work)
    else:
        report(run(given.customers, given.latency, given.repeat, not given.no_creates), given.json)


def report(measured: Iterator[dict[str, Any]], as_json: bool) -> None:
    """Table or JSON; `of_floor` and `of_sdk` say how many times as fast as those ours was."""
    done: list[dict[str, Any]] = []
    head = ("task", "customers", "latency_ms", "client", "rows", "seconds", "requests", "sign_ins", "peak_mb")
    if not as_json:
        sys.stdout.write("  ".join(f"{name:>14}" for name in head) + "\n")
    for one in measured:
        done.append(one)
        if not as_json:
            sys.stdout.write("  ".join(f"{one[name]!s:>14}" for name in head) + "\n")
            sys.stdout.flush()
    ratios = []
    for one in done:
        if one["client"] == "ours":
            same = [o for o in done if all(o[k] == one[k] for k in ("task", "customers", "latency_ms"))]
            times = {o["client"]: round(o["seconds"] / one["seconds"], 2) for o in same if o is not one}
            ratios.append({k: one[k] for k in ("task", "customers", "latency_ms")} | times)
    if as_json:
        say({"measurements": done, "ours_is_times_as_fast_as": ratios})
        return
    sys.stdout.write("\nours is so many times as fast as:\n")
    for ratio in ratios:
        sys.stdout.write("  ".join(f"{name} {value}" for name, value in ratio.items()) + "\n")


if __name__ == "__main__":
    main()
