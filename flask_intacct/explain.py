"""The gateway's failures in words for people: what is wrong, and where in Sage Intacct the cure is.

The places are those of the vendor's documentation of the Web Services prerequisites.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import kinds
from .gateway import errors as gateway
from .issues import Finding
from .messages import NOTHING, Message, sentences

AUTHORISATIONS = "Company > Setup > Configuration > Company > Security > Web Services authorizations"
USERS = "Company > Admin > Users > Web Services users"
NUMBERING = "Accounts Receivable or Accounts Payable > Configure > Document numbering"
_PLACES = {"authorisations": AUTHORISATIONS, "users": USERS, "numbering": NUMBERING}
_LONGEST = 2000


class _Text(NamedTuple):
    """What to say of a class of failures: the message `failure.<cause>` of the catalogue, and its cure.

    :param said: A pattern found in the function's name and what the gateway said, numbers included; "" for any.
    """

    error: type[gateway.ExchangeError]
    cause: str
    said: str = ""

    def finding(self, detail: str) -> Finding:
        id = f"failure.{re.sub('[^a-z]+', '_', self.cause.lower())}"
        return Finding(self.cause, Message(id, detail=detail), Message(f"{id}.cure", **_PLACES))


_TEXTS: tuple[_Text, ...] = (
    _Text(gateway.SenderError, "sender refused"),
    _Text(gateway.CompanyUnknown, "company unknown"),
    _Text(gateway.CompanyExpired, "company expired"),
    _Text(gateway.SenderNotAuthorised, "sender not authorised"),
    _Text(gateway.AddressDenied, "address refused"),
    _Text(gateway.EntityRefused, "entity refused"),
    _Text(gateway.UnknownFormat, "format unknown"),
    _Text(gateway.NotSubscribed, "not subscribed"),
    _Text(gateway.AuthError, "sign-in refused"),
    _Text(gateway.UnsafeEndpoint, "address not allowed"),
    _Text(gateway.Crowded, "in line"),
    _Text(gateway.TransportError, "not reachable"),
    _Text(gateway.PermissionDenied, "deletions not readable", "audit ?(history|trail)"),
    _Text(gateway.PermissionDenied, "top level needed", "root-level|entity-restricted"),
    _Text(gateway.PermissionDenied, "permission missing"),
    _Text(gateway.Disabled, "module missing"),
    _Text(gateway.PeriodClosed, "period closed"),
    _Text(gateway.GatewayBusy, "busy"),
    _Text(gateway.NumberingOff, "numbering off"),
    _Text(gateway.Duplicate, "contact name taken", "another contact|display contact"),
    _Text(gateway.Duplicate, "account number taken", "account number"),
    _Text(gateway.Duplicate, "number taken"),
    _Text(
        gateway.ResultError,
        "customer or vendor not usable",
        r"bl03002126|\b(customer|vendor)\b.{0,120}\bis (invalid|not valid)",
    ),
    _Text(gateway.ResultError, "tax set-up", "tax details? .{0,60}(missing|tax solution)|belong to the tax solution"),
    _Text(gateway.ResultError, "nothing left to pay", "no due on the|nothing (is )?due"),
    _Text(gateway.ResultError, "e-mail address", "illegal format.{0,80}e-?mail|e-?mail.{0,80}(illegal|invalid) format"),
    _Text(gateway.ResultError, "page not readable", "^(query|read).{0,300}error processing the request"),
    _Text(gateway.ResultError, "refused by Intacct"),
    _Text(gateway.ExchangeError, "unclear answer"),
)


def unreadable(object: str, error: gateway.ExchangeError, what: Message = NOTHING) -> Finding:
    """What to tell a person where reads of an object are refused: its name, the right, and the module.

    :param what: What of it can't be read, if not its records.
    """
    if error.retry is not gateway.RetryClass.DATA:
        return explain(error)
    cause, module = f"{object} can't be read", kinds.module(object)
    if isinstance(error, gateway.Disabled):
        return Finding(
            cause,
            Message("read.module", object=object, detail=_detail(error)),
            Message("read.module.cure", module=module) if module else Message("read.module.cure_unknown"),
        )
    cures = [kinds.right(object), *([Message("read.right.module", module=module)] if module else [])]
    return Finding(cause, Message("read.right", what=what or object, detail=_detail(error)), sentences(cures))


def _detail(error: gateway.ExchangeError) -> str:
    said = "; ".join(dict.fromkeys(fault.text for fault in error.errors if fault.text)) or error.message
    return said.rstrip(".")


def explain(error: gateway.ExchangeError) -> Finding:
    """What to tell a person about a failure of the gateway; the first text that fits."""
    detail = _detail(error)
    said = " ".join(f"{error.function} {' '.join(map(str, error.errors))}".lower().split())[:_LONGEST]
    for text in _TEXTS:
        if isinstance(error, text.error) and re.search(text.said, said):
            return text.finding(f"{detail}." if detail else "")
    raise AssertionError("every failure of the gateway is an ExchangeError")
