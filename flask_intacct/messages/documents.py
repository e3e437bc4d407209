"""Why a document or a record can't go to Sage Intacct as it is, or can't come from there."""

from __future__ import annotations

from .marks import Literals, Plural, literal

DOCUMENTS: Literals = {
    "document": literal("%(noun)s %(number)s"),
    "out.no_name": literal("The contact has no name; Intacct needs one for a new %(role)s. Name it, then try again."),
    "out.no_number": literal("%(document)s has no number. Number it, then try again."),
    "out.long_number": literal(
        "%(document)s has a number of %(length)s characters; Intacct takes %(longest)s. Shorten it."
    ),
    "out.long_reference": literal(
        "%(document)s has a reference of %(length)s characters; Intacct takes %(longest)s. Shorten it."
    ),
    "out.no_date": literal("%(document)s has no date. Date it, then try again."),
    "out.status": literal("%(document)s is %(status)s: only approved documents and those awaiting approval are sent."),
    "out.no_lines": literal("%(document)s has no lines; Intacct needs at least one."),
    "out.negative": literal("%(document)s is negative (%(gross)s). Make a credit note of it."),
    "out.sum": literal("%(document)s says %(gross)s, but its lines add up to %(sum)s. Correct the lines or the total."),
    "out.no_tax_type": literal("%(document)s has a line with %(tax)s tax and no tax type. Give the line its tax type."),
    "out.lacks": literal("%(document)s lacks a %(what)s. Choose one and retry."),
    "out.lacks_an": literal("%(document)s lacks an %(what)s. Choose one and retry."),
    "out.other_object": literal("%(document)s has %(has)s where Intacct needs a %(object)s. Match it anew."),
    "out.line_removed": literal(
        "It has %(count)s lines and had %(there)s when it was sent: a line that is there can't be taken away."
    ),
    "out.two_values": literal(
        "%(document)s has a line with two values of %(dimension)s: %(one)s and %(other)s. Intacct takes one of each"
        " dimension."
    ),
    "out.gone": literal("It is no longer in the application."),
    "out.first_waits": literal(
        "The first %(noun)s, %(label)s, has an issue, so no more are sent until that is solved."
    ),
    "out.first_not_compared": literal(
        "The first %(noun)s, %(label)s, could not be compared with what was sent, so no more are sent. %(reason)s"
    ),
    "out.first_differs": literal("The first %(noun)s came back different, so no more are sent. %(differences)s."),
    "out.stopped": literal(
        "%(count)s %(nouns)s in a row were refused for the same reason, so no more are sent for now. %(reason)s"
    ),
    "out.stopped.cure": literal(
        "Cure what the reason names, then press Sync now, or wait for the next sync: it sends one alone, and the others"
        " once that one went. Everything else goes on."
    ),
    "in.in_doubt": literal(
        "It uses %(label)s, which seems to be another record here than before. Say on the results page whether it is"
        " the same."
    ),
    "in.no_key": literal("Intacct sent a %(object)s without %(field)s."),
    "in.no_id": literal("Intacct sent a dimension value without %(field)s."),
    "in.negative": literal(
        "%(document)s in Intacct is negative (%(gross)s). A negative %(noun)s is not a credit note: reverse it in"
        " Intacct and enter an %(letters)s adjustment instead."
    ),
    "in.other_sign": literal(
        "%(document)s in Intacct is negative (%(gross)s). What has that sign is no %(noun)s; it is left to Sage"
        " Intacct."
    ),
    "in.taxes": literal("%(document)s has a line with %(taxes)s taxes in Intacct; one per line can be brought in."),
    "in.unreadable": literal("%(document)s: Intacct sent a %(field)s that can't be read: %(reason)s."),
    "in.state": literal(
        "The document is in the state %(state)s in Intacct, which can't be brought in. Open it there and post or"
        " delete it."
    ),
    "in.no_state": literal("(none)"),
    "in.dimension_name": literal(
        "The dimension %(object)s has a name that no field of a line can have, so its values can't be sent."
    ),
    "in.dimension_long": literal("The dimension %(object)s has a name of more than %(longest)s characters."),
    "in.dimension_twice": literal("The dimensions %(one)s and %(other)s would be one field of a line, %(field)s."),
    "in.locations": literal(
        "The locations can't be read, and without them nobody can tell which documents belong to %(entity)s. %(right)s"
    ),
    "in.field_needed": Plural(
        "count",
        "Sage Intacct refuses the field %(fields)s of %(object)s, which the sync can't do without. %(right)s",
        "Sage Intacct refuses the fields %(fields)s of %(object)s, which the sync can't do without. %(right)s",
    ),
    "in.times": literal(
        "The times at which records of %(object)s were changed can't be read in Sage Intacct's answer."
    ),
    "in.entities": literal(
        "Its lines belong to several entities. Split it in Sage Intacct, so that each entity has its own."
    ),
    "in.currency": literal("It is in %(currency)s; this company's books are in %(books)s. It is left to Sage Intacct."),
    "in.sum": literal("Its lines add up to %(lines)s, its header says %(total)s: it can't be brought in to the cent."),
    "in.no_contact": literal("It names no contact in Sage Intacct."),
    "in.account_unmatched": literal("Its account %(id)s is not matched to any of ours. Match it, then sync again."),
    "in.tax_unmatched": literal("Its tax detail %(id)s is not matched to any of ours. Match it, then sync again."),
    "in.contact_deleted": literal("Its %(role)s was deleted here. Make it anew, then sync again."),
    "in.company_gone": literal("The company is no longer in the application."),
    "in.contact_unread": literal("Its %(role)s %(id)s could not be read from Sage Intacct."),
    "in.contact_ours": literal(
        "Its %(role)s %(id)s %(name)s may be one that was sent from here while no clear answer came back. It comes in"
        " once that is cleared up: by itself in one of the next syncs, or by what its own issue says."
    ),
    "in.contact_refused": literal("Its %(role)s %(id)s %(name)s can't be brought in: %(reason)s"),
    "in.excluded": literal("Sage Intacct says that it must not sync."),
    "in.no_place": literal("The application has no place for a %(noun)s."),
    "in.made_otherwise": literal(
        "It is paid in Sage Intacct, and create= of the description made it %(status)s here. Let create= set the status"
        ' that it is given: "approved", "awaiting_approval" or "paid".'
    ),
    "in.stays": literal(
        "It is %(theirs)s in Sage Intacct, and stays %(ours)s here. Let update= of the description set the status that"
        ' it is given: "%(theirs)s".'
    ),
    "in.date": literal("%(record)s may be what was sent, but its date: %(reason)s."),
    "host.no_row": literal("The application's create= for %(model)s made nothing."),
    "host.failed": literal("The application's %(function)s= for %(model)s failed: %(reason)s."),
    "host.saving": literal(
        "The application's own code failed while a %(model)s was saved: %(reason)s. Use create= if the worker lacks"
        " what that code wants, a signed-in person say."
    ),
    "host.misfits": literal("It can't be kept: %(problems)s. Use create= and update= to shorten or change it."),
    "host.bare": literal("A %(model)s can't be made without create= in its description: %(reason)s."),
    "host.gone": literal("%(kind)s %(id)s is no longer there."),
    "host.unknown": literal("%(model)s was not described to Intacct(...)."),
    "host.no_word": literal("%(argument)s= lists no word for %(meaning)s. List one."),
    "host.key": literal("%(attribute)s can't hold a %(model)s, whose key has %(parts)s parts. Use create=."),
    "host.several": literal("%(attribute)s holds one, and there are %(count)s. Use create= to place them."),
}
