"""How far the words of two names are the same words: exact, misspelt, cut short, an initial or a nickname."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from .columns import Array, Words
from .text.folding import stem
from .text.lexicon import SYNONYM

_CELLS = 2_500_000
"""Pairs of words compared at a time: bounds memory."""
_CLOSE = 0.86
"""From this Jaro-Winkler similarity on two words may be one, misspelt."""
_CUT, _CUT_MOST, _INITIAL, _NICKNAME, _SKIPPED = 0.92, 0.98, 0.6, 0.9, 0.75
"""What words count that are cut short (and at most), an initial, a nickname or synonym, or leave out letters inside."""
_INSIDE, _INSIDE_LEAST = 0.7, 5
_ROUNDS = 4
"""Words of a pair of names that may agree without being equal."""

_NICKNAMES = (
    "robert bob rob bobby bert", "william bill will billy willy liam", "elizabeth liz beth betty lizzie eliza lisa",
    "katherine catherine kate cathy kathy katie katharine cath kat", "michael mike mick micky", "matthew matt",
    "christopher chris kit", "andrew andy drew", "thomas tom tommy", "anthony tony", "margaret maggie peggy meg",
    "james jim jimmy jamie", "joseph joe joey", "daniel dan danny", "samuel sam", "benjamin ben", "susan sue suzie",
    "edward ted ed eddie ned", "richard rick dick rich ricky", "patricia pat trish", "jennifer jenny jen",
    "stephen steven steve", "nicholas nick nicky", "gregory greg", "jonathan jon john johnny jack", "victoria vicky",
    "deborah debbie deb", "alexander alex sandy alec", "philip phil", "kenneth ken", "timothy tim", "pamela pam",
    "rebecca becky", "david dave", "charles charlie chuck", "frederick fred freddie", "lawrence larry", "henry harry",
    "peter pete", "ronald ron", "raymond ray", "donald don", "gerald gerry jerry", "leonard len", "johannes hans jan",
    "wilhelm willi", "friedrich fritz", "josef sepp", "franziska franzi", "theodore theo", "abigail abby",
    "jacqueline jackie", "amanda mandy", "christine tina chrissy", "dorothy dot", "geoffrey geoff jeffrey jeff",
)  # fmt: skip
_NICK = {name: number for number, group in enumerate(_NICKNAMES, 1) for name in group.split()}


class Aligned(NamedTuple):
    """Per pair, in nats: what the shared words tell, and what the words left over on either side tell; how many words
    are left over; and how many are shared that are neither equal nor known to be one, but only look like it."""

    shared: Array
    left: Array
    right: Array
    odd_left: Array
    odd_right: Array
    guessed: Array

    @property
    def cover(self) -> Array:
        """Share of all words that is shared, 0 to 1."""
        return np.asarray(self.shared / np.maximum(1e-6, self.shared + 0.5 * (self.left + self.right)))


def align(words: Words, left: Array, right: Array) -> Aligned:
    """Compare the words of the rows `left` with those of the rows `right`, pair by pair; people have nicknames, titles
    have synonyms."""
    if words.abbreviated:
        nick = np.array([SYNONYM.get(stem(word), 0) for word in words.vocabulary], np.int32)
    else:
        nick = np.array([_NICK.get(word, 0) for word in words.vocabulary], np.int32)
    step = max(1, _CELLS // words.ids.shape[1] ** 2)
    parts = [_part(words, nick, left[at : at + step], right[at : at + step]) for at in range(0, len(left), step)]
    if not parts:
        return Aligned(*(np.zeros(0, np.float32) for _ in range(6)))
    return Aligned(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _part(words: Words, nick: Array, left: Array, right: Array) -> tuple[Array, ...]:
    wide_left, wide_right = int(words.size[left].max(initial=1)), int(words.size[right].max(initial=1))
    a, b = words.ids[left, : max(1, wide_left)], words.ids[right, : max(1, wide_right)]
    weight_a, weight_b = words.weights[left, : a.shape[1]], words.weights[right, : b.shape[1]]
    equal = (a[:, :, None] == b[:, None, :]) & (a[:, :, None] > 0)
    hit_a, hit_b = equal.any(axis=2), equal.any(axis=1)
    shared = np.minimum((weight_a * hit_a).sum(axis=1), (weight_b * hit_b).sum(axis=1))
    free_a, free_b = (a > 0) & ~hit_a, (b > 0) & ~hit_b
    rest_a, rest_b = (weight_a * free_a).sum(axis=1), (weight_b * free_b).sum(axis=1)
    odd_a, odd_b = free_a.sum(axis=1), free_b.sum(axis=1)
    guessed = np.zeros(len(left), np.int64)
    open_ = np.flatnonzero(free_a.any(axis=1) & free_b.any(axis=1))
    if len(open_):
        like = _alike(words, nick, a[open_], b[open_], free_a[open_], free_b[open_])
        some = like.any(axis=(1, 2))
        open_, like = open_[some], like[some]
        if len(open_):
            taken, guessed[open_] = _take(like, weight_a[open_], weight_b[open_], open_, shared, rest_a, rest_b)
            odd_a[open_] -= taken
            odd_b[open_] -= taken
    return shared, rest_a, rest_b, odd_a, odd_b, guessed


def _take(
    like: Array, weight_a: Array, weight_b: Array, rows: Array, shared: Array, rest_a: Array, rest_b: Array
) -> tuple[Array, Array]:
    """Pair off the most telling similar words, one by one, and book them; gives how many per pair, and how many of
    these are no nickname, synonym or initial."""
    pairs, guessed = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    worth = like * np.minimum(weight_a[:, :, None], weight_b[:, None, :])
    at = np.arange(len(rows))
    for _ in range(_ROUNDS):
        best = worth.reshape(len(rows), -1).argmax(axis=1)
        i, j = np.divmod(best, worth.shape[2])
        gain = worth[at, i, j]
        if not gain.any():
            break
        taken = gain > 0
        pairs += taken
        known = np.isclose(like[at, i, j], _NICKNAME) | np.isclose(like[at, i, j], _INITIAL)
        guessed += taken & ~known
        least = np.minimum(weight_a[at, i], weight_b[at, j])
        shared[rows] += gain
        rest_a[rows] += np.where(taken, least - gain - weight_a[at, i], 0)
        rest_b[rows] += np.where(taken, least - gain - weight_b[at, j], 0)
        worth[at[taken], i[taken], :] = 0
        worth[at[taken], :, j[taken]] = 0
    return pairs, guessed


def _alike(words: Words, nick: Array, a: Array, b: Array, free_a: Array, free_b: Array) -> Array:
    """Similarity, 0 to 1, of each free word of one name with each of the other."""
    like = np.zeros((len(a), a.shape[1], b.shape[1]), np.float32)
    where = np.nonzero(free_a[:, :, None] & free_b[:, None, :])
    one, two = a[where[0], where[1]], b[where[0], where[2]]
    first = words.first[one] == words.first[two]
    near = np.abs(words.letters[one] - words.letters[two]) <= 1
    long = np.minimum(words.letters[one], words.letters[two]) >= 4
    nicks = (nick[one] > 0) & (nick[one] == nick[two])
    keep = first | nicks | (near & long & (words.last[one] == words.last[two]))
    if words.abbreviated:
        keep |= np.minimum(words.letters[one], words.letters[two]) >= _INSIDE_LEAST
    keep = np.flatnonzero(keep)
    if not len(keep):
        return like
    pairs, back = np.unique(one[keep].astype(np.int64) * len(words.vocabulary) + two[keep], return_inverse=True)
    known = _similar(words, nick, pairs // len(words.vocabulary), pairs % len(words.vocabulary))
    like[where[0][keep], where[1][keep], where[2][keep]] = known[back]
    return like


def _similar(words: Words, nick: Array, first: Array, second: Array) -> Array:
    """How likely two different words are one, 0 to 1."""
    ours, theirs = [words.vocabulary[at] for at in first.tolist()], [words.vocabulary[at] for at in second.tolist()]
    close = process.cpdist(ours, theirs, scorer=JaroWinkler.similarity, score_cutoff=_CLOSE, dtype=np.float32)
    found = np.asarray(close, np.float32)
    if words.abbreviated:
        inside = process.cpdist(ours, theirs, scorer=fuzz.partial_ratio, score_cutoff=95, dtype=np.float32)
        least = np.minimum(words.letters[first], words.letters[second]) >= _INSIDE_LEAST
        found = np.where(least & (np.asarray(inside) > 0), np.maximum(found, np.float32(_INSIDE)), found)
    found[(nick[first] > 0) & (nick[first] == nick[second])] = _NICKNAME
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if one[0] != other[0] or one[0].isdigit():
            found[at] = 0 if one[0].isdigit() or other[0].isdigit() else found[at]
            continue
        short, long = (one, other) if len(one) <= len(other) else (other, one)
        if long.startswith(short):
            full = words.tells[second[at] if long is other else first[at]]
            cut = words.opening(short) / full if words.abbreviated else _CUT
            found[at] = max(found[at], min(_INITIAL if len(short) == 1 else _CUT_MOST, cut))
        elif len(short) > 2 and found[at] < _SKIPPED and skips(short, long):
            found[at] = _SKIPPED
    return found


def skips(short: str, long: str) -> bool:
    """Whether the letters of `short` stand in `long` in this order, as in an abbreviation."""
    letters = iter(long)
    return all(letter in letters for letter in short)
