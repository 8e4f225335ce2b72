"""Take one indicator's series out of a table, and write its values: percent, points and index kept apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.schema import INDICATOR_UNITS, INDICATOR_VALUES, names, require_columns

Row = dict[Hashable, Any]


@dataclass(frozen=True)
class LeftOut:
    """Tell which year of a series was left out, and why, in Swedish."""

    year: int
    reason: str


@dataclass(frozen=True)
class Series:
    """Hold the usable points of a series in order of year, and what was left out."""

    points: tuple[tuple[int, Decimal], ...]
    left_out: tuple[LeftOut, ...]


def missing(value: object) -> bool:
    """Tell whether a cell is empty.

    >>> missing(None), missing(float("nan")), missing(Decimal(0))
    (True, True, False)
    """
    return value is None or value is pd.NA or value != value


def number_or_none(value: object) -> Decimal | None:
    """Return a cell as a number, or None when it is empty."""
    return None if missing(value) else Decimal(str(value))


def text_or_empty(value: object) -> str:
    """Return a cell as text, empty when it is missing."""
    return "" if missing(value) else str(value)


def difference_unit(unit: str) -> str:
    """Name what the difference between two outcomes is in: of percentages it is percentage points.

    >>> difference_unit("percent"), difference_unit("index_points")
    ('percentage_points', 'index_points')
    """
    return "percentage_points" if unit == "percent" else unit


def rows_of(values: pd.DataFrame, indicator_id: str, measure: str, period: str = "") -> dict[int, Row]:
    """Return one indicator's rows by year.

    Parameters: values, schema.INDICATOR_VALUES; measure, who asks; period, which of several periods of a year is
    meant. Raises MeasureError when a column is missing, or two rows remain for a year.
    """
    require_columns(values.columns, names(INDICATOR_VALUES), measure)
    chosen = values[values["indicator_id"] == indicator_id]
    if chosen["organisation"].nunique() > 1:
        raise MeasureError(f"{measure}: several organisations have an indicator '{indicator_id}'. Give one at a time.")
    if period:
        chosen = chosen[chosen["period"] == period]
    found: dict[int, Row] = {}
    for row in chosen.to_dict("records"):
        year = int(row["year"])
        if year in found:
            periods = examples([found[year]["period"], row["period"]])
            raise MeasureError(
                f"{measure}: '{indicator_id}' has several outcomes for {year} ({periods}). Say which period is meant."
            )
        found[year] = row
    return found


def usable_series(rows: dict[int, Row], *, unit: str, with_doubtful: bool) -> Series:
    """Keep the points that have a value in the indicator's own unit, in order of year.

    Parameters: rows, by year; unit, the indicator's; with_doubtful, whether doubtful points may be used. Returns the
    points and those left out with the reason.
    """
    points, left = [], []
    for year, row in sorted(rows.items()):
        value = number_or_none(row["value"])
        comment = text_or_empty(row["comment"])
        if value is None:
            left.append(LeftOut(year, f"Utfallet saknas. {comment}".strip()))
        elif row["unit"] != unit:
            left.append(
                LeftOut(year, f"Utfallet är i {INDICATOR_UNITS[row['unit']]}, mätetalet i {INDICATOR_UNITS[unit]}")
            )
        elif row["is_doubtful"] and not with_doubtful:
            left.append(LeftOut(year, f"Utfallet är osäkert. {comment}".strip()))
        else:
            points.append((year, value))
    return Series(tuple(points), tuple(left))


def split_at_breaks(
    points: Iterable[tuple[int, Decimal]], breaks: Iterable[int]
) -> list[tuple[tuple[int, Decimal], ...]]:
    """Split a series at its breaks, so that no part holds years that cannot be compared.

    Parameters: points, (year, value) in order; breaks, the first year of each new part. Returns the parts that have
    points.

    >>> [len(part) for part in split_at_breaks([(2021, Decimal(1)), (2022, Decimal(2)), (2023, Decimal(3))], [2023])]
    [2, 1]
    """
    limits = sorted(set(breaks))
    parts: dict[int, list[tuple[int, Decimal]]] = {}
    for year, value in points:
        parts.setdefault(sum(limit <= year for limit in limits), []).append((year, value))
    return [tuple(part) for _, part in sorted(parts.items())]
