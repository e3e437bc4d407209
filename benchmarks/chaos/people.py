"""People at work on both sides while everything fails: new documents and contacts, changes, voids, deletions."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa

from flask_intacct.simulator.errors import Refusal

from .. import books, host
from ..books import APART
from .parts import Chaos

PAPERS: dict[str, tuple[Any, Any, str, int]] = {
    "invoice": (host.Invoice, host.InvoiceLine, "customer", 1),
    "bill": (host.Bill, host.BillLine, "vendor", 3),
}
OBJECTS = {"invoice": "ARINVOICE", "bill": "APBILL"}
BY_HAND = (
    "<create_{kind}><{party}id>{id}</{party}id>{created}{due}<{number}>{name}</{number}><{kind}items><lineitem>"
    "<glaccountno>{account}</glaccountno><amount>{net}</amount><locationid>{place}</locationid><taxentries><taxentry>"
    "<detailid>{detail}</detailid><trx_tax>{tax}</trx_tax></taxentry></taxentries></lineitem></{kind}items>"
    "</create_{kind}>"
)


class People:
    """Edits, each by one person at a random company.

    :param every: Also voids, deletions, and changes of what is posted; else only what has no effect on what was sent.
    """

    def __init__(self, chaos: Chaos, random: Random, *, every: bool) -> None:
        self._chaos, self._random = chaos, random
        self.done: Counter[str] = Counter()
        self._number = 0
        self._edits = [
            self.new_here,
            self.new_here,
            self.new_here,
            self.new_there,
            self.new_contact,
            self.touched_there,
        ]
        if every:
            self._edits += [
                self.changed_here,
                self.voided_here,
                self.deleted_here,
                self.reversed_there,
                self.deleted_there,
            ]

    def edit(self) -> None:
        """Do one thing; what a side refuses was no edit."""
        company = self._random.choice(self._chaos.companies)
        what = self._random.choice(self._edits)
        with self._chaos.app.app_context():
            try:
                done = what(company)
            except (Refusal, sa.exc.OperationalError):
                host.db.session.rollback()
                done = False
            finally:
                host.db.session.remove()
        if done:
            self.done[what.__name__] += 1

    def new_here(self, company: int) -> bool:
        """Some documents in the host."""
        for _ in range(self._random.randint(1, 4)):
            kind = self._random.choice(list(PAPERS))
            host.db.session.add(self._paper(company, kind, self._contact(company, PAPERS[kind][2])))
        host.db.session.commit()
        return True

    def new_contact(self, company: int) -> bool:
        """A contact in the host with a document: nobody has decided what it is, so both wait."""
        self._number += 1
        contact = host.Contact(company_id=company, name=f"Newcomer {self._number:05}", role="customer")
        host.db.session.add(contact)
        host.db.session.flush()
        host.db.session.add(self._paper(company, "invoice", contact))
        host.db.session.commit()
        return True

    def new_there(self, company: int) -> bool:
        """A document that somebody types into Intacct."""
        kind = self._random.choice(list(PAPERS))
        self._number += 1
        day = self._day()
        net = Decimal(self._random.randint(1, 90_000)) / 20
        party, number = PAPERS[kind][2], "invoiceno" if kind == "invoice" else "billno"
        rows = self._chaos.intacct[company].rows(party.upper(), STATUS="active")
        text = BY_HAND.format(
            kind=kind, party=party, id=self._random.choice(rows)[f"{party.upper()}ID"], number=number,
            name=f"H{kind[0].upper()}-{company}-{self._number:06}", net=net, tax=(net / 5).quantize(Decimal("0.01")),
            account="4000" if kind == "invoice" else "6000", place=f"E1-{10 + self._random.randrange(7)}",
            detail="Sale Standard" if kind == "invoice" else "Purchase Standard",
            created=_dated("datecreated", day), due=_dated("datedue", day + timedelta(days=14)),
        )  # fmt: skip
        self._chaos.intacct[company].run(text, books.ENTITY)
        return True

    def touched_there(self, company: int) -> bool:
        """A description in Intacct."""
        found = self._theirs(company)
        if found is None:
            return False
        object_, row = found
        self._chaos.intacct[company].modify(object_, row["RECORDNO"], DESCRIPTION=f"Seen {self._random.random():.6f}")
        return True

    def changed_here(self, company: int) -> bool:
        """The amounts of a document of the host."""
        paper = self._ours(company)
        if paper is None:
            return False
        for line in paper.lines:
            line.net += 1
            line.tax = (line.net / 5).quantize(Decimal("0.01"))
        paper.total = sum((line.net + line.tax for line in paper.lines), Decimal())
        host.db.session.commit()
        return True

    def voided_here(self, company: int) -> bool:
        """A document of the host is void."""
        paper = self._ours(company)
        if paper is None:
            return False
        paper.status = "void"
        host.db.session.commit()
        return True

    def deleted_here(self, company: int) -> bool:
        """A document of the host is deleted."""
        paper = self._ours(company)
        if paper is None:
            return False
        host.db.session.delete(paper)
        host.db.session.commit()
        return True

    def reversed_there(self, company: int) -> bool:
        """A posted document of Intacct is reversed."""
        found = self._theirs(company, STATE="Posted")
        if found is None:
            return False
        self._chaos.intacct[company].reverse(found[0], found[1]["RECORDNO"], self._day())
        return True

    def deleted_there(self, company: int) -> bool:
        """A posted document of Intacct is deleted."""
        found = self._theirs(company, STATE="Posted")
        if found is None:
            return False
        self._chaos.intacct[company].delete(found[0], found[1]["RECORDNO"])
        return True

    def _ours(self, company: int) -> Any:
        """A document that was made by a person; the first ones stay, so that there is much to send."""
        model = PAPERS[self._random.choice(list(PAPERS))][0]
        mine = model.company_id == company, model.status == "approved", model.number.like("N%")
        ids = host.db.session.scalars(sa.select(model.id).where(*mine)).all()
        return host.db.session.get(model, self._random.choice(ids)) if ids else None

    def _theirs(self, company: int, **where: Any) -> tuple[str, Any] | None:
        object_ = OBJECTS[self._random.choice(list(OBJECTS))]
        rows = self._chaos.intacct[company].rows(object_, **where)
        return (object_, self._random.choice(rows)) if rows else None

    def _contact(self, company: int, role: str) -> host.Contact:
        mine = host.Contact.company_id == company, host.Contact.role == role, host.Contact.code != ""
        ids = host.db.session.scalars(sa.select(host.Contact.id).where(*mine)).all()
        return host.db.session.get_one(host.Contact, self._random.choice(ids))

    def _paper(self, company: int, kind: str, contact: host.Contact) -> Any:
        model, line_model, _, account = PAPERS[kind]
        base = (company - 1) * APART
        self._number += 1
        lines = []
        for at in range(self._random.randint(1, 3)):
            net = Decimal(self._random.randint(1, 90_000)) / 20
            option = host.db.session.get_one(host.Option, base + self._random.randint(1, len(books.STREETS)))
            own = {"account_id": base + account + at % 2, "tax_id": base + 1, "options": [option]}
            lines.append(line_model(net=net, tax=(net / 5).quantize(Decimal("0.01")), text="By hand", **own))
        day = self._day()
        own = {"company_id": company, "contact_id": contact.id, "day": day, "due": day + timedelta(days=14)}
        total = sum((one.net + one.tax for one in lines), Decimal())
        return model(number=f"N{kind[0].upper()}-{company}-{self._number:06}", lines=lines, total=total, **own)

    def _day(self) -> date:
        return books.SINCE + timedelta(days=self._random.randrange(300))


def _dated(name: str, day: date) -> str:
    return f"<{name}><year>{day.year}</year><month>{day.month}</month><day>{day.day}</day></{name}>"
