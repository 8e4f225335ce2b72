"""The articles that cost most, with what is contracted of them, how their prices differ and what was overcharged."""

from __future__ import annotations

import math
from collections.abc import Collection

import pandas as pd

from procanalysis.measures.article_prices.deviations import PriceDeviations
from procanalysis.measures.article_prices.names import shown_suppliers
from procanalysis.measures.article_prices.paid import paid_for
from procanalysis.schema import QUANTITY_UNITS, percent, require_columns

NO_NAME = "Artikel utan benämning"

_COLUMNS = (
    "line_id", "supplier_key", "supplier_name", "article_id", "standard_item_id", "article_name", "quantity",
    "quantity_unit", "price_sek", "base_quantity", "amount_ore",
)  # fmt: skip
_ARTICLES: dict[str, str] = {
    "supplier_key": "str", "supplier_name": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str",
    "quantity_unit_name": "str", "lines_count": "int64", "amount_ore": "int64", "share_pct": "float64",
    "contracted_pct": "float64", "lowest_price_sek": "object", "highest_price_sek": "object", "compared_ore": "Int64",
    "overcharge_ore": "Int64",
}  # fmt: skip


def largest_articles(
    lines: pd.DataFrame, *, deviations: PriceDeviations | None = None, contracted_lines: Collection[int] | None = None
) -> pd.DataFrame:
    """Rank the articles by what was paid for them.

    Parameters: `lines`, ARTICLE_LINES, orders or invoices; `deviations` of the same lines or of more, as
    `price_deviations` returns them, or None; `contracted_lines`, line_id of the lines proven to be on contract, from a
    measure of contract loyalty, or None.
    Returns one row per supplier, article and quantity unit, the largest amount first: supplier_key, supplier_name,
    article_id, article_name, quantity_unit, quantity_unit_name, lines_count, amount_ore, share_pct (of all lines),
    contracted_pct (of the article's amount; missing without contracted_lines or where the amount is not above zero),
    lowest_price_sek and highest_price_sek (paid per unit), compared_ore (what has a contract price to compare with) and
    overcharge_ore (missing where nothing has). A line without article number is its standard number's, else its name's.
    Raises MeasureError when a column is missing. Source: requirement R35.
    """
    require_columns(lines.columns, _COLUMNS, "largest_articles")
    rows = lines[list(_COLUMNS)].reset_index(drop=True)
    paid = paid_for(rows)
    known = (paid.reason == "") & (paid.quantity.above > 0)
    price = pd.Series(paid.unit_price.shown(known), dtype="object")
    compared = set() if deviations is None else set(deviations.lines["line_id"])
    over = (
        {}
        if deviations is None
        else dict(zip(deviations.lines["line_id"], deviations.lines["overcharge_ore"], strict=True))
    )
    contracted = rows["line_id"].isin(set(contracted_lines or ()))
    has_price = rows["line_id"].isin(compared)
    rows = rows.assign(
        supplier_name=shown_suppliers(rows["supplier_name"]),
        article=rows["article_id"].fillna(rows["standard_item_id"]).fillna(rows["article_name"]).fillna(NO_NAME),
        contracted_ore=rows["amount_ore"].where(contracted, 0),
        compared_ore=rows["amount_ore"].where(has_price, 0),
        overcharge_ore=rows["line_id"].map(over).fillna(0),
        compared_count=has_price.astype("int64"),
        price=price,
    )
    by = ["supplier_key", "article", "quantity_unit"]
    sums = ["amount_ore", "contracted_ore", "compared_ore", "overcharge_ore", "compared_count"]
    grouped = rows.groupby(by, dropna=False)
    priced = rows.dropna(subset="price").groupby(by, dropna=False)["price"]
    found = grouped.agg(
        supplier_name=("supplier_name", "first"),
        article_id=("article_id", "first"),
        article_name=("article_name", "first"),
        lines_count=("line_id", "size"),
        **{name: (name, "sum") for name in sums},
    )
    ends = {"lowest_price_sek": priced.min(), "highest_price_sek": priced.max()}
    return _laid_out(found.assign(**ends).reset_index(), contracted_lines is not None)


def _laid_out(found: pd.DataFrame, knows_contracted: bool) -> pd.DataFrame:
    """Add names and shares, leave out what is not known, and sort."""
    whole = int(found["amount_ore"].sum())
    some = found["compared_count"] > 0
    shares = [_share(int(amount), whole) for amount in found["amount_ore"]]
    contracted = [
        _share(int(part), int(amount)) if knows_contracted else math.nan
        for part, amount in zip(found["contracted_ore"], found["amount_ore"], strict=True)
    ]
    laid_out = found.assign(
        article_name=found["article_name"].fillna(found["article_id"]).fillna(NO_NAME),
        quantity_unit_name=found["quantity_unit"].map(lambda code: QUANTITY_UNITS.get(code, code)),
        share_pct=shares,
        contracted_pct=contracted,
        compared_ore=found["compared_ore"].astype("Int64").where(some),
        overcharge_ore=found["overcharge_ore"].astype("Int64").where(some),
    )
    order = ["amount_ore", "supplier_key", "article_id", "quantity_unit"]
    ordered = laid_out.sort_values(order, ascending=[False, True, True, True], kind="stable", ignore_index=True)
    return ordered[list(_ARTICLES)].astype(_ARTICLES)


def _share(part: int, whole: int) -> float:
    share = percent(part, whole)
    return math.nan if share is None else float(share)
