"""Data sets of the benchmark: folders with local.csv, remote.csv, truth.csv and kind.txt; read, and scored.

accounts have the columns id, code, name, type; tax id, code, name, rate, direction; tracking id, code, name;
contacts id, name, kind, email, phone, tax_number, address1, city, postcode, country. truth.csv has local_id,
remote_id and status: *sure* pairs count, *neutral* pairs are neither right nor wrong, and neither is any suggestion
for a local record that is *doubtful*.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from flask_intacct import kinds
from flask_intacct.ledger import Account, Contact, Ref, TaxType, TrackingOption, Value

KINDS = {
    "contacts": kinds.CONTACT,
    "accounts": kinds.ACCOUNT,
    "tax": kinds.TAX_TYPE,
    "tracking": kinds.TRACKING_OPTION,
}
LOCAL, REMOTE = "local", "remote"
_ROLES = {
    "tenant": {kinds.CUSTOMER},
    "customer": {kinds.CUSTOMER},
    "supplier": {kinds.VENDOR},
    "vendor": {kinds.VENDOR},
}
_CATEGORY = {LOCAL: Ref("category", "1"), REMOTE: Ref(kinds.DIMENSION, "1")}

Pair = tuple[str, str]


class BadData(Exception):
    """A file can't be read as what it should be; says which and why."""


@dataclass
class DataSet:
    """Both sides and what is known to be true of them."""

    name: str
    kind: str
    ours: list[Value]
    theirs: list[Value]
    sure: dict[str, str] = field(default_factory=dict)
    neutral: set[Pair] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)


def read_set(folder: Path) -> DataSet:
    """One folder."""
    word = (folder / "kind.txt").read_text(encoding="utf-8").strip()
    if word not in KINDS:
        raise BadData(f"{folder / 'kind.txt'}: {word!r} is none of {', '.join(KINDS)}")
    kind = KINDS[word]
    found = DataSet(
        folder.name,
        kind,
        read_values(folder / "local.csv", kind, LOCAL),
        read_values(folder / "remote.csv", kind, REMOTE),
    )
    for row in _rows(folder / "truth.csv", ("local_id", "remote_id", "status")):
        if row["status"] == "sure":
            found.sure[row["local_id"]] = row["remote_id"]
        elif row["status"] == "neutral":
            found.neutral.add((row["local_id"], row["remote_id"]))
        else:
            found.doubtful.add(row["local_id"])
    return found


def read_values(path: Path, kind: str, side: str) -> list[Value]:
    """One side as ledger values.

    :raises BadData: a column is missing, or an id is empty or there twice.
    """
    seen: set[str] = set()
    values: list[Value] = []
    for number, row in enumerate(_rows(path, ("id", "name")), 2):
        if not row["id"] or row["id"] in seen:
            raise BadData(f"{path}, line {number}: the id {row['id']!r} is {'twice there' if row['id'] else 'empty'}")
        seen.add(row["id"])
        try:
            values.append(value(kind, side, row))
        except (InvalidOperation, ValueError) as error:
            raise BadData(f"{path}, line {number}: {row['rate']!r} is no rate") from error
    return values


def value(kind: str, side: str, row: dict[str, str]) -> Value:
    """One row as a ledger value."""
    ref, name, code = Ref(side, row["id"]), row["name"], row.get("code", "")
    if kind == kinds.ACCOUNT:
        return Account(ref=ref, name=name, code=code, type=row.get("type", ""))
    if kind == kinds.TAX_TYPE:
        rate, direction = row.get("rate", ""), row.get("direction", "")
        roles = frozenset({direction} & {kinds.SALE, kinds.PURCHASE})
        percent = Decimal(rate) if rate else None
        if percent is not None and not percent.is_finite():
            raise ValueError(rate)
        return TaxType(ref=ref, name=name, code=code, rate=percent, roles=roles)
    if kind == kinds.TRACKING_OPTION:
        return TrackingOption(ref=ref, name=name, code=code, category=_CATEGORY[side])
    # An owner may be in the books as either.
    roles = frozenset(_ROLES.get(row.get("kind", ""), {kinds.CUSTOMER, kinds.VENDOR}))
    details: dict[str, Any] = {
        name: row.get(name, "") for name in ("email", "phone", "tax_number", "address1", "city", "postcode", "country")
    }
    return Contact(ref=ref, name=name, code=code, roles=roles, **details)


def _rows(path: Path, needed: Sequence[str]) -> Iterable[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadData(f"{path}: {error.strerror}") from error
    with file:
        reader = csv.DictReader(file, restval="")
        try:
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise BadData(f"{path}: there is no column {', '.join(missing)}")
            yield from reader
        except UnicodeDecodeError as error:
            raise BadData(f"{path}: not UTF-8") from error
        except csv.Error as error:
            raise BadData(f"{path}, line {reader.line_num}: {error}") from error


@dataclass(frozen=True, slots=True)
class Scored:
    """`recall_at_99`: the recall at the best cut that keeps 99 % precision; `bulk_*`: of what is marked certain."""

    truth: int
    recall_at_99: float
    best_f1: float
    bulk: int
    bulk_precision: float
    bulk_recall: float
    doubles: int


def score(data: DataSet, found: Iterable[tuple[str, str, float, bool]]) -> Scored:
    """How good suggestions (local id, remote id, confidence, certain) are."""
    rows = list(found)
    counted = sorted(
        (
            (confidence, data.sure.get(local) == remote, certain)
            for local, remote, confidence, certain in rows
            if data.sure.get(local) == remote
            or ((local in data.sure or local not in data.doubtful) and (local, remote) not in data.neutral)
        ),
        key=lambda row: -row[0],
    )
    truth, right, best, f1 = len(data.sure), 0, 0.0, 0.0
    for at, (confidence, true, _) in enumerate(counted, 1):
        right += true
        if at < len(counted) and counted[at][0] == confidence:
            continue
        if right / at >= 0.99:
            best = max(best, right / max(1, truth))
        f1 = max(f1, 2 * right / (at + truth))
    bulk = [true for _, true, certain in counted if certain]
    doubles = sum(count - 1 for count in Counter(remote for _, remote, *_ in rows).values())
    doubles += sum(count - 1 for count in Counter(local for local, *_ in rows).values())
    precision = sum(bulk) / len(bulk) if bulk else 1.0
    return Scored(truth, best, f1, len(bulk), precision, sum(bulk) / max(1, truth), doubles)
