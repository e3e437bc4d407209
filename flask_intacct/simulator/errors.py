"""What a request can be refused with, one class a level.

Refusal
├── ControlRefusal    the envelope, the sender, the company: nothing after `control` is looked at
├── LoginRefusal      the user or the session: no function runs
└── FunctionRefusal   one function; it may have written objects before it failed
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Error:
    """One `error` element."""

    errorno: str
    description2: str = ""
    description: str = ""
    correction: str = ""


class Refusal(Exception):
    """Carries the errors of one level, the most specific first."""

    def __init__(self, *errors: Error) -> None:
        super().__init__("; ".join(f"{e.errorno} {e.description2}" for e in errors))
        self.errors = errors


class ControlRefusal(Refusal):
    """`status` is the HTTP status, `bare` leaves nothing but `status` in the reply's control, `nameless` empties its
    ids."""

    def __init__(self, *errors: Error, status: int = 200, bare: bool = False, nameless: bool = False) -> None:
        super().__init__(*errors)
        self.status, self.bare, self.nameless = status, bare, nameless


class LoginRefusal(Refusal):
    """The ids are echoed as given; both are empty for a bad session."""

    def __init__(self, *errors: Error, user: str = "", company: str = "") -> None:
        super().__init__(*errors)
        self.user, self.company = user, company


class FunctionRefusal(Refusal):
    """`data` is the reply's data element in spite of the failure: what had been written before it; `mute` leaves the
    status out of the result."""

    def __init__(self, *errors: Error, data: str = "", mute: bool = False) -> None:
        super().__init__(*errors)
        self.data, self.mute = data, mute


def refuse(errorno: str, text: str = "", correction: str = "") -> FunctionRefusal:
    """A function's refusal with a single error; the general one calls itself just that."""
    general = "Error" if errorno == "DL02000001" else ""
    return FunctionRefusal(Error(errorno, text, general, correction))


def query_failed(text: str) -> FunctionRefusal:
    """A read that can't be carried out: the gateway writes a sentence where a number is expected."""
    return refuse("Query Failed", text)


def invalid(text: str, correction: str = "") -> FunctionRefusal:
    """A value that is wrong or missing."""
    return refuse("BL03000018", text, correction)
