"""Spend per dimension: accounting identities, an independent pandas oracle, and hand calculations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError, ReconciliationError
from procanalysis.measures import frames, spend
from procanalysis.schema import Exclusion, kronor


@pytest.mark.parametrize("by", ["unit", "supplier", "category", "main_category", "account", "lou_covered"])
def test_spend_by_agrees_with_plain_pandas(by: str, year_lines: pd.DataFrame) -> None:
    key = spend.DIMENSIONS[by].key
    found = spend.spend_by(year_lines, by)
    oracle = year_lines.groupby(key, dropna=False).agg(
        amount_ore=("amount_ore", "sum"),
        lines_count=("line_id", "size"),
        invoices_count=("invoice_key", "nunique"),
        suppliers_count=("supplier_key", "nunique"),
    )
    expected = oracle.reset_index().sort_values(["amount_ore", key], ascending=[False, True], ignore_index=True)
    pd.testing.assert_frame_equal(found[list(expected.columns)], expected, check_dtype=False)
    assert found["share_pct"].sum() == pytest.approx(100)


@pytest.mark.parametrize("by", [*spend.DIMENSIONS, ["unit", "month"], ["category", "lou_covered"]])
def test_every_way_to_part_the_spend_sums_to_the_ledger(by: Any, year_lines: pd.DataFrame) -> None:
    found = spend.spend_by(year_lines, by)
    assert found["amount_ore"].sum() == year_lines["amount_ore"].sum()
    assert found["lines_count"].sum() == len(year_lines)
    assert found["amount_ore"].dtype == "int64"


def test_names_are_what_a_reader_sees(make_lines: Any) -> None:
    rows = [
        {
            "supplier_key": "a",
            "amount_ore": 4,
            "booked_on": "2025-03-01",
            "spend_class": "ej inköp",
            "tier": "unit",
        },
        {"supplier_key": "a", "amount_ore": 1},
    ]
    lines = make_lines(rows)
    assert spend.spend_by(lines, "month")[["month", "month_name"]].fillna("-").values.tolist() == [
        ["2025-03", "mars 2025"],
        ["-", "Datum saknas"],
    ]
    assert spend.spend_by(lines, "spend_class")["spend_class_name"].tolist() == ["Ej inköp", "Okategoriserat"]
    assert spend.spend_by(lines, "tier")["tier_name"].tolist() == ["Enhet eller projekt", "Ingen regel"]
    assert spend.spend_by(lines, "unit")["unit_name"].tolist() == ["Enhet saknas"]


def test_a_share_of_a_sum_that_is_not_above_zero_is_missing(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 5}, {"supplier_key": "b", "amount_ore": -5}])
    assert spend.spend_by(lines, "supplier")["share_pct"].isna().all()


def test_what_is_asked_wrongly_is_answered_with_what_to_do(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 5}])
    with pytest.raises(MeasureError, match=r"'units' is not a way.*Did you mean 'unit'"):
        spend.spend_by(lines, "units")
    with pytest.raises(MeasureError, match="Give one, or two different"):
        spend.spend_by(lines, ["unit", "unit"])
    with pytest.raises(MeasureError, match="no column 'unit'"):
        spend.spend_by(lines.drop(columns="unit"), "unit")
    with pytest.raises(MeasureError, match="no month in common"):
        spend.spend_change(lines, lines, "month")
    with pytest.raises(MeasureError, match="largest is 0"):
        spend.fold_small(spend.spend_by(lines, "unit"), 0)
    with pytest.raises(MeasureError, match=r"holds 'adresserbart'.*'adresserbar'"):
        spend.spend_classes(lines.assign(spend_class="adresserbart"))


def test_a_lost_row_stops_the_calculation(year_lines: pd.DataFrame) -> None:
    frame = frames.lazy(year_lines, ["amount_ore"])
    total = int(year_lines["amount_ore"].sum())
    frames.check_total("spend_by", frame, len(year_lines), total)
    with pytest.raises(ReconciliationError, match=f"result {len(year_lines)} rows"):
        frames.check_total("spend_by", frame, len(year_lines), total - 1)


def test_total_spend_is_exact_and_unknown_without_postings(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 1050}, {"supplier_key": "a", "amount_ore": -51}])
    assert spend.total_spend(lines).value == Decimal("9.99")
    empty = spend.total_spend(lines.iloc[:0], currency="GBP")
    assert (empty.value, empty.unit) == (None, "GBP")
    assert empty.unknown_because


def test_the_five_classes_stand_in_order_and_sum_to_the_ledger(year_lines: pd.DataFrame, make_lines: Any) -> None:
    classes = spend.spend_classes(year_lines)
    assert classes["spend_class"].tolist() == [
        "adresserbar", "ej adresserbar", "investering", "ej inköp", "okategoriserat",
    ]  # fmt: skip
    assert classes["amount_ore"].sum() == year_lines["amount_ore"].sum()
    one = spend.spend_classes(make_lines([{"supplier_key": "a", "amount_ore": 5, "spend_class": "investering"}]))
    assert one["amount_ore"].tolist() == [0, 0, 5, 0, 0]


def test_addressable_share_leaves_out_and_returns_the_rest(make_lines: Any) -> None:
    amounts = {"adresserbar": 60, "ej adresserbar": 20, "investering": 700, "ej inköp": -9, None: 4}
    lines = make_lines([{"supplier_key": "a", "amount_ore": ore, "spend_class": name} for name, ore in amounts.items()])
    figure = spend.addressable_share(lines)
    assert (figure.value, figure.numerator, figure.denominator) == (75, kronor(60), kronor(80))
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(1, 700), (1, -9), (1, 4)]
    assert isinstance(figure.excluded[0], Exclusion)
    left = spend.addressable_share(lines[lines["spend_class"] == "investering"])
    assert left.value is None
    assert left.unknown_because


@pytest.mark.parametrize("largest", [1, 2, 3, 50])
@pytest.mark.parametrize("dimensions", [("category", "unit"), ("supplier", "month"), ("unit", "supplier")])
def test_matrix_margins_are_those_of_spend_by(
    largest: int, dimensions: tuple[str, str], year_lines: pd.DataFrame
) -> None:
    rows, columns = dimensions
    matrix = spend.spend_matrix(year_lines, rows, columns, largest=largest)
    body, bottom = matrix.iloc[:-1, 2:], matrix.iloc[-1, 2:]
    assert (body.sum() == bottom.astype("int64")).all()
    assert (body.drop(columns="Totalt").sum(axis="columns") == body["Totalt"]).all()
    assert bottom["Totalt"] == year_lines["amount_ore"].sum()
    per_row = spend.spend_by(year_lines, rows)
    kept = matrix.iloc[: min(largest, len(per_row))]
    assert kept["Totalt"].tolist() == per_row["amount_ore"].tolist()[: len(kept)]
    assert matrix.columns.is_unique


def test_matrix_tells_values_with_the_same_name_apart(make_lines: Any) -> None:
    rows = [
        {
            "supplier_key": "a",
            "unit": "Norr",
            "amount_ore": 2,
            "category_code": "1",
            "category_name": "Övrigt",
        },
        {
            "supplier_key": "a",
            "unit": "Norr",
            "amount_ore": 1,
            "category_code": "2",
            "category_name": "Övrigt",
        },
        {
            "supplier_key": "a",
            "unit": "Totalt",
            "amount_ore": 1,
            "category_code": "3",
            "category_name": "Totalt",
        },
    ]
    lines = make_lines(rows)
    matrix = spend.spend_matrix(lines, "unit", "category")
    assert list(matrix.columns[2:]) == ["Övrigt (1)", "Övrigt (2)", "Totalt (3)", "Totalt"]
    assert matrix["unit_name"].tolist() == ["Norr", "Totalt (Totalt)", "Totalt"]
    assert matrix["Totalt"].tolist() == [3, 1, 4]


def test_a_month_without_postings_stands_in_its_place(make_lines: Any) -> None:
    rows = [
        {"supplier_key": "a", "amount_ore": 7, "booked_on": "2025-03-31"},
        {"supplier_key": "a", "amount_ore": 5, "booked_on": "2024-12-01"},
        {"supplier_key": "a", "amount_ore": 3},
    ]
    months = spend.spend_by_month(make_lines(rows))
    assert months["month"].fillna("-").tolist() == ["2024-12", "2025-01", "2025-02", "2025-03", "-"]
    assert months["amount_ore"].tolist() == [5, 0, 0, 7, 3]
    assert months["lines_count"].tolist() == [1, 0, 0, 1, 1]
    assert months["month_name"].tolist()[-2:] == ["mars 2025", "Datum saknas"]


def test_change_holds_both_totals_and_marks_new_and_ended(year_lines: pd.DataFrame, year_before: pd.DataFrame) -> None:
    change = spend.spend_change(year_lines, year_before, "supplier")
    assert change["amount_ore"].sum() == year_lines["amount_ore"].sum()
    assert change["before_ore"].sum() == year_before["amount_ore"].sum()
    now, before = set(year_lines["supplier_key"]), set(year_before["supplier_key"])
    assert set(change.loc[change["change"] == "ny", "supplier_key"]) == now - before
    assert set(change.loc[change["change"] == "upphörd", "supplier_key"]) == before - now
    assert change["change_ore"].abs().is_monotonic_decreasing


def test_a_change_from_nothing_or_less_has_no_percentage(make_lines: Any) -> None:
    now = make_lines([{"supplier_key": key, "amount_ore": 10, "unit": key} for key in "abc"])
    before = make_lines(
        [{"supplier_key": key, "amount_ore": ore, "unit": key} for key, ore in zip("ab", (-5, 8), strict=True)]
    )
    change = spend.spend_change(now, before, "unit").set_index("unit")
    assert change["change_pct"].fillna(-1).to_dict() == {"a": -1, "c": -1, "b": 25}
    assert change["change"].to_dict() == {"a": "ändrad", "c": "ny", "b": "ändrad"}


def test_a_missing_key_before_meets_the_missing_key_now(make_lines: Any) -> None:
    now = make_lines([{"supplier_key": "a", "amount_ore": 10, "unit": None}])
    change = spend.spend_change(now, now.assign(amount_ore=4), "unit")
    assert change[["unit_name", "change_ore", "change"]].values.tolist() == [["Enhet saknas", 6, "ändrad"]]


def test_folding_keeps_the_totals_and_hides_counts_that_cannot_be_added(year_lines: pd.DataFrame) -> None:
    per_unit = spend.spend_by(year_lines, "unit")
    kept = per_unit.copy(deep=True)
    folded = spend.fold_small(per_unit, 2, "Andra enheter")
    pd.testing.assert_frame_equal(per_unit, kept)
    assert folded["unit_name"].tolist() == [*per_unit["unit_name"].tolist()[:2], "Andra enheter (3)"]
    assert folded["amount_ore"].sum() == per_unit["amount_ore"].sum()
    assert folded["share_pct"].sum() == pytest.approx(100)
    assert folded["suppliers_count"].isna().tolist() == [False, False, True]
    per_supplier = spend.spend_by(year_lines, "supplier")
    folded_suppliers = spend.fold_small(per_supplier, 5)
    assert folded_suppliers["suppliers_count"].sum() == len(per_supplier)
    assert folded_suppliers["invoices_count"].sum() == per_supplier["invoices_count"].sum()


def test_a_single_small_row_is_not_folded_alone(year_lines: pd.DataFrame) -> None:
    per_unit = spend.spend_by(year_lines, "unit")
    pd.testing.assert_frame_equal(spend.fold_small(per_unit, len(per_unit) - 1), per_unit)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "å"]),
            st.sampled_from(["Norr", "Syd", None]),
            st.integers(min_value=-(10**13), max_value=10**13),
        ),
        max_size=30,
    )
)
def test_no_ledger_loses_an_ore(amounts: list[tuple[str, str | None, int]], make_lines: Any) -> None:
    lines = make_lines(
        pd.DataFrame(
            {
                "supplier_key": pd.Series([supplier for supplier, _, _ in amounts], dtype="str"),
                "unit": pd.Series([unit for _, unit, _ in amounts], dtype="str"),
                "amount_ore": pd.Series([ore for _, _, ore in amounts], dtype="int64"),
            }
        )
    )
    total = sum(ore for _, _, ore in amounts)
    matrix = spend.spend_matrix(lines, "supplier", "unit", largest=1)
    assert matrix.iloc[-1]["Totalt"] == total
    assert spend.fold_small(spend.spend_by(lines, "supplier"), 1)["amount_ore"].sum() == total
    assert spend.spend_change(lines, lines, "unit")["change_ore"].abs().sum() == 0
