"""Invoices and bills of the host that are like its first, saved by nobody yet; and an invoice of Intacct."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from . import World, host

_LINE: dict[str, Any] = {"tax_id": 1, "net": Decimal("10.00"), "tax": Decimal("2.00")}


def another_invoice(world: World, number: str, **changes: Any) -> host.Invoice:
    """An invoice to the contact of INV-1, with one line."""
    pattern = world.one(host.Invoice, number="INV-1")
    line = host.InvoiceLine(account_id=1, options=pattern.lines[0].options[:1], **_LINE)
    return host.Invoice(lines=[line], **_head(pattern, number) | changes)


def another_bill(world: World, number: str, **changes: Any) -> host.Bill:
    """A bill of the contact of BILL-1, with one line."""
    pattern = world.one(host.Bill, number="BILL-1")
    line = host.BillLine(account_id=3, options=pattern.lines[0].options[:1], **_LINE)
    return host.Bill(lines=[line], **_head(pattern, number) | changes)


def new_in_intacct(world: World, number: str) -> None:
    """An invoice that somebody enters in Intacct."""
    world.sim.run(
        "<create_invoice><customerid>C1</customerid><datecreated><year>2026</year><month>4</month><day>2</day>"
        "</datecreated><datedue><year>2026</year><month>4</month><day>9</day></datedue>"
        f"<invoiceno>{number}</invoiceno><invoiceitems><lineitem><glaccountno>4000</glaccountno><amount>50.00</amount>"
        "<locationid>E1-10</locationid><taxentries><taxentry><detailid>Sale Standard</detailid><trx_tax>10.00</trx_tax>"
        "</taxentry></taxentries></lineitem></invoiceitems></create_invoice>",
        "E1",
    )


def pay(world: World, number: str, due: str, state: str) -> None:
    """What payments make of an invoice in Intacct: so much is still due of it."""
    (row,) = world.theirs("ARINVOICE", RECORDID=number)
    left = Decimal(due)
    world.sim.modify("ARINVOICE", int(row["RECORDNO"]), TRX_TOTALDUE=left, TOTALDUE=left, STATE=state)


def _head(pattern: host.Paper, number: str) -> dict[str, Any]:
    own = {"company_id": 1, "contact_id": pattern.contact_id, "day": date(2026, 3, 9), "total": Decimal("12.00")}
    return own | {"number": number}
