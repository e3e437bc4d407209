"""Documents that were made ready: looked at again right before they go, and held back if the host changed them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from .. import issues
from ..issues import Finding
from ..kinds import Kind
from ..ledger import Document
from ..links import local_ref
from ..messages import Message
from ..models import Link, Operation, transition_all
from . import breaker
from .job_context import JobContext
from .ours import retire_gone
from .outbox import claim, states
from .outbox.actions import OF_A_ROW
from .outbox.states import CANCELLED, READY
from .snapshot import seen

SEEN = "seen"
"""Where a link's agreement says what its document was like when it was made ready."""

CHANGED = Finding(
    "changed meanwhile",
    Message("send.changed"),
    Message("send.changed.cure"),
    issues.NOTICE,
)


class Queue:
    """What is ready to be sent of a kind when a step begins, in its order."""

    def __init__(self, job: JobContext, spec: Kind) -> None:
        self._slice, self._spec = job, spec
        with job.state.reading() as session:
            self._ids = deque(claim.ids(session, job.connection.id, spec, job.only))

    def __bool__(self) -> bool:
        return bool(self._ids) and not breaker.waits(self._slice, self._spec)

    def take(self, *, most: int | None = None, patient: bool = True) -> claim.Batch | None:
        """Claim what makes the next request, once its rows were looked at; None if there is nothing left, or no slot.

        While all slots are in use by others of this process it is claimed all the same: it goes once one is answered.

        :param most: So many operations at most; else as many as a request takes.
        :param patient: Wait for a slot of the gate.
        """
        if breaker.stopped(self._slice, self._spec):
            if not patient:
                return None  # its outcome decides about the others
            most = 1
        while self and (self._slice.gate.full() or self._slice.reserve(patient=patient)):
            wanted = [self._ids.popleft() for _ in range(min(most or states.BATCH, len(self._ids)))]
            _hold(self._slice, self._spec, wanted)
            batch = claim.claim(self._slice, self._spec, wanted)
            if batch is not None:  # what did not go into it may go into the next one
                taken = {operation.id for operation, _ in batch.rows}
                self._ids.extendleft(reversed([one for one in wanted if one not in taken]))
                return batch
        return None


def _hold(job: JobContext, spec: Kind, wanted: Sequence[int]) -> None:
    """Look at the rows behind these operations: retire the links of those that are gone, and withdraw what the host
    changed, or gave to another company, since it was made ready. The next sync sees it as it is then.
    """
    ready = _ready(job, spec, wanted)
    if ready and retire_gone(job, (link for _, link in ready)):
        ready = _ready(job, spec, wanted)
    if spec.shape is not None and ready:
        _hold_changed(job, spec.name, ready)


def _ready(job: JobContext, spec: Kind, wanted: Sequence[int]) -> Sequence[Any]:
    mine = Operation.id.in_(wanted), Operation.action.in_(OF_A_ROW)
    with job.state.reading() as session:
        return session.execute(claim.ready(job.connection.id, spec).where(*mine)).all()


def _hold_changed(job: JobContext, kind: str, ready: Sequence[tuple[Operation, Link]]) -> None:
    host = job.state.host
    host.session.rollback()  # nothing older than this moment is read
    found = dict(host.owned(kind, [local_ref(link) for _, link in ready], lambda error: None))
    changed: list[tuple[Operation, Link]] = []
    for operation, link in ready:
        company, ours = found.get(local_ref(link)) or ("", None)
        given_away = company not in ("", job.connection.company_id)
        if given_away or not isinstance(ours, Document) or link.agreed.get(SEEN) not in (None, seen(ours)):
            changed.append((operation, link))
    host.session.rollback()  # no transaction stays open while Intacct is asked
    if changed:
        with job.transaction() as session:
            mine = Operation.id.in_([operation.id for operation, _ in changed]), Operation.state == READY
            transition_all(session, Operation, CANCELLED, "its document was changed here", *mine)
            for _, link in changed:
                job.issue(session, f"link:{link.id}", CHANGED, link.kind, link.label, "out")
            job.progress(session, failed=[f"link:{link.id}" for _, link in changed])
