from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flask_intacct.ledger import Document, Ref, whole_cents
from flask_intacct.matching import pairs
from flask_intacct.matching.pairs import Held, Pairs, Seen
from flask_intacct.matching.text.normalise import document_number
from flask_intacct.messages import Message

OURS = Document(
    kind="invoice",
    ref=Ref("invoice", "1"),
    number="INV-0001",
    contact=Ref("CUSTOMER", "C1"),
    date=date(2026, 1, 1),
    total=Decimal("500.00"),
)
THEIRS = replace(OURS, ref=Ref("ARINVOICE", "17"))


def seen(document: Document) -> Seen:
    return Seen(
        ref=document.ref,
        kind=document.kind,
        contact=document.contact,
        day=document.date,
        cents=whole_cents(document.gross),
        status=document.status,
        number=document_number(document.number),
        reference=document_number(document.reference),
    )


def find(ours: Iterable[Document], theirs: Iterable[Document]) -> Pairs:
    return pairs.find(map(seen, ours), map(seen, theirs))


def their(id: str, **change: Any) -> Document:
    return replace(THEIRS, ref=Ref("ARINVOICE", id), **change)


def test_one_candidate_is_paired() -> None:
    found = find([OURS], [THEIRS])
    (pair,) = found.pairs
    assert (pair.ours, pair.theirs) == (OURS.ref, THEIRS.ref)
    assert list(map(str, pair.reasons)) == ["same contact", "same date", "same amount", "same number"]
    assert found.held == ()


def test_number_may_stand_in_the_reference_and_be_written_otherwise() -> None:
    found = find([OURS], [replace(THEIRS, number="SI-9", reference="inv 0001")])
    assert str(found.pairs[0].reasons[-1]) == "same number or reference"


def test_equal_numbers_decide_between_equal_references() -> None:
    ours = [replace(OURS, reference="Jan"), replace(OURS, ref=Ref("invoice", "2"), number="INV-2", reference="Jan")]
    theirs = [their("17", reference="Jan"), their("18", number="INV-2", reference="Jan")]
    found = find(ours, theirs)
    assert [(pair.ours.id, pair.theirs.id) for pair in found.pairs] == [("1", "17"), ("2", "18")]
    assert found.held == ()


def test_two_candidates_wait_for_a_decision() -> None:
    found = find([OURS], [their("17"), their("18")])
    assert found.pairs == ()
    assert found.held[0].candidates == (Ref("ARINVOICE", "17"), Ref("ARINVOICE", "18"))


def test_candidate_that_two_of_ours_claim_is_held_for_both() -> None:
    found = find([OURS, replace(OURS, ref=Ref("invoice", "2"))], [THEIRS])
    assert found.pairs == ()
    assert [held.ours.id for held in found.held] == ["1", "2"]


def test_same_number_with_another_amount_is_held() -> None:
    found = find([OURS], [replace(THEIRS, total=Decimal("500.01"))])
    assert found.held == (Held(OURS.ref, (THEIRS.ref,), (Message("near.figures"),)),)
    assert str(found.held[0].reasons[0]) == "same contact and number, but another date or amount"


def test_same_amount_and_day_under_another_number_is_held() -> None:
    found = find([OURS], [replace(THEIRS, number="7")])
    assert tuple(map(str, found.held[0].reasons)) == ("same contact, date and amount, but another number",)


def test_same_reference_on_another_day_is_nothing() -> None:
    found = find([replace(OURS, reference="Rent")], [their("9", number="7", reference="Rent", date=date(2026, 2, 1))])
    assert (found.pairs, found.held) == ((), ())


def test_another_contact_or_kind_is_nothing() -> None:
    for change in ({"contact": Ref("CUSTOMER", "C2")}, {"kind": "bill"}, {"contact": None}):
        assert find([OURS], [replace(THEIRS, **change)]) == find([], [])


def test_reversed_documents_take_no_part() -> None:
    theirs = [their("17", status="void", state="Reversed"), their("18", status="void", state="Reversal"), their("19")]
    assert find([OURS], theirs).pairs[0].theirs.id == "19"


def test_void_document_of_ours_takes_no_part() -> None:
    assert find([replace(OURS, status="void")], [THEIRS]).pairs == ()


def test_document_without_number_and_reference_is_held_at_most() -> None:
    blank: dict[str, Any] = {"number": "", "reference": ""}
    found = find([replace(OURS, **blank)], [replace(THEIRS, **blank)])
    assert (found.pairs, len(found.held)) == ((), 1)


def test_many_equal_documents_are_held_in_little_time() -> None:
    ours = [replace(OURS, ref=Ref("invoice", str(n))) for n in range(3000)]
    found = find(ours, [their(str(n)) for n in range(3000)])
    assert found.pairs == ()
    assert all(len(held.candidates) == 10 for held in found.held)


document = st.builds(
    lambda id, number, reference, contact, day, total, status: replace(
        OURS,
        ref=Ref("x", id),
        number=number,
        reference=reference,
        contact=Ref("CUSTOMER", contact),
        date=OURS.date + timedelta(days=day) if OURS.date else None,
        total=Decimal(total),
        status=status,
    ),
    st.sampled_from("abcdefghij"),
    st.one_of(st.sampled_from(["", "1", "INV 1", "inv-1", "2"]), st.text(max_size=4)),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["C1", "C2"]),
    st.integers(0, 1),
    st.sampled_from(["1.00", "2"]),
    st.sampled_from(["approved", "paid", "void"]),
)
documents = st.lists(document, max_size=14, unique_by=lambda value: value.ref)


@settings(deadline=None)
@given(documents, documents, st.randoms(use_true_random=False))
def test_each_document_is_paired_once_in_any_order(
    ours: list[Document], theirs: list[Document], random: Random
) -> None:
    found = find(ours, theirs)
    assert len({pair.ours for pair in found.pairs}) == len({pair.theirs for pair in found.pairs}) == len(found.pairs)
    assert {pair.ours for pair in found.pairs}.isdisjoint(held.ours for held in found.held)
    used = {pair.theirs for pair in found.pairs}
    assert all(used.isdisjoint(held.candidates) for held in found.held)
    random.shuffle(ours)
    random.shuffle(theirs)
    assert find(ours, theirs) == found
