"""Signals for the host. Each fires after commit, at least once, with ids; the sender is the Flask application."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

record_linked = _signals.signal("intacct-record-linked")
"""``connection_id``, ``link_id``: a local record and an Intacct record were joined."""

document_posted = _signals.signal("intacct-document-posted")
"""``connection_id``, ``link_id``: a document of the host now exists in Intacct."""

run_finished = _signals.signal("intacct-run-finished")
"""``connection_id``, ``run_id``, ``level`` ("blue" or "red"): a sync ended."""

needs_reconnecting = _signals.signal("intacct-needs-reconnecting")
"""``connection_id``: Intacct no longer accepts the credentials."""
