"""What speaks for and against two accounts, tax types or tracking values being one, as numbers per pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

from ... import kinds
from ...ledger import Account, TaxType, Value
from ..alignment import align
from ..candidates import Family, best, grams, word_keys
from ..columns import Array, Column, Words
from ..evidence_table import Table
from ..text import normalise
from ..text.folding import LONGEST, fold, stem
from ..text.lexicon import SYNONYM
from .codes import PADDED, Codes, Types
from .paths import Paths
from .titles import PART, place_title, qualifiers, tax_title, title

_CANDIDATES = 30
_WORDS = 14
_OF_MANY = frozenset(["=sale", "=purchase", "=tax", "=goods", "=cost"])
"""What the names of most taxes have, which doesn't tell one from another."""
_RATE = 0.005
"""Rates, in per cent, that differ by no more than this are the same."""
_SIDES = {
    "balancesheet": 1, "asset": 1, "liability": 1, "equity": 1,
    "incomestatement": 2, "income": 2, "revenue": 2, "expense": 2, "cost": 2,
}  # fmt: skip


class Titles:
    """The facts of the accounts, tax types or tracking values of both sides."""

    def __init__(self, kind: str, values: Sequence[Value], ours: int) -> None:
        self.kind, self.ours, self.count = kind, ours, len(values)
        read = {kinds.TAX_TYPE: tax_title, kinds.TRACKING_OPTION: place_title}.get(kind, title)
        titles = [read(value.name) for value in values]
        main = np.array([one.main for one in titles], np.int32)
        self.words = Words([one.words for one in titles], _WORDS, main, abbreviated=True)
        self.tail = Words([one.tail for one in titles], _WORDS, abbreviated=True)
        stems = [[stem(word) for word in one.words] for one in titles]
        self.last = Column((" ".join(sorted(stem(word) for word in one.tail)) for one in titles), ours)
        self.parted = np.array([len(one.tail) < one.main for one in titles], bool)
        self.name = Column((" ".join(sorted(one)) for one in stems), ours)
        self.main = Column((" ".join(sorted(one[: of.main])) for one, of in zip(stems, titles, strict=True)), ours)
        rates = [normalise.rate(value.rate) if isinstance(value, TaxType) else "" for value in values]
        written = (
            "|".join((" ".join(one), " ".join(of.figures), " ".join(of.bound), rate)) if one or of.figures else ""
            for one, of, rate in zip(stems, titles, rates, strict=True)
        )
        self.exact = Column(written, ours)
        figures = (self._figures(one.figures, value) for one, value in zip(titles, values, strict=True))
        self.figures = Column(figures, ours)
        self.bound = Column((", ".join(one.bound) for one in titles), ours)
        self.raw = [" ".join(fold(value.name[:160]).split()) for value in values]
        self.written = Column((" ".join(value.name[:LONGEST].split()) for value in values), ours)
        self.ending = Column((PART.split(raw)[-1].strip() for raw in self.raw), ours)
        self.grams = grams([" ".join(one.words) for one in titles])
        self.codes = Codes([value.code for value in values], ours)
        self.paths = Paths([one.words for one in titles], self.codes) if kind == kinds.ACCOUNT else None
        self.types = Types([value.type if isinstance(value, Account) else "" for value in values], ours)
        self.side = np.array(
            [_SIDES.get(value.type, 0) if isinstance(value, Account) else 0 for value in values], np.int8
        )
        self.qualifiers = np.array([qualifiers(one.words) for one in titles], np.uint16)
        self._tax(values)
        self._learn()

    @staticmethod
    def _figures(figures: tuple[str, ...], value: Value) -> str:
        """The figures of a name, except the rate of a tax: it is compared by itself."""
        rate = normalise.rate(value.rate) if isinstance(value, TaxType) else ""
        return " ".join(figure for figure in figures if figure != rate)

    def _tax(self, values: Sequence[Value]) -> None:
        taxes = [value if isinstance(value, TaxType) else None for value in values]
        rates = [normalise.rate(tax.rate) if tax else "" for tax in taxes]
        self.rate = np.array([float(rate) if rate else np.nan for rate in rates], np.float64)
        roles = {role: 1 << number for number, role in enumerate(kinds.roles(kinds.TAX_TYPE))}
        self.role = np.array([sum(roles.get(role, 0) for role in tax.roles) if tax else 0 for tax in taxes], np.int8)
        self.treatment = Column((normalise.treatment(tax.name, tax.code) if tax else "" for tax in taxes), self.ours)
        sorts = [
            f"{rate}|{role}|{treatment}" if rate else ""
            for rate, role, treatment in zip(rates, self.role.tolist(), self.treatment.ids.tolist(), strict=True)
        ]
        self.beside = Column(sorts, self.ours)
        # At 0 % the rate says nothing without the reason for it.
        kind_of = ("" if sort.startswith("0|") and sort.endswith("|0") else sort for sort in sorts)
        self.sort = Column(kind_of, self.ours)

    def _learn(self) -> None:
        """Let records whose name nobody shares show what codes and types tell."""
        once = (self.exact.ours == 1) & (self.exact.theirs == 1)
        once[0] = False
        rows = np.flatnonzero(once[self.exact.ids])
        left, right = rows[rows < self.ours], rows[rows >= self.ours]
        left = left[np.argsort(self.exact.ids[left])]
        right = right[np.argsort(self.exact.ids[right])]
        fits = self.comparable(left, right)
        self.codes.learn(left[fits], right[fits])
        self.types.learn(left[fits], right[fits])

    def allowed(self, left: Array, right: Array) -> Array:
        """Per pair: it may be suggested. Accounts of the other statement may not, but they do compete: where the
        likely partner of a record is one of them, the second best must not look certain."""
        mine, other = self.side[left], self.side[right]
        return np.asarray((mine == other) | (mine == 0) | (other == 0))

    def comparable(self, left: Array, right: Array) -> Array:
        """Per pair: it takes part in the competition."""
        if self.kind != kinds.TAX_TYPE:
            return np.ones(len(left), bool)
        gap = np.abs(self.rate[left] - self.rate[right])
        roles = (self.role[left] & self.role[right] > 0) | (self.role[left] == 0) | (self.role[right] == 0)
        one, two = self.treatment.ids[left], self.treatment.ids[right]
        reverse = self.treatment.values.index("reverse charge") if "reverse charge" in self.treatment.values else -1
        treated = ((one == two) | (one == 0) | (two == 0)) & ((one == reverse) == (two == reverse))
        return np.asarray(~(gap > _RATE) & roles & treated)

    def candidates(self) -> tuple[Array, Array]:
        families: list[Family] = [
            (self.words.ids, 1.0), (word_keys(self.words, 3, head=True), 0.4),
            (word_keys(self.words, 4, head=False), 0.3), (self.name.ids, 1.0), (self.main.ids, 0.7),
            (self.last.ids, 0.7), (self.words.of(SYNONYM), 0.7),
            (self.grams, 0.35), (self.codes.equal.ids, 1.5), (self.codes.padded.ids, 1.0),
            (self.codes.heads[1].ids, 0.5), (self.codes.heads[0].ids, 0.3), (self.beside.ids, 1.0),
        ]  # fmt: skip
        return best(families, self.ours, _CANDIDATES, self.comparable)

    def evidence(self, left: Array, right: Array) -> Table:
        """One row of evidence per pair."""
        table = Table(len(left))
        size = np.log(max(2, self.count / 2))
        names = align(self.words, left, right)
        cover = names.cover
        table.set("name_alike", (cover - 0.3) / 0.4)
        table.set("name_close", (cover - 0.7) / 0.3)
        equal = self.name.same(left, right)
        table.set("name_equal", equal)
        table.set("main_equal", self.main.same(left, right) & ~equal)
        table.set("written_equal", self.written.same(left, right))
        table.set("spelling", (self._spelling(left, right) - 0.6) / 0.4)
        cosine = self._cosine(left, right)
        table.set("letters", cosine)
        table.set("letters_close", (cosine - 0.6) / 0.4)
        table.set("rare", (names.shared - size) / size * (cover > 0.5))
        table.set("common", (size - names.shared) / size * ~equal)
        table.set("equal_common", (size - names.shared) / size * equal)
        table.set("equal_once", self.exact.same(left, right) & (self.exact.crowd(left) == 1))
        table.set("other_words", np.minimum(names.left, names.right) / size)
        table.set("more_words", np.abs(names.left - names.right) / size / 2)
        parted = (self.parted[left] | self.parted[right]) & ~equal
        tails = align(self.tail, left, right)
        table.set("tail_equal", self.last.same(left, right) & parted)
        table.set("tail_written", self.ending.same(left, right) & parted)
        table.set("tail_alike", (tails.cover - 0.5) / 0.5 * parted)
        table.set("name_full", (cover - 0.85) / 0.15)
        table.set("odd_words", np.maximum(names.odd_left, names.odd_right) / 3)
        table.set("odd_both", np.minimum(names.odd_left, names.odd_right) / 2)
        lacks = np.bitwise_count(self.qualifiers[left] ^ self.qualifiers[right])
        table.set("qualifier_differs", lacks / 2)
        other_places = self.bound.known(left, right) & ~self._within(self.bound, ", ", left, right)
        same = self.figures.same(left, right) & ~other_places
        differ = self.figures.known(left, right) & ~self._within(self.figures, " ", left, right) | other_places
        table.set("figures_same", same)
        table.set("figures_differ", differ)
        table.set("figures_missing", (self.figures.ids[left] != self.figures.ids[right]) & ~differ)
        self._numbers(table, cover, left, right)
        if self.paths:
            same_number = self.codes.equal.known(left, right) & (self.codes.level(left, right) >= PADDED)
            table.set("above", self.paths.explained(left, right, same_number))
        if self.kind == kinds.TAX_TYPE:
            table.set("direction_same", (self.role[left] > 0) & (self.role[left] == self.role[right]))
            same = self.sort.same(left, right)
            crowd = np.maximum(self.sort.ours[self.sort.ids[left]], self.sort.theirs[self.sort.ids[left]])
            table.set("rate_alone", same & (crowd == 1))
            table.set("rate_rare", same / np.maximum(1, crowd))
            table.set("treatment_same", self.treatment.same(left, right))
        return table

    def _numbers(self, table: Table, cover: Array, left: Array, right: Array) -> None:
        tells = self.codes.tells(left, right)
        table.set("code_fits", tells / 8)
        table.set("code_conflicts", -tells / 4)
        known, level = self.codes.equal.known(left, right), self.codes.level(left, right)
        trust = np.clip(self.codes.weight[PADDED:].max() / 8, 0, 1)
        table.set("code_and_name", (known & (level >= PADDED)) * np.clip((cover - 0.2) / 0.6, 0, 1) * trust)
        table.set("code_not_name", (known & (level >= PADDED)) * np.clip((0.3 - cover) / 0.3, 0, 1))
        table.set("statement_differs", ~self.allowed(left, right))
        types = self.types.tells(left, right)
        table.set("type_fits", types / 3)
        table.set("type_conflicts", -types / 3)

    def share_a_name(self, left: Array, right: Array) -> Array:
        """Per pair of taxes: a word in common that tells one tax from another: "Dallas", "standard", not "sales"."""
        own = np.array([bool(word) and word not in _OF_MANY for word in self.words.vocabulary], bool)
        return self.words.share(left, right, own)

    def _within(self, column: Column, between: str, left: Array, right: Array) -> Array:
        """Per pair: all the figures of one name are among those of the other."""
        sets = [frozenset(value.split(between)) for value in column.values]
        ours, theirs = column.ids[left].tolist(), column.ids[right].tolist()
        found = [sets[one] <= sets[two] or sets[two] <= sets[one] for one, two in zip(ours, theirs, strict=True)]
        return np.array(found, bool)

    def _spelling(self, left: Array, right: Array) -> Array:
        ours, theirs = [self.raw[at] for at in left.tolist()], [self.raw[at] for at in right.tolist()]
        named = np.array([bool(one and two) for one, two in zip(ours, theirs, strict=True)], bool)
        like = np.asarray(process.cpdist(ours, theirs, scorer=fuzz.ratio, dtype=np.float32))
        return np.asarray(like / 100 * named)

    def _cosine(self, left: Array, right: Array) -> Array:
        """Likeness of the three-letter runs of both names, rare ones counting more."""
        row, column = np.nonzero(self.grams)
        number = self.grams[row, column]
        frequency = np.bincount(number, minlength=int(self.grams.max(initial=0)) + 1)
        weight = np.log1p(self.count / np.maximum(1, frequency))[number]
        built = sparse.csr_array((weight, (row, number)), shape=(self.count, len(frequency)))
        length = np.sqrt(np.asarray(built.multiply(built).sum(axis=1)).ravel())
        product = np.asarray(built[left].multiply(built[right]).sum(axis=1)).ravel()
        return np.asarray(product / np.maximum(1e-9, length[left] * length[right]))
