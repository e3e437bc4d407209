"""What a host may replace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask_admin.actions import action

from flask_intacct.admin.link_views import AccountLinkView
from flask_intacct.models import Connection, Link

from .conftest import World, account, make_app


class OwnAccounts(AccountLinkView):
    """As a host may write it: another title, one more action, no archiving."""

    title = "Our own accounts"
    action_disallowed_list = ("delete", "archive")

    @action("shout", "Shout")
    def action_shout(self, ids: Sequence[str]) -> None:
        for link_id in ids:
            link = self.get_one(link_id)
            link.label = link.label.upper()
            self.session.session.commit()


@pytest.fixture
def own(tmp_path: Path) -> World:
    app, db, _ = make_app(
        tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada", views={"accounts": OwnAccounts}
    )
    world = World(app, db)
    world.add(
        Connection(company_id="1", company_name="Northgate", live_company="1", step="account", facts={}),
        Connection(company_id="2", company_name="Harbour", live_company="2", facts={}),
    )
    world.add(account(1, "4001 Rent"))
    return world


def test_matching_view_is_replaced_by_a_subclass(own: World) -> None:
    page = own.page("/admin/intacct/accounts/1/")
    assert "<h1>Our own accounts</h1>" in page
    assert 'value="shout"' in page


def test_action_of_the_host_is_run_with_our_protection(own: World) -> None:
    path = "/admin/intacct/accounts/1/action/"
    assert own.client.post(path, data={"action": "shout", "rowid": "1"}).status_code == 400
    assert own.post("/admin/intacct/accounts/2/action/", action="shout", rowid=["1"]).status_code == 404
    own.click(path, action="shout", rowid=["1"])
    assert own.row(Link).label == "4001 RENT"


def test_action_that_the_host_disallows_is_refused(own: World) -> None:
    assert "Archive selected" not in own.page("/admin/intacct/accounts/1/")
    assert own.post("/admin/intacct/accounts/1/action/", action="archive", rowid=["1"]).status_code == 400
    assert own.post("/admin/intacct/accounts/1/archive", rowid=["1"]).status_code == 400


def test_unknown_view_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="views= has no acounts"):
        make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "", views={"acounts": OwnAccounts})
