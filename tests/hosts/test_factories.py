"""One Admin, one RQ and one description at module level, and a factory that makes an application for every test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_admin.base import Admin
from flask_admin.contrib.sqla.view import ModelView
from flask_admin.theme import Bootstrap4Theme
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, String, func, select

from flask_intacct import Intacct, Local
from flask_intacct.admin.link_views import ContactLinkView
from flask_intacct.errors import ConfigError
from flask_intacct.models import Connection
from flask_intacct.onboarding import connect
from flask_intacct.state import current

from .maker import close, settings

ENTRY = 'href="/admin/intacct/companies/"'


@dataclass
class Globals:
    """What such a host has at module level."""

    folder: Path
    db: SQLAlchemy = field(default_factory=SQLAlchemy)
    admin: Admin = field(default_factory=lambda: Admin(name="Letting", theme=Bootstrap4Theme()))
    rq: RQ = field(default_factory=RQ)
    apps: list[Flask] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = {"id": Column(Integer, primary_key=True), "name": Column(String(20))}
        self.tenant = type("Tenant", (self.db.Model,), names)
        self.admin.add_view(ModelView(self.tenant, self.db, name="Tenants"))
        self.intacct = self.describe()

    def describe(self, **options: Any) -> Intacct:
        contacts = Local(self.tenant, role="customer", name="name")
        return Intacct(contacts=contacts, access=lambda right, company: True, identity=lambda: "ada", **options)

    def create_app(self, intacct: Intacct | None, *, first: bool = False, **more: Any) -> Flask:
        """The factory; `first`: ours is joined before the admin gets the application."""
        app = Flask("letting")
        self.apps.append(app)
        database = f"sqlite:///{self.folder / f'{len(self.apps)}.db'}"
        app.config.update(settings(self.folder, SQLALCHEMY_DATABASE_URI=database, **more))
        self.db.init_app(app)
        self.rq.init_app(app)
        if intacct is not None and first:
            intacct.init_app(app, self.db, self.admin, self.rq)
        self.admin.init_app(app)
        if intacct is not None and not first:
            intacct.init_app(app, self.db, self.admin, self.rq)
        with app.app_context():
            self.db.create_all()
        return app


@pytest.fixture
def globals_(tmp_path: Path) -> Iterator[Globals]:
    made = Globals(tmp_path)
    yield made
    for app in made.apps:
        close(app, made.db)


def page(app: Flask, path: str = "intacct/companies/") -> str:
    answer = app.test_client().get(f"/admin/{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("first", [False, True])
def test_factory_may_be_called_again(globals_: Globals, first: bool) -> None:
    for _ in range(3):
        app = globals_.create_app(globals_.intacct, first=first)
        assert page(app, "").count(ENTRY) == 1
        page(app)
        page(app, "tenant/")


def test_each_application_has_a_state_of_its_own(globals_: Globals) -> None:
    one = globals_.create_app(globals_.intacct, INTACCT_PAGE_SIZE=7)
    other = globals_.create_app(globals_.intacct)
    with one.app_context():
        connection_id = connect.start("", "ada").id
    with other.app_context():
        assert current().session.scalar(select(func.count()).select_from(Connection)) == 0
    views: dict[str, Any] = {view.endpoint: view for view in globals_.admin._views}
    for app, size in ((one, 7), (other, 50)):
        with app.app_context():
            assert views["intacct_contacts"].page_size == size
    page(one, f"intacct/contacts/{connection_id}/")
    assert other.test_client().get(f"/admin/intacct/contacts/{connection_id}/").status_code == 404


@pytest.mark.parametrize("order", [(True, False), (False, True), (True, False, True)])
def test_application_without_us_works_beside_one_with_us(globals_: Globals, order: tuple[bool, ...]) -> None:
    for ours in order:
        app = globals_.create_app(globals_.intacct if ours else None)
        assert page(app, "").count(ENTRY) == ours
        page(app, "tenant/")
        assert (app.test_client().get("/admin/intacct/companies/").status_code == 200) is ours


def test_jobs_are_scheduled_once(globals_: Globals) -> None:
    for _ in range(3):
        globals_.create_app(globals_.intacct)
    names = [job["func"].__name__ for job in globals_.rq._cron_job_data]
    assert sorted(names) == ["nightly", "tick"]


def test_other_views_for_the_same_admin_are_refused(globals_: Globals) -> None:
    class Mine(ContactLinkView):
        pass

    globals_.create_app(globals_.intacct)
    with pytest.raises(ConfigError, match=r"another view for contacts.*same views="):
        globals_.create_app(globals_.describe(views={"contacts": Mine}))


def test_description_may_be_made_anew_for_each_application(globals_: Globals) -> None:
    makers: list[Callable[[], Intacct]] = [globals_.describe, globals_.describe]
    for make in makers:
        page(globals_.create_app(make()))
