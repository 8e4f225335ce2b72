"""Internal control: what the controls of the year gave, the worst first, and where nothing is planned to be done."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.schema import INTERNAL_CONTROLS, STATUS_SCALES, Exclusion, KeyFigure, names, percent, require_columns

SCALE = "internal_control"
"""The name of the boards' scale for results of internal control, as in STATUS_SCALES."""

_NO_RESULT = "Resultat saknas"
_NOT_CONTROLLED = "Utan redovisat resultat"


def controls_by_result(risks: pd.DataFrame, scale: pd.DataFrame) -> pd.DataFrame:
    """Order the risks with the worst result first, and give each result its colour.

    A deviation is any result but the best step of the scale. Parameters: risks, schema.INTERNAL_CONTROLS; scale,
    schema.STATUS_SCALES of one organisation, of which the rows named SCALE are used, the best step first. Returns the
    risks with step (Int64), colour, result_name ('Resultat saknas' where there is none), is_deviation and
    lacks_action (a deviation without planned actions); the same result in order of number, those without a result
    last. Raises MeasureError on wrong columns, a scale of several organisations, or a result that is no step.
    Source: the control plan of Inköpsnämnden Sörmland Västmanland 2025; requirements R183, R201–R206.
    """
    require_columns(risks.columns, names(INTERNAL_CONTROLS), "controls_by_result")
    steps = _steps(scale)
    found = risks.copy()
    results = [None if pd.isna(result) else str(result) for result in risks["result"]]
    for result in results:
        if result is not None and result not in steps:
            hint = did_you_mean(result, steps) if steps else "The scale has no steps."
            raise MeasureError(f"controls_by_result: '{result}' is no step of the scale. {hint}")
    at = [None if result is None else steps[result] for result in results]
    best = min((step for step, _ in steps.values()), default=0)
    found["step"] = pd.array([None if one is None else one[0] for one in at], dtype="Int64")
    found["colour"] = pd.Series([None if one is None else one[1] for one in at], index=risks.index, dtype=object)
    found["result_name"] = [result or _NO_RESULT for result in results]
    found["is_deviation"] = [int(one is not None and one[0] > best) for one in at]
    lacks = risks["actions"].isna() | (risks["actions"].astype("str").str.strip() == "")
    found["lacks_action"] = (lacks & (found["is_deviation"] == 1)).astype("int64")
    order = found.assign(_step=found["step"].fillna(best - 1)).sort_values(
        ["_step", "number"], ascending=[False, True], kind="stable"
    )
    return order.drop(columns="_step").reset_index(drop=True)


def _steps(scale: pd.DataFrame) -> dict[str, tuple[int, str]]:
    require_columns(scale.columns, names(STATUS_SCALES), "controls_by_result")
    own = scale[scale["scale"] == SCALE]
    if own["organisation"].nunique() > 1:
        raise MeasureError("controls_by_result: the scale is of several organisations. Give that of one.")
    return {
        str(row["status"]): (int(row["step"]), str(row["colour"])) for row in own.sort_values("step").to_dict("records")
    }


def control_counts(controls: pd.DataFrame, scale: pd.DataFrame) -> pd.DataFrame:
    """Count the risks per step of the scale, steps that no risk has included, the worst first.

    Parameters: controls, of `controls_by_result`; scale, as there. Returns step (Int64), result_name, colour and
    count; a row for those without a result comes last where there are any. The counts add up to the risks. Raises
    MeasureError on wrong columns.
    """
    require_columns(controls.columns, ["result_name", "step"], "control_counts")
    steps = _steps(scale)
    counts = controls["result_name"].value_counts()
    rows: list[tuple[int | None, str, str | None, int]] = [
        (step, status, colour, int(counts.get(status, 0))) for status, (step, colour) in reversed(steps.items())
    ]
    without = int(controls["step"].isna().sum())
    if without:
        rows.append((None, _NO_RESULT, None, without))
    frame = pd.DataFrame(rows, columns=["step", "result_name", "colour", "count"], dtype=object)
    return frame.astype({"step": "Int64", "count": "int64"})


def controls_with_deviation(controls: pd.DataFrame) -> KeyFigure:
    """Count the controls that showed a deviation.

    Value = controls whose result is not the best step. Numerator: those; denominator: all controls with a result;
    those without are excluded with their number. Parameters: controls, of `controls_by_result`. Returns a KeyFigure,
    unknown when no control has a result. Raises MeasureError on wrong columns. Source: requirement R183.
    """
    require_columns(controls.columns, ["step", "is_deviation", "lacks_action"], "controls_with_deviation")
    known = controls[controls["step"].notna()]
    without = len(controls) - len(known)
    deviating = int(known["is_deviation"].sum())
    idle = int(known["lacks_action"].sum())
    share = percent(deviating, len(known))
    comparison = f"av {len(known)} kontroller med resultat"
    if idle:
        comparison += f"; {idle} utan planerad åtgärd"
    return KeyFigure(
        id="controls_with_deviation",
        label="Kontroller med avvikelse",
        value=None if share is None else Decimal(deviating),
        unit="st",
        method="controls_with_deviation",
        numerator=None if share is None else Decimal(deviating),
        denominator=None if share is None else Decimal(len(known)),
        part_unit="st",
        excluded=(Exclusion(_NOT_CONTROLLED, without, None, "kontroller"),) if without else (),
        comparison=comparison if share is not None else "",
        unknown_because="" if share is not None else "Ingen kontroll har ett redovisat resultat",
    )
