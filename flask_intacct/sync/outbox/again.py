"""What was found in Intacct as it was sent, while the host's record has changed since: it is brought up to date."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ... import kinds
from ...errors import Refused
from ...ledger import Contact
from ...models import Link, Operation
from ...translate import outgoing
from .. import values
from ..slice import Slice
from . import actions, intent


def intend(slice_: Slice, session: Session, done: Operation, link: Link) -> None:
    """Write down that a contact is to be changed, if it is not any more what was sent of it; documents are compared
    when they are read back.

    :param done: What was sent, and found.
    """
    if link.kind != kinds.CONTACT:
        return
    try:
        value = values.of(link)
        if not isinstance(value, Contact):
            return
        object_, fields = outgoing.contact(value, link.role)
    except (Refused, ValueError, TypeError):
        return  # as it is now it can't be sent, which its own stage tells
    if fields != done.payload["values"]:
        given = {**fields, actions.KEY: link.record_key}
        intent.intend(slice_, session, [intent.Intent(link.id, "update", object_, given, actions.UPDATE)])
