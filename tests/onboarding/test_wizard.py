"""The wizard's steps up to the reading of both sides."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, books, host

from flask_intacct.errors import Refused
from flask_intacct.models import Connection, Event, Run, now
from flask_intacct.onboarding import connect
from flask_intacct.simulator.protocol.payload import Answer
from flask_intacct.state import current


def refusal(call: Callable[..., object], *args: Any, **options: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **options)
    return caught.value.message


def dump(*but: str) -> str:
    """Every value in the database, except in some tables."""
    engine = host.db.engine
    with engine.connect() as connection:
        tables = sa.inspect(engine).get_table_names()
        rows = (connection.exec_driver_sql(f'SELECT * FROM "{name}"') for name in tables if name not in but)
        return "\n".join(str(row) for found in rows for row in found)


def test_an_unknown_company_can_not_be_connected(world: World) -> None:
    assert "no such company" in refusal(connect.start, "77", "ada")
    assert world.rows(Connection) == []


def test_starting_again_goes_on_with_the_same_connection(world: World) -> None:
    first = world.begin()
    again = connect.start("1", "bob")
    assert (again.id, again.step) == (first, "credentials")


def test_prerequisites_are_refused_until_all_are_ticked_and_keep_the_ticks(world: World) -> None:
    connection = connect.start("1", "ada")
    connect.go_on(connection.id, "overview", "ada")
    message = refusal(connect.tick, connection.id, ["sender", "user"], "ada")
    assert "subscription" in message
    kept = world.get(Connection, connection.id)
    assert (kept.step, kept.ticked) == ("prerequisites", ["sender", "user"])


def wrong_password(world: World) -> dict[str, str]:
    return {"password": "wrong"}


def unknown_company(world: World) -> dict[str, str]:
    return {"company": "nobody"}


def sender_unauthorised(world: World) -> dict[str, str]:
    world.sim.company.senders.clear()
    return {}


def sender_refused(world: World) -> dict[str, str]:
    world.sim.gateway.directory.senders["sender"] = "another"
    return {}


def address_refused(world: World) -> dict[str, str]:
    world.sim.switches.address_denied = True
    return {}


def company_expired(world: World) -> dict[str, str]:
    world.sim.gateway.directory.expired_companies.add("demo")
    return {}


def gateway_down(world: World) -> dict[str, str]:
    world.sim.stop()
    return {}


def gateway_busy(world: World) -> dict[str, str]:
    world.sim.faults.add("rate", times=0)
    return {}


FAILURES = {
    wrong_password: "refuses the sign-in",
    unknown_company: "does not know this company ID",
    sender_unauthorised: "has not authorised",
    sender_refused: "own sender ID",
    address_refused: "network address",
    company_expired: "has expired",
    gateway_down: "can't be reached",
    gateway_busy: "busy",
}


@pytest.mark.parametrize("spoil", FAILURES, ids=lambda spoil: spoil.__name__)
def test_each_failure_of_the_sign_in_has_its_own_message_and_keeps_nothing(
    world: World, spoil: Callable[..., Any]
) -> None:
    world.begin()
    changed = spoil(world)
    remembered = ["intacct_gate", "intacct_api_usage"]  # turns and requests, of whichever company was named
    remembered += ["intacct_signin"] if spoil is wrong_password else []
    before = dump(*remembered)
    message = refusal(world.sign_in, **changed)
    assert FAILURES[spoil] in message
    assert [words for words in FAILURES.values() if words in message] == [FAILURES[spoil]]
    assert dump(*remembered) == before


@pytest.mark.parametrize("missing", ["company", "user", "password"])
def test_each_credential_is_asked_for(world: World, missing: str) -> None:
    world.begin()
    assert f"The {missing}" in refusal(world.sign_in, **{missing: "  "})
    assert world.sim.requests == []


def test_one_wrong_password_costs_one_try(world: World) -> None:
    world.begin()
    refusal(world.sign_in, password="wrong")
    assert world.sim.company.users["ws_user"].failures == 1


def test_blanks_around_credentials_are_trimmed(world: World) -> None:
    world.begin()
    world.sign_in(" demo ", "\tws_user ", " secret\n")
    connection = world.connection
    assert (connection.intacct_company, connection.user_id, connection.step) == ("demo", "ws_user", "entity")


def test_no_secret_is_in_the_database_or_the_logs(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = make_world()
    world.sim.company.users["ws_user"].password = "canary-7391"
    world.sim.gateway.directory.senders["sender"] = "canary-sender"
    world.begin()
    refusal(world.sign_in, password="canary-7391")
    world.sim.gateway.directory.senders["sender"] = "x"
    refusal(world.sign_in, password="canary-wrong")
    world.sign_in(password="canary-7391")
    sessions = list(world.sim.gateway.directory.sessions)
    found = dump() + caplog.text
    assert sessions
    assert [secret for secret in ("canary-", *sessions) if secret in found] == []


def test_entities_are_those_of_intacct_and_the_top_level(world: World) -> None:
    world.begin()
    world.sign_in()
    assert [(choice.id, str(choice.label)) for choice in connect.entities(world.id)] == [
        ("E1", "North Ltd"), ("E2", "South Ltd"), ("", "Top level (whole company)"),
    ]  # fmt: skip


def test_an_unknown_entity_is_refused(world: World) -> None:
    world.begin()
    world.sign_in()
    assert "can't see" in refusal(connect.entity, world.id, "E9", "", False, "ada")
    assert world.connection.step == "entity"


def test_an_entity_that_the_user_may_not_enter_is_refused(world: World) -> None:
    world.sim.company.users["ws_user"].entities = frozenset(["", "E2"])
    world.begin()
    world.sign_in()
    assert "may not work in this entity" in refusal(connect.entity, world.id, "E1", "", False, "ada")
    assert world.connection.level == ""


def test_an_entity_of_another_company_is_refused(world: World) -> None:
    world.save(host.Company(id=2, name="Harbour"))
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    world.begin("2")
    world.sign_in()
    assert [choice.taken_by for choice in connect.entities(world.id)] == ["Northgate", "", ""]
    assert "already connected to another company" in refusal(connect.entity, world.id, "E1", "", False, "ada")
    connect.entity(world.id, "E2", "", False, "ada")


def test_a_default_location_outside_the_entity_is_refused(world: World) -> None:
    world.begin()
    world.sign_in()
    assert connect.locations(world.id, "E1") == [("E1-10", "High Street"), ("E1-20", "Station Road")]
    assert "does not belong" in refusal(connect.entity, world.id, "E1", "E2-10", False, "ada")
    connect.entity(world.id, "E1", "E1-20", False, "ada")
    assert world.connection.default_location == "E1-20"


def test_while_the_gateway_is_down_the_entity_step_says_so_and_goes_on_later(world: World) -> None:
    world.begin()
    world.sign_in()
    world.sim.faults.add("drop", times=0)
    assert "can't be reached" in refusal(connect.entities, world.id)
    assert "can't be reached" in refusal(connect.entity, world.id, "E1", "", False, "ada")
    world.sim.faults.clear()
    connect.entity(world.id, "E1", "", False, "ada")
    assert world.connection.step == "date"


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2017, 12, 31), "before 1 January 2018"), (now().date() + timedelta(days=1), "in the future")],
)
def test_a_date_out_of_range_is_refused(world: World, day: date, words: str) -> None:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    assert words in refusal(connect.date, world.id, day, True, "ada")
    assert (world.connection.step, world.connection.sync_from, world.rows(Run)) == ("date", None, [])


def test_the_first_of_january_2018_and_today_are_accepted(world: World) -> None:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    first = connect.date(world.id, date(2018, 1, 1), True, "ada")
    second = connect.date(world.id, now().date(), True, "ada")
    assert first.kind == second.kind == "read"
    assert world.connection.sync_from == now().date()


def test_reading_ends_at_the_first_step_with_something_to_decide(read_world: World) -> None:
    assert read_world.connection.step == "tax_type"
    assert {len(read_world.links(kind)) > 0 for kind in ("tax_type", "account", "tracking_option", "contact")} == {True}


def test_a_blank_company_skips_the_matching_steps(make_world: MakeWorld) -> None:
    world = make_world(stage="")
    world.save(host.Company(id=1, name="Northgate"))
    world.connect()
    assert world.connection.step == "plan"
    skipped = [view.name for view in connect.steps(world.connection) if view.state == "skipped"]
    assert skipped == ["tax_type", "account", "tracking", "contact"]


def test_a_company_without_a_tax_solution_skips_that_step(make_world: MakeWorld) -> None:
    accounts = books.intacct_company(tax_details=(), invoices=(), bills=())
    world = make_world(accounts)
    world.sim.switches.vat = False
    world.connect()
    assert (world.connection.step, world.connection.facts["taxes"]) == ("account", False)
    assert world.links("tax_type") == []


def test_going_on_is_refused_with_the_count_of_what_is_open(read_world: World) -> None:
    assert "4 records are still undecided" in refusal(connect.go_on, read_world.id, "tax_type", "ada")
    read_world.accept("tax_type")
    assert connect.go_on(read_world.id, "tax_type", "ada") == "account"


def test_the_last_record_is_counted_in_the_singular(read_world: World) -> None:
    read_world.accept("account")
    read_world.accept("tax_type")
    connect.go_on(read_world.id, "tax_type", "ada")
    assert "1 record is still undecided" in refusal(connect.go_on, read_world.id, "account", "ada")


def test_a_step_can_not_be_finished_before_it_is_reached(world: World) -> None:
    world.begin()
    for step in ("credentials", "entity", "date", "tax_type", "contact", "plan", "nonsense"):
        assert refusal(connect.go_on, world.id, step, "ada")
    assert (world.connection.step, world.rows(Run)) == ("credentials", [])


def test_one_may_go_back_and_forward_to_where_one_was(decided_world: World) -> None:
    world = decided_world
    for step in ("tax_type", "account", "tracking"):
        connect.go_on(world.id, step, "ada")
    connect.go_to(world.id, "date", "ada")
    assert "steps before" in refusal(connect.go_to, world.id, "plan", "ada")
    connect.go_to(world.id, "contact", "ada")
    assert world.connection.step == "contact"
    assert connect.go_on(world.id, "contact", "ada") == "plan"
    connect.go_to(world.id, "account", "ada")
    connect.go_to(world.id, "plan", "ada")
    assert world.connection.step == "plan"


def test_the_last_continue_asks_for_the_plan(decided_world: World) -> None:
    world = decided_world
    for step in ("tax_type", "account", "tracking", "contact"):
        connect.go_on(world.id, step, "ada")
    assert [run.kind for run in world.rows(Run)] == ["read", "plan"]


def test_refresh_before_the_date_is_refused(world: World) -> None:
    world.begin()
    assert "date first" in refusal(connect.refresh, world.id, "ada")


def test_another_entity_forgets_contacts_and_options_only(decided_world: World) -> None:
    world = decided_world
    world.drain(connect_to(world, "E2"))
    states = {kind: {link.state for link in world.links(kind)} for kind in ("account", "tracking_option", "contact")}
    assert states["contact"] == states["tracking_option"] == {"undecided"}
    assert states["account"] == {"matched", "archived"}


def test_another_entity_needs_agreement_to_what_is_lost(decided_world: World) -> None:
    world = decided_world
    connect.go_to(world.id, "entity", "ada")
    assert "reopens 10 decisions" in refusal(connect.entity, world.id, "E2", "", False, "ada")
    assert "reopens 10 decisions" in refusal(connect.entity, world.id, "E2", "", False, "ada", reopen=9)
    assert world.connection.entity == "E1"
    assert {link.state for link in world.links("contact")} == {"matched", "create"}
    connect.entity(world.id, "E1", "E1-10", True, "ada")
    assert world.links("contact", "undecided") == []
    connect.entity(world.id, "E2", "", False, "ada", reopen=10)
    assert {link.state for link in world.links("contact")} == {"undecided"}


def knows_only(world: World, typed: str) -> list[bytes]:
    """Let Intacct know the company under this ID alone, blanks included; gives the sign-ins."""
    answer = world.sim.gateway.handle
    seen: list[bytes] = []

    def handle(body: bytes, kind: str = "") -> Answer:
        if b"<login>" in body:
            seen.append(body)
            if f"<companyid>{typed}</companyid>".encode() not in body:
                body = body.replace(b"<companyid>", b"<companyid>un")
        return answer(body, kind)

    world.sim.gateway.handle = handle  # type: ignore[method-assign]
    return seen


@pytest.mark.parametrize(("known", "sign_ins"), [("demo", 1), (" demo ", 2)])
def test_a_company_is_known_trimmed_or_as_typed(world: World, known: str, sign_ins: int) -> None:
    seen = knows_only(world, known)
    world.begin()
    world.sign_in(company=" demo ")
    assert (world.connection.intacct_company, world.connection.step) == (known, "entity")
    assert len(seen) == sign_ins
    world.sign_in(company=" demo ")
    connect.entity(world.id, "E1", "", False, "ada")


@pytest.mark.parametrize(
    ("company", "password", "sign_ins"), [(" demo", "wrong", 1), ("nobody", "secret", 1), (" nobody ", "secret", 2)]
)
def test_credentials_cost_one_sign_in_of_a_user(world: World, company: str, password: str, sign_ins: int) -> None:
    seen = knows_only(world, "demo")
    world.begin()
    refusal(world.sign_in, company, password=password)
    assert len(seen) == sign_ins


def connect_to(world: World, entity: str) -> Run:
    connect.go_to(world.id, "entity", "ada")
    connect.entity(world.id, entity, "", False, "ada", reopen=100)
    return connect.date(world.id, books.SYNC_FROM, True, "ada")


def test_another_intacct_company_forgets_all_that_was_read_and_decided(decided_world: World) -> None:
    world = decided_world
    world.sim.add_company("other", books.intacct_company(), "ws_user", "secret")
    connect.go_to(world.id, "credentials", "ada")
    given = (world.id, "other", "ws_user", "secret", "ada")
    assert "Another Sage Intacct company reopens 20 decisions." in refusal(connect.credentials, *given)
    assert (world.connection.intacct_company, world.links("contact", "undecided")) == ("demo", [])
    connect.credentials(*given, reopen=20)
    assert (world.connection.level, world.connection.step) == ("", "entity")
    assert {link.state for kind in ("tax_type", "account", "contact") for link in world.links(kind)} == {"undecided"}


def test_another_entity_ends_the_reading_of_the_one_before(world: World) -> None:
    world.begin()
    world.sign_in()
    connect.entity(world.id, "E1", "", False, "ada")
    first = connect.date(world.id, books.SYNC_FROM, True, "ada")
    second = connect_to(world, "E2")
    assert second.id != first.id
    assert world.get(Run, first.id).state == "cancelled"
    assert world.drain(second).state == "done"


def test_start_over_leaves_nothing_but_the_audit_log(decided_world: World) -> None:
    world = decided_world
    world.plan()
    connect.start_over(world.id, "ada")
    left = {
        table.name
        for table in host.db.metadata.sorted_tables
        if table.name.startswith("intacct_") and host.db.session.execute(sa.select(table).limit(1)).first()
    }
    of_intacct = {
        "intacct_gate",
        "intacct_api_usage",
    }  # of the Intacct company: turns to send, and what was asked of it
    assert left == {"intacct_event", "intacct_meta"} | of_intacct
    assert "started over" in [event.action for event in world.rows(Event)]


def test_start_over_leaves_other_companies_alone(decided_world: World) -> None:
    world = decided_world
    world.save(host.Company(id=2, name="Harbour"))
    first, other = world.id, world.begin("2")
    connect.start_over(other, "ada")
    assert [row.company_name for row in world.rows(Connection)] == ["Northgate"]
    world.id = first
    assert world.plan().problems == ()


def test_every_step_is_in_the_audit_log_with_the_person(decided_world: World) -> None:
    found = {(event.who, event.action) for event in decided_world.rows(Event)}
    for action in ("connect begun", "prerequisites ticked", "credentials accepted", "entity chosen"):
        assert ("ada", action) in found


def test_the_connection_is_found_by_its_state(decided_world: World) -> None:
    assert connect.view_state(decided_world.connection) == "onboarding"
    (view,) = connect.companies()
    assert (view.state, view.action) == ("onboarding", "continue")
    assert current().host.companies() == [("1", "Northgate")]
