"""What a later year may bring, with an interval from how wrong the same way of forecasting has been before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.indicators.kendall import Point, line_at
from procanalysis.measures.indicators.series import rows_of, split_at_breaks, usable_series
from procanalysis.measures.wording import percent_text, quantity_text

FEWEST_FITTED = 5
"""A line is drawn through five points at least, also when earlier forecasts are tried."""

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Hold a forecast with its interval, or the reason why none is made.

    `past_errors` are the outcomes minus what the same method said beforehand, oldest first.
    """

    indicator_id: str
    year: int
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    level_pct: Decimal
    unit: str
    years: tuple[int, ...]
    past_errors: tuple[Decimal, ...]
    sentence: str
    unknown_because: str
    method: str = "forecast"


def forecast(
    values: pd.DataFrame,
    *,
    indicator_id: str,
    unit: str,
    year: int,
    breaks: Iterable[int] = (),
    level_pct: Decimal = Decimal(80),
    with_doubtful: bool = False,
    lowest: Decimal | None = None,
    highest: Decimal | None = None,
    period: str = "",
) -> Forecast:
    """Forecast an outcome of a later year, only when the forecast can be tried against the past.

    value = the Theil–Sen line of the latest unbroken part, in that year. The same is done for every earlier year from
    what was known as many years before; with m such errors the interval is ± the k-th smallest absolute error, k =
    ⌈(m + 1) · level⌉, which holds the outcome with that probability if errors come in no particular order. Parameters:
    values, schema.INDICATOR_VALUES; indicator_id; unit; year, after the last outcome; breaks; level_pct, 50 to 99;
    with_doubtful; lowest and highest, what is possible: the forecast is cut there; period. Returns a Forecast: value
    None with the reason when k > m, so with 80 percent and one year ahead under nine points in unbroken years.
    Raises MeasureError when level_pct is outside its limits.
    """
    if not 50 <= level_pct <= 99:
        raise MeasureError(f"forecast: level_pct must be from 50 to 99, not {level_pct}.")
    series = usable_series(rows_of(values, indicator_id, "forecast", period), unit=unit, with_doubtful=with_doubtful)
    limits = list(breaks)
    parts = split_at_breaks(series.points, limits)
    points = parts[-1] if parts else ()
    because = _why_not(points, limits, year)
    errors = () if because else _past_errors(points, year - points[-1][0])
    rank = int(((len(errors) + 1) * level_pct / 100).to_integral_value(ROUND_CEILING))
    if not because and rank > len(errors):
        needed = next(m for m in range(1, 200) if (m + 1) * level_pct <= 100 * m)
        because = (
            f"Prognosen har bara kunnat prövas mot {len(errors)} tidigare år, och {needed} behövs för ett intervall "
            f"på {percent_text(level_pct)}"
        )
    if because:
        return _none(indicator_id, year, unit, level_pct, points, errors, because)
    value = line_at(points, year)
    margin = sorted(abs(error) for error in errors)[rank - 1]
    middle, low, high = (_within(number, lowest, highest) for number in (value, value - margin, value + margin))
    return Forecast(
        indicator_id=indicator_id,
        year=year,
        value=middle,
        low=low,
        high=high,
        level_pct=level_pct,
        unit=unit,
        years=tuple(at for at, _ in points),
        past_errors=tuple(_decimal(error) for error in errors),
        sentence=(
            f"Prognos {year}: {quantity_text(middle, unit)}, mellan {quantity_text(low, unit)} och "
            f"{quantity_text(high, unit)} med {percent_text(level_pct)} sannolikhet om utvecklingen fortsätter."
        ),
        unknown_because="",
    )


def _why_not(points: tuple[Point, ...], breaks: list[int], year: int) -> str:
    if not points:
        return "Serien har inga användbara utfall"
    if year <= points[-1][0]:
        return f"Utfallet {points[-1][0]} är redan känt"
    if any(points[-1][0] < first <= year for first in breaks):
        return "Serien bryts före prognosåret"
    return ""


def _past_errors(points: tuple[Point, ...], ahead: int) -> tuple[Fraction, ...]:
    errors = []
    for at, outcome in points:
        known = [point for point in points if point[0] <= at - ahead]
        # Tried only where a forecast could have been made just so many years ahead, as now.
        if len(known) >= FEWEST_FITTED and known[-1][0] == at - ahead:
            errors.append(Fraction(outcome) - line_at(known, at))
    return tuple(errors)


def _none(
    indicator_id: str,
    year: int,
    unit: str,
    level_pct: Decimal,
    points: tuple[Point, ...],
    errors: tuple[Fraction, ...],
    because: str,
) -> Forecast:
    return Forecast(
        indicator_id=indicator_id,
        year=year,
        value=None,
        low=None,
        high=None,
        level_pct=level_pct,
        unit=unit,
        years=tuple(at for at, _ in points),
        past_errors=tuple(_decimal(error) for error in errors),
        sentence=f"Ingen prognos för {year}. {because}.",
        unknown_because=because,
    )


def _within(number: Fraction, lowest: Decimal | None, highest: Decimal | None) -> Decimal:
    exact = _decimal(number)
    if lowest is not None:
        exact = max(exact, lowest)
    return exact if highest is None else min(exact, highest)


def _decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(_PLACES)
