"""What each kind of run consists of: its phases, and their stages in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from . import kinds
from .messages import Message
from .onboarding import deciding, ended, planning, suggest
from .phases import Cursor, Phase, RunKind, Stage
from .sync import (
    agreement,
    contacts,
    dimensions,
    documents,
    doubts,
    finish,
    missing,
    ours,
    pushing,
    reading,
    reference,
    run,
    scanning,
    successor,
    touched,
)
from .sync.job_context import JobContext
from .translation import marked


def _swept(job: JobContext, _: Cursor) -> None:
    """End the run if its company is gone, hold it if that seems to be another one; see what the host touched."""
    ended.sweep(job.state)
    successor.check(job)
    touched.dispatch(job.state)


_CHECKED = Stage(_swept, border=True)
_CONNECT = Phase("connect", marked("Connection"), (), (_CHECKED, Stage(ours.deleted), Stage(reading.connect)))
_SYNCS = replace(_CONNECT, stages=(_CHECKED, Stage(ours.deleted), Stage(doubts.check), Stage(reading.connect)))
_DECIDE = Phase("decide", marked("Records"), (), (Stage(deciding.step),))
_OUR_OWN = marked("Our own records")
_TRACKING = (kinds.TRACKING_CATEGORY, kinds.TRACKING_OPTION)
_REFERENCE = (kinds.TAX_TYPE, kinds.ACCOUNT, *_TRACKING)


def _reading(kind: str, *stages: Stage) -> Phase:
    """A phase that only reads Intacct's records of a kind: it goes by Intacct's name for them."""
    return Phase(f"read_{kind}", kinds.named(kind).theirs, (kind,), stages)


def _syncing(kind: str, stages: Sequence[Stage]) -> Phase:
    """A phase that brings the records of a kind into step."""
    return Phase(kind, kinds.named(kind).label, (kind,), tuple(stages))


def _suggestions(*, counts: bool) -> tuple[Stage, ...]:
    return tuple(Stage(partial(suggest.stage, kind, counts=counts), kind) for kind in kinds.MATCHED)


def _scanning() -> Iterator[Stage]:
    """All of the host's documents, as they are now."""
    for kind in kinds.documents():
        yield Stage(partial(scanning.scan, kind), kind)
        yield Stage(partial(touched.read, kind), kind)


def runs() -> dict[str, RunKind]:
    """Each kind of run, with its phases and what they do; each kind of documents has a phase of its own."""
    contact, tax_type, account = kinds.CONTACT, kinds.TAX_TYPE, kinds.ACCOUNT
    roles = kinds.roles(contact)
    read_contacts = _reading(
        contact, *(Stage(partial(reading.contacts, role, counts=True), contact, role) for role in roles)
    )
    suggestions = Phase("suggest", marked("Suggestions"), (), (*_suggestions(counts=True), Stage(suggest.ready)))
    # The documents were read in their own phases.
    ours_joined = Phase("ours", _OUR_OWN, (), (Stage(ours.snapshot), Stage(agreement.of_contacts, contact)))
    ours_alone = Phase("ours", _OUR_OWN, (), (*_scanning(), Stage(ours.snapshot)))
    sync = (
        _SYNCS,
        Phase("reference", marked("Tax types, accounts and tracking"), _REFERENCE, reference.stages()),
        _syncing(contact, contacts.stages()),
        *(_syncing(kind, documents.stages(kind)) for kind in kinds.documents()),
        ours_joined,
        suggestions,
        Phase("finish", marked("Control totals"), (), (Stage(missing.settle), Stage(finish.finish))),
    )
    tracking = (Stage(dimensions.listed), Stage(partial(dimensions.values, counts=True)), Stage(dimensions.entities))
    marks = Stage(reading.marks, account, past=reading.marked, spare=True)
    read = (
        _CONNECT,
        _reading(tax_type, Stage(partial(reading.tax_types, counts=True), tax_type)),
        _reading(account, Stage(partial(reading.accounts, counts=True), account), marks),
        Phase("read_tracking", marked("Dimensions and their values"), _TRACKING, tracking),
        read_contacts,
        ours_alone,
        suggestions,
    )
    plan = (
        _CONNECT,
        read_contacts,
        *(_reading(kind, Stage(partial(reading.documents, kind, counts=True), kind)) for kind in kinds.documents()),
        ours_alone,
        Phase("plan", marked("Plan"), (), (*_suggestions(counts=False), Stage(planning.compute))),
    )
    push = (
        Phase("connect", marked("Connection"), (), (_CHECKED, Stage(pushing.take_up))),
        *(_syncing(kind, pushing.stages(kind)) for kind in kinds.documents()),
    )
    starts = ("onboarding", "connected")
    anytime = (*starts, "paused", "needs_reconnecting", "disconnected")
    return {
        run.READ: RunKind(Message("run.Read"), starts, read, all_or_nothing=True),
        run.PLAN: RunKind(Message("run.Plan"), starts, plan, all_or_nothing=True),
        run.INITIAL: RunKind(Message("run.Initial"), ("connected",), sync),
        run.SYNC: RunKind(Message("run.Sync"), ("connected",), sync),
        run.DECIDE: RunKind(Message("run.Decide"), anytime, (_DECIDE,), apart=True),
        run.PUSH: RunKind(Message("run.Push"), ("connected",), push, apart=True),
    }
