"""The rules that a simulated gateway keeps, numbered in the order in which a request meets them."""

import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, level, select, where
from .spoiling import PLENTY
from .test_documents import invoice
from .test_writing import create, customer

CUSTOMERS = select("CUSTOMER", "RECORDNO")
NONE = ("", "")
NUMBER, TEXT = "<ponumber>PO</ponumber>", "<description>d</description>"


@pytest.mark.parametrize(
    ("change", "function"),
    [
        pytest.param(("</request>", ""), CUSTOMERS, id="not well formed"),
        pytest.param(("</control>", "<color>red</color></control>"), CUSTOMERS, id="unknown in control"),
        pytest.param(NONE, "<query><object>CUSTOMER</object></query>", id="select is missing"),
        pytest.param(NONE, "<inquire><object>CUSTOMER</object></inquire>", id="unknown function"),
        pytest.param(
            ("<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion>", "<dtdversion>3.0</dtdversion><uniqueid/>"),
            CUSTOMERS,
            id="order in control",
        ),
        pytest.param(("<userid>ws_user</userid>", ""), CUSTOMERS, id="order in login"),
        pytest.param((NUMBER + TEXT, TEXT + NUMBER), invoice(), id="order in an old function"),
        pytest.param((' controlid="f1"', ""), CUSTOMERS, id="no control id"),
        pytest.param((' controlid="f1"', f' controlid="{"x" * 257}"'), CUSTOMERS, id="long control id"),
        pytest.param(NONE, CUSTOMERS * 2, id="two children"),
        pytest.param(NONE, "", id="no child"),
    ],
)
def test_rule_1_what_the_schema_refuses_ends_at_control(caller: Caller, change: tuple[str, str], function: str) -> None:
    response = caller.change(change, function)
    found, error = level(response)
    assert error is not None
    assert (caller.status, found, error.findtext("errorno")) == (200, "control", "XL03000003")
    assert response.find("operation") is None


def test_rule_2_the_sender_is_checked_before_the_policy(sim: Simulator, caller: Caller) -> None:
    policy = ("</dtdversion>", "</dtdversion><policyid>p</policyid>")
    texts = [caller.change(policy, CUSTOMERS, sender_password=word) for word in ("no", "x")]
    errors = [level(one)[1] for one in texts]
    told = [error.findtext("description2") if error is not None else "" for error in errors]
    assert told == ["Incorrect Intacct XML Partner ID or password.", "p is not a valid transport policy."]
    sim.switches.policies.add("p")
    response = caller.change(policy, create(customer("X1")))
    assert [child.tag for child in response] == ["acknowledgement", "control"]
    assert len(sim.rows("CUSTOMER", CUSTOMERID="X1")) == 1


@pytest.mark.parametrize(("other", "status", "number"), [(False, 401, "XMLGW_JPP0002"), (True, 400, "GW-0011")])
def test_rule_3_an_unknown_company_leaves_only_the_status(
    sim: Simulator, caller: Caller, other: bool, status: int, number: str
) -> None:
    sim.switches.unknown_company_400 = other
    response = caller.call(CUSTOMERS, company="no")
    assert caller.status == status
    assert [child.tag for child in response] == ["control", "errormessage"]
    assert [child.tag for child in response[0]] == ["status"]
    assert response.findtext("errormessage/error/errorno") == number


def test_rule_4_refused_sign_ins(sim: Simulator, caller: Caller) -> None:
    def ids(**given: object) -> list[str | None]:
        found = caller.call(CUSTOMERS, **given).find("operation/authentication")
        assert found is not None
        return [child.text for child in found]

    assert ids(password="no") == ["failure", "ws_user", "demo"]
    assert ids(session="no") == ["failure", None, None]
    sim.company.senders.clear()
    error = caller.call(CUSTOMERS).find("operation/errormessage/error")
    assert error is not None
    assert all(error.findtext(tag) for tag in ("errorno", "description", "description2", "correction"))
    sim.company.senders.add("sender")
    for _ in range(sim.switches.lock_after):
        ids(password="no")
    assert ids() == ["failure", "ws_user", "demo"]
    assert sim.rows("USERINFO", LOGINID="ws_user")[0]["STATUS"] == "lockedout"


def test_rule_5_functions_run_in_order_and_a_transaction_is_whole(sim: Simulator, caller: Caller) -> None:
    rename = "<update><CUSTOMER><CUSTOMERID>X1</CUSTOMERID><NAME>Later</NAME></CUSTOMER></update>"
    caller.call(create(customer("X1")), rename)
    assert sim.rows("CUSTOMER", CUSTOMERID="X1")[0]["NAME"] == "Later"
    before = len(sim.rows("CUSTOMER")), len(sim.rows("CONTACT")), len(sim.rows("AUDITHISTORY"))
    response = caller.call(create(customer("X2")), create(customer("X1")), rename, transaction=True)
    assert [one.findtext("status") for one in response.iter("result")] == ["aborted", "failure", "aborted"]
    assert (len(sim.rows("CUSTOMER")), len(sim.rows("CONTACT")), len(sim.rows("AUDITHISTORY"))) == before


def test_rule_6_results_name_their_function_and_the_session_slides(sim: Simulator, caller: Caller) -> None:
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    ends = []
    for _ in range(2):
        sim.advance(100)
        response = caller.call(CUSTOMERS, "<getDimensions/>", session=session, ids=("a", "b"))
        told = [(one.findtext("function"), one.findtext("controlid")) for one in response.iter("result")]
        assert told == [("query", "a"), ("getDimensions", "b")]
        ends.append(datetime.fromisoformat(response.findtext("operation/authentication/sessiontimeout", "")))
    assert 95 <= (ends[1] - ends[0]).total_seconds() <= 105


OLD = "<readByQuery><object>{}</object><fields>RECORDNO,CUSTOMERID</fields><query>{}</query></readByQuery>"
READ = "<read><object>CUSTOMER</object><keys>1,99</keys><fields>RECORDNO,CUSTOMERID</fields></read>"
NAMED = "<readByName><object>CUSTOMER</object><keys>C0001</keys><fields>RECORDNO,CUSTOMERID</fields></readByName>"
RENAME = "<update><CUSTOMER><CUSTOMERID>C0001</CUSTOMERID><NAME>n</NAME></CUSTOMER></update>"
NOBODY = where("equalto", "CUSTOMERID", "nobody")


@pytest.mark.parametrize(
    ("function", "attributes", "child", "fields"),
    [
        (
            select("CUSTOMER", "RECORDNO PARENT.NAME", "<pagesize>1</pagesize><offset>1</offset>"),
            "listtype=CUSTOMER totalcount=4 offset=1 count=1 numremaining=2",
            "CUSTOMER",
            "RECORDNO PARENT.NAME",
        ),
        (
            "<query><object>CUSTOMER</object><select><count>RECORDNO</count></select></query>",
            "listtype=CUSTOMER totalcount=1 offset=0 count=1 numremaining=0",
            "CUSTOMER",
            "COUNT.RECORDNO",
        ),
        (
            select("CUSTOMER", "RECORDNO", f"<filter>{NOBODY}</filter>"),
            "listtype=CUSTOMER totalcount=0 offset=0 count=0 numremaining=0",
            "",
            "",
        ),
        (
            OLD.format("CUSTOMER", "RECORDNO = 1"),
            "listtype=customer count=1 totalcount=1 numremaining=0 resultId=*",
            "customer",
            "RECORDNO CUSTOMERID",
        ),
        (
            OLD.format("CUSTOMER", "RECORDNO = 0"),
            "listtype=customer count=0 totalcount=0 numremaining=0 resultId=",
            "",
            "",
        ),
        (READ, "listtype=CUSTOMER count=1", "CUSTOMER", "RECORDNO CUSTOMERID"),
        (NAMED, "listtype=CUSTOMER count=1", "CUSTOMER", "RECORDNO CUSTOMERID"),
        (create(customer("X1")), "listtype=objects count=1", "customer", "RECORDNO CUSTOMERID"),
        (RENAME, "listtype=objects count=1", "customer", "RECORDNO CUSTOMERID"),
        ("<getAPISession/>", "", "api", "sessionid endpoint locationid"),
        ("<lookup><object>CLASS</object></lookup>", "listtype=All count=1", "Type", "Fields Relationships"),
        ("<inspect><object>CLASS</object></inspect>", "listtype=All count=1", "Type", "Fields"),
        ("<getDimensions/>", "", "dimensions", " ".join(["dimension"] * 9)),
    ],
)
def test_rule_6_data_has_its_shape(caller: Caller, function: str, attributes: str, child: str, fields: str) -> None:
    data = caller.ok(function).find("data")
    assert data is not None
    expected = dict(one.split("=") for one in attributes.split())
    assert list(data.attrib) == list(expected)
    assert all(value == "*" or data.get(name) == value for name, value in expected.items())
    assert [one.tag for one in data] == [child] * bool(child)
    assert [one.tag for row in data for one in row] == fields.split()


def test_rule_6_other_shapes(caller: Caller) -> None:
    assert caller.ok("<delete><object>CUSTOMER</object><keys>2</keys></delete>").find("data") is None
    result = caller.ok(invoice())
    assert ([one.tag for one in result], result.findtext("key", "").isdigit()) == (
        ["status", "function", "controlid", "key"],
        True,
    )
    result = caller.ok('<get_list object="supdoc"/>')
    assert [one.tag for one in result] == ["status", "function", "controlid", "listtype", "data"]
    everything = caller.ok("<inspect><object>*</object></inspect>").find("data/type")
    assert everything is not None
    assert (everything.attrib, bool(everything.text)) == ({"typename": "CUSTOMER"}, True)


@pytest.mark.parametrize(
    "rest",
    [
        "<pagesize>2001</pagesize>",
        "<pagesize>0</pagesize>",
        f"<filter>{where('in', 'RECORDNO', *map(str, range(1001)))}</filter>",
        f"<filter>{where('between', 'RECORDNO', '1', '2', '3')}</filter>",
        f"<filter>{where('equalto', 'NOTHING', '1')}</filter>",
    ],
)
def test_rule_7_limits_are_kept(caller: Caller, rest: str) -> None:
    assert caller.refused(select("CUSTOMER", "RECORDNO", rest)).findtext("errorno") == "Query Failed"


def test_rule_7_old_pages_are_smaller(caller: Caller) -> None:
    old = "<readByQuery><object>CUSTOMER</object><pagesize>{}</pagesize></readByQuery>"
    caller.ok(old.format(1000))
    assert caller.refused(old.format(1001)).findtext("errorno") == "Query Failed"
    keys = ",".join(map(str, range(101)))
    caller.refused(f"<read><object>CUSTOMER</object><keys>{keys}</keys></read>")


def test_rule_8_stamps_are_utc_and_changes_leave_a_trail(sim: Simulator, caller: Caller) -> None:
    key = caller.ok(create(customer("X1"))).findtext("data/customer/RECORDNO")
    caller.ok(f"<update><CUSTOMER><RECORDNO>{key}</RECORDNO><NAME>n</NAME></CUSTOMER></update>")
    stamp = caller.ok(f"<read><object>CUSTOMER</object><keys>{key}</keys><fields>WHENMODIFIED</fields></read>")
    text = stamp.findtext("data/CUSTOMER/WHENMODIFIED", "")
    read = datetime.strptime(text, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - read).total_seconds()) < 5
    caller.ok(f"<delete><object>CUSTOMER</object><keys>{key}</keys></delete>")
    trail = [row for row in sim.rows("AUDITHISTORY") if row["OBJECTTYPE"] == "customer"]
    assert [(row["ACCESSMODE"], row["OBJECTKEY"]) for row in trail] == [
        ("Create", "X1"),
        ("Modify", "X1"),
        ("Delete", "X1"),
    ]


@pytest.mark.parametrize(
    ("right", "function"),
    [
        ("List", CUSTOMERS),
        ("List", "<readByQuery><object>CUSTOMER</object></readByQuery>"),
        ("View", "<read><object>CUSTOMER</object><keys>1</keys></read>"),
        ("View", "<readByName><object>CUSTOMER</object><keys>C0001</keys></readByName>"),
        ("Add", create(customer("X1"))),
        ("Edit", "<update><CUSTOMER><CUSTOMERID>C0001</CUSTOMERID></CUSTOMER></update>"),
        ("Delete", "<delete><object>CUSTOMER</object><keys>2</keys></delete>"),
    ],
)
def test_rule_9_rights_are_by_user_object_and_kind(sim: Simulator, caller: Caller, right: str, function: str) -> None:
    sim.add_user("other", "secret")
    sim.deny("CUSTOMER", right)
    assert caller.refused(function).findtext("errorno") == "PL04000005"
    caller.ok(select("VENDOR", "RECORDNO"))
    caller.ok(function, user="other")


FREE = (
    "getAPISession",
    "getDimensions",
    "getFinancialSetup",
    "get_companyprefs",
    "get_applications",
    "inspect",
    "lookup",
)
NO_RIGHT = (*FREE, "readMore", "readEntityDetails", "readUserFormatting", "getUserPermissions")
"""Functions that look at no object, at least not at one."""


@pytest.mark.parametrize("function", [one for one in PLENTY if not re.match(f"<({'|'.join(NO_RIGHT)})\\b", one)])
def test_rule_9_who_has_no_right_can_do_nothing(sim: Simulator, caller: Caller, function: str) -> None:
    sim.deny("*")
    before = len(sim.rows("AUDITHISTORY"))
    expected = "" if function.startswith("<getAuditTrail") else "PL04000005"
    assert caller.refused(function).findtext("errorno") == expected
    assert len(sim.rows("AUDITHISTORY")) == before


@pytest.mark.parametrize("function", ["lookup", "inspect"])
def test_what_objects_are_made_of_is_told_without_any_right(sim: Simulator, caller: Caller, function: str) -> None:
    sim.deny("*")
    assert caller.ok(f"<{function}><object>CUSTOMER</object></{function}>").find("data/Type/Fields/Field") is not None


@pytest.mark.parametrize(
    ("kind", "given", "status"),
    [
        ("rate", {"seconds": 2}, 429),
        ("http", {"status": 503}, 503),
        ("http", {"status": 524, "when": "after"}, 524),
        ("gateway", {"status": 400, "errorno": "GW-0014", "text": "content type"}, 400),
        ("gateway", {"status": 500, "errorno": "GW-0001", "text": "fault"}, 500),
        ("gateway", {"status": 400, "errorno": "invalidRequest", "text": "credentials"}, 400),
    ],
)
def test_rule_10_faults_with_a_status(
    sim: Simulator, caller: Caller, kind: str, given: dict[str, object], status: int
) -> None:
    fault = sim.faults.add(kind, function="create", **given)
    caller.ok(CUSTOMERS)
    body = caller.post(caller.envelope(create(customer("X1"))))
    assert (caller.status, fault.struck) == (status, 1)
    assert sim.executions("f1") == (1 if given.get("when") == "after" else 0)
    assert (b"<html>" in body) is (kind == "http")
    caller.ok(create(customer("X2")))


def test_rule_10_junk_around_a_reply_and_other_headers(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("junk", text="<br/>")
    body = caller.post(caller.envelope(create(customer("X1"))))
    assert body.startswith(b"<br/><?xml")
    assert body.endswith(b"</response><br/>")
    sim.faults.add("rate", seconds=7, header="X-IA-Throttle-Limit-Retry-After")
    caller.post(caller.envelope(CUSTOMERS))
    assert (caller.status, caller.headers["X-IA-Throttle-Limit-Retry-After"]) == (429, "7")
    with pytest.raises(ValueError, match="name of a header"):
        sim.faults.add("rate", header="a: b\r\n")


def test_rule_10_latency_and_expiry(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("latency", seconds=0.1)
    began = time.monotonic()
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    assert time.monotonic() - began >= 0.1
    old = "<readByQuery><object>CUSTOMER</object><pagesize>2</pagesize></readByQuery>"
    data = caller.ok(old, session=session).find("data")
    assert data is not None
    sim.faults.add("cursors")
    more = f"<readMore><resultId>{data.get('resultId')}</resultId></readMore>"
    assert caller.refused(more, session=session).findtext("errorno") == "readMore failed"
    sim.faults.add("session")
    assert level(caller.call(CUSTOMERS, session=session))[0] == "authentication"


def test_rule_10_a_body_is_cut_short(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("truncate")
    with pytest.raises(http.client.IncompleteRead):
        caller.post(caller.envelope(create(customer("X1"))))
    caller.close()
    assert sim.executions("f1") == 1


def test_rule_10_more_at_once_than_allowed_are_refused(sim: Simulator) -> None:
    sim.switches.concurrent = 1
    sim.faults.add("latency", seconds=0.2, times=0)

    def send(number: int) -> str:
        other = Caller(sim.url)
        error = level(other.call(create(customer(f"X{number}"))))[1]
        other.close()
        return "" if error is None else error.findtext("description2", "")

    with ThreadPoolExecutor(3) as pool:
        told = [text for text in pool.map(send, range(3)) if text]
    assert told
    assert all(text.startswith("There are too many operations running for this company") for text in told)


def test_rule_10_a_period_is_closed_until_a_date(sim: Simulator, caller: Caller) -> None:
    sim.switches.closed_until = "03/01/2026"
    assert "Periods are closed" in caller.refused(invoice()).findtext("description2", "")
    sim.switches.closed_until = "02/28/2026"
    caller.ok(invoice())


def test_rule_10_an_intent_is_counted_however_often_it_is_sent(sim: Simulator, caller: Caller) -> None:
    def send(_: int) -> None:
        other = Caller(sim.url)
        other.call(create(customer("")), ids=("intent",))
        other.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, range(3)))
    assert sim.executions("intent") == 3
    assert sim.executions("another") == 0


def test_rule_11_nobody_learns_whether_a_user_exists(sim: Simulator, caller: Caller) -> None:
    sim.add_user("locked", "secret").status = "lockedout"
    wrong = [{"user": "nobody"}, {"password": "no"}, {"user": "locked"}, {"user": "locked", "password": "no"}]
    errors = [level(caller.call(CUSTOMERS, **given))[1] for given in wrong]
    assert {error.findtext("description2") for error in errors if error is not None} == {
        "Sign-in information is incorrect"
    }
    assert len(errors) == 4
