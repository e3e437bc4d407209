"""Whatever the records look like, the matching ends soon, and what it says holds the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_intacct import kinds, matching
from flask_intacct.ledger import Account, Contact, Ref, TaxType, TrackingOption, Value
from flask_intacct.matching import equal

CATEGORY, DIMENSION = Ref("category", "1"), Ref("DIMENSION", "LOCATION")
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "Rent", "rent ", "Oak Ltd", "OAK LIMITED", "()", "ß", "Ñandú", "株式会社", "\u202e\x00", "&"]
    ),
    st.text(alphabet="ab .,(-", max_size=8),
)


def record(kind: str, side: str, id: str, name: str, extra: str) -> Value:
    ref = Ref(side, id)
    if kind == kinds.CONTACT:
        roles = frozenset(["customer"])
        return Contact(ref=ref, name=name, roles=roles, email=extra, phone=extra, tax_number=extra, address1=extra,
                       city=extra, postcode=extra, country=extra[:2])  # fmt: skip
    if kind == kinds.TAX_TYPE:
        return TaxType(ref=ref, name=name, code=extra, rate=Decimal(len(extra)), roles=frozenset(["sale"]))
    if kind == kinds.TRACKING_OPTION:
        return TrackingOption(ref=ref, name=name, code=extra, category=CATEGORY if side == "ours" else DIMENSION)
    return Account(ref=ref, name=name, code=extra)


def suggested(kind: str, ours: list[Value], theirs: list[Value]) -> list[matching.Suggestion]:
    found = matching.suggest(kind, ours, theirs, categories={CATEGORY: DIMENSION})
    for side in ("local", "remote"):
        assert max(Counter((getattr(one, side), one.role) for one in found).values(), default=1) == 1
    for one in found:
        assert 0 <= one.confidence <= 99
        assert 1 <= len(one.reasons) <= 3
        assert not (one.certain and (one.conflicts or not one.reasons))
        assert one.runner_up != one.remote
        for said in (*one.reasons, *one.conflicts):
            assert not str(said).startswith(said.id), "it is in the catalogue, with all its values"
    return found


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from([kinds.CONTACT, kinds.ACCOUNT, kinds.TAX_TYPE, kinds.TRACKING_OPTION]),
    ours=st.lists(st.tuples(texts, texts), max_size=8),
    theirs=st.lists(st.tuples(texts, texts), max_size=8),
)
def test_any_text_gives_lawful_suggestions(
    kind: str, ours: list[tuple[str, str]], theirs: list[tuple[str, str]]
) -> None:
    left = [record(kind, "ours", str(at), *texts) for at, texts in enumerate(ours)]
    right = [record(kind, "theirs", str(at), *texts) for at, texts in enumerate(theirs)]
    found = suggested(kind, left, right)
    assert suggested(kind, left[::-1], right[::-1]) == found


@pytest.mark.parametrize("kind", [kinds.CONTACT, kinds.ACCOUNT, kinds.TAX_TYPE, kinds.TRACKING_OPTION])
def test_one_empty_side_gives_nothing(kind: str) -> None:
    assert suggested(kind, [record(kind, "ours", "1", "Oak", "")], []) == []
    assert suggested(kind, [], [record(kind, "theirs", "1", "Oak", "")]) == []


@pytest.mark.parametrize("kind", [kinds.CONTACT, kinds.ACCOUNT, kinds.TAX_TYPE, kinds.TRACKING_OPTION])
@pytest.mark.parametrize("name", ["Oak House Ltd", "x" * 10_000, "ab " * 3_333, "(" * 10_000, ""])
def test_a_thousand_of_one_name_end_with_nothing_certain(kind: str, name: str) -> None:
    found = suggested(
        kind,
        [record(kind, "ours", str(at), name, "") for at in range(1000)],
        [record(kind, "theirs", str(at), name, "") for at in range(1000)],
    )
    assert [one for one in found if one.certain] == []


def test_record_given_twice_counts_once() -> None:
    ours, theirs = record(kinds.ACCOUNT, "ours", "1", "Rent", "1"), record(kinds.ACCOUNT, "theirs", "2", "Rent", "1")
    assert len(suggested(kinds.ACCOUNT, [ours, ours], [theirs, theirs])) == 1


@pytest.mark.parametrize("kind", [kinds.CONTACT, kinds.ACCOUNT, kinds.TAX_TYPE, kinds.TRACKING_OPTION])
def test_order_of_records_with_one_reference_makes_no_difference(kind: str) -> None:
    ours = [record(kind, "ours", "1", "Oak House", extra) for extra in ("4000", "LS1 4AB", "a@oak.example")]
    theirs = [record(kind, "theirs", "2", "Oak House", extra) for extra in ("LS1 4AB", "4000", "b@elm.example")]
    assert suggested(kind, ours, theirs) == suggested(kind, ours[::-1], theirs[::-1])
    gone = replace(theirs[0], active=False)
    for both in ([theirs[0], gone], [gone, theirs[0]]):
        assert suggested(kind, ours, both) == []


@pytest.mark.parametrize("rate", ["NaN", "sNaN", "Infinity", "1E+999999", "1E-999999"])
def test_rate_that_is_none_is_not_compared(rate: str) -> None:
    def tax(side: str, percent: str) -> Value:
        return TaxType(ref=Ref(side, "1"), name="Standard", rate=Decimal(percent), roles=frozenset(["sale"]))

    for pair in ((rate, rate), (rate, "20"), ("20", rate)):
        found = suggested(kinds.TAX_TYPE, [tax("ours", pair[0])], [tax("theirs", pair[1])])
        assert [one.certain for one in found] == [False]


def test_rate_below_nought_is_not_its_opposite() -> None:
    def tax(side: str, percent: str) -> Value:
        return TaxType(ref=Ref(side, "1"), name="Standard", rate=Decimal(percent), roles=frozenset(["sale"]))

    ours, theirs = [tax("ours", "0.5")], [tax("theirs", "-0.5")]
    assert suggested(kinds.TAX_TYPE, ours, theirs) == equal.suggest(kinds.TAX_TYPE, ours, theirs) == []
    assert len(suggested(kinds.TAX_TYPE, [tax("ours", "0")], [tax("theirs", "-0")])) == 1


def test_bidirectional_marks_and_lone_surrogates_are_only_text() -> None:
    names = ["\ud800 Oak", "\u202eOak", "O\u0301ak", "İstanbul", "ﷺ" * 500]
    found = suggested(
        kinds.CONTACT,
        [record(kinds.CONTACT, "ours", str(at), name, "") for at, name in enumerate(names)],
        [record(kinds.CONTACT, "theirs", str(at), name, "") for at, name in enumerate(names)],
    )
    assert len(found) <= len(names)
