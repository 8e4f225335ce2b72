"""Open prepared lines in the engine that the organisation file names, and ask them the same in every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

from procanalysis.errors import ParamsError
from procanalysis.measures.frames import NativeFrame, collect_pandas, lazy, totals
from procanalysis.params import Engine, Period


def read_lines(path: Path, engine: Engine) -> NativeFrame:
    """Open a Parquet file of lines without reading it: a DuckDB relation, or a Spark frame.

    With 'spark' the session that is open is used, or one is started with Spark's own settings. Raises ParamsError when
    the package pyspark is missing or Spark does not start.
    """
    if engine == "spark":
        return _spark_session().read.parquet(str(path))
    # The default connection, so that the lines of two periods can be joined.
    return duckdb.read_parquet(str(path))


def _spark_session() -> Any:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ParamsError(
            "The organisation file says 'engine: spark', but the package pyspark is not installed. Install it with "
            "'make spark', or write 'engine: duckdb'."
        ) from error
    try:
        return SparkSession.builder.appName("procanalysis").getOrCreate()
    except PySparkRuntimeError as error:
        raise ParamsError(
            "The organisation file says 'engine: spark', but Spark did not start. It needs Java 17 or later, on the "
            "PATH or in JAVA_HOME; 'java -version' tells which one is there. Install it, or write 'engine: duckdb'. "
            f"Spark says: {error}"
        ) from error


def count_lines(lines: NativeFrame) -> tuple[int, int]:
    """Return the number of lines and their sum in hundredths."""
    return totals(lazy(lines, ["amount_ore"]))


def between(lines: NativeFrame, period: Period) -> NativeFrame:
    """Keep the lines that are booked in a period."""
    return _where(lines, nw.col("booked_on").is_between(period.starts_on, period.ends_on))


def until(lines: NativeFrame, last: date) -> NativeFrame:
    """Keep the lines that are booked on a day or before it."""
    return _where(lines, nw.col("booked_on") <= last)


def of_unit(lines: NativeFrame, unit: str) -> NativeFrame:
    """Keep the lines of a unit, as the ledger writes it."""
    return _where(lines, nw.col("unit") == unit)


def _where(lines: NativeFrame, condition: nw.Expr) -> NativeFrame:
    return nw.from_native(lines).filter(condition).to_native()


def last_day(lines: NativeFrame) -> date:
    """Return the last day on which a line is booked; at least one must have a day."""
    found = collect_pandas(lazy(lines, ["booked_on"]).select(nw.col("booked_on").max()))
    last: date = found["booked_on"].iloc[0].date()
    return last


def different(lines: NativeFrame, *columns: str) -> pd.DataFrame:
    """List the different values of some columns, in order."""
    return collect_pandas(lazy(lines, columns).unique()).sort_values(list(columns), ignore_index=True)
