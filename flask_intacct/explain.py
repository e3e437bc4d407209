"""The gateway's failures in words for people: what is wrong, and where in Sage Intacct the cure is.

The places are those of the vendor's documentation of the Web Services prerequisites.
"""

from __future__ import annotations

from .gateway import errors as gateway
from .issues import Finding

AUTHORISATIONS = "Company > Setup > Configuration > Company > Security > Web Services authorizations"
USERS = "Company > Admin > Users > Web Services users"

_TEXTS: tuple[tuple[type[gateway.ExchangeError], str, str, str], ...] = (
    (
        gateway.SenderError,
        "sender refused",
        "Sage Intacct refuses this application's own sender ID or sender password.",
        (
            "This is a setting of the application, not yours: ask whoever runs it to check INTACCT_SENDER_ID and"
            " INTACCT_SENDER_PASSWORD."
        ),
    ),
    (
        gateway.CompanyUnknown,
        "company unknown",
        "Sage Intacct does not know this company ID.",
        "Check the company ID: it is what you type in the first field of Intacct's own sign-in page.",
    ),
    (
        gateway.CompanyExpired,
        "company expired",
        "This Sage Intacct company was a trial and has expired.",
        "Ask Sage to extend it, or connect another company.",
    ),
    (
        gateway.SenderNotAuthorised,
        "sender not authorised",
        "The Sage Intacct company has not authorised this application's sender ID.",
        f"In Sage Intacct, add the sender ID under {AUTHORISATIONS}.",
    ),
    (
        gateway.AddressDenied,
        "address refused",
        "Sage Intacct refuses the network address of this application.",
        "Add the address of this application's server to the IP filters of the user or the company in Sage Intacct.",
    ),
    (
        gateway.EntityRefused,
        "entity refused",
        "The Web Services user may not work in this entity, or it does not exist.",
        f"Give the user access to the entity in {USERS}, or choose another one.",
    ),
    (
        gateway.UnknownFormat,
        "format unknown",
        "Dates or amounts of the Web Services user are written in a form that could be misread: {detail}",
        f"Under {USERS}, set the user's locale to US English, its dates to mm/dd/yyyy and its clock to 24 hours.",
    ),
    (
        gateway.AuthError,
        "sign-in refused",
        (
            "Sage Intacct refuses the sign-in. It does not say why: the company ID, the user ID or the password may"
            " be wrong, or the user may be locked, inactive or not a Web Services user."
        ),
        f"Check all three, capital letters included, and the user under {USERS}. Too many tries lock the user.",
    ),
    (
        gateway.UnsafeEndpoint,
        "address not allowed",
        "The configured address of the gateway is not one that credentials may be sent to.",
        "Ask whoever runs this application to check INTACCT_ENDPOINT.",
    ),
    (
        gateway.TransportError,
        "not reachable",
        "Sage Intacct can't be reached just now.",
        "Try again in a minute. If it lasts, ask whoever runs this application to check its network.",
    ),
    (
        gateway.PermissionDenied,
        "permission missing",
        "The Web Services user lacks a right in Sage Intacct: {detail}",
        (
            "Give its role the List, View, Add and Edit rights for Company, General Ledger, Accounts Receivable,"
            " Accounts Payable, Cash Management and Taxes."
        ),
    ),
    (
        gateway.Disabled,
        "module missing",
        "A module is not subscribed in this Sage Intacct company: {detail}",
        "Subscribe to it under Company > Admin > Subscriptions.",
    ),
    (
        gateway.PeriodClosed,
        "period closed",
        "The date lies in a period that is closed in Sage Intacct: {detail}",
        "Open the period in Sage Intacct, or change the date.",
    ),
    (
        gateway.GatewayBusy,
        "busy",
        "Sage Intacct is busy or under maintenance.",
        "It is tried again by itself; there is nothing to do.",
    ),
    (
        gateway.Duplicate,
        "number taken",
        "Sage Intacct has a record with this number already: {detail}",
        "Look for it in Sage Intacct: pair the two, or change the number.",
    ),
    (
        gateway.ResultError,
        "refused by Intacct",
        "Sage Intacct refuses it: {detail}",
        "Mend what it names, then sync again.",
    ),
    (
        gateway.ExchangeError,
        "unclear answer",
        "The answer of Sage Intacct could not be understood ({detail}).",
        "Try again; if it stays, give this text to whoever runs this application.",
    ),
)


def explain(error: gateway.ExchangeError) -> Finding:
    """What to tell a person about a failure of the gateway; the first class that fits."""
    detail = "; ".join(dict.fromkeys(fault.text for fault in error.errors if fault.text)) or error.message
    for class_, cause, message, cure in _TEXTS:
        if isinstance(error, class_):
            return Finding(cause, message.format(detail=detail.rstrip(".") + "." if detail else ""), cure)
    raise AssertionError("every failure of the gateway is an ExchangeError")
