from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, backref, mapped_column, relationship

from flask_intacct import Local, LocalDocument, kinds
from flask_intacct.errors import MappingError
from flask_intacct.keys import identity


class Base(DeclarativeBase):
    pass


class Firm(Base):
    __tablename__ = "firm"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")


class Tenant(Base):
    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(primary_key=True)
    ten_nm: Mapped[str] = mapped_column(default="")
    email_addr: Mapped[str | None]
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id"))
    firm: Mapped[Firm | None] = relationship()
    is_hidden: Mapped[bool] = mapped_column(default=False)


class Bill(Base):
    __tablename__ = "doc"
    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str]
    made: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="A")
    tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenant.id"))


class BillLine(Base):
    __tablename__ = "doc_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc_id: Mapped[int] = mapped_column(ForeignKey("doc.id"))
    acc: Mapped[str]
    amount: Mapped[Decimal]
    doc: Mapped[Bill] = relationship(backref=backref("items"))


class Rate(Base):
    __tablename__ = "rate"
    code: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[Decimal | None]


class Key(Base):
    __tablename__ = "key"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")


class Unique(Base):
    __tablename__ = "by_uuid"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(default="")


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def tenants(**entries: Any) -> Local:
    local = Local(Tenant, **{"role": "customer", "name": "ten_nm", **entries})
    local.bind(kinds.CONTACT)
    return local


def lines(**entries: Any) -> Local:
    return Local(BillLine, **{"parent": "items", "account": "acc", "net": "amount", **entries})


def bills(**entries: Any) -> LocalDocument:
    given = {"number": "no", "contact": "tenant_id", "date": "made", "status": "state", "lines": lines()}
    local = LocalDocument(Bill, **{**given, **entries})
    local.bind(kinds.BILL)
    return local


def test_wrong_attribute_names_model_entry_and_near_misses() -> None:
    with pytest.raises(MappingError, match=r"Local\(Tenant\) for contact: email='email_adr'.*Did you mean email_addr"):
        tenants(email="email_adr")


def test_wrong_entry_names_near_misses() -> None:
    with pytest.raises(MappingError, match=r"tax_no= is not known\. Did you mean tax_number"):
        tenants(tax_no="ten_nm")


def test_missing_entry_is_named() -> None:
    local = Local(Tenant, role="customer", email="email_addr")
    with pytest.raises(MappingError, match="name= is missing"):
        local.bind(kinds.CONTACT)


def test_model_that_is_not_mapped_is_refused() -> None:
    with pytest.raises(MappingError, match="not a mapped class"):
        Local(dict, role="customer", name="keys").bind(kinds.CONTACT)


def test_contact_needs_a_role() -> None:
    with pytest.raises(MappingError, match="role= must be"):
        tenants(role="tenant")


def test_wrong_status_names_near_misses() -> None:
    with pytest.raises(MappingError, match=r"statuses\['A'\]='aproved'.*Did you mean approved"):
        bills(statuses={"A": "aproved"})


def test_wrong_account_type_names_near_misses() -> None:
    local = Local(Rate, name="code", types={"B": "balance sheet"})
    with pytest.raises(MappingError, match=r"types\['B'\]='balance sheet'.*Did you mean balancesheet"):
        local.bind(kinds.ACCOUNT)


def test_wrong_relationship_of_lines_is_named() -> None:
    with pytest.raises(MappingError, match=r"parent='itmes'.*Did you mean items"):
        bills(lines=lines(parent="itmes"))


def test_wrong_attribute_of_lines_is_named() -> None:
    with pytest.raises(MappingError, match=r"Local\(BillLine\) for line: net='amout'.*amount"):
        bills(lines=lines(net="amout"))


def test_relationship_made_by_a_backref_is_known() -> None:
    assert bills().lines.parent == "items"


def test_column_does_for_no_relationship_of_lines() -> None:
    with pytest.raises(MappingError, match="parent='no'"):
        bills(lines=lines(parent="no"))


def test_models_that_are_not_all_imported_are_named() -> None:
    class Other(DeclarativeBase):
        pass

    class Lease(Other):
        __tablename__ = "lease"
        id: Mapped[int] = mapped_column(primary_key=True)
        flat: Mapped[Any] = relationship("Flat")

    with pytest.raises(MappingError, match=r"Local\(Lease\) for contact.*Flat.*Import all of them first"):
        Local(Lease, role="customer", name="id").bind(kinds.CONTACT)
    Other.registry.dispose()


def test_company_by_relationship_is_chosen_by_the_database() -> None:
    assert tenants(company="firm").attribute("company") is Tenant.firm_id


def test_entry_may_be_a_callable() -> None:
    row = Tenant(ten_nm="Ann", email_addr=None)
    local = tenants(name=lambda row: f" {row.ten_nm}! ", email="email_addr")
    assert (local.text(row, "name"), local.text(row, "email"), local.text(row, "phone")) == ("Ann!", "", "")


def test_source_is_the_name_of_the_table() -> None:
    assert tenants().source == "tenant"


def test_row_is_found_by_its_id(session: Session) -> None:
    row = Tenant(ten_nm="Ann")
    session.add(row)
    session.flush()
    local = tenants()
    assert local.find(session, local.local_id(row)) is row
    assert local.find(session, "99") is None
    assert local.find(session, "x") is None
    assert local.find(session, "1|2") is None


def test_row_is_found_by_a_composite_key(session: Session) -> None:
    row = Key(left=1, right="a")
    session.add(row)
    session.flush()
    local = Local(Key, role="customer", name="name")
    assert local.local_id(row) == "1|a"
    assert local.find(session, "1|a") is row


def test_row_is_found_by_a_text_key_with_a_bar(session: Session) -> None:
    row = Rate(code="a|b", percent=Decimal(20))
    session.add(row)
    session.flush()
    local = Local(Rate, name="code", rate="percent")
    assert local.find(session, local.local_id(row)) is row


def test_row_is_found_by_a_uuid(session: Session) -> None:
    row = Unique(name="x")
    session.add(row)
    session.flush()
    local = Local(Unique, role="customer", name="name")
    assert local.find(session, local.local_id(row)) is row
    assert local.find(session, "no uuid") is None


def test_all_rows_come_in_batches_by_key(session: Session) -> None:
    session.add_all(Tenant(ten_nm=str(n)) for n in range(7))
    session.flush()
    assert [row.id for row in tenants().rows(session, "", batch=3)] == [1, 2, 3, 4, 5, 6, 7]


def test_all_rows_of_a_composite_key_come_in_batches(session: Session) -> None:
    session.add_all(Key(left=left, right=right) for left in (1, 2) for right in "abc")
    session.flush()
    local = Local(Key, role="customer", name="name")
    assert [local.local_id(row) for row in local.rows(session, "", batch=2)] == [
        "1|a",
        "1|b",
        "1|c",
        "2|a",
        "2|b",
        "2|c",
    ]


@pytest.mark.parametrize("company", ["firm_id", "firm", lambda row: row.firm, lambda row: row.firm_id])
def test_rows_are_those_of_the_company(session: Session, company: Any) -> None:
    session.add_all([Firm(id=1), Firm(id=2), Tenant(firm_id=1), Tenant(firm_id=2), Tenant()])
    session.flush()
    assert [row.id for row in tenants(company=company).rows(session, "2")] == [2]


def test_rows_since_a_day_compare_with_a_moment(session: Session) -> None:
    session.add_all(Bill(no=str(day), made=datetime(2026, 1, day, 12)) for day in (1, 2, 3))  # noqa: DTZ001
    session.flush()
    assert [row.no for row in bills().rows(session, "", since=date(2026, 1, 2))] == ["2", "3"]


def test_assigned_row_becomes_its_key_in_a_column(session: Session) -> None:
    firm = Firm(id=5)
    session.add(firm)
    session.flush()
    row = Tenant()
    tenants(company="firm_id").assign(row, "company", firm)
    assert row.firm_id == 5
    tenants(company="firm").assign(row, "company", firm)
    assert row.firm is firm


def test_callable_entry_is_not_assigned() -> None:
    row = Tenant(ten_nm="Ann")
    tenants(name=lambda row: row.ten_nm).assign(row, "name", "Bob")
    assert row.ten_nm == "Ann"


def test_identity_of_rows_and_keys() -> None:
    assert (identity(None), identity(3), identity(Firm(id=4)), identity(Key(left=1, right="a"))) == (
        "",
        "3",
        "4",
        "1|a",
    )


def test_word_for_a_status_is_the_hosts() -> None:
    local = bills(statuses={"N": "draft", "A": "approved", "B": "approved", "X": "void"})
    assert [local.status_word(status) for status in ("draft", "approved", "paid", "void")] == ["N", "A", "A", "X"]
