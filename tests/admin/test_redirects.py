"""An address that a form or a link brings leads to a path of this site, or nowhere; what answers say to a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Response

import flask_intacct
from flask_intacct.admin.bounds import local_path

from .conftest import World, addresses, make_app, notice_of, run_of

ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", "////evil.example", "http:///evil.example",
    "https:evil.example", "http:evil.example", "evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "\\\\evil.example", "/\\evil.example", "/\\/evil.example", "\\/evil.example",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/\x00/evil.example",
    "/%2Fevil.example", "/%2f%2fevil.example", "/%5Cevil.example", "/%09/evil.example", "/%0a/evil.example",
    "/%252Fevil.example", "/%255Cevil.example", "/.//evil.example", "/..//evil.example", "/a/..//evil.example",
    "/a%0d%0aSet-Cookie:x=1", "/a\r\nSet-Cookie: x=1", "/x\u2028y", "/\u200b/evil", "http://localhost/admin/",
    "http://localhost@evil.example/", "?x", "#x", "", "/" + "a" * 3000,
)  # fmt: skip

HERE = (
    "/", "/admin/thing/", "/admin/thing/?search=a%2Fb%5Cc&page=2", "/admin/intacct/accounts/1/?search=https://x.example//y",
    "/a b/\u00e4", "/admin/#part", "/admin/thing/?q=%0A",
)  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_address_of_elsewhere_is_none_of_ours(address: str) -> None:
    assert local_path(address) == ""


@pytest.mark.parametrize("address", HERE)
def test_path_of_this_site_is_kept(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("accounts/1/action/", "/admin/intacct/accounts/1/"),
        ("results/2/handle", "/admin/intacct/results/2/"),
        ("notices/2/dismiss/1", "/admin/intacct/notices/2/"),
        ("accounts/1/archive", "/admin/intacct/accounts/1/"),
    ],
)
def test_form_leads_back_within_this_site_only(world: World, path: str, home: str) -> None:
    world.add(run_of(2, state="done"))
    world.add(notice_of(2, 1, "blue", "Complete."))
    for address in [one for one in ELSEWHERE if "\0" not in one]:
        answer = world.post(f"/admin/intacct/{path}", action="undo", rowid="1", url=address)
        if answer.status_code != 404:  # an issue that there is not
            assert answer.headers["Location"] == home, address
    assert world.post(f"/admin/intacct/{path}?url=/x", action="undo", rowid="1").headers.get("Location", home) == home


def test_form_leads_back_to_where_it_came_from(world: World) -> None:
    answer = world.post("/admin/intacct/accounts/1/action/", action="undo", rowid="1", url="/admin/thing/?page=3")
    assert answer.headers["Location"] == "/admin/thing/?page=3"


def test_link_back_leads_within_this_site_only(world: World) -> None:
    for page in ("accounts/1/choose/1", "accounts/1/archive", "results/2/handle"):
        for address in ("javascript:alert(1)", "https://evil.example", "//evil.example", "/\\evil.example"):
            answer = world.client.get(
                f"/admin/intacct/{page}", query_string={"url": address, "rowid": "1", "role": "customer"}
            )
            assert "evil" not in answer.text, (page, address)
            assert "alert(1)" not in answer.text, (page, address)


@pytest.mark.parametrize("page", ["new/", "edit/", "details/", "delete/", "export/csv/", "ajax/lookup/"])
def test_pages_of_flask_admin_that_are_switched_off_are_not_there(world: World, page: str) -> None:
    path = f"/admin/intacct/accounts/1/{page}"
    assert world.client.get(path, query_string={"url": "http://localhost/x", "id": "1"}).status_code == 404
    assert world.post(path, id="1").status_code == 404


def test_nothing_of_ours_trusts_flask_admin_s_redirect_target_or_a_referrer() -> None:
    folder = Path(flask_intacct.__file__).parent / "admin"
    found = {path.name for path in folder.glob("*.py") for word in ("get_redirect_target", "request.referrer")
             if word in path.read_text()}  # fmt: skip
    assert found == set()


SAID = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def test_every_answer_of_ours_speaks_to_the_browser(world: World) -> None:
    for method, path in addresses(world.app):
        headers = world.client.open(path, method=method).headers
        assert {name: headers.get(name) for name in SAID} == SAID, (method, path)


def test_pages_of_the_host_are_left_alone(world: World) -> None:
    assert "X-Frame-Options" not in world.get("/admin/thing/").headers
    with world.get("/intacct-assets/intacct.css") as answer:
        assert "no-store" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("early", [True, False], ids=["registered before", "registered after"])
def test_host_has_the_last_word(tmp_path: Path, early: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def policy(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", "default-src 'self'")
        response.headers["X-Frame-Options"] = "DENY"
        return response

    if early:
        made: list[Any] = []
        from flask_intacct.admin import headers

        install = headers.install_headers
        monkeypatch.setattr("flask_intacct.admin.install_headers", lambda app, names: made.append((app, names)))
    app, _, _ = make_app(tmp_path / "host.sqlite", lambda right, company: True, lambda: "ada")
    app.after_request(policy)
    if early:
        install(*made[0])
    found = app.test_client().get("/admin/intacct/companies/").headers
    assert found.getlist("Content-Security-Policy") == ["default-src 'self'"]
    assert found.getlist("X-Frame-Options") == ["DENY"]
    assert found["X-Content-Type-Options"] == "nosniff"
