"""Marlow & Finch Lettings: a letting agent's admin, the example of an application that joins Sage Intacct."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_rq import RQ
from sqlalchemy import event

from .admin import make_admin
from .auth import init_auth
from .database import db


def create_app(config: Mapping[str, Any] | None = None, integrate: bool = True) -> Flask:
    """Make the application.

    :param config: Settings on top of those from the environment.
    :param integrate: False leaves Flask-Intacct out: the application as it was before.
    """
    app = Flask(__name__)
    app.config.update(_from_environment(app))
    app.config.update(config or {})
    db.init_app(app)
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        os.makedirs(app.instance_path, exist_ok=True)
        with app.app_context():
            event.listen(db.engine, "connect", _tune_sqlite)
    init_auth(app)
    admin = make_admin(app)
    rq = RQ(app)
    app.add_url_rule("/", "root", _root)
    app.cli.command("demo-data")(_demo_data)
    if integrate:
        from .integration import join

        join(app, admin, rq)
    return app


def _from_environment(app: Flask) -> dict[str, Any]:
    keys = os.environ.get("INTACCT_SECRET_KEYS", "")
    return {
        "SECRET_KEY": os.environ.get("SECRET_KEY", "only for the demo"),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL", ""))
        or f"sqlite:///{app.instance_path}/demo.sqlite",
        "RQ_CONNECTION": os.environ.get("REDIS_URL") or {},
        "RQ_QUEUES": ["intacct"],
        "INTACCT_SENDER_ID": os.environ.get("INTACCT_SENDER_ID", "marlow_finch"),
        "INTACCT_SENDER_PASSWORD": os.environ.get("INTACCT_SENDER_PASSWORD", "sender-secret"),
        "INTACCT_SECRET_KEYS": [key for key in keys.split(",") if key],
        "INTACCT_ENDPOINT": os.environ.get("INTACCT_ENDPOINT", "http://127.0.0.1:8090/ia/xml/xmlgw.phtml"),
        "INTACCT_ALLOW_LOOPBACK": True,
    }


def database_url(url: str) -> str:
    """The usual spellings of a PostgreSQL address, with the driver that comes with us."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _tune_sqlite(connection: Any, record: Any) -> None:
    """Readers and one writer at a time get on with each other."""
    for pragma in ("journal_mode=WAL", "busy_timeout=15000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _root() -> ResponseReturnValue:
    return redirect(url_for("admin.index"))


def _demo_data() -> None:
    """Create the tables and, in an empty database, the demo's data."""
    from .seed import fill

    fill(db)
