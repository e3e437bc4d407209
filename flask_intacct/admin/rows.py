"""The words in which a matching list speaks of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import overrides
from ..choices import Candidate
from ..messages import kept


def offered(candidate: Candidate) -> dict[str, str]:
    """A candidate as the typeahead's script takes it."""
    return {
        "key": candidate.key,
        "code": candidate.natural_id,
        "name": candidate.name,
        "detail": str(candidate.detail),
        "blocked": str(candidate.blocked),
    }


def said(reasons: Sequence[Any]) -> str:
    """What speaks for the suggested record, or against it, in one line."""
    return ", ".join(str(kept(reason)) for reason in reasons)


def agreed(override: Mapping[str, Any]) -> str:
    """What somebody agreed to against the evidence."""
    return str(overrides.said(override))
