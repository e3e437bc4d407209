"""Fixtures for the tests of hosts: `pytest_plugins = ["flask_intacct.simulator.pytest_plugin"]` in a conftest.

`intacct_company` is the dataset; override it to test against another company. `intacct_simulator` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .seed.dataset import Dataset
from .seed.property_company import property_company
from .simulator import Simulator


@pytest.fixture(scope="session")
def intacct_company() -> Dataset:
    """A small property company, the same in every run."""
    return property_company(seed=1, customers=40, vendors=15)


@pytest.fixture
def intacct_simulator(intacct_company: Dataset) -> Iterator[Simulator]:
    """A running simulator, fresh for each test."""
    with Simulator(intacct_company) as simulator:
        yield simulator
