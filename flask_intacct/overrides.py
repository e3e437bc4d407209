"""Decisions against the evidence: what a person is asked before one is taken, and how it is remembered.

A question is agreed to by its key, which stands for all that it says: where the facts change, it is asked again. What
nobody may decide is no question but an objection, see :mod:`.choices`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import accounts, kinds
from .entries import ACCOUNT_TYPES
from .errors import Refused
from .messages import Message, dump, kept, noun, plain, sentences
from .models import Connection, Link, Record, now

OTHER_ROLE, OTHER_TYPE, CONTROL, LIKELY = "other_role", "other_type", "control", "likely"

Agreed = Collection[str] | bool
"""The keys of the questions that a person agreed to; True agrees to whatever is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to agree to, for one link.

    :param names: What the plan says again: the other record, and the roles.
    """

    link_id: int
    cause: str
    message: Message
    names: dict[str, str]

    @property
    def key(self) -> str:
        """Stands for the question in a form."""
        return f"{self.link_id}-{self.cause}-{hashlib.sha256(dump(self.message).encode()).hexdigest()[:16]}"

    @property
    def text(self) -> str:
        return str(self.message)


class NeedsConfirmation(Refused):
    """A decision against the evidence waits until the person agrees to what it means; nothing was changed."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(sentences(question.message for question in questions))
        self.questions = tuple(questions)


def of_match(connection: Connection, link: Link, record: Record, role: str) -> list[Question]:
    """What to ask before a link is matched to a record, in a role."""
    named = f"{record.natural_id} {record.name}".strip()
    return [*_role(link, role, named), *_account(connection, link, record, named)]


def of_create(link: Link, role: str, likely: Record | None) -> list[Question]:
    """What to ask before a contact is created in a role; `likely` is the record of Intacct that it looks like."""
    questions = _role(link, role, "")
    if likely is not None:
        theirs = f"{likely.natural_id} {likely.name}".strip()
        message = Message("override.likely", ours=link.label, theirs=theirs)
        questions.append(Question(link.id, LIKELY, message, {"theirs": theirs}))
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
    return [{"cause": item.cause, "said": plain(item.message), "values": item.names, **agreed} for item in questions]


def said(agreed: Mapping[str, Any]) -> Message:
    """What was agreed to, of what :func:`settle` keeps."""
    return kept(agreed.get("said", agreed))


def _role(link: Link, role: str, record: str) -> list[Question]:
    was = own_role(link)
    if role == was:
        return []
    roles = {"ours": link.label, "was": noun(was), "role": noun(role)}
    message = Message("override.role_created", **roles)
    if record:
        message = Message("override.role_joined", **roles, theirs=record)
    used = int(link.facts.get("to_send", 0))
    if used:
        message = sentences([message, Message("override.used_again", used=used, was=noun(was))])
    return [Question(link.id, OTHER_ROLE, message, {"was": was, "role": role, "theirs": record})]


def _account(connection: Connection, link: Link, record: Record, named: str) -> list[Question]:
    if link.kind != kinds.ACCOUNT:
        return []
    questions = []
    ours, theirs = str(link.facts.get("type", "")), accounts.type_of(record)
    if {ours, theirs} <= {*ACCOUNT_TYPES} and ours != theirs:
        types = {"type": Message(f"override.type.{ours}"), "other": Message(f"override.type.{theirs}")}
        message = Message("override.type", ours=link.label, theirs=named, **types)
        questions.append(Question(link.id, OTHER_TYPE, message, {"theirs": named}))
    control = accounts.control(connection, record)
    if control and not link.facts.get("control"):
        used_as = Message(f"override.control.{control}")
        message = Message("override.control", ours=link.label, theirs=named, control=used_as)
        questions.append(Question(link.id, CONTROL, message, {"theirs": named}))
    return questions
