"""The miscoding radar finds the planted miscodings, all of them and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import coding


def postings(supplier: str, category: str, count: int, **more: Any) -> list[dict[str, Any]]:
    row = {
        "supplier_key": supplier,
        "category_code": category,
        "amount_ore": 1_000,
        "account": f"4{category}",
    }
    return [row | {"unit": "Norr"} | more for _ in range(count)]


@pytest.fixture(scope="module")
def planted(make_lines: Any) -> pd.DataFrame:
    rows = [
        *postings("städ", "05", 40),
        *postings("städ", "11", 1, amount_ore=90_000, unit="Söder"),
        *postings("städ", "12", 1, amount_ore=-5_000),
        *postings("blandad", "05", 30),
        *postings("blandad", "11", 10),
        *postings("liten", "05", 19),
        *postings("liten", "11", 1),
        *postings("person", "05", 40, supplier_type="sole_trader"),
        *postings("person", "11", 1, supplier_type="sole_trader"),
        *postings("grund", "05", 40),
        *postings("grund", "11", 1, is_mapped=0),
        {"supplier_key": "grund", "amount_ore": 7},
    ]
    lines: pd.DataFrame = make_lines(rows)
    return lines


def test_exactly_the_planted_rows_are_found(planted: pd.DataFrame) -> None:
    found = coding.improbable_coding(planted)
    assert found[["supplier_key", "coded_code", "usual_code", "usual_account", "amount_ore"]].values.tolist() == [
        ["städ", "11", "05", "405", 90_000],
        ["städ", "12", "05", "405", -5_000],
    ]
    assert found["reason"][0].replace("\u00a0", " ") == (
        "40 av leverantörens 41 övriga konteringar (97,6 %) ligger i 05, den här i 11"
    )
    assert planted.set_index("line_id").loc[found["line_id"], "row_number"].tolist() == found["row_number"].tolist()


def test_the_key_figure_accounts_for_every_row(planted: pd.DataFrame) -> None:
    figure = coding.suspect_coding(planted)
    assert (figure.value, figure.numerator, figure.denominator) == (Decimal("950.00"), 2, 42 + 40)
    assert sum(left.rows for left in figure.excluded) + int(figure.denominator or 0) == len(planted)
    assert [left.rows for left in figure.excluded] == [2, 41, 20, 40]


@pytest.mark.parametrize(("usual", "other", "hits"), [(19, 1, 0), (20, 1, 1), (20, 2, 2), (38, 3, 3), (37, 3, 0)])
def test_the_posting_itself_does_not_count(usual: int, other: int, hits: int, make_lines: Any) -> None:
    # 38 of the 40 others are exactly 95 %, 37 of 39 are not.
    lines = make_lines([*postings("a", "05", usual), *postings("a", "11", other)])
    assert len(coding.improbable_coding(lines)) == hits


def test_the_test_agrees_with_a_plain_loop(year_lines: pd.DataFrame) -> None:
    kept = year_lines[(year_lines["is_mapped"] == 1) & (year_lines["supplier_type"] != "sole_trader")]
    expected = set()
    for _, group in kept.groupby("supplier_key"):
        coded = group["category_code"].tolist()
        for place, line_id in enumerate(group["line_id"]):
            others = coded[:place] + coded[place + 1 :]
            usual = max(set(coded), key=coded.count)
            clear = coded.count(usual) * 2 > len(coded)
            probable = others.count(usual) >= Decimal("0.51") * len(others)
            habit = others.count(coded[place]) >= 20
            if len(others) >= 5 and clear and coded[place] != usual and probable and not habit:
                expected.add(line_id)
    found = coding.improbable_coding(year_lines, level="category", min_lines=5, usual_share_pct=51)
    assert set(found["line_id"]) == expected
    assert expected


def test_where_two_categories_are_equally_large_none_is_usual(make_lines: Any) -> None:
    lines = make_lines([*postings("a", "05", 3), *postings("a", "11", 3)])
    assert coding.improbable_coding(lines, min_lines=2, usual_share_pct=51).empty


@pytest.mark.parametrize(("other", "hits"), [(20, 20), (21, 0)])
def test_a_category_with_many_postings_is_a_habit_and_not_a_slip(other: int, hits: int, make_lines: Any) -> None:
    lines = make_lines([*postings("grossist", "05", 1_000), *postings("grossist", "11", other)])
    assert len(coding.improbable_coding(lines)) == hits
    assert len(coding.improbable_coding(lines, habit_lines=100)) == other
    assert coding.suspect_coding(lines).denominator == 1_000 + other


def test_small_postings_can_be_left_unlisted(planted: pd.DataFrame) -> None:
    assert coding.improbable_coding(planted, min_amount_ore=5_001)["amount_ore"].tolist() == [90_000]
    assert coding.suspect_coding(planted, min_amount_ore=5_001).value == 900


def test_the_list_is_parted_by_unit_with_the_most_at_stake_first(planted: pd.DataFrame) -> None:
    listed = coding.correction_list(coding.improbable_coding(planted))
    assert listed[["unit_name", "unit_lines", "unit_at_stake_ore"]].values.tolist() == [
        ["Söder", 1, 90_000],
        ["Norr", 1, 5_000],
    ]


def test_without_anything_to_test_the_amount_is_unknown(planted: pd.DataFrame) -> None:
    figure = coding.suspect_coding(planted[planted["supplier_key"] == "liten"])
    assert figure.value is None
    assert figure.unknown_because
    assert figure.excluded[0].reason == "Leverantörer med färre än 20 andra konteringar"


def test_parameters_that_make_no_sense_are_refused(planted: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="main_category, category"):
        coding.improbable_coding(planted, level="konto")
    with pytest.raises(MeasureError, match="usual_share_pct is 50"):
        coding.improbable_coding(planted, usual_share_pct=50)
    with pytest.raises(MeasureError, match="suspect_coding: min_lines is 1"):
        coding.suspect_coding(planted, min_lines=1)
