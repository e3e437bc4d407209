"""The vendor's own client for Node.js, used as it is, as judge of the simulator: `@intacct/intacct-sdk`."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flask_intacct.simulator import Simulator

from .data import small_company

HERE = Path(__file__).parent / "js"
FILES = ("package.json", "package-lock.json")


def run(*command: str | Path, **options: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.fixture(scope="session")
def modules() -> Path:
    """The client as the lock file pins it, installed once for each state of that file."""
    digest = hashlib.sha256((HERE / FILES[1]).read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flask-intacct-tests"
    found = cache / f"intacct-sdk-{digest}"
    if not found.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=cache))
        for name in FILES:
            shutil.copy(HERE / name, fresh)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=fresh)
        try:
            fresh.rename(found)
        except OSError:  # another worker was faster
            shutil.rmtree(fresh)
    return found / "node_modules"


@pytest.fixture(scope="session", params=["", "E1"])
def judged(request: pytest.FixtureRequest, modules: Path) -> tuple[Simulator, dict[str, Any]]:
    """The company after the client has been through it, and what the client made of the answers."""
    with Simulator(small_company(250)) as sim:
        sim.switches.vat = False  # it can't write tax entries
        environment = os.environ | {"NODE_PATH": str(modules)}
        told = json.loads(run("node", HERE / "judge.js", sim.url, request.param, env=environment))
        assert not sim.gateway.errors
    return sim, told


Judged = tuple[Simulator, dict[str, Any]]


def test_it_signs_in_at_its_level(judged: Judged) -> None:
    _, told = judged
    session = told["session"]
    assert (session["user"], session["company"], session["entity"]) == ("ws_user", "demo", told["entity"])
    assert session["endpoint"].startswith("http://127.0.0.1:")


def test_it_lists_locations_and_entities(judged: Judged) -> None:
    _, told = judged
    here = [told["entity"]] if told["entity"] else ["E1", "E2"]
    assert told["entities"] == here
    assert told["locations"] == here + [f"{one}-10" for one in here]


def test_it_pages_and_filters(judged: Judged) -> None:
    _, told = judged
    ids = [f"C{n:04d}" for n in range(1, 250)]
    assert told["paged"] == (ids if told["entity"] else [*ids, "C9999"])
    assert told["filtered"] == ids[:9]


def test_it_reads_by_query_and_more(judged: Judged) -> None:
    _, told = judged
    assert told["cursor"] == [f"C{n:04d}" for n in range(1, 250)]
    assert told["total"] == 249


def test_it_creates_and_reads_back(judged: Judged) -> None:
    sim, told = judged
    row = sim.rows("CUSTOMER", CUSTOMERID="JS1")[0]
    assert told["created"] == {"RECORDNO": str(row["RECORDNO"]), "CUSTOMERID": "JS1"}
    expected = {"id": "JS1", "name": "Jo & Söhne", "printed": "Jo", "owner": told["entity"]}
    assert told["read"] == expected


def test_it_writes_documents_in_the_order_of_the_schema(judged: Judged) -> None:
    sim, told = judged
    invoice = sim.rows("ARINVOICE", RECORDNO=int(told["invoice"]))[0]
    assert (invoice["STATE"], invoice["TRX_TOTALPAID"]) == ("Partially Paid", Decimal("5.00"))
    assert sim.rows("APBILL", RECORDNO=int(told["bill"]))[0]["STATE"] == "Posted"
    payment = sim.rows("ARPYMT", RECORDNO=int(told["payment"]))[0]
    assert (told["applied"], payment["TRX_TOTALDUE"]) == (told["payment"], Decimal("1.00"))
    assert sum(sim.trial_balance().values()) == 0


def test_it_attaches_a_file(judged: Judged) -> None:
    _, told = judged
    assert told["attached"] == "1"
    assert told["listed"] == {"total": 1, "start": 0, "end": 0, "ids": ["J1"]}


@pytest.mark.parametrize(
    ("what", "kind", "text"),
    [
        ("duplicate", "ResultException", "PL05000104 Customer with the ID JS1 already exists"),
        ("badUser", "ResponseException", "XL03000006 Sign-in information is incorrect"),
        ("badSender", "ResponseException", "XL03000006 Incorrect Intacct XML Partner ID or password."),
        ("badSession", "ResponseException", "XL03000006 Invalid session s...."),
    ],
)
def test_it_understands_refusals(judged: Judged, what: str, kind: str, text: str) -> None:
    refusal = judged[1][what]
    assert refusal["kind"] == kind
    assert refusal["errors"][0].startswith(text)
