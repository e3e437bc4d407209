"""Who may ask: senders, companies, users, sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from ..company import Company, Session, User
from ..errors import ControlRefusal, Error, LoginRefusal
from .xmltree import Node

SIGN_IN = "Sign-in information is incorrect"


@dataclass(slots=True)
class Console:
    """A company of accountants, whose users sign in to the companies of its clients."""

    users: dict[str, User]
    clients: set[str]


class Directory:
    """The senders and companies that this gateway knows, and the sessions it has given out."""

    def __init__(self) -> None:
        self.senders: dict[str, str] = {}
        self.companies: dict[str, Company] = {}
        self.sessions: dict[str, tuple[Company, Session]] = {}
        self.expired_companies: set[str] = set()
        self.consoles: dict[str, Console] = {}

    def check_sender(self, control: Node) -> str:
        """The sender's id, if its password is right."""
        sender = control.get("senderid")
        expected = self.senders.get(sender)
        if expected is None and any(one.switches.unknown_sender_400 for one in self.companies.values()):
            raise self._invalid_request()
        if expected is None or not secrets.compare_digest(expected.encode(), control.get("password").encode()):
            raise ControlRefusal(Error("XL03000006", "Incorrect Intacct XML Partner ID or password."))
        return sender

    def sign_in(self, authentication: Node, sender: str) -> tuple[Company, Session]:
        """The company and session that a request's authentication leads to."""
        given = authentication.find("sessionid")
        if given is not None:
            return self._resume(given.text, sender)
        login = authentication.find("login")
        if login is None:
            raise LoginRefusal(Error("XL03000006", SIGN_IN))
        return self._login(login, sender)

    def open(self, company: Company, session: Session, entity: str) -> Session:
        """A new session of the same user in `entity`."""
        identity = secrets.token_urlsafe(24) + ".."
        new = Session(identity, session.user, entity, session.sender, session.expires, console=session.console)
        self.slide(company, new)
        self.sessions[new.id] = (company, new)
        return new

    def slide(self, company: Company, session: Session) -> None:
        """Push a session's end ahead of its last use."""
        session.expires = company.now() + timedelta(seconds=company.switches.session_seconds)

    def expire(self) -> None:
        """End all sessions at once."""
        self.sessions.clear()

    def _resume(self, identity: str, sender: str) -> tuple[Company, Session]:
        company, session = self.sessions.get(identity, (None, None))
        if company is None or session is None or session.expires <= company.now():
            self.sessions.pop(identity, None)
            raise LoginRefusal(Error("XL03000006", f"Invalid session {identity[:1]}...."))
        self._authorised(company, sender)
        if session.user.status != "active":
            raise LoginRefusal(Error("XL03000006", f"Invalid session {identity[:1]}...."))
        self.slide(company, session)
        return company, session

    def _login(self, login: Node, sender: str) -> tuple[Company, Session]:
        name, client, entity = self._names(login)
        console = self.consoles.get(name) if client else None
        company = self.companies.get(client if console else name)
        if (client or name) in self.expired_companies:
            error = Error("PL04000055", "This company is a demo company and has expired.")
            raise ControlRefusal(error, nameless=True)
        if company is None or (client and console is None):
            if any(one.switches.unknown_company_400 for one in self.companies.values()):
                raise self._invalid_request()
            error = Error("XMLGW_JPP0002", f"{SIGN_IN}. Please check your request.")
            raise ControlRefusal(error, status=401, bare=True)
        given = login.get("userid")
        self._authorised(company, sender, given)
        if company.switches.address_denied:
            raise LoginRefusal(Error("XL03000006", "IP Address 127.0.0.1 Denied"), user=given, company=name)
        if not company.switches.web_services:
            error = Error(company.switches.numbers["subscription"], company.switches.texts["subscription"])
            raise LoginRefusal(error, user=given, company=name)
        if console is not None and company.id not in console.clients:
            raise LoginRefusal(Error("XL03000006", SIGN_IN), user=given, company=name)
        user = self._user(company, login, company.users if console is None else console.users)
        wrong = self.entity_error(company, user, entity)
        if wrong is not None and not company.switches.entity_at_result:
            raise LoginRefusal(wrong, user=given, company=name)
        return company, Session("", user, entity, sender, company.now(), wrong, name if console else "")

    def _names(self, login: Node) -> tuple[str, str, str]:
        """Company, client and entity: a console's user joins them by bars, or gives the client by itself."""
        name, *more = login.get("companyid").split("|")
        client = more[0] if more else login.get("clientid")
        return name, client, more[1] if len(more) > 1 else login.get("locationid")

    def _invalid_request(self) -> ControlRefusal:
        error = Error("GW-0011", f"Invalid Request [Request ID {secrets.token_hex(8)}]")
        return ControlRefusal(error, status=400, bare=True)

    def _authorised(self, company: Company, sender: str, user: str = "") -> None:
        if sender not in company.senders:
            raise LoginRefusal(
                Error(
                    "XL03000006",
                    f"The sender ID '{sender}' is not authorized to make Web Services requests to company ID"
                    f" '{company.id}'.",
                    "Invalid Web Services Authorization",
                    "Ask an administrator to add the sender to the Web Services authorizations of the company.",
                ),
                user=user,
                company=company.id,
            )

    def _user(self, company: Company, login: Node, users: dict[str, User]) -> User:
        """The user, by one text for every reason to refuse one."""
        given = login.get("userid")
        user = users.get(given)
        refusal = LoginRefusal(Error("XL03000006", SIGN_IN), user=given, company=login.get("companyid"))
        if user is None:
            raise refusal
        right = secrets.compare_digest(user.password.encode(), login.get("password").encode())
        if right and user.status == "active":
            user.failures = 0
            return user
        if not right:
            user.failures += 1
            if user.failures >= company.switches.lock_after and user.status == "active":
                user.status = "lockedout"
                table = company.store["USERINFO"]
                row = table.named(user.login)
                if row is not None:
                    table.put(row | {"STATUS": "lockedout"})
        raise refusal

    def entity_error(self, company: Company, user: User, entity: str) -> Error | None:
        """What is wrong with an entity that does not exist or that the user may not enter, or his top level."""
        known = not entity or entity in company.entities
        allowed = user.entities is None or entity in user.entities
        if known and allowed:
            return None
        return Error(company.switches.numbers["entity"], company.switches.texts["entity"].format(entity))
