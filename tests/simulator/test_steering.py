"""What a test can do to the company behind the client's back."""

from decimal import Decimal

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.errors import Refusal

from .client import Caller, select
from .test_documents import bill, invoice


def test_documents_are_paid_and_reversed(sim: Simulator, caller: Caller) -> None:
    invoiced, billed = sim.rows("ARINVOICE")[0]["RECORDNO"], sim.rows("APBILL")[0]["RECORDNO"]
    payment = sim.pay("ARINVOICE", invoiced, Decimal("20.00"))
    sim.pay("APBILL", billed, Decimal("60.00"))
    assert sim.rows("ARINVOICE")[0]["STATE"] == "Partially Paid"
    assert sim.rows("APBILL")[0]["STATE"] == "Paid"
    with pytest.raises(Refusal):
        sim.reverse("ARINVOICE", invoiced)
    sim.reverse("ARPYMT", payment)
    sim.reverse("ARINVOICE", invoiced)
    assert sim.rows("ARINVOICE")[0]["STATE"] == "Reversed"
    assert sum(sim.trial_balance().values()) == 0
    assert sim.requests == []


def test_bills_are_approved(sim: Simulator, caller: Caller) -> None:
    sim.switches.bill_approval = True
    caller.ok(bill())
    key = sim.rows("APBILL")[-1]["RECORDNO"]
    sim.approve(key, "Partially Approved")
    assert sim.rows("APBILL")[-1]["RAWSTATE"] == "PA"
    sim.approve(key)
    assert sim.rows("APBILL")[-1]["STATE"] == "Posted"
    assert sim.rows("VENDOR")[0]["TOTALDUE"] == Decimal("72.00")


def test_custom_fields_are_found_written_and_filtered(sim: Simulator, caller: Caller) -> None:
    sim.add_field("ARINVOICE", "APP_KEY")
    fields = {
        one.findtext("ID"): one.findtext("ISCUSTOM")
        for one in caller.ok("<lookup><object>ARINVOICE</object></lookup>").iter("Field")
    }
    assert (fields["APP_KEY"], fields["RECORDID"]) == ("true", "false")
    pair = "<customfieldname>APP_KEY</customfieldname><customfieldvalue>k-1</customfieldvalue>"
    custom = f"<customfields><customfield>{pair}</customfield></customfields>"
    caller.ok(invoice().replace("<invoiceitems>", f"{custom}<invoiceitems>"))
    rest = "<filter><equalto><field>APP_KEY</field><value>k-1</value></equalto></filter>"
    data = caller.ok(select("ARINVOICE", "RECORDNO APP_KEY", rest)).find("data")
    assert data is not None
    assert [row.findtext("APP_KEY") for row in data] == ["k-1"]


def test_records_come_change_and_go(sim: Simulator, caller: Caller) -> None:
    sim.insert("CLASS", {"CLASSID": "NEW", "NAME": "New", "STATUS": "active"})
    before = sim.rows("CLASS", CLASSID="NEW")[0]["WHENMODIFIED"]
    sim.advance(5)
    assert sim.modify("CLASS", "NEW", NAME="Newer")["WHENMODIFIED"] > before
    sim.delete("CLASS", "NEW")
    assert sim.rows("CLASS", CLASSID="NEW") == []
    assert [row["ACCESSMODE"] for row in sim.rows("AUDITHISTORY")] == ["Create", "Modify", "Delete"]
    sim.switches.stamps_empty.add("CUSTOMER")
    assert "WHENMODIFIED" not in sim.modify("CUSTOMER", "C0001", NAME="x")
    with pytest.raises(KeyError):
        sim.modify("CLASS", "NONE", NAME="x")


def test_it_stops_and_starts_again(sim: Simulator) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = Simulator(sim.company.dataset).url
    sim.stop()
    sim.stop()
    sim.start()
    caller = Caller(sim.url)
    caller.ok(select("CUSTOMER", "RECORDNO"))
    caller.close()
