"""The host's records as they were last read, from what is kept with their links."""

from __future__ import annotations

from typing import Any, Protocol

from .. import kinds
from ..ledger import Ref, Value, load


class Kept(Protocol):
    """A link, or what of it a value is made of."""

    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def local_id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def facts(self) -> dict[str, Any]: ...


def of(link: Kept, **known: Any) -> Value:
    """What was last read of a link's row. Before the form 1 no category was kept, and for lines without tax no name.

    :param known: Fields that the caller knows better.
    :raises ValueError: a newer release wrote it, or it can't be read.
    :raises TypeError: there is too little of it.
    """
    stored = link.facts if "v" in link.facts else {"name": link.label, "category": ["", link.parent], **link.facts}
    value: Value = load(kinds.named(link.kind).value, stored, ref=Ref(link.source, link.local_id), **known)
    return value
