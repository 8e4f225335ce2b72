"""Whether a series moves: each unbroken part is tested for itself, and one that is too short is said to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import wording
from procanalysis.measures.indicators.kendall import Point, fewest_points, mann_kendall, theil_sen
from procanalysis.measures.indicators.series import (
    LeftOut,
    difference_unit,
    rows_of,
    split_at_breaks,
    usable_series,
)
from procanalysis.schema import INDICATOR_DIRECTIONS, INDICATOR_UNITS

TREND_VERDICTS: dict[str, str] = {
    "rising": "Stiger",
    "falling": "Sjunker",
    "no_clear": "Ingen säker trend",
    "too_few": "För få år för att avgöra",
}

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class TrendPart:
    """Hold the trend of one unbroken part of a series.

    `slope` is the median change per year, in `slope_unit`; `slope_low` to `slope_high` its interval and `p_value` the
    test's, both None when there are too few points. `is_good` is None when nothing can be said.
    """

    from_year: int
    to_year: int
    points: tuple[Point, ...]
    verdict: str
    label: str
    slope: Decimal | None
    slope_low: Decimal | None
    slope_high: Decimal | None
    slope_unit: str
    statistic: int | None
    p_value: Decimal | None
    is_good: bool | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class IndicatorTrend:
    """Hold the parts of a series in order of year, what was left out, and the rule of the test."""

    indicator_id: str
    parts: tuple[TrendPart, ...]
    left_out: tuple[LeftOut, ...]
    rule: str
    unknown_because: str
    method: str = "indicator_trend"

    @property
    def latest(self) -> TrendPart | None:
        """The part that goes on until now, None when there is no usable point."""
        return self.parts[-1] if self.parts else None


def indicator_trend(
    values: pd.DataFrame,
    *,
    indicator_id: str,
    unit: str,
    direction: str,
    breaks: Iterable[int] = (),
    with_doubtful: bool = False,
    alpha: Decimal = Decimal("0.05"),
    period: str = "",
) -> IndicatorTrend:
    """Tell whether an indicator rises or falls, part by part of its series.

    slope = Theil–Sen; verdict from the exact Mann–Kendall test: rising or falling when p ≤ alpha, else no clear trend.
    A part with fewer points than `fewest_points(alpha)` cannot reach alpha however it moves: too_few. Parameters:
    values, schema.INDICATOR_VALUES; indicator_id; unit, one of INDICATOR_UNITS: points in another unit are left out;
    direction, one of INDICATOR_DIRECTIONS; breaks, the first year of each new part, which is never joined with the one
    before; with_doubtful, whether doubtful points count; alpha; period. Returns an IndicatorTrend. Raises MeasureError.
    """
    for word, choices, what in ((unit, INDICATOR_UNITS, "unit"), (direction, INDICATOR_DIRECTIONS, "direction")):
        if word not in choices:
            raise MeasureError(f"indicator_trend: '{word}' is not a {what}. {did_you_mean(word, choices)}")
    fewest = fewest_points(alpha)
    series = usable_series(
        rows_of(values, indicator_id, "indicator_trend", period), unit=unit, with_doubtful=with_doubtful
    )
    parts = tuple(_part(points, unit, direction, alpha, fewest) for points in split_at_breaks(series.points, breaks))
    return IndicatorTrend(
        indicator_id=indicator_id,
        parts=parts,
        left_out=series.left_out,
        rule=(
            f"En trend kallas säker när Mann–Kendalls test ger p högst {_number(alpha)}. Det kräver minst {fewest} "
            "jämförbara år. Serien delas där den är bruten."
        ),
        unknown_because="" if parts else "Serien har inga användbara utfall",
    )


def indicator_trends(
    indicators: pd.DataFrame, values: pd.DataFrame, breaks: pd.DataFrame, *, to_year: int
) -> pd.DataFrame:
    """Tell of every indicator with outcomes whether the latest unbroken part of its series moves.

    Parameters: indicators, values and breaks as in the schema, of one organisation; to_year, the last year that counts.
    Returns one row per indicator with a usable outcome: indicator_id, name, verdict and verdict_name of
    `indicator_trend`, points_count and sentence. Raises MeasureError.
    """
    known = values[values["year"] <= to_year]
    rows = []
    for each in indicators.to_dict("records"):
        identity = each["indicator_id"]
        own = breaks[(breaks["indicator_id"] == identity) & (breaks["from_year"] <= to_year)]["from_year"]
        latest = indicator_trend(
            known, indicator_id=identity, unit=each["unit"], direction=each["direction"], breaks=list(own)
        ).latest
        if latest is not None:
            rows.append((identity, each["name"], latest.verdict, latest.label, len(latest.points), latest.sentence))
    columns = ["indicator_id", "name", "verdict", "verdict_name", "points_count", "sentence"]
    return pd.DataFrame(rows, columns=columns).astype({"points_count": "int64"})


def _part(points: tuple[Point, ...], unit: str, direction: str, alpha: Decimal, fewest: int) -> TrendPart:
    changed = difference_unit(unit)
    slope = low = high = p_value = None
    statistic: int | None = None
    verdict = "too_few"
    if len(points) > 1:
        exact, exact_low, exact_high = theil_sen(points, alpha=alpha)
        slope = _decimal(exact)
        if len(points) >= fewest:
            found = mann_kendall(points)
            low, high, p_value, statistic = (
                _decimal(exact_low),
                _decimal(exact_high),
                _decimal(found.p_value),
                found.statistic,
            )
            certain = found.p_value <= Fraction(alpha)
            verdict = ("rising" if found.statistic > 0 else "falling") if certain else "no_clear"
    return TrendPart(
        from_year=points[0][0],
        to_year=points[-1][0],
        points=points,
        verdict=verdict,
        label=TREND_VERDICTS[verdict],
        slope=slope,
        slope_low=low,
        slope_high=high,
        slope_unit=changed,
        statistic=statistic,
        p_value=p_value,
        is_good=_is_good(verdict, direction),
        sentence=_sentence(points, verdict, slope, p_value, changed, fewest),
    )


def _is_good(verdict: str, direction: str) -> bool | None:
    if verdict not in ("rising", "falling") or direction not in ("higher", "lower"):
        return None
    return (verdict == "rising") is (direction == "higher")


def _sentence(
    points: tuple[Point, ...],
    verdict: str,
    slope: Decimal | None,
    p_value: Decimal | None,
    unit: str,
    fewest: int,
) -> str:
    years = f"{points[0][0]}–{points[-1][0]}" if len(points) > 1 else str(points[0][0])
    if verdict == "too_few" or slope is None or p_value is None:
        return f"{len(points)} jämförbara år ({years}) är för få: minst {fewest} behövs för att avgöra en trend."
    moved = f"{wording.quantity_text(slope, unit)} per år (median)"
    chance = f"p = {_number(p_value.quantize(Decimal('0.001')))}"
    return f"{TREND_VERDICTS[verdict]} {years}: {moved}, {chance}."


def _decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(_PLACES)


def _number(number: Decimal) -> str:
    exponent = number.as_tuple().exponent
    return wording.number_text(number, -exponent if isinstance(exponent, int) else 0)
