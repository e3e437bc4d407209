"""A record whose markup breaks its page is found by halves of the keys; all others arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil, log2
from typing import Any

import pytest

from flask_intacct.gateway import Aggregate, Client, Order, Spoiled, functions
from flask_intacct.gateway import errors as e
from flask_intacct.gateway import filters as f
from flask_intacct.gateway.halves import MOST_LOST
from flask_intacct.gateway.mending import UNREADABLE

from .canned import Asked, Canned, CannedGateway, Script, error, failed, reply, result, rows_data
from .conftest import MakeClient

Reader = Callable[..., Client]
TORN = [
    "Elm</VENDOR>",
    "Elm<VENDOR>",
    "Elm</data>",
    "Elm<data>",
    "Elm</NAME></VENDOR>&",
    "Elm</RECORDNO",
    "<!DOCTYPE x [",
    "<A>" * 30 + "</A>" * 30,
]


def vendors(many: int, *bad: int, torn: str = "Elm</VENDOR>") -> list[dict[str, str]]:
    return [{"RECORDNO": str(n), "NAME": torn if n in bad else f"Elm {n}"} for n in range(1, many + 1)]


def wanted(rows: list[dict[str, str]], conditions: dict[str, Any] | None) -> list[dict[str, str]]:
    """The rows that meet a filter of greaterthan and in."""
    for operator, inside in (conditions or {}).items():
        for one in inside if isinstance(inside, list) else [inside]:
            if operator == "and":
                rows = wanted(rows, one)
            elif operator == "in":
                values = one["value"] if isinstance(one["value"], list) else [one["value"]]
                rows = [row for row in rows if row[one["field"]] in values]
            else:
                assert operator == "greaterthan"
                rows = [row for row in rows if int(row[one["field"]]) > int(one["value"])]
    return rows


def company(rows: list[dict[str, str]], object: str = "VENDOR") -> Script:
    """A gateway with these rows: answers `query` for the fields that are asked for, `read` and `readByName`."""

    def script(asked: Asked) -> Canned:
        name = asked.names[0]
        asks = asked.function[name]
        if name != "query":
            key = "RECORDNO" if name == "read" else "NAME"
            page = [row for row in rows if row[key] in asks["keys"].split(",")]
            return Canned(reply(asked, result(asked, rows_data(page, object, len(page), 0))))
        fields = asks["select"]["field"]
        fields = fields if isinstance(fields, list) else [fields]
        left = wanted(rows, asks.get("filter"))[int(asks["offset"]) :]
        page = [{name: row[name] for name in fields} for row in left[: int(asks["pagesize"])]]
        return Canned(reply(asked, result(asked, rows_data(page, object, len(left), len(left) - len(page)))))

    return script


@pytest.fixture
def told() -> list[Spoiled]:
    return []


@pytest.fixture
def reader(gateway: CannedGateway, make_client: MakeClient, told: list[Spoiled]) -> Reader:
    def reader(rows: list[dict[str, str]], **options: Any) -> Client:
        gateway.script = company(rows)
        return make_client(on_spoiled=told.append, **options)

    return reader


def numbers(rows: Iterable[dict[str, Any]]) -> list[int]:
    return [int(row["RECORDNO"]) for row in rows]


def but(many: int, *bad: int) -> list[int]:
    return [n for n in range(1, many + 1) if n not in bad]


@pytest.mark.parametrize("torn", TORN)
def test_all_but_the_record_that_breaks_its_page_arrive(reader: Reader, told: list[Spoiled], torn: str) -> None:
    page = reader(vendors(9, 4, torn=torn)).page("VENDOR", ["RECORDNO", "NAME"])
    assert numbers(page.rows) == but(9, 4)
    assert list(page.spoiled) == told == [Spoiled("VENDOR", "4", UNREADABLE, True)]
    assert (page.total, page.remaining, page.more, page.end) == (9, 0, False, "9")


@pytest.mark.parametrize("bad", [(1,), (1000,), (500,), (3, 4), (7, 700)])
def test_it_takes_two_requests_for_each_halving(
    gateway: CannedGateway, reader: Reader, told: list[Spoiled], bad: tuple[int, ...]
) -> None:
    page = reader(vendors(1000, *bad)).page("VENDOR", ["RECORDNO", "NAME"])
    assert numbers(page.rows) == but(1000, *bad)
    assert [row.key for row in told] == [str(n) for n in bad]
    assert len(gateway.calls) <= 2 + len(bad) * 2 * ceil(log2(1000))


@pytest.mark.parametrize("bad", [1, 3, 4, 5, 9])
@pytest.mark.parametrize("size", [1, 2, 4, 100])
@pytest.mark.parametrize("order", [None, [Order("RECORDNO")]], ids=["by key", "by offset"])
def test_reading_goes_on_behind_such_a_page(
    reader: Reader, told: list[Spoiled], bad: int, size: int, order: list[Order] | None
) -> None:
    client = reader(vendors(9, bad))
    found = list(client.query("VENDOR", ["RECORDNO", "NAME"], page_size=size, order=order))
    assert numbers(found) == but(9, bad)
    assert {(row.key, row.left_out) for row in told} == {(str(bad), True)}


def test_the_condition_holds_for_the_halves_too(gateway: CannedGateway, reader: Reader) -> None:
    client = reader(vendors(9, 4))
    for condition, expected in (
        (f.gt("RECORDNO", 2), [3, 5, 6, 7, 8, 9]),
        (f.in_("RECORDNO", [2, 4, 6]), [2, 6]),
        (f.all_(f.gt("RECORDNO", 3), f.in_("RECORDNO", [2, 4, 6])), [6]),
    ):
        page = client.page("VENDOR", ["RECORDNO", "NAME"], filter=condition)
        assert numbers(page.rows) == expected
    assert all(len(asked.function["query"]["filter"]) == 1 for asked in gateway.calls)


def test_records_read_by_key_are_halved(gateway: CannedGateway, reader: Reader, told: list[Spoiled]) -> None:
    client = reader(vendors(40, 7))
    assert numbers(client.read("VENDOR", range(1, 41))) == but(40, 7)
    assert told == [Spoiled("VENDOR", "7", UNREADABLE, True)]
    assert len(gateway.calls) <= 1 + 2 * ceil(log2(40))
    assert client.call(functions.read("VENDOR", [7])).spoiled == (told[0],)


def test_records_read_by_name_are_halved(reader: Reader) -> None:
    rows = [{"RECORDNO": str(n), "NAME": f"V{n}", "X": "</VENDOR>" if n == 2 else ""} for n in (1, 2, 3)]
    assert numbers(reader(rows).read_by_name("VENDOR", ["V1", "V2", "V3"])) == [1, 3]


def test_a_record_left_out_without_its_key_is_named_all_the_same(reader: Reader, told: list[Spoiled]) -> None:
    rows = vendors(5)
    rows[2] = {"RECORDNO": "3", "NAME": "a < b"}
    page = reader(rows).page("VENDOR", ["NAME"])
    assert [row["NAME"] for row in page.rows] == ["Elm 1", "Elm 2", "Elm 4", "Elm 5"]
    assert told == [Spoiled("VENDOR", "3", UNREADABLE, True)]


def test_what_was_damaged_only_once_loses_nothing(gateway: CannedGateway, reader: Reader, told: list[Spoiled]) -> None:
    client = reader(vendors(9))
    good, torn = gateway.script, company(vendors(9, 4))
    gateway.answers(torn, good)
    assert numbers(client.page("VENDOR", ["RECORDNO", "NAME"]).rows) == but(9)
    assert told == []


def test_more_damage_than_single_records_stops_the_read(gateway: CannedGateway, reader: Reader) -> None:
    many = MOST_LOST * 3
    with pytest.raises(e.Damaged):
        reader(vendors(many, *range(1, many + 1))).page("VENDOR", ["RECORDNO", "NAME"])
    assert len(gateway.calls) < many * 2


@pytest.mark.parametrize(
    "spoil",
    [lambda body: body.replace(b"<senderid>me", b"<senderid>m < e"), lambda body: body.replace(b"</control>", b"")],
    ids=["envelope", "no end"],
)
def test_damage_around_the_rows_is_nobodys_record(
    gateway: CannedGateway, reader: Reader, told: list[Spoiled], spoil: Callable[..., Any]
) -> None:
    client = reader(vendors(9), tries=3)
    good = gateway.script
    gateway.script = lambda asked: Canned(spoil(good(asked).body))
    with pytest.raises(e.Damaged):
        client.page("VENDOR", ["RECORDNO", "NAME"])
    assert (len(gateway.calls), told) == (5, [])


def test_a_reply_cut_short_is_asked_for_again_as_it_is(
    gateway: CannedGateway, reader: Reader, told: list[Spoiled]
) -> None:
    client = reader(vendors(9), tries=3)
    good = gateway.script
    cut = lambda asked: Canned(good(asked).body[:-40])  # noqa: E731
    gateway.answers(cut, cut, good)
    assert numbers(client.page("VENDOR", ["RECORDNO", "NAME"]).rows) == but(9)
    assert [asked.function for asked in gateway.calls] == [gateway.calls[0].function] * 3
    assert told == []


def test_sums_are_not_halved(gateway: CannedGateway, reader: Reader) -> None:
    client = reader([])
    gateway.script = lambda asked: Canned(reply(asked, result(asked, "<data><VENDOR></data>")))
    with pytest.raises(e.Damaged):
        client.page("VENDOR", ["STATUS", Aggregate("count", "RECORDNO")])
    assert all("count" in asked.function["query"]["select"] for asked in gateway.calls)


def test_an_object_without_such_a_key_is_asked_for_as_ever(gateway: CannedGateway, reader: Reader) -> None:
    client = reader(vendors(9, 4), tries=2)
    good = gateway.script

    def script(asked: Asked) -> Canned:
        if asked.function["query"]["select"]["field"] == "RECORDNO":
            return Canned(reply(asked, failed(asked, error("Query Failed", "", "Invalid field; RECORDNO"))))
        return good(asked)

    gateway.script = script
    with pytest.raises(e.Damaged):
        client.page("VENDOR", ["RECORDNO", "NAME"])


def test_records_of_another_key_are_told_by_it(gateway: CannedGateway, reader: Reader, told: list[Spoiled]) -> None:
    rows = [{"id": str(n), "name": "</OWN>" if n == 2 else str(n)} for n in (1, 2, 3)]
    client = reader([])
    gateway.script = company(rows, "OWN")
    page = client.page("OWN", ["id", "name"], key="id")
    assert [row["ID"] for row in page.rows] == ["1", "3"]
    assert told == [Spoiled("OWN", "2", UNREADABLE, True)]


def test_a_write_whose_answer_is_damaged_is_not_repeated(gateway: CannedGateway, client: Client) -> None:
    gateway.script = lambda asked: Canned(reply(asked, result(asked, "<data><vendor></data>")))
    with pytest.raises(e.Damaged) as caught:
        client.call(functions.create("VENDOR", {"NAME": "Elm"}))
    assert (caught.value.executed, len(gateway.calls)) == (None, 1)
