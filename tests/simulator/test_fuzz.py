"""Whatever comes in, the gateway's answer goes out, the simulator lives and its books balance.

INTACCT_FUZZ_SECONDS says for how long (20 unless told; 120 for the two minutes), `benchmarks/simulator_fuzz.py` goes on
for as long as one likes.
"""

import os
import random
import socket
import time
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.simulator.values import xml

from .client import Caller, select
from .data import small_company
from .spoiling import PLENTY, answered, shake

SECONDS = float(os.environ.get("INTACCT_FUZZ_SECONDS", "20"))
QUIET = Simulator(small_company())
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


def test_every_function_is_among_them() -> None:
    assert {ElementTree.fromstring(one).tag for one in PLENTY} == set(FUNCTIONS)


def test_spoilt_requests_are_answered() -> None:
    done, succeeded = shake(SECONDS * 0.6, seed=int(SECONDS))
    assert done > 20
    assert len(succeeded) > 10


@settings(max_examples=int(SECONDS * 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
@example(b"<" * 5000)
@example(b"<a>" * 5000)
@example(b"\xff\xfe<\x00a\x00/\x00>\x00")
def test_any_bytes_are_answered(body: bytes) -> None:
    assert answered(QUIET, body).findtext("errormessage/error/errorno") == "XL03000003"


@settings(max_examples=int(SECONDS * 5), deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_in_any_place_is_answered(identity: str, condition: str, name: str) -> None:
    identity, condition, name = xml(identity), xml(condition), xml(name)
    caller = Caller("http://127.0.0.1:1/")
    functions = (
        f"<create><CUSTOMER><CUSTOMERID>{identity}</CUSTOMERID><NAME>{name}</NAME></CUSTOMER></create>",
        f"<readByQuery><object>CUSTOMER</object><query>{condition}</query></readByQuery>",
        f"<readByQuery><object>CUSTOMER</object><query>NAME like '{condition}' or {name}</query></readByQuery>",
        select("CUSTOMER", "RECORDNO", f"<pagesize>{identity}</pagesize><offset>{name}</offset>"),
        f"<read><object>{name}</object><keys>{identity}</keys><fields>{condition}</fields></read>",
        f"<get_list object={quoteattr(name)}/>",
    )
    answered(QUIET, caller.envelope(*functions).encode())


def test_any_bytes_on_the_wire_are_survived() -> None:
    """Below XML: lines, headers, lengths that are wrong, and clients that leave."""
    chance, end = random.Random(int(SECONDS)), time.monotonic() + SECONDS * 0.1
    with Simulator(small_company()) as sim:
        caller = Caller(sim.url)
        parts = urlsplit(sim.url)
        body = caller.envelope(select("CUSTOMER", "RECORDNO")).encode()
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        while time.monotonic() < end:
            spoilt = bytearray(head + body)
            for _ in range(chance.randrange(1, 5)):
                at = chance.randrange(len(head))
                spoilt[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
            with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
                connection.sendall(spoilt[: chance.choice((len(spoilt), len(spoilt), at, len(spoilt) // 2))])
                if chance.random() < 0.8:
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        continue
        caller.ok(select("CUSTOMER", "RECORDNO"))
        caller.close()
        assert not sim.gateway.errors
