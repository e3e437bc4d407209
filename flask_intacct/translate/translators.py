"""How documents of each kind are translated, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .. import kinds
from ..kinds import Kind
from ..ledger import Document
from . import documents, outgoing
from .outgoing import Sent


class Write(Protocol):
    """See :func:`.outgoing.document`."""

    def __call__(self, document: Document, /, *, location: str = "") -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Translator:
    """How documents of one kind are translated. What sets them apart by names and signs alone is in the registry.

    :param read: A row of Intacct as a ledger value (:func:`.documents.read`).
    :param write: A ledger value as what the function that creates it takes (:func:`.outgoing.document`).
    :param sent: What was written, read again (:func:`.outgoing.sent`).
    """

    read: Callable[[Kind, Mapping[str, Any]], Document] = documents.read
    write: Write = outgoing.document
    sent: Callable[[str, Mapping[str, Any]], Sent] = outgoing.sent


TRANSLATORS: dict[str, Translator] = {kinds.INVOICE: Translator(), kinds.BILL: Translator()}


def of(kind: str) -> Translator:
    """The translator of a kind of documents.

    :raises KeyError: there is none.
    """
    return TRANSLATORS[kind]
