"""The functions of the gateway, by their element names. Each takes a Call and returns the XML after `controlid`."""

from __future__ import annotations

from collections.abc import Callable

from ..call import Call
from . import (
    approvals,
    attachments,
    bills,
    changes,
    generic,
    info,
    invoices,
    lookup,
    old_lists,
    old_query,
    payments,
    pdf,
    query,
    read,
    sessions,
)

Function = Callable[[Call], str]

FUNCTIONS: dict[str, Function] = {
    "query": query.query,
    "readByQuery": old_query.read_by_query,
    "readMore": old_query.read_more,
    "read": read.read,
    "readByName": read.read_by_name,
    "readRelated": read.read_related,
    "get_list": old_lists.get_list,
    "get": old_lists.get,
    "retrievepdf": pdf.retrieve_pdf,
    "lookup": lookup.lookup,
    "inspect": lookup.inspect,
    "getAPISession": sessions.get_api_session,
    "readEntityDetails": sessions.read_entity_details,
    "readUserFormatting": sessions.read_user_formatting,
    "getUserPermissions": sessions.get_user_permissions,
    "getDimensions": info.get_dimensions,
    "getFinancialSetup": info.get_financial_setup,
    "get_companyprefs": info.get_company_preferences,
    "get_applications": info.get_applications,
    "getAuditTrail": info.get_audit_trail,
    "create": generic.create,
    "update": generic.update,
    "delete": generic.delete,
    "create_invoice": invoices.create_invoice,
    "update_invoice": changes.update_invoice,
    "reverse_invoice": invoices.reverse_invoice,
    "delete_invoice": invoices.delete_invoice,
    "create_aradjustment": invoices.create_adjustment,
    "update_aradjustment": changes.update_aradjustment,
    "delete_aradjustment": invoices.delete_adjustment,
    "create_arpayment": payments.create_arpayment,
    "apply_arpayment": payments.apply_arpayment,
    "reverse_arpayment": payments.reverse_arpayment,
    "reverse_appayment": payments.reverse_appayment,
    "approve_appaymentrequest": approvals.approve_payments,
    "decline_appaymentrequest": approvals.decline_payments,
    "confirm_appaymentrequest": approvals.confirm_payments,
    "void_appaymentrequest": approvals.void_payments,
    "recallApBill": approvals.recall_bill,
    "create_bill": bills.create_bill,
    "reverse_bill": bills.reverse_bill,
    "delete_bill": bills.delete_bill,
    "create_apadjustment": bills.create_adjustment,
    "update_apadjustment": changes.update_apadjustment,
    "delete_apadjustment": bills.delete_adjustment,
    "create_supdoc": attachments.create_supdoc,
    "update_supdoc": attachments.update_supdoc,
    "delete_supdoc": attachments.delete_supdoc,
    "create_supdocfolder": attachments.create_supdocfolder,
}

NOT_SIMULATED = frozenset(
    (
        *("readReport", "readView", "getDimensionRelationships", "getDimensionAutofillDetails"),
        *("getDimensionRestrictions", "getDimensionRestrictedData", "create_customer", "update_customer"),
        *("create_vendor", "update_vendor", "update_bill", "create_checkingaccount", "create_savingsaccount"),
        *("create_arterm", "create_apterm", "create_taxdetail", "create_location", "create_glaccount"),
    )
)
"""Functions that the gateway has, but too little of which is public. They are refused, each by itself."""

READS = frozenset(
    name for name in FUNCTIONS if name.startswith(("query", "read", "lookup", "inspect", "get", "retrieve"))
)
"""Functions that change nothing; `uniqueid` does not look at them."""
