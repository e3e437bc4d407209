"""A visit to the host's session: many rows are read in it, and none of them stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session


@contextmanager
def visiting(session: Session) -> Iterator[None]:
    """What is read in here leaves the session as soon as nobody holds it, also where rows hold each other.

    A session forgets rows that nobody refers to; but an invoice and its lines may refer to each other, and go on doing
    so until Python looks for such circles. So the rows that came in here let go of the rows behind their relationships.
    They are not expunged: what a function of the host's keeps of them loads again what it lacks. Rows that were in the
    session before, and those that somebody changed, stay as they are.
    """
    before = {id(row): row for row in session}
    yield
    changed = {id(row) for row in session.dirty}
    leading: dict[Any, list[str]] = {}
    for row in session.identity_map.values():
        if id(row) not in before and id(row) not in changed:
            state = inspect(row)
            if state.mapper not in leading:
                leading[state.mapper] = state.mapper.relationships.keys()
            held = [key for key in leading[state.mapper] if key in state.dict]
            if held:
                session.expire(row, held)
