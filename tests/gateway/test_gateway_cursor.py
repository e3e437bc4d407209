"""The older read's cursor: no page twice, none left out."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from flask_intacct.gateway import Client, RetryClass, formats, functions
from flask_intacct.gateway import errors as e

from .canned import (
    INVALID_SESSION,
    Asked,
    Canned,
    CannedGateway,
    Script,
    auth_failure,
    error,
    failed,
    reply,
    result,
    table,
)


class Cursor:
    """Pages of two rows; every `readMore` that arrives moves on, whatever becomes of its answer."""

    def __init__(self, total: int, *, trouble: Script | None = None, at: int = 1) -> None:
        self.total, self.read, self.trouble, self.at, self.more = total, 0, trouble, at, 0

    def __call__(self, asked: Asked) -> Canned:
        if asked.names == ["readMore"]:
            self.more += 1
            if self.trouble and self.more == self.at:
                answer = self.trouble(asked)
                if answer.status == 200 or answer.drop:
                    self.read += 2
                return answer
        rows = range(self.read + 1, min(self.read + 2, self.total) + 1)
        self.read += len(rows)
        inside = "".join(f"<customer><RECORDNO>{n}</RECORDNO></customer>" for n in rows)
        head = f'listtype="customer" count="{len(rows)}" totalcount="{self.total}"'
        left = f'numremaining="{self.total - self.read}" resultId="cursor-1"'
        return Canned(reply(asked, result(asked, f"<data {head} {left}>{inside}</data>")))


def keys(client: Client) -> list[str]:
    return [formats.text(row, "RECORDNO") for row in client.read_by_query("CUSTOMER", ["RECORDNO"], page_size=2)]


def test_the_cursor_is_followed_to_its_end(gateway: CannedGateway, client: Client) -> None:
    gateway.script = Cursor(5)
    assert keys(client) == ["1", "2", "3", "4", "5"]
    assert [call.names[0] for call in gateway.calls] == ["readByQuery", "readMore", "readMore"]
    assert gateway.calls[1].function["readMore"] == {"resultId": "cursor-1"}


@pytest.mark.parametrize(
    "trouble", [lambda asked: Canned(drop=True), lambda asked: Canned(reply(asked)[:200])], ids=["dropped", "cut"]
)
def test_a_page_that_got_lost_is_not_passed_over(gateway: CannedGateway, client: Client, trouble: Script) -> None:
    gateway.script = Cursor(9, trouble=trouble)
    with pytest.raises(e.CursorExpired, match="got lost"):
        keys(client)


def test_a_page_refused_before_it_was_read_is_asked_for_again(gateway: CannedGateway, client: Client) -> None:
    gateway.script = Cursor(5, trouble=lambda asked: Canned(b"", 429, {"Retry-After": "0"}))
    assert keys(client) == ["1", "2", "3", "4", "5"]
    gateway.script = Cursor(5, trouble=lambda asked: Canned(auth_failure(asked, INVALID_SESSION), 401))
    assert keys(client) == ["1", "2", "3", "4", "5"]


def test_a_cursor_that_expired_is_told_with_what_to_do(gateway: CannedGateway, client: Client) -> None:
    gone = error("readMore failed", "", "Attempt to readMore with an invalid or expired resultId: cursor-1")
    gateway.script = Cursor(5, trouble=lambda asked: Canned(reply(asked, failed(asked, gone))))
    with pytest.raises(e.CursorExpired) as caught:
        keys(client)
    assert caught.value.retry is RetryClass.BUSY


def test_a_cursor_that_does_not_move_on_is_refused(gateway: CannedGateway, client: Client) -> None:
    cursor = Cursor(9)

    def again(asked: Asked) -> Canned:
        cursor.read = 0
        return cursor(asked)

    gateway.script = again
    with pytest.raises(e.ProtocolError, match="move on"):
        keys(client)


def test_rows_that_remain_without_a_cursor_are_not_forgotten(gateway: CannedGateway, client: Client) -> None:
    cursor = Cursor(9)
    gateway.script = lambda asked: Canned(cursor(asked).body.replace(b"cursor-1", b""))
    with pytest.raises(e.ProtocolError, match="7 rows remaining"):
        keys(client)


def test_an_old_list_tells_how_much_there_is(gateway: CannedGateway, client: Client) -> None:
    inside = (
        '<listtype start="0" end="1" total="383">supdoc</listtype>'
        "<data><supdoc><recordno>1</recordno></supdoc><supdoc><recordno>2</recordno></supdoc></data>"
    )
    gateway.script = lambda asked: Canned(reply(asked, result(asked, inside)))
    found = client.call(functions.get_list("supdoc", ["recordno"], most=2, show_private=True))
    assert (found.list_type, found.total, found.remaining) == ("supdoc", 383, 381)
    assert [row["RECORDNO"] for row in found.rows] == ["1", "2"]
    assert gateway.calls[0].function["get_list"] == {
        "@object": "supdoc",
        "@start": "0",
        "@maxitems": "2",
        "@showprivate": "true",
        "fields": {"field": "recordno"},
    }


@pytest.mark.parametrize("total", ["\N{SUPERSCRIPT TWO}", "-1", "9" * 40, "many"])
def test_a_nonsensical_total_is_none(gateway: CannedGateway, client: Client, total: str) -> None:
    inside = f'<listtype start="0" end="0" total="{total}">supdoc</listtype><data/>'
    gateway.script = lambda asked: Canned(reply(asked, result(asked, inside)))
    found = client.call(functions.get_list("supdoc"))
    assert (found.total, found.remaining) == (None, None)


def test_memory_does_not_grow_with_the_rows(gateway: CannedGateway, client: Client) -> None:
    gateway.script = table([{"RECORDNO": str(n), "NAME": "x" * 200} for n in range(1, 8001)])
    peaks = []
    for pages in (4, 16):
        gc.collect()
        tracemalloc.start()
        rows = client.query("CUSTOMER", ["RECORDNO", "NAME"], page_size=500)
        assert len([1 for _, _row in zip(range(500 * pages), rows, strict=False)]) == 500 * pages
        rows.close()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2  # pages that were kept would make it four times
