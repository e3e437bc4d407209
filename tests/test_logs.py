"""What our logs say: what a record is about; of a failed statement where and why, never with which values."""

from __future__ import annotations

import io
import json
import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from world import MakeWorld, World, host
from world.papers import another_invoice

from flask_intacct import logs
from flask_intacct.models import Connection, Operation, Run, transition
from flask_intacct.onboarding import connect
from flask_intacct.state import current
from flask_intacct.sync import run as runs

log = logging.getLogger("flask_intacct.test")


def twice(session: sa.orm.Session) -> None:
    for _ in range(2):
        session.add(Connection(company_id="canary-1", live_company="canary-1", intacct_company="canary-2"))
        session.flush()


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """As a formatter writes it, and as an error tracker reads it."""
    (record,) = caplog.records
    assert record.exc_info
    error = record.exc_info[1]
    chain = [error, error.__cause__, error.__context__] if error else []
    return caplog.text + "".join(f"{one} {one!r}" for one in chain)


def test_a_failed_transaction_of_ours_tells_no_parameters(make_world: MakeWorld, on: str) -> None:
    make_world(on=on)
    with pytest.raises(IntegrityError) as caught, current().transaction() as session:
        twice(session)
    assert "canary-2" not in str(caught.value)


def test_a_failed_statement_of_the_host_is_logged_without_values(
    make_world: MakeWorld, on: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_world(on=on)
    try:
        with sa.orm.Session(host.db.engine) as session:
            twice(session)
    except IntegrityError:
        logs.exception(log, "Something failed")
    text = logged(caplog)
    assert "canary" not in text
    assert "INSERT INTO intacct_connection" in text


def test_what_a_failed_statement_led_to_is_logged_without_values(
    make_world: MakeWorld, on: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_world(on=on)
    try:
        try:
            with sa.orm.Session(host.db.engine) as session:
                twice(session)
        except IntegrityError as error:
            raise LookupError("nothing there") from error
    except LookupError:
        logs.exception(log, "Something failed")
    text = logged(caplog)
    assert "canary" not in text
    assert "nothing there" in text


def test_the_hosts_own_engine_goes_on_as_it_was(make_world: MakeWorld) -> None:
    make_world()
    with current().transaction() as session:
        session.execute(sa.select(Connection))
    assert host.db.engine.hide_parameters is False


def test_a_line_of_the_log_stays_one_line_whatever_a_name_holds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transition(Run(id=1, state="running"), "failed", "INV-1\nERROR:root:forged\x1b[2J came back different")
    assert "forged" in caplog.text
    assert len(caplog.text.splitlines()) == 1
    assert "\x1b" not in caplog.text


def test_a_text_that_has_no_form_in_utf_8_is_logged_in_one_that_has(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("name \udcff")
    except ValueError:
        logs.warning(log, "It failed.")
    assert r"ValueError: name \udcff" in caplog.text
    caplog.text.encode()


DEPLOYMENT = Path(__file__).resolve().parent.parent / "docs" / "deployment.md"
ABOUT = ("connection", "run", "operation", "control_id")
PLAIN = {*vars(logging.makeLogRecord({})), "message", "asctime"}


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the engine wrote; the simulator is another program."""
    mine = [one for one in caplog.records if one.name.startswith("flask_intacct.")]
    return [one for one in mine if not one.name.startswith("flask_intacct.simulator")]


def about(record: logging.LogRecord) -> dict[str, Any]:
    return {name: vars(record)[name] for name in ABOUT if name in vars(record)}


def test_all_our_loggers_say_what_a_record_is_about() -> None:
    package = Path(logs.__file__).parent
    mine = [path.relative_to(package) for path in package.rglob("*.py") if "getLogger(" in path.read_text()]
    assert [path for path in mine if path.parts[0] != "simulator"] == [Path("logs.py")]


def test_all_that_is_logged_of_a_sync_carries_its_run_and_connection(
    synced_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = synced_world
    world.save(another_invoice(world, "INV-8"))
    run = runs.start(world.id, runs.SYNC, "ada")
    caplog.set_level(logging.DEBUG)
    world.drain(run)
    records = ours(caplog)
    assert len(records) > 20
    assert {(one.connection, one.run) for one in records} == {(world.id, run.id)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("numbers", [["INV-8"], ["INV-8", "INV-9"]], ids=["alone", "with another one"])
@pytest.mark.parametrize(
    "fault", [{"kind": "refuse", "times": 0}, {"kind": "drop", "when": "after"}], ids=["refused", "no answer"]
)
def test_a_failed_send_carries_its_operation_and_control_id(
    synced_world: World, caplog: pytest.LogCaptureFixture, fault: dict[str, Any], numbers: list[str]
) -> None:
    world = synced_world
    before = {row.id for row in world.rows(Operation)}
    world.save(*(another_invoice(world, number) for number in numbers))
    world.sim.faults.add(function="create_invoice", **fault)
    caplog.set_level(logging.INFO)
    run = runs.start(world.id, runs.SYNC, "ada")
    world.drain(run)
    fresh = [row for row in world.rows(Operation) if row.id not in before]
    assert len(fresh) == len(numbers)
    failed = [about(one) for one in ours(caplog) if one.getMessage().startswith("A write did not go well")]
    of_run = {"connection": world.id, "run": run.id}
    assert failed == [{**of_run, "operation": row.id, "control_id": row.control_id} for row in fresh]
    assert {name for one in ours(caplog) for name in vars(one)} - PLAIN == set(ABOUT)


def test_what_a_thread_of_the_wire_logs_carries_the_run(synced_world: World, caplog: pytest.LogCaptureFixture) -> None:
    world = synced_world
    world.save(another_invoice(world, "INV-8"))
    world.sim.faults.add("drop", function="read")
    caplog.set_level(logging.INFO)
    run = runs.start(world.id, runs.SYNC, "ada")
    world.drain(run)
    found = [one for one in ours(caplog) if "intacct-wire" in str(one.threadName)]
    assert [one.getMessage().partition(";")[0] for one in found] == ["intacct: NoReply"]
    asked = Counter(id_ for request in world.sim.requests for id_ in request.control_ids)
    (twice,) = [id_ for id_, times in asked.items() if times == 2]
    assert about(found[0]) == {"connection": world.id, "run": run.id, "control_id": twice}


def test_what_a_web_request_logs_after_a_run_does_not_carry_it(
    synced_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    synced_world.sync()
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    with synced_world.app.test_request_context("/"):
        connect.pause(synced_world.id, "ada")
    records = ours(caplog)
    assert any("connected -> paused" in one.getMessage() for one in records)
    assert [about(one) for one in records if about(one)] == []


def test_the_formatter_of_the_docs_writes_what_a_record_is_about() -> None:
    blocks = re.findall(r"```python\n(.+?)```", DEPLOYMENT.read_text(), re.DOTALL)
    (code,) = [block for block in blocks if "JsonFormatter" in block]
    given: dict[str, Any] = {}
    exec(code, given)  # as a host has it
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(given["JsonFormatter"]())
    mine = logs.logger("flask_intacct.formatted")
    mine.addHandler(handler)
    known: dict[str, Any] = {"connection": 3, "run": 7, "operation": 12, "control_id": "abc"}
    try:
        raise ValueError("damaged")
    except ValueError:
        with logs.about(**known):
            logs.exception(mine, "It %s.", "failed")
    finally:
        mine.removeHandler(handler)
    line = json.loads(handler.stream.getvalue())
    assert (line["level"], line["message"]) == ("ERROR", "It failed.")
    assert line["exception"].endswith("ValueError: damaged")
    assert {name: line[name] for name in ABOUT} == known
