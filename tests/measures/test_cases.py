"""Worked cases as files: tests/cases/<measure>/<scenario> holds what goes in and what must come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.measures import coding, invoices, spend, suppliers

CASES = Path(__file__).parents[1] / "cases"
LIMITS = (10_000_00, 50_000_00)
MEASURES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "spend_by/unit_with_missing": lambda lines: spend.spend_by(lines, "unit"),
    "spend_matrix/rest_folded": lambda lines: spend.spend_matrix(
        lines, "unit", "category", largest=2, largest_columns=1
    ),
    "invoice_sizes/credit_small_large_and_without_number": lambda lines: invoices.invoice_sizes(lines, LIMITS),
    "merge_sole_traders/two_persons_hidden_among_others": lambda lines: suppliers.merge_sole_traders(
        spend.spend_by(lines, "supplier")
    ),
    # 21 of the 22 others are 95,45 %.
    "improbable_coding/one_supplier_with_two_slips": coding.improbable_coding,
}
TEXT = {
    "supplier_key": "str",
    "category_code": "str",
    "account": "str",
    "coded_code": "str",
    "usual_code": "str",
}


def read(case: str, name: str) -> pd.DataFrame:
    return pd.read_csv(CASES / case / name, dtype={**TEXT, "usual_account": "str"})


def assert_as_expected(found: pd.DataFrame, case: str) -> None:
    expected = read(case, "expected.csv")
    shown = found[list(expected.columns)].replace("\u00a0", " ", regex=True)
    pd.testing.assert_frame_equal(shown, expected, check_dtype=False)


@pytest.mark.parametrize("case", MEASURES)
def test_the_case_comes_out_as_expected(case: str, make_lines: Any) -> None:
    assert_as_expected(MEASURES[case](make_lines(read(case, "input.csv"))), case)


def test_a_change_between_two_periods_comes_out_as_expected(make_lines: Any) -> None:
    case = "spend_change/new_ended_and_from_minus"
    periods = dict(iter(read(case, "input.csv").groupby("period")))
    found = spend.spend_change(make_lines(periods["now"]), make_lines(periods["before"]), "supplier")
    assert_as_expected(found, case)
