"""Frames made of rows and rows made of frames: every type, held against pandas' own way, which is slower."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from procanalysis.errors import MeasureError
from procanalysis.measures.frames import PANDAS_TYPES, framed, plain_rows, with_types

LARGE = 2**53 + 1  # which a float cannot hold
VALUES: dict[str, list[Any]] = {
    "str": ["a", "", None, "å;\n<b>"],
    "int64": [1, -LARGE, 0, LARGE],
    "Int64": [1, -LARGE, None, LARGE],
    "float64": [1.5, -0.25, float("nan"), 1e300],
    "bool": [True, False, True, True],
    "object": [Decimal("1.10"), None, LARGE, "a"],
    "datetime64[us]": [datetime(2024, 2, 29), None, pd.NaT, pd.Timestamp("1999-12-31")],
}
ROWS = [dict(zip(VALUES, row, strict=True)) for row in zip(*VALUES.values(), strict=True)]
TYPES = {name: name for name in VALUES}


def pandas_own_way(rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TYPES), dtype=object).astype(TYPES)


def test_every_type_is_tried() -> None:
    assert VALUES.keys() == PANDAS_TYPES.keys()


@pytest.mark.parametrize(
    "rows",
    [ROWS, [tuple(row.values()) for row in ROWS], ROWS[:1], []],
    ids=["by name", "in order", "one row", "no rows"],
)
def test_rows_become_the_frame_that_pandas_would_make(rows: list[Any]) -> None:
    made = framed(rows, TYPES)
    assert_frame_equal(made, pandas_own_way(rows), check_index_type=False)
    assert made["object"].tolist() == VALUES["object"][: len(rows)]


def test_the_order_of_names_and_what_is_not_asked_for_do_not_matter() -> None:
    rows = [{**dict(reversed(row.items())), "more": 1} for row in ROWS]
    assert_frame_equal(framed(rows, TYPES), framed(ROWS, TYPES))


@pytest.mark.parametrize("kind", TYPES)
def test_what_a_row_lacks_is_missing_or_refused_where_nothing_can_be(kind: str) -> None:
    rows = [{"a": "1", "b": VALUES[kind][0]}, {"a": "2"}]
    if kind in ("int64", "bool"):
        with pytest.raises(KeyError):
            framed(rows, {"a": "str", "b": kind})
    else:
        assert framed(rows, {"a": "str", "b": kind})["b"].isna().tolist() == [False, True]


def test_no_row_is_lost() -> None:
    with pytest.raises(AttributeError):
        framed([{"a": "1"}, ("2",)], {"a": "str"})
    with pytest.raises(ValueError, match="argument"):
        framed([("1", "2"), ("3",)], {"a": "str", "b": "str"})


def test_only_the_columns_named_are_cast_and_the_frame_given_is_not_changed() -> None:
    given = pd.DataFrame({"a": pd.Series([1, 2], dtype="int64"), "b": pd.Series(["1", None], dtype="object")})
    before = given.copy(deep=True)
    cast = with_types(given, {"a": "Int64", "b": "str"})
    assert (str(cast["a"].dtype), str(cast["b"].dtype)) == ("Int64", "str")
    assert with_types(given, {"a": "Int64"})["b"].dtype == object
    assert_frame_equal(given, before)


def test_a_frame_becomes_rows_of_plain_values() -> None:
    expected = [
        {**row, "datetime64[us]": None if pd.isna(row["datetime64[us]"]) else row["datetime64[us]"].date()}
        for row in ROWS
    ]
    expected[2]["float64"] = None
    found = plain_rows(framed(ROWS, TYPES), list(TYPES), "test")
    assert found == expected
    kinds = {name: {type(row[name]) for row in found} - {type(None)} for name in ("int64", "Int64", "bool", "str")}
    assert kinds == {"int64": {int}, "Int64": {int}, "bool": {bool}, "str": {str}}
    assert found[0]["datetime64[us]"] == date(2024, 2, 29) and type(found[0]["datetime64[us]"]) is date
    with pytest.raises(MeasureError, match="price"):
        plain_rows(framed(ROWS, TYPES), ["price"], "test")
