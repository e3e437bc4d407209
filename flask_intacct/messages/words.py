"""Words that stand inside other messages, and what others said."""

from __future__ import annotations

from .marks import Literals, literal

WORDS: Literals = {
    "text": "%(text)s",
    "sentence": "%(of)s",
    "noun.Bill": literal("Bill"),
    "noun.Invoice": literal("Invoice"),
    "noun.account": literal("account"),
    "noun.bill": literal("bill"),
    "noun.bills": literal("bills"),
    "noun.company": literal("company"),
    "noun.contact": literal("contact"),
    "noun.customer": literal("customer"),
    "noun.customers": literal("customers"),
    "noun.invoice": literal("invoice"),
    "noun.invoices": literal("invoices"),
    "noun.purchase": literal("purchase"),
    "noun.purchases": literal("purchases"),
    "noun.sales": literal("sales"),
    "noun.sale": literal("sale"),
    "noun.tax_type": literal("tax type"),
    "noun.tracking_category": literal("tracking category"),
    "noun.tracking_option": literal("tracking option"),
    "noun.vendor": literal("vendor"),
    "noun.vendors": literal("vendors"),
    "status.draft": literal("draft"),
    "status.awaiting_approval": literal("awaiting approval"),
    "status.approved": literal("approved"),
    "status.paid": literal("paid"),
    "status.void": literal("void"),
    "right": literal(
        "Give the role of the Web Services user List and View for %(where)s (Company > Admin > Roles > Permissions)."
    ),
    "right.custom": literal("the custom object %(object)s"),
    "right.object": literal("the object"),
}
