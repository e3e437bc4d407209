"""What fields may hold where the gateway lists it, as `lookup` tells it: fields, a colon, values between bars."""

from __future__ import annotations

_TABLE = """
    CUSTOMER.DELIVERY_OPTIONS ARINVOICE.DELIVERY_OPTIONS: Print|E-Mail|Print#~#E-Mail
    CUSTOMER.STATUS VENDOR.STATUS DEPARTMENT.STATUS LOCATION.STATUS CLASS.STATUS: active|active non-posting|inactive
    CUSTOMER.PRCLST_OVERRIDE: C|B|S
    CUSTOMER.OBJECTRESTRICTION VENDOR.OBJECTRESTRICTION: Unrestricted|RootOnly|Restricted
    CUSTOMER.ADVBILLBYTYPE: days|months
    VENDOR.BILLINGTYPE: openitem|balanceforward
    VENDOR.PAYMENTPRIORITY: Urgent|High|Normal|Low
    VENDOR.STATE: S|A|R
    VENDOR.FILEPAYMENTSERVICE EMPLOYEE.FILEPAYMENTSERVICE: ACH|BANKFILE|NONE
    VENDOR.ACHACCOUNTTYPE EMPLOYEE.ACHACCOUNTTYPE: Checking Account|Savings Account
    VENDOR.ACHREMITTANCETYPE: CTX|PPD|CCD
    VENDOR.WIREACCOUNTTYPE: Demand Deposit Account
    VENDOR.PMPLUSREMITTANCETYPE: Email|Fax|EDI
    VENDOR.PAYMETHODKEY: Printed Check|Charge Card|EFT|Cash|ACH|WF Check|WF USD Wire|WF Domestic ACH
    VENDOR.OUTSOURCECHECKSTATE: Validation Failed|Validation Passed|Pending Activation|queued|Subscribed|Inactive
    VENDOR.OUTSOURCEACHSTATE VENDOR.CARDSTATE: Active|In Progress|Not Enabled|Validation Failed|Validation
        Passed|Pending Activation|queued|Subscribed|Inactive
    VENDOR.VENDORACCOUNTOUTSOURCEACH CHECKINGACCOUNT.OUTSOURCECHECK SAVINGSACCOUNT.OUTSOURCECHECK:
        false|true|Pending Activation|queued|Subscribed
    VENDOR.ISINDIVIDUAL LOCATIONENTITY.ISLIMITEDENTITY LOCATIONENTITY.EINVOICEENABLED ITEM.ALLOW_BACKORDER
        ITEM.TAXABLE ITEM.ENABLE_SERIALNO ITEM.ENABLE_LOT_CATEGORY ITEM.ENABLE_BINS ITEM.ENABLE_EXPIRATION
        ITEM.ENABLELANDEDCOST ITEM.AUTOPRINTLABEL TAXDETAIL.REVERSECHARGE REPORTINGPERIOD.BUDGETING: true|false
    CONTACT.STATUS CUSTTYPE.STATUS VENDTYPE.STATUS GLACCOUNT.STATUS STATACCOUNT.STATUS ARACCOUNTLABEL.STATUS
        APACCOUNTLABEL.STATUS LOCATIONENTITY.STATUS PROJECT.STATUS ITEM.STATUS EMPLOYEE.STATUS TAXDETAIL.STATUS
        ARTERM.STATUS APTERM.STATUS CHECKINGACCOUNT.STATUS SAVINGSACCOUNT.STATUS REPORTINGPERIOD.STATUS:
        active|inactive
    GLACCOUNT.ACCOUNTTYPE: balancesheet|incomestatement
    GLACCOUNT.NORMALBALANCE: debit|credit
    GLACCOUNT.CLOSINGTYPE: non-closing account|closing account|closed to account
    GLACCOUNT.ALTERNATIVEACCOUNT: None|Payables account|Receivables account
    GLACCOUNT.WIPSETUPACCTTYPE: offset|cost|overbilling|revenue|underbilling|overbillingOffset|underbillingOffset
    STATACCOUNT.ACCOUNTTYPE: forperiod|cumulative
    LOCATION.FIRSTMONTH LOCATION.FIRSTMONTHTAX LOCATIONENTITY.FIRSTMONTH LOCATIONENTITY.FIRSTMONTHTAX:
        1|2|3|4|5|6|7|8|9|10|11|12
    LOCATION.WEEKSTART LOCATIONENTITY.WEEKSTART: 1|2|3|4|5|6|7|9
    LOCATION.LOCATIONTYPE LOCATIONENTITY.LOCATIONTYPE: E|N|C
    LOCATIONENTITY.ACCOUNTINGTYPE: Entity|Fund
    PROJECT.PROJECTCATEGORY: Contract|Capitalized|Internal Non-billable|Internal Billable
    PROJECT.BILLINGTYPE: Time & Material|Fixed Fee|Fixed Fee & Expenses
    PROJECT.USERRESTRICTIONS: System Default|Any User|Project Users|Project Task Users
    PROJECT.BILLINGPRICING PROJECT.EXPENSEPRICING: Billing rate|Cost plus fee
    PROJECT.POAPPRICING: Cost plus fee
    PROJECT.BILLINGOVERMAX: Do nothing|Issue a warning message|Prevent billing
    PROJECT.PAYER: Federal|Third-party
    PROJECT.ASSISTANCETYPE: Cash|Non-Cash
    PROJECT.REVRESTRICTION: Purpose|Time|NA
    TASK.TASKSTATUS: Not Started|Planned|In Progress|Completed|On Hold
    ITEM.PRODUCTTYPE: Item for Resale|Item not for Resale|Discontinued|Service|Misc Charge
    ITEM.COST_METHOD: Standard|Average|FIFO|LIFO
    ITEM.DEFAULT_CONVERSIONTYPE: Quantity|Price
    ITEM.ITEMTYPE: Inventory|Non-Inventory|Non-Inventory (Purchase only)|Non-Inventory (Sales only)|Kit|Stockable
        Kit
    ITEM.REVPOSTING: Component Level|Kit Level
    ITEM.REVPRINTING: Individual Components|Kit
    ITEM.VSOECATEGORY: Product - Specified|Software|Product - Unspecified|Upgrade - Unspecified|Upgrade -
        Specified|Services|Post Contract Support(PCS)
    ITEM.VSOEDLVRSTATUS ITEM.DEFCONTRACTDELIVERYSTATUS: Delivered|Undelivered
    ITEM.VSOEREVDEFSTATUS: Defer until item is delivered|Defer bundle until item is delivered
    ITEM.TERMPERIOD: Days|Weeks|Months|Years
    ITEM.DEFCONTRACTDEFERRALSTATUS: Defer revenue until item is delivered|Defer revenue until all items are
        delivered
    ITEM.REPLENISHMENT_METHOD: Demand forecast by single value|Reorder point|Demand forecast by fluctuating values
    EMPLOYEE.GENDER: female|male
    EMPLOYEE.TERMINATIONTYPE: voluntary|involuntary|deceased|disability|retired
    EMPLOYEE.PAYMETHODKEY: Printed Check|EFT|Cash|ACH
    EMPLOYEE.ACHREMITTANCETYPE: Personal(PPD)|Business(CCD)|Business(CTX)
    TAXSOLUTION.TAXMETHOD: Advanced tax|VAT or GST|Avalara|None|Simple tax
    TAXSOLUTION.STATUS: Active|Inactive|Not configured
    TAXSOLUTION.TYPE: Standard|Custom
    TAXSOLUTION.SUBMISSIONPROCESS: Sage Regulatory Reporting|User Submitted|None
    TAXDETAIL.TAXTYPE TAXRECORD.TAXDETAILTYPE: Sale|Purchase
    TAXDETAIL.INCLUDE: Full Amount|Amount Within Range
    TAXDETAIL.TAXRATE: Standard|Reduced|Exempt|Zero|Federal|Provincial|Reverse charge VAT|Exemption due to
        intra-Community delivery|VAT exemption for export outside the EU|Outside the scope of VAT
    TAXDETAIL.TAXFILING TAXRECORD.TAXFILING: Reporting|Not reporting
    TAXRECORD.TAXTYPE: Input Tax|Output Tax
    TAXRECORD.STATE: Submitted|Posted|Locked|Ignored|Filed
    ARTERM.DUEFROM ARTERM.DISCFROM APTERM.DUEFROM APTERM.DISCFROM: from invoice/bill date|of the month of
        invoice/bill date|of next month from invoice/bill date|of 2nd month from invoice/bill date|of 3rd month from
        invoice/bill date|of 4th month from invoice/bill date|of 5th month from invoice/bill date|of 6th month from
        invoice/bill date|after end of month of invoice/bill date|from invoice/bill date extending to eom
    ARTERM.DISCPERCAMN ARTERM.PENPERCAMN APTERM.DISCPERCAMN APTERM.PENPERCAMN: $|%
    ARTERM.PEN_TYPES APTERM.PEN_TYPES: No Penalty|Daily|Weekly|Biweekly|Monthly|Bimonthly|Quarterly|Half
        yearly|Annually
    ARTERM.DISCCALCON: Line items total|VAT line items total|Invoice total
    APTERM.DISCCALCON: Line items total|Bill total
    CHECKINGACCOUNT.BANKACCOUNTTYPE SAVINGSACCOUNT.BANKACCOUNTTYPE: checking|savings
    CHECKINGACCOUNT.CHECKLAYOUT.CHECKPAPERFORMAT: top|middle|bottom
    CHECKINGACCOUNT.CHECKLAYOUT.CHECKPRINTFORMAT: standard|business|high security|cad check|jpmorgan chase
        business|jpmorgan chase standard|cad blank check|cad check 2.0|cad french blank check|cad french preprinted
        check
    CHECKINGACCOUNT.CHECKLAYOUT.DISPLAYLOCATIONAS: id|name|both
    CHECKINGACCOUNT.CHECKLAYOUT.BANKACCTALIGN: left|right
    CHECKINGACCOUNT.CHECKLAYOUT.ONUS32: Position 31|Position 32
    CHECKINGACCOUNT.CHECKLAYOUT.USECNYADDRESS: C|B
    CHECKINGACCOUNT.SERVICECLASSCODE: 220|200
    CHECKINGACCOUNT.USETRACENUMBER: T|P
    CHECKINGACCOUNT.PRINTON: P|B|D
    CHECKINGACCOUNT.OUTSOURCEACH: false|true|Pending Activation|queued|Subscribed|Inactive
    CHECKINGACCOUNT.CHECKSPERPAGE: 1|3
    CHECKINGACCOUNT.BENEFICIARYTYPE: VENDOR|EMPLOYEE|ALL
    SAVINGSACCOUNT.FINANCIALDATA.RECONMODE: Manual|Automatch|Automatch with review
    ARINVOICE.STATE ARADJUSTMENT.STATE APADJUSTMENT.STATE: Reversed|Reversal|Draft|No Value|Posted|Paid|Partially
        Paid|Selected
    ARINVOICE.SYSTEMGENERATED ARINVOICE.HASPOSTEDREVREC ARADJUSTMENTITEM.LINEITEM ARADVANCE.CLEARED
        ARADVANCE.SYSTEMGENERATED APBILL.SYSTEMGENERATED APBILLITEM.LINEITEM APADJUSTMENTITEM.LINEITEM
        APPYMT.SYSTEMGENERATED GLENTRY.ADJ: T|F
    ARINVOICE.INVOICETYPE ARADJUSTMENT.INVOICETYPE APBILL.INVOICETYPE APADJUSTMENT.INVOICETYPE:
        Invoice|E-Invoice|E-Reporting
    ARINVOICE.INVOICEMODE ARADJUSTMENT.INVOICEMODE APBILL.INVOICEMODE APADJUSTMENT.INVOICEMODE:
        B1|S1|M1|B2|S2|M2|S3|B4|S4|M4|S5|S6|B7|S7
    ARINVOICE.EINVOICESTATUS ARADJUSTMENT.EINVOICESTATUS APBILL.EINVOICESTATUS APADJUSTMENT.EINVOICESTATUS:
        Submitted|Made available|In hand|Refused|Payment sent|Payment received|Disputed|Issued by the
        platform|Received by the platform|Rejected by the platform
    ARINVOICE.SERVICERSTATE: In progress|Pending|Unauthorised|Arrived|Rejected|Paid
        offline|Cancelled|Processing|Processing completed|Processing failed|Refunded|Partially paid|Partially
        Refunded|Paid|Request failed
    ARADVANCE.PAYMENTMETHOD: Printed Check|Credit Card|EFT|Cash
    ARADVANCE.STATE: Reversed|Reversal|Draft|Reconciled|Fully applied|Partially applied|Posted|Selected
    ARPYMT.DISPLAYSTATE: Reversed|Reversal|Draft|Reconciled|Complete
    ARPYMT.PAYMENTMETHOD: Printed Check|Credit Card|EFT|Cash|Online Charge Card|Online ACH Debit|PAS Pay
    ARPYMT.CLEARED GLENTRY.CLEARED: T|F|M
    APBILL.STATE: Draft|Partially Approved|Submitted|Declined|No Value|Posted|Paid|Partially
        Paid|Selected|Reversed|Reversal|Analyzing
    APBILL.PAYMENTPRIORITY: urgent|high|normal|low
    APBILL.DOCSOURCE: Bill upload|Email
    APBILL.UPLOADSTATUS: Resolve|Completed|Pending|Draft ready|Cancelled
    APBILLITEM.SUBTOTAL: S|T
    APBILLITEM.AMORTIZATIONTEMPLATEINFO.TERM: Monthly|Quarterly|Annually
    APBILLITEM.SELECTEDASSETMODE: S|M|N
    APPYMT.PAYMENTREQUESTMETHOD: vendorpref|bill|vendor|payto
    APPYMT.DISPLAYSTATE: Partially Approved|Submitted|Voided|Confirmed|Approved|Draft|Declined|Delivered|Print
        Voided|Quick Delivery
    AUDITHISTORY.SOURCE: api|csv|system|ui|sev|flatf
    USERINFO.ADMIN: false|true|Full
    USERINFO.USERTYPE: business user|employee user|view only user|dashboard user|project manager user|payment
        approver|platform user|CRM user|warehouse user|Construction manager user
    USERINFO.STATUS: active|inactive|lockedout
    ROLES.TYPE: Enterprise|E-Console|Multi Entity Distributed|Multi Entity Shared
    ROLES.APPLYTO: Login and Slide-In|Login Only|Slide-In Only
    GLBATCH.STATE: Draft|Submitted|Partially Approved|Approved|Posted|Declined|Reversal pending|Reversed
    GLBATCH.TAXIMPLICATIONS: None|Inbound|Outbound
    GLBATCH.TRANSACTIONSOURCE: BANK
    GLENTRY.TR_TYPE: 1|-1
    GLENTRY.STATE: Draft|Submitted|Partially Approved|Approved|Posted|Declined|Reversal Pending|Reversed
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in table.replace("\n        ", " ").strip().splitlines():
        names, _, values = entry.strip().partition(": ")
        found |= dict.fromkeys(names.split(), tuple(values.split("|")))
    return found


ENUMERATIONS = _read(_TABLE)
"""By object and field, joined by a dot."""
