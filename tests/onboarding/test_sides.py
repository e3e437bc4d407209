"""What the host tells of a record, and what Intacct does, is what the matching compares."""

from __future__ import annotations

import tracemalloc
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import insert, select
from world import MakeWorld, World, books, host

from flask_intacct import Local, kinds
from flask_intacct.entries import entries_of
from flask_intacct.ledger import Ref, TrackingOption
from flask_intacct.models import Connection, Link, Record
from flask_intacct.onboarding import connect, sides
from flask_intacct.simulator.seed.dataset import Dataset, Party
from flask_intacct.state import current

MODELS = {
    kinds.TAX_TYPE: host.TaxRate,
    kinds.ACCOUNT: host.Account,
    kinds.TRACKING_CATEGORY: host.Category,
    kinds.TRACKING_OPTION: host.Option,
    kinds.CONTACT: host.Contact,
}
GIVEN = {
    "rate": "17.5", "roles": ["sale", "purchase"], "type": "balancesheet", "control": "bank", "category": 1,
    "archived": False, "company": 1,
}  # fmt: skip
"""What the host gives for an entry that is not text."""

NOT_THE_HOST_S = {
    (kinds.ACCOUNT, "normal_balance"), (kinds.TRACKING_CATEGORY, "code"), (kinds.TRACKING_CATEGORY, "field"),
    (kinds.TRACKING_OPTION, "entity"), (kinds.CONTACT, "entity"), (kinds.CONTACT, "excluded"),
    *((kind, name) for kind in kinds.MATCHED for name in ("active", "unlisted")),
}  # fmt: skip
"""Fields that only Intacct tells; `active` is the host's, but what is archived and not used is not read, and no word
here is `unlisted`."""

NOT_INTACCT_S = {"active", "unlisted"}


def given(value: Any) -> Any:
    return lambda row: value


def local(kind: str) -> Local:
    """The host's model of a kind, with each entry that there is."""
    needed, optional = entries_of(kind)
    entries = {name: given(GIVEN.get(name, f"{name} of it")) for name in (*needed, *optional)}
    role = (lambda row: ["customer", "vendor"]) if kind == kinds.CONTACT else ""
    described = Local(MODELS[kind], role=role, **entries)
    described.bind(kind)
    return described


@pytest.mark.parametrize("kind", kinds.MATCHED)
def test_every_field_that_the_host_gives_reaches_the_matching(read_world: World, kind: str, monkeypatch: Any) -> None:
    world, mapped = read_world, current().host
    monkeypatch.setitem(mapped._mapped, kind, (local(kind),))
    told = {value.ref: value for value in mapped.values(kind, "1")}
    world.drain(connect.refresh(world.id, "ada"))
    with current().reading() as session:
        open_ = sides.undecided(session, world.connection, kind)
    compared = {value.ref: value for value in sides.local_values(open_, kind)}
    assert compared
    for ref, value in compared.items():
        for field in fields(value):
            assert getattr(value, field.name) == getattr(told[ref], field.name), field.name
            assert (getattr(value, field.name) == field.default) == ((kind, field.name) in NOT_THE_HOST_S), field.name


OBJECTS = {
    (kinds.TAX_TYPE, kinds.SALE): "TAXDETAIL",
    (kinds.ACCOUNT, ""): "GLACCOUNT",
    (kinds.CONTACT, kinds.CUSTOMER): "CUSTOMER",
    (kinds.CONTACT, kinds.VENDOR): "VENDOR",
}
SAID = {
    "TAXTYPE": "Sale", "VALUE": "17.5", "STATUS": "active", "SUBLEDGERCONTROLON": "true", "RECORDNO": "900",
    "RL_SYNCING_DISABLED": "true",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "role"), OBJECTS)
def test_every_field_that_intacct_gives_reaches_the_matching(read_world: World, kind: str, role: str) -> None:
    world, object_ = read_world, OBJECTS[kind, role]
    names = (*kinds.kind(kind, role).fields, "RL_SYNCING_DISABLED")
    row = {name: SAID.get(name, f"{name} of it") for name in names}
    with current().transaction() as session:
        session.add(Record(connection_id=world.id, object=object_, key="900", natural_id="900", role=role, payload=row))
    with current().transaction() as session:
        connection = session.get_one(Connection, world.id)
        both = sides.read(session, connection, kind, sides.undecided(session, connection, kind))
    (value,) = [one.value for one in both.remote[object_] if one.key == "900"]
    for field in fields(value):
        assert (getattr(value, field.name) == field.default) == (field.name in NOT_INTACCT_S), field.name


def test_what_earlier_releases_stored_is_still_matched(read_world: World) -> None:
    world = read_world
    with current().transaction() as session:
        for link in session.scalars(select(Link).where(Link.connection_id == world.id)):
            link.facts = {name: link.facts[name] for name in ("name", "rate", "email") if name in link.facts}
    with current().reading() as session:
        open_ = {kind: sides.undecided(session, world.connection, kind) for kind in kinds.MATCHED}
    for kind in kinds.MATCHED:
        assert open_[kind]
        for value in sides.local_values(open_[kind], kind):
            assert value.name
    (street, _) = sides.local_values(open_["tracking_option"], "tracking_option")[:2]
    assert isinstance(street, TrackingOption)
    assert street.category == Ref("", world.link("High Street").parent)


def test_little_is_held_of_each_record_that_is_compared(read_world: World) -> None:
    world, count = read_world, 500
    told = {
        "name": "The Acorn Lettings Company", "email": "acorn@example.test", "phone": "020 7946 0018",
        "tax_number": "GB123456789", "address1": "1 Mill Lane", "address2": "Flat 2", "city": "Bristol",
        "postcode": "BS1 1AA", "country": "United Kingdom", "roles": ["customer"],
    }  # fmt: skip
    link = {"connection_id": world.id, "kind": "contact", "source": "many", "role": "customer", "label": told["name"]}
    with current().transaction() as session:
        session.execute(insert(Link), [link | {"local_id": f"n{at}", "facts": told} for at in range(count)])
    with current().reading() as session:
        sides.undecided(session, world.connection, kinds.CONTACT)
        tracemalloc.start()
        try:
            open_ = sides.undecided(session, world.connection, kinds.CONTACT)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(open_) >= count
    assert held / len(open_) < 1500, "bytes"


def neighbours() -> Dataset:
    """Intacct's company, with customers of one name that differ in the second line of the address or the country."""
    place: dict[str, Any] = {"address1": "1 Mill Lane", "city": "Bristol", "postcode": "BS1 1AA"}
    acorn = [Party(f"A{n}", "Acorn Lettings", address2=f"Unit {n}", **place) for n in (1, 2)]
    fern = [Party(f"F-{name}", "Fern Trading", country=name) for name in ("Ireland", "United Kingdom")]
    oak = Party("O1", "Oak Stores", address2="Unit 1", **place)
    data = books.intacct_company()
    return replace(data, customers=(*data.customers, *acorn, *fern, oak))


@pytest.fixture
def street(make_world: MakeWorld) -> World:
    world = make_world(dataset=neighbours())
    mine = {"company_id": 1, "buys": True}
    place = {"street": "1 Mill Lane", "town": "Bristol", "postcode": "BS1 1AA"}
    world.save(
        host.Contact(name="Acorn Lettings", street2="Unit 2", **place, **mine),
        host.Contact(name="Fern Trading", country="IE", **mine),
        host.Contact(name="Oak Stores", street2="Unit 2", **place, **mine),
    )
    world.connect()
    return world


def test_of_two_customers_the_one_of_the_same_second_address_line_is_suggested(street: World) -> None:
    assert street.link("Acorn Lettings").suggested_key == street.record("A2").key


def test_of_two_customers_the_one_of_the_same_country_is_suggested(street: World) -> None:
    assert street.link("Fern Trading").suggested_key == street.record("F-Ireland").key


def test_a_customer_with_another_second_address_line_is_not_called_certain(street: World) -> None:
    oak = street.link("Oak Stores")
    assert (oak.suggested_key, oak.certain) == (street.record("O1").key, False)
    assert [said["id"] for said in oak.conflicts] == ["other.unit"]
