"""The host's own tables, read as ledger values and written in the host's own ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from . import batches, binding, contents, kinds, logs, writer
from .contents import Resolve
from .errors import MappingError, Refused, Unreadable
from .failures import noted, passing, roll_back
from .keys import join, portions, split
from .ledger import Document, Ref, Value
from .local import Local, LocalDocument
from .messages import Message
from .passes import MOST, Pass, Skip
from .reader import Reader

log = logs.logger(__name__)


MAKING = "intacct_making"
"""In the info of the host's session: the rows that are just being made of records of Intacct."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents of the host.

    :param after: The local id to go on behind; "" where there are no more.
    """

    found: Sequence[Document]
    unread: Sequence[Unreadable]
    after: str


class Host:
    """What the host mapped, by kind.

    :param company: How a company is described; None for a host with one company, whose id is then "".
    :param mapped: Per kind, the models that play it.
    """

    def __init__(self, company: Local | None, mapped: Mapping[str, Sequence[Local]]) -> None:
        self.company = company
        self._mapped = {kind: tuple(locals_) for kind, locals_ in mapped.items() if locals_}
        self.db: SQLAlchemy | None = None

    def bind(self, db: SQLAlchemy) -> None:
        """Check every description against its model; called by ``init_app``.

        :raises MappingError: see :class:`~flask_intacct.local.Local` and :mod:`~flask_intacct.binding`.
        """
        self.db = db
        if self.company is not None:
            self.company.bind("company")
        for kind, locals_ in self._mapped.items():
            models = [local.model for local in locals_]
            for local in locals_:
                if kind in kinds.documents() and not isinstance(local, LocalDocument):
                    raise MappingError(
                        f"{kinds.named(kind).noun}s of {local.model.__name__} need a LocalDocument, not a Local."
                    )
                if models.count(local.model) > 1:
                    raise MappingError(
                        f"{local.model.__name__} is described twice for {kind}; do it once, with a callable role=."
                    )
                local.bind(kind)
                local.owner = self.company
        binding.check(self.described(), self.locals, db)

    @property
    def session(self) -> Session:
        """The host's own session: for the host's rows, never for ours."""
        assert self.db is not None  # bound by init_app
        return cast(Session, self.db.session)

    def has_word(self, kind: str, status: str, source: str = "") -> bool:
        """Whether documents of this kind can have this status: those of a source, or those that are brought in."""
        local = self.local(kind, source) if source else self.place(kind)
        return isinstance(local, LocalDocument) and local.states.has(status)

    def has(self, kind: str) -> bool:
        """Whether the host mapped this kind."""
        return kind in self._mapped

    def locals(self, kind: str) -> tuple[Local, ...]:
        """The models that play a kind, or "company"; none if it is not mapped."""
        if kind == "company":
            return () if self.company is None else (self.company,)
        return self._mapped.get(kind, ())

    def described(self) -> list[Local]:
        """Every description, that of companies first; lines are with their documents."""
        return [*self.locals("company"), *(local for locals_ in self._mapped.values() for local in locals_)]

    def local(self, kind: str, source: str) -> Local | None:
        """The model behind a source name, None if the host no longer maps it."""
        return next((local for local in self.locals(kind) if local.source == source), None)

    def companies(self) -> list[tuple[str, str]]:
        """(id, name) of every company, by name; one whose name can't be read is called by its id."""
        company = self.company
        if company is None:
            return [("", "")]
        bad: list[str] = []
        rows = company.rows(self.session, "", bad=lambda local_id, error: bad.append(local_id))
        found = [(company.local_id(row), self._name(company, row)) for row in rows]
        found += [(local_id, f"{company.model.__name__} {local_id}") for local_id in bad]
        return sorted(found, key=lambda item: item[1])

    def company_ids(self) -> list[str]:
        """The id of every company, in one statement; that of a host with just one is ""."""
        return [""] if self.company is None else batches.ids(self.company, self.session)

    def company_name(self, company_id: str) -> str:
        """What a company is called; "" where it has no name, that can't be read, or the host has just one."""
        if self.company is None:
            return ""
        try:
            row = self.company.find(self.session, company_id)
            return "" if row is None else self.company.text(row, "name")
        except Exception as error:
            if passing(error):
                raise
            # The host's own code may raise anything; the list of companies shows its id in place of its name.
            roll_back(self.session, error)
            return ""

    def _name(self, company: Local, row: Any) -> str:
        try:
            return company.text(row, "name")
        except Exception as error:
            if passing(error):
                raise
            # One company whose name fails hides no other; what is wrong with it is said where it is synced.
            roll_back(self.session, error)
            return f"{company.model.__name__} {company.local_id(row)}"

    def currency(self, company_id: str) -> str:
        """The currency of a company; "" where the host does not say.

        :raises Unreadable: it can't be read.
        """
        if self.company is None:
            return ""
        try:
            row = self.company.find(self.session, company_id)
            return "" if row is None else self.company.text(row, "currency").upper()
        except Exception as error:
            if passing(error):
                raise
            # The host's own code may raise anything.
            roll_back(self.session, error)
            ref, name = Ref(self.company.source, company_id), self.company.model.__name__
            said = noted(log, error, "currency= for %s %s failed", name, company_id)
            reason = Message("entry.fails", entry="currency", reason=said)
            raise Unreadable("company", ref, f"{name} {company_id}", reason) from error

    def kind_of(self, row: Any) -> tuple[str, Local] | None:
        """Which kind a row plays, and by which description."""
        described = ((kind, local) for kind, locals_ in self._mapped.items() for local in locals_)
        return next((found for found in described if isinstance(row, found[1].model)), None)

    def place(self, kind: str, role: str = "") -> Local | None:
        """The description by which new rows of a kind and role are made; None if the host described none."""
        return next((item for item in self.locals(kind) if callable(item.role) or item.role in ("", role)), None)

    def roles(self, kind: str) -> tuple[str, ...]:
        """The roles of a kind that this host has: of contacts those described, and those that its documents use."""
        if kind != kinds.CONTACT:
            return kinds.roles(kind)
        used = {kinds.shape(name).contact_role for name in kinds.documents() if self.has(name)}
        return tuple(role for role in kinds.roles(kind) if role in used or self.place(kind, role) is not None)

    def find(self, kind: str, ref: Ref) -> tuple[Local, Any] | None:
        """The description and the row behind a reference, or None if it is gone. Models may share a table.

        :raises Unreadable: the row holds what its columns can't.
        """
        for local in self.locals(kind):
            if local.source != ref.source:
                continue
            try:
                row = local.find(self.session, ref.id)
            except Exception as error:
                if passing(error):
                    raise
                # A column's type, or a listener of the host's, which may raise anything.
                roll_back(self.session, error)
                raise Reader(self.session, self.locals).unreadable(kind, local, ref.id, error) from error
            if row is not None:
                return local, row
        return None

    def row(self, kind: str, ref: Ref) -> Any | None:
        """The host's row, or None if it is gone."""
        found = self.find(kind, ref)
        return None if found is None else found[1]

    def value(self, kind: str, ref: Ref) -> Value | Document | None:
        """One record as a ledger value, or None if it is gone.

        :raises Unreadable: it can't be read.
        """
        return next(value for _, value in self.by_refs(kind, [ref]))

    def by_refs(
        self, kind: str, refs: Iterable[Ref], skip: Skip | None = None
    ) -> Iterator[tuple[Ref, Value | Document | None]]:
        """These records in this order, each with its value or None if it is gone, in a few statements for 200.

        Whose they are is not asked: they may be of any company, see :meth:`company_of`.

        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        return self._pass(kind, skip).by_refs(refs)

    def owners(self, kind: str, refs: Iterable[Ref]) -> Iterator[tuple[Ref, str | None]]:
        """The ids of the companies of these records, None of what is gone; none of those of which it can't be read."""
        return self._pass(kind, lambda error: None).owners(refs)

    def owned(
        self, kind: str, refs: Iterable[Ref], skip: Skip | None = None
    ) -> Iterator[tuple[Ref, tuple[str, Any] | None]]:
        """These records, each with the id of its company and its value, as :meth:`by_refs` reads them."""
        return self._pass(kind, skip).owned(refs)

    def values(self, kind: str, company_id: str, skip: Skip | None = None) -> Iterator[Any]:
        """All records of a kind in a company, as ledger values.

        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        return self._pass(kind, skip).all(company_id, None)

    def documents(self, kind: str, company_id: str, since: date | None, skip: Skip | None = None) -> Iterator[Document]:
        """The documents of a company dated on or after `since` (None: all of them).

        :raises Unreadable: one can't be read, and there is no `skip`.
        """
        for document in self._pass(kind, skip).all(company_id, since):
            if document.dated_from(since):
                yield document

    def page(
        self,
        kind: str,
        local: Local,
        company_id: str,
        since: date | None,
        *,
        after: str = "",
        size: int,
        stamped: datetime | None = None,
    ) -> Page:
        """Some documents of a company dated on or after `since`, in the order of their primary keys.

        :param after: The local id to go on behind; "" for the first ones.
        :param stamped: Only those whose `updated=` is this time, or a later one, or empty.
        """
        bad: list[Unreadable] = []
        key = split(after, local.mapper.primary_key) if after else ()
        found, behind = self._pass(kind, bad.append).page(local, company_id, since, key or (), size, stamped)
        dated = [one for one in found if one.dated_from(since)]
        return Page(dated, bad, "" if behind is None else join(behind))

    def keys(
        self, local: Local, company_id: str, since: date | None, *, after: str = "", size: int
    ) -> tuple[list[str], str]:
        """The ids of the documents that :meth:`page` would read, and the one to go on behind; "" where there are no
        more."""
        key = split(after, local.mapper.primary_key) if after else ()
        found, behind = batches.keys(local, self.session, company_id, since=since, after=key or (), size=size)
        return found, "" if behind is None else join(behind)

    def newest(self, local: Local, company_id: str, since: date | None) -> datetime | None:
        """The newest `updated=` of the documents of a company."""
        return batches.newest(local, self.session, company_id, since)

    def stamp(self, kind: str, company_id: str, since: date | None) -> list[tuple[Any, ...]]:
        """What changes when documents of a company come or go, and when one changes that has a version; cheap."""
        return [batches.stamp(local, self.session, company_id, since) for local in self.locals(kind)]

    def _pass(self, kind: str, skip: Skip | None) -> Pass:
        return Pass(self.session, self.locals, kind, skip)

    def read(self, kind: str, local: Local, row: Any) -> Any:
        """One row as a ledger value of its kind.

        :raises Unreadable: it can't be read.
        """
        return Reader(self.session, self.locals).read(kind, local, row)

    def company_of(self, local: Local, row: Any) -> str:
        """The id of the company that a row belongs to; "" where there is just one.

        :raises Unreadable: it can't be read.
        """
        return Reader(self.session, self.locals).company_of(local, row)

    def belongs(self, kind: str, ref: Ref, company_id: str) -> bool:
        """Whether a row is a company's: one that is gone is nobody else's, and of a model without ``company=`` all rows
        are every company's.

        :raises Unreadable: it can't be read.
        """
        found = self.find(kind, ref)
        return found is None or "company" not in found[0].entries or self.company_of(*found) == company_id

    def hold(self, kind: str, refs: Iterable[Ref]) -> list[Any]:
        """Read together what is asked for one by one right after; the session knows it as long as the list is held."""
        wanted = set(refs)
        held: list[Any] = []
        for local in self.locals(kind):
            mine = (ref.id for ref in wanted if ref.source == local.source)
            keys = [key for id_ in mine if (key := split(id_, local.mapper.primary_key)) is not None]
            for some in portions(sorted(keys), MOST):
                held += batches.by_keys(local, self.session, some, None)
        return held

    def create(self, local: Local, made_of: Sequence[tuple[Value | Document, Resolve]], company_id: str) -> list[Ref]:
        """Make rows of Intacct's records and save them in the host's session; the caller commits or rolls back.

        They are saved together, unless code of the host's has a say in how each is made.

        :param made_of: The records, each with what gives the rows that it refers to.
        :raises Refused: the host can't have one of them; the text says why.
        """
        together = local.create is None and not writer.listened(local)
        rows: list[Any] = []
        company = self.company and self.company.find(self.session, company_id)
        if self.company is not None and company is None:
            raise Refused(Message("in.company_gone"))
        for value, resolve in made_of:
            own = {} if self.company is None else {"company": company}
            rows.append(writer.made(local, contents.of(value, resolve) | own))
            if not together:
                self._save(local, rows[-1:])
        if together:
            self._save(local, rows)
        return [Ref(local.source, local.local_id(row)) for row in rows]

    def _save(self, local: Local, rows: Sequence[Any]) -> None:
        self.session.info[MAKING] = rows
        try:
            with writer.saving(local):
                self.session.add_all(rows)
                self.session.flush()
        finally:
            del self.session.info[MAKING]

    def update(self, kind: str, ref: Ref, value: Value) -> None:
        """Bring a record of Intacct as it is now into its row, by its own `update=` if it has one; the caller commits.

        :raises Refused: the row is gone, or the host refuses.
        """
        self._bring(kind, ref, contents.changed(value))

    def set_status(self, kind: str, ref: Ref, status: str) -> Document | None:
        """Give a document a status: paid in Intacct, or void; the caller commits. Gives what it is then.

        :raises Refused: the row is gone, or it did not take it: a callable status= without update=, or an update= that
            leaves it out.
        """
        self._bring(kind, ref, {"status": status})
        made = self.value(kind, ref)
        if not isinstance(made, Document):
            return None
        if made.status != status:
            raise Refused(Message("in.stays", theirs=status, ours=made.status))
        return made

    def _bring(self, kind: str, ref: Ref, values: dict[str, Any]) -> None:
        found = self.find(kind, ref)
        if found is None:
            raise Refused(Message("host.gone", kind=kind, id=ref.id))
        local, row = found
        if local.update is not None:
            writer.own(local, "update", local.update, row, values)
        else:
            writer.assign(local, row, values)
        with writer.saving(local):
            self.session.flush()

    def archive(self, kind: str, ref: Ref) -> None:
        """Archive a row of the host in its own way; the caller commits. A row that is gone is archived enough.

        :raises Refused: the host refuses.
        """
        found = self.find(kind, ref)
        if found is None:
            return
        local, row = found
        if local.archive is not None:
            writer.own(local, "archive", local.archive, row)
        else:
            writer.assign(local, row, {"active": False})
        with writer.saving(local):
            self.session.flush()
