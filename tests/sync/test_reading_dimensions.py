"""User-defined dimensions are custom objects: they have ids and names, and little else that other records have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from world import MakeWorld, World, books, host

from flask_intacct.models import Issue, Record
from flask_intacct.onboarding import connect
from flask_intacct.simulator.seed.dataset import Dataset, DimensionValue
from flask_intacct.sync import pull

D = Decimal
VALUES = (DimensionValue("P1", "Own book"), DimensionValue("P2", "Client / managed"))


def company(name: str = "Fit out", values: tuple[DimensionValue, ...] = VALUES) -> Dataset:
    """A company with a dimension of its own, which one invoice carries."""
    data = books.intacct_company(udd_name=name, udd_label=name, udd_values=values)
    rent = books.line("4000", "100.00", "20.00", udd="P2")
    return replace(data, invoices=(*data.invoices, books.paper("OWN-1", "C1", date(2026, 3, 9), rent)))


def options(world: World) -> list[str]:
    return [row.name for row in world.rows(Record, Record.object == "FIT_OUT")]


def test_a_company_with_a_dimension_of_its_own_can_be_connected(make_world: MakeWorld, on: str) -> None:
    world = make_world(company(), on=on)
    world.connect()
    assert world.issues() == []
    assert options(world) == ["Own book", "Client / managed"]
    assert world.record("FIT_OUT", "DIMENSION").name == "Fit out"


def test_its_values_are_read_page_by_page(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "PAGE", 3)
    monkeypatch.setattr("flask_intacct.sync.source.PAGE", 3)
    world = make_world(company(values=tuple(DimensionValue(f"P{n}", f"Value {n}") for n in range(1, 8))))
    world.connect()
    assert options(world) == [f"Value {n}" for n in range(1, 8)]


def tracked(world: World) -> host.Option:
    """The host's option for one of its values, matched by hand."""
    category = host.Category(company_id=1, title="Fit out")
    world.save(category)
    option = host.Option(company_id=1, category_id=category.id, title="Own book")
    world.save(option)
    world.connect()
    world.match("Fit out", "FIT_OUT")
    world.match("Own book", world.rows(Record, Record.name == "Own book")[0].natural_id)
    return option


def test_lines_carry_its_values_both_ways(make_world: MakeWorld) -> None:
    world = make_world(company())
    option = tracked(world)
    line = host.InvoiceLine(account_id=1, tax_id=1, net=D("10.00"), tax=D("2.00"), options=[option])
    line.options.append(world.one(host.Option, title="High Street"))
    world.save(host.Invoice(company_id=1, contact_id=1, number="OURS-9", day=date(2026, 4, 1), total=D("12.00"),
                            lines=[line]))  # fmt: skip
    world.onboard()
    (sent,) = world.theirs("ARINVOICE", RECORDID="OURS-9")
    assert [line["GLDIMFIT_OUT"] for line in sent["ARINVOICEITEMS"]] == [1]
    (came,) = world.one(host.Invoice, number="OWN-1").lines
    assert "Client / managed" in [option.title for option in came.options]


def test_a_renamed_value_comes_in_and_one_that_is_gone_is_marked(make_world: MakeWorld) -> None:
    world = make_world(company())
    tracked(world)
    world.onboard()
    world.sim.modify("FIT OUT", 1, NAME="Our own book")
    world.sim.delete("FIT OUT", 2)
    world.sync()
    assert world.host(host.Option, title="Our own book")
    assert world.record("2", "FIT_OUT").missing_since is not None


@pytest.mark.parametrize("name", ["Fit-out/Strip", "Lot (old)", "Étage"])
def test_one_whose_name_no_field_can_have_is_an_issue_that_names_it(make_world: MakeWorld, name: str) -> None:
    world = make_world(company(name))
    world.connect()
    assert world.issues() == [(name, "dimension left out")]
    assert world.links("contact")


@pytest.mark.parametrize("object_", ["FIT OUT", "CLASS", "DEPARTMENT"])
def test_one_that_may_not_be_read_is_an_issue_and_the_others_are_read(make_world: MakeWorld, object_: str) -> None:
    world = make_world(company())
    world.sim.deny(object_)
    world.connect()
    (issue,) = world.rows(Issue, Issue.live.is_not(None))
    assert (issue.label.upper(), issue.severity, issue.fingerprint) == (object_, "notice", "dimension left out")
    assert str(issue.cure).startswith("Give the role of the Web Services user")
    assert world.rows(Record, Record.object == "LOCATION")
    world.sim.company.denied.clear()
    world.decide()
    world.drain(world.confirm())
    assert world.issues() == []


def test_one_that_the_gateway_can_not_find_is_an_issue(make_world: MakeWorld) -> None:
    world = make_world(company())
    del world.sim.company.store.tables["FIT OUT"]
    world.connect()
    assert world.issues() == [("Fit out", "dimension left out")]


def test_without_the_locations_nobody_can_tell_whose_a_document_is(make_world: MakeWorld) -> None:
    world = make_world()
    world.begin()
    world.sign_in()

    connect.entity(world.id, "E1", "", False, "ada")
    world.sim.deny("LOCATION")
    run = world.drain(connect.date(world.id, books.SYNC_FROM, True, "ada"))
    assert run.state == "failed"
    assert "Company > Locations" in str(run.problem)


def test_without_the_list_of_dimensions_the_standard_ones_are_read(make_world: MakeWorld) -> None:
    world = make_world(company())
    world.sim.faults.add("refuse", function="getDimensions", errorno="PL04000005", text="You do not have permission.")
    world.connect()
    assert world.issues() == [("Dimensions", "dimensions unknown")]
    assert {row.key for row in world.rows(Record, Record.object == "DIMENSION")} == {
        "LOCATION", "DEPARTMENT", "CLASS", "PROJECT",
    }  # fmt: skip
    world.decide()
    world.drain(world.confirm())
    assert world.issues() == []
    assert options(world) == ["Own book", "Client / managed"]
