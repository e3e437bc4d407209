"""What speaks for and against two contacts being one, as numbers per pair."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from ... import kinds
from ...ledger import Contact
from ..alignment import Aligned, align
from ..candidates import Family, best, grams, word_keys
from ..columns import Array, Column, Words, paired
from ..evidence_table import Table
from ..text import normalise
from ..text.folding import fold
from .namesakes import abbreviated, numbers, other_numbers, slight, spelt
from .parties import address, party

_CANDIDATES = 7
_CUT = 7
"""A name of fewer letters is no name cut short: "Green" may be anything."""
_COMPANY = re.compile(r"\b(?:co|company|group|bank)\b")
_NAME_WORDS, _STREET_WORDS = 8, 7


class Contacts:
    """The facts of the contacts of both sides."""

    def __init__(self, values: Sequence[Contact], ours: int) -> None:
        self.ours, self.count = ours, len(values)
        parties = [party(value.name) for value in values]
        places = [address(value.address1, value.address2) for value in values]
        mails = [normalise.email(value.email) if value.email else "" for value in values]
        folded = [fold(value.city) if value.city else "" for value in values]
        self.parties = parties
        self.names = [fold(value.name) for value in values]
        self.read = [numbers(one) for one in parties]
        self.numbers = Column((" ".join(one) for one in self.read), ours)
        self.words = Words([one.words for one in parties], _NAME_WORDS)
        self.second = [at for at, one in enumerate(parties) if one.other]
        self.other = Words([one.words for one in parties] + [parties[at].other for at in self.second], _NAME_WORDS)
        self.compact = ["".join(one.words)[:60] for one in parties]
        self.name = Column((" ".join(sorted(one.words)) for one in parties), ours)
        self.given = Column((one.given for one in parties), ours)
        self.legal = Column((one.legal for one in parties), ours)
        self.street = Words([one.words for one in places], _STREET_WORDS)
        self.house = Column((one.numbers[-1] if one.numbers else "" for one in places), ours)
        self.houses = Words([one.numbers for one in places], 3)
        units = (place.unit or one.unit for place, one in zip(places, parties, strict=True))
        self.unit = Column(units, ours)
        self.email = Column(mails, ours)
        self.local = Column((mail.partition("@")[0] for mail in mails), ours)
        self.domain = Column((mail.partition("@")[2] for mail in mails), ours)
        self.phone = Column((normalise.phone(value.phone) if value.phone else "" for value in values), ours)
        self.tax = Column((_tax_number(value.tax_number) if value.tax_number else "" for value in values), ours)
        self.postcode = Column((_postcode(value.postcode) if value.postcode else "" for value in values), ours)
        self.city = Column((city.strip() for city in folded), ours)
        self.country = Column((normalise.country(value.country) for value in values), ours)
        roles = {role: 1 << number for number, role in enumerate(kinds.roles(kinds.CONTACT))}
        self.role = np.array([sum(roles.get(role, 0) for role in value.roles) for value in values], np.int8)

    def families(self) -> list[Family]:
        """The keys that bring two contacts together."""
        words, head, tail = self.words, word_keys(self.words, 4, head=True), word_keys(self.words, 4, head=False)
        local = np.array([len(value) >= 7 for value in self.local.values])[self.local.ids] * self.local.ids
        place = paired(self.postcode.ids, self.house.ids)
        longest = np.zeros(self.count, np.int64)
        if self.street.ids.shape[1]:
            longest = self.street.ids[np.arange(self.count), self.street.weights.argmax(axis=1)].astype(np.int64)
        initials = np.where(words.first[words.ids] > 0, words.first[words.ids], 0).max(axis=1)
        return [
            (words.ids, 1.0), (head, 0.35), (tail, 0.35), (self.name.ids, 0.7), (self.email.ids, 1.5), (local, 0.7),
            (self.domain.ids, 0.5), (self.phone.ids, 1.2), (self.tax.ids, 1.5), (place, 0.8),
            (paired(place, self.unit.ids), 0.8), (paired(longest, self.house.ids), 0.8),
            (self.street.ids, 0.5), (word_keys(self.street, 4, head=True), 0.2),
            (paired(self.postcode.ids, initials), 0.4), (self.postcode.ids, 0.6), (self.city.ids, 0.3),
            (paired(self.city.ids, initials), 0.4), (grams(self.compact, 4, 24), 0.2),
        ]  # fmt: skip

    def allowed(self, left: Array, right: Array) -> Array:
        """Per pair: a role in common, so that it may be suggested."""
        return np.asarray((self.role[left] & self.role[right]) > 0)

    def candidates(self) -> tuple[Array, Array]:
        """The pairs to look at."""
        return best(self.families(), self.ours, _CANDIDATES, self.allowed)

    def evidence(self, left: Array, right: Array) -> Table:
        """One row of evidence per pair."""
        table = Table(len(left))
        size = np.log(max(2, self.count / 2))
        names = self._names(left, right)
        cover = names.cover
        table.set("name_alike", (cover - 0.4) / 0.3)
        table.set("name_close", (cover - 0.7) / 0.3)
        table.set("name_equal", self.name.same(left, right))
        ratio = self._spelling(left, right)
        table.set("spelling", (ratio - 0.7) / 0.3)
        table.set("rare", (names.shared - size) / size * (cover > 0.5))
        table.set("common", (size - names.shared) / size)
        table.set("other_words", np.minimum(names.left, names.right) / size)
        table.set("more_words", np.abs(names.left - names.right) / size / 2)
        table.set("numbers_same", self.numbers.same(left, right))
        table.set("numbers_differ", self._other_numbers(left, right))
        legal = self.legal.same(left, right)
        table.set("legal_same", legal)
        table.set("legal_differs", self.legal.known(left, right) & ~legal)
        for name, column in (("email", self.email), ("phone", self.phone), ("tax", self.tax)):
            same, crowd = column.same(left, right), column.crowd(left)
            table.set(f"{name}_same", same & (crowd == 1))
            table.set(f"{name}_shared", same & (crowd > 1) & (crowd <= 4))
            table.set(f"{name}_differs", column.known(left, right) & ~same & ~self._near(column, left, right))
        mail_differs = table.column("email_differs") > 0
        domain = self.domain.same(left, right) & (self.domain.crowd(left) <= 4)
        table.set("domain_same", mail_differs & domain)
        table.set("email_differs", mail_differs & ~domain)
        self._place(table, left, right)
        table.set("second_role", (self.role[left] == 3) & (self.role[right] == 1))
        return table

    def guessed(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Per pair: words of the names only look alike, and are neither cut by a full stop nor set apart otherwise; and
        words of one name are left over."""
        names = self._names(left, right)
        count = names.guessed
        for at in np.flatnonzero(count).tolist():
            one, two = int(left[at]), int(right[at])
            if self.compact[one] == self.compact[two]:
                count[at] = 0
                continue
            mine, other = (self.parties[row].words[:_NAME_WORDS] for row in (one, two))
            company = any(self.parties[row].legal or _COMPANY.search(self.names[row]) for row in (one, two))
            count[at] -= abbreviated(self.names[one], mine, other, company)
            count[at] -= abbreviated(self.names[two], other, mine, company) + spelt(mine, other)
        more = names.odd_left + names.odd_right > 0
        for at in np.flatnonzero(more).tolist():
            more[at] = not slight(self.parties[int(left[at])].words, self.parties[int(right[at])].words)
        return np.asarray(count > 0), np.asarray(more)

    def _names(self, left: Array, right: Array) -> Aligned:
        found = align(self.words, left, right)
        if not self.second:
            return found
        row = np.zeros(self.count, np.int64)
        row[self.second] = self.count + np.arange(len(self.second))
        for one, two in (
            (row[left], right), (left, row[right]), (row[left], row[right]),
        ):  # fmt: skip
            at = np.flatnonzero((one > 0) & (two > 0) & ((one >= self.count) | (two >= self.count)))
            tried = align(self.other, one[at], two[at])
            better = tried.cover * tried.shared > found.cover[at] * found.shared[at]
            for kept, new in zip(found, tried, strict=True):
                kept[at[better]] = new[better]
        return found

    def kindred(self, left: Array, right: Array) -> Array:
        """Per pair: a word of the names is equal, or one name is the other cut short."""
        shared = self.words.share(left, right)
        for at in np.flatnonzero(~shared).tolist():
            short, long = sorted((self.compact[left[at]], self.compact[right[at]]), key=len)
            shared[at] = len(short) >= _CUT and long.startswith(short)
        return shared

    def _spelling(self, left: Array, right: Array) -> Array:
        """Likeness of the names written without blanks, 0 to 1."""
        ours, theirs = [self.compact[at] for at in left.tolist()], [self.compact[at] for at in right.tolist()]
        named = (self.words.size[left] > 0) & (self.words.size[right] > 0)  # two empty names are no like names
        return np.asarray(process.cpdist(ours, theirs, scorer=fuzz.ratio, dtype=np.float32)) / 100 * named

    def _near(self, column: Column, left: Array, right: Array) -> Array:
        """Per pair: two different facts so alike that one is likely a slip of the pen."""
        near = np.zeros(len(left), bool)
        at = np.flatnonzero(column.known(left, right) & ~column.same(left, right))
        if len(at):
            ours = [column.values[number] for number in column.ids[left[at]].tolist()]
            theirs = [column.values[number] for number in column.ids[right[at]].tolist()]
            close = process.cpdist(ours, theirs, scorer=JaroWinkler.similarity, dtype=np.float32)
            near[at] = np.asarray(close) >= 0.93
            if column is self.phone:  # one without the area code
                part = [one.endswith(other) or other.endswith(one) for one, other in zip(ours, theirs, strict=True)]
                near[at] |= np.array(part, bool)
        return near

    def _other_numbers(self, left: Array, right: Array) -> Array:
        at = np.flatnonzero(self.numbers.known(left, right) & ~self.numbers.same(left, right))
        read = [value.split() for value in self.numbers.values]
        ids = self.numbers.ids
        found = np.zeros(len(left), bool)
        found[at] = [other_numbers(read[ids[left[one]]], read[ids[right[one]]]) for one in at.tolist()]
        return found

    def _slip(self, differ: Array, left: Array, right: Array) -> Array:
        """Per pair of different house numbers: one is likely the other, mistyped."""
        at = np.flatnonzero(differ)
        ids, many = self.house.ids, len(self.house.values)
        pairs, back = np.unique(ids[left[at]].astype(np.int64) * many + ids[right[at]], return_inverse=True)
        near = [_mistyped(self.house.values[pair // many], self.house.values[pair % many]) for pair in pairs.tolist()]
        found = np.zeros(len(left), bool)
        found[at] = np.array(near, bool)[back]
        return found

    def _place(self, table: Table, left: Array, right: Array) -> None:
        streets = align(self.street, left, right)
        both = (self.street.size[left] > 0) & (self.street.size[right] > 0)
        least = np.maximum(1e-6, np.minimum(self.street.total[left], self.street.total[right]))
        cover = np.where(both, streets.shared / least, 0)
        same_house = self.houses.share(left, right)
        houses = (self.houses.size[left] > 0) & (self.houses.size[right] > 0)
        table.set("street", np.minimum(1, cover))
        table.set("street_house", same_house & (cover > 0.6))
        table.set("street_differs", both * (1 - np.minimum(1, cover / 0.4)))
        other_house = houses & ~same_house
        slip = self._slip(other_house, left, right)
        table.set("house_near", slip)
        table.set("house_differs", other_house & ~slip)
        same_unit = self.unit.same(left, right)
        same_post = self.postcode.same(left, right)
        table.set("unit_same", same_unit & (same_house | same_post | (cover > 0.6)))
        table.set("unit_differs", self.unit.known(left, right) & ~same_unit)
        posts = self.postcode.known(left, right) & ~same_post
        near = posts & self._near(self.postcode, left, right)
        table.set("postcode_same", same_post)
        table.set("postcode_near", near)
        table.set("postcode_differs", posts & ~near)
        same_city = self.city.same(left, right)
        cities = self.city.known(left, right) & ~same_city
        close = cities & self._near(self.city, left, right)
        table.set("city_same", same_city | close)
        table.set("city_differs", cities & ~close)
        # Where no street is known, place and postcode have to tell what it would have told.
        table.set("postcode_only_same", same_post & ~both)
        table.set("postcode_only_differs", posts & ~near & ~both)
        rare = np.log1p(self.count / np.maximum(1, self.city.crowd(left))) / np.log(max(2, self.count))
        table.set("city_only_same", rare * ((same_city | close) & ~both))
        table.set("city_only_differs", cities & ~close & ~both)
        table.set("country_differs", self.country.known(left, right) & ~self.country.same(left, right))


def _tax_number(text: str) -> str:
    """A tax number without its country, which one side may leave out."""
    plain = normalise.tax_number(text)
    return plain[2:] if plain[:2].isalpha() and len(plain) > 7 else plain


def _postcode(text: str) -> str:
    return "".join(fold(text).split()).replace("-", "")


def _mistyped(one: str, other: str) -> bool:
    """Digits swapped, left out or added, or one of several wrong."""
    if one in other or other in one or sorted(one) == sorted(other):
        return True
    return len(one) == len(other) > 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1
