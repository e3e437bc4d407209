"""Feeds the matching with both sides and stores what it says with the links: again for a kind whose sides changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..choices import UNDECIDED
from ..issues import Finding
from ..ledger import Ref, TrackingOption
from ..matching import Spoiled, available, suggest
from ..messages import Message, plain
from ..models import Connection, Link
from ..phases import Cursor
from ..standing import Standing
from ..state import current
from ..sync import aside
from ..sync.job_context import JobContext
from . import sides
from .sides import Ours, Sides, Theirs
from .steps import after_reading

Transaction = Callable[[], AbstractContextManager[Session]]

CERTAIN = 95
"""Without the extra ``[matching]``, from this confidence on a suggestion of equal and unique evidence is certain."""

BATCH = 500
BREATH = 20.0
"""Seconds after which a worker that still computes renews its lease, if that is not shorter still."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is stored for one link."""

    key: str = ""
    runner_up: str = ""
    confidence: int = 0
    certain: bool = False
    reasons: Sequence[Message] = ()
    conflicts: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that can't be compared, and so has no suggestion and is none.

    :param subject: Names it: ``link:12`` of ours, ``record:7`` of Intacct's.
    """

    subject: str
    label: str
    error: Exception


def stage(kind: str, job: JobContext, cursor: Cursor, *, counts: bool = True) -> Cursor | None:
    """Suggest for a kind if one of its sides changed since the last time, and store it link by link.

    :param counts: The phase counts how many have a suggestion.
    """
    if not cursor and kind not in job.once("to suggest for", lambda: _wanting(job)):
        return None
    made = job.kept("suggestions", lambda: Made.anew(job.connection.id, kind, job.transaction))
    # Where a side changed since the last slice, all of them are made from what is there now.
    after: int | None = cursor.get("after", 0) if cursor.get("digest") == made.digest else 0
    if not made.fresh:
        after = made.store(after or 0, job.transaction)
        if after is not None:
            return {"after": after, "digest": made.digest}
        made.close(job.transaction)
    elif not (counts and made.number) and not job.told(made.told):
        return None
    with job.transaction() as session:
        made.tell(session)
        job.progress(session, done=[kind] if counts else (), each=made.number)
    return None


def _wanting(job: JobContext) -> Collection[str]:
    """The kinds with links that want a suggestion, or of which something is said that may be over."""
    undecided = select(Link.kind).where(Link.connection_id == job.connection.id, Link.state == UNDECIDED)
    with job.state.reading() as session:
        found = set(session.scalars(undecided.where(Link.kind.in_(kinds.MATCHED)).distinct()))
    return found | {subject.split(":")[1] for subject in job.told(Standing(before="suggest:"))}


def ready(job: JobContext, _: Cursor) -> None:
    """Both sides are read, and suggestions made: the wizard may go on."""
    if job.connection.state != "onboarding":
        return
    with job.transaction() as session:
        after_reading(session, session.get_one(Connection, job.connection.id))


def suggest_options(connection_id: int) -> None:
    """Once a category is matched to another dimension than was suggested: suggest that dimension's values."""
    compute(connection_id, kinds.TRACKING_OPTION, current().transaction)


def compute(connection_id: int, kind: str, transaction: Transaction) -> int:
    """Suggest for the undecided links of one kind; gives how many have a suggestion."""
    made = Made.anew(connection_id, kind, transaction)
    last: int | None = None if made.fresh else 0
    while last is not None:
        last = made.store(last, transaction)
    if not made.fresh:
        made.close(transaction)
        with transaction() as session:
            made.tell(session)
    return made.number


@dataclass(frozen=True, slots=True)
class Made:
    """The suggestions for the undecided links of a kind.

    Nothing is locked while both sides are read and compared: people go on deciding. What they decided meanwhile is
    left as it is, and makes the next run compute again.

    :param fresh: What is stored was made from the same sides.
    :param number: How many have a suggestion.
    :param seen: The version of each link.
    :param failed: What could not be compared, and why. It is compared again in the next run.
    """

    connection_id: int
    kind: str
    digest: str
    fresh: bool
    number: int
    found: Mapping[int, Found]
    seen: Mapping[int, int]
    failed: Sequence[Failed] = ()

    @property
    def subject(self) -> str:
        """How the subjects begin of the issues of records of the kind that can't be compared."""
        return f"suggest:{self.kind}:"

    @property
    def told(self) -> Standing:
        """These issues."""
        return Standing(before=self.subject)

    @classmethod
    def anew(cls, connection_id: int, kind: str, transaction: Transaction) -> Made:
        """Work them out, unless they are stored."""
        with Session(current().engine, expire_on_commit=False) as session:
            connection = session.get_one(Connection, connection_id)
            standing = sides.standing(session, connection, kind)
            if not standing.open or connection.suggested.get(kind) == standing.digest:
                return cls(connection_id, kind, standing.digest, True, standing.suggested, {}, {})
            both = sides.read(session, connection, kind, sides.undecided(session, connection, kind))
        failed: list[Failed] = []
        work = _categories if kind == kinds.TRACKING_CATEGORY else _found
        found = _patiently(lambda: work(both, failed.append), transaction)
        seen = {link.id: link.version for link in both.open}
        return cls(connection_id, kind, standing.digest, False, len(found), found, seen, failed)

    def store(self, after: int, transaction: Transaction) -> int | None:
        """Store those of some links from one on; gives the last of them, None if there are no more."""
        ids = [link_id for link_id in sorted(self.seen) if link_id > after][:BATCH]
        with transaction() as session:
            query = select(Link).where(Link.id.in_(ids), Link.state == UNDECIDED)
            for link in session.scalars(query.with_for_update()):
                if link.version == self.seen[link.id]:
                    _store(link, self.found.get(link.id, Found()))
        return ids[-1] if len(ids) == BATCH else None

    def close(self, transaction: Transaction) -> None:
        """Remember what they were made from: all are stored."""
        if self.failed:
            return
        with transaction() as session:
            connection = session.get_one(Connection, self.connection_id)
            connection.suggested = {**connection.suggested, self.kind: self.digest}

    def tell(self, session: Session) -> None:
        """Open an issue for each record that could not be compared, and close those of others of the kind."""
        before = self.subject
        told = set(session.scalars(self.told.query(self.connection_id)))
        for failed in self.failed:
            finding = replace(_finding(failed, f"{self.kind} {failed.label}"), severity="warning")
            subject = f"{before}{failed.subject}"
            issues.open_issue(session, self.connection_id, subject, finding, kind=self.kind, label=failed.label)
            told.discard(subject)
        issues.close_all(session, self.connection_id, sorted(told))


def _finding(failed: Failed, what: str) -> Finding:
    try:
        raise failed.error
    except Exception as error:
        # A mistake may raise anything; raised in the thread that computes, it is logged here.
        return aside.finding(error, what, "not acceptable")


def _patiently(work: Callable[[], dict[int, Found]], transaction: Transaction) -> dict[int, Found]:
    """Compute beside this thread, which renews the lease meanwhile: each transaction of a run does."""
    wait = min(BREATH, current().config.lease_seconds / 3)
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(work)
        while True:
            try:
                return future.result(timeout=wait)
            except TimeoutError:
                with transaction():
                    continue


def _of_link(link: Ours, error: Exception) -> Failed:
    return Failed(f"link:{link.id}", link.label, error)


def _aside(open_: Sequence[Ours], remote: Sequence[Theirs], bad: Callable[[Failed], None]) -> Callable[[Spoiled], None]:
    """Tells whose a record is that the matching fails for."""

    def tell(one: Spoiled) -> None:
        if one.ours:
            bad(next(_of_link(link, one.error) for link in open_ if link.ref == one.value.ref))
        else:
            record = next(theirs for theirs in remote if theirs.value.ref == one.value.ref)
            bad(Failed(f"record:{record.id}", record.value.label, one.error))

    return tell


def _found(both: Sides, bad: Callable[[Failed], None]) -> dict[int, Found]:
    """What the matching says, by link."""
    remote = [one for found in both.remote.values() for one in found]
    keys = {one.value.ref: one.key for one in remote}
    said = suggest(
        both.kind,
        sides.local_values(both.open, both.kind, lambda link, error: bad(_of_link(link, error))),
        [one.value for one in remote],
        taken=both.taken,
        rejected=both.rejected,
        categories=both.categories,
        entity=both.entity,
        aside=_aside(both.open, remote, bad),
    )
    links: dict[str, dict[Ref, int]] = {}
    for link in both.open:
        links.setdefault(link.role, {})[link.ref] = link.id
    return {
        links[one.role][one.local]: Found(
            keys[one.remote],
            keys[one.runner_up] if one.runner_up else "",
            one.confidence,
            one.certain or (not available() and one.confidence >= CERTAIN),
            one.reasons,
            one.conflicts,
        )
        for one in said
    }


def _categories(both: Sides, bad: Callable[[Failed], None]) -> dict[int, Found]:
    """A category is most likely the dimension whose values carry the names of its options."""
    found = {}
    for link in both.open:
        options = both.options.get(link.ref.id, ())
        shared = sorted(((_shared(options, both, object_, bad), object_) for object_ in both.remote), reverse=True)
        best, object_ = shared[0] if shared else (0, "")
        second = shared[1] if len(shared) > 1 else (0, "")
        if best > 2 * second[0] and best * 3 >= len(options) and best > 0:
            found[link.id] = Found(
                object_,
                second[1] if second[0] else "",
                # Agreeing names of a third of the values give 65 %, of all of them 99 %.
                min(99, 48 + 51 * best // len(options)),
                reasons=[Message("same.options", equal=best, count=len(options))],
            )
    return found


def _shared(options: Sequence[Ours], both: Sides, object_: str, bad: Callable[[Failed], None]) -> int:
    """How many of the options have an equal value among those of a dimension."""
    if not options:
        return 0
    ours = sides.local_values(options, kinds.TRACKING_OPTION, lambda link, error: bad(_of_link(link, error)))
    category = {value.category: Ref(kinds.DIMENSION, object_) for value in ours if isinstance(value, TrackingOption)}
    theirs = [one.value for one in both.remote[object_]]
    told = _aside(options, both.remote[object_], bad)
    return len(suggest(kinds.TRACKING_OPTION, ours, theirs, categories=category, entity=both.entity, aside=told))


def _store(link: Link, found: Found) -> None:
    link.suggested_key, link.runner_up_key = found.key, found.runner_up
    link.confidence, link.certain = found.confidence, found.certain
    link.reasons, link.conflicts = plain(found.reasons), plain(found.conflicts)
