"""What is said of two contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from ...messages import Message, named
from ..columns import Array, Column
from ..evidence_table import Table
from ..text.opposites import given_names
from ..wording import Phrase, Said, Values, crowd_of, nats, no_values, one_of, say, two_of
from .evidence import Contacts
from .namesakes import one_branch, one_of_two, other_branch, other_numbers, other_person, standing

_NAME = ("name_alike", "name_close", "name_equal", "spelling", "rare", "common", "other_words", "more_words")
_REACH = ("email", "phone", "tax")
_MAY_DIFFER = ("email_differs", "phone_differs", "country_differs", "house_differs", "street_differs")
_OUTWEIGHED = 2.0
"""From so many nats on for a pair, what differs but may well do so for one party is no conflict any more."""
_OWN_WORDS = 0.05
_CLOSE = (0.7, 0.8)
"""Likeness from which on a name is enough by itself: where one name has words of its own, and where both have."""
_MISTYPED = 0.5
"""From this likeness of the letters on, a part of a name that is another word is the same one mistyped."""
_NAMESAKES = 3
"""From so many contacts of one name on, the name is called common."""


def describe(facts: Contacts, table: Table, weights: Mapping[str, float], left: Array, right: Array) -> Said:
    """Reasons and conflicts of pairs of contacts."""
    equal = table.column("name_equal") > 0
    crowd = facts.name.crowd(left)
    name = nats(table, weights, *_NAME)
    alike = (table.column("name_alike") >= 0.5) | (table.column("spelling") >= 0.3)
    telling = weights["bias"] + name > 0
    address = table.column("street") >= 0.8
    unit = address & (table.column("unit_same") > 0)
    where = nats(table, weights, "street", "street_house")
    postcode = table.column("postcode_same") > 0
    # Of several of one name, which one is it if only one of the two says its unit?
    one_unit = (facts.unit.ids[left] > 0) ^ (facts.unit.ids[right] > 0)
    place = alike & (address | postcode)
    likeness = np.minimum(0.99, 0.4 + 0.3 * table.column("name_alike") + 0.3 * table.column("name_close"))
    # Alone, a name must be nearly the same: "Monte Carlo" and "Montien" are not, however rare, nor "Greens" and
    # "Greenwoods", of one word each.
    several = np.minimum(facts.words.size[left], facts.words.size[right]) > 1
    close = (several & (table.column("spelling") >= 0.5)) | (
        facts.kindred(left, right)
        & (likeness >= np.where(table.column("other_words") > _OWN_WORDS, _CLOSE[1], _CLOSE[0]))
    )
    apart = _Apart(facts, left, right)
    # "Hilton Hotels Ltd" and "Hilton Hotels UK Ltd" are written in full, "Thames Water" is not.
    companies = facts.legal.known(left, right)
    formal = companies | apart.joint
    reached_alike = sum(table.column(f"{key}_same") + table.column(f"{key}_shared") for key in _REACH) > 0
    # At one address there may be a freeholder and a management company of nearly one name.
    neighbours = companies & apart.more & ~apart.guessed & ~reached_alike & address
    sound = ~(apart.guessed | (formal & apart.more) | apart.numbered | apart.branch)
    shown = {
        (one, two): Decimal(f"{like:.2f}")
        for one, two, like in zip(left.tolist(), right.tolist(), likeness.tolist(), strict=True)
    }
    reached = table.score(weights) >= _OUTWEIGHED
    vouched = address | postcode | (sum(table.column(f"{key}_same") for key in _REACH) > 0)
    # One name does not outweigh another e-mail or telephone; a company may well be written to in two countries.
    outweighed = {column: reached & (vouched | (column == "country_differs")) for column in _MAY_DIFFER}
    moved = (table.column("house_differs") > 0) & telling & (table.column("street") >= 0.6)
    given = facts.given.same(left, right) & address & (table.column("street_house") > 0)
    parted = (table.column("other_words") >= 0.5) & ~telling & ~given & (table.column("spelling") < _MISTYPED)
    # One of the names is in the other: "Lulu" and "Lulu Restaurant".
    within = (table.column("other_words") == 0) & (table.column("name_alike") > 0)
    phrases = [
        Phrase("same.name", equal & (crowd < _NAMESAKES), name, strong=(telling & sound) | place),
        Phrase("same.name_common", equal & (crowd >= _NAMESAKES), name, crowd_of(facts.name),
               strong=place & ~one_unit),
        Phrase("same.name_alike", alike & ~equal, name, lambda one, two: {"likeness": shown[one, two]},
               strong=(telling & close & sound) | place),
        Phrase("same.given_name", given & ~equal & ~alike, name, strong=True),
        Phrase("same.address_unit", unit, where, one_of("unit", facts.unit), strong=alike | within),
        Phrase("same.address", address & ~unit, where, strong=(alike | within) & (table.column("street_house") > 0)),
        Phrase("same.street", moved, where, two_of(facts.house)),
        Phrase("same.postcode", postcode, nats(table, weights, "postcode_same")),
        Phrase("same.city", table.column("city_same") > 0, nats(table, weights, "city_same")),
    ]  # fmt: skip
    for key, unique, values, shared, column in (
        ("tax", "same.tax_number", one_of("number", facts.tax), "same.tax_shared", facts.tax),
        ("email", "same.email", no_values, "same.email_shared", facts.email),
        ("phone", "same.phone", no_values, "same.phone_shared", facts.phone),
    ):
        same, crowded = column.same(left, right), column.crowd(left) > 1
        phrases += [
            Phrase(unique, same & ~crowded, nats(table, weights, f"{key}_same") + 1, values, strong=True),
            Phrase(shared, same & crowded, nats(table, weights, f"{key}_shared"), crowd_of(column)),
        ]  # fmt: skip
    differences = _differences(facts, table, moved)
    # What is outweighed is still said, among the reasons.
    phrases += [
        Phrase(note, one.when & outweighed[column], np.full(table.pairs, -weights[column]), one.values)
        for note, column, one in differences
    ]
    conflicts = [
        _differ("other.unit", table, "unit_differs", facts.unit),
        _differ("other.tax", table, "tax_differs", facts.tax),
        *(replace(one, when=one.when & ~outweighed[column]) for _, column, one in differences),
        _differ("other.legal", table, "legal_differs", facts.legal),
        Phrase("other.part", parted | apart.branches | neighbours, np.zeros(len(left))),
        Phrase("other.word", apart.acting, np.zeros(len(left)), apart.standing),
        Phrase("other.person", apart.given, np.zeros(len(left)), apart.given_names),
        Phrase("other.numbers", apart.numbers, np.zeros(len(left)),
               apart.two_numbers),
        Phrase("other.owner", table.column("second_role") > 0, np.zeros(len(left))),
    ]  # fmt: skip

    def little(one: int, two: int) -> Message:
        return Message("same.name_partly", likeness=shown[one, two])

    return say(phrases, conflicts, left, right, little)


class _Apart:
    """Per pair: what tells namesakes apart."""

    def __init__(self, facts: Contacts, left: Array, right: Array) -> None:
        pairs = list(zip(left.tolist(), right.tolist(), strict=True))
        self.guessed, self.more = facts.guessed(left, right)
        self.read, self.names, self.stands = facts.read, {}, {}
        flags = np.zeros((6, len(pairs)), bool)
        for at, (one, two) in enumerate(pairs):
            ours, theirs = facts.names[one], facts.names[two]
            if ours == theirs:
                continue
            mine, other = facts.parties[one], facts.parties[two]
            read, compared = self.read[one], self.read[two]
            named = given_names(mine.words, other.words) or other_person(ours, theirs)
            stands = standing(ours, theirs)
            if named:
                self.names[one, two] = named
            if stands:
                self.stands[one, two] = stands
            flags[:, at] = (
                other_numbers(read, compared), set(read) != set(compared), other_branch(mine, other),
                one_branch(mine, other), one_of_two(ours, theirs), bool(stands),
            )  # fmt: skip
        self.numbers, self.numbered, self.branches, self.branch, self.joint, self.acting = flags
        self.given = np.array([pair in self.names for pair in pairs], bool)

    def standing(self, left: int, right: int) -> dict[str, str]:
        return {"word": self.stands[left, right]}

    def given_names(self, left: int, right: int) -> dict[str, str]:
        ours, theirs = self.names[left, right]
        return {"ours": ours, "theirs": theirs}

    def two_numbers(self, left: int, right: int) -> dict[str, str]:
        return {"ours": " ".join(self.read[left]), "theirs": " ".join(self.read[right])}


def _differences(facts: Contacts, table: Table, moved: Array) -> list[tuple[str, str, Phrase]]:
    """What may differ for one and the same party: said quietly, the evidence, and said as a conflict."""
    house = (table.column("house_differs") > 0) & ~moved
    nothing = np.zeros(table.pairs)
    return [
        ("though.email", "email_differs",
         _differ("other.email", table, "email_differs", facts.email)),
        ("though.phone", "phone_differs",
         _differ("other.phone", table, "phone_differs", facts.phone)),
        ("though.country", "country_differs",
         replace(_differ("other.country", table, "country_differs", facts.country), values=_countries(facts.country))),
        ("though.house", "house_differs",
         Phrase("other.house", house, nothing, two_of(facts.house))),
        ("though.street", "street_differs",
         Phrase("other.street", table.column("street_differs") > 0.5, nothing)),
    ]  # fmt: skip


def _differ(id: str, table: Table, name: str, column: Column) -> Phrase:
    return Phrase(id, table.column(name) > 0, np.zeros(table.pairs), two_of(column))


def _countries(column: Column) -> Values:
    facts = two_of(column)
    return lambda left, right: {side: named("country", country) for side, country in facts(left, right).items()}
