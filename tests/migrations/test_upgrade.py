"""`flask intacct upgrade`: databases of schema version 1 become those of this release, and may go back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from world.dying import Died

from flask_intacct import flags, ledger, notices, tokens
from flask_intacct.errors import SchemaError
from flask_intacct.installation import installation_id
from flask_intacct.messages import quoted
from flask_intacct.models import Base, Connection, Link, LinkValue, Meta, Notice, Operation, Phase, Record, Run, Token
from flask_intacct.state import current
from flask_intacct.sync import identity, lease
from flask_intacct.upgrade import Busy, upgrade

from .apps import App, Made
from .rows_of_schema_one import AT, OPERATION, ROWS, insert, plain, stored

pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")

CHANGED = {"intacct_meta", "intacct_lease", "intacct_run", "intacct_phase", "intacct_event"}
"""Tables of version 1 in which an upgrade changes what is there: the version, leases, and runs that it ends."""


def present(app: App) -> dict[str, set[str]]:
    """The tables of ours in the database, with their columns."""
    return {name: columns for name in Base.metadata.tables if (columns := app.columns(name))}


def schema_one(app: App) -> dict[str, set[str]]:
    """Have the tables and rows of schema version 1; gives their columns."""
    app.earlier("schema one")
    there = present(app)
    with app.db.engine.begin() as connection:
        insert(connection, there)
    return there


def kept(app: App, there: dict[str, set[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """What was there at version 1, as it is now, but for what an upgrade has to change."""
    with app.db.engine.connect() as connection:
        return {name: rows for name, rows in stored(connection, there).items() if name not in CHANGED}


def invoke(app: App, *words: str) -> tuple[int, str]:
    result = app.app.test_cli_runner().invoke(args=["intacct", "upgrade", *words])
    return result.exit_code, result.output


def rows(model: Any, *where: Any) -> list[Any]:
    with current().transaction() as session:
        return list(session.scalars(sa.select(model).where(*where).order_by(model.id)))


def test_data_of_schema_one_become_todays(host: Made) -> None:
    with host() as app:
        there = schema_one(app)
        before = kept(app, there)
        app.migrate()
        with pytest.raises(SchemaError, match=r"holds schema version 1.*this release needs 2.*`flask intacct upgrade`"):
            installation_id(current())
        code, text = invoke(app)
        assert (code, text.splitlines()[-2:]) == (
            0,
            [
                "The data are those of schema version 2.",
                f"The tables are those of this release (installation {ROWS['intacct_meta'][0]['installation_id']}).",
            ],
        )
        assert "Northgate: its run was stopped." in text
        assert kept(app, there) == before
        assert app.differences() == []
        records_have_their_columns()
        links_have_their_values()
        rows_are_found_by_their_words()
        runs_have_ended()
        companies_have_their_flags()
        assert invoke(app) == (0, text.splitlines()[-1] + "\n")


def records_have_their_columns() -> None:
    ann, _, invoice, unknown = rows(Record)
    assert (ann.number_folded, ann.party, ann.day, ann.cents, ann.open_cents, ann.status) == ("", "", None, 0, None, "")
    assert (invoice.number_folded, invoice.party, invoice.day) == ("inv2", "C2", date(2026, 2, 10))
    assert (ann.reference_folded, invoice.reference_folded) == ("", "po9")
    assert (invoice.cents, invoice.open_cents, invoice.status) == (24050, 4000, "approved")
    assert (unknown.number_folded, unknown.cents, unknown.status) == ("", 0, "")


def links_have_their_values() -> None:
    ann, bob, untaxed, *documents = rows(Link)
    values = {value.link_id: value for value in rows(LinkValue)}
    assert values.keys() == {ann.id, bob.id, untaxed.id}
    found = ledger.load(ledger.Contact, values[ann.id].value)
    assert found == ledger.Contact(
        ref=ledger.Ref("tenant", "1"), name="Ann Archer", code="C1", email="ann@example.test",
        roles=frozenset({"customer"}),
    )  # fmt: skip
    assert (ann.hash, ann.to_send, values[ann.id].codec) == (ledger.digest(found), 3, ledger.FORM)
    assert (values[ann.id].agreed, values[ann.id].agreed_codec) == (values[ann.id].value, ledger.FORM)
    assert (values[bob.id].agreed, values[bob.id].agreed_codec) == (None, None)
    assert ledger.load(ledger.TaxType, values[untaxed.id].value).name == "No tax"
    assert [(link.hash, link.to_send, link.cents) for link in documents] == [("", 0, 0)] * 2


def rows_are_found_by_their_words() -> None:
    wanted = {(link.kind, link.id, word) for link in rows(Link) for word in tokens.words(link.search)}
    wanted |= {(record.object, record.id, word) for record in rows(Record) for word in tokens.words(record.search)}
    assert {(token.kind, token.row_id, token.word) for token in rows(Token)} == wanted != set()


def companies_have_their_flags() -> None:
    (company,), (complete, _) = rows(Connection), rows(Notice)
    assert (company.notice_id, company.notice_rank) == (complete.id, notices.ORDER.index("blue"))
    assert [str(flag.message) for flag in flags.flags("ada", lambda _: True).shown] == ["The initial sync is complete."]


def runs_have_ended() -> None:
    initial, sync = rows(Run)
    assert (initial.state, str(initial.problem)) == ("done", "")
    assert (sync.state, sync.live, str(sync.problem)) == ("cancelled", None, "It was stopped for the upgrade.")
    assert [(phase.name, phase.state) for phase in rows(Phase)] == [
        ("connect", "done"),
        ("invoice", "skipped"),
        ("finish", "skipped"),
    ]


def test_operations_are_not_touched(host: Made) -> None:
    with host() as app:
        there = schema_one(app)
        app.migrate()
        with app.db.engine.connect() as connection:
            before = stored(connection, {"intacct_operation": there["intacct_operation"]})
        assert invoke(app)[0] == 0
        with app.db.engine.connect() as connection:
            assert stored(connection, {"intacct_operation": there["intacct_operation"]}) == before
        (row,) = rows(Operation)
        assert (row.state, row.control_id, row.updated_at) == ("UNKNOWN", OPERATION["control_id"], AT)
        assert (row.epoch, row.needs, row.object, row.size, row.outcome_hash) == (0, 0, "ARINVOICE", 0, "")


def test_an_upgrade_goes_back_and_comes_again(host: Made) -> None:
    with host() as app:
        there = schema_one(app)
        before = kept(app, there)
        app.migrate()
        invoke(app)
        assert invoke(app, "--back") == (
            0,
            "The data are those of the release before this one: now the migrations may go back.\n",
        )
        flask_migrate.downgrade()
        assert present(app) == there
        assert kept(app, there) == before
        with app.db.engine.connect() as connection:
            assert connection.scalar(sa.select(plain("intacct_meta", there["intacct_meta"]).c.schema_version)) == 1
        flask_migrate.upgrade()
        assert invoke(app)[0] == 0
        assert (len(rows(LinkValue)), rows(Record)[2].cents) == (3, 24050)


def test_a_suspended_link_is_what_it_was_for_the_release_before_this_one(host: Made) -> None:
    with host() as app:
        schema_one(app)
        app.migrate()
        invoke(app)
        ann = rows(Link)[0]
        with current().transaction() as session:
            row = session.get_one(Link, ann.id)
            identity.suspend(session, row, {"v": 1, "name": "Zoe"}, quoted("Ann"), quoted("Zoe"))
        assert rows(Link)[0].state == "suspended"
        assert invoke(app, "--back")[0] == 0
        assert (rows(Link)[0].state, rows(Link)[0].agreed) == (ann.state, ann.agreed)


@contextmanager
def killed_at(number: int) -> Iterator[Counter[str]]:
    """Die at the statement of this number that writes."""
    count: Counter[str] = Counter()

    def die(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "ALTER")) and "intacct_lease" not in statement:
            count["writes"] += 1
            if count["writes"] == number:
                raise Died

    engine = current().engine
    event.listen(engine, "before_cursor_execute", die)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", die)


def test_an_upgrade_that_is_killed_anywhere_is_run_again(host: Made) -> None:
    with host() as app:
        there = schema_one(app)
        before = kept(app, there)
        app.migrate()
        for number in range(1, 200):
            with killed_at(number) as count:
                try:
                    upgrade(current(), lambda _: None)
                except Died:
                    assert rows(Meta)[0].schema_version == 1
            if count["writes"] < number:
                break
        assert number > 5
        assert kept(app, there) == before
        records_have_their_columns()
        links_have_their_values()
        runs_have_ended()


def test_an_upgrade_treats_all_rows_a_batch_at_a_time(host: Made) -> None:
    with host() as app:
        there = schema_one(app)
        with app.db.engine.begin() as connection:
            for name, id_, column in (("intacct_link", 1, "local_id"), ("intacct_record", 3, "key")):
                table = plain(name, there[name])
                pattern = connection.execute(sa.select(table).where(table.c.id == id_)).mappings().one()
                unlinked = {"exclusive": None} if name == "intacct_link" else {}
                more = [dict(pattern) | unlinked | {"id": 1000 + n, column: f"n{n}"} for n in range(450)]
                connection.execute(table.insert(), more)
        app.migrate()
        assert invoke(app)[0] == 0
        assert len(rows(LinkValue)) == 453
        assert len(rows(Record, Record.cents == 24050)) == 451


def test_an_upgrade_is_refused_while_a_worker_is_at_work(host: Made) -> None:
    with host() as app:
        schema_one(app)
        app.migrate()
        hold = lease.take(current(), 1)
        assert hold is not None
        code, text = invoke(app)
        assert (code, text.split(" (or")[0]) == (
            1,
            "Error: A worker is at work for Northgate. Stop all workers and the scheduler",
        )
        assert (rows(Run)[1].live, rows(LinkValue), rows(Meta)[0].schema_version) == (1, [], 1)
        lease.release(current(), hold)
        assert invoke(app)[0] == 0


def test_no_worker_begins_during_an_upgrade(host: Made) -> None:
    with host() as app:
        schema_one(app)
        app.migrate()
        taken: list[object] = []
        upgrade(current(), lambda _: taken.append(lease.take(current(), 1)))
        assert taken[:-1] == [None] * (len(taken) - 1)
        hold = lease.take(current(), 1)
        assert hold is not None


def test_a_worker_that_began_all_the_same_ends_the_upgrade(host: Made) -> None:
    with host() as app:
        schema_one(app)
        app.migrate()
        holds: list[lease.Hold | None] = []

        def hangs(_: str) -> None:
            with current().transaction() as session:
                session.execute(sa.text("UPDATE intacct_lease SET expires_at = '2026-01-31 12:00:00'"))
            holds.append(lease.take(current(), 1))

        with pytest.raises(Busy, match=r"A worker began during the upgrade\. Stop all workers"):
            upgrade(current(), hangs)
        assert rows(Meta)[0].schema_version == 1
        (hold,) = holds
        assert hold is not None
        hold.renew()
        lease.release(current(), hold)
        assert invoke(app)[0] == 0


def test_tables_that_were_not_migrated_are_named(host: Made) -> None:
    with host() as app:
        schema_one(app)
        code, text = invoke(app)
        assert code == 1
        assert text.startswith("Error: The database lacks intacct_")
        assert "Run the application's migrations first (flask db migrate, flask db upgrade)" in text
        app.db.create_all()  # brings tables, but no columns
        code, text = invoke(app)
        assert code == 1
        assert re.match(r"Error: The database lacks intacct_\w+\.\w+, ", text)


def test_data_of_a_newer_release_are_left_alone(host: Made) -> None:
    with host() as app:
        app.migrate()
        installation_id(current())
        with current().transaction() as session:
            session.execute(sa.update(Meta).values(schema_version=3))
        code, text = invoke(app)
        assert (code, rows(Meta)[0].schema_version) == (1, 3)
        assert "holds schema version 3" in text
        assert "with the release that upgraded the database" in text


@pytest.mark.parametrize("version", ["schema one", ""], ids=["upgraded", "new"])
def test_keys_and_times_are_exact_on_every_database(host: Made, version: str) -> None:
    with host() as app:
        if version:
            schema_one(app)
        app.migrate()
        assert invoke(app)[0] == 0
        with current().transaction() as session:
            if not version:
                session.execute(sa.insert(Base.metadata.tables["intacct_connection"]).values(id=1, company_id="1"))
            at = AT.replace(microsecond=123456)
            session.add_all(
                Record(connection_id=1, object="CUSTOMER", key=key, read_at=at) for key in ("abc", "ABC", "äbc")
            )
        assert [row.read_at for row in rows(Record, Record.key.in_(("ABC", "äbc")))] == [at, at]
        assert app.differences() == []
