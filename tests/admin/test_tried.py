"""What a sync came to, record by record, from the sync's own traces."""

from __future__ import annotations

from collections import Counter
from typing import Any

from world import MakeWorld, World

from flask_intacct.admin import sync_log
from flask_intacct.state import current
from flask_intacct.sync import run as runs


def listed(world: World, **wanted: Any) -> Counter[tuple[str, str]]:
    with current().transaction() as session:
        found, _, total = sync_log.page(session, world.id, sync_log.Wanted(**wanted), 100, {})
    assert len(found) == total
    return Counter((row.kind, row.outcome) for row in found)


def test_the_initial_sync_lists_each_record_once(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.drain(world.confirm())
    found = listed(world, run=run)
    assert {key: number for key, number in found.items() if key[0] in ("invoice", "bill", "contact")} == {
        ("invoice", "sent"): 3, ("invoice", "paired"): 1, ("invoice", "brought_in"): 1,
        ("bill", "sent"): 1, ("bill", "paired"): 1, ("bill", "brought_in"): 1,
        ("contact", "sent"): 3, ("contact", "brought_in"): 1,
    }  # fmt: skip
    assert listed(world) == found
    with current().transaction() as session:
        assert [item.id for item in sync_log.choosable(session, world.id)] == [run.id]
        (sent,) = sync_log.page(session, world.id, sync_log.Wanted(search="INV-1", outcome="sent"), 100, {})[0]
    assert (sent.label, sent.direction, run.state) == ("INV-1", "out", runs.DONE)
    assert listed(world, run=world.sync()) == Counter()
