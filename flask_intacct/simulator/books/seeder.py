"""A dataset written into a company's tables, before anybody calls."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from ..company import Company, User
from ..seed.dataset import DocumentLine, LedgerDocument, Party
from ..store.values import Row
from . import documents, ledger, settlement
from .draft import KINDS, TOUCHED, UNPOSTED, ZERO, Document, Line, Tax

LAZY = 20_000
"""From so many customers or vendors on, their records are made when they are read."""
_SPREAD = 30 * 86400


@contextmanager
def patient_collector() -> Iterator[None]:
    """Look for no garbage while very many records are made, none of which is any."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Seeder:
    """Writes one dataset; `user` is the one who is said to have made it all."""

    def __init__(self, company: Company, user: User) -> None:
        self.company, self.user, self.data = company, user, company.dataset
        self.balances: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.start: datetime = company.now() - timedelta(days=45)

    def run(self) -> None:
        with patient_collector():
            self._write()

    def _write(self) -> None:
        self._structure()
        self._accounts()
        self._parties("CUSTOMER", self.data.customers)
        self._parties("VENDOR", self.data.vendors)
        for name, given in (("ARINVOICE", self.data.invoices), ("APBILL", self.data.bills)):
            for document in given:
                self._document(name, document)
        self._opening()
        history = self.company.store["AUDITHISTORY"]
        for key in list(history.keys):
            history.remove(key)

    def _moment(self, key: int) -> datetime:
        return self.start + timedelta(seconds=key * 37 % _SPREAD)

    def _add(self, name: str, row: Row, entity: str = "") -> Row:
        table = self.company.store[name]
        key = table.next_key()
        stamps = table.stamps(self._moment(key), 1, timedelta())
        owner = self.company.owner(entity) if "MEGAENTITYID" in table.fields else {}
        new = {k: v for k, v in (row | stamps | owner).items() if v not in (None, "")}
        new |= {"RECORDNO": key, table.spec.key: key}
        if "STATUS" in table.fields:
            new.setdefault("STATUS", "active")
        table.put(new)
        return new

    def _structure(self) -> None:
        data, store = self.data, self.company.store
        for entity in data.entities:
            row: Row = {"LOCATIONID": entity.id, "NAME": entity.name, "CURRENCY": entity.currency}
            row |= {"LOCATIONTYPE": "E", "ENTITYNAME": entity.name, "ENTITY": "E" + entity.id, "ISROOT": "T"}
            written = self._add("LOCATION", row)
            solution = data.tax_details[0].solution if data.tax_details else ""
            extra = {"TAXSOLUTIONID": solution, "LEGALNAME": entity.name}
            store["LOCATIONENTITY"].put({k: v for k, v in (written | extra).items() if v})
        for name, identity, label, values in (
            ("LOCATION", "LOCATIONID", "NAME", data.locations),
            ("DEPARTMENT", "DEPARTMENTID", "TITLE", data.departments),
            ("CLASS", "CLASSID", "NAME", data.classes),
        ):
            for one in values:
                parent = store[name].named(one.parent) or {}
                row = {identity: one.id, label: one.name, "PARENTID": one.parent}
                row |= {"PARENTKEY": parent.get("RECORDNO"), "PARENTNAME": parent.get(label)}
                if name == "LOCATION":
                    row["LOCATIONTYPE"] = "N"
                row = {k: v for k, v in row.items() if k in store[name].fields}
                self._add(name, row | {"STATUS": "active" if one.active else "inactive"})
        if self.company.udd is not None:
            for one in data.udd_values:
                self._add(self.company.udd.spec.name.upper(), {"NAME": one.name, "CODE": one.id})
        for solution in sorted({detail.solution for detail in data.tax_details}):
            self._add("TAXSOLUTION", {"SOLUTIONID": solution, "TAXMETHOD": "VAT or GST", "TYPE": "Standard"})
        for detail in data.tax_details:
            row = {"DETAILID": detail.id, "DESCRIPTION": detail.description, "TAXTYPE": detail.type}
            row |= {"VALUE": detail.rate, "GLACCOUNT": detail.account, "TAXSOLUTIONID": detail.solution}
            row |= {"TAXUID": detail.id, "REVERSECHARGE": "false", "SYSGENERATED": False}
            self._add("TAXDETAIL", row | {"STATUS": "active" if detail.active else "inactive"})
        for name in ("ARTERM", "APTERM"):
            for days in (0, 14, 30):
                label = f"Net {days}" if days else "Due on receipt"
                self._add(name, {"NAME": label, "DESCRIPTION": label, "DUEDATE": days})

    def _accounts(self) -> None:
        for account in self.data.accounts:
            closing = "non-closing account" if account.type == "balancesheet" else "closing account"
            if account.control == "retained":
                closing = "closed to account"
            row: Row = {"ACCOUNTNO": account.no, "TITLE": account.title, "ACCOUNTTYPE": account.type}
            row |= {"NORMALBALANCE": account.balance, "CLOSINGTYPE": closing, "TAXABLE": False}
            row |= {"REQUIREDEPT": False, "REQUIRELOC": False}
            row |= {"SUBLEDGERCONTROLON": account.control in ("ar", "ap")}
            self._add("GLACCOUNT", row | {"STATUS": "active" if account.active else "inactive"})
            if account.control == "bank":
                bank = {"BANKACCOUNTID": account.no, "BANKACCOUNTNO": account.no, "GLACCOUNTNO": account.no}
                self._add("CHECKINGACCOUNT", bank | {"BANKNAME": account.title, "CURRENCY": "GBP"})

    def _parties(self, name: str, given: Sequence[Party]) -> None:
        """Customers or vendors and their contacts, in the order given; very many are made when they are read."""
        store, contacts = self.company.store, self.company.store["CONTACT"]
        owners = {entity: self.company.owner(entity) for entity in {party.entity for party in given}}
        first, contact = store[name].sequence.last + 1, contacts.sequence.last + 1

        def make_contact(key: int) -> Row:
            party = given[key - contact]
            return self._contact(name, party, key, owners[party.entity])

        def make_party(key: int) -> Row:
            party = given[key - first]
            return self._party(name, party, key, key - first + contact, owners[party.entity])

        private = sum(1 for party in given if party.entity)
        contacts.seed([self._contact_name(name, party) for party in given], make_contact, private)
        store[name].seed([party.id for party in given], make_party, private)
        if len(given) < LAZY:
            contacts.settle(range(contact, contact + len(given)))
            store[name].settle(range(first, first + len(given)))

    def _contact_name(self, name: str, party: Party) -> str:
        return f"{party.name}({name[0]}{party.id})"

    def _contact(self, name: str, party: Party, key: int, owner: Row) -> Row:
        row = {
            "RECORDNO": key,
            "CONTACTNAME": self._contact_name(name, party),
            "COMPANYNAME": party.name,
            "PRINTAS": party.name,
            "TAXABLE": True,
            "VISIBLE": True,
            "STATUS": "active",
        }
        for field, value in (
            ("PHONE1", party.phone),
            ("EMAIL1", party.email),
            ("TAXID", party.tax_id),
            ("MAILADDRESS.ADDRESS1", party.address1),
            ("MAILADDRESS.ADDRESS2", party.address2),
            ("MAILADDRESS.CITY", party.city),
            ("MAILADDRESS.ZIP", party.postcode),
            ("MAILADDRESS.COUNTRY", party.country),
        ):
            if value:
                row[field] = value
        return self._stamped(row, key, owner)

    def _party(self, name: str, party: Party, key: int, contact: int, owner: Row) -> Row:
        row = {
            "RECORDNO": key,
            f"{name}ID": party.id,
            "NAME": party.name,
            "ENTITY": name[0] + party.id,
            "TOTALDUE": ZERO,
            "ONHOLD": False,
            "ONETIME": False,
            "DISPLAYCONTACTKEY": contact,
            "DISPLAYCONTACT.CONTACTNAME": self._contact_name(name, party),
            "STATUS": "active" if party.active else "inactive",
        }
        if party.tax_id:
            row["TAXID"] = party.tax_id
        return self._stamped(row, key, owner)

    def _stamped(self, row: Row, key: int, owner: Row) -> Row:
        row["WHENCREATED"] = row["WHENMODIFIED"] = self._moment(key)
        row["CREATEDBY"] = row["MODIFIEDBY"] = 1
        row.update(owner)
        return row

    def _document(self, name: str, given: LedgerDocument) -> None:
        """A document that is there already: written like a new one, unchecked, with its state and what was paid."""
        company, kind = self.company, KINDS[name]
        lines = [self._line(line) for line in given.lines]
        document = Document(kind, given.party, given.date, given.due, given.date, given.number, lines=lines)
        document.entity = given.entity
        document.head = {"DESCRIPTION": given.description, "DOCNUMBER": given.reference}
        row = documents.write(company, document, self.user, given.state)
        total: Decimal = row["TRX_TOTALENTERED"]
        table = company.store[name]
        changes: Row = dict.fromkeys(("AUWHENCREATED", "WHENMODIFIED"), self._moment(row["RECORDNO"]))
        changes |= documents.totals(total, given.paid, total, given.paid)
        if given.state in ("Reversed", "Reversal", "Draft", "Submitted"):
            due = total if given.state in ("Draft", "Submitted") else ZERO
            changes |= {"TOTALDUE": due, "TRX_TOTALDUE": due}
            company.adjust_due(kind.party, given.party, -total if given.state.startswith("Rever") else ZERO)
        elif given.paid:
            changes |= {"WHENPAID": given.due if given.paid == total else None, TOUCHED: True}
            company.adjust_due(kind.party, given.party, -given.paid)
            sign = 1 if kind.receivable else -1
            self.balances["bank"] += sign * given.paid
            self.balances[kind.control] -= sign * given.paid
        if given.state not in (*UNPOSTED, "Reversed", "Reversal"):
            for entry in ledger.document_entries(company, kind, row):
                self.balances[entry.account] += entry.amount
        table.put({k: v for k, v in (row | changes).items() if v is not None})
        if given.paid:
            self._paid_lines(name, table[row["RECORDNO"]])

    def _paid_lines(self, name: str, row: Row) -> None:
        """Spread what was paid over the lines, from the first down."""
        items, left = self.company.store[KINDS[name].item], row["TRX_TOTALPAID"]
        for item in items.where("RECORDKEY", row["RECORDNO"]):
            whole = settlement.gross(self.company, item)[0]
            part = whole if not row["TRX_TOTALDUE"] else max(min(left, whole), ZERO)
            left -= part
            items.put(item | {"TRX_TOTALPAID": part, "TOTALPAID": part})

    def _opening(self) -> None:
        """One batch for everything that was posted before."""
        company = self.company
        roles = {role: ledger.control_account(company, role) for role in ("bank", "ar", "ap")}
        source: Row = {"RECORDNO": 0, "MODULEKEY": "2.GL", "RECORDID": "Opening"}
        entries = [
            ledger.Entry(roles.get(account, account), amount, source) for account, amount in self.balances.items()
        ]
        ledger.post(company, source, "Opening balances", self.start.date(), entries, self.user)

    def _line(self, given: DocumentLine) -> Line:
        other: Row = {"CLASSID": given.class_id} if given.class_id else {}
        if given.udd and self.company.udd is not None:
            other[self.company.udd_field] = self.company.udd.where("CODE", given.udd)[0]["ID"]
        line = Line(given.account, amount=given.amount, memo=given.memo, location=given.location, other=other)
        line.department = given.department
        if given.tax_detail:
            line.taxes = [Tax(given.tax_detail, given.tax)]
        return line
