"""Whether correlations given pair by pair can hold together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

_SINGULAR = 1e-9
"""What is left of a variance that is nothing but rounding."""


def impossible_together(pairs: Mapping[tuple[str, str], Decimal]) -> list[str]:
    """Find drivers whose rank correlations no numbers can have at once; empty when all is well.

    The matrix of what the simulation draws, normal numbers correlated 2·sin(π/6 · rank correlation), must be positive
    definite. Parameters: pairs, two drivers → their rank correlation; pairs not named are 0.

    >>> impossible_together({("a", "b"): Decimal("0.9"), ("b", "c"): Decimal("0.9")})
    ['a', 'b', 'c']
    >>> impossible_together({("a", "b"): Decimal("0.9"), ("c", "d"): Decimal("-0.9")})
    []
    """
    for names in _tied(pairs):
        if not _can_hold(names, pairs):
            return names
    return []


def _tied(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Group the drivers that are tied to each other, directly or through others."""
    groups: list[list[str]] = []
    for pair in pairs:
        touched = [group for group in groups if set(group) & set(pair)]
        rest = [group for group in groups if group not in touched]
        groups = [*rest, list(dict.fromkeys([*(name for group in touched for name in group), *pair]))]
    return groups


def _can_hold(names: Sequence[str], pairs: Mapping[tuple[str, str], Decimal]) -> bool:
    """Tell whether normal draws can have the rank correlations: Cholesky's method finds no root of what is left."""
    known: dict[tuple[str, str], float] = {}
    for (one, other), value in pairs.items():
        known[one, other] = known[other, one] = 2 * math.sin(math.pi * float(value) / 6)
    rows: list[list[float]] = []
    for here, name in enumerate(names):
        row: list[float] = []
        for before in range(here):
            shared = sum(a * b for a, b in zip(row, rows[before], strict=False))
            row.append((known.get((name, names[before]), 0.0) - shared) / rows[before][before])
        left = 1 - sum(part * part for part in row)
        if left <= _SINGULAR:
            return False
        rows.append([*row, math.sqrt(left)])
    return True
