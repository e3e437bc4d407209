"""`lookup` and `inspect`: which objects there are, and what fields and relations they have."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ..errors import refuse
from ..protocol.call import Call
from ..protocol.reply import element
from ..store import objects
from ..store.objects import TYPES, Field, ObjectSpec
from ..store.tables import Table
from ..store.values import xml

RELATED_BY = {("CLASS", "PARENT"): "CLASSID"}
"""Relations of which the gateway tells the field at the other end."""
LENGTHS = {"I": 18, "D": 17, "C": 17, "B": 5, "d": 10, "S": 19, "P": 8}
"""How long values of the kinds are, written."""


def _table(call: Call) -> Table:
    name = call.node.get("object") or call.node.get("name")
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


def label_of(spec: ObjectSpec) -> str:
    """An object as people call it: `AP Bill` for APBILL."""
    name = spec.name
    if spec.custom:
        return spec.plural
    for prefix in ("AR", "AP", "GL"):
        if name.startswith(prefix):
            return f"{prefix} {name[2:].capitalize()}"
    return name.capitalize()


def _inspected(field: Field, detailed: bool) -> str:
    """A field in the older description; only its name where nobody asked for more."""
    if not detailed:
        return element("Field", field.id)
    kind = TYPES[field.kind].lower()
    values = "".join(element("validvalue", value) for value in field.values)
    return (
        "<Field>"
        + element("Name", field.id)
        + element("GroupName")
        + element("dataName", kind)
        + element("externalDataName", kind)
        + element("isRequired", field.required)
        + element("isReadOnly", field.readonly)
        + element("maxLength", LENGTHS.get(field.kind, 100))
        + element("DisplayLabel", field.label)
        + element("Description", field.label)
        + element("id", field.id)
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
        + element("RELATEDBY", RELATED_BY.get((name, path), by))
        + "</Relationship>"
        for path, (target, by) in objects.relations(name).items()
        if not by.startswith(path + ".")
    )
    fields = "".join(_field(field) for field in table.fields.values())
    return (
        f'<data listtype="All" count="1"><Type Name={quoteattr(name)} DocumentType="">'
        f"<Fields>{fields}</Fields><Relationships>{relations}</Relationships></Type></data>"
    )


def inspect(call: Call) -> str:
    """The list of objects for `*`, else the older description of one, which may be named by `name` too."""
    if (call.node.get("object") or call.node.get("name")) == "*":
        specs = [table.spec for name, table in call.company.store.tables.items() if name.isupper()]
        types = "".join(f"<type typename={quoteattr(one.name)}>{xml(label_of(one))}</type>" for one in specs)
        return f'<data listtype="All" count="1">{types}</data>'
    table = _table(call)
    detailed = call.node.attrs.get("detail") == "1"
    fields = "".join(_inspected(field, detailed) for field in table.fields.values())
    name, label = quoteattr(table.spec.name), label_of(table.spec)
    about = element("SingularName", label) + element("PluralName", table.spec.plural) + element("Description", label)
    attributes = f"<Attributes>{about}</Attributes>" if detailed else ""
    return f'<data listtype="All" count="1"><Type Name={name}>{attributes}<Fields>{fields}</Fields></Type></data>'
