"""Whatever body comes in, the gateway's answer goes out, the simulator lives and its books balance.

Two minutes are spent here and in `test_fuzz_http`, half in each. INTACCT_FUZZ_SECONDS gives another total,
INTACCT_FUZZ_SEED other requests, and `benchmarks/simulator_fuzz.py` goes on for as long as one likes.
"""

import os
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.functions import FUNCTIONS
from flask_intacct.simulator.store.values import xml

from .client import Caller, select
from .data import small_company
from .spoiling import PLENTY, answered, shake

SECONDS = float(os.environ.get("INTACCT_FUZZ_SECONDS", "120"))
SEED = int(os.environ.get("INTACCT_FUZZ_SEED", "1"))
QUIET = Simulator(small_company())
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


def test_every_function_is_among_them() -> None:
    assert {ElementTree.fromstring(one).tag for one in PLENTY} == set(FUNCTIONS)


@pytest.mark.parametrize(("family", "part", "many"), [("trees", 0.3, 10), ("raw", 0.2, 0)])
def test_spoilt_requests_are_answered(family: str, part: float, many: int) -> None:
    done, succeeded = shake(SECONDS * part, SEED, family)
    assert done > 20
    assert len(succeeded) >= many


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
@example(b"<" * 5000)
@example(b"<a>" * 5000)
@example(b"\xff\xfe<\x00a\x00/\x00>\x00")
def test_any_bytes_are_answered(body: bytes) -> None:
    assert answered(QUIET, body).findtext("errormessage/error/errorno") == "XL03000003"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
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
