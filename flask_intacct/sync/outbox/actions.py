"""What is done in Intacct, by kind and verb: the call that does it, and how to find out later whether it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ... import kinds
from ...errors import Refused
from ...gateway import Filter, Function, UserFormat, functions
from ...gateway import filters as f
from ...gateway.formats import Row, from_date, text
from ...kinds import Kind, forms
from ...ledger import cents
from ...messages import Message
from ...translate import translators
from ...translate.rows import day, no_date
from ..form import UNPROVED

CREATE, UPDATE, SUBMIT, REVERSE, DELETE = "create", "update", "submit", "reverse", "delete"
"""The verbs. All but the first are about a record that is there."""

OF_A_ROW = (CREATE, UPDATE, SUBMIT)
"""Those that say what a row of the host is like; the others are right also where it is gone."""

KEY, LINES = "@key", "@lines"
"""Beside the fields that are sent: the key of the record that it is about, and how many lines that has."""

REVERSED_ON = "@date"
"""The day of a reversal."""

ZONES = timedelta(days=1)
"""Times that Intacct tells may be those of any zone."""

Values = Mapping[str, Any]
"""What is sent, as the outbox keeps it: plain JSON, with dates as ISO dates."""


@dataclass(frozen=True, slots=True)
class Action:
    """One verb for one kind.

    :param build: The call that carries it out, under this control id.
    :param find: What a look-up asks for, once nobody knows whether it was carried out; is told when it was sent.
    :param matches: Whether a record that was found shows that the call was carried out. What none shows after Intacct's
        time limit was not carried out.
    """

    build: Callable[[Kind, Values, UserFormat | None, str], Function]
    find: Callable[[Kind, Values, datetime], Filter]
    matches: Callable[[Kind, Values, Row], bool]


def of(kind: Kind, verb: str) -> Action:
    """The action of a kind and a verb.

    :raises KeyError: there is none.
    """
    return ACTIONS[kind.name, verb]


def _new_contact(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    return functions.create(kind.object, values, control_id=control_id)


def _new_of_the_name(kind: Kind, values: Values, sent_at: datetime) -> Filter:
    """Of the name; or created since with the e-mail address, for somebody may have changed the name meanwhile."""
    named, email = f.eq("NAME", values["NAME"]), _address(values)
    if not email:
        return named
    since = f.ge("WHENCREATED", sent_at - ZONES)
    return f.any_(named, f.all_(f.eq("DISPLAYCONTACT.EMAIL1", email), since))


def _same_address(kind: Kind, values: Values, found: Row) -> bool:
    return bool(text(found, "DISPLAYCONTACT.EMAIL1") == _address(values))


def _address(values: Values) -> str:
    return str(values.get("DISPLAYCONTACT", {}).get("EMAIL1", ""))


def _changed_contact(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    return functions.update(kind.object, {"RECORDNO": values[KEY], **_fields(values)}, control_id=control_id)


def _same_contact(kind: Kind, values: Values, found: Row) -> bool:
    return text(found, "NAME") == values["NAME"] and _same_address(kind, values, found)


def _fields(values: Values) -> dict[str, Any]:
    """What is sent, without what stands beside it."""
    return {name: value for name, value in values.items() if not name.startswith("@")}


def _dated(kind: Kind, values: Values, form: UserFormat | None, *, old: bool) -> dict[str, Any]:
    """A document's fields with its dates as the function takes them: old ones apart, the generic in the user's form.

    :raises Refused: it holds a date, and nobody knows that form.
    """
    names = kinds.shape(kind.name).form
    dated = _fields(values) | {name: day(values, name) for name in (names.date, names.due) if name in values}
    for name, value in dated.items():
        if isinstance(value, date) and not old:
            if form is None:
                raise Refused(UNPROVED.whole)
            dated[name] = from_date(value, form)
    return dated


def _new_document(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    names = kinds.shape(kind.name).form
    if names.function != forms.CREATE:
        dated = _dated(kind, values, form, old=True)
        return functions.legacy_call(names.function, dated, control_id=control_id)
    return functions.create(kind.object, _dated(kind, values, form, old=False), control_id=control_id)


def _changed_document(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    """All that is sent of a new one, but for the contact, which stays; lines go by their order.

    :raises Refused: it has fewer lines than before, or a date while nobody knows how dates are written.
    """
    names = kinds.shape(kind.name).form
    given, before = list(values.get(names.lines) or ()), int(values.get(LINES, 0))
    if len(given) < before:
        raise Refused(Message("out.line_removed", there=before, count=len(given)))
    fields = _dated(kind, values, form, old=names.change != forms.UPDATE)
    del fields[names.lines], fields[names.contact]
    numbered = [
        {names.line.number: number, **line} if number <= before else line for number, line in enumerate(given, 1)
    ]
    if numbered:
        fields[names.changed_lines] = numbered
    return _change(kind, values[KEY], fields, control_id)


def _submitted(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    return _change(kind, values[KEY], {kinds.shape(kind.name).form.action: "Submit"}, control_id)


def _change(kind: Kind, key: str, fields: Mapping[str, Any], control_id: str) -> Function:
    change = kinds.shape(kind.name).form.change
    if change != forms.UPDATE:
        return functions.legacy_call(change, fields, key=key, control_id=control_id)
    return functions.update(kind.object, {"RECORDNO": key, **fields}, control_id=control_id)


def _reversal(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    on = {"datereversed": day(values, REVERSED_ON)}
    return functions.legacy_call(kinds.shape(kind.name).form.reverse, on, key=values[KEY], control_id=control_id)


def _deletion(kind: Kind, values: Values, form: UserFormat | None, control_id: str) -> Function:
    return functions.delete(kind.object, [values[KEY]], control_id=control_id)


def _same_number(kind: Kind, values: Values, sent_at: datetime) -> Filter:
    """Of the same contact, too: bills of two vendors may have the same number."""
    shape, sent = kinds.shape(kind.name), translators.of(kind.name).sent(kind.name, values)
    return f.all_(f.eq(shape.number, sent.number), f.eq(shape.contact, sent.contact))


def _itself(kind: Kind, values: Values, sent_at: datetime) -> Filter:
    return f.eq(kind.key, values[KEY])


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


def _same_document(kind: Kind, values: Values, found: Row) -> bool:
    """Its head says what was sent; its lines are read back afterwards."""
    shape, form = kinds.shape(kind.name), kinds.shape(kind.name).form
    pairs = ((shape.number, form.number), (shape.reference, form.reference), (shape.description, form.description))
    said = (text(found, theirs) == str(values[ours]) for theirs, ours in pairs if values.get(ours))
    return all(said) and _same_sum(kind, values, found)


def _handed_in(kind: Kind, values: Values, found: Row) -> bool:
    return text(found, kinds.shape(kind.name).state) not in ("Draft", "Declined")


def _reversed(kind: Kind, values: Values, found: Row) -> bool:
    return text(found, kinds.shape(kind.name).state) == "Reversed"


def _never(kind: Kind, values: Values, found: Row) -> bool:
    """Whoever finds a record finds that it was not deleted."""
    return False


NEW_CONTACT = Action(_new_contact, _new_of_the_name, _same_address)
NEW_DOCUMENT = Action(_new_document, _same_number, _same_sum)
CHANGED_CONTACT = Action(_changed_contact, _itself, _same_contact)

OF_DOCUMENTS = {
    CREATE: NEW_DOCUMENT,
    UPDATE: Action(_changed_document, _itself, _same_document),
    SUBMIT: Action(_submitted, _itself, _handed_in),
    REVERSE: Action(_reversal, _itself, _reversed),
    DELETE: Action(_deletion, _itself, _never),
}
"""What can be done with a document."""

ACTIONS: dict[tuple[str, str], Action] = {
    (kinds.CONTACT, CREATE): NEW_CONTACT,
    (kinds.CONTACT, UPDATE): CHANGED_CONTACT,
    **{(kinds.INVOICE, verb): action for verb, action in OF_DOCUMENTS.items()},
    **{(kinds.BILL, verb): action for verb, action in OF_DOCUMENTS.items()},
}
