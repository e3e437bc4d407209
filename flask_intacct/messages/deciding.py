"""Why a decision about a record is refused, or an issue can't be put aside."""

from __future__ import annotations

from .marks import Literals, Plural, literal

DECIDING: Literals = {
    "decide.taken": literal("%(record)s: %(taken)s Choose another record, or undo that match first."),
    "decide.not_ours": literal("This row does not belong to the company, or it is gone."),
    "decide.changed": literal("%(label)s was changed since this page was drawn. Look at it again."),
    "decide.changed_by": literal("%(label)s was changed by %(who)s since this page was drawn. Look at it again."),
    "decide.in_step": literal("%(label)s is in step with Sage Intacct and can't be changed here."),
    "decide.in_doubt": literal(
        "%(label)s seems to be another record than before. Say on the results page first whether it is the same."
    ),
    "decide.category_first": literal("%(label)s: match its category first."),
    "decide.no_record": literal(
        "%(label)s: that record is not in Sage Intacct (or not of this kind). Refresh and choose again."
    ),
    "decide.own_row": literal("%(label)s has a row of its own as %(role)s: decide that one."),
    "decide.no_role": literal("%(role)s is not a role of %(label)s."),
    "decide.no_suggestion": literal("%(label)s has no suggestion."),
    "decide.only_contacts": literal("%(label)s: only contacts can be created in Sage Intacct."),
    "decide.exists": literal("%(label)s exists in Sage Intacct already."),
    "decide.no_role_of_contact": literal("%(role)s is not a role of a contact."),
    "decide.kept": literal("%(label)s can't be archived: %(reason)s."),
    "decide.inactive_there": literal("%(label)s is in step with Sage Intacct: make it inactive there."),
    "decide.used": Plural(
        "used",
        "%(label)s is used by %(used)s document still to be sent. Match it, or change those documents first.",
        "%(label)s is used by %(used)s documents still to be sent. Match it, or change those documents first.",
    ),
    "decide.blocked": literal("%(label)s was not matched: %(reason)s"),
    "decide.tied": literal("%(label)s: the same record is suggested for another record of ours, too."),
    "decide.choose_first": literal("%(label)s: choose a record of Sage Intacct first."),
    "decide.confirmed": literal("%(label)s was confirmed and is in use."),
    "match.inactive": literal("%(record)s is inactive in Sage Intacct."),
    "match.gone": literal("%(record)s is no longer in Sage Intacct."),
    "match.excluded": literal("%(record)s is kept out of the sync in Sage Intacct."),
    "match.tax_role": literal("%(record)s is a %(role)s tax detail; this row is for %(wanted)s."),
    "match.rate": literal("%(record)s has %(theirs)s, this tax type %(ours)s."),
    "match.outside": literal("%(record)s does not belong to the entity %(entity)s."),
    "match.taken": literal("Already used by %(taker)s."),
    "match.taken_on": literal("Already used by %(taker)s, chosen on %(at)s."),
    "match.taken_by": literal("Already used by %(taker)s, chosen by %(who)s on %(at)s."),
    "issue.no_reason": literal("Say why it needs nobody any more."),
    "issue.not_open": literal("This issue is no longer open."),
    "issue.asks": literal("This waits for your answer: choose “It is the same” or “It is another one”."),
    "issue.asks_nothing": literal("There is nothing to answer here: mark it as handled instead."),
    "issue.answer_first": literal("%(label)s waits for an answer of yours; until then it is not tried again."),
    "issue.not_handled": literal("This issue is not marked as handled any more."),
}
