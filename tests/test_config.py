from typing import Any

import pytest
from frames import tells

from flask_intacct.config import Config
from flask_intacct.errors import ConfigError

GIVEN = {
    "INTACCT_SENDER_ID": "sender",
    "INTACCT_SENDER_PASSWORD": "s3cret",
    "INTACCT_SECRET_KEYS": ["key"],
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
}


def test_settings_are_read_and_the_rest_has_defaults() -> None:
    config = Config.from_mapping(GIVEN | {"INTACCT_QUEUE": "books"})
    assert (config.sender_id, config.queue, config.secret_keys) == ("sender", "books", ("key",))
    assert config.endpoint == "https://api.intacct.com/ia/xml/xmlgw.phtml"


def test_one_key_may_be_given_as_text() -> None:
    assert Config.from_mapping(GIVEN | {"INTACCT_SECRET_KEYS": "key"}).secret_keys == ("key",)


def test_secrets_are_not_shown() -> None:
    shown = repr(Config.from_mapping(GIVEN | {"INTACCT_SECRET_KEYS": "k3y"}))
    assert "s3cret" not in shown
    assert "k3y" not in shown


def test_misspelt_setting_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"INTACCT_SENDER is not a setting.*INTACCT_SENDER_ID"):
        Config.from_mapping(GIVEN | {"INTACCT_SENDER": "x"})


@pytest.mark.parametrize("name", ["INTACCT_SENDER_ID", "INTACCT_SENDER_PASSWORD", "INTACCT_SECRET_KEYS"])
def test_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is missing"):
        Config.from_mapping({key: value for key, value in GIVEN.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTACCT_PAGE_SIZE", 0),
        ("INTACCT_MAX_IN_FLIGHT", "2"),
        ("INTACCT_SLICE_SECONDS", -1),
        ("INTACCT_CONNECT_TIMEOUT", 1.5),
        ("INTACCT_LEASE_SECONDS", True),
        ("INTACCT_API_LIMIT", -1),
        ("INTACCT_API_LIMIT", "100000"),
        ("INTACCT_PUSH", "no"),
    ],
)
def test_number_out_of_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_mapping(GIVEN | {name: value})


def test_reply_may_take_longer_than_the_lease_lives() -> None:
    assert Config.from_mapping(GIVEN | {"INTACCT_READ_TIMEOUT": 90}).lease_seconds == 30


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("canary-1,canary-2", "one text with a comma"),
        (None, "is missing"),
        ("", "is missing"),
        ([], "is missing"),
        (b"canary", "must be a list of texts"),
        (4711, "must be a list of texts"),
        ([b"canary"], "must be a list of texts"),
        (["canary", 4711], "must be a list of texts"),
        ([["canary"]], "must be a list of texts"),
        ({"canary": 1}, "must be a list of texts"),
    ],
)
def test_keys_in_another_form_are_refused_without_showing_them(given: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"INTACCT_SECRET_KEYS.*{said}") as caught:
        Config.from_mapping(GIVEN | {"INTACCT_SECRET_KEYS": given})
    assert tells(caught.value, "canary", "4711") == []


@pytest.mark.parametrize("name", ["INTACCT_SENDER_ID", "INTACCT_SENDER_PASSWORD"])
@pytest.mark.parametrize("given", [4711, b"4711", ["4711"]])
def test_a_sender_that_is_no_text_is_refused_without_showing_it(name: str, given: Any) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a text") as caught:
        Config.from_mapping(GIVEN | {name: given})
    assert tells(caught.value, "4711") == []
