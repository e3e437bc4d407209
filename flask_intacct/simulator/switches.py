"""What Intacct lets a company set, and what its public material leaves open. `docs/simulator.md` lists all."""

from __future__ import annotations

from dataclasses import dataclass, field


def _numbers() -> dict[str, str]:
    return {
        "busy": "DL02000001",
        "duplicate": "SIM-DUPLICATE-CONTROLID",
        "entity": "XL03000006",
        "module": "PL04000005",
        "page": "Query Failed",
        "period": "BL03000130",
        "size": "XL03000003",
        "subscription": "XL03000006",
    }


def _texts() -> dict[str, str]:
    return {
        "entity": "The location ID '{0}' is not valid or the user has no access to it.",
        "module": "The module is not subscribed; {0} is not available.",
        "page": "Invalid {0}: it must be between {1} and {2}.",
        "size": "The request is larger than {0} characters.",
        "subscription": "This feature is disabled for your company",
    }


def _unread() -> dict[str, str]:
    return {
        "PROJECT": "CFDA FUNDEDNAME AGENCY PAYER FUNDINGOTHERID ASSISTANCETYPE REVRESTRICTION RESTRICTIONEXPIRY"
        " RESTRICTIONEXPIRATIONDATE TIMESATISFACTIONSCHEDULED"
    }


@dataclass(slots=True)
class Switches:
    """Change them while the server runs."""

    # settings of a company
    automatic_ids: set[str] = field(default_factory=lambda: {"CUSTOMER", "VENDOR", "ARINVOICE", "APBILL"})
    rates: dict[str, str] = field(default_factory=dict)  # other currencies, and the worth of one in the company's own
    vat: bool = True  # tax entries are required on lines
    bill_approval: bool = False  # a submitted bill waits for approval
    approval_steps: int = 1  # how often a bill or a payment is approved until it goes on
    payment_approval: bool = False  # a submitted payment waits for approval and confirmation
    unique_invoice_numbers: bool = True
    unique_bill_numbers: bool = True  # per vendor
    delete_posted: bool = True  # posted documents on which nothing was paid may be deleted
    protect_control_accounts: bool = True  # no document lines on the receivables and payables accounts
    account_labels: bool = False  # lines give labels, not accounts
    refuse_inactive: bool = True  # no new documents for inactive customers, vendors, accounts, dimensions
    closed_until: str = ""  # mm/dd/yyyy: postings on or before it are refused
    web_services: bool = True  # the subscription that sign-in by XML needs
    address_denied: bool = False  # the company's IP filter keeps the caller out
    lock_after: int = 5  # wrong passwords in a row
    session_seconds: int = 3600
    concurrent: int = 0  # more requests at once than this are refused; 0 = no limit
    hold_seconds: float = 0  # how long they are held before that
    date_format: str = "/mdY"  # of the user: a separator and the order, y for two digits of the year
    clock: str = "24"  # of the user: 24 or 12
    gmt_offset: str = "+0000"  # of the user
    locale: str = "en_US"  # of the user
    policies: set[str] = field(default_factory=set)  # known transport policies: acknowledged, then carried out

    # ways in which the gateway has been seen to differ
    any_content_type: bool = False  # take a request whose Content-Type names no XML; else HTTP 400 GW-0014
    charset: bool = False  # name a charset in the reply's Content-Type
    support_ids: bool = True  # end error texts in a support id
    unknown_company_400: bool = False  # HTTP 400 GW-0011 in place of HTTP 401 XMLGW_JPP0002
    unknown_sender_400: bool = False  # HTTP 400 GW-0011 in place of the failure at control
    failing_aborted: bool = False  # transaction: the failing function itself says aborted
    top_location: str = ""  # how the top level is shown in a reply's authentication: as "", "absent" or "None"
    fields_refused: dict[str, str] = field(default_factory=_unread)  # what lookup lists and query refuses, by object
    late_seconds: int = 0  # a change becomes visible to readers filtering by WHENMODIFIED only after this time
    late_for_all: bool = False  # so it does to readers that filter by anything else
    documented_dates: bool = False  # dates are written mm/dd/yyyy, whatever form the user has
    raw_texts: dict[str, str] = field(default_factory=dict)  # texts that come out as these, and not escaped
    star_flat: bool = False  # `*` of readByQuery is flat too: dotted names, not nested elements
    stamps_empty: set[str] = field(default_factory=set)  # objects whose WHENMODIFIED is not written

    # what nobody has written down
    aborted_absent: bool = False  # transaction: functions after the failing one are left out of the reply
    ap_credit_positive: bool = False  # a positive payables adjustment is the credit memo
    created_minutes: int = 0  # by how much stamps of creation are ahead of those of change, in one and the same row
    currency_needed: bool = False  # payments name their currency, even where the company has one only
    cursor_seconds: int = 0  # life of a readByQuery's cursor; 0 = as long as the server
    cursors_bound: bool = True  # a cursor belongs to the session that began it
    dates_sent_documented: bool = False  # what is sent has dates as mm/dd/yyyy, whatever the user's form
    duplicate_at_control: bool = False  # uniqueid: a repeat is refused at control, before any function
    duplicate_status: bool = False  # uniqueid: the result of a repeat has a status, not an error alone
    entity_at_result: bool = False  # a wrong entity of a login is refused by each function
    filters_side_by_side: bool = False  # several operators at the top of a query's filter are joined by and
    externalid_kept: bool = False  # EXTERNALID of documents can be read back
    failed_ids_count: bool = False  # uniqueid: a control id is used up by a failed function too
    forget_ids: bool = False  # uniqueid: nothing is remembered
    ids_per_company: bool = True  # uniqueid: the same control id is free in another company
    ids_seconds: int = 0  # uniqueid: how long a control id is remembered; 0 = for ever
    lines_from_0: bool = False  # LINE_NO of what is read counts from 0, not from 1
    no_value: bool = False  # a document that comes to nothing is in a state of its own
    numbers: dict[str, str] = field(default_factory=_numbers)  # errorno of refusals of which only the text is known
    object_keys_marked: bool = False  # the OBJECTKEY of a document in the audit history ends in --REC
    pages_clamped: bool = False  # a page size out of range is brought into it
    payments_stamp: bool = True  # a payment or a reversal moves WHENMODIFIED of what it settles or takes back
    payments_mirrored: bool = False  # a payment that is taken back leaves a second one, its Reversal or a Voided one
    reversal_names_original: bool = False
    reversals_numbered: bool = False  # the reversal of an invoice is numbered by it, as that of a bill always is
    stamps_local: bool = True  # stamps are told in the user's zone, and read so
    stamp_minutes: int = 0  # by how much the company's stamps are ahead of UTC
    texts: dict[str, str] = field(default_factory=_texts)  # texts of refusals of which only the fact is known
    unavailable_empty: bool = False  # objects that a company lacks are empty, not refused
