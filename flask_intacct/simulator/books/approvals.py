"""What waits for approval: bills, in as many steps as the company is set to, and payments."""

from __future__ import annotations

from ..errors import refuse
from ..protocol.call import Call
from ..store.values import Row
from . import documents, ledger, payments, periods, rates, settlement
from .details import PaymentKind, document_of
from .draft import ZERO
from .rates import base_part


def approve_bill(call: Call, row: Row, state: str = "") -> Row:
    """Move a submitted bill on: to a state, or by one step, the last of which posts it."""
    company, user = call.company, call.session.user
    if row["STATE"] not in ("Submitted", "Partially Approved"):
        raise refuse("BL03000130", f"A bill in the state {row['STATE']} can't be approved.")
    steps = row.get("APPROVALS", 0) + 1
    state = state or ("Posted" if steps >= company.switches.approval_steps else "Partially Approved")
    if state == "Posted":
        periods.check(company, row["WHENPOSTED"])
    new = _bill(call, row, state, steps)
    if state == "Posted":
        company.adjust_due("VENDOR", row["VENDORID"], row["TOTALENTERED"])
        ledger.post_document(company, "APBILL", new, user)
    return new


def recall_bill(call: Call, row: Row) -> Row:
    """Take back a bill that was submitted and is not yet posted: it is a draft again."""
    if row["STATE"] not in ("Submitted", "Partially Approved"):
        raise refuse("BL03000130", f"A bill in the state {row['STATE']} can't be recalled.")
    return _bill(call, row, "Draft", None)


def _bill(call: Call, row: Row, state: str, steps: int | None) -> Row:
    """Give a bill and its lines another state."""
    store, user = call.company.store, call.session.user
    for item in store["APBILLITEM"].where("RECORDKEY", row["RECORDNO"]):
        call.company.update(store["APBILLITEM"], item, {"STATE": state}, user)
    return call.company.update(store["APBILL"], row, documents.state_fields(state) | {"APPROVALS": steps}, user)


def approve(call: Call, kind: PaymentKind, row: Row) -> None:
    """A payment that was waiting may be carried out, once it was approved as often as the company is set to."""
    _need(row, "Submitted", "Partially Approved")
    steps = row.get("APPROVALS", 0) + 1
    state = "Approved" if steps >= call.company.switches.approval_steps else "Partially Approved"
    payments.turn(call, kind, row, state, APPROVALS=steps)


def decline(call: Call, kind: PaymentKind, row: Row) -> None:
    """A payment that was waiting will not be made; its documents are free again."""
    _need(row, "Submitted", "Partially Approved", "Approved")
    _free(call, kind, row)
    payments.turn(call, kind, row, "Declined")


def confirm(call: Call, kind: PaymentKind, row: Row) -> None:
    """Carry out a payment that was approved."""
    _need(row, "Approved")
    periods.check(call.company, row["WHENCREATED"])
    details = payments.details_of(call, kind, row)
    _free(call, kind, row)
    paid = sum((detail.amount for detail in details), ZERO)
    base = base_part(row["TRX_TOTALENTERED"], row["TOTALENTERED"], paid, rates.of(row))
    row = payments.turn(
        call, kind, row, kind.done, **documents.totals(row["TRX_TOTALENTERED"], paid, row["TOTALENTERED"], base)
    )
    payments.carry_out(call, kind, row, details, row["WHENCREATED"])


def void(call: Call, kind: PaymentKind, row: Row) -> None:
    """Take back a payment that was made, or one that still waits."""
    if row["DISPLAYSTATE"] == kind.done:
        payments.reverse(call, kind, row, call.company.now().date())
        return
    _need(row, "Submitted", "Partially Approved", "Approved")
    _free(call, kind, row)
    payments.turn(call, kind, row, kind.taken_back)


def _need(row: Row, *states: str) -> None:
    if row["DISPLAYSTATE"] not in states:
        raise refuse("BL03000130", f"A payment in the state {row['DISPLAYSTATE']} can't be changed so.")


def _free(call: Call, kind: PaymentKind, row: Row) -> None:
    for detail in payments.details_of(call, kind, row):
        settlement.select(call, document_of(kind, detail), detail.document, -detail.settled)
