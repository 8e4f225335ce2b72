"""Open prepared lines in the engine that the organisation file names, and ask them the same in every engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

from procanalysis.errors import ParamsError
from procanalysis.measures.frames import NativeFrame, collect_pandas, distinct, lazy, totals
from procanalysis.params import Engine, Period
from procanalysis.read.ledger import join_as_written

MEMORY_VARIABLE = "PROCANALYSIS_MEMORY"
_MEMORY = "2GB"


def read_lines(path: Path, engine: Engine) -> NativeFrame:
    """Open a Parquet file of lines without reading it: a DuckDB relation, or a Spark frame.

    With 'spark' the session that is open is used, or one is started with Spark's own settings. Raises ParamsError when
    the package pyspark is missing or Spark does not start.
    """
    if engine == "spark":
        return _spark_session().read.parquet(str(path))
    # The default connection, so that the lines of two periods can be joined.
    _without_bar(duckdb.default_connection())
    return duckdb.read_parquet(str(path), hive_partitioning=False)


@contextmanager
def preparing_engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the engine in which an organisation is prepared, held to a bound of memory, and close it afterwards.

    PROCANALYSIS_MEMORY says how much ("1GB"; 2GB when it is not set); what does not fit is written below the folder,
    encrypted, and removed with the engine. The key is made by DuckDB's own library (force_mbedtls_unsafe), so that no
    extension need be fetched; its randomness is weaker than OpenSSL's, but what it protects lives no longer than the
    process. Raises ParamsError for an amount that DuckDB does not understand.
    """
    spilled = folder / ".spilled"
    # What is spilled lives no longer than the process, which alone knows the key.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spilled),
        "force_mbedtls_unsafe": "true",
        "temp_file_encryption": "true",
    }
    memory = os.environ.get(MEMORY_VARIABLE) or _MEMORY
    connection = duckdb.connect(":memory:", config=settings)
    try:
        try:
            connection.execute("SET memory_limit = '{}'".format(memory.replace("'", "")))
        except duckdb.Error as error:
            raise ParamsError(
                f"{MEMORY_VARIABLE} is '{memory}', which is no amount of memory. Write it as 1GB or 800MB."
            ) from error
        _without_bar(connection)
        join_as_written(connection)
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spilled, ignore_errors=True)


def _without_bar(connection: duckdb.DuckDBPyConnection) -> None:
    """Have no bar printed when a query takes some seconds, as on a busy machine: the report would show it.

    In Jupyter DuckDB draws bars with the package ipywidgets only. Without it there is no bar, nor may one be refused.
    """
    with suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")


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


_HELD_AT_MOST = 1_000_000


def held(lines: NativeFrame) -> NativeFrame:
    """Select the lines once and keep them in memory, for a report that asks much of a small part of the ledger.

    More than a million lines, and those of Spark, are left where they are and selected each time. `lines` is of the
    default connection, as `read_lines` opens them, and so is what is returned.
    """
    if not isinstance(lines, duckdb.DuckDBPyRelation) or count_lines(lines)[0] > _HELD_AT_MOST:
        return lines
    # As Arrow: what DuckDB itself holds, it copies for each step of a query that is built on it.
    return duckdb.from_arrow(lines.to_arrow_table())


def _where(lines: NativeFrame, condition: nw.Expr) -> NativeFrame:
    return nw.from_native(lines).filter(condition).to_native()


def last_day(lines: NativeFrame) -> date:
    """Return the last day on which a line is booked; at least one must have a day."""
    found = collect_pandas(lazy(lines, ["booked_on"]).select(nw.col("booked_on").max()))
    last: date = found["booked_on"].iloc[0].date()
    return last


def different(lines: NativeFrame, *columns: str) -> pd.DataFrame:
    """List the different values of some columns, in order."""
    return collect_pandas(distinct(lazy(lines, columns), *columns)).sort_values(list(columns), ignore_index=True)
