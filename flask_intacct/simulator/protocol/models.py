"""Content models of the gateway's elements, for `schema`."""

from __future__ import annotations

CURRENCY = "(basecurr? currency (exchratedate? exchratetype | exchrate)?)?"
DIMENSIONS = (
    "(projectid (taskid costtypeid?)?)? customerid? vendorid? employeeid? itemid? classid? contractid? warehouseid?"
)

MODELS: dict[str, str] = {
    "request": "control operation+",
    "control": "appid? senderid password controlid uniqueid? dtdversion? policyid? debug? includewhitespace?"
    " showadditionalerrorinfo?",
    "operation": "authentication preferences* content",
    "authentication": "login | sessionid | oauth",
    "login": "userid companyid password clientid? locationid?",
    "content": "function+",
    # accounts receivable
    "create_invoice": "customerid datecreated dateposted? (datedue termname? | termname) batchkey? action?"
    " invoiceno? ponumber? description? externalid? billto? shipto? " + CURRENCY + " nogl? supdocid?"
    " customfields? taxsolutionid? invoiceitems",
    "update_invoice": "customerid? datecreated? dateposted? datedue? termname? action? invoiceno? ponumber?"
    " description? payto? returnto? " + CURRENCY + " supdocid? customfields? updateinvoiceitems?",
    "reverse_invoice": "datereversed description?",
    "delete_invoice": "",
    "create_aradjustment": "customerid datecreated dateposted? batchkey? adjustmentno? action? invoiceno?"
    " description? externalid? " + CURRENCY + " nogl? taxsolutionid? aradjustmentitems",
    "update_aradjustment": "customerid? datecreated? dateposted? adjustmentno? action? invoiceno? description? "
    + CURRENCY
    + " updatearadjustmentitems?",
    "delete_aradjustment": "",
    "create_arpayment": "customerid paymentamount translatedamount? (batchkey | bankaccountid | undepfundsacct)? refid?"
    " overpaylocid? overpaydeptid? datereceived? paymentmethod? " + CURRENCY + " cctype? authcode? arpaymentitem*",
    "apply_arpayment": "arpaymentkey paymentdate batchkey? memo? overpaylocid? overpaydeptid? arpaymentitems*",
    "arpaymentitems": "arpaymentitem+",
    "arpaymentitem": "invoicekey amount",
    "reverse_arpayment": "datereversed description? nsfclosedaccount?",
    # accounts payable
    "create_bill": "vendorid datecreated dateposted? (datedue termname? | termname) action? batchkey? billno?"
    " ponumber? onhold? description? externalid? payto? returnto? " + CURRENCY + " nogl? supdocid?"
    " customfields? inclusivetax? taxsolutionid? billitems",
    "reverse_bill": "datereversed description?",
    "delete_bill": "",
    "create_apadjustment": "vendorid datecreated dateposted? batchkey? adjustmentno? action? billno? description?"
    " externalid? " + CURRENCY + " nogl? customfields? inclusivetax? taxsolutionid? apadjustmentitems",
    "update_apadjustment": "vendorid? datecreated? dateposted? adjustmentno? action? billno? description? "
    + CURRENCY
    + " inclusivetax? updateapadjustmentitems?",
    "delete_apadjustment": "",
    "reverse_appayment": "datereversed description?",
    "approve_appaymentrequest": "appaymentkeys",
    "decline_appaymentrequest": "appaymentkeys",
    "confirm_appaymentrequest": "appaymentkeys",
    "void_appaymentrequest": "appaymentkeys",
    "appaymentkeys": "appaymentkey+",
    # attachments
    "create_supdoc": "supdocid supdocname? supdocfoldername? supdocdescription? attachments?",
    "update_supdoc": "supdocid supdocname? supdocfoldername? supdocdescription? attachments?",
    "delete_supdoc": "",
    "create_supdocfolder": "supdocfoldername supdocfolderdescription? supdocparentfoldername?",
    "update_supdocfolder": "supdocfoldername supdocfolderdescription? supdocparentfoldername?",
    "delete_supdocfolder": "",
    # masters
    **dict.fromkeys(
        (
            f"delete_{name}"
            for name in ("customer", "vendor", "contact", "class", "department", "location", "glaccount")
        ),
        "",
    ),
    **dict.fromkeys((f"delete_{name}" for name in ("statglaccount", "item", "project", "employee")), ""),
    "attachments": "attachment+",
    "attachment": "attachmentname attachmenttype attachmentdata",
    # parts
    "invoiceitems": "lineitem+",
    "billitems": "lineitem+",
    "aradjustmentitems": "lineitem+",
    "apadjustmentitems": "lineitem+",
    "updateinvoiceitems": "(lineitem | updatelineitem)+",
    "updatearadjustmentitems": "(lineitem | updatelineitem)+",
    "updateapadjustmentitems": "(lineitem | updatelineitem)+",
    "lineitem": "(glaccountno | accountlabel) offsetglaccountno? amount allocationid? memo? locationid?"
    " departmentid? item1099? form1099type? form1099box? key? totalpaid? totaldue? customfields?"
    " revrectemplate? defrevaccount? revrecstartdate? revrecenddate? " + DIMENSIONS + " billable?"
    " totaltrxamount? partialexempt? paymenttaxcapture? taxentries?",
    "updatelineitem": "(glaccountno | accountlabel)? offsetglaccountno? amount? allocationid? memo? locationid?"
    " departmentid? item1099? form1099type? form1099box? key? totalpaid? totaldue? customfields?"
    " revrectemplate? defrevaccount? revrecstartdate? revrecenddate? " + DIMENSIONS + " billable?"
    " totaltrxamount? partialexempt? paymenttaxcapture? taxentries?",
    "taxentries": "taxentry taxentry?",
    "taxentry": "detailid trx_tax?",
    "customfields": "customfield+",
    "customfield": "customfieldname customfieldvalue",
    "billto": "contactname | contact",
    "shipto": "contactname | contact",
    "payto": "contactname | contact",
    "returnto": "contactname | contact",
}

DATES = frozenset(
    ("datecreated", "dateposted", "datedue", "datereversed", "exchratedate", "revrecstartdate", "revrecenddate")
) | {"datereceived", "paymentdate", "startdate", "enddate"}

ALL: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "query": (("object", "select"), ("filter", "orderby", "options", "pagesize", "offset", "docparid")),
    "readByQuery": (("object",), ("fields", "query", "pagesize", "returnFormat", "docparid")),
    "readMore": ((), ("resultId", "object", "view", "reportId", "returnFormat")),
    "read": (("object", "keys"), ("fields", "returnFormat", "docparid")),
    "readByName": (("object", "keys"), ("fields", "returnFormat", "docparid")),
    "readRelated": (("object", "keys", "relation"), ("fields", "returnFormat")),
    "get_list": ((), ("filter", "sorts", "fields")),
    "get": ((), ("fields",)),
    "lookup": (("object",), ("docparid",)),
    "recallApBill": ((), ("recordno", "RECORDNO")),
    "inspect": ((), ("object", "name")),
    "delete": (("object", "keys"), ()),
    "getAPISession": ((), ("locationid",)),
    "getDimensions": ((), ()),
    "getUserPermissions": (("userId",), ()),
    "readUserFormatting": ((), ("key", "userId")),
    "readEntityDetails": ((), ()),
    "getFinancialSetup": ((), ()),
    "get_companyprefs": ((), ("application",)),
    "get_applications": ((), ()),
    "getAuditTrail": (("object",), ("recordNo", "objectKey")),
}
"""Functions with free order: the children that are needed, and those that may come."""

ANY = frozenset(("create", "update", "retrievepdf", "contact", "preferences", "oauth", "filter", "sorts", "fields")) | {
    *("create_contact", "get_trialbalance", "get_accountbalances"),
}
"""Elements whose content no model fixes."""
