"""The matching lists."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from flask_intacct import links
from flask_intacct.ledger import folded
from flask_intacct.models import Connection, Link, Record, Rejection, now

from .conftest import World, account, contact

LIST = "/admin/intacct/accounts/1/"


def link(world: World, label: str) -> Link:
    found: Link = world.row(Link, Link.label == label)
    return found


def test_suggestion_is_preselected_and_certain_rows_are_ticked(world: World) -> None:
    page = world.page(LIST)
    assert 'name="key-1" value="1"' in page
    assert 'value="1" checked' in page
    assert 'value="2" checked' not in page
    assert "97%" in page
    assert "code 4001" in page


def test_nothing_is_committed_by_looking(world: World) -> None:
    world.page(LIST)
    assert {item.state for item in world.rows(Link)} == {"undecided"}


def test_accept_selected_takes_the_suggestion(world: World) -> None:
    page = world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    assert "1 record matched." in page
    chosen = link(world, "4001 Rent")
    assert (chosen.state, chosen.record_key, chosen.origin, chosen.decided_by) == ("matched", "1", "suggested", "ada")


def test_accept_selected_takes_what_was_chosen_by_hand(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "3"})
    assert (link(world, "4001 Rent").record_key, link(world, "4001 Rent").origin) == ("3", "hand")


def test_row_without_choice_is_refused_and_the_others_go_on(world: World) -> None:
    page = world.click(LIST + "action/", action="match", rowid=["1", "3"], **{"key-1": "1", "key-3": ""})
    assert "4003 Repairs: choose a record of Sage Intacct first." in page
    assert link(world, "4001 Rent").state == "matched"


def test_one_row_can_be_matched_by_its_own_button(world: World) -> None:
    world.click(LIST + "action/", single="match:2", rowid=["1"], **{"key-2": "2"})
    assert link(world, "4002 Fees").state == "matched"
    assert link(world, "4001 Rent").state == "undecided"


def test_conflict_names_the_other_record(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    page = world.click(LIST + "action/", action="match", rowid=["2"], **{"key-2": "1"})
    assert "Already used by 4001 Rent" in page
    assert link(world, "4002 Fees").state == "undecided"


def test_row_changed_meanwhile_is_refused(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "3"})
    page = world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1", "version-1": "1"})
    assert "changed" in page
    assert link(world, "4001 Rent").record_key == "3"


def test_accept_all_certain_leaves_the_unsure(world: World) -> None:
    assert "Accept all certain" in world.page(LIST)
    world.click(LIST + "action/", action="accept_certain")
    assert [item.label for item in world.rows(Link, Link.state == "matched")] == ["4001 Rent"]


def test_certain_suggestion_that_was_used_meanwhile_is_left_out(world: World) -> None:
    world.add(account(7, "Rent again", key="1", confidence=99, certain=True))
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    assert "Accept all certain" not in world.page(LIST)


def test_undo_is_offered_where_the_decision_is_told(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["2"], **{"key-2": "2"})
    page = world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    form = page.split('<form class="intacct-inline"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form))
    assert fields.pop("csrf_token")
    assert "1 record is open again." in world.click(LIST + "action/", **fields)
    assert link(world, "4001 Rent").state == "undecided"
    assert link(world, "4002 Fees").state == "matched"


def test_undo_of_the_message_is_for_the_person_who_decided(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    world.person = "bob"
    page = world.click(
        LIST + "action/", action="undo", since="2020-01-01T00:00:00+00:00", until="2099-01-01T00:00:00+00:00"
    )
    assert "Tick at least one row first." in page
    assert link(world, "4001 Rent").state == "matched"
    assert world.post(LIST + "action/", action="undo", since="soon").status_code == 400


def test_decision_can_be_undone_from_its_tab(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    assert 'value="undo:1"' in world.page(LIST + "?state=matched")
    world.click(LIST + "action/", single="undo:1")
    assert link(world, "4001 Rent").state == "undecided"


def test_archive_asks_first_and_shows_the_use(world: World) -> None:
    answer = world.post(LIST + "action/", action="archive", rowid=["3"])
    page = world.page(answer.headers["Location"])
    assert "Archive 1 record?" in page
    assert link(world, "4003 Repairs").state == "undecided"
    world.click(LIST + "archive", rowid=["3"])
    assert link(world, "4003 Repairs").state == "archived"


def test_archive_offers_only_what_can_be_archived_and_says_why_the_rest_can_not(world: World) -> None:
    page = world.page(LIST + "archive?rowid=3&rowid=4")
    assert "4004 Sundry is used by 2 documents still to be sent." in page
    assert re.findall('name="rowid" value="([0-9]+)"', page) == ["3"]
    assert 'type="submit">Archive' not in world.page(LIST + "archive?rowid=4")


def test_archive_of_what_is_still_to_be_sent_is_refused(world: World) -> None:
    page = world.click(LIST + "archive", rowid=["4"])
    assert "4004 Sundry is used by 2 documents still to be sent" in page
    assert link(world, "4004 Sundry").state == "undecided"


def test_action_without_a_ticked_row_says_so(world: World) -> None:
    assert "Tick at least one row first." in world.click(LIST + "action/", action="match")


def test_tabs_carry_counts_and_hold_their_rows(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    page = world.page(LIST + "?state=matched")
    assert "4001 Rent" in page
    assert "4002 Fees" not in page
    assert "1 of 4 decided" in page


def test_search_and_filter_survive_paging(world: World) -> None:
    world.add(*[account(100 + number, f"Heating {number:02}") for number in range(15)])
    page = world.page(LIST + "?search=heating&sure=unsure")
    assert "15 rows" in page
    assert 'rel="prev"' not in page
    assert "4001 Rent" not in page
    following = page.split('rel="next" href="')[1].split('"')[0]
    second = world.page(following)
    assert "Heating 12" in second
    assert "4001 Rent" not in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_number_of_queries_does_not_grow_with_the_rows(world: World) -> None:
    few = queries(world, LIST)
    world.add(*[account(100 + number, f"Heating {number:02}", key="2", confidence=60) for number in range(30)])
    assert queries(world, LIST) == few


def queries(world: World, path: str) -> int:
    from sqlalchemy import event

    seen: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    with world.app.app_context():
        engine = world.db.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        world.page(path)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_typeahead_finds_by_code_and_name_and_says_who_has_it(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "1"})
    found = world.get(LIST + "candidates/2?q=rent").get_json()
    assert [item["code"] for item in found] == ["4001"]
    assert "Already used by 4001 Rent" in found[0]["blocked"]
    assert world.get(LIST + "candidates/2?q=4003").get_json()[0]["name"] == "Repairs"


def test_choice_page_works_without_a_script(world: World) -> None:
    page = world.page(LIST + "choose/3?q=repairs")
    assert 'type="radio" name="key-3" value="3"' in page
    world.click(LIST + "action/", action="match", rowid=["3"], **{"key-3": "3"})
    assert link(world, "4003 Repairs").record_key == "3"


def test_continue_is_refused_with_the_count_while_something_is_open(world: World) -> None:
    assert "4 still to match" in world.page(LIST)
    page = world.click(LIST + "go-on")
    assert "4 records are still undecided" in page
    assert world.row(Connection, Connection.id == 1).step == "account"


def test_continue_leads_to_the_next_step(world: World) -> None:
    world.add(contact(1, "Ada", "customer"))
    for number in (1, 2, 3):
        world.click(LIST + "action/", action="match", rowid=[str(number)], **{f"key-{number}": str(number)})
    world.click(LIST + "action/", action="match", rowid=["4"], **{"key-4": "4"})
    assert "All decided." in world.page(LIST)
    answer = world.post(LIST + "go-on")
    assert answer.status_code == 303
    assert world.row(Connection, Connection.id == 1).step == "contact"


def test_row_of_another_connection_does_not_exist_here(world: World) -> None:
    world.add(account(9, "Foreign", connection_id=2))
    foreign = link(world, "Foreign").id
    assert world.post(LIST + "action/", action="undo", rowid=[str(foreign)]).status_code == 404
    assert world.get(LIST + f"choose/{foreign}").status_code == 404
    assert world.get(LIST + f"candidates/{foreign}").status_code == 404
    assert world.post(LIST + "archive", rowid=[str(foreign)]).status_code == 404


def test_row_of_another_step_does_not_exist_here(world: World) -> None:
    world.add(contact(1, "Ada", "customer"))
    assert world.get(LIST + f"choose/{link(world, 'Ada').id}").status_code == 404


def test_id_that_is_no_number_does_not_exist(world: World) -> None:
    assert world.post(LIST + "action/", action="undo", rowid=["x"]).status_code == 404


def test_unknown_action_is_refused(world: World) -> None:
    assert world.post(LIST + "action/", action="delete", rowid=["1"]).status_code == 400


CONTACTS = "/admin/intacct/contacts/1/"


def agreed(page: str) -> list[str]:
    """The keys that the page which asks would post."""
    return re.findall(r'name="agreed" value="([^"]+)"', page)


def test_contact_without_likely_record_is_created(world: World) -> None:
    world.add(contact(1, "Ada", "vendor"))
    ada = link(world, "Ada").id
    page = world.click(CONTACTS + "action/", action="create_vendor", rowid=[str(ada)])
    assert "1 contact will be created at Confirm." in page
    assert (link(world, "Ada").state, link(world, "Ada").role) == ("create", "vendor")


def test_contact_with_a_likely_record_is_shown_first(world: World) -> None:
    world.add(
        contact(1, "Ada", "customer", key="7", confidence=90),
        Record(connection_id=1, object="CUSTOMER", key="7", natural_id="C7", name="Ada B", search=folded("Ada B")),
    )
    ada = link(world, "Ada").id
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=[str(ada)])
    assert "Are these the same?" in page
    assert "C7 Ada B" in page
    assert link(world, "Ada").state == "undecided"
    world.click(CONTACTS + "action/", action="create_customer", rowid=[str(ada)], agreed=agreed(page))
    assert link(world, "Ada").state == "create"


def test_unticked_likely_contact_is_not_created(world: World) -> None:
    world.add(
        *[contact(number, f"Ada {number}", "customer", key="7", confidence=90) for number in (1, 2)],
        Record(connection_id=1, object="CUSTOMER", key="7", natural_id="C7", name="Ada B"),
    )
    ids = [str(link(world, f"Ada {number}").id) for number in (1, 2)]
    page = world.click(CONTACTS + "action/", action="create_customer", rowid=ids)
    world.click(CONTACTS + "action/", action="create_customer", rowid=ids[1:], agreed=agreed(page))
    assert (link(world, "Ada 1").state, link(world, "Ada 2").state) == ("undecided", "create")


def test_only_contacts_have_a_tab_of_those_to_create(world: World) -> None:
    assert "To create" in world.page("/admin/intacct/contacts/1/")
    assert "To create" not in world.page(LIST)


def test_contacts_show_and_filter_their_role(world: World) -> None:
    world.add(contact(1, "Ada", "customer"), contact(2, "Bob", "vendor"))
    page = world.page("/admin/intacct/contacts/1/?role=vendor")
    assert "Bob" in page
    assert "Ada" not in page


def test_tracking_begins_with_the_categories(world: World) -> None:
    world.add(
        Link(connection_id=1, kind="tracking_category", source="thing", local_id="1", label="Property"),
        Link(connection_id=1, kind="tracking_option", source="thing", local_id="2", parent="1", label="12 High Street"),
    )
    page = world.page("/admin/intacct/tracking/1/")
    assert "Select Property" in page
    assert "12 High Street" not in page
    options = world.page("/admin/intacct/tracking/1/?layer=tracking_option")
    assert "Match the categories first" in options
    assert "12 High Street" in options


def test_shared_option_says_so(world: World) -> None:
    world.add(
        Link(connection_id=1, kind="tracking_category", source="thing", local_id="1", label="Property",
             state="matched", object="DIMENSION", record_key="LOCATION"),
        *[
            Link(connection_id=1, kind="tracking_option", source="thing", local_id=str(number), parent="1",
                 label=f"Flat {number}", state="matched", object="LOCATION", record_key="5")
            for number in (2, 3)
        ],
        Record(connection_id=1, object="LOCATION", key="5", natural_id="L5", name="House"),
    )  # fmt: skip
    page = world.page("/admin/intacct/tracking/1/?layer=tracking_option&state=matched")
    assert "L5 House" in page
    assert "Shared with 1 other" in page


def test_used_suggestion_is_not_preselected(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["2"], **{"key-2": "1"})
    page = world.page(LIST)
    assert 'name="key-1" value=""' in page
    assert "Already used by 4002 Fees" in page
    assert 'value="1" checked' not in page


def certain(world: World, number: int, *, first: int = 100, confidence: int = 95) -> list[str]:
    """That many rows, each with a record of its own as a certain suggestion; gives their ids."""
    world.add(
        *[
            account(at, f"Heating {at}", key=str(at), confidence=confidence, certain=True)
            for at in range(first, first + number)
        ],
        *[
            Record(connection_id=1, object="GLACCOUNT", key=str(at), natural_id=f"9{at}", name=f"Heating {at}")
            for at in range(first, first + number)
        ],
    )
    return [str(link(world, f"Heating {at}").id) for at in range(first, first + number)]


def offers(page: str) -> int:
    """How many rows *Accept all certain* would take."""
    found = re.search(r'Accept all certain \(<span class="intacct-num">(\d+)', page)
    return int(found[1]) if found else 0


def test_an_overruled_certain_suggestion_raises_the_bar_at_once(world: World) -> None:
    ids = certain(world, 3, confidence=98)
    certain(world, 1, first=200, confidence=99)
    assert offers(world.page(LIST)) == 5
    page = world.click(LIST + "action/", action="match", rowid=[ids[0]], **{f"key-{ids[0]}": "5"})
    assert offers(page) == 1, "only the one of 99 %"
    assert "Stricter here, because 1 certain suggestion was overruled." in page
    assert f'value="{ids[1]}" checked' not in page
    world.click(LIST + "action/", action="accept_certain")
    assert [item.label for item in world.rows(Link, Link.origin == "suggested")] == ["Heating 200"]


def test_archiving_against_a_certain_suggestion_overrules_it(world: World) -> None:
    world.click(LIST + "archive", rowid=certain(world, 2))
    page = world.page(LIST)
    assert "Stricter here, because 2 certain suggestions were overruled." in page
    assert offers(page) == 0, "4001 Rent has 97 %"


def test_undoing_an_accepted_certain_suggestion_overrules_it_until_it_is_accepted_again(world: World) -> None:
    (id_,) = certain(world, 1, confidence=99)
    world.click(LIST + "action/", single=f"match:{id_}", **{f"key-{id_}": "100"})
    page = world.click(LIST + "action/", single=f"undo:{id_}")
    assert "Stricter here" in page
    assert offers(page) == 0, "the undone row is not accepted in bulk again"
    page = world.click(LIST + "action/", single=f"match:{id_}", **{f"key-{id_}": "100"})
    assert "Stricter here" not in page


@pytest.mark.parametrize("decide", ["action/", "archive"])
def test_undo_of_the_message_says_nothing_about_the_suggestions(world: World, decide: str) -> None:
    ids = certain(world, 3)
    page = world.click(LIST + decide, action="accept_certain", rowid=ids)
    form = page.split('<form class="intacct-inline"')[1].split("</form>")[0]
    page = world.click(LIST + "action/", **dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)))
    assert offers(page) == 4
    assert "Stricter here" not in page


def test_one_overruled_in_two_hundred_is_within_what_the_matching_promises(world: World) -> None:
    ids = certain(world, 201)
    world.click(LIST + "action/", action="match", rowid=[ids[0]], **{f"key-{ids[0]}": "5"})
    keys = {f"key-{id_}": str(at) for at, id_ in enumerate(ids, 100)}
    for at in range(1, 199, 10):  # as many as a page has
        page = world.click(LIST + "action/", action="match", rowid=ids[at : min(at + 10, 199)], **keys)
    assert "Stricter here" in page, "1 of 199"
    page = world.click(LIST + "action/", action="match", rowid=ids[199:200], **keys)
    assert "Stricter here" not in page
    assert offers(page) == 2


def test_many_overruled_leave_nothing_certain(world: World) -> None:
    ids = certain(world, 6, confidence=99)
    world.click(LIST + "archive", rowid=ids[:2])
    assert offers(world.page(LIST)) == 4, "those of 99 %"
    world.click(LIST + "archive", rowid=ids[2:3])
    assert offers(world.page(LIST)) == 0


def test_bar_for_contacts_rises_in_three_steps(world: World) -> None:
    world.add(
        *[
            contact(at, f"Ada {at}", "customer", key=str(at), confidence=confidence, certain=True)
            for at, confidence in enumerate((80, 96, 97, 98, 99, 99, 99, 99, 99), 1)
        ],
        *[
            Record(connection_id=1, object="CUSTOMER", key=str(at), natural_id=f"C{at}", name="x")
            for at in range(1, 10)
        ],
    )
    path, found = "/admin/intacct/contacts/1/", []
    ids = [str(item.id) for item in world.rows(Link, Link.kind == "contact")]
    for id_ in [None, *ids[:1], *ids[5:]]:
        if id_:
            world.click(path + "archive", rowid=[id_])
        found.append(offers(world.page(path)))
    assert found == [9, 7, 4, 3, 2, 0]


def test_bar_of_one_kind_and_company_leaves_others_alone(world: World) -> None:
    world.add(contact(1, "Ada", "customer", key="7", confidence=95, certain=True),
              Record(connection_id=1, object="CUSTOMER", key="7", natural_id="C7", name="Ada"),
              account(8, "Elsewhere", connection_id=2, key="1", confidence=95, certain=True, state="archived",
                      sure_key="1"))  # fmt: skip
    assert "Stricter here" not in world.page(LIST)
    world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "3"})
    assert "Stricter here" in world.page(LIST)
    assert offers(world.page("/admin/intacct/contacts/1/")) == 1


def test_choosing_a_vendor_of_the_same_key_overrules_a_certain_customer(world: World) -> None:
    world.add(contact(1, "Ada", "customer", key="7", confidence=95, certain=True), contact(2, "Bob", "customer"),
              *(Record(connection_id=1, object=object_, key="7", natural_id=f"{object_[0]}7", name="Ada")
                for object_ in ("CUSTOMER", "VENDOR")))  # fmt: skip
    with world.app.app_context():
        links.match(1, link(world, "Ada").id, "7", "ada", role="vendor", confirmed=True)
    assert "Stricter here" in world.page("/admin/intacct/contacts/1/")


def test_choosing_another_because_the_suggested_one_is_used_overrules_nothing(world: World) -> None:
    world.click(LIST + "action/", action="match", rowid=["2"], **{"key-2": "1"})
    page = world.click(LIST + "action/", action="match", rowid=["1"], **{"key-1": "3"})
    assert "Stricter here" not in page
    assert world.rows(Rejection, Rejection.record_key == "1") == []


def test_contact_whose_likely_record_is_used_meanwhile_is_created_without_asking(world: World) -> None:
    taken: dict[str, Any] = {"object": "CUSTOMER", "record_key": "7", "exclusive": "7"}
    world.add(
        contact(1, "Ada", "customer", key="7", confidence=90), contact(2, "Bob", "customer", state="matched", **taken)
    )
    ada = link(world, "Ada").id
    world.click("/admin/intacct/contacts/1/action/", action="create_customer", rowid=[str(ada)])
    assert link(world, "Ada").state == "create"


def test_runner_up_that_is_used_is_not_named(world: World) -> None:
    world.add(account(7, "Mending", key="3", confidence=60, runner_up_key="4"))
    assert "Next best: 4004 Insurance" in world.page(LIST)
    world.click(LIST + "action/", action="match", rowid=["4"], **{"key-4": "4"})
    assert "Next best: 4004 Insurance" not in world.page(LIST)


def test_without_the_extra_whoever_administers_is_told_what_it_adds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Flask-Intacct[matching]" not in world.page(LIST)
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)  # as if it were not installed
    assert 'pip install "Flask-Intacct[matching]"' in world.page(LIST)
    assert "Flask-Intacct[matching]" not in world.page("/admin/intacct/contacts/1/"), "nothing to match there"
    world.rights["1"] = {"see", "match"}
    assert "Flask-Intacct[matching]" not in world.page(LIST)


def test_match_is_offered_only_where_something_is_chosen(world: World) -> None:
    page = world.page(LIST)
    assert re.search(r'value="match:1">', page)
    for number in (3, 4):
        assert re.search(rf'value="match:{number}" hidden>', page)
        assert re.search(rf'<a class="btn [^"]*" href="[^"]*/choose/{number}\?[^"]*">Choose<', page)


def test_what_speaks_against_a_suggestion_stands_out(world: World) -> None:
    against = [{"message": "other number: %(code)s", "values": {"code": "4003"}}, "other type"]
    world.add(account(7, "Mending", key="3", confidence=60, reasons=["name alike: 0.70"], conflicts=against))
    page = world.page(LIST)
    assert "name alike: 0.70<" in page
    assert 'intacct-against">But: other number: 4003, other type<' in page


def spoilt(world: World, **record: object) -> str:
    """One more certain suggestion, for a record that is as said; gives the row's id."""
    (id_,) = certain(world, 1, first=500, confidence=98)
    found = world.row(Record, Record.key == "500")
    for name, value in record.items():
        setattr(found, name, value)
    world.add(found)
    return id_


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"active": False}, "is inactive in Sage Intacct"),
        ({"missing_since": now()}, "is no longer in Sage Intacct"),
        ({"payload": {"SUBLEDGERCONTROLON": "true"}}, ""),
        ({"payload": {"CLOSINGTYPE": "closed to account"}}, ""),
    ],
)
def test_what_could_not_be_accepted_is_not_counted_as_certain(
    world: World, record: dict[str, object], why: str
) -> None:
    id_ = spoilt(world, **record)
    page = world.page(LIST)
    assert offers(page) == 1, "4001 Rent"
    assert f'value="{id_}" checked' not in page
    assert why in page
    page = world.click(LIST + "action/", action="accept_certain")
    assert "1 record matched." in page
    assert [item.label for item in world.rows(Link, Link.state == "matched")] == ["4001 Rent"]


def test_a_tie_is_for_nobody_to_accept_in_bulk(world: World) -> None:
    world.add(account(7, "Rent again", key="1", confidence=99, certain=True))
    page = world.page(LIST)
    assert offers(page) == 0
    assert "Accept all certain" not in page
    assert page.count("A tie: suggested for another record of ours, too.") == 2
    assert 'value="1" checked' not in page


def test_an_account_of_the_other_statement_is_not_accepted_in_bulk(world: World) -> None:
    id_ = spoilt(world, payload={"ACCOUNTTYPE": "balancesheet"})
    row = world.row(Link, Link.id == int(id_))
    row.facts = {"v": 1, "type": "incomestatement"}
    world.add(row)
    assert offers(world.page(LIST)) == 1


def test_what_one_press_takes_is_what_was_counted(world: World) -> None:
    certain(world, 5)
    spoilt(world, active=False)
    assert offers(world.page(LIST)) == 6
    assert "6 records matched." in world.click(LIST + "action/", action="accept_certain")
    assert offers(world.page(LIST)) == 0


def test_suggested_record_stands_first_among_the_choices(world: World) -> None:
    world.change(Link, link(world, "4001 Rent").id, suggested_key="3", runner_up_key="1")
    found = world.get(LIST + "candidates/1").get_json()
    assert [item["key"] for item in found[:2]] == ["3", "1"]


def test_confidence_is_said_in_words(world: World) -> None:
    page = world.page(LIST)
    assert re.search(r"</meter> Certain, <span[^>]*>97%", page)
    assert re.search(r"</meter> Likely, <span[^>]*>80%", page)


def test_accept_all_certain_is_not_offered_above_what_is_not_certain(world: World) -> None:
    assert "Accept all certain" in world.page(LIST)
    assert "Accept all certain" in world.page(LIST + "?sure=certain")
    assert "Accept all certain" not in world.page(LIST + "?sure=likely")
    assert "Accept all certain" not in world.page(LIST + "?sure=unsure")
