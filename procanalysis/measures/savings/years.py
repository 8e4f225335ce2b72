"""The enabled saving year by year, and what one year's consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames
from procanalysis.measures.savings.carry_over import CarryOver
from procanalysis.measures.savings.reckoned import Row
from procanalysis.schema import percent

SAVING_PARTS: dict[str, str] = {
    "organisation": "Organisation",
    "group": "Egen eller samordnad",
    "reporting_group": "Redovisas under",
    "category_code": "Kategori",
    "method": "Metod",
}
"""The ways to part a year's saving, by the word that `by` takes, with their Swedish names."""

_COLUMNS = (
    "year", "procurement_id", "title", "category_code", "responsible", "method", "method_name", "organisation", "group",
    "reporting_group", "is_new", "first_on", "last_on", "saving_ore", "cost_avoidance_ore",
)  # fmt: skip
_PER_YEAR: dict[str, str] = {
    "year": "int64", "new_ore": "Int64", "running_ore": "Int64", "saving_ore": "Int64", "cost_avoidance_ore": "Int64",
    "target_ore": "Int64", "difference_ore": "Int64", "is_forecast": "bool", "contracts_count": "int64",
}  # fmt: skip
_AMOUNTS: dict[str, str] = {
    "new_ore": "Int64", "running_ore": "Int64", "saving_ore": "Int64", "share_pct": "object",
    "cost_avoidance_ore": "Int64", "contracts_count": "int64",
}  # fmt: skip
_CONTRIBUTORS: dict[str, str] = {
    "procurement_id": "str", "title": "str", "category_code": "str", "method": "str", "method_name": "str",
    "responsible": "str", "is_new": "bool", "saving_ore": "int64", "share_pct": "object",
}  # fmt: skip


def saving_per_year(
    carried: CarryOver, *, targets_ore: Mapping[int, int], as_of: date, forecast_years: int | None = None
) -> pd.DataFrame:
    """Sum the enabled saving per calendar year: from contracts that start that year and from those that run since.

    Formula: saving = new + running; difference = saving - target. Cost avoidance stands beside and is never added.
    Signed contracts alone make the years to come, so these fall as the contracts end.

    Parameters: `carried`, as `carry_over` returns it. `targets_ore` holds year -> target, for the years that have one.
    `as_of` is the day of reckoning: years after its year are a forecast. `forecast_years` ends the table so many years
    after it; None keeps every year that a contract reaches.
    Returns: one row per year from the first with an amount or a target to the last: year, new_ore, running_ore,
    saving_ore, cost_avoidance_ore, target_ore, difference_ore, is_forecast, contracts_count. A year before the
    first known amount has no amount, since nothing is known of it; a later one without contracts has 0.
    Source: methods.md 4.4, requirements R77-R78 and R82.
    """
    rows = frames.plain_rows(carried.ledger, _COLUMNS, "saving_per_year")
    years = {row["year"] for row in rows} | set(targets_ore)
    last = max(years, default=0)
    if forecast_years is not None:
        last = min(last, as_of.year + forecast_years)
    table = []
    for year in range(min(years, default=1), last + 1):
        amounts = year_amounts(rows, year)
        target = targets_ore.get(year)
        known = target is not None and amounts["saving_ore"] is not None
        table.append(
            {
                **amounts,
                "year": year,
                "target_ore": target,
                "difference_ore": amounts["saving_ore"] - target if known else None,
                "is_forecast": year > as_of.year,
            }
        )
    return frames.framed(table, _PER_YEAR)


def saving_by(carried: CarryOver, by: str, year: int) -> pd.DataFrame:
    """Part one year's enabled saving by receiver, group, category or method.

    Formula: the parts sum to the year's saving to the öre; share_pct = saving × 100 / the year's saving, None unless
    that is above zero.

    Parameters: `carried`, as `carry_over` returns it. `by` is one of SAVING_PARTS. `year` is the calendar year.
    Returns: one row per value, the largest saving first: `by` (missing where the ledger lacks it), method_name when
    `by` is 'method', new_ore, running_ore, saving_ore, share_pct, cost_avoidance_ore, contracts_count. An amount is
    missing for a value none of whose contracts has it.
    Raises: MeasureError when `by` is another word.
    Source: requirement R78.
    """
    if by not in SAVING_PARTS:
        raise MeasureError(f"saving_by: by is '{by}'. {did_you_mean(by, SAVING_PARTS)}")
    rows = [row for row in frames.plain_rows(carried.ledger, _COLUMNS, "saving_by") if row["year"] == year]
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    total = sum(row["saving_ore"] or 0 for row in rows)
    table = []
    for value, each in groups.items():
        amounts = _amounts(each)
        share = None if amounts["saving_ore"] is None else percent(amounts["saving_ore"], total)
        table.append({by: value, "method_name": each[0]["method_name"], **amounts, "share_pct": share})
    table.sort(key=lambda row: (row["saving_ore"] is None, -(row["saving_ore"] or 0), row[by] is None, row[by] or ""))
    return frames.framed(table, {by: "str", **({"method_name": "str"} if by == "method" else {}), **_AMOUNTS})


def largest_contributors(carried: CarryOver, year: int, n: int) -> pd.DataFrame:
    """List the procurements that contribute most to a year's enabled saving.

    Parameters: `carried`, as `carry_over` returns it. `year` is the calendar year. `n`, 1 or more, is how many to list.
    Returns: one row per procurement, the largest saving first and then by number: procurement_id, title,
    category_code, method, method_name, responsible, is_new, saving_ore (of all receivers), share_pct (of the year's
    saving; None unless that is above zero).
    Raises: MeasureError when `n` is below 1.
    Source: requirement R78.
    """
    if n < 1:
        raise MeasureError(f"largest_contributors: n is {n}. Give 1 or more.")
    rows = [
        row
        for row in frames.plain_rows(carried.ledger, _COLUMNS, "largest_contributors")
        if row["year"] == year and row["saving_ore"] is not None
    ]
    total = sum(row["saving_ore"] for row in rows)
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        summed = sums.setdefault(row["procurement_id"], {**row, "saving_ore": 0})
        summed["saving_ore"] += row["saving_ore"]
    table = [{**row, "share_pct": percent(row["saving_ore"], total)} for row in sums.values()]
    table.sort(key=lambda row: (-row["saving_ore"], row["procurement_id"]))
    return frames.framed(table[:n], _CONTRIBUTORS)


def year_amounts(rows: Sequence[Row], year: int) -> dict[str, Any]:
    """Sum the ledger rows of a year; None for what no earlier row of the ledger knows either.

    >>> year_amounts([], 2025)["saving_ore"] is None
    True
    """
    amounts = _amounts([row for row in rows if row["year"] == year])
    so_far = [row for row in rows if row["year"] <= year]
    if any(row["saving_ore"] is not None for row in so_far) and amounts["saving_ore"] is None:
        amounts |= {"new_ore": 0, "running_ore": 0, "saving_ore": 0}
    if any(row["cost_avoidance_ore"] is not None for row in so_far) and amounts["cost_avoidance_ore"] is None:
        amounts["cost_avoidance_ore"] = 0
    return amounts


def _amounts(rows: Sequence[Row]) -> dict[str, Any]:
    known = [row for row in rows if row["saving_ore"] is not None]
    new = sum(row["saving_ore"] for row in known if row["is_new"])
    total = sum(row["saving_ore"] for row in known)
    avoided = [row["cost_avoidance_ore"] for row in rows if row["cost_avoidance_ore"] is not None]
    return {
        "new_ore": new if known else None,
        "running_ore": total - new if known else None,
        "saving_ore": total if known else None,
        "cost_avoidance_ore": sum(avoided) if avoided else None,
        "contracts_count": len({row["procurement_id"] for row in known}),
    }
