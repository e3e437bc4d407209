"""What may be kept of an exchange: everything but secrets and bank details."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape, unescape
from urllib.parse import quote

from ..secret import Secret
from .errors import GatewayFault
from .gate import Kind

LONGEST = 100_000
MASK = "***"

LEAST = 6
"""A hidden number of fewer characters is masked in its own place only: elsewhere the same may mean something else."""
LONGEST_NUMBER = 60

_HIDDEN = (
    "password|sessionid|accountnumber|cardnum|ssn|achaccountnumber|wireaccountnumber|taxid|achbankroutingnumber|"
    "wirebankroutingnumber|bankaccountno|bankaccountnumber|routingno|fractionalroutingno|iban|bic|swiftcode|sortcode|"
    "cardnumber|creditcardnumber|ibannumber|bsbnumber|banksortcode"
)
_NAME = rf"(?:[\w.-]{{1,80}}[.:])?(?:{_HIDDEN})"
_QUOTE = r"""['"]|&(?:apos|quot|\#0?39|\#x27|\#34);"""
_FLAGS = re.IGNORECASE | re.DOTALL
# A value without its end tag is masked as well: a cut-off text must not give away what it was cut off in.
_ELEMENT = re.compile(rf"<({_NAME})(?:\s[^<>]*)?(?<!/)>(.*?)(?=</\1\s*>|\Z)", _FLAGS)
_SAID = re.compile(rf"&lt;({_NAME})(?:\s[^<>&]*)?&gt;(.*?)(?=&lt;/\1\s*&gt;|\Z)", _FLAGS)
_EMPTY = re.compile(rf"<({_NAME})\s[^<>]*/>", _FLAGS)
_LOGIN = re.compile(r"(<login(?:\s[^<>]*)?(?<!/)>).*?(</login\s*>|\Z)", _FLAGS)
_VALUE = r"(?:<!\[CDATA\[.*?(?:\]\]>|\Z)|[^<])*"
_FILTER = re.compile(
    rf"(<field\b[^<>]*>\s*{_NAME}\s*</field\s*>)((?:\s*<value\b[^<>]*>{_VALUE}(?:</value\s*>)?)+)", _FLAGS
)
_BETWEEN = rf"(?:{_QUOTE})?(?:[=!:>(\s]|\bnot\b|\blike\b|\bin\b|&[lg]t;)+"
_TEXT = re.compile(rf"\b({_HIDDEN})({_BETWEEN})((?:({_QUOTE})(?:\\.|(?!\4)[^\\])*(?:\4|\Z)[\s,]*)+)", _FLAGS)
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|<!--.*?-->|<[^<>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One try, for whoever keeps a log of them. Nothing secret is in it.

    :param request: Redacted, cut at :data:`LONGEST` characters; so is `response`. Both may have been left out.
    :param http_status: None if no answer came.
    :param error: The class and message of the failure, "" after success at the upper levels.
    :param refused: For each function the class of its failure, "" if it succeeded; empty without a judged reply.
    :param rows: How many rows were read.
    """

    kind: Kind
    functions: tuple[str, ...]
    control_ids: tuple[str, ...]
    request: str = field(repr=False)
    response: str = field(repr=False)
    http_status: int | None
    seconds: float
    error: str = ""
    refused: tuple[str, ...] = ()
    rows: int = 0


class Secrets:
    """The passwords and the session of one exchange. A gateway may say them back in places that no rule knows.

    :param values: Those shorter than four characters can't be told from other text and are passed over.
    """

    def __init__(self, *values: str) -> None:
        forms = {form for value in values if len(value) >= 4 for form in _forms(value)}
        self._forms = sorted(map(Secret, forms), key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text without them."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def hide_in(self, faults: Iterable[GatewayFault]) -> tuple[GatewayFault, ...]:
        """The faults without them."""
        names = GatewayFault.__slots__
        return tuple(replace(fault, **{name: self.hide(getattr(fault, name)) for name in names}) for fault in faults)


def _forms(value: str) -> tuple[str, ...]:
    """As it is, as an address, XML and HTML write it, and as XML writes that."""
    html = escape(value)
    once = [value, quote(value, safe=""), escape(value, quote=False), html, html.replace("&#x27;", "&#039;")]
    if not value.isascii():  # as it reads where it was written in another encoding
        once += [form.encode("cp1252", "replace").decode("utf-8", "replace") for form in once]
    return (*once, *(escape(form, quote=False) for form in once))


NO_SECRETS = Secrets()


def numbers(content: bytes) -> set[str]:
    """The hidden numbers that a text holds, in elements: what is said about it may name them elsewhere."""
    return _numbers(_read(content))


def _numbers(text: str) -> set[str]:
    found = (unescape(_MARKUP.sub("", match[2])).strip() for match in _ELEMENT.finditer(text))
    return {number for number in found if LEAST <= len(number) <= LONGEST_NUMBER}


def _read(content: bytes) -> str:
    return content[: 4 * LONGEST].decode("utf-8", "replace").replace("\0", "")  # UTF-16 puts them between letters


def redact(content: bytes, secrets: Secrets = NO_SECRETS) -> str:
    """The text with every secret masked, and bank details too.

    :param secrets: Masked wherever they stand.
    """
    text = _read(content)
    said = Secrets(*_numbers(text))
    text = _LOGIN.sub(rf"\g<1>{MASK}\g<2>", text)
    text = _EMPTY.sub(r"<\g<1>/>", text)
    text = _ELEMENT.sub(rf"<\g<1>>{MASK}", text)
    text = _SAID.sub(rf"&lt;\g<1>&gt;{MASK}", text)
    text = _FILTER.sub(rf"\g<1><value>{MASK}</value>", text)
    text = _TEXT.sub(rf"\g<1>\g<2>'{MASK}'", text)
    text = said.hide(secrets.hide(text))
    return text if len(text) <= LONGEST else text[:LONGEST] + f"… ({len(content)} bytes in all)"
