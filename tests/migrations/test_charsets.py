"""Databases of MariaDB that were made for Latin letters alone, as its older servers make them by default."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_intacct.models import Connection, Record

from .apps import App, Made
from .conftest import SERVERS
from .test_upgrade import invoke, schema_one

pytestmark = [
    pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning"),
    pytest.mark.skipif("mariadb" not in SERVERS, reason="INTACCT_TEST_MARIADB is not set"),
    pytest.mark.parametrize("address", ["mariadb"], indirect=True),
]

NAME = "Łódź 不動産 \U0001f3e0"


def made_for_latin(app: App) -> None:
    with app.db.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {app.db.engine.url.database} CHARACTER SET latin1"))


def keep_a_name(app: App) -> None:
    with Session(app.db.engine) as session:
        company = Connection(company_id="9", company_name=NAME)
        session.add(company)
        session.flush()
        session.add(Record(connection_id=company.id, object="CUSTOMER", key="9", name=NAME, search=NAME))
        session.commit()
        session.expire_all()
        found = session.scalars(sa.select(Record).where(Record.connection_id == company.id)).one()
        assert (company.company_name, found.name, found.search) == (NAME, NAME, NAME)


@pytest.mark.parametrize("migrated", [False, True], ids=["create_all", "migrated"])
def test_our_tables_take_every_letter(host: Made, migrated: bool) -> None:
    with host() as app:
        made_for_latin(app)
        if migrated:
            app.migrate()
        else:
            app.db.create_all()
        keep_a_name(app)


def test_tables_that_were_made_for_latin_letters_take_every_letter_after_an_upgrade(host: Made) -> None:
    with host() as app:
        made_for_latin(app)
        schema_one(app)
        app.migrate()
        code, text = invoke(app)
        assert code == 0, text
        assert "intacct_record: " in text
        keep_a_name(app)
        assert app.differences() == []
        assert invoke(app)[1].count("\n") == 1
