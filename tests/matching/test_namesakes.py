"""Parties whose names look much alike and are two: never taken without a look, where nothing else vouches for them."""

from __future__ import annotations

from typing import Any

import pytest

from flask_intacct import kinds, matching
from flask_intacct.ledger import Contact, Ref
from flask_intacct.matching import Suggestion

GIVEN = ("Ann", "Bea", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ira", "Joy", "Ken", "Lou")
FAMILY = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Holm", "Ivy", "Juniper", "Kapok", "Larch", "Maple", "Oakes")
OTHERS = tuple(f"{given} {family}" for given, family in zip(GIVEN, FAMILY, strict=True))


def suggested(ours: str, theirs: str, **more: Any) -> Suggestion | None:
    """What is said of two contacts among others that match each other."""
    roles = frozenset(["customer"])

    def contact(side: str, at: int, name: str) -> Contact:
        return Contact(ref=Ref(side, str(at)), name=name, roles=roles, **(more if at == 0 else {}))

    found = matching.suggest(
        kinds.CONTACT,
        [contact("ours", at, name) for at, name in enumerate((ours, *OTHERS))],
        [contact("theirs", at, name) for at, name in enumerate((theirs, *OTHERS))],
    )
    return next((one for one in found if one.local.id == one.remote.id == "0"), None)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Christopher Evans", "Christine Evans"),
        ("Paul Martin", "Paula Martin"),
        ("Robert Harris", "Robert Harrison"),
        ("Emma Johnson", "Emma Johnston"),
        ("Chen Jia", "Chen Jian"),
        ("John Crane II", "John Crane III"),
        ("Tom Ashdown & Sue Ashdown", "Sue Ashdown"),
        ("Northern Lifts Ltd", "Northern Lofts Ltd"),
        ("Acacia (Leeds) Ltd", "Acacia (York) Ltd"),
        ("Acacia Plumbing Ltd", "Acacia Plumbing (Leeds) Ltd"),
        ("Hilton Hotels Ltd", "Hilton Hotels UK Ltd"),
        ("Green Estates", "Green Estates (No. 2)"),
        ("Jane Prentiss c/o Peter Doe", "Peter Doe"),
    ],
)
def test_like_name_alone_is_never_certain(ours: str, theirs: str) -> None:
    found = suggested(ours, theirs)
    assert found is None or not found.certain


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Thames Water", "Thames Water Utilities Limited"),
        ("Peak Dynamic", "Peak Dynamics Ltd"),
        ("Deutsche Boerse", "Deutsche Börse AG"),
        ("Hempfield Wellnes Ltd", "Hempfield Wellness Limited"),
        ("Solarvest Bioener", "Solarvest Bioenergy Ltd"),
        ("Harold Prentiss", "Prentiss, Harold"),
        ("Bob Quillfeather", "Robert Quillfeather"),
        ("Sarah Taylor-Jones", "Sarah Taylor Jones"),
        ("Martin Mar. Mat.", "Martin Marietta Materials, Inc."),
        ("Newcrest Mng Ltd", "Newcrest Mining Limited"),
        ("Mondelez Intl Inc.", "Mondelez International, Inc."),
        ("Acacia (Leeds) Ltd", "Acacia (Leeds) Limited"),
        ("Fund II LP", "Fund II LP"),
        ("LB Camden", "London Borough of Camden"),
        ("HMRC", "HM Revenue & Customs"),
    ],
)
def test_name_written_otherwise_is_certain_by_itself(ours: str, theirs: str) -> None:
    found = suggested(ours, theirs)
    assert found is not None
    assert (found.certain, found.conflicts) == (True, ())


@pytest.mark.parametrize(
    ("ours", "theirs", "conflict"),
    [
        ("Paul Martin", "Paula Martin", "another person: paul / paula"),
        ("Mr J Smith", "Mrs J Smith", "another person: mr / mrs"),
        ("John Crane Snr", "John Crane Jnr", "another person: snr / jnr"),
        ("Wharf Mill Ltd", "Wharf Mill Management Ltd", "part of the name differs"),
        ("The Executors of Paul Unwin", "Paul Unwin", "in one name only: executors"),
        ("Acacia (Leeds) Ltd", "Acacia (York) Ltd", "part of the name differs"),
        ("Acme Roofing 2010 Ltd", "Acme Roofing 2015 Ltd", "numbers in the names differ: 2010 / 2015"),
    ],
)
def test_what_tells_two_parties_of_one_address_apart_is_a_conflict(ours: str, theirs: str, conflict: str) -> None:
    found = suggested(ours, theirs, address1="18 Wharf Mill", postcode="LS1 4AB", city="Leeds")
    assert found is not None
    assert (found.certain, conflict in map(str, found.conflicts)) == (False, True)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Miss Elwira Thornbury", "Mr Elwira Thornbury"),
        ("The Executors of Mary Green", "Mary Green (Deceased) Executors"),
        ("Estate of Harold Brown", "Harold Brown Estate"),
        ("William Turner Jnr", "William Turner Junior"),
    ],
)
def test_person_written_otherwise_at_one_address_is_certain(ours: str, theirs: str) -> None:
    found = suggested(ours, theirs, address1="18 Wharf Mill", postcode="LS1 4AB", city="Leeds")
    assert found is not None
    assert (found.certain, found.conflicts) == (True, ())


def test_shops_and_flats_are_no_unit_called_s() -> None:
    found = suggested("Corner Shops Ltd", "Corner Shop Ltd, Unit 4")
    assert found is not None
    assert not any("unit differs" in conflict for conflict in map(str, found.conflicts))
