"""Many rows of the host read in one go: what stays in its session, and what is its own there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import selectinload
from world.statements import counted

from flask_intacct import LocalDocument, kinds
from flask_intacct.errors import Unreadable
from flask_intacct.ledger import Ref

from .large import KEYS, RELATIONSHIPS, Books, held
from .maker import DAY, host, invoices

Hold = Callable[..., Books]
PEAKS: list[int] = []


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Makes an application of books and holds its context open."""
    PEAKS.clear()
    with ExitStack() as stack:

        def make_it(entries: Any, number: int, way: str = "select") -> Books:
            books = Books(way)
            described = entries(books) if callable(entries) else entries
            return stack.enter_context(held(books, books.describe(*described), tmp_path, number))

        yield make_it


def in_circles(books: Books) -> Any:
    """Relationships as entries, lines that know their document, and what is in the session while a row is read."""

    def memo(row: Any) -> str:
        PEAKS.append(len(books.db.session.identity_map))
        for line in row.lines:
            assert line.invoice is row
        return "rent"

    load = [selectinload(books.Invoice.lines).joinedload(books.Line.invoice)]
    return {**RELATIONSHIPS[0], "description": memo, "load": load}, RELATIONSHIPS[1]


def all_fail(books: Books) -> Any:
    document, line = in_circles(books)
    return {**document, "currency": lambda row: 1 / 0}, line


BATCH = LocalDocument.BATCH * (1 + 1 + 3) + 100
"""So many rows belong to a batch: documents, their contacts and lines, and a few that are used everywhere."""


@pytest.mark.parametrize("entries", [in_circles, all_fail])
def test_session_of_the_host_does_not_grow_with_what_is_read(hold: Hold, entries: Any) -> None:
    books = hold(entries, 1000)
    bad: list[Unreadable] = []
    found = list(host().documents(kinds.INVOICE, "1", DAY, bad.append))
    assert len(found) + len(bad) == 1000
    assert len(PEAKS) == 1000
    assert max(PEAKS) <= 2 * BATCH  # the log of the tests keeps the first exception, and that its batch
    del found, bad
    assert len(books.db.session.identity_map) <= BATCH


def test_session_does_not_grow_beside_rows_of_the_host(hold: Hold) -> None:
    books = hold(in_circles, 1000)
    mine = books.db.session.get(books.Firm, 1)
    assert len(invoices()) == 1000
    assert max(PEAKS) <= BATCH
    assert list(books.db.session) == [mine]


def test_rows_that_the_host_holds_stay_its_own(hold: Hold) -> None:
    books = hold(in_circles, 10)
    session = books.db.session
    mine = session.get_one(books.Invoice, 3)
    lines = mine.lines
    other = session.get_one(books.Invoice, 4)  # its lines are loaded while it is read
    invoices()
    assert {"lines", "tenant"} <= mine.__dict__.keys()
    assert mine.lines is lines
    for line in (lines[0], other.lines[0]):
        line.net = 77
    session.commit()
    assert session.query(books.Line).filter_by(net=77).count() == 2


def test_what_the_host_has_not_saved_yet_is_not_lost(hold: Hold) -> None:
    books = hold(KEYS, 3)
    session = books.db.session
    one: Any = session.get_one(books.Invoice, 1)
    other: Any = session.get_one(books.Invoice, 2)
    one.no = "changed"
    other.lines.append(books.Line(net=5, account_id=1))
    session.add(books.Invoice(id=9, no="new", day=DAY, firm_id=1, lines=[books.Line(net=6)]))
    found = {document.number: len(document.lines) for document in invoices()}
    assert found == {"changed": 3, "A2": 4, "A3": 3, "new": 1}
    session.commit()
    assert session.query(books.Line).filter(books.Line.net.in_((5, 6)), books.Line.invoice_id.in_((2, 9))).count() == 4
    assert session.scalars(select(books.Invoice.no).order_by(books.Invoice.id)).all() == ["changed", "A2", "A3", "new"]


def test_what_a_function_of_the_host_changes_is_not_lost(hold: Hold) -> None:
    """A function that changes the row that it reads is odd, and its own business."""

    def renamed(row: Any) -> str:
        row.no = f"B{row.id}"
        return f"B{row.id}"

    books = hold(({**KEYS[0], "reference": renamed}, KEYS[1]), 200)
    assert [document.reference for document in invoices()][-1] == "B200"
    books.db.session.commit()
    assert books.db.session.scalar(select(func.count()).where(books.Invoice.no.like("B%"))) == 200


def test_rows_that_a_function_of_the_host_keeps_can_still_be_used(hold: Hold) -> None:
    kept: dict[int, Any] = {}

    def entries(books: Books) -> Any:
        def contact(row: Any) -> Any:
            first = kept.setdefault(row.tenant_id % 2, row)  # one of the first batch, for all documents
            return first.lines[0].account and first.tenant

        return {**KEYS[0], "contact": contact}, KEYS[1]

    hold(entries, 400)
    assert {document.contact for document in invoices()} == {Ref("tenant", "1"), Ref("tenant", "2")}


def test_a_batch_is_read_when_it_is_wanted(hold: Hold) -> None:
    books = hold(in_circles, 1000)
    documents = host().documents(kinds.INVOICE, "1", DAY)
    with counted(books.db.engine) as statements:
        assert next(documents).number == "A1"
    assert len(PEAKS) == LocalDocument.BATCH
    assert len(statements) <= 6


def refs(*numbers: int) -> list[Ref]:
    return [Ref("invoice", str(number)) for number in numbers]


def test_documents_are_read_by_their_references(hold: Hold) -> None:
    books = hold(RELATIONSHIPS, 400)
    wanted = [*refs(*range(400, 0, -1)), Ref("invoice", "999"), Ref("invoice", "x"), Ref("gone", "1"), *refs(7)]
    with counted(books.db.engine) as statements:
        found = list(host().by_refs(kinds.INVOICE, wanted))
    assert [ref for ref, _ in found] == wanted
    assert [value is None for _, value in found] == [False] * 400 + [True] * 3 + [False]
    assert {ref: value for ref, value in found if value} == {document.ref: document for document in invoices()}
    assert len(statements) <= 3 * (3 + 1)  # options of 600 lines are loaded in two statements
    assert len(books.db.session.identity_map) == 0


def test_one_document_is_read_in_a_few_statements(hold: Hold) -> None:
    books = hold(RELATIONSHIPS, 3)
    with counted(books.db.engine) as statements:
        assert host().value(kinds.INVOICE, Ref("invoice", "2")) is not None
    assert len(statements) <= 3


def test_what_can_not_be_read_by_its_reference_is_left_out_or_told(hold: Hold) -> None:
    books = hold(RELATIONSHIPS, 3)
    books.db.session.execute(text("UPDATE invoice SET day = 'soon' WHERE id = 2"))
    books.db.session.commit()
    bad: list[Unreadable] = []
    found = list(host().by_refs(kinds.INVOICE, refs(1, 2, 3, 4), bad.append))
    assert [(ref.id, value is None) for ref, value in found] == [("1", False), ("3", False), ("4", True)]
    assert [error.label for error in bad] == ["Invoice A2"]
    with pytest.raises(Unreadable, match="Invoice A2 can't be read"):
        list(host().by_refs(kinds.INVOICE, refs(1, 2)))


def test_row_that_was_deleted_elsewhere_is_gone_though_the_session_has_it(hold: Hold) -> None:
    books = hold(KEYS, 3)
    mine = books.db.session.get_one(books.Invoice, 2)
    with books.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM invoice WHERE id = 2"))
    assert mine.no == "A2"
    assert dict(host().by_refs(kinds.INVOICE, refs(2))) == {Ref("invoice", "2"): None}


def test_reference_may_be_written_in_another_way(hold: Hold) -> None:
    hold(KEYS, 3)
    ((ref, value),) = host().by_refs(kinds.INVOICE, [Ref("invoice", "03")])
    assert (ref.id, value and value.ref.id) == ("03", "3")
