"""Take in any frame that Narwhals reads, and hand back small pandas frames, alike from every engine.

The only module that the measures share. DuckDB sums whole numbers to 128 bits, which pandas would get as
float: every sum is therefore made 64 bits inside the engine, before it is collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procanalysis.errors import MeasureError, ReconciliationError
from procanalysis.schema import (
    LEDGER_LINES,
    MAPPED_COLUMNS,
    MATCHED_COLUMNS,
    SUPPLIER_REGISTER,
    Exclusion,
    kronor,
    require_columns,
)

NativeFrame = Any
"""A DuckDB relation, a Polars, pandas or Spark frame, or a Narwhals frame around one."""

COUNTS: tuple[str, ...] = ("amount_ore", "lines_count", "invoices_count", "suppliers_count")
"""What `tally` adds up: öre, postings, different invoice keys, different suppliers."""

PANDAS_TYPES: dict[str, Any] = {
    name: pd.api.types.pandas_dtype(name)
    for name in ("str", "int64", "Int64", "float64", "bool", "object", "datetime64[us]")
}
"""The types of our pandas frames by name: pandas looks a name up anew for each column that is made."""

_NEVER_MISSING = ("int64", "bool")
_TYPES = {column.name: column.type for column in (*LEDGER_LINES, *MAPPED_COLUMNS, *MATCHED_COLUMNS, *SUPPLIER_REGISTER)}


def lazy(native: NativeFrame, needed: Iterable[str] = (), measure: str = "") -> nw.LazyFrame[Any]:
    """Return the frame as a lazy Narwhals frame with only the needed columns, in the types of the schema.

    Parameters: `native`, the frame; `needed`, column names (none means all); `measure`, the name that an
    error message should give. Raises MeasureError when a column is missing.
    """
    wanted = list(dict.fromkeys(needed))
    if isinstance(native, pd.DataFrame):
        native = _tidied(native)
    frame: nw.LazyFrame[Any] = nw.from_native(native).lazy()
    types = frame.collect_schema()
    require_columns(types.names(), wanted, measure)
    kept = wanted or types.names()
    is_as_wanted = kept == types.names() and all(_is_typed(name, types[name]) for name in kept)
    if is_as_wanted and frame.implementation.is_duckdb():
        return frame  # each step that is added costs DuckDB a check of them all
    return frame.select([_typed(name, types[name]) for name in kept])


def _tidied(frame: pd.DataFrame) -> pd.DataFrame:
    """Type what pandas holds loosely: dates as objects, whole numbers with gaps as floats; the caller's frame stays."""
    types = {name: _TYPES.get(str(name)) for name in frame.columns}
    dates = {
        name: pd.to_datetime(frame[name])
        for name, wanted in types.items()
        if wanted == "date" and not pd.api.types.is_datetime64_any_dtype(frame[name])
    }
    gaps = {
        name: frame[name].astype("Int64")
        for name, wanted in types.items()
        if wanted == "integer" and not pd.api.types.is_integer_dtype(frame[name]) and frame[name].hasnans
    }
    return frame.assign(**dates, **gaps) if dates or gaps else frame


def _is_typed(name: str, dtype: Any) -> bool:
    """Tell whether a column needs no cast to be what the schema says."""
    wanted = _TYPES.get(name)
    if wanted == "text":
        return bool(dtype == nw.String)
    if wanted == "date":
        return bool(dtype != nw.Unknown)
    return wanted != "integer" or bool(dtype == nw.Int64)


def _typed(name: str, dtype: Any) -> nw.Expr:
    """Cast a column that holds nothing, or numbers where the schema says text."""
    if _is_typed(name, dtype):
        return nw.col(name)
    if _TYPES[name] == "text":
        return nw.col(name).cast(nw.String)
    return nw.col(name).cast(nw.Date if _TYPES[name] == "date" else nw.Int64)


def collect_pandas(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Collect a small lazy frame to pandas: text as str, whole numbers as int64, dates as datetime64[us]."""
    if frame.implementation.is_pandas_like():
        native = frame.collect(backend="pandas").to_native().reset_index(drop=True)
    else:
        # The engines' own ways to pandas make whole numbers with gaps into floats, which cannot hold every öre, and
        # texts into objects, which take several times the memory.
        table = frame.collect(backend="pyarrow").to_native()
        native = table.to_pandas(types_mapper=_whole_numbers, date_as_object=False)
    types = {name: _pandas_type(column) for name, column in native.items()}
    # A text column that Arrow has made of nothing has not even an empty piece, and pandas fails to join on it.
    return framed([], types) if native.empty else with_types(native, types)


def _whole_numbers(kind: pa.DataType) -> Any:
    return PANDAS_TYPES["Int64"] if pa.types.is_integer(kind) else None


def _pandas_type(column: pd.Series[Any]) -> str:
    if _TYPES.get(str(column.name)) == "date":
        return "datetime64[us]"
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "Int64" if column.hasnans else "int64"
    if pd.api.types.is_float_dtype(column.dtype):
        return "float64"
    return "str"


def with_types(frame: pd.DataFrame, types: Mapping[Any, str]) -> pd.DataFrame:
    """Return the frame with some columns in other pandas types; those that have theirs already cost nothing."""
    # `astype` of a frame makes every column anew, also those that stay as they are.
    wanted = {name: PANDAS_TYPES[kind] for name, kind in types.items()}
    cast = {name: frame[name].astype(kind) for name, kind in wanted.items() if frame[name].dtype != kind}
    return frame.assign(**cast)


def framed(rows: Sequence[Mapping[str, Any] | Sequence[Any]], types: Mapping[Any, str]) -> pd.DataFrame:
    """Make a result frame of its rows: the columns of `types` in order, each in its pandas type, also without rows.

    The rows have their values by name, or all of them in the order of the columns. What a row lacks by name is missing;
    in a column that cannot hold what is missing, int64 or bool, it is a KeyError. The frame is made column by column,
    since pandas casts a whole one at many times the cost.

    >>> framed([{"contract_id": "1", "days": None}], {"contract_id": "str", "days": "Int64"}).dtypes.to_list()
    [<StringDtype(na_value=nan)>, Int64Dtype()]
    """
    columns: Any = [[]] * len(types)
    if rows and isinstance(rows[0], Mapping):
        named: Any = rows
        columns = [
            [row[name] if kind in _NEVER_MISSING else row.get(name) for row in named] for name, kind in types.items()
        ]
    elif rows:
        columns = zip(*rows, strict=True)
    listed = zip(types.items(), columns, strict=True)
    return pd.DataFrame({name: _column(values, kind) for (name, kind), values in listed})


def _column(values: Sequence[Any], kind: str) -> Any:
    # An array is made at a fraction of what a series costs, but of one of objects a frame makes texts.
    return (pd.Series if kind == "object" else pd.array)(values, dtype=PANDAS_TYPES[kind])


def tally(frame: nw.LazyFrame[Any], keys: Sequence[str], names: Sequence[str] = ()) -> pd.DataFrame:
    """Sum and count the postings per key, in the engine; rows with a missing key make a group of their own.

    Parameters: `frame` with amount_ore, invoice_key, supplier_key, the keys and the names; `names`, columns
    of which the first value in the alphabet is taken per group. Returns keys, names and COUNTS, sorted by
    amount, largest first, then by key.
    """
    marked = frame.with_columns(__no_invoice=nw.col("invoice_key").is_null().cast(nw.Int64))
    grouped = marked.group_by(*keys).agg(
        *(nw.col(name).min() for name in names if name not in keys),
        nw.col("amount_ore").sum(),
        nw.len().alias("lines_count"),
        nw.col("invoice_key").n_unique().alias("invoices_count"),
        nw.col("__no_invoice").max(),
        *([] if "supplier_key" in keys else [nw.col("supplier_key").n_unique().alias("suppliers_count")]),
    )
    suppliers = nw.lit(1) if "supplier_key" in keys else nw.col("suppliers_count")
    counted = grouped.select(
        *keys,
        *(name for name in names if name not in keys),
        nw.col("amount_ore").cast(nw.Int64),
        nw.col("lines_count").cast(nw.Int64),
        # A missing invoice key counts as one different value in every engine: take it away again.
        (nw.col("invoices_count").cast(nw.Int64) - nw.col("__no_invoice")).cast(nw.Int64),
        suppliers.cast(nw.Int64).alias("suppliers_count"),
    )
    return _collected_by_amount(counted, keys)


def sums(frame: nw.LazyFrame[Any], keys: Sequence[str], names: Sequence[str] = ()) -> pd.DataFrame:
    """Sum the postings per key, in the engine, as `tally` does, without counting invoices and suppliers.

    What is not asked for is not counted: different invoices are dear to count. Returns keys, names, amount_ore and
    lines_count, sorted as by `tally`.
    """
    grouped = frame.group_by(*keys).agg(
        *(nw.col(name).min() for name in names), nw.col("amount_ore").sum(), nw.len().alias("lines_count")
    )
    return _collected_by_amount(grouped.with_columns(nw.col("amount_ore", "lines_count").cast(nw.Int64)), keys)


def _collected_by_amount(frame: nw.LazyFrame[Any], keys: Sequence[str]) -> pd.DataFrame:
    """Collect what is summed per key, in the order of `by_amount`."""
    if not frame.implementation.is_duckdb():
        return by_amount(collect_pandas(frame), keys)
    # DuckDB writes to disk what does not fit; sorted here, a result of millions of rows would be held twice.
    descending = [True, *(False for _ in keys)]
    return collect_pandas(frame.sort("amount_ore", *keys, descending=descending, nulls_last=True))


def by_amount(frame: pd.DataFrame, keys: Sequence[str], amount: str = "amount_ore") -> pd.DataFrame:
    """Sort by amount, largest first, then by key with missing keys last: always the same order."""
    # Arrow sorts long results in a third of the time that pandas needs, which numbers every text first.
    table = pa.Table.from_pandas(frame[[amount, *keys]], preserve_index=False)
    orders = [(amount, "descending"), *((key, "ascending") for key in keys)]
    return frame.take(pc.sort_indices(table, orders)).reset_index(drop=True)


def distinct(frame: nw.LazyFrame[Any], *columns: str) -> nw.LazyFrame[Any]:
    """Keep some columns, each row of values once; a missing value is one of its own.

    As groups, which every engine makes: Narwhals' own `unique` has DuckDB number all rows, at twice to five times the
    cost.
    """
    return frame.group_by(*columns).agg(nw.len().alias("__rows")).select(*columns)


def totals(frame: nw.LazyFrame[Any]) -> tuple[int, int]:
    """Return the number of postings and their sum in öre."""
    summed = collect_pandas(
        frame.select(
            nw.len().cast(nw.Int64).alias("lines_count"),
            nw.col("amount_ore").sum().cast(nw.Int64),
        )
    )
    return int(summed["lines_count"].iloc[0]), int(summed["amount_ore"].iloc[0])


def exclusion(reason: str, frame: nw.LazyFrame[Any]) -> tuple[Exclusion, ...]:
    """Return what was left out as one exclusion, or nothing when no row was."""
    rows, amount_ore = totals(frame)
    return (Exclusion(reason, rows, amount_ore),) if rows else ()


def check_total(measure: str, frame: nw.LazyFrame[Any], rows: int, amount_ore: int) -> None:
    """Raise ReconciliationError unless a result holds all the rows and öre of its input."""
    rows_in, amount_in = totals(frame)
    if (rows_in, amount_in) != (rows, amount_ore):
        raise ReconciliationError(
            f"{measure}: the input has {rows_in} rows and {kronor(amount_in)}, the result {rows} rows and "
            f"{kronor(amount_ore)}. Report this as a fault in procanalysis, with the organisation file."
        )


def check_range(measure: str, name: str, value: Any, lowest: Any, highest: Any) -> None:
    """Raise MeasureError when a parameter lies outside its allowed values."""
    if not lowest <= value <= highest:
        raise MeasureError(f"{measure}: {name} is {value}. Give a value from {lowest} to {highest}.")


def plain_rows(frame: pd.DataFrame, needed: Sequence[str], measure: str) -> list[dict[str, Any]]:
    """Return the rows of a small frame as plain values: None for what is missing, days as date.

    Parameters: `frame`, a register of contracts, follow-ups or procurements; `needed`, its columns to return;
    `measure`, the name that an error message should give. Raises MeasureError when a column is missing.

    >>> register = pd.DataFrame({"ends_on": pd.to_datetime(["2026-12-31", None])})
    >>> plain_rows(register, ["ends_on"], "starts")
    [{'ends_on': datetime.date(2026, 12, 31)}, {'ends_on': None}]
    """
    require_columns(frame.columns, needed, measure)
    columns = [_plain_values(frame[name]) for name in needed]
    return [dict(zip(needed, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain_values(column: pd.Series[Any]) -> list[Any]:
    """Return a column's values as plain ones, column by column: pandas hands out texts dearly, one by one."""
    if isinstance(column.dtype, pd.StringDtype | pd.Int64Dtype):
        return pa.array(column.array).to_pylist()  # type: ignore[no-any-return]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]").tolist()
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def log_scores(amounts_ore: Sequence[int]) -> list[Decimal | None]:
    """Score amounts from 1 to 5 on a logarithmic scale, so that every doubling counts alike.

    score = 1 + 4 × (ln x - ln low) / (ln high - ln low), at least 1 and at most 5, to two decimals; low and high
    are the 10th and the 90th percentile (nearest rank) of the amounts above zero, so that one giant or one trifle
    does not decide the scale. Parameters: `amounts_ore`, one per thing to score. Returns a score per amount; None
    for an amount of zero or less, and for all when low and high are the same. Source: methods 7.

    >>> log_scores([1_00, 10_00, 100_00, 0])
    [Decimal('1.00'), Decimal('3.00'), Decimal('5.00'), None]
    """
    above = sorted(amount for amount in amounts_ore if amount > 0)
    low, high = (above[-(-len(above) * tenths // 10) - 1] if above else 0 for tenths in (1, 9))
    if low == high:
        return [None for _ in amounts_ore]
    bottom, width = Decimal(low).ln(), Decimal(high).ln() - Decimal(low).ln()
    return [None if amount <= 0 else _score((Decimal(amount).ln() - bottom) / width) for amount in amounts_ore]


def _score(part: Decimal) -> Decimal:
    return (1 + 4 * min(max(part, Decimal(0)), Decimal(1))).quantize(Decimal("0.01"), ROUND_HALF_UP)
