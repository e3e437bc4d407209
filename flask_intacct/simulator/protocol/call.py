"""One function of a request, on its way through the company: who asks, for what, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..company import Company, Session
from ..errors import refuse
from ..store.tables import Table
from ..store.values import Row
from .control import Directory
from .select import Level
from .xmltree import Node

RIGHTS = {
    "READ_BY_QUERY": "List",
    "LOOKUP": "List",
    "READ": "View",
    "READ_BY_NAME": "View",
    "CREATE": "Add",
    "UPDATE": "Edit",
    "DELETE": "Delete",
    "REVERSE": "Edit",
}
"""The right that an API operation needs."""


@dataclass(slots=True)
class Call:
    """A function element with everything that it may need."""

    company: Company
    session: Session
    node: Node
    controlid: str
    directory: Directory
    endpoint: str
    crowded: bool = False
    written: list[str] = field(default_factory=list)
    blind: bool = False

    def level(self, private: bool = False) -> Level:
        entity = self.session.entity
        return Level(
            entity,
            private,
            self.company.locations_of(entity) if entity else frozenset(),
            self.blind,
            self.session.user.entities,
        )

    def sees(self, table: Table, row: Row) -> bool:
        """Whether a record is in sight of this session, be it private or not."""
        test = self.level(private=True).sees(table)
        return test is None or test(row)

    def table(self, name: str) -> Table | None:
        return self.company.table(name)

    def hidden(self, table: Table) -> frozenset[str]:
        """The fields of an object that the user's role does not let him see."""
        login, name = self.session.user.login, table.spec.name.upper()
        return frozenset(field for who, held, field in self.company.hidden if (who, held) == (login, name))

    def need(self, operation: str, name: str) -> None:
        """Refuse an operation that the user has no right to, or on an object that the company has not."""
        company, object_name = self.company, name.upper()
        table = company.table(object_name)
        switches, right = company.switches, RIGHTS[operation]
        off = table is not None and table.spec.group in company.modules_off
        if off or (object_name == "LOCATIONENTITY" and not company.multi_entity):
            if not switches.unavailable_empty or right not in ("List", "View"):
                raise refuse(switches.numbers["module"], switches.texts["module"].format(object_name))
            self.blind = True
        if operation == "LOOKUP":  # what objects are made of is told to everybody
            return
        login = self.session.user.login
        wanted = {(login, object_name, right), (login, object_name, "*"), (login, "*", right), (login, "*", "*")}
        if wanted & company.denied:
            if object_name == "AUDITHISTORY":
                raise refuse("", "You do not have permission to view audit history")
            raise refuse(
                "PL04000005",
                f"You do not have permission for API operation {operation} on objects of type {object_name.lower()}",
            )

    def wrote(self, name: str) -> None:
        """Note that this function has written a record."""
        self.written.append(name)
