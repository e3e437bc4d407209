"""What a captured reply means: for people as text, for programs as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import ExchangeError, GatewayFault, PartialWrite, ProtocolError, RetryClass
from .reply import Reply, Result, judge
from .transport import LARGEST_REPLY, Answer

ADVICE = {
    RetryClass.NOT_SENT: "nothing left this machine; send it again after a short wait",
    RetryClass.RATE: "nothing ran; wait as long as the gateway says, then send it again",
    RetryClass.SESSION: "nothing ran; sign in once more, then send it again",
    RetryClass.CREDENTIAL: "nothing ran; a person must put this right first, more tries may lock the user",
    RetryClass.BUSY: "wait a little and send it again",
    RetryClass.AMBIGUOUS: "it may have run; look in Sage Intacct before sending a write again",
    RetryClass.DATA: "the same call will fail again; change it first",
    RetryClass.PERIOD: "the date lies in a closed period; open the period or change the date",
}


def explain(content: bytes, http_status: int = 200) -> tuple[str, dict[str, Any]]:
    """The text, and the object with `conclusion`, `errors` and `results`."""
    try:
        if len(content) > LARGEST_REPLY:
            raise ProtocolError(f"the reply is larger than {LARGEST_REPLY} bytes", http_status=http_status)
        # Whether it answers reads is told by the reply alone: only their rows are mended.
        reply = judge(Answer(http_status, {}, content), writes=True, mending=True)
    except ExchangeError as error:
        return _refused(error)
    if reply.acknowledged:
        summary: dict[str, Any] = {"conclusion": "accepted-async", "errors": [], "results": []}
        return "The gateway accepted the request and runs it later; there are no results yet.", summary
    if not reply.results:
        fault = GatewayFault(description="the reply has no results")
        return "Signed in, but the reply has no results.", {
            "conclusion": "protocol-error",
            "errors": [_fault(fault)],
            "results": [],
        }
    said = ["Control and sign-in succeeded."]
    for number, result in enumerate(reply.results, 1):
        said += _lines(number, result)
    summary = {
        "conclusion": _conclusion(reply),
        "errors": [_fault(fault) for result in reply.results for fault in _errors(result)],
        "results": [_result(result) for result in reply.results],
    }
    return "\n".join(said), summary


def _refused(error: ExchangeError) -> tuple[str, dict[str, Any]]:
    conclusion = {"control": "control-failure", "authentication": "auth-failure"}.get(error.level, "protocol-error")
    faults = error.errors or (GatewayFault(description=error.message),)
    lines = [f"{type(error).__name__} ({error.level}): {_purpose(error)}", *_said(faults), _verdict(error)]
    return "\n".join(lines), {
        "conclusion": conclusion,
        "errors": [_fault(fault, error) for fault in faults],
        "results": [],
    }


def _errors(result: Result) -> Sequence[GatewayFault]:
    return result.errors if result.status else (*result.errors, GatewayFault(description="the result has no status"))


def _conclusion(reply: Reply) -> str:
    if not all(result.status for result in reply.results):
        return "protocol-error"
    if all(result.ok for result in reply.results):
        return "success"
    partly = any(result.ok or isinstance(result.error, PartialWrite) for result in reply.results)
    return "partial" if partly else "failure"


def _lines(number: int, result: Result) -> list[str]:
    lines = [
        f"{number}. {result.function or '?'} (control id {result.control_id or 'missing'}): {result.status or '?'}"
    ]
    if result.rows and not result.written:
        lines.append(f"   {len(result.rows)} rows" + (f" of {result.total}" if result.total is not None else ""))
    for row in result.spoiled:
        lines.append(f"   {'left out' if row.left_out else 'repaired'}: {row.object} {row.key or '?'}: {row.reason}")
    error = result.error
    if result.written:
        lines.append(f"   wrote {len(result.written)}{' in spite of the failure' if error else ''}: {result.written}")
    if error is not None:
        lines += [f"   {type(error).__name__}: {_purpose(error)}", *_said(error.errors), "   " + _verdict(error)]
    return lines


def _purpose(error: ExchangeError) -> str:
    return " ".join((type(error).__doc__ or "").split("\n\n")[0].split())


def _said(faults: Sequence[GatewayFault]) -> list[str]:
    return [f"   - {fault}" + (f" (support id {fault.support_id})" if fault.support_id else "") for fault in faults]


def _verdict(error: ExchangeError) -> str:
    ran = {None: "Whether anything ran is unknown", False: "Nothing was written", True: "Something was written"}
    return f"{ran[error.executed]}; {ADVICE[error.retry]}."


def _fault(fault: GatewayFault, error: ExchangeError | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "errorno": fault.errorno,
        "description": fault.description,
        "description2": fault.description2,
        "correction": fault.correction,
        "support_id": fault.support_id,
    }
    return told | ({"class": type(error).__name__, "retry": str(error.retry)} if error else {})


def _result(result: Result) -> dict[str, Any]:
    error = result.error
    return {
        "status": result.status,
        "function": result.function,
        "controlid": result.control_id,
        "rows": len(result.rows),
        "written": result.written,
        "errors": [_fault(fault, error) for fault in result.errors],
    }
