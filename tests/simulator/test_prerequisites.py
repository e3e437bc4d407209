"""What a connection needs, in the order of a check: how its absence shows, and that it works once it is there."""

from dataclasses import replace

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, level, select
from .data import small_company
from .test_checklist import CUSTOMERS, SIGN_IN, Row, Setup, switch


def denied(name: str) -> Setup:
    return lambda sim: sim.deny(name)


def without(module: str) -> Setup:
    return lambda sim: sim.company.modules_off.add(module)


def status(value: str) -> Setup:
    return lambda sim: setattr(sim.company.users["ws_user"], "status", value)


def north(sim: Simulator) -> None:
    sim.add_user("north", "secret", entities=frozenset({"E1"}))


AUTH = ("XL03000006", "authentication")
RIGHT = "You do not have permission for API operation READ_BY_QUERY on objects of type "
NO_SENDER = "Incorrect Intacct XML Partner ID or password."
EXPIRED = "This company is a demo company and has expired."
VENDORS, HISTORY, TAXES = select("VENDOR", "RECORDNO"), select("AUDITHISTORY", "ID"), select("TAXDETAIL", "DETAILID")
LACKING = [
    Row("1", *AUTH, "IP Address 127.0.0.1 Denied", setup=switch("address_denied", True)),
    Row("2a", "XL03000006", "control", NO_SENDER, given={"sender": "no"}),
    Row(
        *("2b", "GW-0011", "control", "Invalid Request [Request ID "),
        setup=switch("unknown_sender_400", True),
        given={"sender": "no"},
        status=400,
    ),
    Row("3a", "XMLGW_JPP0002", "control", SIGN_IN, given={"company": "no"}, status=401),
    Row(
        *("3b", "GW-0011", "control", "Invalid Request [Request ID "),
        setup=switch("unknown_company_400", True),
        given={"company": "no"},
        status=400,
    ),
    Row("3c", "PL04000055", "control", EXPIRED, setup=lambda sim: sim.gateway.directory.expired_companies.add("demo")),
    Row("4", *AUTH, "This feature is disabled for your company", setup=switch("web_services", False)),
    Row(
        *("5", *AUTH, "The sender ID 'sender' is not authorized"),
        setup=lambda sim: sim.company.senders.clear(),
        description="Invalid Web Services Authorization",
    ),
    Row("6a", *AUTH, SIGN_IN, given={"user": "no"}),
    Row("6b", *AUTH, SIGN_IN, given={"password": "no"}),
    Row("6c", *AUTH, SIGN_IN, setup=status("lockedout")),
    Row("6d", *AUTH, SIGN_IN, setup=status("inactive")),
    Row("7a", *AUTH, "The location ID 'E9' is not valid", given={"entity": "E9"}),
    Row("7b", *AUTH, "The location ID 'E2' is not valid", setup=north, given={"user": "north", "entity": "E2"}),
    Row("8", "PL04000005", "result", "The module is not subscribed", setup=without("AR")),
    Row("9a", "PL04000005", "result", f"{RIGHT}customer", setup=denied("CUSTOMER")),
    Row("9b", "PL04000005", "result", f"{RIGHT}vendor", VENDORS, setup=denied("*")),
    Row("10", "", "result", "You do not have permission to view audit history", HISTORY, setup=denied("AUDITHISTORY")),
    Row("11a", "PL04000005", "result", "The module is not subscribed", TAXES, setup=without("TX")),
]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.number) for row in LACKING])
def test_what_is_lacking_shows_and_nothing_is_amiss_without_it(sim: Simulator, caller: Caller, row: Row) -> None:
    caller.ok(row.function)
    row.setup(sim)
    found, error = level(caller.call(row.function, **row.given))
    assert error is not None
    assert (caller.status, found, error.findtext("errorno")) == (row.status, row.level, row.errorno)
    assert error.findtext("description2", "").startswith(row.text)
    assert error.findtext("description") == row.description


@pytest.mark.parametrize(("empty", "expected"), [(False, "PL04000005"), (True, None)])
def test_11b_a_single_entity_has_no_list_of_entities(empty: bool, expected: str | None) -> None:
    company = small_company()
    alone = replace(company, entities=company.entities[:1], locations=company.locations[:1])
    alone = replace(alone, customers=company.customers[:2])
    with Simulator(alone) as sim:
        sim.switches.unavailable_empty = empty
        caller = Caller(sim.url)
        response = caller.call(select("LOCATIONENTITY", "LOCATIONID"))
        assert response.findtext("operation/result/errormessage/error/errorno") == expected
        assert list(response.iter("LOCATIONENTITY")) == []
        caller.close()


def test_11c_without_taxes_there_may_be_just_no_tax_details(sim: Simulator, caller: Caller) -> None:
    sim.switches.unavailable_empty = True
    sim.company.modules_off.add("TX")
    assert list(caller.ok(TAXES).iter("TAXDETAIL")) == []


def test_1_a_gateway_that_is_not_there(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("http", status=503)
    assert caller.post(caller.envelope(CUSTOMERS)).startswith(b"<html>")
    caller.close()
    sim.stop()
    with pytest.raises(ConnectionRefusedError):
        caller.call(CUSTOMERS)


def test_permissions_can_be_looked_at_before_anything_is_written(sim: Simulator, caller: Caller) -> None:
    sim.deny("ARINVOICE", "Add")
    told = caller.ok("<getUserPermissions><userId>ws_user</userId></getUserPermissions>")
    rights = {one.findtext("policyName"): one.findtext("rights") for one in told.iter("policy")}
    assert rights["arinvoices"] == "List|View|Edit|Delete"
    sim.add_user("plain", "secret")
    refused = caller.refused("<getUserPermissions><userId>plain</userId></getUserPermissions>", user="plain")
    assert refused.findtext("errorno") == "PL04000005"
