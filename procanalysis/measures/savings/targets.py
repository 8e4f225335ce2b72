"""The target of a year: what signed contracts give, what the plan may add, what is missing, and who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.savings.carry_over import CarryOver
from procanalysis.measures.savings.reckoned import Row
from procanalysis.measures.savings.years import year_amounts
from procanalysis.measures.splitting import days_of_year, round_exact, split_by_shares
from procanalysis.schema import PROCUREMENT_STATUSES

PLAN_RULE = (
    "Utfallet är årets möjliggjorda besparing i tecknade avtal. Planen är uppskattade besparingar i pågående och "
    "planerade upphandlingar för de dagar som är kvar av året när avtalet ska vara tecknat. De läggs inte ihop."
)

SIGNED = "Ingår redan i utfallet"

_LEDGER_COLUMNS = (
    "year", "procurement_id", "title", "category_code", "responsible", "method_name", "is_new", "first_on", "last_on",
    "saving_ore", "cost_avoidance_ore",
)  # fmt: skip
_PROCUREMENT_COLUMNS = (
    "procurement_id", "title", "category_code", "buyer", "status", "planned_end_on", "saving_potential_ore",
)  # fmt: skip
_OUTCOME: dict[str, str] = {
    "procurement_id": "str", "title": "str", "category_code": "str", "method_name": "str", "responsible": "str",
    "is_new": "bool", "saving_ore": "int64", "so_far_ore": "int64", "remaining_ore": "int64",
}  # fmt: skip
_PLANNED: dict[str, str] = {
    "procurement_id": "str", "title": "str", "category_code": "str", "responsible": "str", "status": "str",
    "status_name": "str", "planned_end_on": "datetime64[us]", "counted_from_on": "datetime64[us]", "days": "int64",
    "saving_potential_ore": "int64", "planned_ore": "int64", "basis": "str",
}  # fmt: skip
_NOT_PLANNED: dict[str, str] = {
    "procurement_id": "str", "title": "str", "responsible": "str", "status_name": "str",
    "planned_end_on": "datetime64[us]", "saving_potential_ore": "Int64", "reason": "str",
}  # fmt: skip


@dataclass(frozen=True)
class SavingsPlan:
    """Hold one year's target, outcome and plan side by side, with the procurements behind them.

    Amounts are öre, None when unknown: gap = target - outcome, missing = gap - plan (negative when the target is
    passed). `unknown_because` says in Swedish what is not known, and is empty when all is.
    """

    year: int
    target_ore: int | None
    outcome_ore: int | None
    so_far_ore: int | None
    planned_ore: int | None
    gap_ore: int | None
    missing_ore: int | None
    unknown_because: str
    outcome: pd.DataFrame
    planned: pd.DataFrame
    not_planned: pd.DataFrame


def savings_plan(
    procurements: pd.DataFrame, carried: CarryOver, *, year: int, target_ore: int | None, as_of: date
) -> SavingsPlan:
    """Lay a year's target beside what signed contracts give, what the plan may add, and who answers for each part.

    Formula: the outcome is the year's enabled saving; the part so far is saving × days up to as_of / days counted in
    the year. A planned or running procurement adds its potential × days left of the year / days of the year, counted
    from the day after planned_end_on, but not before the day after as_of. The plan is an estimate and never part of
    the outcome.

    Parameters: `procurements` is schema.PROCUREMENTS, empty when there is none. `carried`, as `carry_over` returns it.
    `year` is the calendar year, `target_ore` its target or None, `as_of` the day of reckoning.
    Returns: SavingsPlan. outcome has one row per procurement, the largest first: procurement_id, title,
    category_code, method_name, responsible, is_new, saving_ore, so_far_ore, remaining_ore. planned has the same way:
    procurement_id, title, category_code, responsible (who leads it), status, status_name, planned_end_on,
    counted_from_on, days, saving_potential_ore (yearly), planned_ore, basis. not_planned has the planned and running
    procurements that add nothing that can be counted: procurement_id, title, responsible, status_name,
    planned_end_on, saving_potential_ore, reason.
    Source: requirements R81-R82.
    """
    rows = frames.plain_rows(carried.ledger, _LEDGER_COLUMNS, "savings_plan")
    outcome = _outcome([row for row in rows if row["year"] == year and row["saving_ore"] is not None], as_of)
    outcome_ore = year_amounts(rows, year)["saving_ore"]
    signed = {row["procurement_id"] for row in rows}
    listed = frames.plain_rows(procurements, _PROCUREMENT_COLUMNS, "savings_plan")
    planned, not_planned = [], []
    for row in listed:
        if row["status"] in ("planned", "running"):
            named = {**row, "responsible": row["buyer"], "status_name": PROCUREMENT_STATUSES[row["status"]]}
            reason = _why_not_planned(row, signed, year, as_of)
            if reason:
                not_planned.append({**named, "reason": reason})
            else:
                planned.append(_planned(named, year, as_of))
    planned.sort(key=lambda row: (-row["planned_ore"], row["procurement_id"]))
    # One that is signed adds nothing to the plan, whatever its estimate was.
    without_estimate = any(row["reason"] != SIGNED and row["saving_potential_ore"] is None for row in not_planned)
    # A list whose procurements are all without estimate says nothing about what the plan may give.
    planned_ore = None
    if planned or (listed and not without_estimate):
        planned_ore = sum(row["planned_ore"] for row in planned)
    gap_ore = None if target_ore is None or outcome_ore is None else target_ore - outcome_ore
    return SavingsPlan(
        year=year,
        target_ore=target_ore,
        outcome_ore=outcome_ore,
        so_far_ore=None if outcome_ore is None else sum(row["so_far_ore"] for row in outcome),
        planned_ore=planned_ore,
        gap_ore=gap_ore,
        missing_ore=None if gap_ore is None or planned_ore is None else gap_ore - planned_ore,
        unknown_because=_why_unknown(year, target_ore, outcome_ore, planned_ore, bool(listed)),
        outcome=frames.framed(outcome, _OUTCOME),
        planned=frames.framed(planned, _PLANNED),
        not_planned=frames.framed(not_planned, _NOT_PLANNED),
    )


def target_per_unit(target_ore: int | None, unit_shares_pct: Mapping[str, Decimal]) -> pd.DataFrame:
    """Share a savings target between the units that must realise it.

    Formula: as `split_by_shares`. The department that sets the target keeps the whole of it as its own.

    Parameters: `target_ore` is the target in öre, None when there is none. `unit_shares_pct` holds unit -> percent,
    above 0, together exactly 100; it is empty when the units have no part in the target.
    Returns: one row per unit, in the order given: unit, share_pct, target_ore; the rows sum to the target. No rows
    when there is no target or no unit.
    Raises: MeasureError when a share is not above zero or they do not sum to exactly 100.
    Source: methods.md 4.5, requirement R80.

    >>> target_per_unit(70_000_000_00, {"A": Decimal(20), "B": Decimal(50), "C": Decimal(30)})["target_ore"].tolist()
    [1400000000, 3500000000, 2100000000]
    """
    parts = split_by_shares(target_ore, unit_shares_pct) if target_ore is not None and unit_shares_pct else {}
    rows = [{"unit": name, "share_pct": unit_shares_pct[name], "target_ore": part} for name, part in parts.items()]
    return frames.framed(rows, {"unit": "str", "share_pct": "object", "target_ore": "int64"})


def _outcome(rows: Sequence[Row], as_of: date) -> list[dict[str, Any]]:
    """Sum the year's ledger rows per procurement, and part each sum at the day of reckoning."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        summed = sums.setdefault(row["procurement_id"], {**row, "saving_ore": 0})
        summed["saving_ore"] += row["saving_ore"]
    for row in sums.values():
        days = (row["last_on"] - row["first_on"]).days + 1
        gone = max(0, min((as_of - row["first_on"]).days + 1, days))
        row["so_far_ore"] = round_exact(Fraction(row["saving_ore"] * gone, days))
        row["remaining_ore"] = row["saving_ore"] - row["so_far_ore"]
    return sorted(sums.values(), key=lambda row: (-row["saving_ore"], row["procurement_id"]))


def _why_not_planned(row: Row, signed: set[str], year: int, as_of: date) -> str:
    if row["procurement_id"] in signed:
        return SIGNED
    if row["saving_potential_ore"] is None:
        return "Besparingen är inte uppskattad"
    if row["planned_end_on"] is None:
        return "Det är inte planerat när avtalet ska vara tecknat"
    if max(row["planned_end_on"], as_of) >= date(year, 12, 31):
        return "Avtalet hinner inte ge någon besparing under året"
    return ""


def _planned(row: dict[str, Any], year: int, as_of: date) -> dict[str, Any]:
    counted_from = max(row["planned_end_on"] + timedelta(days=1), as_of + timedelta(days=1), date(year, 1, 1))
    days = (date(year, 12, 31) - counted_from).days + 1
    late = f", skulle ha varit tecknat {row['planned_end_on']}" if row["planned_end_on"] < as_of else ""
    return {
        **row,
        "counted_from_on": counted_from,
        "days": days,
        "planned_ore": round_exact(Fraction(row["saving_potential_ore"] * days, days_of_year(year))),
        "basis": f"{days} av {days_of_year(year)} dagar{late}",
    }


def _why_unknown(year: int, target: int | None, outcome: int | None, planned: int | None, is_list: bool) -> str:
    reasons = []
    if target is None:
        reasons.append(f"Inget mål är satt för {year}.")
    if outcome is None:
        reasons.append(f"Ingen besparing är känd för {year}.")
    if planned is None:
        lacking = "Ingen pågående eller planerad upphandling har en uppskattad besparing"
        reasons.append(f"{lacking if is_list else wording.NO_PROCUREMENT_LIST}.")
    return " ".join(reasons)
