"""What is missing without a field that Intacct refuses."""

from __future__ import annotations

from .marks import Literals, literal

LACKING: Literals = {
    "lacking.description": literal("descriptions stay empty"),
    "lacking.tax_solution": literal("tax details of several tax solutions look alike"),
    "lacking.reverse_charge": literal("reverse charges look like other tax details"),
    "lacking.account_type": literal("an account's type is not compared"),
    "lacking.normal_balance": literal("an account's normal balance is not compared"),
    "lacking.closing_type": literal("which account is that of retained earnings is not known"),
    "lacking.control": literal("control accounts are known only when Sage Intacct refuses a line"),
    "lacking.alternative_account": literal("which control account is which is not known"),
    "lacking.required": literal("which dimensions an account asks for is known only when Sage Intacct refuses a line"),
    "lacking.tax_number": literal("tax numbers are not compared and stay empty"),
    "lacking.email": literal("e-mail addresses are not compared and stay empty"),
    "lacking.phone": literal("telephone numbers are not compared and stay empty"),
    "lacking.address": literal("postal addresses are not compared and stay empty"),
    "lacking.owner": literal("whose record it is is told by the locations of its lines alone"),
    "lacking.reference": literal("references stay empty"),
    "lacking.due": literal("due dates stay empty"),
    "lacking.currency": literal("documents in a currency of their own are not recognised"),
    "lacking.base_currency": literal("the company's own currency is not compared"),
    "lacking.module": literal("documents of order entry and purchasing look like others"),
    "lacking.dimension": literal("the values of this dimension are not brought in"),
    "lacking.location_type": literal("entities are told from other locations by their place alone"),
    "lacking.parent": literal("the entity above a location is not known"),
    "lacking.name": literal("its values go by their ids"),
    "lacking.stamp": literal("when a value was changed is not known"),
    "lacking.line_description": literal("descriptions of lines stay empty"),
    "lacking.subtotal": literal("lines of subtotals look like others"),
    "lacking.parent_entry": literal("lines that Sage Intacct added for tax look like others"),
    "lacking.line_item": literal("lines that Sage Intacct added look like others"),
    "lacking.line_number": literal("lines stand in the order in which they were entered"),
}
