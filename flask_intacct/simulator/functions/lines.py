"""Document lines and head fields as requests write them: the legacy form and the generic one."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from ..books.draft import Document, Line, Tax
from ..errors import invalid
from ..protocol.call import Call
from ..protocol.wire import value
from ..protocol.xmltree import Node
from ..store.values import Row, read

_DIMENSIONS = ("PROJECTID", "CUSTOMERID", "VENDORID", "EMPLOYEEID", "ITEMID", "CLASSID", "CONTRACTID")


KEPT = {
    "offsetglaccountno": "OFFSETGLACCOUNTNO",
    "item1099": "FORM1099",
    "form1099type": "FORM1099TYPE",
    "form1099box": "FORM1099BOX",
    "revrectemplate": "REVRECTEMPLATE",
    "defrevaccount": "DEFERREDREVACCTNO",
    "billable": "BILLABLE",
    "partialexempt": "PARTIALEXEMPT",
    "paymenttaxcapture": "PAYMENTTAXCAPTURE",
}
"""Elements of a legacy line that are kept, though nothing is done with them."""


def _amount(node: Node, tag: str) -> Decimal | None:
    found: Decimal | None = value(node, tag, "D")
    return found


def legacy_line(node: Node, fields: Collection[str]) -> Line:
    """A `lineitem`; what else it says is kept where the object has a field for it."""
    if node.get("allocationid"):
        raise invalid("Allocations are not simulated.")
    entries = node.find("taxentries")
    taxes = [Tax(one.get("detailid"), _amount(one, "trx_tax")) for one in entries or ()]
    other: Row = {name: text for name in _DIMENSIONS if (text := node.get(name.lower()))}
    other |= {name: text for tag, name in KEPT.items() if name in fields and (text := node.get(tag))}
    return Line(
        account=node.get("glaccountno"),
        label=node.get("accountlabel"),
        amount=_amount(node, "amount"),
        gross=_amount(node, "totaltrxamount"),
        memo=node.get("memo"),
        location=node.get("locationid"),
        department=node.get("departmentid"),
        other=other | custom_fields(node),
        taxes=taxes,
    )


def custom_fields(node: Node) -> Row:
    """Legacy custom fields, by their ids."""
    holder = node.find("customfields")
    return {one.get("customfieldname").upper(): one.get("customfieldvalue") for one in holder or ()}


def read_lines(document: Document, holder: Node | None, call: Call) -> None:
    """Read the lines of a legacy document; custom fields may name the user-defined dimension."""
    fields = call.company.store[document.kind.item].fields
    document.lines = [legacy_line(child, fields) for child in holder or ()]
    for line in document.lines:
        _type_other(line, fields)


def negate(document: Document) -> None:
    """Turn the sign of every amount of a document."""
    for line in document.lines:
        line.amount = None if line.amount is None else -line.amount
        line.gross = None if line.gross is None else -line.gross
        for tax in line.taxes:
            tax.amount = None if tax.amount is None else -tax.amount


def _type_other(line: Line, fields: Any) -> None:
    for name, text in list(line.other.items()):
        if name not in fields:
            raise invalid(f"The field {name} does not exist on lines.")
        if isinstance(text, str):
            try:
                line.other[name] = read(text, fields[name].kind)
            except ValueError:
                raise invalid(f"Invalid value '{text[:40]}' for {name}.") from None


_TAKEN = frozenset(
    ("ACCOUNTNO", "ACCOUNTLABEL", "TRX_AMOUNT", "AMOUNT", "TOTALTRXAMOUNT", "ENTRYDESCRIPTION", "LOCATIONID")
) | {"DEPARTMENTID", "TAXENTRIES", "LINE_NO", "RECORDNO"}


def generic_line(call: Call, document: Document, node: Node) -> Line:
    """An `APBILLITEM` or the like; its elements come in any order."""
    fields = call.company.store[document.kind.item].fields
    upper = Node(node.tag.upper(), {}, node.line, node.column, "", [])
    upper.children = [Node(c.tag.upper(), c.attrs, c.line, c.column, c.text, c.children) for c in node]
    other: Row = {}
    for child in upper:
        if child.tag in _TAKEN:
            continue
        if child.tag not in fields:
            raise invalid(f"The field {child.tag} does not exist on {document.kind.item}.")
        if child.tag.startswith("ALLOCATION") and child.text:
            raise invalid("Allocations are not simulated.")
        other[child.tag] = child.text
    entries = upper.find("TAXENTRIES")
    taxes = [Tax(one.get("DETAILID"), _amount(one, "TRX_TAX")) for one in entries or () if one.tag == "TAXENTRY"]
    amount = _amount(upper, "TRX_AMOUNT")
    line = Line(
        account=upper.get("ACCOUNTNO"),
        label=upper.get("ACCOUNTLABEL"),
        amount=_amount(upper, "AMOUNT") if amount is None else amount,
        gross=_amount(upper, "TOTALTRXAMOUNT"),
        memo=upper.get("ENTRYDESCRIPTION"),
        location=upper.get("LOCATIONID"),
        department=upper.get("DEPARTMENTID"),
        other={name: text for name, text in other.items() if text},
        taxes=taxes,
    )
    _type_other(line, fields)
    return line
