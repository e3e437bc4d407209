"""What a reply says of each function: done, refused, or undone with the others of its transaction."""

from __future__ import annotations

from ..company import Company
from ..errors import Error, Refusal
from . import reply
from .call import Call

Outcome = tuple[Call, str, Refusal | None]
"""A function with what it answers, and why it was refused if it was."""


def of(call: Call, body: str, refusal: Refusal | None, additional: bool) -> str:
    """The result of a function that stands for itself."""
    name, control_id = call.node.tag, call.controlid
    if refusal is None:
        return reply.result("success", name, control_id, body)
    errors = [call.company.with_support_id(error) for error in refusal.errors]
    status = "" if getattr(refusal, "mute", False) else "failure"
    return reply.result(status, name, control_id, body + reply.errors_xml(errors, additional))


def rolled_back(company: Company, calls: list[Call], outcomes: list[Outcome], additional: bool) -> str:
    """The results of a transaction that was undone: the failing function's own error first."""
    general = Error("XL03000009", "The entire transaction in this operation has been rolled back due to an error.")
    failing, _, refusal = outcomes[-1]
    shown = calls[: len(outcomes)] if company.switches.aborted_absent else calls
    parts = []
    for call in shown:
        own = list(refusal.errors) if call is failing and refusal is not None else []
        status = "failure" if own and not company.switches.failing_aborted else "aborted"
        errors = reply.errors_xml([*own, general], additional)
        parts.append(reply.result(status, call.node.tag, call.controlid, errors))
    return "".join(parts)
