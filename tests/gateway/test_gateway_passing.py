"""Faults that pass: reads wait and ask again, writes are sent once and know what became of them."""

from __future__ import annotations

import pytest

from flask_intacct.gateway import Client, RetryClass, functions
from flask_intacct.gateway import errors as e

from .canned import (
    Asked,
    Canned,
    CannedGateway,
    Script,
    auth_failure,
    control_failure,
    error,
    error_of,
    failed,
    reply,
    result,
    table,
)
from .conftest import MakeClient
from .test_gateway_cursor import Cursor, keys

WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
LATER = error("BL01001973", "", "The server could not complete the operation", "Please Try Again Later")
BARE = control_failure(error("500", "", "An unexpected error occurred"))
EMPTY = b"<response><control><status>failure</status></control></response>"
STATUS_ONLY = b"<response><control><status>success</status></control></response>"
NETWORK = (
    b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>"
    b'<div id="cf-error-details"><h1>Sorry, you have been blocked</h1></div></body></html>'
)
PLAIN = b"<html><body>" + b" " * 5000 + b"Ray ID: 1. Performance & security by Cloudflare</body></html>"


def network(status: int) -> Script:
    return lambda asked: Canned(NETWORK, status)


def answers(name: str) -> Script:
    return {
        "try later, result": lambda asked: Canned(reply(asked, failed(asked, LATER))),
        "try later, control": lambda asked: Canned(control_failure(LATER, asked=asked)),
        "try later, bare control": lambda asked: Canned(control_failure(LATER)),
        "try later, sign-in": lambda asked: Canned(auth_failure(asked, LATER)),
        "bare control": lambda asked: Canned(BARE),
        "empty control": lambda asked: Canned(EMPTY),
        "success and nothing else": lambda asked: Canned(STATUS_ONLY),
        **{f"network {status}": network(status) for status in (200, 403, 404, 429, 503)},
        "network by name": lambda asked: Canned(PLAIN, 403),
    }[name]


PASSING = [
    "try later, result",
    "try later, control",
    "try later, bare control",
    "try later, sign-in",
    "bare control",
    "empty control",
    "success and nothing else",
    "network 200",
    "network 403",
    "network 404",
    "network 429",
    "network 503",
    "network by name",
]


@pytest.mark.parametrize("fault", PASSING)
def test_a_long_read_waits_and_goes_on(gateway: CannedGateway, client: Client, fault: str) -> None:
    good = table([{"RECORDNO": str(n)} for n in range(1, 7)])
    seen = []

    def script(asked: Asked) -> Canned:
        seen.append(asked)
        return answers(fault)(asked) if len(seen) in (2, 3) else good(asked)

    gateway.script = script
    assert len(list(client.query("CUSTOMER", ["RECORDNO"], page_size=2))) == 6
    assert len(seen) == 5


@pytest.mark.parametrize("fault", PASSING)
def test_a_read_gives_up_in_the_end(gateway: CannedGateway, make_client: MakeClient, fault: str) -> None:
    gateway.answers(answers(fault))
    with pytest.raises(e.ExchangeError) as caught:
        make_client(tries=3).page("CUSTOMER", ["RECORDNO"])
    assert caught.value.retry in (RetryClass.BUSY, RetryClass.RATE)
    assert len(gateway.calls) == 3


@pytest.mark.parametrize(
    "fault", ["try later, result", "try later, control", "bare control", "empty control", "network 403"]
)
def test_a_cursor_waits_and_goes_on(gateway: CannedGateway, client: Client, fault: str) -> None:
    cursor = Cursor(5)
    seen = []

    def script(asked: Asked) -> Canned:
        seen.append(asked)
        return answers(fault)(asked) if len(seen) == 2 else cursor(asked)

    gateway.script = script
    assert keys(client) == ["1", "2", "3", "4", "5"]


def test_a_cursor_that_moved_with_a_refusal_loses_no_rows_unseen(gateway: CannedGateway, client: Client) -> None:
    cursor = Cursor(9)
    seen = []

    def script(asked: Asked) -> Canned:
        seen.append(asked)
        answer = cursor(asked)
        return Canned(BARE) if len(seen) == 2 else answer

    gateway.script = script
    with pytest.raises(e.CursorExpired, match="2 rows got lost"):
        keys(client)


@pytest.mark.parametrize("fault", ["try later, control", "try later, bare control", "try later, sign-in"])
def test_a_write_told_to_come_later_did_not_run(gateway: CannedGateway, client: Client, fault: str) -> None:
    gateway.answers(answers(fault))
    with pytest.raises(e.GatewayBusy) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.BUSY, False)
    assert len(gateway.calls) == 1


def test_one_function_told_to_come_later_did_not_run(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(answers("try later, result"))
    found = error_of(client.execute(WRITE), "w")
    assert isinstance(found, e.TryLater)
    assert isinstance(found, e.GatewayBusy)
    assert (found.retry, found.executed) == (RetryClass.BUSY, False)
    assert len(gateway.calls) == 1


def test_a_function_that_wrote_before_it_was_told_to_come_later_is_not_sent_again(
    gateway: CannedGateway, client: Client
) -> None:
    inside = '<data count="1"><class><RECORDNO>5</RECORDNO></class></data>'
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, LATER, inside=inside)))
    found = error_of(client.execute(WRITE), "w")
    assert (type(found), found.executed) == (e.PartialWrite, True)


def test_a_telling_fault_wins_over_the_advice_to_come_later(gateway: CannedGateway, client: Client) -> None:
    taken = error("BL34000061", "", "Another Class with the given value(s) A already exists")
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, taken, LATER)))
    assert isinstance(error_of(client.execute(WRITE), "w"), e.Duplicate)


@pytest.mark.parametrize(
    "fault",
    ["bare control", "empty control", "success and nothing else", "network 200", "network 403", "network 503"],
)
def test_nobody_knows_what_became_of_a_write(gateway: CannedGateway, client: Client, fault: str) -> None:
    gateway.answers(answers(fault))
    with pytest.raises(e.ExchangeError) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.AMBIGUOUS, None)
    assert len(gateway.calls) == 1


@pytest.mark.parametrize("fault", [error("XL03000003", "", "XML Parse schema error"), error("GW-0014", "", "type")])
def test_a_bare_refusal_that_says_why_is_not_asked_again(gateway: CannedGateway, client: Client, fault: str) -> None:
    gateway.answers(Canned(control_failure(fault)))
    with pytest.raises(e.SchemaError):
        client.page("CUSTOMER", ["RECORDNO"])
    assert len(gateway.calls) == 1


def test_a_bare_refusal_of_the_request_is_not_asked_again(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(control_failure(error("NEW", "", "no")), 400))
    with pytest.raises(e.ControlError):
        client.page("CUSTOMER", ["RECORDNO"])
    assert len(gateway.calls) == 1


def test_a_record_named_after_the_network_is_no_page_of_it(gateway: CannedGateway, make_client: MakeClient) -> None:
    rows = '<data count="1"><VENDOR><RECORDNO>1</RECORDNO><NAME>Cloudflare</NAME></VENDOR></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, rows))[:-30])
    with pytest.raises(e.ProtocolError, match="cut short"):
        make_client(tries=1).page("VENDOR", ["RECORDNO", "NAME"])
