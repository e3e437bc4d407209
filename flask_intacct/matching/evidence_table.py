"""Named evidence per pair, each from 0 (says nothing) to 1, and what it sums up to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .columns import Array


class Table:
    """Columns of evidence over the same pairs; what was never set is 0."""

    def __init__(self, pairs: int) -> None:
        self.pairs = pairs
        self.columns: dict[str, Array] = {}

    def set(self, name: str, values: Array) -> None:
        """Keep evidence; it is cut to 0 .. 1, so that no single one outweighs all others."""
        self.columns[name] = np.clip(values, 0, 1).astype(np.float32)

    def column(self, name: str) -> Array:
        found = self.columns.get(name)
        return np.zeros(self.pairs, np.float32) if found is None else found

    def score(self, weights: Mapping[str, float]) -> Array:
        """Log-odds of each pair: the bias and the sum of weight times evidence."""
        total = np.full(self.pairs, weights["bias"], np.float64)
        for name in sorted(self.columns):
            total += weights.get(name, 0.0) * self.columns[name]
        return total

    def take(self, rows: Array) -> Table:
        """The evidence of some of the pairs."""
        part = Table(len(rows))
        part.columns = {name: values[rows] for name, values in self.columns.items()}
        return part
