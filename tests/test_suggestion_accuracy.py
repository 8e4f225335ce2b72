"""How the accuracy of suggestions is measured: labels however their columns stand, the surest rows, the baseline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_accuracy import (
    Judged,
    accuracy_table,
    learnt_patterns,
    majority_of,
    read_classified,
    reliability_table,
    tree_of,
)

HEADER = (
    "Directorate,Service (Sercop),Supplier Name,Net Amount,Purpose of Spend,Procurement Classification,Class Code,"
    "Procurement Classification,Class Code\n"
)
ROWS = """VÅRD,Central,Ost AB,"1,000.50",Mat,Food,CAT01,Cheese,SUBCAT0101
VÅRD,Central,Ost AB,-2.00,Mat,CAT01,Food,SUBCAT0102,Bread
VÅRD,Central,Ost AB,3,Mat,CAT01,Food,SUBCAT0102,Bread
VÅRD,Not yet available,DETAILS REDACTED,4.00,Resor,Travel,CAT02,To Be Classified,SUBCATTBC
VÅRD,Central,Ost AB,5.00
"""


def classified(folder: Path) -> pd.DataFrame:
    path = folder / "wakefield-2014-Q1.csv"
    path.write_text(HEADER + ROWS, encoding="cp1252")
    return read_classified([path])


def test_labels_are_told_by_how_they_are_written(tmp_path: Path) -> None:
    rows = classified(tmp_path)
    assert rows["main_code"].tolist() == ["CAT01", "CAT01", "CAT01", "CAT02"]
    assert rows["sub_code"].tolist() == ["SUBCAT0101", "SUBCAT0102", "SUBCAT0102", ""]
    assert rows["amount_ore"].tolist() == [100_050, -200, 300, 400]
    assert rows["supplier"].tolist() == ["Ost AB", "Ost AB", "Ost AB", ""]
    paths = set(tree_of(rows)["category_path"])
    assert paths == {"CAT01", "CAT02", "CAT01/CAT01:SUBCAT0101", "CAT01/CAT01:SUBCAT0102"}


def test_a_pattern_has_the_category_of_most_of_its_rows(tmp_path: Path) -> None:
    rows = classified(tmp_path)
    patterns = learnt_patterns(rows).set_index("supplier")
    assert patterns["category_code"].to_dict() == {"Ost AB": "CAT01:SUBCAT0102", "": "CAT02"}
    assert patterns.loc["Ost AB", ["lines_count", "amount_ore"]].tolist() == [3, 100_150]
    assert majority_of(rows, 2)["Ost AB"] == ("CAT01:SUBCAT0102", 2 / 4)


def test_the_surest_rows_and_the_shares_that_are_right() -> None:
    frame = pd.DataFrame(
        {
            "truth": list("abab"), "said": list("abba"), "confidence_pct": [90.0, 85.0, np.nan, 60.0],
            "order": [0.9, 0.8, 0.1, 0.6], "baseline": list("aaaa"), "baseline_share": [0.5, 0.4, 0.3, 0.2],
            "is_seen": [True, False, True, False], "amount_ore": [50.0, 30.0, 10.0, 10.0],
        }
    )  # fmt: skip
    judged = Judged("Prov", "supplier", frame)
    assert judged.most_confident("confidence_pct").tolist() == [True, True, False, False]
    lines = accuracy_table(judged)
    assert "| all rows | 100.0 % | 100.0 % | 80.0 % | 60.0 % | 50.0 % | 50.0 % |" in lines
    assert "| surest 80 % of amount | 80.0 % | 50.0 % | 100.0 % | 62.5 % | 100.0 % | 50.0 % |" in lines
    # (10 + 15 + 60) / 3 rows, each told more or less than what was right.
    assert reliability_table(judged)[-1] == "Expected calibration error: 28.3 points by rows, 17.2 by amount."
