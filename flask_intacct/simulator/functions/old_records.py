"""The old functions on masters: deletion by the id that people use, and a contact's creation."""

from __future__ import annotations

from ..books import masters
from ..errors import refuse
from ..protocol.call import Call
from ..protocol.reply import element

DELETED = {
    "delete_customer": ("CUSTOMER", "customerid"),
    "delete_vendor": ("VENDOR", "vendorid"),
    "delete_contact": ("CONTACT", "contactname"),
    "delete_class": ("CLASS", "key"),
    "delete_department": ("DEPARTMENT", "departmentid"),
    "delete_location": ("LOCATION", "locationid"),
    "delete_glaccount": ("GLACCOUNT", "glaccountno"),
    "delete_statglaccount": ("STATACCOUNT", "glaccountno"),
    "delete_item": ("ITEM", "itemid"),
    "delete_project": ("PROJECT", "key"),
    "delete_employee": ("EMPLOYEE", "employeeid"),
}
"""Functions with the object that they delete from and the attribute that holds its id."""


def delete(call: Call) -> str:
    """Delete the record of this id."""
    name, attribute = DELETED[call.node.tag]
    call.need("DELETE", name)
    table, key = call.company.store[name], call.node.attrs.get(attribute, "")
    row = table.named(key)
    if row is None or not call.sees(table, row):
        raise refuse("BL01001973", f"Cannot find {name.lower()} with key '{key[:40]}' to delete.")
    masters.check_unused(call, table, row)
    call.company.delete(table, row, call.session.user)
    call.wrote(name)
    return element("key", key)


def create_contact(call: Call) -> str:
    """A contact; its elements are called as its fields are, in small letters."""
    call.need("CREATE", "CONTACT")
    row = masters.create(call, call.company.store["CONTACT"], call.node)
    call.wrote("CONTACT")
    return element("key", row["CONTACTNAME"])
