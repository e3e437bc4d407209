"""`readByQuery` and `readMore`: the old read, with conditions as text and a cursor on the server."""

from __future__ import annotations

import secrets
from datetime import timedelta
from xml.sax.saxutils import quoteattr

from ..company import Cursor
from ..errors import query_failed, refuse
from ..protocol import filters, sqltext
from ..protocol.call import Call
from ..protocol.reply import flat_record, record
from ..protocol.select import Selection, check_fields, resolver
from ..store.values import xml_name
from .query import find_table, not_yet_visible, number
from .read import is_list, wanted_fields

LARGEST_PAGE = 1000


def read_by_query(call: Call) -> str:
    """The first page, and the id of the cursor for the rest."""
    node, company = call.node, call.company
    table = find_table(call, node.get("object"))
    call.need("READ_BY_QUERY", table.spec.name)
    names = wanted_fields(call, table, node.get("fields"))
    condition = sqltext.condition(node.get("query"), table)
    limit, condition = _row_limit(condition)
    asked = set() if condition is None else filters.fields_of(condition)
    if any("." in name and name not in table.fields for name in asked):
        raise query_failed("The condition of readByQuery looks at no other objects.")
    check_fields(table, company.store, {*names, *asked}, call.hidden(table) if is_list(node.get("fields")) else ())
    condition = not_yet_visible(call, table, condition)
    size = number(call, "pagesize", 100, 1, LARGEST_PAGE)
    keys = Selection(company.store, table, condition, (), call.level()).keys(0, limit)
    life = timedelta(seconds=company.switches.cursor_seconds)
    flat = is_list(node.get("fields")) or company.switches.star_flat
    cursor = Cursor(call.session.id, table, names, keys, size, flat, company.now() + life if life else None)
    identity = ""
    if len(keys) > size:
        identity = secrets.token_hex(12)
        company.cursors[identity] = cursor
    return _page(call, cursor, identity)


def _row_limit(condition: filters.Condition | None) -> tuple[int | None, filters.Condition | None]:
    """`rownum` bounds the number of rows, and is no field."""
    if condition is None:
        return None, None
    parts = condition[1] if condition[0] == "and" else (condition,)
    limit, rest = None, []
    for part in parts:
        if part[0] in ("lessthan", "lessthanorequalto") and part[1] == "ROWNUM":
            if not part[2][0].isdigit():
                raise query_failed("rownum needs a whole number.")
            limit = max(0, int(part[2][0]) - (part[0] == "lessthan"))
        else:
            rest.append(part)
    if not rest:
        return limit, None
    return limit, rest[0] if len(rest) == 1 else ("and", tuple(rest))


def read_more(call: Call) -> str:
    """The next page of a cursor; the last one repeats the id."""
    identity = call.node.get("resultId") or _latest(call)
    company, cursor = call.company, call.company.cursors.get(identity)
    gone = cursor is None or (cursor.ends is not None and company.now() >= cursor.ends)
    foreign = cursor is not None and company.switches.cursors_bound and cursor.session != call.session.id
    if cursor is None or gone or foreign or cursor.done >= len(cursor.keys):
        raise refuse("readMore failed", f"Attempt to readMore with an invalid or expired resultId: {identity}")
    return _page(call, cursor, identity)


def _latest(call: Call) -> str:
    """The last cursor of this session on an object, which is the other way to name it."""
    name = call.node.get("object").upper()
    mine = [
        identity
        for identity, cursor in call.company.cursors.items()
        if cursor.session == call.session.id and cursor.table.spec.name == name and cursor.done < len(cursor.keys)
    ]
    return mine[-1] if mine else ""


def _page(call: Call, cursor: Cursor, identity: str) -> str:
    table = cursor.table
    find = resolver(call.company.store, table)
    keys = cursor.keys[cursor.done : cursor.done + cursor.size]
    cursor.done += len(keys)
    kind = table.spec.name.lower()
    tag = xml_name(kind)
    getters = [(table.tag(name), find(name)[1]) for name in cursor.fields]
    rows = [row for key in keys if (row := table.get(key)) is not None]
    write = flat_record if cursor.flat else record
    names = [name for name, _ in getters]
    body = "".join(write(tag, {name: get(row) for name, get in getters}, names) for row in rows)
    left = len(cursor.keys) - cursor.done
    return (
        f"<data listtype={quoteattr(kind)}"
        f' count="{len(rows)}" totalcount="{len(cursor.keys)}"'
        f' numremaining="{left}" resultId="{identity}">{body}</data>'
    )
