"""The reply, written as text: the envelope of control, operation and results."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..company import Company, Session
from ..errors import Error
from ..store.values import Row, xml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Control:
    """What the reply's control repeats of the request's."""

    sender: str = ""
    controlid: str = ""
    uniqueid: str = "false"
    dtdversion: str = "3.0"


def element(tag: str, value: object = "") -> str:
    text = xml(value)
    return f"<{tag}>{text}</{tag}>" if text else f"<{tag}></{tag}>"


def errors_xml(errors: Iterable[Error], additional: bool = False) -> str:
    """The errormessage of one level; with `additional` each error says more about itself."""
    parts = []
    for error in errors:
        more = ""
        if additional:
            more = (
                "<additionalinfo>"
                + element("errorid", error.errorno)
                + "<category></category><target></target>"
                + element("description", error.description2 or error.description)
                + "<cdescription></cdescription>"
                + element("correction", error.correction)
                + "</additionalinfo>"
            )
        parts.append(
            "<error>"
            + element("errorno", error.errorno)
            + element("description", error.description)
            + element("description2", error.description2)
            + element("correction", error.correction)
            + more
            + "</error>"
        )
    return "<errormessage>" + "".join(parts) + "</errormessage>"


def control_xml(status: str, control: Control | None) -> str:
    if control is None:
        return f"<control><status>{status}</status></control>"
    return (
        f"<control><status>{status}</status>"
        + element("senderid", control.sender)
        + element("controlid", control.controlid)
        + element("uniqueid", control.uniqueid)
        + element("dtdversion", control.dtdversion)
        + "</control>"
    )


def refused(control: Control | None, errors: Iterable[Error], additional: bool = False) -> str:
    """A reply that ends at control."""
    return HEAD + "<response>" + control_xml("failure", control) + errors_xml(errors, additional) + "</response>"


def mute() -> str:
    """A reply that says no more than that it failed."""
    return HEAD + "<response>" + control_xml("failure", None) + "</response>"


def acknowledged(control: Control) -> str:
    """The reply to an asynchronous request."""
    body = "<acknowledgement><status>success</status></acknowledgement>" + control_xml("success", control)
    return HEAD + "<response>" + body + "</response>"


def operated(control: Control, operations: Iterable[str]) -> str:
    body = "".join(f"<operation>{one}</operation>" for one in operations)
    return HEAD + "<response>" + control_xml("success", control) + body + "</response>"


def _iso(moment: datetime) -> str:
    return moment.isoformat() + "+00:00"


def _location(company: Company, session: Session) -> str:
    """The entity of a session, or the client of a console."""
    if session.console:
        return element("clientstatus", "success") + element("clientid", company.id)
    if session.entity or company.switches.top_location != "absent":
        return element("locationid", session.entity or company.switches.top_location)
    return ""


def signed_in(company: Company, session: Session) -> str:
    """The authentication of a reply, with the end of the session."""
    end = session.expires if session.id else company.now() + timedelta(seconds=company.switches.session_seconds)
    return (
        "<authentication><status>success</status>"
        + element("userid", session.user.login)
        + element("companyid", session.console or company.id)
        + _location(company, session)
        + element("sessiontimestamp", _iso(company.now()))
        + element("sessiontimeout", _iso(end))
        + "</authentication>"
    )


def not_signed_in(user: str, company: str, errors: Iterable[Error], additional: bool = False) -> str:
    return (
        "<authentication><status>failure</status>"
        + element("userid", user)
        + element("companyid", company)
        + "</authentication>"
        + errors_xml(errors, additional)
    )


def result(status: str, function: str, controlid: str, body: str) -> str:
    return (
        "<result>"
        + (element("status", status) if status else "")
        + element("function", function)
        + element("controlid", controlid)
        + body
        + "</result>"
    )


def flat_record(tag: str, row: Row, names: Iterable[str]) -> str:
    """A record whose dotted fields have dotted elements."""
    return f"<{tag}>{''.join(element(name, row.get(name)) for name in names)}</{tag}>"


def record(tag: str, row: Row, names: Collection[str], lines: str = "") -> str:
    """A record whose dotted fields stand as nested elements (the form of `read`); `lines` is XML that follows."""
    parts: list[str] = []
    open_tags: list[str] = []
    heads: dict[str, int] = {"": 0}
    for name in names:
        heads.setdefault(name.partition(".")[0] if "." in name else "", len(heads))
    for name in sorted(names, key=lambda one: heads[one.partition(".")[0] if "." in one else ""]):
        *parents, leaf = name.split(".")
        shared = 0
        while shared < min(len(parents), len(open_tags)) and parents[shared] == open_tags[shared]:
            shared += 1
        while len(open_tags) > shared:
            parts.append(f"</{open_tags.pop()}>")
        for parent in parents[shared:]:
            open_tags.append(parent)
            parts.append(f"<{parent}>")
        parts.append(element(leaf, row.get(name)))
    parts.extend(f"</{tag_}>" for tag_ in reversed(open_tags))
    return f"<{tag}>{''.join(parts)}{lines}</{tag}>"
