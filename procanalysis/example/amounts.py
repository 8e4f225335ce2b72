"""Turn natural sizes into öre so that the planted shares hold exactly in the last year.

First one factor for all invoices puts the limit of small invoices at the wanted quantile. Then the suppliers
above the wanted rank are stretched, each by a factor of its own and only in what its large invoices have
above the limit, until they make the wanted part of the volume. So the second step cannot undo the first.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from procanalysis.errors import ParamsError
from procanalysis.example.ledger import PERIOD, Floats, Integers, Invoices

SMALL_LIMIT_ORE = 1_000_000
SMALL_SHARE = Decimal("0.79")
TAIL_SHARE = Decimal("0.94")
HEAD_VOLUME = Decimal("0.80005")
"""A hair over 80 %, so that rounding to whole öre cannot move the rank at which 80 % is reached."""


def amounts_in_ore(invoices: Invoices, suppliers: int) -> Integers:
    """Return one amount per invoice: credit notes negative, every supplier's year above zero.

    Parameters: `invoices`, from draw_invoices; `suppliers`, number of suppliers. Raises ParamsError when the
    draw leaves no room for the planted shares (too few lines).
    """
    amount = _with_small_share(invoices)
    amount = _with_credit_notes(invoices, amount)
    return _with_tail(invoices, amount, suppliers)


def _with_small_share(invoices: Invoices) -> Integers:
    """Scale all sizes so that exactly the wanted share of the last year's invoices is under the limit."""
    ordinary = np.flatnonzero((invoices.year == PERIOD) & ~invoices.is_credit)
    small = round(len(ordinary) * SMALL_SHARE)
    if not 0 < small < len(ordinary):
        raise ParamsError(f"The example has {len(ordinary)} invoices in {PERIOD}, too few. Ask for more lines.")
    order = ordinary[np.argsort(invoices.size[ordinary], kind="stable")]
    middle = (invoices.size[order[small - 1]] + invoices.size[order[small]]) / 2
    scaled = np.rint(invoices.size / middle * SMALL_LIMIT_ORE).astype(np.int64)
    amount = np.maximum(scaled, 2_000)
    amount[order[:small]] = np.minimum(amount[order[:small]], SMALL_LIMIT_ORE - 100)
    amount[order[small:]] = np.maximum(amount[order[small:]], SMALL_LIMIT_ORE)
    # People price in whole kronor and even tens; only amounts well away from the limit are touched.
    even = np.flatnonzero((np.arange(len(amount)) % 3 == 0) & (amount < SMALL_LIMIT_ORE) & (amount > 20_000))
    amount[even] -= amount[even] % 1_000
    # A two-line invoice can then be split into two equal lines.
    return np.asarray(np.where(amount < SMALL_LIMIT_ORE, amount // 2 * 2, amount), dtype=np.int64)


def _with_credit_notes(invoices: Invoices, amount: Integers) -> Integers:
    """Let the credit notes of a supplier's year take back at most a quarter of what it has invoiced."""
    frame = pd.DataFrame({"supplier": invoices.supplier, "year": invoices.year, "credit": invoices.is_credit})
    invoiced = pd.Series(np.where(invoices.is_credit, 0, amount))
    keys = [frame["supplier"], frame["year"]]
    total = invoiced.groupby(keys).transform("sum").to_numpy(dtype=np.int64)
    notes = frame["credit"].groupby(keys).transform("sum").to_numpy(dtype=np.int64)
    ceiling = total // (4 * np.maximum(notes, 1))
    taken = np.maximum(np.minimum(amount // 2, ceiling), 100)
    return np.asarray(np.where(invoices.is_credit, -taken, amount), dtype=np.int64)


def _with_tail(invoices: Invoices, amount: Integers, suppliers: int) -> Integers:
    """Stretch the largest suppliers until they, and no fewer, make the wanted part of the year's volume."""
    in_period = invoices.year == PERIOD
    bought = _per_supplier(invoices.supplier[in_period], amount[in_period], suppliers)
    active = np.flatnonzero(bought > 0)
    head_size = len(active) - round(len(active) * TAIL_SHARE)
    head = active[np.argsort(-bought[active], kind="stable")][:head_size]
    large = in_period & (amount >= SMALL_LIMIT_ORE)
    above = _per_supplier(invoices.supplier[large], amount[large] - SMALL_LIMIT_ORE, suppliers)
    elastic = head[above[head] > 0]
    tail_volume = int(bought.sum() - bought[head].sum())
    wanted = int(tail_volume * HEAD_VOLUME / (1 - HEAD_VOLUME))
    lowest = int(bought[head].min()) if head_size else 0
    room = int((bought[elastic] - lowest).sum())
    if room <= 0:
        raise ParamsError(f"The example has {len(active)} suppliers in {PERIOD}, too few. Ask for more lines.")
    # Every supplier keeps its rank: what it has above the smallest of them is multiplied.
    stretch = 1 + (wanted - int(bought[head].sum())) / room
    factor = np.ones(suppliers)
    factor[elastic] = 1 + (stretch - 1) * (bought[elastic] - lowest) / above[elastic]
    grown = np.rint((amount - SMALL_LIMIT_ORE) * factor[invoices.supplier]).astype(np.int64) + SMALL_LIMIT_ORE
    # The same factor every year, so that it does not look like growth.
    result = np.where(amount >= SMALL_LIMIT_ORE, grown, amount).astype(np.int64)
    _check(_per_supplier(invoices.supplier[in_period], result[in_period], suppliers), head_size)
    return np.asarray(result, dtype=np.int64)


def _per_supplier(supplier: Integers, amount: Integers, suppliers: int) -> Integers:
    total: Integers = np.zeros(suppliers, dtype=np.int64)
    np.add.at(total, supplier, amount)
    return total


def _check(bought: Integers, head_size: int) -> None:
    """Raise ParamsError unless exactly `head_size` suppliers are needed for 80 % of the volume."""
    ranked = np.sort(bought[bought > 0])[::-1]
    reached = np.cumsum(ranked) * 5 >= 4 * int(ranked.sum())
    if int(np.argmax(reached)) + 1 != head_size or (bought < 0).any():
        raise ParamsError("The example's planted shares do not hold for this seed and size. Choose another seed.")


def split_into_lines(invoices: Invoices, amount: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Split every invoice into its lines; the lines sum to the invoice to the öre.

    Returns, per line, the place of its invoice and its amount. A small invoice of two lines is in one case of
    twenty-five split into two equal lines: genuine duplicates.
    """
    invoice = np.repeat(np.arange(len(amount)), invoices.lines)
    weights: Floats = rng.uniform(0.2, 1.0, len(invoice))
    first = np.concatenate(([0], np.cumsum(invoices.lines)[:-1]))
    number = np.arange(len(invoice)) - first[invoice]
    cumulated = np.cumsum(weights)
    before = np.concatenate(([0.0], cumulated))[first]
    share = (cumulated - before[invoice]) / (cumulated[first + invoices.lines - 1] - before)[invoice]
    upper = np.rint(share * amount[invoice]).astype(np.int64)
    last = number == invoices.lines[invoice] - 1
    upper[last] = amount[invoice[last]]
    lower = np.concatenate(([0], upper[:-1]))
    lower[number == 0] = 0
    line_amount = upper - lower
    equal = np.flatnonzero((invoices.lines == 2) & (amount > 0) & (amount < SMALL_LIMIT_ORE) & (amount % 2 == 0))
    equal = equal[rng.random(len(equal)) < 0.04]
    line_amount[first[equal]] = line_amount[first[equal] + 1] = amount[equal] // 2
    return invoice, line_amount
