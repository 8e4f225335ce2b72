"""Which methods of saving each procurement allows, which is used, and in words why none is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.measures import frames
from procanalysis.measures.savings.bids import (
    MarketReference,
    check_choices,
    market_price_saving,
    market_rule,
    negotiation_saving,
)
from procanalysis.measures.savings.previous_contract import (
    ArticleSaving,
    article_savings,
    as_decimal,
    previous_contract_saving,
    refused_increases,
)
from procanalysis.measures.savings.reckoned import Reckoned, Row
from procanalysis.schema import AWARDS, BIDS, CONTRACT_PRICES, SAVING_METHODS, names

_PLACE = ("file", "row_number")
AWARD_COLUMNS = [name for name in names(AWARDS) if name not in _PLACE]
_BID_COLUMNS = [name for name in names(BIDS) if name not in _PLACE]
_PRICE_COLUMNS = [name for name in names(CONTRACT_PRICES) if name not in _PLACE]

_Choices = tuple[MarketReference, bool, int]

_PROCUREMENTS: dict[str, str] = {
    "procurement_id": "str", "title": "str", "category_code": "str", "contract_id": "str", "organisation": "str",
    "is_coordinated": "Int64", "starts_on": "datetime64[us]", "ends_on": "datetime64[us]", "responsible": "str",
    "value_in_words": "str", "bids_count": "Int64", "qualified_bids_count": "Int64", "previous_contract_ore": "Int64",
    "market_price_ore": "Int64", "negotiation_ore": "Int64", "previous_contract_reason": "str",
    "market_price_reason": "str", "negotiation_reason": "str", "method": "str", "method_name": "str",
    "yearly_ore": "Int64", "unknown_because": "str", "cost_avoidance_ore": "Int64", "cost_avoidance_reason": "str",
    "one_off_cost_ore": "Int64",
}  # fmt: skip
_ARTICLES: dict[str, str] = {
    "procurement_id": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str", "quantity": "object",
    "previous_price_sek": "object", "factor": "object", "indexed_previous_price_sek": "object",
    "new_price_sek": "object", "yearly_saving_sek": "object", "reason": "str",
}  # fmt: skip
_REASONS: dict[str, str] = {
    "procurement_id": "str", "method": "str", "method_name": "str", "reason": "str", "reason_text": "str",
}  # fmt: skip


@dataclass(frozen=True)
class SavingTriage:
    """Hold the triage: per procurement, per article, and every reason; `market_rule` says what market price means."""

    procurements: pd.DataFrame
    articles: pd.DataFrame
    reasons: pd.DataFrame
    market_rule: str


def saving_triage(
    awards: pd.DataFrame,
    bids: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    market_reference: MarketReference = "median",
    winner_in_reference: bool = True,
    least_qualified_bids: int = 3,
) -> SavingTriage:
    """Reckon every method for every awarded procurement, choose one, and say why when none can be used.

    The method used is the first in the order of SAVING_METHODS that can be used. Methods are never added together, and
    cost avoidance stands in its own column. A row of prices or a bid that could not be read takes the methods with it
    that would have rested on it: nothing is reckoned from what is left.

    Parameters: `awards`, `bids` and `prices` are the savings register (schema.AWARDS, BIDS, CONTRACT_PRICES); amounts
    are yearly, in öre. `market_reference`, `winner_in_reference` and `least_qualified_bids` as in
    `market_price_saving`.
    Returns: SavingTriage. procurements has one row per award, in their order: procurement_id, title, category_code,
    contract_id, organisation, is_coordinated, starts_on, ends_on, responsible, value_in_words, bids_count and
    qualified_bids_count (missing when no bid is known or one could not be read), previous_contract_ore,
    market_price_ore, negotiation_ore, the same with _reason (Swedish, empty when reckoned), method, method_name,
    yearly_ore (missing when no method can be used), unknown_because (why, one sentence per method),
    cost_avoidance_ore, cost_avoidance_reason and
    one_off_cost_ore. articles has one row per row of prices: procurement_id, article_id, article_name, quantity_unit,
    quantity, previous_price_sek, factor, indexed_previous_price_sek, new_price_sek, yearly_saving_sek (not rounded) and
    reason (why it takes no part). reasons has one row per procurement and method that cannot be used: procurement_id,
    method, method_name, reason (a key of NO_SAVING_REASONS), reason_text.
    Raises: MeasureError when a column is missing, a procurement stands twice, or a choice is not allowed.
    Source: methods.md 4.2, requirements R72-R75.

    >>> empty = [pd.DataFrame(columns=names(table)) for table in (AWARDS, BIDS, CONTRACT_PRICES)]
    >>> saving_triage(*empty).market_rule.split(".")[0]
    'Marknadspriset är medianen av de kvalificerade anbuden med vinnaren inräknad'
    """
    check_choices(market_reference, least_qualified_bids)
    listed = frames.plain_rows(awards, AWARD_COLUMNS, "saving_triage")
    _each_once(listed)
    bids_of = _grouped(frames.plain_rows(bids, _BID_COLUMNS, "saving_triage"))
    prices_of = _grouped(frames.plain_rows(prices, _PRICE_COLUMNS, "saving_triage"))
    choices: _Choices = (market_reference, winner_in_reference, least_qualified_bids)
    procurements, articles, reasons = [], [], []
    for award in listed:
        name = award["procurement_id"]
        known_bids, known_prices = bids_of.get(name, []), prices_of.get(name, [])
        each = article_savings(known_prices)
        found = _every_method(award, known_bids, each, choices)
        procurements.append(_procurement(award, known_bids, found, refused_increases(award, known_prices)))
        articles += _article_rows(known_prices, each, found["previous_contract"])
        reasons += _reasons(name, found)
    return SavingTriage(
        procurements=frames.framed(procurements, _PROCUREMENTS),
        articles=frames.framed(articles, _ARTICLES),
        reasons=frames.framed(reasons, _REASONS),
        market_rule=market_rule(market_reference, winner_in_reference, least_qualified_bids),
    )


def methods_used(triage: SavingTriage) -> pd.DataFrame:
    """Count for each method the procurements that allow it and those that it is used for.

    Parameters: `triage`, as `saving_triage` returns it.
    Returns: one row per method in the order of preference, and last one for none: method (missing for none),
    method_name, usable_count, used_count, yearly_ore (of those that it is used for; missing when there is none).
    The used_count column sums to the procurements. No rows without procurements: nothing is then known of them.
    Source: requirement R75.
    """
    table = triage.procurements
    rows: list[Row] = []
    for method, name in SAVING_METHODS.items() if len(table) else ():
        used = table[table["method"] == method]
        amount = sum(int(yearly) for yearly in used["yearly_ore"]) if len(used) else None
        rows.append(
            {"method": method, "method_name": name, "usable_count": int(table[f"{method}_ore"].notna().sum()),
             "used_count": len(used), "yearly_ore": amount}
        )  # fmt: skip
    none = int(table["method"].isna().sum())
    if len(table):
        rows.append(
            {"method": None, "method_name": "Ingen metod", "usable_count": none, "used_count": none, "yearly_ore": None}
        )
    return frames.framed(
        rows,
        {"method": "str", "method_name": "str", "usable_count": "int64", "used_count": "int64", "yearly_ore": "Int64"},
    )


def negotiated_per_year(triage: SavingTriage) -> pd.DataFrame:
    """Sum what negotiation took off the winners' first prices, by the year in which the contract starts.

    Parameters: `triage`, as `saving_triage` returns it.
    Returns: one row per year from the first to the last with a negotiation that can be reckoned: year,
    procurements_count, saving_ore (0 in a year between without any). Contracts without start day take no part.
    Source: requirement R84.
    """
    years: dict[int, list[int]] = defaultdict(list)
    for row in frames.plain_rows(triage.procurements, ["starts_on", "negotiation_ore"], "negotiated_per_year"):
        starts_on: date | None = row["starts_on"]
        if starts_on is not None and row["negotiation_ore"] is not None:
            years[starts_on.year].append(row["negotiation_ore"])
    rows = [
        {"year": year, "procurements_count": len(years[year]), "saving_ore": sum(years[year])}
        for year in (range(min(years), max(years) + 1) if years else ())
    ]
    return frames.framed(rows, {"year": "int64", "procurements_count": "int64", "saving_ore": "int64"})


def _every_method(
    award: Row, bids: Sequence[Row], articles: Sequence[ArticleSaving], choices: _Choices
) -> dict[str, Reckoned]:
    market_reference, winner_in_reference, least_qualified_bids = choices
    return {
        "previous_contract": previous_contract_saving(award, articles),
        "market_price": market_price_saving(
            award,
            bids,
            market_reference=market_reference,
            winner_in_reference=winner_in_reference,
            least_qualified_bids=least_qualified_bids,
        ),
        "negotiation": negotiation_saving(award, bids),
    }


def _reasons(procurement: str, found: Mapping[str, Reckoned]) -> list[dict[str, Any]]:
    return [
        {"procurement_id": procurement, "method": method, "method_name": SAVING_METHODS[method],
         "reason": result.reason, "reason_text": result.reason_text}
        for method, result in found.items()
        if result.exact_ore is None
    ]  # fmt: skip


def _procurement(award: Row, bids: Sequence[Row], found: Mapping[str, Reckoned], avoided: Reckoned) -> dict[str, Any]:
    method = next((name for name in SAVING_METHODS if found[name].exact_ore is not None), None)
    # A count that lacks a bid would be too low without showing it.
    counted = None if award["rejected_bids_count"] or not bids else bids
    return {
        **award,
        "bids_count": None if counted is None else len(counted),
        "qualified_bids_count": None if counted is None else sum(row["is_qualified"] == 1 for row in counted),
        **{f"{name}_ore": result.yearly_ore for name, result in found.items()},
        **{f"{name}_reason": result.reason_text for name, result in found.items()},
        "method": method,
        "method_name": SAVING_METHODS[method] if method else None,
        "yearly_ore": found[method].yearly_ore if method else None,
        "unknown_because": "" if method else _why_none(found),
        "cost_avoidance_ore": avoided.yearly_ore,
        "cost_avoidance_reason": avoided.reason_text,
    }


def _why_none(found: Mapping[str, Reckoned]) -> str:
    """Join the methods' reasons into sentences; a reason that stops them all is said once."""
    said = {result.reason_text for result in found.values()}
    if len(said) == 1:
        return f"{said.pop()}."
    # The reasons begin with a capital or a count; after the method's name they go on in lower case.
    parts = ((SAVING_METHODS[name], found[name].reason_text) for name in SAVING_METHODS)
    return " ".join(f"{name}: {text[0].lower()}{text[1:]}." for name, text in parts)


def _article_rows(prices: Sequence[Row], articles: Sequence[ArticleSaving], whole: Reckoned) -> list[dict[str, Any]]:
    rows = []
    for row, article in zip(prices, articles, strict=True):
        # What the procurement's sum leaves out, the articles leave out too, so that they sum to it.
        saving = article.exact_ore if whole.exact_ore is not None else None
        rows.append(
            {
                **row,
                "factor": None if article.factor is None else as_decimal(article.factor),
                "indexed_previous_price_sek": None
                if article.indexed_price_ore is None
                else as_decimal(article.indexed_price_ore / 100),
                "yearly_saving_sek": None if saving is None else as_decimal(saving / 100),
                "reason": article.reason_text or whole.reason_text,
            }
        )
    return rows


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["procurement_id"]].append(row)
    return groups


def _each_once(awards: Sequence[Row]) -> None:
    counts = Counter(row["procurement_id"] for row in awards)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise MeasureError(f"saving_triage: {examples(twice)} stands twice among the awards. Keep one row of each.")
