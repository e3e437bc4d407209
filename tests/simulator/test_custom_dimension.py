"""A user-defined dimension is a custom object: it has ids and small letters, and lacks what standard objects have."""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import INPUT_VAT, small_company
from .test_documents import bill, invoice, line

NAME = "Fit-out/Strip Works"
LINE = (
    "<APBILLITEM><TRX_AMOUNT>10.00</TRX_AMOUNT><ACCOUNTNO>6000</ACCOUNTNO><LOCATIONID>E1-10</LOCATIONID>"
    "<GLDIMPROPERTY>{0}</GLDIMPROPERTY>"
    f"<TAXENTRIES><TAXENTRY><DETAILID>{INPUT_VAT}</DETAILID></TAXENTRY></TAXENTRIES></APBILLITEM>"
)
FIELDS = ["id", "name", "createdBy", "createdAt", "updatedBy", "updatedAt", "CODE", "RECORD_URL"]


def data_of(result: Element) -> Element:
    data = result.find("data")
    assert data is not None
    return data


@pytest.fixture
def odd() -> Iterator[tuple[Simulator, Caller]]:
    """A company whose dimension has a name with blanks, a slash and small letters."""
    with Simulator(replace(small_company(), udd_name=NAME, udd_label="Fit out & strip")) as simulator:
        caller = Caller(simulator.url)
        yield simulator, caller
        caller.close()
        assert not simulator.gateway.errors


def test_its_values_are_read_by_the_fields_of_a_custom_object(caller: Caller) -> None:
    rest = "<orderby><order><field>id</field></order></orderby>"
    data = data_of(caller.ok(select("PROPERTY", "id name createdBy updatedAt", rest)))
    assert [[(one.tag, one.text) for one in row][:3] for row in data] == [
        [("id", "1"), ("name", "1 High Street"), ("createdBy", "1")],
        [("id", "2"), ("name", "2 Low Road"), ("createdBy", "1")],
    ]
    assert data[0].findtext("updatedAt")


def test_its_values_are_paged_by_id(caller: Caller) -> None:
    rest = (
        f"<filter>{where('greaterthan', 'id', '1')}</filter><orderby><order><field>id</field></order></orderby>"
        "<pagesize>1</pagesize>"
    )
    data = data_of(caller.ok(select("property", "id", rest)))
    assert ([row.findtext("id") for row in data], data.get("totalcount")) == (["2"], "1")


@pytest.mark.parametrize("field", ["RECORDNO", "STATUS", "WHENMODIFIED", "WHENCREATED", "PARENTID"])
def test_what_only_standard_objects_have_is_an_unknown_field(caller: Caller, field: str) -> None:
    refused = "these fields are not known: " + field
    order = f"<orderby><order><field>{field}</field></order></orderby>"
    for function in (
        select("PROPERTY", field),
        select("PROPERTY", "id", order),
        select("PROPERTY", "id", f"<filter>{where('isnotnull', field)}</filter>"),
        f"<readByQuery><object>PROPERTY</object><fields>{field}</fields></readByQuery>",
    ):
        assert refused in caller.refused(function).findtext("description2", "")
    error = caller.refused(f"<read><object>PROPERTY</object><keys>1</keys><fields>{field}</fields></read>")
    assert error.findtext("errorno") == f"Invalid fields list {field}"


def test_its_values_are_read_by_their_ids(caller: Caller) -> None:
    data = data_of(caller.ok("<read><object>PROPERTY</object><keys>2,9</keys><fields>*</fields></read>"))
    assert [[one.tag for one in row] for row in data] == [FIELDS]
    assert (data[0].tag, data[0].findtext("name")) == ("PROPERTY", "2 Low Road")


def test_the_old_read_tells_all_its_fields(caller: Caller) -> None:
    old = "<readByQuery><object>PROPERTY</object><fields>*</fields><query>name like '%Low%'</query></readByQuery>"
    data = data_of(caller.ok(old))
    assert (data.get("listtype"), [[one.tag for one in row] for row in data]) == ("property", [FIELDS])


def test_lookup_tells_its_fields(caller: Caller) -> None:
    kind = data_of(caller.ok("<lookup><object>PROPERTY</object></lookup>")).find("Type")
    assert kind is not None
    told = {one.findtext("ID"): (one.findtext("DATATYPE"), one.findtext("ISCUSTOM")) for one in kind.iter("Field")}
    assert list(told) == FIELDS
    assert (told["id"], told["updatedAt"], told["CODE"]) == (
        ("INTEGER", "false"),
        ("TIMESTAMP", "false"),
        ("TEXT", "true"),
    )


def test_its_values_are_written_and_deleted_by_id(sim: Simulator, caller: Caller) -> None:
    made = data_of(caller.ok("<create><PROPERTY><name>3 Mill Lane</name></PROPERTY></create>"))
    assert [[(one.tag, one.text) for one in row] for row in made] == [[("id", "3")]]
    sim.advance(60)
    caller.ok("<update><PROPERTY><id>3</id><name>3 Mill Road</name></PROPERTY></update>")
    (row,) = sim.rows("PROPERTY", ID=3)
    assert (row["NAME"], row["UPDATEDAT"] > row["CREATEDAT"]) == ("3 Mill Road", True)
    caller.ok("<delete><object>PROPERTY</object><keys>3</keys></delete>")
    assert sim.rows("PROPERTY", ID=3) == []
    assert "used by ARINVOICEITEM" in caller.refused(
        "<delete><object>PROPERTY</object><keys>1</keys></delete>"
    ).findtext("description2", "")


def test_changes_are_found_by_updated_at(sim: Simulator, caller: Caller) -> None:
    sim.advance(10)
    stamp = sim.modify("PROPERTY", 2, NAME="Changed")["UPDATEDAT"].strftime("%m/%d/%Y %H:%M:%S")
    rest = f"<filter>{where('greaterthanorequalto', 'updatedAt', stamp)}</filter>"
    assert [row.findtext("id") for row in data_of(caller.ok(select("PROPERTY", "id", rest)))] == ["2"]
    sim.switches.late_seconds = 60
    assert data_of(caller.ok(select("PROPERTY", "id", rest))).get("count") == "0"


def test_lines_carry_the_id(sim: Simulator, caller: Caller) -> None:
    caller.ok(bill(LINE.format(2)))
    assert sim.rows("APBILL")[-1]["APBILLITEMS"][0]["GLDIMPROPERTY"] == 2
    error = caller.refused(bill(LINE.format(9)))
    assert "Invalid PROPERTY '9'" in error.findtext("description2", "")


def test_a_name_may_hold_blanks_and_slashes(odd: tuple[Simulator, Caller]) -> None:
    _, caller = odd
    told = list(caller.ok("<getDimensions/>").iter("dimension"))[-1]
    assert (told.findtext("objectName"), told.findtext("objectLabel")) == (NAME, "Fit out & strip")
    for name in (NAME, NAME.upper()):
        data = data_of(caller.ok(select(name, "id name")))
        assert (data.get("listtype"), [row.tag for row in data]) == (NAME, ["Fit-out_Strip_Works"] * 2)
    types = data_of(caller.ok("<inspect><object>*</object></inspect>"))
    assert {one.get("typename"): one.text for one in types}[NAME] == "Fit out & strip"


def test_the_field_of_its_lines_is_told_by_lookup_and_no_reply_is_broken(odd: tuple[Simulator, Caller]) -> None:
    simulator, caller = odd
    field = "GLDIMFIT-OUT/STRIP_WORKS"
    kind = data_of(caller.ok("<lookup><object>ARINVOICEITEM</object></lookup>"))
    assert field in [one.findtext("ID") for one in kind.iter("Field")]
    data = data_of(caller.ok(select("ARINVOICEITEM", field)))
    assert [(one.tag, one.text) for one in data[0]] == [("GLDIMFIT-OUT_STRIP_WORKS", "1")]
    own = f"<customfieldname>{field}</customfieldname><customfieldvalue>2</customfieldvalue>"
    custom = f"</locationid><customfields><customfield>{own}</customfield></customfields>"
    caller.ok(invoice(line().replace("</locationid>", custom)))
    assert simulator.rows("ARINVOICE")[-1]["ARINVOICEITEMS"][0][field] == 2
