"""The old functions in the order of the vendor's schema, word for word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flask_intacct.gateway import Client, Function, filters, functions
from flask_intacct.gateway.errors import RequestError
from flask_intacct.gateway.legacy import TABLES, arrange

from .canned import CannedGateway

JUNE = date(2025, 6, 1)
LINE = {"amount": Decimal("10.00"), "glaccountno": "4000"}
INVOICE = {"customerid": "C1", "datecreated": JUNE, "datedue": date(2025, 7, 1), "invoiceitems": [LINE]}
CURRENCY = "basecurr currency exchratedate exchratetype exchrate"
ORDERS = {
    "create_invoice": "customerid datecreated dateposted datedue termname batchkey action invoiceno ponumber "
    f"description externalid billto shipto {CURRENCY} nogl supdocid customfields taxsolutionid invoiceitems",
    "update_invoice": "customerid datecreated dateposted datedue termname action invoiceno ponumber description payto "
    f"returnto {CURRENCY} supdocid customfields updateinvoiceitems",
    "create_bill": "vendorid datecreated dateposted datedue termname action batchkey billno ponumber onhold "
    f"description externalid payto returnto {CURRENCY} nogl supdocid customfields inclusivetax taxsolutionid billitems",
    "create_aradjustment": "customerid datecreated dateposted batchkey adjustmentno action invoiceno description "
    f"externalid {CURRENCY} nogl taxsolutionid aradjustmentitems",
    "create_apadjustment": "vendorid datecreated dateposted batchkey adjustmentno action billno description "
    f"externalid {CURRENCY} nogl customfields inclusivetax taxsolutionid apadjustmentitems",
    "update_aradjustment": "customerid datecreated dateposted adjustmentno action invoiceno description "
    f"{CURRENCY} updatearadjustmentitems",
    "update_apadjustment": "vendorid datecreated dateposted adjustmentno action billno description "
    f"{CURRENCY} inclusivetax updateapadjustmentitems",
    "reverse_invoice": "datereversed description",
    "reverse_bill": "datereversed description",
    "reverse_appayment": "datereversed description",
    "reverse_arpayment": "datereversed description nsfclosedaccount",
    "create_arpayment": "customerid paymentamount translatedamount batchkey bankaccountid undepfundsacct refid "
    f"overpaylocid overpaydeptid datereceived paymentmethod {CURRENCY} cctype authcode arpaymentitem",
    "apply_arpayment": "arpaymentkey paymentdate batchkey memo overpaylocid overpaydeptid arpaymentitems",
    "create_supdoc": "supdocid supdocname supdocfoldername supdocdescription attachments",
}
LINE_ORDER = (
    "glaccountno accountlabel offsetglaccountno amount allocationid memo locationid departmentid item1099 form1099type "
    "form1099box key totalpaid totaldue customfields revrectemplate defrevaccount revrecstartdate revrecenddate "
    "projectid taskid costtypeid customerid vendorid employeeid itemid classid contractid warehouseid billable "
    "totaltrxamount partialexempt paymenttaxcapture taxentries"
)
EXCLUDED = ("accountlabel", "exchrate", "bankaccountid", "undepfundsacct")  # beside what is given already


def filled(names: Sequence[str], table: str | None = None) -> dict[str, Any]:
    """A value of the right form for each name, the last name first."""
    special = {
        "billto": "Ann",
        "shipto": "Ann",
        "payto": "Ann",
        "returnto": "Ann",
        "customfields": {"F": "1"},
        "taxentries": [{"detailid": "T"}],
        "arpaymentitem": [{"invoicekey": "1", "amount": "2"}],
        "arpaymentitems": [{"invoicekey": "1", "amount": "2"}],
        "attachments": [{"attachmentname": "a", "attachmenttype": "pdf", "attachmentdata": "eA=="}],
    }
    values = {}
    for name in reversed(names):
        if name in EXCLUDED:
            continue
        dated = name.startswith("date") or name.endswith("date") or name in ("revrecstartdate", "revrecenddate")
        values[name] = special.get(name, JUNE if dated else [LINE] if name.endswith("items") else "1")
    return values


def test_the_tables_are_those_of_the_schema() -> None:
    assert {name for name in TABLES if TABLES[name].shape} == set(ORDERS)


@pytest.mark.parametrize("name", ORDERS)
def test_elements_come_in_the_schemas_order(name: str) -> None:
    order = ORDERS[name].split()
    assert list(TABLES[name].shape) == order
    assert list(arrange(name, filled(order))) == [element for element in order if element not in EXCLUDED]


def test_the_elements_of_a_line_come_in_the_schemas_order() -> None:
    order = LINE_ORDER.split()
    made = arrange("create_invoice", INVOICE | {"invoiceitems": [filled(order)]})["invoiceitems"]["lineitem"][0]
    assert list(made) == [element for element in order if element not in EXCLUDED]


def test_a_receipt_of_the_old_kind_repeats_its_items(gateway: CannedGateway, client: Client) -> None:
    paid = [{"amount": Decimal("5.00"), "invoicekey": 3}, {"amount": Decimal("6.00"), "invoicekey": 4}]
    values = {"arpaymentitem": paid, "datereceived": JUNE, "bankaccountid": "B", "paymentamount": Decimal("11.00")}
    client.execute([functions.legacy_call("create_arpayment", values | {"customerid": "C"})])
    sent = gateway.calls[0].function["create_arpayment"]
    assert list(sent) == ["customerid", "paymentamount", "bankaccountid", "datereceived", "arpaymentitem"]
    assert sent["arpaymentitem"] == [{"invoicekey": "3", "amount": "5.00"}, {"invoicekey": "4", "amount": "6.00"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"currency": "USD"}, "currency needs exchratetype or exchrate"),
        ({"exchrate": "1.1"}, "exchrate needs currency"),
        ({"basecurr": "GBP"}, "basecurr needs currency"),
        ({"currency": "USD", "exchratedate": JUNE, "exchrate": "1"}, "only one"),
        ({"invoiceitems": [LINE | {"taskid": "T"}]}, "taskid needs projectid"),
        ({"invoiceitems": [LINE | {"taxentries": [{"detailid": "T"}] * 3}]}, "at most 2"),
    ],
)
def test_what_the_schema_ties_together_stays_together(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        functions.create_invoice(INVOICE | change)


@pytest.mark.parametrize(
    "make",
    [
        lambda: functions.delete("CLASS", []),
        lambda: functions.delete("CLASS", ["1,2"]),
        lambda: functions.delete("CLASS", [""]),
        lambda: functions.read("CLASS", range(101)),
        lambda: functions.read_related("CLASS", [], "R"),
    ],
)
def test_keys_that_say_something_else_are_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(RequestError):
        make()


def test_the_document_type_goes_along(gateway: CannedGateway, client: Client) -> None:
    client.execute([functions.read("SODOCUMENT", [1], document_type="Sales Order")])
    client.page("SODOCUMENT", ["RECORDNO"], document_type="Sales Order")
    assert gateway.calls[0].function["read"]["docparid"] == "Sales Order"
    assert gateway.calls[1].function["query"]["docparid"] == "Sales Order"


def test_an_invoice_is_put_in_the_schemas_order() -> None:
    given_ = {
        "invoiceitems": [
            {"taxentries": [{"trx_tax": "2.00", "detailid": "UK"}], "locationid": "L", "memo": "m", **LINE}
        ],
        "customfields": {"HOST_ID": "17"},
        "billto": "Ann",
        "exchrate": Decimal("1.5"),
        "currency": "GBP",
        "action": "Draft",
        **{name: INVOICE[name] for name in ("datedue", "datecreated", "customerid")},
    }
    made = arrange("create_invoice", given_)
    assert list(made) == [
        "customerid",
        "datecreated",
        "datedue",
        "action",
        "billto",
        "currency",
        "exchrate",
        "customfields",
        "invoiceitems",
    ]
    assert made["datecreated"] == {"year": "2025", "month": "06", "day": "01"}
    assert made["billto"] == {"contactname": "Ann"}
    assert made["customfields"] == {"customfield": [{"customfieldname": "HOST_ID", "customfieldvalue": "17"}]}
    line = made["invoiceitems"]["lineitem"][0]
    assert list(line) == ["glaccountno", "amount", "memo", "locationid", "taxentries"]
    assert line["taxentries"] == {"taxentry": [{"detailid": "UK", "trx_tax": "2.00"}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"custmerid": "C"}, "customerid"),
        ({"customerid": None}, "needs customerid"),
        ({"datedue": None}, "datedue or termname"),
        ({"datecreated": "06/01/2025"}, "must be a date"),
        ({"invoiceitems": []}, "needs invoiceitems"),
        ({"invoiceitems": LINE}, "list"),
        ({"invoiceitems": [{"amount": 1}]}, "glaccountno or accountlabel"),
        ({"invoiceitems": [LINE | {"accountlabel": "x"}]}, "only one"),
        ({"invoiceitems": [LINE | {"location": "x"}]}, "locationid"),
        ({"currency": "EUR", "exchrate": 1, "exchratetype": "x"}, "only one"),
        ({"customfields": ["x"]}, "mapping"),
    ],
)
def test_an_invoice_that_the_schema_refuses_is_not_built(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        functions.create_invoice(INVOICE | change)


def test_a_reversal_carries_its_key_and_date(gateway: CannedGateway, client: Client) -> None:
    client.execute([functions.reverse_invoice("35", JUNE, description="Twice", control_id="r")])
    sent = gateway.calls[0].function["reverse_invoice"]
    assert sent == {
        "@key": "35",
        "datereversed": {"year": "2025", "month": "06", "day": "01"},
        "description": "Twice",
    }


def test_an_update_changes_and_adds_lines(gateway: CannedGateway, client: Client) -> None:
    lines = [{"line_num": 2, "amount": Decimal("5")}, LINE]
    client.execute([functions.legacy_call("update_invoice", {"updateinvoiceitems": lines}, key=35)])
    sent = gateway.calls[0].function["update_invoice"]["updateinvoiceitems"]
    assert sent["updatelineitem"] == {"@line_num": "2", "amount": "5"}
    assert sent["lineitem"] == {"glaccountno": "4000", "amount": "10.00"}


def test_an_application_holds_its_items(gateway: CannedGateway, client: Client) -> None:
    values = {"paymentdate": JUNE, "arpaymentkey": "9", "arpaymentitems": [{"amount": "5.00", "invoicekey": "3"}]}
    client.execute([functions.legacy_call("apply_arpayment", values)])
    sent = gateway.calls[0].function["apply_arpayment"]
    assert list(sent) == ["arpaymentkey", "paymentdate", "arpaymentitems"]
    assert sent["arpaymentitems"]["arpaymentitem"] == {"invoicekey": "3", "amount": "5.00"}


@pytest.mark.parametrize("name", sorted(name for name in TABLES if TABLES[name].shape))
def test_every_old_function_names_the_nearest_of_an_unknown_element(name: str) -> None:
    known = list(TABLES[name].shape)[-1]
    with pytest.raises(RequestError, match=known):
        arrange(name, {known + "x": "1"})


def test_a_deletion_is_its_key_alone(gateway: CannedGateway, client: Client) -> None:
    client.execute([functions.legacy_call("delete_invoice", key=35, external_key=True)])
    assert gateway.calls[0].function["delete_invoice"] == {"@key": "35", "@externalkey": "true"}


@pytest.mark.parametrize(("name", "key"), [("reverse_bill", None), ("create_invoice", 1), ("delete_invoice", "")])
def test_old_functions_take_a_key_or_none(name: str, key: int | str | None) -> None:
    with pytest.raises(RequestError, match="key"):
        functions.legacy_call(name, INVOICE if name.startswith("create") else {"datereversed": JUNE}, key=key)


def sent_as(gateway: CannedGateway, client: Client, function: Function) -> str:
    """The XML of the function, as it went out."""
    client.execute([function])
    raw = gateway.calls[-1].raw.decode()
    return raw[raw.index("<content>") : raw.index("</content>")]


def test_what_a_creation_has_none_of_is_left_out(gateway: CannedGateway, client: Client) -> None:
    money = ("currency", "exchratedate", "exchratetype", "exchrate")
    nothing = dict.fromkeys(("dateposted", "termname", "batchkey", "billto", *money, "customfields"))
    line = LINE | dict.fromkeys(("accountlabel", "projectid", "taskid", "revrecstartdate", "taxentries"))
    given = INVOICE | nothing | {"invoiceitems": [line], "description": ""}
    xml = sent_as(gateway, client, functions.create_invoice(given))
    for name in (*nothing, "accountlabel", "projectid", "taskid", "revrecstartdate", "taxentries"):
        assert f"<{name}" not in xml
    assert "<description></description>" in xml


@pytest.mark.parametrize("change", [{"customfields": {}}, {"invoiceitems": [LINE | {"taxentries": []}]}])
def test_collections_of_nothing_are_left_out(gateway: CannedGateway, client: Client, change: dict[str, Any]) -> None:
    xml = sent_as(gateway, client, functions.create_invoice(INVOICE | change))
    assert "customfields" not in xml
    assert "taxentries" not in xml


def test_an_update_clears_what_is_none(gateway: CannedGateway, client: Client) -> None:
    values = {
        "description": None,
        "payto": None,
        "currency": None,
        "exchrate": None,
        "customfields": {"HOST_ID": None},
        "updateinvoiceitems": [
            {"line_num": 1, "memo": None, "glaccountno": "4000", "accountlabel": None},
            LINE | {"memo": None},
        ],
    }
    client.execute([functions.legacy_call("update_invoice", values, key=35)])
    sent = gateway.calls[0].function["update_invoice"]
    assert list(sent) == ["@key", "description", "payto", "customfields", "updateinvoiceitems"]
    assert sent["description"] is None
    assert sent["payto"] == {"contactname": None}
    assert sent["customfields"] == {"customfield": {"customfieldname": "HOST_ID", "customfieldvalue": None}}
    assert sent["updateinvoiceitems"]["updatelineitem"] == {"@line_num": "1", "glaccountno": "4000", "memo": None}
    assert sent["updateinvoiceitems"]["lineitem"] == {"glaccountno": "4000", "amount": "10.00"}


def test_an_update_without_changed_lines_has_none(gateway: CannedGateway, client: Client) -> None:
    client.execute([functions.legacy_call("update_invoice", {"action": "Submit", "updateinvoiceitems": []}, key=35)])
    assert gateway.calls[0].function["update_invoice"] == {"@key": "35", "action": "Submit"}


def test_an_attachment_without_an_id_is_numbered_by_intacct(gateway: CannedGateway, client: Client) -> None:
    client.execute([functions.legacy_call("create_supdoc", {"supdocfoldername": "Bills"})])
    assert list(gateway.calls[0].function["create_supdoc"].items()) == [
        ("supdocid", None),
        ("supdocfoldername", "Bills"),
    ]


def test_a_date_can_not_be_cleared() -> None:
    with pytest.raises(RequestError, match="datedue"):
        functions.legacy_call("update_invoice", {"datedue": None}, key=35)


@pytest.mark.parametrize(
    "make",
    [
        lambda client: functions.delete("CLASS", "123"),
        lambda client: functions.delete("CLASS", [None]),
        lambda client: functions.delete("CLASS", [True]),
        lambda client: functions.delete("CLASS", [1.0]),
        lambda client: functions.get("supdoc", None),
        lambda client: functions.get("supdoc", ""),
        lambda client: functions.read("CLASS", b"12"),
        lambda client: functions.query("CLASS", "NAME"),
        lambda client: filters.in_("CLASSID", "abc"),
        lambda client: client.read("CLASS", "123"),
        lambda client: client.read_by_name("CLASS", "ABC"),
        lambda client: client.query("CLASS", "NAME"),
    ],
)
def test_one_text_is_not_taken_for_a_list_of_letters(
    gateway: CannedGateway, client: Client, make: Callable[..., Any]
) -> None:
    with pytest.raises(RequestError):
        make(client)
    assert gateway.calls == []
