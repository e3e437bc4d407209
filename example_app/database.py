"""The database of Marlow & Finch: what every table is declared on, and money in pence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Integer, TypeDecorator
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """What all tables are declared on."""


db = SQLAlchemy(model_class=Base)


class Pence(TypeDecorator[Decimal]):
    """Money: pounds in Python, whole pence in the database."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else int((Decimal(value) * 100).to_integral_value())

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)
