"""What a simulator lets be done from inside: companies and users added, records seen and changed, faults queued."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .books import approvals, ledger
from .books.seeder import Seeder
from .company import Company, Session, User
from .errors import Refusal
from .functions import FUNCTIONS
from .gateway import Gateway, Received
from .protocol.call import Call
from .protocol.control import Console
from .protocol.xmltree import Node, parse
from .seed.dataset import Dataset
from .store.dateforms import DateForm
from .store.objects import Field
from .store.values import Row, plain, xml
from .switches import Switches


class Steering:
    """A gateway with one company, not listening yet; more companies can be added. `Simulator` is one that listens.

    :param dataset: what the company holds at first.
    :param company: the company id to sign in with, likewise `user`, `password`, `sender`, `sender_password`.
    """

    def __init__(
        self,
        dataset: Dataset,
        company: str,
        user: str,
        password: str,
        sender: str,
        sender_password: str,
    ) -> None:
        self.gateway = Gateway()
        self.gateway.directory.senders[sender] = sender_password
        self._sender = sender
        self.company = self.add_company(company, dataset, user, password)

    def add_company(self, identity: str, dataset: Dataset, user: str, password: str) -> Company:
        """One more company behind the same address."""
        company = Company(identity, dataset)
        company.senders.add(self._sender)
        self.gateway.directory.companies[identity] = company
        Seeder(company, self._user(company, user, password)).run()
        return company

    def add_user(
        self, login: str, password: str, *, entities: frozenset[str] | None = None, admin: bool = False
    ) -> User:
        """One more user of the company; `entities` are those that he may enter, "" the top level."""
        user = self._user(self.company, login, password)
        user.entities, user.admin = entities, admin
        return user

    def add_console(self, identity: str, login: str, password: str, clients: set[str]) -> User:
        """A console whose user signs in to the companies of its clients, as `console|client` or by `clientid`."""
        user = User(login, password, 0)
        self.gateway.directory.consoles[identity] = Console({login: user}, clients)
        return user

    def _user(self, company: Company, login: str, password: str) -> User:
        table = company.store["USERINFO"]
        user = User(login, password, table.next_key())
        company.users[login] = user
        row = {"RECORDNO": user.key, "LOGINID": login, "STATUS": "active", "USERTYPE": "business user"}
        table.put(row | {"ADMIN": "Full", "LOGINDISABLED": False, "UNRESTRICTED": True, "VISIBLE": True})
        return user

    # looking

    @property
    def switches(self) -> Switches:
        return self.company.switches

    @property
    def requests(self) -> list[Received]:
        """All requests received, with function names, control ids, HTTP status; secrets masked."""
        return self.gateway.requests

    @property
    def most_at_once(self) -> int:
        """The most requests that were being answered at one moment; set `gateway.most_at_once` to 0 to begin anew."""
        return self.gateway.most_at_once

    @property
    def deliveries(self) -> list[str]:
        """The replies to requests with a transport policy, which the gateway would deliver by it."""
        return self.gateway.deliveries

    def executions(self, control_id: str) -> int:
        """How many functions with this control id wrote something."""
        return self.company.executions[control_id]

    def rows(self, name: str, **where: Any) -> list[Row]:
        """The records of an object as they are stored, with their lines; `where` keeps those with these values.

        Values are typed: int, Decimal, date, datetime (UTC, without zone), bool, str. Empty fields are absent.
        """
        with self.company.lock:
            store = self.company.store
            table = store[name.upper()]
            found = []
            for row in table:
                if any(row.get(field) != value for field, value in where.items()):
                    continue
                row = dict(row)
                if table.spec.owned is not None:
                    collection, item = table.spec.owned
                    by = "PAYMENTKEY" if item.endswith("DETAIL") else "RECORDKEY"
                    row[collection] = [self._line(line) for line in store[item].where(by, row["RECORDNO"])]
                found.append(row)
            return found

    def trial_balance(self) -> dict[str, Decimal]:
        """The balance of every ledger account, debit positive; they sum to nothing."""
        with self.company.lock:
            return ledger.trial_balance(self.company)

    def _line(self, line: Row) -> Row:
        taxes = self.company.store["TAXRECORD"].where("SOURCEPRENTRYKEY", str(line["RECORDNO"]))
        entries = [
            {"DETAILID": tax["TAXCODE"], "TRX_TAX": tax["TRXTAXAMOUNT"], "TAXRATE": tax["RATE"]} for tax in taxes
        ]
        return line | {"TAXENTRIES": entries}

    # changing

    @property
    def faults(self) -> Any:
        """The queue of things to go wrong; see `faults.Faults.add`."""
        return self.gateway.faults

    def modify(self, name: str, key: int | str, **changes: Any) -> Row:
        """Change a record as somebody in Intacct would: stamps and audit history move. None clears a field.

        :param key: the RECORDNO (int), or the id that people use (str).
        """
        with self.company.lock:
            table, row = self._record(name, key)
            return self.company.update(table, row, changes, self._first_user())

    def plant(self, name: str, key: int | str, **changes: Any) -> None:
        """Let a record hold what it could not come to hold by itself, e.g. no WHENMODIFIED: no stamp, no history.

        :param key: the RECORDNO (int), or the id that people use (str).
        """
        with self.company.lock:
            table, row = self._record(name, key)
            table.put({field: value for field, value in (row | changes).items() if value is not None})

    def delete(self, name: str, key: int | str) -> None:
        """Delete a record as somebody in Intacct would."""
        with self.company.lock:
            table, row = self._record(name, key)
            self.company.delete(table, row, self._first_user())

    def insert(self, name: str, row: Row, entity: str = "") -> Row:
        """Add a record as somebody in Intacct would, unchecked."""
        with self.company.lock:
            return self.company.insert(self.company.store[name.upper()], row, self._first_user(), entity)

    def add_field(self, name: str, identity: str, kind: str = "") -> None:
        """Give an object a custom field; `kind` is a letter of `objects.TYPES`, "" for text."""
        self.company.add_field(name.upper(), Field(identity.upper(), kind))

    def run(self, function: str, entity: str = "") -> Node:
        """Carry out a function as somebody in Intacct would: not over HTTP, unseen in `requests` and `executions`.

        :param function: the function element, e.g. `<reverse_invoice key="1">...</reverse_invoice>`.
        :returns: what the reply would hold after `controlid`, as children of one node.
        :raises Refusal: what the gateway would refuse.
        """
        company, node = self.company, parse(function.encode())
        with company.lock:
            mark = company.store.begin()
            try:
                call = self._call(node, entity)
                return parse(f"<result>{FUNCTIONS[node.tag](call)}</result>".encode())
            except Refusal:
                company.store.rollback(mark)
                raise
            finally:
                company.store.commit()

    def _call(self, node: Node, entity: str = "") -> Call:
        session = Session("", self._first_user(), entity, self._sender, self.company.now())
        return Call(self.company, session, node, "", self.gateway.directory, self.gateway.url)

    def reverse(self, name: str, key: int, day: date | None = None) -> None:
        """Reverse an invoice (ARINVOICE), a bill (APBILL), a receipt (ARPYMT) or a payment (APPYMT)."""
        function = {"ARINVOICE": "invoice", "APBILL": "bill", "ARPYMT": "arpayment", "APPYMT": "appayment"}[name]
        when = day or self.company.now().date()
        dated = f"<year>{when.year}</year><month>{when.month}</month><day>{when.day}</day>"
        self.run(f'<reverse_{function} key="{key}"><datereversed>{dated}</datereversed></reverse_{function}>')

    def pay(self, name: str, key: int, amount: Decimal, day: date | None = None) -> int:
        """Settle part or all of an invoice (ARINVOICE) or bill (APBILL); the record number of the payment."""
        bank = next(iter(self.company.store["CHECKINGACCOUNT"]))["BANKACCOUNTID"]
        row = self.company.store[name][key]
        party, kind = ("CUSTOMER", "ARPYMT") if name == "ARINVOICE" else ("VENDOR", "APPYMT")
        dated = "RECEIPTDATE" if kind == "ARPYMT" else "PAYMENTDATE"
        done = self.run(
            f"<create><{kind}><FINANCIALENTITY>{xml(bank)}</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
            f"<{party}ID>{xml(row[party + 'ID'])}</{party}ID><CURRENCY>{row['CURRENCY']}</CURRENCY>"
            f"<{dated}>{plain(day or self.company.now().date())}</{dated}><{kind}DETAILS><{kind}DETAIL>"
            f"<RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>{amount}</TRX_PAYMENTAMOUNT></{kind}DETAIL>"
            f"</{kind}DETAILS></{kind}></create>",
            row.get("MEGAENTITYID", ""),
        )
        return int(done.children[0].children[0].get("RECORDNO"))

    def approve(self, key: int, state: str = "") -> None:
        """Approve a submitted bill by one step (of `switches.approval_steps`), or give it a state."""
        with self.company.lock:
            approvals.approve_bill(self._call(Node("approve", {}, 1, 1)), self.company.store["APBILL"][key], state)

    def deny(self, name: str, right: str = "*", user: str = "") -> None:
        """Take a right (List, View, Add, Edit, Delete, `*`) on an object (or `*`) from a user."""
        self.company.denied.add((user or self._first_user().login, name.upper(), right))

    def hide(self, name: str, *fields: str, user: str = "") -> None:
        """Let a user's role not show him fields of an object."""
        self.company.hidden |= {(user or self._first_user().login, name.upper(), one.upper()) for one in fields}

    def show_dates(self, order: str = "/mdY", offset: str = "+0000", clock: str = "24", user: str = "") -> None:
        """Let a user have dates and times written so: see `dateforms.DateForm`.

        :raises ValueError: for a form that there is not.
        """
        who = self.company.users[user] if user else self._first_user()
        who.form = DateForm(order, offset, clock)

    def advance(self, seconds: float) -> None:
        """Move the company's clock ahead."""
        self.company.offset += timedelta(seconds=seconds)

    def expire_sessions(self) -> None:
        """End all sessions now."""
        self.gateway.directory.expire()

    def _record(self, name: str, key: int | str) -> Any:
        table = self.company.store[name.upper()]
        row = table.get(key) if isinstance(key, int) else table.named(key)
        if row is None:
            raise KeyError(f"{name} {key}")
        return table, row

    def _first_user(self) -> User:
        return next(iter(self.company.users.values()))
