"""Deletions, read from an audit history that has its moods."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_intacct.gateway import Client, Spoiled, UserFormat, formats
from flask_intacct.gateway import errors as e

from .canned import Asked, Canned, CannedGateway, Script, error, failed, reply, result, rows_data
from .conftest import MakeClient

SINCE = datetime(2026, 3, 4, 15, tzinfo=UTC)
GENERIC = error("DL02000001", "Error", "There was an error processing the request.")


def history(keys: Sequence[str], *, broken: Collection[int] = (), generic: str = GENERIC) -> Script:
    """Fails every page that holds one of the broken entries."""

    def script(asked: Asked) -> Canned:
        query = asked.function["query"]
        offset, size = int(query["offset"]), int(query["pagesize"])
        page = range(offset, min(offset + size, len(keys)))
        if not set(broken).isdisjoint(page):
            return Canned(reply(asked, failed(asked, generic)))
        rows = [{"ID": str(n), "OBJECTKEY": keys[n]} for n in page]
        data = rows_data(rows, "AUDITHISTORY", len(keys), len(keys) - offset - len(rows))
        return Canned(reply(asked, result(asked, data)))

    return script


def read(client: Client, **options: Any) -> list[str]:
    return [formats.text(row, "OBJECTKEY") for row in client.deletions(["APBILL"], SINCE, **options)]


def test_a_key_is_read_with_and_without_what_it_is(gateway: CannedGateway, client: Client) -> None:
    gateway.script = history(["17", "18--REC", "19--rec", "20--APBILL", "AB--REC", "A--B", "--REC", "ws"])
    assert read(client) == ["17", "18", "19", "20", "AB", "A--B", "--REC", "ws"]


def test_the_moment_is_written_in_the_users_format(gateway: CannedGateway, client: Client) -> None:
    gateway.script = history([])
    assert read(client, form=UserFormat(date_format=".dmY", offset=timedelta(hours=2))) == []
    beyond = gateway.calls[0].function["query"]["filter"]["and"]["greaterthanorequalto"]
    assert beyond == {"field": "ACCESSTIME", "value": "04.03.2026 17:00:00"}


@pytest.mark.parametrize("broken", [{0}, {5}, {12}, {3, 4}, {0, 12}])
def test_entries_that_the_gateway_fails_to_read_cost_only_themselves(
    gateway: CannedGateway, make_client: MakeClient, broken: set[int]
) -> None:
    told: list[Spoiled] = []
    keys = [str(n) for n in range(13)]
    gateway.script = history(keys, broken=broken)
    assert read(make_client(on_spoiled=told.append), page_size=8) == [key for key in keys if int(key) not in broken]
    assert [(row.object, row.left_out) for row in told] == [("AUDITHISTORY", True)] * len(broken)


def test_a_history_that_fails_altogether_is_given_up(gateway: CannedGateway, client: Client) -> None:
    gateway.script = history(["1"] * 200, broken=range(200))
    with pytest.raises(e.ResultError, match="error processing"):
        read(client, page_size=4)
    assert len(gateway.calls) < 60


def test_a_history_that_may_not_be_read_is_no_matter_of_pages(gateway: CannedGateway, client: Client) -> None:
    denied = error("", "", "You do not have permission to view audit history")
    gateway.script = history(["1"], broken={0}, generic=denied)
    with pytest.raises(e.PermissionDenied):
        read(client)
    assert len(gateway.calls) == 1
