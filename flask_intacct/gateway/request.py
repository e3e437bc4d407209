"""Build a request. xmltodict writes it; the order of its elements is the schema's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import xmltodict

from ..secret import Hidden, discreet
from .errors import RequestError
from .formats import clean
from .function import Function
from .session import Login, Sender, Session

MOST_LATER = 500_000


@discreet
def build(
    sender: Sender,
    credentials: Login | Session,
    functions: Sequence[Function],
    *,
    unique: bool = False,
    transaction: bool = False,
    policy: str = "",
) -> tuple[str, Hidden]:
    """The request's own control id and its bytes.

    :raises RequestError: for no functions, two with the same control id, credentials that XML can't hold, or too
        much for an asynchronous call.
    """
    if not _sendable(sender, credentials):  # functions are clean, and a password can't lose a character
        raise RequestError("the credentials hold a character that XML has no place for")
    if not functions:
        raise RequestError("a request needs at least one function")
    if len({function.control_id for function in functions}) < len(functions):
        raise RequestError("two functions of one request have the same control id")
    control_id = uuid.uuid4().hex
    operation = {
        "@transaction": "true" if transaction else "false",
        "authentication": None,
        "content": {"function": [function.element() for function in functions]},
    }
    body = _written(sender, credentials, control_id, operation, unique, policy)
    if policy and len(body.decode()) > MOST_LATER:
        raise RequestError(f"an asynchronous request has at most {MOST_LATER:,} characters")
    return control_id, body


def _written(
    sender: Sender,
    credentials: Login | Session,
    control_id: str,
    operation: dict[str, Any],
    unique: bool,
    policy: str,
) -> Hidden:
    control: dict[str, Any] = {
        "senderid": sender.id,
        "password": sender.password,
        "controlid": control_id,
        "uniqueid": unique,
        "dtdversion": "3.0",
    }
    if policy:
        control["policyid"] = policy
    control["includewhitespace"] = False
    signed = operation | {"authentication": _authentication(credentials)}
    return Hidden(xmltodict.unparse({"request": {"control": control, "operation": signed}}).encode())


def _sendable(sender: Sender, credentials: Login | Session) -> bool:
    texts = [sender.id, sender.password]
    if isinstance(credentials, Session):
        texts.append(credentials.id)
    else:
        texts += [credentials.company, credentials.user, credentials.password, credentials.entity]
    return all(clean(text) == text for text in texts)


def _authentication(credentials: Login | Session) -> dict[str, Any]:
    if isinstance(credentials, Session):
        return {"sessionid": credentials.id}
    login = {"userid": credentials.user, "companyid": credentials.company, "password": credentials.password}
    if credentials.entity:
        login["locationid"] = credentials.entity
    return {"login": login}
