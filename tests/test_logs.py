"""What our logs say of a failed statement: where and why, never with which values."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from world import MakeWorld, host

from flask_intacct import logs
from flask_intacct.models import Connection, Run, transition
from flask_intacct.state import current

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
