"""The history of indicators, year by year: outcomes, what is missing, targets of their own years, and breaks."""

from __future__ import annotations

from typing import Any

import pandas as pd

from procanalysis.measures.indicators.series import Row, missing, number_or_none, text_or_empty
from procanalysis.measures.wording import HARD_SPACE, quantity_text
from procanalysis.schema import (
    INDICATOR_TARGETS,
    INDICATOR_UNITS,
    INDICATOR_VALUES,
    INDICATORS,
    NUMBER_OPERATORS,
    SERIES_BREAKS,
    TARGET_OPERATORS,
    names,
    require_columns,
)

HISTORY_COLUMNS = (
    "organisation", "indicator_id", "name", "year", "kind", "kind_name", "part", "value", "value_text", "number_text",
    "is_doubtful", "is_replaced", "note",
)  # fmt: skip

HISTORY_KINDS: dict[str, str] = {
    "outcome": "Utfall",
    "missing": "Utfallet saknas",
    "target": "Mål",
    "break": "Serien är bruten",
}

Key = tuple[Any, Any]


def indicator_history(
    indicators: pd.DataFrame, values: pd.DataFrame, targets: pd.DataFrame, breaks: pd.DataFrame, *, to_year: int
) -> pd.DataFrame:
    """Lay out what is known of every indicator up to a year, ready to be drawn.

    Parameters: indicators, values, targets and breaks as in the schema; to_year, the last year. Returns one row per
    indicator, year and kind, one of HISTORY_KINDS. Outcomes with the same `part` may be joined with a line; a break
    begins a new one. The outcomes of an indicator that was replaced, in the same unit, come first with is_replaced.
    An outcome in another unit than the latest one is missing, with the reason in note; a target in another unit than
    the outcomes is left out. Raises MeasureError on wrong columns.
    """
    tables = (
        (indicators, INDICATORS),
        (values, INDICATOR_VALUES),
        (targets, INDICATOR_TARGETS),
        (breaks, SERIES_BREAKS),
    )
    for frame, table in tables:
        require_columns(frame.columns, names(table), "indicator_history")
    of_values, of_targets, of_breaks = _grouped(values), _grouped(targets), _grouped(breaks)
    rows: list[dict[str, Any]] = []
    for each in indicators.to_dict("records"):
        key = (each["organisation"], each["indicator_id"])
        own = [row for row in of_values.get(key, []) if row["year"] <= to_year]
        broken = [row for row in of_breaks.get(key, []) if row["from_year"] <= to_year]
        unit = _unit(own, str(each["unit"]))
        kept = {"organisation": key[0], "indicator_id": key[1], "name": each["name"]}
        rows += [kept | row for row in _replaced(of_values, key[0], broken, unit)]
        limits = [int(row["from_year"]) for row in broken]
        rows += [kept | _point(row, unit, sum(limit <= row["year"] for limit in limits)) for row in own]
        rows += [kept | _target(row) for row in of_targets.get(key, []) if _is_drawn(row, unit, to_year)]
        rows += [kept | _made("break", int(row["from_year"]), note=str(row["reason"])) for row in broken]
    order = {kind: place for place, kind in enumerate(HISTORY_KINDS)}
    place = {
        key: number
        for number, key in enumerate(zip(indicators["organisation"], indicators["indicator_id"], strict=True))
    }
    rows.sort(key=lambda row: (place[row["organisation"], row["indicator_id"]], row["year"], order[row["kind"]]))
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS), dtype=object)


def _grouped(frame: pd.DataFrame) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in frame.to_dict("records"):
        found.setdefault((row["organisation"], row["indicator_id"]), []).append(row)
    return found


def _unit(own: list[Row], otherwise: str) -> str:
    """Name the unit of the latest outcome: the series is drawn in it."""
    known = sorted((int(row["year"]), str(row["unit"])) for row in own if not missing(row["value"]))
    return known[-1][1] if known else otherwise


def _made(kind: str, year: int, **more: Any) -> dict[str, Any]:
    empty = {"part": None, "value": None, "value_text": "", "number_text": "", "is_doubtful": False,
             "is_replaced": False, "note": ""}  # fmt: skip
    return {"year": year, "kind": kind, "kind_name": HISTORY_KINDS[kind]} | empty | more


def _point(row: Row, unit: str, part: int, *, is_replaced: bool = False) -> dict[str, Any]:
    value, year, comment = number_or_none(row["value"]), int(row["year"]), text_or_empty(row["comment"])
    if value is None:
        return _made("missing", year, part=part, note=comment, is_replaced=is_replaced)
    if row["unit"] != unit:
        words = f"Utfallet är i {INDICATOR_UNITS[row['unit']]}, de senare i {INDICATOR_UNITS[unit]}"
        return _made("missing", year, part=part, note=words, is_replaced=is_replaced)
    text = quantity_text(value, unit)
    return _made(
        "outcome",
        year,
        part=part,
        value=value,
        value_text=text,
        number_text=text.rpartition(HARD_SPACE)[0],  # the last hard space stands before the unit
        is_doubtful=bool(row["is_doubtful"]),
        is_replaced=is_replaced,
        note=comment,
    )


def _replaced(
    of_values: dict[Key, list[Row]], organisation: object, broken: list[Row], unit: str
) -> list[dict[str, Any]]:
    """Return the outcomes of the indicators that this one replaced, where they are in the same unit."""
    found = []
    for number, row in enumerate(broken):
        before = of_values.get((organisation, row["replaces"]), []) if not missing(row["replaces"]) else []
        found += [
            _point(each, unit, -1 - number, is_replaced=True)
            for each in before
            if each["year"] < row["from_year"] and each["unit"] == unit and not missing(each["value"])
        ]
    return found


def _is_drawn(row: Row, unit: str, to_year: int) -> bool:
    return row["operator"] in NUMBER_OPERATORS and row["unit"] == unit and row["year"] <= to_year


def _target(row: Row) -> dict[str, Any]:
    value = number_or_none(row["value"])
    said = f"{TARGET_OPERATORS[row['operator']]} {quantity_text(value, row['unit'])}" if value is not None else ""
    return _made("target", int(row["year"]), value=value, value_text=said)
