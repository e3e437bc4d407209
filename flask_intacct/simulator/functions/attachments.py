"""Attachments and their folders, which only the old functions know."""

from __future__ import annotations

import base64
import binascii

from ..books import numbering
from ..errors import invalid, refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..protocol.xmltree import Node
from ..store.values import Row


def create_supdoc(call: Call) -> str:
    """Files under one id, in a folder."""
    call.need("CREATE", "supdoc")
    node, table = call.node, call.company.store["supdoc"]
    identity = node.get("supdocid")
    if not identity and "SUPDOC" in call.company.switches.automatic_ids:
        identity = numbering.issue(call.company, "supdoc")
    if not identity:
        raise invalid("The required field supdocid is missing.", "Give an id.")
    if table.named(identity) is not None:
        raise refuse("BL03002185", f"An attachment with the ID {identity} already exists.")
    row: Row = {"SUPDOCID": identity, "CREATEDBY": call.session.user.login} | _given(call)
    row["CREATIONDATE"] = call.company.now().date()
    return _written(call, call.company.insert(table, row, call.session.user))


def update_supdoc(call: Call) -> str:
    """Other words, another folder; files that are given come in addition, or in place of those of the same name."""
    call.need("UPDATE", "supdoc")
    row = _attachment(call, call.node.get("supdocid"))
    given = _given(call)
    files = {one[:2]: one for one in (*row.get("ATTACHMENTS", ()), *given.get("ATTACHMENTS", ()))}
    given["ATTACHMENTS"] = tuple(files.values())
    return _written(call, call.company.update(call.company.store["supdoc"], row, given, call.session.user))


def delete_supdoc(call: Call) -> str:
    call.need("DELETE", "supdoc")
    row = _attachment(call, call.node.attrs.get("key", ""))
    for name in ("ARINVOICE", "APBILL"):
        if any(one.get("SUPDOCID") == row["SUPDOCID"] for one in call.company.store[name]):
            raise refuse("BL01001973", f"The attachment {row['SUPDOCID']} is used.")
    call.company.delete(call.company.store["supdoc"], row, call.session.user)
    return _written(call, row)


def create_supdocfolder(call: Call) -> str:
    """A folder, perhaps below another one."""
    call.need("CREATE", "supdocfolder")
    node, table = call.node, call.company.store["supdocfolder"]
    name, today = node.get("supdocfoldername"), call.company.now()
    if not name:
        raise invalid("The required field supdocfoldername is missing.")
    if table.named(name) is not None:
        raise refuse("BL03002185", f"A folder with the name {name} already exists.")
    row = {"NAME": name, "CREATIONDATE": today.date(), "CREATEDBY": call.session.user.login, "STATUS": "active"}
    return _written(call, call.company.insert(table, row | _folder_changes(call), call.session.user))


def update_supdocfolder(call: Call) -> str:
    """Another description or another place of the folder of this name."""
    call.need("UPDATE", "supdocfolder")
    row = _folder(call, call.node.get("supdocfoldername"))
    table = call.company.store["supdocfolder"]
    return _written(call, call.company.update(table, row, _folder_changes(call), call.session.user))


def delete_supdocfolder(call: Call) -> str:
    """A folder that nothing is in."""
    call.need("DELETE", "supdocfolder")
    store = call.company.store
    row = _folder(call, call.node.attrs.get("key", ""))
    name = row["NAME"]
    if store["supdoc"].where("FOLDER", name) or store["supdocfolder"].where("PARENTFOLDER", name):
        raise refuse("BL01001973", f"The folder {name} is not empty.")
    call.company.delete(store["supdocfolder"], row, call.session.user)
    return _written(call, row)


def _folder_changes(call: Call) -> Row:
    node = call.node
    parent = node.get("supdocparentfoldername")
    _check_folder(call, parent)
    if parent and parent == node.get("supdocfoldername"):
        raise invalid("A folder is not below itself.")
    given = {"DESCRIPTION": node.get("supdocfolderdescription"), "PARENTFOLDER": parent}
    changed = {"LASTMODIFIED": call.company.now(), "LASTMODIFIEDBY": call.session.user.login}
    return {name: text for name, text in given.items() if text} | changed


def _folder(call: Call, name: str) -> Row:
    row = call.company.store["supdocfolder"].named(name)
    if row is None:
        raise refuse("BL01001973", f"Cannot find supdocfolder with key '{name[:40]}'.")
    return row


def _written(call: Call, row: Row) -> str:
    call.wrote(call.node.tag)
    return element("key", row["RECORDNO"])


def _attachment(call: Call, identity: str) -> Row:
    row = call.company.store["supdoc"].named(identity)
    if row is None:
        raise refuse("BL01001973", f"Cannot find supdoc with key '{identity}'.")
    return row


def _check_folder(call: Call, name: str) -> None:
    if name and call.company.store["supdocfolder"].named(name) is None:
        raise refuse("BL01001973", f"Invalid folder '{name}' specified.")


def _given(call: Call) -> Row:
    """What a request says about an attachment."""
    node = call.node
    _check_folder(call, node.get("supdocfoldername"))
    names = {"SUPDOCNAME": "supdocname", "FOLDER": "supdocfoldername", "DESCRIPTION": "supdocdescription"}
    given: Row = {name: node.get(tag) for name, tag in names.items() if node.get(tag)}
    holder = node.find("attachments")
    if holder is not None:
        given["ATTACHMENTS"] = tuple(_file(child) for child in holder)
    return given


def _file(node: Node) -> tuple[str, str, str]:
    """Name, type and content of a file."""
    content = "".join(node.get("attachmentdata").split())
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("The attachmentdata is not base64.") from None
    if not node.get("attachmentname"):
        raise invalid("A file has no name.")
    return node.get("attachmentname"), node.get("attachmenttype"), content
