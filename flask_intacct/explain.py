"""The gateway's failures in words for people: what is wrong, and where in Sage Intacct the cure is.

The places are those of the vendor's documentation of the Web Services prerequisites.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import kinds
from .gateway import errors as gateway
from .issues import Finding

AUTHORISATIONS = "Company > Setup > Configuration > Company > Security > Web Services authorizations"
USERS = "Company > Admin > Users > Web Services users"
_LONGEST = 2000
NUMBERING = "Accounts Receivable or Accounts Payable > Configure > Document numbering"


class _Text(NamedTuple):
    """What to say of a class of failures.

    :param said: A pattern found in the function's name and what the gateway said, numbers included; "" for any.
    """

    error: type[gateway.ExchangeError]
    cause: str
    message: str
    cure: str
    said: str = ""


_TEXTS: tuple[_Text, ...] = (
    _Text(
        gateway.SenderError,
        "sender refused",
        "Sage Intacct refuses this application's own sender ID or sender password.",
        (
            "This is a setting of the application, not yours: ask whoever runs it to check INTACCT_SENDER_ID and"
            " INTACCT_SENDER_PASSWORD."
        ),
    ),
    _Text(
        gateway.CompanyUnknown,
        "company unknown",
        "Sage Intacct does not know this company ID.",
        "Check the company ID: it is what you type in the first field of Intacct's own sign-in page.",
    ),
    _Text(
        gateway.CompanyExpired,
        "company expired",
        "This Sage Intacct company was a trial and has expired.",
        "Ask Sage to extend it, or connect another company.",
    ),
    _Text(
        gateway.SenderNotAuthorised,
        "sender not authorised",
        "The Sage Intacct company has not authorised this application's sender ID.",
        f"In Sage Intacct, add the sender ID under {AUTHORISATIONS}.",
    ),
    _Text(
        gateway.AddressDenied,
        "address refused",
        "Sage Intacct refuses the network address of this application.",
        "Add the address of this application's server to the IP filters of the user or the company in Sage Intacct.",
    ),
    _Text(
        gateway.EntityRefused,
        "entity refused",
        "The Web Services user may not work in this entity, or it does not exist.",
        f"Give the user access to the entity in {USERS}, or choose another one.",
    ),
    _Text(
        gateway.UnknownFormat,
        "format unknown",
        "Dates or amounts of the Web Services user are written in a form that could be misread: {detail}",
        f"Under {USERS}, set the user's locale to US English, its dates to mm/dd/yyyy and its clock to 24 hours.",
    ),
    _Text(
        gateway.NotSubscribed,
        "not subscribed",
        "The Sage Intacct company has not subscribed to Web Services: {detail}",
        "Subscribe to it under Company > Admin > Subscriptions.",
    ),
    _Text(
        gateway.AuthError,
        "sign-in refused",
        (
            "Sage Intacct refuses the sign-in. It does not say why: the company ID, the user ID or the password may"
            " be wrong, or the user may be locked, inactive or not a Web Services user."
        ),
        f"Check all three, capital letters included, and the user under {USERS}. Too many tries lock the user.",
    ),
    _Text(
        gateway.UnsafeEndpoint,
        "address not allowed",
        "The configured address of the gateway is not one that credentials may be sent to.",
        "Ask whoever runs this application to check INTACCT_ENDPOINT.",
    ),
    _Text(
        gateway.TransportError,
        "not reachable",
        "Sage Intacct can't be reached just now.",
        "Try again in a minute. If it lasts, ask whoever runs this application to check its network.",
    ),
    _Text(
        gateway.PermissionDenied,
        "deletions not readable",
        "The Web Services user may not see what was deleted in Sage Intacct: {detail}",
        "Give its role the View right for custom reports, in the permissions of Platform Services or Customization.",
        "audit ?(history|trail)",
    ),
    _Text(
        gateway.PermissionDenied,
        "top level needed",
        "The record belongs to the top level of the company, and the Web Services user is kept to one entity: {detail}",
        f"Let the user work at the top level too, under {USERS}, or change the record in Sage Intacct.",
        "root-level|entity-restricted",
    ),
    _Text(
        gateway.PermissionDenied,
        "permission missing",
        "The Web Services user lacks a right in Sage Intacct: {detail}",
        (
            "Give its role the List, View, Add and Edit rights for Company, General Ledger, Accounts Receivable,"
            " Accounts Payable, Cash Management and Taxes."
        ),
    ),
    _Text(
        gateway.Disabled,
        "module missing",
        "A module is not subscribed in this Sage Intacct company: {detail}",
        "Subscribe to it under Company > Admin > Subscriptions.",
    ),
    _Text(
        gateway.PeriodClosed,
        "period closed",
        "The date lies in a period that is closed in Sage Intacct: {detail}",
        (
            "Open the period under General Ledger > All > Books > Open (one ledger alone: Accounts Receivable or"
            " Accounts Payable > All > Subledger > Open), or change the date."
        ),
    ),
    _Text(
        gateway.GatewayBusy,
        "busy",
        "Sage Intacct is busy or under maintenance.",
        "It is tried again by itself; there is nothing to do.",
    ),
    _Text(
        gateway.NumberingOff,
        "numbering off",
        "Sage Intacct wants an id or a number, because it does not number these records by itself: {detail}",
        f"Switch automatic numbering on under {NUMBERING}, then sync again.",
    ),
    _Text(
        gateway.Duplicate,
        "contact name taken",
        "Sage Intacct has a contact of the same name already, and makes one for each customer and vendor: {detail}",
        "Rename or delete that contact under Company > Setup > Contacts, or change the name here, then sync again.",
        "another contact|display contact",
    ),
    _Text(
        gateway.Duplicate,
        "account number taken",
        "Sage Intacct has an account with this number already: {detail}",
        "Look for it under General Ledger > Accounts: pair the two, or change the number.",
        "account number",
    ),
    _Text(
        gateway.Duplicate,
        "number taken",
        "Sage Intacct has a record with this number or name already: {detail}",
        "Look for it in Sage Intacct: pair the two, or change the number or name.",
    ),
    _Text(
        gateway.ResultError,
        "customer or vendor not usable",
        "Sage Intacct can't use this customer or vendor here: {detail}",
        (
            "Look it up under Accounts Receivable > Customers or Accounts Payable > Vendors: it must be active, and"
            " belong to the top level or to the entity that is connected."
        ),
        r"bl03002126|\b(customer|vendor)\b.{0,120}\bis (invalid|not valid)",
    ),
    _Text(
        gateway.ResultError,
        "tax set-up",
        "The tax of a line does not fit the tax solution of the company or entity: {detail}",
        "Compare the tax types paired here with Taxes > Setup > Tax details and Tax solutions, then sync again.",
        "tax details? .{0,60}(missing|tax solution)|belong to the tax solution",
    ),
    _Text(
        gateway.ResultError,
        "nothing left to pay",
        "Nothing is due on the document any more in Sage Intacct: {detail}",
        "Look at its payments under Accounts Receivable or Accounts Payable: it was paid there, or paid twice here.",
        "no due on the|nothing (is )?due",
    ),
    _Text(
        gateway.ResultError,
        "e-mail address",
        "Sage Intacct does not take the e-mail address: {detail}",
        "Correct the address here, one address in each field, then sync again.",
        "illegal format.{0,80}e-?mail|e-?mail.{0,80}(illegal|invalid) format",
    ),
    _Text(
        gateway.ResultError,
        "page not readable",
        "Sage Intacct could not give a page of records and does not say why: {detail}",
        "Sync again later. If it stays, give this text to whoever runs this application, for Sage's support.",
        "^(query|read).{0,300}error processing the request",
    ),
    _Text(
        gateway.ResultError,
        "refused by Intacct",
        "Sage Intacct refuses it: {detail}",
        "Mend what it names, then sync again.",
    ),
    _Text(
        gateway.ExchangeError,
        "unclear answer",
        "The answer of Sage Intacct could not be understood ({detail}).",
        "Try again; if it stays, give this text to whoever runs this application.",
    ),
)


def unreadable(object: str, error: gateway.ExchangeError, what: str = "") -> Finding:
    """What to tell a person where reads of an object are refused: its name, the right, and the module.

    :param what: What of it can't be read, if not its records.
    """
    if error.retry is not gateway.RetryClass.DATA:
        return explain(error)
    cause, module = f"{object} can't be read", kinds.module(object)
    if isinstance(error, gateway.Disabled):
        return Finding(
            cause,
            f"{object} can't be read, for this Sage Intacct company lacks a module: {_detail(error)}.",
            f"Subscribe to {module or 'it'} under Company > Admin > Subscriptions.",
        )
    subscribe = f" If the company has not subscribed to {module}, do so under Company > Admin > Subscriptions."
    return Finding(
        cause,
        f"Sage Intacct does not let the Web Services user read {what or object}: {_detail(error)}.",
        kinds.right(object) + (subscribe if module else ""),
    )


def _detail(error: gateway.ExchangeError) -> str:
    said = "; ".join(dict.fromkeys(fault.text for fault in error.errors if fault.text)) or error.message
    return said.rstrip(".")


def explain(error: gateway.ExchangeError) -> Finding:
    """What to tell a person about a failure of the gateway; the first text that fits."""
    detail = _detail(error)
    said = " ".join(f"{error.function} {' '.join(map(str, error.errors))}".lower().split())[:_LONGEST]
    for text in _TEXTS:
        if isinstance(error, text.error) and re.search(text.said, said):
            return Finding(text.cause, text.message.format(detail=f"{detail}." if detail else ""), text.cure)
    raise AssertionError("every failure of the gateway is an ExchangeError")
