"""Look at whom the fictional region bought from, and which of them the contract register must leave out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.ledger import PERIOD, YEARS

LIMIT_ORE = 70_000_000
"""The direct-award limit since 2022-02-01, for all but the services of annex 2."""
NEAR_PCT = 85
"""From so many percent of the limit a supplier is near it."""
ANNEX_2_CATEGORIES: tuple[str, ...] = ("04.01", "04.03", "04.05", "04.06", "06.05", "08.06", "15.02", "15.05")
"""Categories that the region counts as services of annex 2; the organisation file says the same."""

_RESERVED_PER_THOUSAND = {
    "over_in_the_year": 3.0,
    "near": 1.5,
    "over_in_a_rolling_year_only": 1.0,
    "over_the_year_before_only": 1.2,
    "annex_2_over": 0.8,
}
_LARGEST_KEPT = 4.0
"""A supplier left without contract buys at most so many times the limit, so that it does not decide the loyalty."""


@dataclass(frozen=True)
class Bought:
    """Hold what was bought from one supplier under LOU, investments left out.

    `lines`, `categories` and `units` (largest first) and the different booking `days` are those of the period;
    `lines_ever` counts every posting of the three years, whatever was bought.
    """

    supplier: int
    amount_ore: int
    before_ore: int
    lines: int
    lines_ever: int
    categories: tuple[str, ...]
    units: tuple[int, ...]
    days: npt.NDArray[np.datetime64]


def in_base(postings: pd.DataFrame) -> pd.Series[bool]:
    """Tell the postings that loyalty is reckoned on: LOU covers them, and they are no investments."""
    return postings["lou_covered"].eq("ja") & ~postings["spend_class"].isin(["ej inköp", "investering"])


def bought_from(postings: pd.DataFrame, base: pd.DataFrame, supplier_count: int) -> list[Bought]:
    """Return one item per supplier, in the order of the suppliers' table; `base` is what in_base selects."""
    ever = np.bincount(postings["supplier"], minlength=supplier_count)
    ours = base[base["year"].eq(PERIOD)]
    now = _sums(ours, supplier_count)
    before = _sums(base[base["year"].eq(PERIOD - 1)], supplier_count)
    lines = np.bincount(ours["supplier"], minlength=supplier_count)
    categories = _largest_first(ours, "category_code")
    units = _largest_first(ours, "unit")
    days, none = _days(ours), np.array([], dtype="datetime64[D]")
    return [
        Bought(
            supplier=who,
            amount_ore=int(now[who]),
            before_ore=int(before[who]),
            lines=int(lines[who]),
            lines_ever=int(ever[who]),
            categories=tuple(map(str, categories.get(who, ()))),
            units=tuple(map(int, units.get(who, ()))),
            days=days.get(who, none),
        )
        for who in range(supplier_count)
    ]


def _sums(frame: pd.DataFrame, supplier_count: int) -> npt.NDArray[np.int64]:
    total = np.zeros(supplier_count, dtype=np.int64)
    np.add.at(total, frame["supplier"].to_numpy(), frame["amount_ore"].to_numpy())
    return total


def _days(frame: pd.DataFrame) -> dict[int, npt.NDArray[np.datetime64]]:
    """List the different booking days of each supplier, in order."""
    pairs = frame[["supplier", "day"]].drop_duplicates().sort_values(["supplier", "day"])
    who, starts = np.unique(pairs["supplier"].to_numpy(), return_index=True)
    parts = np.split(pairs["day"].to_numpy().astype("datetime64[D]"), starts[1:])
    return dict(zip(who.tolist(), parts, strict=bool(len(who))))


def _largest_first(frame: pd.DataFrame, column: str) -> dict[int, list[Any]]:
    sums = frame.groupby(["supplier", column])["amount_ore"].sum().reset_index()
    ranked = sums.sort_values(["supplier", "amount_ore", column], ascending=[True, False, True])
    found: dict[int, list[Any]] = {}
    for who, value in zip(ranked["supplier"].tolist(), ranked[column].tolist(), strict=True):
        found.setdefault(int(who), []).append(value)
    return found


@cache
def year_edges(year: int) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """Return every day of a year, and for each the same day of the year before: twelve months end on the first."""
    ends = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    before = (pd.DatetimeIndex(ends) - pd.DateOffset(years=1)).to_numpy().astype("datetime64[D]")
    return ends, before


def rolling_sums(days: npt.NDArray[np.datetime64], amounts: npt.NDArray[np.int64], year: int) -> npt.NDArray[np.int64]:
    """Sum the twelve months that end on each day of a year, both ends of the window inclusive.

    Parameters: `days`, in order; `amounts` in öre. Returns one sum per day of the year, from 1 January.

    >>> days = np.array(["2024-03-01", "2025-02-28", "2025-03-01"], dtype="datetime64[D]")
    >>> sums = rolling_sums(days, np.array([10, 5, 1]), 2025)
    >>> sums[[0, 57, 58, 59]].tolist()  # 1 January, 27 and 28 February, 1 March
    [10, 10, 15, 6]
    """
    ends, before = year_edges(year)
    summed = np.concatenate(([0], np.cumsum(amounts)))
    first, last = (np.searchsorted(days, edge, side="right") for edge in (before, ends))
    return np.asarray(summed[last] - summed[first], dtype=np.int64)


def without_contract(
    base: pd.DataFrame, bought: list[Bought], suppliers: pd.DataFrame, rng: np.random.Generator
) -> dict[str, list[int]]:
    """Choose the suppliers that the register leaves out, so that every case of the direct-award limit occurs.

    Returns, per case, places in the suppliers' table; a case that no supplier fits is empty.
    """
    ordinary = suppliers["supplier_type"].eq("company") & suppliers["number_status"].eq("valid")
    free = {item.supplier for item in bought if ordinary[item.supplier] and (item.amount_ore or item.before_ore)}
    annex_2 = {item.supplier for item in bought if item.categories and set(item.categories) <= set(ANNEX_2_CATEGORIES)}
    touches = {item.supplier for item in bought if set(item.categories) & set(ANNEX_2_CATEGORIES)}
    largest_rolling = _largest_rolling(base, bought, free - touches)
    near = LIMIT_ORE * NEAR_PCT // 100
    fits: dict[str, list[int]] = {case: [] for case in _RESERVED_PER_THOUSAND}
    for item in bought:
        if item.supplier not in free or item.amount_ore > LIMIT_ORE * _LARGEST_KEPT:
            continue
        rolling = largest_rolling.get(item.supplier, 0)
        if item.supplier in touches:
            if item.supplier in annex_2 and item.amount_ore > LIMIT_ORE:
                fits["annex_2_over"].append(item.supplier)
        elif item.amount_ore > LIMIT_ORE:
            fits["over_in_the_year"].append(item.supplier)
        elif item.before_ore <= LIMIT_ORE < rolling:
            fits["over_in_a_rolling_year_only"].append(item.supplier)
        elif item.amount_ore >= near and rolling <= LIMIT_ORE:
            fits["near"].append(item.supplier)
        elif item.before_ore > LIMIT_ORE and item.amount_ore < near:
            fits["over_the_year_before_only"].append(item.supplier)
    size = len(suppliers)
    return {
        case: sorted(rng.permutation(places)[: max(1, round(size * _RESERVED_PER_THOUSAND[case] / 1000))].tolist())
        for case, places in fits.items()
    }


def _largest_rolling(base: pd.DataFrame, bought: list[Bought], free: set[int]) -> dict[int, int]:
    """Find the largest rolling twelve months of those that may pass the limit in them."""
    within = {
        item.supplier
        for item in bought
        if item.supplier in free and item.amount_ore <= LIMIT_ORE < item.amount_ore + max(0, item.before_ore)
    }
    rows = base[base["supplier"].isin(within) & base["year"].ge(YEARS[1])]
    found = {}
    for _, part in rows.groupby("supplier"):
        days = part["day"].to_numpy().astype("datetime64[D]")
        rolling = rolling_sums(days, part["amount_ore"].to_numpy(), PERIOD)
        found[part["supplier"].tolist()[0]] = int(rolling.max())
    return found
