"""The change in cost between two periods, parted exactly into price, volume, mix and assortment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.price_comparison.priced_articles import (
    NEW,
    VANISHED,
    Key,
    Paired,
    PricedArticle,
    exact_decimal,
    left_out_frame,
    paired,
    shown_price,
    total,
)
from procanalysis.measures.splitting import round_exact, round_parts
from procanalysis.schema import require_columns

COMPARED = "Jämförbar artikel"
MIXED_UNITS = "Artiklarna räknas i olika enheter, så volym och mix går inte att skilja åt"
NO_UNITS = "Någon artikels enhet är inte angiven, så volym och mix går inte att skilja åt"
STEPS: dict[str, str] = {
    "base": "Värde före",
    "price": "Pris",
    "volume": "Volym",
    "mix": "Mix",
    "rest": "Volym och mix",
    "new": "Nya artiklar",
    "vanished": "Utgångna artiklar",
    "current": "Värde efter",
}
"""The steps of the bridge; 'rest' stands in for volume and mix where the articles have no unit in common."""


@dataclass(frozen=True)
class PriceDecomposition:
    """Hold the parts of a change in cost: base_ore + price + (volume + mix, or rest) + assortment = current_ore.

    volume_ore and mix_ore are None, and rest_ore not, where the articles have no unit in common;
    volume_unknown_because then says so. assortment_ore is new_ore + vanished_ore, of which the latter is not above
    zero. steps: the bridge: step, step_name, amount_ore, is_total; no rows without articles. articles: one row per
    article, the largest price effect first: procurement_id, article_id, article_name, quantity_unit, kind,
    base_quantity, current_quantity, base_price_sek, current_price_sek, base_ore, current_ore, price_ore (missing unless
    compared). excluded: the articles without a price in one of the periods: procurement_id, article_id, quantity_unit,
    reason, base_ore, current_ore.
    """

    base_ore: int
    current_ore: int
    price_ore: int
    volume_ore: int | None
    mix_ore: int | None
    rest_ore: int | None
    new_ore: int
    vanished_ore: int
    steps: pd.DataFrame
    articles: pd.DataFrame
    excluded: pd.DataFrame
    volume_unknown_because: str

    @property
    def assortment_ore(self) -> int:
        return self.new_ore + self.vanished_ore


def price_decomposition(base: pd.DataFrame, current: pd.DataFrame) -> PriceDecomposition:
    """Part the change in cost between two periods into price, volume, mix and assortment.

    Over the articles in both periods, with prices p and quantities q, their sums Q and the earlier value V0: price =
    Σ (p1 - p0) × q1; volume = (Q1 - Q0) × V0 / Q0; mix = Σ (q1 - q0 × Q1 / Q0) × p0. Assortment = value of new articles
    - value of vanished ones. The parts sum to the change, to the öre (largest remainder). Where the articles have no
    quantity unit in common, volume and mix are one part, 'rest' = Σ (q1 - q0) × p0. Parameters: `base` and `current`,
    as in `price_indices`. Returns PriceDecomposition. Raises MeasureError when an article stands twice. Source:
    methods 5.
    """
    return _decomposed(paired(base, current, "price_decomposition"))


def _decomposed(pairs: Paired) -> PriceDecomposition:
    exact, because = _exact_parts(pairs)
    before = total([first.value for first, _ in pairs.both.values()]) - exact["vanished"]
    after = total([second.value for _, second in pairs.both.values()]) + exact["new"]
    base_ore, current_ore = round_exact(before * 100), round_exact(after * 100)
    rounded = round_parts([amount * 100 for amount in exact.values()], current_ore - base_ore)
    parts = {"base": base_ore, **dict(zip(exact, rounded, strict=True)), "current": current_ore}
    laid = [(step, STEPS[step], parts[step], int(step in ("base", "current"))) for step in STEPS if step in parts]
    types = {"step": "str", "step_name": "str", "amount_ore": "int64", "is_total": "int64"}
    articles = _article_rows(pairs, parts)
    return PriceDecomposition(
        base_ore=base_ore,
        current_ore=current_ore,
        price_ore=parts["price"],
        volume_ore=parts.get("volume"),
        mix_ore=parts.get("mix"),
        rest_ore=parts.get("rest"),
        new_ore=parts["new"],
        vanished_ore=parts["vanished"],
        # Without an article in either period there is nothing to lay out, not a cost of zero.
        steps=frames.framed(laid if len(articles) else [], types),
        articles=articles,
        excluded=left_out_frame(Paired(unusable=pairs.unusable)),
        volume_unknown_because=because,
    )


def _exact_parts(pairs: Paired) -> tuple[dict[str, Fraction], str]:
    """Reckon the parts in kronor, unrounded, and say why volume and mix cannot be told apart where they cannot."""
    both = list(pairs.both.values())
    units = {key[2] for key in pairs.both}
    price = total([(after.price - before.price) * after.quantity for before, after in both])
    at_old_prices = total([(after.quantity - before.quantity) * before.price for before, after in both])
    because = NO_UNITS if "" in units else MIXED_UNITS if len(units) > 1 else ""
    parts = {"price": price}
    if because:
        parts["rest"] = at_old_prices
    else:
        quantity_before = total([before.quantity for before, _ in both])
        quantity_after = total([after.quantity for _, after in both])
        value_before = total([before.value for before, _ in both])
        change = quantity_after - quantity_before
        parts["volume"] = change * value_before / quantity_before if both else Fraction(0)
        parts["mix"] = at_old_prices - parts["volume"]
    parts["new"] = total([article.value for article in pairs.new.values()])
    parts["vanished"] = -total([article.value for article in pairs.vanished.values()])
    return parts, because


_ARTICLE_TYPES = {
    "procurement_id": "str", "article_id": "str", "article_name": "str", "quantity_unit": "str", "kind": "str",
    "base_quantity": "object", "current_quantity": "object", "base_price_sek": "object", "current_price_sek": "object",
    "base_ore": "int64", "current_ore": "int64", "price_ore": "Int64",
}  # fmt: skip


def _article_rows(pairs: Paired, parts: Mapping[str, int]) -> pd.DataFrame:
    """List the articles; their values and price effects sum to those of the whole."""
    sides: list[tuple[Key, str, PricedArticle | None, PricedArticle | None]] = [
        *((key, COMPARED, before, after) for key, (before, after) in pairs.both.items()),
        *((key, NEW, None, after) for key, after in pairs.new.items()),
        *((key, VANISHED, before, None) for key, before in pairs.vanished.items()),
    ]
    base_ore = round_parts([_value_ore(before) for _, _, before, _ in sides], parts["base"])
    current_ore = round_parts([_value_ore(after) for _, _, _, after in sides], parts["current"])
    effects = [(after.price - before.price) * after.quantity * 100 for before, after in pairs.both.values()]
    price: list[int | None] = [*round_parts(effects, parts["price"])]
    price += [None] * (len(sides) - len(effects))
    rows = []
    for place, (key, kind, before, after) in enumerate(sides):
        shown = before or after
        rows.append(
            {
                "procurement_id": key[0] or None,
                "article_id": key[1],
                "article_name": shown.name if shown else None,
                "quantity_unit": key[2] or None,
                "kind": kind,
                "base_quantity": exact_decimal(before.quantity) if before else None,
                "current_quantity": exact_decimal(after.quantity) if after else None,
                "base_price_sek": shown_price(before.price) if before else None,
                "current_price_sek": shown_price(after.price) if after else None,
                "base_ore": base_ore[place],
                "current_ore": current_ore[place],
                "price_ore": price[place],
            }
        )
    frame = frames.framed(rows, _ARTICLE_TYPES)
    return frame.sort_values("price_ore", ascending=False, na_position="last", kind="stable", ignore_index=True)


def _value_ore(article: PricedArticle | None) -> Fraction:
    return article.value * 100 if article else Fraction(0)


_PARTS = ("base_ore", "price_ore", "volume_ore", "mix_ore", "rest_ore", "assortment_ore", "current_ore")
_BY_TYPES = {"procurement_id": "str", **dict.fromkeys(_PARTS, "Int64"), "volume_unknown_because": "str"}


def price_decomposition_by_procurement(base: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Part the change in cost of each procurement by itself, so that volume and mix can be told wherever units agree.

    As price_decomposition, over the articles of each procurement. Parameters: `base` and `current`, as `purchases_of`
    returns them, with procurement_id. Returns one row per procurement with an article that has a price in a period,
    the largest price effect first: procurement_id, base_ore, price_ore, volume_ore and mix_ore (missing where units
    differ), rest_ore (missing where they agree), assortment_ore, current_ore, volume_unknown_because. Raises
    MeasureError. Source: methods 5.
    """
    for frame in (base, current):
        require_columns(frame.columns, ["procurement_id"], "price_decomposition_by_procurement")
    pairs = paired(base, current, "price_decomposition_by_procurement")
    procurements = sorted({key[0] for key in (*pairs.both, *pairs.new, *pairs.vanished)})
    rows = []
    for name in procurements:
        of_one = Paired(
            both={key: each for key, each in pairs.both.items() if key[0] == name},
            new={key: each for key, each in pairs.new.items() if key[0] == name},
            vanished={key: each for key, each in pairs.vanished.items() if key[0] == name},
        )
        found = _decomposed(of_one)
        told = {part: getattr(found, part) for part in (*_PARTS, "volume_unknown_because")}
        rows.append({"procurement_id": name or None, **told})
    frame = frames.framed(rows, _BY_TYPES)
    return frame.sort_values(["price_ore", "procurement_id"], ascending=[False, True], ignore_index=True)
