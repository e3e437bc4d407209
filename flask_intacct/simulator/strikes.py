"""What a fault does to a reply: the answer in its place, or the spot in one of its rows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from .errors import Error
from .faults import Fault, Faults
from .protocol import reply
from .protocol.control import Directory
from .protocol.payload import Answer, Payload

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
CDN = (
    "<!DOCTYPE html><html><head><title>Access denied | Cloudflare</title></head><body>"
    '<div id="cf-error-details"><h1>Error</h1><p>Performance &amp; security by Cloudflare</p></div></body></html>'
)
WHOLE = ("http", "cdn", "gateway", "control", "mute", "rate", "drop", "truncate", "junk")
"""Faults that change the answer as a whole."""
Send = Callable[[Payload, int], Answer]
_DATA = re.compile(r"<data\b[^>]*>")
_HTML = {"Content-Type": "text/html"}


def strike(
    faults: Faults,
    directory: Directory,
    when: str,
    pairs: list[tuple[str, str]],
    send: Send,
    done: Payload | None = None,
) -> Answer | None:
    """The answer that a fault gives in place of the right one; None if there is none.

    :param send: how a payload becomes an answer.
    :param done: the right answer, if the work is done.
    """
    slow = faults.take(("latency",), when, pairs)
    if slow is not None:
        time.sleep(slow.seconds)
    if faults.take(("session",), when, pairs):
        directory.expire()
    if faults.take(("cursors",), when, pairs):
        for company in directory.companies.values():
            company.cursors.clear()
    fault = faults.take(WHOLE, when, pairs)
    return None if fault is None else _answer(fault, send, done)


def _answer(fault: Fault, send: Send, done: Payload | None) -> Answer:
    error = Error(fault.errorno, fault.text, correction=fault.correction)
    if fault.kind == "http":
        return Answer(fault.status, PAGE.format(f"Error {fault.status}").encode(), dict(_HTML))
    if fault.kind == "cdn":
        return Answer(fault.status, CDN.encode(), dict(_HTML))
    if fault.kind == "gateway":
        return send(Payload(reply.refused(None, [error])), fault.status)
    if fault.kind == "control":
        return send(Payload(reply.refused(reply.Control(), [error])), 200)
    if fault.kind == "mute":
        return send(Payload(reply.mute()), 200)
    if fault.kind == "rate":
        answer = send(Payload(reply.refused(None, [Error("GW-0010", "API rate limit exceeded")])), 429)
        if fault.seconds:
            answer.headers[fault.header] = f"{fault.seconds:g}"
        return answer
    if fault.kind == "junk" and done is not None:
        return send(Payload(f"{fault.text}{done.text}{fault.text}", done.kind), 200)
    answer = send(done or Payload(""), 200)
    answer.cut = 0 if fault.kind == "drop" else 1
    return answer


def raw(text: str, texts: dict[str, str]) -> str:
    """The results with some texts as others, not escaped."""
    for plain, other in texts.items():
        text = text.replace(f">{plain}<", f">{other}<")
    return text


def spoiled(body: str, fault: Fault) -> str:
    """The data of a function with `text`, as it is, in one of its rows: in its first value, or as an element's name."""
    start = _DATA.search(body)
    tag = re.match(r"<([^\s>/]+)", body[start.end() :]) if start is not None else None
    if start is None or tag is None:
        return body
    at = start.end()
    for _ in range(fault.row):
        following = body.find(f"</{tag[1]}><{tag[1]}>", at)
        at = at if following < 0 else following + len(tag[1]) + 3
    if fault.kind == "name":
        at = body.index(f"</{tag[1]}>", at)
        return f"{body[:at]}<{fault.text}>1</{fault.text}>{body[at:]}"
    at = body.index("</", at)
    return body[:at] + fault.text + body[at:]
