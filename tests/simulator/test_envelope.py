"""Control, authentication and sessions, as intacct answers them."""

import gzip
import random
from xml.etree import ElementTree

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select

CUSTOMERS = select("CUSTOMER", "RECORDNO CUSTOMERID")


def test_a_login_carries_a_function(caller: Caller) -> None:
    response = caller.call(CUSTOMERS)
    assert response.findtext("control/status") == "success"
    assert response.findtext("control/senderid") == "sender"
    assert response.findtext("operation/authentication/userid") == "ws_user"
    assert response.findtext("operation/authentication/companyid") == "demo"
    assert response.findtext("operation/result/function") == "query"
    assert response.findtext("operation/result/controlid") == "f1"
    assert caller.headers["Content-Type"] == 'text/xml; encoding="UTF-8"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<senderid>sender</senderid><password>x</password>", "<password>x</password><senderid>sender</senderid>"),
        ("<controlid>c1</controlid>", ""),
        ("<dtdversion>3.0</dtdversion>", "<dtdversion>3.0</dtdversion><surprise/>"),
        (
            "<userid>ws_user</userid><companyid>demo</companyid>",
            "<companyid>demo</companyid><userid>u</userid>",
        ),
        (' controlid="f1"', ""),
        ("</query>", "</query><read/>"),
        ("<select>", "<selected>"),
        ("</request>", ""),
        ('<operation transaction="', '<operation transaction:="'),
        ("<controlid>c1</controlid>", "<x:controlid>c1</x:controlid>"),
        ("<request>", '<request xmlns="urn:x">'),
        ("<content>", "<content>text"),
        ("<query>", "<query>text"),
        ("<query>", "<inquire>"),
        ("<request>", '<!DOCTYPE r [<!ENTITY a "b">]><request>'),
    ],
)
def test_schema_faults_end_at_control(caller: Caller, old: str, new: str) -> None:
    body = caller.envelope(CUSTOMERS)
    if new == "<inquire>":
        body = body.replace("</query>", "</inquire>")
    if new == "<selected>":
        body = body.replace("</select>", "</selected>")
    assert old in body
    response = ElementTree.fromstring(caller.post(body.replace(old, new)))
    assert caller.status == 200
    assert response.findtext("control/status") == "failure"
    assert response.findtext("errormessage/error/errorno") == "XL03000003"
    assert "Line: 1, column: " in response.findtext("errormessage/error/description2", "")
    assert response.find("operation") is None


def test_a_wrong_sender_is_refused(caller: Caller) -> None:
    response = caller.call(CUSTOMERS, sender_password="y")
    assert response.findtext("control/status") == "failure"
    assert response.findtext("errormessage/error/errorno") == "XL03000006"
    assert response.findtext("errormessage/error/description2") == "Incorrect Intacct XML Partner ID or password."


def test_an_unknown_company_is_http_401_with_bare_control(caller: Caller) -> None:
    response = caller.call(CUSTOMERS, company="nobody")
    assert caller.status == 401
    control = response.find("control")
    assert control is not None
    assert [child.tag for child in control] == ["status"]
    assert response.findtext("errormessage/error/errorno") == "XMLGW_JPP0002"


def test_an_unknown_company_can_be_http_400(sim: Simulator, caller: Caller) -> None:
    sim.switches.unknown_company_400 = True
    response = caller.call(CUSTOMERS, company="nobody")
    assert caller.status == 400
    assert response.findtext("errormessage/error/errorno") == "GW-0011"


def test_a_sender_that_the_company_does_not_list_is_refused(sim: Simulator, caller: Caller) -> None:
    sim.company.senders.clear()
    operation = caller.call(CUSTOMERS).find("operation")
    assert operation is not None
    assert operation.findtext("authentication/status") == "failure"
    assert operation.findtext("errormessage/error/description") == "Invalid Web Services Authorization"
    assert "'sender'" in operation.findtext("errormessage/error/description2", "")
    assert operation.find("result") is None


def test_bad_sign_ins_have_one_text_and_lock_the_user(sim: Simulator, caller: Caller) -> None:
    sim.switches.lock_after = 2
    texts = [
        caller.call(CUSTOMERS, **given).findtext("operation/errormessage/error/description2")
        for given in ({"user": "nobody"}, {"password": "a"}, {"password": "b"}, {})
    ]
    assert set(texts) == {"Sign-in information is incorrect"}
    assert sim.rows("USERINFO")[0]["STATUS"] == "lockedout"


def test_a_failed_sign_in_echoes_the_ids_and_a_bad_session_does_not(caller: Caller) -> None:
    login = caller.call(CUSTOMERS, password="a").find("operation/authentication")
    session = caller.call(CUSTOMERS, session="gone").find("operation/authentication")
    assert login is not None
    assert session is not None
    assert (login.findtext("userid"), login.findtext("companyid")) == ("ws_user", "demo")
    assert (session.findtext("userid"), session.findtext("companyid")) == ("", "")


def sign_in(caller: Caller, inner: str = "", **given: object) -> str:
    result = caller.ok(f"<getAPISession>{inner}</getAPISession>", **given)
    return result.findtext("data/api/sessionid", "")


def test_a_session_works_slides_and_expires(sim: Simulator, caller: Caller) -> None:
    session = sign_in(caller)
    for _ in range(3):
        sim.advance(3000)
        assert caller.call(CUSTOMERS, session=session).findtext("operation/result/status") == "success"
    sim.advance(3601)
    response = caller.call(CUSTOMERS, session=session)
    assert "Invalid session" in response.findtext("operation/errormessage/error/description2", "")


def test_a_session_names_its_address_and_entity(sim: Simulator, caller: Caller) -> None:
    api = caller.ok("<getAPISession/>").find("data/api")
    assert api is not None
    assert [child.tag for child in api] == ["sessionid", "endpoint", "locationid"]
    assert api.findtext("endpoint") == sim.url
    top = api.findtext("sessionid", "")
    inside = sign_in(caller, "<locationid>E1</locationid>", session=top)
    authentication = caller.call(CUSTOMERS, session=inside).find("operation/authentication")
    assert authentication is not None
    assert authentication.findtext("locationid") == "E1"
    back = sign_in(caller, "<locationid/>", session=inside)
    assert caller.call(CUSTOMERS, session=back).findtext("operation/authentication/locationid") == ""
    stays = sign_in(caller, session=inside)
    assert caller.call(CUSTOMERS, session=stays).findtext("operation/authentication/locationid") == "E1"


def test_an_entity_has_to_exist_and_be_allowed(sim: Simulator, caller: Caller) -> None:
    assert caller.call(CUSTOMERS, entity="E7").findtext("operation/authentication/status") == "failure"
    sim.add_user("north", "pw", entities=frozenset({"E1"}))
    assert caller.call(CUSTOMERS, user="north", password="pw", entity="E1").findtext("operation/result/status")
    assert (
        caller.call(CUSTOMERS, user="north", password="pw", entity="E2").findtext("operation/authentication/status")
        == "failure"
    )
    assert (
        caller.refused("<getAPISession><locationid>E9</locationid></getAPISession>").findtext("errorno") == "XL03000006"
    )


def test_entity_details(caller: Caller) -> None:
    assert caller.ok("<readEntityDetails/>", entity="E2").findtext("data/entity/name") == "South Ltd"


def test_a_known_policy_is_acknowledged_and_an_unknown_one_refused(sim: Simulator, caller: Caller) -> None:
    body = caller.envelope(CUSTOMERS).replace("</dtdversion>", "</dtdversion><policyid>later</policyid>")
    assert "not a valid transport policy" in caller.post(body).decode()
    sim.switches.policies.add("later")
    response = ElementTree.fromstring(caller.post(body))
    assert [child.tag for child in response] == ["acknowledgement", "control"]


def test_get_is_refused_and_the_home_page_says_what_it_is(caller: Caller) -> None:
    caller.connection.request("GET", caller.path)
    answer = caller.connection.getresponse()
    answer.read()
    assert answer.status == 405
    caller.connection.request("GET", "/")
    assert b"simulator" in caller.connection.getresponse().read()


def test_gzip_when_asked(caller: Caller) -> None:
    function = select("CUSTOMER", "RECORDNO NAME CUSTOMERID STATUS")
    plain = caller.post(caller.envelope(function))
    packed = caller.post(caller.envelope(function), **{"Accept-Encoding": "gzip"})
    assert caller.headers["Content-Encoding"] == "gzip"
    assert b"Tenant 1" in gzip.decompress(packed)
    assert b"Tenant 1" in plain


def test_requests_are_kept_without_secrets(sim: Simulator, caller: Caller) -> None:
    caller.call(CUSTOMERS)
    request = sim.requests[-1]
    assert (request.functions, request.control_ids, request.status) == (["query"], ["f1"], 200)
    assert "secret" not in request.body


def test_garbage_never_kills_it(sim: Simulator, caller: Caller) -> None:
    chance = random.Random(7)
    good = caller.envelope(CUSTOMERS).encode()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 9)):
            at = chance.randrange(len(body))
            body[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        ElementTree.fromstring(caller.post(bytes(body)))
    for junk in (b"", b"\x00\xff", b"<" * 5000, b"<a>" * 5000, "<request/>".encode("utf-16")):
        ElementTree.fromstring(caller.post(junk))
    assert caller.call(CUSTOMERS).findtext("operation/result/status") == "success"
