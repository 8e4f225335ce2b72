"""Prices paid against contract prices: by hand, planted to the öre, by a slow oracle in fractions, by netting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import article_prices as prices
from procanalysis.measures.article_prices import reasons
from procanalysis.schema import ARTICLE_LINES, PRICE_INDEXES, PRICE_LISTS, Column, KeyFigure, kronor

Tables = Callable[[str], list[pd.DataFrame]]
Row = Mapping[str, Any]
TYPES = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}


def made(columns: Sequence[Column], rows: Sequence[Row], usual: Row) -> pd.DataFrame:
    filled = [{"row_number": place, **usual, **row} for place, row in enumerate(rows, start=2)]
    found = {}
    for column in columns:
        values = [row.get(column.name) for row in filled]
        if column.type == "decimal":
            values = [None if value is None else Decimal(str(value)) for value in values]
        found[column.name] = pd.Series(values, dtype="object").astype(TYPES[column.type])
    return pd.DataFrame(found)


def bought(*rows: Row) -> pd.DataFrame:
    """Make order lines of one article; the amount is quantity × price unless the row says otherwise."""
    usual = {
        "origin": "order", "document_number": "B1", "bought_on": "2025-03-10", "unit": "Norr", "supplier_key": "s",
        "supplier_name": "Alfa AB", "article_id": "a", "article_name": "Handske", "quantity": 10, "quantity_unit": "EA",
        "price_sek": 10, "base_quantity": 1, "file": "order.csv",
    }  # fmt: skip
    filled = []
    for place, row in enumerate(rows, start=1):
        one = {"line_id": place, "line_number": str(place), **usual, **row}
        if "amount_ore" not in one:
            paid = (
                Fraction(str(one["quantity"])) * Fraction(str(one["price_sek"])) / Fraction(str(one["base_quantity"]))
            )
            one["amount_ore"] = half_up(paid * 100)
        filled.append(one)
    return made(ARTICLE_LINES, filled, {})


def listed(*rows: Row) -> pd.DataFrame:
    usual = {
        "price_list_id": "L1", "contract_reference": "A-1", "supplier_key": "s", "supplier_name": "Alfa AB",
        "article_id": "a", "article_name": "Handske", "price": 8, "base_quantity": 1, "unit_code": "EA",
        "currency": "SEK", "valid_from": "2025-01-01", "is_withdrawn": 0, "file": "prislista.csv",
    }  # fmt: skip
    return made(PRICE_LISTS, rows, usual)


def indexed(*rows: Row) -> pd.DataFrame:
    usual = {"contract_reference": "A-1", "indexed_share_pct": 70, "index_base": 105, "index_now": 112, "file": "i.csv"}
    return made(PRICE_INDEXES, rows, usual)


def half_up(amount: Fraction) -> int:
    whole = (abs(amount) + Fraction(1, 2)).__floor__()
    return whole if amount >= 0 else -whole


def deviating(lines: pd.DataFrame, lists: pd.DataFrame, index: pd.DataFrame | None = None, **asked: Any) -> Any:
    return prices.price_deviations(prices.contract_prices_on(lines, lists, index), **asked)


def why(lines: pd.DataFrame, lists: pd.DataFrame, index: pd.DataFrame | None = None) -> list[str]:
    found = prices.contract_prices_on(lines, lists, index)
    texts: list[str] = found.lines["reason"].tolist()
    return texts


def test_an_overcharge_is_quantity_times_the_difference_with_its_evidence() -> None:
    lines = bought(
        {}, {"price_sek": 8}, {"price_sek": "7.50", "unit": "Söder"}, {"price_sek": "8.004", "quantity": 100}
    )
    found = deviating(lines, listed({}))
    assert found.lines["outcome"].tolist() == ["over", "within", "under", "over"]
    assert found.lines["overcharge_ore"].tolist() == [20_00, 0, 0, 40]
    assert found.lines["undercharge_ore"].tolist() == [0, 0, 5_00, 0]
    assert found.lines["difference_sek"].tolist() == [2, 0, Decimal("-0.5"), Decimal("0.004")]
    assert found.lines["difference_pct"].tolist() == [25, 0, Decimal("-6.25"), Decimal("0.05")]
    above, below = prices.overcharge(found), prices.undercharge(found)
    assert (above.value, below.value) == (Decimal("20.40"), Decimal("5.00"))
    assert above.comparison.replace("\xa0", " ") == "1,9 % av 1 055 kr som kunde jämföras"
    claimed = prices.claims(found)
    assert claimed.contracts.iloc[0].to_dict() == {
        "supplier_key": "s", "supplier_name": "Alfa AB", "price_list_contract": "A-1", "lines_count": 2,
        "articles_count": 1, "amount_ore": 900_40, "overcharge_ore": 20_40,
    }  # fmt: skip
    evidence = claimed.lines.iloc[0]
    assert (evidence["document_number"], evidence["line_number"], evidence["price_list_row"]) == ("B1", "1", 2)
    assert (evidence["paid_price_sek"], evidence["contract_unit_price_sek"]) == (10, 8)
    assert claimed.lines["overcharge_ore"].sum() == claimed.contracts["overcharge_ore"].sum() == 20_40


@pytest.mark.parametrize(
    ("line", "offer", "reason"),
    [
        ({"quantity": None, "amount_ore": 100}, {}, reasons.NO_QUANTITY),
        ({"quantity": 0}, {}, reasons.NO_QUANTITY),
        ({"amount_ore": -100}, {}, reasons.OPPOSITE_SIGNS),
        ({"article_id": None}, {}, reasons.NO_ARTICLE),
        ({"supplier_key": "t"}, {}, reasons.NO_LIST),
        ({"article_id": "b"}, {}, reasons.NOT_LISTED),
        ({"contract_reference": "A-2"}, {}, reasons.OTHER_CONTRACT),
        ({"contract_reference": "A-2"}, {"contract_reference": None}, ""),
        ({"contract_reference": "A-1"}, {}, ""),
        ({"contract_reference": " a-1 "}, {}, ""),
        ({"article_id": "A"}, {}, ""),
        ({}, {"valid_from": "2025-03-11"}, reasons.NOT_VALID),
        ({}, {"valid_to": "2025-03-09"}, reasons.NOT_VALID),
        ({}, {"valid_from": "2025-03-10", "valid_to": "2025-03-10"}, ""),
        ({}, {"valid_from": None, "issued_on": "2025-03-11"}, reasons.NOT_VALID),
        ({}, {"valid_from": None}, ""),
        ({}, {"is_withdrawn": 1, "price": None}, reasons.WITHDRAWN),
        ({}, {"price": None, "currency": None}, reasons.NO_PRICE),
        ({}, {"price": 0}, reasons.NO_PRICE),
        ({}, {"currency": "EUR"}, reasons.OTHER_CURRENCY),
        ({"quantity_unit": None}, {}, reasons.NO_UNIT),
        ({"quantity_unit": None}, {"unit_code": None}, reasons.NO_UNIT),
        ({"quantity_unit": "XPK"}, {}, reasons.OTHER_UNIT),
        ({"quantity_unit": "ea"}, {}, reasons.OTHER_UNIT),
        ({}, {"minimum_quantity": 11}, reasons.NO_TIER),
        ({}, {"maximum_quantity": "9.999"}, reasons.NO_TIER),
        ({}, {"minimum_quantity": 10, "maximum_quantity": 10}, ""),
        ({}, {"supplier_key": None}, reasons.NOT_LISTED),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why_and_nothing_is_lost(line: Row, offer: Row, reason: str) -> None:
    lines = bought(line, {"article_id": "z", "quantity": 3})
    found = prices.contract_prices_on(lines, listed(offer, {"article_id": "z"}))
    assert found.lines["reason"].tolist() == [reason, ""]
    assert found.uncompared[["reason", "lines_count"]].values.tolist() == ([[reason, 1]] if reason else [])
    deviations = prices.price_deviations(found)
    left = sum(one.amount_ore or 0 for one in prices.overcharge(deviations).excluded)
    assert left + deviations.lines["amount_ore"].sum() == lines["amount_ore"].sum()


def test_a_new_list_ends_a_price_without_last_day_but_no_other() -> None:
    open_end = listed({}, {"price": 9, "valid_from": "2025-03-01", "row_number": 9})
    found = prices.contract_prices_on(bought({}, {"bought_on": "2025-02-28"}), open_end)
    assert found.lines["contract_price_sek"].tolist() == [9, 8]
    ended = listed({"valid_to": "2025-12-31"}, {"price": 9, "valid_from": "2025-03-01"})
    assert why(bought({}), ended) == [reasons.SEVERAL_PRICES]
    assert why(bought({}), listed({}, {"contract_reference": "A-2", "price": 9})) == [reasons.SEVERAL_PRICES]
    assert why(bought({"contract_reference": "A-2"}), listed({}, {"contract_reference": "A-2", "price": 9})) == [""]
    # The same price twice is one price.
    assert why(bought({}), listed({"valid_to": "2025-12-31"}, {"price": 16, "base_quantity": 2})) == [""]


def test_a_price_for_a_place_is_unknown_where_several_places_differ() -> None:
    places = listed({"delivery_place": "Östersund"}, {"delivery_place": "Strömsund", "price": 9})
    assert why(bought({}), places) == [reasons.SEVERAL_PLACES]
    assert why(bought({}), places.head(1)) == [""]


def test_a_withdrawn_article_comes_back_with_a_later_list_only() -> None:
    lists = listed(
        {}, {"is_withdrawn": 1, "price": None, "valid_from": "2025-02-01", "valid_to": "2025-02-02"},
        {"price": 9, "valid_from": "2025-06-01"},
    )  # fmt: skip
    days = ("2025-01-31", "2025-02-01", "2025-05-31", "2025-06-01")
    assert why(bought(*({"bought_on": day} for day in days)), lists) == ["", reasons.WITHDRAWN, reasons.WITHDRAWN, ""]


def test_a_withdrawal_by_article_number_alone_ends_the_price_by_standard_number_too() -> None:
    number = {"standard_item_id": "7310865004703"}
    lists = listed(number, {"is_withdrawn": 1, "price": None, "valid_from": "2025-02-01"})
    assert why(bought(number, {**number, "article_id": "ny"}, {**number, "bought_on": "2025-01-31"}), lists) == [
        reasons.WITHDRAWN, reasons.NOT_LISTED, "",
    ]  # fmt: skip
    other = prices.other_assortment(bought(number, {}), pd.concat([lists, listed({"article_id": "z"})]))
    assert other.lines["assortment_found"].tolist() == ["other", "other"]


def test_an_index_clause_finds_its_contract_however_it_is_spelled() -> None:
    found = prices.contract_prices_on(
        bought({}), listed({"price": 100}), indexed({"contract_reference": "a-1", "valid_from": "2025-03-01"})
    )
    assert found.lines["contract_price_sek"].tolist() == [Decimal("104.67")]


def test_a_quantity_decides_its_tier_and_a_credit_of_a_part_keeps_the_purchases() -> None:
    tiers = listed({"maximum_quantity": 99}, {"minimum_quantity": 100, "price": 6})
    lines = bought({}, {"quantity": 100, "price_sek": 7}, {"quantity": -10, "price_sek": 7, "bought_on": "2025-04-01"})
    found = deviating(lines, tiers)
    assert found.lines["contract_unit_price_sek"].tolist() == [8, 6, 6]
    assert found.lines["overcharge_ore"].tolist() == [20_00, 100_00, -10_00]
    assert found.lines["credited_line_id"].tolist() == [pd.NA, pd.NA, 2]
    assert prices.overcharge(found).value == 110
    assert prices.claims(found).lines["overcharge_ore"].tolist() == [100_00, 20_00, -10_00]


def test_an_article_that_changed_number_is_found_by_its_standard_number() -> None:
    lists = listed({"article_id": "new", "standard_item_id": "07310865004703"},
                   {"valid_to": "2025-01-31", "standard_item_id": "7310865004703"})  # fmt: skip
    line = {"standard_item_id": "7310865004703"}
    found = prices.contract_prices_on(bought(line, {**line, "article_id": None}, {**line, "supplier_key": "t"}), lists)
    assert found.lines["reason"].tolist() == ["", "", reasons.NO_LIST]
    assert found.lines["matched_by"].tolist()[:2] == ["Standardnummer", "Standardnummer"]
    assert why(bought({"article_id": None, "standard_item_id": "0000000000000"}),
               listed({"article_id": "b", "standard_item_id": "0000000000000"})) == [reasons.NO_ARTICLE]  # fmt: skip


def test_an_index_clause_moves_the_price_and_rounds_it_once() -> None:
    # By hand: 1 − 0,7 + 0,7 × 112 / 105 = 1,04666…; 100 becomes 104,67, and 0,1275 becomes 0,13345.
    lists = listed({"price": 100}, {"article_id": "b", "price": "0.1275"})
    index = indexed({"valid_from": "2025-03-01"}, {"valid_from": "2025-05-01", "index_now": 105})
    lines = bought({"price_sek": "104.67"}, {"article_id": "b", "price_sek": "0.1335"},
                   {"price_sek": 100, "bought_on": "2025-02-28"},
                   {"price_sek": 100, "bought_on": "2025-05-01"})  # fmt: skip
    found = deviating(lines, lists, index)
    assert found.lines["contract_price_sek"].tolist() == [Decimal("104.67"), Decimal("0.1335"), 100, 100]
    assert found.lines["listed_price_sek"].tolist() == [100, Decimal("0.1275"), 100, 100]
    assert found.lines["outcome"].tolist() == ["within"] * 4
    several = indexed({"valid_from": "2025-03-01"}, {"valid_from": "2025-03-01", "index_now": 111})
    assert why(bought({}), listed({}), several) == [reasons.SEVERAL_INDEXES]
    assert why(bought({}), listed({}), pd.concat([index, index])) == [""]
    ended = indexed({"valid_from": "2025-01-01", "valid_to": "2025-01-31"})
    assert prices.contract_prices_on(bought({}), listed({}), ended).lines["contract_price_sek"].tolist() == [8]


def test_what_was_paid_is_the_amount_where_there_is_no_price_or_a_discount() -> None:
    lines = bought({"price_sek": None, "amount_ore": 85_00}, {"amount_ore": 80_00}, {"amount_ore": 120_00},
                   {"price_sek": 90, "base_quantity": 10}, {"amount_ore": 99_98}, {"amount_ore": 99_97})  # fmt: skip
    found = deviating(lines, listed({}))
    assert found.lines["paid_price_sek"].tolist() == [Decimal("8.5"), 8, 10, 9, 10, Decimal("9.997")]
    assert found.lines["overcharge_ore"].tolist() == [5_00, 0, 20_00, 10_00, 20_00, 19_97]
    paid_by = ["Radens belopp", "Radens belopp", "Radens pris", "Radens pris", "Radens pris", "Radens belopp"]
    assert found.lines["paid_by"].tolist() == paid_by


def test_a_credit_without_a_purchase_at_its_price_is_left_out_and_told() -> None:
    # Two kronor each are paid back: a price correction, which no unit price can be read out of.
    lines = bought(
        {}, {"quantity": -10, "price_sek": 2, "bought_on": "2025-04-01"}, {"quantity": -1, "bought_on": "2025-03-09"}
    )
    found = prices.contract_prices_on(lines, listed({}))
    assert found.lines["reason"].tolist() == ["", reasons.UNMATCHED_CREDIT, reasons.UNMATCHED_CREDIT]
    assert found.uncompared.values.tolist() == [[reasons.UNMATCHED_CREDIT, 2, -30_00]]
    earlier = bought({"bought_on": "2024-12-01", "line_id": 77})
    again = prices.contract_prices_on(lines, listed({"valid_from": "2024-01-01"}), earlier_lines=earlier)
    assert again.lines["credited_line_id"].tolist() == [pd.NA, pd.NA, 77]
    assert again.lines["line_id"].tolist() == [1, 2, 3]


def test_a_credit_follows_the_order_it_names_before_the_latest() -> None:
    lists = listed({"valid_to": "2025-01-31", "price": 9}, {"valid_from": "2025-02-01"})
    lines = bought({"bought_on": "2025-01-05", "order_reference": "O1"},
                   {"bought_on": "2025-02-05", "order_reference": "O2"},
                   {"bought_on": "2025-03-01", "quantity": -10, "order_reference": "O1"},
                   {"bought_on": "2025-03-02", "quantity": -10, "order_reference": "O9"})  # fmt: skip
    found = deviating(lines, lists)
    assert found.lines["overcharge_ore"].tolist() == [10_00, 20_00, -10_00, -20_00]


def test_the_tolerance_takes_a_difference_whole_or_not_at_all() -> None:
    lines = bought({"price_sek": "8.08"}, {"price_sek": "8.0801"}, {"price_sek": "7.92"}, {"price_sek": "7.9199"})
    found = deviating(lines, listed({}), tolerance_pct=Decimal(1))
    assert found.lines["outcome"].tolist() == ["within", "over", "within", "under"]
    assert (found.lines["overcharge_ore"].sum(), found.lines["undercharge_ore"].sum()) == (80, 80)
    accuracy = prices.price_accuracy(found)
    assert (accuracy.numerator, accuracy.denominator) == (Decimal("160.00"), Decimal("320.00"))
    by_lines = prices.price_accuracy(found, counted="lines")
    assert (by_lines.numerator, by_lines.denominator, by_lines.value, by_lines.part_unit) == (2, 4, 50, "st")
    with pytest.raises(MeasureError, match="tolerance_pct is -1"):
        deviating(lines, listed({}), tolerance_pct=Decimal(-1))
    with pytest.raises(MeasureError, match="Did you mean 'amount'"):
        prices.price_accuracy(found, counted="amounts")  # type: ignore[arg-type]


def test_nothing_to_compare_is_unknown_with_the_reason_and_never_zero() -> None:
    empty = [prices.contract_prices_on(bought(), listed({})), prices.contract_prices_on(bought({}), listed()),
             prices.contract_prices_on(bought({"article_id": "q"}), listed({})),
             prices.contract_prices_on(bought(), listed())]  # fmt: skip
    expected = [reasons.NO_LINES, reasons.NO_LISTS, reasons.NOTHING_COMPARED, reasons.NO_LINES]
    for one, reason in zip(empty, expected, strict=True):
        found = prices.price_deviations(one)
        for figure in (prices.overcharge(found), prices.undercharge(found), prices.price_accuracy(found)):
            assert (figure.value, figure.unknown_because) == (None, reason)
        claimed = prices.claims(found)
        assert (len(claimed.lines), len(claimed.contracts)) == (0, 0)


def test_the_input_stays_as_it_was_and_a_missing_column_is_named() -> None:
    frames = [bought({}, {"quantity": -10}), listed({}), indexed({"valid_from": "2025-01-01"})]
    kept = [frame.copy(deep=True) for frame in frames]
    prices.price_deviations(prices.contract_prices_on(*frames))
    for frame, before in zip(frames, kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(MeasureError, match="contract_prices_on: the frame has no column 'quantity_unit'"):
        prices.contract_prices_on(frames[0].drop(columns="quantity_unit"), frames[1])


def drawn(seed: int, count: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Draw lines, lists and indexes full of what may stand in the way: other units, places, tiers, gaps, returns."""
    draw = np.random.default_rng(seed)

    def one_of(*values: Any) -> Any:
        return values[int(draw.integers(len(values)))]

    def day(last: int = 360) -> str:
        return str(date(2025, 1, 1) + timedelta(days=int(draw.integers(last))))

    offers = []
    for place in range(60):
        start = day(200)
        offers.append(
            {
                "supplier_key": one_of("s", "t"), "article_id": one_of(*"abcdef"),
                "price": one_of(8, "9.5", "0.1275", None),
                "unit_code": one_of("EA", "EA", "XPK", None), "currency": one_of("SEK", "SEK", "SEK", "EUR"),
                "contract_reference": one_of("A-1", "A-2", None), "base_quantity": one_of(1, 1, 10),
                "minimum_quantity": one_of(None, None, 5), "maximum_quantity": one_of(None, None, 50),
                "delivery_place": one_of(None, None, None, "X"), "valid_from": one_of(start, start, None),
                "valid_to": one_of(None, str(date.fromisoformat(start) + timedelta(days=120))),
                "standard_item_id": one_of(None, "7310865004703", "4006381333931"),
                "is_withdrawn": int(draw.random() < 0.1), "row_number": place,
            }
        )  # fmt: skip
    rows = [
        {
            "supplier_key": one_of("s", "t", "u"), "article_id": one_of(*"abcdef", None), "bought_on": day(),
            "quantity": one_of(1, 5, 50, "2.5", 120, -1, -5, None), "price_sek": one_of(8, "9.5", "0.13", 1, None),
            "amount_ore": 0, "quantity_unit": one_of("EA", "EA", "EA", "XPK", None),
            "contract_reference": one_of("A-1", None, None), "order_reference": one_of("O1", "O2", None),
            "standard_item_id": one_of(None, "07310865004703"),
        }
        for _ in range(count)
    ]  # fmt: skip
    for row in rows:
        worth = Fraction(str(row["quantity"] or 0)) * Fraction(str(row["price_sek"] or 3))
        row["amount_ore"] = half_up(worth * 100 * Fraction(one_of(1, 1, 1, "0.9", "1.1", -1)))
    index = indexed({"valid_from": "2025-04-01"}, {"valid_from": "2025-07-01", "index_now": "118.3"},
                    {"contract_reference": "A-2", "valid_from": "2025-02-01", "valid_to": "2025-03-31"})  # fmt: skip
    return bought(*rows), listed(*offers), index


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in frame.to_dict("records")
    ]


class Oracle:
    """Say the same as the measure, one line at a time and in fractions, from the rules in the method page."""

    def __init__(self, lines: pd.DataFrame, lists: pd.DataFrame, index: pd.DataFrame) -> None:
        self.lines, self.lists, self.index = plain(lines), plain(lists), plain(index)

    def factor(self, contract: str | None, day: Any) -> Fraction:
        rows = [row for row in self.index if row["contract_reference"] == contract and row["valid_from"] <= day]
        if not rows:
            return Fraction(1)
        last = max(rows, key=lambda row: row["valid_from"])
        if last["valid_to"] is not None and last["valid_to"] < day:
            return Fraction(1)
        share = Fraction(last["indexed_share_pct"]) / 100
        return 1 - share + share * Fraction(last["index_now"]) / Fraction(last["index_base"])

    def price(self, row: Row, day: Any) -> Fraction:
        factor, listed_price = self.factor(row["contract_reference"], day), Fraction(row["price"])
        places = max(2, len(str(row["price"]).partition(".")[2]))
        moved = Fraction(half_up(listed_price * factor * 10**places), 10**places) if factor != 1 else listed_price
        return moved / Fraction(row["base_quantity"])

    def by(self, line: Row, key: str) -> Fraction | None:
        value = line[key].lstrip("0") if line[key] else None
        day = line["bought_on"]
        rows = [
            row for row in self.lists
            if value and row["supplier_key"] == line["supplier_key"] and (row[key] or "").lstrip("0") == value
            and (None in (row["contract_reference"], line["contract_reference"])
                 or row["contract_reference"] == line["contract_reference"])
            and (row["valid_from"] is None or row["valid_from"] <= day)
        ]  # fmt: skip
        first = pd.Timestamp("1900-01-01")
        kept = []
        for row in rows:
            gone = [other["valid_from"] or first for other in rows
                    if other["is_withdrawn"] and other["contract_reference"] == row["contract_reference"]]  # fmt: skip
            ended = row["valid_to"] is not None and row["valid_to"] < day
            if not row["is_withdrawn"] and not ended and all((row["valid_from"] or first) > one for one in gone):
                kept.append(row)
        self.any_in_force = bool(kept)
        found = set()
        for row in kept:
            told_by = ("contract_reference", "unit_code", "delivery_place")
            alike = [one["valid_from"] or first for one in kept if all(one[name] == row[name] for name in told_by)]
            replaced = row["valid_to"] is None and max(alike) > (row["valid_from"] or first)
            size = abs(line["quantity"])
            fits = (row["minimum_quantity"] or 0) <= size <= (row["maximum_quantity"] or 10**9)
            same = line["quantity_unit"] is not None and line["quantity_unit"] == row["unit_code"]
            if not replaced and row["price"] and row["currency"] == "SEK" and same and fits:
                found.add(self.price(row, day))
        return found.pop() if len(found) == 1 else None

    def paid(self, line: Row) -> Fraction | None:
        if not line["quantity"] or line["quantity"] * line["amount_ore"] < 0:
            return None
        quantity, amount = Fraction(line["quantity"]), Fraction(line["amount_ore"])
        if line["price_sek"] is not None and abs(amount) >= abs(quantity * Fraction(line["price_sek"]) * 100) - 2:
            return Fraction(line["price_sek"])
        return amount / 100 / quantity

    def own(self, line: Row) -> Fraction | None:
        found = self.by(line, "article_id")
        return found if self.any_in_force else self.by(line, "standard_item_id")

    def deviation_ore(self, line: Row) -> int | None:
        paid = self.paid(line)
        if paid is None:
            return None
        source: Row | None = line
        if line["quantity"] < 0:
            alike = [
                other for other in self.lines
                if (other["quantity"] or 0) > 0 and self.paid(other) == paid and other["bought_on"] <= line["bought_on"]
                and all(other[name] == line[name] for name in ("supplier_key", "quantity_unit"))
                and self.number(other) == self.number(line) is not None and line["quantity_unit"] is not None
            ]  # fmt: skip
            ordered = [one for one in alike if line["order_reference"] == one["order_reference"] is not None]
            source = max(ordered or alike, key=lambda one: (one["bought_on"], one["line_id"]), default=None)
        contract = None if source is None else self.own(source)
        return None if contract is None else half_up(Fraction(line["quantity"]) * (paid - contract) * 100)

    def number(self, line: Row) -> str | None:
        return line["article_id"] or line["standard_item_id"]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_slow_oracle_in_fractions_says_the_same_line_by_line(seed: int) -> None:
    lines, lists, index = drawn(seed, 350)
    found = deviating(lines, lists, index)
    oracle = Oracle(lines, lists, index)
    expected = {line["line_id"]: oracle.deviation_ore(line) for line in oracle.lines}
    compared = dict(zip(found.lines["line_id"], found.lines["deviation_ore"], strict=True))
    assert compared == {place: ore for place, ore in expected.items() if ore is not None}
    assert len(compared) > 20
    assert any(ore for ore in compared.values())
    assert found.lines["credited_line_id"].notna().any()


exact_prices = st.decimals("0.01", "500", places=2)
purchases = st.lists(
    st.tuples(exact_prices, st.decimals("0.001", "999", places=3), st.integers(0, 300)), min_size=1, max_size=8
)


@settings(max_examples=8, deadline=None)
@given(purchases, st.decimals("0", "20", places=1))
def test_what_is_taken_back_in_full_leaves_nothing_whatever_the_tolerance(
    made_purchases: list[tuple[Decimal, Decimal, int]], tolerance: Decimal
) -> None:
    lists = listed({"valid_to": "2025-06-30", "price": "100.10"}, {"valid_from": "2025-07-01", "price": "99.99"})
    rows = [
        {"price_sek": price, "quantity": quantity, "order_reference": f"O{place}",
         "bought_on": str(date(2025, 1, 1) + timedelta(days=day))}
        for place, (price, quantity, day) in enumerate(made_purchases)
    ]  # fmt: skip
    back = [{**row, "quantity": -row["quantity"], "bought_on": "2025-12-31"} for row in rows]
    found = prices.contract_prices_on(bought(*rows), lists)
    once, none = prices.price_deviations(found, tolerance_pct=tolerance), prices.price_deviations(found)
    both = deviating(bought(*rows, *back), lists, tolerance_pct=tolerance)
    assert len(both.lines) == 2 * len(rows)
    assert prices.overcharge(both).value == prices.undercharge(both).value == 0
    assert both.lines["deviation_ore"].sum() == 0
    # A wider tolerance never claims more, and over, under and within are all that was compared.
    for name in ("overcharge_ore", "undercharge_ore"):
        assert (once.lines[name] >= 0).all()
        assert once.lines[name].sum() <= none.lines[name].sum()
    within = once.lines["outcome"] == "within"
    parts = once.lines["overcharge_ore"] - once.lines["undercharge_ore"] + once.lines["deviation_ore"].where(within, 0)
    assert parts.tolist() == once.lines["deviation_ore"].tolist()


def test_the_best_price_is_one_that_enough_was_bought_at() -> None:
    # Öster's three are under half of the mean quantity (51), so Norr's 10 is the best; Söder paid 50 × 2 more.
    lines = bought({"quantity": 100}, {"quantity": 50, "price_sek": 12, "unit": "Söder"},
                   {"quantity": 3, "price_sek": 8, "unit": "Öster"}, {"quantity": 5, "unit": None},
                   {"quantity": 5, "quantity_unit": "XPK"}, {"quantity": 2, "article_id": None},
                   {"article_id": "r", "quantity": -5})  # fmt: skip
    found = prices.same_article_prices(lines)
    one = found.articles.iloc[0].to_dict()
    assert len(found.articles) == 1
    assert [one[name] for name in ("lowest_price_sek", "median_price_sek", "highest_price_sek", "best_price_sek")] == [
        8,
        10,
        12,
        10,
    ]
    assert [one[name] for name in ("lowest_at", "highest_at", "best_at")] == ["Öster", "Söder", "Norr"]
    assert (one["amount_ore"], one["at_best_price_ore"], one["above_best_ore"], one["quantity"]) == (
        1624_00,
        1524_00,
        100_00,
        153,
    )
    assert one["mean_price_sek"] == Decimal("10.614379")
    assert found.excluded.values.tolist() == [
        ["Bara en enhet har köpt artikeln", 1, 50_00], ["Enheten som köpte är inte angiven", 1, 50_00],
        ["Artikelnumret saknas", 1, 20_00], ["Kvantiteten är inte över noll när returer har dragits av", 1, -50_00],
    ]  # fmt: skip
    figure = prices.own_price_gap(found)
    assert (figure.id, figure.value) == ("own_price_gap_unit", 100)
    assert one["amount_ore"] + found.excluded["amount_ore"].sum() == lines["amount_ore"].sum()
    all_counted = prices.same_article_prices(lines, least_of_mean_pct=Decimal(0))
    assert all_counted.articles["best_at"].tolist() == ["Öster"]


def test_a_price_many_times_the_lowest_may_be_another_pack_and_is_not_counted() -> None:
    lines = bought({"price_sek": 5}, {"price_sek": 50, "unit": "Söder"}, {"price_sek": 5, "unit": "Söder"})
    found = prices.same_article_prices(lines)
    assert found.articles[["is_counted", "caution"]].values.tolist() == [[0, "Kan vara olika förpackningar"]]
    figure = prices.own_price_gap(found)
    assert (figure.value, figure.unknown_because) == (None, "Ingen artikel är köpt till jämförbara priser av flera")
    assert [(left.reason, left.rows) for left in figure.excluded] == [("Kan vara olika förpackningar", 3)]
    free = prices.same_article_prices(bought({"price_sek": 0}, {"unit": "Söder"}))
    assert free.articles["caution"].tolist() == ["Lägsta priset är inte över noll"]


def test_months_and_suppliers_are_compared_and_a_sole_trader_is_not_shown() -> None:
    months = prices.same_article_prices(bought({}, {"bought_on": "2025-04-01", "price_sek": 9}), between="month")
    assert months.articles[["lowest_at", "highest_at"]].values.tolist() == [["april 2025", "mars 2025"]]
    gtin = {"standard_item_id": "7310865004703"}
    other = {"supplier_key": "p", "supplier_name": "Enskild firma #7", "article_id": "x", "price_sek": 9,
             "standard_item_id": "07310865004703"}  # fmt: skip
    sellers = prices.same_article_prices(bought(gtin, other, {}), between="supplier")
    assert sellers.articles[["lowest_at", "highest_at"]].values.tolist() == [["Enskild firma", "Alfa AB"]]
    assert sellers.articles["supplier_key"].isna().all()
    assert sellers.excluded.values.tolist() == [["Standardnumret saknas", 1, 100_00]]
    with pytest.raises(MeasureError, match=r"cannot compare between 'units'\. Did you mean 'unit'"):
        prices.same_article_prices(bought({}), between="units")  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="Give a ratio above one"):
        prices.same_article_prices(bought({}), pack_size_ratio=Decimal(1))
    assert prices.own_price_gap(prices.same_article_prices(bought())).unknown_because == reasons.NO_LINES


def test_the_same_article_reckoned_another_way_comes_to_the_same() -> None:
    lines, _, _ = drawn(7, 500)
    lines = lines[(lines["amount_ore"] != 0) & (lines["quantity"].map(lambda one: one is not None and one > 0))]
    found = prices.same_article_prices(lines, between="month", least_of_mean_pct=Decimal(0))
    sums = lines.assign(month=lines["bought_on"].dt.strftime("%Y-%m"), quantity=lines["quantity"].map(Fraction))
    sums = sums[sums["amount_ore"] > 0].dropna(subset=["article_id", "quantity_unit"])
    by_month = sums.groupby(["supplier_key", "article_id", "quantity_unit", "month"])[["amount_ore", "quantity"]].sum()
    expected = {}
    for key, part in by_month.groupby(level=[0, 1, 2]):
        if len(part) > 1:
            each = [Fraction(ore) / quantity for ore, quantity in part.itertuples(index=False)]
            expected[key] = half_up(Fraction(int(part["amount_ore"].sum())) - sum(part["quantity"]) * min(each))
    columns = ["supplier_key", "article", "quantity_unit"]
    assert found.articles.set_index(columns)["above_best_ore"].to_dict() == expected
    assert len(expected) > 5


def test_other_assortment_is_told_by_the_mark_else_by_the_list() -> None:
    days = pd.Series(["2025-01-01", "9999-12-31"]).astype("datetime64[us]")
    scopes = pd.DataFrame({"supplier_key": ["t"], "starts_on": days[:1].to_list(), "ends_on": days[1:].to_list()})
    lines = bought(
        {}, {"assortment": "other"}, {"article_id": "q"}, {"article_id": "q", "assortment": "contract"},
        {"supplier_key": "t"}, {"supplier_key": "u"}, {"bought_on": "2024-12-31", "article_id": "q"},
        {"supplier_key": "u", "assortment": "other"},
    )  # fmt: skip
    found = prices.other_assortment(lines, listed({}), scopes=scopes)
    assert found.lines["assortment_found"].tolist()[:4] == ["contract", "other", "other", "contract"]
    assert found.lines["known_by"].tolist()[:4] == ["Prislistan", "Märkt i systemet", "Prislistan", "Märkt i systemet"]
    share = prices.other_assortment_share(found)
    assert (share.numerator, share.denominator, share.value) == (200, 400, 50)
    assert [(left.reason, left.rows) for left in share.excluded] == [
        ("Leverantören har varken avtal eller prislista den dagen", 3),
        ("Raden är inte märkt och leverantören har ingen prislista den dagen", 1),
    ]
    columns = ["supplier_key", "contract", "known_ore", "other_ore", "unknown_ore"]
    assert found.contracts[columns].fillna("").values.tolist() == [
        ["s", "A-1", 400_00, 200_00, 0], ["t", "", 0, 0, 100_00],
    ]  # fmt: skip
    assert found.contracts["other_pct"].tolist()[:1] == [50]
    nothing = prices.other_assortment(lines.head(0), listed({}))
    assert prices.other_assortment_share(nothing).unknown_because == reasons.NO_LINES
    lone = prices.other_assortment(bought({}), listed())
    assert prices.other_assortment_share(lone).unknown_because.startswith("Inget köp från avtalsleverantörer")


def test_the_price_level_compares_with_the_contract_price_of_the_same_standard_number() -> None:
    gtin = {"standard_item_id": "7310865004703", "assortment": "other", "article_id": "q"}
    same = {"article_id": "w", "standard_item_id": "7310865004703"}
    lists = listed({}, {**same, "supplier_key": "t", "price": 9}, {**same, "supplier_key": "v", "price": "7.5"})
    lines = bought(
        gtin, {**gtin, "quantity_unit": "XPK"}, {"assortment": "other"}, {**gtin, "standard_item_id": "4006381333931"}
    )
    found = prices.other_assortment(lines, lists)
    level = prices.other_assortment_price_level(found)
    # Two contracts have it; against the dearer, 9, the level is not overstated: 100 / 90.
    assert (level.numerator, level.denominator) == (100, 90)
    assert level.comparison.replace("\xa0", " ") == "Omfattar 25 % av övrigt sortiment"
    assert found.lines["price_reason"].tolist() == [
        "", reasons.OTHER_UNIT, "Standardnumret saknas", "Inget avtal har en artikel med samma standardnummer",
    ]  # fmt: skip
    assert found.contracts[["priced_ore", "at_contract_ore"]].values.tolist() == [[100_00, 90_00]]
    unknown = prices.other_assortment_price_level(prices.other_assortment(bought({}), listed({})))
    assert (unknown.value, unknown.unknown_because) == (
        None,
        "Ingen artikel i övrigt sortiment har ett avtalspris att jämföra med",
    )


WILD = {"supplier_key": "w", "supplier_name": "Vilda AB", "article_id": "MN-4711", "standard_item_id": "7310865004703"}


def test_an_article_bought_outside_contract_has_its_equivalent_with_price_and_difference() -> None:
    lists = listed(
        {"standard_item_id": "07310865004703"}, {"article_id": "m", "manufacturer_item_id": "MN-4711", "price": 7}
    )
    lines = bought(WILD, {**WILD, "standard_item_id": None}, {}, {**WILD, "contract_reference": "A-9"},
                   {**WILD, "quantity": -1}, {**WILD, "quantity_unit": "XPK"},
                   {**WILD, "article_id": "zz", "standard_item_id": None},
                   {**WILD, "assortment": "contract"})  # fmt: skip
    found = prices.contracted_equivalents(lines, lists)
    assert found.lines["line_id"].tolist() == [1, 2, 5, 6]
    assert found.lines["matched_by"].tolist() == [
        "Standardnummer",
        "Tillverkarens artikelnummer",
        "Standardnummer",
        "Standardnummer",
    ]
    assert found.lines["difference_ore"].tolist() == [20_00, 30_00, -2_00, pd.NA]
    assert found.lines["reason"].tolist() == ["", "", "", reasons.OTHER_UNIT]
    assert (found.outside_count, found.outside_ore) == (5, 390_00)
    figure = prices.outside_with_equivalent(found)
    assert figure.value == 290
    assert (
        figure.comparison.replace("\xa0", " ")
        == "Det som kan jämföras kostade 190 kr, till avtalspris 142 kr: skillnad 48 kr"
    )
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(1, 100_00)]
    columns = ["equivalent_article_id", "lines_count", "amount_ore", "priced_ore", "difference_ore"]
    assert found.articles[columns].values.tolist() == [
        ["m", 1, 100_00, 100_00, 30_00], ["a", 1, 100_00, 0, 0], ["a", 2, 90_00, 90_00, 18_00],
    ]  # fmt: skip
    assert found.articles["amount_ore"].sum() == found.lines["amount_ore"].sum()
    chosen = prices.contracted_equivalents(lines, lists, outside_lines=[4], by=["standard"])
    assert chosen.lines["line_id"].tolist() == [4]


@pytest.mark.parametrize(
    ("line", "offers", "expected"),
    [
        ({"standard_item_id": None}, [{"manufacturer_item_id": "MN-4711", "article_id": one} for one in "ab"],
         []),
        ({}, [{"manufacturer_item_id": "MN-4711", "standard_item_id": "4006381333931"}], []),
        ({"article_id": "123"}, [{"manufacturer_item_id": "123"}], []),
        ({}, [{"standard_item_id": "7310865004703", "supplier_key": "w"}], []),
        ({}, [{"standard_item_id": "7310865004703", "valid_to": "2025-03-01"}], []),
        ({}, [{"standard_item_id": "7310865004703", "is_withdrawn": 1}], []),
        ({}, [{"standard_item_id": "7310865004703"}, {"is_withdrawn": 1, "valid_from": "2025-03-01"}], []),
        ({"standard_item_id": None}, [{"manufacturer_item_id": "MN-4711"},
                                      {"is_withdrawn": 1, "valid_from": "2025-03-01"}], []),
    ],
)  # fmt: skip
def test_what_is_not_surely_the_same_article_is_no_equivalent(
    line: Row, offers: list[Row], expected: list[str]
) -> None:
    found = prices.contracted_equivalents(bought({**WILD, **line}), listed(*offers))
    assert found.lines["reason"].tolist() == expected
    assert found.lines["difference_ore"].isna().all()


def test_a_number_of_several_articles_is_outside_without_an_equivalent() -> None:
    several = listed(*({"manufacturer_item_id": "MN-4711", "article_id": one} for one in "ab"))
    figure = prices.outside_with_equivalent(
        prices.contracted_equivalents(bought({**WILD, "standard_item_id": None}), several)
    )
    assert (figure.value, [(left.rows, left.amount_ore) for left in figure.excluded]) == (0, [(1, 100_00)])


def test_without_lines_lists_or_anything_outside_the_equivalents_say_why() -> None:
    asked = [(bought(), listed({})), (bought(WILD), listed()), (bought({}), listed({}))]
    told = [prices.outside_with_equivalent(prices.contracted_equivalents(*one)).unknown_because for one in asked]
    assert told == [reasons.NO_LINES, reasons.NO_LISTS, "Inget köp utanför avtal finns bland raderna"]
    with pytest.raises(MeasureError, match="cannot match by 'gtin'"):
        prices.contracted_equivalents(bought({}), listed({}), by=["gtin"])  # type: ignore[list-item]


def test_the_largest_articles_tell_what_is_contracted_how_prices_differ_and_what_was_overcharged() -> None:
    lines = bought({}, {"price_sek": 12}, {"article_id": None, "article_name": "Frakt", "price_sek": 50, "quantity": 1},
                   {"quantity": -1, "bought_on": "2025-04-01"}, {"quantity": 2, "quantity_unit": "XPK"})  # fmt: skip
    found = prices.largest_articles(lines, deviations=deviating(lines, listed({})), contracted_lines=[1, 4])
    columns = [
        "article_name",
        "quantity_unit_name",
        "lines_count",
        "amount_ore",
        "lowest_price_sek",
        "highest_price_sek",
    ]
    assert found[columns].values.tolist() == [
        ["Handske", "st", 3, 210_00, 10, 12], ["Frakt", "st", 1, 50_00, 50, 50],
        ["Handske", "förpackningar", 1, 20_00, 10, 10],
    ]  # fmt: skip
    assert found["overcharge_ore"].tolist() == [58_00, pd.NA, pd.NA]
    assert found["contracted_pct"].round(2).tolist() == [42.86, 0, 0]
    assert found["amount_ore"].sum() == lines["amount_ore"].sum()
    assert round(found["share_pct"].sum(), 6) == 100
    alone = prices.largest_articles(lines)
    assert alone[["contracted_pct", "overcharge_ore"]].isna().all().all()
    assert prices.largest_articles(lines.head(0)).empty


def number(text: str) -> Decimal:
    return Decimal(text.replace(" ", "").replace("−", "-").replace(",", "."))


def told(table: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in table.to_dict("records")}


HEADERS = {
    "Artikel": "article_id", "Dag": "bought_on", "Enhet": "quantity_unit", "Standardnummer": "standard_item_id",
    "Leverantör": "supplier_key",
}  # fmt: skip


def worked_lines(table: pd.DataFrame, **same: Any) -> pd.DataFrame:
    rows = []
    for row in table.to_dict("records"):
        texts = {HEADERS[header]: None if text == "–" else text for header, text in row.items() if header in HEADERS}
        amounts = {"price_sek": number(row["Betalt pris (kr)"]), "quantity": number(row.get("Kvantitet", "10"))}
        rows.append({**texts, **amounts, **same})
    return bought(*rows)


def left_out(figure: KeyFigure) -> Decimal:
    return sum((kronor(one.amount_ore or 0) for one in figure.excluded), Decimal(0))


def test_the_worked_deviations_and_accuracy_are_what_the_measures_give(worked_tables: Tables) -> None:
    given_lines, each, sums = worked_tables("price_deviations")
    lists = listed({"article_id": "H", "price": 100}, {"article_id": "S", "price": "0.1275"})
    found = deviating(worked_lines(given_lines), lists, indexed({"valid_from": "2025-03-01"}))
    assert found.lines["contract_unit_price_sek"].tolist() == [number(text) for text in each["Avtalspris (kr)"]]
    assert found.lines["deviation_ore"].tolist() == [number(text) * 100 for text in each["Avvikelse (kr)"]]
    over, under = prices.overcharge(found), prices.undercharge(found)
    assert {"Över": over.value, "Under": under.value, "Undantaget": left_out(over)} == told(sums)
    assert over.method == under.method == "price_deviations"
    given_lines, sums = worked_tables("price_accuracy")
    found = deviating(worked_lines(given_lines), listed({"article_id": "H"}), tolerance_pct=Decimal(1))
    figure = prices.price_accuracy(found)
    parts = [figure.value, figure.numerator, figure.denominator, left_out(figure)]
    assert dict(zip(("Värde", "Täljare", "Nämnare", "Undantaget"), parts, strict=True)) == told(sums)


def test_the_worked_spread_is_what_the_measure_gives(worked_tables: Tables) -> None:
    given_lines, each, sums = worked_tables("same_article_prices")
    lines = worked_lines(given_lines).assign(unit=given_lines["Enhet"].to_numpy(), quantity_unit="EA")
    found = prices.same_article_prices(lines)
    columns = ["lowest_price_sek", "median_price_sek", "highest_price_sek", "best_price_sek"]
    headers = [f"{name} (kr)" for name in ("Lägsta", "Median", "Högsta", "Bästa")]
    assert found.articles["article"].tolist() == each["Artikel"].tolist()
    assert found.articles[columns].values.tolist() == [[number(text) for text in row] for row in each[headers].values]
    assert found.articles["above_best_ore"].tolist() == [number(text) * 100 for text in each["Över bästa (kr)"]]
    assert found.articles["is_counted"].tolist() == [int(text == "ja") for text in each["Räknas"]]
    figure = prices.own_price_gap(found)
    assert {"Värde": figure.value, "Undantaget": left_out(figure)} == told(sums)


def test_the_worked_other_assortment_is_what_the_measure_gives(worked_tables: Tables) -> None:
    given_lines, sums = worked_tables("other_assortment")
    lines = worked_lines(given_lines)
    lines["assortment"] = pd.Series(
        ["other" if text == "övrigt" else None for text in given_lines["Märkt"]], dtype="str"
    )
    delta = {"supplier_key": "Delta", "article_id": "D", "standard_item_id": "7310865004703", "price": 9}
    lists = listed({"supplier_key": "Alfa", "article_id": "H", "price": 10}, delta)
    days = pd.Series(["2025-01-01", "2025-12-31"]).astype("datetime64[us]")
    scopes = pd.DataFrame({"supplier_key": ["Beta"], "starts_on": days[:1].to_list(), "ends_on": days[1:].to_list()})
    found = prices.other_assortment(lines, lists, scopes=scopes)
    share, level = prices.other_assortment_share(found), prices.other_assortment_price_level(found)
    assert level.value is not None
    parts = [share.value, share.numerator, share.denominator, left_out(share), round(level.value, 1)]
    assert dict(zip(("Andel", "Täljare", "Nämnare", "Undantaget", "Prisnivå"), parts, strict=True)) == told(sums)


def test_the_worked_equivalents_are_what_the_measure_gives(worked_tables: Tables) -> None:
    given_lines, sums = worked_tables("contracted_equivalents")
    lists = listed({"article_id": "H", "standard_item_id": "7310865004703"},
                   {"article_id": "M", "manufacturer_item_id": "MN-4711", "price": 7})  # fmt: skip
    found = prices.contracted_equivalents(worked_lines(given_lines, supplier_key="w"), lists)
    figure = prices.outside_with_equivalent(found)
    compared = found.lines[found.lines["reason"] == ""]
    parts = [kronor(int(compared[name].sum())) for name in ("amount_ore", "at_contract_ore", "difference_ore")]
    names = ("Värde", "Jämförbart", "Till avtalspris", "Skillnad", "Undantaget")
    assert dict(zip(names, [figure.value, *parts, left_out(figure)], strict=True)) == told(sums)
