"""A running simulator and somebody who calls it."""

from collections.abc import Iterator

import pytest

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.pytest_plugin import intacct_company, intacct_simulator

from .client import Caller
from .data import small_company

__all__ = ["caller", "intacct_company", "intacct_simulator", "sim"]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(small_company()) as simulator:
        yield simulator
        assert not simulator.gateway.errors


@pytest.fixture
def caller(sim: Simulator) -> Iterator[Caller]:
    one = Caller(sim.url)
    yield one
    one.close()
