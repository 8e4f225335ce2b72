"""Budgets of two years beside each other: the change of every row, and the sums reckoned again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.income_statement.arithmetic import (
    ORE_PER_TKR,
    Comparison,
    Row,
    added_text,
    check_one,
    compared,
    difference_words,
    ore_or_none,
    signed_text,
    tkr,
    tkr_text,
)
from procanalysis.measures.statement_sums import sums_of
from procanalysis.measures.wording import percent_text
from procanalysis.schema import BUDGETS, INCOME_ROW_KINDS, KeyFigure, names, percent, require_columns

_COLUMNS = (
    "kind", "kind_name", "row", "before_year", "after_year", "before_ore", "after_ore", "change_ore", "change_pct",
    "numerator_ore", "denominator_ore", "change_text", "before_reckoned_ore", "before_off_ore", "after_reckoned_ore",
    "after_off_ore", "verdict", "note",
)  # fmt: skip
_ORE = [name for name in _COLUMNS if name.endswith("_ore")]


def budget_rows(budgets: pd.DataFrame, years: Sequence[int], *, step_ore: int = ORE_PER_TKR) -> pd.DataFrame:
    """Set the budgets of two years beside each other and reckon their sums again.

    change = |after| − |before| for incomes and costs, so that a growing cost grows; for net and result after − before.
    change_pct = change × 100 / |before|, with numerator_ore and denominator_ore beside. Sums: incomes to their total,
    costs to theirs, and both to the result; off = printed − reckoned. Parameters: budgets, schema.BUDGETS of one
    organisation; years, the earlier and the later; step_ore, the last place that is printed. Returns one row per row of
    either budget, in printed order: kind, kind_name, row, before_year, after_year, before_ore and after_ore (missing
    when the row is not in that year's budget), change_ore, change_pct (Decimal or None), change_text, before_ and
    after_reckoned_ore and _off_ore (of sums), verdict (the worse of the two years', one of CONSISTENCY_VERDICTS,
    missing for rows that are no sum) and note, which says what does not add up. Raises MeasureError on wrong columns,
    several organisations, or other than two years in order. Source: requirement R230; our own checks C25 and C26.
    """
    require_columns(budgets.columns, names(BUDGETS), "budget_rows")
    check_one(budgets, ("organisation",), "budget_rows")
    if len(years) != 2 or years[0] >= years[1]:
        raise MeasureError("budget_rows: give two years, the earlier first, as in (2025, 2026).")
    before_year, after_year = years
    tables = {year: budgets[budgets["year"] == year].to_dict("records") for year in years}
    sums = {year: _reckoned(tables[year], step_ore) for year in years}
    # The later budget decides the order; a row that only the earlier has comes last.
    rows = {(str(row["kind"]), str(row["row"])): row for year in reversed(years) for row in tables[year]}
    found = []
    for kind, name in rows:
        before, after = (_amount(tables[year], kind, name) for year in years)
        own = {year: sums[year].get((kind, name)) for year in years}
        found.append(
            {
                "kind": kind,
                "kind_name": INCOME_ROW_KINDS[kind],
                "row": name,
                "before_year": before_year,
                "after_year": after_year,
                "before_ore": before,
                "after_ore": after,
                **_change(kind, before, after, before_year, after_year),
                **_sum_cells("before", own[before_year]),
                **_sum_cells("after", own[after_year]),
                "verdict": _worse([one[0].verdict for one in own.values() if one]),
                "note": " ".join(f"{year}: {one[1]}" for year, one in own.items() if one and one[0].off),
            }
        )
    frame = pd.DataFrame(found, columns=list(_COLUMNS), dtype=object)
    return frame.astype({"before_year": "int64", "after_year": "int64"} | dict.fromkeys(_ORE, "Int64"))


def _amount(rows: Sequence[Row], kind: str, name: str) -> int | None:
    own = [row for row in rows if (row["kind"], row["row"]) == (kind, name)]
    return ore_or_none(own[0]["amount_ore"]) if own else None


def _reckoned(rows: Sequence[Row], step_ore: int) -> dict[tuple[str, str], tuple[Comparison, str]]:
    """Reckon every sum of one budget again → the comparison and its words."""
    found = {}
    for total, parts in sums_of(rows):
        amounts = [int(part["amount_ore"]) for part in parts]
        one = compared(int(total["amount_ore"]), amounts, step_ore)
        words = f"{added_text(amounts)} ger {tkr_text(one.reckoned)}, tryckt {tkr_text(one.printed)}."
        found[str(total["kind"]), str(total["row"])] = one, f"{words} {difference_words(one)}"
    return found


def _sum_cells(when: str, found: tuple[Comparison, str] | None) -> dict[str, int | None]:
    if found is None:
        return {f"{when}_reckoned_ore": None, f"{when}_off_ore": None}
    return {f"{when}_reckoned_ore": found[0].reckoned, f"{when}_off_ore": found[0].off}


def _worse(verdicts: Sequence[str]) -> str | None:
    return next((one for one in ("contradiction", "rounding", "agrees") if one in verdicts), None)


def _change(kind: str, before: int | None, after: int | None, before_year: int, after_year: int) -> dict[str, Any]:
    if before is None or after is None:
        said = f"raden finns inte i budget {before_year if before is None else after_year}"
        unknown = dict.fromkeys(("change_ore", "change_pct", "numerator_ore", "denominator_ore"))
        return unknown | {"change_text": said}
    change = after - before if kind in ("net", "result") else abs(after) - abs(before)
    share = percent(change, abs(before))
    if not change:
        said = "oförändrat"
    elif share is None:
        said = f"{signed_text(change)}; i procent går det inte att räkna från noll"
    else:
        said = f"{signed_text(change)} ({percent_text(share)})"
    return {
        "change_ore": change,
        "change_pct": share,
        "numerator_ore": change,
        "denominator_ore": abs(before),
        "change_text": said,
    }


def budget_change(rows: pd.DataFrame) -> KeyFigure:
    """Return how much the budgeted costs change between the two years, in percent.

    Value = (costs after − costs before) × 100 / costs before. Numerator and denominator in tkr. Parameters: rows, of
    `budget_rows`. Returns a KeyFigure, unknown when either year has no printed total of costs. Raises MeasureError on
    wrong columns. Source: requirement R230.
    """
    require_columns(rows.columns, _COLUMNS, "budget_change")
    own = [row for row in rows.to_dict("records") if row["kind"] == "cost_total" and not pd.isna(row["change_ore"])]
    share = own[0]["change_pct"] if len(own) == 1 else None
    if share is None:
        return KeyFigure(
            id="budget_change",
            label="Budgeterade kostnader, förändring",
            value=None,
            unit="%",
            method="budget_change",
            unknown_because="Budget för båda åren är inte redovisad",
        )
    row = own[0]
    then, now = tkr_text(abs(int(row["before_ore"]))), tkr_text(abs(int(row["after_ore"])))
    return KeyFigure(
        id="budget_change",
        label=f"Budgeterade kostnader {row['before_year']}–{row['after_year']}",
        value=Decimal(share),
        unit="%",
        method="budget_change",
        numerator=tkr(int(row["change_ore"])),
        denominator=tkr(abs(int(row["before_ore"]))),
        part_unit="tkr",
        comparison=f"{then} {row['before_year']}, {now} {row['after_year']}",
    )
