"""One company at its plan, of which the screens say all that there is to say of records, issues and plans."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask_intacct import issues
from flask_intacct.messages import Message, plain
from flask_intacct.messages.catalogue import CATALOGUE
from flask_intacct.messages.causes import CAUSES
from flask_intacct.messages.evidence import EVIDENCE
from flask_intacct.messages.marks import Plural
from flask_intacct.models import Connection, Issue, Link, Record, Run
from flask_intacct.onboarding import plan as plans

PLACE = re.compile(r"%\((\w+)\)s")


def said(id: str) -> Message:
    """A message with something in each of its places."""
    literal = CATALOGUE[id]
    forms = literal[1:] if isinstance(literal, Plural) else (literal,)
    values: dict[str, Any] = {name: f"‹{name}›" for form in forms for name in PLACE.findall(form)}
    return Message(id, **(values | ({literal.by: 2} if isinstance(literal, Plural) else {})))


def rows(number: int) -> list[Any]:
    """What is in the database of a company, the connection `number`."""
    at, kept = (
        datetime.now(UTC),
        {"company_id": "3", "company_name": "‹Mill›", "live_company": "3", "intacct_company": "‹mill›"},
    )
    facts = {"unlisted": {"contact": {"role '‹x›'": 2}, "invoice": {"status '‹y›'": 1}}, "taxes": True}
    connection = Connection(
        id=number, state="onboarding", step="plan", level="top", facts=facts, plan_digest="d",
        with_transactions=True, sync_from=date(2026, 3, 1), **kept,
    )  # fmt: skip
    record = Record(
        connection_id=number, object="CUSTOMER", key="7", natural_id="‹C7›", name="‹Ada›", search="ada", role="customer"
    )
    reasons = [said(id) for id in EVIDENCE]
    link = Link(
        connection_id=number, kind="contact", source="contact", local_id="1", role="customer", label="‹Ada Ltd›",
        suggested_key="7", object="CUSTOMER", confidence=60, reasons=plain(reasons), conflicts=plain(reasons),
        facts={"to_send": 2, "email": "‹e›"},
    )  # fmt: skip
    causes = [str(found) for id, found in CAUSES.items() if not id.startswith("cause.of.")]
    causes += ["tax type not matched", "account unknown", "‹OBJECT› can't be read"]
    told = [
        Issue(
            connection_id=number, fingerprint=cause, subject=f"link:{at_}", live="live", kind="contact",
            label="‹Ada Ltd›", message=said(id), cure=said(id),
        )
        for at_, (cause, id) in enumerate(zip(causes * 9, CATALOGUE, strict=False))
    ]  # fmt: skip
    problems = [
        plans.Problem("contact", issues.heading(cause), said("row.unreadable"), said("plan.foreseen.cure"), 1)
        for cause in (*causes, "role '‹x›' is not listed")
    ]
    labels = [said(id) for id in CATALOGUE if id.startswith("plan.") and "%" not in str(CATALOGUE[id])]
    plan = plans.Plan(
        "d", at, (plans.Section("contact", "Contacts", tuple(plans.PlanRow("send", label, 2) for label in labels)),),
        tuple(problems), (said("plan.both"),), (plans.JournalLine("‹4000›", Decimal(5)),),
        (Message("plan.no_transactions"),), (plans.Against(said("against.likely.create"), ("‹Ada›",), ("‹ada›",)),),
    )  # fmt: skip
    run = Run(connection_id=number, kind="plan", state="done", asked_by="‹ada›", report=plans.dump(plan))
    return [connection, record, link, *told, run]


def pages(number: int) -> tuple[str, ...]:
    """The pages that show it."""
    of = ("contacts", "results", "plan", "runs")
    steps = ("overview", "prerequisites", "credentials", "date")
    return (
        *(f"{name}/{number}/" for name in of), f"results/{number}/list", f"results/{number}/list?cause=no+account",
        *(f"connect/{number}/{step}" for step in steps), f"companies/{number}/", f"contacts/{number}/choose/1",
    )  # fmt: skip
