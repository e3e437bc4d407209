"""The states of our rows: every pair of each table, and that nobody goes around them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from world import World

import flask_intacct
from flask_intacct import choices
from flask_intacct.admin import words
from flask_intacct.models import Connection, IllegalTransition, Link, Operation, Phase, Run, states, transition
from flask_intacct.models import transition_all as move_all
from flask_intacct.onboarding.company import STATES
from flask_intacct.state import current
from flask_intacct.sync import run as runs
from flask_intacct.sync.outbox import states as outbox

LIVE: dict[type[Any], object] = {Operation: "create", Run: 1}
"""What `live` holds of a row that has not ended."""

ALLOWED: dict[type[Any], dict[str, set[str]]] = {
    Connection: {
        "onboarding": {"onboarding", "connected", "needs_reconnecting", "ended"},
        "connected": {"connected", "paused", "needs_reconnecting", "disconnected", "ended"},
        "paused": {"connected", "disconnected", "ended"},
        "needs_reconnecting": {"onboarding", "connected", "disconnected", "ended"},
        "disconnected": {"onboarding", "connected", "ended"},
        "ended": set(),
    },
    Link: {
        "undecided": {"undecided", "matched", "create", "archived", "linked", "orphaned", "suspended"},
        "matched": {"undecided", "matched", "create", "archived", "linked", "orphaned", "suspended"},
        "create": {"undecided", "matched", "create", "archived", "linked", "orphaned", "suspended"},
        "archived": {"undecided", "matched", "create", "archived", "linked", "orphaned", "suspended"},
        "linked": {"linked", "create", "orphaned", "suspended"},
        "suspended": {"undecided", "matched", "create", "archived", "linked", "orphaned"},
        "orphaned": {"undecided", "linked"},
    },
    Operation: {
        "BLOCKED": {"BLOCKED", "READY", "CANCELLED", "SUPERSEDED"},
        "READY": {"READY", "SENT", "DONE", "CANCELLED", "SUPERSEDED"},
        "SENT": {"READY", "DONE", "REJECTED", "UNKNOWN"},
        "UNKNOWN": {"READY", "DONE", "MANUAL", "CANCELLED", "SUPERSEDED"},
        "REJECTED": {"READY", "DONE", "CANCELLED", "SUPERSEDED"},
        "MANUAL": {"DONE", "READY", "CANCELLED"},
        "DONE": set(),
        "CANCELLED": set(),
        "SUPERSEDED": set(),
    },
    Run: {
        "queued": {"queued", "running", "paused", "failed", "cancelled"},
        "running": {"queued", "running", "paused", "done", "failed", "cancelled"},
        "paused": {"queued", "failed", "cancelled"},
        "done": set(),
        "failed": set(),
        "cancelled": set(),
    },
    Phase: {
        "waiting": {"running", "skipped"},
        "running": {"running", "done", "failed", "skipped"},
        "done": set(),
        "failed": set(),
        "skipped": set(),
    },
}
ENDS = {Operation: {"DONE", "CANCELLED", "SUPERSEDED"}, Run: {"done", "failed", "cancelled"}}


def pairs() -> Iterator[Any]:
    for model, moves in ALLOWED.items():
        for before in moves:
            for after in moves:
                yield pytest.param(model, before, after, id=f"{model.__name__}-{before}-{after}")


@pytest.mark.parametrize(("model", "before", "after"), list(pairs()))
def test_a_state_changes_only_as_its_table_says(model: type[Any], before: str, after: str) -> None:
    row = model(state=before)
    if model in LIVE:
        row.live = LIVE[model]
    if after in ALLOWED[model][before]:
        transition(row, after, "a test")
        assert row.state == after
        assert getattr(row, "live", None) == (None if after in ENDS.get(model, ()) else LIVE.get(model))
    else:
        with pytest.raises(IllegalTransition, match=f"from {before} to {after}: a test"):
            transition(row, after, "a test")
        assert row.state == before


@pytest.mark.parametrize("model", ALLOWED, ids=lambda model: model.__name__)
def test_a_word_that_is_no_state_is_refused(model: type[Any]) -> None:
    for before in ALLOWED[model]:
        with pytest.raises(IllegalTransition):
            transition(model(state=before), "dnoe", "a slip of the pen")


def test_no_state_is_left_out_of_a_table() -> None:
    assert set(states.TABLES) == set(ALLOWED)
    for model, moves in ALLOWED.items():
        assert set(states.TABLES[model].moves) == set(moves)
    known = {choices.UNDECIDED, choices.MATCHED, choices.CREATE, choices.ARCHIVED, choices.LINKED, choices.ORPHANED}
    known |= {choices.SUSPENDED}
    assert set(ALLOWED[Link]) == known
    assert set(ALLOWED[Connection]) <= set(STATES)
    assert set(ALLOWED[Run]) <= set(words.STATES)
    assert {runs.QUEUED, runs.RUNNING, runs.PAUSED, runs.DONE, runs.FAILED, runs.CANCELLED} == set(ALLOWED[Run])
    assert {outbox.BLOCKED, outbox.READY, outbox.SENT, outbox.DONE, outbox.REJECTED, outbox.UNKNOWN, outbox.MANUAL,
            outbox.CANCELLED, outbox.SUPERSEDED} == set(ALLOWED[Operation])  # fmt: skip


def test_many_rows_change_together_and_those_that_may_not_stay(decided_world: World) -> None:
    world = decided_world
    before = {link.id: link.state for link in world.rows(Link)}
    some = min(link_id for link_id, state in before.items() if state == "matched")
    with current().transaction() as session:
        transition(session.get_one(Link, some), choices.LINKED, "a test")
    mine = Link.connection_id == world.id
    with current().transaction() as session:
        changed = move_all(session, Link, choices.UNDECIDED, "a test", mine, record_key="")
    assert changed == len(before) - 1
    assert {link.state for link in world.rows(Link) if link.id != some} == {"undecided"}
    assert world.get(Link, some).state == "linked"


def assigned(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield node.target


def test_nothing_but_a_transition_writes_a_state() -> None:
    """Neither ``row.state = ...``, nor ``setattr``, nor ``update(...).values(state=...)``."""
    package = Path(flask_intacct.__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        if path.is_relative_to(package / "simulator") or path == package / "models" / "states.py":
            continue
        tree = ast.parse(path.read_text())
        for target in assigned(tree):
            if (
                isinstance(target, ast.Attribute)
                and target.attr == "state"
                and getattr(target.value, "id", "") != "self"
            ):
                found.append(f"{path.relative_to(package)}:{target.lineno}")
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
            if called and any(word.arg == "state" for word in node.keywords):  # type: ignore[attr-defined]
                found.append(f"{path.relative_to(package)}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []
