"""Makes small host applications to a test's own measure."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask
from flask_admin.base import Admin
from flask_rq import RQ
from flask_sqlalchemy import SQLAlchemy

from flask_intacct import Intacct, kinds
from flask_intacct.host import Host
from flask_intacct.ledger import Contact, Document, Ref
from flask_intacct.state import current

KEY = Fernet.generate_key().decode()
DAY = date(2026, 2, 3)


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    """What an application needs, on a database in this folder."""
    return {
        "SECRET_KEY": "test",
        "TESTING": True,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'host.db'}",
        "INTACCT_SENDER_ID": "sender",
        "INTACCT_SENDER_PASSWORD": "x",
        "INTACCT_SECRET_KEYS": [KEY],
        **more,
    }


def make(db: SQLAlchemy, intacct: Intacct, folder: Path, **more: Any) -> Flask:
    """An application with admin, joined and with its tables made."""
    app = Flask("small")
    app.config.update(settings(folder, **more))
    db.init_app(app)
    intacct.init_app(app, db, Admin(app), RQ())
    with app.app_context():
        db.create_all()
    return app


def close(app: Flask, db: SQLAlchemy) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def host() -> Host:
    """The host of the application at hand."""
    return current().host


def invoices() -> list[Document]:
    """Its invoices as we read them."""
    return list(host().documents("invoice", "", date(2020, 1, 1)))


def customer(name: str = "Ann", **more: Any) -> Contact:
    """A customer of Intacct's."""
    return Contact(ref=Ref("CUSTOMER", "1"), name=name, **more)


def invoice(**more: Any) -> Document:
    """An invoice of Intacct's."""
    given: dict[str, Any] = {"number": "A1", "contact": Ref("CUSTOMER", "1"), "date": DAY} | more
    return Document(kind=kinds.INVOICE, ref=Ref("ARINVOICE", "7"), **given)
