"""The initial sync, from Confirm to its end."""

from __future__ import annotations

from world import World


def test_both_sides_agree_after_the_initial_sync(make_world, on: str) -> None:
    world = make_world(on=on, stage="decided")
    run = world.drain(world.confirm())
    assert (run.state, run.problem, world.issues()) == ("done", "", [])
    for kind, count, total in (("invoice", 5, "1010.01"), ("bill", 3, "228.00")):
        totals = run.report["totals"][kind]
        assert (totals["count"], totals["ours"], totals["theirs"]) == (count, total, total)


def test_contacts_are_created_once(synced_world: World) -> None:
    world = synced_world
    assert [row["NAME"] for row in world.theirs("CUSTOMER")].count("Carol Clark") == 1
