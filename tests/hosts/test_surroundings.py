"""Applications whose other extensions or settings change how pages are reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask_admin.base import Admin
from flask_login import current_user
from flask_rq import RQ
from flask_security import RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin
from flask_sqlalchemy import SQLAlchemy

from flask_intacct import Intacct, Local

SETTINGS = {
    "SECRET_KEY": "test",
    "SECURITY_PASSWORD_SALT": "salt",
    "INTACCT_SENDER_ID": "sender",
    "INTACCT_SENDER_PASSWORD": "s3cret",
    "INTACCT_SECRET_KEYS": [Fernet.generate_key().decode()],
}


class Host:
    """A small application with users; `app` is not yet joined to us."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.app = Flask("host", **options)
        self.app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'host.db'}")
        self.db = db = SQLAlchemy(self.app)
        worn = db.Table(
            "worn", db.Column("user_id", db.ForeignKey("user.id")), db.Column("role_id", db.ForeignKey("role.id"))
        )

        class Tenant(db.Model):  # type: ignore[name-defined, misc]
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(40))

        class Role(db.Model, RoleMixin):  # type: ignore[name-defined, misc]
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(40), unique=True)

        class User(db.Model, UserMixin):  # type: ignore[name-defined, misc]
            id = db.Column(db.Integer, primary_key=True)
            email = db.Column(db.String(80), unique=True)
            password = db.Column(db.String(200))
            active = db.Column(db.Boolean)
            fs_uniquifier = db.Column(db.String(64), unique=True)
            roles = db.relationship(Role, secondary=worn)  # type: ignore[assignment]

        self.tenant, self.users = Tenant, SQLAlchemyUserDatastore(db, User, Role)

    def join(self, admin: Admin, access: Any) -> None:
        intacct = Intacct(
            contacts=Local(self.tenant, role="customer", name="name"), access=access, identity=lambda: "tester"
        )
        intacct.init_app(self.app, self.db, admin, RQ())
        with self.app.app_context():
            self.db.create_all()

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.engine.dispose()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.close()


@pytest.fixture
def host_of_many_names(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path, host_matching=True, static_host="files.example.test")
    yield made
    made.close()


@pytest.mark.parametrize("first", [True, False], ids=["security first", "security last"])
def test_an_anonymous_visitor_is_led_to_the_log_in_page_of_flask_security(host: Host, first: bool) -> None:
    if first:
        Security(host.app, host.users)
    host.join(Admin(host.app), lambda right, company_id: bool(current_user.is_authenticated))
    if not first:
        Security(host.app, host.users)
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*"):
        answer = host.app.test_client().get("/admin/intacct/companies/", headers={"Accept": accept})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("where", ["admin.example.test", "*"])
def test_static_files_are_served_where_hosts_are_matched(host_of_many_names: Host, where: str) -> None:
    host = host_of_many_names
    host.join(Admin(host.app, host=where), lambda right, company_id: True)
    client, base = host.app.test_client(), "http://admin.example.test"
    page = client.get("/admin/intacct/companies/", base_url=base).text
    ours = re.findall(r'(?:href|src)="([^"]*intacct\.(?:css|js)[^"]*)"', page)
    assert len(ours) == 2
    for address in ours:
        with client.get(address, base_url=base) as answer:
            assert answer.status_code == 200
