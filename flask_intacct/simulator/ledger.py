"""The general ledger: every posted document and payment as balanced entries on accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .company import Company, User
from .draft import KINDS, UNPOSTED, ZERO, Kind
from .values import Row

Entry = tuple[str, Decimal, Row]
"""An account, an amount (debit positive), and the line that it comes from."""

_MISSING = {"ar": "Receivables", "ap": "Payables", "tax": "Tax", "bank": "Bank"}


def control_account(company: Company, role: str) -> str:
    """The account that a subledger or tax or the bank posts to."""
    for account in company.dataset.accounts:
        if account.control == role:
            return account.no
    return _MISSING[role]


def document_entries(company: Company, kind: Kind, header: Row) -> list[Entry]:
    """What a document posts: its total on the control account, lines and taxes against it."""
    store, sign = company.store, 1 if kind.receivable else -1
    found: list[Entry] = [(control_account(company, kind.control), sign * header["TRX_TOTALENTERED"], header)]
    for item in store[kind.item].where("RECORDKEY", header["RECORDNO"]):
        found.append((item["ACCOUNTNO"], -sign * item["TRX_AMOUNT"], item))
        for tax in store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(item["RECORDNO"])):
            detail = store["TAXDETAIL"].named(tax["TAXCODE"]) or {}
            account = detail.get("GLACCOUNT") or control_account(company, "tax")
            found.append((account, -sign * tax["TRXTAXAMOUNT"], item))
    return found


def post(company: Company, source: Row, title: str, day: date, entries: Iterable[Entry], user: User) -> None:
    """Write a batch of entries that sum to nothing."""
    entries = [entry for entry in entries if entry[1]]
    assert not sum((amount for _, amount, _ in entries), ZERO), "unbalanced posting"
    if not entries:
        return
    store, entity = company.store, source.get("MEGAENTITYID", "")
    head = {"BATCH_TITLE": title, "BATCH_DATE": day, "MODULE": source.get("MODULEKEY"), "STATE": "Posted"}
    head |= {"PRBATCHKEY": source["RECORDNO"], "JOURNAL": "APJ" if "VENDORID" in source else "ARJ"}
    head |= {"BALANCE": sum((amount for _, amount, _ in entries if amount > 0), ZERO)}
    batch = company.insert(store["GLBATCH"], head, user, entity)
    store["GLBATCH"].put(batch | {"BATCHNO": batch["RECORDNO"]})
    owner = {"MEGAENTITYID": entity} if entity else {}
    for number, (account, amount, line) in enumerate(entries, 1):
        row: Row = {
            "BATCHNO": batch["RECORDNO"],
            "LINE_NO": number,
            "TR_TYPE": 1 if amount > 0 else -1,
            "AMOUNT": abs(amount),
            "TRX_AMOUNT": abs(amount),
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
    return [(account, -amount, line) for account, amount, line in entries]


def trial_balance(company: Company) -> dict[str, Decimal]:
    """The balance of every account, debit positive."""
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in company.store["GLENTRY"]:
        found[entry["ACCOUNTNO"]] += entry["TR_TYPE"] * entry["AMOUNT"]
    return dict(found)


def owed(company: Company, *names: str) -> Decimal:
    """What is due on the posted documents of these kinds, less what of payments has settled none."""
    found = ZERO
    for name in names:
        sign = -1 if name.endswith("PYMT") else 1
        found += sum((sign * row["TRX_TOTALDUE"] for row in company.store[name] if row["STATE"] not in UNPOSTED), ZERO)
    return found
