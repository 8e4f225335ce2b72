"""Limits of the procurement act by day, and the windows in which purchases are added up against them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import wording
from procanalysis.schema import LAW_LIMITS, LIMIT_IDS, names, require_columns

OPEN = -1
"""Stands for a limit that is open, since arrays of whole numbers hold no missing value."""
_SPAN = 4_000_000
"""More days than there are from year 1 to 9999: parts the groups in one sorted array."""


def limit_on(limits: pd.DataFrame, limit_id: str, day: date) -> tuple[int | None, str, str]:
    """Look up a limit of the procurement act on one day.

    Parameters: `limits`, schema.LAW_LIMITS; `limit_id`, one of LIMIT_IDS; `day`, both ends of a value's days count.
    Returns the amount in öre (None when the value is open or no value covers the day), its status ('sourced',
    'computed' or 'open') and its source. Of values that overlap the latest begun holds. Raises MeasureError on an
    unknown limit. Source: methods 3.1.

    >>> limits = pd.DataFrame({"limit_id": ["direct_award"], "valid_from": pd.to_datetime(["2022-02-01"]),
    ...     "valid_to": pd.to_datetime([None]), "amount_sek": [700_000], "status": ["sourced"], "source": ["lag"]})
    >>> limit_on(limits, "direct_award", date(2025, 5, 1))
    (70000000, 'sourced', 'lag')
    >>> limit_on(limits, "direct_award", date(2022, 1, 31))[:2]
    (None, 'open')
    """
    if limit_id not in LIMIT_IDS:
        raise MeasureError(f"limit_on: '{limit_id}' is not a limit. {did_you_mean(limit_id, LIMIT_IDS)}")
    require_columns(limits.columns, names(LAW_LIMITS), "limit_on")
    moment, first, last = pd.Timestamp(day), pd.to_datetime(limits["valid_from"]), pd.to_datetime(limits["valid_to"])
    holds = (limits["limit_id"] == limit_id) & (first <= moment) & (last.isna() | (last >= moment))
    if not holds.any():
        return None, "open", f"Det finns inget värde för {day_text(day)}"
    row = limits[holds].iloc[int(np.argmax(first[holds].to_numpy()))]
    if row["status"] == "open" or pd.isna(row["amount_sek"]):
        return None, "open", str(row["source"])
    return int(row["amount_sek"]) * 100, str(row["status"]), str(row["source"])


@dataclass(frozen=True)
class Windows:
    """Hold the days to look at as ordinals: a rolling window per day of the period, and the calendar year."""

    starts: Any
    ends: Any
    year_starts: int
    year_ends: int

    @property
    def until(self) -> int:
        return int(self.ends[-1])


def windows_of(measure: str, period_starts_on: date, period_ends_on: date, as_of: date) -> Windows:
    """Lay out the twelve months that end on each day of a period, up to as_of.

    Raises MeasureError when as_of or the period's end lies before its start.
    """
    until = min(as_of, period_ends_on)
    if until < period_starts_on:
        raise MeasureError(
            f"{measure}: the period begins on {period_starts_on}, after its end or the day of the screening ({until}). "
            "Give an as_of within the period or later."
        )
    ends = pd.date_range(period_starts_on, until, freq="D", unit="us")
    # The day after the same date a year earlier: no window holds the same date twice, leap years included.
    starts = ends - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    return Windows(
        np.array([day.toordinal() for day in starts], dtype="int64"),
        np.array([day.toordinal() for day in ends], dtype="int64"),
        date(until.year, 1, 1).toordinal(),
        date(until.year, 12, 31).toordinal(),
    )


def day_text(day: date) -> str:
    """Write a day in Swedish: 31 januari 2025."""
    return f"{day.day} {wording.MONTHS[day.month - 1]} {day.year}"


def dates(ordinals: Any, known: Any) -> pd.Series[Any]:
    """Turn day numbers into dates, missing where they are not known."""
    days = (np.asarray(ordinals) - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[us]")
    return pd.Series(days).where(pd.Series(known))


class DailySums:
    """Sum the days of each group between any two days, by one running sum over all of them."""

    def __init__(self, group: Any, day: Any, amount_ore: Any) -> None:
        order = np.argsort(group * _SPAN + day, kind="stable")
        self.group, self.day = group[order], day[order]
        self.place = self.group * _SPAN + self.day
        self.running = np.concatenate([np.zeros(1, dtype="int64"), np.cumsum(amount_ore[order], dtype="int64")])

    def between(self, group: Any, first: Any, last: Any) -> Any:
        """Return the sum of each group from its first day to its last, both counted."""
        upper = np.searchsorted(self.place, group * _SPAN + last, side="right")
        lower = np.searchsorted(self.place, group * _SPAN + first, side="left")
        return self.running[upper] - self.running[lower]


def limits_by_day(limits: pd.DataFrame, limit_id: str, windows: Windows) -> Any:
    """Give the limit on each day of the period, in öre."""
    require_columns(limits.columns, names(LAW_LIMITS), "screening")
    edges = {windows.ends[0]}
    for column, after in (("valid_from", 0), ("valid_to", 1)):
        days = pd.to_datetime(limits[column]).dropna()
        edges |= {day.toordinal() + after for day in days if day.year < 9999}
    values = np.full(len(windows.ends), OPEN, dtype="int64")
    for edge in sorted(edge for edge in edges if windows.ends[0] <= edge <= windows.until):
        amount_ore, _, _ = limit_on(limits, limit_id, date.fromordinal(int(edge)))
        values[int(edge - windows.ends[0]) :] = OPEN if amount_ore is None else amount_ore
    return values


@dataclass(frozen=True)
class Found:
    """Hold one window per group: its sum, limit and place, and the first day on which the limit was passed (or -1)."""

    amount_ore: Any
    limit_ore: Any
    starts: Any
    ends: Any
    crossed: Any

    @property
    def is_over(self) -> Any:
        return self.crossed >= 0


def _first_day(group: Any, day: Any, count: int) -> Any:
    """Return the earliest day per group, -1 for groups without one."""
    first = np.full(count, _SPAN, dtype="int64")
    np.minimum.at(first, group, day)
    return np.where(first == _SPAN, -1, first)


def largest_rolling(sums: DailySums, windows: Windows, daily_limits: Any, limit_of: Any) -> Found:
    """Find the largest rolling twelve months of each group; one above its own limit before all others.

    A sum changes only on the day of a posting and on the day when one falls out of the window, and the limit only
    when the law changes: these days are enough.
    """
    count, last = len(limit_of), len(windows.ends)
    falls_out = np.searchsorted(windows.starts, sums.day, side="right")
    comes_in = sums.day - windows.ends[0]
    changes = np.flatnonzero(np.any(np.diff(daily_limits, axis=1) != 0, axis=0)) + 1
    for_all = np.concatenate([[0], changes]).astype("int64")
    group = np.concatenate([sums.group, sums.group, np.repeat(np.arange(count), len(for_all))])
    end = np.concatenate([falls_out, comes_in, np.tile(for_all, count)])
    kept = (end >= 0) & (end < last)
    group, end = group[kept], end[kept]
    amount_ore = sums.between(group, windows.starts[end], windows.ends[end])
    limit_ore = daily_limits[limit_of[group], end]
    over = (limit_ore != OPEN) & (amount_ore > limit_ore)
    order = np.lexsort((end, -amount_ore, ~over, group))
    chosen = order[np.searchsorted(group[order], np.arange(count))]
    at = end[chosen]
    crossed = _first_day(group[over], windows.ends[end[over]], count)
    return Found(amount_ore[chosen], limit_ore[chosen], windows.starts[at], windows.ends[at], crossed)


def calendar_year(sums: DailySums, windows: Windows, daily_limits: Any, limit_of: Any) -> Found:
    """Sum the calendar year so far per group, and find the day on which the year's limit was passed."""
    count, groups = len(limit_of), np.arange(len(limit_of))
    amount_ore = sums.between(groups, windows.year_starts, windows.until)
    limit_ore = daily_limits[limit_of, -1]
    within = sums.day >= windows.year_starts
    group, day = sums.group[within], sums.day[within]
    limit = limit_ore[group]
    is_over = (limit_ore != OPEN) & (amount_ore > limit_ore)
    passed = is_over[group] & (sums.between(group, windows.year_starts, day) > limit)
    crossed = _first_day(group[passed], day[passed], count)
    whole = np.ones(count, dtype="int64")
    return Found(amount_ore, limit_ore, whole * windows.year_starts, whole * windows.until, crossed)


def expected_days(year: Found, windows: Windows) -> Any:
    """Tell on which day the year's limit will be passed if purchases go on as so far; -1 when it will not be."""
    days = windows.until - windows.year_starts + 1
    rises = (year.amount_ore > 0) & (year.limit_ore != OPEN) & (year.amount_ore <= year.limit_ore)
    amount = np.where(rises, year.amount_ore, 1)
    expected = windows.year_starts + year.limit_ore * days // amount
    return np.where(rises & (expected <= windows.year_ends), expected, -1)


def standings(found: Found, near_limit_pct: Decimal | int) -> Any:
    """Compare each window with its limit: exactly at it is not over it, exactly at the share of it is near it."""
    near = {limit: math.ceil(int(limit) * Fraction(near_limit_pct) / 100) for limit in np.unique(found.limit_ore)}
    near_from = np.array([near[limit] for limit in found.limit_ore], dtype="int64")
    known = np.where(found.amount_ore >= near_from, "near", "under")
    return np.where(found.is_over, "over", np.where(found.limit_ore == OPEN, "unknown", known))
