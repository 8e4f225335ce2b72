"""Judge the rows of the savings register: what each list asks of a row, and the reason when it does not hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NoReturn

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.contracts import judge_days
from procanalysis.read.register_rows import Row
from procanalysis.read.register_suppliers import Hider
from procanalysis.read.registers import reject_unless_answer, word_among
from procanalysis.read.savings_lists import RECEIVER_WORDS
from procanalysis.read.supplier_numbers import Masker

_HUNDRED = Decimal(100)
# What is rejected for these reasons tells of no procurement, or of nothing that its reckoning rests on: a line of
# nothing, and what was bought without standing among the prices.
_OF_NO_WEIGHT = ("totals_row", "repeated_header", "number_zero", "article_unknown")
# As for a ledger's amounts: what one row is worth, so that sums stay within 64 bits and products stay exact.
_LARGEST_KRONOR = Decimal(10**11)


class Links:
    """Look up the procurement and article that a row names, under the numbers that their own lists gave them.

    Parameters: masker, hides people in numbers; awards, schema.AWARDS; prices, schema.CONTRACT_PRICES, or None when
    articles are not to be looked up.
    """

    def __init__(self, masker: Masker, awards: pd.DataFrame, prices: pd.DataFrame | None = None) -> None:
        # The awards know no suppliers, so their numbers are written as a hider without names writes them.
        self._hider = Hider(masker, (), ())
        self._shown: dict[str, str] = {}
        self._procurements = {str(number) for number in awards["procurement_id"]}
        self._articles = None if prices is None else set(_pairs(prices))

    def procurement(self, row: Row) -> str:
        """Return the procurement's number as the awards have it; empty when the row has none."""
        return self._number(row, "procurement_id")

    def article(self, row: Row) -> str:
        """Return the article's number as the prices have it; empty when the row has none."""
        return self._number(row, "article_id")

    def judge_procurement(self, row: Row) -> None:
        """Reject a row that names no awarded procurement."""
        if not self.procurement(row):
            row.reject("id_missing", "procurement_id")
        if self.procurement(row) not in self._procurements:
            row.reject("procurement_unknown", "procurement_id")

    def judge_article(self, row: Row) -> None:
        """Reject a row that names no article, or one that the procurement's prices lack."""
        if not self.article(row):
            row.reject("id_missing", "article_id")
        if self._articles is not None and (self.procurement(row), self.article(row)) not in self._articles:
            row.reject("article_unknown", "article_id")

    def _number(self, row: Row, column: str) -> str:
        cell = row.cells[column]
        if cell not in self._shown:
            self._shown[cell] = self._hider.reference(row.text(column)) or ""
        return self._shown[cell]


def _pairs(prices: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for procurement, article in zip(prices["procurement_id"], prices["article_id"], strict=True):
        yield str(procurement), str(article)


def judge_award(row: Row, *, empty_end: str) -> None:
    """Reject an award without number or title, or with an answer, figure or period that cannot be."""
    if row.text("procurement_id") is None:
        row.reject("id_missing", "procurement_id")
    if row.text("title") is None:
        row.reject("title_missing", "title")
    for column in ("is_coordinated", "is_comparable", "is_monetary"):
        reject_unless_answer(row, column)
    for column in ("yearly_volume", "evaluated_volume"):
        if row.numbers.get(column, 1) <= 0:
            row.reject("number_not_positive", column)
    if row.amounts.get("expected_yearly", 1) <= 0:
        row.reject("number_not_positive", "expected_yearly")
    if row.amounts.get("one_off_cost", 0) < 0:
        row.reject("number_not_positive", "one_off_cost")
    judge_days(row, empty_end=empty_end)


def judge_bid(row: Row, links: Links, scales: Mapping[str, Decimal]) -> None:
    """Reject a bid without price or known standing.

    Parameters: scales, from `evaluation_scales`, so that a year's worth of the bid can be reckoned.
    """
    links.judge_procurement(row)
    for column in ("is_qualified", "is_winner"):
        reject_unless_answer(row, column)
    # A mark on the winner alone is how it is usually told; whether a bid is qualified is nothing to take for granted.
    if row.text("is_qualified") is None:
        row.reject("answer_unreadable", "is_qualified")
    if not row.amounts.keys() & {"first_bid", "final_bid"}:
        row.reject("amount_missing", "final_bid" if "final_bid" in row.headers else "first_bid")
    for column, amount in row.amounts.items():
        if amount < 0:
            row.reject("number_not_positive", column)
        _refuse_too_large(row, column, Decimal(amount) / _HUNDRED * scales.get(links.procurement(row), Decimal(1)))


def evaluation_scales(awards: pd.DataFrame) -> dict[str, Decimal]:
    """Return how much larger a year's volume is than the one that the bids price, where both are known."""
    columns = (awards["procurement_id"], awards["yearly_volume"], awards["evaluated_volume"])
    return {
        str(number): Decimal(yearly) / Decimal(evaluated)
        for number, yearly, evaluated in zip(*columns, strict=True)
        if pd.notna(yearly) and pd.notna(evaluated)
    }


def judge_price(row: Row, links: Links) -> None:
    """Reject a price row with a price below zero, or a quantity, index or indexed share that cannot be."""
    links.judge_procurement(row)
    links.judge_article(row)
    for column in ("previous_price", "new_price", "refused_increase"):
        if row.numbers.get(column, 0) < 0:
            row.reject("number_not_positive", column)
    for column in ("quantity", "index_base", "index_now"):
        if row.numbers.get(column, 1) <= 0:
            row.reject("number_not_positive", column)
    if not 0 <= row.numbers.get("indexed_share", 0) <= _HUNDRED:
        row.reject("share_outside", "indexed_share")
    if row.reason:
        return
    numbers = row.numbers
    grown = numbers.get("index_now", Decimal(1)) / numbers.get("index_base", Decimal(1))
    for column, factor in (("previous_price", max(grown, Decimal(1))), ("new_price", 1), ("refused_increase", 1)):
        price = numbers.get(column, Decimal(0)) * factor
        _refuse_too_large(row, column, price * numbers.get("quantity", Decimal(1)))


def judge_indexed_shares(rows: Sequence[Row]) -> None:
    """Raise InputError when every indexed share is written as a fraction: read as percent it would hardly count."""
    indexed = [row for row in rows if row.numbers.get("indexed_share")]
    if indexed and all(0 < row.numbers["indexed_share"] <= 1 for row in indexed):
        _refuse_fractions(indexed[0], "indexed_share")


def judge_share(row: Row, links: Links) -> None:
    """Reject a share without receiver or of an unknown kind, or one that is not above 0 and at most 100."""
    links.judge_procurement(row)
    if receiver_kind(row) is None:
        row.reject("receiver_unknown", "receiver_kind")
    if row.text("receiver") is None:
        row.reject("receiver_missing", "receiver")
    if not 0 < row.numbers.get("share", 0) <= _HUNDRED:
        row.reject("share_outside", "share")


def judge_sums(rows: Sequence[Row], links: Links) -> None:
    """Reject all shares of a procurement and kind that are not exactly 100 together.

    Raises InputError when every procurement's shares are 1 together.
    """
    together: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        if not row.reason:
            together[links.procurement(row), receiver_kind(row)].append(row)
    sums = {key: sum((row.numbers["share"] for row in of_one), Decimal(0)) for key, of_one in together.items()}
    if sums and all(total == 1 for total in sums.values()):
        _refuse_fractions(next(row for row in rows if not row.reason), "share")
    for key, of_one in together.items():
        if sums[key] != _HUNDRED:
            for row in of_one:
                row.reject("shares_sum", "share", f"summa {sums[key].normalize():f}".replace(".", ","))


def judge_purchase(row: Row, links: Links) -> None:
    """Reject a purchase without day, quantity, price or an answer to whether it was made on the contract."""
    links.judge_procurement(row)
    links.judge_article(row)
    if "bought_on" not in row.dates:
        row.reject("date_missing", "bought_on")
    if "quantity" not in row.numbers:
        row.reject("number_unreadable", "quantity")
    if "price_paid" not in row.numbers:
        row.reject("amount_missing", "price_paid")
    reject_unless_answer(row, "is_on_contract")
    if row.text("is_on_contract") is None:
        row.reject("answer_unreadable", "is_on_contract")
    if row.reason:
        return
    if row.numbers["quantity"] == 0:
        row.reject("number_zero", "quantity")
    if row.numbers["price_paid"] < 0:
        row.reject("number_not_positive", "price_paid")
    _refuse_too_large(row, "price_paid", row.numbers["quantity"] * row.numbers["price_paid"])


def rejected_awards(rows: Iterable[Row], hider: Hider) -> dict[str, int]:
    """Count the rejected awards by the procurements that they name: their own number, and the one they replace."""
    told = [row for row in rows if row.reason and row.reason not in _OF_NO_WEIGHT]
    numbers = (
        {hider.reference(row.text(name)) for name in ("procurement_id", "replaces_procurement_id")} for row in told
    )
    return dict(Counter(number for named in numbers for number in named if number))


def rejected_by_procurement(rows: Iterable[Row], links: Links) -> dict[str, int]:
    """Count the rejected rows that name each procurement, where a row is about what its reckoning rests on."""
    return dict(Counter(links.procurement(row) for row in rows if row.reason and row.reason not in _OF_NO_WEIGHT))


def receiver_kind(row: Row) -> str | None:
    """Return the key of RECEIVER_KINDS that a row names, or None."""
    return word_among(row, "receiver_kind", RECEIVER_WORDS)


def _refuse_too_large(row: Row, column: str, kronor: Decimal) -> None:
    if abs(kronor) >= _LARGEST_KRONOR:
        row.reject("amount_too_large", column)


def _refuse_fractions(row: Row, column: str) -> NoReturn:
    raise InputError(
        f"{row.file}, row {row.row_number}, column '{row.headers[column]}': every share in the file is written as a "
        "fraction of 1. Write percent, as in 20 for 0,2."
    )
