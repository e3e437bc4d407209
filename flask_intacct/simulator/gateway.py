"""The gateway: bytes of a request in, bytes of a reply out. It knows no sockets."""

from __future__ import annotations

import re
import threading
import time
import traceback
from dataclasses import dataclass, field

from . import strikes
from .company import Company, Session
from .errors import ControlRefusal, Error, FunctionRefusal, LoginRefusal, Refusal, refuse
from .faults import Fault, Faults
from .functions import FUNCTIONS, NOT_SIMULATED, READS
from .protocol import envelope, reply, results
from .protocol.call import Call
from .protocol.control import Directory
from .protocol.payload import KINDS, Answer, Payload, bare, form_of, spaced
from .protocol.results import Outcome
from .protocol.unique import ControlIds
from .protocol.xmltree import Node

PATH = "/ia/xml/xmlgw.phtml"
LARGEST_LATER = 500_000
"""Characters of a request that is carried out later."""
REMEMBERED = 10_000
"""How many requests are kept to look at."""
_SECRETS = re.compile(rb"<(password|sessionid)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL)


@dataclass(slots=True)
class Received:
    """A request as it came, with its secrets masked."""

    functions: list[str] = field(default_factory=list)
    control_ids: list[str] = field(default_factory=list)
    status: int = 0
    body: str = ""


class Gateway:
    """All companies behind one address."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.faults = Faults()
        self.requests: list[Received] = []
        self.errors: list[str] = []
        self.deliveries: list[str] = []
        self.url = ""
        self._ids = ControlIds()
        self.most_at_once = 0
        self._busy = 0
        self._counting = threading.Lock()

    def handle(self, body: bytes, kind: str = "") -> Answer:
        """The answer to a POST of these bytes, of this Content-Type; never an exception."""
        received = Received(body=_SECRETS.sub(rb"<\1>***</\1>", body).decode("utf-8", "replace"))
        self.requests.append(received)
        del self.requests[:-REMEMBERED]
        self._count(1)
        try:
            answer = self._answer(body, received, kind)
        except Exception:
            # A server must not die of a fault of its own; what it was is kept, and the suite asks for it.
            self.errors.append(traceback.format_exc())
            answer = Answer(500, strikes.PAGE.format("Internal Server Error").encode(), {"Content-Type": "text/html"})
        finally:
            self._count(-1)
            self._ids.release()
        received.status = 0 if answer.cut == 0 else answer.status
        return answer

    def _answer(self, body: bytes, received: Received, kind: str) -> Answer:
        control: reply.Control | None = reply.Control()
        additional = False
        try:
            self._check_kind(kind)
            root = envelope.parse(body, FUNCTIONS, NOT_SIMULATED)
            pairs = [(one.children[0].tag, one.attrs["controlid"]) for one in envelope.functions_of(root)]
            received.functions = [name for name, _ in pairs]
            received.control_ids = [control_id for _, control_id in pairs]
            control = self._control(root)
            additional = root.children[0].get("showadditionalerrorinfo") == "true"
            if control.uniqueid == "true":
                self._ids.hold(control.sender, received.control_ids)
            struck = self._strike("before", pairs)
            if struck is not None:
                return struck
            done = self._operate(root, control, additional, len(body))
        except ControlRefusal as error:
            shown = None if error.bare else reply.Control() if error.nameless else control
            return self._reply(Payload(reply.refused(shown, error.errors, additional)), error.status)
        return self._strike("after", pairs, done) or self._reply(done)

    def _check_kind(self, kind: str) -> None:
        """Refuse what calls itself something else than XML."""
        lenient = any(one.switches.any_content_type for one in self.directory.companies.values())
        if kind and "xml" not in kind.lower() and not lenient:
            error = Error("GW-0014", "Invalid Request: the content type is not supported")
            raise ControlRefusal(error, status=400, bare=True)

    def _reply(self, done: Payload, status: int = 200) -> Answer:
        charset = any(one.switches.charset for one in self.directory.companies.values())
        kind = "text/xml; charset=UTF-8" if charset else 'text/xml; encoding="UTF-8"'
        return Answer(status, done.text.encode(), {"Content-Type": done.kind or kind})

    def _strike(self, when: str, pairs: list[tuple[str, str]], done: Payload | None = None) -> Answer | None:
        return strikes.strike(self.faults, self.directory, when, pairs, self._reply, done)

    def _control(self, root: Node) -> reply.Control:
        node = root.children[0]
        return reply.Control(
            node.get("senderid"),
            node.get("controlid"),
            node.get("uniqueid", "true"),
            node.get("dtdversion", "3.0"),
        )

    def _operate(self, root: Node, control: reply.Control, additional: bool, size: int) -> Payload:
        """Sign in for every operation, then carry them out."""
        node = root.children[0]
        sender = self.directory.check_sender(node)
        policy = node.get("policyid")
        if policy:
            self._check_policy(policy, size)
        signed = [self._sign_in(operation, sender) for operation in root.children[1:]]
        parts: list[str] = []
        rows: list[tuple[str, str]] = []
        for operation, who in zip(root.children[1:], signed, strict=True):
            if isinstance(who, LoginRefusal):
                parts.append(reply.not_signed_in(who.user, who.company, who.errors, additional))
                continue
            company, session = who
            crowded = self._crowded(company)
            with company.lock, company.dates(session.user):
                if company.switches.duplicate_at_control and control.uniqueid == "true":
                    self._check_ids(company, operation, sender)
                calls = [
                    Call(company, session, one.children[0], one.attrs["controlid"], self.directory, self.url, crowded)
                    for one in operation.children[-1]
                ]
                whole, unique = operation.attrs.get("transaction") == "true", control.uniqueid == "true"
                told, found = self._run(company, calls, whole, unique, additional)
                parts.append(reply.signed_in(company, session) + strikes.raw(told, company.switches.raw_texts))
                rows += found
        text = reply.operated(control, parts)
        if policy:
            self.deliveries.append(text)
            del self.deliveries[:-REMEMBERED]
            return Payload(reply.acknowledged(control))
        if rows:
            return bare(rows)
        return Payload(text if node.get("includewhitespace") == "false" else spaced(text))

    def _sign_in(self, operation: Node, sender: str) -> tuple[Company, Session] | LoginRefusal:
        try:
            return self.directory.sign_in(operation.children[0], sender)
        except LoginRefusal as error:
            return error

    def _check_policy(self, policy: str, size: int) -> None:
        """Refuse a policy that nobody has set up, and more than one may take."""
        knowing = [one for one in self.directory.companies.values() if policy in one.switches.policies]
        if not knowing:
            raise ControlRefusal(Error("XL03000006", f"{policy} is not a valid transport policy."))
        switches = knowing[0].switches
        if size > LARGEST_LATER:
            raise ControlRefusal(Error(switches.numbers["size"], switches.texts["size"].format(LARGEST_LATER)))

    def _check_ids(self, company: Company, operation: Node, sender: str) -> None:
        """Refuse the whole request for the control id of one function."""
        for function in operation.children[-1]:
            if function.children[0].tag not in READS:
                error = self._ids.refusal(company, sender, function.attrs["controlid"])
                if error is not None:
                    raise ControlRefusal(error)

    def _crowded(self, company: Company) -> bool:
        """Whether there are too many requests at once, even after a while."""
        limit, end = company.switches.concurrent, time.monotonic() + company.switches.hold_seconds
        while limit and self._busy > limit:
            if time.monotonic() >= end:
                return True
            self._count(-1)  # those who wait are no crowd
            time.sleep(0.01)
            self._count(1)
        return False

    def _count(self, more: int) -> None:
        with self._counting:
            self._busy += more
            self.most_at_once = max(self.most_at_once, self._busy)

    def _run(
        self, company: Company, calls: list[Call], whole: bool, unique: bool, additional: bool
    ) -> tuple[str, list[tuple[str, str]]]:
        """The results of all functions, in order; and the rows of those that want them bare, with their formats."""
        store = company.store
        mark = store.begin()
        outcomes: list[Outcome] = []
        for call in calls:
            body, refusal = self._one(call, unique)
            outcomes.append((call, body, refusal))
            if not whole:
                self._remember(call, refusal, unique)
            elif refusal is not None:
                break
        failed = whole and outcomes[-1][2] is not None
        if failed:
            store.rollback(mark)
        elif whole:
            for call, _, refusal in outcomes:
                self._remember(call, refusal, unique)
        store.commit()
        if failed:
            return results.rolled_back(company, calls, outcomes, additional), []
        left = [outcome for outcome in outcomes if not self._struck("missing", outcome[0])]
        rows = [(form_of(call.node), body) for call, body, refusal in left if refusal is None]
        bared = ((call, self._spoiled(call, body), refusal) for call, body, refusal in left)
        text = "".join(results.of(*outcome, additional) for outcome in bared)
        return text, [one for one in rows if one[0] != "xml"]

    def _struck(self, kind: str, call: Call) -> Fault | None:
        return self.faults.take((kind,), "after", [(call.node.tag, call.controlid)])

    def _spoiled(self, call: Call, body: str) -> str:
        """What a function answers, with what faults make of it."""
        if self._struck("bare", call):
            return ""
        for kind in ("spoil", "name"):
            fault = self._struck(kind, call)
            body = strikes.spoiled(body, fault) if fault is not None else body
        return body

    def _one(self, call: Call, unique: bool) -> tuple[str, Refusal | None]:
        """Run one function; what it wrote before a refusal of its own stays."""
        company, store = call.company, call.company.store
        name, mark = call.node.tag, company.store.begin()
        try:
            if call.session.refused is not None:
                raise FunctionRefusal(call.session.refused)
            repeated = self._ids.refusal(company, call.session.sender, call.controlid) if unique else None
            if repeated is not None and name not in READS:
                raise FunctionRefusal(repeated, mute=not company.switches.duplicate_status)
            fault = self.faults.take(("busy", "refuse"), "before", [(name, call.controlid)])
            if call.crowded or (fault is not None and fault.kind == "busy"):
                raise refuse(company.switches.numbers["busy"], "There are too many operations running for this company")
            if fault is not None:
                raise refuse(fault.errorno, fault.text, fault.correction)
            if form_of(call.node) not in ("xml", *KINDS):
                raise refuse("DL02000001", f"The return format {form_of(call.node)[:20]} is not known.")
            if name in NOT_SIMULATED:
                raise refuse("DL02000001", f"The function {name} is not simulated.")
            body = FUNCTIONS[name](call)
        except Refusal as error:
            if not call.written:
                store.rollback(mark)
            return getattr(error, "data", ""), error
        return body, None

    def _remember(self, call: Call, refusal: Refusal | None, unique: bool) -> None:
        company = call.company
        if call.written:
            company.executions[call.controlid] += 1
        counts = refusal is None or company.switches.failed_ids_count or bool(call.written)
        if unique and counts and call.node.tag not in READS:
            self._ids.remember(company, call.session.sender, call.controlid)
