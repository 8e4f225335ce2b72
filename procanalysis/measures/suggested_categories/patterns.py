"""Patterns of postings as the model sees them: complete, in one order, and with the clues that they give."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.schema import require_columns

PATTERN = (
    "pattern_id", "supplier_key", "supplier_name", "account", "account_text", "unit", "text", "lines_count",
    "amount_ore",
)  # fmt: skip
"""What a pattern of postings tells, both one that is asked about and one that is reviewed."""

_TEXTS = ("supplier_key", "supplier_name", "account", "account_text", "unit", "text")


def checked_patterns(frame: pd.DataFrame, measure: str, more: Sequence[str] = ()) -> pd.DataFrame:
    """Return patterns in an order of their own, with empty text for what is missing.

    Parameters: `frame`, one row per pattern with the columns of PATTERN; `more`, further columns of text to keep;
    `measure`, the name that an error message should give. Raises MeasureError when a column is missing, a pattern_id
    is missing or stands twice, or a count or an amount is not a whole number.
    """
    require_columns(frame.columns, [*PATTERN, *more], measure)
    kept = frame[[*PATTERN, *more]]
    ids = kept["pattern_id"]
    if ids.isna().any():
        raise MeasureError(f"{measure}: {int(ids.isna().sum())} pattern(s) have no pattern_id. Give each one its own.")
    if ids.duplicated().any():
        twice = ids[ids.duplicated()].drop_duplicates()
        raise MeasureError(f"{measure}: the pattern_id(s) {examples(twice)} stand twice. Give each pattern its own.")
    whole: dict[str, pd.Series[int]] = {}
    for name in ("lines_count", "amount_ore"):
        if not pd.api.types.is_integer_dtype(kept[name]) and len(kept):
            raise MeasureError(f"{measure}: the column '{name}' does not hold whole numbers. Give it as int64.")
        if kept[name].isna().any():
            raise MeasureError(f"{measure}: the column '{name}' has gaps. Every pattern has rows and a sum.")
        whole[name] = kept[name].astype("int64")
    # As plain objects, which Python looks through several times as fast as text in Arrow.
    texts = {
        name: pd.Series(kept[name].astype("object").where(kept[name].notna(), "").map(str), dtype="object")
        for name in (*_TEXTS, *more)
    }
    tidy = kept.assign(pattern_id=pd.Series(ids.map(str), dtype="object"), **whole, **texts)
    return tidy.sort_values(["pattern_id"], kind="stable", ignore_index=True)


def weights_of(patterns: pd.DataFrame) -> np.ndarray:
    """Weigh patterns for the training: more rows and kronor count for more, but never in proportion.

    weight = 1 + ln(rows) + ln(1 + |kronor| / 1 000), divided by the mean, so that one giant does not decide the
    model and a hundred trifles do not hide it.
    """
    kronor = patterns["amount_ore"].abs().to_numpy(dtype="float64") / 100
    lines = np.maximum(patterns["lines_count"].to_numpy(dtype="float64"), 1)
    weights = 1 + np.log(lines) + np.log1p(kronor / 1000)
    return np.asarray(weights / weights.mean()) if len(weights) else weights


def habit_keys(patterns: pd.DataFrame) -> list[np.ndarray]:
    """Tell whose habits each pattern follows: its supplier's, and that supplier's on the account."""
    suppliers, accounts = (
        patterns["supplier_key"],
        patterns["account"].where(patterns["account"] != "", patterns["account_text"].str.casefold()),
    )
    both = (suppliers != "") & (accounts != "")
    pairs = (suppliers + "\0" + accounts).where(both, "")
    return [suppliers.to_numpy(dtype=object), pairs.to_numpy(dtype=object)]


def folds_of(values: Iterable[str], folds: int) -> np.ndarray:
    """Deal different values into folds of equal size, by a hash so that neither their order nor their spelling counts.

    Returns the fold of every value, -1 where it is empty: nothing is held out for being nothing.

    >>> folds_of(["a", "b", "", "a"], 2).tolist()[2]
    -1
    """
    listed = list(values)
    different = sorted({value for value in listed if value}, key=lambda value: (_hash(value), value))
    dealt = {value: place % folds for place, value in enumerate(different)}
    return np.array([dealt.get(value, -1) for value in listed], dtype="int64")


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", errors="replace")).hexdigest()
