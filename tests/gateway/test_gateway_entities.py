"""One user at several levels, and credentials that were refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flask_intacct.gateway import Client, Login, functions
from flask_intacct.gateway import errors as e

from .canned import (
    INVALID_SESSION,
    Asked,
    Canned,
    CannedGateway,
    auth_failure,
    error,
    failed,
    reply,
    result_of,
    session_reply,
)
from .conftest import MakeClient

READ = [functions.query("CLASS", ["RECORDNO"], control_id="r")]
WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
WRONG = error("XL03000006", "", "Sign-in information is incorrect")


def entity_of(asked: Asked) -> str:
    if with_password(asked):
        return str(asked.request["operation"]["authentication"]["login"].get("locationid", ""))
    return asked.function["getAPISession"]["locationid"] or ""


def with_password(asked: Asked) -> bool:
    return "login" in asked.request["operation"]["authentication"]


@pytest.fixture
def entities(gateway: CannedGateway) -> CannedGateway:
    """Gives every level a session of its own."""

    def sign_in(asked: Asked) -> Canned:
        entity = entity_of(asked)
        return Canned(session_reply(asked, gateway.url, entity, session=f"session-{entity or 'top'}"))

    gateway.sign_in = sign_in
    return gateway


def test_another_entitys_session_needs_no_password(entities: CannedGateway, client: Client) -> None:
    client.sign_in()
    client.at("E1").execute(READ)
    assert [with_password(asked) for asked in entities.asked] == [True, False, False]
    assert entities.asked[1].request["operation"]["authentication"] == {"sessionid": "session-top"}
    assert entities.asked[1].function["getAPISession"] == {"locationid": "E1"}
    assert entities.calls[0].request["operation"]["authentication"] == {"sessionid": "session-E1"}


def test_back_to_the_top_level_from_an_entity(entities: CannedGateway, make_client: MakeClient) -> None:
    client = make_client(login=Login("acme", "ws", "s3cret", "E1"))
    client.sign_in()
    client.at("").execute(READ)
    assert entities.asked[1].function["getAPISession"] == {"locationid": None}
    assert entities.calls[0].request["operation"]["authentication"] == {"sessionid": "session-top"}


def test_without_a_session_an_entity_takes_the_password(entities: CannedGateway, client: Client) -> None:
    client.at("E1").execute(READ)
    assert [with_password(asked) for asked in entities.asked] == [True, False]
    assert entity_of(entities.asked[0]) == "E1"


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked, url: auth_failure(asked, INVALID_SESSION),
        lambda asked, url: reply(asked, failed(asked, error("XL1", "", "not allowed"))),
        lambda asked, url: reply(asked),
        lambda asked, url: session_reply(asked, url, "E9"),
        lambda asked, url: session_reply(asked, url, "E1").replace(b"<locationid>E1</locationid>", b""),
    ],
    ids=["expired", "refused", "empty", "elsewhere", "unsaid"],
)
def test_a_session_that_can_not_be_had_from_another_takes_the_password(
    entities: CannedGateway, client: Client, answer: Callable[..., Any]
) -> None:
    own = entities.sign_in
    client.sign_in()
    entities.sign_in = lambda asked: own(asked) if with_password(asked) else Canned(answer(asked, entities.url))
    client.at("E1").execute(READ)
    assert [with_password(asked) for asked in entities.asked] == [True, False, True, False]
    assert entities.calls[0].request["operation"]["authentication"] == {"sessionid": "session-E1"}


def test_credentials_refused_at_one_level_are_not_tried_at_another(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(auth_failure(asked, WRONG), delay=0.02)

    def attempt(entity: str) -> None:
        with pytest.raises(e.BadLogin):
            client.at(entity).execute(READ)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, ["", "E1", "E2", "E3", "", "E1"]))
    assert gateway.sign_ins == 1


def test_a_refused_entity_says_nothing_about_the_others(entities: CannedGateway, client: Client) -> None:
    own = entities.sign_in
    refusal = error("XL03000006", "", "Entity 'E9' is not valid")
    entities.sign_in = lambda asked: Canned(auth_failure(asked, refusal)) if entity_of(asked) == "E9" else own(asked)
    closed = client.at("E9")
    for _ in range(3):
        with pytest.raises(e.EntityRefused):
            closed.execute(READ)
    assert entities.sign_ins == 1
    assert result_of(client.at("E1").execute(READ), "r").ok


def test_a_refusal_in_a_fault_of_the_server_is_remembered_too(gateway: CannedGateway, client: Client) -> None:
    from .canned import control_failure

    refusal = error("XL03000006", "", "Incorrect Intacct XML Partner ID or password.")
    gateway.sign_in = lambda asked: Canned(control_failure(refusal), 500)
    for _ in range(3):
        with pytest.raises(e.SenderError):
            client.execute(READ)
    assert gateway.sign_ins == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: Canned(b"<html/>", 503),
        lambda asked: Canned(drop=True),
        lambda asked: Canned(b"<html>log in</html>"),
        lambda asked: Canned(auth_failure(asked, WRONG)),
    ],
)
def test_a_write_without_a_session_did_not_run(
    gateway: CannedGateway, client: Client, answer: Callable[..., Any]
) -> None:
    gateway.sign_in = answer
    with pytest.raises(e.ExchangeError) as caught:
        client.execute(WRITE)
    assert caught.value.executed is False
    assert gateway.calls == []


def test_a_write_whose_session_can_not_be_renewed_did_not_run(gateway: CannedGateway, client: Client) -> None:
    client.sign_in()
    gateway.sign_in = lambda asked: Canned(drop=True)
    gateway.script = lambda asked: Canned(auth_failure(asked, INVALID_SESSION))
    with pytest.raises(e.NoReply) as caught:
        client.execute(WRITE)
    assert caught.value.executed is False
    assert len(gateway.calls) == 1


def test_a_foreign_endpoint_of_another_levels_session_is_refused(entities: CannedGateway, client: Client) -> None:
    client.sign_in()
    entities.sign_in = lambda asked: Canned(session_reply(asked, "https://evil.example/", "E1"))
    with pytest.raises(e.UnsafeEndpoint):
        client.at("E1").execute(READ)
    assert entities.calls == []


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\uffff"])
def test_credentials_that_xml_can_not_hold_are_refused(
    gateway: CannedGateway, make_client: MakeClient, text: str
) -> None:
    with pytest.raises(e.RequestError):
        make_client(login=Login("acme", "ws", "s3" + text)).sign_in()
    assert gateway.asked == []
