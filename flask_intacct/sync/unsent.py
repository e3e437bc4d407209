"""Documents that were made ready: looked at again right before they go, and held back if the host changed them."""

from __future__ import annotations

from collections.abc import Sequence

from .. import issues
from ..errors import Unreadable
from ..issues import Finding
from ..ledger import Document
from ..messages import Message
from ..models import Link, Operation, transition_all
from . import outbox, unreadable
from .slice import Slice
from .snapshot import seen

SEEN = "seen"
"""Where a link's agreement says what its document was like when it was made ready."""

CHANGED = Finding(
    "changed meanwhile",
    Message("send.changed"),
    Message("send.changed.cure"),
    issues.NOTICE,
)


def hold_changed(slice_: Slice, kind: str, ready: Sequence[tuple[Operation, Link]]) -> bool:
    """Withdraw what the host changed since it was made ready; the next sync sees it as it is then. Was there any?

    :param ready: What is to be sent of a kind, with its links.
    """
    host = slice_.state.host
    host.session.rollback()  # nothing older than this moment is read
    ours_of = unreadable.of_links(slice_, kind, [link for _, link in ready])
    changed: list[tuple[Operation, Link]] = []
    for operation, link in ready:
        try:
            ours = ours_of(link)
        except Unreadable:
            ours = None
        if not isinstance(ours, Document) or link.agreed.get(SEEN) not in (None, seen(ours)):
            changed.append((operation, link))
    host.session.rollback()  # no transaction stays open while Intacct is asked
    if changed:
        with slice_.transaction() as session:
            mine = Operation.id.in_([operation.id for operation, _ in changed]), Operation.state == outbox.READY
            transition_all(session, Operation, outbox.CANCELLED, "its document was changed here", *mine)
            for _, link in changed:
                slice_.issue(session, f"link:{link.id}", CHANGED, link.kind, link.label, "out")
            slice_.progress(session, failed=[f"link:{link.id}" for _, link in changed])
    return bool(changed)
