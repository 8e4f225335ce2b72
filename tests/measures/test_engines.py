"""Every measure gives the same answer from pandas, Polars and DuckDB, and leaves its input as it was."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

import narwhals as nw
import pandas as pd
import pytest

from procanalysis.measures import coding, frames, invoices, opportunities, spend, suppliers

RADAR: dict[str, Any] = {"min_lines": 5, "usual_share_pct": 51}
MEASURES: dict[str, Callable[..., Any]] = {
    **{f"spend_by {by}": lambda now, _, by=by: spend.spend_by(now, by) for by in spend.DIMENSIONS},
    "spend_by two": lambda now, _: spend.spend_by(now, ["unit", "category"]),
    "total_spend": lambda now, _: spend.total_spend(now),
    "spend_classes": lambda now, _: spend.spend_classes(now),
    "spend_matrix": lambda now, _: spend.spend_matrix(now, "category", "unit", largest=2),
    "spend_matrix months": lambda now, _: spend.spend_matrix(now, "supplier", "month"),
    "spend_by_month": lambda now, _: spend.spend_by_month(now),
    "spend_change": lambda now, before: spend.spend_change(now, before, "supplier"),
    "addressable_share": lambda now, _: spend.addressable_share(now),
    "supplier_count": lambda now, _: suppliers.supplier_count(now),
    "tail_share": lambda now, _: suppliers.tail_share(now),
    "effective_suppliers": lambda now, _: suppliers.effective_suppliers(now),
    "gini": lambda now, _: suppliers.gini(now),
    "concentration": lambda now, _: suppliers.concentration(now),
    "pareto_curve": lambda now, _: suppliers.pareto_curve(now),
    "small_supplier_rest": lambda now, _: suppliers.small_supplier_rest(now),
    "invoice_totals": lambda now, _: frames.collect_pandas(invoices.invoice_totals(now)).sort_values(
        "invoice_key", ignore_index=True
    ),
    "small_invoice_share": lambda now, _: invoices.small_invoice_share(now),
    "invoice_sizes": lambda now, _: invoices.invoice_sizes(now),
    "handling_cost": lambda now, _: invoices.handling_cost(now, 250_00),
    "largest_postings": lambda now, _: invoices.largest_postings(now, 7),
    "duplicate_postings": lambda now, _: invoices.duplicate_postings(now),
    "improbable_coding": lambda now, _: coding.improbable_coding(now, **RADAR),
    "improbable_coding category": lambda now, _: coding.improbable_coding(now, level="category", **RADAR),
    "suspect_coding": lambda now, _: coding.suspect_coding(now, **RADAR),
    "correction_list": lambda now, _: coding.correction_list(coding.improbable_coding(now, **RADAR)),
    "category_profile": lambda now, _: opportunities.category_profile(now),
    "deviations": lambda now, before: opportunities.deviations(now, before, peak_factor=0, peak_min_pct=1),
    "savings_opportunities": lambda now, _: opportunities.savings_opportunities(
        now,
        handling_cost_ore=250_00,
        months_covered=12,
        small_supplier_saving_pct=3,
        coordination_saving_pct=2,
    ),
}


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    elif is_dataclass(expected) and not isinstance(expected, type):
        assert asdict(found) == asdict(expected)
    else:
        assert found == expected


@pytest.mark.parametrize("name", MEASURES)
def test_every_engine_and_order_of_rows_gives_the_same_and_the_input_is_untouched(
    name: str, year_lines: pd.DataFrame, year_before: pd.DataFrame, in_engine: Any
) -> None:
    kept = year_lines.copy(deep=True)
    expected = MEASURES[name](year_lines, year_before)
    pd.testing.assert_frame_equal(year_lines, kept)
    shuffled = year_lines.sample(frac=1, random_state=3)
    for engine in ("polars_lazy", "duckdb"):
        assert_same(MEASURES[name](in_engine(engine, shuffled), in_engine(engine, year_before)), expected)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_ledger_and_a_single_row_are_answered(
    name: str, rows: int, year_lines: pd.DataFrame, in_engine: Any
) -> None:
    few = year_lines.iloc[:rows]
    native = in_engine("duckdb", few)
    assert_same(MEASURES[name](native, native), MEASURES[name](few, few))


def test_columns_that_hold_nothing_are_taken_as_missing(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 5}])
    loose = lines.assign(unit=None, booked_on=None, account=4100)
    by_unit, by_month = spend.spend_by(loose, "unit"), spend.spend_by_month(loose)
    assert by_unit["unit_name"].tolist() == ["Enhet saknas"]
    assert by_month["month_name"].tolist() == ["Datum saknas"]
    assert spend.spend_by(loose, "account")["account"].tolist() == ["4100"]


def test_a_sum_beyond_what_a_float_can_hold_is_exact(make_lines: Any, in_engine: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 2**53}, {"supplier_key": "a", "amount_ore": 1}])
    for engine in ("pandas", "polars", "duckdb"):
        native = in_engine(engine, lines)
        assert spend.spend_by(native, "supplier")["amount_ore"].tolist() == [2**53 + 1]
        assert frames.totals(nw.from_native(native).lazy()) == (2, 2**53 + 1)


@pytest.mark.parametrize("keys", [["supplier_key"], ["unit", "account"]])
def test_sums_are_the_tally_without_its_counts(keys: list[str], year_lines: pd.DataFrame, in_engine: Any) -> None:
    for engine in ("pandas", "polars_lazy", "duckdb"):
        frame = frames.lazy(in_engine(engine, year_lines))
        names = [*keys, "amount_ore", "lines_count"]
        pd.testing.assert_frame_equal(frames.sums(frame, keys), frames.tally(frame, keys)[names])


def test_results_are_sorted_as_pandas_sorts_them() -> None:
    drawn = random.Random(4)
    signs = ["", "a", "A", "å", "Ä", "aa", "a b", "Ö\u0308", "\U0001f600", None]
    rows = {
        "amount_ore": [drawn.choice([-5, 0, 7, 2**60]) for _ in range(300)],
        "unit": pd.Series([drawn.choice(signs) for _ in range(300)], dtype="str"),
        "account": pd.Series([drawn.choice(signs) for _ in range(300)], dtype="str"),
        "count": pd.Series([drawn.choice([1, 2, None]) for _ in range(300)], dtype="Int64"),
        "place": range(300),  # tells equals apart, which keep their order
    }
    frame, keys = pd.DataFrame(rows), ["unit", "account"]
    expected = frame.sort_values(["amount_ore", *keys], ascending=[False, True, True], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(frames.by_amount(frame, keys), expected)
    by_count = frame.sort_values(["count", "unit"], ascending=[False, True], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(frames.by_amount(frame, ["unit"], "count"), by_count)


def test_what_is_collected_has_the_same_types_from_every_engine(in_engine: Any) -> None:
    rows = pd.DataFrame(
        {
            "text": pd.Series(["å", None], dtype="str"),
            "whole": pd.Series([2**60 + 1, 3], dtype="int64"),
            "gaps": pd.Series([2**60 + 1, None], dtype="Int64"),
            "part": [0.5, float("nan")],
            "yes": [True, False],
            "booked_on": pd.to_datetime(["2025-03-31", None]).astype("datetime64[us]"),
        }
    )
    for engine in ("pandas", "polars_lazy", "duckdb"):
        found = frames.collect_pandas(frames.lazy(in_engine(engine, rows)))
        pd.testing.assert_frame_equal(found, rows)


def test_an_empty_result_can_be_joined_on(in_engine: Any) -> None:
    rows = pd.DataFrame({"unit": ["a"], "account": ["b"], "amount_ore": [1]})
    keys = ["unit", "account"]
    for engine in ("polars_lazy", "duckdb"):
        none = frames.lazy(in_engine(engine, rows)).filter(nw.col("amount_ore") > 1)
        found = frames.sums(none, keys)
        assert found.join(found.set_index(keys), on=keys, suffixes=("", "_again")).empty
        assert rows.join(found.set_index(keys), on=keys, suffixes=("", "_found"))["amount_ore_found"].isna().all()
