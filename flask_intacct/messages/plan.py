"""What the plan foresees."""

from __future__ import annotations

from .marks import Literals, literal

PLAN: Literals = {
    "plan.link": literal("Joined to a record of Sage Intacct"),
    "plan.create": literal("Created in Sage Intacct"),
    "plan.create_as": literal("Created in Sage Intacct as %(role)s"),
    "plan.archive": literal("Archived here"),
    "plan.bring_in": literal("Brought in from Sage Intacct"),
    "plan.bring_in_paid": literal("Brought in from Sage Intacct as paid"),
    "plan.send": literal("Created in Sage Intacct"),
    "plan.pair": literal("Exist on both sides: joined, not created again"),
    "plan.both": literal("%(document)s, %(date)s, %(gross)s: %(reasons)s"),
    "plan.hold": literal("Held, with the reason given"),
    "plan.hold_part_paid": literal("Held: paid in part in Sage Intacct, which can't be shown here"),
    "plan.leave_out": literal("Left out: paid in Sage Intacct, and there is no word for that here"),
    "plan.skip": literal("Drafts and voided ones: left alone"),
    "plan.no_transactions": literal("Transactions are excluded: only contacts and settings sync."),
    "plan.unlisted.cure": literal("List the word in the description."),
    "plan.foreseen.cure": literal(
        "Map an entry to that column, give it a default, or make such rows with create= in the description."
    ),
    "plan.may_exist": literal("Sage Intacct has a document that may be the same."),
    "plan.may_exist.cure": literal("Compare the two."),
}
