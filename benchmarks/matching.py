"""The matching on files: suggestions for two tables, or a table of figures over a folder of data sets.

    python -m benchmarks.matching LOCAL.csv REMOTE.csv --kind contacts --out suggestions.csv
    python -m benchmarks.matching --report FOLDER [--only PART_OF_NAME]

The columns of the tables are told in :mod:`benchmarks.matching_data`. The report runs RapidFuzz, TF-IDF and, where it
is installed, Splink in the same go.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from flask_intacct import matching
from flask_intacct.ledger import Value
from flask_intacct.messages import Message

from .matching_data import KINDS, LOCAL, REMOTE, BadData, DataSet, Scored, read_set, read_values, score

Row = tuple[str, str, float, bool, tuple[Message, ...], tuple[Message, ...]]


def match(kind: str, ours: Sequence[Value], theirs: Sequence[Value]) -> list[Row]:
    """All suggestions, in the order of the local ids."""
    from flask_intacct.matching.engine import find

    found = find(kind, sorted(ours, key=lambda one: one.ref), sorted(theirs, key=lambda one: one.ref))
    return [(one.local.id, one.remote.id, one.chance, one.certain, one.reasons, one.conflicts) for one in found]


def write(path: Path, rows: Sequence[Row]) -> None:
    """The suggestions as a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["local_id", "remote_id", "confidence", "certain", "reasons"])
        for local, remote, chance, certain, reasons, conflicts in rows:
            said = "; ".join([*map(str, reasons), *(f"but {conflict}" for conflict in conflicts)])
            writer.writerow([local, remote, f"{chance:.6f}", int(certain), said])


def report(folder: Path, only: str = "") -> None:
    """Print the table over all data sets below a folder."""
    from .matching_rivals import rivals, too_large

    def ours(data: DataSet) -> list[tuple[str, str, float, bool]]:
        return [row[:4] for row in match(data.kind, data.ours, data.theirs)]

    methods: dict[str, Callable[[DataSet], list[tuple[str, str, float, bool]]]] = {"this": ours, **rivals()}
    sums: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    say("| data set | records | true pairs | method | R@P99 | best F1 | bulk | bulk P | bulk R | doubles | seconds |")
    say("|---|---|---|---|---|---|---|---|---|---|---|")
    found_sets = sorted(Path(path) for path, _, files in os.walk(folder, followlinks=True) if "truth.csv" in files)
    for path in found_sets:
        if only not in str(path):
            continue
        data = read_set(path)
        for name, method in methods.items():
            if too_large(name, data):
                continue
            start = time.perf_counter()
            try:
                found = method(data)
            except Exception as error:
                say(f"| {data.name} | | | {name} | fails: {type(error).__name__} | | | | | | |")
                continue
            seconds = time.perf_counter() - start
            done = score(data, found)
            sums[data.kind, name].append(done)
            say(
                f"| {data.name} | {len(data.ours)} x {len(data.theirs)} | {done.truth} | {name} | "
                f"{done.recall_at_99:.3f} | {done.best_f1:.3f} | {done.bulk} | {done.bulk_precision:.4f} | "
                f"{done.bulk_recall:.3f} | {done.doubles} | {seconds:.2f} |"
            )
    say("\n| kind | method | sets | R@P99 mean | R@P99 by pairs | bulk P | bulk R |\n|---|---|---|---|---|---|---|")
    for (kind, name), all_ in sorted(sums.items()):
        truth, bulk = sum(one.truth for one in all_), sum(one.bulk for one in all_)
        right = sum(one.bulk * one.bulk_precision for one in all_)
        say(
            f"| {kind} | {name} | {len(all_)} | {sum(one.recall_at_99 for one in all_) / len(all_):.3f} | "
            f"{sum(one.recall_at_99 * one.truth for one in all_) / max(1, truth):.3f} | "
            f"{right / bulk if bulk else 1:.4f} | {right / max(1, truth):.3f} |"
        )
    say(f"\nPeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=__doc__.partition("\n")[0])
    parser.add_argument("local", type=Path, nargs="?")
    parser.add_argument("remote", type=Path, nargs="?")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--report", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="", help="of the data sets, only those with this in their path")
    given = parser.parse_args(arguments)
    if not matching.available():
        parser.error("the extra [matching] is not installed: pip install 'flask-intacct[matching]'")
    try:
        if given.report:
            report(given.report, given.only)
            return 0
        if not (given.local and given.remote and given.kind and given.out):
            parser.error("give LOCAL.csv, REMOTE.csv, --kind and --out, or --report FOLDER")
        kind = KINDS[given.kind]
        write(
            given.out,
            match(kind, read_values(given.local, kind, LOCAL), read_values(given.remote, kind, REMOTE)),
        )
    except BadData as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
