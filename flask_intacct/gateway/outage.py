"""Answers that are not the gateway's: rate limits, maintenance, whatever stands between it and us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .classify import error_for, unknown
from .envelope import loose_faults
from .errors import ExchangeError, GatewayBusy, GatewayFault, ProtocolError, RetryClass
from .redact import Secrets, redact
from .transport import Answer

LONGEST_WAIT = 3600.0
_RATE = re.compile(rb"API rate limit exceeded|GW-0010|too many operations running", re.IGNORECASE)
_DOWN = re.compile(rb"temporarily off-?line", re.IGNORECASE)
_NETWORK = re.compile(rb"cf-error-details|cloudflare", re.IGNORECASE)  # the vendor's content delivery network


def not_an_envelope(answer: Answer, error: ProtocolError, writes: bool, secrets: Secrets) -> ExchangeError:
    """What an answer without a readable `response` means."""
    status, head = answer.status, answer.content[:2000]
    faults = secrets.hide_in(loose_faults(answer.content))
    said = f"(HTTP {status}): {' '.join(redact(head, secrets).split())[:200]!r}"
    if status == 429 or (_RATE.search(head) and b"<operation" not in answer.content):
        if not faults and b"GW-0010" in head:
            faults = (GatewayFault("GW-0010", "API rate limit exceeded"),)
        busy = GatewayBusy(f"the gateway's rate limit is reached {said}", errors=faults, http_status=status)
        busy.retry_after = retry_after(answer.headers)
        return busy
    if status < 500 and _NETWORK.search(answer.content, 0, 100_000) and b"<operation" not in answer.content:
        # Whether it asked the gateway is not known; a read's place there has not moved, for that is not told by a page.
        busy = GatewayBusy(f"the network before the gateway does not let us through {said}", http_status=status)
        busy.retry_after = retry_after(answer.headers)
        return busy.judged(*(unknown(writes) if writes else (RetryClass.BUSY, False)))
    if status >= 500 or (_DOWN.search(head) and b"<operation" not in answer.content):
        busy = GatewayBusy(f"the gateway can't answer {said}", errors=faults, http_status=status)
        busy.retry_after = retry_after(answer.headers)
        return busy.judged(*unknown(writes))
    if 400 <= status < 500 and faults:
        return error_for("control", faults, http_status=status)
    kind = type(error) if status < 300 else ProtocolError
    odd = kind(f"{error.message} {said}", errors=faults, http_status=status)
    if 400 <= status < 500 and not writes:
        return odd.judged(RetryClass.DATA, None)
    return odd.judged(*unknown(writes))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `Retry-After` or any header that ends so; None if there is none."""
    waits: list[float] = []
    there = http_date(headers) or datetime.now(UTC)
    for name, value in headers.items():
        if not name.lower().replace("-", "").endswith("retryafter"):
            continue
        if value.strip().isascii() and value.strip().isdigit():
            waits.append(float(value.strip()[:6]))
        else:
            moment = _moment(value)
            if moment is not None:
                waits.append((moment - there).total_seconds())
    return min(max(*waits, 0.0), LONGEST_WAIT) if waits else None


def http_date(headers: Mapping[str, str]) -> datetime | None:
    """What the other side's clock shows; None if it does not say."""
    return next((_moment(value) for name, value in headers.items() if name.lower() == "date"), None)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
