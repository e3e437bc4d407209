"""Ledger values are stored by one codec that loses none of their fields."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from flask_intacct import ledger
from flask_intacct.ledger import Account, Contact, Document, Line, Ref, TaxType, Value, digest, dump, load

VALUES = [
    item for item in vars(ledger).values() if isinstance(item, type) and dataclasses.is_dataclass(item)
]  # fmt: skip


def generated(hint: Any, number: Iterator[int]) -> Any:
    """A value of a field's type that is like no other."""
    one = next(number)
    inner = [argument for argument in get_args(hint) if argument not in (NoneType, ...)]
    if NoneType in get_args(hint):
        return generated(inner[0], number)
    class_ = get_origin(hint) or hint
    if class_ in (tuple, frozenset):
        return class_(generated(inner[0], number) for _ in range(2))
    if dataclasses.is_dataclass(class_) and isinstance(class_, type):
        return filled(class_, number)
    makers: dict[Any, Callable[[], Any]] = {
        str: lambda: f"text {one}",
        bool: lambda: None,  # the opposite of its default
        Decimal: lambda: Decimal(f"-{one}.50"),
        date: lambda: date(2026, 1, 1 + one % 28),
        Ref: lambda: Ref(f"table {one}", f"id|{one}"),
    }
    return makers[class_]()


def filled(class_: type[Any], number: Iterator[int]) -> Any:
    """A value in which no field is as its default."""
    hints = get_type_hints(class_)
    return class_(
        **{
            field.name: not field.default if hints[field.name] is bool else generated(hints[field.name], number)
            for field in dataclasses.fields(class_)
        }
    )


@pytest.mark.parametrize("class_", VALUES, ids=lambda class_: class_.__name__)
def test_every_field_of_a_value_survives_being_stored(class_: type[Any]) -> None:
    value = filled(class_, iter(range(1, 1000)))
    for field in dataclasses.fields(class_):
        assert getattr(value, field.name) != field.default
    back = load(class_, json.loads(json.dumps(dump(value))))
    for field in dataclasses.fields(class_):
        assert getattr(back, field.name) == getattr(value, field.name), field.name


def test_what_is_as_its_default_is_left_out() -> None:
    assert dump(Account(ref=Ref("account", "1"), name="Rent")) == {"v": 1, "ref": ["account", "1"], "name": "Rent"}
    line = Line(net=Decimal("1.00"))
    assert load(Line, dump(line)) == line
    assert set(dump(line)) == {"v", "net"}


def test_a_field_that_is_empty_is_not_taken_for_one_that_is_nought() -> None:
    ref = Ref("tax", "1")
    assert load(TaxType, dump(TaxType(ref=ref, rate=Decimal(0)))).rate == Decimal(0)
    assert load(TaxType, dump(TaxType(ref=ref))).rate is None


def test_what_was_stored_before_there_was_a_form_is_still_read() -> None:
    stored = {"name": "Standard", "rate": "20", "to_send": 2}
    ref = Ref("tax", "1")
    assert load(TaxType, stored, ref=ref) == TaxType(ref=ref, name="Standard", rate=Decimal(20))


def test_what_the_caller_knows_better_counts() -> None:
    ref = Ref("contact", "1")
    stored = dump(Contact(ref=ref, roles=frozenset({"customer", "vendor"})))
    assert load(Contact, stored, roles=frozenset({"vendor"})).roles == {"vendor"}


def test_what_a_newer_release_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="A newer release wrote this Value"):
        load(Value, {"v": 2, "ref": ["a", "b"]})


def test_a_value_s_document_keeps_its_lines() -> None:
    lines = (Line(net=Decimal("1.00"), options=(Ref("a", "1"), Ref("b", "2"))), Line(net=Decimal("-2.00")))
    document = Document(kind="invoice", ref=Ref("i", "1"), number="1", contact=None, date=None, lines=lines)
    assert load(Document, json.loads(json.dumps(dump(document)))) == document


def test_a_field_that_is_added_with_a_default_changes_no_hash() -> None:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Account(ledger.Account):
        colour: str = ""

    ref = Ref("account", "1")
    before, after = ledger.Account(ref=ref, name="Rent"), Account(ref=ref, name="Rent")
    assert digest(after) == digest(before)
    assert digest([after, 1]) == digest([before, 1])
    assert digest(Account(ref=ref, name="Rent", colour="red")) != digest(before)


def test_the_form_in_which_values_are_stored_changes_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(kind="invoice", ref=Ref("i", "1"), number="1", contact=None, date=date(2026, 5, 2))
    before = digest(document)
    monkeypatch.setattr(ledger, "FORM", 2)
    assert digest(document) == before


def test_every_field_of_a_value_counts_for_its_hash() -> None:
    for class_ in VALUES:
        value = filled(class_, iter(range(1, 1000)))
        for field in dataclasses.fields(class_):
            other = dataclasses.replace(
                value, **{field.name: getattr(filled(class_, iter(range(500, 2000))), field.name)}
            )
            changed = getattr(other, field.name) != getattr(value, field.name)
            assert changed == (digest(other) != digest(value)), (class_, field.name)
