"""Articles bought outside contract that another supplier's valid price list has: kronor, contract price, difference."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import wording
from procanalysis.measures.article_prices import reasons
from procanalysis.measures.article_prices.contract_prices import BY_STANDARD, uncompared_by_reason
from procanalysis.measures.article_prices.exact import Flags
from procanalysis.measures.article_prices.names import shown_suppliers
from procanalysis.measures.article_prices.offers import Indexes, Offers, indexes_of, offers_of
from procanalysis.measures.article_prices.paid import paid_for
from procanalysis.measures.article_prices.search import (
    LINE_COLUMNS,
    Lines,
    Pairs,
    Prices,
    in_force,
    lines_of,
    listed_that_day,
    pairs_by,
    priced,
)
from procanalysis.schema import Exclusion, KeyFigure, kronor

By = Literal["standard", "manufacturer"]

BY_MANUFACTURER = "Tillverkarens artikelnummer"
BY: dict[str, str] = {"standard": BY_STANDARD, "manufacturer": BY_MANUFACTURER}
NOTHING_OUTSIDE = "Inget köp utanför avtal finns bland raderna"
Places = npt.NDArray[np.intp]
LEAST_NUMBER = 4
"""A manufacturer's number with fewer characters is too common to tell an article."""

_COLUMNS = {"standard": ("standard", "standard"), "manufacturer": ("article_id", "manufacturer_item_id")}
_ARTICLES: dict[str, str] = {
    "supplier_key": "str", "supplier_name": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str",
    "equivalent_supplier": "str", "equivalent_contract": "str", "equivalent_article_id": "str",
    "equivalent_name": "str", "matched_by": "str", "lines_count": "int64", "amount_ore": "int64",
    "priced_ore": "int64", "at_contract_ore": "int64", "difference_ore": "int64",
}  # fmt: skip
_FOUND: dict[str, str] = {
    "equivalent_supplier_key": "supplier_key", "equivalent_supplier": "supplier_name",
    "equivalent_contract": "contract_reference", "equivalent_article_id": "article_id",
    "equivalent_name": "article_name", "price_list_id": "price_list_id", "price_list_file": "file",
    "price_list_row": "row_number",
}  # fmt: skip


@dataclass(frozen=True)
class ContractedEquivalents:
    """Hold what was bought outside contract although a contract has the article.

    lines: the lines outside contract whose article a valid list of another supplier has: what this package reads of
    ARTICLE_LINES, matched_by, equivalent_supplier_key, equivalent_supplier, equivalent_contract, equivalent_article_id,
    equivalent_name, the list's row, paid_price_sek, contract_unit_price_sek, at_contract_ore (quantity × contract
    price), difference_ore (amount − that), reason (why there is no price to compare with, else ''). Without a price the
    list row is the first that has the article. articles: the same added up per article bought and its equivalent, the
    largest amount first. outside_ore and outside_count: all lines outside contract. unpriced: reason, lines_count,
    amount_ore of the lines without a price.
    """

    lines: pd.DataFrame
    articles: pd.DataFrame
    unpriced: pd.DataFrame
    outside_ore: int
    outside_count: int
    unknown_because: str


def contracted_equivalents(
    lines: pd.DataFrame,
    price_lists: pd.DataFrame,
    price_indexes: pd.DataFrame | None = None,
    *,
    outside_lines: Collection[int] | None = None,
    by: Collection[By] = ("standard", "manufacturer"),
) -> ContractedEquivalents:
    """Find what was bought outside contract although another supplier's valid price list has the article.

    The same standard number; else the line's article number equal to the manufacturer's number in the list, of at least
    four characters, unless the standard numbers of both differ or several articles have that number. difference = paid
    − quantity × contract price that day, in the same unit; where several contracts have the article the highest price,
    so that the difference is not overstated. Parameters: `lines`, ARTICLE_LINES, orders or invoices; `price_lists`,
    PRICE_LISTS; `price_indexes`, PRICE_INDEXES or None; `outside_lines`, line_id of the lines outside contract, from a
    measure of contract loyalty; None takes the lines that name no contract, are not marked as contracted assortment and
    whose article is not in the supplier's own list that day; `by`, 'standard', 'manufacturer' or both. Returns
    ContractedEquivalents. Raises MeasureError. Source: methods 15, requirement R68.
    """
    for one in by:
        if one not in BY:
            raise MeasureError(f"contracted_equivalents: cannot match by '{one}'. {did_you_mean(one, BY)}")
    asked, offers = lines_of(lines, "contracted_equivalents"), offers_of(price_lists, "contracted_equivalents")
    indexes = indexes_of(price_indexes, "contracted_equivalents")
    outside = _outside(asked, offers, outside_lines)
    found = _frame(asked, offers, indexes, outside, by)
    return ContractedEquivalents(
        lines=found,
        articles=_by_article(found),
        unpriced=uncompared_by_reason(found),
        outside_ore=int(asked.rows.loc[outside, "amount_ore"].sum()),
        outside_count=int(outside.sum()),
        unknown_because=_unknown(lines, price_lists, outside),
    )


def outside_with_equivalent(found: ContractedEquivalents, *, currency: str = "SEK") -> KeyFigure:
    """Sum what was bought outside contract although a contract has the article.

    Σ amount of the lines with an equivalent. Parameters: `found`, as `contracted_equivalents` returns it; `currency`,
    of the amounts. Returns a KeyFigure in kronor with what the contracts' prices would have cost for those that have a
    comparable one; left out are purchases outside contract without an equivalent. Source: methods 15.
    """
    lines = found.lines
    amount_ore = int(lines["amount_ore"].sum())
    compared = lines[lines["reason"] == ""]
    told = ""
    if len(compared):
        each = (int(compared[name].sum()) for name in ("amount_ore", "at_contract_ore", "difference_ore"))
        paid, at_contract, difference = (wording.amount_text(one, currency) for one in each)
        told = f"Det som kan jämföras kostade {paid}, till avtalspris {at_contract}: skillnad {difference}"
    rest = found.outside_count - len(lines)
    return KeyFigure(
        id="outside_with_equivalent",
        label="Köpt utanför avtal fast artikeln finns på avtal",
        value=None if found.unknown_because else kronor(amount_ore),
        unit=currency,
        method="contracted_equivalents",
        excluded=(
            (Exclusion("Köp utanför avtal utan motsvarighet i en prislista", rest, found.outside_ore - amount_ore),)
            if rest
            else ()
        ),
        comparison=told,
        unknown_because=found.unknown_because,
    )


def _outside(lines: Lines, offers: Offers, outside_lines: Collection[int] | None) -> Flags:
    """Tell which lines were bought outside contract."""
    rows = lines.rows
    if outside_lines is not None:
        return rows["line_id"].isin(set(outside_lines)).to_numpy(bool)
    named = rows["contract_reference"].notna() | rows["assortment"].isin(["contract"])
    return ~named.to_numpy(bool) & ~listed_that_day(lines, offers)


def _found_by(way: str, lines: Lines, offers: Offers, indexes: Indexes, among: Flags) -> tuple[Prices, Places]:
    """Search other suppliers' lists one way; return the prices, and for each line the first list row that has it."""
    pairs = pairs_by(lines, offers, [_COLUMNS[way]], among)
    pairs = pairs.only(_other_suppliers(lines, offers, pairs))
    if way == "manufacturer":
        pairs = pairs.only(_may_be_same(lines, offers, pairs))
    reason, anywhere = np.full(len(lines), reasons.NOT_LISTED, dtype=object), lines.of_any_contract()
    valid = in_force(anywhere, offers, pairs, reason)
    if way == "manufacturer":
        valid = valid.only(_of_one_article(offers, valid))
    first = np.full(len(lines), -1, dtype=np.intp)
    having, at = np.unique(valid.line, return_index=True)
    first[having] = valid.offer[at]
    return priced(anywhere, offers, valid, indexes, reason, highest=True), first


def _other_suppliers(lines: Lines, offers: Offers, pairs: Pairs) -> Flags:
    own, other = lines.rows["supplier_key"].to_numpy(object), offers.rows["supplier_key"].to_numpy(object)
    return np.asarray(own[pairs.line] != other[pairs.offer], dtype=bool)


def _may_be_same(lines: Lines, offers: Offers, pairs: Pairs) -> Flags:
    """Tell for which pairs the manufacturer's number is long enough, and no standard number contradicts it."""
    number = lines.rows["article_id"].str.len().fillna(0).to_numpy()[pairs.line]
    asked = lines.rows["standard"].take(pairs.line).reset_index(drop=True)
    offered = offers.rows["standard"].take(pairs.offer).reset_index(drop=True)
    agrees = (asked == offered) | asked.isna() | offered.isna()
    return np.asarray((number >= LEAST_NUMBER) & agrees.to_numpy(bool), dtype=bool)


def _of_one_article(offers: Offers, pairs: Pairs) -> Flags:
    """Tell for which pairs the line's number leads to one article; a common standard number makes several one."""
    found = offers.rows[["supplier_key", "article_id", "standard"]].take(pairs.offer)
    own = found["supplier_key"].astype("str") + " " + found["article_id"].astype("str")
    article = found["standard"].astype("str").fillna(own)
    both = pd.DataFrame({"line": pairs.line, "article": article.to_numpy()})
    return (both.groupby("line")["article"].transform("nunique") == 1).to_numpy(bool)


def _frame(lines: Lines, offers: Offers, indexes: Indexes, outside: Flags, by: Collection[By]) -> pd.DataFrame:
    """Lay out the lines that have an equivalent, with its list row and its price."""
    found, left = [], outside
    paid = paid_for(lines.rows)
    for way in (one for one in BY if one in by):
        prices, first = _found_by(way, lines, offers, indexes, left)
        has = first >= 0
        left = left & ~has
        reason = np.where(paid.reason != "", paid.reason, prices.reason)
        offer = np.where(prices.offer >= 0, prices.offer, first)[has]
        clear = reason[has] == ""
        at_contract = paid.quantity.times(prices.unit_price).rounded_ore()[has]
        rows = lines.rows.loc[has, list(LINE_COLUMNS)]
        listed = {name: offers.rows[column].take(offer).set_axis(rows.index) for name, column in _FOUND.items()}
        found.append(
            rows.assign(
                matched_by=BY[way],
                **listed,
                paid_price_sek=paid.unit_price.shown(paid.reason == "")[has],
                contract_unit_price_sek=prices.unit_price.shown(reason == "")[has],
                at_contract_ore=pd.Series(at_contract, rows.index, dtype="Int64").where(clear),
                difference_ore=(rows["amount_ore"] - at_contract).astype("Int64").where(clear),
                reason=pd.Series(reason[has], rows.index, dtype="str"),
            )
        )
    return pd.concat(found).sort_index().reset_index(drop=True)


def _by_article(lines: pd.DataFrame) -> pd.DataFrame:
    """Add the lines up per article bought and its equivalent."""
    with_price = lines["reason"] == ""
    amounts = lines.assign(
        supplier_name=shown_suppliers(lines["supplier_name"]),
        equivalent_supplier=shown_suppliers(lines["equivalent_supplier"]),
        priced_ore=lines["amount_ore"].where(with_price, 0),
        at_contract_ore=lines["at_contract_ore"].fillna(0),
        difference_ore=lines["difference_ore"].fillna(0),
        article=lines["article_id"].fillna(lines["standard_item_id"]),
    )
    by = ["supplier_key", "article", "quantity_unit", "equivalent_supplier_key", "equivalent_article_id", "matched_by"]
    sums = ["amount_ore", "priced_ore", "at_contract_ore", "difference_ore"]
    named = [
        "supplier_name",
        "article_id",
        "article_name",
        "equivalent_supplier",
        "equivalent_contract",
        "equivalent_name",
    ]
    found = amounts.groupby(by, dropna=False).agg(
        lines_count=("line_id", "size"),
        **{name: (name, "first") for name in named},
        **{name: (name, "sum") for name in sums},
    )
    found = found.reset_index()[list(_ARTICLES)].astype(_ARTICLES)
    order = ["amount_ore", "supplier_key", "article_id"]
    return found.sort_values(order, ascending=[False, True, True], kind="stable", ignore_index=True)


def _unknown(lines: pd.DataFrame, price_lists: pd.DataFrame, outside: Flags) -> str:
    if lines.empty:
        return reasons.NO_LINES
    if price_lists.empty:
        return reasons.NO_LISTS
    return "" if outside.any() else NOTHING_OUTSIDE
