"""Several callers at once: no request is lost, none is done by halves, and the books balance."""

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from flask_intacct.simulator import Simulator

from .client import Caller, select
from .test_ledger import RATES, STEPS, agrees, aimed
from .test_writing import create, customer


def test_callers_at_once_leave_books_that_balance(sim: Simulator) -> None:
    sim.switches.rates = RATES

    def work(seed: int) -> int:
        chance, caller, succeeded = random.Random(seed), Caller(sim.url), 0
        for number in range(40):
            what = chance.choice(sorted(STEPS))
            amount = Decimal(chance.randrange(1, 9999)) / 100
            with sim.company.lock:
                function = aimed(sim, what, amount, chance.randint(1, 11), chance.randint(1, 11))
            whole = chance.random() < 0.3
            functions = (function, create(customer(f"{seed}-{number}"))) if whole else (function,)
            results = list(caller.call(*functions, transaction=whole).iter("result"))
            states = {one.findtext("status") for one in results}
            assert not whole or states == {"success"} or "success" not in states
            succeeded += states == {"success"}
        caller.close()
        return succeeded

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) > 20
    agrees(sim)


def test_a_number_is_issued_once(sim: Simulator) -> None:
    def work(seed: int) -> list[str]:
        caller = Caller(sim.url)
        found = [caller.ok(create(customer(""))).findtext("data/customer/CUSTOMERID", "") for _ in range(10)]
        caller.ok(select("CUSTOMER", "CUSTOMERID"))
        caller.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        numbers = [one for part in pool.map(work, range(4)) for one in part]
    assert len(set(numbers)) == len(numbers) == 40
    assert len(sim.rows("CUSTOMER")) == 45
