"""The demo's data: a letting agent whose books agree with Intacct's only in part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import generate_password_hash

from flask_intacct.simulator.seed.dataset import Dataset
from flask_intacct.simulator.seed.property_company import property_company

from ..models import Company, User
from .books import make_books
from .papers import Papers
from .people import make_people, make_tenancies
from .truth import Truth, usual_sync_from

__all__ = ["BRANCHES", "USERS", "Truth", "fill", "seed", "usual_sync_from"]

# Login, name, role; the password is the login.
USERS = (
    ("admin", "Ada Marlow", "admin"),
    ("bookkeeper", "Ben Finch", "bookkeeper"),
    ("viewer", "Vera Quinn", "viewer"),
)

# Trading name, town, Intacct's entity, sizes; the last branch has just opened and has no data.
BRANCHES: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    ("Marlow & Finch London", "London", "LON", {
        "tenants": 190, "new_tenants": 24, "suppliers": 70, "new_suppliers": 9, "landlords": 3, "properties": 52,
        "tenancies": 280, "same_invoices": 20, "same_bills": 10, "invoices": 120, "bills": 40,
        "old_invoices": 70, "old_bills": 25,
    }),
    ("Marlow & Finch Bristol", "Bristol", "BRS", {
        "tenants": 14, "new_tenants": 2, "suppliers": 6, "new_suppliers": 1, "properties": 8,
        "tenancies": 20, "same_invoices": 0, "same_bills": 0, "invoices": 10, "bills": 4,
        "old_invoices": 4, "old_bills": 2,
    }),
    ("Marlow & Finch Manchester", "Manchester", "MAN", {}),
)  # fmt: skip


def seed(db: SQLAlchemy, today: date | None = None, dataset: Dataset | None = None) -> list[Truth]:
    """Fill an empty database and commit.

    :param today: The day the data ends with; the simulated Intacct company must have been made for the same day.
    :param dataset: The company in Intacct; the usual one if left out.
    :returns: For each branch, which rows stand for which records of Intacct.
    """
    today = today or datetime.now(UTC).date()
    dataset = dataset or property_company(today=today)
    for login, name, role in USERS:
        db.session.add(User(usr_login=login, usr_name=name, usr_role=role, pw_hash=generate_password_hash(login)))
    truths = [_branch(db, number, branch, dataset, today) for number, branch in enumerate(BRANCHES, start=1)]
    db.session.commit()
    return truths


def fill(db: SQLAlchemy) -> bool:
    """Create the tables and, where there is no company yet, the data; says whether it did."""
    db.create_all()
    if db.session.query(Company).first() is not None:
        return False
    seed(db)
    return True


def _branch(
    db: SQLAlchemy, number: int, branch: tuple[str, str, str, dict[str, int]], dataset: Dataset, today: date
) -> Truth:
    name, town, entity, sizes = branch
    truth = Truth(usual_sync_from(today))
    company = Company(co_id=number, trading_name=name, currency_code="GBP", co_town=town, vat_reg_no="GB751189717")
    db.session.add(company)
    if not sizes:
        return truth
    rng = Random(f"branch-{number}")
    books = make_books(rng, company, dataset, entity, truth, whole=number == 1)
    people = make_people(rng, company, dataset, entity, books, truth, sizes)
    make_tenancies(rng, people, sizes["tenancies"], today)
    papers = Papers(rng, company, books, people, truth, today)
    papers.copy(dataset, entity, sizes["same_invoices"], sizes["same_bills"])
    papers.write(truth.sync_from, today, sizes["invoices"], sizes["bills"])
    before = truth.sync_from - timedelta(days=1)
    papers.write(before - timedelta(days=330), before, sizes["old_invoices"], sizes["old_bills"], old=True)
    papers.charge_landlords()
    if number == 2:
        papers.bill_abroad()  # it can't be sent; the first branch shows how it looks when all goes well
    db.session.add_all(books.rows)
    for rows in (people.landlords, people.suppliers, people.tenants, people.properties, people.tenancies):
        db.session.add_all(rows)
    db.session.add_all(papers.invoices)
    db.session.add_all(papers.bills)
    db.session.flush()
    return truth
