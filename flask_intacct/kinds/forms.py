"""How the functions that create documents name what they take: the old ones in lower case, the generic `create`."""

from __future__ import annotations

from dataclasses import dataclass

CREATE, UPDATE = "create", "update"
"""The generic functions, which take an object and its fields."""


@dataclass(frozen=True, slots=True)
class LineForm:
    """The names of a line's parts.

    :param custom: The element that values of user-defined dimensions stand in; "" where they are fields like others.
    :param number: By what an update names a line that is there, counted from 1; a line without it is added.
    """

    account: str = "glaccountno"
    amount: str = "amount"
    description: str = "memo"
    taxes: str = "taxentries"
    detail: str = "detailid"
    tax: str = "trx_tax"
    custom: str = "customfields"
    number: str = "line_num"


@dataclass(frozen=True, slots=True)
class Form:
    """The names of a document's parts in the function that creates it; those of the old functions unless said.

    :param function: :data:`CREATE` or an old function.
    :param due: "" where these documents are not due on a day; likewise the reference.
    :param change: The function that changes one: :data:`UPDATE` or an old function.
    :param changed_lines: How that one names the lines.
    :param reverse: The function that reverses one; "" where there is none.
    """

    function: str
    contact: str
    number: str
    lines: str
    date: str = "datecreated"
    due: str = "datedue"
    action: str = "action"
    reference: str = "ponumber"
    description: str = "description"
    tax_solution: str = "taxsolutionid"
    line: LineForm = LineForm()
    change: str = UPDATE
    changed_lines: str = ""
    reverse: str = ""


GENERIC_LINE = LineForm(
    "ACCOUNTNO", "TRX_AMOUNT", "ENTRYDESCRIPTION", "TAXENTRIES", "DETAILID", "TRX_TAX", "", "LINE_NO"
)


def generic(contact: str, lines: str, reverse: str) -> Form:
    """The form of the generic `create`: the fields as they are read."""
    return Form(
        CREATE, contact, "RECORDID", lines, "WHENCREATED", "WHENDUE", "ACTION", "DOCNUMBER", "DESCRIPTION",
        "TAXSOLUTIONID", GENERIC_LINE, UPDATE, lines, reverse,
    )  # fmt: skip
