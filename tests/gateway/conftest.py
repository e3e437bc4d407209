from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from canned import CannedGateway

from flask_intacct.gateway import Client, Login, Sender


@pytest.fixture
def gateway() -> Iterator[CannedGateway]:
    server = CannedGateway()
    yield server
    server.close()


@pytest.fixture
def make_client(gateway: CannedGateway) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(**options: Any) -> Client:
        login = options.pop("login", Login("acme", "ws", "s3cret"))
        options = {
            "endpoint": gateway.url,
            "allow_loopback": True,
            "backoff": 0.01,
            "connect_timeout": 2,
            "read_timeout": 2,
        } | options
        client = Client(login, Sender("me", "sender-s3cret"), **options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()
