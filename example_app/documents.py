"""Invoices and bills of Marlow & Finch, with their lines; words for states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Date, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .database import Base, Pence
from .models import Company, LedgerAccount, Property, Supplier, TaxRate, Tenant, TrackingTag


class Invoice(Base):
    """What we charge a tenant, or a landlord for our fees.

    `inv_stat` is DFT (draft), APR (awaiting approval), OK (approved), PD (paid) or VD (void).
    """

    __tablename__ = "tbl_sales_inv"

    inv_id: Mapped[int] = mapped_column(primary_key=True)
    inv_no: Mapped[str] = mapped_column(String(40), index=True)
    ten_id: Mapped[int | None] = mapped_column(ForeignKey("tbl_tenant.ten_id"), index=True)
    landlord_id: Mapped[int | None] = mapped_column(ForeignKey("Suppliers.SuppID"), index=True)
    inv_dt: Mapped[date] = mapped_column(Date, index=True)
    due_dt: Mapped[date | None] = mapped_column(Date)
    inv_ref: Mapped[str | None] = mapped_column(String(60))
    narrative: Mapped[str | None] = mapped_column(String(200))
    inv_stat: Mapped[str] = mapped_column(String(3), default="DFT")
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    gross_tot: Mapped[Decimal] = mapped_column(Pence, default=Decimal(0))
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()
    tenant: Mapped[Tenant | None] = relationship()
    landlord: Mapped[Supplier | None] = relationship()
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="InvoiceLine.line_id"
    )

    def __str__(self) -> str:
        return self.inv_no


class InvoiceLine(Base):
    """A line of an invoice; its property gives its building."""

    __tablename__ = "tbl_sales_inv_line"

    line_id: Mapped[int] = mapped_column(primary_key=True)
    inv_id: Mapped[int] = mapped_column(ForeignKey("tbl_sales_inv.inv_id"), index=True)
    line_desc: Mapped[str | None] = mapped_column(String(200))
    acc_id: Mapped[int] = mapped_column(ForeignKey("nominal.acc_id"), index=True)
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rate.id"), index=True)
    net_amt: Mapped[Decimal] = mapped_column(Pence)
    vat_amt: Mapped[Decimal] = mapped_column(Pence, default=Decimal(0))
    prop_id: Mapped[int | None] = mapped_column(ForeignKey("tbl_property.prop_id"), index=True)
    cost_tag_id: Mapped[int | None] = mapped_column(ForeignKey("trk_tag.tag_id"), index=True)

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    account: Mapped[LedgerAccount] = relationship()
    tax_rate: Mapped[TaxRate | None] = relationship()
    prop: Mapped[Property | None] = relationship()
    cost_tag: Mapped[TrackingTag | None] = relationship()

    def __str__(self) -> str:
        return self.line_desc or ""


bill_line_tag = Table(
    "BillLineTag",
    Base.metadata,
    Column("BillLineID", ForeignKey("BillLines.BillLineID"), primary_key=True),
    Column("TagID", ForeignKey("trk_tag.tag_id"), primary_key=True),
)


class Bill(Base):
    """What a supplier charges us. `Status` is new, checking, passed, settled or cancelled."""

    __tablename__ = "Bills"

    bill_id: Mapped[int] = mapped_column("BillID", primary_key=True)
    bill_no: Mapped[str] = mapped_column("BillNo", String(40), index=True)
    supp_id: Mapped[int] = mapped_column("SuppID", ForeignKey("Suppliers.SuppID"), index=True)
    bill_date: Mapped[date] = mapped_column("BillDate", Date, index=True)
    due_date: Mapped[date | None] = mapped_column("DueDate", Date)
    order_no: Mapped[str | None] = mapped_column("OrderNo", String(60))
    memo: Mapped[str | None] = mapped_column("Memo", String(200))
    status: Mapped[str] = mapped_column("Status", String(10), default="new")
    currency: Mapped[str] = mapped_column("Ccy", String(3), default="GBP")
    gross: Mapped[Decimal] = mapped_column("Gross", Pence, default=Decimal(0))
    company_id: Mapped[int] = mapped_column("CompanyID", ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()
    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list[BillLine]] = relationship(
        back_populates="bill", cascade="all, delete-orphan", order_by="BillLine.line_id"
    )

    def __str__(self) -> str:
        return self.bill_no


class BillLine(Base):
    """A line of a bill; its tags hold building and cost centre alike."""

    __tablename__ = "BillLines"

    line_id: Mapped[int] = mapped_column("BillLineID", primary_key=True)
    bill_id: Mapped[int] = mapped_column("BillID", ForeignKey("Bills.BillID"), index=True)
    memo: Mapped[str | None] = mapped_column("Memo", String(200))
    acc_id: Mapped[int] = mapped_column("NominalID", ForeignKey("nominal.acc_id"), index=True)
    tax_id: Mapped[int | None] = mapped_column("TaxRateID", ForeignKey("tax_rate.id"), index=True)
    net: Mapped[Decimal] = mapped_column("Net", Pence)
    vat: Mapped[Decimal] = mapped_column("VAT", Pence, default=Decimal(0))

    bill: Mapped[Bill] = relationship(back_populates="lines")
    account: Mapped[LedgerAccount] = relationship()
    tax_rate: Mapped[TaxRate | None] = relationship()
    tags: Mapped[list[TrackingTag]] = relationship(secondary=bill_line_tag)

    def __str__(self) -> str:
        return self.memo or ""
