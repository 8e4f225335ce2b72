"""Work out what is bought without a contract against the direct-award limit, from the generator's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.contract_suppliers import ANNEX_2_CATEGORIES, LIMIT_ORE, NEAR_PCT, rolling_sums, year_edges
from procanalysis.example.ledger import PERIOD

Truths = dict[str, Any]
_NEAR_ORE = LIMIT_ORE * NEAR_PCT // 100
_LIMITS = ("direct_award", "direct_award_annex_2")
_NEEDED = ("supplier", "category_code", "day", "year", "amount_ore", "spend_class", "possible")

_DEFINITIONS = {
    "without contract": "postings that LOU covers, no 'ej inköp', with possible_rung below 2; may_ore: possible_rung "
    "of at least 2 but proven_rung below; credit notes keep their sign",
    "year": "the calendar year; crosses_on is the first day at whose end the sum from 1 January is above the limit",
    "rolling": "of the twelve months that end on each day of the year the largest, the earliest of equals; crosses_on "
    "is the first day at whose end the twelve months are above the limit (1 January: above already)",
    "standing": "over: above the limit; near: at least 85 percent of it; open: annex 2, whose limit is not known",
    "listed": "suppliers with a net amount of at least 85 percent of the limit in either window, annex 2 apart",
    "split": "the base without investments by what is known of its contract; above_limit when the supplier's or the "
    "category's sum is over in either window, cannot_be_judged when the limit is open; net of credit notes",
}


def limit_truths(lines: pd.DataFrame, suppliers: pd.DataFrame) -> Truths:
    """Return suppliers and kinds over and near the limit, with and without investments, and the split of the base.

    Parameters: `lines`, from with_rungs, of all years; `suppliers`, their table.
    """
    frame = lines.loc[lines["proven"] < 2, list(_NEEDED)]
    frame = frame.assign(
        is_annex_2=frame["category_code"].isin(ANNEX_2_CATEGORIES).to_numpy(),
        without=frame["possible"].to_numpy() < 2,
    )
    running = frame[~frame["spend_class"].eq("investering")]
    all_in = _screened(frame, suppliers)
    ours = lines["year"].eq(PERIOD) & ~lines["spend_class"].eq("investering")
    proven_ore = int(lines.loc[ours & lines["proven"].ge(2), "amount_ore"].sum())
    return {
        "definitions": _DEFINITIONS,
        "limit_ore": LIMIT_ORE,
        "near_pct": NEAR_PCT,
        "annex_2_categories": list(ANNEX_2_CATEGORIES),
        "with_investments": all_in,
        "without_investments": _screened(running, suppliers),
        "split_with_screening_of_investments": {
            "on_contract": proven_ore,
            **_split(running[running["year"].eq(PERIOD)], all_in),
        },
        "without_contract_ore": int(running.loc[running["without"] & running["year"].eq(PERIOD), "amount_ore"].sum()),
    }


def _screened(frame: pd.DataFrame, suppliers: pd.DataFrame) -> Truths:
    """Judge every supplier and every category, and count the suppliers over the limit this year and last."""
    found = {year: _judged(frame, "supplier", year) for year in (PERIOD - 1, PERIOD)}
    named = [
        {
            "supplier_number": str(suppliers["number"].iat[int(one["key"])]),
            "supplier_name": str(suppliers["name"].iat[int(one["key"])]),
            "supplier_type": str(suppliers["supplier_type"].iat[int(one["key"])]),
            **one,
        }
        for one in found[PERIOD]
    ]
    return {
        "suppliers": named,
        "kinds": _judged(frame, "category_code", PERIOD),
        "suppliers_over": {str(year): _over(found[year], ("year", "rolling")) for year in found},
        "suppliers_over_in_the_year": {str(year): _over(found[year], ("year",)) for year in found},
    }


def _over(judged: list[Truths], windows: tuple[str, ...]) -> int:
    """Count the keys that are over in one of the windows."""
    return len({one["key"] for one in judged if any(one[name]["standing"] == "over" for name in windows)})


def _judged(frame: pd.DataFrame, key: str, year: int) -> list[Truths]:
    """Judge the windows of each key that comes near the limit, in order of key."""
    recent = frame[frame["year"].ge(year - 1) & frame["year"].le(year)]
    place, keys = pd.factorize(recent[key], sort=True)
    group = place * 2 + recent["is_annex_2"].to_numpy()
    days = recent["day"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((days, group))
    amount, without = recent["amount_ore"].to_numpy(), recent["without"].to_numpy()
    this_year = recent["year"].eq(year).to_numpy()
    found = []
    for rows in _near(order, group, np.where(without, np.maximum(amount, 0), 0)):
        sure, may = rows[without[rows]], rows[~without[rows] & this_year[rows]]
        limit_id = _LIMITS[int(group[rows[0]]) % 2]
        told = _windows(days[sure], amount[sure], limit_id, year)
        if max(told["year"]["amount_ore"], told["rolling"]["amount_ore"]) >= _NEAR_ORE:
            value = keys[group[rows[0]] // 2]
            key_told = int(value) if key == "supplier" else str(value)
            found.append({"key": key_told, "limit_id": limit_id, **told, "year_may_ore": int(amount[may].sum())})
    return found


def _near(
    order: npt.NDArray[np.int64], group: npt.NDArray[np.int64], bought: npt.NDArray[np.int64]
) -> Iterator[npt.NDArray[np.int64]]:
    """Give the rows of each group that can come near the limit, in order of day."""
    if not len(order):
        return
    starts = np.flatnonzero(np.concatenate(([True], np.diff(group[order]) != 0)))
    reach = np.add.reduceat(bought[order], starts)
    for rows, most in zip(np.split(order, starts[1:]), reach.tolist(), strict=True):
        if most >= _NEAR_ORE:
            yield rows


def _windows(
    days: npt.NDArray[np.datetime64], amounts: npt.NDArray[np.int64], limit_id: str, year: int
) -> dict[str, Truths]:
    """Sum the calendar year and the rolling twelve months of one supplier or kind."""
    ends, before = year_edges(year)
    summed = np.concatenate(([0], np.cumsum(amounts)))
    running = summed[np.searchsorted(days, ends, side="right")] - summed[np.searchsorted(days, ends[0])]
    rolling = rolling_sums(days, amounts, year)
    at = int(np.argmax(rolling))
    crossed = _first_above(running, ends) if running[-1] > LIMIT_ORE else None
    return {
        "year": _window(int(running[-1]), str(ends[0]), str(ends[-1]), crossed, limit_id),
        "rolling": _window(int(rolling[at]), str(before[at] + 1), str(ends[at]), _first_above(rolling, ends), limit_id),
    }


def _first_above(sums: npt.NDArray[np.int64], ends: npt.NDArray[np.datetime64]) -> str | None:
    above = np.flatnonzero(sums > LIMIT_ORE)
    return str(ends[above[0]]) if len(above) else None


def _window(amount_ore: int, starts_on: str, ends_on: str, crosses_on: str | None, limit_id: str) -> Truths:
    is_open = limit_id == _LIMITS[1]
    known = "over" if crosses_on else "near" if amount_ore >= _NEAR_ORE else "under"
    return {
        "amount_ore": amount_ore,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "crosses_on": None if is_open else crosses_on,
        "standing": "open" if is_open else known,
    }


def _split(ours: pd.DataFrame, screened: Truths) -> dict[str, int]:
    """Part what has no proven contract in the period by what is known of its contract and of the limit."""
    over = {
        name: {one["key"] for one in screened[name] if "over" in (one["year"]["standing"], one["rolling"]["standing"])}
        for name in ("suppliers", "kinds")
    }
    above = ours["supplier"].isin(list(over["suppliers"])) | ours["category_code"].isin(list(over["kinds"]))
    # What is over is judged by the ordinary limit, so it never reaches the open one.
    part = np.where(ours["is_annex_2"], "cannot_be_judged", np.where(above, "above_limit", "plausible"))
    sums = ours["amount_ore"].groupby(np.where(ours["without"], part, "may_have_contract")).sum()
    return {
        name: int(sums.get(name, 0)) for name in ("may_have_contract", "plausible", "above_limit", "cannot_be_judged")
    }
