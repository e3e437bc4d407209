"""What makes two like names those of two parties: another branch or number, a couple and one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..alignment import skips
from ..text.figures import numeral
from ..text.folding import split
from .parties import Party

_NUMBER = re.compile(r"\d+")
_CUT = re.compile(r"([^\W\d_]{2,})\.")
_LETTERS = 3
_LONG = 6
"""Of a word cut short that has so many letters left, two may be missing."""
_PLURAL = 5
_DOUBLED = re.compile(r"(.)\1+")
_UMLAUT = re.compile("([aou])e")
_VOWEL = re.compile("[aeiouy]")
_TITLES = {
    **dict.fromkeys(("mr", "herr", "monsieur", "sir", "dhr"), "mr"),
    **dict.fromkeys(("mrs", "ms", "miss", "frau", "madame", "mme", "mlle", "mevr", "dame", "lady"), "mrs"),
}
_AGES = {**dict.fromkeys(("senior", "snr", "sr"), "senior"), **dict.fromkeys(("junior", "jnr", "jr"), "junior")}
_STANDING = re.compile(
    r"\b(estate of|(?<!real )estate$|executors?|deceased|trustees?|liquidators?|in liquidation|in administration|"
    r"receivers?|guarantors?)(?![^\W_])"
)
_SILENT = frozenset(["the", "new", "publ"])
"""Words in brackets that name no branch."""
_TWO = re.compile(r"&|\+|/|\band\b|\bund\b|\bet\b")


def spelt(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words of a name of several differ from words of the other by nothing but spelling: a letter doubled, an
    umlaut written out, a plural: "Wellnes", "Boerse", "Steel Dynamics". Names of one word may well be two of them."""
    if min(len(words), len(others)) < 2:
        return 0
    free = [_spelling(word) for word in others if word not in words]
    found = 0
    for word in words:
        if word not in others and _spelling(word) in free:
            free.remove(_spelling(word))
            found += 1
    return found


def _spelling(word: str) -> str:
    plain = _DOUBLED.sub(r"\1", _UMLAUT.sub(r"\1", word))
    return plain[:-1] if len(plain) > _PLURAL and plain.endswith("s") else plain


def slight(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether what two names do not share says nothing: a letter, or a word like "new"."""
    return all(len(word) == 1 or word in _SILENT for word in {*words} ^ {*others})


def abbreviated(name: str, words: Sequence[str], others: Sequence[str], company: bool) -> int:
    """How many words of a folded name stand for words of the other, cut short: by a full stop, to consonants, or, of a
    company but for its first word, by several letters: "Communicat.", "Mng", "Coors Bev"."""
    free = [word for word in others if word not in words]
    cut = frozenset(_CUT.findall(name))
    found = 0
    for at, word in enumerate(words):
        least = 1 if word in cut or not _VOWEL.search(word) else _LETTERS if company and at else 0
        least = 2 if least == _LETTERS and len(word) >= _LONG else least
        if least and word not in others:
            full = next(
                (one for one in free if one[0] == word[0] and len(one) >= len(word) + least and skips(word, one)), ""
            )
            if full:
                free.remove(full)
                found += 1
    return found


def numbers(party: Party) -> tuple[str, ...]:
    """The numbers in a name but for that of a unit, Roman ones of several letters among them."""
    found: list[str] = []
    for word in (*party.words, *party.branch):
        if word.isalpha():
            figure = numeral(word)
            if figure is not word and figure.isdigit():
                found.append(figure)
        else:
            found += _NUMBER.findall(word)
    return tuple(found)


def other_numbers(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether each name has a number that the other lacks, however they are set apart."""
    one, two = set(ours), set(theirs)
    return not (one <= two or two <= one or "".join(ours) == "".join(theirs))


def other_branch(ours: Party, theirs: Party) -> bool:
    """Whether what stands in brackets, in both names, is another: "Acacia (Leeds) Ltd", "Acacia (York) Ltd"."""
    one, two = set(ours.branch) - _SILENT, set(theirs.branch) - _SILENT
    return bool(one and two) and one.isdisjoint({*theirs.words, *two}) and two.isdisjoint({*ours.words, *one})


def one_branch(ours: Party, theirs: Party) -> bool:
    """Whether one name has something in brackets that the other does not say."""
    one, two = set(ours.branch) - _SILENT, set(theirs.branch) - _SILENT
    return one != two and not (one <= {*theirs.words, *two} and two <= {*ours.words, *one})


def one_of_two(ours: str, theirs: str) -> bool:
    """Whether just one of two folded names is that of two people or more."""
    return bool(_TWO.search(ours)) != bool(_TWO.search(theirs))


def other_person(ours: str, theirs: str) -> tuple[str, str] | None:
    """Titles by which two folded names are those of man and wife, or of father and son, if their given names do not
    say that they are one."""
    one, two = split(ours), split(theirs)
    same = [word for word in one if word in two and len(word) > 2]
    for titles, least in ((_TITLES, 2), (_AGES, len(one) + 1)):
        mine, other = ([word for word in words if word in titles] for words in (one, two))
        if mine and other and len(same) < least and {titles[at] for at in mine}.isdisjoint(titles[at] for at in other):
            return mine[0], other[0]
    return None


def standing(ours: str, theirs: str) -> str:
    """What only one of two folded names says of who acts: the executors of somebody are not that person."""
    one, two = _STANDING.search(ours), _STANDING.search(theirs)
    found = one or two
    return found[1] if found and not (one and two) else ""
