"""What can go wrong between us and Sage Intacct.

::

    GatewayError                         flask_intacct.errors
    `-- ExchangeError                    everything below; carries the verdict
        +-- RequestError                 the call can't be built as asked; nothing was sent
        +-- UnknownFormat                the user's dates or numbers have a form that could be misread
        +-- TransportError               the network
        |   +-- NotSent                  failed before the body left
        |   +-- NoReply                  the body may have arrived, the answer did not
        |   +-- Crowded                  its turn to be sent did not come in time
        |   `-- UnsafeEndpoint           an address that credentials must never be sent to
        +-- GatewayBusy                  rate limit, overload, maintenance; `retry_after` in seconds
        +-- ProtocolError                an answer came and is not one of the gateway's
        |   `-- Damaged                  it came whole, but its rows can't be told apart
        +-- ControlError                 refused before anything was looked at
        |   +-- SchemaError              the request is not well-formed for the gateway
        |   +-- SenderError              sender id or sender password
        |   +-- CompanyUnknown           no such company (or no such sender there)
        |   +-- PolicyError              unknown policy for asynchronous calls
        |   `-- CompanyExpired           a trial company that ran out
        +-- AuthError                    the sign-in or the session was refused
        |   +-- BadLogin                 company, user or password; the gateway never says which
        |   +-- SessionExpired           sign in once more
        |   +-- SenderNotAuthorised      the company does not list this sender
        |   +-- AddressDenied            an IP filter
        |   +-- NotSubscribed            the company has no Web Services
        |   `-- EntityRefused            the entity is unknown or closed to this user
        `-- ResultError                  one function failed
            +-- PermissionDenied         the user's role lacks the right
            +-- NotFound                 an object or a record that does not exist
            +-- Duplicate                an id or number that is taken
            |   `-- AlreadyProcessed     this control id ran before or is running: look it up
            +-- Validation               a value is not acceptable
            |   `-- NumberingOff         an id or number is missing: Intacct does not number by itself
            +-- PeriodClosed             the date lies in a closed period
            +-- Disabled                 a feature or module that the company does not have
            +-- CursorExpired            a `readMore` cursor is gone: start over
            +-- RolledBack               undone (or not begun) because of another function
            +-- PartialWrite             failed, and wrote objects all the same
            +-- TooManyOperations        also a GatewayBusy: the company's limit of parallel calls
            `-- TryLater                 also a GatewayBusy: something in the gateway that passes
"""

from __future__ import annotations

from .faults import ExchangeError as ExchangeError
from .faults import GatewayFault as GatewayFault
from .faults import Level as Level
from .faults import RetryClass as RetryClass


class RequestError(ExchangeError, ValueError):
    """The call can't be built as asked; nothing was sent."""

    level: Level = "request"
    retry, executed = RetryClass.DATA, False


class UnknownFormat(ExchangeError, ValueError):
    """The user's dates or numbers are written in a form that we could misread; a person must choose another."""

    level: Level = "result"
    retry, executed = RetryClass.CREDENTIAL, False


class TransportError(ExchangeError):
    """The network failed, or may not be used."""


class NotSent(TransportError):
    """Failed before the body left: no connection, no name, a wrong certificate."""

    retry, executed = RetryClass.NOT_SENT, False


class NoReply(TransportError):
    """The body may have arrived; no complete answer came back."""


class Crowded(TransportError):
    """Too many other requests to this company are in line; nothing was sent. It is tried again by the caller, if at
    all: it waited already.
    """

    retry, executed = RetryClass.BUSY, False


class UnsafeEndpoint(TransportError):
    """An address that is not the gateway's. Nothing was sent to it."""

    retry, executed = RetryClass.CREDENTIAL, False


class GatewayBusy(ExchangeError):
    """The gateway can't serve now.

    `retry_after` is the wait in seconds that it asked for, None if it gave none.
    """

    level: Level = "http"
    retry = RetryClass.RATE
    executed: bool | None = False
    retry_after: float | None = None


class ProtocolError(ExchangeError):
    """An answer came and is not the gateway's: HTML, truncated, nonsense, too big, a redirect."""

    level: Level = "http"


class Damaged(ProtocolError):
    """A reply that came whole and is not well-formed, in a way that can't be mended row by row.

    The reads of :class:`Client` ask for such a page again by halves of its keys, and raise this only where that is of
    no use either.
    """


class ControlError(ExchangeError):
    """The whole request was refused before sign-in."""

    level: Level = "control"
    retry, executed = RetryClass.DATA, False


class SchemaError(ControlError):
    """The gateway does not accept the form of the request."""


class SenderError(ControlError):
    """Sender id or sender password are wrong."""

    retry = RetryClass.CREDENTIAL


class CompanyUnknown(ControlError):
    """The gateway knows no such company, or no such sender there."""

    retry = RetryClass.CREDENTIAL


class PolicyError(ControlError):
    """An asynchronous policy that the vendor has not set up."""


class CompanyExpired(ControlError):
    """The company was a trial and has run out."""

    retry = RetryClass.CREDENTIAL


class AuthError(ExchangeError):
    """Sign-in or session refused; no function ran."""

    level: Level = "authentication"
    retry, executed = RetryClass.CREDENTIAL, False
    may_lock: bool = True  # also where the gateway gives a reason that nobody has written down


class BadLogin(AuthError):
    """Company, user or password is wrong, or the user is locked out: one text for all."""


class SessionExpired(AuthError):
    """The session is unknown or over."""

    retry = RetryClass.SESSION
    may_lock = False


class SenderNotAuthorised(AuthError):
    """The company has not authorised this sender (Company, Security, Web Services authorizations)."""

    may_lock = False


class AddressDenied(AuthError):
    """The user or the company has an IP filter that leaves us out."""

    may_lock = False


class NotSubscribed(AuthError):
    """The company has not subscribed to Web Services."""

    may_lock = False


class EntityRefused(AuthError):
    """The entity does not exist, or the user may not work in it."""

    may_lock = False


class ResultError(ExchangeError):
    """One function failed. Without a finer class: the gateway's texts say why."""

    level: Level = "result"
    retry = RetryClass.DATA
    executed: bool | None = False


class PermissionDenied(ResultError):
    """The user's role lacks the right, or works at the wrong level for it."""


class NotFound(ResultError):
    """The object or the record does not exist."""


class Duplicate(ResultError):
    """The id or number is taken."""


class AlreadyProcessed(Duplicate):
    """A function with this control id ran before or is running now; its outcome must be looked up."""

    retry = RetryClass.AMBIGUOUS
    executed: bool | None = None


class Validation(ResultError):
    """A value, a field or a reference is not acceptable."""


class NumberingOff(Validation):
    """An id or a number is missing, and the company's automatic numbering is off."""


class PeriodClosed(ResultError):
    """The date lies in a closed period."""

    retry = RetryClass.PERIOD


class Disabled(ResultError):
    """The company has not subscribed to the module or has the feature switched off."""


class CursorExpired(ResultError):
    """The cursor of a `readByQuery` is gone; read again from the start."""

    retry = RetryClass.BUSY


class RolledBack(ResultError):
    """Undone, or never begun, because another function of the transaction failed."""


class PartialWrite(ResultError):
    """Failed, and yet wrote objects: their keys are in the result's `written`. Never send it again as it is."""

    executed: bool | None = True


class TooManyOperations(ResultError, GatewayBusy):
    """The company's limit of parallel operations is reached; the function did not start."""

    retry = RetryClass.RATE


class TryLater(ResultError, GatewayBusy):
    """The gateway says to try again later; the function did not run."""

    retry = RetryClass.BUSY
