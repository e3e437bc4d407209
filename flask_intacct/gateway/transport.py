"""One POST over one kept-alive connection, to an address that is the gateway's and no other."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from ..secret import Hidden, discreet
from .connection import Adapter, Watch
from .errors import Crowded, NoReply, NotSent, ProtocolError, UnsafeEndpoint

ENDPOINT = "https://api.intacct.com/ia/xml/xmlgw.phtml"
LARGEST_REPLY = 64 * 1024 * 1024
_CHUNK = 256 * 1024

# Full matches of strict patterns: two URL parsers may disagree about a clever address, a pattern can't.
_PATH = r"(/[A-Za-z0-9._~-]+)*/?"
_GATEWAY = re.compile(r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,6}intacct\.com" + _PATH)
_SCHEME = re.compile(r"([A-Za-z]{1,20}://)?(.*)", re.DOTALL)
_LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?" + _PATH)


def check_endpoint(url: str, *, loopback: bool = False) -> str:
    """The address, if credentials may be sent there.

    :param loopback: Accept this machine, and nothing else.
    :raises UnsafeEndpoint: for any other scheme, host, user-info or port.
    """
    pattern = _LOOPBACK if loopback else _GATEWAY
    if len(url) > 300 or not pattern.fullmatch(url):
        where = "a loopback address" if loopback else "https below .intacct.com"
        url = _shown(url)  # in a report that lists variables too
        raise UnsafeEndpoint(f"{url!r} is not {where}; nothing was sent to it")
    return url


def _shown(url: str) -> str:
    """Scheme and host: the rest may be somebody's password or session."""
    scheme, rest = _SCHEME.fullmatch(url).groups("")  # type: ignore[union-attr]  # it matches anything
    return (scheme + re.split(r"[/?#\\]", rest.rpartition("@")[2])[0])[:100]


def is_loopback(url: str) -> bool:
    """Is this an address of this machine?"""
    return _LOOPBACK.fullmatch(url) is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as bytes: the gateway's header names no charset, so text would be misread."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class Transport:
    """Posts and nothing else: no redirects, no proxies or credentials of the environment, no cookies, no retries.

    :param connect_timeout: Seconds.
    :param read_timeout: Seconds for the whole answer, once the request is sent.
    :param largest_reply: Bytes after unpacking.
    """

    def __init__(self, *, connect_timeout: float, read_timeout: float, largest_reply: int = LARGEST_REPLY) -> None:
        self._timeouts = (connect_timeout, read_timeout)
        self._largest = largest_reply
        self._http = _Straight()
        self._http.trust_env = False
        self._http.cookies.set_policy(_NoCookies())
        self._http.adapters.clear()
        adapter = Adapter(max_retries=Retry(0, read=False), pool_connections=4, pool_maxsize=16)
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, adapter)
        self._http.headers.clear()
        self._http.headers.update(
            {"Content-Type": "application/xml", "Accept-Encoding": "gzip", "User-Agent": "Flask-Intacct"}
        )

    @discreet
    def post(
        self, url: str, body: bytes, sent: Callable[[], None] | None = None, *, late: Callable[[], bool] | None = None
    ) -> Answer:
        """Send and wait.

        :param sent: Called when the whole body has left.
        :param late: Asked right before the body leaves, whether it is too late for that.
        :raises Crowded: if it was; nothing of the body left.
        :raises NotSent: if nothing of the body left.
        :raises NoReply: if something may have.
        :raises ProtocolError: if the answer is too big or a redirect.
        """
        data = _Body(body, sent, late)
        try:
            with self._http.post(
                url, data=data, timeout=self._timeouts, allow_redirects=False, stream=True
            ) as response:
                return self._answer(response)
        except _TooLate:
            why = ""
        except (requests.RequestException, HTTPError, OSError) as error:
            why = type(error).__name__
        # Raised out here, so that the error does not drag the request, and its password, along as its context.
        if not why:
            raise Crowded("the request was held up for too long after it was made ready; nothing was sent")
        if data.touched:
            raise NoReply(f"the connection to the gateway broke off ({why})")
        raise NotSent(f"no connection to the gateway ({why})")

    def _answer(self, response: requests.Response) -> Answer:
        status = response.status_code
        watch: Watch | None = getattr(response.raw, "watch", None)  # None on an adapter that a test put in
        try:
            if response.is_redirect or response.is_permanent_redirect:
                raise ProtocolError("the gateway's address redirects; not followed", http_status=status)
            content = self._content(response)
        finally:
            late = watch is not None and watch.off()
        if late:  # the end that was read may be where the line was cut
            raise NoReply("the reply did not end in time", http_status=status)
        return Answer(status, dict(response.headers), content)

    def _content(self, response: requests.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > self._largest:
                raise ProtocolError(f"the reply is larger than {self._largest} bytes", http_status=response.status_code)
            parts.append(chunk)
        return Hidden(b"".join(parts))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class _TooLate(Exception):
    """The body is not to leave any more."""


class _Body:
    """The body, knowing how far it went: whether it left is what the fate of a write hangs on."""

    def __init__(self, content: bytes, sent: Callable[[], None] | None, late: Callable[[], bool] | None) -> None:
        self.touched = False
        self._late = late
        self._stream = io.BytesIO(content)
        self._size = len(content)
        self._sent = sent

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        if not self.touched and self._late is not None and self._late():
            raise _TooLate
        self.touched = True
        part = self._stream.read(size)
        if not part and self._sent:
            self._sent()
        return part


class _Straight(requests.Session):
    """Looks at no redirect: told not to follow one, requests still reads its whole body and takes its target apart."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """Sessions travel in the body; a cookie could only mix two companies up."""

    def set_ok(self, cookie: object, request: object) -> bool:
        return False

    def return_ok(self, cookie: object, request: object) -> bool:
        return False
