"""Small things that are known of the gateway, one by one."""

from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import VAT
from .test_documents import DAY, bill, invoice, line
from .test_ledger import ADVANCE
from .test_old_functions import adjustment
from .test_payments import receipt
from .test_settling import made
from .test_writing import create, customer

D = Decimal
CUSTOMERS = select("CUSTOMER", "RECORDNO")
STATACCOUNT = "<STATACCOUNT><ACCOUNTNO>9</ACCOUNTNO><TITLE>t</TITLE><{0}>{1}</{0}></STATACCOUNT>"


def data_of(result: Element) -> Element:
    found = result.find("data")
    assert found is not None
    return found


def test_dimensions_are_told_without_attributes(caller: Caller) -> None:
    data = data_of(caller.ok("<getDimensions/>"))
    assert (data.attrib, [child.tag for child in data]) == ({}, ["dimensions"])


def test_accesses_are_compared_with_letters_in_query_and_words_in_the_old_read(sim: Simulator, caller: Caller) -> None:
    caller.ok(create(customer("X1")))
    rest = f"<filter>{where('in', 'ACCESSMODE', 'C', 'U', 'T', 'W', 'A')}</filter>"
    rows = data_of(caller.ok(select("AUDITHISTORY", "OBJECTTYPE ACCESSMODE", rest)))
    assert {row.findtext("ACCESSMODE") for row in rows} == {"Create"}
    old = "<readByQuery><object>AUDITHISTORY</object><query>ACCESSMODE = 'Create'</query></readByQuery>"
    assert data_of(caller.ok(old)).get("count") == rows.get("count")
    none = select("AUDITHISTORY", "ID", f"<filter>{where('equalto', 'ACCESSMODE', 'Create')}</filter>")
    assert data_of(caller.ok(none)).get("count") == "0"


def test_nothing_lies_between_nothing_and_something(caller: Caller) -> None:
    empty = where("between", "RECORDNO", "1", "")
    for condition in (empty, f"<or>{empty}{where('equalto', 'NAME', 'nobody')}</or>"):
        assert data_of(caller.ok(select("CUSTOMER", "NAME", f"<filter>{condition}</filter>"))).get("count") == "0"


def test_a_trail_tells_what_was_changed(caller: Caller) -> None:
    caller.ok(
        "<update><CUSTOMER><CUSTOMERID>C0001</CUSTOMERID><NAME>New</NAME><COMMENTS>c</COMMENTS></CUSTOMER></update>"
    )
    trail = data_of(caller.ok("<getAuditTrail><object>CUSTOMER</object><objectKey>C0001</objectKey></getAuditTrail>"))
    told = {tuple(row.findtext(f"FIELD_{name}", "") for name in ("NAME", "BEFORE", "AFTER")) for row in trail}
    assert told == {("NAME", "Tenant 1", "New"), ("COMMENTS", "", "c")}
    assert trail.get("count") == "2"


def test_the_rest_of_an_old_read_is_named_by_its_object_too(caller: Caller) -> None:
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    old = "<readByQuery><object>CUSTOMER</object><fields>RECORDNO</fields><pagesize>3</pagesize></readByQuery>"
    caller.ok(old, session=session)
    more = "<readMore><object>{}</object></readMore>"
    assert [row.findtext("RECORDNO") for row in data_of(caller.ok(more.format("CUSTOMER"), session=session))] == ["4"]
    for name in ("CUSTOMER", "VENDOR"):
        assert caller.refused(more.format(name), session=session).findtext("errorno") == "readMore failed"


def test_an_object_is_inspected_in_detail_on_request(caller: Caller) -> None:
    plain = data_of(caller.ok("<inspect><object>VENDOR</object></inspect>")).find("Type")
    assert plain is not None
    assert [child.tag for child in plain] == ["Fields"]
    assert next((one.text, len(one)) for one in plain.iter("Field")) == ("RECORDNO", 0)
    kind = data_of(caller.ok('<inspect detail="1"><name>VENDOR</name></inspect>')).find("Type")
    assert kind is not None
    assert [[one.tag for one in child][:3] for child in kind] == [
        ["SingularName", "PluralName", "Description"],
        ["Field", "Field", "Field"],
    ]
    found = {field.findtext("Name"): field for field in kind.iter("Field")}["BILLINGTYPE"]
    assert " ".join(child.tag for child in found) == (
        "Name GroupName dataName externalDataName isRequired isReadOnly maxLength DisplayLabel Description id"
        " validvalues"
    )
    assert [one.text for one in found.iter("validvalue")] == ["openitem", "balanceforward"]
    assert (found.findtext("maxLength"), found.findtext("isRequired")) == ("100", "false")


@pytest.mark.parametrize("by", ["object", "name"])
def test_all_objects_are_listed_as_one(caller: Caller, by: str) -> None:
    types = data_of(caller.ok(f"<inspect><{by}>*</{by}></inspect>"))
    assert types.get("count") == "1"
    assert {one.get("typename"): one.text for one in types}["APBILL"] == "AP Bill"


@pytest.fixture
def north(sim: Simulator) -> dict[str, str]:
    """Somebody who may see the top level and the first entity."""
    sim.add_user("north", "secret", entities=frozenset({"", "E1"}))
    for entity in ("E1", "E2", ""):
        sim.run(invoice(line(location=entity or "E1")), entity)
        sim.run(create(customer("P" + entity)), entity)
    return {"user": "north"}


def test_the_top_level_shows_what_the_user_may_see(caller: Caller, north: dict[str, str]) -> None:
    query = select("ARINVOICE", "MEGAENTITYID")
    for function in (query, "<readByQuery><object>ARINVOICE</object><fields>MEGAENTITYID</fields></readByQuery>"):
        assert {row.findtext("MEGAENTITYID") for row in data_of(caller.ok(function))} == {"E1", "E2", ""}
        assert {row.findtext("MEGAENTITYID") for row in data_of(caller.ok(function, **north))} == {"E1", ""}
    private = select("CUSTOMER", "CUSTOMERID", "<options><showprivate>true</showprivate></options>")
    seen = {row.findtext("CUSTOMERID") for row in data_of(caller.ok(private, **north))}
    assert "PE1" in seen
    assert not {"PE2", "C9999"} & seen
    shared = {row.findtext("CUSTOMERID") for row in data_of(caller.ok(select("CUSTOMER", "CUSTOMERID"), **north))}
    assert not {"PE1", "PE2"} & shared
    read = "<readByName><object>CUSTOMER</object><keys>PE1,PE2</keys></readByName>"
    assert [row.findtext("CUSTOMERID") for row in data_of(caller.ok(read, **north))] == ["PE1"]


@pytest.mark.parametrize(
    ("flag", "given", "name"),
    [
        ("REQUIREDEPT", "<departmentid>SALES</departmentid>", "Department"),
        ("REQUIRECLASS", "<classid>RES</classid>", "Class"),
        ("REQUIRECUSTOMER", "<customerid>C0002</customerid>", "Customer"),
    ],
)
def test_an_account_requires_dimensions(sim: Simulator, caller: Caller, flag: str, given: str, name: str) -> None:
    sim.modify("GLACCOUNT", "4000", **{flag: True})
    error = caller.refused(invoice())
    assert error.findtext("errorno") == "BL03000018"
    assert f"required dimension {name} is missing" in error.findtext("description2", "")
    place = "</locationid>" if name == "Department" else "<taxentries>"
    text = place + given if place.startswith("</") else given + place
    caller.ok(invoice(line().replace(place, text)))


def test_labels_stand_for_accounts_where_they_are_on(sim: Simulator, caller: Caller) -> None:
    caller.ok(
        "<create><ARACCOUNTLABEL><ACCOUNTLABEL>Rent</ACCOUNTLABEL><DESCRIPTION>d</DESCRIPTION>"
        "<GLACCOUNTNO>4000</GLACCOUNTNO></ARACCOUNTLABEL></create>"
    )
    sim.switches.account_labels = True
    labelled = "<accountlabel>{}</accountlabel>"
    caller.refused(invoice(line().replace("<glaccountno>4000</glaccountno>", labelled.format("Fee"))))
    key = made(caller, invoice(line().replace("<glaccountno>4000</glaccountno>", labelled.format("Rent"))))
    item = sim.rows("ARINVOICE", RECORDNO=key)[0]["ARINVOICEITEMS"][0]
    assert (item["ACCOUNTNO"], item["ACCOUNTLABEL"]) == ("4000", "Rent")
    changed = '<updatelineitem line_num="1"><amount>5</amount></updatelineitem>'
    caller.ok(f'<update_invoice key="{key}"><updateinvoiceitems>{changed}</updateinvoiceitems></update_invoice>')


def test_the_lines_of_an_adjustment_have_one_sign(caller: Caller) -> None:
    lines = adjustment("ap", "-5").partition("<apadjustmentitems>")[2].partition("</apadjustmentitems>")[0]
    mixed = adjustment("ap", "-5").replace(lines, lines + lines.replace(">-5<", ">6<"))
    assert "one sign" in caller.refused(mixed).findtext("description2", "")
    caller.ok(mixed.replace(">6<", ">-6<"))


def test_a_duplicate_account_has_the_general_number(caller: Caller) -> None:
    for name in ("GLACCOUNT", "STATACCOUNT"):
        one = create(f"<{name}><ACCOUNTNO>4000</ACCOUNTNO><TITLE>t</TITLE></{name}>")
        if name == "STATACCOUNT":
            caller.ok(one)
        result = caller.result(one)
        assert [error.findtext("errorno") for error in result.iter("error")] == ["BL01001973", "BL01001973"]
        first, last = result.iter("error")
        assert first.findtext("description") == "Duplicate account number"
        assert first.findtext("description2", "").startswith("The account number 4000 already exists")
        assert first.findtext("correction") == "Enter unique account number"
        assert last.findtext("description2", "").startswith("Could not create ")


def test_documents_are_named_by_their_outside_id(sim: Simulator, caller: Caller) -> None:
    caller.ok(invoice().replace("<invoiceitems>", "<externalid>E-1</externalid><invoiceitems>"))
    key = 'key="E-1"'
    caller.refused(f"<update_invoice {key}><description>x</description></update_invoice>")
    caller.ok(f'<update_invoice {key} externalkey="true"><description>x</description></update_invoice>')
    assert sim.rows("ARINVOICE")[-1]["DESCRIPTION"] == "x"
    reverse = f'<reverse_invoice {key} externalkey="true"><datereversed>{DAY}</datereversed></reverse_invoice>'
    caller.ok(reverse)
    assert [row["STATE"] for row in sim.rows("ARINVOICE")] == ["Posted", "Reversed", "Reversal"]
    caller.refused(f'<delete_invoice {key} externalkey="true"/>')
    caller.refused('<delete_invoice key="" externalkey="true"/>')


@pytest.mark.parametrize(
    ("fields", "fine"),
    [
        (
            "<STATACCOUNT><ACCOUNTNO>S1</ACCOUNTNO><TITLE>t</TITLE><ACCOUNTTYPE>{}</ACCOUNTTYPE></STATACCOUNT>",
            "forperiod",
        ),
        ("<VENDOR><NAME>n</NAME><PAYMENTPRIORITY>{}</PAYMENTPRIORITY></VENDOR>", "Urgent"),
        ("<CUSTOMER><NAME>n</NAME><DELIVERY_OPTIONS>{}</DELIVERY_OPTIONS></CUSTOMER>", "E-Mail#~#Print"),
        ("<CUSTOMER><NAME>n</NAME><STATUS>{}</STATUS></CUSTOMER>", "active non-posting"),
        (
            "<GLACCOUNT><ACCOUNTNO>9</ACCOUNTNO><TITLE>t</TITLE><CLOSINGTYPE>{}</CLOSINGTYPE></GLACCOUNT>",
            "closing account",
        ),
    ],
)
def test_each_object_has_its_own_lists_of_values(caller: Caller, fields: str, fine: str) -> None:
    assert "allowed: " in caller.refused(create(fields.format("balance-sheet"))).findtext("description2", "")
    caller.ok(create(fields.format(fine)))


def test_fields_that_are_worked_out_when_they_are_read(sim: Simulator, caller: Caller) -> None:
    names = "CREATEDBYLOGINID MODIFIEDBYLOGINID TRX_ENTITYDUE DUE_IN_DAYS RECORD_URL"
    row = caller.ok(select("ARINVOICE", names)).find("data/ARINVOICE")
    assert row is not None
    user, changed, owed, days, address = (one.text or "" for one in row)
    assert (user, changed, owed, int(days) < 0) == ("ws_user", "ws_user", "120", True)
    assert address.startswith("https://")
    mine = f"<filter>{where('equalto', 'CREATEDBYLOGINID', 'ws_user')}</filter>"
    assert data_of(caller.ok(select("ARINVOICE", "RECORDNO", mine))).get("count") == "1"
    read = data_of(caller.ok("<read><object>APBILL</object><keys>2</keys><fields>*</fields></read>"))
    assert read.findtext("APBILL/TRX_ENTITYDUE") == "60"


def test_lines_keep_what_nothing_is_done_with(sim: Simulator, caller: Caller) -> None:
    more = "<billable>true</billable>"
    kept = "<BILLABLE>true</BILLABLE><FORM1099>T</FORM1099></APBILLITEM>"
    key = made(caller, bill().replace("</APBILLITEM>", kept))
    placed = line().replace("<amount>", "<offsetglaccountno>1100</offsetglaccountno><amount>")
    placed = placed.replace("<taxentries>", more + "<taxentries>")
    other = made(caller, invoice(placed))
    update = '<updatelineitem line_num="1"><memo>new</memo></updatelineitem>'
    caller.ok(f'<update_invoice key="{other}"><updateinvoiceitems>{update}</updateinvoiceitems></update_invoice>')
    item = sim.rows("ARINVOICE", RECORDNO=other)[0]["ARINVOICEITEMS"][0]
    assert (item["OFFSETGLACCOUNTNO"], item["ENTRYDESCRIPTION"]) == ("1100", "new")
    item = sim.rows("APBILL", RECORDNO=key)[0]["APBILLITEMS"][0]
    assert (item["BILLABLE"], item["FORM1099"]) == (True, "T")
    caller.refused(invoice(line().replace("<memo>", "<allocationid>A</allocationid><memo>")))
    caller.refused(bill().replace("</APBILLITEM>", "<ALLOCATION>A</ALLOCATION></APBILLITEM>"))


@pytest.mark.parametrize(
    ("name", "identity"),
    [("CUSTOMER", "C0001"), ("VENDOR", "V1"), ("GLACCOUNT", "1100"), ("GLACCOUNT", "2200"), ("LOCATION", "E1"),
     ("LOCATION", "E1-10"), ("DEPARTMENT", "SALES"), ("CLASS", "RES")],
)  # fmt: skip
def test_what_is_used_is_not_deleted(sim: Simulator, caller: Caller, name: str, identity: str) -> None:
    key = next(row["RECORDNO"] for row in sim.rows(name) if identity in row.values())
    error = caller.refused(f"<delete><object>{name}</object><keys>{key}</keys></delete>")
    assert (error.findtext("errorno"), "is used by" in error.findtext("description2", "")) == ("BL01001973", True)


def test_a_customer_with_nothing_but_an_advance_is_not_deleted(sim: Simulator, caller: Caller) -> None:
    caller.ok(ADVANCE.format("5").replace("C0001", "C0003"))
    caller.refused("<delete><object>CUSTOMER</object><keys>3</keys></delete>")
    caller.ok("<delete><object>CUSTOMER</object><keys>4</keys></delete>")


def test_what_is_out_of_sight_is_not_to_be_written(sim: Simulator, caller: Caller) -> None:
    key = caller.ok(invoice(line(location="E2-10")), entity="E2").findtext("key")
    reverse = f'<reverse_invoice key="{key}"><datereversed>{DAY}</datereversed></reverse_invoice>'
    functions = (
        f'<update_invoice key="{key}"><description>x</description></update_invoice>',
        reverse,
        f"<delete><object>ARINVOICE</object><keys>{key}</keys></delete>",
        receipt(int(key or 0), "1.00"),
        "<update><CUSTOMER><CUSTOMERID>C9999</CUSTOMERID><NAME>x</NAME></CUSTOMER></update>",
        "<delete><object>CUSTOMER</object><keys>5</keys></delete>",
    )
    for function in functions:
        error = caller.refused(function, entity="E1")
        assert "BL01001973" in error.findtext("errorno", "") or "Cannot update non-existing" in error.findtext(
            "errorno", ""
        )
    caller.ok(reverse, entity="E2")
    assert len(sim.rows("ARINVOICE")) == 3
    advance = made(caller, ADVANCE.format("5"), entity="E2")
    more = f"<ADVANCEKEY>{advance}</ADVANCEKEY><TRX_POSTEDADVANCEAMOUNT>1</TRX_POSTEDADVANCEAMOUNT>"
    assert caller.refused(receipt(1, "1.00", more=more), entity="E1").findtext("errorno") == "BL01001973"
    caller.ok(receipt(1, "1.00", more=more))


def test_a_contact_is_given_in_full(sim: Simulator, caller: Caller) -> None:
    whole = (
        "<billto><contact><contactname>{}</contactname><printas>P</printas><email1>a@b.test</email1>"
        "<mailaddress><city>Bath</city></mailaddress></contact></billto>"
    )
    caller.ok(invoice().replace("<invoiceitems>", whole.format("New one") + "<invoiceitems>"))
    contact = sim.rows("CONTACT", CONTACTNAME="New one")[0]
    assert (contact["EMAIL1"], contact["MAILADDRESS.CITY"]) == ("a@b.test", "Bath")
    assert sim.rows("ARINVOICE")[-1]["BILLTOPAYTOCONTACTNAME"] == "New one"
    caller.ok(invoice().replace("<invoiceitems>", whole.format("New one") + "<invoiceitems>"))
    assert len(sim.rows("CONTACT", CONTACTNAME="New one")) == 1
    caller.refused(invoice().replace("<invoiceitems>", whole.format("") + "<invoiceitems>"))
    caller.refused(invoice().replace("<invoiceitems>", "<nogl>true</nogl><invoiceitems>"))


def test_the_tax_solution_is_asked_for_where_there_are_several(sim: Simulator, caller: Caller) -> None:
    given = "<taxsolutionid>{}</taxsolutionid>"
    caller.ok(invoice().replace("<invoiceitems>", given.format("United Kingdom - VAT") + "<invoiceitems>"))
    caller.refused(invoice().replace("<invoiceitems>", given.format("Atlantis") + "<invoiceitems>"))
    sim.insert("TAXSOLUTION", {"SOLUTIONID": "Australia - GST", "TAXMETHOD": "VAT or GST"})
    assert "tax solution is missing" in caller.refused(invoice()).findtext("description2", "")
    caller.ok(invoice(), entity="E1")
    caller.ok(invoice().replace("<invoiceitems>", given.format("United Kingdom - VAT") + "<invoiceitems>"))
    other = invoice().replace("<invoiceitems>", given.format("Australia - GST") + "<invoiceitems>")
    assert "does not belong to the tax solution" in caller.refused(other).findtext("description2", "")
    for key in (1, sim.rows("ARINVOICE")[-1]["RECORDNO"]):
        lines = (
            '<updateinvoiceitems><updatelineitem line_num="1"><amount>5</amount></updatelineitem></updateinvoiceitems>'
        )
        caller.ok(f'<update_invoice key="{key}">{lines}</update_invoice>')


def test_contacts_of_a_bill_exist(sim: Simulator, caller: Caller) -> None:
    name = sim.rows("CONTACT")[-1]["CONTACTNAME"].replace("&", "&amp;")
    caller.ok(bill(BILLTOPAYTOCONTACTNAME=name))
    assert caller.refused(bill(SHIPTORETURNTOCONTACTNAME="nobody")).findtext("errorno") == "BL01001973"


def test_values_of_a_list_are_checked_on_bills(caller: Caller) -> None:
    caller.refused(bill(PAYMENTPRIORITY="now"))
    caller.ok(bill(PAYMENTPRIORITY="urgent"))


@pytest.mark.parametrize(
    ("company", "more", "entity"),
    [("firm|demo", "", ""), ("firm|demo|E1", "", "E1"), ("firm", "<clientid>demo</clientid>", "")],
)
def test_a_console_signs_in_for_its_clients(
    sim: Simulator, caller: Caller, company: str, more: str, entity: str
) -> None:
    sim.add_console("firm", "cpa", "secret", {"demo"})
    change = ("</password><locationid>", f"</password>{more}<locationid>")
    given = {"user": "cpa", "company": company}
    response = caller.change(change, "<getAPISession/>", **given)
    proof = response.find("operation/authentication")
    assert proof is not None
    assert [child.tag for child in proof][:5] == ["status", "userid", "companyid", "clientstatus", "clientid"]
    assert (proof.findtext("companyid"), proof.findtext("clientid")) == ("firm", "demo")
    api = response.find("operation/result/data/api")
    assert api is not None
    assert api.findtext("locationid") == entity
    session = api.findtext("sessionid", "")
    assert caller.call(CUSTOMERS, session=session).findtext("operation/authentication/clientid") == "demo"
    for wrong in ({"password": "no"}, {"user": "ws_user"}):
        refused = caller.change(change, CUSTOMERS, **(given | wrong))
        assert refused.findtext("operation/authentication/status") == "failure"
    sim.gateway.directory.consoles["firm"].clients.clear()
    assert caller.change(change, CUSTOMERS, **given).findtext("operation/authentication/status") == "failure"


def test_the_company_of_a_console_has_to_exist(sim: Simulator, caller: Caller) -> None:
    sim.add_console("firm", "cpa", "secret", {"demo", "gone"})
    for company in ("nobody|demo", "firm|gone", "firm"):
        caller.call(CUSTOMERS, user="cpa", company=company)
        assert caller.status == 401


@pytest.mark.parametrize("shown", ["", "absent", "None"])
def test_the_top_level_is_shown_in_several_ways(sim: Simulator, caller: Caller, shown: str) -> None:
    sim.switches.top_location = shown
    told = caller.call(CUSTOMERS).findtext("operation/authentication/locationid")
    assert told == (None if shown == "absent" else shown)
    assert caller.call(CUSTOMERS, entity="E1").findtext("operation/authentication/locationid") == "E1"


def test_a_control_id_is_used_up_within_its_request(sim: Simulator, caller: Caller) -> None:
    functions = (create(customer("X1")), create(customer("X2")))
    response = caller.call(*functions, ids=("a", "a"), uniqueid="true")
    assert [one.findtext("status") for one in response.iter("result")] == ["success", None]
    response = caller.call(*functions, ids=("b", "b"))
    assert [one.findtext("controlid") for one in response.iter("result")] == ["b", "b"]


@pytest.mark.parametrize("stamps", [True, False])
def test_a_reversal_moves_the_stamp_of_what_it_takes_back(sim: Simulator, caller: Caller, stamps: bool) -> None:
    sim.switches.payments_stamp = stamps
    before = sim.rows("ARINVOICE")[0]["WHENMODIFIED"]
    caller.ok(f'<reverse_invoice key="1"><datereversed>{DAY}</datereversed></reverse_invoice>')
    assert (sim.rows("ARINVOICE")[0]["WHENMODIFIED"] > before) is stamps


@pytest.mark.parametrize("name", ["readReport", "readView", "getDimensionRelationships", "create_customer"])
def test_known_functions_that_are_not_simulated_are_refused_one_by_one(caller: Caller, name: str) -> None:
    response = caller.call(f"<{name}/>", CUSTOMERS)
    assert [one.findtext("status") for one in response.iter("result")] == ["failure", "success"]
    error = next(response.iter("error"))
    assert f"{name} is not simulated" in error.findtext("description2", "")


def test_tasks_have_no_id_but_their_number(sim: Simulator, caller: Caller) -> None:
    caller.ok(
        "<create><PROJECT><PROJECTID>J1</PROJECTID><NAME>n</NAME><PROJECTCATEGORY>Contract</PROJECTCATEGORY></PROJECT>"
        "<TASK><NAME>dig</NAME><PROJECTID>J1</PROJECTID></TASK></create>"
    )
    key = sim.rows("TASK")[0]["RECORDNO"]
    caller.ok(f"<update><TASK><RECORDNO>{key}</RECORDNO><NAME>fill</NAME></TASK></update>")
    assert sim.rows("TASK")[0]["NAME"] == "fill"
    caller.refused("<create><TASK><NAME>dig</NAME></TASK></create>")
    caller.refused("<create><TASK><NAME>dig</NAME><PROJECTID>J9</PROJECTID></TASK></create>")
    caller.ok(f"<delete><object>TASK</object><keys>{key}</keys></delete>")


def test_only_own_fields_of_tax_records_are_written(sim: Simulator, caller: Caller) -> None:
    sim.add_field("TAXRECORD", "RETURNED")
    key = sim.rows("TAXRECORD")[0]["RECORDNO"]
    update = f"<update><TAXRECORD><RECORDNO>{key}</RECORDNO>{{}}</TAXRECORD></update>"
    caller.ok(update.format("<RETURNED>yes</RETURNED>"))
    assert sim.rows("TAXRECORD")[0]["RETURNED"] == "yes"
    caller.refused(update.format("<RATE>5</RATE>"))
    caller.refused("<create><TAXRECORD/></create>")
    caller.refused(f"<delete><object>TAXRECORD</object><keys>{key}</keys></delete>")


def test_contact_lists_are_kept_and_read_back(sim: Simulator, caller: Caller) -> None:
    name = sim.rows("CONTACT")[0]["CONTACTNAME"]
    info = "<CONTACT_LIST_INFO><CATEGORYNAME>{}</CATEGORYNAME><CONTACT><NAME>{}</NAME></CONTACT></CONTACT_LIST_INFO>"
    update = "<update><CUSTOMER><CUSTOMERID>C0002</CUSTOMERID>{}</CUSTOMER></update>"
    caller.ok(update.format(info.format("Billing", name) + info.format("Site", name)))
    read = "<readByName><object>CUSTOMER</object><keys>C0002</keys><fields>*</fields></readByName>"
    found = data_of(caller.ok(read)).findall("CUSTOMER/CONTACT_LIST_INFO")
    told = [(one.findtext("CATEGORYNAME"), one.findtext("CONTACT/NAME")) for one in found]
    assert told == [("Billing", name), ("Site", name)]
    caller.ok(update.format("<NAME>n</NAME>"))
    assert len(data_of(caller.ok(read)).findall("CUSTOMER/CONTACT_LIST_INFO")) == 2
    caller.refused(update.format(info.format("Billing", "nobody")))


def test_a_fault_comes_by_a_header_of_the_request(sim: Simulator, caller: Caller) -> None:
    given = {"X-Simulator-Fault": '{"kind": "http", "status": 502}'}
    caller.post(caller.envelope(CUSTOMERS), **given)
    assert caller.status == 502
    caller.ok(CUSTOMERS)
    given["X-Simulator-Fault"] = '{"kind": "busy", "function": "create"}'
    caller.post(caller.envelope(CUSTOMERS), **given)
    assert caller.status == 200
    assert sim.gateway.faults.queued() == []
    for wrong in ("earthquake", "[]", '{"kind": "earthquake"}', '{"kind": "http", "times": "x"}', '{"colour": 1}'):
        caller.post(caller.envelope(CUSTOMERS), **{"X-Simulator-Fault": wrong})
        assert caller.status == 400


def test_tax_entries_that_are_given_replace_those_of_a_line(sim: Simulator, caller: Caller) -> None:
    line_of = "<APBILLITEM><LINE_NO>1</LINE_NO>{}</APBILLITEM>"
    update = "<update><APBILL><RECORDNO>2</RECORDNO><APBILLITEMS>{}</APBILLITEMS></APBILL></update>"
    entry = (
        "<TAXENTRIES><TAXENTRY><DETAILID>UK Purchase Standard</DETAILID><TRX_TAX>1.00</TRX_TAX></TAXENTRY></TAXENTRIES>"
    )
    caller.ok(update.format(line_of.format("<ENTRYDESCRIPTION>kept</ENTRYDESCRIPTION>")))
    assert [tax["TRX_TAX"] for tax in sim.rows("APBILL")[0]["APBILLITEMS"][0]["TAXENTRIES"]] == [D("10.00")]
    caller.ok(update.format(line_of.format(entry)))
    assert [tax["TRX_TAX"] for tax in sim.rows("APBILL")[0]["APBILLITEMS"][0]["TAXENTRIES"]] == [D("1.00")]
    assert caller.refused(update.format(line_of.format(entry.replace("UK Purchase Standard", VAT)))) is not None
