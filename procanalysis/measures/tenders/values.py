"""What the contracts are worth, as the buyers state it after the award."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from procanalysis.measures.tenders.shares import NO_VALUES, left_out
from procanalysis.measures.wording import number_text
from procanalysis.schema import TENDER_VALUES, Exclusion, KeyFigure, kronor, names, require_columns


def contract_value(values: pd.DataFrame) -> KeyFigure:
    """Sum the contracted values.

    Parameters: `values`, schema.TENDER_VALUES, the rows chosen. Returns a KeyFigure in kronor, the number of values in
    `comparison`; values of zero or less, and rows without a value, say nothing of what a contract is worth and are
    left out and counted. Raises MeasureError on a missing column. Source: methods 16.
    """
    amounts, excluded = _stated(values, "contract_value")
    return KeyFigure(
        id="contract_value",
        label="Kontrakterat värde",
        value=kronor(sum(amounts)) if amounts else None,
        unit="SEK",
        method="contract_value",
        excluded=excluded,
        comparison=f"Summan av {number_text(len(amounts))} angivna värden" if amounts else "",
        unknown_because="" if amounts else NO_VALUES,
    )


def median_contract_value(values: pd.DataFrame) -> KeyFigure:
    """Find the median of the contracted values, which a few framework agreements of milliards do not decide.

    Parameters, exclusions and errors: as `contract_value`. Returns a KeyFigure in kronor; between the two middle values
    when they are two. Source: methods 16.
    """
    amounts, excluded = _stated(values, "median_contract_value")
    middle = Decimal(amounts[(len(amounts) - 1) // 2] + amounts[len(amounts) // 2]) / 2 if amounts else None
    return KeyFigure(
        id="median_contract_value",
        label="Kontrakterat värde, median",
        value=None if middle is None else middle.scaleb(-2),
        unit="SEK",
        method="median_contract_value",
        excluded=excluded,
        comparison=f"Medianen av {number_text(len(amounts))} angivna värden" if amounts else "",
        unknown_because="" if amounts else NO_VALUES,
    )


def _stated(values: pd.DataFrame, measure: str) -> tuple[list[int], tuple[Exclusion, ...]]:
    require_columns(values.columns, names(TENDER_VALUES), measure)
    amounts = [int(amount) for amount in values["value_ore"].dropna()]
    above = sorted(amount for amount in amounts if amount > 0)
    below = [amount for amount in amounts if amount <= 0]
    low = tuple([Exclusion("Värdet är angivet som noll eller mindre", len(below), sum(below))] if below else [])
    return above, (*low, *left_out({"Värdet är inte angivet": len(values) - len(amounts)}))
