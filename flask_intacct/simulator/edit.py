"""Changing the lines of a document: read back as it was asked for, changed, checked and written again."""

from __future__ import annotations

from . import documents, ledger, taxes
from .call import Call
from .draft import KINDS, ZERO, Document, Line, Tax
from .errors import refuse
from .values import Row

_DIMENSIONS = ("PROJECTID", "CUSTOMERID", "VENDORID", "EMPLOYEEID", "ITEMID", "CLASSID", "CONTRACTID")
OPEN = ("Draft", "Submitted", "Declined", "Posted")
"""States in which lines may still be changed."""


def load(call: Call, name: str, row: Row) -> tuple[Document, list[int]]:
    """The document behind a header, and the record numbers of its lines."""
    store, kind = call.company.store, KINDS[name]
    if row["STATE"] not in OPEN:
        raise refuse("BL03000130", f"The lines of a document in the state {row['STATE']} can't be changed.")
    document = Document(
        kind,
        row[kind.party_id],
        row["WHENCREATED"],
        row.get("WHENDUE"),
        row.get("WHENPOSTED"),
        row["RECORDID"],
        "Draft" if row["STATE"] == "Draft" else "Submit",
        row.get("CURRENCY", ""),
        entity=row.get("MEGAENTITYID", ""),
    )
    fields = store[kind.item].fields
    kept = {*_DIMENSIONS, call.company.udd_field, *(field.id for field in fields.values() if field.custom)}
    lines, keys = [], []
    for item in store[kind.item].where("RECORDKEY", row["RECORDNO"]):
        line = Line(item["ACCOUNTNO"], amount=item["TRX_AMOUNT"], memo=item.get("ENTRYDESCRIPTION", ""))
        line.location, line.department = item.get("LOCATIONID", ""), item.get("DEPARTMENTID", "")
        line.other = {key: value for key, value in item.items() if key in kept}
        records = store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"]))
        line.taxes = [Tax(tax["TAXCODE"], tax["TRXTAXAMOUNT"]) for tax in records]
        lines.append(line)
        keys.append(item["RECORDNO"])
    document.lines = lines
    return document, keys


def merge(old: Line, new: Line) -> Line:
    """A line with what a request gives of it; a new amount without tax entries has its tax computed again."""
    merged = Line(new.account or old.account, new.label or old.label)
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
    total = sum((one["TRX_AMOUNT"] for one in rows), ZERO)
    total += sum((tax["TRXTAXAMOUNT"] for entry in computed for tax in entry), ZERO)
    if row["STATE"] == "Posted":
        company.adjust_due(kind.party, row[kind.party_id], total - row["TRX_TOTALENTERED"])
    header = company.update(store[kind.name], row, changes | documents.totals(total, ZERO), user)
    documents.add_lines(company, document, header, rows, computed, user)
    if row["STATE"] == "Posted":
        ledger.post_document(company, kind.name, header, user, before)
    return header
