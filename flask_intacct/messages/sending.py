"""Why a record is not sent to Sage Intacct, and what became of one that was."""

from __future__ import annotations

from .marks import Literals, Plural, literal

SENDING: Literals = {
    "send.changed": literal("It was changed here while it was about to be sent."),
    "send.changed.cure": literal("It goes with the next sync."),
    "send.changed_since": literal("It was changed here after the plan that was confirmed."),
    "send.changed_since.cure": literal("It goes as it is now with the next sync after the initial one."),
    "send.currency": literal("It is in %(currency)s; this company's books are in %(books)s."),
    "send.currency.cure": literal("Documents in other currencies do not sync: enter it in Sage Intacct by hand."),
    "send.no_contact": literal("It has no contact."),
    "send.choose": literal("Choose one."),
    "send.no_account": literal("A line has no account."),
    "send.no_tax_type": literal("A line has tax but no tax type."),
    "send.no_tax_type.cure": literal("Choose the tax type of that line."),
    "send.no_location": literal("A line has no location, and the connection has no default one."),
    "send.no_location.cure": literal("Match the property's tracking option to a location, or set a default location."),
    "send.one": literal("%(noun)s %(label)s"),
    "send.one_as": literal("%(noun)s %(label)s (as %(role)s)"),
    "send.unknown": literal("The %(wanted)s was not matched."),
    "send.unknown.cure": literal("Refresh, then match it."),
    "send.inactive": literal("The %(wanted)s is inactive in Sage Intacct."),
    "send.inactive.cure": literal("Match it to another one."),
    "send.excluded": literal("Sage Intacct keeps the %(wanted)s out of the sync."),
    "send.excluded.cure": literal("Untick the box on its record in Sage Intacct, or enter the document there by hand."),
    "send.control": literal("The %(wanted)s is a control account in Sage Intacct: lines can't be posted to it."),
    "send.control.cure": literal("Use another account on that line."),
    "send.outside": literal("The %(wanted)s leads to a location outside the entity %(entity)s."),
    "send.outside.cure": literal("Match it to a location of the entity."),
    "send.archived": literal("The %(wanted)s was archived."),
    "send.archived.cure": literal("Match it instead, or change the document."),
    "send.not_created": literal("The %(wanted)s is not in Sage Intacct yet."),
    "send.not_created.cure": literal("See its own issue."),
    "send.not_matched": literal("The %(wanted)s is not matched."),
    "send.not_matched.cure": literal("Match it."),
    "send.in_doubt": literal("The %(wanted)s seems to be another record than before."),
    "send.in_doubt.cure": literal("Say on the results page whether it is the same."),
    "send.may_exist": Plural(
        "count",
        "Sage Intacct has a document that may be the same: %(names)s (%(reasons)s).",
        "Sage Intacct has documents that may be the same: %(names)s (%(reasons)s).",
    ),
    "send.may_exist.cure": literal(
        "Compare them in Sage Intacct: give the right one the same number, date and amount, or change the number"
        " of this one. Until then it is neither sent nor brought in."
    ),
    "sent.unknown": literal(
        "It was sent, and no clear answer came back. It is looked up in Sage Intacct before anything else happens."
    ),
    "sent.unknown.cure": literal("Nothing to do: it is not sent again unless Sage Intacct proves not to have it."),
    "sent.worker_stopped": literal("Its worker stopped before the answer was written down."),
    "sent.not_mentioned": literal("The answer did not mention it."),
    "sent.restored": literal("The database was restored since it was made ready."),
    "sent.may_be_sent": literal(
        "The database was restored, and this may have been sent after the backup. It is looked up in Sage Intacct"
        " before anything else happens."
    ),
    "sent.not_kept": literal("The answer could not be kept."),
    "sent.not_named": literal("The answer did not name the record."),
    "sent.several": literal("It was sent once, and Sage Intacct has %(count)s like it."),
    "sent.unproved": literal(
        "It was sent, and Sage Intacct does not show it; it has no number by which absence could be proved."
    ),
    "sent.not_shown": literal("Its change was sent %(count)s times, and Sage Intacct does not show it as it was sent."),
    "sent.unsure": literal(
        "It was sent, and looking for it in Sage Intacct failed %(count)s times, so that nobody knows whether it is"
        " there. %(reason)s"
    ),
    "sent.look.cure": literal(
        "Look for it in Sage Intacct, then say here which record it is, or that it is to be sent again."
    ),
    "sent.twice": literal(
        "It was created in Sage Intacct as %(name)s, and meanwhile somebody matched it to another record there:"
        " both exist."
    ),
    "sent.twice.cure": literal(
        "Delete %(name)s in Sage Intacct, or match it to another record here. If both are to stay, mark this as"
        " handled: %(name)s does not come in by itself."
    ),
    "sent.twice.role": literal(
        "It was created in Sage Intacct as the %(role)s %(name)s, and meanwhile somebody decided that it is a %(other)s"
        ": both exist."
    ),
    "sent.twice.one_of": literal(
        "It was created in Sage Intacct, and meanwhile somebody matched it to another record there. %(name)s is one of"
        " %(count)s that may be it."
    ),
    "sent.twice.one_of.cure": literal(
        "Compare them in Sage Intacct. Delete the one that was created, or match %(name)s to another record here. If"
        " all are to stay, mark this as handled: %(name)s does not come in by itself."
    ),
    "sent.not_read": literal("It was created in Sage Intacct, which does not give it back: it could not be compared."),
    "sent.not_read.cure": literal(
        "Look for it in Sage Intacct. If it was deleted there, or is as it was sent, mark this as handled."
    ),
    "sent.odd": literal("%(label)s: %(differences)s"),
    "sent.differs": literal("Sage Intacct made something else of it: %(differences)s."),
    "sent.differs.cure": literal("Compare the two documents, tax above all, before anything else is posted."),
}
