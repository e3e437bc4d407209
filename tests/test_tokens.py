"""The words by which links and records are found are those of their texts, whatever becomes of the rows."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, books, databases, host
from world.statements import counted

from flask_intacct import tokens
from flask_intacct.models import Link, Record, Token
from flask_intacct.onboarding import connect
from flask_intacct.state import current


def of_rows(world: World) -> set[tuple[str, int, str]]:
    """Kind, id and word of each word that the texts of links and records have."""
    links, records = world.rows(Link), world.rows(Record)
    of_links = {(link.kind, link.id, word) for link in links for word in tokens.words(link.search)}
    return of_links | {(one.object, one.id, word) for one in records for word in tokens.words(one.search)}


def kept(world: World) -> set[tuple[str, int, str]]:
    return {(token.kind, token.row_id, token.word) for token in world.rows(Token)}


def test_all_that_a_sync_makes_and_reads_has_its_words(make_world: MakeWorld, anywhere: str) -> None:
    world = make_world(on=anywhere, stage="synced")
    assert kept(world) == of_rows(world)
    kinds = {kind for kind, _, _ in kept(world)}
    assert {"contact", "account", "tracking_option", "invoice", "bill", "CUSTOMER", "GLACCOUNT", "ARINVOICE"} <= kinds


@pytest.mark.skipif(not databases.POSTGRES, reason="INTACCT_TEST_POSTGRES is not set")
def test_postgresql_finds_the_beginning_of_a_word_by_an_index(make_world: MakeWorld) -> None:
    make_world(on="postgresql")
    query = tokens._beginning(1, "contact", "al").compile(host.db.engine, compile_kwargs={"literal_binds": True})
    with host.db.engine.connect() as connection:  # which takes all back
        connection.exec_driver_sql("DROP INDEX ix_intacct_token_row")  # as good for a table of a few rows
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}").scalars())
    assert re.search(r"Index Cond: .*word\)?(::text)? >= 'al'", plan), plan


def test_a_name_that_changes_loses_its_old_words(synced_world: World) -> None:
    world = synced_world
    alice = world.one(host.Contact, name="Alice Adams")
    alice.name = "Alice Smythe-Jones"
    world.save(alice)
    world.sim.modify("CUSTOMER", "C2", NAME="Robert Brown")
    world.drain(connect.refresh(world.id, "ada"))
    found = {word for _, _, word in kept(world)}
    assert {"smythe-jones", "jones", "robert"} <= found
    assert kept(world) == of_rows(world)


def test_words_of_records_that_are_forgotten_go(decided_world: World) -> None:
    world = decided_world
    assert "alice@example.test" in {word for kind, _, word in kept(world) if kind == "CUSTOMER"}
    connect.entity(world.id, "E2", "", False, "ada", reopen=1000)
    assert {kind for kind, _, _ in kept(world)}.isdisjoint(("CUSTOMER", "LOCATION", "ARINVOICE"))
    assert kept(world) == of_rows(world)
    world.sim.add_company("other", books.intacct_company(), "ws_user", "secret")
    connect.credentials(world.id, "other", "ws_user", "secret", "ada", reopen=1000)
    assert not world.rows(Record)
    assert kept(world) == of_rows(world) != set()


def test_nothing_is_left_of_a_connection_that_starts_over(read_world: World) -> None:
    assert kept(read_world)
    connect.start_over(read_world.id, "ada")
    assert kept(read_world) == set()


@pytest.mark.parametrize("number", [1, 300])
def test_words_are_written_in_three_statements_however_many_rows(read_world: World, number: int) -> None:
    with current().transaction() as session:
        own = {"connection_id": 1, "kind": "contact", "source": "x"}
        links = [Link(**own, local_id=str(at), search=f"new {at}") for at in range(number)]
        session.add_all(links)
        session.flush()
        tokens.write_rows(session, links)
        session.flush()
        for link in links:
            link.search = f"other {link.local_id}"
        session.flush()
        with counted() as statements:
            tokens.write_rows(session, links)
        assert len(statements) == 3
        with counted() as statements:
            tokens.write_rows(session, links)
        assert len(statements) == 1, "nothing differs"
        found = session.scalars(sa.select(Token.word).where(Token.row_id == links[-1].id, Token.kind == "contact"))
        assert set(found) == {"other", str(number - 1)}
