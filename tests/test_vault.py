import traceback

import pytest
from cryptography.fernet import Fernet

from flask_intacct.errors import ConfigError
from flask_intacct.vault import Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secret_is_sealed_and_opened() -> None:
    vault = Vault([NEW])
    sealed = vault.seal("pässword")
    assert "pässword" not in sealed
    assert vault.open(sealed) == "pässword"


def test_older_key_still_opens_and_rotation_makes_it_needless() -> None:
    sealed = Vault([OLD]).seal("secret")
    both = Vault([NEW, OLD])
    assert both.open(sealed) == "secret"
    assert Vault([NEW]).open(both.rotate(sealed)) == "secret"


def test_secret_of_a_lost_key_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="connect the company again"):
        Vault([NEW]).open(Vault([OLD]).seal("secret"))


def test_rotation_of_a_lost_key_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="connect the company again"):
        Vault([NEW]).rotate(Vault([OLD]).seal("secret"))


def test_wrong_key_is_refused_without_showing_it() -> None:
    wrong = "-".join(("my", "wrong", "key"))
    with pytest.raises(ConfigError, match="not a Fernet key") as caught:
        Vault([NEW, wrong])
    assert wrong not in "".join(traceback.format_exception(caught.value))


def test_vault_without_keys_is_refused() -> None:
    with pytest.raises(ConfigError):
        Vault([])
