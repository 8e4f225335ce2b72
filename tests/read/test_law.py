"""The dated limits of the procurement act: as the reference has them, and never with a gap, an overlap or a guess."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.law import read_limits
from procanalysis.schema import LAW_LIMITS, LIMIT_IDS, names

LIMITS = Path(__file__).parents[2] / "params" / "law" / "limits.csv"
HEADER = ",".join(names(LAW_LIMITS))


def amount_on(limit_id: str, day: str) -> int | str | None:
    """The amount of a day, 'open' when it is not known, None when no row covers the day."""
    found = read_limits(LIMITS)
    at = pd.Timestamp(day)
    rows = found[
        (found["limit_id"] == limit_id)
        & (found["valid_from"] <= at)
        & ((found["valid_to"] >= at) | found["valid_to"].isna())
    ]
    assert len(rows) <= 1
    if rows.empty:
        return None
    (row,) = rows.to_dict("records")
    return "open" if row["status"] == "open" else int(row["amount_sek"])


@pytest.mark.parametrize(
    ("limit_id", "day", "amount"),
    [
        ("direct_award", "2015-12-31", None), ("direct_award", "2016-01-01", 534_890),
        ("direct_award", "2019-12-31", 586_907), ("direct_award", "2021-06-01", 615_312),
        ("direct_award", "2022-01-31", 626_284), ("direct_award", "2022-02-01", 700_000),
        ("direct_award", "2026-08-01", 700_000), ("direct_award_annex_2", "2022-01-31", "open"),
        ("direct_award_annex_2", "2023-12-31", 7_802_550), ("direct_award_annex_2", "2025-06-30", "open"),
        ("eu_threshold", "2017-12-31", 1_910_323), ("eu_threshold", "2018-01-01", 2_096_097),
        ("eu_threshold", "2020-02-29", 2_197_545), ("eu_threshold", "2023-12-31", 2_236_731),
        ("eu_threshold", "2025-12-31", 2_389_585), ("eu_threshold", "2026-01-01", "open"),
        ("eu_threshold", "2028-01-01", None),
    ],
)  # fmt: skip
def test_the_limits_are_those_of_the_law_as_far_as_they_are_known(limit_id, day, amount):
    assert amount_on(limit_id, day) == amount


def test_the_file_has_every_limit_in_the_canonical_form():
    found = read_limits(LIMITS)
    assert list(found.columns) == names(LAW_LIMITS)
    assert set(found["limit_id"]) == LIMIT_IDS.keys()
    assert [str(kind) for kind in found.dtypes] == ["str", "datetime64[us]", "datetime64[us]", "Int64", "str", "str"]
    assert (found["amount_sek"].isna() == (found["status"] == "open")).all()
    assert set(found["status"]) == {"sourced", "computed", "open"}


SOUND = ["direct_award,2020-01-01,2021-12-31,10,sourced,x", "direct_award,2022-01-01,,20,computed,x"]
FAULTS = [
    ([], ["holds no limits under its header"]),
    (["direct_avard,2020-01-01,,10,sourced,x"], ["row 2, column 'limit_id'", "Did you mean 'direct_award'?"]),
    (["direct_award,2020-01-01,,10,source,x"], ["row 2, column 'status'", "Did you mean 'sourced'?"]),
    (["direct_award,2020-01-01,,10,open,x"], ["column 'amount_sek'", "an open value has no amount"]),
    (["direct_award,2020-01-01,,,sourced,x"], ["column 'amount_sek'", "whole kronor"]),
    (["direct_award,2020-01-01,,10.5,sourced,x"], ["column 'amount_sek'", "'10.5'"]),
    (["direct_award,2020-01-01,,-1,sourced,x"], ["column 'amount_sek'"]),
    (["direct_award,20200101,,10,sourced,x"], ["column 'valid_from'", "Write it as 2025-01-31"]),
    (["direct_award,,,10,sourced,x"], ["column 'valid_from'"]),
    (["direct_award,2020-01-01,2020-02-30,10,sourced,x"], ["column 'valid_to'", "not a day"]),
    (["direct_award,2020-01-02,2020-01-01,10,sourced,x"], ["column 'valid_to'", "lies before 2020-01-02"]),
    (["direct_award,2020-01-01,,10,sourced, "], ["column 'source'", "Say where the value"]),
    (["direct_award,2020-01-01,,10,sourced"], ["row 2: 5 cells"]),
    ([SOUND[0], "direct_award,2021-12-31,,20,computed,x"], ["row 3, column 'valid_from'", "overlaps row 2"]),
    ([SOUND[0], "direct_award,2022-01-02,,20,computed,x"], ["row 3, column 'valid_from'", "leaves a gap after row 2"]),
    ([SOUND[1], SOUND[1]], ["overlaps row 2, which holds to further notice"]),
    (["direct_award,2020-01-01,,10,sourced,x", SOUND[1]], ["row 3", "overlaps row 2"]),
]


@pytest.mark.parametrize(("rows", "words"), FAULTS)
def test_a_fault_is_refused_with_file_row_column_and_remedy(tmp_path, rows, words):
    path = tmp_path / "limits.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_limits(path)
    assert [word for word in ["limits.csv", *words] if word not in str(error.value)] == []


def test_another_header_and_a_file_that_is_not_there(tmp_path):
    (tmp_path / "limits.csv").write_text("id;from\na;b\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1: the columns should be limit_id, valid_from"):
        read_limits(tmp_path / "limits.csv")
    with pytest.raises(InputError, match=r"borta\.csv: the file cannot be opened"):
        read_limits(tmp_path / "borta.csv")


def test_rows_in_any_order_are_the_same_limits(tmp_path):
    for number, rows in enumerate((SOUND, SOUND[::-1])):
        (tmp_path / f"{number}.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    pd.testing.assert_frame_equal(read_limits(tmp_path / "0.csv"), read_limits(tmp_path / "1.csv"))


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(-2, 2)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_days_that_follow_on_each_other_are_taken(tmp_path, spans):
    rows, first, follows = [], date(2020, 1, 1), True
    for place, (length, shift) in enumerate(spans):
        first += timedelta(days=shift if place else 0)
        follows &= shift == 0 or place == 0
        last = first + timedelta(days=length)
        rows.append(f"eu_threshold,{first},{last},10,sourced,x")
        first = last + timedelta(days=1)
    (tmp_path / "limits.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    if follows:
        assert len(read_limits(tmp_path / "limits.csv")) == len(spans)
    else:
        with pytest.raises(InputError, match=r"overlaps|leaves a gap"):
            read_limits(tmp_path / "limits.csv")
