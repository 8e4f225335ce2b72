"""The reviewed table from CPV main groups to the category tree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from procanalysis.errors import InputError
from procanalysis.read.cpv_categories import read_cpv_categories
from procanalysis.read.rules import read_taxonomy

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "params/taxonomies/cpv-huvudgrupper.csv"
HEADER = "cpv_main,category_code,author,decided_on,reason\n"
TREE = pd.DataFrame({"category_code": ["07", "07.03", "13"]})
# The divisions of CPV 2008.
DIVISIONS = [
    "03", "09", "14", "15", "16", "18", "19", "22", "24", "30", "31", "32", "33", "34", "35", "37", "38", "39",
    "41", "42", "43", "44", "45", "48", "50", "51", "55", "60", "63", "64", "65", "66", "70", "71", "72", "73",
    "75", "76", "77", "79", "80", "85", "90", "92", "98",
]  # fmt: skip


def table(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "cpv.csv"
    path.write_text(header + rows, encoding="utf-8")
    return path


def test_the_shipped_table_decides_about_every_main_group_once() -> None:
    tree = read_taxonomy(REPOSITORY / "params/taxonomies/procanalysis.csv")
    groups = [line.split(",")[0] for line in SHIPPED.read_text("utf-8").splitlines()[1:]]
    assert groups == DIVISIONS
    known = read_cpv_categories(SHIPPED, taxonomy=tree)
    assert set(known) <= set(DIVISIONS) and known["45"] == "09" and known["15"] == "13.01"
    assert "33" not in known, "medicines, supplies and medical technology are three main categories"


def test_a_main_group_without_a_code_is_left_out(tmp_path: Path) -> None:
    path = table(tmp_path, "48,07.03,Roll,2026-01-02,Program\n55,,Roll,2026-01-02,Flera\n")
    assert read_cpv_categories(path, taxonomy=TREE) == {"48": "07.03"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("4800,07,Roll,2026-01-02,Skäl\n", "row 2: cpv_main is '4800'"),
        ("48,07.3,Roll,2026-01-02,Skäl\n", "row 2: '07.3' is no code of the category tree. Did you mean '07.03'"),
        ("48,07,,2026-01-02,Skäl\n", "row 2: author or reason is missing"),
        ("48,07,Roll,2 januari,Skäl\n", "row 2: decided_on is '2 januari'"),
        ("48,07,Roll,2026-01-02\n", "row 2: 4 cells, but the header has 5"),
        ("48,07,Roll,2026-01-02,A\n48,13,Roll,2026-01-02,B\n", "row 3: the main group 48 stands here a second time"),
    ],
)
def test_a_faulty_row_is_told_with_its_place(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as told:
        read_cpv_categories(table(tmp_path, row), taxonomy=TREE)
    assert words in str(told.value)


def test_another_header_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 1: the columns should be cpv_main"):
        read_cpv_categories(table(tmp_path, "", "a,b\n"), taxonomy=TREE)
