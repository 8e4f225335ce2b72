"""Exact arithmetic on whole columns: fractions as whole numbers above and below the line, rounded once at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Whole = npt.NDArray[Any]
"""A column of Python's whole numbers, which never overflow."""
Flags = npt.NDArray[np.bool_]

SHOWN_DECIMALS = 6
"""As many decimals as a price in the registers may have."""


@dataclass(frozen=True)
class Fractions:
    """Hold a column of exact fractions; every denominator is above zero, and what is missing stands as 0."""

    above: Whole
    below: Whole

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Fractions:
        """Turn a column of decimals or whole numbers into fractions. Each different value is turned once."""
        codes, values = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
        return cls.of_values([Fraction(value) for value in values]).take(codes)

    @classmethod
    def of_values(cls, values: Sequence[Fraction]) -> Fractions:
        """Turn a list of fractions into a column with a 0 last, which is what place -1 takes."""
        return cls(
            whole([*(value.numerator for value in values), 0]), whole([*(value.denominator for value in values), 1])
        )

    def take(self, places: npt.NDArray[np.intp]) -> Fractions:
        """Return the fractions at the places given, in that order."""
        return Fractions(self.above[places], self.below[places])

    def times(self, other: Fractions | int) -> Fractions:
        """Multiply each by its counterpart, or all by one whole number."""
        if isinstance(other, int):
            return Fractions(self.above * other, self.below)
        return Fractions(self.above * other.above, self.below * other.below)

    def over(self, other: Fractions) -> Fractions:
        """Divide each by its counterpart, 0 where that is zero: ask only for what is not."""
        sign = np.where(other.above < 0, -1, 1).astype(object)
        below = self.below * other.above * sign
        nothing = below == 0
        return Fractions(np.where(nothing, 0, self.above * other.below * sign), np.where(nothing, 1, below))

    def minus(self, other: Fractions) -> Fractions:
        """Take each counterpart away."""
        return Fractions(self.above * other.below - other.above * self.below, self.below * other.below)

    def where(self, flags: Flags, other: Fractions) -> Fractions:
        """Return these where the flags hold, else the others."""
        return Fractions(np.where(flags, self.above, other.above), np.where(flags, self.below, other.below))

    def absolute(self) -> Fractions:
        """Return each without its sign."""
        return Fractions(np.abs(self.above), self.below)

    def above_zero(self) -> Flags:
        """Tell which are above zero."""
        return np.asarray(self.above > 0, dtype=bool)

    def at_most(self, other: Fractions) -> Flags:
        """Tell which are no larger than their counterparts."""
        return np.asarray(self.above * other.below <= other.above * self.below, dtype=bool)

    def equals(self, other: Fractions) -> Flags:
        """Tell which are the same number as their counterparts."""
        return np.asarray(self.above * other.below == other.above * self.below, dtype=bool)

    def rounded(self) -> Whole:
        """Round each to a whole number, half away from zero, as schema.round_ore does."""
        size = (2 * np.abs(self.above) + self.below) // (2 * self.below)
        return np.asarray(np.where(self.above < 0, -size, size), dtype=object)

    def rounded_ore(self) -> npt.NDArray[np.int64]:
        """Round kronor to whole öre, half away from zero."""
        return self.times(100).rounded().astype("int64")

    def shown(self, known: Flags | None = None, decimals: int = SHOWN_DECIMALS) -> Whole:
        """Round each to a decimal that can be shown; None where it is not known."""
        units = self.times(10**decimals).rounded()
        codes, values = pd.factorize(units)
        written = np.array([*(Decimal(int(value)).scaleb(-decimals) for value in values), None], dtype=object)
        return np.asarray(written[codes if known is None else np.where(known, codes, -1)], dtype=object)

    def keys(self) -> Whole:
        """Write each in lowest terms, so that equal ones have equal keys."""
        least = np.gcd(self.above, self.below)
        pairs = zip(self.above // least, self.below // least, strict=True)
        return np.array([f"{above}/{below}" for above, below in pairs], dtype=object)


def whole(values: Sequence[int]) -> Whole:
    """Make a column of Python's whole numbers."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def or_none(flags: Flags, values: npt.NDArray[Any] | str) -> npt.NDArray[Any]:
    """Return the values where the flags hold, else None."""
    found = np.full(len(flags), None, dtype=object)
    found[flags] = values if isinstance(values, str) else values[flags]
    return found


def of_ore(amounts: pd.Series[Any]) -> Fractions:
    """Turn whole öre into fractions of a krona."""
    found = amounts.to_numpy(dtype="int64").astype(object)
    return Fractions(found, np.full(len(found), 100, dtype=object))
