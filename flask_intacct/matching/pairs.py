"""Documents that were keyed on both sides before the two were joined: they are paired, never created again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ..ledger import VOID, Ref
from ..messages import Message

_ALL = (Message("same.contact"), Message("same.date"), Message("same.amount"))
MOST = 10
"""At most so many candidates are listed with a document that waits for a decision."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same document on both sides, beyond doubt."""

    ours: Ref
    theirs: Ref
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A document of ours that may exist in Intacct: a person decides, and until then it is not sent."""

    ours: Ref
    candidates: tuple[Ref, ...]
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """What :func:`find` found, each in the order of our references; no document is in two pairs."""

    pairs: tuple[Pair, ...]
    held: tuple[Held, ...]


Key = tuple[object, ...]
Keys = Callable[["Seen"], list[Key]]
Index = dict[Key, list["Seen"]]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One document reduced to what is compared.

    :param contact: Intacct's reference for its contact, on either side; None where it leads to none.
    :param cents: The gross, in cents of its currency, which is the company's own on both sides.
    :param number: As :func:`.normalise.document_number` gives it, like `reference`.
    """

    ref: Ref
    kind: str
    contact: Ref | None
    day: date | None
    cents: int
    status: str
    number: str
    reference: str

    @property
    def sum(self) -> Key:
        return (self.kind, self.contact, self.day, self.cents)


def find(ours: Iterable[Seen], theirs: Iterable[Seen]) -> Pairs:
    """Pair what agrees in contact, date, gross, and number or reference, where that leaves one candidate both ways.

    Equal numbers decide before equal references do. Held are documents with several candidates, those whose
    candidate another of ours claims too, and those that only nearly agree: the contact's same number with another
    date or amount, or the same contact, date and amount under another number. Void documents (Reversed and Reversal
    in Intacct) take no part.
    """
    mine, others = list(filter(_takes_part, ours)), list(filter(_takes_part, theirs))
    here, there = _in_order(_near(mine, others)), _in_order(_near(others, mine))
    pairs: list[Pair] = []
    for keys, reason in ((_by_number, "same.document"), (_by_either, "same.document_or_reference")):
        found = _one_to_one(here, there, keys)
        pairs += [Pair(mine.ref, other.ref, (*_ALL, Message(reason))) for mine, other in found]
        used = {seen.ref for pair in found for seen in pair}
        here = [seen for seen in here if seen.ref not in used]
        there = [seen for seen in there if seen.ref not in used]
    return Pairs(tuple(sorted(pairs, key=lambda pair: pair.ours)), tuple(_held(here, there)))


def _takes_part(seen: Seen) -> bool:
    return seen.contact is not None and seen.day is not None and seen.status != VOID


def _near(documents: Iterable[Seen], others: Iterable[Seen]) -> Iterator[Seen]:
    """Those that agree with one of the others in a sum or a number: most don't, and there is no more to look at."""
    sums, numbers = set[Key](), set[Key]()
    for other in others:
        sums.add(other.sum)
        numbers.update(_by_number_alone(other))
    return (seen for seen in documents if seen.sum in sums or not numbers.isdisjoint(_by_number_alone(seen)))


def _in_order(documents: Iterable[Seen]) -> list[Seen]:
    """By reference, each once."""
    seen = {one.ref: one for one in documents}
    return [seen[ref] for ref in sorted(seen)]


def _by_number(seen: Seen) -> list[Key]:
    return [(*seen.sum, seen.number)] if seen.number else []


def _by_either(seen: Seen) -> list[Key]:
    words = dict.fromkeys(word for word in (seen.number, seen.reference) if word)
    return [(*seen.sum, word) for word in words]


def _by_number_alone(seen: Seen) -> list[Key]:
    return [(seen.kind, seen.contact, seen.number)] if seen.number else []


def _by_sum(seen: Seen) -> list[Key]:
    return [seen.sum]


def _one_to_one(here: list[Seen], there: list[Seen], keys: Keys) -> list[tuple[Seen, Seen]]:
    """Those that have just each other."""
    ours, theirs = _index(here, keys), _index(there, keys)
    found = []
    for mine in here:
        candidates = _candidates(mine, theirs, keys, 2)
        if len(candidates) == 1 and len(_candidates(candidates[0], ours, keys, 2)) == 1:
            found.append((mine, candidates[0]))
    return found


def _index(documents: list[Seen], keys: Keys) -> Index:
    index: Index = defaultdict(list)
    for seen in documents:
        for key in keys(seen):
            index[key].append(seen)
    return index


def _candidates(seen: Seen, index: Index, keys: Keys, most: int) -> list[Seen]:
    """The first documents of the other side that share a key."""
    found: dict[Ref, Seen] = {}
    for key in keys(seen):
        for other in index.get(key, ()):
            if len(found) >= most:
                break
            found[other.ref] = other
    return list(found.values())


def _held(here: list[Seen], there: list[Seen]) -> list[Held]:
    stages = (
        (_by_either, "near.several"),
        (_by_number_alone, "near.figures"),
        (_by_sum, "near.number"),
    )
    indexes = [_index(there, keys) for keys, _ in stages]
    held = []
    for mine in here:
        candidates: dict[Ref, None] = {}
        reasons = []
        for (keys, reason), index in zip(stages, indexes, strict=True):
            new = [other.ref for other in _candidates(mine, index, keys, MOST) if other.ref not in candidates]
            if new:
                candidates.update(dict.fromkeys(new))
                reasons.append(Message(reason))
        if candidates:
            held.append(Held(mine.ref, tuple(candidates)[:MOST], tuple(reasons)))
    return held
