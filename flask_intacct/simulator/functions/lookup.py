"""`lookup` and `inspect`: which objects there are, and what fields and relations they have."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from .. import objects
from ..call import Call
from ..errors import refuse
from ..objects import TYPES, Field
from ..reply import element
from ..store import Table

LENGTHS = {"I": 18, "D": 17, "C": 17, "B": 5, "d": 10, "S": 19, "P": 8}
"""How long values of the kinds are, written."""


def _table(call: Call) -> Table:
    name = call.node.get("object")
    table = call.table(name)
    if table is None:
        raise refuse("WS", f"Object type {name} not found")
    call.need("LOOKUP", table.spec.name)
    return table


def _field(field: Field) -> str:
    values = field.values
    if field.kind == "B":
        values = ("true", "false")
    listed = "".join(element("VALIDVALUE", value) for value in values)
    return (
        "<Field>"
        + element("ID", field.id)
        + element("LABEL", field.label)
        + element("DESCRIPTION", field.label)
        + element("REQUIRED", field.required)
        + element("READONLY", field.readonly)
        + element("DATATYPE", TYPES[field.kind])
        + (f"<VALIDVALUES>{listed}</VALIDVALUES>" if listed else "")
        + element("ISCUSTOM", field.custom)
        + "</Field>"
    )


def label_of(name: str) -> str:
    """An object as people call it: `AP Bill` for APBILL."""
    for prefix in ("AR", "AP", "GL"):
        if name.startswith(prefix) and name not in ("APPLICATION",):
            return f"{prefix} {name[2:].capitalize()}"
    return name.capitalize()


def _inspected(field: Field, detailed: bool) -> str:
    """A field in the older description; only its name where nobody asked for more."""
    if not detailed:
        return "<Field>" + element("Name", field.id) + "</Field>"
    values = "".join(element("validvalue", value) for value in field.values)
    return (
        "<Field>"
        + element("Name", field.id)
        + f"<externalDataName>{TYPES[field.kind].lower()}</externalDataName>"
        + element("displayLabel", field.label)
        + element("isRequired", field.required)
        + element("isReadOnly", field.readonly)
        + element("maxlength", LENGTHS.get(field.kind, 100))
        + (f"<validvalues>{values}</validvalues>" if values else "")
        + "</Field>"
    )


def lookup(call: Call) -> str:
    """The fields and relations of one object."""
    table = _table(call)
    name = table.spec.name
    relations = "".join(
        "<Relationship>"
        + element("OBJECTPATH", path)
        + element("OBJECTNAME", target)
        + element("LABEL", path.capitalize())
        + element("RELATIONSHIPTYPE", "MANY2ONE")
        + element("RELATEDBY", by)
        + "</Relationship>"
        for path, (target, by) in objects.relations(name).items()
    )
    fields = "".join(_field(field) for field in table.fields.values())
    return (
        f'<data listtype="All" count="1"><Type Name={quoteattr(name)} DocumentType="">'
        f"<Fields>{fields}</Fields><Relationships>{relations}</Relationships></Type></data>"
    )


def inspect(call: Call) -> str:
    """The list of objects for `*`, else the older description of one."""
    if call.node.get("object") == "*":
        names = [name for name in call.company.store.tables if name.isupper()]
        types = "".join(f'<type typename="{name}">{label_of(name)}</type>' for name in names)
        return f'<data listtype="All" count="{len(names)}">{types}</data>'
    table = _table(call)
    detailed = call.node.attrs.get("detail") == "1"
    fields = "".join(_inspected(field, detailed) for field in table.fields.values())
    name = quoteattr(table.spec.name)
    return f'<data listtype="All" count="1"><Type Name={name}><Fields>{fields}</Fields></Type></data>'
