"""The explanation of captured replies, and the wire log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flask_intacct.gateway import Exchange, WireLog, functions
from flask_intacct.gateway.__main__ import main
from flask_intacct.gateway.request import build
from flask_intacct.gateway.session import Login, Sender
from flask_intacct.gateway.transport import LARGEST_REPLY

from . import captures
from .canned import (
    Asked,
    Canned,
    CannedGateway,
    auth_failure,
    control_failure,
    error,
    failed,
    reply,
    result,
    result_of,
    rows_data,
)
from .captures import CAPTURES
from .conftest import MakeClient

Explained = Callable[..., tuple[str, dict[str, Any]]]


def asked_for(*names: str) -> Asked:
    made = [functions.create("CLASS", {"NAME": name}, control_id=name) for name in names]
    return Asked(build(Sender("s", "p"), Login("c", "u", "p"), made)[1], {})


@pytest.fixture
def explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Explained:
    def explained(content: bytes, *options: str) -> tuple[str, dict[str, Any]]:
        path = tmp_path / "reply.xml"
        path.write_bytes(content)
        assert main([str(path), *options]) == 0
        said = capsys.readouterr().out.rstrip("\n").split("\n")
        return "\n".join(said[:-1]), json.loads(said[-1])

    return explained


def test_a_success(explained: Explained) -> None:
    asked = asked_for("a")
    said, summary = explained(reply(asked, result(asked, rows_data([{"RECORDNO": "1"}], "CLASS", 1, 0))))
    assert summary["conclusion"] == "success"
    assert summary["results"][0] | {"errors": []} == {
        "status": "success",
        "function": "create",
        "controlid": "a",
        "rows": 1,
        "written": [{"RECORDNO": "1"}],
        "errors": [],
    }
    assert "control id a" in said


def test_a_failure_and_a_failure_that_wrote(explained: Explained) -> None:
    asked = asked_for("a")
    bad = error("BL01001973", "", "Could not create")
    assert explained(reply(asked, failed(asked, bad)))[1]["conclusion"] == "failure"
    inside = '<data count="1"><class><RECORDNO>5</RECORDNO></class></data>'
    said, summary = explained(reply(asked, failed(asked, bad, inside=inside)))
    assert summary["conclusion"] == "partial"
    assert summary["results"][0]["written"] == [{"RECORDNO": "5"}]
    assert summary["results"][0]["errors"][0]["errorno"] == summary["errors"][0]["errorno"] == "BL01001973"
    assert "in spite of the failure" in said


def test_one_of_two_functions_failed(explained: Explained) -> None:
    asked = asked_for("a", "b")
    body = reply(asked, result(asked), failed(asked, error("BL34000061", "", "already exists"), index=1))
    said, summary = explained(body)
    assert summary["conclusion"] == "partial"
    assert [r["status"] for r in summary["results"]] == ["success", "failure"]
    assert "Duplicate" in said


@pytest.mark.parametrize(
    ("content", "status", "conclusion", "errorno"),
    [
        (auth_failure(asked_for("a"), error("XL03000006", "", "Sign-in")), 200, "auth-failure", "XL03000006"),
        (control_failure(error("XL03000003", "", "XML Parse schema")), 200, "control-failure", "XL03000003"),
        (control_failure(error("GW-0011", "", "Invalid Request")), 400, "control-failure", "GW-0011"),
        (control_failure(error("GW-0010", "", "API rate limit exceeded")), 429, "control-failure", "GW-0010"),
        (b"<html>gone</html>", 524, "protocol-error", ""),
        (b"", 200, "protocol-error", ""),
        (b"<response><control><status>success</status></control>", 200, "protocol-error", ""),
    ],
)
def test_what_went_wrong_above_the_results(
    explained: Explained, content: bytes, status: int, conclusion: str, errorno: str
) -> None:
    said, summary = explained(content, "--http-status", str(status))
    assert summary["conclusion"] == conclusion
    assert summary["errors"][0]["errorno"] == errorno
    assert summary["results"] == []
    assert said


@pytest.mark.parametrize("status", [b"", b"<status/>", b"<status> </status>"])
def test_a_result_that_does_not_say_how_it_went_is_none(explained: Explained, status: bytes) -> None:
    asked = asked_for("a", "b")
    body = reply(asked, result(asked), result(asked, index=1))
    head, end, rest = body.rpartition(b"<result>")
    assert end
    _, summary = explained(head + end + rest.replace(b"<status>success</status>", status, 1))
    assert summary["conclusion"] == "protocol-error"
    assert [fault["description"] for fault in summary["errors"]] == ["the result has no status"]


def test_an_asynchronous_acknowledgement(explained: Explained) -> None:
    body = b"<response><acknowledgement><status>success</status></acknowledgement><control/></response>"
    assert explained(body)[1] == {"conclusion": "accepted-async", "errors": [], "results": []}


def test_it_runs_as_a_module_and_tells_a_missing_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask_intacct.gateway", str(tmp_path / "none.xml")], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "none.xml" in done.stderr


def test_the_wire_log_keeps_so_many_and_no_secrets(
    gateway: CannedGateway, make_client: MakeClient, tmp_path: Path
) -> None:
    log = WireLog(tmp_path / "wire", keep=3)
    client = make_client(on_exchange=log)
    gateway.script = lambda asked: Canned(reply(asked))
    for number in range(5):
        client.execute([functions.query("CLASS", ["RECORDNO"], control_id=f"call-{number}")])
    pages = [path.read_text() for path in sorted((tmp_path / "wire").iterdir())]
    assert ["call-2" in pages[0], "call-3" in pages[1], "call-4" in pages[2]] == [True] * 3
    assert len(pages) == 3
    assert "s3cret" not in "".join(pages)
    log.enabled = False
    client.execute([functions.query("CLASS", ["RECORDNO"])])
    assert len(list((tmp_path / "wire").iterdir())) == 3


def test_the_wire_log_forgets_what_is_too_old(gateway: CannedGateway, make_client: MakeClient, tmp_path: Path) -> None:
    (tmp_path / "20200101T000000000000-1-000001.xml").write_text("old")
    client = make_client(on_exchange=WireLog(tmp_path, days=1))
    client.sign_in()
    assert len(list(tmp_path.iterdir())) == 1


def test_the_wire_log_leaves_other_files_alone(gateway: CannedGateway, make_client: MakeClient, tmp_path: Path) -> None:
    others = ["01-letter.xml", "invoice.xml", "20200101T000000-notes.xml"]
    for name in others:
        (tmp_path / name).write_text("mine")
    make_client(on_exchange=WireLog(tmp_path, keep=1, days=1)).sign_in()
    make_client(on_exchange=WireLog(tmp_path, keep=1, days=1)).sign_in()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert set(others) < set(left)
    assert len(left) == len(others) + 1


def test_a_log_that_fails_does_not_spoil_the_call(
    gateway: CannedGateway, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(exchange: Exchange) -> None:
        raise OSError("disk full")

    client = make_client(on_exchange=broken)
    assert result_of(client.execute([functions.create("CLASS", {"NAME": "A"}, control_id="w")]), "w").ok
    assert "could not be recorded" in caplog.text


def test_it_reads_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask_intacct.gateway", "-", "--http-status", "503"],
        input=b"<html>\x1b[31mmaintenance</html>",
        capture_output=True,
        check=True,
    )
    *said, summary = done.stdout.decode().splitlines()
    assert json.loads(summary)["conclusion"] == "protocol-error"
    assert "GatewayBusy" in said[0]
    assert "\x1b" not in done.stdout.decode()


def test_a_reply_without_results_is_no_success(explained: Explained) -> None:
    body = reply(asked_for("a"), "").replace(b"<result>", b"")
    assert explained(body)[1]["conclusion"] == "protocol-error"


@pytest.mark.parametrize("name", CAPTURES)
def test_captures_are_concluded(explained: Explained, name: str) -> None:
    status, content, conclusion, numbers, results = CAPTURES[name]
    said, summary = explained(content, "--http-status", str(status))
    assert list(summary) == ["conclusion", "errors", "results"]
    assert summary["conclusion"] == conclusion
    assert [error["errorno"] for error in summary["errors"]] == numbers
    assert [(r["status"], r["rows"], len(r["written"])) for r in summary["results"]] == results
    for told in summary["results"]:
        assert list(told) == ["status", "function", "controlid", "rows", "written", "errors"]
    assert said.strip()


def test_a_support_id_is_told_decoded(explained: Explained) -> None:
    said, summary = explained(CAPTURES["expired session"][1])
    assert summary["errors"][0]["support_id"] == "Xpw~E02"
    assert "support id Xpw~E02" in said


def test_a_terminal_that_knows_few_letters_still_gets_the_summary(tmp_path: Path) -> None:
    path = tmp_path / "reply.xml"
    path.write_bytes(captures.refused(captures.fault("XL1", "Zoë 株")))
    done = subprocess.run(
        [sys.executable, "-m", "flask_intacct.gateway", str(path)],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1])["errors"][0]["description2"] == "Zoë 株"


def test_a_reply_larger_than_any_is_told_like_any_other(explained: Explained) -> None:
    said, summary = explained(b"<response>" + b" " * LARGEST_REPLY)
    assert summary["conclusion"] == "protocol-error"
    assert "larger" in said
