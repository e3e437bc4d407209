"""Secrets at rest: sealed with Fernet (AES-128-CBC, HMAC-SHA256), newest key first, older keys still open."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .errors import ConfigError, SecretLost
from .secret import Secret, discreet


class Vault:
    """Seals and opens the secrets of one application.

    :param keys: Fernet keys, newest first.
    :raises ConfigError: a key is not a Fernet key.
    """

    @discreet
    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(map(Secret, keys))
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            # The message of the library would be harmless, its traceback would show the key.
            raise ConfigError(
                "INTACCT_SECRET_KEYS holds something that is not a Fernet key (32 bytes, URL-safe base64)."
            ) from None

    @discreet
    def seal(self, secret: str) -> str:
        """Encrypt one secret for the database."""
        return self._fernet.encrypt(secret.encode()).decode()

    @discreet
    def open(self, sealed: str) -> Secret:
        """Decrypt what :meth:`seal` made.

        :raises SecretLost: no key opens it: a key was dropped before the secrets were sealed anew.
        """
        try:
            return Secret(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken:
            raise _lost() from None

    @discreet
    def rotate(self, sealed: str) -> str:
        """Seal an existing secret anew with the newest key.

        :raises SecretLost: as for :meth:`open`.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise _lost() from None

    @discreet
    def digests(self, *texts: str) -> list[str]:
        """What tells equal texts from others and can't be guessed back without a key: by each key, newest first."""
        said = "".join(f"{len(text)}:{text}" for text in texts).encode()
        return [hmac.new(key.encode(), said, hashlib.sha256).hexdigest() for key in self._keys]


def _lost() -> SecretLost:
    return SecretLost(
        "A stored secret can't be opened with INTACCT_SECRET_KEYS. Add the key that it was sealed with to the list,"
        " or connect the company again."
    )
