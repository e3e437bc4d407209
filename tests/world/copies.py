"""A simulated company as another simulator left it, so that what takes long to reach is reached once."""

from __future__ import annotations

import copy
import threading
from typing import Any

from flask_intacct.simulator import Simulator
from flask_intacct.simulator.company import Company


def take_over(sim: Simulator, other: Simulator) -> None:
    """Give a simulator the company of another one, its requests and the control ids that it knows."""
    sim.company = _copy(other.company)
    sim.gateway.directory.companies[sim.company.id] = sim.company
    sim.gateway.requests = list(other.gateway.requests)
    sim.gateway._ids = copy.deepcopy(other.gateway._ids, _alike(other.company))


def _copy(company: Company) -> Company:
    """The company with all its records; what never changes is shared, and so are no lock and no reader's list."""
    made = copy.deepcopy(company, _alike(company) | {id(company.lock): threading.RLock()})
    made.cursors = {}
    for table in made.store.tables.values():
        table.kept = {}
    return made


def _alike(company: Company) -> dict[int, Any]:
    """What a copy shares with the company, as :func:`copy.deepcopy` wants to be told."""
    shared: list[Any] = [company.dataset, *company.entities.values()]
    for table in company.store.tables.values():
        shared += [table.spec, *table.fields.values()]
    return {id(one): one for one in shared}
