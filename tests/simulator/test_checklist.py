"""Every refusal that the gateway is known for, numbered: what brings it about, at which level, with which words.

The rules that it keeps are numbered in `test_rules`, what a connection needs in `test_prerequisites`; that none of the
three lacks a number is looked at here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, level, select
from .test_documents import bill, invoice, line
from .test_writing import create, customer

CUSTOMERS = select("CUSTOMER", "RECORDNO")
LOCKED = "<update><VENDOR><VENDORID>V1</VENDORID><NAME>x</NAME></VENDOR></update>"
POLICY = "</dtdversion><policyid>x</policyid>"
Setup = Callable[[Simulator], object]


@dataclass(frozen=True)
class Row:
    """`change` replaces one text of the request by another; `description` is that of the error."""

    number: str
    errorno: str
    level: str
    text: str
    function: str = CUSTOMERS
    setup: Setup = lambda sim: None
    given: dict[str, object] = field(default_factory=dict)
    status: int = 200
    description: str = ""
    change: tuple[str, str] = ("", "")


def says(errorno: str, text: str, kind: str = "refuse", status: int = 200) -> Setup:
    """The gateway itself says so, for reasons outside of the company."""
    return lambda sim: sim.faults.add(kind, errorno=errorno, text=text, status=status)


def switch(name: str, value: object) -> Setup:
    return lambda sim: setattr(sim.switches, name, value)


def read(name: str, fields: str = "*") -> str:
    return f"<read><object>{name}</object><keys>1</keys><fields>{fields}</fields></read>"


def unknown(name: str) -> str:
    return f"Object definition {name} not found"


SIGN_IN = "Sign-in information is incorrect"
BUSY = "There are too many operations running for this company"
UNAUTHORISED = "The sender ID 'sender' is not authorized to make Web Services requests to company ID 'demo'."
NO_RIGHT = "You do not have permission for API operation READ_BY_QUERY on objects of type"
GENERAL = "There was an error processing the request."
NO_OPERATION = "API operation 'CREATE' cannot be performed on objects of type TAXDETAIL"

ROWS = [
    Row("1a", "XL03000003", "control", "XML Parse schema error: ", "<nonsense/>"),
    Row("1b", "XL03000003", "control", "XML Parse schema error: ", change=("</request>", "")),
    Row("1c", "XL03000003", "control", "XML Parse schema error: ", change=("<controlid>c1</controlid>", "")),
    Row("2", "XL03000006", "control", "Incorrect Intacct XML Partner ID or password.", given={"sender_password": "no"}),
    Row("3", "XL03000006", "control", "x is not a valid transport policy.", change=("</dtdversion>", POLICY)),
    Row("4a", "XL03000006", "authentication", SIGN_IN, given={"password": "no"}),
    Row("4b", "XL03000006", "authentication", SIGN_IN, given={"user": "no"}),
    Row("4c", "XL03000006", "authentication", SIGN_IN, setup=lambda sim: setattr(first(sim), "status", "lockedout")),
    Row("5", "XL03000006", "authentication", "Invalid session n....", given={"session": "no"}),
    Row(
        *("6", "XL03000006", "authentication", UNAUTHORISED),
        setup=lambda sim: sim.company.senders.clear(),
        description="Invalid Web Services Authorization",
    ),
    Row("8a", "XMLGW_JPP0002", "control", f"{SIGN_IN}. Please", given={"company": "no"}, status=401),
    Row(
        *("8b", "UJPP0002", "control", SIGN_IN),
        setup=says("UJPP0002", f"{SIGN_IN}. Please check your request.", "gateway", 401),
        status=401,
    ),
    Row(
        *("9", "PL04000055", "control", "This company is a demo company and has expired."),
        setup=lambda sim: sim.gateway.directory.expired_companies.add("demo"),
    ),
    Row("10a", "PL04000005", "result", f"{NO_RIGHT} customer", setup=lambda sim: sim.deny("CUSTOMER")),
    Row(
        *("10b", "PL04000005", "result", "The module is not subscribed"),
        setup=lambda sim: sim.company.modules_off.add("AR"),
    ),
    Row("11", "DL02000001", "result", GENERAL, setup=says("DL02000001", GENERAL), description="Error"),
    Row("12", "Query Failed", "result", unknown("CUSTOMER1"), select("CUSTOMER1", "X")),
    Row("13a", "XXX", "result", unknown("VENDOR2"), read("VENDOR2")),
    Row("13b", "WS", "result", "Object type V2 not found", "<inspect><object>V2</object></inspect>"),
    Row(
        *("14", "readMore failed", "result", "Attempt to readMore with an invalid or expired resultId: 7"),
        "<readMore><resultId>7</resultId></readMore>",
    ),
    Row("15", "Invalid fields list x", "result", "", read("VENDOR", "x")),
    Row(
        *("16", "Cannot update non-existing CLASS with CLASSID=UT99.", "result", ""),
        "<update><CLASS><CLASSID>UT99</CLASSID></CLASS></update>",
    ),
    Row(
        *("17", "BL34000061", "result", "Another Class with the given value(s) RES  already exists"),
        "<create><CLASS><CLASSID>RES</CLASSID><NAME>x</NAME></CLASS></create>",
    ),
    Row(
        *("18", "PL05000104", "result", "Customer with the ID C0001 already exists"),
        create(customer("C0001")),
    ),
    Row("19", "BL03002185", "result", "An invoice with the number INV1 already exists.", invoice(number="INV1")),
    Row(
        *("20a", "BL01001973", "result", "Cannot find class with key '99' to delete."),
        "<delete><object>CLASS</object><keys>99</keys></delete>",
    ),
    Row(
        *("20b", "BL01001973", "result", "Invalid customer 'x' specified in PARENTID."),
        create("<CUSTOMER><NAME>N</NAME><PARENTID>x</PARENTID></CUSTOMER>"),
    ),
    Row(
        *("20c", "BL01001973", "result", "The account number 4000 already exists."),
        create("<GLACCOUNT><ACCOUNTNO>4000</ACCOUNTNO><TITLE>x</TITLE></GLACCOUNT>"),
        description="Duplicate account number",
    ),
    Row("21a", "BL03000018", "result", "Invalid customer 'x' specified.", invoice(customer="x")),
    Row(
        *("21b", "BL03000018", "result", "The required dimension Location is missing on a line."),
        invoice(line(location="")),
    ),
    Row(
        *("22", "BL03000025", "result", "Login ID x does not exist."),
        "<getUserPermissions><userId>x</userId></getUserPermissions>",
    ),
    Row(
        *("23", "BL03000130", "result", "A document in the state Draft can't be reversed."),
        '<reverse_invoice key="3"><datereversed><year>2026</year><month>3</month><day>1</day></datereversed>'
        "</reverse_invoice>",
        setup=lambda sim: sim.run(invoice(action="Draft")),
    ),
    Row(
        *("24", "PL01000127", "result", "The document number is missing."),
        invoice(),
        setup=switch("automatic_ids", set()),
    ),
    Row(
        *("25a", "GW-0011", "control", "Invalid Request [Request ID "),
        setup=switch("unknown_company_400", True),
        given={"company": "no"},
        status=400,
    ),
    Row(
        *("25b", "GW-0010", "control", "API rate limit exceeded"),
        setup=lambda sim: sim.faults.add("rate", seconds=3),
        status=429,
    ),
    Row(
        *("25c", "GW-0010", "control", "API rate limit exceeded"),
        setup=says("GW-0010", "API rate limit exceeded", "gateway", 200),
    ),
    Row(
        *(
            "26",
            "BL03000130",
            "result",
            "The date 03/01/2026 is within a period that's been closed. Periods are closed.",
        ),
        invoice(),
        setup=switch("closed_until", "03/31/2026"),
    ),
    Row("27", "DL02000001", "result", BUSY, setup=lambda sim: sim.faults.add("busy"), description="Error"),
    Row(
        *("28", "XL1", "result", "The Service is Temporarily Off-line"),
        setup=says("XL1", "The Service is Temporarily Off-line"),
    ),
    Row(
        *("29", "XL03000006", "authentication", "This feature is disabled for your company"),
        setup=switch("web_services", False),
    ),
    Row("30", "DL02000001", "result", NO_OPERATION, create("<TAXDETAIL/>"), description="Error"),
    Row(
        *("31", "BL03000130", "result", "You cannot update a root-level vendor from an entity-restricted user"),
        LOCKED,
        setup=lambda sim: sim.add_user("north", "secret", entities=frozenset({"E1"})),
        given={"user": "north", "entity": "E1"},
    ),
    Row("32", "XL03000006", "authentication", "IP Address 127.0.0.1 Denied", setup=switch("address_denied", True)),
    Row(
        *("33", "Query Failed", "result", "There is an error in the query on CUSTOMER; these fields are not known: X,"),
        select("CUSTOMER", "X Y"),
    ),
]


def first(sim: Simulator) -> object:
    return sim.company.users["ws_user"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.number) for row in ROWS])
def test_refusals(sim: Simulator, caller: Caller, row: Row) -> None:
    row.setup(sim)
    found, error = level(caller.change(row.change, row.function, **row.given))
    assert error is not None, caller.body
    assert (found, error.findtext("errorno"), caller.status) == (row.level, row.errorno, row.status)
    assert error.findtext("description2", "").startswith(row.text)
    assert bool(error.findtext("description2")) is bool(row.text)
    assert error.findtext("description") == row.description
    assert [child.tag for child in error] == ["errorno", "description", "description2", "correction"]


def numbers(response: Element) -> Iterator[str]:
    return (error.findtext("errorno", "") for error in response.iter("error"))


def test_refusal_7_a_rolled_back_transaction_says_so_in_every_result(caller: Caller) -> None:
    response = caller.call(create(customer("X1")), create(customer("C0001")), transaction=True)
    assert list(numbers(response)) == ["XL03000009", "PL05000104", "XL03000009"]
    text = response.findtext("operation/result/errormessage/error/description2")
    assert text == "The entire transaction in this operation has been rolled back due to an error."


def test_refusal_17_is_followed_by_two_general_ones(caller: Caller) -> None:
    response = caller.call("<create><CLASS><CLASSID>RES</CLASSID><NAME>x</NAME></CLASS></create>")
    assert list(numbers(response)) == ["BL34000061", "BL01001973", "BL01001973"]
    errors = response.findall("operation/result/errormessage/error")
    assert errors[0].findtext("correction") == "Use a unique value instead."
    assert errors[1].findtext("description2", "").startswith("Could not create Class record!")


def test_refusal_18_is_that_of_bills_too(caller: Caller) -> None:
    error = caller.refused(bill(RECORDID="B1"))
    assert error.findtext("errorno") == "PL05000104"
    assert "already exists" in error.findtext("description2", "")


def test_refusal_25_says_when_to_come_back(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("rate", seconds=3)
    caller.call(CUSTOMERS)
    assert caller.headers["Retry-After"] == "3"


def test_no_number_is_left_out() -> None:
    """33 refusals, 11 rules, 11 prerequisites."""
    from . import test_prerequisites, test_rules

    found = {int(row.number.rstrip("abc")) for row in ROWS} | {7}
    assert found == set(range(1, 34))
    rules = {int(match[1]) for name in dir(test_rules) if (match := re.match(r"test_rule_(\d+)_", name))}
    assert rules == set(range(1, 12))
    assert {int(row.number.rstrip("abcd")) for row in test_prerequisites.LACKING} == set(range(1, 12))


def test_more_is_said_on_request(caller: Caller) -> None:
    more = "</includewhitespace><showadditionalerrorinfo>true</showadditionalerrorinfo>"
    response = caller.change(("</includewhitespace>", more), select("CUSTOMER1", "X"))
    info = response.find("operation/result/errormessage/error/additionalinfo")
    assert info is not None
    names = ["errorid", "category", "target", "description", "cdescription", "correction"]
    assert [child.tag for child in info] == names


def test_a_support_id_ends_the_text(caller: Caller) -> None:
    assert "[Support ID: SIM%7E" in caller.refused(select("CUSTOMER1", "X")).findtext("description2", "")
