"""What Sage Intacct refused or how it could not be asked, and the cure; the ids go by the cause."""

from __future__ import annotations

from .marks import Literals, literal

FAILURES: Literals = {
    "failure.sender_refused": literal("Sage Intacct refuses this application's own sender ID or sender password."),
    "failure.sender_refused.cure": literal(
        "This is a setting of the application, not yours: ask whoever runs it to check"
        " INTACCT_SENDER_ID and INTACCT_SENDER_PASSWORD."
    ),
    "failure.company_unknown": literal("Sage Intacct does not know this company ID."),
    "failure.company_unknown.cure": literal(
        "Check the company ID: it is what you type in the first field of Intacct's own sign-in page."
    ),
    "failure.company_expired": literal("This Sage Intacct company was a trial and has expired."),
    "failure.company_expired.cure": literal("Ask Sage to extend it, or connect another company."),
    "failure.sender_not_authorised": literal(
        "The Sage Intacct company has not authorised this application's sender ID."
    ),
    "failure.sender_not_authorised.cure": literal("In Sage Intacct, add the sender ID under %(authorisations)s."),
    "failure.address_refused": literal("Sage Intacct refuses the network address of this application."),
    "failure.address_refused.cure": literal(
        "Add the address of this application's server to the IP filters of the user or the company in Sage Intacct."
    ),
    "failure.entity_refused": literal("The Web Services user may not work in this entity, or it does not exist."),
    "failure.entity_refused.cure": literal("Give the user access to the entity in %(users)s, or choose another one."),
    "failure.format_unknown": literal(
        "Dates or amounts of the Web Services user are written in a form that could be misread: %(detail)s"
    ),
    "failure.format_unknown.cure": literal(
        "Under %(users)s, set the user's locale to US English, its dates to mm/dd/yyyy and its clock to 24 hours."
    ),
    "failure.not_subscribed": literal("The Sage Intacct company has not subscribed to Web Services: %(detail)s"),
    "failure.not_subscribed.cure": literal("Subscribe to it under Company > Admin > Subscriptions."),
    "failure.sign_in_refused": literal(
        "Sage Intacct refuses the sign-in. It does not say why: the company ID, the user ID"
        " or the password may be wrong, or the user may be locked, inactive or not a Web"
        " Services user."
    ),
    "failure.sign_in_refused.cure": literal(
        "Check all three, capital letters included, and the user under %(users)s. Too many tries lock the user."
    ),
    "failure.address_not_allowed": literal(
        "The configured address of the gateway is not one that credentials may be sent to."
    ),
    "failure.address_not_allowed.cure": literal("Ask whoever runs this application to check INTACCT_ENDPOINT."),
    "failure.not_reachable": literal("Sage Intacct can't be reached just now."),
    "failure.not_reachable.cure": literal(
        "Try again in a minute. If it lasts, ask whoever runs this application to check its network."
    ),
    "failure.in_line": literal(
        "Many requests of this application to the Intacct company are in line, so this one was not sent."
    ),
    "failure.in_line.cure": literal("Try again in a minute; syncs let it through first."),
    "failure.deletions_not_readable": literal(
        "The Web Services user may not see what was deleted in Sage Intacct: %(detail)s"
    ),
    "failure.deletions_not_readable.cure": literal(
        "Give its role the View right for custom reports, in the permissions of Platform Services or Customization."
    ),
    "failure.top_level_needed": literal(
        "The record belongs to the top level of the company, and the Web Services user is"
        " kept to one entity: %(detail)s"
    ),
    "failure.top_level_needed.cure": literal(
        "Let the user work at the top level too, under %(users)s, or change the record in Sage Intacct."
    ),
    "failure.permission_missing": literal("The Web Services user lacks a right in Sage Intacct: %(detail)s"),
    "failure.permission_missing.cure": literal(
        "Give its role the List, View, Add and Edit rights for Company, General"
        " Ledger, Accounts Receivable, Accounts Payable, Cash Management and Taxes."
    ),
    "failure.module_missing": literal("A module is not subscribed in this Sage Intacct company: %(detail)s"),
    "failure.module_missing.cure": literal("Subscribe to it under Company > Admin > Subscriptions."),
    "failure.period_closed": literal("The date lies in a period that is closed in Sage Intacct: %(detail)s"),
    "failure.period_closed.cure": literal(
        "Open the period under General Ledger > All > Books > Open (one ledger alone:"
        " Accounts Receivable or Accounts Payable > All > Subledger > Open), or change"
        " the date."
    ),
    "failure.busy": literal("Sage Intacct is busy or under maintenance."),
    "failure.busy.cure": literal("It is tried again by itself; there is nothing to do."),
    "failure.numbering_off": literal(
        "Sage Intacct wants an id or a number, because it does not number these records by itself: %(detail)s"
    ),
    "failure.numbering_off.cure": literal("Switch automatic numbering on under %(numbering)s, then sync again."),
    "failure.contact_name_taken": literal(
        "Sage Intacct has a contact of the same name already, and makes one for each customer and vendor: %(detail)s"
    ),
    "failure.contact_name_taken.cure": literal(
        "Rename or delete that contact under Company > Setup > Contacts, or change the name here, then sync again."
    ),
    "failure.account_number_taken": literal("Sage Intacct has an account with this number already: %(detail)s"),
    "failure.account_number_taken.cure": literal(
        "Look for it under General Ledger > Accounts: pair the two, or change the number."
    ),
    "failure.number_taken": literal("Sage Intacct has a record with this number or name already: %(detail)s"),
    "failure.number_taken.cure": literal("Look for it in Sage Intacct: pair the two, or change the number or name."),
    "failure.customer_or_vendor_not_usable": literal("Sage Intacct can't use this customer or vendor here: %(detail)s"),
    "failure.customer_or_vendor_not_usable.cure": literal(
        "Look it up under Accounts Receivable > Customers or Accounts"
        " Payable > Vendors: it must be active, and belong to the top"
        " level or to the entity that is connected."
    ),
    "failure.tax_set_up": literal(
        "The tax of a line does not fit the tax solution of the company or entity: %(detail)s"
    ),
    "failure.tax_set_up.cure": literal(
        "Compare the tax types paired here with Taxes > Setup > Tax details and Tax solutions, then sync again."
    ),
    "failure.nothing_left_to_pay": literal("Nothing is due on the document any more in Sage Intacct: %(detail)s"),
    "failure.nothing_left_to_pay.cure": literal(
        "Look at its payments under Accounts Receivable or Accounts Payable: it was paid there, or paid twice here."
    ),
    "failure.e_mail_address": literal("Sage Intacct does not take the e-mail address: %(detail)s"),
    "failure.e_mail_address.cure": literal("Correct the address here, one address in each field, then sync again."),
    "failure.page_not_readable": literal(
        "Sage Intacct could not give a page of records and does not say why: %(detail)s"
    ),
    "failure.page_not_readable.cure": literal(
        "Sync again later. If it stays, give this text to whoever runs this application, for Sage's support."
    ),
    "failure.refused_by_intacct": literal("Sage Intacct refuses it: %(detail)s"),
    "failure.refused_by_intacct.cure": literal("Mend what it names, then sync again."),
    "failure.unclear_answer": literal("The answer of Sage Intacct could not be understood (%(detail)s)."),
    "failure.unclear_answer.cure": literal("Try again; if it stays, give this text to whoever runs this application."),
}
