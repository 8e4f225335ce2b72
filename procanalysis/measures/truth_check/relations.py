"""Lay out what must hold in a printed table: which figure is the sum or the difference of which."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.statement_sums import sums_of
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    INCOME_AMOUNTS,
    INCOME_STATEMENTS,
    INDICATOR_VALUES,
    MENDED_FIGURES,
    STATED_TERMS,
    names,
    require_columns,
)

Row = dict[Hashable, Any]
Term = tuple[str, str, Any]
"""Role, label and amount in hundredths, which may be missing."""

ORE_PER_TKR = 100_000
INCOME_TABLE = "Resultaträkning"
_ROWS_OF: dict[str, str] = {"income_statements": "row", "indicator_values": "indicator_id"}
_DIFFERENCES = (
    ("difference_to_date_ore", "outcome_ore", "budget_to_date_ore"),
    ("difference_full_year_ore", "forecast_full_year_ore", "budget_full_year_ore"),
)


def income_statement_terms(statements: pd.DataFrame) -> pd.DataFrame:
    """Lay out what must hold in income statements.

    In every column: the total of incomes is the sum of its rows, and so for costs; net is both totals together; the
    result is net. In every row: difference = outcome − budget, and forecast − budget of the whole year. A relation
    with an empty cell is left out. Parameters: statements, schema.INCOME_STATEMENTS. Returns schema.STATED_TERMS in
    whole tkr. Raises MeasureError on wrong columns.
    """
    require_columns(statements.columns, names(INCOME_STATEMENTS), "income_statement_terms")
    found: list[Row] = []
    for _, table in statements.groupby(["organisation", "year"], sort=False):
        rows = table.sort_values("row_number").to_dict("records")
        for column, head in INCOME_AMOUNTS.items():
            for total, parts in sums_of(rows):
                terms = [("part", str(row["row"]), row[column]) for row in parts]
                found += _relation(total, f"{total['row']}, {head}", "sum", total[column], terms, INCOME_TABLE)
        for row in rows:
            for difference, after, before in _DIFFERENCES:
                terms = [("part", INCOME_AMOUNTS[after], row[after]), ("minus", INCOME_AMOUNTS[before], row[before])]
                label = f"{row['row']}, {INCOME_AMOUNTS[difference]}"
                found += _relation(row, label, "difference", row[difference], terms, INCOME_TABLE)
    return _as_terms(found)


def budget_terms(budgets: pd.DataFrame) -> pd.DataFrame:
    """Lay out what must hold in budgets: totals are the sums of their rows, and the result is both together.

    Parameters: budgets, schema.BUDGETS. Returns schema.STATED_TERMS in whole tkr. Raises MeasureError.
    """
    require_columns(budgets.columns, names(BUDGETS), "budget_terms")
    found: list[Row] = []
    for _, table in budgets.groupby(["organisation", "year"], sort=False):
        for total, parts in sums_of(table.to_dict("records")):
            terms = [("part", str(row["row"]), row["amount_ore"]) for row in parts]
            found += _relation(total, str(total["row"]), "sum", total["amount_ore"], terms, "Budget")
    return _as_terms(found)


def cost_deviation_terms(deviations: pd.DataFrame) -> pd.DataFrame:
    """Lay out what must hold for deviations of costs: the total is the sum of its parts, in each comparison.

    Parameters: deviations, schema.COST_DEVIATIONS; of_which rows lie within a part and are not added. Returns
    schema.STATED_TERMS in whole tkr. Raises MeasureError.
    """
    require_columns(deviations.columns, names(COST_DEVIATIONS), "cost_deviation_terms")
    heads = {"budget": "mot budget", "previous_year": "mot föregående år"}
    found: list[Row] = []
    for _, table in deviations.groupby(["organisation", "year", "comparison"], sort=False):
        rows = table.to_dict("records")
        parts = [("part", str(row["row"]), row["amount_ore"]) for row in rows if row["kind"] == "part"]
        for total in (row for row in rows if row["kind"] == "total" and parts):
            label = f"{total['row']} {heads[str(total['comparison'])]}"
            found += _relation(total, label, "sum", total["amount_ore"], parts, "Kostnadsavvikelser")
    return _as_terms(found)


def _relation(row: Row, label: str, rule: str, stated: Any, terms: Sequence[Term], table: str) -> list[Row]:
    """Return the rows of one relation, none when a cell is empty."""
    cells = [stated, *(amount for _, _, amount in terms)]
    if any(pd.isna(cell) for cell in cells):
        return []
    kept: Row = {name: row[name] for name in ("organisation", "year", "source")}
    relation = f"{row['organisation']} {row['year']} {table} {label} {rule}"
    every = [("stated", label, stated), *terms]
    return [
        {
            **kept,
            "relation_id": relation,
            "table": table,
            "rule": rule,
            "role": role,
            "label": name,
            "value": Decimal(int(amount)) / ORE_PER_TKR,
            "unit": "tkr",
            "printed_step": Decimal(1),
            "is_approximate": 0,
        }
        for role, name, amount in every
    ]


def _as_terms(found: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=names(STATED_TERMS), dtype=object)
    return frame.astype({"year": "int64", "is_approximate": "int64"})


def as_read(frame: pd.DataFrame, mended: pd.DataFrame, table: str) -> pd.DataFrame:
    """Put back what the scanned pages were read as, so that the check can show why figures were mended.

    Parameters: frame, schema.INCOME_STATEMENTS or INDICATOR_VALUES; mended, schema.MENDED_FIGURES; table, the name
    that the mended figures use: income_statements or indicator_values. Returns a new frame. Raises MeasureError when a
    mended figure is not in the frame, or is another than the frame holds.
    """
    require_columns(mended.columns, names(MENDED_FIGURES), "as_read")
    if table not in _ROWS_OF:
        raise MeasureError(f"as_read: '{table}' has no mended figures. Valid: {', '.join(_ROWS_OF)}.")
    wanted = INCOME_STATEMENTS if table == "income_statements" else INDICATOR_VALUES
    require_columns(frame.columns, names(wanted), "as_read")
    changed = frame.copy()
    for each in mended[mended["table"] == table].to_dict("records"):
        same = (frame["organisation"] == each["organisation"]) & (frame["year"] == each["year"])
        place = frame.index[same & (frame[_ROWS_OF[table]] == each["row"])]
        in_tkr = str(each["column"]).endswith("_tkr")
        column = f"{str(each['column']).removesuffix('_tkr')}_ore" if in_tkr else str(each["column"])
        old, new = (int(each[name] * ORE_PER_TKR) if in_tkr else each[name] for name in ("mended_to", "read_as"))
        if len(place) != 1 or frame.at[place[0], column] != old:
            raise MeasureError(
                f"as_read: {each['row']}, {each['column']} is not {each['mended_to']} in the frame. "
                "Correct mended_figures.csv or the figure."
            )
        changed.at[place[0], column] = new
    return changed
