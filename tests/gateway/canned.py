"""A gateway of canned replies, over real HTTP: for what no well-behaved simulator would say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import xmltodict

from flask_intacct.gateway import ExchangeError, Reply, Result
from flask_intacct.gateway.errors import ResultError

SESSION = "s3ss10n"


@dataclass
class Canned:
    """One HTTP answer; `drop` closes the line without one."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    drop: bool = False
    declared: int | None = None


@dataclass
class Asked:
    """One request as it came."""

    raw: bytes
    headers: dict[str, str]

    @property
    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = xmltodict.parse(self.raw, force_list=("function",))["request"]
        return request

    @property
    def control_id(self) -> str:
        return str(self.request["control"]["controlid"])

    @property
    def functions(self) -> list[dict[str, Any]]:
        functions: list[dict[str, Any]] = self.request["operation"]["content"]["function"]
        return functions

    @property
    def function(self) -> dict[str, Any]:
        return self.functions[0]

    @property
    def names(self) -> list[str]:
        return [next(name for name in function if not name.startswith("@")) for function in self.functions]

    @property
    def ids(self) -> list[str]:
        return [function["@controlid"] for function in self.functions]

    @property
    def signs_in(self) -> bool:
        return self.names == ["getAPISession"]


Script = Callable[[Asked], Canned]


class CannedGateway:
    """Signs in whoever asks; all else is up to `script`, a list of them being used one after the other."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: Script = lambda asked: Canned(reply(asked))
        self.sign_in: Script = lambda asked: Canned(session_reply(asked, self.url))
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                asked = Asked(raw, {name.lower(): value for name, value in self.headers.items()})
                outer.asked.append(asked)
                answer = (outer.sign_in if asked.signs_in else outer.script)(asked)
                time.sleep(answer.delay)
                if answer.drop:
                    self.close_connection = True
                    return
                size = len(answer.body) if answer.declared is None else answer.declared
                head = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {size}"]
                given = {"Content-Type": 'text/xml; encoding="UTF-8"'} | answer.headers
                head += [f"{name}: {value}" for name, value in given.items()]
                self.wfile.write("\r\n".join([*head, "", ""]).encode() + answer.body)
                self.wfile.flush()
                if answer.declared is not None:
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ia/xml/xmlgw.phtml"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def calls(self) -> list[Asked]:
        return [asked for asked in self.asked if not asked.signs_in]

    @property
    def sign_ins(self) -> int:
        return sum(asked.signs_in for asked in self.asked)

    def answers(self, *answers: Canned | Script) -> None:
        """One answer per call; the last one for all further calls."""
        queue = list(answers)

        def script(asked: Asked) -> Canned:
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            return answer(asked) if callable(answer) else answer

        self.script = script

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def session_reply(asked: Asked, endpoint: str, entity: str = "", session: str = SESSION) -> bytes:
    """What getAPISession answers."""
    data = (
        f"<data><api><sessionid>{session}</sessionid><endpoint>{endpoint}</endpoint>"
        f"<locationid>{entity}</locationid></api></data>"
    )
    return reply(asked, result(asked, data))


def result(asked: Asked, inside: str = "", status: str = "success", index: int = 0) -> str:
    """One result for the function at this place."""
    return (
        f"<result><status>{status}</status><function>{asked.names[index]}</function>"
        f"<controlid>{asked.ids[index]}</controlid>{inside}</result>"
    )


def reply(asked: Asked, *results: str, timeout: str = "2099-01-01T00:00:00+00:00") -> bytes:
    """A whole reply; by default one empty success per function."""
    given = results or tuple(result(asked, index=i) for i in range(len(asked.functions)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response>'
        f"<control><status>success</status><senderid>me</senderid><controlid>{asked.control_id}</controlid>"
        "<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion></control>"
        "<operation><authentication><status>success</status><userid>ws</userid><companyid>acme</companyid>"
        "<locationid></locationid><sessiontimestamp>2098-12-31T23:00:00+00:00</sessiontimestamp>"
        f"<sessiontimeout>{timeout}</sessiontimeout></authentication>{''.join(given)}</operation></response>"
    ).encode()


def error(errorno: str, description: str = "", description2: str = "", correction: str = "") -> str:
    """One error element."""
    return (
        f"<error><errorno>{errorno}</errorno><description>{description}</description>"
        f"<description2>{description2}</description2><correction>{correction}</correction></error>"
    )


def failed(asked: Asked, *errors: str, inside: str = "", status: str = "failure", index: int = 0) -> str:
    """One failed result."""
    return result(asked, f"{inside}<errormessage>{''.join(errors)}</errormessage>", status, index)


def control_failure(*errors: str, asked: Asked | None = None) -> bytes:
    """Refused before sign-in."""
    echo = f"<controlid>{asked.control_id}</controlid>" if asked else ""
    return (
        f"<response><control><status>failure</status>{echo}</control>"
        f"<errormessage>{''.join(errors)}</errormessage></response>"
    ).encode()


def auth_failure(asked: Asked, *errors: str) -> bytes:
    """Refused at sign-in."""
    return (
        f"<response><control><status>success</status><controlid>{asked.control_id}</controlid></control>"
        "<operation><authentication><status>failure</status><userid/><companyid/></authentication>"
        f"<errormessage>{''.join(errors)}</errormessage></operation></response>"
    ).encode()


INVALID_SESSION = error("XL03000006", "", "Invalid session q....")


def rows_data(rows: list[dict[str, str]], object: str, total: int, remaining: int) -> str:
    """A `data` element of `query`."""
    inside = "".join(
        f"<{object}>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items()) + f"</{object}>" for row in rows
    )
    return (
        f'<data listtype="{object}" totalcount="{total}" offset="0" count="{len(rows)}" '
        f'numremaining="{remaining}">{inside}</data>'
    )


def table(rows: list[dict[str, str]], object: str = "CUSTOMER", delay: float = 0) -> Script:
    """Answers `query` over rows with a rising RECORDNO, by key and by offset."""

    def script(asked: Asked) -> Canned:
        query = asked.function["query"]
        conditions = query.get("filter") or {}
        beyond = (conditions.get("and") or conditions).get("greaterthan")
        after = int(beyond["value"]) if beyond and beyond["field"] == "RECORDNO" else 0
        left = [row for row in rows if int(row["RECORDNO"]) > after][int(query["offset"]) :]
        page = left[: int(query["pagesize"])]
        data = rows_data(page, object, len(left), len(left) - len(page))
        return Canned(reply(asked, result(asked, data)), delay=delay)

    return script


def result_of(reply: Reply | ExchangeError, control_id: str) -> Result:
    """What a function came to, of which the reply must tell."""
    assert isinstance(reply, Reply)
    found = reply.result(control_id)
    assert found is not None
    return found


def error_of(reply: Reply | ExchangeError, control_id: str) -> ResultError:
    """Why a function failed, as it must have."""
    found = result_of(reply, control_id).error
    assert found is not None
    return found
