"""Sage Intacct over its XML gateway (Web Services, DTD 3.0). Needs neither Flask nor a database.

::

    from flask_intacct.gateway import Client, Login, Sender, functions
    from flask_intacct.gateway import filters as f

    client = Client(Login("acme", "ws", "secret"), Sender("sender", "secret"))
    late = list(client.query("ARINVOICE", ["RECORDNO", "RECORDID", "TRX_TOTALDUE"], filter=f.eq("STATE", "Posted")))
    reply = client.execute([functions.create("VENDOR", {"VENDORID": "V1", "NAME": "Pipe & Co"})])

Values stay strings; :mod:`flask_intacct.gateway.formats` turns them into dates, times, decimals and booleans and
back. Errors and what to do about them are in :mod:`flask_intacct.gateway.errors`.
"""

from __future__ import annotations

from . import filters, formats, functions
from .client import Client
from .definitions import Definition, FieldInfo, Relationship
from .errors import ExchangeError, GatewayFault, RetryClass
from .filters import Filter
from .formats import Row, UserFormat
from .function import Aggregate, Function, Order
from .gate import Gate, LocalGate, Narrowing
from .mending import Spoiled
from .paging import Page
from .redact import Exchange
from .reply import Reply, Result
from .session import Login, MemorySessions, Refusals, Sender, Session, SessionKey, Sessions
from .wirelog import WireLog

__all__ = [
    "Aggregate",
    "Client",
    "Definition",
    "Exchange",
    "ExchangeError",
    "FieldInfo",
    "Filter",
    "Function",
    "Gate",
    "GatewayFault",
    "LocalGate",
    "Login",
    "MemorySessions",
    "Narrowing",
    "Order",
    "Page",
    "Refusals",
    "Relationship",
    "Reply",
    "Result",
    "RetryClass",
    "Row",
    "Sender",
    "Session",
    "SessionKey",
    "Sessions",
    "Spoiled",
    "UserFormat",
    "WireLog",
    "filters",
    "formats",
    "functions",
]
