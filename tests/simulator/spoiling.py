"""Requests that are nearly right, and bytes that are not: what the simulator is shaken with."""

import random
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.books import ledger
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.simulator.functions.old_records import DELETED

from .client import Caller, select, where
from .data import INPUT_VAT, VAT, small_company
from .test_documents import DAY, line
from .test_ledger import STEPS
from .test_old_functions import ATTACHED
from .test_writing import create, customer

OLD = "STATUS = 'T' AND NOT (NAME like 'O\\'%' OR RECORDNO in (1, 2)) AND rownum &lt; 3"
EQUAL = "<field>supdocid</field><operator>=</operator><value>S1</value>"
DATES = f"<startdate>{DAY}</startdate><enddate>{DAY}</enddate>"
TERM = "<termname>Net 30</termname>"
BILLED = line().replace("4000", "6000").replace(VAT, INPUT_VAT)
PLENTY = (
    select(
        "CUSTOMER",
        "RECORDNO DISPLAYCONTACT.EMAIL1 PARENT.NAME",
        f"<filter><or>{where('like', 'NAME', '%a_')}<and>{where('between', 'RECORDNO', '1', '3')}"
        f"{where('in', 'STATUS', 'active', 'inactive')}</and></or></filter><orderby><order><field>WHENMODIFIED</field>"
        "<descending/></order></orderby><options><showprivate>true</showprivate></options>"
        "<pagesize>10</pagesize><offset>1</offset>",
    ),
    "<query><object>APBILL</object><select><field>STATE</field><sum>TOTALDUE</sum><count>RECORDNO</count></select></query>",
    f"<readByQuery><object>CUSTOMER</object><fields>*</fields><query>{OLD}</query><pagesize>2</pagesize></readByQuery>",
    "<readMore><resultId>1</resultId></readMore>",
    "<read><object>ARINVOICE</object><keys>1,2</keys><fields>*</fields></read>",
    "<readByName><object>VENDOR</object><keys>V1</keys><fields>NAME</fields></readByName>",
    "<readRelated><object>ARINVOICE</object><keys>1</keys><relation>CUSTOMER</relation></readRelated>",
    f'<get_list object="supdoc" start="0" maxitems="9"><filter><expression>{EQUAL}</expression></filter></get_list>',
    '<get object="supdoc" key="S1"><fields><field>supdocid</field></fields></get>',
    "<retrievepdf><ARINVOICE><RECORDNO>1</RECORDNO></ARINVOICE></retrievepdf>",
    "<readByQuery><object>ARINVOICE</object><fields>*</fields><returnFormat>json</returnFormat></readByQuery>",
    "<lookup><object>CUSTOMER</object></lookup>",
    '<inspect detail="1"><object>*</object></inspect>',
    "<getAPISession><locationid>E1</locationid></getAPISession>",
    "<readEntityDetails/>",
    "<readUserFormatting><userId>ws_user</userId></readUserFormatting>",
    "<getUserPermissions><userId>ws_user</userId></getUserPermissions>",
    "<getDimensions/>",
    "<getFinancialSetup/>",
    "<get_companyprefs><application>AR</application></get_companyprefs>",
    "<get_applications/>",
    "<getAuditTrail><object>CUSTOMER</object><recordNo>1</recordNo></getAuditTrail>",
    create(customer("X1"), "<CLASS><CLASSID>N</CLASSID><NAME>n</NAME></CLASS>"),
    "<update><CUSTOMER><RECORDNO>1</RECORDNO><PARENTID>C0002</PARENTID><CREDITLIMIT>5.5</CREDITLIMIT></CUSTOMER></update>",
    "<delete><object>CUSTOMER</object><keys>4</keys></delete>",
    ATTACHED.format("S1", "JVBERg=="),
    "<update_supdoc><supdocid>S1</supdocid><supdocname>m</supdocname></update_supdoc>",
    '<delete_supdoc key="S1"/>',
    "<create_supdocfolder><supdocfoldername>F</supdocfoldername></create_supdocfolder>",
    "<update_supdocfolder><supdocfoldername>F</supdocfoldername></update_supdocfolder>",
    '<delete_supdocfolder key="F"/>',
    '<get_list object="invoice" maxitems="2"/>',
    "<create_contact><contactname>X</contactname><printas>x</printas></create_contact>",
    "<get_trialbalance><showzerobalances>true</showzerobalances>" + DATES + "</get_trialbalance>",
    "<get_accountbalances><glaccountno>4000</glaccountno>" + DATES + "</get_accountbalances>",
    *(f'<{name} {attribute}="X1"/>' for name, (_, attribute) in DELETED.items()),
    '<delete_invoice key="1"/>',
    '<delete_bill key="2"/>',
    '<delete_aradjustment key="3"/>',
    f"<create_bill><vendorid>V1</vendorid><datecreated>{DAY}</datecreated>{TERM}<billitems>{BILLED}</billitems></create_bill>",
    '<update_apadjustment key="3"><description>d</description></update_apadjustment>',
    *(make(amount, key, key + 1) for make in STEPS.values() for amount, key in (("5.00", 1), ("-7.77", 3))),
)  # fmt: skip
"""At least one good request of every function; see `test_every_function_is_among_them`."""
BARE = ("application/json", "text/csv")
WORDS = (
    *("", "-1", "0", "1", "2", "3", "9" * 30, "1e999", "NaN", "Infinity", "true", "'", "%", "é\u2028", "*"),
    *("03/32/2026", "00/00/0000", "12/31/9999", "RECORDNO", "CREATEDBY", "PARENT.PARENT.NAME", "CUSTOMER", "ARINVOICE"),
    *("USERINFO", "Draft", "E1", "C0001", "V1", "4000", "GLENTRY", "a" * 3000, "\U0001f3e0", "()", "x y", "1,2,x"),
)


def spoil_tree(root: Element, chance: random.Random) -> None:
    """Change one thing: a text, a name, an attribute, an element that goes, comes twice, moves or is buried."""
    nodes = list(root.iter())
    node, other = chance.choice(nodes), chance.choice(nodes)
    kind = chance.randrange(8)
    if kind <= 1:
        node.text = chance.choice(WORDS)
    elif kind == 2:
        node.tag = chance.choice(nodes).tag
    elif kind == 3 and node.attrib:
        node.attrib[chance.choice(list(node.attrib))] = chance.choice(WORDS)
    elif kind == 4:
        node.attrib[chance.choice(("key", "controlid", "line_num", "start", "x"))] = chance.choice(WORDS)
    elif kind == 5 and len(node):
        node.remove(chance.choice(list(node)))
    elif kind == 6 and len(node):
        node.extend([chance.choice(list(node))] * chance.choice((1, 1, 2, 40)))
    elif node not in list(other.iter()) and other not in list(node.iter()):
        node.append(other)


def spoil_bytes(body: bytes, chance: random.Random) -> bytes:
    """Cut, insert, repeat or write in another encoding."""
    at, to = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    kind = chance.randrange(6)
    if kind == 0:
        return body[:at] + body[to:]
    if kind == 1:
        return body[:at] + chance.randbytes(chance.randrange(8)) + body[at:]
    if kind == 2:
        return body[:to] + body[at:]
    if kind == 3:
        return body.decode("utf-8", "replace").encode(
            chance.choice(("utf-16", "latin-1", "utf-8-sig", "utf-32", "utf-7")), "replace"
        )
    if kind == 4:
        return body.replace(b"UTF-8", chance.choice((b"x", b"latin-1", b"utf-16", b"cp037", b"")))
    return body.replace(b"<request>", b'<!DOCTYPE a [<!ENTITY b "c">]><request>')


def good(chance: random.Random) -> bytes:
    """A request that the schema allows, of one or two functions."""
    functions = [chance.choice(PLENTY) for _ in range(chance.choice((1, 1, 2)))]
    given: dict[str, Any] = {"entity": chance.choice(("", "", "E1", "E9"))}
    given["uniqueid"] = chance.choice(("true", "false"))
    caller = Caller("http://127.0.0.1:1/")
    return caller.envelope(*functions, transaction=chance.random() < 0.3, **given).encode()


def trees(chance: random.Random) -> Iterator[bytes]:
    """Without end: one in ten is right, the others are well-formed and wrong in a thing or more."""
    while True:
        body = good(chance)
        changes = chance.choice((0, 1, 1, 1, 1, 2, 2, 3, 5, 9))
        root = ElementTree.fromstring(body)
        deep = root.find("operation/content")
        for _ in range(changes):
            spoil_tree(root if deep is None or chance.random() < 0.15 else deep, chance)
        yield ElementTree.tostring(root, "UTF-8") if changes else body


def raw(chance: random.Random) -> Iterator[bytes]:
    """Without end: bytes by chance, or a good request that was cut, mixed up or written in another encoding."""
    while True:
        if chance.random() < 0.2:
            yield chance.randbytes(chance.randrange(300))
        elif chance.random() < 0.1:
            yield chance.choice((b"<", b"<a>", b"<a ", b"&#", b"\xff\xfe", b"<![CDATA[")) * chance.randrange(9000)
        else:
            body = good(chance)
            for _ in range(chance.choice((1, 1, 2, 5))):
                body = spoil_bytes(body, chance) or b"<"
            yield body


FAMILIES = {"trees": trees, "raw": raw}


def answered(sim: Simulator, body: bytes) -> Element:
    """The reply to any bytes: XML of the gateway's shape, with a number for every refusal."""
    answer = sim.gateway.handle(body)
    assert not sim.gateway.errors, (sim.gateway.errors[-1], body)
    if answer.headers["Content-Type"] in BARE:
        return Element("bare")
    root = ElementTree.fromstring(answer.body)
    assert root.tag == "response", body
    assert answer.status in (200, 400, 401), body
    assert (root.findtext("control/status") == "success") is (root.find("operation") is not None), body
    assert all(error.findtext("errorno") for error in root.iter("error")), body
    failed = [one for one in root.iter("result") if one.findtext("status") != "success"]
    assert all(one.find("errormessage/error") is not None for one in failed), body
    try:
        fine = ElementTree.fromstring(body).tag == "request"
    except (ElementTree.ParseError, ValueError, LookupError):
        fine = False
    assert fine or root.findtext("errormessage/error/errorno") == "XL03000003", body
    return root


def balanced(sim: Simulator) -> None:
    company = sim.company
    balance = sim.trial_balance()
    assert sum(balance.values()) == 0
    assert balance.get("1100", 0) == ledger.owed(company, "ARINVOICE", "ARADJUSTMENT", "ARPYMT")
    assert -balance.get("2100", 0) == ledger.owed(company, "APBILL", "APADJUSTMENT", "APPYMT")


FLIPPED = (
    *("vat", "bill_approval", "payment_approval", "unique_invoice_numbers", "unique_bill_numbers", "delete_posted"),
    *("protect_control_accounts", "account_labels", "refuse_inactive", "charset", "support_ids", "failing_aborted"),
    *("aborted_absent", "ap_credit_positive", "cursors_bound", "duplicate_at_control", "entity_at_result", "no_value"),
    *("externalid_kept", "failed_ids_count", "forget_ids", "ids_per_company", "lines_from_0", "pages_clamped"),
    *("payments_stamp", "payments_mirrored", "reversal_names_original", "unavailable_empty", "unknown_company_400"),
)
"""Switches of which neither side keeps a proper request from its answer."""


def company_of(chance: random.Random) -> Simulator:
    """A company as it comes, or set to anything."""
    sim = Simulator(small_company())
    if chance.random() < 0.7:
        for name in chance.sample(FLIPPED, chance.randrange(8)):
            setattr(sim.switches, name, not getattr(sim.switches, name))
        sim.switches.rates = chance.choice(({}, {"USD": "0.777", "EUR": "1.1"}))
        sim.switches.approval_steps = chance.choice((1, 2))
        sim.switches.late_seconds = chance.choice((0, 60))
        sim.switches.automatic_ids = set(chance.sample(sorted(sim.switches.automatic_ids), chance.randrange(5)))
    return sim


def still_there(sim: Simulator) -> None:
    """A proper request gets its proper answer."""
    sim.company.users["ws_user"].status = "active"
    root = answered(sim, Caller("http://127.0.0.1:1/").envelope(select("CLASS", "RECORDNO")).encode())
    assert root.findtext("operation/result/status") == "success"


def shake(seconds: float, seed: int, family: str) -> tuple[int, set[str]]:
    """Shake companies for so long; how many requests that were, and which functions at last succeeded.

    The same seed gives the same requests in the same order, however long it takes.
    """
    chance, end = random.Random(seed), time.monotonic() + seconds
    succeeded: set[str] = set()
    sim = company_of(chance)
    for done, body in enumerate(FAMILIES[family](chance), 1):
        if done % 300 == 0:
            balanced(sim)
            sim = company_of(chance)
        try:
            results = answered(sim, body).iter("result")
            still_there(sim)
        except Exception as error:
            error.add_note(f"request {done} of seed {seed}, family {family}: {body!r}")
            raise
        succeeded |= {one.findtext("function", "") for one in results if one.findtext("status") == "success"}
        if time.monotonic() > end:
            balanced(sim)
            return done, succeeded & set(FUNCTIONS)
    raise AssertionError("requests come without end")
