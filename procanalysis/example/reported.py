"""Write what the fictional region has reported about itself, in the tables that boards' published figures have."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from procanalysis.example.ledger import PERIOD
from procanalysis.example.reported_figures import (
    FIRST_YEAR,
    SERIES,
    WRONG_PERCENT,
    Cells,
    goal_statuses,
    outcomes,
    staff_figures,
    stated_terms,
    status_scales,
)
from procanalysis.example.reported_statements import (
    COST_TOTAL,
    RESULT,
    ROUNDED_TKR,
    UNEXPLAINED_TKR,
    budgets,
    cost_deviations,
    income_statements,
)
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    GOAL_STATUSES,
    INCOME_AMOUNTS,
    INCOME_STATEMENTS,
    INDICATOR_VALUES,
    MENDED_FIGURES,
    STAFF_FIGURES,
    STATED_TERMS,
    STATUS_SCALES,
    Column,
)

REPORTED_FOLDER = "rapporterat"
"""Beside the ledger; params/indicators/exempel.yml names it."""


def write_reported(directory: Path) -> dict[str, Any]:
    """Write the reported tables into a folder of their own, and return what is planted in them."""
    folder = directory / REPORTED_FOLDER
    folder.mkdir(exist_ok=True)
    tables: dict[str, tuple[Sequence[Column], list[Cells]]] = {
        "indicator_values": (INDICATOR_VALUES, outcomes()),
        "income_statements": (INCOME_STATEMENTS, income_statements()),
        "budgets": (BUDGETS, budgets()),
        "cost_deviations": (COST_DEVIATIONS, cost_deviations()),
        "staff": (STAFF_FIGURES, staff_figures()),
        "goal_statuses": (GOAL_STATUSES, goal_statuses()),
        "status_scales": (STATUS_SCALES, status_scales()),
        "stated_terms": (STATED_TERMS, stated_terms()),
        "mended_figures": (MENDED_FIGURES, []),
    }
    for name, (columns, rows) in tables.items():
        _write(folder / f"{name}.csv", columns, rows)
    return _truths({name: len(rows) for name, (_, rows) in tables.items()})


def _write(path: Path, columns: Sequence[Column], rows: Sequence[Cells]) -> None:
    header = [_in_file(column) for column in columns]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _in_file(column: Column) -> str:
    """Name a column as the published tables do: money is in whole tkr there."""
    return f"{column.name.removesuffix('_ore')}_tkr" if column.name.endswith("_ore") else column.name


def _truths(rows: dict[str, int]) -> dict[str, Any]:
    """Tell what a truth check of the year must find, and which outcomes are missing or in doubt."""
    outcome, difference = INCOME_AMOUNTS["outcome_ore"], INCOME_AMOUNTS["difference_to_date_ore"]
    comments = [(series, year - FIRST_YEAR, year) for series in SERIES for year, _ in series.comments]
    return {
        "year": PERIOD,
        "rows": rows,
        "contradictions": [
            {"row": f"{RESULT}, {outcome}", "difference": UNEXPLAINED_TKR},
            {"row": f"{RESULT}, {difference}", "difference": UNEXPLAINED_TKR},
            {"row": WRONG_PERCENT, "difference": None},
        ],
        "within_rounding": [
            {"row": f"{COST_TOTAL}, {outcome}", "difference": ROUNDED_TKR},
            {"row": f"{COST_TOTAL}, {difference}", "difference": ROUNDED_TKR},
            {"row": "Kostnader totalt mot budget", "difference": -ROUNDED_TKR},
            {"row": "Kostnader totalt mot föregående år", "difference": -ROUNDED_TKR},
        ],
        "missing_outcomes": [[one.indicator_id, year] for one, place, year in comments if not one.outcomes[place]],
        "doubtful_outcomes": [[one.indicator_id, year] for one, place, year in comments if one.outcomes[place]],
    }
