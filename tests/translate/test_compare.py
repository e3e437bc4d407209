from dataclasses import replace
from datetime import date
from decimal import Decimal

from flask_intacct.ledger import Document, Line, Ref
from flask_intacct.translate.compare import differences

LINE = Line(net=Decimal("100.00"), tax=Decimal("20.00"), account=Ref("GLACCOUNT", "4000"))
OURS = Document(
    kind="invoice",
    ref=Ref("invoice", "1"),
    number="INV-1",
    contact=Ref("CUSTOMER", "C1"),
    date=date(2026, 1, 1),
    lines=(LINE,),
)
THEIRS = replace(OURS, ref=Ref("ARINVOICE", "17"), total=Decimal("120"), currency="GBP", reference="PO")


def said(ours: Document, theirs: Document, **how: bool) -> list[str]:
    return [str(difference) for difference in differences(ours, theirs, **how)]


def test_equal_documents_have_no_differences() -> None:
    assert differences(OURS, THEIRS, lines=True) == []


def test_amounts_date_and_number_are_named() -> None:
    theirs = replace(
        THEIRS, total=None, number="INV-2", date=date(2026, 1, 2), lines=(replace(LINE, tax=Decimal("19.99")),)
    )
    assert said(OURS, theirs) == [
        "gross is 120.00 here and 119.99 in Intacct",
        "tax is 20.00 here and 19.99 in Intacct",
        "date is 2026-01-01 here and 2026-01-02 in Intacct",
        "number is INV-1 here and INV-2 in Intacct",
    ]


def test_missing_number_is_a_difference_and_missing_reference_is_not() -> None:
    assert said(OURS, replace(THEIRS, number="")) == ["number is INV-1 here and (none) in Intacct"]


def test_other_contact_is_a_difference() -> None:
    theirs = replace(THEIRS, contact=Ref("CUSTOMER", "C2"))
    assert said(OURS, theirs) == ["contact is C1 here and C2 in Intacct"]


def test_lines_are_compared_in_any_order() -> None:
    other = replace(LINE, account=Ref("GLACCOUNT", "4001"))
    ours, theirs = replace(OURS, lines=(LINE, other)), replace(THEIRS, lines=(other, LINE), total=None)
    assert differences(ours, theirs, lines=True) == []


def test_line_on_another_account_is_named_on_both_sides() -> None:
    theirs = replace(THEIRS, lines=(replace(LINE, account=Ref("GLACCOUNT", "4001")),))
    assert said(OURS, theirs, lines=True) == [
        "only here: a line of 100.00 on 4000, tax 20.00",
        "only in Intacct: a line of 100.00 on 4001, tax 20.00",
    ]


def test_line_ends_and_signs_that_xml_can_not_hold_are_no_difference() -> None:
    ours = replace(OURS, number="INV\r\n1\x0b", reference="PO\r\n7\x01")
    assert differences(ours, replace(THEIRS, number="INV\n1", reference="PO\n7")) == []
