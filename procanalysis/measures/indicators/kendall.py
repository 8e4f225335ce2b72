"""Robust trend of a short series: the Mann–Kendall test with its exact distribution, and the Theil–Sen slope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, combinations
from math import factorial

from procanalysis.errors import MeasureError

Point = tuple[int, Decimal]


@dataclass(frozen=True)
class Kendall:
    """Hold the Mann–Kendall statistic S (rising pairs minus falling pairs) and its exact two-sided p-value."""

    statistic: int
    p_value: Fraction


def mann_kendall(points: Sequence[Point]) -> Kendall:
    """Test whether a series rises or falls more than chance would make it.

    S = Σ sign(y_j − y_i) over all pairs i < j. p = the share of all orders of the values whose |S| is at least as
    large: exact also with tied values, since the number of orders with each S is a product of Gaussian binomial
    coefficients. Parameters: points, (year, value) with different years. Returns a Kendall. Raises MeasureError when a
    year stands twice. Source: Mann (1945), Kendall (1975).

    >>> mann_kendall([(2021, Decimal(1)), (2022, Decimal(2)), (2023, Decimal(3))]).p_value
    Fraction(1, 3)
    """
    ordered = _in_order(points, "mann_kendall")
    statistic = sum((later > earlier) - (later < earlier) for earlier, later in combinations(ordered, 2))
    ties = list(Counter(ordered).values())
    counts = _orders_by_inversions(ties)
    pairs = len(counts) - 1  # a pair of equal values can be neither rising nor falling
    extreme = sum(count for fallen, count in enumerate(counts) if abs(pairs - 2 * fallen) >= abs(statistic))
    return Kendall(statistic, Fraction(extreme, sum(counts)))


def fewest_points(alpha: Decimal) -> int:
    """Tell how many points a series must have before the test can reach p ≤ alpha at all.

    A series that only rises has p = 2 / n!. Parameters: alpha, above 0 and below 1. Raises MeasureError otherwise.

    >>> fewest_points(Decimal("0.05"))
    5
    """
    _check_alpha(alpha, "fewest_points")
    number = 2
    while Fraction(2, factorial(number)) > Fraction(alpha):
        number += 1
    return number


def theil_sen(points: Sequence[Point], *, alpha: Decimal = Decimal("0.05")) -> tuple[Fraction, Fraction, Fraction]:
    """Return the median slope of all pairs of points, and the slopes that the test does not reject at alpha.

    slope = median of (y_j − y_i) / (x_j − x_i). A slope b is inside when the Mann–Kendall test of y − b·x gives
    p > alpha, so the interval excludes zero exactly when the test of the series does, values that are tied aside.
    Parameters: points, (year, value), two at least; alpha. Returns slope, low and high per year; when there are too
    few points for alpha the interval is from the least to the greatest slope, with less confidence than 1 − alpha.
    Raises MeasureError. Source: Theil (1950), Sen (1968).

    >>> [float(slope) for slope in theil_sen([(2021, Decimal(1)), (2022, Decimal(2)), (2024, Decimal(6))])]
    [1.6666666666666667, 1.0, 2.0]
    """
    _check_alpha(alpha, "theil_sen")
    if len(points) < 2:
        raise MeasureError("theil_sen: a slope needs two points at least. Give more years.")
    _in_order(points, "theil_sen")
    slopes = sorted(
        Fraction(later - earlier) / (year - before)
        for (before, earlier), (year, later) in combinations(sorted(points), 2)
    )
    counts = _orders_by_inversions([1] * len(points))
    pairs, orders = len(slopes), sum(counts)
    # The largest number of slopes that may be cut off at each end while the test still rejects beyond them.
    cut, tail = 0, 0
    for fallen, count in enumerate(counts):
        tail += count
        if 2 * Fraction(tail, orders) > Fraction(alpha) or fallen * 2 >= pairs:
            break
        cut = fallen
    return _median(slopes), slopes[cut], slopes[pairs - 1 - cut]


def line_at(points: Sequence[Point], year: int) -> Fraction:
    """Return the Theil–Sen line's value in a year: median of (y − slope·x), plus slope × year."""
    slope = _median(
        sorted(
            Fraction(later - earlier) / (after - before)
            for (before, earlier), (after, later) in combinations(sorted(points), 2)
        )
    )
    return _median(sorted(Fraction(value) - slope * at for at, value in points)) + slope * year


def _in_order(points: Sequence[Point], measure: str) -> list[Decimal]:
    if len({year for year, _ in points}) < len(points):
        raise MeasureError(f"{measure}: a year stands twice. Give one value per year.")
    return [value for _, value in sorted(points)]


def _check_alpha(alpha: Decimal, measure: str) -> None:
    if not 0 < alpha < 1:
        raise MeasureError(f"{measure}: alpha must lie above 0 and below 1, as 0.05, not {alpha}.")


def _median(ordered: Sequence[Fraction]) -> Fraction:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _orders_by_inversions(ties: Sequence[int]) -> list[int]:
    """Count the orders of values by their number of falling pairs; ties are the sizes of the groups of equal values.

    >>> _orders_by_inversions([1, 1, 1]), _orders_by_inversions([2, 1])
    ([1, 2, 2, 1], [1, 1, 1])
    """
    counts, placed = [1], 0
    for size in ties:
        for step in range(1, size + 1):
            counts = _times(counts, placed + step)
            counts = _divided(counts, step)
        placed += size
    return counts


def _times(counts: Sequence[int], power: int) -> list[int]:
    """Multiply by 1 + q + … + q^(power − 1)."""
    sums = [0, *accumulate(counts)]
    size = len(counts)
    return [sums[min(at + 1, size)] - sums[max(at + 1 - power, 0)] for at in range(size + power - 1)]


def _divided(counts: Sequence[int], power: int) -> list[int]:
    """Divide by 1 + q + … + q^(power − 1), which leaves nothing over."""
    quotient: list[int] = []
    for at in range(len(counts) - power + 1):
        quotient.append(counts[at] - sum(quotient[max(at - power + 1, 0) :]))
    return quotient
