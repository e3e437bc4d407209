"""What others do, on the same data: RapidFuzz, TF-IDF over letters, and Splink where it is installed.

Each gives, per local record, its best remote one and a likeness from 0 to 1. All of them get what any user of them
would give: the fields as they are, and each remote record at most once, best first.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

from flask_intacct.ledger import Account, Contact, TaxType, Value

from .matching_data import DataSet

Found = list[tuple[str, str, float, bool]]

CERTAIN = 0.95
_FIELDS = ("name", "code", "type", "email", "phone", "tax_number", "address1", "city", "postcode", "country")
_COARSE = ("type", "city", "country")
_BEST, _ROWS = 10, 200
_SIGNS = re.compile(r"[^\w]+")
_MOST = 8000
"""More records a side are too many for a comparison of all with all."""


def rapidfuzz_names(data: DataSet) -> Found:
    """`token_sort_ratio` of the names, all with all."""
    ours, theirs = [value.name.lower() for value in data.ours], [value.name.lower() for value in data.theirs]
    pairs: list[tuple[float, int, int]] = []
    for at in range(0, len(ours), 500):
        likeness = process.cdist(ours[at : at + 500], theirs, scorer=fuzz.token_sort_ratio, dtype=np.uint8, workers=1)
        best = likeness.argmax(axis=1)
        pairs += [(float(likeness[row, column]) / 100, at + row, int(column)) for row, column in enumerate(best)]
    return _one_to_one(data, pairs)


def tfidf(data: DataSet) -> Found:
    """Cosine of runs of three letters over all fields, rare runs counting more; on two threads where it can be."""
    texts = [_text(value) for value in [*data.ours, *data.theirs]]
    known: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        found = [known.setdefault(text[at : at + 3], len(known)) for at in range(len(text) - 2)]
        columns += found
        rows += [row] * len(found)
    counts = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(texts), max(1, len(known))))
    counts.sum_duplicates()
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    weight = (np.log((1 + len(texts)) / (1 + frequency)) + 1).astype(np.float32)
    counts.data *= weight[counts.indices]
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    counts.data /= np.repeat(np.maximum(length, 1e-9), np.diff(counts.indptr)).astype(np.float32)
    ours, theirs = counts[: len(data.ours)], sparse.csr_array(counts[len(data.ours) :].T)
    pairs: list[tuple[float, int, int]] = []
    for at, product in _products(ours, theirs):
        for row in range(product.shape[0]):
            start, end = product.indptr[row], product.indptr[row + 1]
            values = product.data[start:end]
            for place in np.argsort(-values, kind="stable")[:_BEST].tolist():
                pairs.append((float(values[place]), at + row, int(product.indices[start + place])))
    return _one_to_one(data, pairs)


def _products(ours: Any, theirs: Any) -> Iterable[tuple[int, Any]]:
    """The cosines, by row of the first of them: the best few, where `sparse_dot_topn` is there to find them fast."""
    if find_spec("sparse_dot_topn"):
        from sparse_dot_topn import sp_matmul_topn

        yield 0, sp_matmul_topn(sparse.csr_matrix(ours), sparse.csr_matrix(theirs), top_n=_BEST, n_threads=2, sort=True)
        return
    for at in range(0, ours.shape[0], _ROWS):
        yield at, sparse.csr_array(ours[at : at + _ROWS] @ theirs)


def splink(data: DataSet) -> Found:
    """Splink's link of two tables, its weights estimated without labels, rare names telling more."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as library
    from splink.internals.exceptions import EMTrainingException

    sides = [
        [
            {name: text.lower() for name, text in _fields(value).items()} | {"unique_id": value.ref.id}
            for value in values
        ]
        for values in (data.ours, data.theirs)
    ]
    fields = [name for name in _FIELDS if all(len({row[name] for row in rows}) > 1 for rows in sides)]
    ways = {
        "name": library.NameComparison,
        "email": library.EmailComparison,
        "address1": library.JaroWinklerAtThresholds,
    }
    made = [ways.get(name, library.ExactMatch)(name) for name in fields]
    comparisons = [
        one.configure(term_frequency_adjustments=True) if name == "name" else one
        for name, one in zip(fields, made, strict=True)
    ]
    rules = [block_on(name) for name in fields if name not in _COARSE] + [block_on("substr(name, 1, 4)")]
    settings = SettingsCreator(
        link_type="link_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules
    )
    connection = duckdb.connect()
    api = DuckDBAPI(connection)
    with TemporaryDirectory() as folder:
        tables = []
        for side, rows in zip(("ours", "theirs"), sides, strict=True):
            path = Path(folder) / f"{side}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["unique_id", *fields], extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            read = "create table {} as select * from read_csv(?, header=true, all_varchar=true, nullstr='')"
            connection.execute(read.format(f"{side}_rows"), [str(path)])
            tables.append(api.register(f"{side}_rows", table_name=side))
    linker = Linker(tables, settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    telling = sorted(
        (name for name in fields if name != "name"), key=lambda name: -len({row[name] for row in sides[0]})
    )
    for name in ["name", *telling[:2]]:
        with suppress(EMTrainingException):  # too few pairs agree in this field to learn from
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    found = linker.inference.predict(threshold_match_probability=0.05).as_record_list()
    ours = {value.ref.id: at for at, value in enumerate(data.ours)}
    theirs = {value.ref.id: at for at, value in enumerate(data.theirs)}
    pairs = []
    for row in found:
        one, two = row["unique_id_l"], row["unique_id_r"]
        if row["source_dataset_l"] != "ours":
            one, two = two, one
        pairs.append((float(row["match_probability"]), ours[one], theirs[two]))
    return _one_to_one(data, pairs)


def rivals() -> dict[str, Callable[[DataSet], Found]]:
    """Those that are installed, by name."""
    found: dict[str, Callable[[DataSet], Found]] = {"RapidFuzz": rapidfuzz_names, "TF-IDF": tfidf}
    if find_spec("splink"):
        found["Splink"] = splink
    return found


def too_large(name: str, data: DataSet) -> bool:
    """Whether a method is left out because it compares all with all."""
    return name == "RapidFuzz" and max(len(data.ours), len(data.theirs)) > _MOST


def _one_to_one(data: DataSet, pairs: Iterable[tuple[float, int, int]]) -> Found:
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    found: Found = []
    for likeness, one, two in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if one not in used_ours and two not in used_theirs:
            used_ours.add(one)
            used_theirs.add(two)
            found.append((data.ours[one].ref.id, data.theirs[two].ref.id, likeness, likeness >= CERTAIN))
    return found


def _fields(value: Value) -> dict[str, Any]:
    found = {name: str(getattr(value, name, "")) for name in _FIELDS}
    if isinstance(value, TaxType) and isinstance(value.rate, Decimal):
        found["type"] = f"{value.rate.normalize():f} {' '.join(sorted(value.roles))}"
    elif not isinstance(value, Account | Contact):
        found["type"] = ""
    return found


def _text(value: Value) -> str:
    words = " ".join(filter(None, _fields(value).values())).lower()
    plain = _SIGNS.sub(" ", words)
    return f" {plain} "
