"""The way of an accountant through the running demo, from Connect to the blue flag; then both sides' books."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from example_app.demo import PASSWORD, SENDER_PASSWORD
from example_app.started import Started
from example_app.walk import KINDS, Answers, Row, Walk

from .books import Host, Intacct, in_scope, part_paid
from .conftest import LONDON, NARROW, WIDE, People, too_wide

pytestmark = pytest.mark.browser

OBJECTS = {"invoice": "ARINVOICE", "bill": "APBILL"}


def test_the_whole_path(person: People, demo: Started, answers: Answers) -> None:
    intacct, host = Intacct(demo), Host(demo, company=1)
    since = answers.sync_from[0]
    there, here = intacct.counts(), host.counts()
    new = {key: details for key, details in host.parties().items() if key not in answers.known[0]}
    sent = {kind: number - len(both(answers, kind)) for kind, number in host.to_send(since).items()}
    brought_in = {
        kind: sum(
            in_scope(row, "LON", since) and not part_paid(row) and row["RECORDID"] not in both(answers, kind).values()
            for row in intacct.headers(OBJECTS[kind])
        )
        for kind in sent
    }
    assert len(both(answers, "invoice")) + len(both(answers, "bill")) == 30

    ada = person()
    through_the_wizard(ada, since)
    match_everything(ada, person)
    ada.plan()
    expect(ada.page.get_by_text("Foreseen problems")).to_have_count(0)
    expect(ada.page.get_by_role("heading", name="Documents that exist on both sides")).to_contain_text("30")
    fits_a_phone(ada)
    late = another_tab(ada, person)
    assert intacct.counts() == there, "something was written before Confirm"

    ada.confirm()
    ada.run_ended()
    expect(ada.page.get_by_text("Everything else is in step with Sage Intacct.")).to_be_visible()
    assert host.issues() == []
    fits_a_phone(ada)
    ada.page.goto(f"{ada.url}/admin/tenants/")
    expect(ada.page.locator(".intacct-flag-blue")).to_contain_text("The initial sync is complete.")

    links_are_right(host, answers)
    documents_agree(host, intacct, since, answers)
    contacts_were_created(host, intacct, new)
    after = {
        "CUSTOMER": there["CUSTOMER"] + sum(role == "customer" for *_, role in new),
        "VENDOR": there["VENDOR"] + sum(role == "vendor" for *_, role in new),
        "ARINVOICE": there["ARINVOICE"] + sent["invoice"],
        "APBILL": there["APBILL"] + sent["bill"],
    }
    after_here = host.counts()
    assert intacct.counts() == after
    assert after_here["Invoice"] == here["Invoice"] + brought_in["invoice"]
    assert after_here["Bill"] == here["Bill"] + brought_in["bill"]

    confirmed_again_and_synced(late)
    assert (intacct.counts(), host.counts()) == (after, after_here)
    documents_agree(host, intacct, since, answers)
    intacct.client.close()
    host.close()
    no_secret_is_in_the_logs(demo)


def no_secret_is_in_the_logs(demo: Started) -> None:
    logs = {path.name: path.read_text(errors="replace") for path in demo.logs.glob("*.log")}
    assert {"web.log", "worker-1.log", "worker-2.log", "scheduler.log"} <= {name for name, said in logs.items() if said}
    for secret in (PASSWORD, SENDER_PASSWORD, "not the password", "<sessionid>"):
        assert not [name for name, said in logs.items() if secret in said]


def through_the_wizard(ada: Walk, since: date) -> None:
    ada.connect()
    ada.begin()
    ada.press_continue()
    expect(ada.page.get_by_role("alert")).to_contain_text("Still to do:")
    ada.prepare()
    ada.credentials("not the password")
    expect(ada.page.get_by_role("alert")).to_contain_text("password")
    assert ada.page.get_by_label("Password").input_value() == ""
    assert "not the password" not in ada.page.content()
    ada.credentials()
    ada.entity()
    ada.date("2017-12-31")
    expect(ada.page.get_by_text("can't be before 1 January 2018")).to_be_visible()
    ada.date(since.isoformat())
    ada.heading("Match tax types")


def match_everything(ada: Walk, person: People) -> None:
    for step, kinds in KINDS.items():
        refused_to_go_on(ada, kinds)
        if step == "Accounts":
            one_record_for_two(ada, person)
            taken_back(ada)
        ada.decide_step(step)
        assert ada.rows(*kinds) == []
        ada.press_continue()


def refused_to_go_on(ada: Walk, kinds: tuple[str, ...]) -> None:
    """The button is not there, and whoever posts all the same is told how many are open."""
    open_ = len(ada.rows(*kinds))
    expect(ada.button("Continue")).to_have_count(0)
    expect(ada.page.get_by_role("link", name=f"{open_} still to match")).to_be_visible()
    token = ada.page.locator("input[name=csrf_token]").first.input_value()
    list_ = ada.page.url.partition("?")[0]
    answer = ada.page.request.post(f"{list_}go-on", form={"csrf_token": token, "url": list_})
    assert f"{open_} records are still undecided" in answer.text()
    ada.page.goto(list_)


def one_record_for_two(ada: Walk, person: People) -> None:
    """Two people choose the same account: the second is told who has it, and sees it in the list from then on."""
    first, second = unsure(ada)
    ben = person("bookkeeper")
    ben.page.goto(ada.page.url)
    ben.pick(second, first.wanted)
    ada.pick(first, first.wanted)
    ada.row(first).get_by_role("button", name="Match").click()
    expect(ada.row(first)).to_have_count(0)
    ben.row(second).get_by_role("button", name="Match").click()
    told = re.compile(f"Already used by {re.escape(first.label)}, chosen by Ada Marlow")
    expect(ben.page.get_by_text(told)).to_be_visible()
    ben.row(second).get_by_role("combobox").fill(first.wanted)
    taken = ben.row(second).get_by_role("option").first
    expect(taken).to_contain_text(told)
    expect(taken).to_have_attribute("aria-disabled", "true")
    ben.page.close()


def unsure(ada: Walk) -> tuple[Row, Row]:
    """Two rows, those first whose record nothing suggests."""
    found = sorted((row for row in ada.shown("account") if row.wanted), key=lambda row: ada.suggests(row, row.wanted))
    return found[0], found[1]


def taken_back(ada: Walk) -> None:
    """Undo, once from the message and once from the tab."""
    decided = ada.page.get_by_role("link", name=re.compile("^Matched"))
    ada.accept_certain()
    ada.button("Undo").click()
    expect(ada.page.get_by_text(re.compile(r"records are open again\."))).to_be_visible()
    expect(decided).to_contain_text("1")
    decided.click()
    ada.page.get_by_role("button", name=re.compile("^Undo ")).first.click()
    expect(ada.page.get_by_text("1 record is open again.")).to_be_visible()
    ada.page.get_by_role("link", name=re.compile("^To match")).click()


def fits_a_phone(ada: Walk) -> None:
    ada.page.set_viewport_size(NARROW)
    assert too_wide(ada.page) == 0
    ada.page.set_viewport_size(WIDE)


def another_tab(ada: Walk, person: People) -> Walk:
    tab = ada.page.context.new_page()
    person.listen(tab)
    tab.goto(ada.page.url)
    return Walk(tab, ada.url, ada.database, ada.answers, ada.company)


def links_are_right(host: Host, answers: Answers) -> None:
    """Whatever the data's answers know is linked to just that."""
    linked, known = host.links(), answers.known[0]
    assert {key: linked.get(key) for key in known} == known


def contacts_were_created(host: Host, intacct: Intacct, new: dict[tuple[str, str, str], tuple[str, str, str]]) -> None:
    """Each contact that Intacct did not have is there, with name, e-mail and postcode."""
    linked, there = host.links(), intacct.parties()
    assert {key: there[linked[key]] for key in new} == new


def both(answers: Answers, kind: str) -> dict[str, str]:
    """The documents of London that were keyed on both sides."""
    return (answers.invoices if kind == "invoice" else answers.bills)[0]


def documents_agree(host: Host, intacct: Intacct, since: date, answers: Answers) -> None:
    """Each document in scope of one side is one of the other, to the cent."""
    links = host.links()
    for kind, ours in (("invoice", host.invoices(since, links)), ("bill", host.bills(since, links))):
        joined, headers = host.linked_documents(kind), intacct.headers(OBJECTS[kind])
        numbers = {str(row["RECORDNO"]): row["RECORDID"] for row in headers}
        assert len(set(joined.values())) == len(joined), "two of ours are one of Intacct's"
        assert set(joined) == set(ours), "not just the documents in scope are joined"
        for row in headers:
            if in_scope(row, "LON", since) and not part_paid(row):
                assert str(row["RECORDNO"]) in joined.values(), f"{row['RECORDID']} did not come in"
        owed = {str(row["RECORDNO"]): Decimal(row["TRX_TOTALDUE"]) != 0 for row in headers}
        for number, paid in host.brought_in(kind).items():
            assert paid != owed[number], f"{numbers[number]} shows here as owed, and is not, or the other way round"
        papers = intacct.documents(OBJECTS[kind], joined.values())
        assert {local_id: papers[joined[local_id]] for local_id in ours} == ours
        assert {local_id: numbers[joined[local_id]] for local_id in both(answers, kind)} == both(answers, kind)


def confirmed_again_and_synced(late: Walk) -> None:
    """Whoever had the plan still open confirms again, and asks for a sync."""
    late.confirm()
    late.open_companies()
    late.page.get_by_role("rowheader", name=LONDON).get_by_role("link").click()
    late.button("Sync now").click()
    late.heading("Sync")
    late.run_ended()
    expect(late.page.get_by_text("Everything else is in step with Sage Intacct.")).to_be_visible()
