"""The articles bought in a period with their mean price and quantity, and how two such periods are paired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames
from procanalysis.measures.splitting import round_exact

NEW, VANISHED = "Ny artikel", "Utgången artikel"
NOT_ABOVE_ZERO = "Kvantiteten är inte över noll när returer har dragits av"
NO_PRICE = "Priset saknas"

Key = tuple[str, str, str]
"""Procurement ('' when periods are compared across procurements), article and quantity unit ('' when not known)."""

NAMING = ("procurement_id", "article_id", "article_name", "quantity_unit")
PURCHASES = ("procurement_id", "article_id", "unit", "supplier", "bought_on", "quantity", "price_paid_sek")
_TYPES = {
    "procurement_id": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str", "quantity": "object",
    "price_sek": "object", "value_sek": "object", "purchases_count": "int64", "reason": "str",
}  # fmt: skip


@dataclass(frozen=True)
class PricedArticle:
    """Hold what was bought of one article in one period."""

    name: str | None
    price: Fraction
    quantity: Fraction

    @property
    def value(self) -> Fraction:
        return self.price * self.quantity


@dataclass(frozen=True)
class Paired:
    """Hold the articles of two periods: in both, in the later alone, in the earlier alone, and those without a price.

    unusable gives for each key the reason and its exact value before and after.
    """

    both: dict[Key, tuple[PricedArticle, PricedArticle]] = field(default_factory=dict)
    new: dict[Key, PricedArticle] = field(default_factory=dict)
    vanished: dict[Key, PricedArticle] = field(default_factory=dict)
    unusable: dict[Key, tuple[str, Fraction, Fraction]] = field(default_factory=dict)

    def left_out(self) -> Iterator[tuple[Key, str, Fraction, Fraction]]:
        """List the articles that have no price relative: key, reason, value before and after."""
        for key, article in self.new.items():
            yield key, NEW, Fraction(0), article.value
        for key, article in self.vanished.items():
            yield key, VANISHED, article.value, Fraction(0)
        for key, (reason, before, after) in self.unusable.items():
            yield key, reason, before, after


def purchases_of(
    purchases: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    awards: pd.DataFrame | None = None,
    across_procurements: bool = False,
) -> pd.DataFrame:
    """Gather the order or invoice lines of a period into one row per article, with its mean price.

    price = Σ quantity × price paid / Σ quantity. Parameters: `purchases`, PRICED_PURCHASES, empty when there are none;
    `prices`, one row per article with procurement_id, article_id, article_name and quantity_unit (CONTRACT_PRICES);
    `starts_on` and `ends_on`, both days included; `awards`, AWARDS or None: an article whose number and quantity unit a
    replacing procurement prices too is the same article, and stands under the last procurement of the chain that prices
    it; where several replace one and price it, nobody can tell which goes on, and it stays; `across_procurements`,
    whether the same article number and quantity unit in any procurements is the same article: only where the
    organisation numbers its articles itself.
    Returns one row per article, in order of procurement and article: procurement_id (missing across procurements),
    article_id, article_name, quantity_unit, quantity, price_sek (rounded to six decimals; missing when the quantity is
    not above zero), value_sek (exact; what the measures reckon with), purchases_count, reason (why there is no price,
    else ''). Raises MeasureError. Source: methods 5.

    >>> bought = pd.DataFrame({"procurement_id": ["u"] * 2, "article_id": ["1"] * 2, "unit": ["A"] * 2,
    ...     "supplier": ["S"] * 2, "bought_on": pd.to_datetime(["2025-01-01", "2025-02-01"]),
    ...     "quantity": [Decimal(1), Decimal(3)], "price_paid_sek": [Decimal(10), Decimal(12)]})
    >>> named = pd.DataFrame({"procurement_id": ["u"], "article_id": ["1"], "article_name": ["Handske"],
    ...     "quantity_unit": ["st"]})
    >>> purchases_of(bought, named, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))["price_sek"].tolist()
    [Decimal('11.500000')]
    """
    named = article_names(prices, "purchases_of")
    renewed = _renewals(awards, "purchases_of")
    sums: dict[Key, list[Fraction]] = {}
    names: dict[Key, str | None] = {}
    for row in bought_in(purchases, starts_on, ends_on, "purchases_of"):
        name, quantity_unit = named.get((row["procurement_id"], row["article_id"]), (None, None))
        held_by = "" if across_procurements else _carried(row["procurement_id"], row["article_id"], renewed, named)
        key = (held_by, row["article_id"], quantity_unit or "")
        found = sums.setdefault(key, [Fraction(0), Fraction(0), Fraction(0)])
        quantity = Fraction(row["quantity"])
        for place, more in enumerate((quantity, quantity * Fraction(row["price_paid_sek"]), Fraction(1))):
            found[place] += more
        names[key] = names.get(key) or name
    rows = []
    for key in sorted(sums):
        quantity, value, count = sums[key]
        price = shown_price(value / quantity) if quantity > 0 else None
        rows.append(
            (
                *_shown_key(key, names[key]), exact_decimal(quantity), price, exact_decimal(value), int(count),
                "" if quantity > 0 else NOT_ABOVE_ZERO,
            )
        )  # fmt: skip
    return frames.framed(rows, _TYPES)


def _renewals(awards: pd.DataFrame | None, measure: str) -> dict[str, list[str]]:
    """Gather for each procurement those that replace it."""
    found: dict[str, list[str]] = {}
    columns = ("procurement_id", "replaces_procurement_id")
    for row in frames.plain_rows(awards, columns, measure) if awards is not None else ():
        if row["replaces_procurement_id"] is not None:
            found.setdefault(row["replaces_procurement_id"], []).append(row["procurement_id"])
    return found


def _carried(
    procurement: str,
    article: str,
    renewed: Mapping[str, Sequence[str]],
    named: Mapping[tuple[str, str], tuple[str | None, str | None]],
) -> str:
    """Follow the replacements to the last procurement that prices the same article by the same quantity unit."""
    if (procurement, article) not in named:
        return procurement
    quantity_unit = named[procurement, article][1]

    def prices_it(name: str) -> bool:
        return (name, article) in named and named[name, article][1] == quantity_unit

    last, seen, new = procurement, {procurement}, list(renewed.get(procurement, ()))
    while new:
        # Several may replace one, each a part of it; the article goes on in the one that prices it.
        chosen = new if len(new) == 1 else [name for name in new if prices_it(name)]
        if len(chosen) != 1:
            return last
        if chosen[0] in seen:
            # Procurements that replace each other in a circle have no last one.
            return procurement
        seen.add(chosen[0])
        last = chosen[0] if prices_it(chosen[0]) else last
        new = list(renewed.get(chosen[0], ()))
    return last


def bought_in(purchases: pd.DataFrame, starts_on: date, ends_on: date, measure: str) -> list[dict[str, Any]]:
    """Return the purchases of a period as plain rows. Raises MeasureError when it ends before it starts."""
    if ends_on < starts_on:
        raise MeasureError(f"{measure}: the period ends on {ends_on}, before it starts on {starts_on}. Swap the days.")
    rows = frames.plain_rows(purchases, PURCHASES, measure)
    return [row for row in rows if starts_on <= row["bought_on"] <= ends_on]


def article_names(prices: pd.DataFrame, measure: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Return the name and the quantity unit of each article, by procurement and article."""
    rows = frames.plain_rows(prices, NAMING, measure)
    return {(row["procurement_id"], row["article_id"]): (row["article_name"], row["quantity_unit"]) for row in rows}


def paired(base: pd.DataFrame, current: pd.DataFrame, measure: str) -> Paired:
    """Pair the articles of two periods. Raises MeasureError when an article stands twice in one of them."""
    before, unpriced_before = _articles(base, measure)
    after, unpriced_after = _articles(current, measure)
    pairs = Paired()
    for key in sorted({*before, *after, *unpriced_before, *unpriced_after}):
        if key in unpriced_before or key in unpriced_after:
            # An article that has no price in one of the periods can be compared in neither.
            sides = [
                unpriced.get(key) or ("", priced[key].value if key in priced else Fraction(0))
                for priced, unpriced in ((before, unpriced_before), (after, unpriced_after))
            ]
            pairs.unusable[key] = (sides[0][0] or sides[1][0], sides[0][1], sides[1][1])
        elif key not in before:
            pairs.new[key] = after[key]
        elif key not in after:
            pairs.vanished[key] = before[key]
        else:
            pairs.both[key] = (before[key], after[key])
    return pairs


def _articles(frame: pd.DataFrame, measure: str) -> tuple[dict[Key, PricedArticle], dict[Key, tuple[str, Fraction]]]:
    """Read one period: the articles with a price, and the reason and value of those without."""
    optional = [name for name in ("procurement_id", "article_name", "value_sek") if name in frame.columns]
    rows = frames.plain_rows(frame, ("article_id", "quantity_unit", "quantity", "price_sek", *optional), measure)
    priced: dict[Key, PricedArticle] = {}
    unpriced: dict[Key, tuple[str, Fraction]] = {}
    for row in rows:
        key = (row.get("procurement_id") or "", row["article_id"], row["quantity_unit"] or "")
        if key in priced or key in unpriced:
            raise MeasureError(
                f"{measure}: article '{row['article_id']}' stands twice in a period. Gather its purchases with "
                "purchases_of first."
            )
        quantity = Fraction(row["quantity"] or 0)
        value = row.get("value_sek")
        if quantity <= 0:
            unpriced[key] = (NOT_ABOVE_ZERO, Fraction(value or 0))
        elif value is None and row["price_sek"] is None:
            unpriced[key] = (NO_PRICE, Fraction(0))
        else:
            price = Fraction(row["price_sek"]) if value is None else Fraction(value) / quantity
            priced[key] = PricedArticle(row.get("article_name"), price, quantity)
    return priced, unpriced


def left_out_frame(pairs: Paired) -> pd.DataFrame:
    """List the articles that do not have a price in both periods, with the reason and their values."""
    rows = [
        (key[0] or None, key[1], key[2] or None, reason, round_exact(before * 100), round_exact(after * 100))
        for key, reason, before, after in pairs.left_out()
    ]
    types = {
        "procurement_id": "str", "article_id": "str", "quantity_unit": "str", "reason": "str", "base_ore": "int64",
        "current_ore": "int64",
    }  # fmt: skip
    return frames.framed(rows, types)


def _shown_key(key: Key, name: str | None) -> tuple[str | None, str, str | None, str | None]:
    return key[0] or None, key[1], name, key[2] or None


def exact_decimal(exact: Fraction) -> Decimal:
    """Write a sum of products of decimals, which has an end, as a decimal."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def shown_price(exact: Fraction) -> Decimal:
    """Round a mean price to six decimals, as many as a price in the registers may have."""
    return exact_decimal(exact).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Fraction]) -> Fraction:
    """Sum exact amounts."""
    return sum(amounts, Fraction(0))
