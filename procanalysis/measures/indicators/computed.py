"""Turn a key figure that our own measures reckoned into an indicator's outcome."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.schema import INDICATOR_VALUES, PRINTED_UNITS, UNITS_IN_KRONOR, KeyFigure, names


def computed_outcome(
    figure: KeyFigure,
    *,
    organisation: str,
    indicator_id: str,
    year: int,
    unit: str,
    source: str,
    period: str = "helår",
) -> pd.DataFrame:
    """Turn a key figure into the outcome of an indicator whose source is computed.

    Parameters: figure, in percent, counted (st) or in kronor (SEK); organisation, indicator_id and unit as in the
    catalogue: kronor become tkr or mnkr where the indicator is in those; year and period that the figure covers;
    source, in Swedish. Returns one row of schema.INDICATOR_VALUES: an unknown figure stays missing, with its reason as
    the comment. Raises MeasureError when the figure is in another unit than the indicator.

    >>> share = KeyFigure(id="a", label="A", value=Decimal(25), unit="%", method="a")
    >>> row = computed_outcome(share, organisation="prov", indicator_id="A", year=2025, unit="percent", source="Egen")
    >>> row.loc[0, "value"], row.loc[0, "unit"]
    (Decimal('25'), 'percent')
    """
    fitting = tuple(UNITS_IN_KRONOR) if figure.unit == "SEK" else PRINTED_UNITS.get(figure.unit, ())
    if unit not in fitting:
        raise MeasureError(
            f"computed_outcome: {figure.id} is in {figure.unit}, but {indicator_id} in {unit}. "
            "Correct the unit in the indicator file."
        )
    value = figure.value
    if value is not None and unit in UNITS_IN_KRONOR:
        value = value / Decimal(UNITS_IN_KRONOR[unit])
    row = {
        "organisation": organisation,
        "indicator_id": indicator_id,
        "year": year,
        "period": period,
        "value": value,
        "unit": unit,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "is_doubtful": 0,
        "comment": figure.unknown_because or None,
        "source": source,
    }
    frame = pd.DataFrame([row], columns=names(INDICATOR_VALUES), dtype=object)
    return frame.astype({"year": "int64", "is_doubtful": "int64"})
