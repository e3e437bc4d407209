"""What is done in Intacct, by kind and verb: the call that does it, and how to find out later whether it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .. import kinds
from ..choices import CREATE
from ..errors import Refused
from ..gateway import Filter, Function, UserFormat, functions
from ..gateway import filters as f
from ..gateway.formats import Row, from_date, text
from ..kinds import Kind, forms
from ..ledger import cents
from ..messages import Message
from ..translate import translators
from ..translate.rows import day, no_date
from .form import UNPROVED

Values = Mapping[str, Any]
"""What is sent, as the outbox keeps it: plain JSON, with dates as ISO dates."""


@dataclass(frozen=True, slots=True)
class Action:
    """One verb for one kind.

    :param build: The call that carries it out, under this control id.
    :param find: What a look-up asks for, once nobody knows whether it was carried out.
    :param matches: Whether a record that was found is what the call was to make.
    :param provable: Nothing found, after Intacct's own time limit, proves that it was not carried out.
    """

    build: Callable[[Kind, Values, UserFormat | None, str], Function]
    find: Callable[[Kind, Values], Filter]
    matches: Callable[[Kind, Values, Row], bool]
    provable: bool


def of(kind: Kind, verb: str) -> Action:
    """The action of a kind and a verb.

    :raises KeyError: there is none.
    """
    return ACTIONS[kind.name, verb]


def _new_contact(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    return functions.create(kind.object, values, control_id=control_id)


def _same_name(kind: Kind, values: Values) -> Filter:
    return f.eq("NAME", values["NAME"])


def _same_address(kind: Kind, values: Values, found: Row) -> bool:
    return bool(text(found, "DISPLAYCONTACT.EMAIL1") == values.get("DISPLAYCONTACT", {}).get("EMAIL1", ""))


def _new_document(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    """Old functions take year, month and day apart, the generic one the user's form.

    :raises Refused: it holds a date, and nobody knows that form.
    """
    names = kinds.shape(kind.name).form
    dated = dict(values) | {name: day(values, name) for name in (names.date, names.due) if name in values}
    if names.function != forms.CREATE:
        return functions.legacy_call(names.function, dated, control_id=control_id)
    for name, value in dated.items():
        if isinstance(value, date):
            if form is None:
                raise Refused(UNPROVED.whole)
            dated[name] = from_date(value, form)
    return functions.create(kind.object, dated, control_id=control_id)


def _same_number(kind: Kind, values: Values) -> Filter:
    """Of the same contact, too: bills of two vendors may have the same number."""
    shape, sent = kinds.shape(kind.name), translators.of(kind.name).sent(kind.name, values)
    return f.all_(f.eq(shape.number, sent.number), f.eq(shape.contact, sent.contact))


def _same_sum(kind: Kind, values: Values, found: Row) -> bool:
    """Of the same day, too."""
    shape, sent = kinds.shape(kind.name), translators.of(kind.name).sent(kind.name, values)
    try:
        same_day = day(found, shape.date) == sent.date
    except ValueError as error:
        raise Refused(
            Message("in.date", record=f"{kind.object} {text(found, kind.key)}", reason=no_date(found, shape.date))
        ) from error
    return same_day and bool(cents(text(found, shape.total) or 0) == sent.gross)


NEW_CONTACT = Action(_new_contact, _same_name, _same_address, provable=False)
NEW_DOCUMENT = Action(_new_document, _same_number, _same_sum, provable=True)

ACTIONS: dict[tuple[str, str], Action] = {
    (kinds.CONTACT, CREATE): NEW_CONTACT,
    (kinds.INVOICE, CREATE): NEW_DOCUMENT,
    (kinds.BILL, CREATE): NEW_DOCUMENT,
}
