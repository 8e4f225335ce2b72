"""Sum the ledger per category and supplier, or category and contract, for the measures of the portfolio."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.portfolio.levels import CategoryLevels, category_levels
from procanalysis.schema import Exclusion

SUPPLIER_COLUMNS = (
    "category_path", "category_name", "supplier_key", "supplier_name", "supplier_type", "invoice_key", "amount_ore",
)  # fmt: skip
CONTRACT_COLUMNS = ("category_path", "contract_id", "possible_rung", "supplier_key", "invoice_key", "amount_ore")


def purchases(matched: NativeFrame, columns: tuple[str, ...], measure: str) -> nw.LazyFrame[Any]:
    """Return the lines with left_out: 2 when they are no purchase, 1 when they have no category, else 0."""
    frame = frames.lazy(matched, [*columns, "category_path", "spend_class"], measure)
    # A comparison with a missing class is missing in itself: say 0 instead.
    no_purchase = nw.when(nw.col("spend_class") == "ej inköp").then(2).otherwise(0)
    uncategorised = nw.when(nw.col("category_path").is_null()).then(1).otherwise(0)
    return frame.with_columns(left_out=nw.max_horizontal(no_purchase, uncategorised).cast(nw.Int64))


def left_out(marked: nw.LazyFrame[Any], *, categories_needed: bool = True) -> tuple[Exclusion, ...]:
    """Return what `purchases` marked, by reason."""
    found = frames.sums(marked.filter(nw.col("left_out") > 0).select("left_out", "amount_ore"), ["left_out"])
    amounts = {row["left_out"]: (int(row["lines_count"]), int(row["amount_ore"])) for row in found.to_dict("records")}
    reasons = {2: "Ej inköp", 1: "Kategori saknas"} if categories_needed else {2: "Ej inköp"}
    return tuple(Exclusion(reason, *amounts[mark]) for mark, reason in reasons.items() if mark in amounts)


def per_category_and_supplier(
    frame: nw.LazyFrame[Any], level: int, taxonomy: pd.DataFrame | None
) -> tuple[pd.DataFrame, CategoryLevels]:
    """Sum per category at the level and supplier, so that each supplier stands once in it; largest first."""
    found = frames.sums(frame, ["category_path", "supplier_key"], ["supplier_name", "supplier_type", "category_name"])
    levels = category_levels(taxonomy, found, level)
    found["category_code"] = levels.codes_at(found["category_path"])
    summed = found.groupby(["category_code", "supplier_key"], dropna=False).agg(
        amount_ore=("amount_ore", "sum"),
        lines_count=("lines_count", "sum"),
        supplier_name=("supplier_name", "min"),
        supplier_type=("supplier_type", "min"),
    )
    return frames.by_amount(summed.reset_index(), ["supplier_key", "category_code"]), levels


def on_contracts(marked: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Sum per category path and contract what may have been bought on it: nothing known speaks against it."""
    open_to = nw.when((nw.col("possible_rung") >= 4) & (nw.col("left_out") < 2)).then(1).otherwise(0)
    return frames.sums(marked.filter(open_to == 1), ["category_path", "contract_id"]).dropna(subset="contract_id")


def with_types(table: pd.DataFrame) -> pd.DataFrame:
    """Give counts and money whole numbers, missing where unknown, and days a date type; scores stay exact."""
    plain = table.astype(object).where(table.notna(), None)
    types: dict[str, Any] = {}
    for name in map(str, table.columns):
        if name.endswith(("_ore", "_count")) or name == "days_to_end":
            types[name] = "Int64" if table[name].isna().any() else "int64"
        elif name.endswith("_on"):
            types[name] = "datetime64[us]"
        elif name.endswith(("_name", "_because", "_reason", "_parts")):
            types[name] = "str"
    return plain.astype(types)
