"""Applications of other make than the demo: whatever Flask-SQLAlchemy allows, the extension joins."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask_admin.base import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, MetaData, func, inspect, select
from sqlalchemy.orm import DeclarativeBase, DeclarativeBaseNoMeta, Mapped, mapped_column
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_intacct import Intacct, Local, kinds
from flask_intacct.errors import ConfigError, MappingError
from flask_intacct.models import Base as OwnBase
from flask_intacct.models import Connection
from flask_intacct.onboarding import connect
from flask_intacct.state import current

SETTINGS = {
    "SECRET_KEY": "test",
    "INTACCT_SENDER_ID": "sender",
    "INTACCT_SENDER_PASSWORD": "s3cret",
    "INTACCT_SECRET_KEYS": [Fernet.generate_key().decode()],
}
OUR_TABLES = {table.name for table in OwnBase.metadata.sorted_tables}


def legacy_models() -> tuple[SQLAlchemy, type[Any], type[Any]]:
    """Columns without annotations, tables named by Flask-SQLAlchemy."""
    db = SQLAlchemy()

    class LettingFirm(db.Model):  # type: ignore[name-defined, misc]
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(40))

    class Tenant(db.Model):  # type: ignore[name-defined, misc]
        id = db.Column(db.Integer, primary_key=True)
        nm = db.Column(db.String(40))
        firm_id = db.Column(db.ForeignKey("letting_firm.id"))

    return db, LettingFirm, Tenant


def declared_models(base: Any = None) -> tuple[SQLAlchemy, type[Any], type[Any]]:
    """A declarative base with annotations."""
    db = SQLAlchemy(model_class=base or type("Base", (DeclarativeBase,), {}))

    class LettingFirm(db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "firm"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]

    class Tenant(db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "tenant"
        id: Mapped[int] = mapped_column(primary_key=True)
        nm: Mapped[str]
        firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id"))

    return db, LettingFirm, Tenant


def convention_without_ix() -> tuple[SQLAlchemy, type[Any], type[Any]]:
    """A naming convention that knows no indexes."""
    naming = {
        "uq": "unique_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
    return declared_models(base=type("Base", (DeclarativeBase,), {"metadata": MetaData(naming_convention=naming)}))


def base_without_meta() -> tuple[SQLAlchemy, type[Any], type[Any]]:
    return declared_models(base=type("Base", (DeclarativeBaseNoMeta,), {}))


Models = Callable[[], tuple[SQLAlchemy, type[Any], type[Any]]]
MAKES: list[Models] = [
    legacy_models,
    declared_models,
    convention_without_ix,
    base_without_meta,
]


def build(
    make: Models,
    folder: Path,
    *,
    name: str = "app",
    admin_url: str = "/admin",
    init: bool = True,
    **settings: Any,
) -> Flask:
    """An application with one company and two tenants."""
    db, firm, tenant = make()
    app = Flask(name)
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / name}.db", **settings)
    db.init_app(app)
    admin = Admin(app, name=name, url=admin_url, endpoint="back", theme=Bootstrap4Theme())
    intacct = Intacct(
        company=Local(firm, name="title"),
        contacts=Local(tenant, role="customer", name="nm", company="firm_id"),
        access=lambda right, company_id: True,
        identity=lambda: "tester",
    )
    if init:
        intacct.init_app(app, db, admin, RQ())
    with app.app_context():
        db.create_all()
        db.session.add(firm(id=1, title=f"Oak Lettings of {name}"))
        db.session.add_all([tenant(id=1, nm="Ann", firm_id=1), tenant(id=2, nm="Bob", firm_id=1)])
        db.session.commit()
    app.extensions["tested"] = (intacct, db, admin)
    return app


def close(app: Flask) -> None:
    with app.app_context():
        app.extensions["tested"][1].session.remove()
        app.extensions["tested"][1].engine.dispose()


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    apps: list[Flask] = []

    def make(models: Models, **options: Any) -> Flask:
        apps.append(build(models, tmp_path, **options))
        return apps[-1]

    yield make
    for app in apps:
        close(app)


@pytest.fixture(scope="module", params=MAKES, ids=lambda make: make.__name__)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = build(request.param, tmp_path_factory.mktemp("host"))
    yield app
    close(app)


def test_our_tables_join_the_hosts(app: Flask) -> None:
    with app.app_context():
        names = set(inspect(current().engine).get_table_names())
    assert names >= OUR_TABLES
    assert len(names) == len(OUR_TABLES) + 2


def test_names_of_our_constraints_are_our_own(app: Flask) -> None:
    with app.app_context():
        found = inspect(current().engine)
        names = {
            key["name"]
            for table in OUR_TABLES
            for key in (*found.get_unique_constraints(table), *found.get_indexes(table))
        }
    literal = {
        str(name)
        for table in OwnBase.metadata.sorted_tables
        for name in (*(key.name for key in table.constraints), *(key.name for key in table.indexes))
        if str(name).startswith(("uq_", "ix_"))
    }
    assert names == literal


def test_rows_of_the_host_are_read(app: Flask) -> None:
    with app.app_context():
        host = current().host
        assert [name for _, name in host.companies()] == ["Oak Lettings of app"]
        assert [value.name for value in host.values(kinds.CONTACT, "1")][:2] == ["Ann", "Bob"]


def test_company_is_connected_step_by_step(app: Flask) -> None:
    with app.app_context():
        connection = connect.start("1", "tester")
        assert connect.start("1", "tester").id == connection.id
    page = app.test_client().get("/admin/intacct/companies/")
    assert page.status_code == 200
    assert "Oak Lettings of app" in page.text


def test_host_may_still_write_its_own_rows(app: Flask) -> None:
    _, db, _ = app.extensions["tested"]
    with app.app_context():
        tenant = current().host.locals(kinds.CONTACT)[0].model
        db.session.add(tenant(nm="Cy", firm_id=1))
        db.session.commit()
        assert "Cy" in db.session.scalars(select(tenant.nm)).all()


def test_two_applications_live_in_one_process(built: Callable[..., Flask]) -> None:
    first, second = built(legacy_models, name="first"), built(declared_models, name="second", INTACCT_QUEUE="books")
    with first.app_context():
        connect.start("1", "tester")
        assert current().config.queue == "intacct"
    with second.app_context():
        assert current().config.queue == "books"
        assert current().session.scalar(select(func.count()).select_from(Connection)) == 0
    for app, other in ((first, "second"), (second, "first")):
        page = app.test_client().get("/admin/intacct/companies/").text
        assert f"Oak Lettings of {app.name}" in page
        assert f"Oak Lettings of {other}" not in page


def test_two_applications_may_share_one_description(tmp_path: Path, built: Callable[..., Flask]) -> None:
    first = built(declared_models, name="first")
    intacct, db, _ = first.extensions["tested"]
    second = Flask("second")
    second.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'second'}.db")
    db.init_app(second)
    intacct.init_app(second, db, Admin(second, endpoint="back"), RQ())
    with second.app_context():
        db.create_all()
        assert current().host.companies() == []
        assert connect.companies() == []
        db.session.remove()
        db.engine.dispose()
    with first.app_context():
        assert len(connect.companies()) == 1


def test_address_of_the_admin_is_the_hosts(built: Callable[..., Flask]) -> None:
    app = built(declared_models, admin_url="/office/back")
    client = app.test_client()
    assert client.get("/office/back/intacct/companies/").status_code == 200
    assert client.get("/admin/intacct/companies/").status_code == 404


def test_our_addresses_keep_the_prefix_that_the_application_is_mounted_under(built: Callable[..., Flask]) -> None:
    app = built(declared_models)
    with app.app_context():
        connection_id = connect.start("1", "tester").id
    mounted = Client(DispatcherMiddleware(Flask("outer"), {"/letting": app}))
    for place in ("companies/", f"connect/{connection_id}/overview"):
        page = mounted.get(f"/letting/admin/intacct/{place}", follow_redirects=True)
        assert page.status_code == 200, place
        addresses = re.findall(r'(?:href|src|action|data-\w+)="(/[^"]*)"', page.text)
        ours = [address for address in addresses if "intacct" in address]
        assert ours
        assert all(address.startswith("/letting/") for address in ours), ours


def test_second_init_on_an_application_is_refused(built: Callable[..., Flask]) -> None:
    app = built(declared_models)
    intacct, db, admin = app.extensions["tested"]
    with pytest.raises(RuntimeError, match="already initialised"):
        intacct.init_app(app, db, admin)


def test_application_without_admin_and_queue_gets_none_and_one(tmp_path: Path) -> None:
    db, _, tenant = declared_models()
    app = Flask("bare")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'bare'}.db")
    db.init_app(app)
    Intacct(contacts=Local(tenant, role="customer", name="nm")).init_app(app, db)
    assert "rq" in app.extensions
    assert not any("intacct" in rule.rule for rule in app.url_map.iter_rules())
    with app.app_context():
        db.create_all()
        assert current().host.companies() == [("", "")]
        db.session.remove()
        db.engine.dispose()


def test_wrong_mapping_stops_the_application_at_its_start(tmp_path: Path) -> None:
    db, firm, _ = declared_models()
    app = Flask("wrong")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'wrong'}.db")
    db.init_app(app)
    with pytest.raises(MappingError, match=r"Local\(LettingFirm\) for company: name='titel'.*Did you mean title"):
        Intacct(company=Local(firm, name="titel")).init_app(app, db)
    assert "intacct" not in app.extensions
    assert not OUR_TABLES & set(db.metadata.tables)


def test_metadata_with_a_schema_is_refused(tmp_path: Path) -> None:
    db = SQLAlchemy(metadata=MetaData(schema="office"))
    app = Flask("schema")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'schema'}.db")
    db.init_app(app)
    with pytest.raises(ConfigError, match=r"default schema 'office'"):
        Intacct().init_app(app, db)


def test_queue_that_the_host_does_not_list_is_refused(tmp_path: Path) -> None:
    db, _, _ = declared_models()
    app = Flask("queue")
    app.config.update(
        SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'queue'}.db", RQ_QUEUES=["default", "mail"]
    )
    db.init_app(app)
    with pytest.raises(ConfigError, match=r'RQ_QUEUES does not list "intacct"'):
        Intacct().init_app(app, db)


def test_views_are_closed_unless_the_host_opens_them(tmp_path: Path) -> None:
    db, firm, _ = declared_models()
    app = Flask("closed")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'closed'}.db")
    db.init_app(app)
    Intacct(company=Local(firm, name="title")).init_app(app, db, Admin(app), RQ())
    with app.app_context():
        db.create_all()
        db.session.add(firm(id=1, title="Oak"))
        db.session.commit()
    client = app.test_client()
    ours = [
        rule.rule for rule in app.url_map.iter_rules() if "/intacct/" in rule.rule and "GET" in (rule.methods or ())
    ]
    assert ours
    for rule in ours:
        address = re.sub(r"<[^>]*>", "1", rule)
        assert client.get(address).status_code in (403, 404), address
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
