"""Documents of Intacct as ledger values: the header by the names of its kind's shape, the lines alike for all kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..errors import Refused
from ..gateway.formats import Row, lines, text
from ..kinds import CONTACT, Kind, Shape, kind
from ..ledger import ZERO, Document, Line, Ref, cents
from ..messages import Message, noun
from . import states
from .dimensions import options
from .rows import date_of, decimal


def read(kind_: Kind, row: Mapping[str, Any], rows: Iterable[Mapping[str, Any]] | None = None) -> Document:
    """One document. One whose `state` is "Reversal" must not be imported (:func:`states.importable`).

    :param rows: Its lines, where they are not below the header.
    :raises Refused: it is negative, in an unknown state, or holds what can't be read; the text says so.
    """
    shape = kind_.shape
    assert shape is not None  # a kind of documents
    key, number = text(row, kind_.key), text(row, shape.number)
    name = Message("document", noun=noun(kind_.noun.capitalize()), number=number or key)
    if not key:
        raise Refused(Message("in.no_key", object=kind_.object, field=kind_.key))
    state, contact = text(row, shape.state), text(row, shape.contact)
    total, open_ = (_signed(decimal(row, field, name), shape) for field in (shape.total, shape.open))
    owned = lines(row, shape.collection) if rows is None else rows
    found = Document(
        kind=kind_.name,
        ref=Ref(kind_.object, key),
        number=number,
        reference=text(row, shape.reference),
        description=text(row, shape.description),
        contact=Ref(kind(CONTACT, shape.contact_role).object, contact) if contact else None,
        date=date_of(row, shape.date, name),
        due=date_of(row, shape.due, name) if shape.due else None,
        status=states.status(shape.states, state, ZERO if total is None else total, open_),
        state=state,
        currency=(text(row, "CURRENCY") or text(row, "BASECURR")).upper(),
        entity=text(row, "MEGAENTITYID"),
        total=None if total is None else cents(total),
        open=None if open_ is None else cents(open_),
        lines=tuple(_line(line, shape, name) for line in own_lines(owned)),
    )
    if found.gross < ZERO and states.importable(state):
        said = {"document": name, "gross": found.gross, "noun": noun(kind_.noun)}
        if shape.sign < 0:
            raise Refused(Message("in.other_sign", **said))
        raise Refused(Message("in.negative", **said, letters=shape.side.letters))
    return found


def _signed(amount: Decimal | None, shape: Shape) -> Decimal | None:
    return None if amount is None else amount * shape.sign + 0  # and no -0


def own_lines(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those lines that a person entered: no subtotals, none that Intacct added to others for tax or the other side."""
    return [
        line
        for line in rows
        if text(line, "SUBTOTAL").lower() in ("", "f", "false")
        and not text(line, "PARENTENTRY").strip("0")
        and text(line, "LINEITEM").lower() not in ("f", "false")
    ]


def tax_entries(line: Mapping[str, Any]) -> Sequence[Row]:
    """The taxes of a line."""
    return [entry for entry in lines(line, "TAXENTRIES") if text(entry, "DETAILID")]


def with_taxes(line: Row, records: Sequence[Row]) -> Row:
    """A line with its tax records, which are queried for, as taxes of a document that is read whole."""
    taxes = [{"DETAILID": text(record, "TAXCODE"), "TRX_TAX": text(record, "TRXTAXAMOUNT")} for record in records]
    return line | {"TAXENTRIES": taxes}


def asked(kind_: Kind, line: Iterable[str]) -> frozenset[str]:
    """The fields of a document and its lines that are kept of one that was read whole.

    :param line: What is asked for of lines.
    """
    return frozenset((*kind_.reads, *line, "TAXENTRIES", "DETAILID", "TRX_TAX"))


def adds_up(kind_: Kind, row: Mapping[str, Any], taxed: bool) -> bool:
    """Whether the lines of a document and their taxes come to what its header says.

    :param taxed: Each line has its tax detail in this company.
    """
    shape = kind_.shape
    assert shape is not None  # a kind of documents
    own = own_lines(lines(row, shape.collection))
    taxes = [entry for line in own for entry in tax_entries(line)]
    if not own or (taxed and len(taxes) < len(own)):
        return False
    try:
        total = sum((Decimal(text(line, "TRX_AMOUNT")) for line in own), Decimal(0))
        total += sum((Decimal(text(entry, "TRX_TAX") or "0") for entry in taxes), Decimal(0))
        return total == Decimal(text(row, shape.total))
    except ArithmeticError:
        return False


def _line(line: Mapping[str, Any], shape: Shape, document: Message) -> Line:
    taxes = tax_entries(line)
    if len(taxes) > 1:
        raise Refused(Message("in.taxes", document=document, taxes=len(taxes)))
    account = text(line, "ACCOUNTNO")
    tax = _signed(decimal(taxes[0], "TRX_TAX", document), shape) if taxes else None
    return Line(
        net=cents(_signed(decimal(line, "TRX_AMOUNT", document), shape) or ZERO),
        tax=cents(tax or ZERO),
        account=Ref("GLACCOUNT", account) if account else None,
        tax_type=Ref("TAXDETAIL", text(taxes[0], "DETAILID")) if taxes else None,
        options=options(line),
        description=text(line, "ENTRYDESCRIPTION"),
    )
