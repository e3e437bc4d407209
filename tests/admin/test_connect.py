"""The wizard, from Connect to Confirm, against a gateway that answers over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from frames import tells
from werkzeug.datastructures import MultiDict

from flask_intacct import jobs
from flask_intacct.admin.forms import CredentialsForm
from flask_intacct.messages import quoted
from flask_intacct.models import Base, Connection, Link, Run, now
from flask_intacct.simulator import Simulator
from flask_intacct.simulator.seed.dataset import Dataset, DimensionValue, Entity, GLAccount

from .conftest import EVERYTHING, World, make_app

TICKS = ["subscription", "sender", "user", "setup", "numbering"]
AT = "/admin/intacct/connect/1/"


@dataclass
class Wizard(World):
    """A host with two accounts and nothing else, and its gateway."""

    sim: Any = None

    def token(self) -> str:
        if not self._token:
            page = self.page("/admin/intacct/companies/")
            self._token = page.split('name="csrf_token" value="')[1].split('"')[0]
        return self._token

    @property
    def connection(self) -> Connection:
        found: Connection = self.rows(Connection)[0]
        return found

    def work(self) -> None:
        """As a worker would: slice by slice until nothing is at work."""
        with self.app.app_context():
            for _ in range(50):
                self.db.session.rollback()
                run = self.db.session.query(Run).filter(Run.live.is_not(None)).first()
                if run is None:
                    return
                jobs.work(run.id)

    def to(self, step: str) -> None:
        """Walk to a step the quick way."""
        order = ["overview", "prerequisites", "credentials", "entity", "date", "account", "plan"]
        for name in order[: order.index(step)]:
            if name == "overview":
                self.post("/admin/intacct/companies/start", company_id="1")
                self.post(AT + "overview")
            elif name == "prerequisites":
                self.post(AT + "prerequisites", tick=TICKS)
            elif name == "credentials":
                self.post(AT + "credentials", intacct_company="demo", user_id="ws_user", password="secret")
            elif name == "entity":
                self.post(AT + "entity", entity="E1", location="E1-10")
            elif name == "date":
                self.post(AT + "date", sync_from="2026-01-01")
                self.work()
            elif name == "account":
                ids = [str(link.id) for link in self.rows(Link)]
                keys = {f"key-{link.id}": self.key(link.label) for link in self.rows(Link)}
                self.post("/admin/intacct/accounts/1/action/", action="match", rowid=ids, **keys)
                self.post("/admin/intacct/accounts/1/go-on")
                self.work()
        assert self.connection.step == step

    def key(self, label: str) -> str:
        """The key of the GL account with the same name."""
        (row,) = [row for row in self.sim.rows("GLACCOUNT") if row["TITLE"] in label]
        return str(row["RECORDNO"])


def small() -> Dataset:
    return Dataset(
        entities=(Entity("E1", "North Ltd"), Entity("E2", "South Ltd")),
        tax_details=(),
        accounts=(
            GLAccount("4000", "Rent", "incomestatement", "credit"),
            GLAccount("6000", "Repairs", "incomestatement", "debit"),
        ),
        locations=(DimensionValue("E1-10", "High Street", "E1"), DimensionValue("E2-10", "Low Road", "E2")),
        departments=(),
        classes=(),
        udd_name="PROPERTY",
        udd_label="Property",
        udd_values=(),
        customers=(),
        vendors=(),
    )


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Wizard]:
    with Simulator(small()) as sim:
        rights: dict[str, set[str]] = {"1": set(EVERYTHING), "2": set(EVERYTHING)}
        app, db, Thing = make_app(
            tmp_path / "host.sqlite",
            lambda right, company: right in rights.get(company, set()),
            lambda: "ada",
            kinds=("accounts",),
            config={"INTACCT_ENDPOINT": sim.url, "INTACCT_ALLOW_LOOPBACK": True},
        )
        wizard = Wizard(app, db, rights, sim=sim)
        wizard.add(Thing(company_id=1, code="4000", name="Rent"), Thing(company_id=1, code="6100", name="Repairs"))
        yield wizard


def test_first_screen_says_what_syncs_and_which_way(wizard: Wizard) -> None:
    page = wizard.click("/admin/intacct/companies/start", company_id="1")
    assert "Both ways" in page
    assert "From Sage Intacct" in page
    assert 'aria-current="step"' in page
    assert "Step 1 of" in page


def test_prerequisites_have_to_be_ticked_all(wizard: Wizard) -> None:
    wizard.to("prerequisites")
    answer = wizard.post(AT + "prerequisites", tick=TICKS[:3])
    assert answer.status_code == 422
    assert "Still to do" in answer.text
    assert 'value="subscription" checked' in answer.text
    assert wizard.connection.step == "prerequisites"
    assert "Company > Admin > Subscriptions" in wizard.page(AT + "prerequisites")


def test_wrong_password_is_refused_with_its_cure_and_the_rest_is_kept(wizard: Wizard) -> None:
    wizard.to("credentials")
    answer = wizard.post(AT + "credentials", intacct_company=" demo ", user_id="ws_user", password="wr0ng-one")
    assert answer.status_code == 422
    assert "refuses the sign-in" in answer.text
    assert 'value=" demo "' in answer.text, "as it was typed, for blanks may belong to it"
    assert 'value="ws_user"' in answer.text
    assert "wr0ng-one" not in answer.text
    assert (wizard.connection.step, wizard.connection.intacct_company) == ("credentials", "")


def test_unknown_company_has_a_message_of_its_own(wizard: Wizard) -> None:
    wizard.to("credentials")
    answer = wizard.post(AT + "credentials", intacct_company="nobody", user_id="ws_user", password="secret")
    assert "does not know this company ID" in answer.text


def test_missing_input_is_named_at_its_field(wizard: Wizard) -> None:
    wizard.to("credentials")
    answer = wizard.post(AT + "credentials", intacct_company="demo", user_id="", password="secret")
    assert answer.status_code == 422
    assert "Enter the user ID." in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_password_is_never_rendered(wizard: Wizard) -> None:
    wizard.to("entity")
    assert "secret" not in wizard.page(AT + "credentials")


def test_gateway_that_is_down_is_told_and_the_wizard_stays(wizard: Wizard) -> None:
    wizard.to("entity")
    wizard.sim.stop()
    answer = wizard.get(AT + "entity")
    assert answer.status_code == 503
    assert "can't be reached" in unescape(answer.text)
    assert "Try again" in answer.text
    assert wizard.connection.step == "entity"
    answer = wizard.post(AT + "entity", entity="E1")
    assert "can't be reached" in unescape(answer.text)
    assert wizard.connection.step == "entity"


def test_entities_are_listed_with_the_top_level(wizard: Wizard) -> None:
    wizard.to("entity")
    page = wizard.page(AT + "entity")
    assert "North Ltd" in page
    assert "South Ltd" in page
    assert "Top level" in page


@pytest.mark.parametrize(
    ("company", "chosen"), [("North Limited", ["E1"]), ("SOUTH", ["E2"]), ("Northern", []), ("Ltd", [])]
)
def test_entity_that_is_called_like_the_company_is_preselected(wizard: Wizard, company: str, chosen: list[str]) -> None:
    wizard.to("entity")
    wizard.change(Connection, wizard.connection.id, company_name=company)
    page = wizard.page(AT + "entity")
    assert re.findall(r'name="entity" value="([^"]*)" required checked', page) == chosen


def test_prerequisites_name_the_sender_id_to_authorise(wizard: Wizard) -> None:
    wizard.to("prerequisites")
    assert "The sender ID to authorise: <strong>sender</strong>" in wizard.page(AT + "prerequisites")


def test_entity_of_another_company_is_disabled_and_refused(wizard: Wizard) -> None:
    wizard.to("entity")
    wizard.add(Connection(company_id="2", company_name="Harbour", live_company="2", live_target="demo|e1", facts={}))
    page = wizard.page(AT + "entity")
    assert "Already connected by Harbour" in page
    answer = wizard.post(AT + "entity", entity="E1")
    assert answer.status_code == 422
    assert "North Ltd is already connected to another company." in answer.text
    assert wizard.connection.step == "entity"


def test_entity_of_a_company_that_one_may_not_see_is_another_company_s(wizard: Wizard) -> None:
    wizard.to("entity")
    wizard.add(Connection(company_id="2", company_name="Harbour", live_company="2", live_target="demo|e1", facts={}))
    wizard.rights["2"] = {"administer", "match"}
    page = wizard.page(AT + "entity")
    assert "Already connected by another company" in page
    assert "Harbour" not in page
    assert "Harbour" not in wizard.post(AT + "entity", entity="E1").text


def test_entity_that_is_not_there_is_refused(wizard: Wizard) -> None:
    wizard.to("entity")
    answer = wizard.post(AT + "entity", entity="E9")
    assert answer.status_code == 422
    assert wizard.connection.step == "entity"


def test_default_location_is_one_of_the_entity(wizard: Wizard) -> None:
    wizard.to("entity")
    page = wizard.page(AT + "entity?entity=E1")
    assert "High Street" in page
    assert "Low Road" not in page
    assert "does not belong" in wizard.post(AT + "entity", entity="E1", location="E2-10").text
    wizard.post(AT + "entity", entity="E1", location="E1-10", top_level_posting="1")
    assert (wizard.connection.default_location, wizard.connection.top_level_posting) == ("E1-10", True)


@pytest.mark.parametrize(
    ("day", "words"),
    [("2017-12-31", "before 1 January 2018"), ("", "Enter the date"), ("soon", "date"), ("2999-01-01", "future")],
)
def test_date_is_required_and_bounded(wizard: Wizard, day: str, words: str) -> None:
    wizard.to("date")
    answer = wizard.post(AT + "date", sync_from=day)
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert wizard.connection.step == "date"


def test_reading_shows_progress_and_then_goes_on(wizard: Wizard) -> None:
    wizard.to("date")
    page = wizard.click(AT + "date", sync_from="2026-01-01")
    assert "Reading Sage Intacct" in page
    assert "GL accounts" in page
    assert "data-next" in page
    wizard.work()
    assert wizard.get(AT + "reading").headers["Location"] == AT
    assert "Match accounts" in unescape(wizard.client.get(AT, follow_redirects=True).text)


def test_wizard_resumes_where_it_was(wizard: Wizard) -> None:
    wizard.to("credentials")
    wizard.client = wizard.app.test_client()
    assert wizard.get(AT).headers["Location"] == AT + "credentials"


def test_transactions_can_be_left_out(wizard: Wizard) -> None:
    wizard.to("date")
    wizard.post(AT + "date", sync_from="2026-01-01", without_transactions="y")
    assert wizard.connection.with_transactions is False


def test_plan_is_shown_and_confirmed(wizard: Wizard) -> None:
    wizard.to("plan")
    page = wizard.page("/admin/intacct/plan/1/")
    assert "What will happen" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    page = wizard.click("/admin/intacct/plan/1/confirm", digest=digest)
    assert "Initial sync" in page
    assert wizard.connection.confirmed_by == "ada"
    again = wizard.click("/admin/intacct/plan/1/confirm", digest=digest)
    assert "Initial sync" in again
    assert len(wizard.rows(Run, Run.kind == "initial")) == 1


def test_each_figure_of_the_plan_opens_to_its_records(wizard: Wizard) -> None:
    account = {"ACCOUNTNO": "8100", "TITLE": "Sundry", "ACCOUNTTYPE": "incomestatement", "STATUS": "active"}
    wizard.sim.insert("GLACCOUNT", account)
    wizard.to("plan")
    page = wizard.page("/admin/intacct/plan/1/")
    links = re.findall(r'<td class="intacct-right intacct-num"><a href="([^"]+)">(\d+)<', page)
    assert any("/rows" in address for address, _ in links)
    for address, count in links:
        opened = wizard.page(unescape(address))
        if "/rows" in address:
            assert f"{count} record" in opened
            assert opened.count('<th scope="row">') == int(count)
        else:
            assert "intacct-table" in opened


def test_a_figure_that_the_plan_does_not_have_leads_back_to_it(wizard: Wizard) -> None:
    wizard.to("plan")
    answer = wizard.get("/admin/intacct/plan/1/rows?kind=account&action=nonsense&after=x")
    assert answer.headers["Location"].endswith("/admin/intacct/plan/1/")


def test_record_that_came_up_since_is_to_match_before_the_plan_is_confirmed(wizard: Wizard) -> None:
    wizard.to("plan")
    wizard.add(Link(connection_id=1, kind="account", source="thing", local_id="9", label="New account"))
    page = wizard.page("/admin/intacct/plan/1/")
    assert "have to be matched before you can confirm" in page
    assert "/admin/intacct/accounts/1/" in page
    assert "Confirm and start" not in page


def test_plan_that_is_no_longer_true_is_made_again(wizard: Wizard) -> None:
    wizard.to("plan")
    page = wizard.click("/admin/intacct/plan/1/confirm", digest="old")
    assert "changed since this plan was made" in page
    assert wizard.connection.confirmed_at is None
    assert wizard.rows(Run, Run.kind == "plan")[-1].state == "queued"
    assert "The plan is being made." in page


def test_step_can_be_visited_again(wizard: Wizard) -> None:
    wizard.to("account")
    page = wizard.page("/admin/intacct/accounts/1/")
    assert f'href="{AT}date"' in page
    assert 'value="2026-01-01"' in wizard.page(AT + "date")


def test_refresh_reads_again_and_comes_back(wizard: Wizard) -> None:
    wizard.to("account")
    page = wizard.click("/admin/intacct/accounts/1/refresh")
    assert "Reading Sage Intacct" in page
    wizard.work()
    assert wizard.client.get(AT + "reading", follow_redirects=True).request.path == "/admin/intacct/accounts/1/"


def test_reading_that_failed_says_why_and_can_be_tried_again(wizard: Wizard) -> None:
    wizard.to("date")
    wizard.post(AT + "date", sync_from="2026-01-01")
    run = wizard.row(Run)
    run.state, run.live, run.problem = "failed", None, quoted("Sage Intacct can't be reached just now.")
    wizard.add(run)
    page = wizard.page(AT + "reading")
    assert "Sage Intacct can't be reached just now." in page
    assert "Try again" in page
    assert "Reading Sage Intacct" in wizard.click(AT + "read")
    assert [item.state for item in wizard.rows(Run)] == ["failed", "queued"]


def test_resuming_while_intacct_is_read_shows_the_progress(wizard: Wizard) -> None:
    wizard.to("date")
    wizard.post(AT + "date", sync_from="2026-01-01")
    assert wizard.get(AT).headers["Location"] == AT + "reading"


def test_lost_credentials_lead_to_the_sign_in(wizard: Wizard) -> None:
    wizard.to("account")
    connection = wizard.connection
    connection.state, connection.step = "needs_reconnecting", "done"
    wizard.add(connection)
    assert wizard.get(AT).headers["Location"] == AT + "credentials"


def test_no_page_signs_in_while_somebody_has_to_sign_in_again(wizard: Wizard) -> None:
    wizard.to("date")
    wizard.sim.company.users["ws_user"].password = "changed"
    wizard.sim.expire_sessions()
    assert "refuses the sign-in" in wizard.page(AT + "entity", 503)
    for path in ("entity", "entity?entity=E1", "credentials", ""):
        assert wizard.get(AT + path).status_code in (200, 302, 409)
    assert "refuses the sign-in" in wizard.page(AT + "entity", 409)
    wizard.post(AT + "entity", entity="E1")
    assert "refuses the sign-in" in wizard.page(AT + "credentials")
    assert wizard.sim.company.users["ws_user"].failures == 1
    assert wizard.connection.state == "needs_reconnecting"


def test_no_frame_of_the_page_holds_the_password(wizard: Wizard) -> None:
    wizard.to("credentials")
    wizard.token()
    wizard.sim.company.users["ws_user"].password = "canary-7391"
    with wizard.app.app_context():
        Base.metadata.tables["intacct_event"].drop(wizard.db.engine)
    with pytest.raises(Exception, match="intacct_event") as caught:
        wizard.post(AT + "credentials", intacct_company="demo", user_id="ws_user", password="canary-7391")
    # Flask's own frames know the request, with the form as it was typed.
    found = [line for line in tells(caught.value, "canary-7391") if "/flask_intacct/" in line]
    assert found == []


def test_credentials_that_can_not_be_opened_say_what_to_do(wizard: Wizard) -> None:
    wizard.to("entity")
    connection = wizard.connection
    connection.password_sealed = "sealed with another key"
    wizard.add(connection)
    answer = wizard.get(AT + "entity")
    assert answer.status_code == 409
    assert "INTACCT_SECRET_KEYS" in answer.text
    assert wizard.connection.state == "needs_reconnecting"


def test_entity_has_to_be_chosen(wizard: Wizard) -> None:
    wizard.to("entity")
    assert "Choose one of the entities first." in wizard.post(AT + "entity").text


@pytest.mark.parametrize("view", ["connect", "plan", "runs", "notices"])
def test_screen_without_a_company_leads_to_the_list(wizard: Wizard, view: str) -> None:
    assert wizard.get(f"/admin/intacct/{view}/").headers["Location"] == "/admin/intacct/companies/"


def test_plan_can_be_made_again(wizard: Wizard) -> None:
    wizard.to("plan")
    assert "The plan is being made." in wizard.click("/admin/intacct/plan/1/make")


SETTINGS = "/admin/intacct/companies/1/settings"


def confirmed(wizard: Wizard) -> Wizard:
    if not wizard.rows(Connection):
        wizard.to("entity")
    wizard.post(AT + "entity", entity="E1")
    connection = wizard.connection
    connection.state, connection.step, connection.confirmed_at = "connected", "done", now()
    wizard.add(connection)
    return wizard


def test_default_location_and_level_are_changed_after_confirm(wizard: Wizard) -> None:
    page = confirmed(wizard).page("/admin/intacct/companies/1/")
    assert f'href="{SETTINGS}"' in page
    page = wizard.page(SETTINGS)
    assert '<option value="E1-10">High Street (E1-10)</option>' in page
    assert "E2-10" not in page
    page = wizard.click(SETTINGS, location="E1-10", top_level_posting="1")
    assert "The settings are saved." in page
    assert (wizard.connection.default_location, wizard.connection.top_level_posting) == ("E1-10", True)


def test_location_of_another_entity_is_refused_in_the_settings(wizard: Wizard) -> None:
    answer = confirmed(wizard).post(SETTINGS, location="E2-10", top_level_posting="1")
    assert answer.status_code == 422
    assert "does not belong to this entity" in answer.text
    assert (wizard.connection.default_location, wizard.connection.top_level_posting) == ("", False)


def test_settings_say_when_intacct_is_down(wizard: Wizard) -> None:
    confirmed(wizard).sim.stop()
    assert wizard.get(SETTINGS).status_code == 503
    assert wizard.post(SETTINGS, top_level_posting="1").status_code == 503
    assert not wizard.connection.top_level_posting


def test_settings_are_not_offered_before_confirm_or_without_the_right(wizard: Wizard) -> None:
    wizard.to("entity")
    assert SETTINGS not in wizard.page("/admin/intacct/companies/1/")
    confirmed(wizard).rights["1"] = {"see", "match"}
    assert SETTINGS not in wizard.page("/admin/intacct/companies/1/")


def test_another_entity_says_first_what_is_to_be_decided_again(wizard: Wizard) -> None:
    wizard.to("account")
    party = {"connection_id": 1, "kind": "contact", "source": "thing", "role": "customer"}
    wizard.add(
        *[Link(**party, local_id=str(number), label=f"Ada {number}", state="create") for number in (1, 2)],
        Link(**party, local_id="3", label="Bob"),
    )
    page = wizard.page(AT + "entity?entity=E2")
    assert 'Contacts: <span class="intacct-num">2</span>' in page
    assert "Change the entity" in page
    assert "Stay with North Ltd" in page
    assert "to be decided again" not in wizard.page(AT + "entity?entity=E1")
    answer = wizard.post(AT + "entity", entity="E2")
    assert answer.status_code == 422
    assert "Another entity reopens 2 decisions." in answer.text
    assert wizard.connection.entity == "E1"
    wizard.post(AT + "entity", entity="E2", reopen="2")
    assert wizard.connection.entity == "E2"
    assert not wizard.rows(Link, Link.state == "create")


def test_another_intacct_company_says_first_what_is_to_be_decided_again(wizard: Wizard) -> None:
    wizard.to("plan")
    wizard.sim.add_company("other", small(), "ws_user", "secret")
    given = {"intacct_company": "other", "user_id": "ws_user", "password": "secret"}
    answer = wizard.post(AT + "credentials", **given)
    assert answer.status_code == 422
    assert 'Accounts: <span class="intacct-num">2</span>' in answer.text
    assert 'type="checkbox" name="reopen" value="2"' in answer.text
    assert wizard.connection.intacct_company == "demo"
    wizard.post(AT + "credentials", **given, reopen="2")
    assert (wizard.connection.intacct_company, wizard.connection.step) == ("other", "entity")


def test_the_form_hides_the_password_it_holds(wizard: Wizard) -> None:
    with wizard.app.test_request_context():
        form = CredentialsForm(MultiDict({"password": "canary-7391"}))
        assert form.password.data == "canary-7391"
        assert "canary" not in repr(form.data)
