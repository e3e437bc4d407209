"""Every error that Flask-Intacct raises.

::

    IntacctError
    +-- ConfigError          a setting or a mapping is wrong; raised at start-up
    |   +-- MappingError     names the model, the attribute and the nearest attributes
    |   +-- SecretLost       a stored secret can't be opened with the keys there are
    |   `-- SchemaError      the database holds an older (or foreign) schema of ours
    +-- Refused              what a person asked for can't be done; the text is written for that person
    |   +-- NotAllowed       the person lacks the right
    |   +-- AlreadyUsed      the Intacct record is linked to another record
    |   +-- Stale            the row changed since the page was drawn
    |   +-- Unreadable       a row of the host can't be read
    |   `-- NeedsConfirmation    it is against the evidence, see :mod:`flask_intacct.overrides`
    `-- GatewayError         anything between us and Sage Intacct, see :mod:`flask_intacct.gateway.errors`
"""

from __future__ import annotations

from .messages import Message, quoted


class IntacctError(Exception):
    """The root of the tree."""


class ConfigError(IntacctError):
    """A setting or a mapping of the host is wrong."""


class MappingError(ConfigError):
    """A :class:`~flask_intacct.Local` names what its model does not have."""


class SecretLost(ConfigError):
    """A key was dropped before what it sealed was sealed anew."""


class SchemaError(ConfigError):
    """The tables in the database are not those of this version."""


class Refused(IntacctError):
    """An action that a person asked for is refused; nothing was changed.

    :param message: What is wrong and how to cure it, for the person; a text is taken as it is.
    :ivar said: The message, for whoever keeps it.
    """

    def __init__(self, message: Message | str) -> None:
        super().__init__(message)
        self.said = message if isinstance(message, Message) else quoted(message)

    @property
    def message(self) -> str:
        """The sentence, in the language of whoever reads it now."""
        return str(self.said)

    def __str__(self) -> str:
        return self.message


class NotAllowed(Refused):
    """The person lacks the right for this company."""


class AlreadyUsed(Refused):
    """At most one local record per Intacct record: this one is taken."""


class Stale(Refused):
    """Somebody else changed the row since the page was drawn."""


class Unreadable(Refused):
    """A row of the host can't be read: a callable of its description failed, or it holds what its columns can't.

    :param kind: What the row plays.
    :param ref: Its source and id.
    :param label: Names the row for people.
    :param reason: What failed.
    :param number: Of a document, its number; None if not even that can be read.
    """

    def __init__(self, kind: str, ref: tuple[str, str], label: str, reason: Message, number: str | None = None) -> None:
        super().__init__(Message("row.labelled", label=label, reason=reason))
        self.kind, self.ref, self.label, self.reason, self.number = kind, ref, label, reason, number


class GatewayError(IntacctError):
    """Anything between us and Sage Intacct."""
