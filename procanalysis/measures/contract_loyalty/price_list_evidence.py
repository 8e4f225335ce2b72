"""What the contracts' price lists tell about article lines: the article itself, its classification, its price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.measures.contract_loyalty.answers import (
    UNKNOWN,
    YES,
    answered_lines,
    best_per_key,
    days_of,
    holds_on,
    least,
    no_answers,
    standard_numbers,
    words_of,
)

_FIRST_DAY, _LAST_DAY = pd.Timestamp("0001-01-01"), pd.Timestamp("9999-12-31")
_ONE_DAY = pd.Timedelta(days=1)
_CURRENCY = "SEK"


@dataclass(frozen=True)
class Assortment:
    """Tell per line what the supplier's price lists say.

    answers has answer and contract_id for the article itself; same_class marks lines whose CPV code an article of a
    list that holds has; has_list marks lines whose supplier has a list that holds on the day, had_list those whose
    supplier has any.
    """

    answers: pd.DataFrame
    same_class: pd.DataFrame
    has_list: pd.Series[Any]
    had_list: pd.Series[Any]


def listed_articles(price_lists: pd.DataFrame, contracts: pd.DataFrame, scopes: pd.DataFrame) -> pd.DataFrame:
    """Lay out the lists as one row per supplier and article: what it is known by, its price, and when it holds.

    A list without supplier is of every supplier of the contract that it names. holds says how sure the days are: a list
    without any day of its own, or any of a contract in the register, may hold; a contract of the register whose days
    are not known makes its list uncertain too.
    """
    listed = pd.DataFrame(
        {
            "supplier_key": price_lists["supplier_key"].astype("str").fillna(""),
            "reference": words_of(price_lists["contract_reference"]),
            "article": words_of(price_lists["article_id"]),
            "standard": standard_numbers(price_lists["standard_item_id"]),
            "cpv": cpv_numbers(price_lists["cpv_code"]),
            "price": price_lists["price"],
            "base_quantity": price_lists["base_quantity"],
            "currency": price_lists["currency"].astype("str").fillna(_CURRENCY),
            "unit_code": words_of(price_lists["unit_code"]),
            "issued_on": days_of(price_lists["issued_on"]),
            "valid_from": days_of(price_lists["valid_from"]),
            "valid_to": days_of(price_lists["valid_to"]),
            "is_withdrawn": price_lists["is_withdrawn"].astype("int64"),
        }
    ).reset_index(drop=True)
    return _with_days(_not_withdrawn(_with_suppliers(listed, scopes)), contracts)


def cpv_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Write CPV codes as they are compared: the eight digits, without the check digit."""
    return words_of(column).str.replace(r"\s*-.*$", "", regex=True)


def _with_suppliers(listed: pd.DataFrame, scopes: pd.DataFrame) -> pd.DataFrame:
    """Give a list without supplier those of its contract."""
    of_contract = scopes.loc[scopes["supplier_key"] != "", ["contract_id", "supplier_key"]].drop_duplicates()
    of_contract = of_contract.assign(reference=words_of(of_contract["contract_id"])).drop(columns="contract_id")
    unnamed = listed[listed["supplier_key"] == ""].drop(columns="supplier_key")
    named = listed[listed["supplier_key"] != ""]
    return pd.concat([named, unnamed.merge(of_contract, on="reference")], ignore_index=True)


def _not_withdrawn(listed: pd.DataFrame) -> pd.DataFrame:
    """Let every article end the day before a later list takes it away; one taken away without day never held."""
    keys = ["supplier_key", "article", "reference"]
    known_from = listed["valid_from"].fillna(listed["issued_on"]).fillna(_FIRST_DAY)
    dated = listed.assign(known_from=known_from)
    kept, taken = dated[dated["is_withdrawn"] == 0], dated[dated["is_withdrawn"] == 1]
    days = taken[[*keys, "known_from"]].rename(columns={"known_from": "taken_on"}).drop_duplicates()
    rows = kept.reset_index(drop=True).reset_index(names="place")
    pairs = rows[["place", "known_from", *keys]].merge(days, on=keys)
    later = pairs[(pairs["taken_on"] >= pairs["known_from"]) | (pairs["taken_on"] == _FIRST_DAY)]
    first = later.groupby("place")["taken_on"].min().reindex(rows.index)
    last, never = first - _ONE_DAY, first <= rows["known_from"]
    ends = rows["valid_to"].where(rows["valid_to"].notna() & ~(rows["valid_to"] > last), last)
    return rows.assign(valid_to=ends.where(last.notna(), rows["valid_to"]))[~never].drop(
        columns=["place", "known_from"]
    )


def _with_days(listed: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    """Add contract_id, starts_on, ends_on, and holds: how sure it is that the row holds between them."""
    register = pd.DataFrame(
        {
            "reference": words_of(contracts["contract_id"]),
            "contract_id": contracts["contract_id"].astype("str"),
            "contract_starts_on": days_of(contracts["starts_on"]),
            "contract_ends_on": days_of(contracts["ends_on"]),
        }
    ).drop_duplicates("reference")
    joined = listed.merge(register, on="reference", how="left")
    in_register = joined["contract_id"].notna()
    untold = in_register & (joined["contract_starts_on"].isna() | joined["contract_ends_on"].isna())
    timeless = ~in_register & joined["valid_from"].isna() & joined["valid_to"].isna()
    own_from, own_to = joined["valid_from"].fillna(_FIRST_DAY), joined["valid_to"].fillna(_LAST_DAY)
    starts = joined["contract_starts_on"].fillna(_FIRST_DAY)
    ends = joined["contract_ends_on"].fillna(_LAST_DAY)
    return joined.assign(
        contract_id=joined["contract_id"].fillna(""),
        starts_on=own_from.where(own_from > starts, starts),
        ends_on=own_to.where(own_to < ends, ends),
        holds=np.where(untold | timeless, UNKNOWN, YES),
    )


def assortment_of(asked: pd.DataFrame, listed: pd.DataFrame) -> Assortment:
    """Answer whether the supplier's price lists hold the article on the day, by its own or its standard number."""
    by_article, by_standard = (_found_by(asked, listed, name) for name in ("article", "standard"))
    better = by_article["answer"] >= by_standard["answer"]
    days = ["supplier_key", "bought_on"]
    spans = listed[["supplier_key", "starts_on", "ends_on"]].drop_duplicates()
    pairs = asked[days].drop_duplicates().merge(spans, on="supplier_key")
    holding = pairs[holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"]) > 0]
    best = best_per_key(holding.assign(answer=YES, contract_id=""), days)
    return Assortment(
        answers=by_article.where(better, by_standard),
        same_class=_found_by(asked, listed, "cpv"),
        has_list=answered_lines(asked, best, days)["answer"] == YES,
        had_list=asked["supplier_key"].isin(listed["supplier_key"]),
    )


def _found_by(asked: pd.DataFrame, listed: pd.DataFrame, name: str) -> pd.DataFrame:
    """Answer per line whether a list has what the line says of the article, on the day."""
    keys = ["supplier_key", name, "bought_on"]
    wanted = asked.loc[asked[name] != "", keys].drop_duplicates()
    rows = listed.loc[listed[name] != "", ["supplier_key", name, "contract_id", "starts_on", "ends_on", "holds"]]
    if wanted.empty or rows.empty:
        return no_answers(asked)
    pairs = wanted.merge(rows.drop_duplicates(), on=["supplier_key", name])
    in_time = holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"])
    found = pairs.assign(answer=least(in_time, pairs["holds"]))
    return answered_lines(asked, best_per_key(found, keys), keys)


def same_price(asked: pd.DataFrame, listed: pd.DataFrame, undecided: pd.Series[Any]) -> pd.DataFrame:
    """Answer, for the undecided lines, whether the price is that of one single article of the supplier on the day.

    Parameters: `asked`, the lines with price_sek, base_quantity and quantity_unit; `undecided`, those to look at.
    Returns answer (unknown at best, since a price alone proves nothing) and contract_id per line.
    """
    suppliers = listed["supplier_key"].drop_duplicates()
    chosen = asked[undecided & asked["supplier_key"].isin(suppliers) & (asked["quantity_unit"] != "")]
    priced = listed[(listed["currency"] == _CURRENCY) & (listed["unit_code"] != "")]
    if chosen.empty or priced.empty:
        return no_answers(asked)
    keys = ["supplier_key", "quantity_unit", "unit_price", "bought_on"]
    lines = chosen.assign(unit_price=unit_prices(chosen["price_sek"], chosen["base_quantity"]))
    rows = priced.assign(unit_price=unit_prices(priced["price"], priced["base_quantity"])).rename(
        columns={"unit_code": "quantity_unit"}
    )
    wanted = lines.loc[lines["unit_price"] != "", keys].drop_duplicates()
    pairs = wanted.merge(rows[[*keys[:3], "article", "contract_id", "starts_on", "ends_on"]], on=keys[:3])
    holding = pairs[holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"]) > 0]
    articles = holding.groupby(keys)["article"].nunique().rename("count").reset_index()
    single = holding.merge(articles[articles["count"] == 1], on=keys)
    best = best_per_key(single.assign(answer=UNKNOWN), keys)
    return answered_lines(lines, best, keys).reindex(asked.index).fillna({"answer": 0, "contract_id": ""})


def unit_prices(prices: Iterable[Any], base_quantities: Iterable[Any]) -> list[str]:
    """Write the price of one unit so that equal prices are equal texts; empty when it is missing or not above zero.

    >>> unit_prices([Decimal("12.50"), Decimal("125"), None], [Decimal(1), Decimal(10), Decimal(1)])
    ['12.5', '12.5', '']
    """
    pairs = list(zip(prices, base_quantities, strict=True))
    texts = {pair: _unit_price(*pair) for pair in set(pairs)}
    return [texts[pair] for pair in pairs]


def _unit_price(price: Any, base_quantity: Any) -> str:
    if pd.isna(price) or pd.isna(base_quantity) or price <= 0 or base_quantity <= 0:
        return ""
    return f"{(Decimal(price) / Decimal(base_quantity)).normalize():f}"
