"""One gateway function per builder: `functions.create("VENDOR", {"NAME": "Pipe & Co"})`.

Each takes `control_id`, the name that its result comes back under; left out, a random one is made. A write that may
have to be repeated should carry a control id derived from the caller's own key, and go out with `unique=True`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from . import legacy
from .errors import RequestError
from .filters import Filter
from .filters import body as filter_body
from .formats import element_name, listed, object_name
from .function import Aggregate, Function, Order

PAGE = 2000
CURSOR_PAGE = 1000
MOST_KEYS = 100


def query(
    object: str,
    fields: Iterable[str | Aggregate],
    *,
    filter: Filter | None = None,
    order: Sequence[Order] = (),
    page_size: int = PAGE,
    offset: int = 0,
    show_private: bool = False,
    case_insensitive: bool = False,
    document_type: str = "",
    control_id: str = "",
) -> Function:
    """The modern read.

    :param fields: Names, dotted paths (`CUSTOMER.NAME`) and aggregates; with aggregates the names are the grouping.
    :param page_size: 1 to 2,000.
    """
    wanted = listed(fields, "fields")
    if not wanted or "*" in wanted:
        raise RequestError("query wants its fields named one by one")
    if not 1 <= page_size <= PAGE or offset < 0:
        raise RequestError(f"a page has 1 to {PAGE} rows and starts at 0 or later")
    select: dict[str, list[str]] = {}
    for item in wanted:
        kind, name = (item.kind, item.field) if isinstance(item, Aggregate) else ("field", item)
        select.setdefault(kind, []).append(element_name(name))
    body: dict[str, Any] = {"object": object_name(object), "select": select, **filter_body(filter)}
    if order:
        body["orderby"] = {
            "order": [
                {"field": element_name(by.field), "descending" if by.descending else "ascending": None} for by in order
            ]
        }
    body["options"] = {"caseinsensitive": case_insensitive, "showprivate": show_private}
    body |= {"pagesize": page_size, "offset": offset} | _of_type(document_type)
    return Function("query", body, control_id)


def read(
    object: str,
    keys: Iterable[object],
    fields: str | Iterable[str] = "*",
    *,
    document_type: str = "",
    control_id: str = "",
) -> Function:
    """Records by record number, owned lines included; at most 100."""
    return _by_keys("read", object, keys, fields, document_type, control_id)


def read_by_name(
    object: str,
    keys: Iterable[object],
    fields: str | Iterable[str] = "*",
    *,
    document_type: str = "",
    control_id: str = "",
) -> Function:
    """Records by their id (`CUSTOMERID`); at most 100. An id with a comma can't be asked for: query it."""
    return _by_keys("readByName", object, keys, fields, document_type, control_id)


def _by_keys(
    name: str, object: str, keys: Iterable[object], fields: str | Iterable[str], document_type: str, control_id: str
) -> Function:
    wanted = listed(keys, "keys")
    if len(wanted) > MOST_KEYS:
        raise RequestError(f"{name} takes 1 to {MOST_KEYS} keys")
    body = {"object": element_name(object), "keys": _keys(object, wanted), "fields": _field_list(fields)}
    return Function(name, body | _of_type(document_type), control_id)


def _keys(object: str, keys: Iterable[object]) -> str:
    wanted = [_key(object, key) for key in listed(keys, "keys")]
    if not wanted:
        raise RequestError(f"no keys of {object} given")
    return ",".join(wanted)


def _key(object: str, key: object) -> str:
    written = str(key).strip() if isinstance(key, str | int) and not isinstance(key, bool) else ""
    if not written or "," in written:
        raise RequestError(f"{key!r} can't be sent as a key of {object}; use a query")
    return written


def _of_type(document_type: str) -> dict[str, str]:
    return {"docparid": document_type} if document_type else {}


def _field_list(fields: str | Iterable[str]) -> str:
    return fields if isinstance(fields, str) else ",".join(element_name(name) for name in fields)


def read_by_query(
    object: str,
    fields: str | Iterable[str] = "*",
    *,
    query: str = "",
    page_size: int = CURSOR_PAGE,
    control_id: str = "",
) -> Function:
    """The older read, with a condition in the manner of SQL and stored codes instead of labels."""
    if not 1 <= page_size <= CURSOR_PAGE:
        raise RequestError(f"a page has 1 to {CURSOR_PAGE} rows")
    body = {"object": element_name(object), "fields": _field_list(fields), "query": query, "pagesize": page_size}
    return Function("readByQuery", body, control_id)


def read_more(result_id: str, *, control_id: str = "") -> Function:
    """The next page of a `readByQuery`."""
    return Function("readMore", {"resultId": result_id}, control_id)


def create(object: str, *rows: Mapping[str, Any], control_id: str = "") -> Function:
    """Create objects. Owned lines may be given as a list: `{"APBILLITEMS": [{...}, {...}]}`."""
    return _write("create", object, rows, control_id)


def update(object: str, *rows: Mapping[str, Any], control_id: str = "") -> Function:
    """Update objects found by `RECORDNO` or id. A field left out stays, None or "" clears it."""
    return _write("update", object, rows, control_id)


def _write(name: str, object: str, rows: Sequence[Mapping[str, Any]], control_id: str) -> Function:
    if not rows:
        raise RequestError(f"nothing to {name}")
    return Function(name, {element_name(object): list(rows)}, control_id)


def delete(object: str, keys: Iterable[object], *, control_id: str = "") -> Function:
    """Delete records by record number."""
    return Function("delete", {"object": element_name(object), "keys": _keys(object, keys)}, control_id)


def legacy_call(
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    key: object = None,
    set_nulls: bool = False,
    external_key: bool = False,
    control_id: str = "",
) -> Function:
    """Any function of :data:`legacy.TABLES`, its elements put in order.

    :param key: The record that an update, a reversal or a deletion is about.
    :param set_nulls: Empty elements of an update clear their fields.
    :param external_key: `key` is the record's external id.
    """
    if name not in legacy.TABLES:
        raise RequestError(f"{name!r} is not among {', '.join(legacy.TABLES)}")
    if legacy.needs_key(name) != (key not in (None, "")):
        raise RequestError(f"{name} {'needs' if legacy.needs_key(name) else 'takes no'} key")
    attributes = {"key": str(key)} if legacy.needs_key(name) else {}
    attributes |= {"set_nulls": "true"} if set_nulls else {}
    attributes |= {"externalkey": "true"} if external_key else {}
    return Function(name, legacy.arrange(name, values or {}), control_id, attributes)


def create_invoice(values: Mapping[str, Any], *, control_id: str = "") -> Function:
    """Create an AR invoice: the only documented way."""
    return legacy_call("create_invoice", values, control_id=control_id)


def reverse_invoice(key: object, on: date, *, description: str = "", control_id: str = "") -> Function:
    """Reverse a posted AR invoice by its record number."""
    return _reverse("reverse_invoice", key, on, description, control_id)


def reverse_bill(key: object, on: date, *, description: str = "", control_id: str = "") -> Function:
    """Reverse a posted AP bill by its record number."""
    return _reverse("reverse_bill", key, on, description, control_id)


def _reverse(name: str, key: object, on: date, description: str, control_id: str) -> Function:
    values: dict[str, Any] = {"datereversed": on}
    if description:
        values["description"] = description
    return legacy_call(name, values, key=key, control_id=control_id)


def lookup(object: str, document_type: str = "", *, control_id: str = "") -> Function:
    """What an object is made of."""
    return Function("lookup", {"object": element_name(object)} | _of_type(document_type), control_id)


def inspect(object: str = "*", detail: bool = False, *, control_id: str = "") -> Function:
    """The list of objects (`*`), or an object's fields."""
    name = object if object == "*" else element_name(object)
    return Function("inspect", {"object": name}, control_id, {"detail": "1"} if detail else {})


def read_related(
    object: str, keys: Iterable[object], relation: str, fields: str | Iterable[str] = "*", *, control_id: str = ""
) -> Function:
    """Records joined to others by a custom relation."""
    body = {"object": element_name(object), "keys": _keys(object, keys), "relation": element_name(relation)}
    return Function("readRelated", body | {"fields": _field_list(fields)}, control_id)


def get_list(
    object: str,
    fields: Iterable[str] = (),
    *,
    start: int = 0,
    most: int = 100,
    show_private: bool = False,
    control_id: str = "",
) -> Function:
    """The oldest read; still the only one for attachments (`supdoc`) and smart event logs."""
    attributes = {"object": element_name(object), "start": str(start), "maxitems": str(most)}
    attributes |= {"showprivate": "true"} if show_private else {}
    wanted = [element_name(name) for name in fields]
    return Function("get_list", {"fields": {"field": wanted}} if wanted else {}, control_id, attributes)


def get(object: str, key: object, *, control_id: str = "") -> Function:
    """One record in the old form: an attachment with its contents."""
    return Function("get", {}, control_id, {"object": element_name(object), "key": _key(object, key)})
