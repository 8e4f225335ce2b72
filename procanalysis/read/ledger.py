"""Read supplier ledgers as they are really published, into one table of accepted postings.

Nothing is lost: every row of every file is accepted or rejected with a reason, and the rows and kronor are reconciled
before anything is handed on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from procanalysis.read.gathering import FileReading as FileReading
from procanalysis.read.gathering import gather
from procanalysis.read.laying_out import LedgerFormat as LedgerFormat
from procanalysis.read.parts import ControlTotals as ControlTotals
from procanalysis.read.parts import LedgerPart, read_part
from procanalysis.read.supplier_numbers import Masker


@dataclass(frozen=True)
class LedgerReading:
    """Hold everything a ledger gave.

    lines: accepted postings (schema.LEDGER_LINES); rejected: schema.REJECTED_ROWS; register: schema.SUPPLIER_REGISTER;
    has_dates is False when a file lacks a date column, so that the period comes from the organisation file.
    """

    lines: pa.Table
    rejected: pa.Table
    register: pa.Table
    files: tuple[FileReading, ...]
    control: ControlTotals
    has_dates: bool
    supplier_numbers: str


def read_ledger(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    ledger_format: LedgerFormat | None = None,
    *,
    masker: Masker,
    progress: Callable[[str], None] = lambda message: None,
) -> LedgerReading:
    """Read ledger files into accepted postings, rejected rows, a supplier register and control totals.

    Preparing reads file by file and keeps what each gave (`organisation.preparing`); this reads all of them at once.
    Parameters: the connection, which joins as written (`join_as_written`); paths, CSV, XLSX, JSON or Parquet files,
    told apart by their content; ledger_format, how they are written; masker, hides sole traders before anything leaves
    this function; progress, told of each file.
    Returns a LedgerReading that reconciles. Raises InputError for a file that is not a readable ledger, and
    ReconciliationError when rows or hundredths do not add up.
    """
    with tempfile.TemporaryDirectory(prefix="procanalysis-") as home:

        def read(path: Path, form: LedgerFormat, anew: bool) -> list[LedgerPart]:
            if not anew:
                progress(path.name)
            return read_part(connection, path, form, masker, Path(tempfile.mkdtemp(dir=home)))

        gathered = gather(connection, paths, ledger_format or LedgerFormat(), masker, read)
        lines, rejected = gathered.lines.order("line_id").to_arrow_table(), gathered.rejected.to_arrow_table()
    return LedgerReading(
        lines,
        rejected,
        gathered.register,
        gathered.files,
        gathered.control,
        gathered.has_dates,
        gathered.supplier_numbers,
    )


def join_as_written(connection: duckdb.DuckDBPyConnection) -> None:
    """Have a connection always hold the second table of a join and stream the first, however many rows it expects."""
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
