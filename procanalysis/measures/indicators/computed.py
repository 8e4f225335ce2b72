"""Turn key figures that our own measures reckoned into indicators' outcomes, and put them beside reported ones."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.indicators.series import Row, missing, text_or_empty
from procanalysis.measures.wording import quantity_text
from procanalysis.schema import (
    INDICATOR_VALUES,
    INDICATORS,
    PRINTED_UNITS,
    UNITS_IN_KRONOR,
    KeyFigure,
    names,
    require_columns,
)

COMPUTED_SOURCE = "Räknat av procanalysis"
"""How the source of every computed outcome begins."""

_NOBODY_RECKONED = "Måttet som mätetalet räknas med har inte räknats för året"

Key = tuple[str, str, int]


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
    source, in Swedish. Returns one row of schema.INDICATOR_VALUES, with the least and the most that the outcome can be
    where the figure tells them; an unknown figure stays missing, with its reason as the comment. Raises MeasureError
    when the figure is in another unit than the indicator.

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
    size = Decimal(UNITS_IN_KRONOR.get(unit, 1))
    known = {
        "organisation": organisation,
        "indicator_id": indicator_id,
        "year": year,
        "period": period,
        "value": _scaled(figure.value, size),
        "low": _scaled(figure.low, size),
        "high": _scaled(figure.high, size),
        "unit": unit,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "comment": figure.unknown_because or None,
        "source": source,
    }
    return _rows([known])


def _scaled(value: Decimal | None, size: Decimal) -> Decimal | None:
    return None if value is None else value / size


def computed_values(
    indicators: pd.DataFrame, figures: Sequence[KeyFigure], *, year: int, coverage_pct: Decimal | None = None
) -> pd.DataFrame:
    """Turn key figures into the outcomes of all indicators whose source is computed.

    An indicator's figure is the one whose id is its measure, else the only one whose method is. Kronor become tkr or
    mnkr exactly; numerator and denominator stay as the measure gave them, sums of money in kronor. Parameters:
    indicators, schema.INDICATORS; figures, of one organisation and the whole year; year; coverage_pct, how much of what
    the figures should cover the ledger covers, when that is known. Returns schema.INDICATOR_VALUES, one row per such
    indicator in the order of the catalogue: an unknown figure stays missing with its reason as comment, and so does one
    that nobody handed in. Raises MeasureError on wrong columns, on another unit than the indicator's, and when several
    figures fit an indicator.

    >>> saving = {"organisation": "prov", "indicator_id": "A", "unit": "mnkr", "measure": "enabled_saving"}
    >>> catalogue = pd.DataFrame([saving | {"source_kind": "computed"}], columns=names(INDICATORS))
    >>> money = {"value": Decimal(64_400_000), "unit": "SEK", "method": "enabled_saving"}
    >>> computed_values(catalogue, [KeyFigure(id="saved", label="S", **money)], year=2025).loc[0, "value"]
    Decimal('64.4')
    """
    require_columns(indicators.columns, names(INDICATORS), "computed_values")
    made: list[Row] = []
    for each in indicators[indicators["source_kind"] == "computed"].to_dict("records"):
        figure = _figure_of(str(each["measure"]), figures)
        own = {name: str(each[name]) for name in ("organisation", "indicator_id", "unit")}
        if figure is None:
            row = _rows(
                [own | {"year": year, "period": "helår", "comment": _NOBODY_RECKONED, "source": COMPUTED_SOURCE}]
            )
        else:
            row = computed_outcome(figure, year=year, source=f"{COMPUTED_SOURCE}: {figure.label}", **own)
        made += [each_row | {"coverage_pct": coverage_pct} for each_row in row.to_dict("records")]
    return _rows(made)


def _figure_of(measure: str, figures: Sequence[KeyFigure]) -> KeyFigure | None:
    """Return the measure's own figure: by its id, else the only one by its method."""
    own = [figure for figure in figures if figure.id == measure]
    fitting = list(dict.fromkeys(own or [figure for figure in figures if figure.method == measure]))
    if len(fitting) > 1:
        given = ", ".join(figure.id for figure in fitting)
        raise MeasureError(
            f"computed_values: {len(fitting)} figures fit the measure {measure} ({given}). Hand in the one of the "
            "whole organisation and year."
        )
    return fitting[0] if fitting else None


def with_computed(values: pd.DataFrame, computed: pd.DataFrame) -> pd.DataFrame:
    """Put computed outcomes beside the reported history.

    For the same indicator and year a computed value goes before a reported one, and the comment tells what was
    reported. Where nothing could be computed the reported value stays, and its comment tells why. Parameters: values
    and computed, schema.INDICATOR_VALUES. Returns such a table with the reported rows first. Raises MeasureError on
    wrong columns, or when an indicator is computed twice for a year.
    """
    for frame in (values, computed):
        require_columns(frame.columns, names(INDICATOR_VALUES), "with_computed")
    ours: dict[Key, Row] = {}
    for row in computed.to_dict("records"):
        if _key(row) in ours:
            twice = f"{row['indicator_id']} is computed twice for {row['year']}"
            raise MeasureError(f"with_computed: {twice}. Hand in one of them.")
        ours[_key(row)] = row
    kept: list[Row] = []
    for row in values.to_dict("records"):
        own = ours.get(_key(row))
        if own is None:
            kept.append(row)
        elif missing(own["value"]) and not missing(row["value"]):
            kept.append(row | {"comment": _together(row["comment"], f"Kunde inte räknas: {own['comment']}")})
        elif not missing(row["value"]):
            reported = quantity_text(Decimal(str(row["value"])), str(row["unit"]))
            own["comment"] = _together(own["comment"], f"Rapporterat för samma år: {reported} ({row['source']})")
    stayed = {_key(row) for row in kept}
    return _rows([*kept, *(row for key, row in ours.items() if key not in stayed)])


def _key(row: Row) -> Key:
    return str(row["organisation"]), str(row["indicator_id"]), int(row["year"])


def _together(comment: object, added: str) -> str:
    told = "" if missing(comment) else text_or_empty(comment).rstrip(".")
    return f"{told}. {added}" if told else added


def _rows(records: Sequence[Any]) -> pd.DataFrame:
    """Lay records out as schema.INDICATOR_VALUES. What is not given is missing, and no outcome of ours is doubtful."""
    full = [{"is_doubtful": 0} | record for record in records]
    frame = pd.DataFrame(full, columns=names(INDICATOR_VALUES), dtype=object)
    return frame.where(frame.notna(), None).astype({"year": "int64", "is_doubtful": "int64"})
