"""Taking documents back: reversal of posted ones, deletion of drafts and unpaid ones."""

from __future__ import annotations

from datetime import date

from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.wire import legacy_date
from ..store.values import Row
from . import documents, ledger, numbering, periods
from .draft import KINDS, TOUCHED, ZERO


def _negated(row: Row, names: tuple[str, ...]) -> Row:
    return {name: -row[name] for name in names if row.get(name)}


def reverse(call: Call, name: str) -> Row:
    """Reverse a posted document: it becomes Reversed, and a new one with negative amounts is a Reversal."""
    company, kind = call.company, KINDS[name]
    call.need("REVERSE", name)
    row = documents.find(call, name, call.node.attrs.get("key", ""), call.node.attrs.get("externalkey") == "true")
    dated = legacy_date(call.node, "datereversed")
    if dated is None:
        raise invalid("The date of the reversal is missing.")
    if row["STATE"] != "Posted":
        reason = "Reverse its payments first." if "Paid" in row["STATE"] else ""
        raise refuse("BL03000130", f"A document in the state {row['STATE']} can't be reversed.", reason)
    periods.check(company, dated)
    total = row["TOTALENTERED"]
    mirror = _mirror(call, kind.name, row, dated)
    table = company.store[name]
    done = documents.state_fields("Reversed") | {"TOTALDUE": ZERO, "TRX_TOTALDUE": ZERO}
    stamped = company.switches.payments_stamp
    company.update(table, row, done, call.session.user, stamped)
    for item in company.store[kind.item].where("RECORDKEY", row["RECORDNO"]):
        company.update(company.store[kind.item], item, {"STATE": "Reversed"}, call.session.user, stamped)
    company.adjust_due(kind.party, row[kind.party_id], -total)
    call.wrote(name)
    return mirror


def _mirror(call: Call, name: str, row: Row, dated: date) -> Row:
    """The Reversal of a document, with its lines and tax records."""
    company, kind = call.company, KINDS[name]
    store, user = company.store, call.session.user
    dropped = {"RECORDNO", "AUWHENCREATED", "WHENMODIFIED", "CREATEDBY", "MODIFIEDBY", "DOCNUMBER", "WHENPAID"}
    dropped |= {"EXTERNALID", TOUCHED}
    head = {key: value for key, value in row.items() if key not in dropped}
    given = call.node.get("description")
    if company.switches.reversal_names_original:
        given = given or f"Reversal of {row['RECORDID']}"
    head |= {"WHENCREATED": dated, "WHENPOSTED": dated, "DESCRIPTION": given}
    numbered = name == "APBILL" or company.switches.reversals_numbered
    head["RECORDID"] = f"Reversed - {row['RECORDID']}" if numbered else numbering.issue(company, name)
    head |= documents.totals(-row["TRX_TOTALENTERED"], ZERO, -row["TOTALENTERED"], ZERO)
    head |= documents.state_fields("Reversal")
    head |= {"TOTALDUE": ZERO, "TRX_TOTALDUE": ZERO}
    mirror = company.insert(store[name], head, user, row.get("MEGAENTITYID", ""))
    for item in store[kind.item].where("RECORDKEY", row["RECORDNO"]):
        new = {key: value for key, value in item.items() if key not in dropped}
        new |= _negated(item, ("AMOUNT", "TRX_AMOUNT"))
        new |= {"RECORDKEY": mirror["RECORDNO"], "RECORDID": mirror["RECORDID"], "STATE": "Reversal"}
        line = company.insert(store[kind.item], new | {"ENTRY_DATE": dated}, user)
        for tax in store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"])):
            copy = {key: value for key, value in tax.items() if key not in dropped}
            copy |= _negated(tax, ("TRXTAXAMOUNT", "TAXAMOUNT", "TRXSOURCEAMOUNT", "SOURCEAMOUNT"))
            copy |= {"PRRECORDKEY": str(mirror["RECORDNO"]), "SOURCEPRENTRYKEY": str(line["RECORDNO"])}
            copy |= {"ENTRY_DATE": dated, "TRANSACTIONID": mirror["RECORDID"], "ISREVERSE": True}
            company.insert(store["TAXRECORD"], copy, user)
    ledger.post_document(company, name, mirror, user)
    return mirror


def delete(call: Call, name: str, key: str) -> None:
    """Delete a draft or an unpaid document with everything below it."""
    company, kind = call.company, KINDS[name]
    call.need("DELETE", name)
    row = documents.find(call, name, key, call.node.attrs.get("externalkey") == "true")
    if row["STATE"] not in ("Draft", "Posted", "Submitted", "Declined"):
        raise refuse("BL03000130", f"A document in the state {row['STATE']} can't be deleted.")
    if row["STATE"] == "Posted" and not company.switches.delete_posted:
        raise refuse("BL03000130", "Posted documents can't be deleted.", "Reverse it.")
    if row["STATE"] == "Posted":
        periods.check(company, row["WHENPOSTED"])
        company.adjust_due(kind.party, row[kind.party_id], -row["TOTALENTERED"])
        entries = ledger.negated(ledger.document_entries(company, kind, row))
        ledger.post(company, row, f"{name} {row['RECORDID']} deleted", row["WHENPOSTED"], entries, call.session.user)
    remove_lines(call, row, name)
    company.delete(company.store[name], row, call.session.user)
    call.wrote(name)


def remove_lines(call: Call, row: Row, name: str) -> None:
    """Remove the lines and tax records below a header."""
    store, kind, user = call.company.store, KINDS[name], call.session.user
    for tax in store["TAXRECORD"].where("PRRECORDKEY", str(row["RECORDNO"])):
        call.company.delete(store["TAXRECORD"], tax, user)
    for item in store[kind.item].where("RECORDKEY", row["RECORDNO"]):
        call.company.delete(store[kind.item], item, user)
