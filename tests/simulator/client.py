"""The plainest possible caller: XML in, ElementTree out."""

import http.client
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

CONTROL = (
    "<control><senderid>{sender}</senderid><password>{sender_password}</password><controlid>c1</controlid>"
    "<uniqueid>{uniqueid}</uniqueid><dtdversion>3.0</dtdversion><includewhitespace>false</includewhitespace></control>"
)
LOGIN = (
    "<login><userid>{user}</userid><companyid>{company}</companyid><password>{password}</password>"
    "<locationid>{entity}</locationid></login>"
)
DEFAULTS = {
    "sender": "sender",
    "sender_password": "x",
    "uniqueid": "false",
    "user": "ws_user",
    "company": "demo",
    "password": "secret",
    "entity": "",
}


class Caller:
    """Posts to one simulator over one kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    def close(self) -> None:
        self.connection.close()

    def post(self, body: bytes | str, **headers: str) -> bytes:
        data = body.encode() if isinstance(body, str) else body
        self.connection.request("POST", self.path, data, {"Content-Type": "application/xml", **headers})
        answer = self.connection.getresponse()
        self.status, self.headers, self.body = answer.status, dict(answer.getheaders()), answer.read()
        return self.body

    def envelope(
        self,
        *functions: str,
        transaction: bool = False,
        session: str | None = None,
        ids: tuple[str, ...] = (),
        **given: str,
    ) -> str:
        values = DEFAULTS | given
        ids = ids or tuple(f"f{n}" for n in range(1, len(functions) + 1))
        content = "".join(
            f'<function controlid="{one}">{function}</function>' for one, function in zip(ids, functions, strict=True)
        )
        proof = LOGIN.format(**values) if session is None else f"<sessionid>{session}</sessionid>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><request>{CONTROL.format(**values)}'
            f'<operation transaction="{str(transaction).lower()}"><authentication>{proof}</authentication>'
            f"<content>{content}</content></operation></request>"
        )

    def call(self, *functions: str, **given: object) -> Element:
        return ElementTree.fromstring(self.post(self.envelope(*functions, **given)))  # type: ignore[arg-type]

    def change(self, pair: tuple[str, str], *functions: str, **given: object) -> Element:
        """Call with one text of the request replaced by another."""
        body = self.envelope(*functions, **given)  # type: ignore[arg-type]
        assert pair[0] in body
        return ElementTree.fromstring(self.post(body.replace(*pair) if pair[0] else body))

    def result(self, function: str, **given: object) -> Element:
        """The one result of one function."""
        found = self.call(function, **given).find("operation/result")
        assert found is not None, self.body
        return found

    def ok(self, function: str, **given: object) -> Element:
        """The result of a function that has to succeed."""
        found = self.result(function, **given)
        assert found.findtext("status") == "success", self.body
        return found

    def refused(self, function: str, **given: object) -> Element:
        """The first error of a function that has to fail."""
        found = self.result(function, **given)
        assert found.findtext("status") == "failure", self.body
        error = found.find("errormessage/error")
        assert error is not None
        return error


def level(response: Element) -> tuple[str, Element | None]:
    """Where a reply says that it failed, and the first error there."""
    if response.findtext("control/status") == "failure":
        return "control", response.find("errormessage/error")
    if response.findtext("operation/authentication/status") == "failure":
        return "authentication", response.find("operation/errormessage/error")
    return "result", response.find("operation/result/errormessage/error")


def select(name: str, fields: str, rest: str = "") -> str:
    """A `query` function."""
    chosen = "".join(f"<field>{field}</field>" for field in fields.split())
    return f"<query><object>{name}</object><select>{chosen}</select>{rest}</query>"


def where(operator: str, field: str, *values: str) -> str:
    return f"<{operator}><field>{field}</field>" + "".join(f"<value>{v}</value>" for v in values) + f"</{operator}>"
