"""Secrets at rest: sealed with Fernet (AES-128-CBC, HMAC-SHA256), newest key first, older keys still open."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .errors import ConfigError


class Vault:
    """Seals and opens the secrets of one application.

    :param keys: Fernet keys, newest first.
    :raises ConfigError: a key is not a Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # The message of the library would be harmless, its traceback would show the key.
            raise ConfigError(
                "INTACCT_SECRET_KEYS holds something that is not a Fernet key (32 bytes, URL-safe base64)."
            ) from None

    def seal(self, secret: str) -> str:
        """Encrypt one secret for the database."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what :meth:`seal` made.

        :raises ConfigError: no key opens it: a key was dropped before the secrets were sealed anew.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise _lost_key() from None

    def rotate(self, sealed: str) -> str:
        """Seal an existing secret anew with the newest key.

        :raises ConfigError: as for :meth:`open`.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise _lost_key() from None


def _lost_key() -> ConfigError:
    return ConfigError(
        "A stored secret can't be opened with INTACCT_SECRET_KEYS. Add the key that it was sealed with to the list,"
        " or connect the company again."
    )
