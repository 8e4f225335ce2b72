"""The postings that the screening looks at, reduced in the engine to sums per supplier, category and day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.direct_awards.windows import Windows
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import Exclusion

DIRECT_AWARD = ["direct_award", "direct_award_annex_2"]
"""The limits that a purchase may be judged by: the common one, and that of social and other special services."""
OUTSIDE = {1: "LOU omfattar inte köpet", 2: "Okänt om LOU omfattar köpet", 3: "Ej inköp", 4: "Investeringar"}


def outside(include_investments: bool) -> nw.Expr:
    """Number the reasons for which a posting stands outside the base; 0 for those within it."""
    lou, spend_class = nw.col("lou_covered").fill_null("okänt"), nw.col("spend_class").fill_null("")
    investment = nw.lit(0 if include_investments else 4)
    bought = nw.when(spend_class == "investering").then(investment).otherwise(nw.lit(0))
    covered = nw.when(spend_class == "ej inköp").then(nw.lit(3)).otherwise(bought)
    unknown = nw.when(lou == "ja").then(covered).otherwise(nw.lit(2))
    return nw.when(lou == "nej").then(nw.lit(1)).otherwise(unknown).cast(nw.Int64)


def marked(matched: NativeFrame, measure: str, include_investments: bool, *more: str) -> nw.LazyFrame[Any]:
    """Mark every posting: why it stands outside, what is known of its contract (2 yes, 1 may, 0 no), and its day."""
    needed = ["amount_ore", "lou_covered", "spend_class", "proven_rung", "possible_rung", "booked_on", *more]
    frame = frames.lazy(matched, needed, measure)
    booked = nw.col("booked_on").dt
    # Wide before they are multiplied: some engines give months in eight bits.
    year, month, day = (part.fill_null(0).cast(nw.Int64) for part in (booked.year(), booked.month(), booked.day()))
    proven, possible = nw.col("proven_rung").fill_null(0) >= 2, nw.col("possible_rung").fill_null(0) >= 2
    may = nw.when(possible).then(nw.lit(1)).otherwise(nw.lit(0))
    return frame.with_columns(
        outside(include_investments).alias("outside"),
        nw.when(proven).then(nw.lit(2)).otherwise(may).cast(nw.Int64).alias("contract"),
        # Numbers, since every engine compares and hands over dates in its own way; 0 stands for a missing date.
        (year * 10000 + month * 100 + day).alias("day"),
    )


def has_register(matched: NativeFrame, measure: str) -> bool:
    """Tell whether the lines were matched against a register: without one every rung is missing."""
    frame = frames.lazy(matched, ["proven_rung"], measure)
    known = frames.collect_pandas(frame.select(nw.col("proven_rung").count().cast(nw.Int64).alias("lines_count")))
    return int(known["lines_count"].iloc[0]) > 0


def ordinals(days: pd.Series[Any]) -> pd.Series[Any]:
    """Turn 20250131 into the number of the day."""
    numbers = {day: date(day // 10000, day // 100 % 100, day % 100).toordinal() for day in days.unique()}
    return days.map(numbers).astype("int64")


def day_number(ordinal: int) -> int:
    """Turn the number of a day into 20250131."""
    day = date.fromordinal(ordinal)
    return day.year * 10000 + day.month * 100 + day.day


def limit_ids(paths: pd.Series[Any], annex_2: Collection[str]) -> pd.Series[Any]:
    """Name the limit of each category: that of annex 2 for the categories given and those below them."""
    codes = set(annex_2)
    which = {
        path: "direct_award_annex_2" if codes & set(str(path).split("/")) else "direct_award"
        for path in paths.dropna().unique()
    }
    return paths.map(which).fillna("direct_award").astype("str")


def kinds_of(paths: pd.Series[Any], kind_level: int) -> pd.Series[Any]:
    """Name the kind of each purchase: its category on a level of the tree, or the lowest it has above that."""
    kinds = {path: str(path).split("/")[:kind_level][-1] for path in paths.unique()}
    return paths.map(kinds).astype("str")


def without_contract(
    matched: NativeFrame, measure: str, windows: Windows, annex_2: Collection[str], include_investments: bool
) -> pd.DataFrame:
    """Sum what has no proven contract per supplier, category and day within reach of the windows, in the engine."""
    more = ("supplier_key", "supplier_name", "supplier_type", "category_path")
    frame = marked(matched, measure, include_investments, *more)
    kept = frame.filter(
        ~nw.col("proven_rung").is_null(),
        nw.col("outside") == 0,
        nw.col("contract") < 2,
        nw.col("day") >= day_number(int(windows.starts[0])),
        nw.col("day") <= day_number(windows.until),
    )
    grouped = kept.group_by("supplier_key", "category_path", "day", "contract").agg(
        nw.col("supplier_name", "supplier_type").min(), nw.col("amount_ore").sum(), nw.len().alias("lines_count")
    )
    daily = frames.collect_pandas(grouped.with_columns(nw.col("amount_ore", "lines_count").cast(nw.Int64)))
    is_sure = daily["contract"] == 0
    return daily.assign(
        category_path=daily["category_path"].fillna(""),
        limit_id=limit_ids(daily["category_path"], annex_2),
        day=ordinals(daily["day"]),
        sure_ore=daily["amount_ore"].where(is_sure, 0),
        may_ore=daily["amount_ore"].mask(is_sure, 0),
    )


def first_posting(matched: NativeFrame, measure: str) -> int:
    """Return the day number of the earliest dated posting, 0 without any."""
    frame = marked(matched, measure, True).filter(nw.col("day") > 0)
    first = frames.collect_pandas(frame.select(nw.col("day").min().fill_null(0).cast(nw.Int64)))
    return int(ordinals(first["day"]).iloc[0]) if first["day"].iloc[0] else 0


def left_out(frame: nw.LazyFrame[Any], reasons: Mapping[int, str]) -> tuple[Exclusion, ...]:
    """Sum what stands outside the screening, by reason."""
    grouped = frame.filter(nw.col("outside") > 0).group_by("outside")
    summed = grouped.agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum())
    rows = frames.collect_pandas(summed.with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64)))
    rows = rows.sort_values("outside")
    return tuple(
        Exclusion(reasons[int(row["outside"])], int(row["lines_count"]), int(row["amount_ore"]))
        for row in rows.to_dict("records")
    )
