"""The old lower-case functions, whose elements have one fixed order (the vendor's XSD 3.0).

Callers give a mapping in any order; the tables below put it right. A name that a function does not have is refused
with the nearest ones, for the gateway would refuse the whole request with a line and column number.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .errors import RequestError
from .formats import to_text

Shape = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One function's elements in order.

    :param shape: Name to the form of its value: "" text, or one of :data:`FORMS`.
    :param required: Names that must be given.
    :param any_of: Groups of which at least one must be given.
    :param not_both: Groups of which at most one may be given.
    :param needs: A name, and those of which one must stand with it.
    :param empty: Names that stand there without a value where none is given.
    """

    shape: Shape
    required: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    not_both: tuple[tuple[str, ...], ...] = ()
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    empty: tuple[str, ...] = ()


def _shape(words: str) -> Shape:
    return {name: form for name, _, form in (word.partition(":") for word in words.split())}


_CURRENCY = "basecurr currency exchratedate:date exchratetype exchrate"
_ONE_RATE = (("exchrate", "exchratetype"), ("exchrate", "exchratedate"))
_RATED = (
    ("basecurr", ("currency",)),
    ("currency", ("exchratetype", "exchrate")),
    ("exchratedate", ("exchratetype",)),
    ("exchratetype", ("currency",)),
    ("exchrate", ("currency",)),
)
_DIMENSIONS = (("taskid", ("projectid",)), ("costtypeid", ("taskid",)))
_LINE = Table(
    _shape(
        "glaccountno accountlabel offsetglaccountno amount allocationid memo locationid departmentid item1099 "
        "form1099type form1099box key totalpaid totaldue customfields:custom revrectemplate defrevaccount "
        "revrecstartdate:date revrecenddate:date projectid taskid costtypeid customerid vendorid employeeid itemid "
        "classid contractid warehouseid billable totaltrxamount partialexempt paymenttaxcapture taxentries:taxes"
    ),
    required=("amount",),
    any_of=(("glaccountno", "accountlabel"),),
    not_both=(("glaccountno", "accountlabel"),),
    needs=_DIMENSIONS,
)
_BILL_LINE = replace(_LINE, required=(), any_of=(*_LINE.any_of, ("amount", "totaltrxamount")))
_CHANGED_LINE = replace(_LINE, shape={"line_num": "", **_LINE.shape}, required=(), any_of=())
_TAX = Table(_shape("detailid trx_tax"), required=("detailid",))
_MOST_TAXES = 2
_APPLIED = Table(_shape("invoicekey amount"), required=("invoicekey", "amount"))
_ATTACHMENT = Table(
    _shape("attachmentname attachmenttype attachmentdata"),
    required=("attachmentname", "attachmenttype", "attachmentdata"),
)

# form: (element of each item, its table). "date", "contact", "custom", "changes", "payments" are built in.
LISTS: dict[str, tuple[str, Table]] = {
    "lines": ("lineitem", _LINE),
    "billlines": ("lineitem", _BILL_LINE),
    "taxes": ("taxentry", _TAX),
    "applied": ("arpaymentitem", _APPLIED),
    "attachments": ("attachment", _ATTACHMENT),
}

_REPEATED = frozenset({"custom", "changes", "payments", *LISTS})  # whose elements the schema wants once at least
_MONEY = frozenset(_shape(_CURRENCY))

_REVERSAL = Table(_shape("datereversed:date description"), required=("datereversed",))

TABLES: dict[str, Table] = {
    "create_invoice": Table(
        _shape(
            "customerid datecreated:date dateposted:date datedue:date termname batchkey action invoiceno ponumber "
            f"description externalid billto:contact shipto:contact {_CURRENCY} nogl supdocid customfields:custom "
            "taxsolutionid invoiceitems:lines"
        ),
        required=("customerid", "datecreated", "invoiceitems"),
        any_of=(("datedue", "termname"),),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "update_invoice": Table(
        _shape(
            "customerid datecreated:date dateposted:date datedue:date termname action invoiceno ponumber description "
            f"payto:contact returnto:contact {_CURRENCY} supdocid customfields:custom updateinvoiceitems:changes"
        ),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "create_bill": Table(
        _shape(
            "vendorid datecreated:date dateposted:date datedue:date termname action batchkey billno ponumber onhold "
            f"description externalid payto:contact returnto:contact {_CURRENCY} nogl supdocid customfields:custom "
            "inclusivetax taxsolutionid billitems:billlines"
        ),
        required=("vendorid", "datecreated", "billitems"),
        any_of=(("datedue", "termname"),),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "create_aradjustment": Table(
        _shape(
            "customerid datecreated:date dateposted:date batchkey adjustmentno action invoiceno description "
            f"externalid {_CURRENCY} nogl taxsolutionid aradjustmentitems:lines"
        ),
        required=("customerid", "datecreated", "aradjustmentitems"),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "create_apadjustment": Table(
        _shape(
            "vendorid datecreated:date dateposted:date batchkey adjustmentno action billno description externalid "
            f"{_CURRENCY} nogl customfields:custom inclusivetax taxsolutionid apadjustmentitems:billlines"
        ),
        required=("vendorid", "datecreated", "apadjustmentitems"),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "update_aradjustment": Table(
        _shape(
            "customerid datecreated:date dateposted:date adjustmentno action invoiceno description "
            f"{_CURRENCY} updatearadjustmentitems:changes"
        ),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "update_apadjustment": Table(
        _shape(
            "vendorid datecreated:date dateposted:date adjustmentno action billno description "
            f"{_CURRENCY} inclusivetax updateapadjustmentitems:changes"
        ),
        not_both=_ONE_RATE,
        needs=_RATED,
    ),
    "reverse_invoice": _REVERSAL,
    "reverse_bill": _REVERSAL,
    "reverse_appayment": _REVERSAL,
    "reverse_arpayment": Table(_shape("datereversed:date description nsfclosedaccount"), required=("datereversed",)),
    "create_arpayment": Table(
        _shape(
            "customerid paymentamount translatedamount batchkey bankaccountid undepfundsacct refid overpaylocid "
            f"overpaydeptid datereceived:date paymentmethod {_CURRENCY} cctype authcode arpaymentitem:payments"
        ),
        required=("customerid", "paymentamount"),
        not_both=(("batchkey", "bankaccountid", "undepfundsacct"), *_ONE_RATE),
        needs=_RATED,
    ),
    "apply_arpayment": Table(
        _shape("arpaymentkey paymentdate:date batchkey memo overpaylocid overpaydeptid arpaymentitems:applied"),
        required=("arpaymentkey", "paymentdate"),
    ),
    "create_supdoc": Table(
        _shape("supdocid supdocname supdocfoldername supdocdescription attachments:attachments"),
        empty=("supdocid",),
    ),
    "delete_invoice": Table({}),
    "delete_bill": Table({}),
    "delete_aradjustment": Table({}),
    "delete_apadjustment": Table({}),
    "delete_supdoc": Table({}),
}


def needs_key(function: str) -> bool:
    """Does the function act on a record that is there already?"""
    return function.startswith(("update_", "reverse_", "delete_"))


def arrange(function: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The function's children in the order that the gateway wants.

    :raises RequestError: for an unknown or missing name, or two that exclude each other.
    """
    return _arrange(function, TABLES[function], values, clears=function.startswith("update_"))


def _arrange(where: str, table: Table, values: Mapping[str, Any], *, clears: bool = False) -> dict[str, Any]:
    """
    :param clears: None empties a field; otherwise there is nothing to empty, and it is left out.
    """
    for name in values:
        if name not in table.shape:
            near = difflib.get_close_matches(str(name).lower(), table.shape, n=3, cutoff=0.5)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise RequestError(f"{where} has no {name!r}{hint}")
    for name in table.required:
        if values.get(name) in (None, "", [], ()):
            raise RequestError(f"{where} needs {name}")
    for group in table.any_of:
        if all(values.get(name) in (None, "") for name in group):
            raise RequestError(f"{where} needs {' or '.join(group)}")
    for group in table.not_both:
        if sum(values.get(name) is not None for name in group) > 1:
            raise RequestError(f"{where} takes only one of {', '.join(group)}")
    for name, others in table.needs:
        if values.get(name) is not None and all(values.get(other) is None for other in others):
            raise RequestError(f"{where}: {name} needs {' or '.join(others)}")
    tied = {name for group in table.not_both for name in group} | _MONEY  # an empty one would stand beside the other
    arranged: dict[str, Any] = {}
    for name, form in table.shape.items():
        if name in table.empty and values.get(name) is None:
            arranged[name] = None
            continue
        if name not in values or (values[name] is None and (not clears or name in tied)):
            continue
        if form in _REPEATED and not values[name]:
            continue
        arranged |= _element(f"{where}/{name}", name, form, values[name])
    return arranged


def _element(where: str, name: str, form: str, value: Any) -> dict[str, Any]:
    if not form:
        return {name: to_text(value)}
    if form == "date":
        return {name: to_legacy_date(where, value)}
    if form == "contact":
        return {name: {"contactname": to_text(value)}}
    if form == "custom":
        return {name: {"customfield": _custom(where, value)}}
    if form == "changes":
        return {name: _changes(where, value)}
    if form == "payments":  # repeated without an element around them
        return {name: [_arrange(where, _APPLIED, item) for item in _items(where, value)]}
    child, table = LISTS[form]
    items = [_arrange(where, table, item) for item in _items(where, value)]
    if form == "taxes" and len(items) > _MOST_TAXES:
        raise RequestError(f"{where} takes at most {_MOST_TAXES}")
    return {name: {child: items}}


def to_legacy_date(where: str, value: Any) -> dict[str, str]:
    """A date in the three elements of the old functions."""
    if not isinstance(value, date):
        raise RequestError(f"{where} must be a date")
    return {"year": f"{value.year:04}", "month": f"{value.month:02}", "day": f"{value.day:02}"}


def _custom(where: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, Mapping):
        raise RequestError(f"{where} must be a mapping of field to value")
    return [{"customfieldname": to_text(name), "customfieldvalue": to_text(v)} for name, v in value.items()]


def _changes(where: str, value: Any) -> dict[str, Any]:
    """Lines of an update: with `line_num` (counted from 1) an existing one is changed, without it one is added."""
    changed: dict[str, Any] = {}
    for item in _items(where, value):
        if item.get("line_num") is None:
            changed.setdefault("lineitem", []).append(_arrange(where, _LINE, item))
        else:
            inside = _arrange(where, _CHANGED_LINE, item, clears=True)
            changed.setdefault("updatelineitem", []).append({"@line_num": inside.pop("line_num"), **inside})
    return changed


def _items(where: str, value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
        raise RequestError(f"{where} must be a list of mappings")
    return value
