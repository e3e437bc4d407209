"""What a person decided against the evidence, for the plan to say again: by sort, with names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..choices import CREATE, MATCHED
from ..models import Link
from ..overrides import CONTROL, LIKELY, OTHER_ROLE, OTHER_TYPE
from .plan import Against

_SORTS = {
    (OTHER_ROLE, CREATE): (
        "%(was)s of yours will be created as %(role)s",
        "%(was)ss of yours will be created as %(role)ss",
    ),
    (OTHER_ROLE, MATCHED): ("%(was)s of yours is joined to a %(role)s", "%(was)ss of yours are joined to %(role)ss"),
    (OTHER_TYPE, MATCHED): (
        "account of yours is joined to one of the other statement",
        "accounts of yours are joined to some of the other statement",
    ),
    (CONTROL, MATCHED): (
        "account of yours is joined to a control, tax or bank account, which no line can be posted to",
        "accounts of yours are joined to control, tax or bank accounts, which no line can be posted to",
    ),
    (LIKELY, CREATE): (
        "contact of yours will be created though Sage Intacct seems to have it",
        "contacts of yours will be created though Sage Intacct seems to have them",
    ),
}
"""What each sort comes to, for one record and for several."""


def against(session: Session, connection_id: int) -> tuple[Against, ...]:
    """All that was agreed to and is still to be carried out, the most frequent sort first."""
    query = select(Link).where(Link.connection_id == connection_id, Link.state.in_((MATCHED, CREATE)))
    names: dict[tuple[str, str], list[str]] = {}
    people: dict[tuple[str, str], list[str]] = {}
    for link in session.scalars(query.order_by(Link.label, Link.id)):
        for item in link.overrides:
            one, several = (text % item["values"] for text in _SORTS[item["cause"], link.state])
            theirs = item["values"].get("theirs", "")
            names.setdefault((one, several), []).append(f"{link.label} ({theirs})" if theirs else link.label)
            why = item.get("reason", "")
            people.setdefault((one, several), []).append(f"{item['who']} ({why})" if why else item["who"])
    found = sorted(names.items(), key=lambda sort: -len(sort[1]))
    return tuple(
        Against(f"{len(named)} {sort[len(named) > 1]}", tuple(named), tuple(dict.fromkeys(people[sort])))
        for sort, named in found
    )
