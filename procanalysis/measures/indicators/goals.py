"""Statuses of goals on the boards' own scales: what is printed, and what the indicators suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.indicators.status import IndicatorStatus
from procanalysis.schema import GOAL_STATUSES, INDICATOR_STATUSES, STATUS_SCALES, names, require_columns

GOAL_RULE = (
    "Skalans första steg när alla mätetal som kan avgöras har nått målet, det andra när något inte har gjort det, och "
    "det tredje, om skalan har ett, när inget har gjort det. Mätetal som inte kan avgöras räknas inte. Nämnden kan "
    "väga in annat än mätetalen."
)


@dataclass(frozen=True, kw_only=True)
class GoalStatus:
    """Hold the status that the indicators of a goal suggest, a step of the board's scale; empty when unknown."""

    status: str
    met: int
    not_met: int
    undecided: int
    rule: str
    sentence: str
    unknown_because: str
    method: str = "indicator_status"


def suggested_goal_status(statuses: Sequence[IndicatorStatus | str], scale: Sequence[str]) -> GoalStatus:
    """Suggest a goal's status on a board's own scale from the statuses of its indicators.

    Parameters: statuses, of the goal's indicators in one year, as IndicatorStatus or its status; scale, the steps of
    the board's scale with the best first, two at least. Returns a GoalStatus by GOAL_RULE; unknown when no indicator
    can be decided. Raises MeasureError.

    >>> suggested_goal_status(["met", "not_met"], ["Går enligt plan", "Risk för avvikelse från plan"]).status
    'Risk för avvikelse från plan'
    """
    if len(scale) < 2:
        raise MeasureError("suggested_goal_status: a scale has two steps at least. Give them with the best first.")
    words = [each if isinstance(each, str) else each.status for each in statuses]
    for word in words:
        if word not in INDICATOR_STATUSES:
            hint = did_you_mean(word, INDICATOR_STATUSES)
            raise MeasureError(f"suggested_goal_status: '{word}' is not a status. {hint}")
    met, not_met = words.count("met"), words.count("not_met")
    undecided = len(words) - met - not_met
    status, because = "", ""
    if not met and not not_met:
        because = "Inget av målets mätetal kan avgöras" if words else "Målet har inga mätetal"
    else:
        step = 0 if not not_met else 2 if not met and len(scale) > 2 else 1
        status = scale[step]
    counted = f"{met} av {met + not_met} mätetal som kan avgöras har nått målet"
    rest = f", {undecided} kan inte avgöras eller saknar mål" if undecided else ""
    return GoalStatus(
        status=status,
        met=met,
        not_met=not_met,
        undecided=undecided,
        rule=GOAL_RULE,
        sentence=f"{because}." if because else f"{status}: {counted}{rest}.",
        unknown_because=because,
    )


def printed_goal_statuses(goals: pd.DataFrame, scales: pd.DataFrame) -> pd.DataFrame:
    """Give each printed goal status its step and colour on the board's own scale; one not printed stays missing.

    Parameters: goals, schema.GOAL_STATUSES; scales, schema.STATUS_SCALES. Returns the goals in the order given with
    step (Int64), steps_count and colour, missing where no status is printed. Raises MeasureError on wrong columns.
    """
    require_columns(goals.columns, names(GOAL_STATUSES), "printed_goal_statuses")
    require_columns(scales.columns, names(STATUS_SCALES), "printed_goal_statuses")
    steps = scales[["organisation", "scale", "status", "step", "colour"]]
    sizes = scales.groupby(["organisation", "scale"], as_index=False).agg(steps_count=("step", "count"))
    joined = goals.merge(steps, on=["organisation", "scale", "status"], how="left")
    joined = joined.merge(sizes, on=["organisation", "scale"], how="left")
    return joined.astype({"step": "Int64", "steps_count": "Int64"})


_GOAL_COLUMNS = (
    "goal_number", "goal", "printed", "colour", "suggested", "met_count", "not_met_count", "undecided_count",
    "verdict_name", "sentence",
)  # fmt: skip
_NO_GOAL = "Utan mål eller avsnitt"
_NO_INDICATORS = "Inga mätetal"


def goals_of_year(
    rows: pd.DataFrame, goals: pd.DataFrame, scales: pd.DataFrame, goal_numbers: Mapping[str, str], *, scale: str
) -> pd.DataFrame:
    """Set the status that a board printed for each goal beside what the outcomes of its indicators suggest.

    Parameters: rows, of `indicators_of_year`, of one organisation; goals, schema.GOAL_STATUSES of the same
    organisation and year; scales, schema.STATUS_SCALES of it; goal_numbers, a goal of the catalogue → the number of the
    printed goal that it is; scale, whose steps goals are judged on. Returns one row per printed goal: printed (missing
    when none is), colour, suggested (empty when unknown), how many indicators have reached their target, have not, or
    cannot be decided, and verdict_name. Without printed goals one row per goal of the catalogue, with nothing suggested
    where the board has no scale. Raises MeasureError on wrong columns.
    """
    printed = printed_goal_statuses(goals[goals["scale"] == scale], scales)
    steps = list(scales[scales["scale"] == scale].sort_values("step")["status"])
    found = []
    if printed.empty:
        named = [_NO_GOAL if pd.isna(goal) else str(goal) for goal in rows["goal"]]
        for goal in dict.fromkeys(named):
            own = [str(status) for each, status in zip(named, rows["status"], strict=True) if each == goal]
            found.append(_of_goal("", goal, None, None, own, steps))
    for row in printed.to_dict("records"):
        linked = [goal for goal, number in goal_numbers.items() if number == row["goal_number"]]
        own = list(rows[rows["goal"].isin(linked)]["status"])
        status = None if pd.isna(row["status"]) else str(row["status"])
        colour = None if status is None else str(row["colour"])
        found.append(_of_goal(str(row["goal_number"]), str(row["goal"]), status, colour, own, steps))
    counts = ["met_count", "not_met_count", "undecided_count"]
    return pd.DataFrame(found, columns=list(_GOAL_COLUMNS), dtype=object).astype(dict.fromkeys(counts, "int64"))


def _of_goal(
    number: str, goal: str, printed: str | None, colour: str | None, statuses: list[str], steps: list[str]
) -> dict[str, object]:
    # Without a scale only the counts are of use: any two steps give those.
    found = suggested_goal_status(statuses, steps or ("", "-"))
    suggested = found.status if steps else ""
    return {
        "goal_number": number,
        "goal": goal,
        "printed": printed,
        "colour": colour,
        "suggested": suggested,
        "met_count": found.met,
        "not_met_count": found.not_met,
        "undecided_count": found.undecided,
        "verdict_name": _goal_verdict(printed, suggested, statuses),
        "sentence": found.sentence if steps and statuses else "",
    }


def _goal_verdict(printed: str | None, suggested: str, statuses: list[str]) -> str:
    if not statuses:
        return _NO_INDICATORS
    if not suggested:
        return "Utfallen kan inte avgöra målets status"
    if printed is None:
        return "Ingen status är tryckt"
    return "Lika" if printed == suggested else "Skiljer sig"
