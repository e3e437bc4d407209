"""The matching: candidates, evidence, one-to-one competition, confidence. Needs the extra ``[matching]``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import kinds
from ..collector import patient
from ..ledger import Contact, Ref, TaxType, Value
from ..messages import Message
from . import slots
from .columns import Array
from .competition import assign, marginals
from .contacts import words as contact_words
from .contacts.evidence import Contacts
from .suggestion import Suggestion
from .titles import words as title_words
from .titles.evidence import Titles
from .weights import CALIBRATION, CERTAIN, LEAST, MARGIN, WEIGHTS

_PATIENCE = 500_000
"""New objects after which the collector of cyclic garbage starts: what is read of a hundred thousand records stays till
the end, and it would look at that all the time."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of one slot, with its calibrated chance to be right."""

    local: Ref
    remote: Ref
    chance: float
    certain: bool
    reasons: tuple[Message, ...]
    conflicts: tuple[Message, ...]
    runner_up: Ref | None


def suggest(
    kind: str,
    locals: Iterable[Value],
    remotes: Iterable[Value],
    *,
    taken: Container[Ref] = frozenset(),
    rejected: Container[tuple[Ref, Ref]] = frozenset(),
    categories: Mapping[Ref, Ref] | None = None,
    entity: str = "",
) -> list[Suggestion]:
    """See :func:`flask_intacct.matching.suggest`."""
    ours, theirs = slots.eligible(kind, locals, remotes, taken, entity)
    found: list[Suggestion] = []
    for role, mine, others in slots.slots(kind, ours, theirs, categories or {}):
        for match in find(kind, [_in_role(value, role) for value in mine], others, rejected):
            found.append(
                Suggestion(
                    match.local,
                    role,
                    match.remote,
                    min(99, int(100 * match.chance)),
                    match.reasons,
                    match.runner_up,
                    match.certain,
                    match.conflicts,
                )
            )
    return sorted(found, key=lambda one: (one.local, one.role))


def _in_role(value: Value, role: str) -> Value:
    if isinstance(value, Contact | TaxType) and len(value.roles) > 1:
        return replace(value, roles=frozenset({role}))
    return value


def find(
    kind: str, ours: Sequence[Value], theirs: Sequence[Value], rejected: Container[tuple[Ref, Ref]] = frozenset()
) -> list[Match]:
    """The best one-to-one matching of two lists of records, each sorted by reference and free of doubles."""
    if not ours or not theirs:
        return []
    with patient(_PATIENCE):
        return _find(kind, ours, theirs, rejected)


def _find(
    kind: str, ours: Sequence[Value], theirs: Sequence[Value], rejected: Container[tuple[Ref, Ref]]
) -> list[Match]:
    values = [*ours, *theirs]
    refs = [value.ref for value in values]
    facts: Contacts | Titles
    if kind == kinds.CONTACT:
        facts = Contacts([value for value in values if isinstance(value, Contact)], len(ours))
    else:
        facts = Titles(kind, values, len(ours))
    left, right = facts.candidates()
    if rejected:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        keep = np.array([(refs[one], refs[two]) not in rejected for one, two in pairs], bool)
        left, right = left[keep], right[keep]
    if not len(left):
        return []
    weights = WEIGHTS[kind]
    table = facts.evidence(left, right)
    scores = table.score(weights)
    chances = marginals(left, right, scores, len(values), len(values))
    chosen = assign(left, right, chances, scores, facts.allowed(left, right))
    chosen = np.sort(chosen[chances[chosen] >= LEAST])
    part, one, two = table.take(chosen), left[chosen], right[chosen]
    if isinstance(facts, Contacts):
        said = contact_words.describe(facts, part, weights, one, two)
    else:
        said = title_words.describe(facts, part, weights, one, two)
    second, ahead = _runners_up(left, right, scores, chosen, len(values))
    sure = np.interp(chances[chosen], *CALIBRATION[kind])
    clean = np.array([not found for found in said.conflicts], bool)
    certain = (chances[chosen] >= CERTAIN[kind]) & said.strong & clean & (ahead >= MARGIN)
    return [
        Match(refs[mine], refs[other], round(chance, 6), bulk, reasons, conflicts, refs[next_] if next_ >= 0 else None)
        for mine, other, chance, bulk, reasons, conflicts, next_ in zip(
            one.tolist(),
            two.tolist(),
            sure.tolist(),
            certain.tolist(),
            said.reasons,
            said.conflicts,
            second.tolist(),
            strict=True,
        )
    ]


def _runners_up(left: Array, right: Array, scores: Array, chosen: Array, count: int) -> tuple[Array, Array]:
    """Per chosen pair: the record that comes next for ours (-1: none), and by how many nats all rivals are behind."""
    free = np.ones(len(left), bool)
    free[chosen] = False
    rivals = np.flatnonzero(free)
    order = rivals[np.lexsort((right[rivals], scores[rivals], left[rivals]))]
    next_ = np.full(count, -1)
    next_[left[order]] = right[order]
    best_left, best_right = np.full(count, -np.inf), np.full(count, -np.inf)
    np.maximum.at(best_left, left[rivals], scores[rivals])
    np.maximum.at(best_right, right[rivals], scores[rivals])
    one, two = left[chosen], right[chosen]
    ahead = scores[chosen] - np.maximum(best_left[one], best_right[two])
    return np.where(best_left[one] > scores[chosen] - 12, next_[one], -1), ahead
