"""How far an outcome lies from the target of its year."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.indicators.series import difference_unit
from procanalysis.measures.indicators.status import IndicatorStatus
from procanalysis.measures.wording import quantity_text
from procanalysis.schema import INDICATOR_UNITS, TARGET_OPERATORS, KeyFigure

_AGAINST = {"target": "målet", "long_term": "det långsiktiga målet"}


def distance_to_target(status: IndicatorStatus, *, against: Literal["target", "long_term"] = "target") -> KeyFigure:
    """Tell how far the outcome of a year lies from the target of that year; below zero is what is lacking.

    distance = outcome − target when higher is better, target − outcome when lower is, |target| − |outcome| when it is
    to be near zero, −|outcome − target| when it must be exact. Parameters: status, as `indicator_status` returns it;
    against, the year's target or the long-term target as it stood that year. Returns a KeyFigure in the difference's
    own unit: percentage points between percentages, never percent. Unknown, with the reason, when there is no such
    target or no outcome in its unit. Raises MeasureError when against is neither.
    """
    if against not in _AGAINST:
        raise MeasureError(f"distance_to_target: '{against}' is unknown. {did_you_mean(str(against), _AGAINST)}")
    wanted = status.target if against == "target" else status.long_term
    because = _why_not(status, wanted, against)
    value = None if because or wanted is None or status.outcome is None else _distance(status, wanted)
    unit = difference_unit(status.unit or "percent")
    compared = ""
    if value is not None and wanted is not None and status.outcome is not None:
        operator = f"{TARGET_OPERATORS[status.operator]} " if against == "target" else ""
        compared = f"{quantity_text(status.outcome, status.unit)} mot {operator}{quantity_text(wanted, status.unit)}"
    return KeyFigure(
        id="distance_to_target",
        label=f"Avstånd till {_AGAINST[against]} {status.year}",
        value=value,
        unit=INDICATOR_UNITS[unit],
        method="distance_to_target",
        comparison=compared,
        status=status.label if against == "target" else "",
        unknown_because=because,
    )


def _why_not(status: IndicatorStatus, wanted: Decimal | None, against: str) -> str:
    if status.direction == "neutral":
        return "Varken högt eller lågt är bättre"
    if wanted is None:
        if against == "target" and status.unknown_because:
            return status.unknown_because
        return f"Det finns inget målvärde för {status.year}"
    if status.outcome is None:
        return status.unknown_because or f"Utfallet {status.year} saknas"
    if status.outcome_unit != status.unit:
        return status.unknown_because or "Utfallet och målet är i olika enheter"
    return ""


def _distance(status: IndicatorStatus, wanted: Decimal) -> Decimal:
    outcome = status.outcome if status.outcome is not None else Decimal(0)
    if status.operator == "exactly":
        return -abs(outcome - wanted)
    if status.direction == "zero":
        return abs(wanted) - abs(outcome)
    return outcome - wanted if status.direction == "higher" else wanted - outcome
