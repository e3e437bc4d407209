"""Deletes of hosts of other make: cascades of relationships, several parts of a key, rows in another database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_intacct import Intacct, Local
from flask_intacct.models import Connection, Link
from flask_intacct.onboarding import connect
from flask_intacct.state import current


class Host:
    """Owners, which Intacct knows nothing of, with tenants; `bind` names the database of their rows."""

    def __init__(self, folder: Path, bind: str | None) -> None:
        self.db = db = SQLAlchemy(model_class=type("Base", (DeclarativeBase,), {}))

        class Firm(db.Model):  # type: ignore[name-defined, misc]
            __bind_key__ = bind
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(String(40))

        class Owner(db.Model):  # type: ignore[name-defined, misc]
            __bind_key__ = bind
            id: Mapped[int] = mapped_column(primary_key=True)
            tenants: Mapped[list[Tenant]] = relationship(cascade="all, delete-orphan")

        class Tenant(db.Model):  # type: ignore[name-defined, misc]
            __bind_key__ = bind
            firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id"), primary_key=True)
            number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
            owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
            name: Mapped[str] = mapped_column(String(40))

        self.Firm, self.Owner, self.Tenant = Firm, Owner, Tenant
        self.app = app = Flask("host")
        app.config.update(
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'ours.db'}",
            SQLALCHEMY_BINDS={"rows": f"sqlite:///{folder / 'rows.db'}"},
            INTACCT_SENDER_ID="sender",
            INTACCT_SENDER_PASSWORD="x",
            INTACCT_SECRET_KEYS=[Fernet.generate_key().decode()],
        )
        db.init_app(app)
        tenants = Local(Tenant, role="customer", name="name", company="firm_id")
        Intacct(company=Local(Firm, name="name"), contacts=tenants).init_app(app, db)

    def fill(self) -> None:
        """A firm that is connected, with two tenants that have links."""
        self.db.create_all()
        self.db.session.add(self.Firm(id=1, name="Oak"))
        self.db.session.commit()
        tenants = [self.Tenant(firm_id=1, number=number, name=f"Tenant {number}") for number in (1, 2)]
        self.db.session.add(self.Owner(id=1, tenants=tenants))
        self.db.session.commit()
        connection_id = connect.start("1", "ada").id
        with current().transaction() as session:
            for number in (1, 2):
                link = Link(connection_id=connection_id, kind="contact", source="tenant", local_id=f"1|{number}",
                            role="customer", label=f"Tenant {number}")  # fmt: skip
                session.add(link)

    def one(self, model: Any) -> Any:
        return self.db.session.scalars(select(model)).first()

    def states(self) -> list[str]:
        with current().transaction() as session:
            return list(session.scalars(select(Link.state).order_by(Link.id)))

    def connection(self) -> str:
        with current().transaction() as session:
            return session.scalars(select(Connection.state)).one()


@pytest.fixture(params=[None, "rows"], ids=["one database", "two databases"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path, request.param)
    with made.app.app_context():
        made.fill()
        yield made
        made.db.session.remove()
        for engine in made.db.engines.values():
            engine.dispose()


def test_rows_that_go_with_their_parent_are_deleted(host: Host) -> None:
    host.db.session.delete(host.one(host.Owner))
    host.db.session.commit()
    assert host.states() == ["orphaned", "orphaned"]


def test_a_row_that_its_parent_lets_go_of_is_deleted(host: Host) -> None:
    owner = host.one(host.Owner)
    owner.tenants.pop()
    host.db.session.commit()
    assert host.states() == ["undecided", "orphaned"]


def test_rows_deleted_in_bulk_are_deleted(host: Host) -> None:
    host.db.session.execute(delete(host.Tenant).where(host.Tenant.number == 2))
    host.db.session.commit()
    assert host.states() == ["undecided", "orphaned"]


@pytest.mark.parametrize("savepoint", [False, True], ids=["all", "savepoint"])
def test_what_is_rolled_back_is_not_deleted(host: Host, savepoint: bool) -> None:
    owner = host.one(host.Owner)
    begun = host.db.session.begin_nested() if savepoint else host.db.session
    host.db.session.delete(owner)
    host.db.session.flush()
    begun.rollback()
    host.db.session.commit()
    assert host.states() == ["undecided", "undecided"]


def test_the_connection_of_a_deleted_company_ends(host: Host) -> None:
    host.db.session.delete(host.one(host.Owner))
    host.db.session.flush()
    host.db.session.delete(host.one(host.Firm))
    host.db.session.commit()
    assert host.connection() == "ended"
