"""Titles of a business case, and its numbers of different units as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.report.business_case.parts import in_words
from procanalysis.report.numbers import to_decimal
from procanalysis.report.words import words
from procanalysis.schema import Source


def cash_flow_title(results: pd.DataFrame, title: str) -> str:
    """Name when an alternative has paid for itself, as a title.

    Parameters: results, one row per alternative with alternative_title and payback_years; title, the alternative's.

    >>> cash_flow_title(pd.DataFrame({"alternative_title": ["Ny upphandling"], "payback_years": [Decimal("2.41")]}),
    ...     "Ny upphandling")
    'Ny upphandling är återbetalt efter 2,4 år'
    """
    row = results[results["alternative_title"] == title]
    years = to_decimal(row["payback_years"].iloc[0]) if len(row) else None
    if years is None:
        return words("{title} betalar sig inte inom horisonten", title=title)
    return words("{title} är återbetalt efter {years} år", title=title, years=years.quantize(Decimal("0.1")))


def tornado_title(swings: pd.DataFrame) -> str:
    """Name the assumption that moves the result most, as a title.

    Parameters: swings, the widest first, with driver_name.

    >>> tornado_title(pd.DataFrame({"driver_name": ["Realiseringsgrad"]}))
    'Resultatet beror mest på realiseringsgrad'
    """
    if swings.empty:
        return "Inget antagande är osäkert"
    name = str(swings["driver_name"].iloc[0])
    return words("Resultatet beror mest på {name}", name=name[:1].lower() + name[1:])


def with_units(frame: pd.DataFrame, columns: Sequence[str], *, unit: str = "unit", source: Source) -> pd.DataFrame:
    """Write numbers of different units as text, so that percent, kronor and counts can stand in one column.

    Parameters: columns, those with decimals, whose money is written in one unit in each row; unit, the column that
    says '%', 'kr' or 'st'. A missing number stays so.
    """
    rows: Sequence[Mapping[Any, Any]] = frame[[*columns, unit]].to_dict("records")
    texts = [_written([to_decimal(row[column]) for column in columns], row[unit], source) for row in rows]
    by_column = zip(*texts, strict=True) if texts else [()] * len(columns)
    written = {
        name: pd.Series(cells, index=frame.index, dtype="str") for name, cells in zip(columns, by_column, strict=True)
    }
    return frame.assign(**written)


def _written(values: Sequence[Decimal | None], unit: object, source: Source) -> list[str | None]:
    known = [value for value in values if value is not None]
    return [
        None if value is None else in_words(value, unit, currency=source.currency, beside=known) for value in values
    ]
