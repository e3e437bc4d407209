"""The requests of a sync, kept to look at: with what they carried, without secrets, and at no risk to what they did."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host
from world.statements import counted

from flask_intacct import exchanges, jobs
from flask_intacct.clock import now
from flask_intacct.errors import Refused
from flask_intacct.models import ApiUsage, Exchange, ExchangeOperation, Operation, Run
from flask_intacct.models import Session as StoredSession
from flask_intacct.onboarding import settings
from flask_intacct.state import current

READS = ("query", "read", "getAPISession", "lookup")


def kept(world: World, function: str) -> list[Exchange]:
    return [row for row in world.rows(Exchange) if function in row.functions.split(", ")]


def joined(world: World) -> dict[int, list[str]]:
    """For each request the functions of the operations that it carried."""
    found: dict[int, list[str]] = {}
    with current().reading() as session:
        query = sa.select(ExchangeOperation.exchange_id, Operation.function)
        for number, function in session.execute(query.join(Operation, Operation.id == ExchangeOperation.operation_id)):
            found.setdefault(number, []).append(function)
    return found


def test_each_write_is_kept_with_what_it_carried_and_what_was_answered(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="decided")
    run = world.start()
    carried = joined(world)
    assert sum(map(len, carried.values())) == len(world.rows(Operation)) == 7
    for row in world.rows(Exchange, Exchange.run_id == run.id):
        assert (row.connection_id, row.http_status, row.outcome) == (world.id, 200, "answered")
        if row.id in carried:
            assert set(carried[row.id]) == set(row.functions.split(", "))
            assert "<control>" in exchanges.opened(row.request)
            assert "<status>success</status>" in exchanges.opened(row.response)
    invoices = kept(world, "create_invoice")
    assert invoices
    assert any("INV-1" in exchanges.opened(row.request) for row in invoices)


def test_of_reads_that_succeed_what_was_said_is_not_kept(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="synced")
    run = world.sync()
    reads = [row for row in world.rows(Exchange, Exchange.run_id == run.id) if row.functions in READS]
    assert reads
    assert {(row.request, row.response) for row in reads} == {(b"", b"")}
    assert all(row.milliseconds < 60_000 for row in reads)
    with current().reading() as session:
        ages = session.execute(sa.select(Exchange.at, now()).where(Exchange.run_id == run.id)).all()
    assert all(timedelta(0) <= at - moment < timedelta(minutes=5) for moment, at in ages)


def test_of_a_read_that_fails_it_is(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    world.sim.faults.add("refuse", function="query", errorno="PL04000005", text="You do not have permission")
    world.sync()
    (row,) = [row for row in world.rows(Exchange) if row.outcome != exchanges.ANSWERED]
    assert row.outcome == exchanges.REFUSED
    assert "You do not have permission" in exchanges.opened(row.response)
    assert "<query>" in exchanges.opened(row.request)


def test_a_write_without_an_answer_is_kept_too(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.faults.add("drop", when="after", function="create_invoice")
    world.start()
    row = kept(world, "create_invoice")[0]
    assert (row.outcome, row.http_status, row.response) == ("NoReply", 0, b"")
    assert joined(world)[row.id] == ["create_invoice"]


def test_no_password_and_no_session_is_kept(make_world: MakeWorld) -> None:
    world = make_world(stage="decided")
    run = world.confirm()
    world.sim.faults.add("session", function="create_invoice")
    world.drain(run)
    with current().reading() as session:
        sealed = session.scalars(sa.select(StoredSession.sealed)).all()
    secrets = ["secret", *(current().vault.open(one).split("\n")[0] for one in sealed), "<password>x<"]
    rows = world.rows(Exchange)
    texts = [zlib.decompress(body).decode() for row in rows for body in (row.request, row.response) if body]
    assert len(secrets) > 2
    assert len(texts) > 8
    assert not [secret for secret in secrets for text in texts if str(secret) in text]
    assert any("***" in text for text in texts)


def test_no_tax_number_is_kept_also_where_a_refusal_says_it(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    number = world.one(host.Contact, name="Carol Clark").vat
    world.sim.faults.add("refuse", function="create", errorno="BL01001973", text=f"The tax ID {number} is no good")
    world.start()
    assert world.operations()["REJECTED"]
    texts = [exchanges.opened(body) for row in world.rows(Exchange) for body in (row.request, row.response)]
    assert any("The tax ID *** is no good" in text for text in texts)
    assert any("<TAXID>***</TAXID>" in text for text in texts)
    assert number
    assert not [text for text in texts if number in text]


def test_a_log_that_fails_changes_no_outcome(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    for table in (ExchangeOperation, Exchange, ApiUsage):
        with current().transaction() as session:
            session.execute(sa.text(f"DROP TABLE {table.__tablename__}"))
    assert world.start().state == "done"
    assert (world.issues(), world.operations(), set(world.executions())) == ([], {"DONE": 7}, {1})


def test_what_was_asked_is_counted_by_company_and_month(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere)
    world.connect()
    (row,) = world.rows(ApiUsage)
    asked = len(world.sim.requests)
    assert (row.company, len(row.month), row.month[4]) == ("demo", 7, "-")
    assert row.requests == asked  # those of people, too
    assert row.functions >= row.requests
    assert row.rows > 10


def test_what_is_too_old_or_too_much_goes_a_batch_at_a_time(
    make_world: MakeWorld, anywhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(on=anywhere, stage="synced")
    monkeypatch.setattr(exchanges, "BATCH", 5)
    number = len(world.rows(Exchange))
    joins = len(world.rows(ExchangeOperation))
    assert number > 20
    jobs.tick()
    assert len(world.rows(Exchange)) == number
    world.configure(exchange_rows=number - 7)
    oldest = [row.id for row in sorted(world.rows(Exchange), key=lambda row: (row.at, row.id))][:7]
    jobs.tick()
    assert len(world.rows(Exchange)) == number - 5
    jobs.tick()
    jobs.tick()
    left = [row.id for row in world.rows(Exchange)]
    assert (len(left), {*left} & {*oldest}) == (number - 7, set())
    with current().transaction() as session:
        session.execute(sa.update(Exchange).values(at=now(-91 * 86400)))
    for _ in range(number):
        jobs.tick()
    assert (joins > 0, world.rows(Exchange), world.rows(ExchangeOperation)) == (True, [], [])


def test_a_quiet_sync_pays_two_statements_for_it(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    world.sync()
    with counted() as seen:
        world.sync()
    mine: list[Any] = [one for one in seen if "intacct_exchange" in one or "intacct_api_usage" in one]
    assert len(mine) == 2


def used(world: World, functions: int, month: str = "") -> None:
    """So many API transactions are used in a month, else in this one."""
    with current().transaction() as session:
        row = session.scalars(sa.select(ApiUsage).order_by(ApiUsage.id)).first()
        assert row is not None
        if month:
            session.add(ApiUsage(company=row.company, month=month, requests=1, functions=functions, rows=0))
        else:
            row.functions = functions


def test_at_the_limit_the_night_waits_and_a_person_does_not(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    world.sync()
    world.configure(api_limit=500)
    used(world, 499)
    jobs.nightly()
    (run,) = world.rows(Run, Run.live.is_not(None))
    world.drain(run)
    used(world, 500)
    requests = len(world.sim.requests)
    jobs.nightly()
    held = world.rows(Run)[-1]
    assert (held.kind, held.state, len(world.sim.requests)) == ("sync", "cancelled", requests)
    assert str(held.problem) == (
        "It waits: 500 API transactions of the 500 of this month are used. Press Sync now where it can't wait."
    )
    assert world.sync().state == "done"
    assert len(world.sim.requests) > requests


def test_this_month_and_the_last_one_are_told_apart(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="synced")
    world.sync()
    with current().reading() as session:
        month = str(session.scalar(sa.select(ApiUsage.month)))
    year, number = map(int, month.split("-"))
    used(world, 77, f"{year}-{number - 1:02}" if number > 1 else f"{year - 1}-12")
    used(world, 88, "2001-01")
    config = current().config
    with current().reading() as session:
        found = exchanges.uses(session, config, ["DEMO", "other"])
    assert (found["DEMO"].this > 20, found["DEMO"].last, found["DEMO"].up) == (True, 77, False)
    assert (found["other"].this, found["other"].last) == (0, 0)


def test_a_connection_may_have_a_limit_of_its_own(make_world: MakeWorld) -> None:
    world = make_world(stage="synced")
    world.sync()
    used(world, 500)
    settings.limit(world.id, "400", "ada")
    jobs.nightly()
    assert world.rows(Run)[-1].state == "cancelled"
    world.configure(api_limit=300)
    settings.limit(world.id, "0", "ada")
    jobs.nightly()
    assert world.rows(Run)[-1].live is not None
    settings.limit(world.id, "", "ada")
    with current().reading() as session:
        assert exchanges.use(session, current().config, world.connection).up
    for nonsense in ("many", "-1", "1.5", "٣", "1" * 10):
        with pytest.raises(Refused, match="is not a number of API transactions"):
            settings.limit(world.id, nonsense, "ada")
