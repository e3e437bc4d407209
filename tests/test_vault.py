import traceback

import pytest
from cryptography.fernet import Fernet
from frames import tells

from flask_intacct.errors import ConfigError, SecretLost
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


def test_digests_tell_equal_texts_from_others() -> None:
    vault = Vault([NEW])
    assert vault.digests("acme", "ws", "secret") == vault.digests("acme", "ws", "secret")
    others = [("acme", "ws", "Secret"), ("acmew", "s", "secret"), ("acme", "wssecret", "")]
    assert not any(vault.digests(*other) == vault.digests("acme", "ws", "secret") for other in others)


def test_digests_under_an_older_key_are_still_known() -> None:
    assert Vault([OLD]).digests("secret")[0] in Vault([NEW, OLD]).digests("secret")


def test_no_frame_of_the_vault_holds_a_secret_or_a_key() -> None:
    sealed = Vault([OLD]).seal("canary")
    for act in (Vault([NEW]).open, Vault([NEW]).rotate):
        with pytest.raises(SecretLost) as caught:
            act(sealed)
        assert tells(caught.value, "canary", NEW, OLD, repr(NEW.encode())) == []
    with pytest.raises(ConfigError) as refused:
        Vault([NEW, "canary"])
    assert tells(refused.value, "canary", NEW) == []
