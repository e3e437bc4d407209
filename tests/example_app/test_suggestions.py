"""What the demo has to decide: of London's records some are certain, some likely, some could be either of two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from example_app import create_app
from example_app.database import db
from example_app.seed import seed
from flask_intacct import jobs, kinds
from flask_intacct.bars import Bar
from flask_intacct.links import undo
from flask_intacct.models import Link, Record, Run
from flask_intacct.onboarding import connect
from flask_intacct.proposals import LIKELY
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset

TODAY = date(2026, 3, 31)
TokenIn = Callable[[str], str]
Answers = dict[tuple[str, str, str], str]
London = tuple[Flask, Answers]
CONTACTS = "/admin/intacct/contacts/1/"


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[London]:
    """The application, with London connected, both sides read and everything suggested; and the right answers."""
    with Simulator(dataset, "demo", "user", "secret", "sender", "word") as simulator:
        app = create_app({
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path_factory.mktemp('london') / 'host.sqlite'}",
            "TESTING": True,
            "INTACCT_SECRET_KEYS": [Fernet.generate_key().decode()],
            "INTACCT_ENDPOINT": simulator.url,
            "INTACCT_SENDER_ID": "sender",
            "INTACCT_SENDER_PASSWORD": "word",
        })  # fmt: skip
        with app.app_context():
            db.create_all()
            truth = seed(db, TODAY, dataset)[0]
            id_ = connect.start("1", "ada").id
            connect.go_on(id_, "overview", "ada")
            connect.tick(id_, [item.key for item in connect.PREREQUISITES], "ada")
            connect.credentials(id_, "demo", "user", "secret", "ada")
            connect.entity(id_, "LON", "", False, "ada")
            run = connect.date(id_, truth.sync_from, False, "ada")
            for _ in range(60):
                jobs.work(run.id)
                if db.session.get_one(Run, run.id, populate_existing=True).live is None:
                    break
                db.session.rollback()
            yield app, truth.by_id()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def answers(london: London) -> Answers:
    """Intacct's natural id for each row of London, by (table, id, role)."""
    return london[1]


def links(kind: str) -> Sequence[Link]:
    db.session.expire_all()
    return db.session.scalars(select(Link).where(Link.kind == kind)).all()


def right(link: Link, answers: Answers) -> str:
    """The natural id of the right record of a link; "" if there is none."""
    return answers.get((link.source, link.local_id, link.role), "")


def natural_id(link: Link, key: str) -> str:
    """The natural id of the record that a link means by a key."""
    if link.kind == kinds.TRACKING_OPTION:
        (object_,) = (each.suggested_key for each in links(kinds.TRACKING_CATEGORY) if each.local_id == link.parent)
    else:
        object_ = kinds.kind(link.kind, link.role).object
    return db.session.scalars(select(Record.natural_id).where(Record.object == object_, Record.key == key)).one()


def sureness(link: Link) -> str:
    """As the list shows it, with what could be either of two set apart."""
    if Bar().clears(link):
        return "certain"
    if not link.suggested_key:
        return "none"
    return "likely" if link.confidence >= LIKELY else "ambiguous" if link.runner_up_key else "unsure"


def test_contacts_are_certain_likely_and_ambiguous(london: London) -> None:
    found = Counter(sureness(link) for link in links(kinds.CONTACT))
    assert found["certain"] > 200
    assert min(found["likely"], found["ambiguous"]) >= 3
    assert 6 <= found["likely"] + found["ambiguous"] + found["unsure"] <= 12


def test_an_ambiguous_contact_is_one_of_the_two_or_new(london: London, answers: Answers) -> None:
    found = set()
    for link in links(kinds.CONTACT):
        if sureness(link) == "ambiguous":
            either = {natural_id(link, link.suggested_key): "suggested", natural_id(link, link.runner_up_key): "next"}
            found.add({**either, "": "new"}[right(link, answers)])
    assert found == {"suggested", "next", "new"}


@pytest.mark.parametrize("kind", [kinds.TAX_TYPE, kinds.ACCOUNT, kinds.TRACKING_OPTION])
def test_other_kinds_are_certain_and_likely(london: London, kind: str) -> None:
    assert {"certain", "likely"} <= {sureness(link) for link in links(kind)}


@pytest.mark.parametrize("kind", [kinds.TAX_TYPE, kinds.ACCOUNT, kinds.TRACKING_OPTION])
def test_what_is_certain_is_right(london: London, answers: Answers, kind: str) -> None:
    certain = [link for link in links(kind) if sureness(link) == "certain"]
    assert [natural_id(link, link.suggested_key) for link in certain] == [right(link, answers) for link in certain]


def test_accept_all_certain_takes_the_certain_contacts_and_each_is_right(
    london: London, answers: Answers, token_in: TokenIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_intacct.admin.match.LOOKED_AT", 1000)
    client = london[0].test_client()
    login = {"csrf_token": token_in(client.get("/login").text), "login": "admin", "password": "admin"}
    client.post("/login", data=login)
    before = {link.id: sureness(link) for link in links(kinds.CONTACT)}
    page = client.get(CONTACTS).text
    promised = re.search(r"Accept all certain \(<span[^>]*>(\d+)", page)
    assert promised is not None
    client.post(f"{CONTACTS}action/", data={"csrf_token": token_in(page), "action": "accept_certain"})
    for run in db.session.scalars(select(Run).where(Run.live.is_not(None))).all():
        jobs.work(run.id)  # more than a page has are matched in the background
    taken = [link for link in links(kinds.CONTACT) if link.state == "matched"]
    chosen = [natural_id(link, link.record_key) for link in taken]
    undo(1, [link.id for link in taken], "ada", mistaken=True)
    assert len(taken) == int(promised[1])
    assert {link.id for link in taken} == {id_ for id_, sure in before.items() if sure == "certain"}
    assert chosen == [right(link, answers) for link in taken]
