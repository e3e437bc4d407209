"""Fields that no record holds: they are worked out when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .tables import Store, Table
from .values import Row

Getter = Callable[[Row], Any]
PARTIES = {"CUSTOMERID": "CUSTOMER", "VENDORID": "VENDOR"}
ADDRESS = "https://www.intacct.com/ia/acct/ur.phtml?.r={0}-{1}"


def getter(store: Store, table: Table, name: str) -> Getter | None:
    """How to work out a field of a table; None for those that are stored."""
    if name not in table.fields:
        return None
    if name == "RECORD_URL":
        return lambda row: ADDRESS.format(table.spec.name, row["RECORDNO"])
    if name in ("CREATEDBYLOGINID", "MODIFIEDBYLOGINID"):
        by, users = name.removesuffix("LOGINID"), store["USERINFO"]
        return lambda row: (users.get(row.get(by)) or {}).get("LOGINID")
    if name == "TRX_ENTITYDUE":
        by = "CUSTOMERID" if "CUSTOMERID" in table.fields else "VENDORID"
        parties = store[PARTIES[by]]
        return lambda row: (parties.named(row.get(by)) or {}).get("TOTALDUE")
    if name == "DUE_IN_DAYS":
        return lambda row: str((row["WHENDUE"] - datetime.now(UTC).date()).days) if row.get("WHENDUE") else None
    return None
