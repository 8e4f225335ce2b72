"""Price indices between two periods over the articles that both have: Laspeyres, Paasche and Fisher."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from procanalysis.measures import wording
from procanalysis.measures.price_comparison.priced_articles import exact_decimal, left_out_frame, paired
from procanalysis.measures.splitting import round_exact
from procanalysis.schema import Exclusion, KeyFigure, percent

NOTHING_IN_BOTH = "Ingen artikel har ett pris över noll i båda perioderna"


@dataclass(frozen=True)
class PriceIndices:
    """Hold the indices, 1 meaning unchanged, and what they rest on; None when no article can be compared.

    paasche_quantity is the quantity index at the later prices: laspeyres × paasche_quantity = current_ore / base_ore,
    which are the compared articles' values; all_current_ore is what all articles of the later period come to. excluded:
    the articles without a price relative: procurement_id, article_id, quantity_unit, reason, base_ore, current_ore.
    """

    laspeyres: Decimal | None
    paasche: Decimal | None
    fisher: Decimal | None
    paasche_quantity: Decimal | None
    base_ore: int
    current_ore: int
    all_current_ore: int
    articles_count: int
    excluded: pd.DataFrame
    unknown_because: str


def price_indices(base: pd.DataFrame, current: pd.DataFrame) -> PriceIndices:
    """Tell how prices have moved between two periods, over the articles bought in both.

    With prices p and quantities q of the earlier period (0) and the later (1): Laspeyres = Σ p1 q0 / Σ p0 q0, Paasche =
    Σ p1 q1 / Σ p0 q1, Fisher = √(Laspeyres × Paasche). Parameters: `base` and `current`, one row per article with
    article_id, quantity_unit, quantity, price_sek (exact decimals), and procurement_id and value_sek where there are
    any, as `purchases_of` returns them; an article is the same when procurement, number and quantity unit are, so give
    `purchases_of` the awards for it to be the same when a contract is renewed. Returns PriceIndices; articles that are
    new, vanished or without a price are left out and returned. Raises MeasureError when an article stands twice.
    Source: methods 5.

    >>> def period(prices, quantities):
    ...     return pd.DataFrame({"article_id": ["1", "2"], "quantity_unit": "st",
    ...         "price_sek": [Decimal(p) for p in prices], "quantity": [Decimal(q) for q in quantities]})
    >>> price_indices(period((10, 20), (100, 50)), period((12, 18), (80, 70))).laspeyres
    Decimal('1.05')
    """
    pairs = paired(base, current, "price_indices")
    sums = {name: Fraction(0) for name in ("p0q0", "p1q0", "p0q1", "p1q1")}
    for before, after in pairs.both.values():
        sums["p0q0"] += before.value
        sums["p1q0"] += after.price * before.quantity
        sums["p0q1"] += before.price * after.quantity
        sums["p1q1"] += after.value
    known = all(amount > 0 for amount in sums.values())
    laspeyres = sums["p1q0"] / sums["p0q0"] if known else None
    paasche = sums["p1q1"] / sums["p0q1"] if known else None
    return PriceIndices(
        laspeyres=None if laspeyres is None else exact_decimal(laspeyres),
        paasche=None if paasche is None else exact_decimal(paasche),
        fisher=None if laspeyres is None or paasche is None else exact_decimal(laspeyres * paasche).sqrt(),
        paasche_quantity=exact_decimal(sums["p1q1"] / sums["p1q0"]) if known else None,
        base_ore=round_exact(sums["p0q0"] * 100),
        current_ore=round_exact(sums["p1q1"] * 100),
        all_current_ore=round_exact((sums["p1q1"] + sum(after for *_, after in pairs.left_out())) * 100),
        articles_count=len(pairs.both),
        excluded=left_out_frame(pairs),
        unknown_because="" if known else NOTHING_IN_BOTH,
    )


def fisher_index(indices: PriceIndices, *, currency: str = "SEK") -> KeyFigure:
    """Tell how prices have moved as one index, the earlier period being 100.

    Fisher × 100. Parameters: `indices`, as `price_indices` returns them; `currency`, of the amounts. Returns a
    KeyFigure that tells how much of the later period's purchases the compared articles are, with Laspeyres and Paasche
    beside it; left out are the articles without a price relative, with the larger of their two values; unknown when no
    article can be compared. Source: methods 5.
    """
    compared = []
    covered = percent(indices.current_ore, indices.all_current_ore)
    if indices.fisher is not None and covered is not None:
        both = (wording.amount_text(amount, currency) for amount in (indices.current_ore, indices.all_current_ore))
        compared.append("Omfattar {} av periodens köp, {} av {}".format(wording.percent_text(covered), *both))
    if indices.laspeyres is not None and indices.paasche is not None:
        each = (wording.number_text(index * 100, 1) for index in (indices.laspeyres, indices.paasche))
        compared.append("Laspeyres {}; Paasche {}".format(*each))
    larger = indices.excluded.assign(amount_ore=indices.excluded[["base_ore", "current_ore"]].max(axis=1))
    return KeyFigure(
        id="fisher_index",
        label="Prisindex (Fisher, den tidigare perioden är 100)",
        value=None if indices.fisher is None else indices.fisher * 100,
        unit="",
        method="price_indices",
        excluded=tuple(
            Exclusion(str(reason), len(rows), int(rows["amount_ore"].sum()), "artiklar")
            for reason, rows in larger.groupby("reason")
        ),
        comparison="; ".join(compared),
        unknown_because=indices.unknown_because,
    )
