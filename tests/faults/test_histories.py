"""Histories that nobody thought of: people at work on both sides, faults, killed workers, in any order.

Whatever happened, both sides are equal once nothing fails any more. INTACCT_HISTORIES sets how many are tried; with a
number of its own each run tries other ones.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from world import World, host
from world.conserved import LATE, PAPERS, wrong
from world.databases import Worlds

from flask_intacct import jobs
from flask_intacct.models import Run, now
from flask_intacct.simulator.errors import Refusal
from flask_intacct.state import current
from flask_intacct.sync import run as runs

from .test_crash_points import killed
from .test_workers import lapse

HISTORIES = os.environ.get("INTACCT_HISTORIES", "")
KINDS, ANY = st.sampled_from(sorted(PAPERS)), st.integers(0, 99)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop", "when": "before"}, {"kind": "drop", "when": "after"},
    {"kind": "http", "when": "before", "status": 500}, {"kind": "http", "when": "after", "status": 502},
    {"kind": "truncate"}, {"kind": "junk", "text": "<html>"}, {"kind": "rate", "seconds": 1}, {"kind": "busy"},
    {"kind": "session"}, {"kind": "missing"}, {"kind": "bare"}, {"kind": "refuse"},
)  # fmt: skip
FUNCTIONS = ("create", "create_invoice", "create_bill", "update", "query", "read", "")
LINES: dict[str, tuple[Any, int, int]] = {"invoice": (host.InvoiceLine, 1, 1), "bill": (host.BillLine, 3, 4)}
"""The model of a document's lines; which account and which contact a new one has."""


class History(RuleBasedStateMachine):
    """What happens to one company; all begins in step."""

    def __init__(self, worlds: Worlds) -> None:
        super().__init__()
        self._worlds, self._number = worlds, 0
        self.world: World = worlds.make(stage="synced")

    def teardown(self) -> None:
        try:
            self._quiet()
            assert wrong(self.world) == []
        finally:
            self._worlds.end(self.world)

    # people here

    @rule(kind=KINDS, status=st.sampled_from(("approved", "approved", "submitted", "draft")))
    def new_here(self, kind: str, status: str) -> None:
        line_model, account, contact = LINES[kind]
        line = line_model(account_id=account, tax_id=1, net=Decimal("10.00"), tax=Decimal("2.00"))
        line.options = [host.db.session.get_one(host.Option, 1)]
        own = {"company_id": 1, "contact_id": contact, "day": date(2026, 3, 9), "status": status}
        self.world.save(PAPERS[kind][0](number=self._new(), lines=[line], total=Decimal("12.00"), **own))

    @rule(kind=KINDS, which=ANY)
    def changed_here(self, kind: str, which: int) -> None:
        paper = self._ours(kind, which)
        if paper is not None:
            paper.lines[0].net += 1
            paper.total += 1
            self.world.save(paper)

    @rule(kind=KINDS, which=ANY)
    def voided_here(self, kind: str, which: int) -> None:
        paper = self._ours(kind, which)
        if paper is not None:
            paper.status = "void"
            self.world.save(paper)

    @rule(kind=KINDS, which=ANY)
    def deleted_here(self, kind: str, which: int) -> None:
        paper = self._ours(kind, which)
        if paper is not None:
            host.db.session.delete(paper)
            host.db.session.commit()

    @rule(which=ANY)
    def contact_changed_here(self, which: int) -> None:
        contacts = self.world.host(host.Contact)
        contact = contacts[which % len(contacts)]
        contact.phone = f"0117 496 {self._count():04}"
        self.world.save(contact)

    # people in Intacct

    @rule(kind=KINDS)
    def new_there(self, kind: str) -> None:
        party, id_, number, account, detail = {
            "invoice": ("customer", "C1", "invoiceno", "4000", "Sale Standard"),
            "bill": ("vendor", "V1", "billno", "6000", "Purchase Standard"),
        }[kind]
        self.world.sim.run(
            f"<create_{kind}><{party}id>{id_}</{party}id><datecreated><year>2026</year><month>4</month><day>2</day>"
            "</datecreated><datedue><year>2026</year><month>4</month><day>9</day></datedue>"
            f"<{number}>{self._new('T')}</{number}><{kind}items><lineitem><glaccountno>{account}</glaccountno>"
            "<amount>50.00</amount><locationid>E1-10</locationid><taxentries><taxentry>"
            f"<detailid>{detail}</detailid><trx_tax>10.00</trx_tax></taxentry></taxentries></lineitem></{kind}items>"
            f"</create_{kind}>",
            "E1",
        )

    @rule(kind=KINDS, which=ANY)
    def described_there(self, kind: str, which: int) -> None:
        rows = self.world.theirs(PAPERS[kind][1])
        row = rows[which % len(rows)]
        self.world.sim.modify(PAPERS[kind][1], row["RECORDNO"], DESCRIPTION=f"Seen {self._count()}")

    @rule(kind=KINDS, which=ANY)
    def reversed_there(self, kind: str, which: int) -> None:
        rows = self.world.theirs(PAPERS[kind][1], STATE="Posted")
        if rows:
            with suppress(Refusal):  # it is paid, in part
                self.world.sim.reverse(PAPERS[kind][1], rows[which % len(rows)]["RECORDNO"], date(2026, 6, 1))

    @rule(kind=KINDS, which=ANY)
    def deleted_there(self, kind: str, which: int) -> None:
        rows = self.world.theirs(PAPERS[kind][1])
        with suppress(Refusal):  # it is paid, in part, or reversed
            self.world.sim.delete(PAPERS[kind][1], rows[which % len(rows)]["RECORDNO"])

    @rule()
    def history_denied(self) -> None:
        self.world.sim.deny("AUDITHISTORY")

    @rule()
    def new_contact_there(self) -> None:
        name = f"Newcomer {self._count()}"
        row = {"CUSTOMERID": f"C{100 + self._number}", "NAME": name, "STATUS": "active"}
        self.world.sim.insert("CUSTOMER", row, "E1")

    @rule(which=ANY)
    def contact_changed_there(self, which: int) -> None:
        rows = self.world.theirs("CUSTOMER")
        row = rows[which % len(rows)]
        self.world.sim.modify("CUSTOMER", row["CUSTOMERID"], NAME=f"{row['NAME'].split(',')[0]}, {self._count()}")

    # what happens

    @rule(fault=st.sampled_from(FAULTS), function=st.sampled_from(FUNCTIONS), skip=st.integers(0, 3))
    def fault(self, fault: dict[str, Any], function: str, skip: int) -> None:
        self.world.sim.faults.add(function=function, skip=skip, **fault)

    @rule(slices=st.integers(1, 4))
    def sync(self, slices: int) -> None:
        run = runs.start(self.world.id, runs.SYNC, "ada")
        for _ in range(slices):
            jobs.work(run.id)

    @rule(at=st.integers(0, 120))
    def crash(self, at: int) -> None:
        run = runs.start(self.world.id, runs.SYNC, "ada")
        killed(self.world, run, at)
        lapse(self.world)

    @rule()
    def time_passes(self) -> None:
        self._age()

    def _quiet(self) -> None:
        """Let nothing fail any more, and sync until nothing is left to do."""
        self.world.sim.faults.clear()
        last: dict[str, int] | None = None
        for _ in range(12):
            self._age()
            run = self.world.drain(runs.start(self.world.id, runs.SYNC, "ada"))
            assert run.state == "done", run.problem
            now_ = self.world.operations()
            if now_ == last:
                return
            last = now_
        raise AssertionError(f"it never comes to rest: {last}")

    def _age(self) -> None:
        """Let the time pass after which is looked up what was sent without an answer, and a run that rests goes on."""
        lapse(self.world)
        self.world.age(LATE)
        with current().transaction() as session:
            session.execute(sa.update(Run).where(Run.rests_until.is_not(None)).values(rests_until=now() - LATE))

    def _ours(self, kind: str, which: int) -> Any:
        rows = self.world.host(PAPERS[kind][0], status="approved")
        return rows[which % len(rows)] if rows else None

    def _new(self, letter: str = "N") -> str:
        return f"{letter}-{self._count()}"

    def _count(self) -> int:
        self._number += 1
        return self._number


def test_both_sides_are_equal_in_the_end_whatever_happened(worlds: Worlds) -> None:
    class Here(History):
        def __init__(self) -> None:
            super().__init__(worlds)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(HISTORIES or "6"), stateful_step_count=12, deadline=None, derandomize=not HISTORIES,
            database=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_what_is_wrong_is_seen(worlds: Worlds) -> None:
    history = History(worlds)
    world = history.world
    world.sim.switches.unique_invoice_numbers = False
    invoice, (line,) = world.one(host.Invoice, number="INV-2"), world.theirs("ARINVOICE", RECORDID="INV-2")
    invoice.total += 1
    world.save(invoice)
    world.sim.modify("ARINVOICE", line["RECORDNO"], RECORDID="INV-1")
    found = wrong(world)
    worlds.end(world)
    assert found[0] == "2 times ARINVOICE INV-1"
    assert found[1].startswith("INV-2 is not in Intacct, or is another one there")
