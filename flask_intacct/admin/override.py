"""The page that asks before a decision is taken against the evidence: one for a single row and for many.

It posts the same action once more, with the keys of the questions that the person agreed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select

from .. import choices, kinds
from ..messages import NOTHING, Message
from ..models import Connection, Link, Record
from ..overrides import LIKELY, OTHER_ROLE, NeedsConfirmation, Question
from ..state import current
from ..translation import gettext, lazy_gettext, ngettext

CREATES = {f"create_{role}": role for role in kinds.roles(kinds.CONTACT)}
"""The actions that create a contact, and the role that it gets."""

CREATING = {"customer": lazy_gettext("Create as customer"), "vendor": lazy_gettext("Create as vendor")}
"""What it is called to create a contact in a role."""

LABELS = {
    "create_customer": lazy_gettext("Create as customer…"),
    "create_vendor": lazy_gettext("Create as vendor…"),
    "archive": lazy_gettext("Archive…"),
}
"""The buttons for all that a filter leaves, by their actions; each asks first."""


def asks(action: str, number: str) -> str:
    """What such a button asks.

    :param number: Of how many.
    """
    if action == "create_customer":
        return str(gettext("Create all %(num)s as customers?", num=number))
    if action == "create_vendor":
        return str(gettext("Create all %(num)s as vendors?", num=number))
    return str(gettext("Archive all %(num)s?", num=number))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page.

    :param record: Intacct's record that was chosen; None where one is to be created.
    :param detail: What helps to tell it from others.
    :param fields: What the list said of the row, to be said again.
    """

    link: Link
    record: Record | None
    detail: Message
    questions: tuple[Question, ...]
    fields: Mapping[str, str]


def agreed() -> frozenset[str]:
    """The keys of the questions that the person of this request agreed to."""
    return frozenset(request.form.getlist("agreed"))


def reason() -> str:
    """Why the person of this request agreed; "" where no reason was given."""
    return request.form.get("reason", "")


def page(view: Any, action: str, refusals: Sequence[NeedsConfirmation]) -> str:
    """Draw it within a matching list.

    :param action: What the person pressed: ``match``, ``create_customer`` or ``create_vendor``.
    """
    rows = [_row(view.connection, action, refusal.questions) for refusal in refusals]
    causes = {question.cause for row in rows for question in row.questions}
    return str(
        view.render(
            "intacct/override.html",
            asked=rows,
            question=_question(action, causes, len(rows)),
            label=_label(action, causes),
            likely=causes == {LIKELY},
            action=action,
            new=CREATES.get(action, ""),
            back=view.back(),
        )
    )


def _row(connection: Connection, action: str, questions: tuple[Question, ...]) -> Row:
    session, form = current().session, request.form
    link = session.get_one(Link, questions[0].link_id, populate_existing=True)
    if action in CREATES:
        return Row(link, None, NOTHING, questions, {})
    fields = {f"version-{link.id}": str(link.version), f"key-{link.id}": link.suggested_key, f"as-{link.id}": ""}
    fields |= {name: form[name] for name in fields if name in form}
    record = session.scalar(
        select(Record).where(
            Record.connection_id == connection.id,
            Record.object == choices.object_of(session, link, fields[f"as-{link.id}"]),
            Record.key == fields[f"key-{link.id}"],
        )
    )
    return Row(link, record, choices.detail(connection, record) if record else NOTHING, questions, fields)


def _question(action: str, causes: set[str], number: int) -> str:
    if causes == {LIKELY}:
        return str(gettext("Are these the same?"))
    if causes == {OTHER_ROLE} and action == "create_customer":
        return str(ngettext("Create %(num)s vendor as customer?", "Create %(num)s vendors as customers?", number))
    if causes == {OTHER_ROLE} and action == "create_vendor":
        return str(ngettext("Create %(num)s customer as vendor?", "Create %(num)s customers as vendors?", number))
    return str(gettext("Decide against the evidence?"))


def _label(action: str, causes: set[str]) -> str:
    if action not in CREATES:
        return str(gettext("Match anyway"))
    if causes == {LIKELY}:
        return str(gettext("Create as new anyway"))
    return str(
        gettext("Create as customer anyway") if action == "create_customer" else gettext("Create as vendor anyway")
    )
