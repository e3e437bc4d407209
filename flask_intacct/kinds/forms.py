"""How the functions that create documents name what they take: the old ones in lower case, the generic `create`."""

from __future__ import annotations

from dataclasses import dataclass

CREATE = "create"
"""The generic function, which takes an object and its fields."""


@dataclass(frozen=True, slots=True)
class LineForm:
    """The names of a line's parts.

    :param custom: The element that values of user-defined dimensions stand in; "" where they are fields like others.
    """

    account: str = "glaccountno"
    amount: str = "amount"
    description: str = "memo"
    taxes: str = "taxentries"
    detail: str = "detailid"
    tax: str = "trx_tax"
    custom: str = "customfields"


@dataclass(frozen=True, slots=True)
class Form:
    """The names of a document's parts in the function that creates it; those of the old functions unless said.

    :param function: :data:`CREATE` or an old function.
    :param due: "" where these documents are not due on a day; likewise the reference.
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


GENERIC_LINE = LineForm("ACCOUNTNO", "TRX_AMOUNT", "ENTRYDESCRIPTION", "TAXENTRIES", "DETAILID", "TRX_TAX", "")


def generic(contact: str, lines: str) -> Form:
    """The form of the generic `create`: the fields as they are read."""
    return Form(
        CREATE, contact, "RECORDID", lines, "WHENCREATED", "WHENDUE", "ACTION", "DOCNUMBER", "DESCRIPTION",
        "TAXSOLUTIONID", GENERIC_LINE,
    )  # fmt: skip
