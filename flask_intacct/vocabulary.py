"""The host's own words for states, account types and roles, checked at start where a column tells which there are."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Enum as EnumType

from .errors import MappingError, Refused
from .messages import Message
from .messages import named as word_of


def near(wrong: Any, known: Iterable[Any]) -> str:
    """The nearest of the known names, as a hint."""
    names = [str(item) for item in known]
    found = difflib.get_close_matches(str(wrong), names, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(found)}?" if found else f"Known: {', '.join(names)}."


class Vocabulary:
    """What the host's words of one argument mean; without any listed, they are ours.

    :param argument: What to call it: ``statuses`` or ``types``.
    :param given: The host's words and their meanings.
    :param known: The meanings there are.
    :param what: A word for a meaning that is wrong.
    """

    def __init__(self, argument: str, given: Mapping[Any, str], known: Sequence[str], what: str) -> None:
        self._argument, self._given, self._known, self._what = argument, given, known, what
        self._words: dict[Any, str] = {}

    def bind(self, who: str, type_: Any = None) -> None:
        """Check the words against each other and against the column's own, if it is one with a fixed set of them.

        :param type_: The column's type; None where the entry is no column.
        :raises MappingError: naming the word and the nearest that there are.
        """
        for word, meaning in self._given.items():
            if meaning not in self._known:
                raise MappingError(
                    f"{who}: {self._argument}[{word!r}]={meaning!r} is {self._what}. {near(meaning, self._known)}"
                )
        listed = list(type_.enum_class or type_.enums) if isinstance(type_, EnumType) else None
        if listed is None:
            self._words = dict(self._given) or {word: word for word in self._known}
            return
        self._words = {}
        if not self._given:
            for item in listed:
                own = [name for name in _names(item) if name in self._known]
                if own:
                    self._words[item] = own[0]
            if not self._words:
                names = ", ".join(str(_names(item)[0]) for item in listed)
                raise MappingError(
                    f"{who}: {self._argument}= is missing. It says what {names} mean: {' or '.join(self._known)}."
                )
            return
        for word, meaning in self._given.items():
            item = self._item(who, word, listed)
            if self._words.setdefault(item, meaning) != meaning:
                raise MappingError(f"{who}: {self._argument}= lists {_shown(item)} twice, with different meanings.")

    def _item(self, who: str, word: Any, listed: Sequence[Any]) -> Any:
        """The item of the column that a listed word is: itself, else by its name, else by its value."""
        if isinstance(word, Enum) and word in listed:
            return word
        for position in (0, 1):
            for item in listed:
                if _names(item)[position : position + 1] == [word]:
                    return item
        names = [_names(item)[0] for item in listed]
        raise MappingError(f"{who}: {self._argument}[{word!r}] is no word of that column. {near(word, names)}")

    def meaning(self, word: Any) -> str | None:
        """What a word means; None if it is not listed."""
        tried = [word, *_names(word)] if isinstance(word, Enum) else [word]
        if isinstance(word, str):
            tried.append(word.strip())  # CHAR columns are padded
        for one in tried:
            if isinstance(one, Hashable) and one in self._words:
                return self._words[one]
        return None

    def has(self, meaning: str) -> bool:
        """Whether the host has a word for a meaning."""
        return meaning in self._words.values()

    def word(self, meaning: str) -> Any:
        """The host's word for a meaning: the first that is listed.

        :raises Refused: none is.
        """
        for word, listed in self._words.items():
            if listed == meaning:
                return word
        called = next(found for shelf in ("status", "override.type") if (found := word_of(shelf, meaning)))
        raise Refused(Message("host.no_word", argument=self._argument, meaning=called))


def named(entry: str, value: Any, known: Sequence[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Which of our own words the host gives, one or several, and what it gives that is none of them; members of an Enum
    count by name or value.
    """
    given = [value] if isinstance(value, str | Enum) else value or ()
    found: set[str] = set()
    unlisted = []
    for one in given:
        names = [name for name in _names(one) if name in known]
        found.update(names[:1])
        if not names and one != "":
            unlisted.append(unlisted_word(entry, one))
    return frozenset(found), tuple(unlisted)


def unlisted_word(entry: str, word: Any) -> str:
    """How a word that nobody listed is kept: the entry and the word."""
    return f"{entry} {_shown(word)}"[:80]


def shown(unlisted: str) -> Message:
    """What is said of such a word."""
    entry, _, word = unlisted.partition(" ")
    return Message("entry.word", entry=word_of("entry.word", entry), word=word)


def _names(item: Any) -> list[Any]:
    return [item.name, item.value] if isinstance(item, Enum) else [item]


def _shown(word: Any) -> str:
    return word.name if isinstance(word, Enum) else repr(word)
