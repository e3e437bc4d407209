"""What a person decided against the evidence, for the plan to say again: by sort, with names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..choices import CREATE, MATCHED
from ..messages import Message, noun
from ..models import Link
from .plan import Against


def against(session: Session, connection_id: int) -> tuple[Against, ...]:
    """All that was agreed to and is still to be carried out, the most frequent sort first."""
    query = select(Link.label, Link.state, Link.overrides).where(
        Link.connection_id == connection_id, Link.state.in_((MATCHED, CREATE))
    )
    names: dict[tuple[str, str, str], list[str]] = {}
    people: dict[tuple[str, str, str], list[str]] = {}
    for link in session.execute(query.order_by(Link.label, Link.id)):
        for item in link.overrides:
            values = item["values"]
            sort = f"against.{item['cause']}.{link.state}", values.get("was", ""), values.get("role", "")
            theirs = values.get("theirs", "")
            names.setdefault(sort, []).append(f"{link.label} ({theirs})" if theirs else link.label)
            why = item.get("reason", "")
            people.setdefault(sort, []).append(f"{item['who']} ({why})" if why else item["who"])
    found = sorted(names.items(), key=lambda sort: -len(sort[1]))
    return tuple(
        Against(_text(*sort, len(named)), tuple(named), tuple(dict.fromkeys(people[sort]))) for sort, named in found
    )


def _text(id: str, was: str, role: str, count: int) -> Message:
    """What a sort comes to."""
    roles = {
        "was": noun(was), "was_many": noun(f"{was}s"), "role": noun(role), "role_many": noun(f"{role}s")
    } if was else {}  # fmt: skip
    return Message(id, count=count, **roles)
