"""Ids of records: given by the caller, or issued by a sequence where the company is set up so."""

from __future__ import annotations

from ..company import Company
from ..errors import Error, FunctionRefusal, refuse
from ..store.tables import Table

PREFIXES = {"CUSTOMER": "C-", "VENDOR": "V-", "ARINVOICE": "INV-", "APBILL": "BILL-", "supdoc": "ATT-"}


def issue(company: Company, name: str) -> str:
    """The next free number of an object's sequence."""
    table = company.store[name]
    number = len(table) + 1
    prefix = PREFIXES.get(name, "")
    while table.where(table.spec.id, f"{prefix}{number:06d}"):
        number += 1
    return f"{prefix}{number:06d}"


def check(company: Company, name: str, number: str, party: str) -> str:
    """A document number that may be used: the given one if it is free, or "" for one of the sequence."""
    table = company.store[name]
    if not number:
        if name in PREFIXES and name not in company.switches.automatic_ids:
            raise refuse("PL01000127", "The document number is missing.", "Give a document number.")
        return ""
    taken = table.where("RECORDID", number)
    if name == "ARINVOICE" and company.switches.unique_invoice_numbers and taken:
        raise refuse("BL03002185", f"An invoice with the number {number} already exists.")
    same_vendor = any(row.get("VENDORID") == party for row in taken)
    if name == "APBILL" and company.switches.unique_bill_numbers and same_vendor:
        raise refuse("PL05000104", f"Bill number {number} already exists for the vendor {party}.")
    return number


ACCOUNTS = {"GLACCOUNT": "GL Account", "STATACCOUNT": "Statistical Account"}
LABELS = {"CLASS": "Class", "CUSTOMER": "Customer", "VENDOR": "Vendor"}


def check_free(table: Table, identity: str) -> None:
    """Refuse an id that is taken, with the two general errors that the gateway adds."""
    name = table.spec.name
    if table.named(identity) is None:
        return
    label = LABELS.get(name, name.capitalize())
    if name in ACCOUNTS:
        text = f"The account number {identity} already exists."
        raise FunctionRefusal(
            Error("BL01001973", text, "Duplicate account number", "Enter unique account number"),
            Error("BL01001973", f"Could not create {ACCOUNTS[name]} record."),
        )
    if name in ("CUSTOMER", "VENDOR"):
        raise refuse("PL05000104", f"{label} with the ID {identity} already exists")
    raise FunctionRefusal(
        _another(label, identity),
        Error("BL01001973", f"Could not create {label} record!"),
        Error("BL01001973", "Could not create record."),
    )


def display_contact_taken(name: str, contact: str) -> FunctionRefusal:
    """The refusal of a customer or vendor whose display contact has the name of one that is there."""
    return FunctionRefusal(
        _another("Contact", contact),
        Error("BL01001973", "Could not create Contact record!"),
        Error("BL01001973", "Error While Saving the Display Contact"),
        Error("BL01001973", f"Could not create {LABELS[name]} record!"),
    )


def _another(label: str, value: str) -> Error:
    text = f"Another {label} with the given value(s) {value}  already exists"
    return Error("BL34000061", text, correction="Use a unique value instead.")
