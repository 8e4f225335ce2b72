"""What was paid for one unit of an article, from a line's price or, where that does not tell, from its amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.measures.article_prices.exact import Fractions, of_ore
from procanalysis.measures.article_prices.reasons import NO_QUANTITY, OPPOSITE_SIGNS

BY_PRICE, BY_AMOUNT = "Radens pris", "Radens belopp"

_ROUNDING_ORE = Fractions.of(pd.Series([2]))


@dataclass(frozen=True)
class Paid:
    """Hold for each line its exact quantity and unit price, what tells the price, and why it is not known (else '')."""

    quantity: Fractions
    unit_price: Fractions
    known_by: npt.NDArray[Any]
    reason: npt.NDArray[Any]


def paid_for(rows: pd.DataFrame) -> Paid:
    """Tell what each line's unit cost.

    unit price = price_sek / base_quantity. Where the line has no price, or its amount is lower than quantity × price by
    more than two öre (a discount on the line), unit price = amount / quantity: what was paid and no more. A charge on
    the line is not part of the article's price. A line whose quantity and amount have different signs has no price.
    """
    quantity, amount = Fractions.of(rows["quantity"]), of_ore(rows["amount_ore"])
    listed = Fractions.of(rows["price_sek"]).over(Fractions.of(rows["base_quantity"]))
    nothing = np.asarray(quantity.above == 0, dtype=bool)
    whole_price = _less_rounding(quantity.times(listed)).at_most(amount.absolute().times(100))
    by_price = rows["price_sek"].notna().to_numpy(bool) & whole_price
    opposite = np.asarray(quantity.above * amount.above < 0, dtype=bool)
    return Paid(
        quantity=quantity,
        unit_price=listed.where(by_price, amount.over(quantity)),
        known_by=np.where(by_price, BY_PRICE, BY_AMOUNT).astype(object),
        reason=np.where(nothing, NO_QUANTITY, np.where(opposite, OPPOSITE_SIGNS, "")).astype(object),
    )


def _less_rounding(kronor: Fractions) -> Fractions:
    """Return the size in öre less what rounding may take away."""
    count = len(kronor.above)
    return kronor.absolute().times(100).minus(_ROUNDING_ORE.take(np.zeros(count, dtype=np.intp)))
