"""The flag on every admin page, the host's own included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask_admin.theme import Bootstrap4Theme
from sqlalchemy import event, text
from world import host
from world.statements import counted

from flask_intacct.admin import flag
from flask_intacct.flags import Flags
from flask_intacct.models import Connection, Dismissal, Notice, Run

from .conftest import World, make_app, notice_of, phase_of, run_of, seed

HOST = "/admin/thing/"


def test_nothing_is_shown_while_nothing_happens(world: World) -> None:
    page = world.page(HOST)
    assert "intacct-flag" not in page
    assert "intacct.css" not in page


def test_blue_flag_names_the_company_and_leads_to_the_results(world: World) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "The initial sync is complete."))
    page = world.page(HOST)
    assert "intacct-flag-blue" in page
    assert "Harbour" in page
    assert "The initial sync is complete." in page
    assert 'href="/admin/intacct/results/2/list?run=1">See the results' in page
    assert "/admin/intacct/runs/2/1" not in page
    assert "intacct.css" in page


def test_running_sync_opens_the_list_of_kinds(world: World) -> None:
    world.add(run_of(2))
    world.add(phase_of(1, "contact", 0, "running", 40, 0, 120), phase_of(1, "invoice", 1, "waiting"))
    page = world.page(HOST)
    assert "intacct-flag-working" in page
    assert "<details" in page
    assert "40 of 120" in page
    assert "Invoices" in page


def test_errors_while_running_make_it_orange(world: World) -> None:
    world.add(run_of(2))
    world.add(phase_of(1, "contact", 0, "running", 40, 2, 120))
    assert "intacct-flag-orange" in world.page(HOST)


def test_worst_comes_first(world: World) -> None:
    world.add(run_of(1, state="done"), run_of(2, state="done"))
    world.add(notice_of(1, 1, "blue", "Complete."), notice_of(2, 2, "red", "Finished with errors."))
    page = world.page(HOST)
    assert page.index("Finished with errors.") < page.index("Complete.")


def test_flag_is_put_away_per_person(world: World) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    answer = world.post("/admin/intacct/notices/2/dismiss/1", url=HOST)
    assert answer.headers["Location"] == HOST
    assert world.row(Dismissal).who == "ada"
    assert "Complete." not in world.page(HOST)
    world.person = "bob"
    assert "Complete." in world.page(HOST)


def test_flag_leads_back_to_its_page_under_a_prefix(world: World) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    page = world.client.get(HOST + "?page=2", base_url="http://localhost/office").text
    assert 'name="url" value="/office/admin/thing/?page=2"' in page
    assert "/office/admin/intacct/results/2/list?run=1" in page


def test_screens_live_in_an_admin_at_the_root(tmp_path: Path) -> None:
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada", admin={"url": "/"})
    assert "Northgate" in app.test_client().get("/intacct/companies/").text


def test_flag_is_not_for_people_without_rights(world: World) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    world.rights["2"] = set()
    assert "Complete." not in world.page(HOST)


def test_page_of_the_host_comes_up_without_our_tables(tmp_path: Path) -> None:
    app, db, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada")
    with app.app_context():
        db.session.execute(text("DROP TABLE intacct_notice"))
        db.session.execute(text("DROP TABLE intacct_connection"))
        db.session.commit()
    assert "Things" in World(app, db).page(HOST)


def test_page_of_the_host_comes_up_when_its_access_rule_fails(tmp_path: Path) -> None:
    def broken(right: str, company: str) -> bool:
        raise LookupError(right)

    app, _, _ = make_app(tmp_path / "host.sqlite", broken, lambda: "ada")
    client = app.test_client()
    assert client.get(HOST).status_code == 200
    assert client.get("/admin/intacct/companies/").status_code == 403


@pytest.fixture
def other_host(tmp_path: Path) -> World:
    """A host with its own base template."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "own.html").write_text(
        "{% extends 'admin/base.html' %}{% block brand %}<b>Own brand</b>{% endblock %}"
    )
    theme = Bootstrap4Theme(base_template="own.html", swatch="cerulean")
    app, db, _ = make_app(tmp_path / "other.sqlite", lambda right, company: True, lambda: "ada", admin={"theme": theme})
    app.jinja_loader.searchpath.append(str(templates))
    world = World(app, db)
    seed(world)
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    assert theme.base_template == "own.html"
    return world


def test_base_template_of_the_host_stays_in_use(other_host: World) -> None:
    page = other_host.page(HOST)
    assert "Own brand" in page
    assert "cerulean" in page
    assert "Complete." in page
    assert "Own brand" in other_host.page("/admin/intacct/companies/")


def test_two_applications_in_one_process_keep_their_own(world: World, other_host: World) -> None:
    assert "Own brand" in other_host.page(HOST)
    page = world.page(HOST)
    assert "Own brand" not in page
    assert "Complete." not in page


def test_flag_can_be_fetched_alone(world: World) -> None:
    assert world.page("/admin/intacct/notices/flag") == ""
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    assert "Complete." in world.page("/admin/intacct/notices/flag")


def test_session_of_the_host_goes_on_when_the_flag_can_not_be_read(make_world: Any, on: str) -> None:
    world = make_world(on=on, stage="read")
    session = host.db.session
    session.execute(text("ALTER TABLE intacct_notice RENAME TO intacct_gone"))
    session.commit()
    with world.app.test_request_context():
        session.add(host.Company(id=7, name="Not yet saved"))
        session.execute(text("UPDATE company SET name = 'Renamed' WHERE id = 1"))
        assert flag.shown() == Flags()
        session.commit()
    assert [company.name for company in world.host(host.Company)] == ["Renamed", "Not yet saved"]


def cost(world: World, path: str = HOST) -> list[str]:
    """The statements that a page of the host takes more than its own; a savepoint reads nothing."""
    with world.app.app_context():
        engine = world.db.engine
    with counted(engine) as statements:
        world.page(path)
    savepoints = ("SAVEPOINT", "RELEASE")
    return [one for one in statements if " thing" not in one.lower() and not one.startswith(savepoints)]


def companies(world: World, number: int) -> None:
    """So many companies of the host, each connected."""
    numbers = range(1000, 1000 + number)
    with world.app.app_context():
        table = world.db.metadata.tables["company"]
        for at in numbers:
            world.db.session.execute(table.insert().values(id=at, name=f"Company {at}"))
        world.db.session.commit()
    world.add(
        *(
            Connection(company_id=str(at), company_name=f"Company {at}", live_company=str(at), state="connected")
            for at in numbers
        )
    )


@pytest.fixture
def grown(tmp_path: Path) -> World:
    """A host with companies to come, of which the person may see all but those of `rights`."""
    world: World
    app, db, _ = make_app(
        tmp_path / "grown.sqlite", lambda right, company: right in world.rights.get(company, {right}), lambda: "ada"
    )
    world = World(app, db)
    seed(world)
    return world


@pytest.mark.parametrize("number", [0, 300])
def test_page_of_the_host_costs_two_statements_however_many_companies(grown: World, number: int) -> None:
    companies(grown, number)
    assert len(cost(grown)) == 2


@pytest.mark.parametrize("number", [0, 300])
def test_person_without_any_right_costs_two_statements_too(grown: World, number: int) -> None:
    companies(grown, number)
    grown.rights.update({connection.company_id: set() for connection in grown.rows(Connection)})
    assert len(cost(grown)) == 2


@pytest.mark.parametrize("number", [0, 300])
def test_notice_to_show_costs_one_statement(grown: World, number: int) -> None:
    companies(grown, number)
    grown.add(*(run_of(at, state="done") for at in range(2, number + 3)))
    grown.add(*(notice_of(at, at - 1, "blue", "Complete.") for at in range(2, number + 3)))
    assert len(cost(grown)) == 1, "who may see a notice has the menu, too"
    assert ("100 or more other companies have news" in grown.page(HOST)) == bool(number)


def told(grown: World, number: int) -> None:
    """So many companies, each with a notice of its own: that its sync is complete."""
    companies(grown, number)
    ids = [connection.id for connection in grown.rows(Connection, Connection.company_name.startswith("Company"))]
    grown.add(*(run_of(id_, state="done") for id_ in ids))
    grown.add(*(notice_of(id_, at, "blue", "Complete.") for at, id_ in enumerate(ids, 1)))


def looked_at(world: World, path: str = HOST) -> int:
    """How much SQLite does for what a page of the host takes more than its own, in steps of its virtual machine."""
    with world.app.app_context():
        engine = world.db.engine
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def watch(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        mine = "intacct_notice" in statement
        connection.connection.driver_connection.set_progress_handler(step if mine else None, 1)

    event.listen(engine, "before_cursor_execute", watch)
    try:
        world.page(path)
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    return steps


def test_database_looks_at_no_more_companies_than_are_shown_and_counted(grown: World) -> None:
    told(grown, 200)
    before = looked_at(grown)
    assert before > 0
    grown.add(*(Connection(company_id=f"x{at}", company_name=f"Quiet {at}") for at in range(300)))
    more = [connection.id for connection in grown.rows(Connection, Connection.company_id > "x")]
    grown.add(*(run_of(id_, state="done") for id_ in more))
    runs = [run.id for run in grown.rows(Run, Run.connection_id.in_(more))]
    grown.add(*(notice_of(id_, run, "blue", "Complete.") for id_, run in zip(more, runs, strict=True)))
    grown.change(Connection, more[-1], company_name="The last of all")
    assert looked_at(grown) == before


def test_the_few_that_a_person_may_see_are_found_behind_many_others(grown: World) -> None:
    told(grown, 300)
    grown.rights.update({connection.company_id: set() for connection in grown.rows(Connection)})
    grown.rights["1299"] = {"see"}
    assert "Company 1299" in grown.page(HOST)
    assert "have news" not in grown.page(HOST)
    assert len([one for one in cost(grown) if "intacct_notice" in one]) == 2
    grown.rights["1298"] = {"see"}
    assert "Company 1298" in grown.page(HOST)


def test_what_was_put_away_leaves_its_place_to_others(grown: World) -> None:
    told(grown, 110)
    for notice in grown.rows(Notice)[:3]:
        answer = grown.post(f"/admin/intacct/notices/{notice.connection_id}/dismiss/{notice.id}", url=HOST)
        assert answer.status_code == 303
    page = grown.page(HOST)
    assert "Company 1002" not in page
    assert page.index("Company 1003") < page.index("Company 1004") < page.index("Company 1005")
    assert "100 or more other companies have news" in page


@pytest.mark.parametrize("number", [0, 300])
def test_sync_at_work_costs_two_statements(grown: World, number: int) -> None:
    companies(grown, number)
    grown.add(*(run_of(at) for at in range(2, number + 3)))
    grown.add(*(phase_of(at, "contact", 0, "running", 40, 0, 120) for at in range(1, number + 2)))
    assert len(cost(grown)) == 2
    assert "40 of 120" in grown.page(HOST)


def test_the_rule_is_asked_only_for_companies_that_have_something_to_show(grown: World) -> None:
    asked: list[str] = []

    class Rights(dict[str, set[str]]):
        def get(self, company: str, default: Any = None) -> Any:
            asked.append(company)
            return default

    grown.rights = Rights()
    companies(grown, 300)
    grown.add(run_of(2, state="done"))
    grown.add(notice_of(2, 1, "blue", "Complete."))
    grown.page(HOST)
    assert set(asked) == {"2"}
