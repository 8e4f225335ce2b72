"""Work out what the contract register gives in loyalty, from the generator's own tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.account_plan import UNITS
from procanalysis.example.ledger import PERIOD

Truths = dict[str, Any]

_OUTSIDE: tuple[tuple[str, Callable[[pd.DataFrame], pd.Series[bool]]], ...] = (
    ("LOU omfattar inte köpet", lambda frame: frame["lou_covered"].eq("nej")),
    ("Okänt om LOU omfattar köpet", lambda frame: ~frame["lou_covered"].isin(["ja", "nej"])),
    ("Ej inköp", lambda frame: frame["spend_class"].eq("ej inköp")),
    ("Investeringar", lambda frame: frame["spend_class"].eq("investering")),
)
"""Why a posting stands outside the base, the first reason that fits."""

_DEFINITIONS = {
    "base": "postings of the period with lou_covered 'ja' whose spend_class is neither 'ej inköp' nor 'investering'",
    "settled": "a credit note's row takes from the purchases of the same supplier, category and unit, the latest day "
    "(then the last row) first; what it cannot take from stands on no rung and lowers the denominator",
    "proven_ore, possible_ore": "settled öre of the postings whose proven_rung, possible_rung reaches the rung",
    "denominator_ore": "net sum of the base; credits_left_ore is what lowers it without a purchase to take from",
    "invoices_all_rows, invoices_any_row": "invoices of which all, or at least one, of the rows in the base reach the "
    "rung; without_credit_notes counts only invoices that have a row above zero",
    "late_ore": "settled öre with proven_rung of at least 2 now and possible_rung_then below 2",
    "may_be_late_ore": "settled öre with proven_rung of at least 2 now, possible_rung_then too, proven_rung_then not",
}


def loyalty_truths(postings: pd.DataFrame, lines: pd.DataFrame) -> Truths:
    """Return base, exclusions and the ladder of the period.

    Parameters: `postings`, all of them; `lines`, from with_rungs, with investments and of all years.
    """
    ours = lines[lines["year"].eq(PERIOD)]
    base = ours[~ours["spend_class"].eq("investering")]
    whole = _settled(base)
    units = pd.Series(np.array(UNITS, dtype=object)[whole["unit"]], whole.index)
    parts, late = _parts(whole), _late(whole)
    return {
        "definitions": _DEFINITIONS,
        "base": _counts(base),
        "excluded": _excluded(postings[postings["year"].eq(PERIOD)]),
        "spend_class_by_lou_ore": _cross(postings[postings["year"].eq(PERIOD)]),
        "ladder": _ladder(whole, "") | _invoices(base, ""),
        "ladder_then": _ladder(whole, "_then") | _invoices(base, "_then"),
        "ladder_with_investments": _ladder(_settled(ours), ""),
        "late_registered": {name: int(sums.sum()) for name, sums in late.items()},
        "late_registered_by_unit": _by(late, units),
        "by_main_category": _by(parts, whole["category_code"].astype("str").str[:2]),
        "by_category": _by(parts, whole["category_code"]),
        "by_unit": _by(parts, units),
    }


def _counts(frame: pd.DataFrame) -> Truths:
    return {
        "rows": len(frame),
        "amount_ore": int(frame["amount_ore"].sum()),
        "invoices": int(frame["invoice"].nunique()),
        "suppliers": int(frame["supplier"].nunique()),
    }


def _excluded(frame: pd.DataFrame) -> dict[str, Truths]:
    left, found = frame, {}
    for reason, holds in _OUTSIDE:
        outside = holds(left)
        found[reason] = {"rows": int(outside.sum()), "amount_ore": int(left.loc[outside, "amount_ore"].sum())}
        left = left[~outside]
    return found


def _cross(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    sums = frame.groupby(["spend_class", "lou_covered"])["amount_ore"].sum().reset_index()
    for row in sums.to_dict("records"):
        found.setdefault(str(row["spend_class"]), {})[str(row["lou_covered"])] = int(row["amount_ore"])
    return found


def _settled(base: pd.DataFrame) -> pd.DataFrame:
    """Let the credit notes take from the purchases; adds settled_ore and credit_left_ore, below zero, per row."""
    places = base["category_code"].cat.codes.to_numpy(dtype=np.int64)
    group = (base["supplier"].to_numpy() * 1_000 + places) * 100 + base["unit"].to_numpy()
    amount = base["amount_ore"].to_numpy()
    settled = np.where(amount > 0, amount, 0)
    left = np.zeros(len(base), dtype=np.int64)
    touched = np.flatnonzero(np.isin(group, group[amount < 0]))
    # Latest first within each group; the order of the index is that of the files.
    order = touched[np.lexsort((-base.index.to_numpy()[touched], -_ordinal(base)[touched], group[touched]))]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(group[order]) != 0)))
    for rows in np.split(order, starts[1:]):
        _settle(rows.tolist(), amount, settled, left)
    return base.assign(settled_ore=settled, credit_left_ore=left)


def _ordinal(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    return np.asarray(frame["day"].to_numpy().astype("datetime64[D]").astype(np.int64))


def _settle(
    rows: Sequence[int],
    amount: npt.NDArray[np.int64],
    settled: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
) -> None:
    """Take the credits of one supplier, category and unit from its purchases, given latest first."""
    credit = -sum(int(amount[row]) for row in rows if amount[row] < 0)
    for row in rows:
        taken = min(credit, int(settled[row]))
        settled[row] -= taken
        credit -= taken
    if credit:
        # The rest has no purchase of its own; any row of the group stands for where it belongs.
        left[rows[0]] = -credit


def _ladder(frame: pd.DataFrame, then: str) -> Truths:
    """Return the öre of every rung; `then` is the ending of the columns to look at."""
    settled = frame["settled_ore"].to_numpy()
    proven, possible = frame[f"proven{then}"].to_numpy(), frame[f"possible{then}"].to_numpy()
    return {
        "denominator_ore": int(settled.sum() + frame["credit_left_ore"].sum()),
        "credits_left_ore": int(frame["credit_left_ore"].sum()),
        "rungs": {
            str(rung): {
                "proven_ore": int(settled[proven >= rung].sum()),
                "possible_ore": int(settled[possible >= rung].sum()),
            }
            for rung in range(1, 5)
        },
    }


def _invoices(base: pd.DataFrame, then: str) -> Truths:
    """Count the invoices on every rung, with all of their rows and with any of them."""
    order = np.argsort(base["invoice"].to_numpy(), kind="stable")
    starts = np.flatnonzero(np.diff(base["invoice"].to_numpy()[order], prepend=-1))
    columns = {name: base[f"{name}{then}"].to_numpy()[order] for name in ("proven", "possible")}
    rungs = {
        f"{name}_{which}": reduce(column, starts)
        for name, column in columns.items()
        for which, reduce in (("all_rows", np.minimum.reduceat), ("any_row", np.maximum.reduceat))
    }
    has_purchase = np.maximum.reduceat(base["amount_ore"].to_numpy()[order], starts) > 0
    return {
        "invoices": _counted(rungs, np.ones(len(starts), dtype=bool)),
        "invoices_without_credit_notes": _counted(rungs, has_purchase),
    }


def _counted(rungs: dict[str, npt.NDArray[np.int8]], kept: npt.NDArray[np.bool_]) -> Truths:
    return {
        "denominator": int(kept.sum()),
        "rungs": {
            str(rung): {name: int((highest[kept] >= rung).sum()) for name, highest in rungs.items()}
            for rung in range(1, 5)
        },
    }


def _by(columns: dict[str, pd.Series[int]], key: pd.Series[str]) -> dict[str, dict[str, int]]:
    """Sum each column per value of the key, in order of the value."""
    summed = pd.DataFrame(columns).groupby(key, sort=True).sum()
    return {str(value): {str(name): int(ore) for name, ore in row.items()} for value, row in summed.iterrows()}


def _parts(frame: pd.DataFrame) -> dict[str, pd.Series[int]]:
    """Return per row what it adds to the denominator and to rungs 2 and 4."""
    settled = frame["settled_ore"]
    told = {"denominator_ore": settled + frame["credit_left_ore"]}
    for rung in (2, 4):
        told[f"rung_{rung}_proven_ore"] = settled.where(frame["proven"] >= rung, 0)
        told[f"rung_{rung}_possible_ore"] = settled.where(frame["possible"] >= rung, 0)
    return told


def _late(frame: pd.DataFrame) -> dict[str, pd.Series[int]]:
    """Return per row what was bought before its contract was registered, by what is known now and was known then."""
    settled, now = frame["settled_ore"], frame["proven"] >= 2
    could_be_known, was_known = frame["possible_then"] >= 2, frame["proven_then"] >= 2
    return {
        "denominator_ore": settled + frame["credit_left_ore"],
        "proven_now_ore": settled.where(now, 0),
        "proven_then_ore": settled.where(was_known, 0),
        "late_ore": settled.where(now & ~could_be_known, 0),
        "may_be_late_ore": settled.where(now & could_be_known & ~was_known, 0),
    }
