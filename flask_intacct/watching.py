"""What the hooks on the host's session share: whose rows they are about, and where those are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, has_app_context
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from . import kinds
from .host import Host
from .local import Local
from .state import State

COMPANY = "company"


def listen(target: Any, name: str, hook: Any, **options: Any) -> None:
    """Once, however many applications share the models or the session."""
    if not event.contains(target, name, hook):
        event.listen(target, name, hook, **options)


def described(host: Host) -> Iterator[tuple[str, Local]]:
    """Every model that the host described, with what it plays."""
    if host.company is not None:
        yield COMPANY, host.company
    for kind in (one.name for one in kinds.each()):
        for local in host.locals(kind):
            yield kind, local


def at_work() -> State | None:
    """The state of the application at work; None outside of one, where nothing of ours can be reached."""
    return current_app.extensions.get("intacct") if has_app_context() else None


def connection_of(session: Session, local: Local) -> Connection:
    """The connection of a session to where the host keeps these rows."""
    return session.connection(bind_arguments={"mapper": local.mapper})
