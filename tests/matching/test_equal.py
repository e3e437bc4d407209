from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_intacct import kinds
from flask_intacct.ledger import Account, Contact, Ref, TaxType, TrackingCategory, TrackingOption
from flask_intacct.matching.equal import Suggestion, suggest


def tenant(id: str, name: str = "", *, role: str = "customer", **more: Any) -> Contact:
    return Contact(ref=Ref("tenant", id), name=name, roles=frozenset([role]), **more)


def customer(id: str, name: str = "", *, role: str = "customer", **more: Any) -> Contact:
    return Contact(ref=Ref(role.upper(), id), code=id, name=name, roles=frozenset([role]), **more)


def account(id: str, name: str, code: str = "", **more: Any) -> Account:
    return Account(ref=Ref("account", id), name=name, code=code, **more)


def gl(code: str, name: str, **more: Any) -> Account:
    return Account(ref=Ref("GLACCOUNT", code), name=name, code=code, **more)


def rate(id: str, name: str, percent: str | None, *roles: str) -> TaxType:
    value = None if percent is None else Decimal(percent)
    return TaxType(ref=Ref("rate", id), name=name, rate=value, roles=frozenset(roles or ("sale", "purchase")))


def detail(id: str, name: str, percent: str, role: str = "sale", **more: Any) -> TaxType:
    return TaxType(ref=Ref("TAXDETAIL", id), code=id, name=name, rate=Decimal(percent), roles=frozenset([role]), **more)


def only(found: list[Suggestion]) -> Suggestion:
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "confidence", "reasons"),
    [
        ({"name": "Oak Ltd"}, {"name": "OAK LIMITED"}, 95, ("same name",)),
        ({"name": "Oak", "postcode": "N1 1AA"}, {"name": "Oak", "postcode": "n11aa"}, 98,
         ("same name", "same postcode")),
        ({"name": "Oak Homes", "tax_number": "GB 123456789"}, {"name": "Oak", "tax_number": "123456789"}, 97,
         ("same VAT number",)),
        ({"name": "Ann Oak", "email": "A@b.uk"}, {"name": "Oak", "email": "a@B.uk"}, 96, ("same e-mail",)),
        ({"name": "Ann", "email": "office@agent.uk"}, {"name": "Bob", "email": "office@agent.uk"}, 80,
         ("same e-mail", "but another name")),
        ({"name": "Oak", "email": "a@b.uk"}, {"name": "Oak", "email": "a@b.uk"}, 99, ("same e-mail", "same name")),
        ({"name": "Oak", "email": "a@b.uk"}, {"name": "Oak", "email": "c@d.uk"}, 85,
         ("same name", "but another e-mail")),
        ({"name": "Oak", "tax_number": "123456789"}, {"name": "Oak", "tax_number": "987654321"}, 30,
         ("same name", "but different VAT numbers")),
        ({"name": "Oak Ltd"}, {"name": "Oak LLP"}, 60, ("same name", "but another legal form")),
        ({"name": "Oak, Flat 2", "email": "a@b.uk"}, {"name": "Oak", "email": "a@b.uk", "address1": "Flat 3"}, 70,
         ("same e-mail", "but another unit")),
        ({"name": "Ann", "code": "c1"}, {"name": "Bob"}, 40, ("code C1 is the same", "but another name")),
    ],
)  # fmt: skip
def test_contacts_by_what_agrees(
    ours: dict[str, str], theirs: dict[str, str], confidence: int, reasons: tuple[str, ...]
) -> None:
    found = only(suggest(kinds.CONTACT, [tenant("1", **ours)], [customer("C1", **theirs)]))
    assert (found.local, found.role, found.remote) == (Ref("tenant", "1"), "customer", Ref("CUSTOMER", "C1"))
    assert (found.confidence, tuple(map(str, found.reasons))) == (confidence, reasons)


def test_tenant_is_never_a_vendor() -> None:
    assert suggest(kinds.CONTACT, [tenant("1", "Oak")], [customer("V1", "Oak", role="vendor")]) == []


def test_contact_of_both_roles_has_a_suggestion_for_each() -> None:
    both = Contact(ref=Ref("party", "1"), name="Oak", roles=frozenset({"customer", "vendor"}))
    found = suggest(kinds.CONTACT, [both], [customer("C1", "Oak"), customer("V1", "Oak", role="vendor")])
    assert [(one.role, one.remote.id) for one in found] == [("customer", "C1"), ("vendor", "V1")]


def test_name_that_two_share_is_no_suggestion() -> None:
    assert suggest(kinds.CONTACT, [tenant("1", "Oak")], [customer("C1", "Oak"), customer("C2", "Oak")]) == []
    assert suggest(kinds.CONTACT, [tenant("1", "Oak"), tenant("2", "oak")], [customer("C1", "Oak")]) == []


def test_postcode_tells_two_of_a_name_apart() -> None:
    theirs = [customer("C1", "J Smith", postcode="N1"), customer("C2", "J Smith", postcode="N2")]
    assert only(suggest(kinds.CONTACT, [tenant("1", "J Smith", postcode="n2")], theirs)).remote.id == "C2"


def test_inactive_taken_and_rejected_records_are_left_out_and_free_the_name() -> None:
    ours = [tenant("1", "Oak")]
    theirs = [customer("C1", "Oak"), customer("C2", "Oak")]
    inactive = [theirs[0], customer("C2", "Oak", active=False)]
    assert only(suggest(kinds.CONTACT, ours, inactive)).remote.id == "C1"
    assert only(suggest(kinds.CONTACT, ours, theirs, taken={theirs[0].ref})).remote.id == "C2"
    rejected = {(ours[0].ref, theirs[1].ref)}
    assert only(suggest(kinds.CONTACT, ours, theirs, rejected=rejected)).remote.id == "C1"


def test_contacts_of_another_entity_are_left_out() -> None:
    theirs = [customer("C1", "Oak", entity="E1"), customer("C2", "Oak", entity="E2")]
    assert only(suggest(kinds.CONTACT, [tenant("1", "Oak")], theirs, entity="E2")).remote.id == "C2"


def test_two_records_that_fit_equally_are_never_certain() -> None:
    ours = [tenant("1", "Oak Tree", tax_number="123456789", email="a@oak.uk")]
    theirs = [customer("C1", "Oak A", tax_number="123456789"), customer("C2", "Oak B", email="a@oak.uk")]
    found = only(suggest(kinds.CONTACT, ours, theirs))
    assert (found.remote.id, found.confidence, found.runner_up) == ("C1", 60, Ref("CUSTOMER", "C2"))
    assert str(found.reasons[-1]) == "but another record comes close"


def test_account_by_code_and_name() -> None:
    found = only(suggest(kinds.ACCOUNT, [account("1", "Rent Income", "4000")], [gl("4000", "Rent income")]))
    assert (found.confidence, tuple(map(str, found.reasons))) == (99, ("same name", "code 4000 is the same"))


def test_renumbered_account_goes_by_its_name() -> None:
    ours = [account("1", "Rent", "4000"), account("2", "Sales", "4100")]
    found = suggest(kinds.ACCOUNT, ours, [gl("4000", "Sales"), gl("4100", "Rent")])
    assert [(one.local.id, one.remote.id, one.confidence) for one in found] == [("1", "4100", 95), ("2", "4000", 95)]


def test_code_alone_is_weak() -> None:
    found = only(suggest(kinds.ACCOUNT, [account("1", "Rent", "4000")], [gl("4000", "Turnover")]))
    assert (found.confidence, tuple(map(str, found.reasons))) == (40, ("code 4000 is the same", "but another name"))


def test_balance_sheet_is_never_income_statement() -> None:
    ours = [account("1", "Deposits", "2000", type="balancesheet")]
    assert suggest(kinds.ACCOUNT, ours, [gl("2000", "Deposits", type="incomestatement")]) == []
    theirs = [gl("2000", "Deposits", type="incomestatement"), gl("2100", "Deposits", type="balancesheet")]
    assert only(suggest(kinds.ACCOUNT, ours, theirs)).remote.id == "2100"


def test_tax_type_used_both_ways_gets_one_detail_per_direction() -> None:
    theirs = [detail("S20", "Sales standard", "20"), detail("P20", "Purchases standard", "20.00", "purchase")]
    found = suggest(kinds.TAX_TYPE, [rate("1", "Standard", "20")], theirs)
    assert [(one.role, one.remote.id, one.confidence) for one in found] == [
        ("purchase", "P20", 90),
        ("sale", "S20", 90),
    ]
    assert tuple(map(str, found[0].reasons)) == ("same rate (20 %) and direction",)


def test_tax_type_by_rate_and_name() -> None:
    theirs = [detail("A", "Standard", "20"), detail("B", "Standard services", "20")]
    found = only(suggest(kinds.TAX_TYPE, [rate("1", "Standard", "20", "sale")], theirs))
    assert (found.remote.id, found.confidence) == ("A", 97)


def test_other_rate_or_direction_is_never_suggested() -> None:
    assert suggest(kinds.TAX_TYPE, [rate("1", "Standard", "20", "sale")], [detail("A", "Standard", "17.5")]) == []
    assert (
        suggest(kinds.TAX_TYPE, [rate("1", "Standard", "20", "sale")], [detail("A", "Standard", "20", "purchase")])
        == []
    )


def test_taxes_at_nothing_are_told_apart_by_their_reason() -> None:
    theirs = [
        detail("Z", "Zero rate sales", "0"),
        detail("E", "Exempt sales", "0"),
        detail("O", "Outside scope", "0"),
    ]
    ours = [
        rate("1", "VAT exempt", "0", "sale"),
        rate("2", "Zero-rated", "0.00", "sale"),
        rate("3", "No VAT", "0", "sale"),
    ]
    found = suggest(kinds.TAX_TYPE, ours, theirs)
    assert [(one.local.id, one.remote.id) for one in found] == [("1", "E"), ("2", "Z"), ("3", "O")]


def test_nothing_per_cent_without_a_reason_is_no_suggestion() -> None:
    assert suggest(kinds.TAX_TYPE, [rate("1", "T9", "0", "sale")], [detail("Z", "Zero rate", "0")]) == []


def test_reverse_charge_is_another_tax_at_the_same_rate() -> None:
    theirs = [detail("R", "Reverse charge", "20", "purchase"), detail("S", "Standard", "20", "purchase")]
    assert only(suggest(kinds.TAX_TYPE, [rate("1", "VAT 20", "20", "purchase")], theirs)).remote.id == "S"


def test_tax_type_without_a_rate_is_never_certain() -> None:
    assert (
        only(suggest(kinds.TAX_TYPE, [rate("1", "Standard", None, "sale")], [detail("A", "standard", "20")])).confidence
        == 80
    )


def test_tracking_category_goes_by_its_name_in_the_singular() -> None:
    ours = [TrackingCategory(ref=Ref("cat", "1"), name="Departments")]
    theirs = [TrackingCategory(ref=Ref("DIMENSION", n), name=n.title()) for n in ("DEPARTMENT", "LOCATION")]
    assert only(suggest(kinds.TRACKING_CATEGORY, ours, theirs)).remote.id == "DEPARTMENT"


def option(source: str, id: str, name: str, category: Ref, **more: Any) -> TrackingOption:
    return TrackingOption(ref=Ref(source, id), name=name, category=category, **more)


PROPERTY, TEAM = Ref("cat", "1"), Ref("cat", "2")
LOCATION, CLASS = Ref("DIMENSION", "LOCATION"), Ref("DIMENSION", "CLASS")


def test_options_stay_within_the_dimension_of_their_category() -> None:
    ours = [
        option("opt", "1", "North", PROPERTY),
        option("opt", "2", "North", TEAM),
        option("opt", "3", "South", TEAM),
    ]
    theirs = [option("LOCATION", "L1", "North", LOCATION), option("CLASS", "K1", "North", CLASS)]
    found = suggest(kinds.TRACKING_OPTION, ours, theirs, categories={PROPERTY: LOCATION})
    assert [(one.local.id, one.remote) for one in found] == [("1", Ref("LOCATION", "L1"))]


def test_options_of_two_categories_may_share_a_value() -> None:
    ours = [option("opt", "1", "North", PROPERTY), option("opt", "2", "North", TEAM)]
    theirs = [option("LOCATION", "L1", "North", LOCATION)]
    categories = {PROPERTY: LOCATION, TEAM: LOCATION}
    found = suggest(kinds.TRACKING_OPTION, ours, theirs, categories=categories, taken={Ref("LOCATION", "L1")})
    assert [one.local.id for one in found] == ["1", "2"]


def test_location_outside_the_entity_is_never_suggested() -> None:
    theirs = [
        option("LOCATION", "L1", "North", LOCATION, entity="E1"),
        option("LOCATION", "L2", "North", LOCATION, entity="E2"),
    ]
    ours = [option("opt", "1", "North", PROPERTY)]
    found = suggest(kinds.TRACKING_OPTION, ours, theirs, categories={PROPERTY: LOCATION}, entity="E2")
    assert only(found).remote.id == "L2"


def test_thousand_equal_names_give_nothing() -> None:
    ours = [tenant(str(n), "Flat") for n in range(1000)]
    assert suggest(kinds.CONTACT, ours, [customer(str(n), "Flat") for n in range(1000, 2000)]) == []


def test_many_records_are_matched_in_little_time() -> None:
    ours = [tenant(str(n), f"Tenant {n}", email=f"t{n}@x.uk") for n in range(5000)]
    theirs = [customer(f"C{n}", f"TENANT {n}", email=f"T{n}@x.uk") for n in range(5000)]
    found = suggest(kinds.CONTACT, ours, theirs)
    assert len(found) == 5000
    assert all(one.remote.id == f"C{one.local.id}" for one in found)


text = st.one_of(st.sampled_from(["", "Oak", "oak ltd", "Öak", "Elm & Co", "Elm and Co", "1"]), st.text(max_size=8))
contact = st.builds(
    lambda id, name, code, email, tax, post, roles: Contact(
        ref=Ref("x", id), name=name, code=code, email=email, tax_number=tax, postcode=post, roles=frozenset(roles)
    ),
    st.sampled_from("abcdefgh"),
    text,
    text,
    st.sampled_from(["", "a@b.uk", "c@d.uk", "E@F.uk"]),
    st.sampled_from(["", "123456789", "GB987654321"]),
    st.sampled_from(["", "N1", "N2"]),
    st.sets(st.sampled_from(["customer", "vendor"])),
)
contacts = st.lists(contact, max_size=12, unique_by=lambda value: value.ref)


@settings(deadline=None)
@given(contacts, contacts, st.randoms(use_true_random=False))
def test_each_record_is_suggested_once_in_any_order(ours: list[Contact], theirs: list[Contact], random: Random) -> None:
    found = suggest(kinds.CONTACT, ours, theirs)
    assert all(count == 1 for count in Counter((one.local, one.role) for one in found).values())
    assert all(count == 1 for count in Counter((one.remote, one.role) for one in found).values())
    assert all(0 < one.confidence <= 99 and 1 <= len(one.reasons) <= 3 for one in found)
    random.shuffle(ours)
    random.shuffle(theirs)
    assert suggest(kinds.CONTACT, ours, theirs) == found


tax = st.builds(
    lambda id, name, code, percent, roles: TaxType(
        ref=Ref("x", id), name=name, code=code, rate=percent, roles=frozenset(roles)
    ),
    st.sampled_from("abcdefgh"),
    st.one_of(text, st.sampled_from(["Zero", "Exempt", "Reverse charge"])),
    text,
    st.sampled_from([None, Decimal(0), Decimal("20.00"), Decimal(5)]),
    st.sets(st.sampled_from(["sale", "purchase"])),
)
taxes = st.lists(tax, max_size=12, unique_by=lambda value: value.ref)


@settings(deadline=None)
@given(taxes, taxes)
def test_rate_and_direction_always_agree(ours: list[TaxType], theirs: list[TaxType]) -> None:
    here, there = ({value.ref: value for value in values} for values in (ours, theirs))
    for one in suggest(kinds.TAX_TYPE, ours, theirs):
        mine, other = here[one.local], there[one.remote]
        assert one.role in mine.roles & other.roles
        assert mine.rate is None or other.rate is None or mine.rate == other.rate
