"""The enabled savings that a board has printed for a year: new and running contracts, the total, and the target."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.measures.wording import HARD_SPACE, number_text
from procanalysis.schema import PUBLISHED_SAVING_KINDS, PUBLISHED_SAVINGS, KeyFigure, kronor, names, require_columns

_KIND_ORDER = {kind: place for place, kind in enumerate(("new", "running", "total", "target"))}


@dataclass(frozen=True, kw_only=True)
class PrintedSavings:
    """Hold the printed savings of a year; amounts are öre, None where none is printed.

    rows has one row per printed figure of the year, and the sum of the new contracts where they are printed by
    receiver: kind, kind_name, part, amount_ore, is_approximate. gap_ore is target minus total: negative when the target
    is passed. next_target_ore is the target of the next year.
    """

    year: int
    rows: pd.DataFrame
    total_ore: int | None
    new_ore: int | None
    running_ore: int | None
    target_ore: int | None
    gap_ore: int | None
    next_target_ore: int | None
    figure: KeyFigure


def printed_saving(savings: pd.DataFrame, *, year: int) -> PrintedSavings:
    """Lay out the enabled savings that one board has printed for a year, beside the target of the same year.

    Formula: gap = target - total. The new contracts are the sum over their receivers.

    Parameters: savings, schema.PUBLISHED_SAVINGS of one board, all years; year, the report's. Returns PrintedSavings;
    its figure is unknown when no total is printed for the year. A target of another year is never used for this one.
    Raises MeasureError on wrong columns. Source: requirements R81, R198.
    """
    require_columns(savings.columns, names(PUBLISHED_SAVINGS), "printed_saving")
    own = savings[savings["year"] == year]
    sums = {kind: _sum(own, kind) for kind in PUBLISHED_SAVING_KINDS}
    gap = None if sums["total"] is None or sums["target"] is None else sums["target"] - sums["total"]
    return PrintedSavings(
        year=year,
        rows=_rows(own, sums["new"]),
        total_ore=sums["total"],
        new_ore=sums["new"],
        running_ore=sums["running"],
        target_ore=sums["target"],
        gap_ore=gap,
        next_target_ore=_sum(savings[savings["year"] == year + 1], "target"),
        figure=KeyFigure(
            id="printed_saving",
            label=f"Möjliggjord besparing {year}",
            value=None if sums["total"] is None else kronor(sums["total"]),
            unit="SEK",
            method="printed_saving",
            comparison=_against_target(sums["target"], gap, year),
            unknown_because=f"Ingen besparing är publicerad för {year}" if sums["total"] is None else "",
        ),
    )


def _sum(own: pd.DataFrame, kind: str) -> int | None:
    amounts = own.loc[own["kind"] == kind, "amount_ore"]
    return None if amounts.empty else int(amounts.sum())


def _rows(own: pd.DataFrame, new_ore: int | None) -> pd.DataFrame:
    found: list[dict[str, Any]] = [
        {name: row[name] for name in ("kind", "part", "amount_ore")} | {"is_approximate": bool(row["is_approximate"])}
        for row in own.to_dict("records")
    ]
    new = [row for row in found if row["kind"] == "new"]
    if len(new) > 1:
        approximate = any(row["is_approximate"] for row in new)
        found.append({"kind": "new", "part": "Summa", "amount_ore": new_ore, "is_approximate": approximate})
    found.sort(key=lambda row: _KIND_ORDER[row["kind"]])
    for row in found:
        row["kind_name"] = PUBLISHED_SAVING_KINDS[row["kind"]]
    columns = ["kind", "kind_name", "part", "amount_ore", "is_approximate"]
    return pd.DataFrame(found, columns=columns).astype({"amount_ore": "int64", "is_approximate": "bool"})


def _against_target(target: int | None, gap: int | None, year: int) -> str:
    if target is None:
        return f"inget mål för {year} är publicerat"
    if gap is None:
        return f"målet var {_million(target)}"
    if gap == 0:
        return f"målet {_million(target)} är nått"
    return f"{_million(abs(gap))} {'under' if gap > 0 else 'över'} målet {_million(target)}"


def _million(amount_ore: int) -> str:
    return f"{number_text(Decimal(kronor(amount_ore)).scaleb(-6), 1)}{HARD_SPACE}mnkr"
