"""Documents that the host changed while they were on their way: what Intacct has is brought up to date."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import kinds
from ..ledger import Document, cents
from ..models import Link, Operation
from ..translate import translators
from . import resolution, unreadable
from .job_context import JobContext
from .outbox import actions, intent
from .outbox.intent import Intent
from .outbox.states import CANCELLED, DONE, REJECTED
from .snapshot import seen
from .unsent import SEEN
from .validation import Preparer

OPEN = ("Draft", "Declined", "Posted")
"""The states of a document that may still be changed, unless it was paid."""


def intend(job: JobContext, session: Session, link: Link, ours: Document, theirs: Document) -> bool:
    """Write down an update of what was sent of a document, if the host changed it since; False if it did not, or what
    was changed can't be changed in Intacct any more.

    A document that was ever paid is left as it is, a posted one keeps its number, and each keeps its contact and has no
    line taken away.

    :param ours: The document as it is now, with the host's references.
    :param theirs: What Intacct has of it.
    """
    known = link.agreed.get(SEEN)
    if known is None or theirs.state not in OPEN or (known == seen(ours) and not _refused(session, link)):
        return False
    currency = unreadable.currency(job)
    if currency is None or theirs.open not in (None, theirs.gross):
        return False
    preparer = Preparer(job.connection, resolution.of(job), currency)
    prepared, findings = preparer.prepare(ours)
    renumbered = theirs.state == "Posted" and prepared.number.strip() != theirs.number
    if not _as_sent(session, link, theirs):
        return False  # it was changed in Intacct as well
    if findings or renumbered or prepared.contact != theirs.contact or len(prepared.lines) < len(theirs.lines):
        return False
    about = {actions.KEY: link.record_key, actions.LINES: len(theirs.lines)}
    kind = kinds.kind(link.kind)
    function = kinds.shape(link.kind).form.change
    values = preparer.build(prepared) | about
    intent.intend(job, session, [Intent(link.id, function, kind.object, values, actions.UPDATE)])
    link.agreed = {**link.agreed, "total": str(ours.gross), "number": ours.number, SEEN: seen(ours)}
    return True


def _refused(session: Session, link: Link) -> bool:
    """Whether the last update of a document was not carried out: it is tried again, as what is to be created is."""
    mine = Operation.link_id == link.id, Operation.action == actions.UPDATE
    state = session.scalar(select(Operation.state).where(*mine).order_by(Operation.id.desc()).limit(1))
    return state in (REJECTED, CANCELLED)


def _as_sent(session: Session, link: Link, theirs: Document) -> bool:
    """Whether Intacct has what was sent last."""
    mine = Operation.link_id == link.id, Operation.action.in_((actions.CREATE, actions.UPDATE)), Operation.state == DONE
    last = session.scalar(select(Operation.payload).where(*mine).order_by(Operation.id.desc()).limit(1))
    if last is None:
        return False
    sent, sign = translators.of(link.kind).sent(link.kind, last["values"]), kinds.shape(link.kind).sign
    return (sent.date, sent.net * sign, sent.gross * sign) == (theirs.date, cents(theirs.net), cents(theirs.gross))
