"""What a person wants done with many records at once, as data: which records, and what with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..bars import Bar
from ..choices import ARCHIVED, CREATE, MATCHED, UNDECIDED, sought
from ..holding import holding
from ..issues import ANSWERED, ASKED, HANDLED, NOTICE
from ..models import Issue, Link, Run
from ..proposals import SURE, Filter
from ..state import current

ACCEPT, ADD, ARCHIVE, HANDLE, RETRY, UNDO = "accept", "create", "archive", "handle", "retry", "undo"

ISSUES = (HANDLE, RETRY)
"""The actions that are about issues."""

BECOMES = {ACCEPT: MATCHED, ADD: CREATE, ARCHIVE: ARCHIVED}
"""The state of a link after each of the actions that decide."""

FAILED, HELD = "failed", "held"
"""The outcomes that the issues of records can be chosen by: what a person has to work on, and what waits."""

WANTED, LEFT = "wanted", "left"
"""Where the report of a run keeps what was wanted, and why records were left as they were, by their ids."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted; what is "" or 0 plays no part.

    :param kind: The kind of the links; of issues, the kind that they are of.
    :param role: Only links in this role; likewise `sure`, `search` and `parent` of :class:`~flask_intacct.proposals.\
Filter`. Issues have a `search`, too.
    :param new_role: The role that contacts are created in.
    :param least: The confidence of certain suggestions when it was asked for.
    :param last: The id of the last link, or issue, that there was when the person was asked: what came since, nobody
        saw.
    :param cause: The cause of the issues; likewise their `outcome`.
    :param called: For each word of the issues' search, the causes that have it in the person's language.
    :param reason: Why issues need nobody any more.
    :param run: The id of the run that is undone.
    """

    action: str
    kind: str = ""
    role: str = ""
    sure: str = ""
    search: str = ""
    parent: str = ""
    new_role: str = ""
    least: int = 0
    cause: str = ""
    outcome: str = ""
    last: int = 0
    reason: str = ""
    run: int = 0
    called: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        """:raises ValueError: it makes no sense."""
        of_links = self.action in BECOMES
        good = {
            "action": of_links or self.action in (*ISSUES, UNDO),
            "kind": self.kind in kinds.MATCHED or not of_links,
            "role": not self.role or (of_links and self.role in kinds.roles(self.kind)),
            "sure": self.sure in ("", *SURE),
            "new_role": (self.action == ADD) == bool(self.new_role),
            "outcome": self.outcome in ("", FAILED, HELD),
            "reason": self.action == HANDLE or not self.reason,
            "run": (self.action == UNDO) == bool(self.run),
        }
        if self.action == ADD:
            roles = current().host.roles(kinds.CONTACT)
            good["new_role"] = self.kind == kinds.CONTACT and self.new_role in roles
        wrong = [name for name, is_good in good.items() if not is_good]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: of no use for {self.action!r}")

    @classmethod
    def of(cls, run: Run) -> Wanted:
        """What a run is to do.

        :raises ValueError: that is not told, or makes no sense.
        """
        given: Mapping[str, Any] = run.report.get(WANTED, {})
        known = {name: given[name] for name in cls.__slots__ if name in given}
        return cls(**{"action": "", **known})

    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def filter(self) -> Filter:
        return Filter(self.kind, self.role, self.sure, self.search, self.parent)

    def links(self, session: Session, connection_id: int, bar: Bar) -> Select[Any]:
        """The links that an action decides, as far as it has not, in no order."""
        query = select(Link).where(*self.filter.where(session, connection_id, bar), Link.state == UNDECIDED)
        query = query.where(bar.clearing, Link.suggested_key != "") if self.action == ACCEPT else query
        return query.where(Link.id <= self.last) if self.last else query

    def issues(self, session: Session, connection_id: int) -> Select[Any]:
        """The open issues that may be marked as handled, or tried again, in no order."""
        query = issues_of(session, connection_id, self.kind, self.search, self.cause, self.called).order_by(None)
        query = query.where(Issue.fingerprint.not_in(ANSWERED if self.action == RETRY else ASKED))
        if self.outcome:
            query = query.where(Issue.severity == NOTICE if self.outcome == HELD else Issue.severity != NOTICE)
        return query.where(Issue.id <= self.last) if self.last else query


def decided(connection_id: int, run: Run) -> Select[Any]:
    """The links that a run decided and that still are as it left them, in no order.

    All that a run decides is decided when it was asked for, to the instant.
    """
    wanted = Wanted.of(run)
    return select(Link).where(
        Link.connection_id == connection_id,
        Link.kind == wanted.kind,
        Link.state == BECOMES[wanted.action],
        Link.decided_by == run.asked_by,
        Link.decided_at == run.asked_at,
    )


def put_aside(connection_id: int, run: Run) -> Select[Any]:
    """The issues that a run marked as handled and that still are, in no order."""
    return select(Issue).where(
        Issue.connection_id == connection_id,
        Issue.live.is_(None),
        Issue.resolution == HANDLED,
        Issue.handled_by == run.asked_by,
        Issue.handled_at == run.asked_at,
    )


def issues_of(
    session: Session,
    connection_id: int,
    kind: str,
    search: str,
    cause: str = "",
    called: Sequence[Sequence[str]] = (),
) -> Select[Any]:
    """The open issues of a kind and cause, with all words of the search in their label or cause; the newest first.

    :param called: As in :func:`narrowed`.
    """
    query = narrowed(session, issues.open_issues(connection_id), connection_id, kind, search, called)
    return query.where(Issue.fingerprint == cause) if cause else query


def narrowed(
    session: Session,
    query: Select[Any],
    connection_id: int,
    kind: str,
    search: str,
    called: Sequence[Sequence[str]] = (),
) -> Select[Any]:
    """Those issues of a query that are of the kind, with all words of the search in their label or cause.

    :param called: What :func:`causes_of` gave for the search, if somebody else's language counts.
    """
    if kind:
        query = query.where(Issue.kind == kind)
    causes = called or causes_of(session, connection_id, search)
    for word, found in zip(sought(search), causes, strict=True):
        query = query.where(holding(Issue.label, word) | Issue.fingerprint.in_(found))
    return query


def causes_of(session: Session, connection_id: int, search: str) -> list[list[str]]:
    """For each word of a search the causes that have it, as they are kept or as the reader sees them."""
    causes = issues.causes(session, connection_id) if search else ()
    return [issues.called(causes, word) for word in sought(search)]
