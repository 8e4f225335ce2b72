"""Invoices: sizes at invoice level, handling cost, the auditor's list and equal rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, invoices


@pytest.fixture(scope="module")
def few(make_lines: Any) -> pd.DataFrame:
    rows = [
        # One invoice of 11 000 kr in two postings: neither is large, the invoice is.
        {"supplier_key": "a", "invoice_key": "a|1", "amount_ore": 600_000},
        {"supplier_key": "a", "invoice_key": "a|1", "amount_ore": 500_000},
        {"supplier_key": "a", "invoice_key": "a|2", "amount_ore": 999_999},
        {"supplier_key": "b", "invoice_key": "b|1", "amount_ore": 1_000_000},
        {"supplier_key": "b", "invoice_key": "b|2", "amount_ore": 0},
        {"supplier_key": "b", "invoice_key": "b|3", "amount_ore": -70},
        {"supplier_key": "b", "invoice_key": "b|3", "amount_ore": 20},
        {"supplier_key": "c", "invoice_key": None, "amount_ore": 33},
    ]
    lines: pd.DataFrame = make_lines(rows)
    return lines


def test_small_invoices_are_counted_on_the_sum_of_the_invoice(few: pd.DataFrame) -> None:
    figure = invoices.small_invoice_share(few)
    assert (figure.value, figure.numerator, figure.denominator) == (50, 2, 4)
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(2, -50), (1, 33)]
    assert figure.excluded[0].reason == "Kreditfakturor, summa under noll (1 st)"
    assert "10\u00a0000\u00a0kr" in figure.label


def test_what_is_left_out_and_counted_make_the_ledger(year_lines: pd.DataFrame) -> None:
    figure = invoices.small_invoice_share(year_lines)
    per_invoice = year_lines.groupby("invoice_key")["amount_ore"].sum()
    counted = per_invoice[per_invoice >= 0]
    assert figure.denominator == len(counted)
    assert figure.numerator == int((counted < 1_000_000).sum())
    assert counted.sum() + sum(left.amount_ore for left in figure.excluded) == year_lines["amount_ore"].sum()


def test_a_planted_share_is_recovered(make_lines: Any) -> None:
    rows = [
        {"supplier_key": "a", "invoice_key": str(number), "amount_ore": 999_999 if number < 79 else 1_000_000}
        for number in range(100)
    ]
    assert invoices.small_invoice_share(make_lines(rows)).value == 79


def test_a_share_of_no_invoices_is_unknown(few: pd.DataFrame) -> None:
    figure = invoices.small_invoice_share(few[few["invoice_key"].isna()])
    assert figure.value is None
    assert figure.unknown_because == "Inga fakturor med fakturanummer och belopp över noll i urvalet"
    assert figure.excluded[0].rows == 1


def test_size_classes_hold_the_whole_ledger(few: pd.DataFrame, year_lines: pd.DataFrame) -> None:
    table = invoices.invoice_sizes(few, (1_000_000, 1_050_000)).set_index("size_class")
    assert table["invoices_count"].tolist() == [1, 2, 1, 1, 0]
    assert table["amount_ore"].tolist() == [-50, 999_999, 1_000_000, 1_100_000, 33]
    assert [label.replace("\u00a0", " ") for label in table.index] == [
        "Kreditfakturor", "Under 10 000 kr", "10 000–10 500 kr", "10 500 kr eller mer", invoices.NO_NUMBER,
    ]  # fmt: skip
    year = invoices.invoice_sizes(year_lines)
    assert year["amount_ore"].sum() == year_lines["amount_ore"].sum()
    assert year["lines_count"].sum() == len(year_lines)
    assert year["invoices_count"].sum() == year_lines["invoice_key"].nunique()
    assert year["invoices_pct"].sum() == pytest.approx(100)


@pytest.mark.parametrize("limits", [(), (0, 5), (5, 5), (7, 5)])
def test_limits_must_rise(limits: tuple[int, ...], few: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="rising amounts"):
        invoices.invoice_sizes(few, limits)


def test_handling_cost_needs_the_organisations_own_cost(few: pd.DataFrame) -> None:
    figure = invoices.handling_cost(few, 312_50)
    assert figure.value == Decimal("1562.50")
    assert figure.numerator == 5
    assert figure.comparison.startswith("5 fakturor × 31")
    unknown = invoices.handling_cost(few, None)
    assert unknown.value is None
    assert "inte angiven" in unknown.unknown_because
    assert invoices.handling_cost(few, 0).value == 0
    assert invoices.handling_cost(few.iloc[:0], 100).value is None
    with pytest.raises(MeasureError, match="-1"):
        invoices.handling_cost(few, -1)
    with pytest.raises(MeasureError, match="limit_ore is 0"):
        invoices.small_invoice_share(few, 0)


def test_the_auditor_is_led_to_file_and_row(few: pd.DataFrame) -> None:
    top = invoices.largest_postings(few, 2)
    assert top[["file", "row_number", "amount_ore"]].values.tolist() == [
        ["reskontra.csv", 5, 1_000_000],
        ["reskontra.csv", 4, 999_999],
    ]
    assert "text" not in top
    with pytest.raises(MeasureError, match="at least 1"):
        invoices.largest_postings(few, 0)


def test_equal_rows_are_counted_and_near_equal_ones_are_not(make_lines: Any) -> None:
    row = {"supplier_key": "a", "invoice_key": "a|1", "amount_ore": -40, "booked_on": "2025-01-01"}
    lines = make_lines([row, row | {"amount_ore": 7}, row, row | {"unit": "Norr"}, row, row | {"text": "x"}])
    found = invoices.duplicate_postings(lines)
    assert found[["first_line_id", "row_number", "copies", "amount_ore", "extra_ore"]].values.tolist() == [
        [1, 2, 3, -40, -80]
    ]


def test_equal_rows_agree_with_plain_pandas(year_lines: pd.DataFrame) -> None:
    same = [name for name in year_lines.columns if name not in ("line_id", "file", "row_number")]
    extra = year_lines.duplicated(same, keep="first")
    found = invoices.duplicate_postings(year_lines)
    assert (found["copies"] - 1).sum() == extra.sum() >= 5
    assert found["extra_ore"].sum() == year_lines.loc[extra, "amount_ore"].sum()


def test_invoice_totals_stay_in_the_engine(few: pd.DataFrame, in_engine: Any) -> None:
    totals = invoices.invoice_totals(in_engine("duckdb", few))
    assert totals.implementation.is_duckdb()
    per_invoice = frames.collect_pandas(totals).set_index("invoice_key")["amount_ore"]
    assert per_invoice.to_dict() == few.groupby("invoice_key")["amount_ore"].sum().to_dict()
