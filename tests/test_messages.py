"""Messages: an id and values, rendered where they are shown."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

import flask_intacct
from flask_intacct import issues, kinds, translation
from flask_intacct.entries import ACCOUNT_TYPES
from flask_intacct.errors import Refused, Stale
from flask_intacct.ledger import CONTROLS, STATUSES
from flask_intacct.messages import NOTHING, Message, dump, kept, listed, load, named, noun, quoted, sentence, sentences
from flask_intacct.messages.catalogue import CATALOGUE, SHELVES
from flask_intacct.messages.marks import Plural
from flask_intacct.models import Base, Run

PACKAGE = Path(flask_intacct.__file__).parent
LOCK = Path(__file__).parent / "messages.lock"
PLACE = re.compile(r"%\((\w+)\)s")
OPEN = "send.not_matched"
RENEW = "an id is for ever: bring it back, or if it is a new one run `python tests/test_messages.py`"


def places(literal: str | Plural) -> set[str]:
    forms = (literal.one, literal.many) if isinstance(literal, Plural) else (literal,)
    return {name for form in forms for name in PLACE.findall(form)} | (
        {literal.by} if isinstance(literal, Plural) else set()
    )


def ids() -> str:
    """Every id with the values it has places for."""
    return "".join(
        f"{id} {' '.join(sorted(places(literal)))}".strip() + "\n" for id, literal in sorted(CATALOGUE.items())
    )


def made() -> Iterator[tuple[str, ast.Call, str]]:
    """Every message that our code makes of an id that is written down."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                for first in node.args:
                    if isinstance(first, ast.Constant):
                        yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node, str(first.value)


def test_a_message_is_a_sentence_where_it_is_shown() -> None:
    wanted = Message("send.one_as", noun=noun("contact"), label="Ada Byron", role=noun("customer"))
    assert str(Message(OPEN, wanted=wanted)) == "The contact Ada Byron (as customer) is not matched."
    assert f"{NOTHING}" == ""


def test_a_message_goes_by_its_number() -> None:
    sync = Message("run.sync")
    assert str(Message("notice.complete_but", sync=sync, open=1)) == "The sync is complete, with 1 record to look at."
    assert str(Message("notice.complete_but", sync=sync, open=1200)).endswith("with 1,200 records to look at.")


def test_a_message_is_in_the_language_of_whoever_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Refused(Message("run.sync"))
    monkeypatch.setattr(translation, "gettext", lambda english: {"sync": "Abgleich"}[english])
    assert (refused.message, str(refused)) == ("Abgleich", "Abgleich")


@pytest.mark.parametrize(
    "message",
    [
        NOTHING,
        quoted('{"id": "run.sync", "values": {}} is what a person typed: 100%'),
        Message("paid.part", paid=Decimal("20.00"), gross=Decimal("100.00")),
        Message("send.may_exist", count=2, names=["A", "B"], reasons=[Message("run.sync"), "the same day"]),
        sentences([Message("run.sync"), quoted("Two.")]),
        listed([quoted("one"), quoted("two")]),
        Message("match.taken_by", taker="Rent", who="ada", at=datetime(2026, 5, 2, 14, 5, tzinfo=UTC)),
        Message("plan.both", document="INV-1", date=date(2026, 5, 2), gross=Decimal("9.00"), reasons=["same"]),
    ],
)
def test_a_message_comes_back_as_it_was_stored(message: Message) -> None:
    assert load(dump(message)) == message
    assert str(load(dump(message))) == str(message)
    assert pickle.loads(pickle.dumps(message)) == message


@pytest.mark.parametrize(
    "stored",
    [
        "The sync stopped.",
        "{not json}",
        '{"id": 3}',
        "100% of %(it)s",
        '{"id": "x", "values": 1}',
        '{"amount": null} is no valid reply',
        '{"amount": null}',
        '{"id": "text", "values": {"text": {"moment": 5}}}',
    ],
)
def test_a_sentence_that_was_stored_before_is_shown_as_it_is(stored: str) -> None:
    assert load(stored) == quoted(stored)
    assert str(load(stored)) == stored


def test_what_was_kept_in_json_before_is_shown_as_it_was() -> None:
    assert kept("same name") == quoted("same name")
    assert kept({"message": "code %(code)s is the same", "values": {"code": "4000"}}) == quoted("code 4000 is the same")
    assert kept({"message": "100 % the same", "values": {}}) == quoted("100 % the same")
    assert kept({"id": "same.code", "values": {"code": "4000"}}) == Message("same.code", code="4000")


def test_a_message_is_made_a_sentence_with_a_capital_and_a_full_stop() -> None:
    assert str(sentence(Message("run.sync"))) == "Sync."
    assert str(sentence(Message("out.gone"))) == "It is no longer in the application."
    assert sentence(NOTHING) == NOTHING


def test_a_message_of_a_newer_release_is_shown_with_its_values() -> None:
    assert str(Message("from.the_future", name="Ada", count=3)) == "from.the_future (name: Ada, count: 3)"
    assert str(Message(OPEN, who="Ada")) == f"{OPEN} (who: Ada)"


def test_a_column_keeps_the_id_and_not_the_sentence() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        table = Run.__table__
        values = {"connection_id": 1, "kind": "sync"}
        connection.execute(insert(Run).values(**values, problem=Message("signin.stopped")))
        connection.execute(insert(Run).values(**values, problem=NOTHING))
        connection.execute(text("update intacct_run set problem = 'It stopped.' where id = 2"))
        stored = connection.execute(text("select problem from intacct_run where id = 1")).scalar_one()
        found = connection.scalars(select(table.c.problem).order_by(table.c.id)).all()
    engine.dispose()
    assert "signin.stopped" in stored
    assert "credentials" not in stored
    assert found == [Message("signin.stopped"), quoted("It stopped.")]


def test_a_refusal_keeps_what_it_says_as_a_message() -> None:
    assert Stale(Message("run.sync")).said == Message("run.sync")
    assert Refused("The host's own words.").said == quoted("The host's own words.")


def test_no_id_stands_on_two_shelves() -> None:
    assert len(CATALOGUE) == sum(map(len, SHELVES))


def test_ids_are_never_used_again() -> None:
    assert LOCK.read_text().splitlines() == ids().splitlines(), RENEW


@pytest.mark.parametrize(("where", "call", "id"), [pytest.param(*one, id=f"{one[0]} {one[2]}") for one in made()])
def test_what_our_code_says_is_in_the_catalogue_with_its_values(where: str, call: ast.Call, id: str) -> None:
    assert id in CATALOGUE
    given = {keyword.arg for keyword in call.keywords}
    if None not in given:
        assert given == places(CATALOGUE[id])


def causes() -> Iterator[tuple[str, str]]:
    """The causes that our code gives its findings, by where it does; of those that name something, their end."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            given = node.args[1 if node.func.id == "_Text" and len(node.args) > 1 else 0]
            if node.func.id not in ("Finding", "_Text"):
                continue
            if isinstance(given, ast.JoinedStr):
                end = given.values[-1]
                given = end if isinstance(end, ast.Constant) else ast.Constant("thing" + issues.UNLISTED)
                yield (
                    f"{path.relative_to(PACKAGE)}:{node.lineno}",
                    f"account{given.value!s}".replace("accountthing", "type x"),
                )
            elif isinstance(given, ast.Constant):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", str(given.value)
            elif isinstance(given, ast.Name) and given.id in constants:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", str(constants[given.id])


@pytest.mark.parametrize(("where", "cause"), [pytest.param(*one, id=" ".join(one)) for one in causes()])
def test_every_cause_has_a_heading(where: str, cause: str) -> None:
    assert issues.heading(cause).id != "text", where
    assert str(issues.heading(cause)) == cause


def test_a_cause_that_names_something_says_it_in_the_readers_words() -> None:
    assert issues.heading("tax type not matched") == Message("cause.of.not_matched", what=Message("noun.tax_type"))
    assert issues.heading("TAXDETAIL can't be read") == Message("cause.of.can_t_be_read", what=quoted("TAXDETAIL"))
    status = Message("entry.word", entry=Message("entry.word.status"), word="'sent on'")
    assert issues.heading("status 'sent on' is not listed") == Message("cause.of.is_not_listed", what=status)
    assert issues.heading("a cause of a newer release") == quoted("a cause of a newer release")


@pytest.mark.parametrize(
    ("shelf", "words"),
    [
        ("status", STATUSES),
        ("detail", CONTROLS),
        ("override.type", ACCOUNT_TYPES),
        ("noun", kinds.roles(kinds.CONTACT)),
    ],
)
def test_our_own_words_are_in_the_catalogue(shelf: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if named(shelf, word).id == "text"] == []


def test_every_text_is_said_somewhere() -> None:
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.parent.name != "messages")
    computed = (
        "failure.",
        "noun.",
        "read.damaged.",
        "flag.",
        "override.type.",
        "override.control.",
        "against.",
        "differs.",
        "country.",
        "trade.",
        "treatment.",
        "cause.",
        "status.",
        "detail.",
        "entry.word.",
    )
    assert [
        id
        for id in CATALOGUE
        if not id.startswith(computed) and id not in ("text", "sentence") and f'"{id}"' not in source
    ] == []


if __name__ == "__main__":
    gone = {line.split()[0] for line in LOCK.read_text().splitlines()} - CATALOGUE.keys() if LOCK.exists() else set()
    if gone:
        raise SystemExit(
            f"These ids were in use: {', '.join(sorted(gone))}. Keep their literals: stored messages use them."
        )
    LOCK.write_text(ids())
