"""Below XML: whatever comes over a connection, the next proper request is answered. See `test_fuzz`."""

import random
import re
import time
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select
from .data import small_company
from .spoiling import good as good_body
from .spoiling import raw
from .test_fuzz import SECONDS, SEED
from .wire import SPOILERS, chunked, exchange, good, joined

CLASSES = select("CLASS", "RECORDNO")
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
KNOWN = {100, 200, 400, 401, 404, 405, 411, 413, 414, 415, 421, 431, 501, 505}
"""What a server says to bad HTTP; 500 is not among it."""


@pytest.mark.parametrize("kind", ["heads", "bodies"])
def test_any_http_is_survived(kind: str) -> None:
    """Spoilt heads around good bodies, or spoilt bodies in whole and chunked requests."""
    chance, end = random.Random(SEED), time.monotonic() + SECONDS / 4
    with Simulator(small_company()) as sim:
        parts = urlsplit(sim.url)
        address = (str(parts.hostname), int(parts.port or 0))
        caller = Caller(sim.url)
        bodies, number = raw(chance), 0
        while time.monotonic() < end:
            number += 1
            lines, body = good(parts.path)
            if kind == "heads":
                sent = chance.choice(SPOILERS)(lines, body, chance)
            else:
                body = next(bodies) if chance.random() < 0.8 else good_body(chance)
                length = [*lines[:-1], f"Content-Length: {len(body)}"]
                whole = chance.random() < 0.5
                sent = (
                    joined(length, body)
                    if whole
                    else joined([*lines[:-1], "Transfer-Encoding: chunked"], chunked(body, chance))
                )
            try:
                told = {int(status) for status in STATUS.findall(exchange(address, sent, chance))}
                assert told <= KNOWN
                sim.company.users["ws_user"].status = "active"
                caller.ok(CLASSES)
                assert not sim.gateway.errors
            except Exception as error:
                error.add_note(f"request {number} of seed {SEED}, {kind}: {sent[:5000]!r} {sim.gateway.errors}")
                raise
        caller.close()


def test_chunks_are_put_together(sim: Simulator, caller: Caller) -> None:
    parts = urlsplit(sim.url)
    body = good(parts.path)[1]
    for seed in range(20):
        chance = random.Random(seed)
        caller.connection.putrequest("POST", parts.path)
        caller.connection.putheader("Transfer-Encoding", "chunked")
        caller.connection.endheaders(chunked(body, chance))
        answer = ElementTree.fromstring(caller.connection.getresponse().read())
        assert answer.findtext("operation/result/status") == "success"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_allowed(caller: Caller, method: str) -> None:
    caller.connection.request(method, caller.path)
    answer = caller.connection.getresponse()
    answer.read()
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=UTF-8", "x-intacct-xml-request", ""])
def test_content_types_that_name_xml_are_taken(caller: Caller, kind: str) -> None:
    caller.post(caller.envelope(CLASSES), **{"Content-Type": kind})
    assert caller.status == 200


def test_other_content_types_are_refused_by_the_gateway(sim: Simulator, caller: Caller) -> None:
    answer = ElementTree.fromstring(caller.post(caller.envelope(CLASSES), **{"Content-Type": "application/json"}))
    assert (caller.status, answer.findtext("errormessage/error/errorno")) == (400, "GW-0014")
    assert [child.tag for child in answer[0]] == ["status"]
