"""How far chance reaches in a share, in a median, or in how two of them differ, of few procurements."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import hypot
from statistics import NormalDist

from procanalysis.errors import MeasureError

_TWO_PLACES = Decimal("0.01")


def wilson_interval(
    numerator: int | Decimal, denominator: int | Decimal, *, confidence_pct: int | Decimal = 95
) -> tuple[Decimal, Decimal] | None:
    """Return Wilson's interval for a share, in percent to two decimals.

    (p + z²/2n ± z·√(p(1 - p)/n + z²/4n²)) / (1 + z²/n), where p = numerator / n and z is the normal quantile of the
    confidence. Parameters: `numerator` and `denominator` (n), counts; `confidence_pct`, from 50 to below 100. Returns
    the lower and the upper limit, None when the denominator is zero. Raises MeasureError when the numerator lies
    outside 0 to n. Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.

    >>> wilson_interval(4, 20)
    (Decimal('8.07'), Decimal('41.60'))
    >>> wilson_interval(0, 0) is None
    True
    """
    _check_confidence(confidence_pct, "wilson_interval")
    _check_share(numerator, denominator, "wilson_interval")
    if denominator == 0:
        return None
    low, high = _wilson(numerator, denominator, confidence_pct)
    return _percent(low), _percent(high)


def difference_interval(
    one: tuple[int | Decimal, int | Decimal],
    other: tuple[int | Decimal, int | Decimal],
    *,
    confidence_pct: int | Decimal = 95,
) -> tuple[Decimal, Decimal] | None:
    """Return Newcombe's interval for how much one share is above another, in percentage points to two decimals.

    d - √((p₁ - l₁)² + (u₂ - p₂)²) to d + √((u₁ - p₁)² + (p₂ - l₂)²), where d = p₁ - p₂ and l, u are the limits of
    Wilson's interval of each share. The shares are taken as independent; where one is a part of the other they hang
    together, which makes this interval too wide rather than too narrow. Parameters: `one` and `other`, numerator and
    denominator of each; `confidence_pct`, from 50 to below 100. Returns the lower and the upper limit, None when a
    denominator is zero. Raises MeasureError as `wilson_interval`. Source: Newcombe (1998), Statistics in Medicine 17,
    873-890, method 10.

    >>> difference_interval((6, 20), (11, 20))
    (Decimal('-49.63'), Decimal('5.20'))
    """
    _check_confidence(confidence_pct, "difference_interval")
    for numerator, denominator in (one, other):
        _check_share(numerator, denominator, "difference_interval")
    if not one[1] or not other[1]:
        return None
    share, beside = float(one[0]) / float(one[1]), float(other[0]) / float(other[1])
    low, high = _wilson(*one, confidence_pct)
    beside_low, beside_high = _wilson(*other, confidence_pct)
    return (
        _percent(share - beside - hypot(share - low, beside_high - beside)),
        _percent(share - beside + hypot(high - share, beside - beside_low)),
    )


def _wilson(numerator: int | Decimal, denominator: int | Decimal, confidence_pct: int | Decimal) -> tuple[float, float]:
    share, count = float(numerator) / float(denominator), float(denominator)
    quantile = NormalDist().inv_cdf(0.5 + float(confidence_pct) / 200)
    spread = quantile * (share * (1 - share) / count + quantile**2 / (4 * count**2)) ** 0.5
    middle, width = share + quantile**2 / (2 * count), 1 + quantile**2 / count
    # With nothing or everything counted the limit is exactly 0 or 100, which the square root misses by a hair.
    low = 0.0 if numerator == 0 else (middle - spread) / width
    high = 1.0 if numerator == denominator else (middle + spread) / width
    return low, high


def median_interval(ordered: Sequence[int], *, confidence_pct: int | Decimal = 95) -> tuple[int, int] | None:
    """Return the interval of the sign test for a median: two of the values themselves, whatever their distribution.

    The k-th lowest and the k-th highest value, where k is the largest number for which 2·P(B < k) ≤ 1 - confidence and
    B is binomial with n and 1/2. Parameters: `ordered`, the values, lowest first; `confidence_pct`, from 50 to below
    100. Returns the two values, None when they are too few for any such interval (fewer than six at 95 percent). Raises
    MeasureError on another confidence. Source: Dixon and Mood (1946), Journal of the American Statistical Association
    41, 557-566.

    >>> median_interval([1, 2, 2, 3, 4, 7, 9])
    (1, 9)
    >>> median_interval([1, 2, 2, 3, 4]) is None
    True
    """
    _check_confidence(confidence_pct, "median_interval")
    count = len(ordered)
    most = (100 - Fraction(confidence_pct)) * 2**count  # of 200 times the number of ways in which n coins can fall
    ways, below, place = 1, 1, 0
    while 2 * below * 100 <= most and place <= count:
        place += 1
        ways = ways * (count - place + 1) // place
        below += ways
    return (ordered[place - 1], ordered[count - place]) if place else None


def independent_answers(parts: Sequence[tuple[int, int]]) -> Decimal:
    """Return how many independent answers a share is worth whose parts come in groups, such as lots of procurements.

    Parts of the same procurement hang together, so that hundred lots of five procurements say less than hundred
    procurements. n = p(1 - p) / V, where V = Σ(y - p·m)² / (Σm)² · k / (k - 1) over k groups of m parts, y of them
    counted, and p = Σy / Σm. Parameters: `parts`, (y, m) per group, m above zero. Returns n, at most Σm; the number of
    groups where they do not differ, and 0 without groups. Source: Korn and Graubard (1998), Survey Methodology 24,
    193-201.

    >>> independent_answers([(80, 80), *[(0, 1)] * 19, (1, 1)]).quantize(_TWO_PLACES)
    Decimal('6.02')
    >>> independent_answers([(1, 1), (0, 1), (0, 1), (1, 1), (0, 1)])
    Decimal('4')
    """
    counted, total, groups = sum(y for y, _ in parts), sum(m for _, m in parts), len(parts)
    spread = sum((y * total - counted * m) ** 2 for y, m in parts)
    if not spread:
        return Decimal(groups)
    return min(Decimal(counted * (total - counted) * total**2 * (groups - 1)) / (groups * spread), Decimal(total))


def _check_confidence(confidence_pct: int | Decimal, measure: str) -> None:
    if not 50 <= confidence_pct < 100:
        raise MeasureError(f"{measure}: confidence_pct is {confidence_pct}. Give a value from 50 to below 100.")


def _check_share(numerator: int | Decimal, denominator: int | Decimal, measure: str) -> None:
    if not 0 <= numerator <= denominator:
        raise MeasureError(
            f"{measure}: {numerator} of {denominator} is no share. The numerator lies from 0 to the denominator."
        )


def _percent(share: float) -> Decimal:
    return (Decimal(share) * 100).quantize(_TWO_PLACES, ROUND_HALF_UP)
