"""Words of the host that its description does not list, as a connection's facts count them per kind."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ..models import Connection

UNLISTED = "unlisted"


def of(connection: Connection, kind: str) -> Mapping[str, int]:
    """How often each word was met among the records of a kind."""
    found: Mapping[str, int] = connection.facts.get(UNLISTED, {}).get(kind, {})
    return found


def keep(session: Session, connection_id: int, kind: str, words: Mapping[str, int]) -> None:
    """Remember how often each word was met among the records of a kind."""
    connection = session.get_one(Connection, connection_id)
    before = connection.facts.get(UNLISTED, {})
    after = {name: met for name, met in before.items() if name != kind}
    if words:
        after[kind] = dict(sorted(words.items()))
    if after != before:
        connection.facts = {**connection.facts, UNLISTED: after}
