"""A small company for the simulator's own tests."""

from datetime import date
from decimal import Decimal

from flask_intacct.simulator.seed.dataset import (
    Dataset,
    DimensionValue,
    DocumentLine,
    Entity,
    GLAccount,
    LedgerDocument,
    Party,
    TaxDetail,
)

D = Decimal
VAT = "UK Sale Standard"
INPUT_VAT = "UK Purchase Standard"


def small_company(customers: int = 5) -> Dataset:
    """Two entities with a location each, a handful of everything, one invoice and one bill in entity E1."""
    line = DocumentLine("4000", D("100.00"), VAT, D("20.00"), "Rent", "E1-10", "SALES", "RES", "P1")
    bill = DocumentLine("6000", D("50.00"), INPUT_VAT, D("10.00"), "Repair", "E1-10")
    return Dataset(
        entities=(Entity("E1", "North Ltd"), Entity("E2", "South Ltd")),
        tax_details=(
            TaxDetail(VAT, "Standard rate", "Sale", D("20"), "2200"),
            TaxDetail("UK Sale Zero", "Zero rate", "Sale", D("0"), "2200"),
            TaxDetail(INPUT_VAT, "Standard rate", "Purchase", D("20"), "2200"),
        ),
        accounts=(
            GLAccount("1100", "Receivables", "balancesheet", "debit", "ar"),
            GLAccount("1200", "Bank", "balancesheet", "debit", "bank"),
            GLAccount("2100", "Payables", "balancesheet", "credit", "ap"),
            GLAccount("2200", "VAT", "balancesheet", "credit", "tax"),
            GLAccount("3000", "Retained", "balancesheet", "credit", "retained"),
            GLAccount("4000", "Rent", "incomestatement", "credit"),
            GLAccount("4900", "Old income", "incomestatement", "credit", active=False),
            GLAccount("6000", "Repairs", "incomestatement", "debit"),
        ),
        locations=(DimensionValue("E1-10", "High Street", "E1"), DimensionValue("E2-10", "Low Road", "E2")),
        departments=(DimensionValue("SALES", "Sales"),),
        classes=(DimensionValue("RES", "Residential"),),
        udd_name="PROPERTY",
        udd_label="Property",
        udd_values=(DimensionValue("P1", "1 High Street"), DimensionValue("P2", "2 Low Road")),
        customers=(
            *(
                Party(f"C{n:04d}", f"Tenant {n}", f"t{n}@example.test", city="Ählen", address1=f"{n} High St")
                for n in range(1, customers)
            ),
            Party("C9999", "Private & Sons <E2>", entity="E2"),
        ),
        vendors=(Party("V1", "Builder"), Party("V2", "Plumber", active=False)),
        invoices=(
            LedgerDocument("INV1", "C0001", date(2026, 1, 5), date(2026, 2, 4), (line,), "E1", "PO1", "January"),
        ),
        bills=(LedgerDocument("B1", "V1", date(2026, 1, 6), date(2026, 2, 5), (bill,), "E1"),),
    )
