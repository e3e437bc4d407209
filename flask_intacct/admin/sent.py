"""What was said to Sage Intacct about one record, and what it answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import exchanges
from ..models import Exchange, ExchangeOperation, Operation
from ..translation import lazy_gettext

MOST = 100
"""So many requests of one record are listed, the newest."""

OUTCOMES: dict[str, tuple[Any, str]] = {
    exchanges.ANSWERED: (lazy_gettext("Carried out"), "green"),
    exchanges.REFUSED: (lazy_gettext("Refused, at least in part"), "red"),
    "Crowded": (lazy_gettext("Not sent"), "grey"),
    "NotSent": (lazy_gettext("Not sent"), "grey"),
    "NoReply": (lazy_gettext("No answer"), "amber"),
    "GatewayBusy": (lazy_gettext("Too busy"), "amber"),
}
"""What became of a request: the word for it and its colour."""

OTHER = (lazy_gettext("Failed"), "red")

_PIECE = re.compile(r"(?<=>)\s*(?=<)")


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `outcome` is as :mod:`~flask_intacct.exchanges` has it, `http_status` 0 without an answer."""

    id: int
    at: datetime
    functions: str
    outcome: str
    http_status: int
    milliseconds: int

    @property
    def word(self) -> Any:
        return OUTCOMES.get(self.outcome, OTHER)[0]

    @property
    def colour(self) -> str:
        return OUTCOMES.get(self.outcome, OTHER)[1]

    @property
    def detail(self) -> str:
        """The class of the failure, for support; "" where the word says it all."""
        return "" if self.outcome in (exchanges.ANSWERED, exchanges.REFUSED) else self.outcome


_COLUMNS = (
    Exchange.id, Exchange.at, Exchange.functions, Exchange.outcome, Exchange.http_status, Exchange.milliseconds,
)  # fmt: skip


def of_link(session: Session, connection_id: int, link_id: int) -> Sequence[Request]:
    """The requests that carried a record, the newest first."""
    query = (
        select(*_COLUMNS)
        .join(ExchangeOperation, ExchangeOperation.exchange_id == Exchange.id)
        .join(Operation, Operation.id == ExchangeOperation.operation_id)
        .where(Operation.link_id == link_id, Exchange.connection_id == connection_id)
        .order_by(Exchange.id.desc())
    )
    return [Request(*row) for row in session.execute(query.limit(MOST))]


def one(session: Session, connection_id: int, exchange_id: int) -> tuple[Request, str, str] | None:
    """A request with what was said and what was answered; None if this connection has none of this id."""
    query = select(*_COLUMNS, Exchange.request, Exchange.response)
    row = session.execute(
        query.where(Exchange.id == exchange_id, Exchange.connection_id == connection_id)
    ).one_or_none()
    if row is None:
        return None
    facts: list[Any] = list(row)
    answered, said = facts.pop(), facts.pop()
    return Request(*facts), indented(exchanges.opened(said)), indented(exchanges.opened(answered))


def indented(text: str) -> str:
    """XML with a line for each element; anything else stays as it is."""
    if not text.lstrip().startswith("<"):
        return text
    lines, depth = [], 0
    for piece in _PIECE.split(text.strip()):
        if piece.startswith("</"):
            depth = max(depth - 1, 0)
        lines.append("  " * min(depth, 20) + piece)
        if not piece.startswith(("</", "<?", "<!")) and "</" not in piece and not piece.endswith("/>"):
            depth += 1
    return "\n".join(lines)
