"""What other clients send and expect: forms of replies that captures and the vendor's pages show."""

import csv
import io
import json
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.functions import NOT_SIMULATED

from .client import Caller, select, where
from .test_documents import invoice, line
from .test_writing import create, customer


def data_of(result: Element) -> Element:
    data = result.find("data")
    assert data is not None
    return data


def old_read(name: str, fields: str, query: str = "") -> str:
    text = f"<object>{name}</object><fields>{fields}</fields><query>{query}</query>"
    return f"<readByQuery>{text}</readByQuery>"


# functions


@pytest.mark.parametrize(
    ("function", "name", "field", "key"),
    [
        ("<delete_customer customerid='C0003'/>", "CUSTOMER", "CUSTOMERID", "C0003"),
        ("<delete_vendor vendorid='V2'/>", "VENDOR", "VENDORID", "V2"),
        ("<delete_contact contactname='Spare'/>", "CONTACT", "CONTACTNAME", "Spare"),
        ("<delete_class key='SPARE'/>", "CLASS", "CLASSID", "SPARE"),
        ("<delete_department departmentid='SPARE'/>", "DEPARTMENT", "DEPARTMENTID", "SPARE"),
        ("<delete_location locationid='SPARE'/>", "LOCATION", "LOCATIONID", "SPARE"),
        ("<delete_glaccount glaccountno='4900'/>", "GLACCOUNT", "ACCOUNTNO", "4900"),
    ],
)
def test_masters_are_deleted_by_the_old_functions(
    sim: Simulator, caller: Caller, function: str, name: str, field: str, key: str
) -> None:
    if key.upper() == "SPARE":
        sim.insert(name, {field: key, "STATUS": "active"})
    result = caller.ok(function)
    assert [one.tag for one in result] == ["status", "function", "controlid", "key"]
    assert sim.rows(name, **{field: key}) == []
    assert caller.refused(function).findtext("errorno") == "BL01001973"


@pytest.mark.parametrize(
    "function",
    ["<delete_customer customerid='C0001'/>", "<delete_contact contactname='Tenant 2(CC0002)'/>",
     "<delete_glaccount glaccountno='4000'/>", "<delete_location locationid='E1'/>"],
)  # fmt: skip
def test_what_is_used_is_not_deleted(caller: Caller, function: str) -> None:
    assert "is used by" in caller.refused(function).findtext("description2", "")


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_a_function_that_is_lacking_is_refused_for_itself_alone(caller: Caller, name: str) -> None:
    results = caller.call(f'<{name} key="1"><x/></{name}>', select("CLASS", "RECORDNO")).findall("operation/result")
    assert [one.findtext("status") for one in results] == ["failure", "success"]
    assert f"{name} is not simulated" in results[0].findtext("errormessage/error/description2", "")


def test_a_contact_is_created_by_the_old_function(sim: Simulator, caller: Caller) -> None:
    address = "<mailaddress><city>Bath</city></mailaddress>"
    function = f"<create_contact><contactname>Z</contactname><printas>Zoe</printas><email1>z@z.test</email1>{address}"
    assert caller.ok(function + "</create_contact>").findtext("key") == "Z"
    (row,) = sim.rows("CONTACT", CONTACTNAME="Z")
    assert (row["PRINTAS"], row["EMAIL1"], row["MAILADDRESS.CITY"]) == ("Zoe", "z@z.test", "Bath")


def days() -> str:
    day = "<year>{}</year><month>01</month><day>31</day>"
    return f"<startdate>{day.format(2026)}</startdate><enddate>{day.format(2099)}</enddate>"


def test_the_trial_balance_comes_from_the_ledger(sim: Simulator, caller: Caller) -> None:
    caller.ok(invoice(line("100.00")))
    rows = list(data_of(caller.ok(f"<get_trialbalance>{days()}</get_trialbalance>")))
    assert " ".join(one.tag for one in rows[0]) == (
        "glaccountno startbalance debits credits adjdebits adjcredits endbalance reportingbook currency"
    )
    told = {row.findtext("glaccountno"): row.findtext("endbalance") for row in rows}
    assert told == {account: f"{amount:f}".removesuffix(".00") for account, amount in sim.trial_balance().items()}
    rent = next(row for row in rows if row.findtext("glaccountno") == "4000")
    assert [rent.findtext(name) for name in ("debits", "credits", "currency")] == ["0", "200", "GBP"]


def test_the_balances_of_some_accounts_are_told(caller: Caller) -> None:
    caller.ok(invoice(line("100.00")))
    one = f"<get_accountbalances><glaccountno>4000</glaccountno>{days()}</get_accountbalances>"
    assert [row.tag for row in data_of(caller.ok(one))] == ["accountbalance"]
    span = "<startaccountno>1000</startaccountno><endaccountno>1999</endaccountno>"
    empty = "<showzerobalances>true</showzerobalances>"
    several = data_of(caller.ok(f"<get_accountbalances>{days()}{span}{empty}</get_accountbalances>"))
    assert [row.findtext("glaccountno") for row in several] == ["1100", "1200"]
    unused = f"<get_accountbalances><glaccountno>4900</glaccountno>{days()}</get_accountbalances>"
    assert len(data_of(caller.ok(unused))) == 0


@pytest.mark.parametrize("wanted", ["showdeptdetail", "debitcreditbalance", "itemid"])
def test_balances_in_a_form_that_is_not_public_are_not_simulated(caller: Caller, wanted: str) -> None:
    function = f"<get_trialbalance>{days()}<{wanted}>true</{wanted}></get_trialbalance>"
    assert "is not simulated" in caller.refused(function).findtext("description2", "")


@pytest.mark.parametrize(
    ("name", "key", "told"),
    [
        ("class", "RES", {"classid": "RES", "name": "Residential", "status": "active"}),
        ("customer", "C0002", {"customerid": "C0002", "name": "Tenant 2", "totaldue": "0"}),
        ("vendor", "V1", {"vendorid": "V1", "name": "Builder", "totaldue": "60"}),
        ("glaccount", "4000", {"glaccountno": "4000", "title": "Rent", "normalbalance": "credit"}),
        ("invoice", "1", {"key": "1", "customerid": "C0001", "totaldue": "120", "datecreated/month": "01"}),
    ],
)
def test_masters_and_invoices_are_listed_under_their_old_names(
    caller: Caller, name: str, key: str, told: dict[str, str]
) -> None:
    row = caller.ok(f'<get object="{name}" key="{key}"/>').find(f"data/{name}")
    assert row is not None
    assert {field: row.findtext(field) for field in told} == told
    field, value = next(iter(told.items()))
    test = f"<expression><field>{field}</field><operator>=</operator><value>{value}</value></expression>"
    result = caller.ok(f'<get_list object="{name}" maxitems="5"><filter>{test}</filter></get_list>')
    kind = result.find("listtype")
    assert kind is not None
    assert (kind.text, kind.get("total"), len(data_of(result))) == (name, "1", 1)


def test_old_lists_show_private_records_on_request_only(caller: Caller) -> None:
    listed = '<get_list object="customer"{}/>'
    ids = [row.findtext("customerid") for row in data_of(caller.ok(listed.format("")))]
    assert "C9999" not in ids
    private = data_of(caller.ok(listed.format(' showprivate="true"')))
    assert "C9999" in [row.findtext("customerid") for row in private]


# reads


def test_an_old_read_that_fits_one_page_has_no_cursor(caller: Caller) -> None:
    assert data_of(caller.ok(old_read("CUSTOMER", "RECORDNO"))).get("resultId") == ""


def test_an_old_read_names_dotted_fields_flat(caller: Caller) -> None:
    row = data_of(caller.ok(old_read("ARINVOICE", "RECORDNO,CUSTOMER.NAME,BILLTO.PRINTAS")))[0]
    assert [(one.tag, one.text) for one in row] == [
        ("RECORDNO", "1"),
        ("CUSTOMER.NAME", "Tenant 1"),
        ("BILLTO.PRINTAS", "Tenant 1"),
    ]
    assert "looks at no other" in caller.refused(old_read("ARINVOICE", "RECORDNO", "CUSTOMER.NAME = 'x'")).findtext(
        "description2", ""
    )


def test_all_fields_of_an_old_read_are_nested_or_flat(sim: Simulator, caller: Caller) -> None:
    row = data_of(caller.ok(old_read("VENDOR", "*")))[0]
    assert (row.findtext("DISPLAYCONTACT/PRINTAS"), row.find("DISPLAYCONTACT.PRINTAS")) == ("Builder", None)
    sim.switches.star_flat = True
    row = data_of(caller.ok(old_read("VENDOR", "*")))[0]
    assert (row.find("DISPLAYCONTACT"), row.findtext("DISPLAYCONTACT.PRINTAS")) == (None, "Builder")


@pytest.mark.parametrize(
    ("text", "count"), [("like Tenant%", "4"), ("like %3", "1"), ("not like T%", "0"), ("like 4%", "0")]
)
def test_what_a_text_is_like_may_stand_without_quotes(caller: Caller, text: str, count: str) -> None:
    assert data_of(caller.ok(old_read("CUSTOMER", "RECORDNO", f"NAME {text}"))).get("totalcount") == count


@pytest.mark.parametrize(("name", "field"), [("CHECKINGACCOUNT", "DEPT#"), ("REPORTINGPERIOD", "RECORD#")])
def test_no_field_breaks_the_reply(sim: Simulator, caller: Caller, name: str, field: str) -> None:
    if name == "REPORTINGPERIOD":
        sim.insert(name, {"NAME": "January"})
    for function in (
        select(name, f"RECORDNO {field}"),
        old_read(name, "*"),
        f"<read><object>{name}</object><keys>1</keys><fields>*</fields></read>",
    ):
        assert data_of(caller.ok(function))[0].find(field.replace("#", "_")) is not None


def test_amounts_have_no_zeros_at_their_ends(caller: Caller) -> None:
    caller.ok(invoice(line("5900.00", "20.50")))
    row = data_of(caller.ok(select("ARINVOICE", "TRX_TOTALENTERED TOTALPAID")))[-1]
    assert [one.text for one in row] == ["5920.5", "0"]
    lines = data_of(caller.ok(select("ARINVOICEITEM", "TRX_AMOUNT")))
    assert [one.text for row in lines for one in row] == ["100", "5900"]


def test_two_operators_may_stand_side_by_side_where_the_company_takes_them(sim: Simulator, caller: Caller) -> None:
    rest = f"<filter>{where('greaterthan', 'RECORDNO', '1')}{where('lessthan', 'RECORDNO', '3')}</filter>"
    assert caller.refused(select("CUSTOMER", "RECORDNO", rest)).findtext("errorno") == "Query Failed"
    sim.switches.filters_side_by_side = True
    data = data_of(caller.ok(select("CUSTOMER", "RECORDNO", rest)))
    assert [row.findtext("RECORDNO") for row in data] == ["2"]


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("CUSTOMER", {"PRIMARYCONTACT": "CONTACT", "BILLTOCONTACT": "CONTACT", "SHIPTOCONTACT": "CONTACT"}),
        ("VENDOR", {"PRIMARYCONTACT": "CONTACT", "PAYTOCONTACT": "CONTACT", "RETURNTOCONTACT": "CONTACT"}),
        ("ARINVOICE", {"TAXSOLUTION": "TAXSOLUTION"}),
        ("APBILL", {"TAXSOLUTION": "TAXSOLUTION"}),
        ("LOCATION", {"CONTACT": "CONTACT"}),
    ],
)
def test_lookup_tells_paths_that_query_takes(caller: Caller, name: str, paths: dict[str, str]) -> None:
    kind = data_of(caller.ok(f"<lookup><object>{name}</object></lookup>"))
    told = {one.findtext("OBJECTPATH"): one.findtext("OBJECTNAME") for one in kind.iter("Relationship")}
    assert {path: told.get(path) for path in paths} == paths
    for path in told:
        caller.ok(select(name, f"{path}.RECORDNO"))


def test_the_contacts_of_a_customer_are_read_over_their_paths(caller: Caller) -> None:
    caller.ok(create("<CONTACT><CONTACTNAME>Bill</CONTACTNAME><PRINTAS>Bill B</PRINTAS></CONTACT>"))
    named = "<{0}><CONTACTNAME>Bill</CONTACTNAME></{0}>"
    both = named.format("BILLTO") + named.format("CONTACTINFO")
    caller.ok(create(f"<CUSTOMER><CUSTOMERID>X1</CUSTOMERID><NAME>N</NAME>{both}</CUSTOMER>"))
    rest = f"<filter>{where('equalto', 'CUSTOMERID', 'X1')}</filter>"
    row = data_of(caller.ok(select("CUSTOMER", "BILLTOCONTACT.PRINTAS PRIMARYCONTACT.PRINTAS", rest)))[0]
    assert [one.text for one in row] == ["Bill B", "Bill B"]


def test_the_parent_of_a_class_is_related_by_its_id(caller: Caller) -> None:
    kind = data_of(caller.ok("<lookup><object>CLASS</object></lookup>"))
    told = {one.findtext("OBJECTPATH"): one.findtext("RELATEDBY") for one in kind.iter("Relationship")}
    assert told["PARENT"] == "CLASSID"


def test_query_refuses_fields_that_lookup_lists_and_names_them(caller: Caller) -> None:
    kind = data_of(caller.ok("<lookup><object>PROJECT</object></lookup>"))
    assert {"CFDA", "PAYER"} <= {one.findtext("ID") for one in kind.iter("Field")}
    error = caller.refused(select("PROJECT", "RECORDNO PAYER CFDA NAME"))
    assert "; these fields are not known: CFDA, PAYER" in error.findtext("description2", "")
    caller.ok(select("PROJECT", "RECORDNO NAME"))


def test_a_role_may_hide_fields(sim: Simulator, caller: Caller) -> None:
    sim.hide("CUSTOMER", "TAXID", "CREDITLIMIT")
    for function in (select("CUSTOMER", "RECORDNO TAXID"), old_read("CUSTOMER", "RECORDNO,TAXID")):
        assert "not known: TAXID" in caller.refused(function).findtext("description2", "")
    read = "<read><object>CUSTOMER</object><keys>1</keys><fields>{}</fields></read>"
    assert caller.refused(read.format("TAXID")).findtext("errorno") == "Invalid fields list TAXID"
    for function in (read.format("*"), old_read("CUSTOMER", "*")):
        row = data_of(caller.ok(function))[0]
        assert (row.find("TAXID"), row.find("NAME") is not None) == (None, True)
    sim.add_user("other", "secret")
    caller.ok(select("CUSTOMER", "RECORDNO TAXID"), user="other")


def test_a_record_may_lack_its_stamp(sim: Simulator, caller: Caller) -> None:
    sim.plant("CUSTOMER", "C0002", WHENMODIFIED=None)
    rest = f"<filter>{where('isnull', 'WHENMODIFIED')}</filter>"
    assert [row.findtext("CUSTOMERID") for row in data_of(caller.ok(select("CUSTOMER", "CUSTOMERID", rest)))] == [
        "C0002"
    ]
    since = f"<filter>{where('greaterthan', 'WHENMODIFIED', '01/01/2000 00:00:00')}</filter>"
    assert data_of(caller.ok(select("CUSTOMER", "CUSTOMERID", since))).get("totalcount") == "3"
    assert sim.rows("AUDITHISTORY") == []


def test_json_is_a_list_of_objects_of_texts(caller: Caller) -> None:
    function = old_read("VENDOR", "*").replace("</query>", "</query><returnFormat>json</returnFormat>")
    row = json.loads(caller.post(caller.envelope(function)))[0]
    assert (row["RECORDNO"], row["DISPLAYCONTACT.PRINTAS"]) == ("1", "Builder")
    assert {type(value) for value in row.values()} == {str}


def test_csv_is_quoted_where_it_has_to_be(sim: Simulator, caller: Caller) -> None:
    sim.modify("VENDOR", "V1", NAME='Smith, "Jack" & Co')
    function = old_read("VENDOR", "VENDORID,NAME").replace("</query>", "</query><returnFormat>csv</returnFormat>")
    text = caller.post(caller.envelope(function)).decode()
    assert text.splitlines()[:2] == ["VENDORID,NAME", 'V1,"Smith, ""Jack"" & Co"']
    assert next(csv.DictReader(io.StringIO(text)))["NAME"] == 'Smith, "Jack" & Co'


def test_applications_are_codes(caller: Caller) -> None:
    data = data_of(caller.ok("<get_applications/>"))
    assert (data.attrib, data[0].tag, data[0].text) == ({}, "application", "CO")


# attachments


FOLDER = "<{0}_supdocfolder><supdocfoldername>{1}</supdocfoldername>{2}</{0}_supdocfolder>"


def test_folders_tell_who_made_them(caller: Caller) -> None:
    caller.ok(FOLDER.format("create", "A", "<supdocfolderdescription>d</supdocfolderdescription>"))
    test = "<expression><field>name</field><operator>=</operator><value>A</value></expression>"
    row = caller.ok(f'<get_list object="supdocfolder"><filter>{test}</filter></get_list>').find("data/supdocfolder")
    assert row is not None
    assert " ".join(one.tag for one in row) == (
        "name description parentfolder creationdate createdby lastmodified lastmodifiedby status"
    )
    assert (row.findtext("name"), row.findtext("createdby"), row.findtext("status")) == ("A", "ws_user", "active")


def test_folders_are_changed_and_deleted(caller: Caller) -> None:
    for name in "AB":
        caller.ok(FOLDER.format("create", name, ""))
    caller.ok(FOLDER.format("update", "B", "<supdocparentfoldername>A</supdocparentfoldername>"))
    listed = caller.ok('<get_list object="supdocfolder"/>').findall("data/supdocfolder")
    assert [row.findtext("parentfolder") for row in listed] == ["", "A"]
    assert "is not empty" in caller.refused('<delete_supdocfolder key="A"/>').findtext("description2", "")
    caller.ok('<delete_supdocfolder key="B"/>')
    caller.ok('<delete_supdocfolder key="A"/>')
    caller.refused('<delete_supdocfolder key="A"/>')


def test_attachments_are_numbered_where_the_company_does_so(sim: Simulator, caller: Caller) -> None:
    new = "<create_supdoc><supdocid></supdocid><supdocname>x</supdocname></create_supdoc>"
    assert caller.refused(new).findtext("errorno") == "BL03000018"
    sim.switches.automatic_ids.add("SUPDOC")
    caller.ok(new)
    assert caller.ok('<get_list object="supdoc"/>').findtext("data/supdoc/supdocid") == "ATT-000001"


# writes


@pytest.mark.parametrize("name", ["CUSTOMER", "VENDOR"])
def test_the_display_contact_may_be_hidden(caller: Caller, name: str) -> None:
    hidden = "<HIDEDISPLAYCONTACT>true</HIDEDISPLAYCONTACT>"
    caller.ok(create(f"<{name}><{name}ID>X1</{name}ID><NAME>N</NAME>{hidden}</{name}>"))


def test_a_display_contact_that_is_there_is_refused(sim: Simulator, caller: Caller) -> None:
    taken = "<DISPLAYCONTACT><CONTACTNAME>Tenant 1(CC0001)</CONTACTNAME><PRINTAS>N</PRINTAS></DISPLAYCONTACT>"
    result = caller.result(create(f"<CUSTOMER><CUSTOMERID>X1</CUSTOMERID><NAME>N</NAME>{taken}</CUSTOMER>"))
    errors = [error.findtext("description2", "").partition(" [")[0] for error in result.iter("error")]
    assert result.findtext("errormessage/error/errorno") == "BL34000061"
    assert errors == [
        "Another Contact with the given value(s) Tenant 1(CC0001)  already exists",
        "Could not create Contact record!",
        "Error While Saving the Display Contact",
        "Could not create Customer record!",
    ]
    assert sim.rows("CUSTOMER", CUSTOMERID="X1") == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("a@b.test", "nobody"), "Illegal format for Contactversion : Primary Email Address"),
        (("Bath", "B" * 81), "longer than 80"),
        (("a@b.test", "a@b." + "t" * 200), "longer than 200"),
    ],
)
def test_what_no_contact_can_hold_is_refused(caller: Caller, change: tuple[str, str], text: str) -> None:
    error = caller.refused(create(customer("X1")).replace(*change))
    assert (error.findtext("errorno"), text in error.findtext("description2", "")) == ("BL03000018", True)


def test_fields_that_only_look_like_paths_are_read(caller: Caller) -> None:
    row = data_of(caller.ok(old_read("APBILL", "RECORDNO,PAYTO.TAXGROUP.NAME")))[0]
    assert [(one.tag, one.text) for one in row] == [("RECORDNO", "2"), ("PAYTO.TAXGROUP.NAME", None)]
    caller.ok(select("APBILL", "PAYTO.TAXGROUP.NAME PAYTO.PRINTAS"))


def test_a_nested_element_comes_once(caller: Caller) -> None:
    for name in ("CUSTOMER", "APBILL"):
        row = data_of(caller.ok(f"<read><object>{name}</object><keys>1,2</keys><fields>*</fields></read>"))[0]
        parents = [one.tag for one in row if len(one) and one.tag != "APBILLITEMS"]
        assert len(parents) == len(set(parents))
