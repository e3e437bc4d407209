"""The gateway's known refusals, one row each: what brings it about, where it is reported, and with which words."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select

CUSTOMERS = select("CUSTOMER", "RECORDNO")
Setup = Callable[[Simulator], object]


def nothing(_: Simulator) -> None: ...


def level(response: Element) -> tuple[str, Element | None]:
    """Where a reply says that it failed, and the first error there."""
    if response.findtext("control/status") == "failure":
        return "control", response.find("errormessage/error")
    if response.findtext("operation/authentication/status") == "failure":
        return "authentication", response.find("operation/errormessage/error")
    return "result", response.find("operation/result/errormessage/error")


ROWS: list[tuple[str, Setup, str, dict[str, str], str, str]] = [
    ("XL03000003", nothing, "<nonsense/>", {}, "control", "XML Parse schema error: "),
    ("XL03000006", nothing, CUSTOMERS, {"sender": "no"}, "control", "Incorrect Intacct XML Partner ID or password."),
    ("XL03000006", nothing, CUSTOMERS, {"password": "no"}, "authentication", "Sign-in information is incorrect"),
    ("XL03000006", nothing, CUSTOMERS, {"session": "no"}, "authentication", "Invalid session "),
    (
        "XL03000006",
        lambda sim: sim.company.senders.clear(),
        CUSTOMERS,
        {},
        "authentication",
        "The sender ID 'sender' is not authorized to make Web Services requests to company ID 'demo'.",
    ),
    ("XMLGW_JPP0002", nothing, CUSTOMERS, {"company": "no"}, "control", "Sign-in information is incorrect."),
    (
        "PL04000055",
        lambda sim: sim.gateway.directory.expired_companies.add("demo"),
        CUSTOMERS,
        {},
        "control",
        "This company is a demo company and has expired.",
    ),
    (
        "PL04000005",
        lambda sim: sim.deny("CUSTOMER"),
        CUSTOMERS,
        {},
        "result",
        "You do not have permission for API operation READ_BY_QUERY on objects of type customer",
    ),
    ("PL04000005", lambda sim: sim.company.modules_off.add("AR"), CUSTOMERS, {}, "result", "The module is not"),
    ("Query Failed", nothing, select("CUSTOMER1", "X"), {}, "result", "Object definition CUSTOMER1 not found"),
    (
        "XXX",
        nothing,
        "<read><object>VENDOR2</object><keys>1</keys></read>",
        {},
        "result",
        "Object definition VENDOR2 not found",
    ),
    ("WS", nothing, "<inspect><object>V2</object></inspect>", {}, "result", "Object type V2 not found"),
    (
        "readMore failed",
        nothing,
        "<readMore><resultId>7</resultId></readMore>",
        {},
        "result",
        "Attempt to readMore with an invalid or expired resultId: 7",
    ),
    (
        "Invalid fields list NOPE",
        nothing,
        "<read><object>VENDOR</object><keys>1</keys><fields>NOPE</fields></read>",
        {},
        "result",
        "",
    ),
    (
        "Cannot update non-existing CLASS with CLASSID=UT99.",
        nothing,
        "<update><CLASS><CLASSID>UT99</CLASSID></CLASS></update>",
        {},
        "result",
        "",
    ),
    (
        "BL34000061",
        nothing,
        "<create><CLASS><CLASSID>RES</CLASSID><NAME>x</NAME></CLASS></create>",
        {},
        "result",
        "Another Class with the given value(s) RES  already exists",
    ),
    (
        "BL01001973",
        nothing,
        "<delete><object>CLASS</object><keys>99</keys></delete>",
        {},
        "result",
        "Cannot find class with key '99' to delete.",
    ),
    (
        "BL03000025",
        nothing,
        "<getUserPermissions><userId>x</userId></getUserPermissions>",
        {},
        "result",
        "Login ID x does not exist.",
    ),
    (
        "DL02000001",
        lambda sim: sim.faults.add("busy"),
        CUSTOMERS,
        {},
        "result",
        "There are too many operations running for this company",
    ),
    (
        "DL02000001",
        nothing,
        "<create><TAXDETAIL/></create>",
        {},
        "result",
        "API operation 'CREATE' cannot be performed on objects of type TAXDETAIL",
    ),
    (
        "XL1",
        lambda sim: sim.faults.add("refuse", errorno="XL1", text="The Service is Temporarily Off-line"),
        CUSTOMERS,
        {},
        "result",
        "The Service is Temporarily Off-line",
    ),
    (
        "XL03000006",
        lambda sim: setattr(sim.switches, "web_services", False),
        CUSTOMERS,
        {},
        "authentication",
        "This feature is disabled for your company",
    ),
    (
        "XL03000006",
        lambda sim: setattr(sim.switches, "address_denied", True),
        CUSTOMERS,
        {},
        "authentication",
        "IP Address 127.0.0.1 Denied",
    ),
    (
        "BL03000130",
        lambda sim: sim.add_user("north", "secret", entities=frozenset({"E1"})),
        "<update><VENDOR><VENDORID>V1</VENDORID><NAME>x</NAME></VENDOR></update>",
        {"user": "north", "entity": "E1"},
        "result",
        "You cannot update a root-level vendor from an entity-restricted user",
    ),
]


@pytest.mark.parametrize(("number", "setup", "function", "given", "where", "text"), ROWS)
def test_refusals(
    sim: Simulator,
    caller: Caller,
    number: str,
    setup: Setup,
    function: str,
    given: dict[str, str],
    where: str,
    text: str,
) -> None:
    setup(sim)
    response = caller.call(function, **given)
    found, error = level(response)
    assert error is not None, caller.body
    assert (found, error.findtext("errorno")) == (where, number)
    assert error.findtext("description2", "").startswith(text)
    assert [child.tag for child in error] == ["errorno", "description", "description2", "correction"]
    assert caller.status == (401 if number == "XMLGW_JPP0002" else 200)


def test_more_is_said_on_request(caller: Caller) -> None:
    more = "</includewhitespace><showadditionalerrorinfo>true</showadditionalerrorinfo>"
    body = caller.envelope(select("CUSTOMER1", "X")).replace("</includewhitespace>", more)
    assert b"<additionalinfo><errorid>Query Failed</errorid><category>" in caller.post(body)


def test_a_support_id_ends_the_text_and_can_be_left_out(sim: Simulator, caller: Caller) -> None:
    assert "[Support ID: SIM%7E" in caller.refused(select("CUSTOMER1", "X")).findtext("description2", "")
    sim.switches.support_ids = False
    assert caller.refused(select("CUSTOMER1", "X")).findtext("description2", "").endswith("not found")
