"""Suppliers: test vectors of the methods, planted tails, register faults, and no person singled out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import spend, suppliers
from procanalysis.schema import SUPPLIER_REGISTER, names

VECTOR = (50, 30, 10, 5, 5)


def volumes(make_lines: Any, *amounts: int) -> pd.DataFrame:
    rows = [
        {"supplier_key": f"s{rank:04d}", "amount_ore": ore, "invoice_key": f"i{rank}"}
        for rank, ore in enumerate(amounts)
    ]
    lines: pd.DataFrame = make_lines(rows)
    return lines


def test_the_vectors_of_the_methods(make_lines: Any) -> None:
    lines = volumes(make_lines, *VECTOR)
    assert suppliers.herfindahl_index(VECTOR) == Decimal("0.355")
    assert suppliers.gini(lines).value == Decimal("0.46")
    effective = suppliers.effective_suppliers(lines).value
    assert effective is not None
    assert round(effective, 4) == Decimal("2.8169")
    tail = suppliers.tail_share(lines)
    assert (tail.value, tail.numerator, tail.denominator) == (60, 3, 5)
    shares = suppliers.concentration(lines, (1, 2, 10))
    assert shares["share_pct"].tolist() == [50, 80, 100]
    assert shares["suppliers_count"].tolist() == [1, 2, 5]


@pytest.mark.parametrize(
    ("amounts", "tail"),
    [((79, 20, 1), 1), ((80, 19, 1), 2), ((81, 18, 1), 2), ((7,), 0), ((1, 1, 1, 1, 1), 1)],
)
def test_the_smallest_set_that_makes_eighty_percent_is_exact(
    amounts: tuple[int, ...], tail: int, make_lines: Any
) -> None:
    assert suppliers.tail_share(volumes(make_lines, *amounts)).numerator == tail


def test_a_planted_tail_is_recovered(make_lines: Any) -> None:
    # 6 suppliers of 100 share 80 % evenly, 94 share 20 %: the published figure of the review.
    amounts = [800_000 // 6 + 1] * 6 + [200_000 // 94] * 94
    figure = suppliers.tail_share(volumes(make_lines, *amounts))
    assert (figure.value, figure.numerator, figure.denominator) == (94, 94, 100)


def test_suppliers_without_net_volume_are_counted_apart(make_lines: Any) -> None:
    figure = suppliers.tail_share(volumes(make_lines, *VECTOR, 0, -40))
    assert figure.denominator == 5
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(2, -40)]
    assert "2 st" in figure.excluded[0].reason
    nothing = suppliers.tail_share(volumes(make_lines, -1))
    assert nothing.value is None
    assert nothing.unknown_because == suppliers.NO_SUPPLIERS
    for measure in (suppliers.gini, suppliers.effective_suppliers):
        assert measure(volumes(make_lines, -1)).value is None
        assert measure(volumes(make_lines, -1)).unknown_because


@pytest.mark.parametrize("volume_pct", [0, 100, -5])
def test_a_part_of_the_volume_must_lie_between_nothing_and_all(volume_pct: int, make_lines: Any) -> None:
    with pytest.raises(MeasureError, match="volume_pct"):
        suppliers.tail_share(volumes(make_lines, 1), volume_pct)


def test_parameters_that_make_no_sense_are_refused(make_lines: Any) -> None:
    lines = volumes(make_lines, 1)
    with pytest.raises(MeasureError, match="at least 1"):
        suppliers.concentration(lines, (0, 5))
    with pytest.raises(MeasureError, match="volume_pct"):
        suppliers.pareto_curve(lines, 101)
    with pytest.raises(MeasureError, match="limit_ore"):
        suppliers.small_supplier_rest(lines, 0)
    with pytest.raises(MeasureError, match="at_least"):
        suppliers.merge_sole_traders(spend.spend_by(lines, "supplier"), 0)


@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(st.integers(min_value=1, max_value=10**12), min_size=1, max_size=40))
def test_gini_and_herfindahl_agree_with_their_definitions(amounts: list[int]) -> None:
    count, total = len(amounts), sum(amounts)
    pairs = sum(abs(one - other) for one in amounts for other in amounts)
    assert float(suppliers.gini_index(amounts) or 0) == pytest.approx(pairs / (2 * count * total), abs=1e-9)
    index = float(suppliers.herfindahl_index(amounts) or 0)
    assert index == pytest.approx(sum((amount / total) ** 2 for amount in amounts))
    assert 1 / count - 1e-12 <= index <= 1


def test_the_curve_keeps_its_point_when_thinned(make_lines: Any) -> None:
    amounts = [10_000_000 // rank for rank in range(1, 2_001)]
    curve = suppliers.pareto_curve(volumes(make_lines, *amounts))
    total = sum(amounts)
    assert len(curve) <= suppliers.LARGEST_CURVE
    assert curve["rank"].iloc[[0, -1]].tolist() == [1, 2_000]
    assert curve["cumulative_ore"].iloc[-1] == total
    point = int(curve.loc[curve["is_point"], "rank"].item())
    assert sum(amounts[:point]) * 100 >= total * 80 > sum(amounts[: point - 1]) * 100
    assert all(
        reached == sum(amounts[:rank]) for rank, reached in zip(curve["rank"], curve["cumulative_ore"], strict=True)
    )
    assert curve["rank"].is_unique
    whole = suppliers.pareto_curve(volumes(make_lines, *VECTOR))
    assert whole["cumulative_pct"].tolist() == [50, 80, 90, 95, 100]
    assert whole["suppliers_pct"].tolist() == [20, 40, 60, 80, 100]


def test_small_suppliers_are_parted_at_the_limit(make_lines: Any, year_lines: pd.DataFrame) -> None:
    table = suppliers.small_supplier_rest(volumes(make_lines, 5_000_000, 4_999_999, 1, 0, -7))
    assert table["suppliers_count"].tolist() == [1, 2, 2]
    assert table["amount_ore"].tolist() == [5_000_000, 5_000_000, -7]
    assert "under 50\u00a0tkr" in table["supplier_group"][1]
    year = suppliers.small_supplier_rest(year_lines)
    assert year["amount_ore"].sum() == year_lines["amount_ore"].sum()
    assert year["lines_count"].sum() == len(year_lines)


REGISTER = pd.DataFrame(
    [
        ("1", "Alfa AB", "company", "556016-0680", "Alfa AB", "valid", 3, 100),
        ("1", "Alfa AB", "company", "5560160680", "ALFA  ab", "valid", 2, 50),
        ("2", "Beta", "company", "202100-5489", "Beta", "valid", 1, 30),
        ("3", "Beta", "company", "10004", "beta ", "internal", 1, 20),
        ("4", "Gamma", "unknown", None, "Gamma", "missing", 1, -10),
        ("p1", "Enskild firma #1", "sole_trader", "900101-****", "Enskild firma", "personal", 1, 5),
        ("p2", "Enskild firma #2", "sole_trader", "900102-****", "Enskild firma", "personal", 1, 5),
    ],
    columns=names(SUPPLIER_REGISTER),
)


def test_register_quality_finds_what_does_not_agree(in_engine: Any) -> None:
    for engine in ("pandas", "polars", "duckdb"):
        quality = suppliers.register_quality(in_engine(engine, REGISTER))
        status = quality.by_status.set_index("number_status")
        assert status["rows"].to_dict() == {"valid": 6, "personal": 2, "internal": 1, "missing": 1}
        assert status["suppliers_count"].to_dict() == {"valid": 2, "personal": 2, "internal": 1, "missing": 1}
        assert status["amount_ore"].sum() == 200
        assert status.loc["missing", "share_pct"] == -5
        assert quality.several_names[["supplier_key", "names_count", "rows", "amount_ore"]].values.tolist() == [
            ["1", 2, 5, 150]
        ]
        assert quality.several_numbers[["numbers_count", "numbers", "amount_ore"]].values.tolist() == [
            [2, "10004; 202100-5489", 50]
        ]


def test_register_quality_of_an_empty_register() -> None:
    quality = suppliers.register_quality(REGISTER.iloc[:0])
    assert [len(quality.by_status), len(quality.several_names), len(quality.several_numbers)] == [0, 0, 0]


def people(make_lines: Any, *types: str) -> pd.DataFrame:
    rows = [
        {"supplier_key": f"s{rank}", "supplier_type": kind, "amount_ore": 100 * (len(types) - rank)}
        for rank, kind in enumerate(types)
    ]
    return spend.spend_by(make_lines(rows), "supplier")


def test_sole_traders_become_one_row(make_lines: Any) -> None:
    per_supplier = people(make_lines, "sole_trader", "company", "sole_trader", "sole_trader", "company")
    kept = per_supplier.copy(deep=True)
    merged = suppliers.merge_sole_traders(per_supplier)
    pd.testing.assert_frame_equal(per_supplier, kept)
    assert merged["supplier_name"].tolist() == ["s1", "s4", "Enskilda firmor (3)"]
    assert merged["amount_ore"].tolist() == [400, 100, 1000]
    assert merged["suppliers_count"].sum() == 5


@pytest.mark.parametrize("kinds", ["sc", "sscccc", "cscc", "s", "ss", "cs"])
def test_fewer_than_three_persons_are_hidden_among_others(kinds: str, make_lines: Any) -> None:
    types = ["sole_trader" if kind == "s" else "company" for kind in kinds]
    per_supplier = people(make_lines, *types)
    merged = suppliers.merge_sole_traders(per_supplier)
    assert merged["amount_ore"].sum() == per_supplier["amount_ore"].sum()
    assert merged["share_pct"].sum() == pytest.approx(100)
    hidden = merged[merged["supplier_key"].isna()]
    assert len(hidden) == 1
    assert hidden["suppliers_count"].item() >= min(3, len(kinds))
    assert hidden["supplier_name"].item().startswith("Övriga leverantörer")
    assert not set(per_supplier.loc[per_supplier["supplier_type"] == "sole_trader", "supplier_key"]) & set(
        merged["supplier_key"]
    )


def test_persons_join_a_row_that_was_folded_before(make_lines: Any) -> None:
    per_supplier = people(make_lines, "sole_trader", *["company"] * 6)
    merged = suppliers.merge_sole_traders(spend.fold_small(per_supplier, 3))
    assert merged["supplier_name"].tolist() == ["s1", "s2", "Övriga leverantörer (5)"]
    assert merged["amount_ore"].sum() == per_supplier["amount_ore"].sum()


def test_a_frame_without_persons_is_left_as_it_is(make_lines: Any) -> None:
    per_supplier = people(make_lines, "company", "public")
    pd.testing.assert_frame_equal(suppliers.merge_sole_traders(per_supplier), per_supplier)
