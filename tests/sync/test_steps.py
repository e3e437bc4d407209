"""Each stage of each kind of run, stopped after every step, and its steps repeated: all ends like a run in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pytest
import sqlalchemy as sa
from world import MakeWorld, World, books, host
from world.dying import Died, dying
from world.statements import counted

from flask_intacct import jobs, run_kinds
from flask_intacct.models import Issue, Link, Operation, Phase, PlanItem, Record, Run
from flask_intacct.onboarding import connect, forecast, suggest
from flask_intacct.onboarding import plan as plans
from flask_intacct.sync import (
    dimensions,
    document_import,
    document_matching,
    documents,
    ours,
    record_import,
    scanning,
    source,
    touched,
)
from flask_intacct.sync import run as runs
from flask_intacct.sync.executor import Executor
from flask_intacct.sync.outbox import states as outbox

D = Decimal
Work = Callable[[World, Run], Run]

SMALL = {
    dimensions: {"AT_ONCE": 2},
    documents: {"AT_ONCE": 2},
    forecast: {"AT_ONCE": 2},
    record_import: {"AT_ONCE": 2},
    document_import: {"SET": 2},
    ours: {"BATCH": 3},
    outbox: {"AT_ONCE": 2, "BATCH": 2},
    document_matching: {"AT_ONCE": 1, "CHUNK": 2},
    scanning: {"AT_ONCE": 3},
    source: {"PAGE": 5},
    touched: {"AT_ONCE": 2},
    suggest: {"BATCH": 2},
}
"""How many records a step treats, so that each stage of the small company takes several."""

LEFT_OUT = {
    Link: {"created_at", "decided_at", "version", "seen_at"},
    Record: {"read_at", "hash", "applied_hash", "modified", "missing_since", "generation"},
    Operation: {"id", "created_at", "updated_at", "sent_at", "due_at", "result", "control_id", "claims"},
    PlanItem: {"id"},
    Issue: {"id", "first_seen", "last_seen", "content", "handled_at", "count"},
}
"""What is another in each world: times, what is made of them, and ids of what is made chunk by chunk."""

ORDER = {
    Operation: ("op_key",),
    PlanItem: ("run_id", "kind", "link_id", "record_id"),
    Issue: ("subject", "fingerprint", "resolution"),
}
"""By what such rows are laid side by side."""


def in_one_go(world: World, run: Run) -> Run:
    return world.drain(run)


def step_by_step(world: World, run: Run) -> Run:
    """One step a slice."""
    world.configure(slice_seconds=0)
    try:
        return world.drain(run, slices=2000)
    finally:
        world.configure(slice_seconds=45)


def dying_after_each_step(world: World, run: Run) -> Run:
    """One step a slice, and each worker dies before the cursor behind its step is committed: all steps come twice."""
    world.configure(slice_seconds=0)
    with pytest.MonkeyPatch.context() as patched:
        dying(patched)
        for _ in range(4000):
            with suppress(Died):
                jobs.work(run.id)
            row: Run = world.get(Run, run.id)
            if row.live is None:
                world.configure(slice_seconds=45)
                return row
    raise AssertionError("the run did not end")


def late_at_each_read(world: World, run: Run) -> Run:
    """A slice's time is over at the first read after its first step."""
    world.configure(slice_seconds=0)
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Executor, "_over", lambda self: False)
            return world.drain(run, slices=2000)
    finally:
        world.configure(slice_seconds=45)


def both_companies() -> Any:
    """Intacct's company with more of each sort of document."""
    rent = books.line("4000", "100.00", "20.00")

    def paper(number: str, day: int, state: str = "Posted", paid: str = "0.00", contact: str = "C1") -> Any:
        return books.paper(number, contact, date(2026, 4, day), rent, state=state, paid=D(paid))

    plain = books.intacct_company()
    return books.intacct_company(
        invoices=(
            *plain.invoices, paper("PART-1", 1, "Partially Paid", "40.00"), paper("PAID-1", 2, "Paid", "120.00"),
            paper("LIKE-1", 3), paper("LIKE-1", 3), paper("NEAR-1", 4), *(paper(f"T-{n}", 10 + n) for n in range(4)),
        ),
        bills=(*plain.bills, books.paper("T-9", "V2", date(2026, 4, 9), rent)),
    )  # fmt: skip


def fill(world: World) -> None:
    """More of the host's documents: some that can't go, one that may exist, one that exists."""
    line = {"account_id": 1, "tax_id": 1, "net": D("100.00"), "tax": D("20.00")}
    option = world.one(host.Option, title="High Street")

    def invoice(number: str, day: int, **changes: Any) -> host.Invoice:
        lines = [host.InvoiceLine(**line | changes, options=[option])]
        alice = world.one(host.Contact, name="Alice Adams")
        own = {"company_id": 1, "contact_id": alice.id, "total": D("120.00")}
        return host.Invoice(number=number, day=date(2026, 4, day), lines=lines, **own)

    world.save(
        invoice("LIKE-1", 3), invoice("NEAR-1", 5), invoice("T-3", 13), invoice("BARE-1", 6, account_id=None),
        invoice("BARE-2", 7, tax_id=None), *(invoice(f"NEW-{n}", 8 + n) for n in range(3)),
    )  # fmt: skip


def change(world: World) -> None:
    """What happens on both sides after the initial sync."""
    (invoice,) = world.theirs("ARINVOICE", RECORDID="THEIRS-1")
    world.sim.reverse("ARINVOICE", int(invoice["RECORDNO"]), date(2026, 4, 20))
    (account,) = world.theirs("GLACCOUNT", ACCOUNTNO="4100")
    world.sim.modify("GLACCOUNT", int(account["RECORDNO"]), TITLE="Charges")
    world.sim.insert("CUSTOMER", {"CUSTOMERID": "C7", "NAME": "Gail Green", "STATUS": "active"}, "E1")
    world.sim.insert("DEPARTMENT", {"DEPARTMENTID": "NEW", "TITLE": "New", "STATUS": "active"})
    (paid,) = world.theirs("ARINVOICE", RECORDID="NEW-0")
    world.sim.modify("ARINVOICE", int(paid["RECORDNO"]), TRX_TOTALDUE=D("0.00"), STATE="Paid")
    void = world.one(host.Invoice, number="BARE-1")
    void.status = "void"
    bare = world.one(host.Invoice, number="BARE-2")
    bare.lines[0].tax_id = 1
    world.save(void, bare)
    host.db.session.execute(sa.delete(host.Account).where(host.Account.code == "7999"))
    host.db.session.commit()


def whole_path(world: World, work: Work) -> list[Run]:
    """Every kind of run, one after the other."""
    fill(world)
    done = [work(world, connect.refresh(world.id, "ada"))]
    world.decide()
    done.append(work(world, plans.make(world.id, "ada")))
    found = plans.current_plan(world.connection)
    assert found is not None
    done.append(work(world, connect.confirm(world.id, found.digest, "ada")))
    change(world)
    done.append(work(world, runs.start(world.id, runs.SYNC, "ada")))
    done.append(work(world, connect.refresh(world.id, "ada")))
    assert [run.state for run in done] == ["done"] * 5, [run.problem for run in done]
    return done


def books_of(world: World, done: list[Run]) -> dict[str, Any]:
    """All that is to be the same: both sides and what joins them, the plan, the totals, what each phase counted."""
    found: dict[str, Any] = {}
    hosts: tuple[type[Any], ...] = (
        host.TaxRate,
        host.Account,
        host.Category,
        host.Option,
        host.Contact,
        host.Invoice,
        host.Bill,
    )
    for theirs in hosts:
        columns = theirs.__table__.columns
        found[theirs.__name__] = [
            {column.name: getattr(row, column.name) for column in columns} for row in world.host(theirs)
        ]
    for model, left_out in LEFT_OUT.items():
        names = [column.name for column in model.__table__.columns if column.name not in left_out]
        order = attrgetter(*ORDER.get(model, ("id",)))
        rows = sorted(world.rows(model), key=order)
        found[model.__name__] = [{name: getattr(row, name) for name in names} for row in rows]
    for row, record in zip(found["Record"], world.rows(Record), strict=True):
        row["payload"] = unstamped(row["payload"])
        row |= {"applied": record.hash == record.applied_hash, "missing": record.missing_since is not None}
    for object_ in ("CUSTOMER", "VENDOR", "ARINVOICE", "APBILL"):
        found[object_] = [(row["RECORDNO"], row.get("RECORDID"), row.get("NAME")) for row in world.theirs(object_)]
    found["executions"] = world.executions()
    found["reports"] = [{name: part for name, part in run.report.items() if name != "made_at"} for run in done]
    found["counts"] = [
        [(phase.name, phase.done, phase.failed, phase.total) for phase in world.phases(run.id)] for run in done
    ]
    found["digests"] = world.connection.plan_digest
    return found


def unstamped(value: Any) -> Any:
    """A payload without the times at which its parts were changed."""
    if isinstance(value, dict):
        return {name: unstamped(part) for name, part in value.items() if name != "WHENMODIFIED"}
    return [unstamped(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, values in SMALL.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="module")
def at_once(worlds: Any) -> dict[str, Any]:
    """What a run in one go comes to."""
    world = worlds.make(both_companies(), stage="read")
    try:
        return books_of(world, whole_path(world, in_one_go))
    finally:
        worlds.end(world)


@pytest.mark.parametrize("work", [step_by_step, dying_after_each_step, late_at_each_read])
def test_runs_that_stop_after_each_step_come_to_the_same(
    make_world: MakeWorld, small: None, at_once: dict[str, Any], work: Work
) -> None:
    world = make_world(both_companies(), stage="read")
    found = books_of(world, whole_path(world, work))
    assert list(differences(at_once, found, "")) == []
    assert set(found["executions"]) == {1}


def add_many(world: World, number: int) -> None:
    """So many invoices that can be sent."""
    pattern = world.one(host.Invoice, number="INV-1")
    option = pattern.lines[0].options[0]
    own = {"company_id": 1, "contact_id": pattern.contact_id, "total": D("12.00")}
    line = {"account_id": 1, "tax_id": 1, "net": D("10.00"), "tax": D("2.00")}
    world.save(
        *(
            host.Invoice(
                number=f"MANY-{at}", day=date(2026, 3, 1 + at % 28), lines=[host.InvoiceLine(**line, options=[option])],
                **own,
            )
            for at in range(number)
        )
    )  # fmt: skip


def test_documents_of_the_host_are_read_many_at_a_time(decided_world: World) -> None:
    """From looking at them to comparing what Intacct made of them."""
    world, number = decided_world, 120
    add_many(world, number)
    run = world.confirm()
    with counted() as statements:
        assert world.drain(run).state == "done"
    assert len(world.numbers("ARINVOICE")) > number
    assert len([one for one in statements if one.startswith("SELECT") and "FROM invoice" in one]) < number


def test_what_was_created_is_looked_for_once_and_not_with_each_batch(decided_world: World) -> None:
    """Over all that is joined, which may be a hundred thousand documents."""
    world = decided_world
    add_many(world, 3 * outbox.BATCH)
    run = world.confirm()
    with counted() as statements:
        assert world.drain(run).state == "done"
    assert (world.issues(), set(world.executions())) == ([], {1})
    looked = [one for one in statements if one.startswith("SELECT intacct_link.record_key") and "agreed" in one]
    steps = 3  # the first of its kind, its reading back, and all that follow
    assert len(looked) <= 2 * (steps + 1) * world.get(Run, run.id).slices  # for invoices and for bills


@pytest.mark.parametrize("number", [120, 240])
def test_a_step_treats_a_bounded_number_of_records(decided_world: World, number: int) -> None:
    """What a step takes of the database does not grow with the books."""
    world = decided_world
    add_many(world, number)
    run = world.confirm()
    world.configure(slice_seconds=0)
    (phase,) = [phase for phase in world.phases(run.id) if phase.name == "invoice"]
    steps: list[Any] = [stage.step for stage in run_kinds.runs()[runs.SYNC].stages("invoice")]
    intend = ["_intend" in repr(step) for step in steps].index(True)
    budget: list[int] = []
    while (place := world.get(Phase, phase.id).place).get("stage", 0) <= intend:
        cursor = place.get("cursor", {})
        with counted() as statements:
            jobs.work(run.id)
        if place.get("stage") == intend and cursor:  # not the first one, in which a chunk of both books is read
            ours = [one for one in statements if "intacct_" in one]
            budget.append(len(ours))
    assert len(budget) >= number // documents.AT_ONCE
    assert max(budget) <= 40 + 2 * documents.AT_ONCE  # a link and an operation are made for each


def differences(one: Any, other: Any, where: str) -> Iterator[str]:
    """Where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from differences(one.get(name), other.get(name), f"{where}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}[{number}]")
    elif one != other:
        yield f"{where}: {one!r:.400} is now {other!r:.400}"
