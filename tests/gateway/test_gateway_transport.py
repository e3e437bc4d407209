"""Where requests may go, and what of them may be kept."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import pytest

from flask_intacct.gateway import Client, Exchange, Login, RetryClass, Sender, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway.transport import check_endpoint

from .canned import SESSION, Canned, CannedGateway, reply, result_of, session_reply
from .conftest import MakeClient

WRITE = [functions.create("CLASS", {"CLASSID": "A"}, control_id="w")]
READ = [functions.query("CLASS", ["RECORDNO"], control_id="r")]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.intacct.com/ia/xml/xmlgw.phtml",
        "https://p1.intacct.com/ia/xml/xmlgw.phtml",
        "https://a.b.intacct.com",
    ],
)
def test_the_gateways_addresses_are_accepted(url: str) -> None:
    assert check_endpoint(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.intacct.com/ia/xml/xmlgw.phtml",
        "https://intacct.com/",
        "https://evil-intacct.com/",
        "https://api.intacct.com.evil.example/",
        "https://api.intacct.com:8443/",
        "https://user@api.intacct.com/",
        "https://evil.example/.intacct.com",
        "https://evil.example\\.intacct.com/",
        "https://evil.example#.intacct.com",
        "https://evil.example?.intacct.com",
        "https://api.intacct.com\n/",
        "https://api.intacct.com/x?next=1",
        " https://api.intacct.com/",
        "ftp://api.intacct.com/",
        "http://127.0.0.1:80/",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(e.UnsafeEndpoint):
        check_endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:canary@evil.example/",
        "https://user:canary://canary@evil.example/canary",
        "https://user:can/canary@evil.example/",
        "user:canary@evil.example",
        "https://evil.example/canary?canary#canary",
    ],
)
def test_a_refused_address_is_told_without_what_may_be_secret(url: str) -> None:
    with pytest.raises(e.UnsafeEndpoint, match=r"evil\.example") as caught:
        check_endpoint(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000/x", "http://localhost/", "http://[::1]:80/x"])
def test_loopback_only_when_allowed(url: str) -> None:
    assert check_endpoint(url, loopback=True) == url
    with pytest.raises(e.UnsafeEndpoint):
        Client(Login("c", "u", "p"), Sender("s", "p"), endpoint=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1.evil.example/", "http://127.0.0.2/", "http://evil@127.0.0.1/"])
def test_almost_loopback_is_refused(url: str) -> None:
    with pytest.raises(e.UnsafeEndpoint):
        Client(Login("c", "u", "p"), Sender("s", "p"), endpoint=url, allow_loopback=True)


@pytest.mark.parametrize("endpoint", ["https://evil.example/", "https://api.intacct.com/ia/xml/xmlgw.phtml"])
def test_a_foreign_endpoint_in_the_sign_in_is_refused(gateway: CannedGateway, client: Client, endpoint: str) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, endpoint))
    with pytest.raises(e.UnsafeEndpoint):
        client.execute(READ)
    assert gateway.calls == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(gateway: CannedGateway, client: Client, status: int) -> None:
    other = CannedGateway()
    gateway.answers(Canned(b"", status, {"Location": other.url}))
    with pytest.raises(e.ProtocolError, match="redirects"):
        client.execute(WRITE)
    assert other.asked == []
    other.close()


def test_a_proxy_of_the_environment_is_not_used(
    gateway: CannedGateway, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = CannedGateway()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    client.execute(READ)
    assert proxy.asked == []
    proxy.close()


def test_credentials_and_certificates_of_the_environment_are_not_used(
    gateway: CannedGateway, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    netrc.chmod(0o600)
    for name in ("NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(netrc))
    client.execute(READ)
    assert not any("authorization" in asked.headers for asked in gateway.asked)


def test_the_endpoint_of_the_session_is_used(gateway: CannedGateway, client: Client) -> None:
    other = CannedGateway()
    gateway.sign_in = lambda asked: Canned(session_reply(asked, other.url))
    client.execute(READ)
    assert gateway.calls == []
    assert len(other.calls) == 1
    other.close()


def test_connections_are_kept(gateway: CannedGateway, client: Client) -> None:
    for _ in range(5):
        client.execute([functions.query("CLASS", ["RECORDNO"])])
    assert gateway.connections == 1


def test_gzip_is_asked_for_and_unpacked(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(gzip.compress(reply(asked)), headers={"Content-Encoding": "gzip"})
    assert result_of(client.execute(READ), "r").ok
    assert gateway.calls[0].headers["accept-encoding"] == "gzip"
    assert gateway.calls[0].headers["content-type"] == "application/xml"


def test_broken_gzip_is_no_reply(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(b"not gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(e.NoReply):
        client.execute(WRITE)


def test_a_reply_too_big_is_cut_off(gateway: CannedGateway, make_client: MakeClient) -> None:
    client = make_client(largest_reply=10_000)
    bomb = gzip.compress(b"<response>" + b" " * 5_000_000)
    gateway.answers(Canned(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(e.ProtocolError, match="larger"):
        client.execute(WRITE)


def test_no_connection_means_not_sent(make_client: MakeClient) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/"
    with pytest.raises(e.NotSent) as caught:
        make_client(endpoint=url, tries=2).execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.NOT_SENT, False)


@pytest.mark.parametrize(
    "answer",
    [Canned(drop=True), Canned(b"<response>", declared=5000), Canned(b"", delay=0.6)],
    ids=["dropped", "truncated", "late"],
)
def test_a_lost_reply_leaves_a_write_unknown(gateway: CannedGateway, make_client: MakeClient, answer: Canned) -> None:
    client = make_client(read_timeout=0.3)
    gateway.answers(answer)
    with pytest.raises(e.NoReply) as caught:
        client.execute(WRITE)
    assert (caught.value.retry, caught.value.executed) == (RetryClass.AMBIGUOUS, None)
    assert len(gateway.calls) == 1


def test_errors_carry_no_request(gateway: CannedGateway, client: Client) -> None:
    gateway.answers(Canned(drop=True))
    with pytest.raises(e.NoReply) as caught:
        client.execute(WRITE)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_cookies_are_not_kept(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked), headers={"Set-Cookie": "a=b; Path=/"})
    client.execute(READ)
    client.execute(READ)
    assert "cookie" not in gateway.calls[1].headers


def test_the_reply_is_utf8_whatever_its_header_says(gateway: CannedGateway, client: Client) -> None:
    data = '<data count="1"><CUSTOMER><NAME>Zoë Ångström 株</NAME></CUSTOMER></data>'
    from .canned import result

    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert client.read("CUSTOMER", [1]) == [{"NAME": "Zoë Ångström 株"}]


def test_every_try_is_reported_without_secrets(gateway: CannedGateway, make_client: MakeClient) -> None:
    seen: list[Exchange] = []
    client = make_client(on_exchange=seen.append)
    gateway.answers(Canned(b"<html/>", 503), lambda asked: Canned(reply(asked)))
    vendor = {"VENDORID": "V1", "TAXID": "GB999", "ACHACCOUNTNUMBER": "12345678"}
    client.execute([functions.query("VENDOR", ["NAME"], control_id="q")])
    client.execute([functions.create("VENDOR", vendor, control_id="v")])
    assert [(x.kind, x.functions, x.http_status) for x in seen] == [
        ("session", ("getAPISession",), 200),
        ("read", ("query",), 503),
        ("read", ("query",), 200),
        ("write", ("create",), 200),
    ]
    assert seen[1].error.startswith("GatewayBusy")
    assert seen[3].control_ids == ("v",)
    kept = "".join(x.request + x.response for x in seen)
    for secret in ("s3cret", SESSION, "GB999", "12345678", "acme</companyid></login>"):
        assert secret not in kept
    assert "<VENDORID>V1</VENDORID>" in kept


def test_a_lost_reply_is_reported_too(gateway: CannedGateway, make_client: MakeClient) -> None:
    seen: list[Exchange] = []
    client = make_client(on_exchange=seen.append)
    gateway.answers(Canned(drop=True))
    with pytest.raises(e.NoReply):
        client.execute(WRITE)
    assert (seen[-1].http_status, seen[-1].response) == (None, "")
    assert seen[-1].error.startswith("NoReply")
