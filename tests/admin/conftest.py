"""A small host application with our screens in it, on real SQLite, and a person who clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import Flask, url_for
from flask_admin.base import Admin
from flask_admin.contrib.sqla.view import ModelView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.test import TestResponse
from world import databases

from flask_intacct import Intacct, Local, notices, queueing, tokens
from flask_intacct.ledger import folded
from flask_intacct.models import Connection, Issue, Link, Notice, Phase, Record, Run, now

EVERYTHING = {"see", "match", "administer"}

_made: list[tuple[Flask, SQLAlchemy]] = []


@dataclass
class World:
    """The application, what the person may do, and short ways to click and to look."""

    app: Flask
    db: SQLAlchemy
    rights: dict[str, set[str]] = field(default_factory=dict)
    person: str = "ada"

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self._token = ""

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return unescape(answer.text)

    def token(self) -> str:
        """The token of the session, as the forms of any page carry it."""
        if not self._token:
            page = self.page("/admin/intacct/companies/2/confirm/pause")
            found = re.search(r'name="csrf_token" value="([^"]+)"', page)
            assert found is not None
            self._token = found[1]
        return self._token

    def post(self, path: str, **data: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **data})

    def click(self, path: str, **data: Any) -> str:
        """Post, follow where it leads, give the text of the page."""
        answer = self.client.post(path, data={"csrf_token": self.token(), **data}, follow_redirects=True)
        return unescape(answer.text)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        with self.app.app_context():
            return list(self.db.session.scalars(select(model).where(*where).order_by(model.id)))

    def row(self, model: Any, *where: Any) -> Any:
        (one,) = self.rows(model, *where)
        return one

    def change(self, model: Any, id_: int, **columns: Any) -> None:
        """Change a row of ours past all rules."""
        with self.app.app_context():
            row = self.db.session.get_one(model, id_)
            for name, value in columns.items():
                setattr(row, name, value)
            self.db.session.commit()

    def add(self, *items: Any) -> None:
        with self.app.app_context():
            self.db.session().expire_on_commit = False
            self.db.session.add_all(items)
            tokens.write_rows(self.db.session(), [item for item in items if isinstance(item, (Link, Record))])
            for noticed in {item.connection_id for item in items if isinstance(item, Notice)}:
                notices.renew(self.db.session(), self.db.session.get_one(Connection, noticed))
            self.db.session.commit()


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path) of every page and every change of ours, with 1 for each number and x for each text."""
    with app.test_request_context("/"):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("intacct_") and not rule.endpoint.endswith("static"):
                given: dict[str, Any] = {
                    name: 1 if f"<intacct_id:{name}>" in rule.rule else "x" for name in rule.arguments
                }
                for method in ("GET", "POST"):
                    if method in (rule.methods or ()):
                        yield method, url_for(rule.endpoint, **given)


def make_app(path: Path, access: Callable[[str, str], bool], identity: Callable[[], str], **options: Any) -> Any:
    """A host with two companies and one model of each kind."""
    app = Flask("host")
    app.secret_key = "a secret"
    app.config.update(
        TESTING=True,
        SQLALCHEMY_DATABASE_URI=options.pop("database", "") or f"sqlite:///{path}",
        RQ_ASYNC=True,
        RQ_CONNECTION_CLASS=fakeredis.FakeRedis,
        RQ_CONNECTION={"server": fakeredis.FakeServer()},
        RQ_QUEUES=["default", "intacct"],
        INTACCT_SENDER_ID="sender",
        INTACCT_SENDER_PASSWORD="x",
        INTACCT_SECRET_KEYS=[Fernet.generate_key().decode()],
        INTACCT_PAGE_SIZE=options.pop("page_size", 10),
        **options.pop("config", {}),
    )

    class Own(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Own)

    class Company(db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "company"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(80))

    class Thing(db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
        code: Mapped[str] = mapped_column(String(20), default="")
        name: Mapped[str] = mapped_column(String(80), unique=True)
        hidden: Mapped[bool] = mapped_column(default=False)
        rate: Mapped[int] = mapped_column(default=20)
        group: Mapped[int | None] = mapped_column(ForeignKey("thing.id"))

    db.init_app(app)
    admin = Admin(app, name="Host", **options.pop("admin", {}))
    admin.add_view(ModelView(Thing, db, name="Things", endpoint="thing"))
    common: dict[str, Any] = {"name": "name", "archived": "hidden", "company": "company_id"}
    mapped: dict[str, Any] = {
        "tax_types": Local(Thing, rate="rate", **common),
        "accounts": Local(Thing, code="code", usage=lambda row: {"open invoices": 3}, **common),
        "tracking_categories": Local(Thing, **common),
        "tracking_options": Local(Thing, category="group", **common),
        "contacts": Local(Thing, role=lambda row: ("customer", "vendor"), **common),
    }
    mapped = {name: local for name, local in mapped.items() if name in options.get("kinds", mapped)}
    options.pop("kinds", None)
    intacct = Intacct(company=Local(Company, name="name"), access=access, identity=identity, **mapped, **options)
    intacct.init_app(app, db, admin)
    with app.app_context():
        db.create_all()
        db.session.add_all([Company(id=1, name="Northgate"), Company(id=2, name="Harbour")])
        db.session.commit()
    _made.append((app, db))
    return app, db, Thing


def close(app: Flask, db: SQLAlchemy) -> None:
    """Close the connections to the database; the application may open others."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def world_on(kind: str, folder: Path, **options: Any) -> Iterator[World]:
    """The two companies on a database of their own, of this kind: "postgresql de", say, sorts as Germans do."""
    database = ""
    if kind != "sqlite":
        name = "_".join(("admin", *(path.name for path in (folder.parent.parent, folder.parent, folder))))
        server = databases.MARIADB if kind == "mariadb" else databases.POSTGRES
        database = sa.make_url(server).set(database=name.replace("-", "_")[-60:]).render_as_string(hide_password=False)
        databases._create(database, kind.partition(" ")[2])
    app, db, _ = make_app(folder / "host.sqlite", lambda *_: True, lambda: "ada", database=database, **options)
    world = World(app, db)
    seed(world)
    yield world
    close(app, db)
    if database:
        databases._drop(database)


@pytest.fixture(params=("sqlite", *databases.SERVERS, *(("postgresql de",) if databases.POSTGRES else ())))
def anywhere_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The two companies on each database, MariaDB too."""
    with world_on(request.param, tmp_path, page_size=10) as world:
        yield world


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """The hosts that a test makes are closed when it ends."""
    yield
    while _made:
        close(*_made.pop())


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One host for all tests of a process: making its routes takes longer than most tests."""
    rights: dict[str, set[str]] = {}
    world: World
    app, db, _ = make_app(
        tmp_path_factory.mktemp("host") / "host.sqlite",
        lambda right, company: right in rights.get(company, set()),
        lambda: world.person,
    )
    world = World(app, db, rights)
    yield world
    close(app, db)


@pytest.fixture
def world(application: World) -> World:
    """Two companies: Northgate (connection 1) at its accounts step, Harbour (connection 2) in step."""
    app, db, rights = application.app, application.db, application.rights
    with app.app_context():
        for table in reversed(db.metadata.sorted_tables):
            if table.name != "company":
                db.session.execute(table.delete())
        db.session.commit()
        queueing.queue().connection.flushall()
    rights.clear()
    rights.update({"1": set(EVERYTHING), "2": set(EVERYTHING)})
    application.person, application.client, application._token = "ada", app.test_client(), ""
    seed(application)
    return application


def linked(page: str, rel: str) -> str:
    """The address of the next or the previous page of a list."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found is not None, f"no {rel} page"
    return found[1]


def seed(world: World) -> None:
    earlier = now() - timedelta(hours=3)
    world.add(
        Connection(company_id="1", company_name="Northgate", live_company="1", step="account", facts={"taxes": True}),
        Connection(
            company_id="2", company_name="Harbour", live_company="2", step="done", state="connected",
            confirmed_at=earlier, confirmed_by="ada", synced_at=earlier, level="entity", entity="100",
            intacct_company="harbour",
        ),
    )  # fmt: skip
    for number, name in enumerate(("Rent", "Fees", "Repairs", "Insurance", "Bank charges"), 1):
        code = str(4000 + number)
        world.add(
            Record(connection_id=1, object="GLACCOUNT", key=str(number), natural_id=code, name=name,
                   search=folded(code, name)),
        )  # fmt: skip
    world.add(
        account(1, "4001 Rent", key="1", confidence=97, certain=True, reasons=["code 4001"]),
        account(2, "4002 Fees", key="2", confidence=80),
        account(3, "4003 Repairs"),
        account(4, "4004 Sundry", facts={"to_send": 2}),
    )


def account(local_id: int, label: str, *, key: str = "", confidence: int = 0, **more: Any) -> Link:
    return Link(
        connection_id=more.pop("connection_id", 1), kind="account", source="thing", local_id=str(local_id),
        label=label, search=folded(label), suggested_key=key, confidence=confidence, **more,
    )  # fmt: skip


def contact(local_id: int, label: str, role: str, *, key: str = "", confidence: int = 0, **more: Any) -> Link:
    return Link(
        connection_id=1, kind="contact", source="thing", local_id=str(local_id), label=label, role=role,
        search=folded(label), suggested_key=key, confidence=confidence, **more,
    )  # fmt: skip


def run_of(connection_id: int, kind: str = "initial", state: str = "running", **more: Any) -> Run:
    live = connection_id if state in ("queued", "running", "paused") else None
    return Run(connection_id=connection_id, kind=kind, state=state, live=live, asked_by="ada", **more)


def phase_of(
    run_id: int, name: str, position: int, state: str, done: int = 0, failed: int = 0, total: int = -1
) -> Phase:
    started = None if state == "waiting" else now() - timedelta(minutes=1)
    return Phase(run_id=run_id, name=name, position=position, state=state, done=done, failed=failed, total=total,
                 started_at=started)  # fmt: skip


def issue_of(connection_id: int, number: int, cause: str = "no account", **more: Any) -> Issue:
    return Issue(
        connection_id=connection_id, fingerprint=cause, subject=f"link:{number}", live="live",
        kind=more.pop("kind", "invoice"), label=f"INV-{number}", message=more.pop("message", f"Trouble {number}."),
        cure="Match the account.", **more,
    )  # fmt: skip


def notice_of(connection_id: int, run_id: int, level: str, message: str) -> Notice:
    return Notice(connection_id=connection_id, run_id=run_id, level=level, message=message)
