"""Every refusal of the gateway tells a person what is wrong, and where in Sage Intacct the cure is."""

from __future__ import annotations

import pytest

from flask_intacct.explain import explain
from flask_intacct.gateway import GatewayFault
from flask_intacct.gateway import errors as gateway
from flask_intacct.gateway.classify import error_for
from flask_intacct.gateway.errors import GatewayBusy, TooManyOperations, TryLater


@pytest.mark.parametrize(
    ("faults", "cause", "place"),
    [
        ([("", "Date must be on or after 04/01/2026.")], "period closed", "General Ledger > All > Books > Open"),
        (
            [("", "The books are closed through 02/28/2026")],
            "period closed",
            "Accounts Payable > All > Subledger > Open",
        ),
        (
            [("PL04000096", "Another record with the value 'A' for Vendor name was found")],
            "number taken",
            "pair the two",
        ),
        (
            [
                ("BL34000061", "Another Contact with the given value(s) A(C1) already exists"),
                ("BL01001973", "Could not create Contact record!"),
                ("BL01001973", "Error While Saving the Display Contact"),
                ("BL01001973", "Could not create Customer record!"),
            ],
            "contact name taken",
            "Company > Setup > Contacts",
        ),
        (
            [("BL01001973", "Duplicate account number"), ("BL01001973", "Could not create GL Account record.")],
            "account number taken",
            "General Ledger > Accounts",
        ),
        ([("BL03000018", "The field CUSTOMERID is missing.")], "numbering off", "> Configure > Document numbering"),
        ([("PL01000127", "The document number is missing.")], "numbering off", "> Configure > Document numbering"),
        (
            [("BL03002126", 'The vendor "V-9" is invalid.')],
            "customer or vendor not usable",
            "Accounts Payable > Vendors",
        ),
        (
            [
                ("BL01001973", "Tax details are either missing or don't belong to the tax solution"),
                ("BL01001973", "Could not create Bill record!"),
            ],
            "tax set-up",
            "Taxes > Setup > Tax details",
        ),
        ([("", "There is no due on the bill 17")], "nothing left to pay", "Accounts Payable"),
        ([("", "You do not have permission to view audit history")], "deletions not readable", "custom reports"),
        (
            [("PL04000005", "You do not have permission for API operation CREATE")],
            "permission missing",
            "Give its role",
        ),
        (
            [("BL1", "You cannot update a root-level vendor from an entity-restricted user")],
            "top level needed",
            "Company > Admin > Users",
        ),
        (
            [("BL03000018", "Illegal format for Contactversion : Primary Email Address a@b, c@d")],
            "e-mail address",
            "Correct the address",
        ),
        ([("DL02000001", "There was an error processing the request.")], "refused by Intacct", "Mend what it names"),
        ([("BL01001973", "Duplicate dimension on the line")], "refused by Intacct", "Mend what it names"),
        ([("", "This feature is disabled for your company")], "module missing", "Company > Admin > Subscriptions"),
    ],
)
def test_a_refusal_has_its_cause_and_its_cure(faults: list[tuple[str, str]], cause: str, place: str) -> None:
    error = error_for("result", [GatewayFault(number, description2=text) for number, text in faults])
    finding = explain(error)
    assert (finding.cause, place in str(finding.cure)) == (cause, True), finding
    assert faults[0][1].rstrip(".") in str(finding.message)


def test_a_page_that_can_not_be_read_is_not_called_refused() -> None:
    error = error_for(
        "result", [GatewayFault("DL02000001", "Error", "There was an error processing the request.")], function="query"
    )
    assert explain(error).cause == "page not readable"


def test_a_format_that_could_be_misread_tells_what_to_set() -> None:
    finding = explain(gateway.UnknownFormat("the API user's format is locale 'de_DE', date '.dmY', clock '24'"))
    assert "de_DE" in str(finding.message)
    assert "Web Services users" in str(finding.cure)


@pytest.mark.parametrize("error", [gateway.TryLater("x"), gateway.TooManyOperations("x"), gateway.GatewayBusy("x")])
def test_what_passes_asks_for_nothing(error: TryLater | TooManyOperations | GatewayBusy) -> None:
    assert explain(error).cause == "busy"
