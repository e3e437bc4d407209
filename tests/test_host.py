from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from world.made import made

from flask_intacct import Local, LocalDocument, kinds
from flask_intacct.errors import MappingError, Refused
from flask_intacct.host import Host
from flask_intacct.ledger import Account, Contact, Document, Line, Ref, TaxType


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Firm(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "firm"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    ccy: Mapped[str] = mapped_column(default="gbp")


class Party(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "party"
    id: Mapped[int] = mapped_column(primary_key=True)
    sort: Mapped[str]
    nm: Mapped[str] = mapped_column(default="")
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id"))
    hidden: Mapped[bool] = mapped_column(default=False)
    __mapper_args__ = {"polymorphic_on": "sort", "polymorphic_identity": "party"}  # noqa: RUF012


class Tenant(Party):
    __mapper_args__ = {"polymorphic_identity": "tenant"}  # noqa: RUF012


class Supplier(Party):
    __mapper_args__ = {"polymorphic_identity": "supplier"}  # noqa: RUF012


class Owner(Party):
    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    share: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"polymorphic_identity": "owner"}  # noqa: RUF012


class Acc(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "acc"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    sort: Mapped[str] = mapped_column(default="P")


class Rate(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "rate"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    percent: Mapped[float | None]
    side: Mapped[str | None]


class Group(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "grp"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class House(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "house"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    group_id: Mapped[int] = mapped_column(ForeignKey("grp.id"))


class Inv(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "inv"
    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(default="")
    made: Mapped[datetime | None]
    state: Mapped[str | None]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    gross: Mapped[Decimal | None]
    rows: Mapped[list["InvRow"]] = relationship()


class InvRow(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "inv_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    inv_id: Mapped[int] = mapped_column(ForeignKey("inv.id"))
    acc_id: Mapped[int | None] = mapped_column(ForeignKey("acc.id"))
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rate.id"))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))
    net: Mapped[Decimal] = mapped_column(default=0)
    vat: Mapped[float | None]


class Fee(db.Model):  # type: ignore[name-defined, misc]
    """A second kind of invoice."""

    __tablename__ = "fee"
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    no: Mapped[str]
    made: Mapped[date]
    state: Mapped[str]
    rows: Mapped[list["FeeRow"]] = relationship()


class FeeRow(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "fee_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    fee_id: Mapped[int] = mapped_column(ForeignKey("fee.id"))
    acc_id: Mapped[int | None] = mapped_column(ForeignKey("acc.id"))
    net: Mapped[Decimal]


COMPANY = Local(Firm, name="title", currency="ccy")
STATUSES = {"A": "approved", "P": "paid", "X": "void"}


def described(**change: Any) -> dict[str, list[Local]]:
    lines = Local(
        InvRow, parent="rows", account="acc_id", net="net", tax="vat", tax_type="rate_id", property="house_id"
    )
    document = {"number": "no", "contact": "party_id", "date": "made", "status": "state", "total": "gross"}
    return {
        kinds.TAX_TYPE: [Local(Rate, name="label", rate="percent", roles="side")],
        kinds.ACCOUNT: [
            Local(Acc, name="name", code="code", type="sort", types={"B": "balancesheet", "P": "incomestatement"})
        ],
        kinds.TRACKING_CATEGORY: [Local(Group, name="name")],
        kinds.TRACKING_OPTION: [Local(House, name="name", category="group_id")],
        kinds.CONTACT: [
            Local(Tenant, role="customer", name="nm", archived="hidden", company="firm_id"),
            Local(Supplier, role="vendor", name="nm", archived="hidden", company="firm_id"),
            Local(Owner, role=lambda row: ("customer", "vendor"), name="nm", archived="hidden", company="firm_id"),
        ],
        kinds.INVOICE: [LocalDocument(Inv, lines=lines, statuses=STATUSES, **document)],
        **change,
    }


def hosted(**change: Any) -> Host:
    host = Host(COMPANY, described(**change))
    host.bind(db)
    return host


@pytest.fixture
def host() -> Iterator[Host]:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        yield hosted()
        db.session.remove()
        db.engine.dispose()


def add(*rows: Any) -> None:
    db.session.add_all(rows)
    db.session.flush()


def test_document_needs_a_description_of_a_document() -> None:
    with pytest.raises(MappingError, match="invoices of Inv need a LocalDocument"):
        hosted(invoice=[Local(Inv, number="no", contact="party_id", date="made", status="state")])


def test_model_described_twice_for_a_kind_is_refused() -> None:
    twice = [Local(Tenant, role="customer", name="nm"), Local(Tenant, role="vendor", name="nm")]
    with pytest.raises(MappingError, match=r"Tenant is described twice for contact.*role="):
        hosted(contact=twice)


def test_companies_come_by_name(host: Host) -> None:
    add(Firm(id=1, title="Oak"), Firm(id=2, title="Elm"))
    assert host.companies() == [("2", "Elm"), ("1", "Oak")]
    assert host.currency("1") == "GBP"
    assert host.currency("9") == ""


def test_host_without_companies_has_one() -> None:
    host = Host(None, {})
    host.bind(db)
    assert host.companies() == [("", "")]
    assert host.currency("") == ""


def test_kind_that_is_not_mapped_has_nothing() -> None:
    host = Host(None, {kinds.ACCOUNT: described()[kinds.ACCOUNT], kinds.BILL: []})
    host.bind(db)
    assert (host.has(kinds.ACCOUNT), host.has(kinds.BILL)) == (True, False)
    assert host.locals(kinds.BILL) == ()


def test_contacts_of_all_models_come_with_their_roles(host: Host) -> None:
    add(
        Tenant(id=1, nm="Ann", firm_id=1),
        Supplier(id=2, nm="Bob", firm_id=1, hidden=True),
        Owner(id=3, nm="Cy", firm_id=1),
        Tenant(id=4, nm="Dee", firm_id=2),
    )
    found: list[Contact] = list(host.values(kinds.CONTACT, "1"))
    assert [(one.name, sorted(one.roles), one.active) for one in found] == [
        ("Ann", ["customer"], True),
        ("Bob", ["vendor"], False),
        ("Cy", ["customer", "vendor"], True),
    ]


def test_record_is_read_again_by_its_reference(host: Host) -> None:
    add(Tenant(nm="Ann", firm_id=1), Supplier(nm="Bob", firm_id=1), Owner(nm="Cy", firm_id=1))
    for value in list(host.values(kinds.CONTACT, "1")):
        assert host.value(kinds.CONTACT, value.ref) == value
    assert host.value(kinds.CONTACT, Ref("party", "99")) is None
    assert host.value(kinds.CONTACT, Ref("gone", "1")) is None


def test_foreign_key_leads_to_the_right_one_of_several_models(host: Host) -> None:
    add(Tenant(id=1, firm_id=1), Supplier(id=2, firm_id=1), Owner(id=3, firm_id=1))
    add(*(Inv(no=str(id), party_id=id, made=datetime(2026, 1, 1), state="A") for id in (1, 2, 3)))  # noqa: DTZ001
    contacts = {one.ref.id: one.ref for one in host.values(kinds.CONTACT, "1")}
    found = {document.number: document.contact for document in host.documents(kinds.INVOICE, "1", None)}
    assert found == contacts


def test_account_type_is_translated(host: Host) -> None:
    add(Acc(id=1, code="1", name="Bank", sort="B"), Acc(id=2, code="2", name="Odd", sort="?"))
    found: list[Account] = list(host.values(kinds.ACCOUNT, "1"))
    assert [one.type for one in found] == ["balancesheet", ""]


def test_account_type_needs_no_words_where_they_are_ours() -> None:
    host = hosted(account=[Local(Acc, name="name", type="sort")])
    account = host.locals(kinds.ACCOUNT)[0]
    assert host.read(kinds.ACCOUNT, account, Acc(id=1, name="Bank", sort="balancesheet")).type == "balancesheet"
    assert host.read(kinds.ACCOUNT, account, Acc(id=1, name="Bank", sort="asset")).type == ""


def test_tax_type_is_exact_and_of_both_directions_unless_told(host: Host) -> None:
    add(
        Rate(id=1, label="Std", percent=17.5, side="sale"),
        Rate(id=2, label="All", percent=20.0),
        Rate(id=3, label="?"),
    )
    found: list[TaxType] = list(host.values(kinds.TAX_TYPE, "1"))
    assert [one.rate for one in found] == [Decimal("17.5"), Decimal("20.0"), None]
    assert [one.roles for one in found] == [{"sale"}, {"sale", "purchase"}, {"sale", "purchase"}]


def test_option_names_its_category(host: Host) -> None:
    add(Group(id=7, name="Property"), House(id=1, name="No 1", group_id=7))
    (option,) = host.values(kinds.TRACKING_OPTION, "1")
    assert option.category == Ref("grp", "7")


def test_document_comes_with_its_lines(host: Host) -> None:
    row = InvRow(acc_id=4, rate_id=2, house_id=9, net=Decimal(100), vat=20.005)
    add(
        Inv(
            id=1,
            no=" A1 ",
            party_id=None,
            made=datetime(2026, 1, 5, 9),  # noqa: DTZ001
            state="A",
            gross=Decimal("120.01"),
            rows=[row],
        )
    )
    (found,) = host.documents(kinds.INVOICE, "1", date(2026, 1, 5))
    assert (found.number, found.date, found.status, found.contact) == ("A1", date(2026, 1, 5), "approved", None)
    assert found.lines == (
        Line(
            net=Decimal("100.00"),
            tax=Decimal("20.01"),
            account=Ref("acc", "4"),
            tax_type=Ref("rate", "2"),
            options=(Ref("house", "9"),),
        ),
    )
    assert found.gross == Decimal("120.01")


def test_documents_before_the_day_are_left_out(host: Host) -> None:
    add(Inv(no="old", made=datetime(2025, 12, 31, 23), state="A"), Inv(no="none", state="A"))  # noqa: DTZ001
    assert list(host.documents(kinds.INVOICE, "1", date(2026, 1, 1))) == []
    assert len(list(host.documents(kinds.INVOICE, "1", None))) == 2


@pytest.mark.parametrize(
    ("word", "status"),
    [("A", "approved"), ("P", "paid"), ("X", "void"), ("approved", "draft"), ("", "draft"), (None, "draft")],
)
def test_word_that_is_not_listed_is_a_draft(host: Host, word: str | None, status: str) -> None:
    add(Inv(no="1", state=word))
    (found,) = host.documents(kinds.INVOICE, "1", None)
    assert found.status == status


def test_statuses_need_no_words_where_they_are_ours() -> None:
    document = described()[kinds.INVOICE][0]
    document.statuses = {}  # type: ignore[attr-defined]
    host = hosted(invoice=[document])
    assert host.read(kinds.INVOICE, document, Inv(id=1, state="approved")).status == "approved"
    assert host.read(kinds.INVOICE, document, Inv(id=1, state="posted")).status == "draft"


def customer(name: str, **more: Any) -> Contact:
    """One of Intacct's."""
    return Contact(ref=Ref("CUSTOMER", "1"), name=name, **more)


def test_new_row_is_made_by_its_mapped_attributes(host: Host) -> None:
    firm = Firm(id=1, title="Oak")
    add(firm)
    tenants = host.locals(kinds.CONTACT)[0]
    ref = made(host, tenants, customer("Ann", email="not mapped"), company_id="1")
    row = host.row(kinds.CONTACT, ref)
    assert isinstance(row, Tenant)
    assert (row.nm, row.firm_id) == ("Ann", 1)


def test_new_document_is_made_with_lines_and_the_hosts_word(host: Host) -> None:
    account = Acc(id=4, code="4", name="Rent")
    tenant = Tenant(id=1)
    add(Firm(id=1, title="Oak"), account, tenant)
    line = Line(net=Decimal(5), tax=Decimal(1), account=Ref("GLACCOUNT", "4000"))
    theirs = Document(
        kind=kinds.INVOICE, ref=Ref("ARINVOICE", "7"), number="A1", contact=Ref("CUSTOMER", "1"),
        date=date(2026, 1, 5), lines=(line,),
    )  # fmt: skip
    rows = {kinds.CONTACT: tenant, kinds.ACCOUNT: account}
    ref = made(host, host.locals(kinds.INVOICE)[0], theirs, lambda kind, ref: rows[kind], "1")
    db.session.expire_all()
    row = db.session.scalars(select(Inv)).one()
    assert (row.state, row.party_id, row.rows[0].acc_id, row.rows[0].net) == ("A", 1, 4, Decimal(5))
    assert host.value(kinds.INVOICE, ref).gross == Decimal("6.00")  # type: ignore[union-attr]


def test_factory_of_the_host_makes_the_row_or_refuses(host: Host) -> None:
    def make(values: dict[str, Any]) -> Any:
        if not values["name"]:
            raise Refused("A tenant needs a tenancy.")
        return Tenant(nm=values["name"].upper()) if values["name"] != "none" else None

    add(Firm(id=1, title="Oak"))
    host = hosted(contact=[Local(Tenant, role="customer", name="nm", create=make)])
    local = host.locals(kinds.CONTACT)[0]
    ref = made(host, local, customer("Ann"), company_id="1")
    assert host.row(kinds.CONTACT, ref).nm == "ANN"  # type: ignore[union-attr]
    with pytest.raises(Refused, match="tenancy"):
        made(host, local, customer(""), company_id="1")
    with pytest.raises(Refused, match=r"create= for Tenant made nothing"):
        made(host, local, customer("none"), company_id="1")


def test_model_that_can_not_be_made_bare_asks_for_a_factory(host: Host) -> None:
    class Strict(Party):
        __mapper_args__ = {"polymorphic_identity": "strict"}  # noqa: RUF012

        def __init__(self, lease: str) -> None:
            super().__init__(nm=lease)

    add(Firm(id=1, title="Oak"))
    host = hosted(contact=[Local(Strict, role="customer", name="nm")])
    with pytest.raises(Refused, match=r"Strict.*create="):
        made(host, host.locals(kinds.CONTACT)[0], customer("Ann"), company_id="1")


def test_update_goes_by_attributes_or_by_the_host(host: Host) -> None:
    add(Tenant(id=1, nm="Ann", firm_id=1))
    host.update(kinds.CONTACT, Ref("party", "1"), customer("Bob", active=False))
    assert (db.session.get_one(Tenant, 1).nm, db.session.get_one(Tenant, 1).hidden) == ("Bob", True)
    seen: list[Any] = []
    own = hosted(
        contact=[Local(Tenant, role="customer", name="nm", update=lambda row, values: seen.append((row.id, values)))]
    )
    own.update(kinds.CONTACT, Ref("party", "1"), customer("Cy", code="C-1", phone="5"))
    ((id_, values),) = seen
    assert (id_, values["name"], values["phone"], values["active"], "code" in values) == (1, "Cy", "5", True, False)
    with pytest.raises(Refused, match="no longer there"):
        host.update(kinds.CONTACT, Ref("party", "9"), customer("Cy"))


def test_archiving_goes_by_the_attribute_or_by_the_host(host: Host) -> None:
    add(Supplier(id=2, firm_id=1), Tenant(id=1))
    host.archive(kinds.CONTACT, Ref("party", "2"))
    assert db.session.get_one(Supplier, 2).hidden
    host.archive(kinds.CONTACT, Ref("party", "9"))
    seen: list[Any] = []
    own = hosted(contact=[Local(Tenant, role="customer", name="nm", archive=lambda row: seen.append(row.id))])
    own.archive(kinds.CONTACT, Ref("party", "1"))
    assert seen == [1]


def test_row_tells_its_kind(host: Host) -> None:
    found = host.kind_of(Owner())
    assert found is not None
    assert (found[0], found[1].model) == (kinds.CONTACT, Owner)
    assert host.kind_of(Firm()) is None


def test_each_model_of_invoices_has_its_own_words(host: Host) -> None:
    (invoices,) = described()[kinds.INVOICE]
    fees = LocalDocument(
        Fee, number="no", contact="party_id", date="made", status="state", statuses={"A": "approved", "X": "void"},
        lines=Local(FeeRow, parent="rows", account="acc_id", net="net"),
    )  # fmt: skip
    both = hosted(**{kinds.INVOICE: [fees, invoices]})
    words = [both.has_word(kinds.INVOICE, "paid", source) for source in ("", "fee", "inv")]
    assert words == [False, False, True]
