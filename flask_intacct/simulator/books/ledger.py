"""The general ledger: every posted document and payment as balanced entries on accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..company import Company, User
from ..store.values import Row
from .draft import KINDS, UNPOSTED, ZERO, Kind

NOT_OWED = (*UNPOSTED, "Approved", "Voided")
"""States of documents and payments that are not in the subledger."""


class Entry(NamedTuple):
    """What an account gets, debit positive: in the base currency, and in that of the source if it is another one."""

    account: str
    amount: Decimal
    line: Row
    other: Decimal | None = None


_MISSING = {"ar": "Receivables", "ap": "Payables", "tax": "Tax", "bank": "Bank"} | {
    "discount": "Discounts",
    "advance": "Advances",
    "exchange": "Exchange differences",
}
"""What a role is called where no account of the company plays it."""


def control_account(company: Company, role: str) -> str:
    """The account that a subledger or tax or the bank posts to."""
    for account in company.dataset.accounts:
        if account.control == role:
            return account.no
    return _MISSING[role]


def money_account(company: Company, row: Row) -> str:
    """The account that the money of a payment comes to or from."""
    bank = row.get("FINANCIALENTITY")
    known = company.store["CHECKINGACCOUNT"].named(bank) or company.store["SAVINGSACCOUNT"].named(bank) or {}
    return known.get("GLACCOUNTNO") or row.get("UNDEPOSITEDACCOUNTNO") or control_account(company, "bank")


def document_entries(company: Company, kind: Kind, header: Row) -> list[Entry]:
    """What a document posts: its total on the control account, lines and taxes against it."""
    store, sign = company.store, 1 if kind.receivable else -1
    whole = (control_account(company, kind.control), header["TOTALENTERED"], header, header["TRX_TOTALENTERED"])
    found = [whole]
    for item in store[kind.item].where("RECORDKEY", header["RECORDNO"]):
        found.append((item["ACCOUNTNO"], -item["AMOUNT"], item, -item["TRX_AMOUNT"]))
        for tax in store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"])):
            detail = store["TAXDETAIL"].named(tax["TAXCODE"]) or {}
            account = detail.get("GLACCOUNT") or control_account(company, "tax")
            found.append((account, -tax["TAXAMOUNT"], item, -tax["TRXTAXAMOUNT"]))
    return [Entry(account, sign * amount, line, sign * other) for account, amount, line, other in found]


def post(company: Company, source: Row, title: str, day: date, entries: Iterable[Entry], user: User) -> None:
    """Write a batch of entries that sum to nothing."""
    entries = [entry for entry in entries if entry.amount]
    assert not sum((entry.amount for entry in entries), ZERO), "unbalanced posting"
    if not entries:
        return
    store, entity = company.store, source.get("MEGAENTITYID", "")
    head = {"BATCH_TITLE": title, "BATCH_DATE": day, "MODULE": source.get("MODULEKEY"), "STATE": "Posted"}
    head |= {"PRBATCHKEY": source["RECORDNO"], "JOURNAL": "APJ" if "VENDORID" in source else "ARJ"}
    head |= {"BALANCE": sum((entry.amount for entry in entries if entry.amount > 0), ZERO)}
    batch = company.insert(store["GLBATCH"], head, user, entity)
    store["GLBATCH"].put(batch | {"BATCHNO": batch["RECORDNO"]})
    owner = {"MEGAENTITYID": entity} if entity else {}
    for number, (account, amount, line, other) in enumerate(entries, 1):
        row: Row = {
            "BATCHNO": batch["RECORDNO"],
            "LINE_NO": number,
            "TR_TYPE": 1 if amount > 0 else -1,
            "AMOUNT": abs(amount),
            "TRX_AMOUNT": abs(amount if other is None else other),
            "CURRENCY": source.get("CURRENCY"),
            "BASECURR": source.get("BASECURR"),
            "EXCHANGE_RATE": source.get("EXCHANGE_RATE"),
            "ENTRY_DATE": day,
            "BATCH_DATE": day,
            "BATCHTITLE": title,
            "ACCOUNTNO": account,
            "ACCOUNTTITLE": (store["GLACCOUNT"].named(account) or {}).get("TITLE"),
            "DOCUMENT": source.get("RECORDID"),
            "DESCRIPTION": line.get("ENTRYDESCRIPTION"),
            "LOCATION": line.get("LOCATIONID"),
            "DEPARTMENT": line.get("DEPARTMENTID"),
            "CLASSID": line.get("CLASSID"),
            "STATE": "Posted",
        }
        company.insert(store["GLENTRY"], row | owner, user)


def post_document(company: Company, name: str, header: Row, user: User, before: Iterable[Entry] = ()) -> None:
    """Post a document in the state in which it is; `before` is what it had posted and posts no more."""
    entries = [*negated(before), *document_entries(company, KINDS[name], header)]
    title = f"{name} {header.get('RECORDID', '')}"
    post(company, header, title, header["WHENPOSTED"], entries, user)


def negated(entries: Iterable[Entry]) -> list[Entry]:
    return [
        Entry(account, -amount, line, None if other is None else -other) for account, amount, line, other in entries
    ]


def trial_balance(company: Company) -> dict[str, Decimal]:
    """The balance of every account, debit positive."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in company.store["GLENTRY"]:
        found[entry["ACCOUNTNO"]] += entry["TR_TYPE"] * entry["AMOUNT"]
    return dict(found)


def owed(company: Company, *names: str) -> Decimal:
    """What is due in base currency on the posted documents of these kinds, less what of payments has settled none."""
    found = ZERO
    for name in names:
        sign = -1 if name.endswith("PYMT") else 1
        found += sum((sign * row["TOTALDUE"] for row in company.store[name] if row["STATE"] not in NOT_OWED), ZERO)
    return found
