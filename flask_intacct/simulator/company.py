"""One simulated company: its records, users, settings and clock, and the few ways to change a record."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from .errors import Error
from .seed.dataset import Dataset
from .store import objects
from .store.dateforms import USUAL, DateForm, forms
from .store.objects import Field, ObjectSpec
from .store.tables import LAST, Store, Table
from .store.values import Row
from .switches import Switches

Changes = tuple[tuple[str, Any, Any], ...]
"""Fields with what they held before and what they hold now."""


def _changes(table: Table, old: Row, new: Row) -> Changes:
    names = [name for name in old | new if name in table.fields and name not in LAST]
    return tuple((name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


@dataclass(slots=True)
class User:
    """Somebody who may sign in. `entities` None = all of them and the top level."""

    login: str
    password: str
    key: int
    entities: frozenset[str] | None = None
    status: str = "active"
    failures: int = 0
    admin: bool = True
    form: DateForm | None = None


@dataclass(slots=True)
class Session:
    """A signed-in user at a level; `id` is empty when the request itself carried the login, `refused` is what each
    of its functions fails with, `console` the company whose user he is if it is not this one."""

    id: str
    user: User
    entity: str
    sender: str
    expires: datetime
    refused: Error | None = None
    console: str = ""


@dataclass(slots=True)
class Cursor:
    """What is left of a readByQuery, for readMore: bound to the session that began it."""

    session: str
    table: Table
    fields: list[str]
    keys: list[int]
    size: int
    flat: bool
    ends: datetime | None = None
    done: int = 0


class Company:
    """Everything that a sender reaches under one company id."""

    def __init__(self, identity: str, dataset: Dataset) -> None:
        self.id, self.dataset = identity, dataset
        self.switches = Switches()
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.senders: set[str] = set()
        self.denied: set[tuple[str, str, str]] = set()
        self.hidden: set[tuple[str, str, str]] = set()
        self.modules_off: set[str] = set()
        self.executions: Counter[str] = Counter()
        self.offset = timedelta()
        self._support = 0
        self.store = Store()
        self.cursors: dict[str, Cursor] = {}
        self.entities = {entity.id: entity for entity in dataset.entities}
        self.base_currency = dataset.entities[0].currency if dataset.entities else "GBP"
        self.udd: Table | None = None
        for spec in objects.SPECS.values():
            self.store.add(spec, dict(objects.fields(spec.name)))
        for spec in objects.OLD:
            self.store.add(spec, {one.id: one for one in spec.extra})
        if dataset.udd_name:
            spec = objects.user_defined(dataset.udd_name, dataset.udd_label)
            self.udd = self.store.add(spec, {one.id.upper(): one for one in spec.extra})
            for name in objects.LINES:
                self.store[name].fields[self.udd_field] = Field(self.udd_field, "I")

    @property
    def udd_field(self) -> str:
        """The field of lines that holds the id of a value of the user-defined dimension."""
        return "GLDIM" + self.udd.spec.name.upper().replace(" ", "_") if self.udd is not None else ""

    @property
    def multi_entity(self) -> bool:
        return len(self.entities) > 1

    def now(self) -> datetime:
        """The time in UTC, to the second, without a zone, as the gateway writes it."""
        return (datetime.now(UTC) + self.offset).replace(microsecond=0, tzinfo=None)

    def stamp(self) -> datetime:
        """The time as this company's records are stamped."""
        return self.now() + timedelta(minutes=self.switches.stamp_minutes)

    def form_of(self, user: User) -> DateForm:
        """The form in which a user has dates and times: one of his own, or what the company's switches say."""
        switches = self.switches
        return user.form or DateForm(switches.date_format, switches.gmt_offset, switches.clock, switches.locale)

    def dates(self, user: User) -> AbstractContextManager[None]:
        """Dates and times as a user writes them, for as long as he is served."""
        form = USUAL if self.switches.documented_dates else self.form_of(user)
        out = form if self.switches.stamps_local else replace(form, offset=USUAL.offset)
        return forms(out, USUAL if self.switches.dates_sent_documented else out)

    def with_support_id(self, error: Error) -> Error:
        """The error with the id that the vendor's support would ask for, URL-encoded as the gateway does."""
        if not self.switches.support_ids or not error.description2:
            return error
        self._support += 1
        text = f"{error.description2} [Support ID: SIM%7E{self._support:08d}]"
        return Error(error.errorno, text, error.description, error.correction)

    def table(self, name: str) -> Table | None:
        return self.store.tables.get(name.upper())

    def locations_of(self, entity: str) -> frozenset[str]:
        """An entity and every location below it."""
        found = {entity}
        grown = True
        while grown:
            below = {row["LOCATIONID"] for row in self.store["LOCATION"] if row.get("PARENTID") in found} - found
            found |= below
            grown = bool(below)
        return frozenset(found)

    def entity_of(self, location: str) -> str:
        """The entity that a location stands under."""
        seen: set[str] = set()
        while location and location not in self.entities and location not in seen:
            seen.add(location)
            row = self.store["LOCATION"].named(location)
            location = (row or {}).get("PARENTID") or ""
        return location if location in self.entities else ""

    def owner(self, entity: str) -> Row:
        """The fields that say which entity owns a record."""
        if not entity:
            return {}
        location = self.store["LOCATION"].named(entity) or {}
        return {
            "MEGAENTITYKEY": location.get("RECORDNO"),
            "MEGAENTITYID": entity,
            "MEGAENTITYNAME": location.get("NAME"),
        }

    def add_field(self, name: str, custom: Field) -> None:
        """Give an object a custom field."""
        self.store[name].fields[custom.id] = replace(custom, custom=True)

    # changes

    def insert(self, table: Table, row: Row, user: User, entity: str = "") -> Row:
        """Write a new record, its stamps, its owner and its line in the audit history."""
        key = row.get("RECORDNO") or table.next_key()
        new = {name: value for name, value in row.items() if value not in (None, "")}
        if "MEGAENTITYID" in table.fields:
            new = self.owner(entity) | new
        new |= table.stamps(self.stamp(), user.key, timedelta(minutes=self.switches.created_minutes))
        new |= {"RECORDNO": key, table.spec.key: key}
        self._finish(table, new)
        table.put(new)
        self.audit(table.spec, new, "Create", user)
        return new

    def update(self, table: Table, row: Row, changes: Row, user: User, stamped: bool = True) -> Row:
        """Change fields of a record; None clears one."""
        new = {name: value for name, value in (row | changes).items() if value not in (None, "")}
        if stamped:
            new |= table.stamps(self.stamp(), user.key)
        self._finish(table, new)
        table.put(new)
        self.audit(table.spec, new, "Modify", user, _changes(table, row, new))
        return new

    def delete(self, table: Table, row: Row, user: User) -> None:
        """Remove a record; lines go with their header, unseen by the audit history."""
        table.remove(row["RECORDNO"])
        self.audit(table.spec, row, "Delete", user)

    def _finish(self, table: Table, row: Row) -> None:
        if table.spec.name in self.switches.stamps_empty:
            row.pop("WHENMODIFIED", None)

    def audit(self, spec: ObjectSpec, row: Row, mode: str, user: User, changes: Changes = ()) -> None:
        """A row of the audit history, with what was changed; lines and derived records have none."""
        if spec.header or spec.name in ("TAXRECORD", "GLENTRY", "GLBATCH"):
            return
        history = self.store["AUDITHISTORY"]
        key = history.next_key()
        name_key = row["RECORDNO"] if spec.transaction else row.get(spec.key if spec.custom else spec.id)
        suffix = "--REC" if spec.transaction and self.switches.object_keys_marked else ""
        history.put(
            {
                "RECORDNO": key,
                "ID": str(key),
                "OBJECTTYPE": spec.name.lower(),
                "OBJECTKEY": f"{name_key}{suffix}",
                "USERID": user.login,
                "ACCESSTIME": self.now(),
                "ACCESSMODE": mode,
                "SOURCE": "api",
                "CHANGES": changes,
            }
        )

    def adjust_due(self, name: str, party: str, amount: Decimal) -> None:
        """Move what a customer or vendor owes, which is no modification of the record."""
        table = self.store[name]
        row = table.named(party)
        if row is not None:
            table.put(row | {"TOTALDUE": row.get("TOTALDUE", Decimal("0.00")) + amount})
