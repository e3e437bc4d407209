"""How the dates of the Web Services user are written: Intacct tells it, or dates that were read prove it.

The third of February written the wrong way round is the second of March, a date too. So while nobody knows the form, no
document is read, sent or brought in, and records are read whole, because even what changed since can't be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, kinds
from ..gateway import Client, Order, UserFormat
from ..gateway.errors import ExchangeError, ResultError, RetryClass, UnknownFormat
from ..gateway.formats import text, to_timestamp
from ..issues import Finding
from ..messages import Message
from ..models import Connection, Cursor
from ..standing import Standing
from ..translate.rows import moment
from .job_context import JobContext

SUBJECT = "dates"
UNPROVED = Finding(
    "date order unknown",
    Message("dates.unknown"),
    Message("dates.unknown.cure"),
)

_ROWS = 200
_ORDERS = ("mdY", "dmY", "Ymd", "mdy", "dmy", "ymd")
_BACK = timedelta(days=1)


def told(client: Client) -> UserFormat | None:
    """The user's form as Intacct tells it; None where this user may not ask.

    :raises UnknownFormat: it is one that could be misread.
    """
    try:
        return client.user_formatting()
    except UnknownFormat:
        raise
    except ExchangeError as error:
        if error.retry is not RetryClass.DATA:
            raise
        return None


def learn(job: JobContext) -> None:
    """Find out the form anew: the user's preferences may have changed since the last run.

    :raises UnknownFormat: it is one that could be misread, or dates that were read fit none.
    """
    client = job.client()
    form = told(client)
    if form is None:
        form = _proved(client)
    elif form.date_format != UserFormat().date_format:
        _check(client, form)
    said = None if form is None else form.row()
    if said and said == job.connection.facts.get("format") and not job.told(Standing(subjects=[SUBJECT])):
        return
    with job.transaction() as session:
        row = session.get_one(Connection, job.connection.id)
        job.check_user(row.intacct_company, row.user_id)  # again: Intacct was asked meanwhile
        before = row.facts.get("format")
        row.facts = {**row.facts, "format": said}
        if form is None:
            job.issue(session, SUBJECT, UNPROVED, "", "Dates", "in")
        else:
            issues.close(session, row.id, SUBJECT)
            if before != row.facts["format"]:
                _go_back(session, row.id)
        session.flush()
        job.connection = row


def _go_back(session: Session, connection_id: int) -> None:
    """Look a day further back once: nobody tells whether stamps move with the zone that a user chooses."""
    query = select(Cursor).where(Cursor.connection_id == connection_id, Cursor.stream == "changes")
    for cursor in session.scalars(query):
        mark = moment(cursor.watermark)
        if mark is not None and mark > datetime(1970, 1, 3, tzinfo=UTC):
            cursor.watermark = (mark - _BACK).isoformat()


def _proved(client: Client) -> UserFormat | None:
    """The one form that fits all dates that are read for it; None while several do.

    :raises UnknownFormat: none does.
    """
    candidates = [UserFormat(date_format=f"{mark}{order}") for mark in "/.- " for order in _ORDERS]
    clock = "24"
    for value in _dates(client):
        candidates = [form for form in candidates if _fits(value, form)]
        clock = "12" if "M" in value.upper() else clock
        if not candidates:
            raise UnknownFormat(
                f"dates like {value[:40]!r} fit no form that Sage Intacct offers, or not that of others"
            )
    if len(candidates) != 1:
        return None
    return UserFormat(date_format=candidates[0].date_format, clock=clock)


def _check(client: Client, form: UserFormat) -> None:
    """Look whether dates come in the form that was told: the vendor's documentation knows mm/dd/yyyy alone.

    :raises UnknownFormat: they do not.
    """
    for value in _dates(client):
        if not _fits(value, form):
            raise UnknownFormat(
                f"the user's dates are said to have the form {form.date_format!r}, and {value[:40]!r} has not"
            )


def _probes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Objects, and those of their fields that hold dates and times."""
    for kind in (kinds.named(kinds.ACCOUNT), kinds.named(kinds.CONTACT), *map(kinds.kind, kinds.documents())):
        yield kind.object, (*(kind.shape.dates if kind.shape else ()), kinds.STAMP)


def _dates(client: Client) -> Iterator[str]:
    """Dates and times of the newest records, as they are written."""
    for object_, fields in _probes():
        try:
            page = client.page(
                object_, ["RECORDNO", *fields], order=(Order("RECORDNO", descending=True),), page_size=_ROWS
            )
        except ResultError as error:
            if error.retry is not RetryClass.DATA:
                raise
            continue  # what this user may not read proves nothing
        for row in page.rows:
            yield from filter(None, (text(row, name) for name in fields))


def _fits(value: str, form: UserFormat) -> bool:
    try:
        return to_timestamp(value, form) is not None
    except ValueError:
        return False
