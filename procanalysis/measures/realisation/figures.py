"""What the measured realisation comes to: by unit and procurement, in all, and how much leaks away."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import wording
from procanalysis.measures.realisation.measured import AMOUNTS, CAUSES, Realisation, largest_cause, rate_pct
from procanalysis.schema import Exclusion, KeyFigure, kronor

NOTHING_MEASURED = "Ingen upphandling har både priser och redovisade köp under perioden"
NOTHING_IN_UNIT = "Enheten har ingen del i de upphandlingar vars köp går att mäta"


def realised_by(realisation: Realisation, by: Literal["unit", "procurement"]) -> pd.DataFrame:
    """Sum promised, causes and realised per unit or per procurement.

    Parameters: `realisation`, as `realised_savings` returns it; `by`, 'unit' or 'procurement'. Returns one row per
    unit (unit) or procurement (procurement_id, title), the largest leakage first: promised_ore, not_started_ore,
    volume_ore, off_contract_ore, price_above_ore, realised_ore, leakage_ore, rate_pct (missing unless promised is
    above zero), largest_cause. Raises MeasureError. Source: methods 4.5; requirement R80.
    """
    keys = {"unit": ["unit"], "procurement": ["procurement_id", "title"]}
    if by not in keys:
        raise MeasureError(f"realised_by: '{by}' is not a way to part the savings. {did_you_mean(by, keys)}")
    summed = realisation.rows.groupby(keys[by], as_index=False, dropna=False)[list(AMOUNTS)].sum()
    rows = summed.to_dict("records")
    pairs = [(int(row["realised_ore"]), int(row["promised_ore"])) for row in rows]
    causes = [largest_cause({cause: int(row[f"{cause}_ore"]) for cause in CAUSES}) for row in rows]
    told = summed.assign(
        rate_pct=pd.Series([rate_pct(*pair) for pair in pairs], dtype="float64"),
        largest_cause=pd.Series(causes, dtype="str"),
    )
    order = ["leakage_ore", keys[by][0]]
    return told.sort_values(order, ascending=[False, True], kind="stable", ignore_index=True)


def realised_saving(realisation: Realisation, *, unit: str = "", currency: str = "SEK") -> KeyFigure:
    """Sum what the units have realised in the period, as their order and invoice lines show it.

    Σ realised_ore. Parameters: `realisation`, as `realised_savings` returns it; `unit`, one of its units, or empty for
    all; `currency`, of the amounts. Returns a KeyFigure in kronor that tells what was promised, with the purchases left
    out of the procurements concerned; unknown when no procurement could be measured. Source: methods 4.5.
    """
    rows, excluded = realisation.rows, realisation.excluded
    nothing = NOTHING_MEASURED
    if unit:
        rows = rows[rows["unit"] == unit]
        excluded = excluded[excluded["procurement_id"].isin(rows["procurement_id"])]
        nothing = NOTHING_IN_UNIT if len(realisation.rows) else NOTHING_MEASURED
    promised = wording.amount_text(int(rows["promised_ore"].sum()), currency)
    count = rows["procurement_id"].nunique()
    counted = f"{wording.number_text(count)} {'upphandling' if count == 1 else 'upphandlingar'}"
    return KeyFigure(
        id="realised_saving",
        label="Realiserad besparing, uppmätt",
        value=kronor(int(rows["realised_ore"].sum())) if len(rows) else None,
        unit=currency,
        method="realised_saving",
        excluded=_exclusions(excluded),
        comparison=f"av {promised} utlovat i {counted}" if len(rows) else "",
        unknown_because="" if len(rows) else nothing,
    )


def saving_leakage(realisation: Realisation, *, currency: str = "SEK") -> KeyFigure:
    """Sum what was promised in the period but not realised, and name the cause that takes most.

    Σ leakage_ore = Σ promised_ore - Σ realised_ore. Parameters: `realisation`, as `realised_savings` returns it;
    `currency`, of the amounts. Returns a KeyFigure in kronor, below zero when more was realised than promised; unknown
    when no procurement could be measured. Source: methods 4.5.
    """
    rows = realisation.rows
    sums = {cause: int(rows[f"{cause}_ore"].sum()) for cause in CAUSES}
    name = largest_cause(sums)
    return KeyFigure(
        id="saving_leakage",
        label="Läckage",
        value=kronor(int(rows["leakage_ore"].sum())) if len(rows) else None,
        unit=currency,
        method="saving_leakage",
        excluded=_exclusions(realisation.excluded),
        comparison=f"största orsak: {name}, {wording.amount_text(max(sums.values()), currency)}" if name else "",
        unknown_because="" if len(rows) else NOTHING_MEASURED,
    )


def _exclusions(excluded: pd.DataFrame) -> tuple[Exclusion, ...]:
    summed = excluded.groupby("reason", as_index=False)[["rows_count", "amount_ore"]].sum()
    return tuple(
        Exclusion(row["reason"], int(row["rows_count"]), int(row["amount_ore"]), "köp")
        for row in summed.to_dict("records")
    )
