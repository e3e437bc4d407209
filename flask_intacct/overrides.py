"""Decisions against the evidence: what a person is asked before one is taken, and how it is remembered.

A question is agreed to by its key, which stands for every word of it: where the facts change, it is asked again. What
nobody may decide is no question but an objection, see :mod:`.choices`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from . import accounts, kinds
from .errors import Refused
from .ledger import RETAINED
from .models import Connection, Link, Record, now

OTHER_ROLE, OTHER_TYPE, CONTROL, LIKELY = "other_role", "other_type", "control", "likely"

Agreed = Collection[str] | bool
"""The keys of the questions that a person agreed to; True agrees to whatever is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to agree to, for one link: English words that can be translated, and what goes into them."""

    link_id: int
    cause: str
    message: str
    values: dict[str, str]

    @property
    def key(self) -> str:
        """Stands for the question in a form."""
        words = json.dumps([self.message, self.values], sort_keys=True)
        return f"{self.link_id}-{self.cause}-{hashlib.sha256(words.encode()).hexdigest()[:16]}"

    @property
    def text(self) -> str:
        return self.message % self.values


class NeedsConfirmation(Refused):
    """A decision against the evidence waits until the person agrees to what it means; nothing was changed."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(" ".join(question.text for question in questions))
        self.questions = tuple(questions)


def of_match(connection: Connection, link: Link, record: Record, role: str) -> list[Question]:
    """What to ask before a link is matched to a record, in a role."""
    named = f"{record.natural_id} {record.name}".strip()
    return [*_role(link, role, named), *_account(connection, link, record, named)]


def of_create(link: Link, role: str, likely: Record | None) -> list[Question]:
    """What to ask before a contact is created in a role; `likely` is the record of Intacct that it looks like."""
    questions = _role(link, role, "")
    if likely is not None:
        values = {"ours": link.label, "theirs": f"{likely.natural_id} {likely.name}".strip()}
        message = (
            "%(ours)s looks like an existing record in Sage Intacct, %(theirs)s: look at it first. Created anew, it"
            " may be there twice."
        )
        questions.append(Question(link.id, LIKELY, message, values))
    return questions


def own_role(link: Link) -> str:
    """The role in which the host has it, whatever a person has chosen since."""
    return link.own_role or link.role


def settle(questions: Sequence[Question], confirmed: Agreed, who: str, reason: str = "") -> list[dict[str, Any]]:
    """What is kept with the link of the questions that were agreed to.

    :param reason: Why, in the person's words.
    :raises NeedsConfirmation: one was not.
    """
    open_ = [item for item in questions if confirmed is not True and item.key not in (confirmed or ())]
    if open_:
        raise NeedsConfirmation(questions)
    agreed = {"who": who, "at": now().isoformat(), "reason": reason.strip()[:500]}
    return [{"cause": item.cause, "message": item.message, "values": item.values, **agreed} for item in questions]


def _role(link: Link, role: str, record: str) -> list[Question]:
    was = own_role(link)
    if role == was:
        return []
    values = {"ours": link.label, "was": was, "role": role}
    message = "%(ours)s is a %(was)s in this application and will be created in Sage Intacct as a %(role)s."
    if record:
        values["theirs"] = record
        message = "%(ours)s is a %(was)s in this application and will be joined to the %(role)s %(theirs)s."
    message += " Documents that use it as a %(was)s can't be sent."
    used = int(link.facts.get("to_send", 0))
    if used:
        values["used"] = str(used)
        message += " To be sent so far: %(used)s; for these it is asked about again, as a %(was)s."
    return [Question(link.id, OTHER_ROLE, message, values)]


def _account(connection: Connection, link: Link, record: Record, named: str) -> list[Question]:
    if link.kind != kinds.ACCOUNT:
        return []
    questions = []
    ours, theirs = str(link.facts.get("type", "")), accounts.type_of(record)
    if ours in accounts.TYPES and theirs in accounts.TYPES and ours != theirs:
        values = {"ours": link.label, "type": accounts.TYPES[ours], "theirs": named, "other": accounts.TYPES[theirs]}
        message = (
            "%(ours)s belongs to the %(type)s in this application, %(theirs)s to the %(other)s in Sage Intacct. What is"
            " posted to it will stand in the other statement."
        )
        questions.append(Question(link.id, OTHER_TYPE, message, values))
    control = accounts.control(connection, record)
    if control and not link.facts.get("control"):
        word = accounts.CONTROLS[control]
        values = {"ours": link.label, "theirs": named, "control": word if control == RETAINED else f"a {word}"}
        message = "%(theirs)s is used as %(control)s in Sage Intacct. Documents with %(ours)s on a line can't be sent."
        questions.append(Question(link.id, CONTROL, message, values))
    return questions
