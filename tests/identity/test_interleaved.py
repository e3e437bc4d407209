"""Somebody acts on a record or a row between the moment when a worker read it and the moment when it writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, host

from flask_intacct.models import Link

Then = Callable[..., None]


@pytest.fixture
def synced(make_world: MakeWorld, on: str) -> World:
    """The initial sync is complete."""
    world: World = make_world(on=on, stage="synced")
    return world


@pytest.fixture
def after_one() -> Any:
    """Has somebody else act right after a commit of the host's session, which a worker writes the rows in."""
    waiting: list[Any] = []

    def hook(session: Any) -> None:
        for world, act, when in waiting[:1]:
            with world.app.app_context():
                if when():
                    waiting.clear()
                    act()

    def arrange(world: World, act: Callable[[], object], when: Callable[[], object] = lambda: True) -> None:
        waiting.append((world, act, when))

    sa.event.listen(host.db.session, "after_commit", hook)
    yield arrange
    sa.event.remove(host.db.session, "after_commit", hook)
    assert not waiting, "nothing was committed"


def remake(model: type[Any], **where: Any) -> Callable[[], None]:
    """The host deletes a row, and makes another one that gets its id."""

    def act() -> None:
        row = host.db.session.scalars(sa.select(model).filter_by(**where)).one()
        kept = {column.key: getattr(row, column.key) for column in sa.inspect(model).column_attrs}
        host.db.session.delete(row)
        host.db.session.commit()
        host.db.session.add(model(**kept | {"title": "Another"}))
        host.db.session.commit()

    return act


def test_a_value_that_somebody_matches_meanwhile_is_not_brought_in_as_well(synced: World, after_one: Then) -> None:
    world = synced
    category = world.one(host.Category, title="Property").id
    world.save(host.Option(company_id=1, category_id=category, title="The old mill"))
    world.sync()
    for key, name in (("E1-30", "Bridge Street"), ("E1-40", "Mill Lane")):
        world.sim.insert("LOCATION", {"LOCATIONID": key, "NAME": name, "PARENTID": "E1", "STATUS": "active"})
    after_one(world, lambda: world.match("The old mill", "E1-40"))
    world.sync()
    titles = [option.title for option in world.host(host.Option, category_id=category)]
    assert "Bridge Street" in titles
    assert "Mill Lane" not in titles
    mine = Link.object == "LOCATION", Link.record_key == world.record("E1-40").key
    assert [link.label for link in world.rows(Link, *mine)] == ["The old mill"]
    assert world.issues() == []


@pytest.fixture
def streets(synced: World) -> World:
    """Two values that came in from Intacct."""
    for key, name in (("E1-30", "Bridge Street"), ("E1-40", "Mill Lane")):
        synced.sim.insert("LOCATION", {"LOCATIONID": key, "NAME": name, "PARENTID": "E1", "STATUS": "active"})
    synced.sync()
    return synced


def test_a_row_made_anew_meanwhile_takes_no_change_meant_for_the_old_one(streets: World, after_one: Then) -> None:
    world = streets
    world.sim.modify("LOCATION", "E1-30", NAME="Bridge Road")
    world.sim.modify("LOCATION", "E1-40", NAME="Mill Road")
    after_one(world, remake(host.Option, title="Mill Lane"))
    world.sync()
    titles = [option.title for option in world.host(host.Option)]
    assert {"Bridge Road", "Another"} <= set(titles)
    assert "Mill Road" not in titles
    assert world.link("Mill Lane").state == "orphaned"


def test_a_row_made_anew_meanwhile_is_not_archived_for_the_old_one(
    make_world: MakeWorld, on: str, after_one: Then
) -> None:
    world: World = make_world(on=on)
    world.save(*(host.Account(company_id=1, title=title) for title in ("Spare", "Spare too")))
    world.connect()
    world.decide()
    run = world.confirm()
    after_one(world, remake(host.Account, title="Spare too"), lambda: world.one(host.Account, title="Spare").hidden)
    world.drain(run)
    assert not world.one(host.Account, title="Another").hidden


def test_a_document_made_anew_meanwhile_is_not_voided_for_the_old_one(synced: World, after_one: Then) -> None:
    world = synced
    for number in ("INV-1", "INV-3"):
        (row,) = world.theirs("ARINVOICE", RECORDID=number)
        world.sim.reverse("ARINVOICE", int(row["RECORDNO"]))

    def act() -> None:
        old = world.one(host.Invoice, number="INV-3")
        kept = {"id": old.id, "company_id": 1, "contact_id": old.contact_id, "day": old.day, "total": old.total}
        host.db.session.delete(old)
        host.db.session.commit()
        world.save(host.Invoice(number="NEW-1", status="draft", **kept))

    after_one(world, act, lambda: world.one(host.Invoice, number="INV-1").status == "void")
    world.sync()
    assert world.one(host.Invoice, number="NEW-1").status == "draft"
