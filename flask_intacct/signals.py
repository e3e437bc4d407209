"""Signals for the host. Each fires after commit, at least once, with ids; the sender is the Flask application."""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace

from . import logs

log = logging.getLogger(__name__)

_signals = Namespace()

record_linked = _signals.signal("intacct-record-linked")
"""``connection_id``, ``link_id``: a local record and an Intacct record were joined."""

document_posted = _signals.signal("intacct-document-posted")
"""``connection_id``, ``link_id``: a document of the host now exists in Intacct."""

run_finished = _signals.signal("intacct-run-finished")
"""``connection_id``, ``run_id``, ``level`` ("blue" or "red"): a sync ended."""

needs_reconnecting = _signals.signal("intacct-needs-reconnecting")
"""``connection_id``: Intacct no longer accepts the credentials."""


def tell(signal: NamedSignal, application: Any, **given: Any) -> None:
    """Send a signal. What a receiver raises is logged: it changes nothing about what it was told of."""
    for receiver in signal.receivers_for(application):
        try:
            receiver(application, **given)
        except Exception:
            # The host's own code may raise anything; the other receivers and our work go on.
            logs.exception(log, "A receiver of %s failed.", signal.name)
