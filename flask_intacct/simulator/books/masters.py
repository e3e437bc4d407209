"""Writing masters: customers, vendors, contacts, accounts, dimensions, by the fields that are given."""

from __future__ import annotations

import re

from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.paths import related
from ..protocol.xmltree import Node, upper
from ..store import objects
from ..store.objects import CONTACT_PREFIXES
from ..store.tables import Table
from ..store.values import Row, read
from . import numbering

ALIASES = {"DELIVERYOPTIONS": "DELIVERY_OPTIONS"}
KEYS = {("CUSTOMER", "CONTACTINFO"): "CONTACTKEY", ("VENDOR", "CONTACTINFO"): "PRIMARYCONTACTKEY"}
"""The fields that hold the keys of contacts, where they are called otherwise than the contact."""
LISTED = "CONTACT_LIST_INFO"
IGNORED = frozenset([LISTED, "CUSTOMERCONTACTS", "VENDORCONTACTS", "HIDEDISPLAYCONTACT"]) | {
    *("CUSTOMEREMAILTEMPLATES", "VENDOREMAILTEMPLATES"),
}
"""What is accepted beside the fields; none but the list of contacts is kept."""
LONGEST = {"PHONE1": 30, "MAILADDRESS.CITY": 80, "MAILADDRESS.COUNTRY": 60, "EMAIL1": 200, "EMAIL2": 200}
"""Characters that fields of a contact hold."""
EMAILS = {"EMAIL1": "Primary", "EMAIL2": "Secondary"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def flat(node: Node, prefix: str = "") -> dict[str, str]:
    """Fields by dotted name; nested elements give the dots."""
    found: dict[str, str] = {}
    for child in node:
        name = prefix + child.tag.upper()
        if child.tag.upper() in IGNORED and not prefix:
            continue
        if child.children:
            found |= flat(child, name + ".")
        else:
            found[ALIASES.get(name, name)] = child.text
    return found


def _given(table: Table, node: Node) -> Row:
    """The typed fields of a request; None clears. Unknown fields and values are refused, read-only ones ignored."""
    given: Row = {}
    listed = [upper(child) for child in node if child.tag.upper() == LISTED]
    if listed and table.spec.name in ("CUSTOMER", "VENDOR"):
        named = [(one.get("CATEGORYNAME"), one.find("CONTACT")) for one in listed]
        given[LISTED] = tuple((role, upper(contact).get("NAME") if contact else "") for role, contact in named)
    for name, text in flat(node).items():
        field = table.fields.get(name)
        if field is None:
            if name in objects.CONTACT_PREFIXES and not text:
                continue
            raise invalid(f"The field {name} does not exist on {table.spec.name}.")
        if field.readonly or name == "RECORDNO":
            continue
        try:
            given[name] = read(text, field.kind)
        except ValueError:
            raise invalid(f"Invalid value '{text[:40]}' for {name}.") from None
        if text and not field.takes(text):
            raise invalid(f"Invalid value '{text[:40]}' for {name}; allowed: {', '.join(field.values)}.")
    return given


def _check_contact(table: Table, given: Row) -> None:
    """Refuse what no contact can hold, be it a record of its own or inside a customer or vendor."""
    for name, value in given.items():
        head, dot, tail = name.partition(".")
        if table.spec.name != "CONTACT" and (not dot or head not in CONTACT_PREFIXES):
            continue
        part = name if table.spec.name == "CONTACT" else tail
        if value and len(value) > LONGEST.get(part, len(value)):
            raise invalid(f"The value of {name} is longer than {LONGEST[part]} characters.")
        if value and part in EMAILS and not all(map(_EMAIL.fullmatch, re.split(r"[,;]\s*", value))):
            raise invalid(f"Illegal format for Contactversion : {EMAILS[part]} Email Address '{value[:60]}'")


def _check_references(call: Call, table: Table, given: Row) -> None:
    for path, (target, by) in objects.relations(table.spec.name).items():
        value = given.get(by)
        if value in (None, "") or path in CONTACT_PREFIXES:
            continue
        found = related(call.company.store, table, path)
        if found is not None and found[1]({by: value}) is None:
            raise refuse("BL01001973", f"Invalid {target.lower()} '{value}' specified in {by}.")


def _contact(call: Call, table: Table, row: Row, given: Row, new: bool = False) -> Row:
    """Write the display contact that a customer or vendor carries; only its name stays in the record."""
    name = table.spec.name
    contacts = call.company.store["CONTACT"]
    for _, contact in given.get(LISTED) or ():
        if contacts.named(contact) is None:
            raise refuse("BL01001973", f"Invalid contact '{contact}' specified.")
    kept = {key: value for key, value in given.items() if key.partition(".")[0] not in CONTACT_PREFIXES}
    for prefix in CONTACT_PREFIXES:
        own = {k.partition(".")[2]: v for k, v in given.items() if k.startswith(prefix + ".")}
        if not own:
            continue
        asked = own.pop("CONTACTNAME", None)
        named = asked or row.get(prefix + ".CONTACTNAME")
        if prefix == "DISPLAYCONTACT" and new and asked and contacts.named(asked) is not None:
            raise numbering.display_contact_taken(name, asked)
        if prefix == "DISPLAYCONTACT":
            named = named or f"{row['NAME']}({name[0]}{row[table.spec.id]})"
        if not named:
            raise invalid(f"{prefix} has no CONTACTNAME.")
        existing = contacts.named(named)
        if existing is not None:
            if own:
                call.company.update(contacts, existing, own, call.session.user)
        elif prefix == "DISPLAYCONTACT":
            if not own.get("PRINTAS"):
                raise invalid("DISPLAYCONTACT needs PRINTAS.")
            fresh = own | {"CONTACTNAME": named, "STATUS": "active"}
            call.company.insert(contacts, fresh, call.session.user, call.session.entity)
        else:
            raise refuse("BL01001973", f"Invalid contact '{named}' specified.")
        kept[prefix + ".CONTACTNAME"] = named
        key = KEYS.get((name, prefix), prefix + "KEY")
        if key in table.fields:
            kept[key] = (contacts.named(named) or {}).get("RECORDNO")
    return kept


def create(call: Call, table: Table, node: Node) -> Row:
    """A new record."""
    company, spec = call.company, table.spec
    given = _given(table, node)
    identity = given.get(spec.id)
    if not identity and spec.name in company.switches.automatic_ids:
        identity = given[spec.id] = numbering.issue(company, spec.name)
    if not identity and spec.id != "RECORDNO":
        raise refuse("BL03000018", f"The field {spec.id} is missing.", "Give an id.")
    missing = [name for name in spec.needs if given.get(name) in (None, "")]
    if missing:
        raise refuse("BL03000018", f"The required field {missing[0]} is missing.")
    if identity:
        numbering.check_free(table, identity)
    _check_references(call, table, given)
    _check_contact(table, given)
    if "STATUS" in table.fields:
        given.setdefault("STATUS", "active")
    if spec.name in ("CUSTOMER", "VENDOR"):
        if not any(name.startswith("DISPLAYCONTACT.") for name in given):
            given["DISPLAYCONTACT.PRINTAS"] = given["NAME"]
        given = _contact(call, table, given, given, new=True) | {"ENTITY": f"{spec.name[0]}{identity}"}
    if spec.name == "LOCATION":
        given.setdefault("LOCATIONTYPE", "N")
    return company.insert(table, given, call.session.user, call.session.entity)


def existing(call: Call, table: Table, node: Node) -> Row:
    """The record that an update means, by its key or by its id."""
    spec = table.spec
    key, identity = node.get(spec.key), node.get(spec.id)
    row = table.keyed(key) if key else table.named(identity)
    if row is None or not call.sees(table, row):
        name, value = (spec.key, key) if key else (spec.id, identity)
        raise refuse(f"Cannot update non-existing {spec.name} with {name}={value}.")
    return row


def update(call: Call, table: Table, row: Row, node: Node) -> Row:
    """Change the fields that are given; an empty one is cleared."""
    spec, user = table.spec, call.session.user
    restricted = user.entities is not None and "" not in user.entities
    if spec.name in ("CUSTOMER", "VENDOR") and restricted and not row.get("MEGAENTITYID"):
        name = spec.name.lower()
        raise refuse("BL03000130", f"You cannot update a root-level {name} from an entity-restricted user")
    given = _given(table, node)
    if not spec.custom:  # others keep the id by which people know them
        given.pop(spec.id, None)
    for name in spec.needs:
        if name in given and given[name] in (None, ""):
            raise refuse("BL03000018", f"The required field {name} can't be empty.")
    _check_references(call, table, given)
    _check_contact(table, given)
    if spec.name in ("CUSTOMER", "VENDOR"):
        given = _contact(call, table, row, given)
    return call.company.update(table, row, given, user)


def check_own_fields(table: Table, node: Node) -> None:
    """Refuse to write anything but the company's own fields."""
    for child in node:
        field = table.fields.get(child.tag.upper())
        if child.tag.upper() != "RECORDNO" and (field is None or not field.custom):
            raise invalid(f"The field {child.tag[:40]} of {table.spec.name} can't be written.")


USES = {
    "CUSTOMER": "ARINVOICE.CUSTOMERID ARADJUSTMENT.CUSTOMERID ARPYMT.CUSTOMERID ARADVANCE.CUSTOMERID",
    "VENDOR": "APBILL.VENDORID APADJUSTMENT.VENDORID APPYMT.VENDORID",
    "GLACCOUNT": "GLENTRY.ACCOUNTNO TAXDETAIL.GLACCOUNT CHECKINGACCOUNT.GLACCOUNTNO ARACCOUNTLABEL.GLACCOUNTNO"
    " APACCOUNTLABEL.GLACCOUNTNO",
    "PROJECT": "TASK.PROJECTID",
    "LOCATION": "LOCATION.PARENTID LOCATIONENTITY.LOCATIONID",
    "DEPARTMENT": "DEPARTMENT.PARENTID",
    "CLASS": "CLASS.PARENTID",
    "CONTACT": "CUSTOMER.DISPLAYCONTACT.CONTACTNAME VENDOR.DISPLAYCONTACT.CONTACTNAME",
}
"""Where a record is named by its id, beside the lines of documents."""


def check_unused(call: Call, table: Table, row: Row) -> None:
    """Refuse to delete what other records refer to."""
    store, identity = call.company.store, table.spec.id
    uses = [word.split(".", 1) for word in USES.get(table.spec.name, "").split()]
    if identity != "RECORDNO":
        uses += [[name, identity] for name in objects.LINES if identity in store[name].fields]
    if table.spec.custom:
        uses, identity = [[name, call.company.udd_field] for name in objects.LINES], table.spec.key
    for name, by in uses:
        if any(other.get(by) == row.get(identity) for other in store[name]):
            raise refuse("BL01001973", f"{table.spec.name.capitalize()} {row.get(identity)} is used by {name}.")
