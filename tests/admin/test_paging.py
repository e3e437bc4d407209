"""The pages of lists: each follows the key of a row, so that it costs the same however long the list is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from world.statements import counted

from flask_intacct import counting
from flask_intacct.ledger import folded
from flask_intacct.models import Link, Operation, Record, now

from .conftest import World, account, contact, issue_of, linked, notice_of, run_of

ACCOUNTS, RESULTS = "/admin/intacct/accounts/1/", "/admin/intacct/results/2/list"
TICKED = r'name="rowid"[^>]*aria-label="Select ([^"]*)"'
BAD_KEYS = (
    "", "x", "[]", "[1]", '["a"]', '["a","b"]', '["a",-1]', '["a",2147483648]', '["a",1.5]', '["a",true]', "null",
    '["\\u0000",1]', '["\\ud800",1]', "[" * 900, '["a",1', '{"a":1}', '["9999-12-31T23:59:59-14:00","sent",1]',
    '["0001-01-01T00:00:00+14:00","sent",1]', '["2026-13-01","sent",1]', '["soon","sent",1]', "end", "a" * 3000,
)  # fmt: skip


def walk(world: World, path: str, rel: str, pattern: str) -> list[list[str]]:
    """What the pages show from this one on, one after the other."""
    found = []
    while path:
        page = world.page(path)
        found.append(re.findall(pattern, page))
        path = linked(page, rel) if f'rel="{rel}"' in page else ""
        assert len(found) < 20
    return found


def last(page: str) -> str:
    """The address of the last page."""
    found = re.search(r'href="([^"]+)">Last page<', page)
    assert found is not None
    return found[1]


NAMES = ("Äpfel", "apple", "Apple", "Zebra", "zebra", "eins", "Eins", "  led", "100 %", "O'Neill", "ß", "ss")


def test_all_rows_of_a_list_come_once_forth_and_back(anywhere_world: World) -> None:
    world = anywhere_world
    world.add(*(account(100 + at, NAMES[at % len(NAMES)]) for at in range(33)))
    pages = walk(world, ACCOUNTS, "next", TICKED)
    assert [len(page) for page in pages] == [10, 10, 10, 7]
    with world.app.app_context():
        query = sa.select(Link.label).where(Link.kind == "account").order_by(Link.label, Link.id)
        wanted = list(world.db.session.scalars(query))
    assert [label for page in pages for label in page] == wanted
    end = last(world.page(ACCOUNTS))
    back = walk(world, end, "prev", TICKED)
    assert [label for page in reversed(back) for label in page] == wanted
    assert back[0] == wanted[-10:]


def test_row_that_leaves_the_list_moves_no_other_past_the_reader(world: World) -> None:
    world.add(*(account(100 + at, f"Heating {at:02}") for at in range(25)))
    following = linked(world.page(ACCOUNTS), "next")
    for id_ in re.findall(r'name="rowid" value="(\d+)"', world.page(ACCOUNTS)):
        world.change(Link, int(id_), state="archived")
    assert re.findall(r"Select (Heating \d\d)", world.page(following))[0] == "Heating 06"


def test_page_behind_the_last_row_is_the_last_page(world: World) -> None:
    world.add(*(account(100 + at, f"Heating {at:02}") for at in range(11)))
    second = linked(world.page(ACCOUNTS), "next")
    for link in world.rows(Link, Link.label >= "Heating 06"):
        world.change(Link, link.id, state="archived")
    page = world.page(second)
    assert "Heating 05" in page
    assert 'rel="prev"' not in page
    assert "All decided" not in page


def test_reader_comes_back_to_the_page_after_a_press(world: World) -> None:
    world.add(*(account(100 + at, f"Heating {at:02}") for at in range(25)))
    second = world.page(linked(world.page(ACCOUNTS), "next"))
    back = re.search(r'name="url" value="([^"]+)"', second)
    ids = re.findall(r'name="rowid" value="(\d+)"', second)
    assert back is not None
    answer = world.post(ACCOUNTS + "archive", rowid=ids[:1], url=back[1])
    page = world.page(answer.headers["Location"])
    assert re.findall(r'name="rowid" value="(\d+)"', page)[:9] == ids[1:]


@pytest.mark.parametrize("path", [ACCOUNTS, RESULTS, "/admin/intacct/runs/2/", "/admin/intacct/results/2/handled",
                                  "/admin/intacct/notices/2/"])  # fmt: skip
def test_address_of_a_page_by_number_leads_to_the_first_page(world: World, path: str) -> None:
    fill(world, 60)
    assert shown(world.page(path + "?page=3")) == shown(world.page(path))


@pytest.mark.parametrize("argument", ["after", "before"])
def test_key_that_makes_no_sense_leads_to_the_first_page(anywhere_world: World, argument: str) -> None:
    world = anywhere_world
    fill(world, 60)
    for path in (ACCOUNTS, RESULTS):
        first = shown(world.page(path))
        for key in BAD_KEYS:
            if (argument, key) != ("before", "end"):
                assert shown(world.page(f"{path}?{argument}={quote(key)}")) in (
                    first,
                    shown(world.page(path + "?before=end")),
                ), key


@pytest.mark.parametrize("path", [RESULTS, "/admin/intacct/results/2/handled", "/admin/intacct/runs/2/",
                                  "/admin/intacct/notices/2/", RESULTS + "?outcome=failed"])  # fmt: skip
def test_history_comes_once_forth_and_back(anywhere_world: World, path: str) -> None:
    world = anywhere_world
    fill(world, 60)
    pattern = r'<th scope="row">(.*?)</th>'
    forth = walk(world, path, "next", pattern)
    assert len(forth) > 1
    back = walk(world, last(world.page(path)), "prev", pattern)
    assert [one for page in reversed(back) for one in page] == [one for page in forth for one in page]
    if "results" in path:
        assert len({one for page in forth for one in page}) == sum(map(len, forth))


def test_long_lists_are_counted_no_further_than_anybody_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "LIMIT", 12)
    fill(world, 60)
    page = world.page(ACCOUNTS)
    assert "more than 12 rows" in page
    assert 'id="done-text">more than 12 still to match<' in page
    assert "<progress" not in page
    assert re.search(r'To match <span class="[^"]*">more than 12<', page)
    assert re.search(r'Matched <span class="[^"]*">0<', page)
    assert "more than 12" in world.page("/admin/intacct/companies/1/")
    page = world.page(RESULTS)
    assert "more than 12 rows" in page
    assert '<option value="invoice">Invoices</option>' in page or '<option value="account">Accounts</option>' in page
    page = world.page("/admin/intacct/results/2/handled")
    assert re.search(r'Handled <span class="[^"]*">more than 12<', page)
    assert "more than 12 rows" in world.page("/admin/intacct/runs/2/")
    assert "60 records are still undecided" not in page
    assert "64 records are still undecided" in world.click(ACCOUNTS + "go-on"), "what is refused is counted"


def test_button_of_all_certain_says_how_many_there_are_at_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_intacct.admin.match.LOOKED_AT", 3)
    world.add(*(account(100 + at, f"Heating {at}", key=str(100 + at), confidence=97, certain=True) for at in range(5)))
    world.add(*(record(str(100 + at), f"9{at}", f"Heating {at}") for at in range(5)))
    assert 'Accept all certain (<span class="intacct-num">3 or more</span>)' in world.page(ACCOUNTS)
    assert "6 records matched." in world.click(ACCOUNTS + "action/", action="accept_certain")
    assert "Accept all certain" not in world.page(ACCOUNTS)


def test_button_of_all_certain_is_there_where_the_first_ones_are_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_intacct.admin.match.LOOKED_AT", 2)
    world.add(*(account(100 + at, f"100 {at}", key="3", confidence=97, certain=True) for at in range(3)))
    page = world.page(ACCOUNTS)
    assert "Accept all certain</button>" in page
    assert "1 record matched." in world.click(ACCOUNTS + "action/", action="accept_certain"), "4001 Rent"


MIDDLE = "after=" + quote('["Heating 00005",1]')
CONTACTS = "/admin/intacct/contacts/1/"
BEFORE = "after=" + quote(f'["{now().isoformat()}","sent",1]')
SAME_COST = (
    ACCOUNTS, f"{ACCOUNTS}?{MIDDLE}", f"{ACCOUNTS}?before=end", f"{ACCOUNTS}?sure=certain", f"{ACCOUNTS}?sure=unsure",
    f"{ACCOUNTS}?state=matched", f"{ACCOUNTS}?search=heating", f"{ACCOUNTS}?search=heating&before=end",
    f"{ACCOUNTS}candidates/1?q=boiler", f"{ACCOUNTS}candidates/1?q=", f"{ACCOUNTS}choose/1?q=boiler",
    f"{CONTACTS}?role=customer", f"{CONTACTS}?role=vendor&search=ada", "/admin/intacct/results/2/",
    "/admin/intacct/results/2/?search=paper", RESULTS, f"{RESULTS}?{BEFORE}", f"{RESULTS}?before=end",
    f"{RESULTS}?search=paper", f"{RESULTS}?kind=invoice", f"{RESULTS}?outcome=sent", f"{RESULTS}?cause=cause+1",
    "/admin/intacct/results/2/handled", "/admin/intacct/results/2/handled?before=end", "/admin/intacct/runs/2/",
    "/admin/intacct/runs/2/?before=end", "/admin/intacct/notices/2/", "/admin/intacct/notices/2/?before=end",
)  # fmt: skip


def cost(world: World, path: str) -> int:
    with world.app.app_context():
        engine = world.db.engine
    with counted(engine) as statements:
        world.page(path)
    return len(statements)


def test_page_costs_the_same_statements_with_10_rows_and_with_2000(world: World) -> None:
    fill(world, 10)
    few = {path: cost(world, path) for path in SAME_COST}
    fill(world, 1990, first=10)
    assert {path: cost(world, path) for path in SAME_COST} == few
    assert max(few[path] for path in SAME_COST if path.startswith(ACCOUNTS)) <= 20
    assert max(few[path] for path in SAME_COST if path.startswith(RESULTS)) <= 20


WORK = (
    ACCOUNTS, f"{ACCOUNTS}?{MIDDLE}", f"{ACCOUNTS}?before=end", f"{ACCOUNTS}?sure=certain", f"{ACCOUNTS}?state=matched",
    f"{CONTACTS}?role=customer", f"{CONTACTS}?role=vendor", f"{ACCOUNTS}?search=zebra", f"{ACCOUNTS}?search=nothing",
    f"{ACCOUNTS}?search=heating+zebra", f"{ACCOUNTS}candidates/1?q=zebra", f"{ACCOUNTS}candidates/1?q=boiler+zebra",
)  # fmt: skip


def work(world: World, path: str) -> int:
    """Hundreds of steps that SQLite took for a page."""
    with world.app.app_context():
        engine = world.db.engine
    steps: list[None] = []

    def watch(connection: sa.Connection, *_: object) -> None:
        connection.connection.driver_connection.set_progress_handler(lambda: steps.append(None), 100)  # type: ignore[union-attr]

    sa.event.listen(engine, "before_cursor_execute", watch)
    try:
        world.page(path)
    finally:
        sa.event.remove(engine, "before_cursor_execute", watch)
    return len(steps)


def test_sqlite_looks_at_no_more_rows_of_a_matching_list_however_many_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite knows nothing of how many rows an index gives: another index, or another condition, and it reads all."""
    monkeypatch.setattr(counting, "LIMIT", 20)
    world.add(account(9999, "Heating zebra"), record("zebra", "59", "Boiler zebra"))
    fill(world, 30)
    few = {path: work(world, path) for path in WORK}
    fill(world, 3000, first=30)
    with world.app.app_context():
        world.db.session.execute(sa.update(Link).values(suggested_key=Link.local_id))
        world.db.session.commit()
    many = {path: work(world, path) for path in WORK}
    assert {path: (few[path], many[path]) for path in WORK if many[path] > 2 * few[path] + 50} == {}


def shown(page: str) -> list[str]:
    return re.findall(r'<th scope="row">(.*?)</th>|aria-label="Select ([^"]*)"', page)


def fill(world: World, number: int, first: int = 0) -> None:
    """So many rows in each list."""
    those, begin = range(first, first + number), now() - timedelta(days=3)
    times = {at: begin + timedelta(seconds=at // 2) for at in those}
    world.add(*(account(1000 + at, f"Heating {at:05}", key="3", confidence=at % 100) for at in those))
    world.add(*(contact(5000 + at, f"Ada {at:05}", "customer") for at in those))
    world.add(*(record(f"k{at}", f"5{at:05}", f"Boiler {at}") for at in those))
    runs = [run_of(2, "sync", "done", asked_at=times[at]) for at in those]
    world.add(*runs)
    world.add(*(notice_of(2, run.id, "blue", f"Complete {run.id}.") for run in runs))
    documents = [document(at, times[at]) for at in those]
    world.add(*documents)
    world.add(*(operation(link) for link in documents if link.origin == "sync"))
    world.add(*(issue_of(2, at, f"cause {at % 3}", last_seen=times[at]) for at in those))
    handled = [issue_of(2, 100_000 + at, resolution="handled", handled_at=times[at]) for at in those]
    for issue in handled:
        issue.live = None
    world.add(*handled)


def record(key: str, code: str, name: str) -> Record:
    return Record(connection_id=1, object="GLACCOUNT", key=key, natural_id=code, name=name, search=folded(code, name))


def document(at: int, time: datetime) -> Link:
    """One that was sent, paired or brought in."""
    return Link(
        connection_id=2, kind="invoice", source="paper", local_id=str(at), label=f"PAPER-{at}", state="linked",
        object="ARINVOICE", record_key=str(at), origin=("sync", "pair", "intacct")[at % 3], decided_at=time,
    )  # fmt: skip


def operation(link: Link) -> Operation:
    """What sent it."""
    return Operation(
        connection_id=2, link_id=link.id, run_id=1, op_key=str(link.id), action="create", state="DONE",
        updated_at=link.decided_at,
    )  # fmt: skip
