"""What the host's own exceptions say stays in the log: people see their kind, their place and where to find them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, String, event
from sqlalchemy.orm import validates
from world import MakeWorld, World
from world import host as world_host
from world.made import made

from flask_intacct import Intacct, Local, choices, issues, kinds
from flask_intacct.errors import Refused, Unreadable
from flask_intacct.ledger import Ref
from flask_intacct.models import Issue, Link
from flask_intacct.onboarding import connect
from flask_intacct.prospects import Prospects
from flask_intacct.state import current

from .maker import close, customer, make
from .maker import host as hosted

CANARY = "sk_live_4eC39"
REFERENCE = re.compile(r"\(reference ([0-9a-f]{8})\)")


class Leaky(Exception):
    """Says more than people should read."""


def leak(*given: Any) -> Any:
    raise Leaky(f"POST https://bank.test/?key={CANARY} for {given}")


def told(text: str, log: pytest.LogCaptureFixture, kind: str = "Leaky", place: str = "test_private.leak") -> None:
    """The text names kind and place; its reference leads to all of it in the log."""
    assert CANARY not in text
    assert f"{kind} in " in text
    assert place in text
    found = REFERENCE.search(text)
    assert found
    assert any(found[1] in record.getMessage() and record.exc_info for record in log.records)
    assert CANARY in log.text


Tenants = Callable[..., Any]


@pytest.fixture
def tenants(tmp_path: Path) -> Iterator[Tenants]:
    """Makes a host with one table of tenants and one row, and holds its context open."""
    held: list[Any] = []

    def make_it(members: dict[str, Any] | None = None, **options: Any) -> Any:
        db = SQLAlchemy()
        names = {"id": Column(Integer, primary_key=True), "name": Column(String(20)), "mail": Column(String(40))}
        model = type("Tenant", (db.Model,), names | (members or {}))
        app = make(db, Intacct(contacts=Local(model, **{"role": "customer", "name": "name", **options})), tmp_path)
        context = app.app_context()
        context.push()
        held.append((app, db, context))
        with db.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO tenant (id, name, mail) VALUES (1, 'Ann', 'a@b')")
        return db, model

    yield make_it
    for app, db, context in held:
        context.pop()
        close(app, db)


def created() -> str:
    """What is said of a contact that can't be made."""
    (local,) = hosted().locals(kinds.CONTACT)
    with pytest.raises(Refused) as refused:
        made(hosted(), local, customer("Bob", email="b@c"))
    current().host.session.rollback()
    return refused.value.message


@pytest.mark.parametrize("entry", ["phone", "role", "archived"])
def test_an_entry_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture, entry: str) -> None:
    tenants(**{entry: leak})
    with caplog.at_level(logging.WARNING), pytest.raises(Unreadable) as unreadable:
        list(hosted().values(kinds.CONTACT, ""))
    assert f"{entry}= fails: " in unreadable.value.message
    told(unreadable.value.message, caplog)


def test_a_reader_logs_an_entry_that_fails_for_many_rows_once_each_time_that_it_reads(
    tenants: Tenants, caplog: pytest.LogCaptureFixture
) -> None:
    db, model = tenants(phone=lambda row: leak(row))
    db.session.add_all([model(name="Bob"), model(name="Eve")])
    db.session.commit()
    said: list[str] = []
    for logged in (1, 2):
        list(hosted().values(kinds.CONTACT, "", lambda unreadable: said.append(str(unreadable.reason))))
        assert len([record for record in caplog.records if "reference" in record.getMessage()]) == logged
    assert (len(said), len(set(said))) == (6, 1)


def test_a_row_that_fails_while_it_is_loaded(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    db, model = tenants()
    event.listen(model, "load", leak)
    with pytest.raises(Unreadable) as unreadable:
        list(hosted().values(kinds.CONTACT, ""))
    told(unreadable.value.message, caplog)
    db.session.remove()
    with pytest.raises(Unreadable) as unreadable:
        hosted().find(kinds.CONTACT, Ref("tenant", "1"))
    told(unreadable.value.message, caplog)


def test_a_create_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    tenants(create=leak)
    told(created(), caplog)


@pytest.mark.parametrize("way", ["update", "archive"])
def test_an_update_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture, way: str) -> None:
    tenants(**{way: leak})
    ref = Ref("tenant", "1")
    with pytest.raises(Refused) as refused:
        hosted().update(kinds.CONTACT, ref, customer()) if way == "update" else hosted().archive(kinds.CONTACT, ref)
    told(refused.value.message, caplog)


def test_what_a_create_refuses_is_said_in_the_hosts_words(tenants: Tenants) -> None:
    def refuse(values: Any) -> None:
        raise Refused("There is no tenancy.")

    tenants(create=refuse)
    assert created() == "There is no tenancy."


def test_an_init_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    tenants({"__init__": leak})
    told(created(), caplog)


def test_a_listener_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    _, model = tenants()
    event.listen(model, "before_insert", leak)
    told(created(), caplog)


def test_a_default_that_fails(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    tenants({"by": Column(String(9), default=lambda: leak())})
    told(created(), caplog)


def test_a_validator_that_fails_while_the_plan_is_made(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    tenants({"check": validates("name")(lambda row, name, value: leak(value))})
    found = Prospects(hosted()).refusal(kinds.CONTACT, kinds.CUSTOMER, customer("Bob"))
    told(str(found), caplog)


def test_a_trigger_that_refuses_a_row(tenants: Tenants, caplog: pytest.LogCaptureFixture) -> None:
    db, _ = tenants()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER t BEFORE INSERT ON tenant BEGIN SELECT RAISE(ABORT, 'key {CANARY}'); END"
        )
    text = created()
    assert CANARY not in text
    assert "The table tenant does not take it: IntegrityError (reference " in text
    assert CANARY in caplog.text


def test_a_value_that_a_table_has_already(make_world: MakeWorld, anywhere: str) -> None:
    """Drivers repeat the value in their own words."""
    make_world(on=anywhere, stage="filled")
    world_host.db.session.remove()
    with world_host.db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX uq_mail ON contact (email)")
    (local,) = current().host.locals(kinds.CONTACT)
    theirs = customer("Other", email="alice@example.test", roles=frozenset(["customer"]))
    with pytest.raises(Refused) as refused:
        made(current().host, local, theirs, company_id="1")
    assert "alice@example.test" not in refused.value.message
    assert "mail" in refused.value.message
    world_host.db.session.rollback()


def leaking(**options: Any) -> Intacct:
    """The world's host, whose own functions fail and say too much."""
    intacct = world_host.describe(**options)
    company: Any = intacct._company
    company.entries["currency"] = leak
    (contacts,) = intacct._mapped[kinds.CONTACT]
    contacts.entries["phone"] = lambda row: leak(row) if row.name == "Bob Brown" else ""
    contacts.create = leak
    return intacct


@pytest.fixture
def leaky(make_world: MakeWorld) -> World:
    return make_world(described=leaking)


def test_usage_and_keep_that_fail(
    read_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (accounts,) = current().host.locals(kinds.ACCOUNT)
    for name in ("usage", "keep"):
        monkeypatch.setattr(accounts, name, leak)
    link: Link = read_world.link("7999 Sundry")
    (text,) = choices.usage(link)
    told(text, caplog)
    told(str(choices.keep(link)), caplog)


def test_nothing_of_it_is_in_our_tables_after_a_sync(leaky: World, caplog: pytest.LogCaptureFixture) -> None:
    world = leaky
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C9", "NAME": "New One", "STATUS": "active"}, "E1")
    world.connect()
    world.decide()
    world.start()
    messages = {row.label: str(row.message) for row in world.rows(Issue, Issue.live.is_not(None))}
    for label in ("Company 1", "Contact 2", "C9 New One"):
        told(messages[label], caplog)
    for table in world_host.db.metadata.sorted_tables:
        if table.name.startswith("intacct_"):
            with world_host.db.engine.connect() as connection:
                assert CANARY not in repr(connection.execute(table.select()).all()), table.name


def test_what_was_handled_stays_so_while_the_same_fails_at_the_same_place(leaky: World) -> None:
    world = leaky
    world.connect()
    (issue,) = [row for row in world.rows(Issue, Issue.live.is_not(None)) if row.label == "Contact 2"]
    issues.resolve(world.id, issue.id, "Bob has no telephone.", "ada")
    world.drain(connect.refresh(world.id, "ada"))
    assert "Contact 2" not in [label for label, _ in world.issues()]
