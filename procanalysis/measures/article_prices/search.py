"""Find the one list price that holds for each line: by contract, day, unit and quantity, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.measures.article_prices import reasons
from procanalysis.measures.article_prices.exact import Flags, Fractions
from procanalysis.measures.article_prices.offers import Indexes, Numbers, Offers, comparable_standard, moved_price
from procanalysis.schema import require_columns

LINE_COLUMNS: tuple[str, ...] = (
    "line_id", "document_number", "line_number", "bought_on", "unit", "supplier_key", "supplier_name", "article_id",
    "standard_item_id", "article_name", "quantity", "quantity_unit", "price_sek", "base_quantity", "amount_ore",
    "contract_reference", "order_reference", "assortment", "file", "row_number",
)  # fmt: skip
"""What the measures of this package read of ARTICLE_LINES."""

_NONE, _SEVERAL = -1, -2


@dataclass(frozen=True)
class Pairs:
    """Hold lines laid beside the list rows that may price them: the place of each in its own table."""

    line: npt.NDArray[np.intp]
    offer: npt.NDArray[np.intp]

    def only(self, kept: Flags) -> Pairs:
        """Keep those that the flags hold for."""
        return Pairs(self.line[kept], self.offer[kept])


@dataclass(frozen=True)
class Prices:
    """Hold for each line the list row that prices it, and why there is none.

    offer is -1 where reason is not ''. index is the place of the index row that moves the price, -1 where none does.
    unit_price is what one unit costs, 0 where not known.
    """

    offer: npt.NDArray[np.intp]
    index: npt.NDArray[np.intp]
    unit_price: Fractions
    reason: npt.NDArray[Any]


@dataclass(frozen=True)
class Lines:
    """Hold the article lines with what the search asks of them, in the caller's order."""

    rows: pd.DataFrame
    days: npt.NDArray[np.datetime64]
    sizes: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.rows)

    def of_any_contract(self) -> Lines:
        """Return the lines without the contracts they name, which say nothing of another supplier's lists."""
        return Lines(self.rows.assign(contract_reference=None), self.days, self.sizes)


def lines_of(lines: pd.DataFrame, measure: str) -> Lines:
    """Make article lines ready to be searched for; the caller's frame stays. Raises MeasureError for a missing column.

    `standard` is the comparable standard number; sizes is the quantity without sign, NaN where it is missing.
    """
    require_columns(lines.columns, LINE_COLUMNS, measure)
    rows = lines[list(LINE_COLUMNS)].reset_index(drop=True)
    rows = rows.assign(standard=comparable_standard(rows["standard_item_id"]))
    days = pd.to_datetime(rows["bought_on"]).astype("datetime64[us]").to_numpy()
    sizes = np.array([None if value is None or value != value else abs(value) for value in rows["quantity"]], object)
    return Lines(rows, days, sizes)


def pairs_by(lines: Lines, offers: Offers, columns: Sequence[tuple[str, str]], among: Flags | None = None) -> Pairs:
    """Lay the lines beside the list rows that agree in the columns given as (line's, list's); missing never agrees.

    Capitals and space around make no difference, as they make none where contract loyalty looks for the article.
    """
    of_line, of_offer = [name for name, _ in columns], [name for _, name in columns]
    asked = lines.rows[of_line] if among is None else lines.rows.loc[among, of_line]
    asked = asked.dropna().apply(_compared).set_axis(range(len(columns)), axis=1)
    found = offers.rows[of_offer].dropna().apply(_compared).set_axis(range(len(columns)), axis=1)
    both = asked.assign(line=asked.index).merge(found.assign(offer=found.index), on=list(range(len(columns))))
    both = both.sort_values(["line", "offer"], kind="stable")
    return Pairs(both["line"].to_numpy(np.intp), both["offer"].to_numpy(np.intp))


def in_force(lines: Lines, offers: Offers, pairs: Pairs, reason: npt.NDArray[Any]) -> Pairs:
    """Keep the list rows that hold for the line's contract and day, and write in `reason` why others were dropped.

    Where both name a contract it must be the same. An article that a list takes away has no price from that day until
    a later list brings it back. A price without last day holds until the next of the same contract, unit and place.
    """
    contract = offers.rows["contract_reference"]
    asked, offered = _codes(_compared(lines.rows["contract_reference"]), _compared(contract))
    of_line, of_offer = asked[pairs.line], offered[pairs.offer]
    pairs = _narrowed(pairs, (of_line < 0) | (of_offer < 0) | (of_line == of_offer), reason, reasons.OTHER_CONTRACT)
    day = lines.days[pairs.line]
    begun = offers.starts[pairs.offer] <= day
    # What is taken away stays away, whatever last day the list that said so has.
    kept = begun & ((day <= offers.ends[pairs.offer]) | offers.is_withdrawn[pairs.offer])
    pairs = _narrowed(pairs, kept, reason, reasons.NOT_VALID)
    gone = offers.is_withdrawn[pairs.offer]
    starts = offers.starts[pairs.offer].astype("int64")
    last_gone = _largest(pairs.line, offered[pairs.offer], np.where(gone, starts, np.iinfo("int64").min))
    pairs = _narrowed(pairs, ~gone & (starts > last_gone), reason, reasons.WITHDRAWN)
    starts = offers.starts[pairs.offer].astype("int64")
    newest = _largest(pairs.line, offers.series[pairs.offer], starts)
    return pairs.only(~offers.is_open[pairs.offer] | (starts == newest))


def listed_that_day(lines: Lines, offers: Offers) -> Flags:
    """Tell which lines' articles are in their supplier's price lists that day, of whichever contract."""
    lines, listed = lines.of_any_contract(), np.zeros(len(lines), dtype=bool)
    for name in ("article_id", "standard"):
        pairs = pairs_by(lines, offers, [("supplier_key", "supplier_key"), (name, name)])
        listed[in_force(lines, offers, pairs, np.full(len(lines), "", dtype=object)).line] = True
    return listed


def priced(
    lines: Lines, offers: Offers, pairs: Pairs, indexes: Indexes, reason: npt.NDArray[Any], *, highest: bool = False
) -> Prices:
    """Choose the one price per line among the list rows that are in force, and write in `reason` why there is none.

    Parameters: `highest`, where several prices remain, take the highest instead of none.
    """
    rows = offers.rows
    price = rows["price"].map(lambda value: value is not None and value == value and value > 0).to_numpy(bool)
    pairs = _narrowed(pairs, price[pairs.offer], reason, reasons.NO_PRICE)
    kronor = (rows["currency"] == "SEK").to_numpy(bool, na_value=False)
    pairs = _narrowed(pairs, kronor[pairs.offer], reason, reasons.OTHER_CURRENCY)
    asked, offered = _codes(lines.rows["quantity_unit"], rows["unit_code"])
    pairs = _narrowed(pairs, (asked[pairs.line] >= 0) & (offered[pairs.offer] >= 0), reason, reasons.NO_UNIT)
    pairs = _narrowed(pairs, asked[pairs.line] == offered[pairs.offer], reason, reasons.OTHER_UNIT)
    pairs = _narrowed(pairs, _in_tier(lines, rows, pairs), reason, reasons.NO_TIER)
    index = _index_of(lines, offers, pairs, indexes)
    single = index != _SEVERAL
    pairs, index = _narrowed(pairs, single, reason, reasons.SEVERAL_INDEXES), index[single]
    reason[pairs.line] = ""
    return _one_each(len(lines), offers, pairs, index, _unit_prices(rows, indexes, pairs.offer, index), reason, highest)


def _one_each(
    count: int, offers: Offers, pairs: Pairs, index: Numbers, prices: Fractions, reason: npt.NDArray[Any], highest: bool
) -> Prices:
    """Keep the first list row of each line, unless the line has rows with different prices."""
    if highest:
        # Highest first within each line; equal prices stay in the order of the lists.
        order = np.lexsort((pairs.offer, -_ranks(prices), pairs.line))
        pairs, index, prices = Pairs(pairs.line[order], pairs.offer[order]), index[order], prices.take(order)
    first = np.unique(pairs.line, return_index=True)[1]
    to_first = np.repeat(first, np.diff(np.concatenate((first, [len(pairs.line)]))))
    if not highest:
        differs = ~prices.equals(prices.take(to_first))
        place = offers.rows["delivery_place"].notna().to_numpy(bool)[pairs.offer]
        unclear, by_place = pairs.line[differs], pairs.line[place]
        reason[unclear] = np.where(np.isin(unclear, by_place), reasons.SEVERAL_PLACES, reasons.SEVERAL_PRICES)
    offer, moved = np.full(count, _NONE, dtype=np.intp), np.full(count, _NONE, dtype=np.intp)
    clear = first[reason[pairs.line[first]] == ""]
    offer[pairs.line[clear]], moved[pairs.line[clear]] = pairs.offer[clear], index[clear]
    at = np.full(count, _NONE, dtype=np.intp)
    at[pairs.line[clear]] = clear
    with_nothing = Fractions(np.append(prices.above, 0), np.append(prices.below, 1))
    return Prices(offer, moved, with_nothing.take(at), reason)


def _narrowed(pairs: Pairs, kept: Flags, reason: npt.NDArray[Any], why: str) -> Pairs:
    """Keep some pairs; a line that had any gets the reason, which a later step writes over if one of them was kept."""
    reason[pairs.line] = why
    return pairs.only(kept)


def _compared(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Write references and numbers as they are compared."""
    return texts.astype("str").str.strip().str.lower()


def _codes(asked: pd.Series[Any], offered: pd.Series[Any]) -> tuple[Numbers, Numbers]:
    """Number the texts of two columns alike; -1 where missing."""
    codes, _ = pd.factorize(pd.concat([asked.astype("str"), offered.astype("str")], ignore_index=True))
    return codes[: len(asked)], codes[len(asked) :]


def _largest(line: npt.NDArray[np.intp], series: Numbers, values: Numbers) -> Numbers:
    """Return for each pair the largest value among the pairs of the same line and series."""
    together = pd.DataFrame({"line": line, "series": series, "value": values})
    return together.groupby(["line", "series"], sort=False)["value"].transform("max").to_numpy("int64")


def _in_tier(lines: Lines, rows: pd.DataFrame, pairs: Pairs) -> Flags:
    """Tell for which pairs the line's quantity, without its sign, lies between the quantities of the list row."""
    holds = np.ones(len(pairs.line), dtype=bool)
    for name, sign in (("minimum_quantity", 1), ("maximum_quantity", -1)):
        stated = rows[name].notna().to_numpy(bool)[pairs.offer]
        limits, sizes = rows[name].to_numpy(object)[pairs.offer[stated]], lines.sizes[pairs.line[stated]]
        holds[stated] &= np.array(
            [size is not None and (size - limit) * sign >= 0 for size, limit in zip(sizes, limits, strict=True)], bool
        )
    return holds


def _index_of(lines: Lines, offers: Offers, pairs: Pairs, indexes: Indexes) -> Numbers:
    """Find the index row that moves the price on the line's day; -1 where none does, -2 where several differ."""
    contracts, stated = _codes(_compared(offers.rows["contract_reference"]), _compared(indexes.contracts))
    found = np.full(len(pairs.line), _NONE, dtype="int64")
    of_pair, days = contracts[pairs.offer], lines.days[pairs.line]
    for place, factor in enumerate(indexes.factors):
        holds = (of_pair == stated[place]) & (indexes.starts[place] <= days) & (days <= indexes.ends[place])
        earlier = found[holds]
        alike = [other == _NONE or (other >= 0 and indexes.factors[other] == factor) for other in earlier]
        found[holds] = np.where(np.array(alike, dtype=bool), place, _SEVERAL)
    return found


def _unit_prices(rows: pd.DataFrame, indexes: Indexes, offer: npt.NDArray[np.intp], index: Numbers) -> Fractions:
    """Reckon what one unit costs."""
    moved = Fractions.of(pd.Series(moved_prices(rows, indexes, offer, index), dtype=object))
    return moved.over(Fractions.of(rows["base_quantity"]).take(offer))


def moved_prices(
    rows: pd.DataFrame, indexes: Indexes, offer: npt.NDArray[np.intp], index: npt.NDArray[np.intp] | Numbers
) -> npt.NDArray[Any]:
    """Return the price of each list row, moved by its index row; None for list row -1. Each different one once."""
    width, price = len(indexes.factors) + 1, rows["price"].to_numpy(object)
    different, places = np.unique(offer * width + index + 1, return_inverse=True)
    values = np.full(len(different), None, dtype=object)
    for place, key in enumerate(different):
        row, moved = divmod(int(key), width)
        if row >= 0:
            values[place] = moved_price(price[row], indexes.factors[moved - 1]) if moved else price[row]
    return values[places]


def _ranks(prices: Fractions) -> Numbers:
    """Number prices by size, equal ones alike."""
    keys, values = pd.factorize(prices.keys())
    exact = [Fraction(str(value)) for value in values]
    order = {place: rank for rank, place in enumerate(sorted(range(len(exact)), key=exact.__getitem__))}
    return np.array([order[int(key)] for key in keys], dtype=np.int64)
