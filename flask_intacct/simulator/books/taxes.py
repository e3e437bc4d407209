"""Tax on document lines: which entries are needed, what they come to, and the tax records they leave."""

from __future__ import annotations

from decimal import Decimal

from ..company import Company
from ..errors import invalid
from ..store.values import Row, money
from . import rates
from .draft import Document, Line

HUNDRED = Decimal(100)


def rate(company: Company, detail: str) -> Decimal:
    row = company.store["TAXDETAIL"].named(detail)
    return Decimal(0) if row is None else row["VALUE"]


def check(company: Company, line: Line, tax_type: str, inclusive: bool) -> None:
    """Refuse missing or wrong tax entries; find the net of an amount that includes tax."""
    if company.switches.vat and not line.taxes:
        raise invalid("Tax details are missing on a line.", "Give the tax entries of each line.")
    for tax in line.taxes:
        row = company.store["TAXDETAIL"].named(tax.detail)
        if row is None:
            raise invalid(f"Invalid tax detail '{tax.detail}' specified.")
        if row["TAXTYPE"] != tax_type:
            raise invalid(f"The tax detail '{tax.detail}' is not for {tax_type.lower()}s.")
        if company.switches.refuse_inactive and row.get("STATUS") == "inactive":
            raise invalid(f"The tax detail '{tax.detail}' is inactive.")
    if inclusive:
        if line.gross is None:
            raise invalid("The total with tax is missing on a line.")
        given = [tax.amount for tax in line.taxes if tax.amount is not None]
        if line.taxes and len(given) == len(line.taxes):
            line.amount = line.gross - sum(given, Decimal(0))
        else:
            share = sum((rate(company, tax.detail) for tax in line.taxes), HUNDRED) / HUNDRED
            line.amount = money(line.gross / share)
    if line.amount is None:
        raise invalid("The amount is missing on a line.")


def check_solution(company: Company, document: Document) -> None:
    """Refuse tax details of another jurisdiction, and a document of the top level that may be of several."""
    known = company.store["TAXSOLUTION"]
    given = document.head.get("TAXSOLUTIONID")
    if given and known.named(given) is None:
        raise invalid(f"Invalid tax solution '{given}' specified.")
    if not given and not document.entity and company.switches.vat and len(known) > 1 and not document.draft:
        raise invalid("The tax solution is missing.", "At the top level it has to be given where there are several.")
    for detail in {tax.detail for line in document.lines for tax in line.taxes} if given else ():
        row = company.store["TAXDETAIL"].named(detail) or {}
        if row.get("TAXSOLUTIONID") != given:
            raise invalid(f"The tax detail '{detail}' does not belong to the tax solution '{given}'.")


def entries(company: Company, line: Line, row: Row) -> list[Row]:
    """Detail, rate and amount of each tax of a line."""
    found: list[Row] = []
    net = row["TRX_AMOUNT"]
    for number, tax in enumerate(line.taxes):
        percent = rate(company, tax.detail)
        amount = money(net * percent / HUNDRED) if tax.amount is None else money(tax.amount)
        if line.gross is not None and tax.amount is None and number == len(line.taxes) - 1:
            amount = money(line.gross) - net - sum((one["TRXTAXAMOUNT"] for one in found), Decimal(0))
        base = money(amount * rates.of(row))
        found.append({"TAXCODE": tax.detail, "RATE": percent, "TRXTAXAMOUNT": amount, "TAXAMOUNT": base})
    return found


def record(company: Company, document: Document, header: Row, item: Row, tax: Row) -> Row:
    """The tax record of one entry."""
    detail = company.store["TAXDETAIL"].named(tax["TAXCODE"]) or {}
    sale = document.kind.receivable
    return tax | {
        "PRRECORDKEY": str(header["RECORDNO"]),
        "SOURCEPRENTRYKEY": str(item["RECORDNO"]),
        "TAXDETAILKEY": detail.get("RECORDNO"),
        "TAXUID": detail.get("TAXUID"),
        "TAXTYPE": "Output Tax" if sale else "Input Tax",
        "TAXDETAILTYPE": document.kind.tax_type,
        "TRXSOURCEAMOUNT": item["TRX_AMOUNT"],
        "SOURCEAMOUNT": item["AMOUNT"],
        "CURRENCY": document.currency,
        "BASE_CURRENCY": document.base,
        "EXCHANGE_RATE": item.get("EXCHANGE_RATE"),
        "ENTRY_DATE": item.get("ENTRY_DATE"),
        "STATE": "Submitted",
        "TRANSACTIONID": header["RECORDID"],
        "TRANSACTIONLABEL": document.kind.name.lower(),
        "TR_TYPE": -1 if sale else 1,
        "CUSTVENDNAME": header.get(document.kind.party_name),
        "LOCATIONID": item.get("LOCATIONID"),
        "LOCATIONNAME": item.get("LOCATIONNAME"),
        "DEPTID": item.get("DEPARTMENTID"),
        "DEPTNAME": item.get("DEPARTMENTNAME"),
    }
