"""The example host's own admin: it works as it did, with and without Flask-Intacct."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from example_app.database import db
from example_app.documents import Invoice
from example_app.models import LedgerAccount, User

SignIn = Callable[[str], FlaskClient]
TokenIn = Callable[[str], str]
LISTS = (
    "properties", "tenancies", "tenants", "invoices", "bills", "suppliers", "accounts", "vat_rates",
    "tracking_groups", "tracking_tags", "companies", "users",
)  # fmt: skip


def test_nothing_is_shown_before_signing_in(app: Flask) -> None:
    client = app.test_client()
    for path in ("/admin/", "/admin/invoices/", "/admin/users/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/login")


def test_a_wrong_password_is_refused(app: Flask, token_in: TokenIn) -> None:
    client = app.test_client()
    data = {"csrf_token": token_in(client.get("/login").text), "login": "admin", "password": "viewer"}
    assert "Login or password is wrong." in client.post("/login", data=data).text


def test_signing_in_needs_the_token(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    assert "Please sign in again" in client.post("/login", data={"login": "admin", "password": "admin"}).text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(app: Flask, target: str, token_in: TokenIn) -> None:
    client = app.test_client()
    data = {"csrf_token": token_in(client.get("/login").text), "login": "admin", "password": "admin"}
    assert client.post("/login", data=data, query_string={"next": target}).location == "/admin/"


def test_signing_in_leads_to_the_page_asked_for(app: Flask, token_in: TokenIn) -> None:
    client = app.test_client()
    data = {"csrf_token": token_in(client.get("/login").text), "login": "admin", "password": "admin"}
    assert client.post("/login?next=/admin/bills/", data=data).location == "/admin/bills/"


def test_passwords_are_hashed(app: Flask) -> None:
    with app.app_context():
        assert all(user.pw_hash.startswith("scrypt:") for user in db.session.scalars(db.select(User)))


def test_signing_out_needs_the_token(sign_in: SignIn, token_in: TokenIn) -> None:
    client = sign_in("viewer")
    client.post("/logout")
    assert client.get("/admin/").status_code == 200
    client.post("/logout", data={"csrf_token": token_in(client.get("/admin/").text)})
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_lists_forms_and_details_open(sign_in: SignIn, name: str) -> None:
    client = sign_in("admin")
    for page in ("", "details/?id=1", "edit/?id=1"):
        assert client.get(f"/admin/{name}/{page}").status_code == 200


def test_the_home_page_shows_each_company(sign_in: SignIn) -> None:
    page = sign_in("viewer").get("/admin/").text
    for town in ("London", "Bristol", "Manchester"):
        assert f"Marlow &amp; Finch {town}" in page


def test_what_waits_leads_to_the_list_of_just_that(sign_in: SignIn) -> None:
    page = sign_in("viewer").get("/admin/invoices/?flt0_state_equals=APR").text
    assert "Awaiting approval" in page
    assert '<span class="badge badge-success">Paid</span>' not in page


def test_a_viewer_changes_nothing(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    for path in ("/admin/invoices/new/", "/admin/invoices/edit/?id=1", "/admin/users/"):
        assert client.get(path).status_code in (302, 403)


def test_a_changed_line_changes_the_total(app: Flask, sign_in: SignIn, token_in: TokenIn) -> None:
    client = sign_in("bookkeeper")
    page = client.get("/admin/invoices/edit/?id=1").text
    with app.app_context():
        invoice = db.session.get_one(Invoice, 1)
        line = invoice.lines[0]
        data = {
            "csrf_token": token_in(page),
            "company": invoice.company_id,
            "inv_no": invoice.inv_no,
            "tenant": invoice.ten_id,
            "inv_dt": invoice.inv_dt.isoformat(),
            "inv_stat": invoice.inv_stat,
            "currency": "GBP",
            "lines-0-line_id": line.line_id,
            "lines-0-line_desc": "Rent",
            "lines-0-account": line.acc_id,
            "lines-0-net_amt": "812.34",
            "lines-0-vat_amt": "0.01",
        }
    assert client.post("/admin/invoices/edit/?id=1", data=data).status_code == 302
    with app.app_context():
        assert db.session.get_one(Invoice, 1).gross_tot == Decimal("812.35")


def test_a_change_needs_the_token(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("bookkeeper")
    client.post("/admin/accounts/edit/?id=1", data={"acc_code": "1", "acc_name": "x", "acc_type": "B/S", "company": 1})
    with app.app_context():
        assert db.session.get_one(LedgerAccount, 1).acc_name == "Office Account"
