"""Companies, people and property of Marlow & Finch: tables grown over the years, in three styles of names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask_login import UserMixin
from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .database import Base, Pence


class User(UserMixin, Base):  # type: ignore[misc]
    """Who may sign in. `usr_role` is admin, bookkeeper or viewer."""

    __tablename__ = "app_user"

    id: Mapped[int] = mapped_column("usr_id", primary_key=True)
    usr_login: Mapped[str] = mapped_column(String(40), unique=True)
    usr_name: Mapped[str] = mapped_column(String(80))
    usr_role: Mapped[str] = mapped_column(String(20), default="viewer")
    pw_hash: Mapped[str] = mapped_column(String(255))

    def __str__(self) -> str:
        return self.usr_name


class Company(Base):
    """One set of books."""

    __tablename__ = "tbl_company"

    co_id: Mapped[int] = mapped_column(primary_key=True)
    trading_name: Mapped[str] = mapped_column(String(100))
    currency_code: Mapped[str] = mapped_column(String(3), default="GBP")
    vat_reg_no: Mapped[str | None] = mapped_column(String(20))
    co_town: Mapped[str | None] = mapped_column(String(60))

    def __str__(self) -> str:
        return self.trading_name


class TaxRate(Base):
    """A VAT rate. `used_for` is S (sales), P (purchases) or B (both)."""

    __tablename__ = "tax_rate"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(60))
    percent: Mapped[Decimal] = mapped_column(Pence)
    used_for: Mapped[str] = mapped_column(String(1), default="B")
    is_hidden: Mapped[bool] = mapped_column(default=False)
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()

    def __str__(self) -> str:
        return self.label


class LedgerAccount(Base):
    """A nominal account. `acc_type` is P&L or B/S."""

    __tablename__ = "nominal"

    acc_id: Mapped[int] = mapped_column(primary_key=True)
    acc_code: Mapped[str] = mapped_column(String(12))
    acc_name: Mapped[str] = mapped_column(String(100))
    acc_type: Mapped[str] = mapped_column(String(3), default="P&L")
    is_hidden: Mapped[bool] = mapped_column(default=False)
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()

    def __str__(self) -> str:
        return f"{self.acc_code} {self.acc_name}"


class TrackingGroup(Base):
    """What transactions are told apart by: the property, the cost centre."""

    __tablename__ = "trk_group"

    grp_id: Mapped[int] = mapped_column(primary_key=True)
    grp_nm: Mapped[str] = mapped_column(String(60))
    is_hidden: Mapped[bool] = mapped_column(default=False)
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()
    tags: Mapped[list[TrackingTag]] = relationship(back_populates="group")

    def __str__(self) -> str:
        return self.grp_nm


class TrackingTag(Base):
    """One choice of a tracking group."""

    __tablename__ = "trk_tag"

    tag_id: Mapped[int] = mapped_column(primary_key=True)
    tag_nm: Mapped[str] = mapped_column(String(80))
    tag_cd: Mapped[str | None] = mapped_column(String(20))
    is_hidden: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("trk_group.grp_id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    group: Mapped[TrackingGroup] = relationship(back_populates="tags")

    def __str__(self) -> str:
        return self.tag_nm


class Supplier(Base):
    """Whom we pay. A landlord (`IsLandlord` = Y) is also charged our fees."""

    __tablename__ = "Suppliers"

    supp_id: Mapped[int] = mapped_column("SuppID", primary_key=True)
    supp_code: Mapped[str] = mapped_column("SuppCode", String(20))
    supp_name: Mapped[str] = mapped_column("SuppName", String(120))
    is_landlord: Mapped[str] = mapped_column("IsLandlord", String(1), default="N")
    email: Mapped[str | None] = mapped_column("EMail", String(120))
    phone: Mapped[str | None] = mapped_column("Phone", String(40))
    vat_no: Mapped[str | None] = mapped_column("VATNo", String(20))
    addr1: Mapped[str | None] = mapped_column("Addr1", String(120))
    addr2: Mapped[str | None] = mapped_column("Addr2", String(120))
    town: Mapped[str | None] = mapped_column("Town", String(60))
    post_code: Mapped[str | None] = mapped_column("PostCode", String(12))
    country: Mapped[str | None] = mapped_column("Country", String(60))
    inactive: Mapped[bool] = mapped_column("Inactive", default=False)
    company_id: Mapped[int] = mapped_column("CompanyID", ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()

    def __str__(self) -> str:
        return self.supp_name


class Tenant(Base):
    """Who rents. `ten_stat` is A (active) or X (left, hidden)."""

    __tablename__ = "tbl_tenant"

    ten_id: Mapped[int] = mapped_column(primary_key=True)
    ten_ref: Mapped[str] = mapped_column(String(20))
    ten_nm: Mapped[str] = mapped_column(String(120))
    ten_email: Mapped[str | None] = mapped_column(String(120))
    ten_tel: Mapped[str | None] = mapped_column(String(40))
    ten_vat: Mapped[str | None] = mapped_column(String(20))
    bill_addr1: Mapped[str | None] = mapped_column(String(120))
    bill_addr2: Mapped[str | None] = mapped_column(String(120))
    bill_town: Mapped[str | None] = mapped_column(String(60))
    bill_pcode: Mapped[str | None] = mapped_column(String(12))
    bill_country: Mapped[str | None] = mapped_column(String(60))
    ten_stat: Mapped[str] = mapped_column(String(1), default="A")
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()
    tenancies: Mapped[list[Tenancy]] = relationship(back_populates="tenant")

    @property
    def is_hidden(self) -> bool:
        """Whether the tenant has left and can't be chosen any more."""
        return self.ten_stat == "X"

    @is_hidden.setter
    def is_hidden(self, hidden: bool) -> None:
        self.ten_stat = "X" if hidden else "A"

    def __str__(self) -> str:
        return self.ten_nm


class Property(Base):
    """A flat, shop or house. Its tag says which building its transactions belong to."""

    __tablename__ = "tbl_property"

    prop_id: Mapped[int] = mapped_column(primary_key=True)
    prop_ref: Mapped[str] = mapped_column(String(20))
    addr_1: Mapped[str] = mapped_column(String(120))
    addr_2: Mapped[str | None] = mapped_column(String(120))
    town: Mapped[str | None] = mapped_column(String(60))
    pcode: Mapped[str | None] = mapped_column(String(12))
    prop_kind: Mapped[str] = mapped_column(String(3), default="RES")
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("trk_tag.tag_id"), index=True)
    landlord_id: Mapped[int | None] = mapped_column(ForeignKey("Suppliers.SuppID"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("tbl_company.co_id"), index=True)

    company: Mapped[Company] = relationship()
    tag: Mapped[TrackingTag | None] = relationship()
    landlord: Mapped[Supplier | None] = relationship()
    tenancies: Mapped[list[Tenancy]] = relationship(back_populates="prop")

    def __str__(self) -> str:
        return f"{self.addr_1}, {self.addr_2}" if self.addr_2 else self.addr_1


class Tenancy(Base):
    """Who rents what. `tcy_stat` is CUR (current), END (ended) or FUT (signed, not begun)."""

    __tablename__ = "tbl_tenancy"

    tcy_id: Mapped[int] = mapped_column(primary_key=True)
    ten_id: Mapped[int] = mapped_column(ForeignKey("tbl_tenant.ten_id"), index=True)
    prop_id: Mapped[int] = mapped_column(ForeignKey("tbl_property.prop_id"), index=True)
    start_dt: Mapped[date] = mapped_column(Date)
    end_dt: Mapped[date | None] = mapped_column(Date)
    rent_pcm: Mapped[Decimal] = mapped_column(Pence)
    tcy_stat: Mapped[str] = mapped_column(String(3), default="CUR")

    tenant: Mapped[Tenant] = relationship(back_populates="tenancies")
    prop: Mapped[Property] = relationship(back_populates="tenancies")

    def __str__(self) -> str:
        return f"{self.tenant} at {self.prop}"
