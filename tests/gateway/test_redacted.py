"""Bank details, card numbers and tax numbers: whatever the markup around them is like, none is kept of an exchange."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flask_intacct.gateway import Client, Exchange, Login, Sender, WireLog, functions
from flask_intacct.gateway.redact import LONGEST, Secrets, redact

from .canned import Canned, CannedGateway, error, failed, reply

CANARY = "40478812345678"
HIDDEN = [
    "TAXID", "SSN", "ACCOUNTNUMBER", "ACHACCOUNTNUMBER", "ACHBANKROUTINGNUMBER", "WIREACCOUNTNUMBER", "CARDNUM",
    "WIREBANKROUTINGNUMBER", "BANKACCOUNTNO", "BANKACCOUNTNUMBER", "ROUTINGNO", "FRACTIONALROUTINGNO", "IBAN", "BIC",
    "SWIFTCODE", "SORTCODE", "CARDNUMBER", "CREDITCARDNUMBER", "IBANNUMBER", "BSBNUMBER",
]  # fmt: skip

MARKUP = {
    "an element": "<{name}>{value}</{name}>",
    "a dotted one": "<DISPLAYCONTACT.{name}>{value}</DISPLAYCONTACT.{name}>",
    "a prefixed one": "<v:{name}>{value}</v:{name}>",
    "CDATA": "<{name}><![CDATA[{value}]]></{name}>",
    "CDATA in two": "<{name}><![CDATA[]]><![CDATA[{value}]]></{name}>",
    "a comment before": "<{name}><!-- kept -->{value}</{name}>",
    "a child": "<{name}><text>{value}</text></{name}>",
    "blanks in the tags": "<{name}\n>{value}</{name} >",
    "an attribute beside": '<{name} a="b">{value}</{name}>',
    "an attribute of it": '<{name} value="{value}"/>',
    "an attribute of a list": '<vendor {name}="{value}">',
    "no end tag": "<{name}>{value}",
    "a filter": "<equalto><field>{name}</field><value>{value}</value></equalto>",
    "a filter with blanks": "<in><field > VENDOR.{name} </field>\n<value>1</value> <value>{value}</value></in>",
    "a query": "<query>NAME = 'x' and {name} = '{value}'</query>",
    "a query of several": "<query>{name} not in ('1', '{value}')</query>",
    "escaped quotes": "<query>{name} &gt;= &apos;{value}&apos; or {name} like &quot;{value}&quot;</query>",
    "said as text": "<description2>in &lt;{name}&gt;{value}&lt;/{name}&gt;</description2>",
    "said again": "<{name}>{value}</{name}><description2>The number {value} is not valid.</description2>",
}


@pytest.mark.parametrize("markup", MARKUP.values(), ids=list(MARKUP))
@pytest.mark.parametrize("name", HIDDEN)
def test_no_number_of_a_bank_a_card_or_an_office_is_kept(name: str, markup: str) -> None:
    for written in (name, name.lower(), name.title()):
        text = markup.format(name=written, value=CANARY)
        for encoding in ("utf-8", "utf-16", "utf-32"):
            kept = redact(f"<a><KEPT>17</KEPT>{text}".encode(encoding))
            assert CANARY not in kept
            assert "***" in kept or "value" in markup
            assert "<KEPT>17</KEPT>" in kept


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_document_that_is_cut_tells_none(cut: int) -> None:
    text = f"<a>{'x' * 40}<TAXID>{CANARY}</TAXID><IBAN>{CANARY}</IBAN></a>"
    assert CANARY not in redact(text[: len(text) - cut].encode())
    long = "x" * (4 * LONGEST - cut) + f"<TAXID>{CANARY}</TAXID>"
    assert CANARY[:6] not in redact(long.encode())


def test_what_is_no_such_number_is_kept() -> None:
    text = (
        "<create><VENDOR><NAME>Pipe &amp; Co</NAME><TAXID></TAXID><IBAN/><GLACCOUNTNO>4000</GLACCOUNTNO>"
        "<BANKACCOUNTID>LLOYDS</BANKACCOUNTID><VENDORID>V7</VENDORID></VENDOR></create>"
    )
    assert redact(text.encode()).replace("***", "") == text


def test_a_password_comes_back_in_another_encoding() -> None:
    secrets = Secrets("geheimnißvoll")
    for encoding in ("utf-8", "latin-1", "cp1252"):
        kept = redact("<p>Wrong: geheimnißvoll</p>".encode(encoding), secrets)
        assert (kept, encoding) == ("<p>Wrong: ***</p>", encoding)


def test_an_error_that_says_a_number_of_the_request_back_does_not_tell_it(
    gateway: CannedGateway, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Exchange] = []
    log = WireLog(tmp_path / "wire")

    def keep(exchange: Exchange) -> None:
        seen.append(exchange)
        log(exchange)

    said = f"Vendor: the tax ID {CANARY} is used by V1."
    client = Client(
        Login("acme", "ws", "secret"), Sender("me", "sender"), endpoint=gateway.url, allow_loopback=True,
        on_exchange=keep, tries=1,
    )  # fmt: skip
    vendor = functions.create("VENDOR", {"NAME": "Pipe & Co", "TAXID": CANARY}, control_id="w")
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, error("BL01001973", "", said))))
    client.execute([vendor])
    gateway.script = lambda asked: Canned(f"<p>{said}</p>".encode(), 500)
    with pytest.raises(Exception, match="500"):
        client.execute([vendor])
    client.close()
    kept = [f"{one.request} {one.response} {one.error} {one!r}" for one in seen]
    kept += [path.read_text() for path in (tmp_path / "wire").iterdir()]
    assert any("the tax ID ***" in text for text in kept)
    assert not [text for text in [*kept, caplog.text] if CANARY in text]
