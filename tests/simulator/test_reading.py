"""query, readByQuery, read, readByName, lookup: shapes, filters, paging, visibility."""

from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import small_company


def data_of(result: Element) -> Element:
    data = result.find("data")
    assert data is not None
    return data


def ids(result: Element, field: str = "CUSTOMERID") -> list[str]:
    return [row.findtext(field, "") for row in data_of(result)]


def test_query_shape(caller: Caller) -> None:
    rest = "<orderby><order><field>RECORDNO</field></order></orderby><pagesize>2</pagesize><offset>1</offset>"
    data = data_of(caller.ok(select("CUSTOMER", "RECORDNO CUSTOMERID PARENTID", rest)))
    assert data.attrib == {
        "listtype": "CUSTOMER",
        "totalcount": "4",
        "offset": "1",
        "count": "2",
        "numremaining": "1",
    }
    assert [[child.tag for child in row] for row in data] == [["RECORDNO", "CUSTOMERID", "PARENTID"]] * 2
    assert [row.tag for row in data] == ["CUSTOMER", "CUSTOMER"]


def test_no_hits(caller: Caller) -> None:
    rest = f"<filter>{where('equalto', 'CUSTOMERID', 'none')}</filter>"
    data = data_of(caller.ok(select("CUSTOMER", "RECORDNO", rest)))
    assert (data.get("totalcount"), data.get("count"), data.get("numremaining"), len(data)) == ("0", "0", "0", 0)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("equalto", "CUSTOMERID", "C0002"), ["C0002"]),
        (where("notequalto", "CUSTOMERID", "C0002"), ["C0001", "C0003", "C0004"]),
        (where("greaterthan", "RECORDNO", "3"), ["C0004"]),
        (where("greaterthanorequalto", "RECORDNO", "3"), ["C0003", "C0004"]),
        (where("lessthan", "RECORDNO", "2"), ["C0001"]),
        (where("lessthanorequalto", "RECORDNO", "2"), ["C0001", "C0002"]),
        (where("between", "RECORDNO", "2", "3"), ["C0002", "C0003"]),
        (where("in", "CUSTOMERID", "C0004", "C0001"), ["C0001", "C0004"]),
        (where("notin", "CUSTOMERID", "C0004", "C0001"), ["C0002", "C0003"]),
        (where("like", "NAME", "%nt 3"), ["C0003"]),
        (where("like", "NAME", "Tenant _"), ["C0001", "C0002", "C0003", "C0004"]),
        (where("notlike", "NAME", "%3"), ["C0001", "C0002", "C0004"]),
        (where("isnull", "PARENTID"), ["C0001", "C0002", "C0003", "C0004"]),
        (where("isnotnull", "PARENTID"), []),
        (where("equalto", "NAME", "tenant 1"), []),
        (where("equalto", "DISPLAYCONTACT.EMAIL1", "t2@example.test"), ["C0002"]),
        (
            "<or>"
            + where("equalto", "CUSTOMERID", "C0001")
            + "<and>"
            + where("greaterthan", "RECORDNO", "2")
            + where("lessthan", "RECORDNO", "4")
            + "</and></or>",
            ["C0001", "C0003"],
        ),
    ],
)
def test_filters(caller: Caller, condition: str, expected: list[str]) -> None:
    order = "<orderby><order><field>RECORDNO</field><ascending/></order></orderby>"
    result = caller.ok(select("CUSTOMER", "CUSTOMERID", f"<filter>{condition}</filter>{order}"))
    assert ids(result) == expected


def test_case_is_ignored_on_request(caller: Caller) -> None:
    rest = (
        f"<filter>{where('equalto', 'NAME', 'tenant 1')}</filter>"
        "<options><caseinsensitive>true</caseinsensitive></options>"
    )
    assert ids(caller.ok(select("CUSTOMER", "CUSTOMERID", rest))) == ["C0001"]


@pytest.mark.parametrize(
    "rest",
    [
        "<pagesize>0</pagesize>",
        "<pagesize>2001</pagesize>",
        "<pagesize>many</pagesize>",
        "<offset>-1</offset>",
        f"<filter>{where('between', 'RECORDNO', '1')}</filter>",
        f"<filter>{where('in', 'RECORDNO')}</filter>",
        f"<filter>{where('in', 'RECORDNO', *map(str, range(1001)))}</filter>",
        f"<filter><and>{where('isnull', 'NAME')}</and></filter>",
        f"<filter>{where('resembles', 'NAME', 'x')}</filter>",
        f"<filter>{where('equalto', 'RECORDNO', 'x')}</filter>",
    ],
)
def test_limits_and_wrong_filters_are_refused(caller: Caller, rest: str) -> None:
    assert caller.refused(select("CUSTOMER", "RECORDNO", rest)).findtext("errorno") == "Query Failed"


def test_unknown_objects_and_fields(caller: Caller) -> None:
    error = caller.refused(select("CUSTOMER1", "RECORDNO"))
    assert error.findtext("errorno") == "Query Failed"
    assert "Object definition CUSTOMER1 not found" in error.findtext("description2", "")
    error = caller.refused(select("CUSTOMER", "RECORDNO NONSENSE PARENT.FOO"))
    assert "; these fields are not known: NONSENSE, PARENT.FOO" in error.findtext("description2", "")
    assert caller.refused("<read><object>VENDOR2</object><keys>1</keys></read>").findtext("errorno") == "XXX"
    error = caller.refused("<read><object>VENDOR</object><keys>1</keys><fields>x</fields></read>")
    assert error.findtext("errorno") == "Invalid fields list x"


def test_joins_and_aggregates(caller: Caller) -> None:
    data = data_of(caller.ok(select("ARINVOICE", "RECORDID CUSTOMER.NAME MELOCATION.NAME")))
    assert {child.tag: child.text for child in data[0]} == {
        "RECORDID": "INV1",
        "CUSTOMER.NAME": "Tenant 1",
        "MELOCATION.NAME": "North Ltd",
    }
    chosen = "<select><field>STATUS</field><count>RECORDNO</count><max>CUSTOMERID</max></select>"
    data = data_of(caller.ok(f"<query><object>CUSTOMER</object>{chosen}</query>"))
    assert {child.tag: child.text for child in data[0]} == {
        "STATUS": "active",
        "COUNT.RECORDNO": "4",
        "MAX.CUSTOMERID": "C0004",
    }
    total = "<query><object>ARINVOICE</object><select><sum>TRX_TOTALDUE</sum></select></query>"
    assert data_of(caller.ok(total))[0][0].text == "120"


def test_private_records_need_showprivate_or_the_entity(caller: Caller) -> None:
    query = select("CUSTOMER", "CUSTOMERID NAME")
    private = select("CUSTOMER", "CUSTOMERID", "<options><showprivate>true</showprivate></options>")
    assert "C9999" not in ids(caller.ok(query))
    assert "C9999" in ids(caller.ok(private))
    assert "C9999" in ids(caller.ok(query, entity="E2"))
    assert "C9999" not in ids(caller.ok(query, entity="E1"))
    assert b"Private &amp; Sons &lt;E2&gt;" in caller.post(caller.envelope(query, entity="E2"))


def test_documents_and_lines_belong_to_their_entity(caller: Caller) -> None:
    for name in ("ARINVOICE", "ARINVOICEITEM", "APBILL"):
        query = select(name, "RECORDNO")
        assert data_of(caller.ok(query)).get("count") == "1"
        assert data_of(caller.ok(query, entity="E1")).get("count") == "1"
        assert data_of(caller.ok(query, entity="E2")).get("count") == "0"


def test_locations_and_entities(caller: Caller) -> None:
    rows = data_of(caller.ok(select("LOCATION", "LOCATIONID LOCATIONTYPE PARENTID")))
    assert [[child.text for child in row] for row in rows] == [
        ["E1", "E", None],
        ["E2", "E", None],
        ["E1-10", "N", "E1"],
        ["E2-10", "N", "E2"],
    ]
    assert ids(caller.ok(select("LOCATIONENTITY", "LOCATIONID")), "LOCATIONID") == ["E1", "E2"]
    assert ids(caller.ok(select("LOCATION", "LOCATIONID"), entity="E2"), "LOCATIONID") == ["E2", "E2-10"]


def test_paging_by_key_at_any_depth(caller: Caller) -> None:
    with Simulator(small_company(3000)) as big:
        other = Caller(big.url)
        seen, last = [], "0"
        while True:
            rest = (
                f"<filter><and>{where('greaterthan', 'RECORDNO', last)}{where('equalto', 'STATUS', 'active')}</and>"
                "</filter><orderby><order><field>RECORDNO</field></order></orderby><pagesize>700</pagesize>"
            )
            data = data_of(other.ok(select("CUSTOMER", "RECORDNO", rest)))
            if not len(data):
                break
            seen += [row.findtext("RECORDNO", "") for row in data]
            assert int(data.get("totalcount", "")) == 2999 - len(seen) + len(data)
            last = seen[-1]
        other.close()
    assert seen == [str(n) for n in range(1, 3000)]


def test_incremental_by_stamp(sim: Simulator, caller: Caller) -> None:
    sim.advance(10)
    row = sim.modify("CUSTOMER", "C0002", NAME="Changed")
    stamp = row["WHENMODIFIED"].strftime("%m/%d/%Y %H:%M:%S")
    rest = (
        f"<filter>{where('greaterthanorequalto', 'WHENMODIFIED', stamp)}</filter><orderby><order>"
        "<field>WHENMODIFIED</field></order><order><field>RECORDNO</field></order></orderby>"
    )
    data = data_of(caller.ok(select("CUSTOMER", "CUSTOMERID WHENMODIFIED", rest)))
    assert [(r.findtext("CUSTOMERID"), r.findtext("WHENMODIFIED")) for r in data] == [("C0002", stamp)]
    sim.switches.late_seconds = 60
    assert ids(caller.ok(select("CUSTOMER", "CUSTOMERID", rest))) == []
    sim.advance(61)
    assert ids(caller.ok(select("CUSTOMER", "CUSTOMERID", rest))) == ["C0002"]


def test_descending_and_two_fields(caller: Caller) -> None:
    rest = "<orderby><order><field>STATUS</field></order><order><field>RECORDNO</field><descending/></order></orderby>"
    assert ids(caller.ok(select("CUSTOMER", "CUSTOMERID", rest))) == ["C0004", "C0003", "C0002", "C0001"]


def test_read_by_query_and_read_more(sim: Simulator, caller: Caller) -> None:
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    first = (
        "<readByQuery><object>CUSTOMER</object><fields>RECORDNO,CUSTOMERID,DISPLAYCONTACT.MAILADDRESS.CITY</fields>"
        "<query>STATUS = 'T' AND NAME like 'Tenant%'</query><pagesize>3</pagesize></readByQuery>"
    )
    data = data_of(caller.ok(first, session=session))
    cursor = data.get("resultId", "")
    assert {k: v for k, v in data.attrib.items() if k != "resultId"} == {
        "listtype": "customer",
        "count": "3",
        "totalcount": "4",
        "numremaining": "1",
    }
    assert data[0].tag == "customer"
    assert [child.tag for child in data[0]] == ["RECORDNO", "CUSTOMERID", "DISPLAYCONTACT.MAILADDRESS.CITY"]
    assert data[0][2].text == "Ählen"
    more = f"<readMore><resultId>{cursor}</resultId></readMore>"
    data = data_of(caller.ok(more, session=session))
    assert (ids(caller.ok(first, session=session))[0], data.get("numremaining")) == ("C0001", "0")
    assert data.get("resultId") == cursor
    assert caller.refused(more, session=session).findtext("errorno") == "readMore failed"
    empty = data_of(caller.ok("<readByQuery><object>CUSTOMER</object><query>NAME = 'x'</query></readByQuery>"))
    assert (empty.get("resultId"), empty.get("count"), len(empty)) == ("", "0", 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 4),
        ("CUSTOMERID in ('C0001','C0002')", 2),
        ("CUSTOMERID not in ('C0001')", 3),
        ("NOT (CUSTOMERID = 'C0001' OR CUSTOMERID = 'C0002')", 2),
        ("PARENTID IS NULL AND RECORDNO &lt;= 3", 3),
        ("PARENTID IS NOT NULL", 0),
        ("NAME not like '%1'", 3),
        ("NAME = 'O\\'Neil'", 0),
        ("rownum &lt; 3", 2),
    ],
)
def test_old_query_language(caller: Caller, text: str, expected: int) -> None:
    function = f"<readByQuery><object>CUSTOMER</object><fields>RECORDNO</fields><query>{text}</query></readByQuery>"
    assert data_of(caller.ok(function)).get("totalcount") == str(expected)


@pytest.mark.parametrize("text", ["NAME", "NAME = ", "(NAME = 'x'", "NAME = 'x' garbage", "= 'x'", "NAME ~ 'x'", "'"])
def test_old_query_language_refusals(caller: Caller, text: str) -> None:
    function = f"<readByQuery><object>CUSTOMER</object><query>{text}</query></readByQuery>"
    assert caller.refused(function).findtext("errorno") == "Query Failed"


def test_read_has_lines_and_taxes(caller: Caller) -> None:
    key = caller.ok(select("ARINVOICE", "RECORDNO")).findtext("data/ARINVOICE/RECORDNO")
    data = data_of(caller.ok(f"<read><object>ARINVOICE</object><keys>{key},999</keys><fields>*</fields></read>"))
    assert (data.get("listtype"), data.get("count")) == ("ARINVOICE", "1")
    line = data.find("ARINVOICE/ARINVOICEITEMS/arinvoiceitem")
    assert line is not None
    assert line.findtext("ACCOUNTNO") == "4000"
    assert line.findtext("CLASSID") == "RES"
    assert line.findtext("GLDIMPROPERTY") == "1"
    tax = line.find("TAXENTRIES/TAXENTRY")
    assert tax is not None
    assert (tax.findtext("DETAILID"), tax.findtext("TRX_TAX")) == ("UK Sale Standard", "20")


def test_read_by_name_and_tax_details_by_id(caller: Caller) -> None:
    data = data_of(caller.ok("<readByName><object>VENDOR</object><keys>V1</keys></readByName>"))
    assert data[0].findtext("DISPLAYCONTACT/PRINTAS") == "Builder"
    key = "UK Sale Zero"
    data = data_of(caller.ok(f"<read><object>TAXDETAIL</object><keys>{key}</keys><fields>*</fields></read>"))
    assert data[0].findtext("VALUE") == "0"


def test_tax_records_are_queryable(caller: Caller) -> None:
    fields = "PRRECORDKEY SOURCEPRENTRYKEY TAXCODE RATE TRXTAXAMOUNT TRXSOURCEAMOUNT"
    data = data_of(caller.ok(select("TAXRECORD", fields)))
    row = {child.tag: child.text for child in data[0]}
    assert Decimal(row["TRXTAXAMOUNT"] or "") == Decimal("20.00")
    assert row["TAXCODE"] == "UK Sale Standard"


def test_lookup_tells_fields_and_relations(caller: Caller) -> None:
    data = data_of(caller.ok("<lookup><object>CUSTOMER</object></lookup>"))
    kind = data.find("Type")
    assert kind is not None
    assert kind.get("Name") == "CUSTOMER"
    field = next(one for one in kind.iter("Field") if one.findtext("ID") == "STATUS")
    assert [value.text for value in field.iter("VALIDVALUE")] == ["active", "active non-posting", "inactive"]
    paths = {one.findtext("OBJECTPATH"): one.findtext("OBJECTNAME") for one in kind.iter("Relationship")}
    assert paths["PARENT"] == "CUSTOMER"
    assert caller.refused("<lookup><object>NOPE</object></lookup>").findtext("errorno") == "WS"


def test_dimensions_and_permissions_and_formats(caller: Caller) -> None:
    names = [one.findtext("objectName") for one in caller.ok("<getDimensions/>").iter("dimension")]
    assert names[-1] == "PROPERTY"
    data = caller.ok("<getUserPermissions><userId>ws_user</userId></getUserPermissions>")
    rights = {one.findtext("policyName"): one.findtext("rights") for one in data.iter("policy")}
    assert rights["customers"] == "List|View|Add|Edit|Delete"
    error = caller.refused("<getUserPermissions><userId>x</userId></getUserPermissions>")
    assert error.findtext("errorno") == "BL03000025"
    formats = caller.ok("<readUserFormatting/>").find("data/userformatting")
    assert formats is not None
    assert [(child.tag, child.text) for child in formats] == [
        ("recordno", "1"),
        ("locale", "en_US"),
        ("dateformat", "/mdY"),
        ("gmtoffset", "+0000"),
        ("clock", "24"),
    ]


def test_rights_are_refused_by_object(sim: Simulator, caller: Caller) -> None:
    sim.deny("ARINVOICE", "List")
    error = caller.refused(select("ARINVOICE", "RECORDNO"))
    assert error.findtext("errorno") == "PL04000005"
    assert error.findtext("description2", "").startswith(
        "You do not have permission for API operation READ_BY_QUERY on objects of type arinvoice"
    )
    caller.ok(select("CUSTOMER", "RECORDNO"))
