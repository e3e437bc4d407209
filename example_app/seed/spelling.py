"""How the same name looks in somebody else's books."""

from __future__ import annotations

from random import Random


def misspelt(rng: Random, name: str) -> str:
    """One slip of the keyboard inside the longest word."""
    word = max(name.split(), key=len)
    place = 1 + int(rng.random() * max(1, len(word) - 3))
    dice = rng.random()
    if dice < 0.4 and word[place] != word[place + 1]:
        wrong = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    elif dice < 0.7:
        wrong = word[:place] + word[place + 1 :]
    else:
        wrong = word[:place] + word[place] + word[place:]
    return name.replace(word, wrong, 1)


def surname_first(name: str) -> str:
    """Wei Zhang becomes ZHANG, Wei."""
    first, _, last = name.rpartition(" ")
    return f"{last.upper()}, {first}"


def firm_variant(name: str) -> str:
    """The firm's name as others write it: and, Limited, no form at all."""
    name = name.replace(" & ", " and ")
    for short, long in ((" Ltd", " Limited"), (" Limited", " Ltd"), (" plc", ""), (" LLP", " L.L.P.")):
        if name.endswith(short):
            return name.removesuffix(short) + long
    return name


def spaced_vat(number: str) -> str:
    """GB198691593 becomes 198 6915 93."""
    digits = number.removeprefix("GB")
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
