"""Every switch has two sides; both are looked at from outside."""

import dataclasses
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.switches import Switches

from .client import Caller, level, select, where
from .data import small_company
from .test_checklist import Setup, switch
from .test_documents import DAY, bill, invoice, line
from .test_ledger import agrees
from .test_payments import receipt
from .test_writing import create, customer

Look = Callable[[Simulator, Caller], object]
CUSTOMERS = select("CUSTOMER", "RECORDNO")
RENAME = "<update><CUSTOMER><CUSTOMERID>C0001</CUSTOMERID><NAME>New</NAME></CUSTOMER></update>"
ADJUSTMENT = (
    f"<create_apadjustment><vendorid>V1</vendorid><datecreated>{DAY}</datecreated><apadjustmentitems>"
    + line("50").replace("UK Sale", "UK Purchase").replace("4000", "6000")
    + "</apadjustmentitems></create_apadjustment>"
)
DOLLARS = invoice().replace("<invoiceitems>", "<currency>USD</currency><invoiceitems>")
UNTAXED = re.sub("<taxentries>.*</taxentries>", "", invoice())
NO_PAGE = select("CUSTOMER", "RECORDNO", "<pagesize>0</pagesize>")
OLD = "<readByQuery><object>CUSTOMER</object><fields>RECORDNO</fields><pagesize>2</pagesize></readByQuery>"


def outcome(caller: Caller, function: str, **given: object) -> str:
    """`success`, or the level and number of a refusal."""
    found, error = level(caller.call(function, **given))
    return "success" if error is None else f"{found} {error.findtext('errorno')}"


def does(function: str, **given: object) -> Look:
    return lambda sim, caller: outcome(caller, function, **given)


def status(function: str, **given: object) -> Look:
    return lambda sim, caller: caller.call(function, **given) is not None and caller.status


def bill_state(sim: Simulator, caller: Caller) -> object:
    caller.ok(bill())
    return sim.rows("APBILL")[-1]["STATE"]


def approved_once(sim: Simulator, caller: Caller) -> object:
    sim.switches.bill_approval = True
    caller.ok(bill())
    sim.approve(sim.rows("APBILL")[-1]["RECORDNO"])
    return sim.rows("APBILL")[-1]["STATE"]


def payment_state(sim: Simulator, caller: Caller) -> object:
    sim.pay("APBILL", sim.rows("APBILL")[0]["RECORDNO"], Decimal("1.00"))
    return sim.rows("APPYMT")[0]["DISPLAYSTATE"]


def first(name: str, field: str) -> Look:
    """A field of the first record, as it is written."""
    return lambda sim, caller: caller.ok(select(name, field)).findtext(f"data/{name}/{field}")


def told(field: str) -> Look:
    return lambda sim, caller: caller.ok("<readUserFormatting/>").findtext(f"data/userformatting/{field}")


def half_of_the_day(sim: Simulator, caller: Caller) -> object:
    return str(first("CUSTOMER", "WHENMODIFIED")(sim, caller))[-2:] in ("AM", "PM")


def dated_with_dots(sim: Simulator, caller: Caller) -> object:
    sim.switches.date_format = ".dmY"
    return "." in str(first("ARINVOICE", "WHENCREATED")(sim, caller))


def after_a_wrong_password(sim: Simulator, caller: Caller) -> object:
    caller.call(CUSTOMERS, password="wrong")
    return outcome(caller, CUSTOMERS)


def session_of_a_minute_ago(sim: Simulator, caller: Caller) -> object:
    session = caller.ok("<getAPISession/>").findtext("data/api/sessionid", "")
    sim.advance(100)
    return outcome(caller, CUSTOMERS, session=session)


def two_at_once(sim: Simulator, caller: Caller) -> object:
    sim.faults.add("latency", seconds=0.15, times=0)

    def one(_: int) -> str:
        other = Caller(sim.url)
        found = outcome(other, CUSTOMERS)
        other.close()
        return found

    with ThreadPoolExecutor(2) as pool:
        return "result DL02000001" in set(pool.map(one, range(2)))


def held(sim: Simulator, caller: Caller) -> object:
    sim.switches.concurrent = 1
    return two_at_once(sim, caller)


def location(sim: Simulator, caller: Caller) -> object:
    return caller.call(CUSTOMERS).findtext("operation/authentication/locationid")


def line_number(sim: Simulator, caller: Caller) -> object:
    key = caller.ok(invoice()).findtext("key", "")
    read = f"<read><object>ARINVOICE</object><keys>{key}</keys><fields>*</fields></read>"
    return caller.ok(read).findtext("data/ARINVOICE/ARINVOICEITEMS/arinvoiceitem/LINE_NO")


def policy(sim: Simulator, caller: Caller) -> object:
    response = caller.change(("</dtdversion>", "</dtdversion><policyid>later</policyid>"), CUSTOMERS)
    return response.findtext("acknowledgement/status")


def typed_json(sim: Simulator, caller: Caller) -> object:
    caller.post(caller.envelope(CUSTOMERS), **{"Content-Type": "application/json"})
    return caller.status


def charset(sim: Simulator, caller: Caller) -> object:
    caller.call(CUSTOMERS)
    return caller.headers["Content-Type"]


def support(sim: Simulator, caller: Caller) -> object:
    return "[Support ID: " in caller.refused(select("NONE", "X")).findtext("description2", "")


def transaction(sim: Simulator, caller: Caller) -> object:
    made = (create(customer("X1")), create(customer("C0001")), create(customer("X2")))
    return [one.findtext("status") for one in caller.call(*made, transaction=True).iter("result")]


def just_changed(sim: Simulator, caller: Caller) -> object:
    sim.advance(10)
    stamp = sim.modify("CUSTOMER", "C0001", NAME="x")["WHENMODIFIED"].strftime("%m/%d/%Y %H:%M:%S")
    rest = f"<filter>{where('greaterthanorequalto', 'WHENMODIFIED', stamp)}</filter>"
    old = f"<readByQuery><object>CUSTOMER</object><query>WHENMODIFIED >= '{stamp}'</query></readByQuery>"
    functions = (select("CUSTOMER", "RECORDNO", rest), old)
    return [data.get("count") for data in caller.call(*functions).iter("data")]


def just_made(sim: Simulator, caller: Caller) -> object:
    sim.switches.late_seconds = 60
    sim.advance(100)
    caller.ok(create(customer("NEW")))
    old = "<readByQuery><object>CUSTOMER</object><query>CUSTOMERID = 'NEW'</query></readByQuery>"
    functions = (select("CUSTOMER", "RECORDNO", f"<filter>{where('equalto', 'CUSTOMERID', 'NEW')}</filter>"), old)
    return [data.get("count") for data in caller.call(*functions).iter("data")]


def stamped(sim: Simulator, caller: Caller) -> object:
    caller.ok(RENAME)
    row = sim.rows("CUSTOMER", CUSTOMERID="C0001")[0]
    if "WHENMODIFIED" not in row:
        return None
    return round((row["WHENMODIFIED"] - sim.company.now()).total_seconds() / 60)


def credit(sim: Simulator, caller: Caller) -> object:
    caller.ok(ADJUSTMENT)
    return sim.rows("APADJUSTMENT")[-1]["TRX_TOTALDUE"]


def cursor(seconds: int, other: bool) -> Look:
    def look(sim: Simulator, caller: Caller) -> object:
        sessions = [caller.ok("<getAPISession/>").findtext("data/api/sessionid", "") for _ in range(2)]
        data = caller.ok(OLD, session=sessions[0]).find("data")
        assert data is not None
        sim.advance(seconds)
        more = f"<readMore><resultId>{data.get('resultId')}</resultId></readMore>"
        return outcome(caller, more, session=sessions[other])

    return look


def again(after: int = 0, first: str = RENAME) -> Look:
    def look(sim: Simulator, caller: Caller) -> object:
        caller.result(first, uniqueid="true")
        sim.advance(after)
        return outcome(caller, RENAME, uniqueid="true")

    return look


def again_elsewhere(sim: Simulator, caller: Caller) -> object:
    other = sim.add_company("other", small_company(), "ws_user", "secret")
    other.switches.ids_per_company = sim.switches.ids_per_company
    caller.ok(RENAME, uniqueid="true")
    return outcome(caller, RENAME, uniqueid="true", company="other")


def external(sim: Simulator, caller: Caller) -> object:
    caller.ok(invoice().replace("<invoiceitems>", "<externalid>E-1</externalid><invoiceitems>"))
    rest = f"<filter>{where('equalto', 'EXTERNALID', 'E-1')}</filter>"
    return outcome(caller, select("ARINVOICE", "EXTERNALID", rest))


def busy(sim: Simulator, caller: Caller) -> object:
    sim.faults.add("busy")
    return outcome(caller, CUSTOMERS)


def paid(sim: Simulator, caller: Caller) -> object:
    before = sim.rows("ARINVOICE")[0]
    sim.pay("ARINVOICE", before["RECORDNO"], Decimal("1.00"))
    return bool(sim.rows("ARINVOICE")[0]["WHENMODIFIED"] > before["WHENMODIFIED"])


def reversal(sim: Simulator, caller: Caller) -> object:
    sim.reverse("ARINVOICE", sim.rows("ARINVOICE")[0]["RECORDNO"])
    return sim.rows("ARINVOICE")[-1].get("DESCRIPTION")


def of_nothing(sim: Simulator, caller: Caller) -> object:
    caller.ok(invoice(line("5"), line("-5")))
    agrees(sim)
    return sim.rows("ARINVOICE")[-1]["STATE"]


def taken_back(sim: Simulator, caller: Caller) -> object:
    sim.reverse("ARPYMT", sim.pay("ARINVOICE", 1, Decimal("5.00")))
    sim.reverse("APPYMT", sim.pay("APBILL", 2, Decimal("5.00")))
    agrees(sim)
    return [[row["DISPLAYSTATE"] for row in sim.rows(name)] for name in ("ARPYMT", "APPYMT")]


def numbers_of_reversals(sim: Simulator, caller: Caller) -> object:
    found = []
    for name in ("ARINVOICE", "APBILL"):
        first = sim.rows(name)[0]
        sim.reverse(name, first["RECORDNO"])
        found.append(sim.rows(name)[-1]["RECORDID"] == f"Reversed - {first['RECORDID']}")
    return found


def without_module(sim: Simulator, caller: Caller) -> object:
    sim.company.modules_off.add("AR")
    return outcome(caller, CUSTOMERS)


def page_text(sim: Simulator, caller: Caller) -> object:
    error = caller.refused(select("CUSTOMER", "RECORDNO", "<pagesize>9999</pagesize>"))
    return error.findtext("description2", "").startswith("Invalid pagesize 9999: it must be between 1 and 2000.")


def of_project(sim: Simulator, caller: Caller) -> object:
    return outcome(caller, select("PROJECT", "CFDA"))


def starred(sim: Simulator, caller: Caller) -> object:
    old = "<readByQuery><object>VENDOR</object><fields>*</fields></readByQuery>"
    row = caller.ok(old).find("data/vendor")
    assert row is not None
    return row.findtext("DISPLAYCONTACT/PRINTAS"), row.findtext("DISPLAYCONTACT.PRINTAS")


def apart(sim: Simulator, caller: Caller) -> object:
    caller.ok(invoice())
    row = sim.rows("ARINVOICE")[-1]
    return round((row["AUWHENCREATED"] - row["WHENMODIFIED"]).total_seconds() / 60)


def without_currency(sim: Simulator, caller: Caller) -> object:
    return outcome(caller, receipt(1, "5.00").replace("<CURRENCY>GBP</CURRENCY>", ""))


def documented_date(sim: Simulator, caller: Caller) -> object:
    sim.show_dates("-Ymd")
    return outcome(caller, bill())


def repeated_status(sim: Simulator, caller: Caller) -> object:
    caller.ok(RENAME, uniqueid="true")
    return caller.result(RENAME, uniqueid="true").findtext("status")


def two_operators(sim: Simulator, caller: Caller) -> object:
    both = where("greaterthan", "RECORDNO", "1") + where("lessthan", "RECORDNO", "3")
    return outcome(caller, select("CUSTOMER", "RECORDNO", f"<filter>{both}</filter>"))


def object_keys(sim: Simulator, caller: Caller) -> object:
    caller.ok('<delete_invoice key="1"/>')
    sim.delete("CUSTOMER", "C0004")
    trail = "<getAuditTrail><object>ARINVOICE</object><recordNo>1</recordNo></getAuditTrail>"
    found = [row["OBJECTKEY"] for row in sim.rows("AUDITHISTORY", ACCESSMODE="Delete")]
    return found, len(list(caller.ok(trail).iter("audittrail")))


def zoned(sim: Simulator, caller: Caller) -> object:
    sim.show_dates(offset="+0100")
    sim.plant("CUSTOMER", "C0001", WHENMODIFIED=datetime(2026, 3, 1, 12, tzinfo=UTC).replace(tzinfo=None))
    return caller.ok(select("CUSTOMER", "WHENMODIFIED")).findtext("data/CUSTOMER/WHENMODIFIED")


NO_LOGIN, BAD_VALUE = "authentication XL03000006", "result BL03000018"
TWICE = "SIM-DUPLICATE-CONTROLID"
SIDES: dict[str, tuple[Look, object, Any, object]] = {
    # name: (what to look at, what is seen by default, another value, what is seen then)
    "automatic_ids": (does(create("<CUSTOMER><NAME>N</NAME></CUSTOMER>")), "success", set(), BAD_VALUE),
    "rates": (does(DOLLARS), BAD_VALUE, {"USD": "0.8"}, "success"),
    "vat": (does(UNTAXED), BAD_VALUE, False, "success"),
    "bill_approval": (bill_state, "Posted", True, "Submitted"),
    "approval_steps": (approved_once, "Posted", 2, "Partially Approved"),
    "payment_approval": (payment_state, "Confirmed", True, "Submitted"),
    "unique_invoice_numbers": (does(invoice(number="INV1")), "result BL03002185", False, "success"),
    "unique_bill_numbers": (does(bill(RECORDID="B1")), "result PL05000104", False, "success"),
    "delete_posted": (does('<delete_invoice key="1"/>'), "success", False, "result BL03000130"),
    "protect_control_accounts": (does(invoice(line(account="1100"))), BAD_VALUE, False, "success"),
    "account_labels": (does(invoice()), "success", True, BAD_VALUE),
    "refuse_inactive": (does(invoice(line(account="4900"))), BAD_VALUE, False, "success"),
    "closed_until": (does(invoice()), "success", "03/31/2026", "result BL03000130"),
    "web_services": (does(CUSTOMERS), "success", False, NO_LOGIN),
    "address_denied": (does(CUSTOMERS), "success", True, NO_LOGIN),
    "lock_after": (after_a_wrong_password, "success", 1, NO_LOGIN),
    "session_seconds": (session_of_a_minute_ago, "success", 60, NO_LOGIN),
    "concurrent": (two_at_once, False, 1, True),
    "hold_seconds": (held, True, 5, False),
    "policies": (policy, None, {"later"}, "success"),
    "any_content_type": (typed_json, 400, True, 200),
    "date_format": (first("ARINVOICE", "WHENCREATED"), "01/05/2026", ".dmY", "05.01.2026"),
    "clock": (half_of_the_day, False, "12", True),
    "gmt_offset": (told("gmtoffset"), "+0000", "+0930", "+0930"),
    "locale": (told("locale"), "en_US", "en_GB", "en_GB"),
    "documented_dates": (dated_with_dots, True, True, False),
    "raw_texts": (first("CUSTOMER", "NAME"), "Tenant 1", {"Tenant 1": "Raw"}, "Raw"),
    "charset": (charset, 'text/xml; encoding="UTF-8"', True, "text/xml; charset=UTF-8"),
    "support_ids": (support, True, False, False),
    "unknown_company_400": (status(CUSTOMERS, company="no"), 401, True, 400),
    "unknown_sender_400": (status(CUSTOMERS, sender="no"), 200, True, 400),
    "failing_aborted": (transaction, ["aborted", "failure", "aborted"], True, ["aborted"] * 3),
    "top_location": (location, "", "absent", None),
    "fields_refused": (of_project, "result Query Failed", {}, "success"),
    "late_seconds": (just_changed, ["1", "1"], 60, ["0", "0"]),
    "late_for_all": (just_made, ["1", "1"], True, ["0", "0"]),
    "star_flat": (starred, ("Builder", None), True, (None, "Builder")),
    "stamps_empty": (stamped, 0, {"CUSTOMER"}, None),
    "aborted_absent": (transaction, ["aborted", "failure", "aborted"], True, ["aborted", "failure"]),
    "ap_credit_positive": (credit, Decimal("60.00"), True, Decimal("-60.00")),
    "created_minutes": (apart, 0, 420, 420),
    "currency_needed": (without_currency, "success", True, BAD_VALUE),
    "cursor_seconds": (cursor(100, False), "success", 60, "result readMore failed"),
    "cursors_bound": (cursor(0, True), "result readMore failed", False, "success"),
    "dates_sent_documented": (documented_date, BAD_VALUE, True, "success"),
    "duplicate_at_control": (again(), f"result {TWICE}", True, f"control {TWICE}"),
    "duplicate_status": (repeated_status, None, True, "failure"),
    "entity_at_result": (does(CUSTOMERS, entity="E9"), NO_LOGIN, True, "result XL03000006"),
    "filters_side_by_side": (two_operators, "result Query Failed", True, "success"),
    "externalid_kept": (external, "result Query Failed", True, "success"),
    "failed_ids_count": (again(first=create(customer("C0001"))), "success", True, f"result {TWICE}"),
    "forget_ids": (again(), f"result {TWICE}", True, "success"),
    "ids_per_company": (again_elsewhere, "success", False, f"result {TWICE}"),
    "ids_seconds": (again(100), f"result {TWICE}", 60, "success"),
    "lines_from_0": (line_number, "1", True, "0"),
    "no_value": (of_nothing, "Posted", True, "No Value"),
    "numbers": (busy, "result DL02000001", Switches().numbers | {"busy": "GW-1"}, "result GW-1"),
    "object_keys_marked": (object_keys, (["1", "C0004"], 1), True, (["1--REC", "C0004"], 1)),
    "pages_clamped": (does(NO_PAGE), "result Query Failed", True, "success"),
    "payments_stamp": (paid, True, False, False),
    "payments_mirrored": (
        taken_back, [["Reversed"], ["Voided"]], True, [["Reversed", "Reversal"], ["Voided", "Voided"]],
    ),
    "reversal_names_original": (reversal, None, True, "Reversal of INV1"),
    "reversals_numbered": (numbers_of_reversals, [False, True], True, [True, True]),
    "stamps_local": (zoned, "03/01/2026 13:00:00", False, "03/01/2026 12:00:00"),
    "stamp_minutes": (stamped, 0, 60, 60),
    "texts": (page_text, True, Switches().texts | {"page": "No."}, False),
    "unavailable_empty": (without_module, "result PL04000005", True, "success"),
}  # fmt: skip


CLOSED, EARLY = switch("closed_until", "03/31/2026"), ("</dtdversion>", "</dtdversion><policyid>p</policyid>")
REFUSALS: dict[str, tuple[Setup, str, dict[str, Any], tuple[str, str]]] = {
    # key of `numbers` and perhaps of `texts`: (what brings it about, function, sign-in, change of the request)
    "busy": (lambda sim: sim.faults.add("busy"), CUSTOMERS, {}, ("", "")),
    "duplicate": (lambda sim: None, RENAME * 2, {"uniqueid": "true", "ids": ("same", "same")}, ("", "")),
    "entity": (lambda sim: None, CUSTOMERS, {"entity": "E9"}, ("", "")),
    "module": (lambda sim: sim.company.modules_off.add("AR"), CUSTOMERS, {}, ("", "")),
    "page": (lambda sim: None, NO_PAGE, {}, ("", "")),
    "period": (CLOSED, invoice(), {}, ("", "")),
    "size": (switch("policies", {"p"}), bill(DESCRIPTION="x" * 500_000), {}, EARLY),
    "subscription": (switch("web_services", False), CUSTOMERS, {}, ("", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("other", [False, True])
def test_what_nobody_has_written_down_can_be_set(name: str, other: bool) -> None:
    setup, function, given, change = REFUSALS[name]
    with Simulator(small_company()) as sim:
        setup(sim)
        switches = sim.switches
        if other:
            switches.numbers[name] = "NEW-1"
            switches.texts = {key: "New words" if key == name else text for key, text in switches.texts.items()}
        caller = Caller(sim.url)
        functions = (RENAME, RENAME) if name == "duplicate" else (function,)
        error = list(caller.change(change, *functions, **given).iter("error"))[-1]
        assert error.findtext("errorno") == switches.numbers[name]
        if name in switches.texts:
            assert error.findtext("description2", "").startswith(switches.texts[name].partition("{")[0])
        caller.close()


def test_no_number_or_text_is_left_out() -> None:
    assert set(REFUSALS) == set(Switches().numbers)
    assert set(REFUSALS) >= set(Switches().texts)


@pytest.mark.parametrize("name", SIDES)
def test_a_switch_has_two_sides(name: str) -> None:
    look, seen, other, then = SIDES[name]
    for value, expected in ((None, seen), (other, then)):
        with Simulator(small_company()) as sim:
            if value is not None:
                setattr(sim.switches, name, value)
            caller = Caller(sim.url)
            assert look(sim, caller) == expected
            caller.close()
            assert not sim.gateway.errors


def test_no_switch_is_left_out_here_or_in_the_documentation() -> None:
    names = [one.name for one in dataclasses.fields(Switches)]
    text = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
    assert sorted(SIDES) == sorted(names)
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == names


def test_an_unavailable_object_shows_nothing_where_it_is_not_refused(sim: Simulator, caller: Caller) -> None:
    sim.switches.unavailable_empty = True
    sim.company.modules_off.add("AR")
    data = caller.ok(CUSTOMERS).find("data")
    assert data is not None
    assert (data.get("totalcount"), len(data)) == ("0", 0)
    caller.refused(create(customer("X1")))
