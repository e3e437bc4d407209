"""Shake the simulator for longer than the tests do.

python benchmarks/simulator_fuzz.py [--minutes 10] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from simulator.spoiling import FAMILIES, shake


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests (%(default)s)")
    given = parser.parse_args()
    for family in FAMILIES:
        done, succeeded = shake(given.minutes * 60 / len(FAMILIES), given.seed, family)
        sys.stdout.write(
            f"{family}: {done} requests, none without an answer; {len(succeeded)} functions succeeded at least once\n"
        )


if __name__ == "__main__":
    main()
