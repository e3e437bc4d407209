"""The generic `create`, `update` and `delete`: objects in order, those before a failing one stay written."""

from __future__ import annotations

from collections.abc import Callable

from ..books import masters, reversal
from ..books.details import PAYMENTS
from ..books.draft import KINDS
from ..books.payments import delete as delete_payment
from ..errors import FunctionRefusal, Refusal, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.xmltree import Node, upper
from ..store.tables import Table
from ..store.values import Row, xml_name
from . import advances, bills, payments


def _table(call: Call, name: str, operation: str) -> Table:
    table = call.table(name)
    if table is None:
        raise refuse("XXX", f"Object definition {name} not found")
    if not table.spec.generic and (operation, table.spec.name) != ("UPDATE", "TAXRECORD"):
        raise refuse(
            "DL02000001",
            f"API operation '{operation}' cannot be performed on objects of type {table.spec.name}",
        )
    call.need(operation, table.spec.name)
    return table


def _written(table: Table, row: Row) -> str:
    tag, key = xml_name(table.spec.name.lower()), element(table.tag(table.spec.key), row["RECORDNO"])
    named = "" if table.spec.custom or table.spec.id == "RECORDNO" else element(table.spec.id, row.get(table.spec.id))
    return f"<{tag}>{key}{named}</{tag}>"


def _data(done: list[str]) -> str:
    return f'<data listtype="objects" count="{len(done)}">{"".join(done)}</data>'


def _each(call: Call, work: Callable[[Node], tuple[Table, Row]]) -> str:
    """Do the objects in order; a refusal undoes its own object only and tells what was written before."""
    done: list[str] = []
    store = call.company.store
    if not call.node.children:
        raise refuse("DL02000001", f"There is nothing to {call.node.tag}.")
    for child in call.node:
        mark = store.begin()
        try:
            table, row = work(upper(child))
        except Refusal as error:
            store.rollback(mark)
            raise FunctionRefusal(*error.errors, data=_data(done)) from None
        call.wrote(table.spec.name)
        done.append(_written(table, row))
    return _data(done)


def create(call: Call) -> str:
    def one(node: Node) -> tuple[Table, Row]:
        table = _table(call, node.tag, "CREATE")
        if table.spec.name == "APBILL":
            return table, bills.create_object(call, node)
        if table.spec.name in PAYMENTS:
            return table, payments.create(call, table, node)
        if table.spec.name == "ARADVANCE":
            return table, advances.create(call, table, node)
        return table, masters.create(call, table, node)

    return _each(call, one)


def update(call: Call) -> str:
    def one(node: Node) -> tuple[Table, Row]:
        table = _table(call, node.tag, "UPDATE")
        row = masters.existing(call, table, node)
        if table.spec.name == "APBILL":
            return table, bills.update_object(call, row, node)
        if table.spec.name in PAYMENTS:
            return table, payments.update(call, table, row, node)
        if table.spec.name == "ARADVANCE":
            raise refuse("BL03000130", "A posted advance can't be changed.")
        if table.spec.name == "TAXRECORD":
            masters.check_own_fields(table, node)
        return table, masters.update(call, table, row, node)

    return _each(call, one)


def delete(call: Call) -> str:
    """Delete by RECORDNO; a success has no data."""
    name = call.node.get("object").upper()
    if name in KINDS:
        for key in _keys(call):
            reversal.delete(call, name, key)
        return ""
    table = _table(call, name, "DELETE")
    for key in _keys(call):
        row = table.keyed(key)
        if row is None or not call.sees(table, row):
            raise refuse("BL01001973", f"Cannot find {table.spec.name.lower()} with key '{key}' to delete.")
        if table.spec.name in PAYMENTS:
            delete_payment(call, PAYMENTS[table.spec.name], row)
        elif table.spec.name == "ARADVANCE":
            raise refuse("BL03000130", "A posted advance can't be deleted.")
        else:
            masters.check_unused(call, table, row)
            call.company.delete(table, row, call.session.user)
        call.wrote(table.spec.name)
    return ""


def _keys(call: Call) -> list[str]:
    keys = [key.strip() for key in call.node.get("keys").split(",") if key.strip()]
    if not keys:
        raise refuse("DL02000001", "No keys were given.")
    return keys
