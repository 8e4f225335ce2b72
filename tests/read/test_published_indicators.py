"""Published tables are read as they stand, and every mistake in them is named with its place and its cure."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from procanalysis.errors import InputError
from procanalysis.read import published_indicators as published
from procanalysis.schema import INDICATOR_VALUES, STATED_TERMS, names

SHIPPED = Path(__file__).parents[2] / "data" / "published"
VALUE = {
    "organisation": "prov", "indicator_id": "A", "year": "2025", "period": "helår", "value": "23.5", "unit": "percent",
    "printed_unit": "%", "is_doubtful": "nej", "source": "Prov",
}  # fmt: skip
TERM = {
    "relation_id": "r", "organisation": "prov", "year": "2025", "table": "Text", "rule": "same", "role": "stated",
    "label": "Tal", "value": "1", "unit": "tkr", "printed_step": "1", "is_approximate": "nej", "source": "Prov",
}  # fmt: skip


def written(folder: Path, columns: list[str], *rows: dict[str, str]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def values(folder: Path, *rows: dict[str, str]) -> Path:
    return written(folder, names(INDICATOR_VALUES), *rows)


def terms(folder: Path, *rows: dict[str, str]) -> Path:
    return written(folder, names(STATED_TERMS), *rows)


def refused(read: Callable[[Path], pd.DataFrame], path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value)


def test_values_are_exact_and_what_is_empty_is_missing(tmp_path: Path) -> None:
    empty = VALUE | {"year": "2024", "value": "", "printed_unit": "", "comment": "Tryckt som ?"}
    frame = published.read_indicator_values(values(tmp_path, VALUE, empty))
    assert frame["value"].tolist() == [Decimal("23.5"), None]
    assert frame["is_doubtful"].tolist() == [0, 0]
    assert frame["printed_unit"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "procent"}, "row 2, column 'unit': 'procent' is not known. Did you mean 'percent'"),
        ({"printed_unit": "‰"}, "row 2, column 'printed_unit': '‰' is not known. Valid: "),
        ({"value": "23,5"}, "row 2, column 'value': '23,5' cannot be read. Write it without spaces and with a point"),
        ({"value": "1e3"}, "row 2, column 'value': '1e3' cannot be read"),
        ({"year": "helår"}, "row 2, column 'year': 'helår' cannot be read. Write a whole number"),
        ({"is_doubtful": "?"}, "row 2, column 'is_doubtful': '?' is not known. Valid: ja, nej"),
        ({"source": " "}, "row 2, column 'source': it is empty. Write what the printed report says"),
        ({"value": ""}, "A 2025 has neither a value nor a comment. Say in the comment why"),
    ],
)
def test_a_wrong_outcome_is_named(tmp_path: Path, change: dict[str, str], message: str) -> None:
    assert message in refused(published.read_indicator_values, values(tmp_path, VALUE | change))


def test_a_doubled_outcome_a_short_row_and_another_header_are_refused(tmp_path: Path) -> None:
    assert "row 3: prov, A, 2025, helår stands in row 2 already" in refused(
        published.read_indicator_values, values(tmp_path, VALUE, VALUE | {"value": "24"})
    )
    path = values(tmp_path, VALUE)
    path.write_text(path.read_text(encoding="utf-8") + "prov,A,2026\n", encoding="utf-8")
    assert "row 3: 3 cells, but the header has 15" in refused(published.read_indicator_values, path)
    path.write_text("year,value\n2025,1\n", encoding="utf-8")
    assert "row 1: the columns should be organisation, indicator_id" in refused(published.read_indicator_values, path)
    path.write_text("", encoding="utf-8")
    assert "but are nothing" in refused(published.read_indicator_values, path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([TERM], "'r' has no 'other'. Give a row with that role"),
        ([TERM, TERM | {"role": "othr"}], "'r' has the role 'othr', unknown to same. Did you mean 'other'"),
        ([TERM, TERM, TERM | {"role": "other"}], "'r' has two stated figures"),
        ([TERM, TERM | {"role": "other", "rule": "sum"}], "'r' has two rules"),
        ([TERM | {"rule": "summa"}], "column 'rule': 'summa' is not known. Did you mean 'sum'"),
    ],
)
def test_a_wrong_relation_is_named(tmp_path: Path, rows: list[dict[str, str]], message: str) -> None:
    assert message in refused(published.read_stated_terms, terms(tmp_path, *rows))


def test_money_is_whole_tkr_in_the_file_and_hundredths_in_the_frame(tmp_path: Path) -> None:
    columns = ["organisation", "year", "kind", "row", "amount_tkr", "source"]
    row = {"organisation": "prov", "year": "2025", "kind": "cost", "row": "Personal", "source": "Prov"}
    frame = published.read_budgets(written(tmp_path, columns, row | {"amount_tkr": "-20013"}))
    assert frame["amount_ore"].tolist() == [-20_013_000_00]
    path = written(tmp_path, columns, row | {"amount_tkr": "20 013"})
    assert "column 'amount_tkr': '20 013' cannot be read. Write whole tkr" in refused(published.read_budgets, path)


def test_a_status_must_be_a_step_of_the_boards_own_scale(tmp_path: Path) -> None:
    scales = published.read_status_scales(SHIPPED / "status_scales.csv")
    columns = ["organisation", "year", "goal_number", "goal", "status", "scale", "source"]
    row = {"organisation": "insv", "year": "2025", "goal_number": "1", "goal": "Ett", "scale": "board_goal"}
    wrong = written(tmp_path, columns, row | {"status": "Går enligt planen", "source": "Prov"})
    with pytest.raises(InputError, match=r"which is no step of 'board_goal'. Did you mean 'Går enligt plan'"):
        published.read_goal_statuses(wrong, scales)
    other = written(tmp_path, columns, row | {"status": "Grönt", "scale": "trafikljus", "source": "Prov"})
    with pytest.raises(InputError, match=r"Describe the scale in status_scales.csv"):
        published.read_goal_statuses(other, scales)


@pytest.mark.parametrize(
    ("read", "name", "rows"),
    [
        (published.read_indicator_values, "indicator_values", 151),
        (published.read_income_statements, "income_statements", 9),
        (published.read_budgets, "budgets", 18),
        (published.read_cost_deviations, "cost_deviations", 9),
        (published.read_staff_figures, "staff", 19),
        (published.read_status_scales, "status_scales", 5),
        (published.read_stated_terms, "stated_terms", 91),
        (published.read_mended_figures, "mended_figures", 17),
    ],
)
def test_the_shipped_tables_are_read_whole(read: Callable[[Path], pd.DataFrame], name: str, rows: int) -> None:
    assert len(read(SHIPPED / f"{name}.csv")) == rows
