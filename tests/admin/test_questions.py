"""Whether a row, or a company, is still the same: asked and answered on the results page."""

from __future__ import annotations

from flask_intacct.issues import ANOTHER_COMPANY, ANOTHER_RECORD, DELETED_THERE
from flask_intacct.messages import quoted
from flask_intacct.models import Connection, Issue, Link

from .conftest import World, account

LIST, ANSWER = "/admin/intacct/results/2/list", "/admin/intacct/results/2/answer"
NOW = {"v": 1, "ref": ["thing", "1"], "name": "Rates", "code": "5001"}


def ask(world: World) -> None:
    """The row of an account seems to be another one."""
    doubt = {"doubt": {"state": "linked", "value": NOW}}
    world.add(
        account(1, "4001 Rent", connection_id=2, state="suspended", agreed=doubt, object="GLACCOUNT", record_key="1",
                exclusive="1", facts={"v": 1, "name": "Rent", "code": "4001"}),
    )  # fmt: skip
    link = world.row(Link, Link.connection_id == 2)
    said = quoted("It was Rent, and is Rates.")
    world.add(Issue(connection_id=2, fingerprint=ANOTHER_RECORD, subject=f"link:{link.id}", live="live",
                    kind="account", label="4001 Rent", message=said))  # fmt: skip


def ask_of_company(world: World) -> None:
    said = quoted("It was Harbour, and is Port.")
    world.change(Connection, 2, facts={"company_doubt": "Port"})
    world.add(Issue(connection_id=2, fingerprint=ANOTHER_COMPANY, subject="connection:2", live="live", message=said))


def test_a_record_that_is_the_same_goes_on(world: World) -> None:
    ask(world)
    page = world.page(LIST)
    assert "It is the same" in page
    assert "It is another one" in page
    assert "1 question is answered." in world.click(ANSWER, rowid=["1"], answer="same")
    link = world.row(Link, Link.connection_id == 2)
    assert (link.state, link.facts["name"], world.row(Issue).live) == ("linked", "Rates", None)
    assert "It is the same" not in world.page(LIST)


def test_a_record_that_is_another_one_ends(world: World) -> None:
    ask(world)
    assert "1 question is answered." in world.click(ANSWER, rowid=["1"], answer="another")
    link = world.row(Link, Link.connection_id == 2)
    assert (link.state, link.exclusive, link.local_id) == ("orphaned", None, f"deleted:{link.id}:1")


def test_a_question_is_not_marked_as_handled(world: World) -> None:
    ask(world)
    assert "Mark as handled…" not in world.page("/admin/intacct/results/2/")
    page = world.click("/admin/intacct/results/2/handle", rowid=["1"], reason="No matter.")
    assert "This waits for your answer" in page
    assert world.row(Issue).live == "live"


def test_what_asks_nothing_has_no_answer(world: World) -> None:
    world.add(Issue(connection_id=2, fingerprint="no account", subject="link:1", live="live", message=quoted("x")))
    assert "There is nothing to answer here" in world.click(ANSWER, rowid=["1"], answer="same")
    assert world.post(ANSWER, rowid=["1"], answer="perhaps").status_code == 400
    assert world.row(Issue).live == "live"


def test_a_company_that_is_the_same_has_its_new_name(world: World) -> None:
    ask_of_company(world)
    assert "1 question is answered." in world.click(ANSWER, rowid=["1"], answer="same")
    assert (world.row(Connection, Connection.id == 2).company_name, world.row(Issue).live) == ("Port", None)


def test_the_connection_of_another_company_ends(world: World) -> None:
    ask_of_company(world)
    world.post(ANSWER, rowid=["1"], answer="another")
    assert world.row(Connection, Connection.id == 2).state == "ended"


def test_only_who_administers_answers_for_a_company(world: World) -> None:
    ask_of_company(world)
    token = world.token()
    world.rights["2"] = {"see", "match"}
    assert token
    assert world.post(ANSWER, rowid=["1"], answer="same").status_code == 403
    assert world.row(Connection, Connection.id == 2).company_name == "Harbour"


def test_a_record_that_was_deleted_in_intacct_is_sent_again(world: World) -> None:
    joined = account(1, "INV-1", connection_id=2, state="linked", object="ARINVOICE", record_key="17", exclusive="17")
    joined.kind = "invoice"
    world.add(joined)
    link = world.row(Link, Link.connection_id == 2)
    world.add(Issue(connection_id=2, fingerprint=DELETED_THERE, subject=f"link:{link.id}", live="live",
                    kind="invoice", label="INV-1", message=quoted("x")))  # fmt: skip
    assert "Send it again" in world.page(LIST)
    assert "1 question is answered." in world.click(ANSWER, rowid=["1"], answer="again")
    link = world.row(Link, Link.connection_id == 2)
    assert (link.state, link.record_key, world.row(Issue).live) == ("create", "", None)
    assert "Send it again" not in world.page(LIST)
