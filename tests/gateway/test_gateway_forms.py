"""Answers that come in more than one form are read in each."""

from __future__ import annotations

import pytest

from flask_intacct.gateway import Client, functions
from flask_intacct.gateway.formats import text, to_decimal
from flask_intacct.gateway.function import Function

from .canned import Canned, CannedGateway, reply, result


def answer(gateway: CannedGateway, *inside: str) -> None:
    """One reply per call, the last one for all further calls."""
    gateway.answers(*(lambda asked, one=one: Canned(reply(asked, result(asked, one))) for one in inside))


@pytest.mark.parametrize(
    "inside",
    [
        "<PAYTO.TAXGROUP.NAME>EU</PAYTO.TAXGROUP.NAME>",
        "<payto.taxgroup.name>EU</payto.taxgroup.name>",
        "<PAYTO><TAXGROUP><NAME>EU</NAME></TAXGROUP></PAYTO>",
        "<PAYTO><TAXGROUP.NAME>EU</TAXGROUP.NAME></PAYTO>",
        "<PAYTO.TAXGROUP><NAME>EU</NAME></PAYTO.TAXGROUP>",
        "<PAYTO><TAXID>1</TAXID></PAYTO><PAYTO.TAXGROUP.NAME>EU</PAYTO.TAXGROUP.NAME>",
    ],
)
def test_a_field_of_a_record_within_is_found_flat_or_nested(
    gateway: CannedGateway, client: Client, inside: str
) -> None:
    answer(
        gateway, f'<data listtype="vendor" count="1" resultId=""><vendor><RECORDNO>1</RECORDNO>{inside}</vendor></data>'
    )
    (row,) = client.read_by_query("VENDOR")
    assert text(row, "PAYTO.TAXGROUP.NAME") == "EU"
    assert text(row, "PAYTO.TAXGROUP.ID") == text(row, "RETURNTO.NAME") == text(row, "RECORDNO.NAME") == ""


def test_an_empty_field_within_stays_empty() -> None:
    assert text({"A.B": None, "A": {"B": "other"}}, "A.B") == ""


@pytest.mark.parametrize("attribute", ['resultId=""', ""])
@pytest.mark.parametrize("left", ['numremaining="0"', ""])
def test_a_list_that_fits_one_page_has_no_cursor(
    gateway: CannedGateway, client: Client, attribute: str, left: str
) -> None:
    rows = "<customer><RECORDNO>1</RECORDNO></customer><customer><RECORDNO>2</RECORDNO></customer>"
    answer(gateway, f'<data listtype="customer" count="2" totalcount="2" {left} {attribute}>{rows}</data>')
    assert len(list(client.read_by_query("CUSTOMER"))) == 2
    assert len(gateway.calls) == 1


def test_an_old_list_of_nothing_has_no_attributes(gateway: CannedGateway, client: Client) -> None:
    answer(gateway, "<listtype>supdoc</listtype><data/>", "<listtype>supdoc</listtype>")
    for _ in range(2):
        found = client.call(functions.get_list("supdoc"))
        assert (found.list_type, found.rows, found.total, found.remaining) == ("supdoc", [], None, None)


@pytest.mark.parametrize("inside", ["", "<data/>", '<data listtype="supdoc"/>', "<listtype>supdoc</listtype><data/>"])
def test_an_old_read_of_an_unknown_key_is_nothing_and_no_error(
    gateway: CannedGateway, client: Client, inside: str
) -> None:
    answer(gateway, inside)
    assert client.call(functions.get("supdoc", "nobody")).rows == []


@pytest.mark.parametrize(
    ("written", "value"), [("5900", "5900.00"), ("0", "0"), ("349.5", "349.50"), ("-0.10", "-0.1")]
)
def test_amounts_are_equal_whatever_zeros_were_dropped(written: str, value: str) -> None:
    assert to_decimal(written) == to_decimal(value)


def test_objects_are_inspected_in_brief_in_detail_and_by_their_list(gateway: CannedGateway, client: Client) -> None:
    names = "<Type Name='APBILL'><Fields><Field>RECORDNO</Field><Field>STATE</Field></Fields></Type>"
    field = "<Field><Name>RECORDNO</Name><dataName>Integer</dataName><isRequired>false</isRequired><id>7</id></Field>"
    kind = "<Attributes><SingularName>AP Bill</SingularName></Attributes>"
    detail = f"<Type Name='APBILL'>{kind}<Fields>{field}</Fields></Type>"
    several = '<type typename="APBILL">AP Bill</type><type typename="CLASS">Class</type>'
    answer(gateway, *(f'<data listtype="All" count="1">{inside}</data>' for inside in (names, detail, several)))
    assert client.inspect("APBILL") == [{"NAME": "APBILL", "FIELDS": ["RECORDNO", "STATE"]}]
    (found,) = client.inspect("APBILL", detail=True)
    assert found["FIELDS"] == [{"NAME": "RECORDNO", "DATANAME": "Integer", "ISREQUIRED": "false", "ID": "7"}]
    assert found["ATTRIBUTES"] == {"SINGULARNAME": "AP Bill"}
    assert [(row["TYPENAME"], row["#TEXT"]) for row in client.inspect()] == [("APBILL", "AP Bill"), ("CLASS", "Class")]


def test_an_object_with_one_field_is_inspected_like_any_other(gateway: CannedGateway, client: Client) -> None:
    answer(gateway, "<data count='1'><Type Name='X'><Fields><Field>ID</Field></Fields></Type></data>")
    assert client.inspect("X") == [{"NAME": "X", "FIELDS": ["ID"]}]


def test_applications_come_without_attributes(gateway: CannedGateway, client: Client) -> None:
    answer(gateway, "<data><application>CO</application><application>GL</application></data>")
    rows = client.call(Function("get_applications")).rows
    assert [row["#TEXT"] for row in rows] == ["CO", "GL"]


@pytest.mark.parametrize("order", ["{key}{list}{data}", "{data}{list}{key}", "{list}{data}{key}"])
def test_the_parts_of_a_result_come_in_any_order(gateway: CannedGateway, client: Client, order: str) -> None:
    inside = order.format(
        key="<key>5</key>",
        list='<listtype start="0" end="0" total="1">supdoc</listtype>',
        data="<data><supdoc><recordno>5</recordno></supdoc></data>",
    )
    answer(gateway, inside)
    found = client.call(functions.get_list("supdoc"))
    assert (found.list_type, found.total, found.key, found.rows) == ("supdoc", 1, "5", [{"RECORDNO": "5"}])
