"""The base of our tables, and the helpers that name their constraints.

``conv`` marks a name as final, so that no naming convention of the host rewrites it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.sql.elements import conv

from ..clock import UtcDateTime
from ..messages import Message, dump, load

SCHEMA_VERSION = 2

CHARSET = "utf8mb4"
"""The letters that our tables take on MariaDB, whatever the database was made for."""

MAX_ID = 2**31 - 1
"""The greatest id of our tables: PostgreSQL's integers end there."""


def now() -> datetime:
    """The present moment by this process's own clock, aware, in UTC: for what is only shown.

    What two processes compare, and what is stored, is :func:`flask_intacct.clock.now`.
    """
    return datetime.now(UTC)


class MessageText(TypeDecorator[Message]):
    """A message as its id and values. A finished sentence, as older releases stored them, is read as a `text`; and so
    is one that is assigned.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Message | str | None, dialect: Any) -> str:
        return dump(value) if isinstance(value, Message) else value or ""

    def process_result_value(self, value: str | None, dialect: Any) -> Message:
        return load(value or "")


class Base(DeclarativeBase):
    """The base of our own tables; the host's base stays untouched."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, Message: MessageText}  # noqa: RUF012

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return f"intacct_{cls.__name__.lower()}"

    id: Mapped[int] = mapped_column(autoincrement=True)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        options = dict.fromkeys(("mysql_charset", "mariadb_charset"), CHARSET)
        return (PrimaryKeyConstraint("id", name=conv(f"pk_{cls.__tablename__}")), *cls.keys(), options)

    @classmethod
    def keys(cls) -> tuple[Any, ...]:
        """The constraints and indexes of the table, besides its primary key."""
        return ()


def key_text(length: int) -> String:
    """Text that keys are made of: MariaDB compares it by code points too, so that "ABC" and "abc" are two everywhere.

    :param length: In characters. An index takes 768 of them at most: InnoDB allows 3072 bytes.
    """
    binary = mysql.VARCHAR(length, charset=CHARSET, collation=f"{CHARSET}_bin")
    return String(length).with_variant(binary, "mysql", "mariadb")


def large_binary() -> LargeBinary:
    """Bytes without a limit: MariaDB's plain BLOB ends at 64 KB."""
    return LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def unique(table: str, suffix: str, *columns: str) -> UniqueConstraint:
    """What no two rows may share. What begins with a foreign key is one of these, with `id` as its last column where
    need be, and never an index alone: MariaDB refuses to drop the last index that a foreign key can use, which is how a
    migration begins to drop a table; a constraint goes with its table.
    """
    return UniqueConstraint(*columns, name=conv(f"uq_intacct_{table}_{suffix}"))


def index(table: str, suffix: str, *columns: str) -> Index:
    return Index(conv(f"ix_intacct_{table}_{suffix}"), *columns)


def both(table: str, suffix: str, columns: tuple[str, ...], *more: str) -> tuple[Index, UniqueConstraint]:
    """An index of the first version that begins with a foreign key, and the constraint that lets it go with its table.

    The index stays, since a migration would drop it before it makes the constraint, which MariaDB refuses.
    """
    return index(table, suffix, *columns), unique(table, suffix, *columns, *more)


def to(table: str, column_of: str, role: str = "") -> Any:
    """A foreign key to a table of ours.

    :param role: What it means, where a table has two keys to the same one.
    """
    name = conv(f"fk_intacct_{column_of}_{role or table}")
    return mapped_column(ForeignKey(f"intacct_{table}.id", name=name, ondelete="CASCADE"))
