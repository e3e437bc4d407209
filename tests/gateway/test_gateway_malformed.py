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


def test_the_good_one_is_read():
    reply = outcome(GOOD)
    assert [row["NAME"] for row in reply.result("f").rows] == [f"Zoë & {i}" for i in range(1, 6)]
    assert reply.result("g").error.errors[0].description2 == "bad"


@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_reply_is_never_taken_for_whole(at):
    assert isinstance(outcome(GOOD[:at]), ProtocolError)


@given(st.lists(st.sampled_from(TOKENS), max_size=60), st.sampled_from([200, 400, 429, 500, 524]))
@settings(max_examples=150)
def test_pieces_in_any_order(tokens, status):
    outcome(b"".join(tokens), status)


@given(st.data())
@settings(max_examples=200)
def test_damage_anywhere(data):
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    found = outcome(bytes(content))
    if isinstance(found, Reply):
        for result in found.results:
            assert result.ok or isinstance(result.error, GatewayError)


@given(st.binary(max_size=400), st.sampled_from([200, 302, 400, 401, 404, 429, 500, 503, 524]))
def test_noise(content, status):
    assert isinstance(outcome(content, status), ExchangeError)


@given(st.text(max_size=60).filter(lambda junk: "<" not in junk), st.text(max_size=60).filter(lambda j: "<" not in j))
def test_junk_around_the_xml_does_no_harm(before, after):
    found = outcome(before.encode("utf-8", "ignore") + GOOD + after.encode("utf-8", "ignore"))
    assert len(found.result("f").rows) == 5


def test_names_are_read_in_any_case():
    shouted = re.sub(rb"</?[a-z]+", lambda m: m[0].upper(), GOOD)
    assert outcome(shouted).result("f").rows == outcome(GOOD).result("f").rows
    whispered = re.sub(rb"</?[A-Z]+", lambda m: m[0].lower(), GOOD)
    assert outcome(whispered).result("f").rows == outcome(GOOD).result("f").rows


def test_unknown_elements_are_passed_over():
    more = GOOD.replace(b"<operation>", b"<news><a/></news><operation><extra>1</extra>")
    more = more.replace(b"<function>query", b"<mood>good</mood><function>query")
    assert len(outcome(more).result("f").rows) == 5


def test_rows_are_trusted_more_than_counts():
    lying = GOOD.replace(b'count="5"', b'count="900"').replace(b'totalcount="900"', b'totalcount="lots"')
    result = outcome(lying).result("f")
    assert (len(result.rows), result.total) == (5, None)


def test_two_results_of_one_control_id_count_as_none():
    twice = GOOD.replace(b"<controlid>g<", b"<controlid>f<")
    assert outcome(twice).result("f") is None


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><response>&b;</response>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><response/>',
        b"<response>&unknown;</response>",
        b"<!doctype html><response></response>",
    ],
)
def test_entities_are_refused(content):
    assert isinstance(outcome(content), ProtocolError)


def test_entities_are_refused_in_errors_without_an_envelope():
    bomb = b'<!DOCTYPE r [<!ENTITY a "x">]><r><error><errorno>&a;</errorno></error></r>'
    found = outcome(bomb, 400)
    assert isinstance(found, ProtocolError)
    assert found.errors == ()


@pytest.mark.parametrize("where", ["<operation>", "<CUSTOMER>", "<errormessage>"])
def test_deep_nesting_is_refused_quickly(where):
    deep = "<a>" * 200_000 + "</a>" * 200_000
    content = GOOD.decode().replace(where, where + deep, 1).encode()
    began = time.thread_time()
    assert isinstance(outcome(content), ProtocolError)
    assert time.thread_time() - began < 5


def test_too_many_elements_are_refused_before_they_are_built():
    content = b"<response>" + b"<a/>" * 3_100_000 + b"</response>"
    with pytest.raises(ProtocolError, match="too many"):
        parse(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-16-le"])
def test_other_encodings_are_refused(encoding):
    assert isinstance(outcome(GOOD.decode().encode(encoding)), ProtocolError)


def test_a_claimed_encoding_does_not_change_the_bytes():
    claimed = GOOD.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    assert outcome(claimed).result("f").rows[0]["NAME"] == "Zoë & 1"


def test_a_failed_sign_in_with_results_is_not_believed():
    odd = GOOD.replace(b"<authentication><status>success", b"<authentication><status>failure")
    found = outcome(odd)
    assert isinstance(found, ProtocolError)
    assert found.executed is None


def test_a_refused_control_with_results_is_not_believed():
    found = outcome(GOOD.replace(b"<control><status>success", b"<control><status>failure"))
    assert isinstance(found, ProtocolError)
    assert found.executed is None


def test_markup_in_an_error_text_is_read_as_text():
    marked = GOOD.replace(b"<description2>bad<", b"<description2>very <b>bad</b><")
    assert "bad" in outcome(marked).result("g").error.errors[0].description2


@given(st.binary(max_size=2000))
def test_redaction_takes_anything(content):
    redact(content)


@pytest.mark.parametrize(
    "piece", [b"<login>", b"<password>", b"<password ", b"<field>taxid</field><value>", b"taxid='"]
)
def test_redaction_takes_no_longer_for_hostile_text(piece):
    began = time.thread_time()
    redact(piece * (400_000 // len(piece)))
    assert time.thread_time() - began < 5


def test_a_cut_off_reply_that_quotes_the_rate_limit_is_not_taken_for_it():
    quoted = GOOD.replace(b"<NAME>", b"<NAME>API rate limit exceeded ")
    assert isinstance(outcome(quoted[:-30]), ProtocolError)


def test_escaped_markup_in_texts_is_read():
    escaped = GOOD.replace(b">bad<", b">that&amp;#039;s been closed<")
    assert outcome(escaped).result("g").error.errors[0].description2 == "that's been closed"
