"""Rows of Intacct as ledger values. A row's values are strings or None; documents are read by :mod:`.documents`.

Field names are those of the vendor's object reference (TAXDETAIL, GLACCOUNT, CUSTOMER, VENDOR).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from sys import intern
from typing import Any

from .. import kinds
from ..errors import Refused
from ..gateway.formats import text
from ..ledger import (
    PAYABLES,
    RECEIVABLES,
    RETAINED,
    SUBLEDGER,
    Account,
    Contact,
    Document,
    Ref,
    TaxType,
    TrackingOption,
)
from ..messages import Message, quoted
from . import translators
from .rows import decimal

Row = Mapping[str, Any]
Incoming = TaxType | Account | TrackingOption | Contact | Document

_TAX_ROLES = {"sale": kinds.SALE, "purchase": kinds.PURCHASE, "s": kinds.SALE, "p": kinds.PURCHASE}
_CONTROLS = {"receivables account": RECEIVABLES, "payables account": PAYABLES}


def value(
    kind: str, role: str, row: Row, *, object: str = "", entity: str | None = None, exclusion_field: str = ""
) -> Incoming:
    """One record as a ledger value; its `ref` is (object, natural id).

    :param object: For tracking options: the object of the dimension.
    :param entity: For locations: the entity above, from :func:`entities`; left out: the parent that the row names.
    :param exclusion_field: The custom checkbox that keeps a customer or vendor out.
    :raises Refused: the row lacks its id or holds a value that can't be read.
    :raises KeyError: the kind has no records in Intacct.
    """
    if kind == kinds.TRACKING_OPTION:
        return _option(object, row, entity)
    spec = kinds.kind(kind, role)
    if spec.shape is not None:
        return translators.of(kind).read(spec, row)
    natural_id = text(row, spec.natural_id)
    if not natural_id:
        raise Refused(Message("in.no_key", object=spec.object, field=spec.natural_id))
    ref = Ref(spec.object, natural_id)
    if kind == kinds.TAX_TYPE:
        return _tax_type(ref, row)
    if kind == kinds.ACCOUNT:
        return _account(ref, row)
    if kind == kinds.CONTACT:
        return _contact(ref, role, row, exclusion_field)
    raise KeyError((kind, role))


def _active(row: Row) -> bool:
    """May be posted to: "active non-posting" may not."""
    return text(row, "STATUS").lower() in ("", "active", "t")


def _ticked(row: Row, name: str) -> bool:
    return text(row, name).lower() in ("true", "t")


def _tax_type(ref: Ref, row: Row) -> TaxType:
    role = _TAX_ROLES.get(text(row, "TAXTYPE").lower())
    return TaxType(
        ref=ref,
        code=ref.id,
        name=text(row, "DESCRIPTION") or ref.id,
        active=_active(row),
        rate=decimal(row, "VALUE", quoted(ref.id)),
        roles=frozenset([role] if role else ()),
    )


def _account(ref: Ref, row: Row) -> Account:
    return Account(
        ref=ref,
        code=ref.id,
        name=text(row, "TITLE"),
        active=_active(row),
        type=text(row, "ACCOUNTTYPE").lower(),
        normal_balance=text(row, "NORMALBALANCE").lower(),
        control=control(row),
    )


def control(row: Row) -> str:
    """What an account says itself that it controls; not that it is the account of a bank account or a tax detail."""
    if _ticked(row, "SUBLEDGERCONTROLON"):
        return _CONTROLS.get(text(row, "ALTERNATIVEACCOUNT").lower(), SUBLEDGER)
    return RETAINED if text(row, "CLOSINGTYPE").lower() == "closed to account" else ""


def _option(object: str, row: Row, entity: str | None) -> TrackingOption:
    """A value of a dimension goes by its id; a user-defined dimension is a custom object, which has little else."""
    known = kinds.DIMENSION_OBJECTS.get(object)
    id_field, name_field = known[:2] if known else ("ID", "NAME")
    natural_id = text(row, id_field)
    if not natural_id:
        named = Message("in.no_key", object=object, field=id_field)
        raise Refused(named if object else Message("in.no_id", field=id_field))
    above = ""
    if object == "LOCATION":
        above = text(row, "PARENTID") if entity is None else entity
    return TrackingOption(
        ref=Ref(object, natural_id),
        category=Ref(kinds.DIMENSION, object),
        code=natural_id,
        name=text(row, name_field) or natural_id,
        active=_active(row),
        entity=above,
    )


def entities(locations: Iterable[Row]) -> dict[str, str]:
    """The topmost location above each location, which in a company of several entities is its entity."""
    parents = {text(row, "LOCATIONID"): text(row, "PARENTID") for row in locations}
    tops: dict[str, str] = {}
    for location in parents:
        way: dict[str, None] = {}
        top = location
        while top not in way and top not in tops and parents.get(top):
            way[top] = None
            top = parents[top]
        top = tops.get(top, top)
        tops.update(dict.fromkeys((*way, location), top))
    return tops


def _contact(ref: Ref, role: str, row: Row, exclusion_field: str) -> Contact:
    def display(name: str) -> str:
        return text(row, f"DISPLAYCONTACT.{name}")

    return Contact(
        ref=ref,
        code=ref.id,
        name=text(row, "NAME"),
        active=_active(row),
        roles=_only(role),
        email=display("EMAIL1"),
        phone=display("PHONE1"),
        tax_number=text(row, "TAXID"),
        address1=display("MAILADDRESS.ADDRESS1"),
        address2=display("MAILADDRESS.ADDRESS2"),
        city=intern(display("MAILADDRESS.CITY")),  # of very many records few are different
        postcode=display("MAILADDRESS.ZIP"),
        country=intern(display("MAILADDRESS.COUNTRY")),
        entity=intern(text(row, "MEGAENTITYID")),
        excluded=bool(exclusion_field) and _ticked(row, exclusion_field),
    )


@cache
def _only(role: str) -> frozenset[str]:
    """The roles of a record that has one: the same set for all of them, since each takes more than the longest name."""
    return frozenset((role,))
