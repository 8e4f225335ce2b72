"""The contract price that held for each order or invoice line on its day, or why there is none to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.errors import ReconciliationError
from procanalysis.measures.article_prices import reasons
from procanalysis.measures.article_prices.exact import Flags, or_none
from procanalysis.measures.article_prices.offers import Indexes, Offers, indexes_of, offers_of
from procanalysis.measures.article_prices.paid import Paid, paid_for
from procanalysis.measures.article_prices.search import (
    LINE_COLUMNS,
    Lines,
    Prices,
    in_force,
    lines_of,
    moved_prices,
    pairs_by,
    priced,
)
from procanalysis.schema import kronor

BY_ARTICLE, BY_STANDARD = "Artikelnummer", "Standardnummer"

_FOUND: dict[str, str] = {
    "contract_price_sek": "object", "contract_base_quantity": "object", "listed_price_sek": "object",
    "price_list_id": "str", "price_list_contract": "str", "price_list_file": "str", "price_list_row": "Int64",
    "matched_by": "str", "credited_line_id": "Int64", "reason": "str",
}  # fmt: skip
# By the supplier's own number nothing was found that holds: the article may have got a new one.
_ANOTHER_NUMBER = (reasons.NOT_LISTED, reasons.NOT_VALID, reasons.WITHDRAWN)
_NOT_FOUND = (reasons.NOT_LISTED, reasons.OTHER_CONTRACT, reasons.NOT_VALID, reasons.WITHDRAWN)


@dataclass(frozen=True)
class ContractPrices:
    """Hold what each line could be compared with.

    lines: every line given, in its order, with what this package reads of ARTICLE_LINES and contract_price_sek (for
    contract_base_quantity units, moved by the index clause), listed_price_sek (before that), price_list_id,
    price_list_contract, price_list_file and price_list_row (the evidence), matched_by, credited_line_id (of a credit,
    the purchase whose price it follows) and reason (why there is no price, else ''). uncompared: one row per reason,
    the largest amount first: reason, lines_count, amount_ore. unknown_because: why nothing could be asked at all.
    """

    lines: pd.DataFrame
    uncompared: pd.DataFrame
    unknown_because: str


def contract_prices_on(
    lines: pd.DataFrame,
    price_lists: pd.DataFrame,
    price_indexes: pd.DataFrame | None = None,
    *,
    earlier_lines: pd.DataFrame | None = None,
) -> ContractPrices:
    """Find for each line the contract price that held on its day.

    A list row prices a line when supplier and article number are the same (or supplier and standard number, where the
    article number leads to no price that day), the contracts are the same where both name one, the day lies between
    the row's first and last, the unit is the same and the quantity, without sign, lies in the row's interval. A price
    without last day holds until the next of the same contract, unit and place. Where rows with different prices remain
    there is no price. An index clause moves it: listed × (1 − share + share × index now / index base), rounded half up
    to as many decimals as the listed price has, two at least. A credit follows the purchase it takes back: the latest
    line on or before its day of the same supplier, article, unit and unit price, first among those with the same order
    reference. Parameters: `lines`, ARTICLE_LINES, orders or invoices; `price_lists`, PRICE_LISTS; `price_indexes`,
    PRICE_INDEXES or None; `earlier_lines`, lines before the period, which credits may follow. Nothing is converted:
    neither units, packages nor currencies. Returns ContractPrices. Raises MeasureError when a column is missing.
    Source: methods 5 and 15, requirement R35.
    """
    before = 0 if earlier_lines is None else len(earlier_lines)
    given = lines if earlier_lines is None else pd.concat([earlier_lines, lines], ignore_index=True)
    asked, offers = lines_of(given, "contract_prices_on"), offers_of(price_lists, "contract_prices_on")
    indexes, paid = indexes_of(price_indexes, "contract_prices_on"), paid_for(asked.rows)
    prices, by_standard = _listed(asked, offers, indexes, paid)
    followed = _followed(asked, paid)
    found = _frame(asked, offers, indexes, prices, by_standard, followed).iloc[before:].reset_index(drop=True)
    left = uncompared_by_reason(found)
    _check(lines, found, left)
    return ContractPrices(found, left, _unknown(lines, price_lists, found))


def _listed(lines: Lines, offers: Offers, indexes: Indexes, paid: Paid) -> tuple[Prices, Flags]:
    """Search by article number, then by standard number; tell which lines the latter found."""
    by_article = searched(lines, offers, indexes, [("supplier_key", "supplier_key"), ("article_id", "article_id")])
    again = np.isin(by_article.reason, _ANOTHER_NUMBER) & lines.rows["standard"].notna().to_numpy(bool)
    standard = [("supplier_key", "supplier_key"), ("standard", "standard")]
    by_standard = searched(lines, offers, indexes, standard, again)
    better = again & ~np.isin(by_standard.reason, _NOT_FOUND)
    reason = np.where(better, by_standard.reason, by_article.reason)
    suppliers = offers.rows["supplier_key"].unique()
    unlisted = ~lines.rows["supplier_key"].isin(suppliers).to_numpy(bool)
    numberless = lines.rows[["article_id", "standard"]].isna().all(axis=1).to_numpy(bool)
    reason = np.where(numberless, reasons.NO_ARTICLE, np.where(unlisted, reasons.NO_LIST, reason))
    reason = np.where(paid.reason != "", paid.reason, reason).astype(object)
    offer = np.where(better, by_standard.offer, by_article.offer)
    prices = Prices(
        offer=np.where(reason == "", offer, -1),
        index=np.where(better, by_standard.index, by_article.index),
        unit_price=by_standard.unit_price.where(better, by_article.unit_price),
        reason=reason,
    )
    return prices, better


def searched(
    lines: Lines,
    offers: Offers,
    indexes: Indexes,
    columns: list[tuple[str, str]],
    among: Flags | None = None,
) -> Prices:
    """Search the price lists by the columns given as (line's, list's), for all lines or only those flagged."""
    reason = np.full(len(lines), reasons.NOT_LISTED, dtype=object)
    pairs = in_force(lines, offers, pairs_by(lines, offers, columns, among), reason)
    return priced(lines, offers, pairs, indexes, reason)


def _followed(lines: Lines, paid: Paid) -> npt.NDArray[np.intp]:
    """Find for each line the place of the line whose contract price it has: its own, or the purchase that it credits.

    -1 for a credit that takes back no purchase at the same price.
    """
    places = np.arange(len(lines), dtype=np.intp)
    is_credit = np.asarray(paid.quantity.above < 0, dtype=bool) & (paid.reason == "")
    if not is_credit.any():
        return places
    rows = lines.rows
    same = pd.DataFrame(
        {
            "supplier": rows["supplier_key"],
            "article": rows["article_id"].fillna(rows["standard"]),
            "unit": rows["quantity_unit"],
            "price": paid.unit_price.keys(),
            "order": rows["order_reference"],
            "day": lines.days,
            "place": places,
        }
    )
    bought, credited = same[~is_credit & (paid.reason == "")], same[is_credit]
    keys = ["supplier", "article", "unit", "price"]
    followed = _latest(credited, bought, keys)
    in_order = _latest(credited[credited["order"].notna()], bought[bought["order"].notna()], [*keys, "order"])
    found = places.copy()
    found[credited["place"]] = -1
    for one in (followed, in_order):
        found[one["place"].to_numpy()] = one["taken_back"].to_numpy()
    return found


def _latest(credited: pd.DataFrame, bought: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Find for each credit the latest purchase on or before its day that agrees in the keys; no row where none does."""
    # An unknown article or unit is no reason to take two lines for the same.
    credited, bought = credited.dropna(subset=keys), bought.dropna(subset=keys)
    found = pd.merge_asof(
        credited.sort_values(["day", "place"])[[*keys, "day", "place"]],
        bought.sort_values(["day", "place"])[[*keys, "day", "place"]].rename(columns={"place": "taken_back"}),
        on="day",
        by=keys,
    )
    return found.dropna(subset="taken_back").astype({"taken_back": np.intp})


def _frame(
    lines: Lines,
    offers: Offers,
    indexes: Indexes,
    prices: Prices,
    by_standard: Flags,
    followed: npt.NDArray[np.intp],
) -> pd.DataFrame:
    """Lay the lines out with the price that each has, and the list row that says so."""
    alone = followed < 0
    offer, index = np.where(alone, -1, prices.offer[followed]), prices.index[followed]
    reason = np.where(alone, reasons.UNMATCHED_CREDIT, prices.reason[followed])
    rows = offers.rows
    known = offer >= 0

    def of_list(name: str) -> npt.NDArray[Any]:
        # Place -1, of a line without price, takes the None last.
        values: npt.NDArray[Any] = np.append(rows[name].to_numpy(object), np.array([None], dtype=object))
        return np.asarray(values[np.where(known, offer, -1)], dtype=object)

    follows = followed != np.arange(len(lines))
    line_ids = lines.rows["line_id"].to_numpy(object)
    found = {
        "contract_price_sek": moved_prices(rows, indexes, np.where(known, offer, -1), index),
        "contract_base_quantity": of_list("base_quantity"),
        "listed_price_sek": of_list("price"),
        "price_list_id": of_list("price_list_id"),
        "price_list_contract": of_list("contract_reference"),
        "price_list_file": of_list("file"),
        "price_list_row": of_list("row_number"),
        "matched_by": or_none(known, np.where(by_standard[followed], BY_STANDARD, BY_ARTICLE)),
        "credited_line_id": or_none(follows & ~alone, line_ids[followed]),
        "reason": reason,
    }
    made = pd.DataFrame(found, dtype=object).astype(_FOUND)
    return pd.concat([lines.rows[list(LINE_COLUMNS)], made], axis=1)


def uncompared_by_reason(found: pd.DataFrame) -> pd.DataFrame:
    """Count and sum the lines that have a reason, per reason, the largest amount first."""
    left = found[found["reason"] != ""]
    counted = left.groupby("reason")["amount_ore"].agg(lines_count="size", amount_ore="sum").reset_index()
    counted = counted.astype({"reason": "str", "lines_count": "int64", "amount_ore": "int64"})
    return counted.sort_values(["amount_ore", "reason"], ascending=[False, True], kind="stable", ignore_index=True)


def _check(lines: pd.DataFrame, found: pd.DataFrame, left: pd.DataFrame) -> None:
    """Raise ReconciliationError unless compared and not compared are all lines and all kronor."""
    compared = found[found["reason"] == ""]
    rows = len(compared) + int(left["lines_count"].sum())
    amount_ore = int(compared["amount_ore"].sum()) + int(left["amount_ore"].sum())
    if (rows, amount_ore) != (len(lines), int(lines["amount_ore"].sum())):
        raise ReconciliationError(
            f"contract_prices_on: the input has {len(lines)} lines and {kronor(int(lines['amount_ore'].sum()))}, the "
            f"result {rows} and {kronor(amount_ore)}. Report this as a fault in procanalysis, with the organisation "
            "file."
        )


def _unknown(lines: pd.DataFrame, price_lists: pd.DataFrame, found: pd.DataFrame) -> str:
    if lines.empty:
        return reasons.NO_LINES
    if price_lists.empty:
        return reasons.NO_LISTS
    return "" if (found["reason"] == "").any() else reasons.NOTHING_COMPARED
