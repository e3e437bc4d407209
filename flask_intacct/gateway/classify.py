"""Which error is it? One table over level, error number and text.

Numbers alone don't tell: `XL03000006` has five meanings, and half of the failures carry a sentence where the number
belongs. The rules are tried in order against every fault of a reply, so a telling rule wins over the general ones
below it, wherever the gateway put its fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from .errors import (
    AddressDenied,
    AlreadyProcessed,
    AuthError,
    BadLogin,
    CompanyExpired,
    CompanyUnknown,
    ControlError,
    CursorExpired,
    Disabled,
    Duplicate,
    EntityRefused,
    ExchangeError,
    GatewayBusy,
    GatewayFault,
    Level,
    NotFound,
    NotSubscribed,
    NumberingOff,
    PartialWrite,
    PeriodClosed,
    PermissionDenied,
    PolicyError,
    ResultError,
    RetryClass,
    RolledBack,
    SchemaError,
    SenderError,
    SenderNotAuthorised,
    SessionExpired,
    TooManyOperations,
    TryLater,
    Validation,
)

UNDONE = "XL03000009"
_LONGEST = 2000


class Facts(TypedDict):
    """What an error knows besides its faults."""

    function: str
    control_id: str
    http_status: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault of this level whose number and text match is this error.

    :param errorno: Pattern of the whole number, "" any.
    :param text: Pattern found in number and texts, lower-case, "" any.
    :param retry: Where it differs from the error's own.
    """

    level: Level
    error: type[ExchangeError]
    errorno: str = ""
    text: str = ""
    retry: RetryClass | None = None

    def fits(self, fault: GatewayFault) -> bool:
        """Does the rule speak of this fault?"""
        if self.errorno and not re.fullmatch(self.errorno, fault.errorno[:100], re.IGNORECASE):
            return False
        said = " ".join(f"{fault.errorno[:200]} {fault.text}"[:_LONGEST].lower().split())
        return not self.text or re.search(self.text, said) is not None


_IN_PROCESS = "function.{0,20} with (the|this|that) control ?id"
_LATER = "try again later"
_CLOSED = (
    r"\b(period|periods|books?|subledger|ledger|posting date)\b.{0,80}\b(is|are|was|were|been)( already)? closed"
    r"|\b(with)?in an? closed (accounting |reporting |fiscal )?period\b|\bclosed for the period\b"
    r"|(?<!due )(?<!end )(?<!discount )date must be on or after [0-9]"
)
# The word "duplicate" alone says nothing: other refusals use it, for dimensions given twice on a line.
_TAKEN = (
    r"already exists|use a unique value|another .{1,100} with the (given )?values?\b"
    r"|duplicate (account|document|invoice|bill|customer|vendor|record) (number|no|id)\b|enter (a )?unique"
)
_NUMBERLESS = (
    r"\b((customer|vendor) ?id|document number)\b.{0,40}\b(missing|required|blank|empty|not (given|specified))\b"
    r"|\b(missing|required)\b.{0,40}\b((customer|vendor) ?id|document number)\b"
)
BUSY, CREDENTIAL = RetryClass.BUSY, RetryClass.CREDENTIAL

RULES: tuple[Rule, ...] = (
    Rule("control", GatewayBusy, "GW-0010"),
    Rule("control", GatewayBusy, text="rate limit exceeded"),
    Rule("control", GatewayBusy, text="temporarily off-?line", retry=BUSY),
    Rule("control", GatewayBusy, text="too many operations running"),
    Rule("control", GatewayBusy, "GW-000[1-9]", retry=BUSY),
    Rule("control", AlreadyProcessed, text=_IN_PROCESS),  # nobody has written down at which level it is told
    Rule("control", CompanyExpired, "PL04000055"),
    Rule("control", CompanyUnknown, "GW-0011"),
    Rule("control", CompanyUnknown, "(XMLGW_|U)JPP0002"),
    Rule("control", PolicyError, text="not a valid transport policy"),
    Rule("control", SenderError, text="partner id or password"),
    Rule("control", AddressDenied, text="ip address.{0,200}denied"),
    Rule("control", SenderError, "XL03000006"),
    Rule("control", SchemaError, "XL03000003|GW-0012|GW-0014|GW-0015"),
    Rule("control", ControlError, "invalidRequest", retry=CREDENTIAL),
    Rule("control", GatewayBusy, text=_LATER, retry=BUSY),
    Rule("authentication", GatewayBusy, text="rate limit exceeded|too many operations running"),
    Rule("authentication", GatewayBusy, text="temporarily off-?line", retry=BUSY),
    Rule("authentication", AlreadyProcessed, text=_IN_PROCESS),
    Rule("authentication", SessionExpired, text="invalid session|session (has )?(expired|timed out)"),
    Rule("authentication", SenderNotAuthorised, text="invalid web services authorization"),
    Rule("authentication", SenderNotAuthorised, text="not authorized to make web services requests"),
    Rule("authentication", AddressDenied, text="ip address.{0,200}denied"),
    Rule("authentication", NotSubscribed, text="disabled for your company|not subscribed"),
    Rule("authentication", BadLogin, text="sign-in information is incorrect"),
    Rule("authentication", EntityRefused, text=r"\b(entity|location|locationid)\b"),
    Rule("authentication", BadLogin, "XL03000006|(XMLGW_|U)JPP0002"),
    Rule("authentication", GatewayBusy, text=_LATER, retry=BUSY),
    Rule("result", TooManyOperations, text="too many operations running|rate limit exceeded"),
    Rule("result", TooManyOperations, text="temporarily off-?line", retry=BUSY),
    Rule("result", AlreadyProcessed, text=_IN_PROCESS),
    Rule("result", PeriodClosed, text=_CLOSED),
    Rule("result", PermissionDenied, text="do(es)? not have permission|entity-restricted user"),
    Rule("result", Disabled, text="disabled for your company|not subscribed"),  # the next number may stand for it
    Rule("result", PermissionDenied, "PL04000005"),
    Rule("result", CursorExpired, text="readmore failed|expired resultid"),
    Rule("result", Duplicate, "BL34000061|PL05000104|BL03002185"),
    Rule("result", Duplicate, text=_TAKEN),
    Rule("result", NotFound, text="non-existing|object (definition|type) .{1,100} not found|does ?n[o']t exist"),
    Rule("result", NotFound, text="cannot find|could not find|no such record"),
    Rule("result", NumberingOff, "PL01000127"),
    Rule("result", NumberingOff, text=_NUMBERLESS),
    Rule("result", TryLater, text=_LATER),
    Rule("result", Validation, "BL.{8}|PL01000127"),
    Rule("result", Validation, text="query failed|invalid fields list|cannot be performed on objects"),
    Rule("result", ResultError, "DL02000001", retry=BUSY),
    Rule("result", ResultError, text="there was an error processing the request", retry=BUSY),
    Rule("result", RolledBack, UNDONE),
)

_GENERAL: dict[Level, type[ExchangeError]] = {
    "control": ControlError,
    "authentication": AuthError,
    "result": ResultError,
}


def error_for(
    level: Level,
    faults: Sequence[GatewayFault],
    *,
    function: str = "",
    control_id: str = "",
    http_status: int | None = None,
) -> ExchangeError:
    """The error that these faults amount to, with its class's verdict unless the rule says otherwise."""
    telling = [fault for fault in faults if fault.errorno != UNDONE] or faults
    rule = next((rule for rule in RULES if rule.level == level and any(rule.fits(fault) for fault in telling)), None)
    kind = rule.error if rule else _GENERAL[level]
    error = kind(
        _message(level, faults, function),
        level=level,
        errors=tuple(faults),
        function=function,
        control_id=control_id,
        http_status=http_status,
    )
    if rule and rule.retry:
        error.judged(rule.retry, error.executed)
    return error


def result_error(
    status: str,
    faults: Sequence[GatewayFault],
    *,
    writes: bool,
    written: int,
    function: str,
    control_id: str,
    http_status: int | None,
) -> ResultError:
    """The error of one result that is not `success`.

    One without a status is judged by what it says, for so comes the refusal of a control id that ran before. Where that
    says nothing known, its outcome is unknown.

    :param written: How many objects the gateway says it wrote all the same.
    """
    facts: Facts = {"function": function, "control_id": control_id, "http_status": http_status}
    if writes and written:
        return PartialWrite(_message("result", faults, function), errors=tuple(faults), **facts)
    if status == "aborted" and all(fault.errorno == UNDONE for fault in faults):
        return RolledBack(_message("result", faults, function), errors=tuple(faults), **facts)
    error = error_for("result", faults, **facts)
    assert isinstance(error, ResultError)
    judged = status in ("failure", "aborted") or (not status and type(error) is not ResultError)
    return error if judged else error.judged(*unknown(writes))


def undone(status: str, faults: Sequence[GatewayFault]) -> bool:
    """Was the function's transaction rolled back, whatever else its result says?"""
    return status == "aborted" or any(fault.errorno == UNDONE for fault in faults)


def unknown(writes: bool) -> tuple[RetryClass, None]:
    """The verdict on a call of unknown outcome: reads may be repeated, writes must be looked up."""
    return (RetryClass.AMBIGUOUS if writes else RetryClass.BUSY), None


def printable(text: str) -> str:
    """The text without what steers a terminal or hides a part of a line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _message(level: Level, faults: Sequence[GatewayFault], function: str) -> str:
    said = "; ".join(str(fault) for fault in faults)[:_LONGEST] or "no reason given"
    said = " ".join(said.split())
    support = next((f" [support id {fault.support_id}]" for fault in faults if fault.support_id), "")
    return printable(f"{function or level}: {said}{support}")
