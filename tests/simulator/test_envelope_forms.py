"""Other forms of a reply: bare rows, white space, several operations, requests that are carried out later."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select
from .test_documents import bill
from .test_writing import create, customer

CUSTOMERS = select("CUSTOMER", "CUSTOMERID NAME")
NARROW = "<includewhitespace>false</includewhitespace>"


def asked(form: str) -> tuple[str, ...]:
    old = f"<fields>CUSTOMERID,NAME</fields><returnFormat>{form}</returnFormat>"
    return (
        select("CUSTOMER", "CUSTOMERID NAME", f"<options><returnformat>{form}</returnformat></options>"),
        f"<readByQuery><object>CUSTOMER</object>{old}</readByQuery>",
        f"<read><object>CUSTOMER</object><keys>1,2,3,4</keys>{old}</read>",
        f"<readByName><object>CUSTOMER</object><keys>C0001,C0002,C0003,C0004</keys>{old}</readByName>",
    )


@pytest.mark.parametrize("function", asked("json"))
def test_json_has_no_envelope(caller: Caller, function: str) -> None:
    rows = json.loads(caller.post(caller.envelope(function)))
    assert [row["CUSTOMERID"] for row in rows] == ["C0001", "C0002", "C0003", "C0004"]
    assert rows[0] == {"CUSTOMERID": "C0001", "NAME": "Tenant 1"}
    assert caller.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("function", asked("csv"))
def test_csv_has_no_envelope(caller: Caller, function: str) -> None:
    rows = list(csv.DictReader(io.StringIO(caller.post(caller.envelope(function)).decode())))
    assert [row["NAME"] for row in rows] == ["Tenant 1", "Tenant 2", "Tenant 3", "Tenant 4"]
    assert caller.headers["Content-Type"] == "text/csv"


def test_lines_are_nested_in_json(caller: Caller) -> None:
    read = "<read><object>ARINVOICE</object><keys>1</keys><fields>*</fields><returnFormat>json</returnFormat></read>"
    row = json.loads(caller.post(caller.envelope(read)))[0]
    assert [line["TRX_AMOUNT"] for line in row["ARINVOICEITEMS"]] == ["100"]
    assert row["ARINVOICEITEMS"][0]["TAXENTRIES"][0]["TRX_TAX"] == "20"
    assert all(isinstance(value, str) for name, value in row.items() if name != "ARINVOICEITEMS")


def test_the_rest_of_a_cursor_can_be_bare_too(caller: Caller) -> None:
    old = "<readByQuery><object>CUSTOMER</object><fields>RECORDNO</fields><pagesize>3</pagesize></readByQuery>"
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    data = caller.ok(old, session=session).find("data")
    assert data is not None
    more = f"<readMore><resultId>{data.get('resultId')}</resultId><returnFormat>json</returnFormat></readMore>"
    assert json.loads(caller.post(caller.envelope(more, session=session))) == [{"RECORDNO": "4"}]


def test_no_rows_are_an_empty_list(caller: Caller) -> None:
    assert caller.post(caller.envelope(asked("json")[2].replace("1,2,3,4", "99"))) == b"[]"


def test_a_refusal_has_its_envelope_all_the_same(caller: Caller) -> None:
    error = caller.refused(asked("json")[0].replace("CUSTOMERID", "NOTHING"))
    assert error.findtext("errorno") == "Query Failed"
    for function in (*asked("yaml"), "<readMore><resultId>1</resultId><returnFormat>yaml</returnFormat></readMore>"):
        assert "return format yaml" in caller.refused(function).findtext("description2", "")


def test_white_space_is_left_out_on_request_only(caller: Caller) -> None:
    read = "<read><object>ARINVOICE</object><keys>1</keys><fields>*</fields></read>"
    narrow = caller.post(caller.envelope(read, CUSTOMERS, create(customer("C0001"))))
    for change in ("", "<includewhitespace>true</includewhitespace>"):
        wide = caller.post(caller.envelope(read, CUSTOMERS, create(customer("C0001"))).replace(NARROW, change))
        assert wide.count(b"\n") > 300
        texts = [
            [(one.tag, one.text) for one in ElementTree.fromstring(body).iter() if not len(one)]
            for body in (narrow, wide)
        ]
        assert [one for one in texts[0] if "session" not in one[0] and one[0] != "description2"] == [
            one for one in texts[1] if "session" not in one[0] and one[0] != "description2"
        ]
    assert narrow.count(b"\n") == 1


def test_every_operation_has_its_own_sign_in_and_results(sim: Simulator, caller: Caller) -> None:
    first, second = (caller.envelope(create(customer(name)), ids=(name,)) for name in ("X1", "X2"))
    operation = second[second.index("<operation") : second.index("</request>")]
    body = first.replace("</request>", operation.replace("secret", "no") + operation + "</request>")
    response = ElementTree.fromstring(caller.post(body))
    states = [one.findtext("authentication/status") for one in response.findall("operation")]
    assert states == ["success", "failure", "success"]
    assert [one.text for one in response.iter("controlid")] == ["c1", "X1", "X2"]
    assert sim.executions("X2") == 1
    assert sim.requests[-1].control_ids == ["X1", "X2", "X2"]


def test_what_is_carried_out_later_is_not_too_large(sim: Simulator, caller: Caller) -> None:
    sim.switches.policies = {"later"}
    change = ("</dtdversion>", "</dtdversion><policyid>later</policyid>")
    response = caller.change(change, bill(DESCRIPTION="x" * 500_001))
    assert "larger than 500000" in response.findtext("errormessage/error/description2", "")
    assert len(sim.rows("APBILL")) == 1


def test_what_is_carried_out_later_is_delivered(sim: Simulator, caller: Caller) -> None:
    sim.switches.policies = {"later"}
    change = ("</dtdversion>", "</dtdversion><policyid>later</policyid>")
    for given in ({}, {"password": "no"}):
        response = caller.change(change, create(customer("X1")), **given)
        assert [child.tag for child in response] == ["acknowledgement", "control"]
    first, second = map(ElementTree.fromstring, sim.deliveries)
    assert first.findtext("operation/result/data/customer/CUSTOMERID") == "X1"
    assert second.findtext("operation/authentication/status") == "failure"


def test_secrets_are_masked_however_they_are_written(sim: Simulator, caller: Caller) -> None:
    for old, new in (
        ("<password>secret</password>", "<password><![CDATA[secret]]></password>"),
        ("<password>secret</password>", "<password a='b'>secret</password >"),
        ("<password>secret</password>", "<password>secret"),
    ):
        caller.change((old, new), CUSTOMERS)
        assert "secret" not in sim.requests[-1].body


def test_more_is_said_at_every_level(caller: Caller) -> None:
    more = ("</includewhitespace>", "</includewhitespace><showadditionalerrorinfo>true</showadditionalerrorinfo>")
    for given in ({"sender": "no"}, {"password": "no"}, {"company": "no"}):
        response = caller.change(more, CUSTOMERS, **given)
        info = next(response.iter("additionalinfo"))
        assert info.findtext("errorid") == next(response.iter("error")).findtext("errorno")


def test_an_expired_company_leaves_the_ids_empty(sim: Simulator, caller: Caller) -> None:
    sim.gateway.directory.expired_companies.add("demo")
    control = caller.call(CUSTOMERS).find("control")
    assert control is not None
    assert (control.findtext("senderid"), control.findtext("controlid")) == ("", "")
