"""Both sides' books, read past the product: the host's database and the simulator's gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from example_app.demo import COMPANY, PASSWORD, SENDER, SENDER_PASSWORD, USER
from example_app.documents import Bill, Invoice
from example_app.models import Supplier, Tenant
from example_app.started import Started
from flask_intacct.gateway import Client, Login, Sender
from flask_intacct.models import Connection, Issue, Link, Record

SENT = {"APR", "OK", "PD", "checking", "passed", "settled"}
BOOKED = {"Posted", "Paid", "Partially Paid", "Submitted", "Partially Approved", "Declined"}


@dataclass(frozen=True)
class Paper:
    """An invoice or bill of either side, its references as Intacct's; lines as a multiset."""

    contact: str
    day: date
    gross: Decimal
    lines: frozenset[tuple[tuple[str, str, Decimal, Decimal], int]]


def _lines(found: list[tuple[str, str, Decimal, Decimal]]) -> frozenset[Any]:
    return frozenset(Counter(found).items())


class Intacct:
    """What Sage Intacct has, by its gateway."""

    def __init__(self, demo: Started) -> None:
        self.client = Client(
            Login(COMPANY, USER, PASSWORD), Sender(SENDER, SENDER_PASSWORD), endpoint=demo.gateway, allow_loopback=True
        )

    def counts(self) -> dict[str, int]:
        return {name: len(self.keys(name)) for name in ("CUSTOMER", "VENDOR", "ARINVOICE", "APBILL")}

    def keys(self, name: str) -> list[str]:
        return [str(row["RECORDNO"]) for row in self.client.query(name, ["RECORDNO"], show_private=True)]

    def parties(self) -> dict[str, tuple[str, str, str]]:
        """Id of all customers and vendors to name, e-mail and postcode."""
        found = {}
        for name in ("CUSTOMER", "VENDOR"):
            fields = ["RECORDNO", f"{name}ID", "NAME", "DISPLAYCONTACT.EMAIL1", "DISPLAYCONTACT.MAILADDRESS.ZIP"]
            for row in self.client.query(name, fields, show_private=True):
                found[str(row[f"{name}ID"])] = (str(row["NAME"]), str(row[fields[3]] or ""), str(row[fields[4]] or ""))
        return found

    def headers(self, name: str) -> list[dict[str, Any]]:
        """The headers of all invoices or bills."""
        fields = ["RECORDNO", "RECORDID", "STATE", "WHENCREATED", "MEGAENTITYID", "TRX_TOTALENTERED", "TRX_TOTALDUE"]
        return list(self.client.query(name, fields, show_private=True))

    def documents(self, name: str, keys: Iterable[str]) -> dict[str, Paper]:
        """Invoices or bills with their lines, by record number."""
        wanted = sorted(keys)
        rows = [row for at in range(0, len(wanted), 100) for row in self.client.read(name, wanted[at : at + 100])]
        return {str(row["RECORDNO"]): theirs(row, name) for row in rows}


def in_scope(row: dict[str, Any], entity: str, since: date) -> bool:
    """Whether a document of Intacct is the business of the company of this entity."""
    return row["MEGAENTITYID"] == entity and _day(row) >= since and row["STATE"] in BOOKED


def part_paid(row: dict[str, Any]) -> bool:
    """Whether something is paid of a document of Intacct, and not all of it."""
    return Decimal(0) < Decimal(row["TRX_TOTALDUE"]) < Decimal(row["TRX_TOTALENTERED"])


def theirs(row: dict[str, Any], name: str) -> Paper:
    lines = []
    for line in row[f"{name}ITEMS"]:
        (tax,) = line["TAXENTRIES"]
        lines.append((line["ACCOUNTNO"], tax["DETAILID"], Decimal(line["TRX_AMOUNT"]), Decimal(tax["TRX_TAX"])))
    contact = row["CUSTOMERID" if name == "ARINVOICE" else "VENDORID"]
    return Paper(contact, _day(row), Decimal(row["TRX_TOTALENTERED"]), _lines(lines))


def _day(row: dict[str, Any]) -> date:
    return datetime.strptime(str(row["WHENCREATED"]), "%m/%d/%Y").date()  # noqa: DTZ007


class Host:
    """What the letting agent's database has of one company, and what it says about the links."""

    def __init__(self, demo: Started, company: int) -> None:
        self.engine = create_engine(f"sqlite:///file:{demo.database}?mode=ro&uri=true")
        self.company = company

    def close(self) -> None:
        self.engine.dispose()

    def links(self) -> dict[tuple[str, str, str], str]:
        """(table, id, role) of what is joined to the natural id in Intacct."""
        with Session(self.engine) as session:
            records = session.scalars(select(Record).where(Record.connection_id.in_(self._connection())))
            names = {(record.object, record.key): record.natural_id for record in records}
            found = session.scalars(select(Link).where(self._ours(), Link.state == "linked"))
            return {(link.source, link.local_id, link.role): names[link.object, link.record_key] for link in found}

    def linked_documents(self, kind: str) -> dict[str, str]:
        """Id of the document to its record number in Intacct."""
        with Session(self.engine) as session:
            links = session.scalars(select(Link).where(self._ours(), Link.kind == kind, Link.state == "linked"))
            return {link.local_id: link.record_key for link in links}

    def issues(self) -> list[str]:
        """What somebody has to work on."""
        with Session(self.engine) as session:
            return [
                str(issue.message)
                for issue in session.scalars(
                    select(Issue).where(
                        Issue.live.is_not(None), Issue.severity != "notice", Issue.connection_id.in_(self._connection())
                    )
                )
            ]

    def brought_in(self, kind: str) -> dict[str, bool]:
        """Intacct's record number of each document that came from there, and whether it shows as paid here."""
        invoices, bills = (Invoice.inv_id, Invoice.inv_stat, "PD"), (Bill.bill_id, Bill.status, "settled")
        key, status, word = invoices if kind == "invoice" else bills
        with Session(self.engine) as session:
            query = select(Link).where(self._ours(), Link.kind == kind, Link.origin == "intacct")
            came = {link.local_id: link.record_key for link in session.scalars(query)}
            found = session.execute(select(key, status))
            return {came[str(id_)]: word_ == word for id_, word_ in found if str(id_) in came}

    def counts(self) -> dict[str, int]:
        """Rows of all companies."""
        models = (Tenant, Supplier, Invoice, Bill)
        with Session(self.engine) as session:
            return {model.__name__: session.scalar(select(func.count()).select_from(model)) or 0 for model in models}

    def to_send(self, since: date) -> dict[str, int]:
        """How many documents of each kind have to be in Intacct."""
        invoices = self._in_scope(Invoice, Invoice.inv_dt >= since, Invoice.inv_stat.in_(SENT))
        bills = self._in_scope(Bill, Bill.bill_date >= since, Bill.status.in_(SENT))
        with Session(self.engine) as session:
            return {"invoice": len(session.scalars(invoices).all()), "bill": len(session.scalars(bills).all())}

    def _connection(self) -> Any:
        return select(Connection.id).where(Connection.live_company == str(self.company))

    def _ours(self) -> Any:
        return Link.connection_id.in_(self._connection())

    def _in_scope(self, model: Any, *where: Any) -> Any:
        return select(model).where(model.company_id == self.company, *where)

    def invoices(self, since: date, links: dict[tuple[str, str, str], str]) -> dict[str, Paper]:
        """The invoices that must be in Intacct, with Intacct's references."""
        found = {}
        with Session(self.engine) as session:
            query = self._in_scope(Invoice, Invoice.inv_dt >= since, Invoice.inv_stat.in_(SENT))
            for row in session.scalars(query):
                who = ("tbl_tenant", str(row.ten_id)) if row.ten_id else ("Suppliers", str(row.landlord_id))
                lines = [
                    (links["nominal", str(line.acc_id), ""], links["tax_rate", str(line.tax_id), "sale"],
                     line.net_amt, line.vat_amt)
                    for line in row.lines
                ]  # fmt: skip
                found[str(row.inv_id)] = Paper(links[(*who, "customer")], row.inv_dt, row.gross_tot, _lines(lines))
        return found

    def bills(self, since: date, links: dict[tuple[str, str, str], str]) -> dict[str, Paper]:
        found = {}
        with Session(self.engine) as session:
            query = self._in_scope(Bill, Bill.bill_date >= since, Bill.status.in_(SENT))
            for row in session.scalars(query):
                lines = [
                    (links["nominal", str(line.acc_id), ""], links["tax_rate", str(line.tax_id), "purchase"],
                     line.net, line.vat)
                    for line in row.lines
                ]  # fmt: skip
                contact = links["Suppliers", str(row.supp_id), "vendor"]
                found[str(row.bill_id)] = Paper(contact, row.bill_date, row.gross, _lines(lines))
        return found

    def parties(self) -> dict[tuple[str, str, str], tuple[str, str, str]]:
        """(table, id, role) of all contacts of the company to name, e-mail and postcode."""
        found = {}
        with Session(self.engine) as session:
            for tenant in session.scalars(self._in_scope(Tenant)):
                details = (tenant.ten_nm, tenant.ten_email or "", tenant.bill_pcode or "")
                found["tbl_tenant", str(tenant.ten_id), "customer"] = details
            for supplier in session.scalars(self._in_scope(Supplier)):
                details = (supplier.supp_name, supplier.email or "", supplier.post_code or "")
                found["Suppliers", str(supplier.supp_id), "vendor"] = details
        return found
