"""Reading and writing through the client."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from flask_intacct.gateway import Aggregate, Client, Order, formats, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway import filters as f

from .canned import Asked, Canned, CannedGateway, error, error_of, failed, reply, result, result_of, rows_data, table
from .conftest import MakeClient


def customers(n: int) -> list[dict[str, str]]:
    return [{"RECORDNO": str(i), "CUSTOMERID": f"C{i}", "NAME": "Zoë"} for i in range(1, n + 1)]


def test_importing_the_gateway_loads_no_flask() -> None:
    code = "import sys, flask_intacct.gateway; print(sorted(m for m in sys.modules if m in ('flask', 'sqlalchemy')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_query_gives_every_row_once(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(25))
    rows = list(client.query("CUSTOMER", ["CUSTOMERID", "NAME"], page_size=10))
    assert [row["CUSTOMERID"] for row in rows] == [f"C{i}" for i in range(1, 26)]
    assert rows[0]["NAME"] == "Zoë"


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (9, 1), (10, 1), (11, 2), (20, 2), (30, 3)])
def test_query_asks_no_more_often_than_pages(gateway: CannedGateway, client: Client, count: int, requests: int) -> None:
    gateway.script = table(customers(count))
    assert len(list(client.query("CUSTOMER", ["RECORDNO"], page_size=10))) == count
    assert len(gateway.calls) == requests
    assert gateway.sign_ins == 1


def test_query_loses_no_row_when_one_leaves_between_pages(gateway: CannedGateway, client: Client) -> None:
    rows = customers(30)
    serve = table(rows)

    def shrinking(asked: Asked) -> Canned:
        answer = serve(asked)
        if rows[0]["RECORDNO"] == "1":
            rows.pop(0)
        return answer

    gateway.script = shrinking
    got = [row["RECORDNO"] for row in client.query("CUSTOMER", ["RECORDNO"], page_size=10)]
    assert got == [str(i) for i in range(1, 31)]


def test_query_refuses_a_page_that_does_not_move_on(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, rows_data([{"RECORDNO": "7"}], "CUSTOMER", 9, 8))))
    with pytest.raises(e.ProtocolError, match="do not rise"):
        list(client.query("CUSTOMER", ["RECORDNO"]))


def test_query_sends_filter_and_key_together(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(3))
    list(client.query("CUSTOMER", ["NAME"], filter=f.eq("STATUS", "active"), page_size=2, show_private=True))
    query = gateway.calls[1].function["query"]
    assert query["select"]["field"] == ["NAME", "RECORDNO"]
    assert query["filter"]["and"]["equalto"] == {"field": "STATUS", "value": "active"}
    assert query["filter"]["and"]["greaterthan"] == {"field": "RECORDNO", "value": "2"}
    assert query["options"] == {"caseinsensitive": "false", "showprivate": "true"}


def test_query_in_another_order_pages_by_offset(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(5))
    rows = list(client.query("CUSTOMER", ["RECORDNO"], order=[Order("NAME", descending=True)], page_size=2))
    assert [row["RECORDNO"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [call.function["query"]["offset"] for call in gateway.calls] == ["0", "2", "4"]
    assert gateway.calls[0].function["query"]["orderby"]["order"] == {"field": "NAME", "descending": None}


def test_query_with_aggregates_groups_by_the_plain_fields(gateway: CannedGateway, client: Client) -> None:
    data = rows_data([{"CUSTOMERID": "C1", "SUM.TOTALDUE": "3.50"}], "ARINVOICE", 1, 0)
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    rows = list(client.query("ARINVOICE", ["CUSTOMERID", Aggregate("sum", "TOTALDUE")]))
    assert rows == [{"CUSTOMERID": "C1", "SUM.TOTALDUE": "3.50"}]
    assert gateway.calls[0].function["query"]["select"] == {"field": "CUSTOMERID", "sum": "TOTALDUE"}


def test_page_is_one_request_and_tells_the_rest(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(5))
    page = client.page("CUSTOMER", ["RECORDNO"], page_size=2)
    assert (len(page.rows), page.total, page.remaining) == (2, 5, 3)
    assert len(gateway.calls) == 1


def test_read_nests_owned_lines_as_a_list(gateway: CannedGateway, client: Client) -> None:
    line = "<apbillitem><LINE_NO>1</LINE_NO><TRX_AMOUNT>9.10</TRX_AMOUNT></apbillitem>"
    bills = (
        f"<APBILL><RECORDNO>1</RECORDNO><APBILLITEMS>{line}{line}</APBILLITEMS></APBILL>"
        f"<APBILL><RECORDNO>2</RECORDNO><APBILLITEMS>{line}</APBILLITEMS></APBILL>"
        "<APBILL><RECORDNO>3</RECORDNO><APBILLITEMS/></APBILL>"
    )
    gateway.script = lambda asked: Canned(reply(asked, result(asked, f'<data count="3">{bills}</data>')))
    rows = client.read("APBILL", [1, 2, 3])
    assert [len(formats.lines(row, "APBILLITEMS")) for row in rows] == [2, 1, 0]
    assert rows[1]["APBILLITEMS"] == [{"LINE_NO": "1", "TRX_AMOUNT": "9.10"}]


def test_read_asks_for_a_hundred_keys_at_a_time(gateway: CannedGateway, client: Client) -> None:
    client.read("CUSTOMER", range(1, 251))
    assert [len(call.function["read"]["keys"].split(",")) for call in gateway.calls] == [100, 100, 50]


def test_read_by_name_refuses_an_id_with_a_comma(gateway: CannedGateway, client: Client) -> None:
    with pytest.raises(e.RequestError, match="query"):
        client.read_by_name("CUSTOMER", ["Smith, John"])
    assert gateway.asked == []


def test_nested_objects_stay_nested(gateway: CannedGateway, client: Client) -> None:
    customer = (
        "<customer><NAME>A</NAME><DISPLAYCONTACT><MAILADDRESS><CITY>Leeds</CITY></MAILADDRESS>"
        "</DISPLAYCONTACT></customer>"
    )
    gateway.script = lambda asked: Canned(reply(asked, result(asked, f'<data count="1">{customer}</data>')))
    assert client.read("CUSTOMER", [1]) == [{"NAME": "A", "DISPLAYCONTACT": {"MAILADDRESS": {"CITY": "Leeds"}}}]


def test_create_writes_lines_values_and_nulls(gateway: CannedGateway, client: Client) -> None:
    bill = {
        "VENDORID": "V1",
        "DESCRIPTION": "Fish & <chips>\x00",
        "TERMNAME": None,
        "APBILLITEMS": [{"ACCOUNTNO": "5000", "TRX_AMOUNT": Decimal("10.50"), "TAXENTRIES": [{"DETAILID": "UK"}]}],
    }
    client.execute([functions.create("APBILL", bill, control_id="op-1")], unique=True)
    call = gateway.calls[0]
    assert call.request["control"]["uniqueid"] == "true"
    assert call.ids == ["op-1"]
    sent = call.function["create"]["APBILL"]
    assert sent["DESCRIPTION"] == "Fish & <chips>"
    assert sent["TERMNAME"] is None
    assert sent["APBILLITEMS"]["APBILLITEM"]["TRX_AMOUNT"] == "10.50"
    assert sent["APBILLITEMS"]["APBILLITEM"]["TAXENTRIES"] == {"TAXENTRY": {"DETAILID": "UK"}}


def test_results_are_found_by_control_id(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(
        reply(
            asked,
            result(asked, '<data count="1"><vendor><RECORDNO>9</RECORDNO></vendor></data>', index=1),
            failed(asked, error("BL34000061", "", "Another Vendor already exists"), index=0),
        )
    )
    reply_ = client.execute(
        [functions.create("VENDOR", {"NAME": "A"}, control_id=name) for name in ("one", "two", "three")]
    )
    one, two = result_of(reply_, "one"), result_of(reply_, "two")
    assert isinstance(one.error, e.Duplicate)
    assert one.error.executed is False
    assert two.ok
    assert two.written == [{"RECORDNO": "9"}]
    assert reply_.result("three") is None


def test_a_failure_that_wrote_objects_gives_their_keys(gateway: CannedGateway, client: Client) -> None:
    data = '<data listtype="objects" count="1"><class><RECORDNO>5</RECORDNO></class></data>'
    gateway.script = lambda asked: Canned(
        reply(asked, failed(asked, error("BL01001973", "", "Could not create Class record!"), inside=data))
    )
    outcome = result_of(client.execute([functions.create("CLASS", {"NAME": "A"}, {"NAME": "B"}, control_id="x")]), "x")
    assert outcome.written == [{"RECORDNO": "5"}]
    assert isinstance(outcome.error, e.PartialWrite)
    assert outcome.error.executed is True


def test_a_legacy_key_counts_as_written(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, "<key>35</key>")))
    from datetime import date

    invoice = functions.create_invoice(
        {
            "invoiceitems": [{"amount": Decimal("1.00"), "glaccountno": "4000"}],
            "customerid": "C1",
            "datedue": date(2025, 7, 1),
            "datecreated": date(2025, 6, 1),
        },
        control_id="i",
    )
    outcome = result_of(client.execute([invoice]), "i")
    assert outcome.key == "35"
    assert outcome.written == [{"RECORDNO": "35"}]
    assert list(gateway.calls[0].function["create_invoice"]) == [
        "customerid",
        "datecreated",
        "datedue",
        "invoiceitems",
    ]


def test_two_functions_with_one_control_id_are_refused(gateway: CannedGateway, client: Client) -> None:
    with pytest.raises(e.RequestError, match="same control id"):
        client.execute([functions.create("CLASS", {"NAME": name}, control_id="x") for name in "AB"])
    assert gateway.calls == []


def test_transaction_results_that_were_rolled_back(gateway: CannedGateway, client: Client) -> None:
    rolled = error("XL03000009", "", "The entire transaction in this operation has been rolled back")
    gateway.script = lambda asked: Canned(
        reply(
            asked,
            failed(asked, rolled, status="aborted", index=0),
            failed(asked, error("BL01001973", "", "bad value"), rolled, index=1),
        )
    )
    made = [functions.create("CLASS", {"NAME": name}, control_id=name) for name in "AB"]
    outcome = client.execute(made, transaction=True)
    assert gateway.calls[0].request["operation"]["@transaction"] == "true"
    assert isinstance(error_of(outcome, "A"), e.RolledBack)
    assert isinstance(error_of(outcome, "B"), e.Validation)
    assert error_of(outcome, "A").executed is False


def test_an_asynchronous_call_is_acknowledged(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(
        b"<response><acknowledgement><status>success</status></acknowledgement><control><status>success</status>"
        b"</control></response>"
    )
    outcome = client.execute([functions.create("CLASS", {"NAME": "A"})], policy="later")
    assert outcome.acknowledged
    assert gateway.calls[0].request["control"]["policyid"] == "later"


def test_a_query_that_fails_raises_its_error(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(
        reply(asked, failed(asked, error("Query Failed", "", "Object definition NOPE not found")))
    )
    with pytest.raises(e.NotFound) as caught:
        client.page("NOPE", ["RECORDNO"])
    assert (caught.value.level, caught.value.function) == ("result", "query")


def test_the_next_page_is_fetched_while_this_one_is_used(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(20))
    rows = client.query("CUSTOMER", ["RECORDNO"], page_size=10)
    next(rows)
    deadline = time.monotonic() + 2
    while len(gateway.calls) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(gateway.calls) == 2
    assert len(list(rows)) == 19


def test_a_reader_who_stops_early_leaves_at_most_one_request(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table(customers(100))
    rows = client.query("CUSTOMER", ["RECORDNO"], page_size=10)
    next(rows)
    rows.close()
    time.sleep(0.05)
    assert len(gateway.calls) <= 2


@pytest.mark.parametrize("order", [None, [Order("NAME")]])
def test_an_empty_page_that_promises_more_is_refused(
    gateway: CannedGateway, client: Client, order: list[Order] | None
) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, rows_data([], "CUSTOMER", 9, 9))))
    with pytest.raises(e.ProtocolError, match="9 rows remaining"):
        list(client.query("CUSTOMER", ["RECORDNO"], order=order))


def test_rows_other_than_counted_are_given_with_a_warning(
    gateway: CannedGateway, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    data = rows_data([{"RECORDNO": "1"}], "CUSTOMER", 1, 0).replace('count="1"', 'count="7"', 2)
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert client.page("CUSTOMER", ["RECORDNO"]).rows == [{"RECORDNO": "1"}]
    assert "says 7 rows and has 1" in caplog.text


def test_a_reply_that_counts_nothing_is_paged_by_its_size(gateway: CannedGateway, client: Client) -> None:
    serve = table(customers(5))

    def silent(asked: Asked) -> Canned:
        answer = serve(asked)
        answer.body = re.sub(rb' numremaining="[0-9]+"', b"", answer.body)
        return answer

    gateway.script = silent
    assert len(list(client.query("CUSTOMER", ["RECORDNO"], page_size=2))) == 5


@pytest.mark.parametrize("fields", [["recordno", "name"], ["RecordNo"], ["NAME"]])
@pytest.mark.parametrize("key", ["RECORDNO", "recordno"])
def test_fields_and_keys_may_be_written_in_any_case(
    gateway: CannedGateway, client: Client, fields: list[str], key: str
) -> None:
    gateway.script = table([{"RECORDNO": str(i), "NAME": "x"} for i in range(1, 6)])
    found = [row["RECORDNO"] for row in client.query("CUSTOMER", fields, key=key, page_size=2)]
    assert found == ["1", "2", "3", "4", "5"]
    selected = gateway.calls[0].function["query"]["select"]["field"]
    assert [name.upper() for name in ([selected] if isinstance(selected, str) else selected)].count("RECORDNO") == 1


@pytest.mark.parametrize("most", [0, -1])
def test_a_gate_that_nobody_can_pass_is_refused(make_client: MakeClient, most: int) -> None:
    with pytest.raises(ValueError, match="at once"):
        make_client(max_in_flight=most)


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        (["NAME"], ["RECORDNO"]),
        ([Aggregate("sum", "TOTALDUE"), "CUSTOMERID"], ["CUSTOMERID"]),
        ([Aggregate("count", "RECORDNO")], []),
    ],
)
def test_a_page_of_aggregates_is_ordered_by_what_it_is_grouped_by(
    gateway: CannedGateway,
    client: Client,
    fields: list[str] | list[Aggregate | str] | list[Aggregate],
    order: list[str],
) -> None:
    client.page("ARINVOICE", fields)
    query = gateway.calls[0].function["query"]
    given = (query.get("orderby") or {}).get("order") or []
    assert [by["field"] for by in (given if isinstance(given, list) else [given])] == order


def test_a_read_whose_result_names_no_function_wrote_nothing(gateway: CannedGateway, client: Client) -> None:
    bare = '<data listtype="CUSTOMER" count="1"><CUSTOMER><RECORDNO>1</RECORDNO></CUSTOMER></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, bare).replace("<function>query</function>", "")))
    outcome = result_of(client.execute([functions.query("CUSTOMER", ["RECORDNO"], control_id="q")]), "q")
    assert (outcome.ok, outcome.written, len(outcome.rows)) == (True, [], 1)
