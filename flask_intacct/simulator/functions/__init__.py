"""The functions of the gateway, by their element names. Each takes a Call and returns the XML after `controlid`."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.call import Call
from . import (
    approvals,
    attachments,
    balances,
    bills,
    changes,
    generic,
    info,
    invoices,
    lookup,
    old_lists,
    old_query,
    old_records,
    payments,
    pdf,
    query,
    read,
    sessions,
)

Function = Callable[[Call], str]


def _words(text: str) -> list[str]:
    return text.split()


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
    "update_supdocfolder": attachments.update_supdocfolder,
    "delete_supdocfolder": attachments.delete_supdocfolder,
    "create_contact": old_records.create_contact,
    "get_trialbalance": balances.get_trialbalance,
    "get_accountbalances": balances.get_accountbalances,
    **dict.fromkeys(old_records.DELETED, old_records.delete),
}

NOT_SIMULATED = frozenset(
    _words("""
        readReport readView getDimensionRelationships getDimensionAutofillDetails getDimensionRestrictions
        getDimensionRestrictedData getObjectTrail getDdsObjects getDdsDdl runDdsJob installApp consolidate
        get_accountbalancesbydimensions get_accountgroupbalances get_araging get_apaging
        getVendorApprovalHistory getVendorsToApprove getTransactionsToApprove approve decline hold resume
        approveApBill declineApBill create_customer update_customer create_vendor update_vendor update_contact
        create_class update_class create_department update_department create_location update_location
        create_locationgroup create_glaccount update_glaccount create_statglaccount update_statglaccount
        create_employee update_employee create_project update_project create_task update_task delete_task
        create_item update_item create_allocation delete_allocation update_bill create_billbatch
        create_invoicebatch create_arpaymentbatch create_aradjustmentbatch create_apadjustmentbatch
        create_appayment create_paymentrequest create_reimbursementrequest create_arterm create_apterm
        create_taxdetail create_checkingaccount create_savingsaccount record_cctransaction
        update_cctransaction reverse_cctransaction record_deposit record_otherreceipt create_gltransaction
        update_gltransaction create_expensereport delete_expensereport reverse_expensereport
        create_expensereportbatch create_expenseadjustmentreport delete_expenseadjustmentreport
        create_ictransaction delete_ictransaction create_sotransaction update_sotransaction
        delete_sotransaction create_potransaction update_potransaction delete_potransaction
        reverse_aradjustment reverse_apadjustment create_timesheet get_company_info
    """)
)
"""Functions that the gateway has, but too little of which is public. They are refused, each by itself."""

READS = frozenset(
    name for name in FUNCTIONS if name.startswith(("query", "read", "lookup", "inspect", "get", "retrieve"))
)
"""Functions that change nothing; `uniqueid` does not look at them."""
