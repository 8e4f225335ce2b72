"""How far chance reaches in a share of few procurements."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist

from procanalysis.errors import MeasureError

_TWO_PLACES = Decimal("0.01")


def wilson_interval(
    numerator: int | Decimal, denominator: int | Decimal, *, confidence_pct: int = 95
) -> tuple[Decimal, Decimal] | None:
    """Return Wilson's interval for a share, in percent to two decimals.

    (p + z²/2n ± z·√(p(1 - p)/n + z²/4n²)) / (1 + z²/n), where p = numerator / n and z is the normal quantile of the
    confidence. Parameters: `numerator` and `denominator` (n), counts; `confidence_pct`, 50 to 99. Returns the lower and
    the upper limit, None when the denominator is zero. Raises MeasureError when the numerator lies outside 0 to n.
    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.

    >>> wilson_interval(4, 20)
    (Decimal('8.07'), Decimal('41.60'))
    >>> wilson_interval(0, 0) is None
    True
    """
    if not 50 <= confidence_pct <= 99:
        raise MeasureError(f"wilson_interval: confidence_pct is {confidence_pct}. Give a value from 50 to 99.")
    if not 0 <= numerator <= denominator:
        raise MeasureError(
            f"wilson_interval: {numerator} of {denominator} is no share. The numerator lies from 0 to the denominator."
        )
    if denominator == 0:
        return None
    share, count = float(numerator) / float(denominator), float(denominator)
    quantile = NormalDist().inv_cdf(0.5 + confidence_pct / 200)
    spread = quantile * (share * (1 - share) / count + quantile**2 / (4 * count**2)) ** 0.5
    middle, width = share + quantile**2 / (2 * count), 1 + quantile**2 / count
    # With nothing or everything counted the limit is exactly 0 or 100, which the square root misses by a hair.
    low = 0.0 if numerator == 0 else (middle - spread) / width
    high = 1.0 if numerator == denominator else (middle + spread) / width
    return _percent(low), _percent(high)


def _percent(share: float) -> Decimal:
    return (Decimal(share) * 100).quantize(_TWO_PLACES, ROUND_HALF_UP)
