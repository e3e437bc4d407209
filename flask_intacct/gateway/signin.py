"""What a sign-in gave us, checked before anything is sent on the strength of it."""

from __future__ import annotations

from .classify import unknown
from .errors import EntityRefused, ProtocolError
from .formats import text
from .reply import Reply
from .session import Session, end_of, moment
from .transport import check_endpoint, is_loopback


def signed_in(reply: Reply, control_id: str, wanted: str, asked: str) -> Session:
    """The session of a `getAPISession`.

    :param wanted: The entity asked for, "" for the top level.
    :param asked: The address that was asked; the session's own must be of its kind.
    :raises UnsafeEndpoint: for an endpoint that is not the gateway's.
    :raises EntityRefused: if the gateway put us into another entity.
    """
    result = reply.result(control_id)
    if result is not None:
        result.raise_for_status()
    if result is None or not result.rows or not text(result.rows[0], "SESSIONID"):
        raise ProtocolError("the gateway signed us in and gave no session").judged(*unknown(False))
    row = result.rows[0]
    endpoint = check_endpoint(text(row, "ENDPOINT") or asked, loopback=is_loopback(asked))
    entity = _entity(text(row, "LOCATIONID")) or _entity(reply.entity)
    if wanted and entity and entity.lower() != wanted.lower():
        raise EntityRefused(f"asked for entity {wanted!r}, the gateway signed us in to {entity!r}")
    user_now = moment(reply.session_timestamp)
    return Session(
        id=text(row, "SESSIONID"),
        endpoint=endpoint,
        entity=entity or wanted,
        expires=end_of(reply.session_timeout, reply.date or user_now),
        user_now=user_now,
    )


def _entity(name: str) -> str:
    return "" if name.lower() == "none" else name
