"""Rows of a host, made of Intacct's records one by one."""

from __future__ import annotations

from flask_intacct.contents import Resolve
from flask_intacct.host import Host
from flask_intacct.ledger import Document, Ref, Value
from flask_intacct.local import Local


def nothing(kind: str, ref: Ref) -> None:
    """Finds no row for anything."""


def made(host: Host, local: Local, value: Value | Document, resolve: Resolve = nothing, company_id: str = "") -> Ref:
    """The row that the host makes of one record.

    :param resolve: Gives the rows of what it refers to.
    """
    (ref,) = host.create(local, [(value, resolve)], company_id)
    return ref
