"""A host with Flask-Babel, in a process of its own: where it is installed, Flask-Admin needs it in every application.

Usage: python speaking.py LANGUAGE...; prints some pages, and how amounts and moments are written, in each.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask, request
from flask_admin.base import Admin
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from translation.contents import pages as full_pages
from translation.contents import rows, said

from flask_intacct import Intacct, Local, translation
from flask_intacct.messages import Message, noun
from flask_intacct.messages.catalogue import CATALOGUE
from flask_intacct.models import Connection, Run, now

FULL = 9
"""The connection of which there is most to say."""


class Own(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Own)


class Company(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Contact(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    name: Mapped[str] = mapped_column(String(80))


NEXT = re.compile(r'rel="next" href="/admin/intacct/([^"]+)"')


def application(database: Path) -> Flask:
    """A host with two companies, of which one is in step; the request says in which language it is read."""
    app = Flask("host")
    app.secret_key = "a secret"
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}",
        INTACCT_SENDER_ID="sender",
        INTACCT_SENDER_PASSWORD="x",
        INTACCT_SECRET_KEYS=[Fernet.generate_key().decode()],
    )
    Babel(app, locale_selector=lambda: request.args.get("in", "en"))
    db.init_app(app)
    admin = Admin(app, name="Host")
    contacts = Local(Contact, name="name", role="customer", company="company_id")
    intacct = Intacct(company=Local(Company, name="name"), contacts=contacts, access=lambda right, company: True)
    intacct.init_app(app, db, admin)
    with app.app_context():
        db.create_all()
        db.session.add_all(
            [Company(id=1, name="Northgate"), Company(id=2, name="Harbour"), Company(id=3, name="‹Mill›")]
        )
        at = now()
        db.session.add(
            Connection(company_id="1", company_name="Northgate", live_company="1", state="connected", step="done",
                       confirmed_at=at, synced_at=at, level="top")
        )  # fmt: skip
        db.session.add(Run(connection_id=1, kind="sync", state="done", asked_by="ada"))
        for row in rows(FULL):
            db.session.add(row)
            db.session.flush()
        db.session.commit()
    return app


def pages(app: Flask, language: str) -> dict[str, Any]:
    """What a reader of this language sees."""
    client, read = app.test_client(), {"in": language}
    wanted = (
        "companies/",
        "companies/1/",
        "runs/1/",
        "results/1/",
        "connect/1/overview",
        "contacts/1/",
        "jobs/",
        "notices/1/",
        *full_pages(FULL),
    )
    found: dict[str, Any] = {}
    for name in wanted:
        while name:
            answer = client.get(f"/admin/intacct/{name}{'&' if '?' in name else '?'}in={language}")
            assert answer.status_code == (503 if name == "jobs/" else 200), (name, answer.status)  # there is no queue
            found[name] = answer.text
            following = NEXT.search(answer.text)
            name = unescape(following[1]) if following else ""
    with app.test_request_context("/", query_string=read):
        found["moment"] = translation.moment(datetime(2026, 5, 2, 14, 5, tzinfo=UTC))
        found["money"] = translation.money(Decimal("1234567.8"))
        found["count"] = translation.count(1234)
        found["message"] = str(Message("out.no_date", document=Message("document", noun=noun("invoice"), number="7")))
        found["plural"] = translation.ngettext("%(num)s record", "%(num)s records", 2)
        found["catalogue"] = {id: str(said(id)) for id in CATALOGUE}
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder) / "host.sqlite")
        print(json.dumps({language: pages(app, language) for language in sys.argv[1:]}))
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
