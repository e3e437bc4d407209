"""What is said of two accounts, tax types or tracking values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from ... import kinds
from ...messages import Message, named
from ..columns import Array, Column
from ..evidence_table import Table
from ..text.opposites import opposites, trade
from ..wording import Phrase, Said, Values, crowd_of, nats, one_of, say, two_of
from .codes import EQUAL, PADDED
from .evidence import Titles

_NAME = (
    "name_alike", "name_close", "name_equal", "main_equal", "written_equal", "spelling", "letters", "letters_close",
    "rare", "common", "other_words", "more_words",
)  # fmt: skip
_AGAINST = 0.7
"""From so many nats on a difference of number or type is called a conflict."""


def describe(facts: Titles, table: Table, weights: Mapping[str, float], left: Array, right: Array) -> Said:
    """Reasons and conflicts of pairs."""
    equal, crowd = facts.exact.same(left, right), facts.exact.crowd(left)
    alike = (table.column("name_alike") > 0.6) | (table.column("letters") > 0.6)
    likeness = np.maximum(table.column("letters"), 0.3 + 0.4 * table.column("name_alike"))
    shown = {
        (one, two): Decimal(f"{min(0.99, like):.2f}")
        for one, two, like in zip(left.tolist(), right.tolist(), likeness.tolist(), strict=True)
    }
    names = [(facts.raw[one], facts.raw[two]) for one, two in zip(left.tolist(), right.tolist(), strict=True)]
    turned = [opposites(*both) for both in names]
    name = nats(table, weights, *_NAME)
    number = nats(table, weights, "code_fits", "code_and_name")
    known, level = facts.codes.equal.known(left, right), facts.codes.level(left, right)
    same_number, near_number = known & (level == EQUAL), known & (level == PADDED)
    tax = facts.kind == kinds.TAX_TYPE
    rated = np.isfinite(facts.rate[left]) & np.isfinite(facts.rate[right])
    sure_name = np.asarray(rated if tax else np.ones(len(left), bool))
    phrases = [
        Phrase("same.name", equal & (crowd == 1), name, strong=sure_name),
        Phrase("same.name_of_many", equal & (crowd > 1), name, crowd_of(facts.exact), strong=same_number),
        Phrase("same.name_alike", alike & ~equal, name, lambda one, two: {"likeness": shown[one, two]},
               strong=(weights["bias"] + name > 0) & sure_name),
        Phrase("same.number", same_number, number, one_of("code", facts.codes.equal),
               strong=alike & sure_name),
        Phrase("same.number_fits", near_number, number, two_of(facts.codes.equal),
               strong=alike & sure_name),
        Phrase("same.type", facts.types.column.same(left, right), nats(table, weights, "type_fits")),
    ]  # fmt: skip
    if tax:
        alone = table.column("rate_alone") > 0
        # Where both have words of their own, "Sales tax Dallas" and "Sales tax Houston" are of one rate, too.
        own = (table.column("odd_both") == 0) | facts.share_a_name(left, right)
        worth = nats(table, weights, "rate_rare", "rate_alone", "direction_same")
        phrases += [
            Phrase(
                "same.rate_alone",
                rated & alone,
                worth,
                _rate(facts),
                strong=(table.column("treatment_same") > 0) | ((table.column("name_alike") > 0) & own),
            ),
            Phrase("same.rate", rated & ~alone, worth, _rate(facts)),
        ]
    conflicts = [
        *_turned(turned, left, right),
        Phrase("other.figures", table.column("figures_differ") > 0,
               np.zeros(len(left)), _figures(facts)),
        Phrase("other.figures_alone",
               (table.column("figures_missing") > 0)
               & ((facts.kind != kinds.ACCOUNT) | (facts.bound.ids[left] != facts.bound.ids[right])),
               np.zeros(len(left)), _lone(facts.figures)),
        Phrase("other.number",
               (nats(table, weights, "code_conflicts") < -_AGAINST), np.zeros(len(left)), two_of(facts.codes.equal)),
        Phrase("other.type",
               (nats(table, weights, "type_conflicts") < -_AGAINST) & facts.types.column.known(left, right),
               np.zeros(len(left)), _types(facts.types.column)),
    ]  # fmt: skip
    if tax:
        conflicts.append(_traded([trade(*both) for both in names], left, right))

    def little(one: int, two: int) -> Message:
        return Message("same.name_partly", likeness=shown[one, two])

    return say(phrases, conflicts, left, right, little)


def _turned(turned: list[tuple[str, str] | None], left: Array, right: Array) -> list[Phrase]:
    """The conflicts of names that say the opposite."""
    nothing = np.zeros(len(left))
    found = {(one, two): words for one, two, words in zip(left.tolist(), right.tolist(), turned, strict=True) if words}
    both = np.array([bool(words and words[0] and words[1]) for words in turned], bool)
    some = np.array([bool(words) for words in turned], bool)

    def values(one: int, two: int) -> dict[str, str]:
        ours, theirs = found[one, two]
        return {"ours": ours, "theirs": theirs}

    return [
        Phrase("other.opposites", both, nothing, values),
        Phrase("other.word", some & ~both, nothing, lambda one, two: {"word": "".join(found[one, two])}),
    ]


def _traded(said: list[list[str]], left: Array, right: Array) -> Phrase:
    found = dict(zip(zip(left.tolist(), right.tolist(), strict=True), said, strict=True))
    when = np.array([bool(words) for words in said], bool)

    def values(one: int, two: int) -> dict[str, Any]:
        return {"word": [named("trade", word) for word in found[one, two]]}

    return Phrase("other.word", when, np.zeros(len(left)), values)


def _types(column: Column) -> Values:
    facts = two_of(column)
    return lambda left, right: {side: named("override.type", type_) for side, type_ in facts(left, right).items()}


def _rate(facts: Titles) -> Values:
    return lambda left, _right: {"rate": f"{facts.rate[left]:g}"}


def _figures(facts: Titles) -> Values:
    """Those that differ: all of them, or, where these are equal, with what they number."""

    def values(left: int, right: int) -> dict[str, str]:
        same = facts.figures.ids[left] == facts.figures.ids[right]
        return two_of(facts.bound if same else facts.figures)(left, right)

    return values


def _lone(column: Column) -> Values:
    def values(left: int, right: int) -> dict[str, str]:
        ours, theirs = (set(column.values[column.ids[at]].split()) for at in (left, right))
        return {"figures": " ".join(sorted(ours ^ theirs))}

    return values
