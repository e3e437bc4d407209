"""What is refused when the application starts, because it could only go wrong later."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_admin.base import Admin
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, mapped_column
from sqlalchemy.pool import QueuePool, StaticPool

from flask_intacct import Intacct, Local, kinds
from flask_intacct.errors import ConfigError, MappingError
from flask_intacct.state import current

from .maker import close, host, make, settings


def tenants(base: Any, **more: Any) -> Any:
    names = {"__tablename__": "tenant", "id": Column(Integer, primary_key=True), "name": Column(String(20)), **more}
    return type("Tenant", (base,), names)


def described(model: Any) -> Intacct:
    return Intacct(contacts=Local(model, role="customer", name="name"))


def test_models_of_another_metadata_are_refused(tmp_path: Path) -> None:
    db, model = SQLAlchemy(), tenants(declarative_base())
    text = (
        r"Local\(Tenant\) for contact: its table tenant is in a metadata .*db = SQLAlchemy\(metadata=Tenant\.metadata\)"
    )
    with pytest.raises(MappingError, match=text):
        make(db, described(model), tmp_path)


def test_cure_for_models_of_another_metadata_works(tmp_path: Path) -> None:
    model = tenants(declarative_base())
    db = SQLAlchemy(metadata=model.metadata)
    app = make(db, described(model), tmp_path)
    assert "intacct_link" in model.metadata.tables
    with app.app_context():
        db.session.add(model(id=1, name="Ann"))
        db.session.commit()
        assert [value.name for value in host().values(kinds.CONTACT, "")] == ["Ann"]
    close(app, db)


def test_models_on_the_base_that_flask_sqlalchemy_was_given_are_fine(tmp_path: Path) -> None:
    class Base(DeclarativeBase):
        metadata = MetaData()

    class Tenant(Base):
        __tablename__ = "tenant"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    db = SQLAlchemy(model_class=Base)
    close(make(db, described(Tenant), tmp_path), db)


def test_models_of_another_bind_are_fine(tmp_path: Path) -> None:
    db = SQLAlchemy()
    app = Flask("bound")
    app.config.update(settings(tmp_path, SQLALCHEMY_BINDS={"letting": f"sqlite:///{tmp_path / 'letting.db'}"}))
    db.init_app(app)
    model = tenants(db.Model, __bind_key__="letting")
    described(model).init_app(app, db, Admin(app), RQ())
    with app.app_context():
        db.create_all()
        db.session.add(model(id=1, name="Ann"))
        db.session.commit()
        assert [value.name for value in host().values(kinds.CONTACT, "")] == ["Ann"]
    close(app, db)


@pytest.mark.parametrize(
    "more",
    [
        {"SQLALCHEMY_DATABASE_URI": "sqlite://"},
        {"SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:"},
        {
            "SQLALCHEMY_DATABASE_URI": "sqlite:///file:host?mode=memory&cache=shared&uri=true",
            "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": QueuePool},
        },
        {"SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": StaticPool}},
    ],
    ids=["nameless", "memory", "shared-memory", "static-pool"],
)
def test_database_of_one_connection_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    db = SQLAlchemy()
    model = tenants(db.Model)
    with pytest.raises(ConfigError, match=r"one connection for everything.*Use a file, in tests .*tmp_path"):
        make(db, described(model), tmp_path, **more)
    assert "intacct_link" not in db.metadata.tables


def test_database_that_is_not_set_up_yet_is_told(tmp_path: Path) -> None:
    db = SQLAlchemy()
    app = Flask("early")
    app.config.update(settings(tmp_path))
    with pytest.raises(ConfigError, match=r"Call db\.init_app\(app\) first"):
        described(tenants(db.Model)).init_app(app, db)


def test_our_transaction_leaves_alone_what_the_host_has_not_committed(tmp_path: Path) -> None:
    db = SQLAlchemy()
    model = tenants(db.Model)
    app = make(db, described(model), tmp_path)
    with app.app_context():
        db.session.add(model(id=1, name="Ann"))
        with current().transaction():
            db.session.rollback()
        assert db.session.get(model, 1) is None
    close(app, db)
