"""The three answers that evidence gives, the words that are compared, and the days on which something holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

NO, UNKNOWN, YES = 0, 1, 2
"""What a question about one line is answered with; the better answer is the larger number."""


def words_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Write a column of references as they are compared: without space around, in lower case, empty when missing."""
    return column.astype("str").str.strip().str.lower().fillna("")


def standard_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Write standard numbers as they are compared: without leading zeros, which a GTIN of 14 places adds to one of 13.

    Eight or more of one digit alone are no number but a filled-in cell.

    >>> standard_numbers(pd.Series(["07310865000019", "9999999999999", None])).tolist()
    ['7310865000019', '', '']
    """
    numbers = words_of(column).str.lstrip("0")
    return numbers.where(~numbers.str.fullmatch(r"(\d)\1{7,}"), "")


def days_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Hold a column of days as moments, whatever it was held as."""
    return pd.to_datetime(column).astype("datetime64[us]")


def holds_on(day: pd.Series[Any], starts_on: pd.Series[Any], ends_on: pd.Series[Any]) -> pd.Series[Any]:
    """Answer whether a day lies between two days, both included; unknown where a missing day would decide.

    >>> day, nothing = pd.Series(pd.to_datetime(["2025-03-01"])), pd.Series(pd.to_datetime([None]))
    >>> holds_on(day, day, day).tolist(), holds_on(day, nothing, day).tolist()
    ([2], [1])
    """
    outside = (day < starts_on) | (day > ends_on)
    told = day.notna() & starts_on.notna() & ends_on.notna()
    return pd.Series(np.select([outside, told], [NO, YES], UNKNOWN), index=day.index, dtype="int64")


def least(*answers: pd.Series[Any]) -> pd.Series[Any]:
    """Take the worst of several answers, row by row."""
    return pd.concat(answers, axis="columns").min(axis="columns").astype("int64")


def best_per_key(found: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Keep per key the best answer above no, and its contract: the first in the alphabet among equals.

    Parameters: `found` has the keys, answer and contract_id (empty when none is told, which comes last). Returns keys,
    answer, contract_id.
    """
    answered = found[found["answer"] > NO]
    if answered.empty:
        return answered[[*keys, "answer", "contract_id"]]
    ordered = answered.assign(__untold=answered["contract_id"] == "").sort_values(
        [*keys, "answer", "__untold", "contract_id"], ascending=[*(True for _ in keys), False, True, True]
    )
    return ordered.drop_duplicates(list(keys))[[*keys, "answer", "contract_id"]]


def no_answers(asked: pd.DataFrame) -> pd.DataFrame:
    """Answer no for every line."""
    return pd.DataFrame({"answer": NO, "contract_id": pd.Series("", index=asked.index, dtype="str")})


def answered_lines(asked: pd.DataFrame, best: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Give every line its key's answer (no where there is none) and contract_id (empty), in the order of the lines."""
    if best.empty:
        return no_answers(asked)
    joined = asked[list(keys)].merge(best, on=list(keys), how="left")
    return pd.DataFrame(
        {"answer": joined["answer"].fillna(NO).astype("int64"), "contract_id": joined["contract_id"].fillna("")}
    ).set_axis(asked.index)
