"""create, update, delete of masters; partial writes, transactions, unique ids, faults."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select

NEW = (
    "<CUSTOMER><CUSTOMERID>{0}</CUSTOMERID><NAME>{1}</NAME><DISPLAYCONTACT><PRINTAS>{1}</PRINTAS>"
    "<EMAIL1>a@b.test</EMAIL1><MAILADDRESS><CITY>Bath</CITY></MAILADDRESS></DISPLAYCONTACT></CUSTOMER>"
)


def create(*objects: str) -> str:
    return f"<create>{''.join(objects)}</create>"


def customer(identity: str, name: str = "Somebody") -> str:
    return NEW.format(identity, name)


def test_create_writes_the_customer_and_its_contact(sim: Simulator, caller: Caller) -> None:
    data = caller.ok(create(customer("X1"))).find("data")
    assert data is not None
    assert data.attrib == {"listtype": "objects", "count": "1"}
    assert [child.tag for child in data[0]] == ["RECORDNO", "CUSTOMERID"]
    assert data[0].tag == "customer"
    row = sim.rows("CUSTOMER", CUSTOMERID="X1")[0]
    assert row["DISPLAYCONTACT.CONTACTNAME"] == "Somebody(CX1)"
    contact = sim.rows("CONTACT", CONTACTNAME="Somebody(CX1)")[0]
    assert (contact["EMAIL1"], contact["MAILADDRESS.CITY"]) == ("a@b.test", "Bath")
    assert row["WHENMODIFIED"].microsecond == 0


def test_numbers_are_issued_where_the_company_is_set_so(sim: Simulator, caller: Caller) -> None:
    data = caller.ok("<create><CUSTOMER><NAME>N</NAME></CUSTOMER></create>").find("data/customer")
    assert data is not None
    assert data.findtext("CUSTOMERID", "").startswith("C-")
    sim.switches.automatic_ids.clear()
    error = caller.refused("<create><CUSTOMER><NAME>N</NAME></CUSTOMER></create>")
    assert error.findtext("errorno") == "BL03000018"


def test_duplicates(caller: Caller) -> None:
    assert caller.refused(create(customer("C0001"))).findtext("errorno") == "PL05000104"
    result = caller.result("<create><CLASS><CLASSID>RES</CLASSID><NAME>Again</NAME></CLASS></create>")
    errors = [one.findtext("errorno") for one in result.iter("error")]
    assert errors == ["BL34000061", "BL01001973", "BL01001973"]
    assert "RES  already exists" in result.findtext("errormessage/error/description2", "")


@pytest.mark.parametrize(
    "body",
    [
        "<CUSTOMER><CUSTOMERID>X</CUSTOMERID></CUSTOMER>",
        "<CUSTOMER><NAME>X</NAME><NONSENSE>1</NONSENSE></CUSTOMER>",
        "<CUSTOMER><NAME>X</NAME><STATUS>asleep</STATUS></CUSTOMER>",
        "<CUSTOMER><NAME>X</NAME><PARENTID>nobody</PARENTID></CUSTOMER>",
        "<CUSTOMER><NAME>X</NAME><CREDITLIMIT>much</CREDITLIMIT></CUSTOMER>",
        "<CUSTOMER><NAME>X</NAME><DISPLAYCONTACT><EMAIL1>e</EMAIL1></DISPLAYCONTACT></CUSTOMER>",
        "<TAXDETAIL><DETAILID>X</DETAILID></TAXDETAIL>",
        "<NOTHING/>",
    ],
)
def test_wrong_objects_are_refused_and_write_nothing(sim: Simulator, caller: Caller, body: str) -> None:
    before = len(sim.rows("CUSTOMER")), len(sim.rows("CONTACT"))
    caller.refused(create(body))
    assert (len(sim.rows("CUSTOMER")), len(sim.rows("CONTACT"))) == before
    assert sim.executions("f1") == 0


def test_a_failed_create_may_have_written_objects(sim: Simulator, caller: Caller) -> None:
    result = caller.result(create(customer("X1"), customer("C0001"), customer("X2")))
    assert result.findtext("status") == "failure"
    data = result.find("data")
    assert data is not None
    assert data.get("count") == "1"
    assert data.findtext("customer/CUSTOMERID") == "X1"
    assert [row["CUSTOMERID"] for row in sim.rows("CUSTOMER")][-1] == "X1"
    assert sim.executions("f1") == 1


def test_update_changes_clears_and_keeps(sim: Simulator, caller: Caller) -> None:
    sim.modify("CUSTOMER", "C0001", COMMENTS="old", RESALENO="1")
    caller.ok(
        "<update><CUSTOMER><CUSTOMERID>C0001</CUSTOMERID><NAME>New</NAME><COMMENTS/>"
        "<DISPLAYCONTACT><EMAIL1>n@b.test</EMAIL1></DISPLAYCONTACT></CUSTOMER></update>"
    )
    row = sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]
    assert (row["NAME"], row.get("COMMENTS"), row["RESALENO"]) == ("New", None, "1")
    assert caller.ok(select("CUSTOMER", "DISPLAYCONTACT.EMAIL1")).find("data/CUSTOMER")[0].text == "n@b.test"  # type: ignore[index]


def test_update_of_nothing(caller: Caller) -> None:
    error = caller.refused("<update><CLASS><CLASSID>UT99</CLASSID><NAME>x</NAME></CLASS></update>")
    assert error.findtext("errorno") == "Cannot update non-existing CLASS with CLASSID=UT99."
    assert error.findtext("description2") == ""


def test_delete_has_no_data_and_leaves_a_trail(sim: Simulator, caller: Caller) -> None:
    key = sim.rows("CUSTOMER", CUSTOMERID="C0002")[0]["RECORDNO"]
    result = caller.ok(f"<delete><object>CUSTOMER</object><keys>{key}</keys></delete>")
    assert result.find("data") is None
    rest = (
        "<filter><and><equalto><field>ACCESSMODE</field><value>D</value></equalto><equalto><field>OBJECTTYPE</field>"
        "<value>customer</value></equalto></and></filter>"
    )
    trail = caller.ok(select("AUDITHISTORY", "OBJECTKEY ACCESSTIME", rest))
    assert trail.findtext("data/AUDITHISTORY/OBJECTKEY") == "C0002"
    old = "<readByQuery><object>AUDITHISTORY</object><query>ACCESSMODE = 'Delete'</query></readByQuery>"
    assert caller.ok(old).find("data").get("count") == "1"  # type: ignore[union-attr]
    error = caller.refused(f"<delete><object>CUSTOMER</object><keys>{key}</keys></delete>")
    assert error.findtext("errorno") == "BL01001973"
    used = sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]["RECORDNO"]
    caller.refused(f"<delete><object>CUSTOMER</object><keys>{used}</keys></delete>")


def test_writes_in_an_entity_belong_to_it(sim: Simulator, caller: Caller) -> None:
    caller.ok(create(customer("X1")), entity="E2")
    assert sim.rows("CUSTOMER", CUSTOMERID="X1")[0]["MEGAENTITYID"] == "E2"
    caller.ok(create(customer("X2")))
    assert "MEGAENTITYID" not in sim.rows("CUSTOMER", CUSTOMERID="X2")[0]


def test_functions_stand_alone_without_a_transaction(sim: Simulator, caller: Caller) -> None:
    response = caller.call(create(customer("C0001")), create(customer("X1")), create(customer("C0001")))
    assert [one.findtext("status") for one in response.iter("result")] == ["failure", "success", "failure"]
    assert len(sim.rows("CUSTOMER", CUSTOMERID="X1")) == 1


def test_a_transaction_succeeds_or_nothing_happens(sim: Simulator, caller: Caller) -> None:
    functions = (create(customer("X1")), create(customer("C0001")), create(customer("X2")))
    response = caller.call(*functions, transaction=True)
    results = list(response.iter("result"))
    assert [one.findtext("status") for one in results] == ["aborted", "failure", "aborted"]
    assert [e.findtext("errorno") for e in results[1].iter("error")] == ["PL05000104", "XL03000009"]
    assert all(list(one.iter("error"))[-1].findtext("errorno") == "XL03000009" for one in results)
    assert sim.rows("CUSTOMER", CUSTOMERID="X1") == []
    assert sim.rows("CONTACT", CONTACTNAME="Somebody(CX1)") == []
    assert sim.executions("f1") == 0
    sim.switches.aborted_absent = True
    assert len(list(caller.call(*functions, transaction=True).iter("result"))) == 2


def test_unique_ids_refuse_what_was_completed(sim: Simulator, caller: Caller) -> None:
    function = create(customer("X1"))
    caller.ok(function, uniqueid="true", ids=("once",))
    repeated = caller.result(function, uniqueid="true", ids=("once",))
    assert [one.tag for one in repeated] == ["function", "controlid", "errormessage"]
    assert repeated.findtext("errormessage/error/errorno") == "SIM-DUPLICATE-CONTROLID"
    assert sim.executions("once") == 1
    assert caller.refused(function, uniqueid="false", ids=("once",)).findtext("errorno") == "PL05000104"


def test_a_repeat_while_the_first_still_runs_is_refused(sim: Simulator, caller: Caller) -> None:
    function = create(customer("X1"))
    sim.faults.add("latency", seconds=0.5, function="create")
    first = Caller(sim.url)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first.result, function, uniqueid="true")
        while not sim.requests:
            time.sleep(0.01)
        repeated = caller.result(function, uniqueid="true")
        assert "control ID f1 is in process" in repeated.findtext("errormessage/error/description2", "")
        assert running.result().findtext("status") == "success"
    first.close()
    assert sim.executions("f1") == 1


def test_many_at_once_are_refused_where_there_is_a_limit(sim: Simulator) -> None:
    sim.switches.concurrent = 1
    sim.faults.add("latency", seconds=0.2, times=0)

    def one(number: int) -> str:
        caller = Caller(sim.url)
        status = caller.result(create(customer(f"X{number}"))).findtext("status", "")
        caller.close()
        return status

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(one, range(4)))
    assert "failure" in statuses
    assert len(sim.rows("CUSTOMER")) == 5 + statuses.count("success")


@pytest.mark.parametrize("counts", [False, True])
def test_unique_ids_of_failed_functions_are_a_switch(sim: Simulator, caller: Caller, counts: bool) -> None:
    sim.switches.failed_ids_count = counts
    caller.refused(create(customer("C0001")), uniqueid="true")
    second = caller.result(create(customer("X1")), uniqueid="true")
    assert second.findtext("status") == (None if counts else "success")


def test_http_faults_strike_before_or_after_the_work(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("http", status=503, function="create")
    assert b"<html>" in caller.post(caller.envelope(create(customer("X1"))))
    assert caller.status == 503
    assert sim.executions("f1") == 0
    sim.faults.add("http", status=524, when="after", function="create")
    caller.post(caller.envelope(create(customer("X1"))))
    assert caller.status == 524
    assert sim.executions("f1") == 1
    assert caller.ok(select("CUSTOMER", "RECORDNO")) is not None


def test_rate_limit_with_retry_after(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("rate", seconds=2)
    body = caller.post(caller.envelope(select("CUSTOMER", "RECORDNO")))
    assert caller.status == 429
    assert caller.headers["Retry-After"] == "2"
    assert b"GW-0010" in body


@pytest.mark.parametrize(("when", "executed"), [("before", 0), ("after", 1)])
def test_dropped_connections(sim: Simulator, caller: Caller, when: str, executed: int) -> None:
    sim.faults.add("drop", when=when)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        caller.post(caller.envelope(create(customer("X1"))))
    assert sim.executions("f1") == executed
    assert sim.requests[-1].status == 0


def test_truncated_replies_and_missing_results(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("truncate")
    with pytest.raises(http.client.IncompleteRead):
        caller.post(caller.envelope(create(customer("X1"))))
    caller.close()
    sim.faults.add("missing", control_id="f2")
    response = caller.call(create(customer("X2")), create(customer("X3")))
    assert [one.findtext("controlid") for one in response.iter("result")] == ["f1"]
    assert len(sim.rows("CUSTOMER", CUSTOMERID="X3")) == 1


def test_refusals_on_demand(sim: Simulator, caller: Caller) -> None:
    sim.faults.add("busy")
    error = caller.refused(select("CUSTOMER", "RECORDNO"))
    assert "too many operations" in error.findtext("description2", "")
    sim.faults.add("refuse", errorno="XL1", text="Because.", skip=1, times=1)
    caller.ok(select("CUSTOMER", "RECORDNO"))
    assert caller.refused(select("CUSTOMER", "RECORDNO")).findtext("errorno") == "XL1"
    caller.ok(select("CUSTOMER", "RECORDNO"))


def test_sessions_expire_on_demand(sim: Simulator, caller: Caller) -> None:
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    sim.faults.add("session", function="query")
    response = caller.call(select("CUSTOMER", "RECORDNO"), session=session)
    assert "Invalid session" in response.findtext("operation/errormessage/error/description2", "")


def test_unknown_faults_are_refused(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="known: "):
        sim.faults.add("earthquake")
