"""What both sides of a document keep in columns, so that pairs, totals and plans are found in SQL."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import key_text


class DocumentColumns:
    """The columns of a document, alike on links (the host's side) and records (Intacct's); empty for other kinds.

    `number_folded` and `reference_folded` are as :func:`flask_intacct.sync.header.fold` gives them; by these, `day` and
    `cents` pairs are found. `cents` is the gross and `open_cents` what is still to be paid, in cents of the document's
    currency: SQLite sums decimals as floats. `open_cents` is NULL where its side does not say. `status` is one of
    :data:`flask_intacct.ledger.STATUSES`.
    """

    number_folded: Mapped[str] = mapped_column(key_text(120), default="", server_default="")
    reference_folded: Mapped[str] = mapped_column(key_text(120), default="", server_default="")
    day: Mapped[dt.date | None]
    cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    open_cents: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20), default="", server_default="")
