from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from flask_intacct.gateway import Client, Login, Sender
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.simulator.seed.property_company import property_company

from .canned import CannedGateway

MakeClient = Callable[..., Client]


@pytest.fixture
def gateway() -> Iterator[CannedGateway]:
    server = CannedGateway()
    yield server
    server.close()


@pytest.fixture
def make_client(gateway: CannedGateway) -> Iterator[MakeClient]:
    made: list[Client] = []

    def make(**options: Any) -> Client:
        login = options.pop("login", Login("acme", "ws", "s3cret"))
        given: dict[str, Any] = {
            "endpoint": gateway.url,
            "allow_loopback": True,
            "backoff": 0.01,
            "connect_timeout": 2,
            "read_timeout": 2,
        } | options
        client = Client(login, Sender("me", "sender-s3cret"), **given)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()


@pytest.fixture(scope="module")
def company() -> Dataset:
    return property_company(customers=60, vendors=20, invoices=40, bills=20, today=date(2026, 6, 30))


@pytest.fixture
def sim(company: Dataset) -> Iterator[Simulator]:
    with Simulator(company, company="acme", user="ws", password="s3cret", sender="me", sender_password="x") as made:
        yield made


@pytest.fixture
def enter(sim: Simulator) -> Iterator[MakeClient]:
    """Makes clients of the simulated company."""
    made: list[Client] = []

    def enter(
        entity: str = "", password: str = "s3cret", sender_password: str = "x", company: str = "acme", **options: Any
    ) -> Client:
        client = Client(
            Login(company, "ws", password, entity),
            Sender("me", sender_password),
            endpoint=sim.url,
            allow_loopback=True,
            backoff=0.01,
            read_timeout=5,
            **options,
        )
        made.append(client)
        return client

    yield enter
    for client in made:
        client.close()
