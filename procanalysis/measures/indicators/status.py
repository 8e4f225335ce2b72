"""Whether the target of a year is reached by the outcome of that year, with the rule in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures.indicators.series import (
    Row,
    missing,
    number_or_none,
    rows_of,
    text_or_empty,
)
from procanalysis.measures.wording import quantity_text
from procanalysis.schema import (
    INDICATOR_DIRECTIONS,
    INDICATOR_STATUSES,
    INDICATOR_TARGETS,
    INDICATOR_UNITS,
    INDICATORS,
    NUMBER_OPERATORS,
    SERIES_BREAKS,
    TARGET_OPERATORS,
    names,
    require_columns,
)

_NEEDS_PREVIOUS = {"increase": "högre", "decrease": "lägre"}


@dataclass(frozen=True, kw_only=True)
class IndicatorStatus:
    """Hold the verdict on one indicator and year with everything needed to defend it.

    `status` is one of INDICATOR_STATUSES and `label` its name. `rule` says when the target is reached; `sentence` says
    what was found; `unknown_because` why nothing can be said.
    """

    indicator_id: str
    year: int
    status: str
    label: str
    outcome: Decimal | None
    outcome_unit: str
    operator: str
    target: Decimal | None
    long_term: Decimal | None
    unit: str
    direction: str
    previous: Decimal | None
    is_doubtful: bool
    rule: str
    sentence: str
    unknown_because: str
    method: str = "indicator_status"


def indicator_status(
    values: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    indicator_id: str,
    direction: str,
    year: int,
    breaks: Iterable[int] = (),
    least_coverage_pct: Decimal | None = None,
    period: str = "",
) -> IndicatorStatus:
    """Tell whether an indicator reached the target of a year with the outcome of the same year.

    Reached when the outcome fulfils the target's operator (at_least: outcome ≥ target, and so on; with direction zero
    the distance from zero is compared; increase and decrease: against the outcome of the year before). Parameters:
    values, schema.INDICATOR_VALUES; targets, schema.INDICATOR_TARGETS; indicator_id; direction, one of
    INDICATOR_DIRECTIONS; year; breaks, the first year of each new part of the series; least_coverage_pct, how much
    must be covered before a verdict; period, which of several periods in the year. Returns an IndicatorStatus:
    unknown, with the reason, when there is no target for that very year, no outcome, another unit, too little
    coverage, a break, or when what is known of the outcome (low to high) lies on both sides of the target. Raises
    MeasureError on wrong columns or words. Source: the indicator boxes of Inköpsnämnden Sörmland Västmanland 2025.
    """
    rows = rows_of(values, indicator_id, "indicator_status", period)
    own = _targets_by_year(targets, indicator_id)
    return _judged(rows, own, indicator_id, direction, year, tuple(breaks), least_coverage_pct)


def _judged(
    rows: Mapping[int, Row],
    targets: Mapping[int, Row],
    indicator_id: str,
    direction: str,
    year: int,
    breaks: tuple[int, ...],
    least_coverage_pct: Decimal | None,
) -> IndicatorStatus:
    if direction not in INDICATOR_DIRECTIONS:
        hint = did_you_mean(direction, INDICATOR_DIRECTIONS)
        raise MeasureError(f"indicator_status: '{direction}' is not a direction. {hint}")
    target, row = targets.get(year), rows.get(year)
    status, because = _verdict(rows, targets, year, direction, breaks, least_coverage_pct)
    outcome = number_or_none(row["value"]) if row else None
    return IndicatorStatus(
        indicator_id=indicator_id,
        year=year,
        status=status,
        label=INDICATOR_STATUSES[status],
        outcome=outcome,
        outcome_unit=str(row["unit"]) if row else "",
        operator=str(target["operator"]) if target else "",
        target=number_or_none(target["value"]) if target else None,
        long_term=number_or_none(target["long_term"]) if target else None,
        unit=str(target["unit"]) if target else str(row["unit"]) if row else "",
        direction=direction,
        previous=_previous(rows, year),
        is_doubtful=bool(row and outcome is not None and row["is_doubtful"]),
        rule=_rule(target, direction, year) if target else "",
        sentence=_sentence(row, target, status, because, year, direction),
        unknown_because=because if status == "unknown" else "",
    )


def _targets_by_year(targets: pd.DataFrame, indicator_id: str) -> dict[int, Row]:
    require_columns(targets.columns, names(INDICATOR_TARGETS), "indicator_status")
    own: dict[int, Row] = {}
    for row in targets[targets["indicator_id"] == indicator_id].to_dict("records"):
        if int(row["year"]) in own:
            raise MeasureError(f"indicator_status: '{indicator_id}' has two targets for {row['year']}. Give one.")
        own[int(row["year"])] = row
    return own


def _verdict(
    rows: Mapping[int, Row],
    targets: Mapping[int, Row],
    year: int,
    direction: str,
    breaks: tuple[int, ...],
    least_coverage_pct: Decimal | None,
) -> tuple[str, str]:
    """Return the status, and the reason when it is unknown."""
    target, row = targets.get(year), rows.get(year)
    if target is None:
        return "unknown", _no_target(targets, year)
    if target["operator"] == "followed":
        return "followed", ""
    if reason := _no_number(target):
        return "unknown", reason
    if row is None or missing(row["value"]):
        comment = text_or_empty(row["comment"]) if row else ""
        return "unknown", f"Utfallet {year} saknas" + (f" ({comment})" if comment else "")
    if row["unit"] != target["unit"]:
        have, want = INDICATOR_UNITS[row["unit"]], INDICATOR_UNITS[target["unit"]]
        return "unknown", f"Utfallet är i {have} men målet i {want}"
    coverage = number_or_none(row["coverage_pct"])
    if least_coverage_pct is not None and coverage is not None and coverage < least_coverage_pct:
        have, want = quantity_text(coverage, "percent"), quantity_text(least_coverage_pct, "percent")
        return "unknown", f"Utfallet täcker {have} av det som ska mätas, och minst {want} behövs"
    if target["operator"] in _NEEDS_PREVIOUS:
        return _against_previous(rows, year, str(target["operator"]), breaks)
    return _against_number(row, target, direction)


def _no_target(targets: Mapping[int, Row], year: int) -> str:
    others = [str(other) for other in sorted(targets)]
    if not others:
        return "Inget mål är angivet"
    return f"Inget mål för {year} är angivet. Målet för {' och '.join(others)} gäller inte utfallet {year}"


def _no_number(target: Row) -> str:
    words = text_or_empty(target["words"])
    if target["operator"] == "in_words":
        return f"Målet är angivet i ord: {words}"
    return "Målvärdet är lämnat tomt i källan" if target["operator"] == "left_blank" else ""


def _against_previous(rows: Mapping[int, Row], year: int, operator: str, breaks: tuple[int, ...]) -> tuple[str, str]:
    now, before = rows[year], rows.get(year - 1)
    if year in breaks:
        return "unknown", f"Serien är bruten {year}, så utfallet kan inte jämföras med året innan"
    if before is None or missing(before["value"]):
        return "unknown", f"Målet är en riktning, och utfallet {year - 1} saknas"
    if before["unit"] != now["unit"]:
        return "unknown", f"Utfallet {year - 1} är i {INDICATOR_UNITS[before['unit']]}, {year} i en annan enhet"
    low_before, high_before = _limits(before)
    low_now, high_now = _limits(now)
    least, most = low_now - high_before, high_now - low_before
    if operator == "decrease":
        least, most = -most, -least
    if least > 0:
        return "met", ""
    if most <= 0:
        return "not_met", ""
    return "unknown", f"Utfallen {year - 1} och {year} är så osäkra att förändringen kan gå åt båda hållen"


def _against_number(row: Row, target: Row, direction: str) -> tuple[str, str]:
    low, high = _limits(row)
    wanted = Decimal(str(target["value"]))
    tried = {low, high, *(number for number in (wanted, Decimal(0)) if low < number < high)}
    answers = {_fulfils(number, str(target["operator"]), wanted, direction) for number in tried}
    if answers == {True}:
        return "met", ""
    if answers == {False}:
        return "not_met", ""
    return "unknown", f"Det som är känt om utfallet ({outcome_limits(row)}) ligger på båda sidor om målet"


def _limits(row: Row) -> tuple[Decimal, Decimal]:
    """Return the least and the most that an outcome can be: both the value itself when nothing else is said."""
    low, high = number_or_none(row["low"]), number_or_none(row["high"])
    if low is None and high is None:
        value = Decimal(str(row["value"]))
        return value, value
    return low if low is not None else Decimal("-Infinity"), high if high is not None else Decimal("Infinity")


def outcome_limits(row: Row) -> str:
    """Write what is known of an outcome that has limits instead of a value: at least, at most, or from and to."""
    low, high = number_or_none(row["low"]), number_or_none(row["high"])
    if high is None and low is not None:
        return f"minst {quantity_text(low, row['unit'])}"
    if low is None and high is not None:
        return f"högst {quantity_text(high, row['unit'])}"
    return f"{quantity_text(low or Decimal(0), row['unit'])} till {quantity_text(high or Decimal(0), row['unit'])}"


def _fulfils(number: Decimal, operator: str, wanted: Decimal, direction: str) -> bool:
    compared = abs(number) if direction == "zero" and operator != "exactly" else number
    return {
        "at_least": compared >= wanted,
        "more_than": compared > wanted,
        "at_most": compared <= wanted,
        "less_than": compared < wanted,
        "exactly": compared == wanted,
    }[operator]


def _previous(rows: Mapping[int, Row], year: int) -> Decimal | None:
    before = rows.get(year - 1)
    same = before is not None and year in rows and before["unit"] == rows[year]["unit"]
    return number_or_none(before["value"]) if same and before is not None else None


def _target_text(target: Row) -> str:
    return f"{TARGET_OPERATORS[target['operator']]} {quantity_text(Decimal(str(target['value'])), target['unit'])}"


def _rule(target: Row, direction: str, year: int) -> str:
    operator = str(target["operator"])
    if operator in _NEEDS_PREVIOUS:
        return f"Målet är uppnått om utfallet {year} är {_NEEDS_PREVIOUS[operator]} än {year - 1}."
    if operator not in NUMBER_OPERATORS:
        return f"Mätetalet har inget målvärde för {year}: {TARGET_OPERATORS[operator]}."
    if direction == "zero" and operator != "exactly":
        return f"Målet är uppnått om utfallet {year} ligger {_target_text(target)} från noll, åt endera hållet."
    return f"Målet är uppnått om utfallet {year} är {_target_text(target)}."


def _sentence(row: Row | None, target: Row | None, status: str, because: str, year: int, direction: str) -> str:
    known, doubt = _known(row, year)
    if status == "unknown":
        told = known if known and not because.startswith(f"Utfallet {year} saknas") else ""
        return " ".join(part for part in (told, f"{because}.", doubt) if part)
    if status == "followed" or target is None:
        return " ".join(
            part for part in (known or f"Utfallet {year} saknas.", "Mätetalet följs utan mål.", doubt) if part
        )
    if target["operator"] in NUMBER_OPERATORS:
        away = " från noll" if direction == "zero" and target["operator"] != "exactly" else ""
        aim = f"Målet är {_target_text(target)}{away}."
    else:
        aim = f"Utfallet {TARGET_OPERATORS[target['operator']]}."
    return " ".join(part for part in (known, aim, f"{INDICATOR_STATUSES[status]}.", doubt) if part)


def _known(row: Row | None, year: int) -> tuple[str, str]:
    """Say what is known of the outcome, and why it is in doubt."""
    if row is None:
        return "", ""
    comment = text_or_empty(row["comment"]).rstrip(".")
    if missing(row["value"]):
        return f"Utfallet {year} saknas" + (f" ({comment[0].lower()}{comment[1:]})." if comment else "."), ""
    if missing(row["low"]) and missing(row["high"]):
        known = f"Utfallet {year} är {quantity_text(Decimal(str(row['value'])), row['unit'])}."
    else:
        known = f"Utfallet {year} är {outcome_limits(row)}."
    return known, f"Utfallet är osäkert. {comment}." if row["is_doubtful"] else ""


def indicator_statuses(
    indicators: pd.DataFrame, values: pd.DataFrame, targets: pd.DataFrame, breaks: pd.DataFrame
) -> pd.DataFrame:
    """Give the verdict on every indicator and every year that has an outcome or a target.

    Parameters: indicators, values, targets and breaks as in schema.INDICATORS, INDICATOR_VALUES, INDICATOR_TARGETS and
    SERIES_BREAKS. Returns one row per organisation, indicator and year, in that order: organisation, name, goal and
    level from the catalogue, and the fields of IndicatorStatus. Raises MeasureError on wrong columns.
    """
    require_columns(indicators.columns, names(INDICATORS), "indicator_statuses")
    require_columns(breaks.columns, names(SERIES_BREAKS), "indicator_statuses")
    key = ["organisation", "indicator_id"]
    of_values, of_targets, of_breaks = (dict(list(frame.groupby(key))) for frame in (values, targets, breaks))
    rows = []
    for each in indicators.to_dict("records"):
        name = (each["organisation"], each["indicator_id"])
        outcomes = rows_of(of_values.get(name, values[:0]), name[1], "indicator_statuses")
        own = _targets_by_year(of_targets.get(name, targets[:0]), name[1])
        broken = tuple(int(first) for first in of_breaks.get(name, breaks[:0])["from_year"])
        kept = {column: each[column] for column in ("organisation", "name", "goal", "level")}
        coverage = number_or_none(each["least_coverage_pct"])
        for year in sorted({*outcomes, *own}):
            rows.append(kept | asdict(_judged(outcomes, own, name[1], each["direction"], year, broken, coverage)))
    columns = ["organisation", "name", "goal", "level", *IndicatorStatus.__dataclass_fields__]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"year": "int64", "is_doubtful": "bool"})
