"""A running simulator and somebody who calls it."""

from collections.abc import Iterator

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller
from .data import small_company


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
