"""Splits by shares and over years: the vectors by hand, and the parts sum to the whole whatever is drawn."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures.splitting import (
    first_replacements,
    last_day_counted,
    round_exact,
    split_by_shares,
    split_over_years,
)
from procanalysis.schema import round_ore

AMOUNTS = st.integers(-(10**15), 10**15)
DAYS = st.dates(date(1999, 1, 1), date(2060, 12, 31))


def shares(*percents: str) -> dict[str, Decimal]:
    return {chr(ord("A") + place): Decimal(text) for place, text in enumerate(percents)}


@st.composite
def exact_shares(draw: st.DrawFn) -> dict[str, Decimal]:
    """Draw shares with six decimals, above zero, that sum to exactly 100."""
    cuts = draw(st.sets(st.integers(1, 10**8 - 1), max_size=11))
    edges = [0, *sorted(cuts), 10**8]
    names = draw(st.permutations([f"mottagare {place}" for place in range(len(edges) - 1)]))
    return {name: Decimal(high - low).scaleb(-6) for name, (low, high) in zip(names, pairwise(edges), strict=True)}


def test_the_worked_split_over_five_years() -> None:
    parts = split_over_years(1_200_000_00, date(2025, 4, 1), date(2029, 3, 31))
    assert parts == {2025: 904_109_59, 2026: 1_200_000_00, 2027: 1_200_000_00, 2028: 1_200_000_00, 2029: 295_890_41}
    assert sum(parts.values()) == 4_800_000_00


def test_the_first_twelve_months_alone() -> None:
    first_year = split_over_years(1_200_000_00, date(2025, 4, 1), date(2029, 3, 31), counted="first_year_only")
    assert first_year == {2025: 904_109_59, 2026: 295_890_41}
    shorter = split_over_years(1_200_000_00, date(2025, 4, 1), date(2025, 4, 30), counted="first_year_only")
    assert shorter == split_over_years(1_200_000_00, date(2025, 4, 1), date(2025, 4, 30))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-02-29", "2030-01-01", "2025-02-28"),
        ("2023-03-01", "2030-01-01", "2024-02-29"),
        ("2025-01-01", "2030-01-01", "2025-12-31"),
        ("2025-01-01", "2025-06-30", "2025-06-30"),
        ("9999-06-01", "9999-12-31", "9999-12-31"),
    ],
)
def test_twelve_months_end_the_day_before_the_anniversary(first: str, last: str, expected: str) -> None:
    day = last_day_counted(date.fromisoformat(first), date.fromisoformat(last), counted="first_year_only")
    assert day == date.fromisoformat(expected)


def test_a_leap_year_has_366_days_and_a_day_is_a_day() -> None:
    assert split_over_years(366_00, date(2024, 2, 29), date(2024, 2, 29)) == {2024: 1_00}
    assert split_over_years(365_00, date(2025, 12, 31), date(2026, 1, 1)) == {2025: 1_00, 2026: 1_00}
    assert split_over_years(-366_00, date(2023, 12, 31), date(2024, 1, 1)) == {2023: -1_00, 2024: -1_00}
    assert split_over_years(0, date(2024, 1, 1), date(2025, 1, 1)) == {2024: 0, 2025: 0}


@given(yearly=AMOUNTS, first=DAYS, length=st.integers(0, 366 * 40))
@example(yearly=1, first=date(2023, 7, 1), length=366 * 30)
@example(yearly=-1, first=date(2024, 2, 29), length=0)
@example(yearly=550, first=date(2000, 1, 1), length=364)
@settings(max_examples=200, deadline=None)
def test_the_years_sum_to_the_exact_whole_rounded_once(yearly: int, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    parts = split_over_years(yearly, first, last)
    # Counted another way: a saving per day, each day by the length of its own year.
    days = {year: sum(1 for _ in calendar_days(year, first, last)) for year in range(first.year, last.year + 1)}
    length_of = {year: 366 if calendar.isleap(year) else 365 for year in days}
    exact = {year: Fraction(yearly * days[year], length_of[year]) for year in days}
    assert list(parts) == list(days)
    assert sum(parts.values()) == round_exact(sum(exact.values(), Fraction(0)))
    assert all(abs(parts[year] - exact[year]) < 1 for year in days)
    whole_years = [year for year in days if days[year] == length_of[year]]
    assert all(abs(parts[year] - yearly) <= 1 for year in whole_years)


def calendar_days(year: int, first: date, last: date) -> range:
    return range(max(first, date(year, 1, 1)).toordinal(), min(last, date(year, 12, 31)).toordinal() + 1)


@given(yearly=AMOUNTS, first=DAYS, length=st.integers(0, 366 * 12))
@settings(max_examples=100, deadline=None)
def test_the_first_year_is_part_of_the_whole_life(yearly: int, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    some = split_over_years(yearly, first, last, counted="first_year_only")
    life = split_over_years(yearly, first, last)
    assert set(some) <= set(life)
    assert len(some) <= 2
    assert abs(sum(some.values())) <= abs(sum(life.values()))


@given(yearly=AMOUNTS, first=DAYS, length=st.integers(0, 4000))
@settings(max_examples=100, deadline=None)
def test_a_saving_below_zero_mirrors_one_above(yearly: int, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    mirrored = {year: -part for year, part in split_over_years(yearly, first, last).items()}
    assert split_over_years(-yearly, first, last) == mirrored


def test_days_in_the_wrong_order_and_an_unknown_way_are_refused() -> None:
    with pytest.raises(MeasureError, match="ends 2025-01-01 before it starts 2025-01-02"):
        split_over_years(1, date(2025, 1, 2), date(2025, 1, 1))
    with pytest.raises(MeasureError, match="Valid: contract_life, first_year_only"):
        split_over_years(1, date(2025, 1, 1), date(2025, 1, 2), counted="life")  # type: ignore[arg-type]


def test_the_worked_shares() -> None:
    assert split_by_shares(70_000_000_00, shares("20", "50", "30")) == {
        "A": 14_000_000_00, "B": 35_000_000_00, "C": 21_000_000_00,
    }  # fmt: skip
    assert split_by_shares(904_109_59, shares("20", "50", "30")) == {"A": 180_821_92, "B": 452_054_79, "C": 271_232_88}


def test_the_last_ore_goes_where_most_was_cut_and_between_equals_by_name() -> None:
    thirds = {"C": Decimal("33.333333"), "B": Decimal("33.333333"), "A": Decimal("33.333334")}
    assert split_by_shares(100, thirds) == {"C": 33, "B": 33, "A": 34}
    halves = {"B": Decimal(50), "A": Decimal(50)}
    assert split_by_shares(1, halves) == {"B": 0, "A": 1}
    assert split_by_shares(-1, halves) == {"B": 0, "A": -1}
    assert split_by_shares(0, halves) == {"B": 0, "A": 0}
    assert split_by_shares(7, {"A": Decimal(100)}) == {"A": 7}


@given(amount=AMOUNTS, given_shares=exact_shares())
@settings(max_examples=200, deadline=None)
def test_the_receivers_sum_to_the_whole(amount: int, given_shares: dict[str, Decimal]) -> None:
    parts = split_by_shares(amount, given_shares)
    assert list(parts) == list(given_shares)
    assert sum(parts.values()) == amount
    assert all(abs(part - Fraction(amount) * Fraction(given_shares[name]) / 100) < 1 for name, part in parts.items())
    turned = dict(reversed(given_shares.items()))
    assert split_by_shares(amount, turned) == parts
    assert split_by_shares(-amount, given_shares) == {name: -part for name, part in parts.items()}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (shares("20", "50", "29"), r"sum to 99, not to exactly 100 \(A 20, B 50, C 29\)"),
        (shares("33.333333", "33.333333", "33.333333"), "sum to 99.999999"),
        (shares("50", "50.000001"), "sum to 100.000001"),
        (shares("100", "0"), "share of 'B' is 0"),
        (shares("120", "-20"), "share of 'B' is -20"),
        (shares("NaN"), "share of 'A' is NaN"),
        (shares("Infinity"), "share of 'A' is Infinity"),
        ({}, "sum to 0"),
    ],
)
def test_shares_that_are_not_a_whole_are_refused(wrong: dict[str, Decimal], told: str) -> None:
    with pytest.raises(MeasureError, match=told):
        split_by_shares(100, wrong)


@given(st.decimals(-(10**12), 10**12, places=4))
def test_fractions_are_rounded_as_decimals_are(amount: Decimal) -> None:
    assert round_exact(Fraction(amount)) == round_ore(amount)


def replacing(*rows: tuple[str, str | None, str | None]) -> Any:
    awards = [
        {"procurement_id": name, "replaces_procurement_id": old, "starts_on": day and date.fromisoformat(day)}
        for name, old, day in rows
    ]
    return {name: (str(day), new) for name, (day, new) in first_replacements(awards).items()}


def test_the_first_replacement_to_start_counts() -> None:
    assert replacing(("A", None, "2020-01-01"), ("B", "A", "2024-01-01"), ("C", "A", "2023-01-01")) == {
        "A": ("2023-01-01", "C")
    }
    chain = replacing(("A", None, "2020-01-01"), ("B", "A", "2024-01-01"), ("C", "B", "2027-01-01"))
    assert chain == {"A": ("2024-01-01", "B"), "B": ("2027-01-01", "C")}
    assert replacing(("A", "A", "2024-01-01")) == {}
    assert replacing(("B", "gone", "2024-01-01")) == {"gone": ("2024-01-01", "B")}


def test_a_replacement_without_start_is_passed_over_to_the_next() -> None:
    assert replacing(("A", None, "2020-01-01"), ("B", "A", None)) == {}
    chain = replacing(("A", None, "2020-01-01"), ("B", "A", None), ("C", "B", "2027-01-01"))
    assert chain == {"A": ("2027-01-01", "C"), "B": ("2027-01-01", "C")}


def test_circles_end() -> None:
    assert replacing(("A", "B", "2020-01-01"), ("B", "A", "2024-01-01")) == {
        "B": ("2020-01-01", "A"), "A": ("2024-01-01", "B"),
    }  # fmt: skip
    assert replacing(("A", "C", None), ("B", "A", None), ("C", "B", None)) == {}
    one_day = replacing(("A", "C", None), ("B", "A", "2024-01-01"), ("C", "B", None))
    assert one_day == {"A": ("2024-01-01", "B"), "C": ("2024-01-01", "B")}
