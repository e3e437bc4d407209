"""A kind of documents that no module of ours knows: its row of the registry, its translator and its action are enough.

An allowance lessens what a customer owes; in Intacct it is an AR adjustment of a negative amount. The simulator serves
those, and nothing else of ours has heard of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from flask_admin.base import Admin
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship
from world import MakeWorld, World, host

from flask_intacct import LocalDocument, kinds
from flask_intacct.gateway import filters as f
from flask_intacct.kinds import Form, Shape
from flask_intacct.ledger import Document
from flask_intacct.local import Local
from flask_intacct.models import Run
from flask_intacct.sync.outbox.actions import ACTIONS, NEW_DOCUMENT
from flask_intacct.translate import outgoing
from flask_intacct.translate.translators import TRANSLATORS, Translator

D = Decimal
NAME = "allowance"


class AllowanceLine(host.PaperLine, host.db.Model):  # type: ignore[name-defined, misc]
    allowance_id: Mapped[int] = mapped_column(ForeignKey("allowance.id"))
    options: Mapped[list[host.Option]] = relationship(secondary=host.tagged("allowance_line"))


class Allowance(host.Paper, host.db.Model):  # type: ignore[name-defined, misc]
    lines: Mapped[list[AllowanceLine]] = relationship(order_by=AllowanceLine.id, cascade="all, delete-orphan")


INVOICE = kinds.kind(kinds.INVOICE)
LINE = tuple(name for name in kinds.shape(kinds.INVOICE).line if name != "SUBTOTAL")  # adjustments have none
ALLOWANCE = replace(
    INVOICE,
    name=NAME,
    argument="allowances",
    label="Allowances",
    theirs="AR adjustments",
    menu="Accounts Receivable > Adjustments",
    object="ARADJUSTMENT",
    shape=Shape(
        kinds.RECEIVABLE,
        contact="CUSTOMERID",
        items="ARADJUSTMENTITEM",
        form=Form(
            "create_aradjustment", contact="customerid", number="adjustmentno", lines="aradjustmentitems", due="",
            reference="invoiceno",
        ),
        due="",
        line=LINE,
        sign=-1,
    ),
)  # fmt: skip
"""The registry: one row."""

CLAIM = replace(
    ALLOWANCE,
    name="claim",
    argument="claims",
    label="Claims",
    theirs="AP adjustments",
    menu="Accounts Payable > Adjustments",
    object="APADJUSTMENT",
    shape=Shape(
        kinds.PAYABLE,
        contact="VENDORID",
        items="APADJUSTMENTITEM",
        form=Form(
            "create_apadjustment", contact="vendorid", number="adjustmentno", lines="apadjustmentitems", due="",
            reference="billno",
        ),
        due="",
        line=LINE,
        sign=-1,
    ),
)  # fmt: skip
"""The same on the other side: what a vendor owes."""


def write(document: Document, *, location: str = "") -> dict[str, Any]:
    """The translator: an allowance says what it is."""
    return outgoing.document(replace(document, description=f"Allowance {document.number}"), location=location)


ACTION = replace(NEW_DOCUMENT, find=lambda kind, values, sent_at: f.eq("DESCRIPTION", values["description"]))
"""The action: it is looked for by what it says of itself."""


def describe(argument: str = "allowances", **options: Any) -> Any:
    """The host: its allowances beside its other models, and its admin."""
    head = {"number": "number", "contact": "contact_id", "date": "day", "reference": "reference", "status": "status",
            "currency": "currency", "total": "total", "company": "company_id"}  # fmt: skip
    line: dict[str, Any] = {"account": "account_id", "net": "net", "tax": "tax", "tax_type": "tax_id",
                            "description": "text", "options": "options"}  # fmt: skip
    allowances = LocalDocument(Allowance, lines=Local(AllowanceLine, **line), statuses=host.STATUSES, **head)
    intacct = host.describe(**{argument: allowances}, **options)
    return SimpleNamespace(init_app=lambda app, db: intacct.init_app(app, db, Admin(app, name="Host")))


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The three places where a kind is made known; what suits invoices suits claims, but for the names."""
    for kind, translator, action in (
        (ALLOWANCE, Translator(write=write), ACTION),
        (CLAIM, Translator(), NEW_DOCUMENT),
    ):
        monkeypatch.setitem(TRANSLATORS, kind.name, translator)
        monkeypatch.setitem(ACTIONS, (kind.name, "create"), action)
    with kinds.added(ALLOWANCE, CLAIM):
        yield


@pytest.fixture
def allowing(known: None, make_world: MakeWorld) -> World:
    """A host with one allowance to send; all else is decided."""
    world = make_world(described=describe, stage="decided", SECRET_KEY="x")
    keep(world, "ALLOW-1")
    return world


def keep(world: World, number: str, of: type[Any] = host.Invoice) -> None:
    """An allowance of the host's, 10.00 and 2.00 of tax: for the contact of its first invoice or bill, as that is."""
    pattern = world.host(of)[0]
    line = AllowanceLine(account_id=pattern.lines[0].account_id, tax_id=1, net=D("10.00"), tax=D("2.00"))
    line.options = [pattern.lines[0].options[0]]
    head = {"company_id": 1, "contact_id": pattern.contact_id, "day": date(2026, 2, 12), "total": D("12.00")}
    world.save(Allowance(number=number, lines=[line], **head))


def enter(world: World, number: str, month: str = "03", amount: str = "-10.00", tax: str = "-2.00") -> None:
    """An allowance that somebody keyed in Intacct, on the 12th of a month."""
    taxes = f"<taxentry><detailid>Sale Standard</detailid><trx_tax>{tax}</trx_tax></taxentry>"
    world.sim.run(
        "<create_aradjustment><customerid>C1</customerid>"
        f"<datecreated><year>2026</year><month>{month}</month><day>12</day></datecreated>"
        f"<adjustmentno>{number}</adjustmentno><aradjustmentitems><lineitem><glaccountno>4000</glaccountno>"
        f"<amount>{amount}</amount><locationid>E1-10</locationid><taxentries>{taxes}</taxentries></lineitem>"
        "</aradjustmentitems></create_aradjustment>",
        "E1",
    )


def synced(world: World) -> Run:
    """The initial sync, at its end."""
    return world.drain(world.confirm())


def test_the_plan_counts_what_will_be_sent(allowing: World) -> None:
    (section,) = [section for section in allowing.plan().sections if section.kind == NAME]
    assert section.label == "Allowances"
    assert [(row.action, row.count, row.total) for row in section.rows] == [("send", 1, D("12.00"))]


def test_it_is_posted_with_intacct_s_sign_and_joined(allowing: World) -> None:
    run = synced(allowing)
    assert (run.state, allowing.issues()) == ("done", [])
    (posted,) = allowing.theirs("ARADJUSTMENT")
    assert (posted["RECORDID"], posted["TRX_TOTALENTERED"], posted["CUSTOMERID"]) == ("ALLOW-1", D("-12.00"), "C1")
    assert posted["DESCRIPTION"] == "Allowance ALLOW-1"
    assert allowing.link("ALLOW-1", kind=NAME).state == "linked"


def test_the_control_totals_have_the_host_s_sign_on_both_sides(allowing: World) -> None:
    totals = synced(allowing).report["totals"]
    assert totals[NAME] == {"count": 1, "ours": "12.00", "theirs": "12.00", "origins": {"sync": 1}}


def test_what_was_keyed_in_intacct_comes_in(allowing: World) -> None:
    enter(allowing, "ALLOW-9")
    assert synced(allowing).state == "done"
    row = allowing.one(Allowance, number="ALLOW-9")
    assert (row.total, row.status, row.day, row.contact_id) == (D("12.00"), "approved", date(2026, 3, 12), 1)
    assert [(line.net, line.tax, line.account_id) for line in row.lines] == [(D("10.00"), D("2.00"), 1)]


def test_what_both_sides_have_is_joined_and_not_posted_again(allowing: World) -> None:
    enter(allowing, "ALLOW-1", "02")
    assert synced(allowing).state == "done"
    assert allowing.numbers("ARADJUSTMENT") == ["ALLOW-1"]
    assert allowing.link("ALLOW-1", kind=NAME).origin == "pair"


def test_one_of_the_other_sign_is_left_to_intacct_and_says_so(allowing: World) -> None:
    enter(allowing, "CHARGE-1", amount="10.00", tax="2.00")
    synced(allowing)
    assert [row.number for row in allowing.host(Allowance)] == ["ALLOW-1"]
    assert [cause for label, cause in allowing.issues() if "ARADJUSTMENT" in label] == ["unreadable record"]


def test_one_whose_answer_is_lost_is_found_and_not_posted_again(allowing: World) -> None:
    allowing.sim.faults.add(kind="drop", when="after", function="create_aradjustment")
    synced(allowing)
    assert allowing.issues() == [("ALLOW-1", "outcome unknown")]
    allowing.age(timedelta(minutes=17))
    assert allowing.sync().state == "done"
    assert (allowing.numbers("ARADJUSTMENT"), allowing.issues()) == (["ALLOW-1"], [])
    assert allowing.link("ALLOW-1", kind=NAME).state == "linked"
    asked = [request.body for request in allowing.sim.requests if "<field>DESCRIPTION</field><value>" in request.body]
    assert any("<value>Allowance ALLOW-1</value>" in body for body in asked)


def test_a_kind_of_the_other_side_goes_to_vendors(known: None, make_world: MakeWorld) -> None:
    world = make_world(described=partial(describe, "claims"), stage="decided", SECRET_KEY="x")
    keep(world, "CLAIM-1", host.Bill)
    run = synced(world)
    assert run.report["totals"]["claim"] == {"count": 1, "ours": "12.00", "theirs": "12.00", "origins": {"sync": 1}}
    (posted,) = world.theirs("APADJUSTMENT")
    assert (posted["RECORDID"], posted["TRX_TOTALENTERED"], posted["VENDORID"]) == ("CLAIM-1", D("-12.00"), "V1")


def test_what_changes_in_intacct_later_comes_in(allowing: World) -> None:
    synced(allowing)
    enter(allowing, "ALLOW-2")
    allowing.sync()
    assert [row.number for row in allowing.host(Allowance)] == ["ALLOW-1", "ALLOW-2"]


def test_the_screens_name_it(allowing: World) -> None:
    run = synced(allowing)
    client = allowing.app.test_client()
    results = client.get(f"/admin/intacct/results/{allowing.id}/list?kind={NAME}").text
    assert "Allowances (1)" in results
    assert "ALLOW-1" in results
    assert "Allowances" in client.get(f"/admin/intacct/runs/{allowing.id}/{run.id}").text
