"""Decisions: which Intacct record a local record is, or that it is created there, or archived here.

Each decision is one short transaction of its own. At most one local record per Intacct record is held by a unique key
in the database; the checks here only find better words for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import choices, kinds, overrides
from .choices import ARCHIVED, CREATE, LINKED, MATCHED, OPEN_STATES, UNDECIDED
from .decision import (
    answered,
    clear,
    decide,
    described,
    judge,
    link_of,
    open_link,
    options_of,
    record_of,
    refuse_taken,
    reject,
    reopen_options,
    take_role,
)
from .errors import Refused
from .ledger import Ref
from .messages import NOTHING, Message, noun
from .models import Connection, Link, Record
from .overrides import Agreed, NeedsConfirmation, Question
from .state import Transaction, current


@dataclass(slots=True)
class Outcome:
    """What a bulk action came to: ids that were done, and what was refused."""

    done: list[int] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    def refuse(self, refusal: Refused) -> None:
        """Take note of a refusal."""
        self.refusals.append(refusal)

    @property
    def refused(self) -> list[str]:
        """A sentence for each that was refused."""
        return [refusal.message for refusal in self.refusals]

    @property
    def asked(self) -> list[NeedsConfirmation]:
        """Those that could be done if the person agreed to what they mean."""
        return [refusal for refusal in self.refusals if isinstance(refusal, NeedsConfirmation)]

    @property
    def final(self) -> list[str]:
        """The sentences of those that no agreement would change."""
        return [refusal.message for refusal in self.refusals if not isinstance(refusal, NeedsConfirmation)]


def match(
    connection_id: int,
    link_id: int,
    record_key: str,
    who: str,
    *,
    role: str = "",
    version: int | None = None,
    origin: str = "hand",
    confirmed: Agreed = (),
    reason: str = "",
    at: datetime | None = None,
    transaction: Transaction | None = None,
) -> Link:
    """Decide that a local record is this Intacct record.

    :param role: For a contact: whether the record is a customer or a vendor; "" is the host's role of it.
    :param version: The row version that the page showed.
    :param confirmed: What the person agreed to, where the decision is against the evidence.
    :param reason: Why, in the person's words.
    :param at: When it was decided, if that is not now.
    :param transaction: Begins its transaction, if that is one of a run.
    :raises AlreadyUsed: another local record has it; the text names the record and who chose it.
    :raises Stale: somebody changed the row since the page was drawn.
    :raises NeedsConfirmation: it is against the evidence, and not agreed to.
    :raises Refused: the two can't be the same, or the row can no longer be changed.
    """
    transaction = transaction or current().transaction
    try:
        with transaction() as session:
            connection, link = open_link(session, connection_id, link_id, version)
            record, questions = _weigh(session, connection, link, record_key, role)
            agreed = overrides.settle(questions, confirmed, who, reason)
            if link.kind == kinds.TRACKING_CATEGORY and record.key != (link.record_key or link.suggested_key):
                reopen_options(session, link)
            before = described(link)
            answered(session, link)
            judge(session, link)
            role, own = role or overrides.own_role(link), overrides.own_role(link)
            if record.key != link.suggested_key or role != own:
                reject(session, link)
            take_role(session, link, role)
            link.object, link.record_key, link.overrides = record.object, record.key, agreed
            link.exclusive = record.key if kinds.kind(link.kind, link.role).exclusive else None
            decide(session, link, LINKED if link.state == LINKED else MATCHED, who, origin, before, at)
            session.flush()
            return link
    except IntegrityError:
        with transaction() as session:
            link = link_of(session, connection_id, link_id)
            refuse_taken(session, link, record_of(session, link, record_key, role))
        raise  # not the exclusive key: a fault of ours, not of the person


def _weigh(
    session: Session, connection: Connection, link: Link, record_key: str, role: str
) -> tuple[Record, list[Question]]:
    """The record of Intacct, and what to ask before the link is matched to it.

    :raises Refused: nobody may match the two.
    """
    role = role or overrides.own_role(link)
    if role not in current().host.roles(link.kind):
        raise Refused(Message("decide.no_role", role=noun(role), label=link.label))
    record = record_of(session, link, record_key, role)
    wrong = choices.objection(connection, link, record)
    if wrong:
        raise Refused(wrong)
    if kinds.kind(link.kind, role).exclusive:
        refuse_taken(session, link, record)
    return record, overrides.of_match(connection, link, record, role)


def accept(
    connection_id: int,
    link_ids: Sequence[int],
    who: str,
    *,
    confirmed: Agreed = (),
    at: datetime | None = None,
    transaction: Transaction | None = None,
) -> Outcome:
    """Match each of these to its suggestion; `at` and `transaction` as :func:`match` takes them."""

    def one(link_id: int) -> None:
        with current().reading() as session:
            link = link_of(session, connection_id, link_id)
        if link.state == UNDECIDED and not link.suggested_key:
            raise Refused(Message("decide.no_suggestion", label=link.label))
        match(
            connection_id, link_id, link.suggested_key, who,
            version=link.version, origin="suggested", confirmed=confirmed, at=at, transaction=transaction,
        )  # fmt: skip

    return _each(link_ids, one)


def create(
    connection_id: int,
    link_ids: Sequence[int],
    role: str,
    who: str,
    *,
    confirmed: Agreed = (),
    reason: str = "",
    at: datetime | None = None,
    transaction: Transaction | None = None,
) -> Outcome:
    """Decide that contacts are created in Intacct as customer or vendor, at Confirm.

    :param role: ``customer`` or ``vendor``; "" is the host's role of each.
    :param confirmed: What the person agreed to of what is against the evidence: another role than the host's, a new
        record beside a likely existing one.
    :param reason: Why, in the person's words.
    """

    def one(link_id: int) -> None:
        with (transaction or current().transaction)() as session:
            _, link = open_link(session, connection_id, link_id, None)
            if link.kind != kinds.CONTACT:
                raise Refused(Message("decide.only_contacts", label=link.label))
            if link.state == LINKED:
                raise Refused(Message("decide.exists", label=link.label))
            wanted = role or overrides.own_role(link)
            if wanted not in current().host.roles(kinds.CONTACT):
                raise Refused(Message("decide.no_role_of_contact", role=noun(wanted)))
            before = described(link)
            likely = choices.likely(session, link)
            take_role(session, link, wanted)
            agreed = overrides.settle(overrides.of_create(link, wanted, likely), confirmed, who, reason)
            judge(session, link)
            reject(session, link)
            link.object, link.record_key, link.exclusive, link.overrides = "", "", None, agreed
            decide(session, link, CREATE, who, "hand", before, at)

    return _each(link_ids, one)


def archive(
    connection_id: int,
    link_ids: Sequence[int],
    who: str,
    *,
    at: datetime | None = None,
    transaction: Transaction | None = None,
) -> Outcome:
    """Decide that records are archived in the host, at Confirm.

    Refused while a document to be sent uses one, or the host has a reason of its own to keep it.
    """

    def one(link_id: int) -> None:
        with current().reading() as session:
            wanted = link_of(session, connection_id, link_id)
        if reason := wanted_by_host(wanted):
            raise Refused(reason)
        with (transaction or current().transaction)() as session:
            _, link = open_link(session, connection_id, link_id, None)
            if reason := _used(session, link):
                raise Refused(reason)
            for option in _options(session, link):
                if option.state in OPEN_STATES:
                    clear(session, option, ARCHIVED, who, at)
            judge(session, link)
            clear(session, link, ARCHIVED, who, at)

    return _each(link_ids, one)


def kept(session: Session, link: Link) -> Message:
    """Why :func:`archive` would refuse a record as things stand; nothing if it would not."""
    return wanted_by_host(link) or _used(session, link)


def wanted_by_host(link: Link) -> Message:
    """Why the host wants a record that is to be archived; nothing if it does not."""
    reason = choices.keep(link)
    return Message("decide.kept", label=link.label, reason=reason) if reason else NOTHING


def _used(session: Session, link: Link) -> Message:
    if link.state == LINKED:
        return Message("decide.inactive_there", label=link.label)
    return used_by((link, *_options(session, link)))


def used_by(links: Sequence[Link]) -> Message:
    """Which of these a document still to be sent uses; nothing if none is used."""
    for row in links:
        used = int(row.facts.get("to_send", 0))
        if used:
            return Message("decide.used", label=row.label, used=used)
    return NOTHING


def _options(session: Session, link: Link) -> Sequence[Link]:
    return options_of(session, link) if link.kind == kinds.TRACKING_CATEGORY else ()


def undo(
    connection_id: int,
    link_ids: Sequence[int],
    who: str,
    *,
    mistaken: bool = False,
    at: datetime | None = None,
    transaction: Transaction | None = None,
) -> Outcome:
    """Take decisions back, until Confirm; rows that nobody decided are passed over.

    :param mistaken: The person takes back what they pressed a moment ago: that says nothing about the suggestions.
    """

    def one(link_id: int) -> bool:
        with (transaction or current().transaction)() as session:
            _, link = open_link(session, connection_id, link_id, None)
            if link.state == UNDECIDED:
                return False  # there is nothing to take back
            if link.state == LINKED:
                raise Refused(Message("decide.confirmed", label=link.label))
            if link.kind == kinds.TRACKING_CATEGORY:
                reopen_options(session, link)
            if mistaken:
                link.sure_key = ""
            clear(session, link, UNDECIDED, who, at)
            return True

    return _each(link_ids, one)


def _each(link_ids: Sequence[int], one: Callable[[int], Any]) -> Outcome:
    """Do one after the other; where `one` gives False, there was nothing to do."""
    outcome = Outcome()
    for link_id in link_ids:
        try:
            if one(link_id) is not False:
                outcome.done.append(link_id)
        except Refused as refusal:
            outcome.refuse(refusal)
    return outcome


def local_ref(link: Link) -> Ref:
    """The local record behind a link."""
    return Ref(link.source, link.local_id)
