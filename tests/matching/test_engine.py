"""The matching by evidence: what agrees, what conflicts, who competes."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from flask_intacct import kinds, matching
from flask_intacct.ledger import Account, Contact, Ref, TaxType, TrackingOption, Value
from flask_intacct.matching import Suggestion
from flask_intacct.messages import Message

CATEGORY, DIMENSION = Ref("category", "1"), Ref("DIMENSION", "LOCATION")


def tenant(id: str, name: str, *roles: str, **more: Any) -> Contact:
    return Contact(ref=Ref("tenant", id), name=name, roles=frozenset(roles or ("customer",)), **more)


def customer(id: str, name: str, role: str = "customer", **more: Any) -> Contact:
    return Contact(ref=Ref(role.upper(), id), code=id, name=name, roles=frozenset([role]), **more)


def crowd(count: int = 60) -> tuple[list[Value], list[Value]]:
    """Other contacts, so that words have a frequency; they match each other."""
    given, family = (
        ("Ann", "Bea", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ira", "Joy"),
        ("Ash", "Birch", "Cedar", "Elm", "Fir", "Holm"),
    )
    names = [f"{given[at % 10]}{'aeiou'[at % 5]}l {family[at // 10]}son" for at in range(count)]
    streets = [{"address1": f"{at + 1} Quay Road", "postcode": f"Q{at} 1AA"} for at in range(count)]
    return (
        [tenant(f"x{at}", name, **streets[at]) for at, name in enumerate(names)],
        [customer(f"X{at}", name, **streets[at]) for at, name in enumerate(names)],
    )


def among(kind: str, ours: list[Value], theirs: list[Value], **more: Any) -> dict[tuple[str, str], Suggestion]:
    """Suggestions for our records of a test, by id and role, made among a crowd of others."""
    left, right = crowd() if kind == kinds.CONTACT else ([], [])
    found = matching.suggest(kind, ours + left, theirs + right, **more)
    return {(one.local.id, one.role): one for one in found if not one.local.id.startswith("x")}


def contact(ours: Contact, *theirs: Contact, **more: Any) -> Suggestion | None:
    return among(kinds.CONTACT, [ours], list(theirs), **more).get((ours.ref.id, "customer"))


def needed(found: Suggestion | None) -> Suggestion:
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"name": "Kestrel Bakery Ltd"}, {"name": "KESTREL BAKERY LIMITED"}),
        ({"name": "Oakfield G.m.b.H."}, {"name": "Oakfield GmbH"}),
        ({"name": "Zoe Thornbury", "email": "zoe@thorn.example"}, {"name": "Thornbury, Z", "email": "zoe@THORN.example"}),  # noqa: E501
        ({"name": "Robert Quillfeather", "postcode": "N1 1AA"}, {"name": "Bob Quillfeather", "postcode": "n11aa"}),
        ({"name": "Millstone Wharf Ltd t/a Pebble Cafe", "phone": "020 7946 0111"},
         {"name": "Pebble Cafe", "phone": "+44 20 79460111"}),
        ({"name": "Brightwatr Roofing", "tax_number": "GB 123 4567 82"},
         {"name": "Brightwater Roofing", "tax_number": "123456782"}),
    ],
)  # fmt: skip
def test_same_party_written_otherwise_is_certain(ours: dict[str, str], theirs: dict[str, str]) -> None:
    found = needed(contact(tenant("1", **ours), customer("C1", **theirs)))
    assert (found.remote.id, found.certain, found.conflicts) == ("C1", True, ())
    assert 1 <= len(found.reasons) <= 3


@pytest.mark.parametrize(
    ("ours", "theirs", "conflict"),
    [
        ({"address1": "Unit 4, Wharf Mill"}, {"address1": "Unit 5, Wharf Mill"}, "unit differs: 4 / 5"),
        ({"email": "ann@one.example"}, {"email": "zed@two.example"}, "e-mail differs: ann@one.example / zed@two.example"),  # noqa: E501
        ({"tax_number": "GB111222333"}, {"tax_number": "GB987654321"}, "VAT number differs: 111222333 / 987654321"),
    ],
)  # fmt: skip
def test_conflict_is_told_and_never_certain(ours: dict[str, str], theirs: dict[str, str], conflict: str) -> None:
    found = contact(tenant("1", "Kestrel Quayside Bakery", **ours), customer("C1", "Kestrel Quayside Bakery", **theirs))
    assert found is None or (not found.certain and conflict in map(str, found.conflicts))


PLACE = {"address1": "Unit 4, 18 Wharf Mill", "postcode": "LS1 4AB", "city": "Leeds"}


def test_difference_that_all_else_outweighs_is_certain_and_still_told() -> None:
    ours = tenant("1", "Kestrel Quayside Bakery", email="ann@kestrel.example", phone="0113 496 0111", **PLACE)
    theirs = customer("C1", "Kestrel Quayside Bakery", email="ann@kestrel.example", phone="07700 900 222", **PLACE)
    found = needed(contact(ours, theirs))
    assert (found.certain, found.conflicts) == (True, ())
    assert "another phone number: 134960111 / 700900222" in map(str, found.reasons)


def test_other_given_name_at_one_address_is_never_certain() -> None:
    found = contact(tenant("1", "Norma Doersch", **PLACE), customer("C1", "Ingolf Doersch", **PLACE))
    assert found is None or (not found.certain and "part of the name differs" in map(str, found.conflicts))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("Pebble", "Pebble Cafe and Bakehouse"), ("Amy Flannerwick", "Amh Flannerwick"), ("Jai Kyriacou", "Ji Kyriacou")],
)
def test_part_of_a_name_or_a_slip_at_one_address_is_certain(ours: str, theirs: str) -> None:
    found = needed(contact(tenant("1", ours, **PLACE), customer("C1", theirs, **PLACE)))
    assert (found.certain, found.conflicts) == (True, ())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("Greens", "Greenwoods"), ("Zarzuela", "Zarela"), ("Mandarin Court", "Main Course")],
)
def test_name_of_like_letters_alone_is_never_certain(ours: str, theirs: str) -> None:
    found = contact(tenant("1", ours), customer("C1", theirs))
    assert found is None or not found.certain


def test_place_tells_namesakes_apart_where_no_street_is_known() -> None:
    places = {"Leeds": "LS1 4AB", "York": "YO1 7HH"}
    theirs = [customer(city, "Amira Quayle", city=city, postcode=code) for city, code in places.items()]
    ours = tenant("1", "Amira Quayel", city="York", postcode="YO1 7HH")
    found = needed(contact(ours, *theirs))
    assert (found.remote.id, found.certain) == ("York", True)


def test_one_of_several_namesakes_is_not_certain_by_a_unit_that_only_one_side_knows() -> None:
    shared = {"city": "Leeds", "postcode": "LS1 4AB"}
    theirs = [customer(unit, f"Falcon Fitness CIC (Unit {unit})", **shared) for unit in ("7", "8", "9")]
    found = contact(tenant("1", "Falcon Fitness CIC", **shared), *theirs)
    assert found is None or not found.certain


@pytest.mark.parametrize(
    ("fact", "value", "reason"),
    [
        ("tax_number", "GB123456782", "same VAT number"),
        ("email", "office@kestrel.example", "same e-mail"),
    ],
)
def test_other_name_of_one_vat_number_or_email_is_suggested_for_a_look(fact: str, value: str, reason: str) -> None:
    ours, theirs = {"name": "Quantum Works Ltd", fact: value}, {"name": "Franklin Decorators Ltd", fact: value}
    found = needed(contact(tenant("1", **ours), customer("C1", **theirs)))
    assert (found.remote.id, found.certain, found.confidence <= 60) == ("C1", False, True)
    assert any(one.startswith(reason) for one in map(str, found.reasons))
    assert (
        contact(tenant("1", **ours), customer("C1", **theirs), rejected={(Ref("tenant", "1"), Ref("CUSTOMER", "C1"))})
        is None
    )


def test_two_empty_names_are_not_alike() -> None:
    found = contact(tenant("1", "", email="a@kestrel.example"), customer("C1", "", email="a@kestrel.example"))
    assert found is None or not any("alike" in reason for reason in map(str, found.reasons))


def test_tie_is_never_certain_and_names_the_runner_up() -> None:
    found = needed(
        contact(tenant("1", "Kestrel Bakery"), customer("C1", "Kestrel Bakery"), customer("C2", "Kestrel Bakery"))
    )
    assert not found.certain
    assert {found.remote.id, found.runner_up and found.runner_up.id} == {"C1", "C2"}


def test_chain_goes_to_its_units_one_to_one() -> None:
    shops = [tenant(str(at), "Saffron Coffee Ltd", address1=f"Unit {at}, Dovetail Centre") for at in (1, 2, 3)]
    theirs = [customer(f"C{at}", "Saffron Coffee", address1=f"Unit {at}, Dovetail Centre") for at in (1, 2, 3)]
    found = among(kinds.CONTACT, list(shops), list(theirs))
    assert {one.local.id: one.remote.id for one in found.values()} == {"1": "C1", "2": "C2", "3": "C3"}


def test_roles_are_kept_apart() -> None:
    both = tenant("1", "Kestrel Bakery", "customer", "vendor")
    theirs: list[Value] = [customer("C1", "Kestrel Bakery"), customer("V1", "Kestrel Bakery", "vendor")]
    found = among(kinds.CONTACT, [both], theirs)
    assert {role: one.remote.id for (_, role), one in found.items()} == {"customer": "C1", "vendor": "V1"}
    assert contact(tenant("1", "Kestrel Bakery"), customer("V1", "Kestrel Bakery", "vendor")) is None


def test_what_is_rejected_taken_inactive_or_of_another_entity_is_left_out() -> None:
    ours, theirs = tenant("1", "Kestrel Bakery"), customer("C1", "Kestrel Bakery")
    assert contact(ours, theirs, rejected={(ours.ref, theirs.ref)}) is None
    assert contact(ours, theirs, taken={theirs.ref}) is None
    assert contact(ours, customer("C1", "Kestrel Bakery", active=False)) is None
    assert contact(ours, customer("C1", "Kestrel Bakery", entity="LDS"), entity="LON") is None


def account(id: str, name: str, code: str = "", type: str = "", side: str = "account") -> Account:
    return Account(ref=Ref(side, id), name=name, code=code, type=type)


def test_accounts_by_number_and_short_name() -> None:
    names = ["Property Management Fees", "Depreciation - Motor Vehicles", "Service Charge Income", "Petty Cash"]
    short = ["Prop. Mgmt Fees", "Depn - Motor Veh.", "Serv. Charge Inc.", "Petty cash"]
    found = matching.suggest(
        kinds.ACCOUNT,
        [account(str(at), name, f"{4000 + at}") for at, name in enumerate(short)],
        [account(str(at), name, f"{4000 + at}", side="GLACCOUNT") for at, name in enumerate(names)],
    )
    assert [(one.local.id, one.remote.id) for one in found] == [(str(at), str(at)) for at in range(4)]


def test_account_is_never_of_the_other_statement() -> None:
    ours, theirs = account("1", "Rent", type="balancesheet"), account("R", "Rent", type="incomestatement", side="GL")
    assert matching.suggest(kinds.ACCOUNT, [ours], [theirs]) == []


def test_second_best_is_not_certain_where_the_best_is_ruled_out() -> None:
    found = matching.suggest(
        kinds.ACCOUNT,
        [account("1", "Rent received", type="asset"), account("2", "Bank", type="asset")],
        [
            account("A", "Rent received", type="income", side="GL"),
            account("B", "Rent receivable", type="asset", side="GL"),
            account("C", "Bank", type="asset", side="GL"),
        ],
    )
    assert [one for one in found if one.local.id == "1" and one.certain] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("T.V.A. sur les achats", "TVA sur achat"),
        ("Frais de l'entreprise", "Frais d’entreprises"),
        ("Verbindl. a.L+L", "Verbindlichkeiten aus Lieferungen und Leistungen"),
        ("Zuschreibungen Sachanlagevermögen", "Zuschreibung a.d.Anlageverm."),
        ("R&M - Lifts", "Repairs and maintenance - lift"),
        ("A/P control", "Accounts payable control"),
        ("Hyrbilskostn", "Hyrbilskostnader"),
        ("Debtors control", "Accounts receivable control"),
        ("Versicherungen Gebäude", "Insurance of buildings"),
        ("Prepayments", "Prepaid expenses"),
    ],
)
def test_account_written_shorter_or_otherwise_is_found(ours: str, theirs: str) -> None:
    others = ["Bank charges", "Rent receivable", "Insurance", "Motor vehicles", "Petty cash", "Share capital"]
    found = matching.suggest(
        kinds.ACCOUNT,
        [account(str(at), name) for at, name in enumerate([ours, *others])],
        [account(str(at), name, side="GL") for at, name in enumerate([theirs, *others])],
    )
    assert ("0", "0") in [(one.local.id, one.remote.id) for one in found]


def test_account_is_found_below_the_one_that_the_other_name_begins_with() -> None:
    groups = ["Land", "Buildings", "Machinery", "Vehicles"]
    parts = ["cost", "additions", "disposals", "write-down", "revaluation"]
    ours: list[Value] = []
    theirs: list[Value] = []
    for high, group in enumerate(groups, 1):
        ours.append(account(f"{high}", group, f"2{high}"))
        theirs.append(account(f"{high}", group, f"2{high}", side="GL"))
        for low, part in enumerate(parts):
            other = f"9{low}{high}" if part == "revaluation" else f"2{high}{low}"
            ours.append(account(f"{high}{low}", f"{part} in the year", f"2{high}{low}"))
            theirs.append(account(f"{high}{low}", f"{group} - {part} in the year", other, side="GL"))
    found = {one.local.id: one.remote.id for one in matching.suggest(kinds.ACCOUNT, ours, theirs)}
    assert [found.get(f"{high}4") for high in range(1, 5)] == ["14", "24", "34", "44"]


def test_equal_types_never_conflict() -> None:
    names = [f"{word} reserve" for word in ("Roof", "Lift", "Boiler", "Paint", "Window", "Drain", "Gate", "Fence")]
    ours: list[Value] = [account(str(at), name, f"{2000 + at}", "asset") for at, name in enumerate(names)]
    theirs: list[Value] = [account(str(at), name, f"{2000 + at}", "", "GL") for at, name in enumerate(names)]
    for at in (20, 21):
        ours.append(account(str(at), "Deposits", f"{2000 + at}", "asset"))
        theirs.append(account(str(at), "Deposits", f"{2000 + at}", "asset", "GL"))
    found = matching.suggest(kinds.ACCOUNT, ours, theirs)
    assert [one.remote.id for one in found if one.local.id == "20"] == ["20"]
    assert [conflict for one in found for conflict in one.conflicts] == []


def tax(id: str, name: str, rate: str | None, role: str, side: str = "rate") -> TaxType:
    percent = None if rate is None else Decimal(rate)
    return TaxType(ref=Ref(side, id), name=name, rate=percent, roles=frozenset([role]))


def test_tax_needs_the_rate_the_direction_and_the_treatment() -> None:
    ours = tax("1", "Zero rated sales", "0", "sale")
    for other in (
        tax("A", "Zero rated sales", "5", "sale", "TAXDETAIL"),
        tax("B", "Zero rated sales", "0", "purchase", "TAXDETAIL"),
        tax("C", "Exempt sales", "0", "sale", "TAXDETAIL"),
    ):
        assert matching.suggest(kinds.TAX_TYPE, [ours], [other]) == []


def test_tax_is_never_certain_on_its_name_alone() -> None:
    names = ["Standard rate", "Reduced rate", "Zero rate", "Exempt"]
    found = matching.suggest(
        kinds.TAX_TYPE,
        [tax(str(at), name, None, "sale") for at, name in enumerate(names)],
        [tax(str(at), name, "20", "sale", "TAXDETAIL") for at, name in enumerate(names)],
    )
    assert [one for one in found if one.certain] == []


def test_tax_of_one_name_at_several_rates_is_certain_at_each() -> None:
    rates = ["7", "19"]
    found = matching.suggest(
        kinds.TAX_TYPE,
        [tax(rate, "Acquisitions within the EU", rate, "purchase") for rate in rates],
        [tax(rate, "Acquisitions within the EU", rate, "purchase", "TAXDETAIL") for rate in rates],
    )
    assert [(one.local.id, one.remote.id, one.certain) for one in found] == [("19", "19", True), ("7", "7", True)]


def option(id: str, name: str, category: Ref) -> TrackingOption:
    return TrackingOption(ref=Ref("option", id), name=name, category=category)


def test_options_stay_in_the_dimension_of_their_category() -> None:
    ours: list[Value] = [option("1", "Marchmont Hse", CATEGORY), option("2", "Pembroke Works", Ref("category", "2"))]
    theirs: list[Value] = [option("P1", "Marchmont House", DIMENSION), option("P2", "Pembroke Works", DIMENSION)]
    found = matching.suggest(kinds.TRACKING_OPTION, ours, theirs, categories={CATEGORY: DIMENSION})
    assert [(one.local.id, one.remote.id) for one in found] == [("1", "P1")]


def test_order_of_the_records_makes_no_difference() -> None:
    ours, theirs = crowd(60)
    first = matching.suggest(kinds.CONTACT, ours, theirs)
    Random(5).shuffle(ours)
    Random(6).shuffle(theirs)
    assert matching.suggest(kinds.CONTACT, ours, theirs) == first
    assert len(first) == 60


def test_reason_is_kept_as_what_is_said_and_its_values() -> None:
    found = needed(contact(tenant("1", "Kestrel Bakery", tax_number="GB123456782"),
                           customer("C1", "Kestrel Bakery", tax_number="GB123456782")))  # fmt: skip
    reason = Message("same.tax_number", number="123456782")
    assert reason in found.reasons
    assert str(reason) == "same VAT number 123456782"


def test_without_the_extra_what_is_equal_is_still_suggested() -> None:
    script = """
import sys
for name in ("numpy", "scipy", "rapidfuzz"):
    sys.modules[name] = None
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in ("numpy", "scipy", "rapidfuzz") else real(name, *more)
from flask_intacct import kinds, matching
from flask_intacct.ledger import Account, Ref
ours, theirs = Account(ref=Ref("a", "1"), name="Rent"), Account(ref=Ref("GLACCOUNT", "4000"), name="Rent")
print(matching.available(), len(matching.suggest(kinds.ACCOUNT, [ours], [theirs])))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]


def test_importing_loads_none_of_the_extra() -> None:
    script = "import sys, flask_intacct.matching; print({'numpy', 'scipy', 'rapidfuzz', 'flask'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
