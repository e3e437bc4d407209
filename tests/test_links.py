"""Decisions: at most one local record for an Intacct record, and nothing that can't be so."""

from __future__ import annotations

import pytest
from world import MakeWorld, World, host
from world.together import at_once

from flask_intacct import choices, kinds, links
from flask_intacct.errors import AlreadyUsed, Refused, Stale
from flask_intacct.models import Event, Record
from flask_intacct.onboarding import connect, suggest
from flask_intacct.state import current


def candidates(world: World, label: str, text: str, role: str = "") -> list[choices.Candidate]:
    connection, link = world.connection, world.link(label, role)
    with current().transaction() as session:
        return choices.candidates(session, connection, link, text)


def test_a_match_is_kept_with_who_and_when(read_world: World) -> None:
    link = read_world.match("7999 Sundry", "6100", who="bob")
    assert (link.state, link.exclusive, link.decided_by, link.origin) == ("matched", link.record_key, "bob", "hand")
    (event,) = read_world.rows(Event, Event.subject == "7999 Sundry")
    assert (event.who, event.before["state"], event.after["state"]) == ("bob", "undecided", "matched")


@pytest.mark.parametrize(
    ("first", "second", "natural_id", "role"),
    [
        ("4000 Rent", "7999 Sundry", "4000", ""),
        ("Alice Adams", "Bob Brown", "C1", "customer"),
        ("Standard", "Standard", "Sale Standard", "sale"),
    ],
)
def test_a_used_record_is_refused_naming_the_other_and_who(
    read_world: World, first: str, second: str, natural_id: str, role: str
) -> None:
    world = read_world
    world.match(first, natural_id, role, who="bob")
    if first == second:
        world.save(host.TaxRate(company_id=1, label="Twenty", percent=20))
        world.drain(connect.refresh(world.id, "ada"))
        second = "Twenty"
    with pytest.raises(AlreadyUsed, match=f"Already used by {first}, chosen by bob on ") as caught:
        world.match(second, natural_id, role)
    assert "Choose another record, or undo that match first." in caught.value.message
    assert world.link(second, role).state == "undecided"


def test_of_two_people_who_choose_the_same_record_at_once_one_gets_it(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    key = world.record("6100").key
    ids = {who: world.link(label).id for who, label in (("ada", "4000 Rent"), ("bob", "7999 Sundry"))}
    outcomes = at_once(world, *(lambda who=who: links.match(world.id, ids[who], key, who) for who in ids))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, AlreadyUsed)]
    (winner,) = world.links("account", "matched")
    assert len(refusals) == 1
    assert f"Already used by {winner.label}, chosen by {winner.decided_by} on" in refusals[0].message


def test_of_many_who_choose_in_bulk_at_once_each_record_has_one_taker(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    world.save(*(host.Account(company_id=1, code=f"900{n}", title=f"More {n}") for n in range(3)))
    world.drain(connect.refresh(world.id, "ada"))
    ids = [link.id for link in world.links("account")]
    keys = [world.record(number).key for number in ("4000", "4100", "6000", "6100")]

    def choose(shift: int) -> list[object]:
        outcomes: list[object] = []
        for number, key in enumerate(keys):
            try:
                outcomes.append(links.match(world.id, ids[(number + shift) % len(ids)], key, f"person {shift}").id)
            except Refused as refusal:
                outcomes.append(refusal)
        return outcomes

    at_once(world, *(lambda shift=shift: choose(shift) for shift in range(4)))
    taken = [link.exclusive for link in world.links("account") if link.exclusive]
    assert sorted(taken) == sorted(set(taken))
    assert set(taken) <= set(keys)


def test_of_two_people_who_decide_one_row_at_once_the_later_one_is_told(make_world: MakeWorld, on: str) -> None:
    world = make_world(on=on, stage="read")
    link = world.link("7999 Sundry")
    keys = [world.record(number).key for number in ("6000", "6100")]
    outcomes = at_once(
        world, *(lambda key=key: links.match(world.id, link.id, key, key, version=link.version) for key in keys)
    )
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert isinstance(refused, Stale)
    assert world.get(type(link), link.id).version == link.version + 1


def test_a_stale_row_is_refused_naming_who_changed_it(read_world: World) -> None:
    world = read_world
    version = world.link("7999 Sundry").version
    world.match("7999 Sundry", "6100", who="bob")
    with pytest.raises(Stale, match="was changed by bob since this page was drawn"):
        world.match("7999 Sundry", "6000", version=version)
    assert world.link("7999 Sundry").record_key == world.record("6100").key


def test_a_row_of_another_connection_is_refused(read_world: World) -> None:
    world = read_world
    world.save(host.Company(id=2, name="Harbour"))
    other = connect.start("2", "ada")
    for decide in (links.accept, links.archive, links.undo):
        outcome = decide(other.id, [world.link("4000 Rent").id], "ada")
        assert (outcome.done, outcome.refused) == ([], ["This row does not belong to the company, or it is gone."])
    assert world.link("4000 Rent").state == "undecided"


def test_a_record_of_another_connection_is_refused(read_world: World) -> None:
    world = read_world
    world.save(host.Company(id=2, name="Harbour"))
    other = connect.start("2", "ada")
    with current().transaction() as session:
        session.add(Record(connection_id=other.id, object="GLACCOUNT", key="999", natural_id="9", name="Theirs"))
    with pytest.raises(Refused, match="not in Sage Intacct"):
        links.match(world.id, world.link("4000 Rent").id, "999", "ada")


REFUSED = {
    "unknown key": ("4000 Rent", "", "GLACCOUNT", None, "not in Sage Intacct"),
    "another kind": ("4000 Rent", "", "GLACCOUNT", "C9", "not in Sage Intacct"),
    "inactive": ("4000 Rent", "", "GLACCOUNT", "4900", "is inactive"),
    "wrong rate": ("Standard", "sale", "TAXDETAIL", "Sale Zero", "has 0 %, this tax type 20 %"),
    "wrong direction": ("Standard", "sale", "TAXDETAIL", "Purchase Standard", "is a purchase tax detail"),
    "another entity's location": ("High Street", "", "LOCATION", "E2-10", "not in Sage Intacct"),
    "inactive customer": ("Alice Adams", "customer", "CUSTOMER", "C4", "is inactive"),
}


@pytest.mark.parametrize(("label", "role", "object_", "natural_id", "words"), REFUSED.values(), ids=list(REFUSED))
def test_what_can_not_be_the_same_is_refused(
    read_world: World, label: str, role: str, object_: str, natural_id: str | None, words: str
) -> None:
    world = read_world
    world.accept("tracking_category")
    known = {record.natural_id: record.key for record in world.rows(Record, Record.object == object_)}
    key = known.get(natural_id or "", "nothing")
    with pytest.raises(Refused, match=words):
        links.match(world.id, world.link(label, role).id, key, "ada")
    assert world.link(label, role).state == "undecided"


def test_a_customer_that_intacct_keeps_out_is_refused(make_world: MakeWorld) -> None:
    world = make_world()
    world.sim.add_field("CUSTOMER", "RL_SYNCING_DISABLED", "B")
    world.sim.modify("CUSTOMER", "C1", RL_SYNCING_DISABLED=True)
    world.connect()
    with pytest.raises(Refused, match="kept out of the sync"):
        world.match("Alice Adams", "C1")
    assert world.link("Alice Adams").state == "undecided"


def test_a_shared_tracking_option_is_allowed(read_world: World) -> None:
    world = read_world
    world.accept("tracking_category")
    world.match("High Street", "E1-10")
    assert world.match("Station Road", "E1-10").state == "matched"


def test_options_wait_for_their_category(read_world: World) -> None:
    with pytest.raises(Refused, match="match its category first"):
        read_world.match("High Street", "E1-10")


def test_another_dimension_for_a_category_reopens_its_options_and_suggests_anew(decided_world: World) -> None:
    world = decided_world
    links.match(world.id, world.link("Team").id, "LOCATION", "ada")
    suggest.suggest_options(world.id)
    options = [link for link in world.links("tracking_option") if link.label in ("Lettings", "Maintenance")]
    assert [(link.state, link.record_key, link.suggested_key) for link in options] == [("undecided", "", "")] * 2
    links.match(world.id, world.link("Team").id, "DEPARTMENT", "ada")
    suggest.suggest_options(world.id)
    keys = [world.record(code, "DEPARTMENT").key for code in ("LET", "MNT")]
    assert [world.link(label).suggested_key for label in ("Lettings", "Maintenance")] == keys


def test_accept_takes_each_suggestion_and_says_what_has_none(read_world: World) -> None:
    world = read_world
    outcome = links.accept(world.id, [world.link("4000 Rent").id, world.link("7999 Sundry").id], "ada")
    assert outcome.done == [world.link("4000 Rent").id]
    assert outcome.refused == ["7999 Sundry has no suggestion."]
    assert world.link("4000 Rent").origin == "suggested"


def test_create_is_for_contacts_only(read_world: World) -> None:
    outcome = links.create(read_world.id, [read_world.link("7999 Sundry").id], "", "ada")
    assert outcome.refused == ["7999 Sundry: only contacts can be created in Sage Intacct."]


def test_create_stops_at_a_likely_existing_record_until_a_person_has_looked(read_world: World) -> None:
    world = read_world
    alice = world.link("Alice Adams")
    assert "looks like an existing record" in links.create(world.id, [alice.id], "", "ada").refused[0]
    assert links.create(world.id, [alice.id], "", "ada", confirmed=True).done == [alice.id]
    assert world.link("Alice Adams").state == "create"


def test_a_contact_may_be_created_in_another_role(read_world: World) -> None:
    world = read_world
    carol = world.link("Carol Clark")
    links.create(world.id, [carol.id], "vendor", "ada", confirmed=True)
    assert world.link("Carol Clark").role == "vendor"


def test_a_contact_with_a_row_for_the_other_role_keeps_both(read_world: World) -> None:
    world = read_world
    eve = world.link("Eve Evans", "customer")
    outcome = links.create(world.id, [eve.id], "vendor", "ada")
    assert outcome.refused == ["Eve Evans has a row of its own as vendor: decide that one."]
    assert (world.link("Eve Evans", "customer").state, world.link("Eve Evans", "vendor").state) == ("undecided",) * 2


def test_archiving_a_category_archives_its_open_options(read_world: World) -> None:
    world = read_world
    outcome = links.archive(world.id, [world.link("Team").id], "ada")
    assert outcome.refused == []
    assert [world.link(label).state for label in ("Team", "Lettings", "Maintenance")] == ["archived"] * 3


def test_a_category_whose_options_are_used_can_not_be_archived(read_world: World) -> None:
    outcome = links.archive(read_world.id, [read_world.link("Property").id], "ada")
    assert outcome.refused[0].startswith("High Street is used by")
    assert read_world.link("High Street").state == "undecided"


def test_undo_frees_intacct_s_record(read_world: World) -> None:
    world = read_world
    link = world.match("7999 Sundry", "6100")
    assert links.undo(world.id, [link.id], "bob").done == [link.id]
    undone = world.link("7999 Sundry")
    assert (undone.state, undone.exclusive, undone.record_key, undone.origin) == ("undecided", None, "", "")
    assert world.match("4000 Rent", "6100").state == "matched"


def test_a_changed_match_frees_the_record_before(read_world: World) -> None:
    world = read_world
    world.match("7999 Sundry", "6100")
    world.match("7999 Sundry", "6000")
    assert world.match("4000 Rent", "6100").state == "matched"


def test_after_confirm_a_contact_stays_as_it_was_matched(synced_world: World) -> None:
    world = synced_world
    alice = world.link("Alice Adams")
    with pytest.raises(Refused, match="in step with Sage Intacct"):
        links.match(world.id, alice.id, world.record("C2").key, "ada")
    for decide in (links.undo, links.archive):
        assert decide(world.id, [alice.id], "ada").done == []
    assert world.link("Alice Adams").record_key == alice.record_key


def test_after_confirm_an_account_may_be_matched_anew(synced_world: World) -> None:
    world = synced_world
    world.sim.insert("GLACCOUNT", {"ACCOUNTNO": "4150", "TITLE": "Charges", "ACCOUNTTYPE": "incomestatement",
                                   "NORMALBALANCE": "credit", "STATUS": "active"})  # fmt: skip
    world.drain(connect.refresh(world.id, "ada"))
    assert world.match("4100 Fees", "4150").state == "linked"


def test_counts_add_up_over_the_kinds_of_a_step(decided_world: World) -> None:
    with current().transaction() as session:
        found = choices.counts(session, decided_world.id, *kinds.MATCHED)
    assert (found.undecided, found.matched, found.create, found.archived) == (0, 16, 3, 1)
    assert found.done == found.total == 20


def test_candidates_are_found_by_code_and_name_and_say_why_they_can_not_be_chosen(read_world: World) -> None:
    world = read_world
    world.match("7999 Sundry", "4100", who="bob")
    found = {candidate.natural_id: str(candidate.blocked) for candidate in candidates(world, "4000 Rent", "4")}
    assert found["4000"] == ""
    assert "Already used by 7999 Sundry, chosen by bob" in found["4100"]
    assert "inactive" in found["4900"]
    assert [candidate.natural_id for candidate in candidates(world, "4000 Rent", "REN")] == ["4000"]
    assert candidates(world, "4000 Rent", "%") == []


def test_candidates_of_a_tax_type_are_those_of_its_direction(read_world: World) -> None:
    found = [candidate.natural_id for candidate in candidates(read_world, "Standard", "", "sale")]
    assert found == ["Sale Standard", "Sale Zero"]
