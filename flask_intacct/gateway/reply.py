"""A judged reply: what each function came to, found by its control id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from .. import logs
from .classify import error_for, printable, result_error, undone, unknown
from .envelope import Envelope, Part, parse
from .errors import (
    ControlError,
    ExchangeError,
    GatewayBusy,
    GatewayFault,
    Level,
    ProtocolError,
    ResultError,
    RetryClass,
)
from .formats import Row
from .function import is_write
from .mending import Spoiled
from .outage import http_date, not_an_envelope, retry_after
from .redact import NO_SECRETS, Secrets
from .transport import Answer

log = logs.logger(__name__)

_BROKE_DOWN = re.compile("GW-000[1-9]", re.IGNORECASE)
_RECORDS = re.compile(r"(create|update|reverse)_(invoice|bill|ar|ap)")


@dataclass(frozen=True, slots=True)
class Result:
    """What one function came to.

    :param status: `success`, `failure`, `aborted`, or whatever else the gateway wrote.
    :param key: The key that an old function gives.
    :param rows: What was read.
    :param written: Keys of the objects written, also when the function failed after them.
    :param total: Rows in all, of a paged read; None if not told. Likewise `count` and `remaining`.
    :param result_id: The cursor of a `readByQuery`.
    :param spoiled: Rows of a read that were not well-formed: repaired, or left out of `rows`.
    """

    status: str
    function: str
    control_id: str
    key: str = ""
    rows: list[Row] = field(default_factory=list, repr=False)
    written: list[Row] = field(default_factory=list)
    errors: tuple[GatewayFault, ...] = ()
    total: int | None = None
    count: int | None = None
    remaining: int | None = None
    result_id: str = ""
    list_type: str = ""
    http_status: int | None = None
    spoiled: tuple[Spoiled, ...] = ()

    @property
    def extent(self) -> int:
        """How many rows came, with those left out."""
        return len(self.rows) + sum(row.left_out for row in self.spoiled)

    @property
    def ok(self) -> bool:
        """Did it succeed, and stand?"""
        return self.status == "success" and not self._undone

    @property
    def error(self) -> ResultError | None:
        """Why it failed; None after success."""
        if self.ok:
            return None
        writes = is_write(self.function)
        error = result_error(
            self.status,
            self.errors,
            writes=writes,
            written=0 if self._undone else len(self.written) or (self.count or 0),
            function=self.function,
            control_id=self.control_id,
            http_status=self.http_status,
        )
        told = len(self.written)
        if self._undone:
            vague = writes and bool(self.count or self.rows or self.key)
        else:
            vague = bool(error.executed) and (not told or (self.count or 0) > told)
        if vague:  # it says that it wrote, and not what, or not all of it, or that it was undone
            error.judged(RetryClass.AMBIGUOUS, None)
        return error

    @property
    def _undone(self) -> bool:
        return undone(self.status, self.errors)

    def raise_for_status(self) -> None:
        """:raises ResultError: if the function failed."""
        error = self.error
        if error is not None:
            raise error


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply whose control and authentication levels succeeded.

    :param acknowledged: An asynchronous call was accepted; there are no results.
    :param session_timestamp: As the gateway wrote it, like `session_timeout`.
    """

    results: tuple[Result, ...]
    control_id: str = ""
    acknowledged: bool = False
    entity: str = ""
    session_timestamp: str = ""
    session_timeout: str = ""
    date: datetime | None = None
    http_status: int | None = None

    def result(self, control_id: str) -> Result | None:
        """The result of this function; None (outcome unknown) if the reply has none, or two."""
        found = [result for result in self.results if result.control_id == control_id]
        return found[0] if len(found) == 1 else None


def judge(
    answer: Answer,
    *,
    control_id: str = "",
    writes: bool = False,
    mending: bool = False,
    secrets: Secrets = NO_SECRETS,
) -> Reply:
    """Read an answer and decide on its two upper levels.

    :param control_id: The request's own; a reply to another request is refused.
    :param writes: Whether the request may have changed something: what is unknown weighs differently then.
    :param mending: Repair the rows of reads that are not well-formed, or leave them out.
    :param secrets: Masked in the texts of errors.
    :raises ExchangeError: unless both succeeded.
    """
    try:
        envelope = _masked(parse(answer.content, mending=mending), secrets)
    except ProtocolError as error:
        raise not_an_envelope(answer, error, writes, secrets) from None
    failure = _refusal(envelope, answer, control_id, writes)
    if failure is not None:
        raise failure
    date = http_date(answer.headers)
    return Reply(
        results=tuple(_result(part, answer.status) for part in envelope.parts),
        control_id=envelope.control_id,
        acknowledged=_accepted(envelope),
        entity=envelope.entity,
        session_timestamp=envelope.session_timestamp,
        session_timeout=envelope.session_timeout,
        date=date,
        http_status=answer.status,
    )


def _masked(envelope: Envelope, secrets: Secrets) -> Envelope:
    parts = (replace(part, errors=secrets.hide_in(part.errors)) for part in envelope.parts)
    return replace(envelope, errors=secrets.hide_in(envelope.errors), parts=tuple(parts))


def _accepted(envelope: Envelope) -> bool:
    """Is it the acknowledgement of an asynchronous call, and nothing but that?"""
    bare = envelope.authentication is None and not envelope.parts
    accepted = envelope.acknowledgement == "success" and envelope.control in (None, "", "success")
    return bare and accepted and not envelope.errors


def _refusal(envelope: Envelope, answer: Answer, control_id: str, writes: bool) -> ExchangeError | None:
    """None if both upper levels succeeded."""
    status = answer.status

    def odd(message: str, level: Level = "http") -> ExchangeError:
        error = ProtocolError(message, level=level, errors=envelope.errors, http_status=status)
        return error.judged(*unknown(writes))

    if envelope.control_id and control_id and envelope.control_id != control_id:
        return odd("the reply answers another request")
    # A block without its status is none of the gateway's: no level refused anything.
    told = envelope.control is not None or bool(envelope.errors)
    if envelope.control in ("failure", "aborted") and envelope.authentication is None and not envelope.parts:
        error = error_for("control", envelope.errors, http_status=status)
        if status == 429 and not isinstance(error, GatewayBusy):
            error = GatewayBusy(error.message, level="control", errors=error.errors, http_status=status)
        elif envelope.bare and status < 400 and type(error) is ControlError and error.retry is RetryClass.DATA:
            # The gateway at a loss, in the middle of a long read too. It was not refused for anything in the request.
            error = GatewayBusy(error.message, level="control", errors=error.errors, http_status=status)
            error.judged(*(unknown(writes) if writes else (RetryClass.BUSY, False)))
        elif (status >= 500 and error.retry not in (RetryClass.RATE, RetryClass.CREDENTIAL)) or _broke_down(error):
            error.judged(*unknown(writes))
        if isinstance(error, GatewayBusy):
            error.retry_after = retry_after(answer.headers)
        return error
    if _accepted(envelope):
        return None
    if envelope.control != "success":
        level: Level = "control" if told and envelope.control != "" else "http"
        return odd("the reply's control status is not success", level)
    if envelope.authentication in ("failure", "aborted") and not envelope.parts:
        error = error_for("authentication", envelope.errors, http_status=status)
        if isinstance(error, GatewayBusy):
            error.retry_after = retry_after(answer.headers)
        return error
    if envelope.authentication != "success":
        level = "authentication" if envelope.operation else "control" if envelope.errors else "http"
        return odd(
            "the reply's authentication status is not success", "http" if envelope.authentication == "" else level
        )
    if envelope.errors and not envelope.parts:
        return odd("the reply has errors in place of results", "authentication")
    return None


def _broke_down(error: ExchangeError) -> bool:
    """A fault within the gateway, at whatever HTTP status: who knows what ran before."""
    return any(_BROKE_DOWN.fullmatch(fault.errorno) for fault in error.errors)


def _result(part: Part, http_status: int) -> Result:
    data = part.data or {}
    count = _number(data.get("count"))
    if count is not None and part.rows and count != len(part.rows) and not (is_write(part.function) or part.spoiled):
        log.warning("intacct: %s: the reply says %d rows and has %d", printable(part.function), count, len(part.rows))
    written: list[Row] = []
    nameless = not part.function and part.status == "success" and part.list_type.lower() != "objects" and not part.keys
    if is_write(part.function) and not nameless and not undone(part.status, part.errors):
        written = [row for row in part.rows if any(row.values())]
        if part.keys and not written:
            name = "RECORDNO" if _RECORDS.match(part.function) else "KEY"
            written = [{name: key} for key in part.keys]
    return Result(
        status=part.status,
        function=part.function,
        control_id=part.control_id,
        key=part.keys[0] if part.keys else "",
        rows=part.rows,
        written=written,
        errors=part.errors,
        total=_number(data.get("totalcount")),
        count=count,
        remaining=_number(data.get("numremaining")),
        result_id=data.get("resultid", ""),
        list_type=part.list_type,
        http_status=http_status,
        spoiled=part.spoiled,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
