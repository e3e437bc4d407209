"""What is odd about records that were read: of Sage Intacct, or of the host."""

from __future__ import annotations

from .marks import Literals, Plural, literal

READING: Literals = {
    "row.labelled": literal("%(label)s can't be read: %(reason)s."),
    "row.unreadable": literal("It can't be read: %(reason)s."),
    "row.crashed": literal(
        "It is left out, for something went wrong in our own code: %(reason)s (reference %(reference)s)."
    ),
    "row.unreadable.cure": literal(
        "Put the row right, or the entry of the description that reads it. Until then it is neither sent nor changed."
    ),
    "row.deleted": literal("It was deleted in this application; Sage Intacct still has it as %(name)s."),
    "row.deleted.cure": literal(
        "Nothing is synced for it any more. If it should not be in Sage Intacct either, reverse it or make it inactive"
        " there. Then mark this as handled."
    ),
    "row.moved": literal("It was given to another company here. Sage Intacct has it in the books of this one."),
    "row.moved.cure": literal("Give it back to this company, or reverse it in Sage Intacct."),
    "row.deleted_there": literal("It was deleted in Sage Intacct, where it was %(name)s."),
    "row.deleted_there.cure": literal(
        "If that was right, void or delete it here. If it was a mistake, choose “Send it again”: one that was entered"
        " anew in Sage Intacct is joined to it, else it is created there once more."
    ),
    "row.another": literal("Its row seems to be another record now: it was %(was)s, and is %(now)s."),
    "row.another.cure": literal(
        "Look at it in this application. If it was only edited, choose “It is the same”. If it was deleted and its id"
        " was given to another record, choose “It is another one”. Until then nothing is sent, changed or brought in"
        " for it."
    ),
    "company.another": literal("The company seems to be another one now: it was %(was)s, and is %(now)s."),
    "company.another.cure": literal(
        "If it was only renamed, choose “It is the same”. If its id was given to another company, choose “It is another"
        " one”: its connection ends, and it can be connected anew. Until then nothing is synced."
    ),
    "read.module": literal("%(object)s can't be read, for this Sage Intacct company lacks a module: %(detail)s."),
    "read.module.cure": literal("Subscribe to %(module)s under Company > Admin > Subscriptions."),
    "read.module.cure_unknown": literal("Subscribe to it under Company > Admin > Subscriptions."),
    "read.right": literal("Sage Intacct does not let the Web Services user read %(what)s: %(detail)s."),
    "read.entities": literal("%(object)s, the list of entities"),
    "read.which_fields": literal("which fields %(object)s has, and whether %(field)s is among them"),
    "read.no_number": literal("%(value)s is not a decimal number"),
    "read.no_date": literal("%(value)s is not a date of the form that is expected"),
    "read.characters": literal("it held characters that XML has no place for, which were taken out"),
    "read.ampersand": literal("it held an ampersand that was not escaped"),
    "read.malformed": literal("it is not well-formed and can't be repaired"),
    "read.right.module": literal(
        "If the company has not subscribed to %(module)s, do so under Company > Admin > Subscriptions."
    ),
    "read.fields": Plural(
        "count",
        "Sage Intacct refuses the field %(fields)s of %(object)s: %(missing)s.",
        "Sage Intacct refuses the fields %(fields)s of %(object)s: %(missing)s.",
    ),
    "read.fields.cure": literal("If that matters: %(right)s"),
    "read.missing": literal(
        "%(unseen)s of %(known)s records of %(object)s were not seen any more: too many to believe."
    ),
    "read.missing.cure": literal("Check the rights of the Web Services user, then refresh."),
    "read.damaged.left_out": literal(
        "Sage Intacct's answer is damaged where it tells of %(name)s: %(reason)s. It is left out until it can be read."
    ),
    "read.damaged.repaired": literal(
        "Sage Intacct's answer is damaged where it tells of %(name)s: %(reason)s. It was repaired and is used like"
        " that."
    ),
    "read.damaged.cure": literal(
        "Open it in Sage Intacct and type its texts anew: one holds signs that can't be transmitted, often pasted ones."
    ),
    "read.taxes": literal("The Web Services user may not read the tax details of this company."),
    "read.taxes.cure": literal("%(right)s If the company has no taxes, say so on the step of the tax types."),
    "read.dimensions": literal(
        "The list of dimensions can't be read; new ones of the company are left out. %(reason)s"
    ),
    "read.dimensions.cure": literal("Give the role of the Web Services user List and View for Company > Dimensions."),
    "read.dimension": literal("The values of the dimension %(object)s can't be read. %(reason)s"),
    "read.dimension_name.cure": literal("Give it another name in Sage Intacct."),
    "dates.unknown": literal(
        "Sage Intacct does not tell how the dates of the Web Services user are written, and no date read so far shows"
        " it: 02/05 may be 2 May or 5 February. Invoices and bills wait."
    ),
    "dates.unknown.cure": literal(
        "Let the role of the Web Services user view users (Company > Admin > Roles > Permissions), so that it may read"
        " its own preferences. Else it is tried again with each sync: one date after the 12th of a month is enough."
    ),
    "paid.part": literal(
        "%(paid)s of %(gross)s is paid in Sage Intacct, which can't be shown here: payments do not sync yet."
    ),
    "paid.part.cure": literal("It is looked at again once it is paid in full, or not at all any more."),
    "paid.wordless": literal(
        "It is paid in Sage Intacct, and shows as owed here: this application has no word for a paid %(noun)s."
    ),
    "paid.word.cure": literal("Map a status word to `paid` in the description of the model."),
    "paid.left_out": Plural(
        "count",
        "%(count)s %(noun)s of %(total)s in all is paid in Sage Intacct and left out: this application has no word for"
        " a paid %(noun)s.",
        "%(count)s %(nouns)s of %(total)s in all are paid in Sage Intacct and left out: this application has no word"
        " for a paid %(noun)s.",
    ),
    "differs.gross": literal("gross is %(ours)s here and %(theirs)s in Intacct"),
    "differs.net": literal("net is %(ours)s here and %(theirs)s in Intacct"),
    "differs.tax": literal("tax is %(ours)s here and %(theirs)s in Intacct"),
    "differs.date": literal("date is %(ours)s here and %(theirs)s in Intacct"),
    "differs.number": literal("number is %(ours)s here and %(theirs)s in Intacct"),
    "differs.contact": literal("contact is %(ours)s here and %(theirs)s in Intacct"),
    "differs.due": literal("due date is %(ours)s here and %(theirs)s in Intacct"),
    "differs.reference": literal("reference is %(ours)s here and %(theirs)s in Intacct"),
    "differs.currency": literal("currency is %(ours)s here and %(theirs)s in Intacct"),
    "differs.line_here": literal("only here: a line of %(line)s"),
    "differs.line_there": literal("only in Intacct: a line of %(line)s"),
    "differs.changed": literal("It was changed: %(ours)s here, %(theirs)s in Sage Intacct."),
    "differs.voided": literal("It is void here. The %(noun)s in Sage Intacct counts on."),
    "differs.voided.cure": literal("Reverse it in Sage Intacct, or take back the void here."),
    "differs.edited": literal("It was changed here: %(differences)s."),
    "differs.status": literal("it is %(ours)s here and %(theirs)s in Intacct"),
    "differs.changed.cure": literal("Make the two agree."),
}
