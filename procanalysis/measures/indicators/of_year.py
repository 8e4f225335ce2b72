"""The indicators of one year as a board follows them up: outcome, target of that year, distance, status, doubt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.measures.indicators.computed import COMPUTED_SOURCE
from procanalysis.measures.indicators.distance import distance_to_target
from procanalysis.measures.indicators.series import Row, missing, number_or_none, text_or_empty
from procanalysis.measures.indicators.status import IndicatorStatus, indicator_statuses, outcome_limits
from procanalysis.measures.wording import HARD_SPACE, number_text, quantity_text
from procanalysis.schema import (
    INDICATOR_MEASURES,
    INDICATOR_STATUSES,
    NUMBER_OPERATORS,
    SHARES_OF_MONEY,
    TARGET_OPERATORS,
    KeyFigure,
)

STATUS_RULE = (
    "Målet är uppnått när årets utfall uppfyller målet för samma år. Ett mål för ett annat år används aldrig. Saknas "
    "målet eller utfallet, eller räcker underlaget inte, kan det inte avgöras."
)

NO_TARGET = "–"

_MEASURES_OF_KRONOR = {*SHARES_OF_MONEY, *(name for name, unit in INDICATOR_MEASURES.items() if unit == "sek")}

_COLUMNS = (
    "organisation", "indicator_id", "name", "goal", "level", "year", "status", "status_name", "target_text",
    "later_target_text", "outcome_text", "distance", "distance_text", "deviation_pct", "is_doubtful", "comment",
    "unknown_because", "rule", "sentence",
)  # fmt: skip


@dataclass(frozen=True)
class YearOfIndicators:
    """Hold the indicators that have an outcome, or a target, for the year, and those that have neither."""

    year: int
    rows: pd.DataFrame
    left_out: pd.DataFrame


def indicators_of_year(
    indicators: pd.DataFrame, values: pd.DataFrame, targets: pd.DataFrame, breaks: pd.DataFrame, *, year: int
) -> YearOfIndicators:
    """Lay out the indicators of one year for a board.

    deviation = distance × 100 / |target|, unknown when the target is zero. Parameters: indicators, values, targets and
    breaks as in the schema (INDICATORS, INDICATOR_VALUES, INDICATOR_TARGETS, SERIES_BREAKS); year. Returns a
    YearOfIndicators: rows in the order of the catalogue with target, later target, outcome, distance and comment in
    words, the verdict of `indicator_statuses` and deviation_pct; left_out with indicator_id, name, goal and reason.
    Raises MeasureError on wrong columns.
    """
    statuses = indicator_statuses(indicators, values, targets, breaks)
    own = {(row["organisation"], row["indicator_id"]): row for row in _of(statuses, year)}
    printed = {(row["organisation"], row["indicator_id"]): row for row in _of(values, year)}
    later = _later_targets(targets, year)
    rows, left = [], []
    for each in indicators.to_dict("records"):
        key = (each["organisation"], each["indicator_id"])
        if key in own:
            rows.append(_row(each, own[key], printed.get(key), later.get(key)))
        else:
            kept = {name: each[name] for name in ("organisation", "indicator_id", "name", "goal")}
            left.append(kept | {"reason": _why_left_out(later.get(key), year)})
    return YearOfIndicators(
        year=year,
        rows=pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object),
        left_out=pd.DataFrame(left, columns=["organisation", "indicator_id", "name", "goal", "reason"], dtype=object),
    )


def _of(frame: pd.DataFrame, year: int) -> list[Row]:
    return frame[frame["year"] == year].to_dict("records")


def _later_targets(targets: pd.DataFrame, year: int) -> dict[tuple[Any, Any], Row]:
    """Return the first target after the year, per indicator."""
    coming = targets[targets["year"] > year].sort_values("year", kind="stable")
    found: dict[tuple[Any, Any], Row] = {}
    for row in coming.to_dict("records"):
        found.setdefault((row["organisation"], row["indicator_id"]), row)
    return found


def _why_left_out(later: Row | None, year: int) -> str:
    because = f"Varken utfall eller mål för {year}"
    return f"{because}. Målet gäller {later['year']}" if later else because


def _row(each: Row, verdict: Row, printed: Row | None, later: Row | None) -> dict[str, Any]:
    status = IndicatorStatus(**{name: verdict[name] for name in IndicatorStatus.__dataclass_fields__})
    distance = distance_to_target(status)
    target = status.target
    relative = None if distance.value is None or not target else distance.value * 100 / abs(target)
    kept = {name: each[name] for name in ("organisation", "indicator_id", "name", "goal", "level")}
    return kept | {
        "year": status.year,
        "status": status.status,
        "status_name": status.label,
        "target_text": _target_text(status),
        "later_target_text": _later_text(later),
        "outcome_text": _outcome_text(each, status, printed),
        "distance": distance.value,
        "distance_text": _distance_text(distance, status),
        "deviation_pct": relative,
        "is_doubtful": status.is_doubtful,
        "comment": _comment(each, status, printed),
        "unknown_because": status.unknown_because,
        "rule": status.rule,
        "sentence": status.sentence,
    }


def _target_text(status: IndicatorStatus) -> str:
    if status.operator in NUMBER_OPERATORS and status.target is not None:
        return f"{TARGET_OPERATORS[status.operator]} {quantity_text(status.target, status.unit)}"
    return TARGET_OPERATORS[status.operator] if status.operator else NO_TARGET


def _later_text(later: Row | None) -> str:
    if later is None:
        return ""
    operator, value, long_term = later["operator"], number_or_none(later["value"]), number_or_none(later["long_term"])
    said = TARGET_OPERATORS[operator]
    if value is not None:
        said = f"{said} {quantity_text(value, later['unit'])}"
    further = f", på sikt {quantity_text(long_term, later['unit'])}" if long_term not in (None, value) else ""
    return f"{later['year']}: {said}{further}"


def _outcome_text(each: Row, status: IndicatorStatus, printed: Row | None) -> str:
    if status.outcome is None or printed is None:
        return "saknas"
    text = quantity_text(status.outcome, status.outcome_unit)
    is_limited = not (missing(printed["low"]) and missing(printed["high"]))
    if is_limited:
        text = outcome_limits(printed)
    part, whole = number_or_none(printed["numerator"]), number_or_none(printed["denominator"])
    is_ours = str(printed["source"]).startswith(COMPUTED_SOURCE)
    if part is None or whole is None or (is_ours and is_limited):  # the parts are those of the lower limit
        return text
    if is_ours and each["measure"] in _MEASURES_OF_KRONOR:
        return f"{text} ({_million(part)} av {_million(whole)}{HARD_SPACE}mnkr)"
    return f"{text} ({_count(part)} av {_count(whole)})"


def _million(kronor: Decimal) -> str:
    return number_text(kronor.scaleb(-6), 1)


def _count(number: Decimal) -> str:
    return number_text(number, 0 if number == number.to_integral_value() else 1)


def _distance_text(distance: KeyFigure, status: IndicatorStatus) -> str:
    if distance.value is None:
        return NO_TARGET
    unit = "percentage_points" if status.unit == "percent" else status.unit
    text = quantity_text(distance.value, unit)
    return f"+{text}" if distance.value > 0 else text


def _comment(each: Row, status: IndicatorStatus, printed: Row | None) -> str:
    """Say why nothing can be decided, what is in doubt, and what a reader should know, each once."""
    told = text_or_empty(printed["comment"]).rstrip(".") if printed else ""
    # The targets of other years stand beside the target.
    said = [status.unknown_because.partition(". Målet för ")[0].rstrip(".")] if status.unknown_because else []
    if told and told not in status.unknown_because:
        said.append(f"Osäkert: {told}" if status.is_doubtful else told)
    said.append(text_or_empty(each["note"]).rstrip("."))
    return "".join(f"{sentence}. " for sentence in said if sentence).rstrip()


def status_counts(found: YearOfIndicators) -> dict[str, int | None]:
    """Count the indicators of a year by status.

    Parameters: found, as `indicators_of_year` returns it. Returns total, met, missed, undecided, followed and doubtful;
    met and missed are None when nothing can be decided.
    """
    counts = {name: int((found.rows["status"] == name).sum()) for name in INDICATOR_STATUSES}
    decided = bool(counts["met"] + counts["not_met"])
    return {
        "total": len(found.rows),
        "met": counts["met"] if decided else None,
        "missed": counts["not_met"] if decided else None,
        "undecided": counts["unknown"],
        "followed": counts["followed"],
        "doubtful": int(found.rows["is_doubtful"].astype(bool).sum()),
    }


def status_figures(found: YearOfIndicators) -> list[KeyFigure]:
    """Give the reached targets and the indicators that cannot be decided as key figures.

    Parameters: found, as `indicators_of_year` returns it. Returns how many targets are reached, of those that can be
    decided (unknown when none can), and how many indicators cannot be decided.
    """
    counts = status_counts(found)
    met, missed, doubtful, total = counts["met"], counts["missed"], counts["doubtful"], len(found.rows)
    followed = f", {counts['followed']} följs utan mål" if counts["followed"] else ""
    known = met is not None and missed is not None
    compared = f"av {met + missed} som kan avgöras. {missed} uppnåddes inte" if known else ""  # type: ignore[operator]
    reached = KeyFigure(
        id="targets_met",
        label=f"Uppnådda mål {found.year}",
        value=Decimal(met) if met is not None else None,
        unit="st",
        method="indicator_status",
        comparison=compared,
        unknown_because="" if known else "Inget mätetal kan avgöras",
    )
    undecided = KeyFigure(
        id="targets_undecided",
        label=f"Kan inte avgöras {found.year}",
        value=Decimal(counts["undecided"] or 0),
        unit="st",
        method="indicator_status",
        comparison=f"av {total} mätetal{followed}. {doubtful} {'osäkert' if doubtful == 1 else 'osäkra'} utfall",
    )
    return [reached, undecided]


def largest_deviations(found: YearOfIndicators, most: int = 3) -> pd.DataFrame:
    """Choose the targets that are furthest from being reached, measured against the target itself.

    Parameters: found; most, how many. Returns rows with the status not_met, the largest deviation first; where the
    target is zero no share of it can be reckoned, so those stand last.
    """
    behind = found.rows[found.rows["status"] == "not_met"]
    order = sorted(range(len(behind)), key=lambda place: _depth(behind["deviation_pct"].iloc[place]))
    return behind.iloc[order[:most]].reset_index(drop=True)


def _depth(deviation: object) -> Decimal:
    share = number_or_none(deviation)
    return Decimal(0) if share is None else share


def undecided_reasons(found: YearOfIndicators) -> pd.DataFrame:
    """Group the indicators that cannot be decided by the reason.

    Parameters: found. Returns one row per reason, the most common first: reason, indicators_count and names (a tuple).
    """
    reasons: dict[str, list[str]] = {}
    for row in found.rows[found.rows["status"] == "unknown"].to_dict("records"):
        reasons.setdefault(str(row["unknown_because"]), []).append(str(row["name"]))
    rows = [
        {"reason": reason, "indicators_count": len(own), "names": tuple(own)}
        for reason, own in sorted(reasons.items(), key=lambda item: -len(item[1]))
    ]
    return pd.DataFrame(rows, columns=["reason", "indicators_count", "names"]).astype({"indicators_count": "int64"})
