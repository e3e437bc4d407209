"""How far the host's records of a kind were read, while others note what it touched."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from world import World, host

from flask_intacct.models import Cursor, Link
from flask_intacct.state import current
from flask_intacct.sync import slots, touched
from flask_intacct.sync.slots import Rows


def test_what_is_touched_while_a_kind_is_read_for_the_first_time_is_read_again(
    synced_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another company's sync hands out the notes at that moment."""
    world = synced_world
    world.configure(scan=False)
    with current().transaction() as session:
        session.execute(sa.delete(Cursor).where(Cursor.object == "contact", Cursor.stream == "ours"))
    left, read = [True], Rows.read

    def reading(job: object, kind: str, *given: object, **more: object) -> Rows:
        found = read(job, kind, *given, **more)  # type: ignore[arg-type]
        if kind == "contact" and left and left.pop():
            contact = world.host(host.Contact)[0]
            contact.name = "Renamed Ltd"
            world.save(contact)
            touched.dispatch(current())
        return found

    monkeypatch.setattr(slots.Rows, "read", reading)
    world.sync()
    world.sync()
    assert world.rows(Link, Link.label == "Renamed Ltd") != []
