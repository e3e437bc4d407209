"""The host's records as they were last read, from what is kept with their links."""

from __future__ import annotations

from typing import Any

from .. import kinds
from ..ledger import Value, load
from ..links import local_ref
from ..models import Link


def of(link: Link, **known: Any) -> Value:
    """What was last read of a link's row. Before the form 1 no category was kept, and for lines without tax no name.

    :param known: Fields that the caller knows better.
    :raises ValueError: a newer release wrote it, or it can't be read.
    :raises TypeError: there is too little of it.
    """
    stored = link.facts if "v" in link.facts else {"name": link.label, "category": ["", link.parent], **link.facts}
    value: Value = load(kinds.named(link.kind).value, stored, ref=local_ref(link), **known)
    return value
