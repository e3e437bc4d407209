"""Rows as releases of schema version 1 wrote them, by table, with ids from 1 on; what is not named is empty."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from flask_intacct.models import Base

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)

OPERATION: dict[str, Any] = {
    "connection_id": 1,
    "op_key": "{link_id}:create:1",
    "live": "create",
    "action": "create",
    "state": "UNKNOWN",
    "control_id": "5b0efd4d9fb9a419883cd007718d436187eb31e4",
    "revision": 1,
    "function": "create_invoice",
    "payload": {
        "object": "ARINVOICE",
        "values": {
            "customerid": "C1",
            "datecreated": "2026-02-01",
            "datedue": "2026-02-15",
            "invoiceno": "INV-1",
            "action": "Submit",
            "ponumber": "PO 7",
            "invoiceitems": [
                {
                    "glaccountno": "4000",
                    "amount": "333.33",
                    "locationid": "E1-10",
                    "taxentries": [{"detailid": "Sale Standard", "trx_tax": "66.67"}],
                },
                {
                    "glaccountno": "4100",
                    "amount": "0.01",
                    "memo": "Card fee",
                    "locationid": "E1-20",
                    "taxentries": [{"detailid": "Sale Zero", "trx_tax": "0.00"}],
                },
            ],
        },
    },
    "payload_hash": "8f33f71c9aa13daa8655128df9298f8f86ff69230d3e0cb646fd22c5677b68db",
    "reason": '{"id": "text", "values": {"text": "the connection to the gateway broke off (ConnectionError)"}}',
    "claims": 1,
    "sent_at": AT,
    "due_at": AT,
}
"""One that was sent, and of which no answer came; `link_id` is that of its document."""

_LINK = {"connection_id": 1, "version": 2}
_RECORD = {"connection_id": 1, "hash": "f" * 64, "applied_hash": "f" * 64}
_INVOICE = {
    "RECORDNO": "2",
    "RECORDID": "INV-2",
    "DOCNUMBER": "PO 9",
    "STATE": "Posted",
    "WHENCREATED": "2026-02-10",
    "WHENDUE": "2026-02-28",
    "CURRENCY": "GBP",
    "TRX_TOTALENTERED": "240.5",
    "TRX_TOTALDUE": "40",
    "CUSTOMERID": "C2",
    "MEGAENTITYID": "E1",
    "ARINVOICEITEMS": [{"ACCOUNTNO": "4000", "TRX_AMOUNT": "240.5", "LINEITEM": "T"}],
}

ROWS: dict[str, list[dict[str, Any]]] = {
    "intacct_meta": [{"schema_version": 1, "installation_id": "7d1f9d7e-41c6-4f55-9b4e-0f7d1c0b5a11"}],
    "intacct_connection": [
        {"company_id": "1", "company_name": "Northgate", "live_company": "1", "live_target": "demo:E1",
         "state": "connected", "sync_from": date(2026, 1, 1)},
    ],
    "intacct_lease": [{"connection_id": 1, "token": 7}],
    "intacct_run": [
        {"connection_id": 1, "kind": "initial", "state": "done"},
        {"connection_id": 1, "kind": "sync", "state": "running", "live": 1},
    ],
    "intacct_phase": [
        {"run_id": 2, "name": "connect", "position": 0, "state": "done"},
        {"run_id": 2, "name": "invoice", "position": 1, "state": "running",
         "place": {"stage": 3, "cursor": {"after": 4}}},
        {"run_id": 2, "name": "finish", "position": 2, "state": "waiting"},
    ],
    "intacct_notice": [
        {"connection_id": 1, "run_id": 1, "level": "blue", "message": "The initial sync is complete."},
        {"connection_id": 1, "level": "orange", "message": "Sage Intacct does not answer."},
    ],
    "intacct_link": [
        _LINK | {"kind": "contact", "source": "tenant", "local_id": "1", "role": "customer", "label": "Ann Archer",
                 "state": "linked", "object": "CUSTOMER", "record_key": "1", "exclusive": "1",
                 "facts": {"v": 1, "ref": ["tenant", "1"], "name": "Ann Archer", "code": "C1", "roles": ["customer"],
                           "email": "ann@example.test", "to_send": 3}},
        _LINK | {"kind": "contact", "source": "tenant", "local_id": "2", "role": "customer", "label": "Bob Brown",
                 "state": "linked", "object": "CUSTOMER", "record_key": "2", "exclusive": "2",
                 "facts": {"v": 1, "ref": ["tenant", "2"], "name": "Bob Brown", "roles": ["customer"], "to_send": 0}},
        # as it was kept before values had a form
        _LINK | {"kind": "tax_type", "source": "no_tax", "local_id": "no_tax", "role": "sale", "label": "No tax",
                 "state": "undecided", "facts": {"rate": "0", "roles": ["sale"], "to_send": 1}},
        _LINK | {"kind": "invoice", "source": "invoice", "local_id": "1", "label": "INV-1", "state": "create"},
        _LINK | {"kind": "invoice", "source": "invoice", "local_id": "2", "label": "INV-2", "state": "linked",
                 "object": "ARINVOICE", "record_key": "2", "exclusive": "2",
                 "agreed": {"number": "INV-2", "intacct_number": "INV-2", "total": "240.50"}},
    ],
    "intacct_record": [
        _RECORD | {"object": "CUSTOMER", "key": "1", "natural_id": "C1", "name": "Ann Archer",
                   "payload": {"RECORDNO": "1", "CUSTOMERID": "C1", "NAME": "Ann Archer", "STATUS": "active",
                               "DISPLAYCONTACT.EMAIL1": "ann@example.test"}},
        _RECORD | {"object": "CUSTOMER", "key": "2", "natural_id": "C2", "name": "Robert Brown",
                   "payload": {"RECORDNO": "2", "CUSTOMERID": "C2", "NAME": "Robert Brown", "STATUS": "active"}},
        _RECORD | {"object": "ARINVOICE", "key": "2", "natural_id": "INV-2", "name": "C2", "entity": "E1",
                   "search": "inv-2 po 9 c2", "active": True, "payload": _INVOICE},
        _RECORD | {"object": "ARINVOICE", "key": "3", "natural_id": "", "name": "",
                   "payload": _INVOICE | {"RECORDNO": "3", "STATE": "Nobody knows"}},
    ],
    "intacct_operation": [OPERATION | {"link_id": 4, "op_key": "4:create:1"}],
}  # fmt: skip

_EMPTY: dict[type[Any], Any] = {str: "", int: 0, bool: False, datetime: AT}


def filled(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row with all columns that have to have a value, of those that the table has."""
    return {column.name: row.get(column.name, _empty(column)) for column in table.columns if column.name != "id"}


def _empty(column: sa.Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, sa.JSON):
        return {}
    plain = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    return _EMPTY[plain.python_type]


def plain(name: str, present: set[str]) -> sa.Table:
    """A table of ours with the columns that are present, of plain types: messages are read as they are stored."""
    whole = Base.metadata.tables[name]
    columns = [
        sa.Column(
            column.name, sa.Text() if "MessageText" in repr(column.type) else column.type, nullable=column.nullable
        )
        for column in whole.columns
        if column.name in present
    ]
    return sa.Table(name, sa.MetaData(), *columns)


def insert(connection: sa.Connection, present: dict[str, set[str]]) -> None:
    """Insert all rows into tables of schema version 1."""
    for whole in Base.metadata.sorted_tables:
        for row in ROWS.get(whole.name, ()):
            table = plain(whole.name, present[whole.name])
            connection.execute(table.insert().values(filled(table, row)))


def stored(connection: sa.Connection, present: dict[str, set[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of ours in the columns that are present."""
    return {
        name: [tuple(row) for row in connection.execute(sa.select(plain(name, columns)).order_by(sa.text("id")))]
        for name, columns in present.items()
    }
