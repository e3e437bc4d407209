"""Changing the lines of a document: read back as it was asked for, changed, checked and written again."""

from __future__ import annotations

from ..errors import refuse
from ..protocol.call import Call
from ..store.values import Row
from . import documents, ledger, taxes
from .draft import KINDS, TOUCHED, ZERO, Document, Line, Tax

_DIMENSIONS = ("PROJECTID", "CUSTOMERID", "VENDORID", "EMPLOYEEID", "ITEMID", "CLASSID", "CONTRACTID")
KEPT = {"OFFSETGLACCOUNTNO", "FORM1099", "FORM1099TYPE", "FORM1099BOX", "REVRECTEMPLATE", "DEFERREDREVACCTNO"} | {
    "BILLABLE",
    "PARTIALEXEMPT",
    "PAYMENTTAXCAPTURE",
}
OPEN = ("Draft", "Submitted", "Declined", "Posted")
"""States in which lines may still be changed."""


def load(call: Call, name: str, row: Row) -> tuple[Document, list[int]]:
    """The document behind a header, and the record numbers of its lines."""
    store, kind = call.company.store, KINDS[name]
    if row["STATE"] not in OPEN:
        raise refuse("BL03000130", f"The lines of a document in the state {row['STATE']} can't be changed.")
    if row.get(TOUCHED):
        raise refuse("BL03000130", f"The lines of {row['RECORDID']} can't be changed, as a payment has touched it.")
    document = Document(
        kind,
        row.get(kind.party_id, ""),
        row.get("WHENCREATED"),
        row.get("WHENDUE"),
        row.get("WHENPOSTED"),
        row["RECORDID"],
        "Draft" if row["STATE"] == "Draft" else "Submit",
        row.get("CURRENCY", ""),
        entity=row.get("MEGAENTITYID", ""),
        given_rate=row.get("EXCHANGE_RATE"),
    )
    document.head = {name: row[name] for name in ("TAXSOLUTIONID",) if row.get(name)}
    fields = store[kind.item].fields
    kept = {*_DIMENSIONS, *KEPT, call.company.udd_field, *(field.id for field in fields.values() if field.custom)}
    lines, keys = [], []
    for item in store[kind.item].where("RECORDKEY", row["RECORDNO"]):
        line = Line(
            item["ACCOUNTNO"],
            item.get("ACCOUNTLABEL", ""),
            amount=item["TRX_AMOUNT"],
            memo=item.get("ENTRYDESCRIPTION", ""),
        )
        line.location, line.department = item.get("LOCATIONID", ""), item.get("DEPARTMENTID", "")
        line.other = {key: value for key, value in item.items() if key in kept}
        records = store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"]))
        line.taxes = [Tax(tax["TAXCODE"], tax["TRXTAXAMOUNT"]) for tax in records]
        lines.append(line)
        keys.append(item["RECORDNO"])
    document.lines = lines
    return document, keys


def submit(call: Call, name: str, row: Row) -> Row:
    """Hand in a draft, or a bill that was declined: it is checked as a whole, then posted, or waits for approval."""
    company, user = call.company, call.session.user
    document, _ = load(call, name, row)
    document.action = "Submit"
    documents.check(company, document, new=False)
    waits = name == "APBILL" and company.switches.bill_approval
    changes = documents.state_fields("Submitted" if waits else "Posted") | {"APPROVALS": None}
    changes["WHENPOSTED"] = document.posted or document.dated
    new = company.update(company.store[name], row, changes, user)
    _turn_lines(call, name, new)
    if not waits:
        company.adjust_due(KINDS[name].party, row[KINDS[name].party_id], row["TOTALENTERED"])
        ledger.post_document(company, name, new, user)
    return new


def _turn_lines(call: Call, name: str, header: Row) -> None:
    """Give the lines of a document its state."""
    table = call.company.store[KINDS[name].item]
    for item in table.where("RECORDKEY", header["RECORDNO"]):
        call.company.update(table, item, {"STATE": header["STATE"]}, call.session.user)


def merge(old: Line, new: Line) -> Line:
    """A line with what a request gives of it; a new amount without tax entries has its tax computed again."""
    merged = Line(new.account or old.account, new.label or ("" if new.account else old.label))
    merged.amount = old.amount if new.amount is None else new.amount
    merged.memo, merged.location = new.memo or old.memo, new.location or old.location
    merged.department, merged.other = new.department or old.department, old.other | new.other
    merged.taxes = new.taxes or (old.taxes if new.amount is None else [Tax(tax.detail) for tax in old.taxes])
    return merged


def save(call: Call, document: Document, row: Row, keys: list[int], changes: Row) -> Row:
    """Check and write the changed document; lines keep their record numbers, new ones come last."""
    company, kind = call.company, document.kind
    store, user = company.store, call.session.user
    documents.check(company, document, new=False)
    before = ledger.document_entries(company, kind, row)
    for tax in store["TAXRECORD"].where("PRRECORDKEY", str(row["RECORDNO"])):
        company.delete(store["TAXRECORD"], tax, user)
    rows = documents.line_rows(company, document)
    for key, line in zip(keys, rows, strict=False):
        line["RECORDNO"] = key
    computed = [taxes.entries(company, line, one) for line, one in zip(document.lines, rows, strict=True)]
    total, base = documents.sums(rows, computed)
    if row["STATE"] == "Posted":
        company.adjust_due(kind.party, row[kind.party_id], base - row["TOTALENTERED"])
    header = company.update(store[kind.name], row, changes | documents.totals(total, ZERO, base, ZERO), user)
    documents.add_lines(company, document, header, rows, computed, user)
    if row["STATE"] == "Posted":
        ledger.post_document(company, kind.name, header, user, before)
    return header
