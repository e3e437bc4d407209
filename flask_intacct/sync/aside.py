"""Records that something fails for: each is set aside with an issue of its own, and the others go on."""

from __future__ import annotations

from ..errors import ConfigError, Refused, Unreadable
from ..failures import kind, passing
from ..gateway.errors import ExchangeError, RequestError
from ..issues import Finding
from ..messages import Message, quoted
from ..reconnecting import NeedsReconnecting
from . import unreadable
from .job_context import OutOfTime, Stopped, crashed
from .lease import LeaseLost

_NOT_ITS_FAULT = (Stopped, OutOfTime, LeaseLost, ExchangeError, NeedsReconnecting, ConfigError)


def of_a_record(error: Exception) -> bool:
    """Whether an exception says something about the record at hand, and nothing about all of them."""
    if isinstance(error, RequestError):
        return True  # nothing was sent: no call can be made of it
    return not (isinstance(error, _NOT_ITS_FAULT) or passing(error))


def finding(error: Exception, what: str, refused: str) -> Finding:
    """What is wrong with one record; to be called where its exception is at hand.

    What nobody foresaw is logged with its traceback: a mistake in the host's functions or in ours stops no other.

    :param what: Names the record in the log.
    :param refused: The cause where it is refused.
    :raises Exception: the same again, if it is no fault of the record's.
    """
    if not of_a_record(error):
        raise error
    if isinstance(error, Unreadable):
        return unreadable.finding(error)
    if isinstance(error, Refused):
        return Finding(refused, error.said)
    if isinstance(error, RequestError):
        return Finding(refused, quoted(error.message))
    return crashed(error, what, lambda reference: Message("row.crashed", reason=kind(error), reference=reference))
