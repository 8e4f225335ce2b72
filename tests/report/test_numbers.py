from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procanalysis.errors import ReportError
from procanalysis.report import numbers
from procanalysis.report.numbers import HARD_SPACE, MINUS, UNKNOWN


def plain(text: str) -> str:
    """Show hard spaces, which the eye cannot tell from others."""
    assert " " not in text or HARD_SPACE in text or text.isalpha() or " " in UNKNOWN
    return text.replace(HARD_SPACE, "_")


@pytest.mark.parametrize(
    ("ore", "expected"),
    [
        (0, "0_kr"),
        (4550, "45,50_kr"),
        (-4550, f"{MINUS}45,50_kr"),
        (4500, "45_kr"),
        (9_999_949, "99_999_kr"),
        (9_999_950, "100_tkr"),
        (45_012_345, "450_tkr"),
        (99_949_999, "999_tkr"),
        (99_950_000, "1,0_mnkr"),
        (5_394_999_999, "53,9_mnkr"),
        (5_395_000_000, "54,0_mnkr"),
        (24_200_000_000, "242_mnkr"),
        (99_950_000_000, "1,00_mdkr"),
        (123_456_000_000, "1,23_mdkr"),
        (1_234_560_000_000, "12,3_mdkr"),
        (-5_390_000_000, f"{MINUS}53,9_mnkr"),
    ],
)
def test_amount_takes_the_unit_of_its_size(ore: int, expected: str) -> None:
    assert plain(numbers.amount(ore)) == expected


def test_amounts_in_pounds() -> None:
    assert plain(numbers.amount(45_000_00, "GBP")) == "45_000_£"
    assert plain(numbers.amount(450_000_00, "GBP")) == "450_tusen_£"
    assert plain(numbers.amount(12_300_000_00, "GBP")) == "12,3_miljoner_£"
    assert plain(numbers.amount_exact(123456, "GBP")) == "1_234,56_£"


def test_exact_amount_and_named_unit() -> None:
    assert plain(numbers.amount_exact(45_018_728_339)) == "450_187_283,39_kr"
    assert plain(numbers.amount(45_018_728_339, unit="tkr")) == "450_187_tkr"
    with pytest.raises(ReportError, match="tkr"):
        numbers.amount(1, unit="miljon")


def test_half_is_rounded_away_from_zero() -> None:
    assert numbers.number(Decimal("0.5")) == "1"
    assert numbers.number(Decimal("-0.5")) == f"{MINUS}1"
    assert numbers.number(2.675, 2) == "2,68"
    assert numbers.number(Decimal("-0.04"), 1) == "0,0"  # no minus before a zero


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), pd.NA, pd.NaT, Decimal("NaN")])
def test_missing_is_said_and_never_zero(missing: object) -> None:
    written = (numbers.amount, numbers.amount_exact, numbers.count, numbers.percent)
    assert [write(missing) for write in written] == [UNKNOWN] * 4
    assert numbers.percentage_points(missing) == UNKNOWN
    assert numbers.change(missing, "2023") == UNKNOWN
    assert numbers.date_iso(missing) == UNKNOWN


def test_shares_and_changes_in_words() -> None:
    assert plain(numbers.percent(Decimal("12.34"))) == "12,3_%"
    assert plain(numbers.percentage_points(Decimal("-2.55"))) == f"{MINUS}2,6_procentenheter"
    assert numbers.change(-6.1, "2023") == f"6,1{HARD_SPACE}% lägre än 2023"
    assert numbers.change(6.1, "2023") == f"6,1{HARD_SPACE}% högre än 2023"
    assert numbers.change(0.04, "2023") == "oförändrat jämfört med 2023"


def test_days() -> None:
    assert numbers.date_in_words(date(2024, 1, 31)) == f"31{HARD_SPACE}januari 2024"
    assert numbers.date_iso(pd.Timestamp("2024-01-31 10:00")) == "2024-01-31"
    assert numbers.date_iso(datetime(2024, 1, 31, 10)) == "2024-01-31"


def test_one_unit_for_a_column() -> None:
    assert numbers.common_unit([5_390_000_000, 820_000_000]).name == "mnkr"
    assert numbers.common_unit([5_390_000_000, 1_200_000]).name == "tkr"  # mnkr would show 0,0
    assert numbers.common_unit([None, 99_00]).name == "kr"
    assert numbers.common_unit([5_000_000_000_000, 1]).name == "mnkr"  # more than six figures in tkr
    mnkr = numbers.money_units("SEK")[2]
    assert plain(numbers.in_unit(100, mnkr)) == "<_0,1"
    assert plain(numbers.in_unit(-100, mnkr)) == f">_{MINUS}0,1"
    assert numbers.in_unit(0, mnkr) == "0,0"


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_exact_amount_can_be_read_back(ore: int) -> None:
    text = numbers.amount_exact(ore).removesuffix(f"{HARD_SPACE}kr")
    assert " " not in text
    read = text.replace(HARD_SPACE, "").replace(",", ".").replace(MINUS, "-")
    assert int(Decimal(read).scaleb(2)) == ore


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_amount_is_never_further_off_than_its_last_figure(ore: int) -> None:
    number, unit = numbers.amount(ore).rsplit(HARD_SPACE, 1)
    shown = Decimal(number.replace(HARD_SPACE, "").replace(",", ".").replace(MINUS, "-"))
    decimals = len(number.partition(",")[2])
    size = {"kr": 1, "tkr": 10**3, "mnkr": 10**6, "mdkr": 10**9}[unit]
    assert abs(shown * size - Decimal(ore).scaleb(-2)) <= Decimal(size) / 2 / 10**decimals
    assert abs(shown) < 1000 or unit in ("kr", "mdkr")
