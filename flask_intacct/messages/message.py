"""A text for people as an id and values, which becomes a sentence only where it is shown, in the reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .catalogue import CATALOGUE
from .marks import Plural

_JOINED = {"sentences": " ", "list": "; ", "words": ", ", "facts": " · "}
"""Messages that only put their parts together, and what stands between those."""


class Message:
    """What is said, as an id of the catalogue and the values in its places.

    Values are texts, whole numbers, amounts as Decimal, days, moments, other messages, and lists of these. A message is
    false if it says nothing.
    """

    __slots__ = ("id", "values")

    id: str
    values: Mapping[str, Any]

    def __init__(self, id: str = "", /, **values: Any) -> None:
        object.__setattr__(self, "id", id)
        object.__setattr__(self, "values", values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a message does not change")

    def __reduce__(self) -> tuple[Any, ...]:
        return load, (dump(self),)

    def __bool__(self) -> bool:
        return bool(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and dump(self) == dump(other)

    def __hash__(self) -> int:
        return hash(dump(self))

    def __repr__(self) -> str:
        return f"Message({self.id!r}, {dict(self.values)!r})"

    def __str__(self) -> str:
        return render(self)


NOTHING = Message()
"""Says nothing."""


def quoted(words: str) -> Message:
    """What others said, in their words: Intacct, the host's own code, a person."""
    return Message("text", text=words) if words else NOTHING


def noun(word: str) -> Message:
    """What messages call a kind or a role."""
    return named("noun", word)


@lru_cache(maxsize=1024)
def named(shelf: str, word: str) -> Message:
    """The message of a word of ours among those whose ids begin with `shelf`; of one that is not there, the word."""
    id = f"{shelf}.{re.sub('[^A-Za-z]+', '_', word)}"
    return Message(id) if id in CATALOGUE else quoted(word)


def sentences(messages: Iterable[Message]) -> Message:
    """Several messages one after the other."""
    return _joined("sentences", messages)


def sentence(message: Message) -> Message:
    """A message as a sentence of its own: with a capital and a full stop."""
    return Message("sentence", of=message) if message else NOTHING


def listed(messages: Iterable[Message]) -> Message:
    """Several messages as one, with semicolons between them."""
    return _joined("list", messages)


def dotted(messages: Iterable[Message]) -> Message:
    """Several facts about one thing."""
    return _joined("facts", messages)


def _joined(id: str, messages: Iterable[Message]) -> Message:
    parts = [message for message in messages if message]
    return Message(id, parts=parts) if len(parts) > 1 else parts[0] if parts else NOTHING


def render(message: Message) -> str:
    """The sentence in the reader's language. One of a newer release, which nobody here knows, shows as it is stored."""
    from .. import translation  # Flask is needed only where something is shown

    if not message:
        return ""
    if message.id in _JOINED:
        return _JOINED[message.id].join(map(_shown, message.values.get("parts", ())))
    values = {name: _shown(value) for name, value in message.values.items()}
    if message.id == "sentence":
        said = values["of"].rstrip(".")
        return f"{said[:1].upper()}{said[1:]}."
    literal = CATALOGUE.get(message.id)
    try:
        if isinstance(literal, Plural):
            return translation.ngettext(literal.one, literal.many, int(message.values[literal.by]), **values)
        if literal is not None:
            found = translation.gettext(literal)  # marked where the catalogue is written down
            return found % values if values else found
    except (KeyError, TypeError, ValueError):
        pass  # a newer release has other places in it
    return f"{message.id} ({', '.join(f'{name}: {value}' for name, value in values.items())})" if values else message.id


def _shown(value: Any) -> str:
    from .. import translation  # as above

    if isinstance(value, Message):
        return render(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, Decimal):
        return translation.money(value)
    if isinstance(value, datetime):
        return translation.moment(value)
    if isinstance(value, date):
        return translation.day(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return translation.count(value)
    return str(value)


def dump(message: Message) -> str:
    """A message as it is stored; "" for nothing."""
    return json.dumps(plain(message), sort_keys=True, ensure_ascii=False) if message else ""


def load(stored: str) -> Message:
    """A stored message; what was stored as a finished sentence is a `text`."""
    if not stored.startswith("{"):
        return quoted(stored)
    try:
        found = read(json.loads(stored))
    except (ValueError, TypeError, ArithmeticError):
        return quoted(stored)
    return found if isinstance(found, Message) else quoted(stored)


def kept(value: Any) -> Message:
    """A message that is kept in a JSON value; older releases kept English, or English and what goes into it."""
    if isinstance(value, dict) and "message" in value:
        return quoted(value["message"] % value["values"] if value["values"] else value["message"])
    found = read(value)
    return found if isinstance(found, Message) else quoted(str(value))


def plain(value: Any) -> Any:
    """A message, or what has messages in it, as a JSON value."""
    if isinstance(value, Message):
        return {"id": value.id, "values": {name: plain(item) for name, item in value.values.items()}}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def read(value: Any) -> Any:
    """The opposite of :func:`plain`."""
    if isinstance(value, list):
        return [read(item) for item in value]
    if isinstance(value, dict) and value.keys() == {"id", "values"} and isinstance(value["values"], dict):
        return Message(str(value["id"]), **{name: read(item) for name, item in value["values"].items()})
    if isinstance(value, dict) and value.keys() == {"amount"}:
        return Decimal(value["amount"])
    if isinstance(value, dict) and value.keys() == {"moment"}:
        return datetime.fromisoformat(value["moment"])
    if isinstance(value, dict) and value.keys() == {"day"}:
        return date.fromisoformat(value["day"])
    if isinstance(value, dict):
        return {name: read(item) for name, item in value.items()}
    return value
