"""Every ``INTACCT_*`` setting: its default, its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from .errors import ConfigError
from .secret import Secret, discreet

EARLIEST_SYNC_FROM = date(2018, 1, 1)
"""No connection may start before this day."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one application, read once by :meth:`from_mapping`.

    :param sender_id: Web Services sender that Sage issued to the operator of this application.
    :param sender_password: Its password; never shown or logged.
    :param secret_keys: Fernet keys, newest first; credentials are sealed with the first.
    :param endpoint: The gateway's address, https under ``.intacct.com``.
    :param allow_loopback: Also allow ``http://127.0.0.1``, for the simulator. Refuse it in production.
    :param queue: Name of the RQ queue that our jobs go to.
    :param installation: Name of the place that this application runs at, such as "production": a database that belongs
        to another one is a copy, or was moved, and nothing is sent for it until a person says which.
    :param nightly: Cron expression (UTC) of the nightly sync; "" switches it off.
    :param scan: Whether each sync reads all of the host's rows, for changes that no session of the host's told.
    :param push: Whether a document that a session of the host's changed is sent within a minute.
    :param api_limit: After so many API transactions of an Intacct company in a month nightly syncs and pushes wait; 0
        for no limit.
    :param slice_seconds: A job works at most this long before it hands over to the next.
    :param lease_seconds: A run is taken from a worker that died this long ago; one that lives renews its lease.
    :param read_timeout: Seconds to wait for an answer of the gateway.
    :param connect_timeout: Seconds to wait for a connection to the gateway.
    :param max_in_flight: Requests at once per Intacct company.
    :param exchange_days: So long the requests to the gateway are kept, with their answers, to look at.
    :param exchange_rows: So many of them are kept of one connection at most.
    :param history_days: So long runs, notices and solved issues are kept; the newest run of each kind always.
    :param exclusion_field: Custom checkbox on CUSTOMER and VENDOR that keeps a contact out of the sync.
    :param category: Name of our menu in the host's admin.
    :param page_size: Rows on one page of our lists.
    """

    sender_id: str = ""
    sender_password: str = field(default="", repr=False)
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    endpoint: str = "https://api.intacct.com/ia/xml/xmlgw.phtml"
    allow_loopback: bool = False
    queue: str = "intacct"
    installation: str = ""
    nightly: str = "0 2 * * *"
    scan: bool = True
    push: bool = True
    api_limit: int = 0
    slice_seconds: int = 45
    lease_seconds: int = 30
    read_timeout: int = 60
    connect_timeout: int = 10
    max_in_flight: int = 2
    exchange_days: int = 90
    exchange_rows: int = 20_000
    history_days: int = 400
    exclusion_field: str = "RL_SYNCING_DISABLED"
    category: str = "Sage Intacct"
    page_size: int = 50

    @classmethod
    @discreet
    def from_mapping(cls, settings: Mapping[str, Any]) -> Config:
        """Read ``INTACCT_*`` out of a Flask configuration.

        :raises ConfigError: a setting is missing, misspelt or out of range; the text names it and the cure.
        """
        known = {f"INTACCT_{item.name.upper()}": item.name for item in fields(cls)}
        given = {key: value for key, value in settings.items() if key.startswith("INTACCT_")}
        for key in given:
            if key not in known:
                raise ConfigError(f"{key} is not a setting of Flask-Intacct. Known: {', '.join(sorted(known))}.")
        values = {known[key]: value for key, value in given.items()}
        values["secret_keys"] = _keys(values.get("secret_keys"))
        for name in ("sender_id", "sender_password"):
            if not isinstance(values.get(name, ""), str):
                raise ConfigError(f"INTACCT_{name.upper()} must be a text; put quotes around it.")
        values["sender_password"] = Secret(values.get("sender_password", ""))
        config = cls(**values)
        config._check()
        return config

    def _check(self) -> None:
        for name in ("sender_id", "sender_password"):
            if not getattr(self, name):
                raise ConfigError(
                    f"INTACCT_{name.upper()} is missing: the Web Services sender that Sage issued to you."
                )
        if not self.secret_keys:
            raise ConfigError(
                "INTACCT_SECRET_KEYS is missing: a list of Fernet keys, newest first. Make one with"
                " `python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`."
            )
        if not isinstance(self.installation, str) or len(self.installation) > 80:
            raise ConfigError("INTACCT_INSTALLATION must be a text of at most 80 characters.")
        for name in ("scan", "push"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"INTACCT_{name.upper()} must be True or False, not {getattr(self, name)!r}.")
        if type(self.api_limit) is not int or self.api_limit < 0:
            raise ConfigError(f"INTACCT_API_LIMIT must be a whole number, 0 for none, not {self.api_limit!r}.")
        for name in (
            "slice_seconds",
            "lease_seconds",
            "read_timeout",
            "connect_timeout",
            "max_in_flight",
            "exchange_days",
            "exchange_rows",
            "history_days",
            "page_size",
        ):
            value = getattr(self, name)
            if type(value) is not int or value < 1:  # True is an int too
                raise ConfigError(f"INTACCT_{name.upper()} must be a whole number of at least 1, not {value!r}.")


def _keys(given: Any) -> tuple[Secret, ...]:
    """The keys as texts; one text is one key.

    :raises ConfigError: they are something else; the text never shows what.
    """
    if isinstance(given, str):
        if "," in given:
            raise ConfigError(
                'INTACCT_SECRET_KEYS is one text with a comma in it. Give several keys as a list: ["newest", "older"].'
            )
        given = [given] if given else []
    if given is None:
        given = []
    if not isinstance(given, list | tuple) or not all(isinstance(key, str) for key in given):
        raise ConfigError("INTACCT_SECRET_KEYS must be a list of texts, the Fernet keys, newest first.")
    return tuple(map(Secret, given))
