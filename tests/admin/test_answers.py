"""What the host's own functions answer: only a plain True opens a door, and only a plain text is a reason."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect
from flask_admin.base import Admin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_intacct import Intacct, Local, LocalDocument
from flask_intacct.errors import ConfigError
from flask_intacct.models import Meta

from .conftest import World, make_app


async def later(*given: Any) -> bool:
    return True


class Later:
    async def __call__(self, *given: Any) -> bool:
        return True


async def bit_by_bit(*given: Any) -> Any:
    yield True


ASYNC = {"function": later, "partial": partial(partial(later), "see"), "object": Later(), "generator": bit_by_bit,
         "partial of an object": partial(Later())}  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [lambda: redirect("/log-in"), lambda: "yes", lambda: 1, lambda: None, lambda: object(), lambda: ("", 302)],
    ids=["redirect", "text", "one", "nothing", "object", "tuple"],
)
def test_answer_that_is_not_true_itself_opens_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: Callable[[], Any]
) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: answer(), str)
    assert app.test_client().get("/admin/intacct/companies/").status_code == 403
    assert "it must give True or False" in caplog.text


def test_plain_no_is_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: False, str)
    assert app.test_client().get("/admin/intacct/companies/").status_code == 403
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_coroutine_opens_nothing_and_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: later(), str)  # type: ignore[arg-type, return-value]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.test_client().get("/admin/intacct/companies/").status_code == 403
    assert "gave coroutine" in caplog.text


class Own(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Own)


class Thing(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "async_thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def install(**options: Any) -> None:
    app = Flask("host")
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", INTACCT_SENDER_ID="x", INTACCT_SENDER_PASSWORD="x",
                      INTACCT_SECRET_KEYS=["x"])  # fmt: skip
    db.init_app(app)
    Intacct(**options).init_app(app, db, Admin(app))


@pytest.mark.parametrize("kind", ASYNC)
@pytest.mark.parametrize("name", ["access", "identity"])
def test_coroutine_function_is_refused_at_the_start(name: str, kind: str) -> None:
    with pytest.raises(ConfigError, match=rf"Intacct\(\.\.\.\): {name}= is a coroutine function.*async_to_sync"):
        install(**{name: ASYNC[kind]})


@pytest.mark.parametrize("name", ["keep", "usage", "archive", "create", "update", "url", "role", "name"])
def test_coroutine_function_in_a_description_is_refused_at_the_start(name: str) -> None:
    given: dict[str, Any] = {"role": "customer", "name": "name", name: later}
    described = Local(Thing, **given)
    with pytest.raises(ConfigError, match=rf"Local\(Thing\): {name}= is a coroutine function"):
        install(contacts=described)


def test_coroutine_function_in_a_line_is_refused_at_the_start() -> None:
    entries: dict[str, Any] = {"number": "name", "contact": "name", "date": "name", "status": "name"}
    described = LocalDocument(Thing, lines=Local(Thing, account=later, net="id"), **entries)
    with pytest.raises(ConfigError, match=r"account= is a coroutine function"):
        install(invoices=described)


@pytest.mark.parametrize("answer", [None, False, 0, ["a tenancy"]], ids=str)
def test_archiving_is_refused_where_the_host_gives_no_text(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    with world.app.app_context():
        world.db.session.execute(world.db.metadata.tables["thing"].insert().values(id=3, company_id=1, name="Repairs"))
        world.db.session.commit()
        (local,) = world.app.extensions["intacct"].host.locals("account")
    monkeypatch.setattr(local, "keep", lambda row: answer)
    page = world.click("/admin/intacct/accounts/1/archive", rowid="3")
    assert "4003 Repairs can't be archived: the application did not say whether it is still needed." in page
    assert "keep= for thing gave" in caplog.text


def test_person_who_is_not_named_by_a_text_is_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: later())  # type: ignore[arg-type, return-value]
    with app.test_request_context("/"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.extensions["intacct"].who() == ""
    assert "identity= gave coroutine" in caplog.text


@pytest.mark.parametrize(("given", "kept"), [(None, ""), (7, "7"), ("a" * 300, "a" * 120), ("a\0b", "ab")])
def test_name_of_a_person_fits_its_column(tmp_path: Path, given: Any, kept: str) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: given)
    with app.test_request_context("/"):
        assert app.extensions["intacct"].who() == kept


def test_screens_on_tables_of_another_version_say_the_cure(tmp_path: Path) -> None:
    app, db, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, str)
    with app.app_context():
        db.session.add(Meta(id=1, schema_version=1, installation_id="x"))
        db.session.commit()
    answer = app.test_client().get("/admin/intacct/companies/")
    assert answer.status_code == 409
    assert "holds schema version 1" in answer.text
    assert "run `flask intacct upgrade`" in unescape(answer.text)
