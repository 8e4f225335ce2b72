"""What the screening leaves out, how the spend parts by contract and limit, and the key figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.direct_awards.postings import (
    OUTSIDE,
    day_number,
    has_register,
    kinds_of,
    left_out,
    limit_ids,
    marked,
)
from procanalysis.measures.direct_awards.screening import LIMIT_OPEN
from procanalysis.measures.direct_awards.windows import day_text
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent, require_columns

NO_BASE = "Det finns inga inköp som omfattas av LOU i urvalet"

SPLIT: dict[str, str] = {
    "on_contract": "På registrerat avtal",
    "may_have_contract": "Kan ha avtal, okänt",
    "plausible": "Inget registrerat avtal, värdet ryms inom gränsen",
    "above_limit": "Inget registrerat avtal, värdet över gränsen: bör granskas",
    "cannot_be_judged": "Inget registrerat avtal, kan inte bedömas",
}
"""The parts of the spend that LOU covers, by what is known about its contract."""
_UNDATED, _LATER = 5, 6


def screening_exclusions(
    matched: NativeFrame, *, period_ends_on: date, as_of: date, include_investments: bool = True
) -> tuple[Exclusion, ...]:
    """Tell which postings the screening cannot or shall not look at, by reason.

    Parameters: as for `screening`. Returns one Exclusion per reason that occurs: not covered by LOU, unknown whether
    covered, not a purchase, investments (when left out), without a date, and booked after the last day.
    """
    last = min(as_of, period_ends_on)
    frame = marked(matched, "screening_exclusions", include_investments)
    undated = nw.when(nw.col("day") == 0).then(nw.lit(_UNDATED))
    later = nw.when(nw.col("day") > day_number(last.toordinal())).then(nw.lit(_LATER)).otherwise(nw.lit(0))
    outside = nw.when(nw.col("outside") > 0).then(nw.col("outside")).otherwise(undated.otherwise(later))
    reasons = OUTSIDE | {_UNDATED: "Datum saknas", _LATER: f"Bokförda efter {day_text(last)}"}
    return left_out(frame.with_columns(outside.cast(nw.Int64).alias("outside")), reasons)


def three_way_split(
    matched: NativeFrame,
    *,
    by_supplier: pd.DataFrame,
    by_kind: pd.DataFrame,
    kind_level: int = 2,
    annex_2_categories: Collection[str] = (),
    include_investments: bool = False,
) -> pd.DataFrame:
    """Part the purchases that LOU covers by what is known of their contract and of the direct-award limit.

    On contract: proven_rung of at least 2. May have a contract: only possible_rung is. No registered contract: above
    the limit when the supplier's or the kind's window is over it; cannot be judged when a limit is open, the posting
    has no date or no category, or no window holds it; else the value fits within the limit. Credit notes keep their
    sign. Parameters: `matched`, the period's postings; `by_supplier` and `by_kind`, from `screening` and
    `screening_by_kind` with the same period, kind_level and annex_2_categories; `include_investments`, as for the
    loyalty figures. Returns one row per part of SPLIT: part, part_name, lines_count, amount_ore, share_pct (of the
    sum, missing unless above zero); no rows without a register. The parts add up to the base to the öre.
    Raises MeasureError, ReconciliationError. Source: methods 2.2.
    """
    require_columns(by_supplier.columns, ["supplier_key", "limit_id", "status"], "three_way_split")
    require_columns(by_kind.columns, ["kind_code", "limit_id", "status"], "three_way_split")
    columns = ["part", "part_name", "lines_count", "amount_ore", "share_pct"]
    if not has_register(matched, "three_way_split"):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    frame = marked(matched, "three_way_split", include_investments, "supplier_key", "category_path")
    base = frame.filter(nw.col("outside") == 0).with_columns((nw.col("day") > 0).cast(nw.Int64).alias("is_dated"))
    grouped = base.group_by("supplier_key", "category_path", "contract", "is_dated").agg(
        nw.len().alias("lines_count"), nw.col("amount_ore").sum()
    )
    rows = frames.collect_pandas(grouped.with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64)))
    rows["limit_id"] = limit_ids(rows["category_path"], annex_2_categories)
    rows["kind_code"] = kinds_of(rows["category_path"].fillna(""), kind_level)
    for key, judged in (("supplier_key", by_supplier), ("kind_code", by_kind)):
        status = judged.set_index([key, "limit_id"])["status"].to_dict()
        pairs = zip(rows[key], rows["limit_id"], rows["is_dated"], strict=True)
        rows[f"{key}_status"] = [
            status.get((one, limit), "unknown") if dated else "unknown" for one, limit, dated in pairs
        ]
    both = rows[["supplier_key_status", "kind_code_status"]]
    part = pd.Series("plausible", index=rows.index, dtype="str")
    part = part.mask((both == "unknown").any(axis="columns"), "cannot_be_judged")
    part = part.mask((both == "over").any(axis="columns"), "above_limit")
    part = part.mask(rows["contract"] == 1, "may_have_contract").mask(rows["contract"] == 2, "on_contract")
    summed = rows.groupby(part)[["lines_count", "amount_ore"]].sum().reindex(list(SPLIT), fill_value=0).astype("int64")
    whole = int(summed["amount_ore"].sum())
    frames.check_total("three_way_split", base, int(summed["lines_count"].sum()), whole)
    share = summed["amount_ore"] * 100 / whole if whole > 0 else float("nan")
    result = summed.assign(share_pct=share).rename_axis("part").reset_index()
    result["part_name"] = result["part"].map(SPLIT)
    return result.astype({"part": "str", "part_name": "str", "share_pct": "float64"})[columns]


def spend_without_contract(
    matched: NativeFrame, *, include_investments: bool = False, currency: str = "SEK"
) -> KeyFigure:
    """Tell how large a share of the purchases that LOU covers has no registered contract that can have held.

    share = net sum of postings with possible_rung below 2 × 100 / net sum of the base. What may have a contract is
    named, and counts as having one. Credit notes keep their sign. Parameters: `matched`, the period's postings with
    schema.MAPPED_COLUMNS and MATCHED_COLUMNS; `include_investments`; `currency`, of the amounts. Returns a KeyFigure
    in percent with what stands outside the base; unknown without a register or a base above zero. Source: methods 2.2.
    """
    frame = marked(matched, "spend_without_contract", include_investments)
    grouped = frame.filter(nw.col("outside") == 0).group_by("contract").agg(nw.col("amount_ore").sum())
    grouped = grouped.with_columns(nw.col("amount_ore").cast(nw.Int64))
    sums = {int(row["contract"]): int(row["amount_ore"]) for row in frames.collect_pandas(grouped).to_dict("records")}
    none, may, whole = sums.get(0, 0), sums.get(1, 0), sum(sums.values())
    registered = has_register(matched, "spend_without_contract")
    share = percent(none, whole) if registered else None
    part = percent(may, whole)
    told = f"Ytterligare {wording.amount_text(may, currency)} ({wording.percent_text(part or 0)}) kan sakna avtal"
    return KeyFigure(
        id="spend_without_contract",
        label="Inköp utan registrerat avtal",
        value=share,
        unit="%",
        method="spend_without_contract",
        numerator=kronor(none) if registered else None,
        denominator=kronor(whole),
        part_unit=currency,
        excluded=left_out(frame, OUTSIDE),
        comparison=told if may and share is not None else "",
        unknown_because="" if share is not None else NO_BASE if registered else wording.NO_CONTRACT_REGISTER,
    )


def change_in_count(count: int, count_before: int) -> Decimal | None:
    """Return by how many percent a count has fallen since the year before, or None when there was none then.

    reduction = (n(t-1) - n(t)) × 100 / n(t-1); negative when the count has risen. Source: methods 3.3.

    >>> change_in_count(30, 40), change_in_count(5, 4), change_in_count(1, 0)
    (Decimal('25'), Decimal('-25'), None)
    """
    return percent(count_before - count, count_before)


def suppliers_above_limit(
    matched: NativeFrame, screened: pd.DataFrame, screened_before: pd.DataFrame | None = None
) -> KeyFigure:
    """Count the suppliers without a contract above the direct-award limit: how many should be examined.

    count = different supplier_key with status 'over' in either window. Parameters: `matched`, the postings screened;
    `screened`, from `screening`; `screened_before`, the same for the period a year earlier, for the change. Returns a
    KeyFigure in st; suppliers whose limit is open are named and excluded, and so are those that may be over. Unknown
    without a register, and when the limit is open for every supplier. Source: methods 3.3.
    """
    needed = ["supplier_key", "status", "may_be_over", "lines_count", "rolling_amount_ore"]
    require_columns(screened.columns, needed, "suppliers_above_limit")
    over = set(screened.loc[screened["status"] == "over", "supplier_key"])
    open_ones = screened[(screened["status"] == "unknown") & ~screened["supplier_key"].isin(over)]
    may = screened.loc[screened["may_be_over"] & ~screened["supplier_key"].isin(over), "supplier_key"].nunique()
    because = ""
    if not has_register(matched, "suppliers_above_limit"):
        because = wording.NO_CONTRACT_REGISTER
    elif len(screened) and len(open_ones) == len(screened):
        because = LIMIT_OPEN
    told = [_change_text(len(over), screened_before)] if screened_before is not None else []
    told += [f"Ytterligare {may} kan vara över gränsen, beroende på om avtal finns"] if may else []
    return KeyFigure(
        id="suppliers_above_limit",
        label="Leverantörer utan avtal över direktupphandlingsgränsen, bör granskas",
        value=None if because else Decimal(len(over)),
        unit="st",
        method="suppliers_above_limit",
        excluded=_not_judged(open_ones),
        comparison="" if because else ". ".join(told),
        unknown_because=because,
    )


def _not_judged(rows: pd.DataFrame) -> tuple[Exclusion, ...]:
    """Tell how much cannot be compared with a limit, in the rolling windows of those suppliers."""
    if rows.empty:
        return ()
    reason = f"{LIMIT_OPEN} ({wording.number_text(rows['supplier_key'].nunique())} leverantörer)"
    return (Exclusion(reason, int(rows["lines_count"].sum()), int(rows["rolling_amount_ore"].sum())),)


def _change_text(count: int, screened_before: pd.DataFrame) -> str:
    require_columns(screened_before.columns, ["supplier_key", "status"], "suppliers_above_limit")
    before = screened_before.loc[screened_before["status"] == "over", "supplier_key"].nunique()
    change = change_in_count(count, before)
    if change is None or not change:
        return f"{before} året före"
    word = "färre" if change > 0 else "fler"
    return f"{before} året före, {wording.percent_text(abs(change))} {word} nu"
