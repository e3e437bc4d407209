"""Requests that are nearly right: whatever they hold, there is an answer, and the books balance."""

import random
import re

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .data import small_company
from .test_documents import DAY, bill, invoice, line
from .test_payments import receipt
from .test_writing import create, customer

CHANGED = "<APBILLITEM><LINE_NO>1</LINE_NO><TRX_AMOUNT>4</TRX_AMOUNT></APBILLITEM>"
FUNCTIONS = (
    select(
        "CUSTOMER",
        "RECORDNO DISPLAYCONTACT.EMAIL1",
        f"<filter><or>{where('like', 'NAME', '%a_')}{where('between', 'RECORDNO', '1', '3')}</or></filter><orderby>"
        "<order><field>WHENMODIFIED</field><descending/></order></orderby><pagesize>10</pagesize><offset>1</offset>",
    ),
    "<readByQuery><object>CUSTOMER</object><query>STATUS = 'T' AND NOT (NAME like 'O')</query></readByQuery>",
    "<read><object>ARINVOICE</object><keys>1,2</keys><fields>*</fields></read>",
    "<getAPISession><locationid>E1</locationid></getAPISession>",
    create(customer("X1")),
    "<delete><object>ARINVOICE</object><keys>1</keys></delete>",
    f"<update><APBILL><RECORDNO>2</RECORDNO><APBILLITEMS>{CHANGED}</APBILLITEMS></APBILL></update>",
    invoice(line("10.00"), line("5", "1")),
    bill(),
    receipt(1, "3.00"),
    f'<reverse_invoice key="1"><datereversed>{DAY}</datereversed></reverse_invoice>',
)
WORDS = (
    *("", "-1", "0", "1", "9" * 30, "1e999", "NaN", "true", "'", "%", "é\u2028", "*", "03/32/2026", "00/00/0000"),
    *("RECORDNO", "CREATEDBY", "PARENT.PARENT.NAME", "CUSTOMER", "ARINVOICE", "Draft", "E1", "C0001", "4000"),
)


def spoil(text: str, chance: random.Random) -> str:
    """The request with one text, tag or attribute changed."""
    kind = chance.randrange(3)
    pattern = (r">([^<>]*)<", r"(<([a-zA-Z_.]+)>[^<>]*</\2>)", r'"([^"]*)"')[kind]
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    one = chance.choice(found)
    new = one.group(1) * chance.randrange(3) if kind == 1 else chance.choice(WORDS)
    return text[: one.start(1)] + new + text[one.end(1) :]


@pytest.mark.parametrize("seed", range(4))
def test_spoilt_requests_are_answered(seed: int) -> None:
    chance = random.Random(seed)
    sim = Simulator(small_company())
    caller = Caller("http://127.0.0.1:1/")
    for _ in range(400):
        function = chance.choice(FUNCTIONS)
        for _ in range(chance.randrange(1, 4)):
            function = spoil(function, chance)
        entity, whole = chance.choice(("", "", "E1", "E9")), chance.random() < 0.3
        body = caller.envelope(function, chance.choice(FUNCTIONS), entity=entity, transaction=whole)
        assert sim.gateway.handle(body.encode()).status == 200, sim.gateway.errors
    assert sum(sim.trial_balance().values()) == 0
