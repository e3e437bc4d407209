"""One form for each kind of value, whatever form the gateway wrote it in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from flask_intacct import kinds
from flask_intacct.errors import Refused
from flask_intacct.gateway import UserFormat
from flask_intacct.ledger import Account
from flask_intacct.translate import documents, incoming, rows

US = UserFormat()
UK = UserFormat(date_format="/dmY", clock="12", offset=timedelta(hours=1))


def test_dates_are_kept_as_iso_dates_and_stamps_in_utc() -> None:
    row = {"WHENCREATED": "02/05/2026", "WHENDUE": "2/6/2026", "WHENMODIFIED": "02/05/2026 00:30:00 AM"}
    row["WHENMODIFIED"] = "02/05/2026 12:30:00 AM"
    found = rows.kept(row, UK)
    assert (found["WHENCREATED"], found["WHENDUE"]) == ("2026-05-02", "2026-06-02")
    assert rows.moment(str(found["WHENMODIFIED"])) == datetime(2026, 5, 1, 23, 30, tzinfo=UTC)


def test_the_date_of_a_document_does_not_move_with_the_zone() -> None:
    assert rows.kept({"WHENCREATED": "02/05/2026 12:00:00 AM"}, UK)["WHENCREATED"] == "2026-05-02"


def test_a_stamp_may_lack_its_time() -> None:
    found = rows.kept({"WHENMODIFIED": "02/05/2026"}, US)
    assert rows.moment(str(found["WHENMODIFIED"])) == datetime(2026, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(("name", "written", "kept"), [
    ("RECORDNO", "12.0", "12"), ("RECORDKEY", "12", "12"), ("GLDIMUNIT", "3.00", "3"), ("ID", "7.", "7"),
    ("TRX_AMOUNT", "5900.00", "5900"), ("TRX_TOTALENTERED", "0.00", "0"), ("VALUE", "17.50", "17.5"),
    ("TRX_AMOUNT", "-0.10", "-0.1"), ("TRX_AMOUNT", "1e3", "1e3"), ("TRX_TAX", "00.5", "0.5"), ("TRX_TAX", "1.", "1"),
    ("TRX_TAX", ".5", "0.5"), ("TRX_TAX", "+3", "3"), ("TRX_TAX", "1" * 40 + ".50", "1" * 40 + ".5"),
    ("TRX_TAX", "1" * 70, "1" * 70), ("TRX_TAX", "200", "200"), ("DOCNUMBER", "12.0", "12.0"),
    ("RECORDID", "007.00", "007.00"), ("CUSTOMERID", "10.0", "10.0"),
])  # fmt: skip
def test_numbers_are_kept_in_their_shortest_form_and_ids_as_they_are(name: str, written: str, kept: str) -> None:
    assert rows.kept({name: written}, US) == {name: kept}


def test_records_within_are_kept_under_dotted_names() -> None:
    nested = {"DISPLAYCONTACT": {"EMAIL1": "a@b.c", "MAILADDRESS": {"CITY": "Leeds"}}}
    flat = {"DISPLAYCONTACT.EMAIL1": "a@b.c", "DISPLAYCONTACT.MAILADDRESS.CITY": "Leeds"}
    assert rows.kept(nested, US) == rows.kept(flat, US) == flat
    assert rows.kept({"DISPLAYCONTACT": {}}, US) == {}


def test_lines_are_kept_in_the_same_forms() -> None:
    line = {"RECORDNO": "3.0", "TRX_AMOUNT": "10.50", "TAXENTRIES": [{"DETAILID": "Std", "TRX_TAX": "2.10"}]}
    assert rows.kept({"APBILLITEMS": [line]}, US)["APBILLITEMS"] == [
        {"RECORDNO": "3", "TRX_AMOUNT": "10.5", "TAXENTRIES": [{"DETAILID": "Std", "TRX_TAX": "2.1"}]}
    ]


@pytest.mark.parametrize("form", [UK, None])
def test_a_date_that_can_not_be_read_is_never_read_another_way_later(form: UserFormat | None) -> None:
    row = {"RECORDNO": "1", "RECORDID": "INV-1", "STATE": "Posted", "WHENCREATED": "05/31/2026"}
    found = rows.kept(row, form)
    with pytest.raises(Refused, match=r"Invoice INV-1.*WHENCREATED.*'05/31/2026'"):
        documents.read(kinds.kind(kinds.INVOICE), found)


def test_dates_cached_by_an_older_version_are_read() -> None:
    assert rows.day({"WHENCREATED": "02/05/2026"}, "WHENCREATED") == date(2026, 2, 5)
    assert rows.moment("02/05/2026 10:00:00") == datetime(2026, 2, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["", "?02/05/2026", "soon"])
def test_a_stamp_that_is_none_is_none(stamp: str) -> None:
    assert rows.moment(stamp) is None


@pytest.mark.parametrize(("tick", "own"), [("T", 0), ("F", 1), ("true", 0), ("false", 1), ("", 1)])
def test_booleans_come_as_words_or_letters(tick: str, own: int) -> None:
    assert len(documents.own_lines([{"SUBTOTAL": tick, "LINEITEM": "T"}])) == own
    account = incoming.value(kinds.ACCOUNT, "", {"ACCOUNTNO": "1", "SUBLEDGERCONTROLON": tick})
    assert isinstance(account, Account)
    assert account.control == ("" if own else "subledger")
