"""What of a connection may be changed after Confirm: where lines and documents go that say nothing themselves, and how
many API transactions of a month may be used."""

from __future__ import annotations

from .. import audit
from ..errors import Refused
from ..exchanges import LIMIT
from ..messages import Message
from ..models import Connection
from ..state import current
from ..sync import lease
from .company import get, locations


def choices(connection_id: int) -> list[tuple[str, str]]:
    """(id, name) of the locations that lines may go to.

    :raises Refused: the connection is not confirmed, or Intacct can't be asked just now.
    """
    connection = get(connection_id)
    _check(connection)
    return locations(connection_id, connection.entity)


def change(connection_id: int, default_location: str, top_level_posting: bool, who: str) -> None:
    """Set the default location and the level at which customers, vendors and documents are posted from now on.

    :raises Refused: the location is not one of the entity, or Intacct can't be asked just now. Nothing was changed.
    """
    if default_location not in ("", *dict(choices(connection_id))):
        raise Refused(Message("connection.location_elsewhere", location=default_location))
    with current().transaction() as session:
        connection = lease.locked(session, connection_id)
        _check(connection)
        before = {"location": connection.default_location, "top_level": connection.top_level_posting}
        after = {"location": default_location, "top_level": top_level_posting}
        if after == before:
            return
        connection.default_location, connection.top_level_posting = default_location, top_level_posting
        audit.record(session, connection_id, who, "settings changed", connection.company_name, before, after)


def limit(connection_id: int, most: str, who: str) -> None:
    """Let nightly syncs and pushes wait once so many API transactions of a month are used.

    :param most: A whole number, "0" for no limit; "" for what the configuration says.
    :raises Refused: it is no such number.
    """
    if most and not (most.isascii() and most.isdigit() and len(most) <= 9):
        raise Refused(Message("connection.limit", given=most[:40]))
    with current().transaction() as session:
        connection = lease.locked(session, connection_id)
        before = {LIMIT: connection.facts[LIMIT]} if LIMIT in connection.facts else {}
        after = {LIMIT: int(most)} if most else {}
        if after == before:
            return
        connection.facts = {name: fact for name, fact in connection.facts.items() if name != LIMIT} | after
        audit.record(session, connection_id, who, "limit changed", connection.company_name, before, after)


def _check(connection: Connection) -> None:
    if connection.confirmed_at is None:
        raise Refused(Message("connection.setting_up"))
