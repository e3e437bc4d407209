"""The example host on a filled SQLite database of its own, made once and copied for each test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient

from example_app import create_app
from example_app.database import db
from example_app.seed import seed
from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.simulator.seed.property_company import property_company

TODAY = date(2026, 3, 31)
SignIn = Callable[[str], FlaskClient]
TokenIn = Callable[[str], str]


def make_app(path: Path, integrate: bool) -> Flask:
    return create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
            "TESTING": True,
            "INTACCT_SECRET_KEYS": [Fernet.generate_key().decode()],
        },
        integrate,
    )


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return property_company(today=TODAY)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """A filled database file, not to be written to."""
    path = tmp_path_factory.mktemp("host") / "host.sqlite"
    app = make_app(path, integrate=True)
    with app.app_context():
        db.create_all()
        seed(db, TODAY, dataset)
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture(params=[False, True], ids=["alone", "integrated"])
def app(request: pytest.FixtureRequest, filled: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application, without and with Flask-Intacct."""
    path = tmp_path / "host.sqlite"
    shutil.copy(filled, path)
    app = make_app(path, request.param)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sign_in(app: Flask, token_in: TokenIn) -> SignIn:
    """Gives a client that is signed in with a login."""

    def enter(login: str) -> FlaskClient:
        client = app.test_client()
        page = client.get("/login").text
        data = {"csrf_token": token_in(page), "login": login, "password": login}
        assert client.post("/login", data=data).status_code == 302
        return client

    return enter


@pytest.fixture(scope="session")
def token_in() -> TokenIn:
    """Gives the token that a page carries."""

    def read(page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None
        return found[1]

    return read
