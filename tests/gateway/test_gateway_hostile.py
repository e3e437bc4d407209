"""Replies made to cost time or memory."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from flask_intacct.gateway.errors import ExchangeError, ProtocolError
from flask_intacct.gateway.formats import lines
from flask_intacct.gateway.reply import Reply, judge
from flask_intacct.gateway.transport import Answer

from .canned import result_of

HEAD = (
    "<response><control><status>success</status><controlid>c</controlid></control><operation>"
    "<authentication><status>success</status></authentication>"
)
RESULT = "<result><status>success</status><function>read</function><controlid>f</controlid>"
REFUSED = HEAD.replace("<authentication><status>success", "<authentication><status>failure")


def told(inside: str, head: str = HEAD) -> Reply | ExchangeError:
    """The outcome of a reply with this below its operation, got in good time."""
    content = f"{head}{inside}</operation></response>".encode()
    began = time.process_time()
    try:
        return judge(Answer(200, {}, content), control_id="c", writes=True)
    except ExchangeError as error:
        return error
    finally:
        assert time.process_time() - began < 4


def of_row(inside: str) -> str:
    return f'{RESULT}<data count="1"><APBILL x="1">{inside}</APBILL></data></result>'


@pytest.mark.parametrize(
    "piece",
    [
        "<A>1</A>",
        "<A><B/></A>",
        "<AS><A/></AS>",
        "<CONTACT_LIST_INFO/>",
        "<APBILLITEMS><APBILLITEM/></APBILLITEMS>",
    ],
)
def test_many_fields_of_one_name_are_a_list_in_good_time(piece: str) -> None:
    (row,) = result_of(told(of_row(piece * 50_000)), "f").rows
    found = row[piece[1:].split(">")[0].rstrip("/")]
    assert isinstance(found, list)
    assert len(found) == 50_000


def test_owned_lines_are_lists_whatever_stands_between_them() -> None:
    line = "<APBILLITEM><LINE_NO>1</LINE_NO></APBILLITEM>"
    (row,) = result_of(told(of_row(f"<APBILLITEMS>{line}<news>1</news>{line}</APBILLITEMS>")), "f").rows
    assert lines(row, "APBILLITEMS") == [{"LINE_NO": "1"}] * 2
    (row,) = result_of(told(of_row("<APBILLITEMS><news>1</news></APBILLITEMS>")), "f").rows
    assert row["APBILLITEMS"] == []


def test_collections_that_come_twice_stay_apart() -> None:
    (row,) = result_of(
        told(of_row("<TASKS><TASK>1</TASK><TASK>2</TASK></TASKS><TASKS><TASK>3</TASK></TASKS>")), "f"
    ).rows
    assert row["TASKS"] == [["1", "2"], ["3"]]


def test_more_attributes_than_any_reply_has_are_refused() -> None:
    assert isinstance(told(of_row("<a b=''/>" * 510_000)), ProtocolError)
    assert isinstance(told(of_row(f"<a {' '.join(f'b{n} = 1' for n in range(510_000))}/>")), ProtocolError)


@pytest.mark.parametrize("piece", ["<a/>", f"{RESULT}</result>", "<errormessage><error>x</error></errormessage>"])
def test_an_envelope_larger_than_any_is_refused(piece: str) -> None:
    assert isinstance(told(piece * (110_000 // piece.count("<") * 2)), ProtocolError)


@pytest.mark.parametrize("text", ["x" + " " * 1_000_000 + "x", "[Support ID: " * 100_000, "&amp;lt;" * 300_000])
def test_texts_of_errors_are_cut(text: str) -> None:
    found = told(f"<errormessage><error><description2>{text}</description2></error></errormessage>", REFUSED)
    assert isinstance(found, ExchangeError)
    assert len(found.errors[0].description2) <= 10_000
    assert len(str(found)) < 5_000


def test_the_support_id_of_a_long_text_is_kept() -> None:
    text = "long " * 10_000 + "[Support ID: abc%7E]"
    found = told(f"<errormessage><error><description2>{text}</description2></error></errormessage>", REFUSED)
    assert isinstance(found, ExchangeError)
    assert found.support_id == "abc~"


def test_thousands_of_errors_are_judged_in_good_time() -> None:
    fault = f"<error><errorno>X</errorno><description2>{'periods are not closed ' * 40}</description2></error>"
    found = told(f"<errormessage>{fault * 3_000}</errormessage>", REFUSED)
    assert isinstance(found, ExchangeError)
    assert 0 < len(found.errors) <= 200


@pytest.mark.parametrize("junk", [b"<!-- <response> -->", b"<!--", b"-->", b"<response>", b"<!-- </response>"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_junk_made_of_comments_costs_little(junk: bytes, where: str) -> None:
    good = f"{HEAD}{RESULT}</result></operation></response>".encode()
    many = junk * (5_000_000 // len(junk))
    began = time.process_time()
    with suppress(ProtocolError):
        judge(Answer(200, {}, many + good if where == "before" else good + many))
    assert time.process_time() - began < 4
