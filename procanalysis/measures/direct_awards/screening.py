"""Judge suppliers and kinds of purchases without a contract against the direct-award limit, in words as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.direct_awards.postings import (
    DIRECT_AWARD,
    day_number,
    first_posting,
    kinds_of,
    without_contract,
)
from procanalysis.measures.direct_awards.windows import (
    OPEN,
    DailySums,
    Found,
    Windows,
    calendar_year,
    dates,
    day_text,
    expected_days,
    largest_rolling,
    limits_by_day,
    standings,
    windows_of,
)
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import LIMIT_IDS, require_columns

ALWAYS_POSSIBLE = (
    "Avtal kan finnas utan att vara registrerat, och undantag och synnerlig brådska syns inte i underlaget."
)
"""Why any purchase in the list may be in order, whatever its own reasons are."""

LIMIT_OPEN = "Direktupphandlingsgränsen är inte fastställd i underlaget"

STANDINGS: dict[str, str] = {
    "over": "Över gränsen, bör granskas",
    "near": "Nära gränsen, bör granskas",
    "unknown": "Kan inte bedömas",
    "under": "Under gränsen",
}
"""How a window stands against the limit, the most pressing first."""

_MAY_BE_OVER = "Kan vara över gränsen, okänt om avtal finns"
_UNCATEGORISED = "Okategoriserat"


def _screened(
    daily: pd.DataFrame, key: str, limits: pd.DataFrame, windows: Windows, near_limit_pct: Decimal | int
) -> pd.DataFrame:
    """Judge both windows of every group, one group per key and limit."""
    groups = daily[[key, "limit_id"]].drop_duplicates().sort_values([key, "limit_id"], ignore_index=True)
    number = daily[[key, "limit_id"]].merge(groups.reset_index(names="group"), how="left")["group"]
    summed = daily.assign(group=number).groupby(["group", "day"], as_index=False)[["sure_ore", "may_ore"]].sum()
    group, day = summed["group"].to_numpy("int64"), summed["day"].to_numpy("int64")
    sure, may = summed["sure_ore"].to_numpy("int64"), summed["may_ore"].to_numpy("int64")
    daily_limits = np.array([limits_by_day(limits, limit_id, windows) for limit_id in DIRECT_AWARD])
    limit_of = groups["limit_id"].map(DIRECT_AWARD.index).to_numpy("int64")
    known, unknown, together = (DailySums(group, day, amount) for amount in (sure, may, sure + may))
    told: dict[str, Any] = {}
    over_if_none = np.zeros(len(groups), dtype=bool)
    found: dict[str, Found] = {}
    for name, look in (("year", calendar_year), ("rolling", largest_rolling)):
        one = found[name] = look(known, windows, daily_limits, limit_of)
        told |= {
            f"{name}_amount_ore": one.amount_ore,
            f"{name}_may_ore": unknown.between(np.arange(len(groups)), one.starts, one.ends),
            f"{name}_limit_ore": pd.Series(one.limit_ore, dtype="Int64").mask(one.limit_ore == OPEN),
            f"{name}_starts_on": dates(one.starts, one.starts > 0),
            f"{name}_ends_on": dates(one.ends, one.ends > 0),
            f"{name}_status": standings(one, near_limit_pct),
            f"{name}_crosses_on": dates(one.crossed, one.crossed > 0),
        }
        over_if_none |= look(together, windows, daily_limits, limit_of).is_over
    judged = pd.concat([groups, pd.DataFrame(told)], axis="columns")
    both = judged[["year_status", "rolling_status"]]
    status = pd.Series("under", index=judged.index, dtype="str")
    for code in ("near", "unknown", "over"):
        status = status.mask((both == code).any(axis="columns"), code)
    status = status.mask(judged[key] == "", "unknown")
    forecast = np.where(status.isin(["near", "under"]), expected_days(found["year"], windows), -1)
    return judged.assign(
        status=status,
        may_be_over=(status != "over") & over_if_none,
        crosses_on=judged[["year_crosses_on", "rolling_crosses_on"]]
        .min(axis="columns")
        .where(status == "over")
        .fillna(dates(forecast, forecast > 0)),
        window_start=found["rolling"].starts,
        window_end=found["rolling"].ends,
    )


def _with_facts(judged: pd.DataFrame, daily: pd.DataFrame, key: str) -> pd.DataFrame:
    """Add what was bought within the window shown, and the words for the standing."""
    spans = judged[[key, "limit_id", "window_start", "window_end"]]
    within = daily.merge(spans, on=[key, "limit_id"])
    within = within[(within["day"] >= within["window_start"]) & (within["day"] <= within["window_end"])]
    facts = within.groupby([key, "limit_id"]).agg(
        lines_count=("lines_count", "sum"),
        categories_count=("category_path", "nunique"),
        suppliers_count=("supplier_key", "nunique"),
    )
    result = judged.merge(facts, left_on=[key, "limit_id"], right_index=True, how="left")
    counts = result[["lines_count", "categories_count", "suppliers_count"]].fillna(0).astype("int64")
    name = result["status"].map(STANDINGS).mask((result["status"] == "under") & result["may_be_over"], _MAY_BE_OVER)
    return result.assign(
        **counts, status_name=name.astype("str"), limit_name=result["limit_id"].map(LIMIT_IDS).astype("str")
    ).drop(columns=["window_start", "window_end"])


def _crossing(row: Mapping[Any, Any], windows: Windows) -> str:
    """Say in words when the limit was or will be passed."""
    if row["status"] == "unknown":
        return ""
    if pd.isna(row["crosses_on"]):
        return "Passeras inte i år i nuvarande takt" if windows.until < windows.year_ends else "Har inte passerats"
    day = row["crosses_on"].date()
    if row["status"] != "over":
        return f"Beräknas passeras {day_text(day)}"
    begun = day.toordinal() == windows.ends[0] and not pd.isna(row["rolling_crosses_on"])
    return "Redan över när perioden började" if begun else f"Passerad {day_text(day)}"


def _reasons(row: Mapping[Any, Any]) -> str:
    """Say why purchases at or above the limit may be in order, besides what always may; empty where none is needed."""
    if row["status"] == "under" and not row["may_be_over"]:
        return ""
    told = []
    if pd.isna(row["rolling_limit_ore"]) or pd.isna(row["year_limit_ore"]):
        told.append(LIMIT_OPEN)
    if row["limit_id"] == "direct_award_annex_2":
        told.append("Sociala eller andra särskilda tjänster (bilaga 2) har en egen, högre gräns")
    if row.get("supplier_type") == "public":
        told.append("Säljaren är en offentlig organisation, och köpet kan vara undantaget")
    if row.get("supplier_type") is not None and row["categories_count"] > 1:
        told.append(f"Köpen är av {row['categories_count']} slag, som kan räknas var för sig")
    if row.get("supplier_type") is None and row["suppliers_count"] > 1:
        told.append(f"Köpen är gjorda hos {row['suppliers_count']} leverantörer och kan vara av olika slag")
    if (may_ore := max(row["year_may_ore"], row["rolling_may_ore"])) > 0:
        told.append(f"Ytterligare {wording.amount_text(may_ore)} kan ha avtal")
    return "; ".join(told)


_IN_WORDS = (
    "status", "may_be_over", "limit_id", "crosses_on", "rolling_crosses_on", "rolling_limit_ore", "year_limit_ore",
    "year_may_ore", "rolling_may_ore", "supplier_type", "categories_count", "suppliers_count",
)  # fmt: skip
"""What the sentences are made from."""


def _worded(result: pd.DataFrame, windows: Windows, first_day: int) -> pd.DataFrame:
    """Add the sentences, and order by standing, then amount."""
    rows = result[[name for name in _IN_WORDS if name in result]].to_dict("records")
    month = day_number(first_day) // 100 if first_day else 0
    starts = result["rolling_starts_on"].dt
    rank = result["status"].map(list(STANDINGS).index)
    return (
        result.assign(
            crossing=pd.Series([_crossing(row, windows) for row in rows], dtype="str"),
            reasons=pd.Series([_reasons(row) for row in rows], dtype="str"),
            # By month: a ledger need not have a posting on the very first day.
            rolling_is_complete=(starts.year * 100 + starts.month >= month),
            rank=rank,
        )
        .sort_values(["rank", "rolling_amount_ore", *result.columns[:2]], ascending=[True, False, True, True])
        .drop(columns="rank")
        .reset_index(drop=True)
    )


def screening(
    matched: NativeFrame,
    *,
    limits: pd.DataFrame,
    period_starts_on: date,
    period_ends_on: date,
    as_of: date,
    near_limit_pct: Decimal | int = 85,
    annex_2_categories: Collection[str] = (),
    include_investments: bool = True,
) -> pd.DataFrame:
    """Compare what is bought of each supplier without a contract with the direct-award limit.

    Looks at postings that LOU covers with proven_rung below 2. Those with possible_rung of at least 2 may have a
    contract: they stand in columns of their own (`_may_ore`) and never make a supplier 'over'. Two windows: the
    calendar year of the last day, up to that day; and the largest of the rolling twelve months that end on each day
    of the period (a window above the limit of its own last day before all others). The last day is the earlier of
    period_ends_on and as_of. over: amount > limit on the window's last day; near: amount × 100 >= limit ×
    near_limit_pct; unknown: the limit is open.

    Parameters: `matched`, every posting up to the period's end with schema.MAPPED_COLUMNS and MATCHED_COLUMNS, at
    least a year back; `limits`, schema.LAW_LIMITS; `near_limit_pct`, 0 to 100; `annex_2_categories`, codes of social
    and other special services (with all below them), which are judged by a limit of their own;
    `include_investments`: the law does not except them.

    Returns one row per supplier and limit: supplier_key, limit_id, year_ and rolling_ amount_ore, may_ore, limit_ore
    (missing when open), starts_on, ends_on, status (code of STANDINGS) and crosses_on (the first day above the limit),
    status (the most pressing), may_be_over (over if what may have a contract has none), crosses_on (when it was passed;
    else when it will be, at the year's amount per day, within the year), lines_count, categories_count and
    suppliers_count (in the rolling window), status_name, limit_name, supplier_name, supplier_type, crossing and
    reasons (Swedish sentences), rolling_is_complete (the ledger reaches back to the window's first month). Empty
    without a register: see suppliers_above_limit. Raises MeasureError. Source: methods 3.2, 3.3.
    """
    frames.check_range("screening", "near_limit_pct", near_limit_pct, 0, 100)
    windows = windows_of("screening", period_starts_on, period_ends_on, as_of)
    daily = without_contract(matched, "screening", windows, annex_2_categories, include_investments)
    judged = _with_facts(_screened(daily, "supplier_key", limits, windows, near_limit_pct), daily, "supplier_key")
    names = daily.groupby("supplier_key", as_index=False)[["supplier_name", "supplier_type"]].min()
    return _worded(judged.merge(names, how="left"), windows, first_posting(matched, "screening"))


def screening_by_kind(
    matched: NativeFrame,
    *,
    limits: pd.DataFrame,
    period_starts_on: date,
    period_ends_on: date,
    as_of: date,
    taxonomy: pd.DataFrame,
    kind_level: int = 2,
    near_limit_pct: Decimal | int = 85,
    annex_2_categories: Collection[str] = (),
    include_investments: bool = True,
) -> pd.DataFrame:
    """Compare what is bought of each kind without a contract with the direct-award limit, whatever the supplier.

    A kind is the category at kind_level of the posting's category path (its own category where the path is shorter).
    What is of the same kind is a legal judgement: the category only points at it. Parameters: as for `screening`;
    `taxonomy`, schema.TAXONOMY, for the names; `kind_level`, 1 for main categories. Returns the columns of `screening`
    with kind_code (missing for postings without a category, whose kind cannot be judged) and kind_name in the place of
    the supplier's. Raises MeasureError. Source: methods 3.3.
    """
    frames.check_range("screening_by_kind", "kind_level", kind_level, 1, 9)
    frames.check_range("screening_by_kind", "near_limit_pct", near_limit_pct, 0, 100)
    require_columns(taxonomy.columns, ["category_code", "name"], "screening_by_kind")
    windows = windows_of("screening_by_kind", period_starts_on, period_ends_on, as_of)
    daily = without_contract(matched, "screening_by_kind", windows, annex_2_categories, include_investments)
    daily["kind_code"] = kinds_of(daily["category_path"], kind_level)
    judged = _with_facts(_screened(daily, "kind_code", limits, windows, near_limit_pct), daily, "kind_code")
    names = dict(zip(taxonomy["category_code"], taxonomy["name"], strict=True)) | {"": _UNCATEGORISED}
    kind_name = judged["kind_code"].map(lambda code: names.get(code, code)).astype("str")
    result = _worded(judged.assign(kind_name=kind_name), windows, first_posting(matched, "screening_by_kind"))
    return result.assign(kind_code=result["kind_code"].mask(result["kind_code"] == ""))
