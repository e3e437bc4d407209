"""Whatever comes back ends in an error of ours or in a right answer."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_intacct.errors import GatewayError
from flask_intacct.gateway.envelope import parse
from flask_intacct.gateway.errors import ExchangeError, ProtocolError
from flask_intacct.gateway.redact import redact
from flask_intacct.gateway.reply import Reply, judge
from flask_intacct.gateway.transport import Answer

from .canned import error_of, result_of

CONTROL = "<control><status>success</status><controlid>c</controlid></control>"
AUTH = "<authentication><status>success</status><userid>u</userid><companyid>a</companyid></authentication>"
ROWS = "".join(f"<CUSTOMER><RECORDNO>{i}</RECORDNO><NAME>Zoë &amp; {i}</NAME></CUSTOMER>" for i in range(1, 6))
DATA = f'<data listtype="CUSTOMER" totalcount="5" offset="0" count="5" numremaining="0">{ROWS}</data>'
RESULT = f"<result><status>success</status><function>query</function><controlid>f</controlid>{DATA}</result>"
FAILED = (
    "<result><status>failure</status><function>create</function><controlid>g</controlid><errormessage><error>"
    "<errorno>BL01001973</errorno><description/><description2>bad</description2></error></errormessage></result>"
)
OPERATION = f"<operation>{AUTH}{RESULT}{FAILED}</operation>"
GOOD = f'<?xml version="1.0" encoding="UTF-8"?><response>{CONTROL}{OPERATION}</response>'.encode()
TOKENS = re.findall(rb"<[^>]*>|[^<]+", GOOD)


def outcome(content: bytes, status: int = 200) -> Reply | ExchangeError:
    try:
        return judge(Answer(status, {}, content), control_id="c", writes=True)
    except ExchangeError as error:
        return error


def test_the_good_one_is_read() -> None:
    reply = outcome(GOOD)
    assert [row["NAME"] for row in result_of(reply, "f").rows] == [f"Zoë & {i}" for i in range(1, 6)]
    assert error_of(reply, "g").errors[0].description2 == "bad"


@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_reply_is_never_taken_for_whole(at: int) -> None:
    assert isinstance(outcome(GOOD[:at]), ProtocolError)


@given(st.lists(st.sampled_from(TOKENS), max_size=60), st.sampled_from([200, 400, 429, 500, 524]))
@settings(max_examples=150)
def test_pieces_in_any_order(tokens: list[bytes], status: int) -> None:
    outcome(b"".join(tokens), status)


@given(st.data())
@settings(max_examples=200)
def test_damage_anywhere(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    found = outcome(bytes(content))
    if isinstance(found, Reply):
        for result in found.results:
            assert result.ok or isinstance(result.error, GatewayError)


@given(st.binary(max_size=400), st.sampled_from([200, 302, 400, 401, 404, 429, 500, 503, 524]))
def test_noise(content: bytes, status: int) -> None:
    assert isinstance(outcome(content, status), ExchangeError)


@given(st.text(max_size=60).filter(lambda junk: "<" not in junk), st.text(max_size=60).filter(lambda j: "<" not in j))
def test_junk_around_the_xml_does_no_harm(before: str, after: str) -> None:
    found = outcome(before.encode("utf-8", "ignore") + GOOD + after.encode("utf-8", "ignore"))
    assert len(result_of(found, "f").rows) == 5


def test_names_are_read_in_any_case() -> None:
    shouted = re.sub(rb"</?[a-z]+", lambda m: m[0].upper(), GOOD)
    assert result_of(outcome(shouted), "f").rows == result_of(outcome(GOOD), "f").rows
    whispered = re.sub(rb"</?[A-Z]+", lambda m: m[0].lower(), GOOD)
    assert result_of(outcome(whispered), "f").rows == result_of(outcome(GOOD), "f").rows


def test_unknown_elements_are_passed_over() -> None:
    more = GOOD.replace(b"<operation>", b"<news><a/></news><operation><extra>1</extra>")
    more = more.replace(b"<function>query", b"<mood>good</mood><function>query")
    assert len(result_of(outcome(more), "f").rows) == 5


def test_rows_are_trusted_more_than_counts() -> None:
    lying = GOOD.replace(b'count="5"', b'count="900"').replace(b'totalcount="900"', b'totalcount="lots"')
    result = result_of(outcome(lying), "f")
    assert (len(result.rows), result.total) == (5, None)


def test_two_results_of_one_control_id_count_as_none() -> None:
    twice = GOOD.replace(b"<controlid>g<", b"<controlid>f<")
    found = outcome(twice)
    assert isinstance(found, Reply)
    assert found.result("f") is None


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><response>&b;</response>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><response/>',
        b"<response>&unknown;</response>",
        b"<!doctype html><response></response>",
    ],
)
def test_entities_are_refused(content: bytes) -> None:
    assert isinstance(outcome(content), ProtocolError)


def test_entities_are_refused_in_errors_without_an_envelope() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "x">]><r><error><errorno>&a;</errorno></error></r>'
    found = outcome(bomb, 400)
    assert isinstance(found, ProtocolError)
    assert found.errors == ()


@pytest.mark.parametrize("where", ["<operation>", "<CUSTOMER>", "<errormessage>"])
def test_deep_nesting_is_refused_quickly(where: str) -> None:
    deep = "<a>" * 200_000 + "</a>" * 200_000
    content = GOOD.decode().replace(where, where + deep, 1).encode()
    began = time.thread_time()
    assert isinstance(outcome(content), ProtocolError)
    assert time.thread_time() - began < 5


def test_too_many_elements_are_refused_before_they_are_built() -> None:
    content = b"<response>" + b"<a/>" * 3_100_000 + b"</response>"
    with pytest.raises(ProtocolError, match="too many"):
        parse(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-16-le"])
def test_other_encodings_are_refused(encoding: str) -> None:
    assert isinstance(outcome(GOOD.decode().encode(encoding)), ProtocolError)


def test_a_claimed_encoding_does_not_change_the_bytes() -> None:
    claimed = GOOD.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    assert result_of(outcome(claimed), "f").rows[0]["NAME"] == "Zoë & 1"


def test_a_failed_sign_in_with_results_is_not_believed() -> None:
    odd = GOOD.replace(b"<authentication><status>success", b"<authentication><status>failure")
    found = outcome(odd)
    assert isinstance(found, ProtocolError)
    assert found.executed is None


def test_a_refused_control_with_results_is_not_believed() -> None:
    found = outcome(GOOD.replace(b"<control><status>success", b"<control><status>failure"))
    assert isinstance(found, ProtocolError)
    assert found.executed is None


def test_markup_in_an_error_text_is_read_as_text() -> None:
    marked = GOOD.replace(b"<description2>bad<", b"<description2>very <b>bad</b><")
    assert "bad" in error_of(outcome(marked), "g").errors[0].description2


@given(st.binary(max_size=2000))
def test_redaction_takes_anything(content: bytes) -> None:
    redact(content)


@pytest.mark.parametrize(
    "piece",
    [
        b"<login>",
        b"<password>",
        b"<password ",
        b"<field>taxid</field><value>",
        b"taxid='",
        b"&lt;taxid&gt;",
        b"taxid   ",
        b'taxid=\\"\\',
        b"taxid=&apos;'",
        b"a.",
    ],
)
def test_redaction_takes_no_longer_for_hostile_text(piece: bytes) -> None:
    began = time.thread_time()
    redact(piece * (400_000 // len(piece)))
    assert time.thread_time() - began < 5


def test_a_cut_off_reply_that_quotes_the_rate_limit_is_not_taken_for_it() -> None:
    quoted = GOOD.replace(b"<NAME>", b"<NAME>API rate limit exceeded ")
    assert isinstance(outcome(quoted[:-30]), ProtocolError)


def test_escaped_markup_in_texts_is_read() -> None:
    escaped = GOOD.replace(b">bad<", b">that&amp;#039;s been closed<")
    assert error_of(outcome(escaped), "g").errors[0].description2 == "that's been closed"
