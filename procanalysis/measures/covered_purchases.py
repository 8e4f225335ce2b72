"""The purchases that LOU covers, less the credit notes that reduce them: what loyalty is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import Exclusion

EXCLUDED: tuple[str, ...] = ("LOU omfattar inte köpet", "Okänt om LOU omfattar köpet", "Investeringar", "Ej inköp")
"""Why a posting is not in the base. One with two reasons counts under the first of them."""

SUPPLIER_RUNG, CATEGORY_RUNG, HIGHEST_RUNG = 2, 4, 4
_RUNG_COLUMNS = ("proven_rung", "possible_rung", "proven_rung_then", "possible_rung_then")
_BASE = (
    "line_id", "supplier_key", "category_code", "unit", "booked_on", "invoice_key", "amount_ore", "lou_covered",
    "spend_class", *_RUNG_COLUMNS,
)  # fmt: skip
FIGURES = (
    "denominator_ore", "supplier_proven_ore", "supplier_possible_ore", "category_proven_ore", "category_possible_ore",
    "late_registered_ore", "late_possible_ore", "lines_count",
)  # fmt: skip


@dataclass(frozen=True)
class LoyaltyBase:
    """Hold what loyalty is measured on, lazily in the frame's own engine, and what was left out.

    lines has settled_ore: a purchase less the credit notes that reduce it; for a credit note, what found no purchase.
    The settled amounts sum to the postings' net. unknown_because says that there is no contract register.
    """

    lines: nw.LazyFrame[Any]
    excluded: tuple[Exclusion, ...]
    unknown_because: str

    def cells(self, keys: Sequence[str] = (), names: Sequence[str] = ()) -> pd.DataFrame:
        """Sum the base per key and rungs, as `covered_cells` does."""
        return covered_cells(self.lines, keys, names)

    def with_month(self) -> LoyaltyBase:
        """Add month, as 202503, 0 when the day is missing, to part the base by."""
        year, month = year_and_month()
        return replace(self, lines=self.lines.with_columns(month=year * 100 + month))

    def with_supplier_size(self, limit_ore: int) -> LoyaltyBase:
        """Add supplier_size: 1 where the supplier's net in the base and calendar year reaches the limit, else 0."""
        year, _ = year_and_month()
        net = nw.col("settled_ore").sum().over("supplier_key", "__year")
        sized = self.lines.with_columns(__year=year).with_columns(supplier_size=(net >= limit_ore).cast(nw.Int64))
        return replace(self, lines=sized)

    def items_above(self, limit_ore: int, names: Sequence[str]) -> pd.DataFrame:
        """Sum the invoices whose net is above a limit, per invoice and rungs; a posting without number is its own.

        Returns __item, the rungs, the first of each of `names`, amount_ore (net) and the columns of `covered_cells`.
        """
        own = nw.concat_str(nw.lit("line "), nw.col("line_id").cast(nw.String))
        lines = self.lines.with_columns(__item=nw.coalesce(nw.col("invoice_key"), own))
        net = lines.group_by("__item").agg(nw.col("amount_ore").sum()).filter(nw.col("amount_ore") > limit_ore)
        large = lines.join(net.select("__item"), on="__item", how="semi")
        return _with_figures(_summed(large, ["__item"], names, ("amount_ore", "settled_ore")))

    def invoices(self) -> pd.DataFrame:
        """Count the invoices by the lowest of each rung among their purchases: the rungs and invoices_count."""
        bought = self.lines.filter((nw.col("is_purchase") == 1) & ~nw.col("invoice_key").is_null())
        lowest = bought.group_by("invoice_key").agg(nw.col(name).min() for name in _RUNG_COLUMNS)
        counted = lowest.group_by(*_RUNG_COLUMNS).agg(nw.len().alias("invoices_count"))
        return frames.collect_pandas(counted.with_columns(nw.col("invoices_count").cast(nw.Int64)))

    def on_highest_rung(self, *, as_then: bool) -> pd.DataFrame:
        """Sum per invoice the purchases that reach the highest rung, and tell the lowest rungs of the whole invoice.

        Returns invoice_key, proven_ore, possible_ore (the proven ones among them), lowest_proven, lowest_possible; only
        the invoices of which something may reach it.
        """
        suffix, settled = "_then" if as_then else "", nw.col("settled_ore")
        bought = self.lines.filter((nw.col("is_purchase") == 1) & ~nw.col("invoice_key").is_null())
        marked = bought.with_columns(
            nw.when(nw.col(f"{word}_rung{suffix}") >= HIGHEST_RUNG)
            .then(settled)
            .otherwise(nw.lit(0))
            .alias(f"{word}_ore")
            for word in ("proven", "possible")
        )
        summed = marked.group_by("invoice_key").agg(
            nw.col("proven_ore", "possible_ore").sum(),
            nw.col(f"proven_rung{suffix}").min().alias("lowest_proven"),
            nw.col(f"possible_rung{suffix}").min().alias("lowest_possible"),
        )
        reaching = summed.filter((nw.col("possible_ore") > 0) | (nw.col("lowest_possible") >= HIGHEST_RUNG))
        figures = ("proven_ore", "possible_ore", "lowest_proven", "lowest_possible")
        return frames.collect_pandas(reaching.with_columns(nw.col(*figures).cast(nw.Int64)))


@dataclass(frozen=True)
class CoveredPurchases(LoyaltyBase):
    """Hold the base for several measures: summed once, in the engine, and rolled up for each of them.

    Every measure of `loyalty` takes it in the place of the matched postings. sums has one row per supplier, category,
    unit, month and rungs; what is asked of single invoices is asked of lines.
    """

    sums: pd.DataFrame

    def with_month(self) -> LoyaltyBase:
        """Return itself: the sums are kept per month."""
        return self

    def with_supplier_size(self, limit_ore: int) -> LoyaltyBase:
        """Add supplier_size to the sums."""
        in_year = self.sums.assign(year=self.sums["month"] // 100).groupby(["supplier_key", "year"], dropna=False)
        reaches = in_year["settled_ore"].transform("sum") >= limit_ore
        return replace(self, sums=self.sums.assign(supplier_size=reaches.astype("int64")))

    def cells(self, keys: Sequence[str] = (), names: Sequence[str] = ()) -> pd.DataFrame:
        """Sum the base per key and rungs; the keys are those that the sums are kept by, and their names."""
        grouped = self.sums.groupby([*keys, *_RUNG_COLUMNS, "is_purchase"], dropna=False, as_index=False)
        cells = grouped[["settled_ore", "lines_count"]].sum()
        for name in names:
            cells[name] = grouped[name].min()[name]
        return _with_figures(cells)

    def invoices(self) -> pd.DataFrame:
        """Count the invoices by the lowest of each rung among their purchases, once."""
        return self._invoices

    @cached_property
    def _invoices(self) -> pd.DataFrame:
        return super().invoices()


def covered_purchases(matched: NativeFrame, *, include_investments: bool = False) -> CoveredPurchases:
    """Make the base of loyalty once, for a report that asks several measures of it.

    Parameters and errors: as for `loyalty_base`. Returns CoveredPurchases. Source: methods 2.2.
    """
    names = ("supplier_name", "supplier_type", "category_name", "main_category_name")
    base = loyalty_base(matched, include_investments=include_investments, carried=("main_category_code", *names))
    keys = ("supplier_key", "category_code", "main_category_code", "unit", "month")
    sums = _summed(base.with_month().lines, keys, names)
    return CoveredPurchases(base.lines, base.excluded, base.unknown_because, sums)


def base_of(
    matched: NativeFrame | LoyaltyBase, *, include_investments: bool, carried: Sequence[str] = ()
) -> LoyaltyBase:
    """Return the base that is given, or make it; a base that is given has decided about the investments itself."""
    if isinstance(matched, LoyaltyBase):
        return matched
    return loyalty_base(matched, include_investments=include_investments, carried=carried)


def loyalty_base(
    matched: NativeFrame, *, include_investments: bool = False, carried: Sequence[str] = ()
) -> LoyaltyBase:
    """Keep the purchases that LOU covers, and let each credit note reduce the purchases that it belongs to.

    A credit note reduces the purchases of the same supplier, category and unit, the latest (booked_on, then line_id;
    a missing day counts as earliest) first, down to zero. What is left stands on the latest credit notes as a minus: on
    no rung, but in the denominator. So no credit note can make the ladder rise.

    Parameters: `matched`, one row per posting, as match_contracts returns them; `include_investments`, whether
    purchases booked as investments are in; `carried`, further columns to keep. Returns a LoyaltyBase. Raises
    MeasureError when a column is missing. Source: methods 1.1 and 2.2.

    >>> matched = pd.DataFrame({"line_id": [1, 2, 3], "supplier_key": ["a"] * 3, "category_code": ["05"] * 3,
    ...     "unit": ["Norr"] * 3, "booked_on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-01-15"]),
    ...     "invoice_key": ["1", "2", "3"], "amount_ore": [500, 100, -150], "lou_covered": ["ja"] * 3,
    ...     "spend_class": ["adresserbar"] * 3, "proven_rung": [4] * 3, "possible_rung": [4] * 3,
    ...     "proven_rung_then": [4] * 3, "possible_rung_then": [4] * 3})
    >>> frames.collect_pandas(loyalty_base(matched).lines)["settled_ore"].tolist()
    [450, 0, 0]
    """
    frame = frames.lazy(matched, (*_BASE, *carried), "loyalty_base")
    covered, spend_class = nw.col("lou_covered").fill_null("okänt"), nw.col("spend_class").fill_null("")
    investment = nw.lit(not include_investments) & (spend_class == "investering")
    reason = nw.lit(len(EXCLUDED))
    for place, condition in reversed(
        list(enumerate((covered == "nej", covered != "ja", investment, spend_class == "ej inköp")))
    ):
        reason = nw.when(condition).then(nw.lit(place)).otherwise(reason)
    # Without a register the rungs are missing: -1 keeps them whole numbers in every engine.
    rungs = nw.col(*_RUNG_COLUMNS).fill_null(-1).cast(nw.Int64)
    reasoned = frame.with_columns(rungs, __reason=reason.cast(nw.Int64))
    counted = frames.collect_pandas(
        reasoned.group_by("__reason")
        .agg(nw.len().alias("rows"), nw.col("amount_ore").sum(), nw.col("proven_rung").max())
        .with_columns(nw.col("rows", "amount_ore", "proven_rung").cast(nw.Int64))
    ).sort_values("__reason")
    excluded = tuple(
        Exclusion(EXCLUDED[row["__reason"]], int(row["rows"]), int(row["amount_ore"]))
        for row in counted.to_dict("records")
        if row["__reason"] < len(EXCLUDED)
    )
    unknown = wording.NO_CONTRACT_REGISTER if len(counted) and int(counted["proven_rung"].max()) < 0 else ""
    inside = reasoned.filter(nw.col("__reason") == len(EXCLUDED)).drop("__reason")
    return LoyaltyBase(_settled(inside), excluded, unknown)


def _settled(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add settled_ore, and is_purchase: 1 for a posting above zero, else 0."""
    kept = frame.collect_schema().names()
    amount = nw.col("amount_ore")
    parts = frame.with_columns(
        __category=nw.col("category_code").fill_null(""),
        __unit=nw.col("unit").fill_null(""),
        __day=_day_number(),
        __bought=nw.when(amount > 0).then(amount).otherwise(nw.lit(0)).cast(nw.Int64),
        __credit=nw.when(amount < 0).then(-amount).otherwise(nw.lit(0)).cast(nw.Int64),
    )
    group, order = ("supplier_key", "__category", "__unit"), ("__day", "line_id")
    both = nw.col("__bought", "__credit")
    sums = parts.with_columns(
        both.sum().over(*group).cast(nw.Int64).name.suffix("_all"),
        both.cum_sum().over(*group, order_by=order).cast(nw.Int64).name.suffix("_so_far"),
    )
    # The purchases from this one on, less all credits: at most the purchase itself, and never below zero.
    from_here = nw.col("__bought_all") - nw.col("__bought_so_far") + nw.col("__bought")
    left_of_purchase = (from_here - nw.col("__credit_all")).clip(0, nw.col("__bought"))
    left_of_credit = (nw.col("__credit_so_far") - nw.col("__bought_all")).clip(0, nw.col("__credit"))
    return sums.with_columns(
        settled_ore=(left_of_purchase - left_of_credit).cast(nw.Int64),
        is_purchase=(amount > 0).cast(nw.Int64),
    ).select(*kept, "settled_ore", "is_purchase")


def year_and_month() -> tuple[nw.Expr, nw.Expr]:
    """Return year and month as whole numbers, 0 when the day is missing; Polars gives 8 bits to a month."""
    booked = nw.col("booked_on").dt
    return booked.year().fill_null(0).cast(nw.Int64), booked.month().fill_null(0).cast(nw.Int64)


def _day_number() -> nw.Expr:
    year, month = year_and_month()
    return year * 10_000 + month * 100 + nw.col("booked_on").dt.day().fill_null(0).cast(nw.Int64)


def covered_cells(lines: nw.LazyFrame[Any], keys: Sequence[str] = (), names: Sequence[str] = ()) -> pd.DataFrame:
    """Sum the settled base per key and rungs, in the engine, and add what each of FIGURES takes of each cell."""
    return _with_figures(_summed(lines, keys, names))


def _summed(
    lines: nw.LazyFrame[Any], keys: Sequence[str], names: Sequence[str], amounts: Sequence[str] = ("settled_ore",)
) -> pd.DataFrame:
    grouped = lines.group_by(*keys, *_RUNG_COLUMNS, "is_purchase").agg(
        *(nw.col(name).min() for name in names),
        nw.col(*amounts).sum(),
        nw.len().alias("lines_count"),
    )
    return frames.collect_pandas(grouped.with_columns(nw.col(*amounts, "lines_count").cast(nw.Int64)))


def _with_figures(cells: pd.DataFrame) -> pd.DataFrame:
    bought = cells["settled_ore"].where(cells["is_purchase"] == 1, 0)
    on_contract = bought.where(cells["proven_rung"] >= SUPPLIER_RUNG, 0)
    return cells.assign(
        bought_ore=bought,
        denominator_ore=cells["settled_ore"],
        supplier_proven_ore=on_contract,
        supplier_possible_ore=bought.where(cells["possible_rung"] >= SUPPLIER_RUNG, 0),
        category_proven_ore=bought.where(cells["proven_rung"] >= CATEGORY_RUNG, 0),
        category_possible_ore=bought.where(cells["possible_rung"] >= CATEGORY_RUNG, 0),
        late_registered_ore=on_contract.where(cells["possible_rung_then"] < SUPPLIER_RUNG, 0),
        late_possible_ore=on_contract.where(cells["proven_rung_then"] < SUPPLIER_RUNG, 0),
    )
