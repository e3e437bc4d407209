"""One bad spot costs one row, not a page; and whoever reads is told which."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from flask_intacct.gateway import Client, Order, Spoiled, formats, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway.mending import AMPERSAND, CHARACTERS, UNREADABLE

from .canned import Asked, Canned, CannedGateway, Script, failed, reply, result, rows_data, session_reply, table
from .conftest import MakeClient

Reader = Callable[..., Client]
NAMES = ["Ash & Elm", "Beech", "Cedar", "Dogwood", "Elder"]


def vendors(*names: str) -> list[dict[str, str]]:
    """Five vendors; the third has this name as it stands, escaped or not."""
    third = names[0] if names else "Cedar"
    return [
        {"RECORDNO": str(n), "NAME": third if n == 3 else name.replace("&", "&amp;")} for n, name in enumerate(NAMES, 1)
    ]


@pytest.fixture
def told() -> list[Spoiled]:
    return []


@pytest.fixture
def reader(gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]) -> Reader:
    """A client in a gateway that has these vendors."""

    def reader(rows: list[dict[str, str]], **options: Any) -> Client:
        gateway.script = table(rows, "VENDOR")
        return make_client(on_spoiled=told.append, tries=1, **options)

    return reader


def names(rows: Iterable[dict[str, Any]]) -> list[Any]:
    return [row.get("NAME") for row in rows]


@pytest.mark.parametrize(
    ("name", "becomes", "reason"),
    [
        ("Ce\x1adar", "Cedar", CHARACTERS),
        ("Ce\x00dar\x0b", "Cedar", CHARACTERS),
        ("Ce&#x1a;dar", "Cedar", CHARACTERS),
        ("Ce&#0;dar&#xD800;&#xFFFF;", "Cedar", CHARACTERS),
        ("Ce\ufffedar", "Cedar", CHARACTERS),
        ("Cedar & Sons", "Cedar & Sons", AMPERSAND),
        ("&Cedar&", "&Cedar&", AMPERSAND),
        ("R&D &amp; Co &#233;", "R&D & Co é", AMPERSAND),
        ("A\x01 & B", "A & B", f"{CHARACTERS}; {AMPERSAND}"),
    ],
)
def test_a_row_is_repaired_and_named(reader: Reader, told: list[Spoiled], name: str, becomes: str, reason: str) -> None:
    page = reader(vendors(name)).page("VENDOR", ["RECORDNO", "NAME"])
    assert names(page.rows) == [*NAMES[:2], becomes, *NAMES[3:]]
    assert list(page.spoiled) == told == [Spoiled("VENDOR", "3", reason, False)]


@pytest.mark.parametrize(
    "name", ["Ced<ar", "Cedar &nbsp; Co", "Ced\x1ar &unknown;", "<![CDATA[Ce\x1adar]]>", "<NAME>x"]
)
def test_a_row_that_can_not_be_repaired_is_left_out_and_named(reader: Reader, told: list[Spoiled], name: str) -> None:
    page = reader(vendors(name)).page("VENDOR", ["RECORDNO", "NAME"])
    assert names(page.rows) == [*NAMES[:2], *NAMES[3:]]
    assert list(page.spoiled) == told == [Spoiled("VENDOR", "3", UNREADABLE, True)]


@pytest.mark.parametrize(
    "field",
    ["GLDIMFit-out/Strip_Works", "1STCHOICE", "DEPT#", "GLDIMR&D", "A:B", "GLDIMCAFÉ–BAR", "GLDIMFit out Works"],
)
def test_a_field_with_a_name_that_no_element_can_have_is_read_under_it(
    reader: Reader, told: list[Spoiled], field: str
) -> None:
    page = reader([row | {field: "5"} for row in vendors()]).page("VENDOR", ["RECORDNO", "NAME"])
    assert page.rows == [{"RECORDNO": str(n), "NAME": name, field.upper(): "5"} for n, name in enumerate(NAMES, 1)]
    assert told == []


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ("<VENDORID>V-7</VENDORID><RECORDNO>7</RECORDNO>", "7"),
        ("<recordno> 7 </recordno>", "7"),
        ("<NAME>a</NAME><VENDORID>V-7</VENDORID>", "V-7"),
        ("<CUSTOMERID>C-1</CUSTOMERID>", ""),
        ("<id>10001</id>", "10001"),
    ],
)
def test_a_row_is_named_by_its_number_or_its_id(gateway: CannedGateway, client: Client, fields: str, key: str) -> None:
    data = f'<data listtype="vendor" count="1"><vendor>{fields}<X>a & b</X></vendor></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert client.page("VENDOR", ["NAME"]).spoiled == (Spoiled("VENDOR", key, AMPERSAND, False),)


def test_a_row_in_another_encoding_is_left_out(
    gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]
) -> None:
    good = table(vendors("Cédar"), "VENDOR")
    gateway.script = lambda asked: Canned(good(asked).body.replace("é".encode(), b"\xe9"))
    page = make_client(on_spoiled=told.append).page("VENDOR", ["RECORDNO", "NAME"])
    assert names(page.rows) == [*NAMES[:2], *NAMES[3:]]
    assert told == [Spoiled("VENDOR", "3", UNREADABLE, True)]


def test_an_empty_field_with_such_a_name_is_empty(gateway: CannedGateway, client: Client) -> None:
    data = '<data count="1"><VENDOR><RECORDNO>1</RECORDNO><GLDIMA/B/><GLDIMC/D></GLDIMC/D></VENDOR></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert client.read("VENDOR", [1]) == [{"RECORDNO": "1", "GLDIMA/B": None, "GLDIMC/D": None}]


@pytest.mark.parametrize("field", ["NA\x00ME", "NAME\x1a", "\x01NAME"])
def test_a_name_that_holds_such_characters_is_read_without_them(
    gateway: CannedGateway, client: Client, field: str
) -> None:
    data = f'<data listtype="V" count="1"><V><RECORDNO>1</RECORDNO><{field}>a</{field}></V></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    page = client.page("V", ["RECORDNO", "NAME"])
    assert page.rows == [{"RECORDNO": "1", "NAME": "a"}]
    assert page.spoiled == (Spoiled("V", "1", CHARACTERS, False),)


def test_no_name_is_taken_for_one_that_stands_in_for_another(gateway: CannedGateway, client: Client) -> None:
    row = "<V><mended.0>real</mended.0><mended.0.0>too</mended.0.0><A/B>5</A/B></V>"
    gateway.script = lambda asked: Canned(reply(asked, result(asked, f'<data count="1">{row}</data>')))
    assert client.read("V", [1]) == [{"MENDED.0": "real", "MENDED.0.0": "too", "A/B": "5"}]


def test_a_key_is_told_as_the_row_has_it(gateway: CannedGateway, client: Client) -> None:
    row = "<V><VID>A&amp;B &lt;1></VID><X>a & b</X></V>"
    gateway.script = lambda asked: Canned(reply(asked, result(asked, f'<data listtype="V" count="1">{row}</data>')))
    page = client.page("V", ["VID", "X"])
    assert [row.key for row in page.spoiled] == [page.rows[0]["VID"]] == ["A&B <1>"]


@pytest.mark.parametrize("name", ["Fit-out/Works", "Fit out", 'Fit kind="x"'])
def test_rows_with_such_a_name_are_read(gateway: CannedGateway, client: Client, name: str) -> None:
    rows = "".join(f"<{name}><id>{n}</id><a/b>x</a/b></{name.partition(' kind')[0]}>" for n in (1, 2))
    data = f'<data count="2">{rows}</data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert [(row["ID"], row["A/B"]) for row in client.page("UDD", ["id"]).rows] == [("1", "x"), ("2", "x")]


@pytest.mark.parametrize("bad", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_paging_by_key_goes_on_behind_a_row_left_out(reader: Reader, told: list[Spoiled], bad: int, size: int) -> None:
    rows = [{"RECORDNO": str(n), "NAME": "a < b" if n == bad else str(n)} for n in range(1, 6)]
    found = list(reader(rows).query("VENDOR", ["RECORDNO", "NAME"], page_size=size))
    assert names(found) == [str(n) for n in range(1, 6) if n != bad]
    assert [(row.key, row.left_out) for row in told] == [(str(bad), True)]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_paging_by_offset_counts_a_row_left_out(reader: Reader, told: list[Spoiled], size: int) -> None:
    client = reader(vendors("a < b"))
    found = list(client.query("VENDOR", ["RECORDNO", "NAME"], order=[Order("RECORDNO")], page_size=size))
    assert names(found) == [*NAMES[:2], *NAMES[3:]]
    assert [row.key for row in told] == ["3"]


def test_a_page_tells_where_the_next_begins_whatever_was_left_out(reader: Reader) -> None:
    client = reader(
        [{"RECORDNO": "9", "NAME": "a"}, {"RECORDNO": "10", "NAME": "a < b"}, {"RECORDNO": "11", "NAME": "c"}]
    )
    page = client.page("VENDOR", ["RECORDNO", "NAME"], page_size=2)
    assert ([row["RECORDNO"] for row in page.rows], page.end, page.more) == (["9"], "10", True)
    assert client.page("VENDOR", ["RECORDNO", "NAME"], page_size=3).more is False


def test_records_read_by_number_lose_only_the_bad_one(
    gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]
) -> None:
    def script(asked: Asked) -> Canned:
        rows = [row for row in vendors("Ce <dar") if row["RECORDNO"] in asked.function["read"]["keys"].split(",")]
        return Canned(reply(asked, result(asked, rows_data(rows, "VENDOR", len(rows), 0))))

    gateway.script = script
    client = make_client(on_spoiled=told.append)
    assert names(client.read("VENDOR", [2, 3, 4])) == ["Beech", "Dogwood"]
    assert told == [Spoiled("VENDOR", "3", UNREADABLE, True)]
    assert len(gateway.calls) == 1


def test_a_cursor_is_followed_behind_a_bad_row(
    gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]
) -> None:
    def page(number: int, name: str, left: int) -> Script:
        row = f"<vendor><RECORDNO>{number}</RECORDNO><NAME>{name}</NAME></vendor>"
        head = f'<data listtype="vendor" count="1" totalcount="3" numremaining="{left}" resultId="c">'
        return lambda asked: Canned(reply(asked, result(asked, f"{head}{row}</data>")))

    gateway.answers(page(1, "a & b", 2), page(2, "a < b", 1), page(3, "c", 0))
    found = make_client(on_spoiled=told.append).read_by_query("VENDOR", page_size=1)
    assert names(found) == ["a & b", "c"]
    assert [(row.object, row.key, row.left_out) for row in told] == [("VENDOR", "1", False), ("VENDOR", "2", True)]


def test_owned_lines_are_repaired_with_their_record(
    gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]
) -> None:
    lines = "<APBILLITEMS><APBILLITEM><RECORDNO>71</RECORDNO><ENTRYDESCRIPTION>a & b</ENTRYDESCRIPTION></APBILLITEM>"
    data = f'<data listtype="APBILL" count="1"><APBILL><RECORDNO>7</RECORDNO>{lines}</APBILLITEMS></APBILL></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    (row,) = make_client(on_spoiled=told.append).read("APBILL", [7])
    assert formats.lines(row, "APBILLITEMS")[0]["ENTRYDESCRIPTION"] == "a & b"
    assert told == [Spoiled("APBILL", "7", AMPERSAND, False)]


def test_a_row_with_an_element_of_its_own_name_is_one_row(gateway: CannedGateway, client: Client) -> None:
    row = "<V><RECORDNO>{0}</RECORDNO><P><V>{1}</V><V>c</V></P></V>"
    data = f'<data count="2">{row.format(1, "a & b")}{row.format(2, "d < e")}</data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    page = client.page("V", ["RECORDNO"])
    assert page.rows == [{"RECORDNO": "1", "P": {"V": ["a & b", "c"]}}]
    assert [(row.key, row.left_out) for row in page.spoiled] == [("1", False), ("2", True)]


def test_a_definition_is_repaired_and_never_cut_down(gateway: CannedGateway, make_client: MakeClient) -> None:
    def answer(label: str) -> Script:
        fields = f"<Fields><Field><ID>NAME</ID><LABEL>{label}</LABEL></Field></Fields>"
        data = f'<data listtype="All" count="1"><Type Name="VENDOR">{fields}</Type></data>'
        return lambda asked: Canned(reply(asked, result(asked, data)))

    client = make_client(tries=1)
    gateway.answers(answer("Name & more"), answer("Name < more"))
    assert client.lookup("VENDOR").fields["NAME"].label == "Name & more"
    with pytest.raises(e.ProtocolError, match="well-formed"):
        client.lookup("VENDOR")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"<NAME>Beech", b"<NAME>Be\x1aech").replace(b'count="5"', b'count="6"'),
        lambda body: body.replace(b"<senderid>me", b"<senderid>m & e"),
        lambda body: body.replace(b"<NAME>Beech", b"<NAME>Be\x1aech").replace(b"<senderid>me", b"<senderid>m\x1ae"),
        lambda body: body.replace(b"</VENDOR><VENDOR>", b"</VENDOR>&<VENDOR>", 1),
        lambda body: body.replace(b"Beech", b'<!DOCTYPE x [<!ENTITY a "b">]>'),
        lambda body: body.replace(b"</VENDOR></data>", b"</data>"),
    ],
    ids=["rows missing", "envelope", "both", "between rows", "document type", "no end"],
)
def test_what_is_not_a_bad_spot_in_a_row_spoils_the_reply(
    gateway: CannedGateway, make_client: MakeClient, spoil: Callable[..., Any]
) -> None:
    good = table(vendors(), "VENDOR")
    gateway.script = lambda asked: Canned(spoil(good(asked).body))
    with pytest.raises(e.ProtocolError, match=r"well-formed|document type"):
        make_client(tries=1).page("VENDOR", ["RECORDNO", "NAME"])


@pytest.mark.parametrize("inside", ["<vendor><RECORDNO>5</RECORDNO><NAME>a & b</NAME></vendor>", "<a/b>5</a/b>"])
@pytest.mark.parametrize("status", ["success", "failure"])
def test_the_answer_to_a_write_is_not_mended(gateway: CannedGateway, client: Client, inside: str, status: str) -> None:
    write = functions.create("VENDOR", {"NAME": "a & b"}, control_id="w")
    data = f'<data listtype="objects" count="1">{inside}</data>'
    gateway.script = lambda asked: Canned(reply(asked, failed(asked, inside=data, status=status)))
    with pytest.raises(e.ProtocolError) as caught:
        client.execute([write])
    assert (caught.value.retry, caught.value.executed) == (e.RetryClass.AMBIGUOUS, None)


def test_an_answer_that_speaks_of_a_write_is_not_mended_for_a_read_either(
    gateway: CannedGateway, make_client: MakeClient
) -> None:
    good = table(vendors("a & b"), "VENDOR")
    gateway.script = lambda asked: Canned(good(asked).body.replace(b"<function>query", b"<function>create"))
    with pytest.raises(e.ProtocolError, match="mended"):
        make_client(tries=1).page("VENDOR", ["RECORDNO", "NAME"])


def test_a_session_is_not_mended(gateway: CannedGateway, client: Client) -> None:
    gateway.sign_in = lambda asked: Canned(session_reply(asked, gateway.url, session="se & ssion"))
    with pytest.raises(e.ProtocolError, match="well-formed"):
        client.sign_in()


def test_a_record_is_known_by_one_number_however_it_is_written(gateway: CannedGateway, client: Client) -> None:
    data = '<data count="2"><V><RECORDNO>12.0</RECORDNO></V><V><RECORDNO>13</RECORDNO><X>1.0</X></V></data>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, data)))
    assert client.read("V", [12, 13]) == [{"RECORDNO": "12"}, {"RECORDNO": "13", "X": "1.0"}]
    assert len(list(client.query("V", ["RECORDNO"]))) == 2


@pytest.mark.parametrize(
    "inside",
    [
        "<V>" * 50_000 + "&" + "</V>" * 50_000,
        "<V>&" * 300_000,
        "<V>&</V>" * 100_000,
        "<![CDATA[" * 100_000 + "&",
        "&" * 900_000,
        "<a b" * 300_000,
        "<VV>" * 300_000,
        "]]><!--" * 300_000,
        "".join(f"<a/{n}>1</a/{n}>" for n in range(50_000)),
        "<RECORDNO>" + " " * 900_000 + "&",
        "\x00&#0;&#xFFFFFFFF;" * 100_000,
    ],
    ids=["deep", "open", "many", "sections", "ampersands", "half tags", "prefixes", "ends", "names", "blanks", "nuls"],
)
def test_mending_takes_no_longer_for_hostile_rows(gateway: CannedGateway, make_client: MakeClient, inside: str) -> None:
    began = time.thread_time()
    gateway.script = lambda asked: Canned(reply(asked, result(asked, f"<data><V><A>{inside}</A></V></data>")))
    with contextlib.suppress(e.ProtocolError):
        make_client(tries=1, read_timeout=20).page("V", ["RECORDNO"])
    assert time.thread_time() - began < 30
