"""Documents that were keyed on both sides before the two were joined: they are paired, never created again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter

from ..ledger import VOID, Document, Ref, cents
from ..messages import Message
from .text.normalise import document_number

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
Keys = Callable[["_Seen"], list[Key]]
Index = dict[Key, list["_Seen"]]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One document reduced to what is compared."""

    ref: Ref
    kind: str
    contact: Ref
    date: date
    gross: Decimal
    currency: str
    number: str
    reference: str

    @property
    def sum(self) -> Key:
        return (self.kind, self.contact, self.date, self.gross)


def find(
    ours: Iterable[Document],
    theirs: Iterable[Document],
    contact_of: Callable[[Document], Ref | None] = attrgetter("contact"),
    aside: Callable[[Document, Exception], None] | None = None,
) -> Pairs:
    """Pair what agrees in contact, date, gross, and number or reference, where that leaves one candidate both ways.

    Equal numbers decide before equal references do. Held are documents with several candidates, those whose
    candidate another of ours claims too, and those that only nearly agree: the contact's same number with another
    date or amount, or the same contact, date and amount under another number. Void documents (Reversed and Reversal
    in Intacct) take no part.

    :param contact_of: Intacct's reference for the contact of a document of ours; the default takes it as resolved.
    :param aside: Told of each document that a mistake fails for, which is then left out; without it that raises.
    """
    here = _in_order(ours, contact_of, aside)
    there = _in_order(theirs, attrgetter("contact"), aside)
    pairs: list[Pair] = []
    for keys, reason in ((_by_number, "same.document"), (_by_either, "same.document_or_reference")):
        found = _one_to_one(here, there, keys)
        pairs += [Pair(mine.ref, other.ref, (*_ALL, Message(reason))) for mine, other in found]
        used = {seen.ref for pair in found for seen in pair}
        here = [seen for seen in here if seen.ref not in used]
        there = [seen for seen in there if seen.ref not in used]
    return Pairs(tuple(sorted(pairs, key=lambda pair: pair.ours)), tuple(_held(here, there)))


def _in_order(
    documents: Iterable[Document],
    contact_of: Callable[[Document], Ref | None],
    aside: Callable[[Document, Exception], None] | None,
) -> list[_Seen]:
    """By reference, each once, without what can't be paired."""
    seen: dict[Ref, _Seen] = {}
    for document in documents:
        try:
            one = _seen(document, contact_of)
        except Exception as error:
            # A mistake may raise anything.
            if aside is None:
                raise
            aside(document, error)
            continue
        if one is not None:
            seen[one.ref] = one
    return [seen[ref] for ref in sorted(seen)]


def _seen(document: Document, contact_of: Callable[[Document], Ref | None]) -> _Seen | None:
    contact = contact_of(document)
    if contact is None or document.date is None or document.status == VOID:
        return None
    return _Seen(
        ref=document.ref,
        kind=document.kind,
        contact=contact,
        date=document.date,
        gross=cents(document.gross),
        currency=document.currency,
        number=document_number(document.number),
        reference=document_number(document.reference),
    )


def _by_number(seen: _Seen) -> list[Key]:
    return [(*seen.sum, seen.number)] if seen.number else []


def _by_either(seen: _Seen) -> list[Key]:
    words = dict.fromkeys(word for word in (seen.number, seen.reference) if word)
    return [(*seen.sum, word) for word in words]


def _by_number_alone(seen: _Seen) -> list[Key]:
    return [(seen.kind, seen.contact, seen.number)] if seen.number else []


def _by_sum(seen: _Seen) -> list[Key]:
    return [seen.sum]


def _one_to_one(here: list[_Seen], there: list[_Seen], keys: Keys) -> list[tuple[_Seen, _Seen]]:
    """Those that have just each other."""
    ours, theirs = _index(here, keys), _index(there, keys)
    found = []
    for mine in here:
        candidates = _candidates(mine, theirs, keys, 2)
        if len(candidates) == 1 and len(_candidates(candidates[0], ours, keys, 2)) == 1:
            found.append((mine, candidates[0]))
    return found


def _index(documents: list[_Seen], keys: Keys) -> Index:
    index: Index = defaultdict(list)
    for seen in documents:
        for key in keys(seen):
            index[key].append(seen)
    return index


def _candidates(seen: _Seen, index: Index, keys: Keys, most: int) -> list[_Seen]:
    """The first documents of the other side that share a key; currencies must not contradict."""
    found: dict[Ref, _Seen] = {}
    for key in keys(seen):
        for other in index.get(key, ()):
            if len(found) >= most:
                break
            if not (seen.currency and other.currency and seen.currency != other.currency):
                found[other.ref] = other
    return list(found.values())


def _held(here: list[_Seen], there: list[_Seen]) -> list[Held]:
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
