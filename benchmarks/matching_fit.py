"""Fits the weights of the matching on data sets of the benchmark's form, and prints them for weights.py.

    python -m benchmarks.matching_fit FOLDER [FOLDER ...] [--kind contacts] [--leave-out] [--write]

weights.py came from data sets of many countries together with tests/matching/data. What is maximised is the chance
that each record, of either side, picks its true partner (or none) among its candidates: the pseudo-likelihood of a
one-to-one matching. It is convex, and the sign of each weight is given, so that agreement never lowers and conflict
never raises a score. With --leave-out each set (and those of the same source) is scored by weights that have not seen
it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from flask_intacct import kinds
from flask_intacct.ledger import Contact, Value
from flask_intacct.matching import weights as numbers
from flask_intacct.matching.columns import Array
from flask_intacct.matching.competition import assign, marginals
from flask_intacct.matching.contacts.evidence import Contacts
from flask_intacct.matching.evidence_table import Table
from flask_intacct.matching.titles.evidence import Titles
from flask_intacct.matching.weights import WEIGHTS

from .matching_data import KINDS, DataSet, read_set, score

PENALTY = {kinds.CONTACT: 0.002, kinds.ACCOUNT: 0.01, kinds.TAX_TYPE: 0.1, kinds.TRACKING_OPTION: 0.01}
"""Pull of each weight to what is `EXPECTED`, per pair of truth; what sets that were left out are matched best with."""
ALONE = {kinds.CONTACT: 1.0, kinds.ACCOUNT: 0.2, kinds.TAX_TYPE: 0.2, kinds.TRACKING_OPTION: 0.2}
"""What a record without a true partner counts: where the truth was made from numbers, many only lack the number."""
EXPECTED: dict[str, dict[str, float]] = {
    kinds.CONTACT: {"numbers_same": 1.0, "numbers_differ": -3.0, "tax_same": 5.0, "tax_differs": -3.0},
    kinds.ACCOUNT: {},
    kinds.TAX_TYPE: {
        "figures_differ": -5.0, "figures_missing": -2.0, "direction_same": 2.0, "rate_rare": 4.0, "rate_alone": 4.0,
        "treatment_same": 1.0, "equal_once": 1.5, "name_equal": 2.0, "written_equal": 1.0, "name_alike": 1.0,
        "odd_both": -2.0, "odd_words": -1.0, "other_words": -2.0,
    },
    kinds.TRACKING_OPTION: {"figures_differ": -5.0, "figures_missing": -3.0, "figures_same": 2.0},
}  # fmt: skip
"""What each weight is pulled to: 0, but for taxes (a country has too few to show what every accountant knows) and for
the figures of buildings, flats and parties and VAT numbers, of which the sets have few or none."""
_FIELDS = {"email", "phone", "tax_number", "address1", "city", "postcode", "country"}
KNOTS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
AGAINST = (
    "house_near",
    "differ",
    "differs",
    "conflicts",
    "other_words",
    "more_words",
    "odd_words",
    "odd_both",
    "common",
    "missing",
    "qualifier_differs",
    "not_name",
)


@dataclass
class Sample:
    """One data set as evidence, with what is true."""

    data: DataSet
    left: Array
    right: Array
    table: Table
    true: Array
    counts: Array
    allowed: Array
    lefts: int
    rights: int


def sample(data: DataSet) -> Sample:
    """The candidates of a data set, their evidence, and which of them are true."""
    ours, theirs = sorted(data.ours, key=lambda one: one.ref), sorted(data.theirs, key=lambda one: one.ref)
    facts: Contacts | Titles
    if data.kind == kinds.CONTACT:
        facts = Contacts([value for value in [*ours, *theirs] if isinstance(value, Contact)], len(ours))
    else:
        facts = Titles(data.kind, [*ours, *theirs], len(ours))
    left, right = facts.candidates()
    table = facts.evidence(left, right)
    names = [value.ref.id for value in [*ours, *theirs]]
    pairs = [(names[one], names[two]) for one, two in zip(left.tolist(), right.tolist(), strict=True)]
    true = np.array([data.sure.get(one) == two for one, two in pairs], bool)
    counts = np.array(
        [
            (one in data.sure or one not in data.doubtful)
            and ((one, two) not in data.neutral or data.sure.get(one) == two)
            for one, two in pairs
        ],
        bool,
    )
    return Sample(
        data, left, right, table, true, counts, facts.allowed(left, right), len(ours), len(ours) + len(theirs)
    )


def with_less(data: DataSet) -> list[DataSet]:
    """The same contacts as books have them that hold less: names alone, with the place, and without an address."""
    if data.kind != kinds.CONTACT:
        return []
    place = ("city", "postcode", "country")
    reach = ("email", "phone", "tax_number")
    kept: dict[str, tuple[str, ...]] = {
        "names": (),
        "places": place,
        "streets": ("address1", "city"),
        "no addresses": reach,
    }
    return [
        replace(
            data,
            name=f"{data.name} ({name})",
            ours=[_less(value, fields) for value in data.ours],
            theirs=[_less(value, fields) for value in data.theirs],
        )
        for name, fields in kept.items()
    ]


def _less(value: Value, kept: Sequence[str]) -> Value:
    gone: dict[str, Any] = dict.fromkeys(_FIELDS - set(kept), "")
    return replace(value, **gone)


def fit(samples: Sequence[Sample], penalty: float | None = None) -> dict[str, float]:
    """The weights that explain the truth of all samples best; each sample counts by the root of its size."""
    penalty = PENALTY[samples[0].data.kind] if penalty is None else penalty
    names = sorted({name for one in samples for name in one.table.columns})
    parts = []
    for one in samples:
        keep = np.flatnonzero(one.counts)
        evidence = np.stack([one.table.column(name)[keep] for name in names], axis=1).astype(np.float64)
        ends = [(one.left[keep], one.true[keep]), (one.right[keep], one.true[keep])]
        worth = [_worth(rows, true, one.rights, ALONE[one.data.kind]) for rows, true in ends]
        sides = [(rows, much) for (rows, _), much in zip(ends, worth, strict=True)]
        parts.append((evidence, sides, one.true[keep], len(one.data.sure) ** -0.5))
    expected = np.array([EXPECTED[samples[0].data.kind].get(name, 0.0) for name in names])
    total = sum(true.sum() * share for _, _, true, share in parts)

    def loss(weights: Array) -> tuple[float, Array]:
        value, slope = 0.0, np.zeros_like(weights)
        for evidence, sides, true, share in parts:
            scores = np.clip(weights[0] + evidence @ weights[1:], -35, 35)
            odds = np.exp(scores)
            pull = np.zeros(len(scores))
            for ends, worth in sides:
                free = 1 + np.bincount(ends, odds, len(worth))
                value += 0.5 * share * (worth @ np.log(free) - scores[true].sum())
                pull += 0.5 * share * (worth[ends] * odds / free[ends] - true)
            slope[0] += pull.sum()
            slope[1:] += evidence.T @ pull
        off = weights[1:] - expected
        value += 0.5 * penalty * total * float(off @ off) / 10
        slope[1:] += penalty * total * off / 10
        return value / total, slope / total

    bounds = [(-20.0, 10.0), *((None, 0.0) if name.endswith(AGAINST) else (0.0, None) for name in names)]
    if "second_role" in names:
        bounds[1 + names.index("second_role")] = (None, 0.0)
    found = minimize(
        loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400}
    )
    return dict(zip(["bias", *names], found.x.tolist(), strict=True))


def _worth(ends: Array, true: Array, count: int, alone: float) -> Array:
    """What each record counts."""
    found = np.full(count, alone)
    found[ends[true]] = 1.0
    return found


def suggest(one: Sample, weights: dict[str, float]) -> tuple[Array, Array]:
    """The chosen pairs and the chance of each, as positions among the candidates."""
    scores = one.table.score(weights)
    chances = marginals(one.left, one.right, scores, one.rights, one.rights)
    return assign(one.left, one.right, chances, scores, one.allowed), chances


def judged(one: Sample, weights: dict[str, float], threshold: float) -> list[tuple[str, str, float, bool]]:
    """Suggestions in the form that is scored."""
    names = [value.ref.id for value in sorted(one.data.ours, key=lambda v: v.ref)]
    names += [value.ref.id for value in sorted(one.data.theirs, key=lambda v: v.ref)]
    chosen, chances = suggest(one, weights)
    return [
        (names[one.left[at]], names[one.right[at]], float(chances[at]), bool(chances[at] >= threshold))
        for at in chosen.tolist()
    ]


def source(name: str) -> str:
    """What sets of the same origin have in common: variants of one set are left out together."""
    return name.partition(" (")[0].removesuffix("_nocode").removesuffix("_renum").removesuffix("_nophone")


def calibration(found: Sequence[tuple[float, bool]]) -> list[float]:
    """Part that was right near each chance of `KNOTS`, never falling, always rising a little."""
    chances, right = np.array([one for one, _ in found]), np.array([true for _, true in found], np.float64)
    parts = [right[(chances >= low) & (chances < high)] for low, high in zip(KNOTS, [*KNOTS[1:], 1.1], strict=True)]
    # Two more pairs, one of them right, keep a small bin from saying too much.
    shares = [(float(part.sum()) + 1) / (len(part) + 2) for part in parts]
    rising = np.maximum.accumulate(shares)
    return [round(min(0.999, share + 1e-3 * at), 3) for at, share in enumerate(rising.tolist())]


def rewrite(path: Path, fitted: dict[str, dict[str, float]]) -> None:
    """Put fitted weights into weights.py, in place of those of the same kinds."""
    head, _, _ = path.read_text(encoding="utf-8").partition("WEIGHTS: dict")
    lines = ["WEIGHTS: dict[str, dict[str, float]] = {\n"]
    for kind, weights in sorted((WEIGHTS | fitted).items()):
        if kind == kinds.TRACKING_CATEGORY:
            continue  # those of its options
        kept = [(name, round(weight, 2)) for name, weight in weights.items() if name == "bias" or round(weight, 2)]
        lines += [f'    "{kind}": {{\n', *(f'        "{name}": {weight},\n' for name, weight in kept), "    },\n"]
    tail = "WEIGHTS[kinds.TRACKING_CATEGORY] = WEIGHTS[kinds.TRACKING_OPTION]\n"
    path.write_text(head + "".join(lines) + "}\n" + tail, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching_fit", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--leave-out", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the weights into weights.py")
    parser.add_argument("--penalty", type=float)
    parser.add_argument("--threshold", type=float, default=0.8)
    given = parser.parse_args(arguments)
    folders = sorted(path.parent for folder in given.folder for path in folder.glob("*/truth.csv"))
    fitted: dict[str, dict[str, float]] = {}
    for word in [given.kind] if given.kind else KINDS:
        of_kind = [path for path in folders if (path / "kind.txt").read_text().strip() == word]
        read = [read_set(path) for path in of_kind]
        samples = [sample(one) for data in read for one in (data, *with_less(data))]
        if not samples:
            continue
        weights = fit(samples, given.penalty)
        fitted[KINDS[word]] = weights
        print(f"\n{word}")
        print("\n".join(f"{weight:7.2f} {name}" for name, weight in weights.items() if abs(weight) >= 0.005))
        seen: list[tuple[float, bool]] = []
        for one in samples:
            rest = [other for other in samples if source(other.data.name) != source(one.data.name)]
            used = fit(rest, given.penalty) if given.leave_out and rest else weights
            done = score(one.data, judged(one, used, given.threshold))
            chosen, chances = suggest(one, used)
            seen += [(float(chances[at]), bool(one.true[at])) for at in chosen.tolist() if one.counts[at]]
            own = score(one.data, judged(one, weights, given.threshold))
            reach = len(set(one.left[one.true].tolist())) / max(1, len(one.data.sure))
            for title, found in (("unseen" if given.leave_out else "seen", done), ("seen", own)):
                print(
                    f"{one.data.name:42} {title:6} truth {found.truth:5} reach {reach:.3f} "
                    f"R@P99 {found.recall_at_99:.3f} F1 {found.best_f1:.3f} "
                    f"bulk {found.bulk:5} P {found.bulk_precision:.4f} R {found.bulk_recall:.3f}"
                )
        print("chance", KNOTS, "right", calibration(seen))
    if given.write:
        rewrite(Path(numbers.__file__), fitted)


if __name__ == "__main__":
    main()
