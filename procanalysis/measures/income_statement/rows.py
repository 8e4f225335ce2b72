"""The rows of an income statement with their differences reckoned again, and every sum with what is left of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from procanalysis.measures.income_statement.arithmetic import (
    ORE_PER_TKR,
    Comparison,
    Row,
    added_text,
    check_one,
    compared,
    difference_words,
    minus,
    ore_or_none,
    tkr_text,
)
from procanalysis.measures.statement_sums import sums_of
from procanalysis.schema import (
    CONSISTENCY_VERDICTS,
    INCOME_AMOUNTS,
    INCOME_ROW_KINDS,
    INCOME_STATEMENTS,
    names,
    require_columns,
)

_PRINTED_DIFFERENCES = {
    "difference_to_date_ore": ("outcome_ore", "budget_to_date_ore"),
    "difference_full_year_ore": ("forecast_full_year_ore", "budget_full_year_ore"),
}
_RECKONED = {
    "outcome_minus_budget_ore": ("outcome_ore", "budget_to_date_ore"),
    "forecast_minus_budget_ore": ("forecast_full_year_ore", "budget_full_year_ore"),
    "outcome_minus_previous_ore": ("outcome_ore", "outcome_previous_year_ore"),
    "outcome_minus_forecast_ore": ("outcome_ore", "forecast_full_year_ore"),
}
_OFF = {
    "difference_to_date_off_ore": ("difference_to_date_ore", "outcome_minus_budget_ore"),
    "difference_full_year_off_ore": ("difference_full_year_ore", "forecast_minus_budget_ore"),
}
_CHECK_COLUMNS = (
    "row_number", "row", "kind", "relation", "relation_name", "column", "column_name", "printed_ore", "reckoned_ore",
    "off_ore", "rounding_ore", "verdict", "verdict_name", "sentence",
)  # fmt: skip
_RELATIONS = {"sum": "Summa", "difference": "Differens"}
_CHECK_AMOUNTS = ["row_number", "printed_ore", "reckoned_ore", "off_ore", "rounding_ore"]


def income_rows(statement: pd.DataFrame, *, step_ore: int = ORE_PER_TKR) -> pd.DataFrame:
    """Return the rows of an income statement as printed, with every difference reckoned again beside.

    Costs are negative, so a difference above zero is better than what it is compared with, in every row. Parameters:
    statement, schema.INCOME_STATEMENTS of one organisation and year, in öre; step_ore, the last place that is printed.
    Returns the columns of INCOME_STATEMENTS in order of row_number, and kind_name, outcome_minus_budget_ore,
    forecast_minus_budget_ore, outcome_minus_previous_ore, outcome_minus_forecast_ore (Int64, missing where an amount
    is), difference_to_date_off_ore and difference_full_year_off_ore (printed minus reckoned), sum_reckoned_ore and
    sum_off_ore (of the outcome, for totals, net and result), verdict (the worst of the row's checks, one of
    CONSISTENCY_VERDICTS, missing where nothing could be checked), verdict_name and note, which says in Swedish what
    does not add up and is empty when all does. Raises MeasureError on wrong columns or several statements. Source:
    requirements R193–R195; the printed statement of Inköpsnämnden Sörmland Västmanland 2025.
    """
    require_columns(statement.columns, names(INCOME_STATEMENTS), "income_rows")
    checks = income_checks(statement, step_ore=step_ore).to_dict("records")
    found = []
    for row in statement.sort_values("row_number").to_dict("records"):
        own = [check for check in checks if check["row_number"] == row["row_number"]]
        added = [one for one in own if one["relation"] == "sum" and one["column"] == "outcome_ore"]
        verdict = _worst([str(one["verdict"]) for one in own])
        made: Row = {name: row[name] for name in names(INCOME_STATEMENTS)}
        made["kind_name"] = INCOME_ROW_KINDS[str(row["kind"])]
        for name, (one, other) in (_RECKONED | _OFF).items():
            made[name] = minus(ore_or_none(made[one]), ore_or_none(made[other]))
        made["sum_reckoned_ore"] = added[0]["reckoned_ore"] if added else None
        made["sum_off_ore"] = added[0]["off_ore"] if added else None
        made["verdict"] = verdict
        made["verdict_name"] = CONSISTENCY_VERDICTS[verdict] if verdict else None
        made["note"] = " ".join(_notes(own))
        found.append(made)
    amounts = [*INCOME_AMOUNTS, *_RECKONED, *_OFF, "sum_reckoned_ore", "sum_off_ore"]
    columns = [*names(INCOME_STATEMENTS), "kind_name", *amounts[len(INCOME_AMOUNTS) :], "verdict", "verdict_name",
               "note"]  # fmt: skip
    frame = pd.DataFrame(found, columns=columns, dtype=object)
    return frame.astype({"year": "int64", "row_number": "int64"} | dict.fromkeys(amounts, "Int64"))


def _worst(verdicts: Sequence[str]) -> str | None:
    for verdict in ("contradiction", "rounding", "agrees"):
        if verdict in verdicts:
            return verdict
    return None


def _notes(checks: Sequence[Row]) -> Iterator[str]:
    """Say what does not agree; the same slip in several columns is told by the first of them."""
    slips: dict[tuple[object, object], list[Row]] = {}
    for check in checks:
        if check["verdict"] != "agrees":
            slips.setdefault((check["relation"], check["off_ore"]), []).append(check)
    for first, *others in slips.values():
        also = " och ".join(str(one["column_name"]) for one in others)
        yield f"{first['sentence']} Samma skillnad i {also}." if others else str(first["sentence"])


def income_checks(statement: pd.DataFrame, *, step_ore: int = ORE_PER_TKR) -> pd.DataFrame:
    """Reckon every sum and every printed difference of an income statement again.

    Sums, in every column: incomes to their total, costs to theirs, both totals to net, net to the result. Differences,
    in every row: outcome − budget, forecast − budget. off = printed − reckoned; rounding = half a step for the printed
    amount and each that it is reckoned from, which is the most that rounding can make of it. Parameters: statement,
    schema.INCOME_STATEMENTS (or `income_rows`) of one organisation and year; step_ore, the last place that is printed.
    Returns one row per relation that could be reckoned, in order of row: row_number, row, kind, relation (sum or
    difference), relation_name, column, column_name, printed_ore, reckoned_ore, off_ore, rounding_ore, verdict and
    verdict_name (CONSISTENCY_VERDICTS) and sentence, the reckoning in Swedish. A relation with an empty cell
    is left out: an empty cell is unknown, not zero. Raises MeasureError on wrong columns or several statements. Source:
    our own checks C1–C6; requirement R193.
    """
    require_columns(statement.columns, names(INCOME_STATEMENTS), "income_checks")
    check_one(statement, ("organisation", "year"), "income_checks")
    rows = statement.sort_values("row_number").to_dict("records")
    found: list[Row] = []
    for total, parts in sums_of(rows):
        for column in INCOME_AMOUNTS:
            terms = [(str(part["row"]), ore_or_none(part[column])) for part in parts]
            found += _check(total, "sum", column, terms, step_ore)
    for row in rows:
        for column, (after, before) in _PRINTED_DIFFERENCES.items():
            terms = [(after, ore_or_none(row[after])), (before, minus(0, ore_or_none(row[before])))]
            found += _check(row, "difference", column, terms, step_ore)
    found.sort(key=lambda check: (check["row_number"], list(_RELATIONS).index(str(check["relation"]))))
    frame = pd.DataFrame(found, columns=list(_CHECK_COLUMNS), dtype=object)
    return frame.astype(dict.fromkeys(_CHECK_AMOUNTS, "int64"))


def _check(row: Row, relation: str, column: str, terms: Sequence[tuple[str, int | None]], step_ore: int) -> list[Row]:
    """Return the check of one cell, none when it or one that it comes of is empty."""
    printed = ore_or_none(row[column])
    known = [amount for _, amount in terms if amount is not None]
    if printed is None or len(known) < len(terms):
        return []
    found = compared(printed, known, step_ore)
    words = f"{terms[0][0]} är" if len(known) == 1 else f"{added_text(known)} ger"
    return [
        {
            "row_number": int(row["row_number"]),
            "row": str(row["row"]),
            "kind": str(row["kind"]),
            "relation": relation,
            "relation_name": _RELATIONS[relation],
            "column": column,
            "column_name": INCOME_AMOUNTS[column],
            "printed_ore": found.printed,
            "reckoned_ore": found.reckoned,
            "off_ore": found.off,
            "rounding_ore": found.rounding,
            "verdict": found.verdict,
            "verdict_name": CONSISTENCY_VERDICTS[found.verdict],
            "sentence": _sentence(INCOME_AMOUNTS[column], found, words),
        }
    ]


def _sentence(column_name: str, found: Comparison, words: str) -> str:
    if found.verdict == "agrees":
        return f"{column_name}: {tkr_text(found.printed)} stämmer."
    again = f"{words} {tkr_text(found.reckoned)}"
    return f"{column_name}: tryckt {tkr_text(found.printed)}, men {again}. {difference_words(found)}"


def kind_amount(rows: Sequence[dict[Any, Any]], kind: str, column: str) -> int | None:
    """Return an amount of the only row of a kind, or the sum of its parts where the total is not printed.

    None when there is no such row, more than one, or an empty cell.
    """
    own = [row for row in rows if row["kind"] == kind]
    if len(own) == 1:
        return ore_or_none(own[0][column])
    if not own and kind in ("income_total", "cost_total"):
        parts = [ore_or_none(row[column]) for row in rows if row["kind"] == kind.removesuffix("_total")]
        known = [part for part in parts if part is not None]
        return sum(known) if parts and len(known) == len(parts) else None
    return None
