"""How far the ledger can be trusted: accepted rows, supplier numbers, error sources; the arithmetic of the schema."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import quality
from procanalysis.schema import REJECT_REASONS, kronor, percent, require_columns, round_ore

PAGES = Path(__file__).parents[2] / "docs" / "methods"
ENGINES = ("pandas", "polars", "polars_lazy", "duckdb")
STATUSES = {"giltigt": "valid", "fel kontrollsiffra": "checksum", "saknas": "missing"}


def example_rows(page: str) -> list[list[str]]:
    """Read the tables of a method page's worked example as rows of cells, without headers and rulers."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    example = text.split("## Räkneexempel\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\|\n)+", example, flags=re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for table in tables for row in table.splitlines()[2:]]


def control(read: int, accepted: int, rejected_ore: int = 0) -> dict[str, int]:
    return {
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_rejected": read - accepted,
        "amount_rejected_ore": rejected_ore,
    }


def test_the_worked_example_of_accepted_rows_is_what_the_measure_gives() -> None:
    told = {row[0]: int(row[1]) for row in example_rows("accepted_share")}
    assert told["Inlästa"] == told["Godtagna"] + told["Avvisade"]
    figure = quality.accepted_share(control(told["Inlästa"], told["Godtagna"], 12_345))
    assert figure.id == figure.method == "accepted_share"
    assert (figure.value, figure.numerator, figure.denominator) == (told["Värde"], told["Täljare"], told["Nämnare"])
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(told["Avvisade"], 12_345)]


def test_nothing_read_is_unknown_and_nothing_rejected_excludes_nothing() -> None:
    unknown = quality.accepted_share(control(0, 0))
    assert (unknown.value, unknown.unknown_because) == (None, "Inga rader har lästs in.")
    whole = quality.accepted_share(control(5, 5))
    assert (whole.value, whole.excluded, whole.unknown_because) == (Decimal(100), (), "")


def register(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["number_status", "rows", "amount_ore"])


def test_the_worked_example_of_valid_numbers_is_what_the_measure_gives() -> None:
    rows = example_rows("valid_number_share")
    told = {row[0]: Decimal(row[1]) for row in rows if len(row) == 2}
    figure = quality.valid_number_share(
        register(*((STATUSES[row[1]], int(row[2]), 100) for row in rows if len(row) == 3))
    )
    assert figure.id == figure.method == "valid_number_share"
    assert (figure.value, figure.numerator, figure.denominator) == (told["Värde"], told["Täljare"], told["Nämnare"])


@pytest.mark.parametrize("status", ["valid", "personal", "foreign"])
def test_numbers_that_can_be_trusted_count(status: str) -> None:
    assert quality.valid_number_share(register((status, 3, 10))).value == 100


@pytest.mark.parametrize("status", ["checksum", "malformed", "missing"])
def test_numbers_that_cannot_be_trusted_are_excluded_with_their_rows_and_kronor(status: str) -> None:
    figure = quality.valid_number_share(register(("valid", 1, 5), (status, 3, -10), (status, 4, 3)))
    assert figure.value == Decimal("12.5")
    assert [(left.rows, left.amount_ore) for left in figure.excluded] == [(7, -7)]


def test_numbers_of_the_ledgers_own_make_the_share_unknown() -> None:
    figure = quality.valid_number_share(register(("internal", 9, 1), ("missing", 1, 1)))
    assert figure.value is None
    assert "egna leverantörsnummer" in figure.unknown_because
    empty = quality.valid_number_share(register())
    assert (empty.value, empty.unknown_because) == (None, "Inga rader har lästs in.")


def test_a_register_without_statuses_is_refused() -> None:
    with pytest.raises(MeasureError, match="valid_number_share: the frame has no column 'number_status'"):
        quality.valid_number_share(pd.DataFrame({"rows": [1], "amount_ore": [1]}))


reasons = st.sampled_from(list(REJECT_REASONS))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(reasons, st.none() | st.integers(-(10**12), 10**12)), max_size=20))
def test_rejected_rows_per_reason_add_up(rows: list[tuple[str, int | None]]) -> None:
    rejected = pd.DataFrame(rows, columns=["reason", "amount_ore"]).astype({"reason": "str", "amount_ore": "Int64"})
    found = quality.rejected_by_reason(rejected)
    assert found["lines_count"].sum() == len(rows)
    assert found["without_amount_count"].sum() == sum(amount is None for _, amount in rows)
    assert found["amount_ore"].sum() == sum(amount or 0 for _, amount in rows)
    assert found["reason_name"].tolist() == [REJECT_REASONS[reason] for reason in found["reason"]]
    assert found["lines_count"].tolist() == sorted(found["lines_count"], reverse=True)


def test_a_reason_without_a_name_is_not_left_out() -> None:
    found = quality.rejected_by_reason(pd.DataFrame({"reason": ["nytt", "shifted"], "amount_ore": [None, 5]}))
    assert sorted(found["reason_name"]) == ["Värdena är förskjutna mellan kolumnerna", "nytt"]


CLEAN = {
    "supplier_key": "a",
    "invoice_key": "a|1",
    "unit": "Norr",
    "account": "6440",
    "booked_on": "2025-01-01",
    "lou_covered": "ja",
    "amount_ore": 100,
}
FAULTS = {
    "Kreditnotor": {"amount_ore": -7},
    "Utan fakturanummer": {"invoice_key": None},
    "Utan enhet": {"unit": None},
    "Utan konto": {"account": None},
    "Utan datum": {"booked_on": None},
    "Utan säkert leverantörsnummer": {"supplier_type": "unknown"},
    "Enskilda firmor och privatpersoner": {"supplier_type": "sole_trader"},
    "Inte kategoriserade": {"is_mapped": 0},
    "Oklart om LOU gäller": {"lou_covered": "okänt"},
}


def test_each_planted_error_source_is_found_and_no_other(make_lines: Any, in_engine: Any) -> None:
    for fault, change in FAULTS.items():
        lines = make_lines([CLEAN, {**CLEAN, **change}, CLEAN, CLEAN])
        for engine in ("pandas", "duckdb"):
            found = quality.error_sources(in_engine(engine, lines)).set_index("error_source")
            assert list(found.index) == list(FAULTS)
            hit = found[found["lines_count"] > 0]
            assert list(hit.index) == [fault]
            amount = change.get("amount_ore", 100)
            assert hit[["lines_count", "lines_pct", "amount_ore"]].to_numpy().tolist() == [[1, 25.0, amount]]


def test_one_row_counts_in_every_source_it_has(make_lines: Any, in_engine: Any) -> None:
    faulty = {**CLEAN, "unit": None, "account": None, "is_mapped": 0}
    for engine in ENGINES:
        found = quality.error_sources(in_engine(engine, make_lines([faulty, faulty]))).set_index("error_source")
        assert found.loc[["Utan enhet", "Utan konto", "Inte kategoriserade"], "amount_ore"].tolist() == [200] * 3
    with pytest.raises(MeasureError, match="error_sources: the frame has no column 'unit'"):
        quality.error_sources(make_lines([CLEAN]).drop(columns="unit"))


# The arithmetic that every measure leans on


@given(st.integers(-(10**17), 10**17))
def test_kronor_and_back_is_the_same_ore(amount_ore: int) -> None:
    assert int(kronor(amount_ore) * 100) == amount_ore
    assert round_ore(kronor(amount_ore) * 100) == amount_ore


@given(st.decimals(-(10**9), 10**9, places=4))
def test_rounding_is_to_the_nearest_ore_and_half_away_from_zero(amount: Decimal) -> None:
    rounded = round_ore(amount)
    assert abs(rounded - amount) <= Decimal("0.5")
    assert round_ore(-amount) == -rounded
    if abs(amount - int(amount)) == Decimal("0.5"):
        assert abs(rounded) == abs(int(amount)) + 1


@given(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**12))
def test_a_percentage_is_a_hundred_times_the_share_or_unknown(numerator: int, denominator: int) -> None:
    value = percent(numerator, denominator)
    assert (value is None) == (denominator <= 0)
    if value is not None:
        assert value * denominator == pytest.approx(Decimal(100 * numerator), rel=Decimal("1e-20"))


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    require_columns(["a", "b"], [], "measure")
    with pytest.raises(MeasureError, match=r"measure: the frame has no column 'unit'\. Did you mean 'units'"):
        require_columns(["units", "account"], ["account", "unit"], "measure")
