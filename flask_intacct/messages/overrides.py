"""What a person is asked before a decision against the evidence, and what the plan says of it."""

from __future__ import annotations

from .marks import Literals, Plural, literal

OVERRIDES: Literals = {
    "override.likely": literal(
        "%(ours)s looks like an existing record in Sage Intacct, %(theirs)s: look at it first. Created anew, it may be"
        " there twice."
    ),
    "override.role_created": literal(
        "%(ours)s is a %(was)s in this application and will be created in Sage Intacct as a %(role)s. Documents that"
        " use it as a %(was)s can't be sent."
    ),
    "override.role_joined": literal(
        "%(ours)s is a %(was)s in this application and will be joined to the %(role)s %(theirs)s. Documents that use it"
        " as a %(was)s can't be sent."
    ),
    "override.used_again": literal("To be sent so far: %(used)s; for these it is asked about again, as a %(was)s."),
    "override.type": literal(
        "%(ours)s belongs to the %(type)s in this application, %(theirs)s to the %(other)s in Sage Intacct. What is"
        " posted to it will stand in the other statement."
    ),
    "override.control": literal(
        "%(theirs)s is used as %(control)s in Sage Intacct. Documents with %(ours)s on a line can't be sent."
    ),
    "override.control.receivables": literal("a receivables control"),
    "override.control.payables": literal("a payables control"),
    "override.control.tax": literal("a tax account"),
    "override.control.bank": literal("a bank account"),
    "override.control.retained": literal("retained earnings"),
    "override.control.subledger": literal("a control account"),
    "detail.receivables": literal("receivables control"),
    "detail.payables": literal("payables control"),
    "detail.tax": literal("tax account"),
    "detail.bank": literal("bank account"),
    "detail.retained": literal("retained earnings"),
    "detail.subledger": literal("control account"),
    "detail.rate": literal("%(rate)s %%"),
    "detail.used": Plural("used", "used by %(used)s document to send", "used by %(used)s documents to send"),
    "override.type.balancesheet": literal("balance sheet"),
    "override.type.incomestatement": literal("income statement"),
    "against.other_role.create": Plural(
        "count",
        "%(count)s %(was)s of yours will be created as %(role)s",
        "%(count)s %(was_many)s of yours will be created as %(role_many)s",
    ),
    "against.other_role.matched": Plural(
        "count",
        "%(count)s %(was)s of yours is joined to a %(role)s",
        "%(count)s %(was_many)s of yours are joined to %(role_many)s",
    ),
    "against.other_type.matched": Plural(
        "count",
        "%(count)s account of yours is joined to one of the other statement",
        "%(count)s accounts of yours are joined to some of the other statement",
    ),
    "against.control.matched": Plural(
        "count",
        "%(count)s account of yours is joined to a control, tax or bank account, which no line can be posted to",
        "%(count)s accounts of yours are joined to control, tax or bank accounts, which no line can be posted to",
    ),
    "against.likely.create": Plural(
        "count",
        "%(count)s contact of yours will be created though Sage Intacct seems to have it",
        "%(count)s contacts of yours will be created though Sage Intacct seems to have them",
    ),
}
