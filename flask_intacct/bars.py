"""How sure a suggestion has to be to count as certain: what people overruled raises it, per company and kind."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from . import kinds
from .models import Link


@dataclass(frozen=True, slots=True)
class Bar:
    """How confident a certain suggestion has to be in one company and kind, after what people there overruled."""

    least: int = 0
    overruled: int = 0

    def clears(self, link: Link) -> bool:
        """Whether a suggestion counts as certain; one that a person undid before does not."""
        return link.certain and link.confidence >= self.least and not link.sure_key

    @property
    def clearing(self) -> ColumnElement[bool]:
        """:meth:`clears` for a query."""
        return and_(Link.certain, Link.confidence >= self.least, Link.sure_key == "")


ONE_IN = 200
"""Up to one certain suggestion in so many may be overruled before the bar rises."""

BARS = ((5, 100), (2, 99), (1, 97))
"""From so many overruled on, the confidence that a certain suggestion needs; none has 100."""

ACCOUNT_BARS = ((3, 100), (1, 99))
"""The same for accounts, where nothing below 98 is certain in the first place."""


def bar(session: Session, connection_id: int, kind: str) -> Bar:
    """The bar that decisions have set; never below the matching's own, which is in :attr:`Link.certain`."""
    # What was suggested is of the host's own role; in another one a record may have the same key.
    wrong = func.sum(case((and_(Link.record_key == Link.sure_key, Link.own_role == ""), 0), else_=1))
    decided, overruled = session.execute(
        select(func.count(), func.coalesce(wrong, 0)).where(
            Link.connection_id == connection_id, Link.kind == kind, Link.sure_key > ""
        )
    ).one()
    if overruled * ONE_IN <= decided:
        return Bar(0, overruled)
    bars = ACCOUNT_BARS if kind == kinds.ACCOUNT else BARS
    return Bar(next(least for number, least in bars if overruled >= number), overruled)
