"""Every failure becomes an error of its own class, with a verdict."""

from __future__ import annotations

from typing import Any

import pytest

from flask_intacct.gateway import Client, Function, RetryClass, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway.errors import AuthError, ControlError, ResultError
from flask_intacct.gateway.faults import ExchangeError

from .canned import (
    Asked,
    Canned,
    CannedGateway,
    auth_failure,
    control_failure,
    error,
    error_of,
    failed,
    reply,
    result,
    result_of,
)
from .conftest import MakeClient

WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
READ = [functions.query("CLASS", ["RECORDNO"], control_id="r")]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (("XL03000003", "", "XML Parse schema error: bad. Line: 3, column: 9."), e.SchemaError),
        (("XL03000006", "", "Incorrect Intacct XML Partner ID or password."), e.SenderError),
        (("XL03000006", "", "x is not a valid transport policy."), e.PolicyError),
        (("PL04000055", "", "This company is a demo company and has expired."), e.CompanyExpired),
        (("XMLGW_JPP0002", "", "Sign-in information is incorrect. Please check your request."), e.CompanyUnknown),
        (("GW-0011", "", "Invalid Request"), e.CompanyUnknown),
        (("GW-0014", "", "content type"), e.SchemaError),
        (("whatever", "", ""), e.ControlError),
    ],
)
def test_control_failures(
    gateway: CannedGateway, client: Client, fault: tuple[str, str, str], kind: type[ControlError]
) -> None:
    gateway.script = lambda asked: Canned(control_failure(error(*fault), asked=asked))
    with pytest.raises(e.ControlError) as caught:
        client.execute(WRITE)
    assert type(caught.value) is kind
    assert caught.value.level == "control"
    assert caught.value.executed is False
    assert caught.value.errors[0].errorno == fault[0]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (("XL03000006", "", "Sign-in information is incorrect"), e.BadLogin),
        (
            (
                "XL03000006",
                "Invalid Web Services Authorization",
                "The sender ID 'x' is not authorized to make Web Services requests to company ID 'y'.",
            ),
            e.SenderNotAuthorised,
        ),
        (("XL03000006", "", "IP Address 10.0.0.1 Denied"), e.AddressDenied),
        (("XL03000006", "", "Entity 'E9' is not valid"), e.EntityRefused),
        (("XX", "", "something new"), e.AuthError),
    ],
)
def test_sign_in_failures(
    gateway: CannedGateway, client: Client, fault: tuple[str, str, str], kind: type[AuthError]
) -> None:
    gateway.sign_in = lambda asked: Canned(auth_failure(asked, error(*fault)))
    with pytest.raises(e.AuthError) as caught:
        client.sign_in()
    assert type(caught.value) is kind
    assert caught.value.retry is RetryClass.CREDENTIAL
    assert caught.value.executed is False


@pytest.mark.parametrize(
    ("fault", "kind", "retry"),
    [
        (("PL04000005", "", "You do not have permission for API operation CREATE"), e.PermissionDenied, "data"),
        (("BL34000061", "", "Another Class with the given value(s) A already exists"), e.Duplicate, "data"),
        (("PL05000104", "", "… already exists"), e.Duplicate, "data"),
        (("BL01001973", "", "Could not create Class record!"), e.Validation, "data"),
        (("BL01001973", "", "Cannot find class with key 'UT01' to delete."), e.NotFound, "data"),
        (("Cannot update non-existing CLASS with CLASSID=UT99.", "", ""), e.NotFound, "data"),
        (("BL03000025", "", "Login ID x does not exist."), e.NotFound, "data"),
        (("BL03000018", "", "Periods are closed for this date"), e.PeriodClosed, "period"),
        (("", "", "The date is within a period that's been closed"), e.PeriodClosed, "period"),
        (("", "", "This feature is disabled for your company"), e.Disabled, "data"),
        (("", "", "The module is not subscribed"), e.Disabled, "data"),
        (("PL04000005", "", "The module is not subscribed"), e.Disabled, "data"),
        (("DL02000001", "Error", "There was an error processing the request."), e.ResultError, "busy"),
        (("", "", "There are too many operations running for this company"), e.TooManyOperations, "rate"),
        (("", "", "The Service is Temporarily Off-line"), e.TooManyOperations, "busy"),
        (("XL03000009", "", "The entire transaction in this operation"), e.RolledBack, "data"),
        (("PL01000127", "", "document number missing"), e.NumberingOff, "data"),
        (("BL03000018", "", "The field CUSTOMERID is missing."), e.NumberingOff, "data"),
        (("BL01001973", "", "Missing Vendor ID"), e.NumberingOff, "data"),
        (("BL03000018", "", "Date must be on or after 04/01/2026."), e.PeriodClosed, "period"),
        (("BL03000018", "", "Due date must be on or after 04/01/2026."), e.Validation, "data"),
        (("BL03000018", "", "Date must be on or after the start date."), e.Validation, "data"),
        (
            ("BL01001973", "", "The period for the date 02/01/2026 is closed for Accounts Payable"),
            e.PeriodClosed,
            "period",
        ),
        (("BL01001973", "", "The books are closed through 02/28/2026"), e.PeriodClosed, "period"),
        (("BL01001973", "", "It falls within a period that’s been closed"), e.PeriodClosed, "period"),
        (("BL01001973", "", "The accounts payable subledger has already been closed"), e.PeriodClosed, "period"),
        (("BL01001973", "", "Accounts Receivable is closed for the period of 02/01/2026"), e.PeriodClosed, "period"),
        (("BL01001973", "", "The GL posting date falls within a closed accounting period"), e.PeriodClosed, "period"),
        (("BL01001973", "", "The project is closed"), e.Validation, "data"),
        (
            ("PL04000096", "", "Another record with the value 'Carol Clark' for Vendor name was found"),
            e.Duplicate,
            "data",
        ),
        (("BL01001973", "", "Another Customer with the given value(s) C1 was found"), e.Duplicate, "data"),
        (("BL01001973", "Duplicate account number", "", "Enter unique account number"), e.Duplicate, "data"),
        (("BL01001973", "", "The account number 4000 already exists"), e.Duplicate, "data"),
        (("BL01001973", "", "Duplicate dimension on the line"), e.Validation, "data"),
        (("BL03002126", "", "The vendor &amp;quot;V-9&amp;quot; is invalid."), e.Validation, "data"),
        (
            ("BL01001973", "", "Tax details are either missing or don't belong to the tax solution"),
            e.Validation,
            "data",
        ),
        (("", "", "There is no due on the bill 17"), e.ResultError, "data"),
        (("", "", "You do not have permission to view audit history"), e.PermissionDenied, "data"),
        (("BL03000018", "", "Illegal format for Contactversion : Primary Email Address x"), e.Validation, "data"),
        (("", "", "There was an error processing the request."), e.ResultError, "busy"),
        (("new one", "", "never seen"), e.ResultError, "data"),
    ],
)
def test_result_failures(
    gateway: CannedGateway, client: Client, fault: tuple[str, ...], kind: type[ResultError], retry: str
) -> None:
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error(*fault))))
    found = error_of(client.execute(WRITE), "w")
    assert type(found) is kind
    assert found.retry == retry
    assert found.executed is False
    assert (found.function, found.control_id) == ("create", "w")


def test_a_control_id_that_ran_before_must_be_looked_up(gateway: CannedGateway, client: Client) -> None:
    text = "A request's function with the control ID w is in process"
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("SOME", "", text))))
    found = error_of(client.execute(WRITE, unique=True), "w")
    assert isinstance(found, e.AlreadyProcessed)
    assert (found.retry, found.executed) == (RetryClass.AMBIGUOUS, None)


def test_the_telling_fault_wins_over_the_general_ones(gateway: CannedGateway, client: Client) -> None:
    faults = [
        error("BL01001973", "", "Could not create Class record!"),
        error(
            "BL34000061", "", "Another Class with the given value(s) A already exists", "Use a unique value instead."
        ),
        error("XL03000009", "", "rolled back"),
    ]
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, *faults)))
    found = error_of(client.execute(WRITE), "w")
    assert isinstance(found, e.Duplicate)
    assert len(found.errors) == 3


def test_support_ids_are_decoded_and_kept_out_of_the_texts(gateway: CannedGateway, client: Client) -> None:
    text = "No such thing does exist [Support ID: Xpw%7EE02%5Ea]"
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("BL1", "", text))))
    found = error_of(client.execute(WRITE), "w")
    assert found.support_id == "Xpw~E02^a"
    assert found.errors[0].description2 == "No such thing does exist"


def test_a_status_nobody_knows_is_an_unknown_outcome(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, status="perhaps")))
    found = error_of(client.execute(WRITE), "w")
    assert (found.retry, found.executed) == (RetryClass.AMBIGUOUS, None)


def test_a_count_without_keys_is_an_unknown_outcome(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(
        reply(asked, failed(asked, error("BL01001973", "", "bad"), inside='<data count="1"/>'))
    )
    outcome = result_of(client.execute(WRITE), "w")
    assert isinstance(outcome.error, e.PartialWrite)
    assert outcome.error is not None
    assert (outcome.error.retry, outcome.error.executed) == (RetryClass.AMBIGUOUS, None)


@pytest.mark.parametrize(
    ("status", "body", "kind", "retry", "executed"),
    [
        (429, b"", e.GatewayBusy, "rate", False),
        (200, b"API rate limit exceeded (GW-0010)", e.GatewayBusy, "rate", False),
        (200, b"There are too many operations running for this company", e.GatewayBusy, "rate", False),
        (200, b"<html>The Service is Temporarily Off-line</html>", e.GatewayBusy, "ambiguous", None),
        (500, b"<html>oops</html>", e.GatewayBusy, "ambiguous", None),
        (503, b"<html>maintenance</html>", e.GatewayBusy, "ambiguous", None),
        (524, b"<html>a timeout occurred</html>", e.GatewayBusy, "ambiguous", None),
        (404, b"<html>nothing here</html>", e.ProtocolError, "ambiguous", None),
        (200, b"<html>please log in</html>", e.ProtocolError, "ambiguous", None),
        (200, b"", e.ProtocolError, "ambiguous", None),
        (
            400,
            b"<error><errorno>GW-0011</errorno><description>Invalid Request</description></error>",
            e.CompanyUnknown,
            "credential",
            False,
        ),
    ],
)
def test_http_failures_of_a_write(
    gateway: CannedGateway,
    client: Client,
    status: int,
    body: bytes,
    kind: type[ExchangeError],
    retry: str,
    executed: bool | None,
) -> None:
    gateway.answers(Canned(body, status))
    with pytest.raises(e.ExchangeError) as caught:
        client.execute(WRITE)
    assert type(caught.value) is kind
    assert (caught.value.retry, caught.value.executed) == (retry, executed)
    assert caught.value.http_status == status
    assert len(gateway.calls) == 1


def test_an_envelope_is_read_whatever_the_http_status(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(
        control_failure(error("XMLGW_JPP0002", "", "Sign-in information is incorrect")), 401
    )
    with pytest.raises(e.CompanyUnknown) as caught:
        client.sign_in()
    assert caught.value.http_status == 401


def test_a_fault_of_the_gateway_itself_leaves_a_write_unknown(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(control_failure(error("GW-0003", "", "internal")), 500))
    with pytest.raises(e.GatewayBusy) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.AMBIGUOUS, None)


def test_a_reply_to_another_request_is_refused(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked).replace(asked.control_id.encode(), b"someone-else"))
    with pytest.raises(e.ProtocolError, match="another request"):
        client.execute(WRITE)


def test_a_busy_gateway_is_asked_again_by_a_read(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(
        Canned(b"<html/>", 503),
        Canned(b"", 429, {"Retry-After": "0"}),
        Canned(drop=True),
        lambda asked: Canned(reply(asked)),
    )
    assert result_of(client.execute(READ), "r").ok
    assert len(gateway.calls) == 4


def test_a_read_gives_up_after_its_tries(gateway: CannedGateway, make_client: MakeClient) -> None:
    gateway.answers(Canned(b"<html/>", 503))
    with pytest.raises(e.GatewayBusy) as caught:
        make_client(tries=3).execute(READ)
    assert caught.value.retry is RetryClass.BUSY
    assert len(gateway.calls) == 3


def test_a_request_that_reads_and_writes_is_a_write(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(b"<html/>", 503))
    with pytest.raises(e.GatewayBusy):
        client.execute([*READ, *WRITE])
    assert len(gateway.calls) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"X-IA-Hour-Rate-Limit-Retry-After": "9", "Retry-After": "3"}, 9.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_the_gateway_asks_for(
    gateway: CannedGateway, make_client: MakeClient, headers: dict[str, Any], wait: float | None
) -> None:
    gateway.answers(Canned(b"", 429, headers))
    with pytest.raises(e.GatewayBusy) as caught:
        make_client(tries=1).execute(READ)
    assert caught.value.retry_after == wait


def test_an_error_tells_the_whole_story_in_its_text() -> None:
    from flask_intacct.gateway.classify import error_for

    fault = e.GatewayFault("BL1", "Bad", "Really\nbad", "Try harder", "abc")
    assert (
        str(error_for("result", [fault], function="create"))
        == "create: BL1: Bad Really bad Try harder [support id abc]"
    )


def test_a_function_can_be_any_of_the_gateways(gateway: CannedGateway, client: Client) -> None:
    client.execute([Function("get_companyprefs", {}, "p")])
    assert gateway.calls[0].names == ["get_companyprefs"]


def test_a_read_waits_while_too_many_operations_run(gateway: CannedGateway, client: Client) -> None:
    busy = error("DL02000001", "", "There are too many operations running for this company")
    gateway.answers(lambda asked: Canned(reply(asked, failed(asked, busy))), lambda asked: Canned(reply(asked)))
    assert result_of(client.execute(READ), "r").ok
    assert len(gateway.calls) == 2


def test_a_write_is_told_that_too_many_operations_run(gateway: CannedGateway, client: Client) -> None:
    busy = error("DL02000001", "", "There are too many operations running for this company")
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, busy)))
    assert isinstance(error_of(client.execute(WRITE), "w"), e.GatewayBusy)
    assert len(gateway.calls) == 1


UNDONE = error("XL03000009", "", "The entire transaction in this operation has been rolled back")


@pytest.mark.parametrize("status", ["aborted", "failure"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error("BL34000061", "", "Another Class already exists"), e.Duplicate),
        (error("NEW-1", "", "never seen"), e.ResultError),
        ("", e.RolledBack),
    ],
)
def test_the_cause_of_a_rollback_is_told_from_its_victims(
    gateway: CannedGateway, client: Client, status: str, fault: str, kind: type[ResultError]
) -> None:
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, fault, UNDONE, status=status)))
    found = error_of(client.execute(WRITE, transaction=True), "w")
    assert type(found) is kind
    assert found.executed is False


@pytest.mark.parametrize("inside", ['<data count="1"><class><RECORDNO>5</RECORDNO></class></data>', "<key>5</key>"])
@pytest.mark.parametrize("status", ["aborted", "failure", "success"])
def test_what_was_rolled_back_is_not_written_whatever_keys_are_told(
    gateway: CannedGateway, client: Client, inside: str, status: str
) -> None:
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, UNDONE, inside=inside, status=status)))
    outcome = result_of(client.execute(WRITE, transaction=True), "w")
    assert (outcome.ok, outcome.written) == (False, [])
    assert outcome.error is not None
    assert (outcome.error.retry, outcome.error.executed) == (RetryClass.AMBIGUOUS, None)


def test_a_reply_without_a_status_does_not_renew_the_session(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(
        auth_failure(asked, error("XL03000006", "", "Invalid session q....")).replace(
            b"<status>failure</status><", b"<"
        )
    )
    with pytest.raises(e.ProtocolError) as caught:
        client.execute(WRITE)
    assert (caught.value.level, caught.value.executed) == ("http", None)
    assert (gateway.sign_ins, len(gateway.calls)) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "kind", "retry", "executed"),
    [
        (
            error("SOME", "", "A request's function with the control ID w is in process"),
            e.AlreadyProcessed,
            "ambiguous",
            None,
        ),
        (error("BL34000061", "", "Another Class with the given value(s) A already exists"), e.Duplicate, "data", False),
        (error("NEW", "", "never seen"), e.ResultError, "ambiguous", None),
        ("", e.ResultError, "ambiguous", None),
    ],
)
def test_a_result_without_a_status_is_judged_by_what_it_says(
    gateway: CannedGateway, client: Client, fault: str, kind: type[ResultError], retry: str, executed: bool | None
) -> None:
    def script(asked: Asked) -> Canned:
        return Canned(reply(asked, failed(asked, fault).replace("<status>failure</status>", "")))

    gateway.script = script
    found = error_of(client.execute(WRITE, unique=True), "w")
    assert (type(found), found.retry, found.executed) == (kind, retry, executed)


def test_a_read_is_not_sent_again_while_the_first_may_still_run(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(b"<html>a timeout occurred</html>", 524))
    with pytest.raises(e.GatewayBusy) as caught:
        client.execute(READ)
    assert (caught.value.http_status, caught.value.executed) == (524, None)
    assert len(gateway.calls) == 1


def test_a_moment_to_come_back_at_is_told_by_the_gateways_clock(
    gateway: CannedGateway, make_client: MakeClient
) -> None:
    headers = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}
    gateway.answers(Canned(b"", 429, headers))
    with pytest.raises(e.GatewayBusy) as caught:
        make_client(tries=1).execute(READ)
    assert caught.value.retry_after == 30.0


def test_an_asynchronous_request_too_large_for_the_gateway_is_not_sent(gateway: CannedGateway, client: Client) -> None:
    large = [functions.create("CLASS", {"CLASSID": "A", "DESCRIPTION": "x" * 500_000})]
    with pytest.raises(e.RequestError, match="500,000"):
        client.execute(large, policy="later")
    assert gateway.calls == []
    client.execute(large)
    assert len(gateway.calls) == 1


@pytest.mark.parametrize("status", [404, 429, 500, 503, 524])
def test_a_page_in_place_of_a_reply_is_quoted(gateway: CannedGateway, make_client: MakeClient, status: int) -> None:
    page = "<html><title>Maintenance until noon</title>\n" + "x" * 10_000
    gateway.answers(Canned(page.encode(), status))
    with pytest.raises(e.ExchangeError, match="Maintenance until noon") as caught:
        make_client(tries=1).execute(READ)
    assert str(status) in str(caught.value)
    assert len(str(caught.value)) < 400


def test_no_error_text_can_steer_a_terminal(gateway: CannedGateway, client: Client) -> None:
    text = "bad\x9b31m \u202etxt\u2028next\x85line"
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("BL1", "", text))))
    found = error_of(client.execute(WRITE), "w")
    assert str(found).isprintable()
    assert found.errors[0].description2 == text


def test_a_service_that_says_to_be_off_line_is_asked_again_by_a_read(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(b"<html>The Service is Temporarily Off-line</html>"), lambda asked: Canned(reply(asked)))
    assert result_of(client.execute(READ), "r").ok


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_fault_of_the_gateway_is_an_unknown_outcome_whatever_the_http_status(
    gateway: CannedGateway, client: Client, status: int
) -> None:
    gateway.answers(Canned(control_failure(error("GW-0003", "", "internal")), status))
    with pytest.raises(e.GatewayBusy) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.AMBIGUOUS, None)


@pytest.mark.parametrize("refusal", ["control", "authentication"])
def test_a_control_id_that_ran_before_must_be_looked_up_at_whatever_level_it_is_told(
    gateway: CannedGateway, client: Client, refusal: str
) -> None:
    fault = error("SOME", "", "A request's function with the control ID w is in process")
    gateway.script = lambda asked: Canned(
        control_failure(fault, asked=asked) if refusal == "control" else auth_failure(asked, fault)
    )
    with pytest.raises(e.AlreadyProcessed) as caught:
        client.execute(WRITE, unique=True)
    assert (caught.value.level, caught.value.retry, caught.value.executed) == (refusal, RetryClass.AMBIGUOUS, None)
    assert len(gateway.calls) == 1


GENERIC = error("DL02000001", "Error", "There was an error processing the request.")


def test_a_read_that_failed_for_no_told_reason_is_tried_once_more(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(lambda asked: Canned(reply(asked, failed(asked, GENERIC))), lambda asked: Canned(reply(asked)))
    assert result_of(client.execute(READ), "r").ok
    assert len(gateway.calls) == 2


@pytest.mark.parametrize(
    ("calls", "sent"),
    [(READ, 2), (WRITE, 1), ([functions.read_more("cursor", control_id="m")], 1), ([*READ, *WRITE], 1)],
    ids=["read", "write", "read more", "both"],
)
def test_and_no_more_than_once(gateway: CannedGateway, client: Client, calls: list[Function], sent: int) -> None:
    def script(asked: Asked) -> Canned:
        return Canned(reply(asked, *(failed(asked, GENERIC, index=i) for i in range(len(asked.ids)))))

    gateway.script = script
    assert all(isinstance(result.error, e.ResultError) for result in client.execute(calls).results)
    assert len(gateway.calls) == sent
