"""What the same article costs different units, suppliers and months, and what the best own price would have meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.price_comparison.priced_articles import (
    NOT_ABOVE_ZERO,
    article_names,
    bought_in,
    exact_decimal,
    shown_price,
    total,
)
from procanalysis.measures.splitting import round_exact, round_parts
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent

Between = Literal["unit", "supplier", "month"]

ONLY_ONE: dict[str, str] = {
    "unit": "Bara en enhet har köpt artikeln",
    "supplier": "Artikeln är köpt av en enda leverantör",
    "month": "Artikeln är köpt i en enda månad",
}
NOT_STATED: dict[str, str] = {
    "unit": "Enheten är inte angiven",
    "supplier": "Leverantören är inte angiven",
    "month": "Dagen är inte angiven",
}
TOO_LITTLE = "Ingen enhet har köpt så mycket som krävs för att dess pris ska räknas"
PACKS = "Kan vara olika förpackningar"
PACK_SIZES = "{packs}: högsta betalda priset är {ratio} gånger det lägsta"
FREE = "Lägsta priset är inte över noll"
NOTHING_COMPARED = "Ingen artikel är köpt till jämförbara priser av flera"
SOLE_TRADER = "Enskild firma"

_Article = tuple[str, str]
_NAMED = {"procurement_id": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str"}
_ARTICLES = {
    **_NAMED, "groups_count": "int64", "lowest_price_sek": "object", "lowest_at": "str", "highest_price_sek": "object",
    "highest_at": "str", "mean_price_sek": "object", "ratio": "float64", "quantity": "object",
    "purchases_count": "int64", "paid_ore": "int64", "spread_ore": "int64",
}  # fmt: skip
_GROUPS = {
    **_NAMED, "group_name": "str", "quantity": "object", "price_sek": "object", "paid_ore": "int64",
    "spread_ore": "int64",
}  # fmt: skip
_OWN = {
    **_NAMED, "units_count": "int64", "best_price_sek": "object", "best_unit": "str", "mean_price_sek": "object",
    "highest_price_sek": "object", "ratio": "float64", "quantity": "object", "purchases_count": "int64",
    "paid_ore": "int64", "potential_ore": "int64", "is_counted": "int64", "caution": "str",
}  # fmt: skip
_EXCLUDED = {**_NAMED, "reason": "str", "purchases_count": "int64", "paid_ore": "int64"}


@dataclass
class _Bought:
    """Add up quantity, value and purchases, and keep the prices above zero that single purchases had."""

    quantity: Fraction = Fraction(0)
    value: Fraction = Fraction(0)
    count: int = 0
    prices: set[Fraction] = field(default_factory=set)

    def add(self, quantity: Fraction, value: Fraction, count: int = 1) -> None:
        """Add one purchase, or the sum of several."""
        self.quantity += quantity
        self.value += value
        self.count += count
        if count == 1 and quantity and value / quantity > 0:
            self.prices.add(value / quantity)

    @property
    def price(self) -> Fraction:
        return self.value / self.quantity


@dataclass(frozen=True)
class _Gathered:
    """Hold what was bought of each article per unit, supplier or month, and what cannot be laid to any of them."""

    articles: dict[_Article, dict[str, _Bought]] = field(default_factory=dict)
    not_stated: dict[_Article, _Bought] = field(default_factory=dict)


@dataclass(frozen=True)
class PriceVariance:
    """Hold how the price of the same article differs between units, suppliers or months.

    articles: one row per article bought by at least two, the largest spread first: procurement_id, article_id,
    article_name, quantity_unit, groups_count, lowest_price_sek, lowest_at, highest_price_sek, highest_at,
    mean_price_sek (weighted by quantity), ratio (highest / lowest, missing when the lowest is not above zero),
    quantity, purchases_count, paid_ore, spread_ore. groups: one row per article and unit, supplier or month:
    procurement_id, article_id, article_name, quantity_unit, group_name, quantity, price_sek, paid_ore, spread_ore.
    excluded: what could not be compared: procurement_id, article_id, article_name, quantity_unit, reason,
    purchases_count, paid_ore.
    """

    articles: pd.DataFrame
    groups: pd.DataFrame
    excluded: pd.DataFrame


@dataclass(frozen=True)
class OwnPrices:
    """Hold what each article would have cost at the best price that one of the own units paid.

    articles: one row per article bought by at least two units, the largest potential first: procurement_id, article_id,
    article_name, quantity_unit, units_count, best_price_sek, best_unit, mean_price_sek, highest_price_sek, ratio,
    quantity, purchases_count, paid_ore, potential_ore, is_counted (0 when a caution keeps it out of the sum), caution.
    excluded: as in PriceVariance.
    """

    articles: pd.DataFrame
    excluded: pd.DataFrame


def price_variance(
    purchases: pd.DataFrame, prices: pd.DataFrame, *, starts_on: date, ends_on: date, between: Between = "unit"
) -> PriceVariance:
    """Tell how much the price of the same article differs between units, suppliers or months.

    price of a group = Σ quantity × price paid / Σ quantity; spread = Σ (price paid - the lowest group's price) ×
    quantity, over all purchases of the article. Parameters: `purchases`, PRICED_PURCHASES, empty when there are none;
    `prices`, one row per article with procurement_id, article_id, article_name and quantity_unit; `starts_on` and
    `ends_on`, both days included; `between`, 'unit', 'supplier' (a sole trader is shown without name or code) or
    'month'. Returns PriceVariance. A group whose returns take out its purchases has no price and is left out, as is an
    article with fewer than two prices. Raises MeasureError. Source: methods 5.
    """
    if between not in ONLY_ONE:
        raise MeasureError(f"price_variance: cannot compare between '{between}'. {did_you_mean(between, ONLY_ONE)}")
    named = article_names(prices, "price_variance")
    gathered = _gathered(bought_in(purchases, starts_on, ends_on, "price_variance"), between)
    excluded = _not_stated(gathered, between)
    articles, groups = [], []
    for article, all_groups in sorted(gathered.articles.items()):
        priced = _priced(article, all_groups, excluded)
        if len(priced) < 2:
            excluded += [(article, ONLY_ONE[between], sums) for sums in priced.values()]
            continue
        lowest, highest = _ends(priced)
        every = _summed(priced.values())
        exact = [(sums.value - sums.quantity * priced[lowest].price) * 100 for sums in priced.values()]
        spread, paid = round_exact(total(exact)), round_exact(every.value * 100)
        spreads = round_parts(exact, spread)
        paids = round_parts([sums.value * 100 for sums in priced.values()], paid)
        naming = _naming(article, named)
        articles.append(
            naming
            | _prices(priced, every, lowest, highest)
            | {"lowest_at": _shown(lowest, between), "highest_at": _shown(highest, between)}
            | {"groups_count": len(priced), "paid_ore": paid, "spread_ore": spread}
        )
        groups += [
            naming
            | {"group_name": _shown(name, between), "quantity": exact_decimal(sums.quantity)}
            | {"price_sek": shown_price(sums.price), "paid_ore": paids[place], "spread_ore": spreads[place]}
            for place, (name, sums) in enumerate(priced.items())
        ]
    return PriceVariance(_frame(articles, _ARTICLES, "spread_ore"), _frame(groups, _GROUPS), _excluded(excluded, named))


def price_spread(variance: PriceVariance, *, currency: str = "SEK") -> KeyFigure:
    """Sum what the articles cost above the lowest price that any unit, supplier or month had.

    Σ spread_ore. Parameters: `variance`, as `price_variance` returns it; `currency`, of the amounts. Returns a
    KeyFigure in kronor with what was paid for the articles; unknown when no article can be compared. Source: methods 5.
    """
    rows = variance.articles
    return KeyFigure(
        id="price_spread",
        label="Betalat över lägsta pris",
        value=kronor(int(rows["spread_ore"].sum())) if len(rows) else None,
        unit=currency,
        method="price_variance",
        excluded=_exclusions(variance.excluded),
        comparison=_of_paid(rows, "spread_ore", currency),
        unknown_because="" if len(rows) else NOTHING_COMPARED,
    )


def best_own_prices(
    purchases: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    least_quantity: Decimal = Decimal(1),
    pack_size_ratio: Decimal = Decimal(3),
) -> OwnPrices:
    """Tell what each article would have cost had every unit paid the best price that one of them did.

    best = the lowest of the units' prices (Σ quantity × price paid / Σ quantity) among the units that bought at least
    least_quantity; potential = Σ (price paid - best) × quantity. Parameters: `purchases`, `prices`, `starts_on` and
    `ends_on` as in price_variance; `least_quantity`, above zero, in the article's quantity unit; `pack_size_ratio`,
    above one: where the highest price of a purchase / the lowest above zero is at least so much, or a unit's price is
    not above zero, the article may be sold in different packs: it is shown with a caution but not counted. Returns
    OwnPrices. Raises MeasureError. Source: methods 5.
    """
    if least_quantity <= 0 or pack_size_ratio <= 1:
        raise MeasureError(
            f"best_own_prices: least_quantity is {least_quantity} and pack_size_ratio {pack_size_ratio}. Give a "
            "quantity above zero and a ratio above one."
        )
    named = article_names(prices, "best_own_prices")
    gathered = _gathered(bought_in(purchases, starts_on, ends_on, "best_own_prices"), "unit")
    excluded = _not_stated(gathered, "unit")
    rows = []
    for article, all_units in sorted(gathered.articles.items()):
        priced = _priced(article, all_units, excluded)
        enough = {name: sums for name, sums in priced.items() if sums.quantity >= Fraction(least_quantity)}
        if len(priced) < 2 or not enough:
            reason = ONLY_ONE["unit"] if len(priced) < 2 else TOO_LITTLE
            excluded += [(article, reason, sums) for sums in priced.values()]
            continue
        best, (lowest, highest), every = _ends(enough)[0], _ends(priced), _summed(priced.values())
        caution = _caution(priced, priced[lowest].price, Fraction(pack_size_ratio))
        rows.append(
            _naming(article, named)
            | _prices(priced, every, lowest, highest)
            | {"units_count": len(priced), "best_price_sek": shown_price(priced[best].price), "best_unit": best}
            | {"paid_ore": round_exact(every.value * 100)}
            | {"potential_ore": round_exact((every.value - every.quantity * priced[best].price) * 100)}
            | {"is_counted": int(not caution), "caution": caution}
        )
    return OwnPrices(_frame(rows, _OWN, "potential_ore"), _excluded(excluded, named))


def best_own_price(own: OwnPrices, *, currency: str = "SEK") -> KeyFigure:
    """Sum what the best own prices would have saved, over the articles that no caution keeps out.

    Σ potential_ore of the articles counted. Parameters: `own`, as `best_own_prices` returns it; `currency`, of the
    amounts. Returns a KeyFigure in kronor with what was paid for the articles; left out are the articles that may be
    sold in different packs and those that could not be compared, with what was paid for them; unknown when no article
    is counted. Source: methods 5.
    """
    counted = own.articles[own.articles["is_counted"] == 1]
    cautious = own.articles[own.articles["is_counted"] == 0]
    reasons = cautious["caution"].where(cautious["caution"] == FREE, PACKS)
    return KeyFigure(
        id="best_own_price",
        label="Möjligt att spara med bästa egna pris",
        value=kronor(int(counted["potential_ore"].sum())) if len(counted) else None,
        unit=currency,
        method="best_own_price",
        excluded=(*_exclusions(cautious.assign(reason=reasons)), *_exclusions(own.excluded)),
        comparison=_of_paid(counted, "potential_ore", currency),
        unknown_because="" if len(counted) else NOTHING_COMPARED,
    )


def _gathered(rows: Sequence[Mapping[str, Any]], between: str) -> _Gathered:
    """Add up the purchases per article and unit, supplier or month."""
    gathered = _Gathered()
    for row in rows:
        article = (row["procurement_id"], row["article_id"])
        group = f"{row['bought_on']:%Y-%m}" if between == "month" else row[between]
        quantity = Fraction(row["quantity"])
        if group is None:
            sums = gathered.not_stated.setdefault(article, _Bought())
        else:
            sums = gathered.articles.setdefault(article, {}).setdefault(group, _Bought())
        sums.add(quantity, quantity * Fraction(row["price_paid_sek"]))
    return gathered


def _not_stated(gathered: _Gathered, between: str) -> list[tuple[_Article, str, _Bought]]:
    return [(article, NOT_STATED[between], sums) for article, sums in gathered.not_stated.items()]


def _priced(
    article: _Article, groups: Mapping[str, _Bought], excluded: list[tuple[_Article, str, _Bought]]
) -> dict[str, _Bought]:
    """Keep the groups that have a price, in order of name, and add the others to those left out."""
    excluded += [(article, NOT_ABOVE_ZERO, sums) for sums in groups.values() if sums.quantity <= 0]
    return {name: groups[name] for name in sorted(groups) if groups[name].quantity > 0}


def _ends(priced: Mapping[str, _Bought]) -> tuple[str, str]:
    """Name the groups with the lowest and the highest price; the first in order of name among equals."""
    return min(priced, key=lambda name: priced[name].price), max(priced, key=lambda name: priced[name].price)


def _summed(groups: Any) -> _Bought:
    every = _Bought()
    for sums in groups:
        every.add(sums.quantity, sums.value, sums.count)
    return every


def _prices(priced: Mapping[str, _Bought], every: _Bought, lowest: str, highest: str) -> dict[str, Any]:
    low, high = priced[lowest].price, priced[highest].price
    return {
        "lowest_price_sek": shown_price(low),
        "highest_price_sek": shown_price(high),
        "mean_price_sek": shown_price(every.price),
        "ratio": float(high / low) if low > 0 else float("nan"),
        "quantity": exact_decimal(every.quantity),
        "purchases_count": every.count,
    }


def _caution(priced: Mapping[str, _Bought], lowest: Fraction, pack_size_ratio: Fraction) -> str:
    if lowest <= 0:
        return FREE
    # The mean of a unit that buys both packs and single ones would hide the packs.
    paid = {price for sums in priced.values() for price in sums.prices}
    ratio = max(paid) / min(paid)
    return (
        PACK_SIZES.format(packs=PACKS, ratio=wording.number_text(exact_decimal(ratio), 1))
        if ratio >= pack_size_ratio
        else ""
    )


def _shown(group: str, between: str) -> str:
    """Write a group for the reader. A sole trader's code would make a ranking of persons, so it is left out."""
    if between == "month":
        return wording.month_text(group)
    return SOLE_TRADER if between == "supplier" and group.startswith(SOLE_TRADER) else group


def _naming(article: _Article, named: Mapping[_Article, tuple[str | None, str | None]]) -> dict[str, Any]:
    name, quantity_unit = named.get(article, (None, None))
    return dict(zip(_NAMED, (*article, name, quantity_unit), strict=True))


def _frame(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str], largest: str = "") -> pd.DataFrame:
    frame = frames.framed(rows, types)
    return frame.sort_values(largest, ascending=False, kind="stable", ignore_index=True) if largest else frame


def _excluded(
    excluded: Sequence[tuple[_Article, str, _Bought]], named: Mapping[_Article, tuple[str | None, str | None]]
) -> pd.DataFrame:
    """List what was left out, per article and reason."""
    sums: dict[tuple[_Article, str], _Bought] = {}
    for article, reason, bought in excluded:
        sums.setdefault((article, reason), _Bought()).add(bought.quantity, bought.value, bought.count)
    rows = [
        _naming(article, named)
        | {"reason": reason, "purchases_count": each.count, "paid_ore": round_exact(each.value * 100)}
        for (article, reason), each in sorted(sums.items())
    ]
    return _frame(rows, _EXCLUDED)


def _exclusions(excluded: pd.DataFrame) -> tuple[Exclusion, ...]:
    summed = excluded.groupby("reason", as_index=False)[["purchases_count", "paid_ore"]].sum()
    return tuple(
        Exclusion(row["reason"], int(row["purchases_count"]), int(row["paid_ore"])) for row in summed.to_dict("records")
    )


def _of_paid(rows: pd.DataFrame, part: str, currency: str) -> str:
    paid = int(rows["paid_ore"].sum())
    share = percent(int(rows[part].sum()), paid)
    return "" if share is None else f"{wording.percent_text(share)} av {wording.amount_text(paid, currency)}"
