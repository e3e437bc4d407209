"""The client against the simulator: a whole company over real HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flask_intacct.gateway import Aggregate, Client, Order, formats, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway import filters as f
from flask_intacct.gateway.faults import ExchangeError
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset

from .canned import result_of
from .conftest import MakeClient


@pytest.fixture
def client(enter: MakeClient) -> Client:
    return enter()


def test_a_full_read_pages_through_everything(sim: Simulator, client: Client) -> None:
    rows = list(client.query("CUSTOMER", ["CUSTOMERID", "NAME"], page_size=25, show_private=True))
    assert {row["CUSTOMERID"] for row in rows} == {row["CUSTOMERID"] for row in sim.rows("CUSTOMER")}
    assert len(rows) == 60


def test_a_session_in_an_entity(client: Client, enter: MakeClient, company: Dataset) -> None:
    entity = company.entities[0].id
    session = enter(entity).sign_in()
    assert session.entity == entity
    assert client.sign_in().entity == ""
    assert formats.text(enter(entity).entity_details(), "ID") == entity


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"password": "nope"}, e.BadLogin),
        ({"sender_password": "nope"}, e.SenderError),
        ({"company": "nobody"}, e.CompanyUnknown),
        ({"entity": "NOPE"}, e.EntityRefused),
    ],
)
def test_each_refusal_of_a_sign_in_has_its_error(
    enter: MakeClient, wrong: dict[str, str], kind: type[ExchangeError]
) -> None:
    with pytest.raises(kind) as caught:
        enter(**wrong).sign_in()
    assert caught.value.retry == "credential"


def test_filters_orders_and_aggregates(sim: Simulator, client: Client) -> None:
    condition = f.all_(f.eq("STATE", "Posted"), f.gt("TOTALDUE", 0))
    page = client.page("ARINVOICE", ["RECORDNO", "TOTALDUE"], filter=condition, order=[Order("TOTALDUE", True)])
    due = [formats.to_decimal(formats.text(row, "TOTALDUE")) or Decimal(0) for row in page.rows]
    assert due == sorted(due, reverse=True)
    (total,) = client.query("ARINVOICE", [Aggregate("sum", "TOTALDUE")], filter=condition)
    assert formats.to_decimal(formats.text(total, "SUM.TOTALDUE")) == sum(due)


def test_a_bill_is_created_read_updated_and_reversed(sim: Simulator, client: Client, company: Dataset) -> None:
    vendor = company.vendors[0]
    account = next(a.no for a in company.accounts if a.type == "incomestatement" and not a.control)
    tax = next(t for t in company.tax_details if t.type == "Purchase" and t.rate == 20)
    place = next(x for x in company.locations if not vendor.entity or x.parent == vendor.entity)
    bill = {
        "VENDORID": vendor.id,
        "WHENCREATED": date(2026, 6, 1),
        "WHENDUE": date(2026, 7, 1),
        "RECORDID": "OURS-1",
        "APBILLITEMS": [
            {
                "ACCOUNTNO": account,
                "TRX_AMOUNT": Decimal("100.10"),
                "LOCATIONID": place.id,
                "TAXENTRIES": [{"DETAILID": tax.id}],
            }
        ],
    }
    made = result_of(client.execute([functions.create("APBILL", bill, control_id="b1")], unique=True), "b1")
    made.raise_for_status()
    key = formats.text(made.written[0], "RECORDNO")
    (read,) = client.read("APBILL", [key])
    assert formats.to_decimal(formats.text(read, "TOTALENTERED")) == Decimal("120.12")
    assert formats.text(formats.lines(read, "APBILLITEMS")[0], "ACCOUNTNO") == account
    change = functions.update("APBILL", {"RECORDNO": key, "DESCRIPTION": "Repaired"}, control_id="b2")
    result_of(client.execute([change], unique=True), "b2").raise_for_status()
    result_of(client.execute([functions.reverse_bill(key, date(2026, 6, 2), control_id="b3")]), "b3").raise_for_status()
    (read,) = client.read("APBILL", [key], ["STATE", "DESCRIPTION"])
    assert (read["STATE"], read["DESCRIPTION"]) == ("Reversed", "Repaired")


def test_an_invoice_is_created_once_for_its_control_id(sim: Simulator, client: Client, company: Dataset) -> None:
    customer = company.customers[0]
    account = next(a.no for a in company.accounts if a.type == "incomestatement" and not a.control)
    tax = next(t for t in company.tax_details if t.type == "Sale" and t.rate == 20)
    place = next(x for x in company.locations if not customer.entity or x.parent == customer.entity)
    invoice = functions.create_invoice(
        {
            "customerid": customer.id,
            "datecreated": date(2026, 6, 1),
            "datedue": date(2026, 7, 1),
            "invoiceno": "OURS-1",
            "invoiceitems": [
                {
                    "glaccountno": account,
                    "amount": Decimal("50.00"),
                    "locationid": place.id,
                    "taxentries": [{"detailid": tax.id}],
                }
            ],
        },
        control_id="once",
    )
    first = result_of(client.execute([invoice], unique=True), "once")
    first.raise_for_status()
    again = result_of(client.execute([invoice], unique=True), "once")
    assert isinstance(again.error, e.AlreadyProcessed)
    assert sim.executions("once") == 1
    (row,) = client.query("ARINVOICE", ["RECORDNO"], filter=f.eq("RECORDID", "OURS-1"), show_private=True)
    assert row["RECORDNO"] == first.key


def test_what_went_before_a_failure_is_told(client: Client) -> None:
    made = functions.create(
        "CLASS", {"CLASSID": "NEW", "NAME": "New"}, {"CLASSID": "NEW", "NAME": "Again"}, control_id="two"
    )
    result = result_of(client.execute([made]), "two")
    assert isinstance(result.error, e.PartialWrite)
    assert [formats.text(row, "CLASSID") for row in result.written] == ["NEW"]


def test_a_transaction_leaves_nothing_behind(sim: Simulator, client: Client) -> None:
    made = [
        functions.create("CLASS", {"CLASSID": "ONE", "NAME": "One"}, control_id="1"),
        functions.create("CLASS", {"NAME": "No id"}, control_id="2"),
    ]
    reply = client.execute(made, transaction=True)
    assert not any(result.ok for result in reply.results)
    assert sim.rows("CLASS", CLASSID="ONE") == []


def test_what_objects_are_made_of(client: Client) -> None:
    definition = client.lookup("ARINVOICE")
    assert definition.name == "ARINVOICE"
    assert definition.fields["CUSTOMERID"].type
    assert {"CUSTOMER"} <= set(definition.relationships)
    assert any(dimension["OBJECTNAME"] == "LOCATION" for dimension in client.dimensions())
    assert client.user_formatting().clock == "24"


def test_the_rights_of_a_user(client: Client) -> None:
    found = client.user_permissions("ws")
    assert any("List" in rights or "View" in rights for policies in found.values() for rights in policies.values())


def test_the_older_read_follows_its_cursor(client: Client) -> None:
    rows = list(client.read_by_query("CUSTOMER", ["RECORDNO", "CUSTOMERID"], query="RECORDNO > 0", page_size=20))
    assert len(rows) == len({row["RECORDNO"] for row in rows}) > 20


def test_a_cursor_that_is_gone_is_an_error(sim: Simulator, client: Client) -> None:
    rows = client.read_by_query("CUSTOMER", ["RECORDNO"], page_size=5)
    next(rows)
    sim.faults.add("cursors", function="readMore")
    with pytest.raises(e.CursorExpired):
        list(rows)


def test_reads_survive_trouble(sim: Simulator, client: Client) -> None:
    client.sign_in()
    sim.faults.add("http", function="query", status=503)
    sim.faults.add("drop", function="query", skip=1)
    sim.faults.add("session", function="query", skip=2)
    sim.faults.add("rate", function="query", skip=3)
    assert len(list(client.query("CUSTOMER", ["NAME"], page_size=20, show_private=True))) == 60


@pytest.mark.parametrize(
    ("fault", "executed", "count"),
    [
        ({"kind": "drop", "when": "after"}, None, 1),
        ({"kind": "drop", "when": "before"}, None, 0),
        ({"kind": "truncate"}, None, 1),
        ({"kind": "http", "status": 524, "when": "after"}, None, 1),
        ({"kind": "rate"}, False, 0),
    ],
)
def test_a_write_in_trouble_is_sent_once(
    sim: Simulator, client: Client, fault: dict[str, Any], executed: bool | None, count: int
) -> None:
    client.sign_in()
    sim.faults.add(function="create", **fault)
    with pytest.raises(e.ExchangeError) as caught:
        client.execute([functions.create("CLASS", {"CLASSID": "X", "NAME": "X"}, control_id="w")], unique=True)
    assert caught.value.executed is executed
    assert sim.executions("w") == count


def test_a_write_meets_an_expired_session_and_runs_once(sim: Simulator, client: Client) -> None:
    client.sign_in()
    sim.faults.add("session", function="create")
    reply = client.execute([functions.create("CLASS", {"CLASSID": "X", "NAME": "X"}, control_id="w")], unique=True)
    assert result_of(reply, "w").ok
    assert sim.executions("w") == 1


def test_a_missing_result_is_not_a_failure(sim: Simulator, client: Client) -> None:
    sim.faults.add("missing", control_id="gone")
    made = [functions.create("CLASS", {"CLASSID": n, "NAME": n}, control_id=n) for n in ("kept", "gone")]
    reply = client.execute(made, unique=True)
    assert result_of(reply, "kept").ok
    assert reply.result("gone") is None


def test_what_was_deleted_is_in_the_audit_history(sim: Simulator, client: Client) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    made = functions.create("CLASS", {"CLASSID": "X", "NAME": "X"}, control_id="c")
    client.call(functions.delete("CLASS", [formats.text(client.call(made).written[0], "RECORDNO")]))
    (row,) = client.deletions(["CLASS"], before)
    assert formats.text(row, "OBJECTKEY") == "X"


def test_another_entity_over_the_same_connections(sim: Simulator, client: Client, company: Dataset) -> None:
    entity = company.entities[0].id
    assert client.at(entity).sign_in().entity == entity
    assert client.at(entity).at("").sign_in().entity == ""


@pytest.mark.parametrize("name", ["O'Neil & <Sons>", "x' OR 'a' = 'a", "50% off_"])
def test_a_text_can_be_asked_for_by_the_older_read(sim: Simulator, client: Client, name: str) -> None:
    client.call(functions.create("CLASS", {"CLASSID": "QUOTED", "NAME": name}))
    found = client.read_by_query("CLASS", ["CLASSID"], query=f"NAME = {f.quoted(name)}")
    assert [row["CLASSID"] for row in found] == ["QUOTED"]
    client.call(functions.delete("CLASS", [row["RECORDNO"] for row in sim.rows("CLASS", CLASSID="QUOTED")]))


@pytest.mark.parametrize("value", ["a\\' OR 1 = 1", None])
def test_what_the_older_read_could_misread_is_not_asked_for(value: str | None) -> None:
    with pytest.raises(e.RequestError):
        f.quoted(value)
