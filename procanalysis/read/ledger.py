"""Read supplier ledgers as they are really published, into one table of accepted postings.

Nothing is lost: every row of every file is accepted or rejected with a reason, and the rows and kronor are reconciled
before anything is handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from procanalysis.errors import InputError, ReconciliationError
from procanalysis.read.casting import cast_rows, clean_amounts, date_order_of, decimal_sign_of, prepare
from procanalysis.read.files import file_digest
from procanalysis.read.headers import find_header, is_like_a_ledger
from procanalysis.read.hiding import hide_people, hide_value
from procanalysis.read.identity import identify_suppliers
from procanalysis.read.layout import lay_out
from procanalysis.read.plausibility import refuse_shifted_columns, refuse_unreadable
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tables import RawTable, read_tables
from procanalysis.schema import REJECT_REASONS

_SMALLEST_DELIVERY = 10


@dataclass(frozen=True)
class LedgerFormat:
    """Say how the ledger files are written; 'auto' finds out per file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: str = "auto"
    date_order: str = "auto"
    supplier_numbers: str = "auto"


@dataclass(frozen=True)
class ControlTotals:
    """Hold rows and sums of what was read, accepted and rejected. Sums cover the rows whose amount could be read."""

    rows_read: int
    rows_accepted: int
    rows_rejected: int
    amount_read_ore: int
    amount_accepted_ore: int
    amount_rejected_ore: int
    rows_without_readable_amount: int


@dataclass(frozen=True)
class FileReading:
    """Describe one file or sheet as it was read."""

    name: str
    sha256: str
    encoding: str
    delimiter: str
    decimal: str
    control: ControlTotals
    note: str = ""


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
    paths: Sequence[Path],
    ledger_format: LedgerFormat | None = None,
    *,
    masker: Masker,
    progress: Callable[[str], None] = lambda message: None,
) -> LedgerReading:
    """Read ledger files into accepted postings, rejected rows, a supplier register and control totals.

    Parameters: paths, CSV, XLSX, JSON or Parquet files, told apart by their content; ledger_format, how they are
    written; masker, hides sole traders before anything leaves this function; progress, told of each file.
    Returns a LedgerReading that reconciles. Raises InputError for a file that is not a readable ledger, and
    ReconciliationError when rows or hundredths do not add up.
    """
    form = ledger_format or LedgerFormat()
    connection = duckdb.connect(":memory:")
    try:
        prepare(connection)
        files = _read_files(connection, paths, form, masker, progress)
        if not sum(reading.control.rows_read for reading in files):
            raise InputError(
                f"The ledger is empty: {', '.join(path.name for path in paths)} hold(s) no rows under a header. "
                "Check that the export succeeded."
            )
        has_dates = all(_one(connection, "SELECT bool_and(has_dates) FROM all_rows"))
        _refuse_nothing_accepted(connection)
        numbers, sole_traders = identify_suppliers(connection, form.supplier_numbers, masker)
        hide_people(connection, masker, sole_traders)
        lines, rejected, register = _result_tables(connection)
    finally:
        connection.close()
    control = _sum_controls(tuple(reading.control for reading in files))
    reading = LedgerReading(lines, rejected, register, files, control, has_dates, numbers)
    _check_reconciles(reading)
    return reading


def _read_files(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    form: LedgerFormat,
    masker: Masker,
    progress: Callable[[str], None],
) -> tuple[FileReading, ...]:
    readings: list[FileReading] = []
    deliveries: dict[object, str] = {}
    for path in paths:
        progress(path.name)
        digest = file_digest(path)
        tables = read_tables(path, encoding=form.encoding, delimiter=form.delimiter)
        some_ledger = any(is_like_a_ledger(table, form.columns) for table in tables)
        for table in tables:
            if some_ledger and not is_like_a_ledger(table, form.columns):
                note = f"Bladet är ingen reskontra och lästes inte ({len(table.rows)} rader)."
                readings.append(_unread(table, digest, note))
            else:
                readings.append(_read_table(connection, table, digest, form, masker, deliveries, len(readings)))
    return tuple(readings)


def _unread(table: RawTable, digest: str, note: str) -> FileReading:
    return FileReading(table.name, digest, table.encoding, table.delimiter, "", _EMPTY, note)


def _read_table(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    digest: str,
    form: LedgerFormat,
    masker: Masker,
    deliveries: dict[object, str],
    order: int,
) -> FileReading:
    if not table.rows:
        return _unread(table, digest, "Filen är tom.")
    header = find_header(table, form.columns)
    raw = lay_out(table, header)
    if not raw.num_rows:
        return _unread(table, digest, "Filen har bara en rubrikrad.")
    names = {column: header.names[position] for column, position in header.columns.items()}
    values = {column: raw.column(column).slice(0, 1000).to_pylist() for column in names}
    refuse_shifted_columns(table.name, names, values)
    connection.register("laid_out", raw)
    clean_amounts(connection, "laid_out")
    decimal = form.decimal if form.decimal != "auto" else decimal_sign_of(connection)
    date_order = form.date_order if form.date_order != "auto" else date_order_of(connection, "laid_out")
    has_dates = bool(_one(connection, "SELECT coalesce(bool_or(NOT blank(booked_on)), false) FROM laid_out")[0])
    cast_rows(connection, "laid_out", decimal=decimal, date_order=date_order, has_dates=has_dates)
    connection.unregister("laid_out")
    _refuse_unreadable_columns(connection, table.name, names, masker)
    note = _mark_repeated_delivery(connection, table.name, digest, deliveries)
    control = _control(connection)
    _append(connection, table.name, order, has_dates, names)
    return FileReading(
        table.name,
        digest,
        table.encoding,
        table.delimiter,
        decimal or "",
        control,
        " ".join(filter(None, (table.note, note))),
    )


def _refuse_unreadable_columns(
    connection: duckdb.DuckDBPyConnection, name: str, headers: Mapping[str, str], masker: Masker
) -> None:
    checks = (
        ("amount", "amount_written", ("amount_unreadable", "amount_ambiguous", "shifted"),
         "Set ledger.decimal to ',' or '.', or name the right amount column under ledger.columns."),
        ("booked_on", "date_written", ("date_unreadable", "shifted"),
         "Set ledger.date_order, or name the right date column under ledger.columns."),
    )  # fmt: skip
    for column, written, reasons, remedy in checks:
        if column not in headers:
            continue
        marks = ", ".join(f"'{reason}'" for reason in reasons)
        rows, unreadable = _one(connection, f"SELECT count(*), count(*) FILTER (reason IN ({marks})) FROM cast_rows")
        samples = connection.execute(
            f"SELECT {written} FROM cast_rows WHERE reason IN ({marks}) ORDER BY row_number LIMIT 3"
        ).fetchall()
        shown = [hide_value(sample, masker) for (sample,) in samples]
        refuse_unreadable(name, headers[column], rows, unreadable, shown, remedy)


def _refuse_nothing_accepted(connection: duckdb.DuckDBPyConnection) -> None:
    rows, accepted = _one(connection, "SELECT count(*), count(*) FILTER (reason IS NULL) FROM all_rows")
    if not accepted:
        ((file, row, reason),) = connection.execute(
            "SELECT file, row_number, mode(reason) OVER () FROM all_rows ORDER BY file_order, row_number LIMIT 1"
        ).fetchall()
        raise InputError(
            f"{file}, row {row}: not one of {rows} rows can be a posting. The most common reason: "
            f"{REJECT_REASONS[reason]}. Check that the file is the ledger and is whole."
        )


def _mark_repeated_delivery(
    connection: duckdb.DuckDBPyConnection, name: str, digest: str, deliveries: dict[object, str]
) -> str:
    """Reject every row of a file that was delivered before, byte for byte or with the same postings in other dress."""
    content = (
        "hash(coalesce(regexp_replace(trimmed(supplier_number), '[^0-9A-Za-z]|[.]0$', '', 'g'), ''), "
        "coalesce(filled(supplier_name), ''), coalesce(account, ''), coalesce(filled(invoice_number), ''), "
        "coalesce(filled(voucher_number), ''), coalesce(CAST(booked_on AS VARCHAR), ''), coalesce(filled(unit), ''), "
        "amount_ore)"
    )
    rows, sum_of_hashes, mix = _one(
        connection,
        f"SELECT count(*), sum({content}::HUGEINT), bit_xor({content}) FROM cast_rows WHERE reason IS NULL",
    )
    sheet = name.partition("#")[2]
    keys: list[object] = [(digest, sheet)]
    if rows >= _SMALLEST_DELIVERY:
        keys.append((rows, sum_of_hashes, mix))
    earlier = next((deliveries[key] for key in keys if key in deliveries), None)
    for key in keys:
        deliveries.setdefault(key, name)
    if earlier is None:
        return ""
    connection.execute("UPDATE cast_rows SET reason = 'repeated_delivery' WHERE reason IS NULL")
    return f"Samma leverans som {earlier}. Alla rader avvisade."


_EMPTY = ControlTotals(0, 0, 0, 0, 0, 0, 0)


def _control(connection: duckdb.DuckDBPyConnection) -> ControlTotals:
    return ControlTotals(
        *(
            int(value)
            for value in _one(
                connection,
                """
                SELECT count(*), count(*) FILTER (reason IS NULL), count(*) FILTER (reason IS NOT NULL),
                    coalesce(sum(amount_ore), 0), coalesce(sum(amount_ore) FILTER (reason IS NULL), 0),
                    coalesce(sum(amount_ore) FILTER (reason IS NOT NULL), 0), count(*) FILTER (amount_ore IS NULL)
                FROM cast_rows
                """,
            )
        )
    )


def _sum_controls(controls: Sequence[ControlTotals]) -> ControlTotals:
    names = ControlTotals.__dataclass_fields__
    return ControlTotals(**{name: sum(getattr(control, name) for control in controls) for name in names})


def _append(
    connection: duckdb.DuckDBPyConnection, name: str, order: int, has_dates: bool, headers: Mapping[str, str]
) -> None:
    """Add the cast rows of one file to all rows, with the file's own name for the column at fault."""
    exists = _one(connection, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'all_rows'")[0]
    connection.execute(
        f"""
        {"INSERT INTO all_rows" if exists else "CREATE TABLE all_rows AS"}
        SELECT $order::INTEGER AS file_order, $name AS file, $has_dates AS has_dates,
            CASE WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN $amount
                WHEN reason LIKE 'date%' THEN $date ELSE '' END AS fault_column,
            coalesce(CASE WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN amount_written
                WHEN reason LIKE 'date%' THEN date_written END, '') AS fault_value, *
        FROM cast_rows
        """,
        {
            "order": order,
            "name": name,
            "has_dates": has_dates,
            "amount": headers["amount"],
            "date": headers.get("booked_on", ""),
        },
    )


def _result_tables(connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, pa.Table, pa.Table]:
    lines = connection.sql(
        """
        SELECT row_number() OVER (ORDER BY r.file_order, r.row_number) AS line_id, r.file, r.row_number,
            filled(r.buyer_id) AS buyer_id, filled(r.buyer) AS buyer, filled(r.unit) AS unit,
            s.supplier_key, s.supplier_name, s.supplier_type, r.account, r.account_text,
            filled(r.project) AS project, filled(r.text) AS text,
            s.supplier_key || '|' || coalesce(filled(r.invoice_number), filled(r.voucher_number)) AS invoice_key,
            filled(r.voucher_number) AS voucher_id, r.booked_on, filled(r.basis) AS basis,
            filled(r.contract_reference) AS contract_reference, r.amount_ore
        FROM all_rows r JOIN supplier_identity s
            ON s.number_written = coalesce(r.supplier_number, '') AND s.name_written = coalesce(r.supplier_name, '')
        WHERE r.reason IS NULL ORDER BY line_id
        """
    ).to_arrow_table()
    rejected = connection.sql(
        """
        SELECT file, row_number, fault_column AS column, fault_value AS value, reason, amount_ore
        FROM all_rows WHERE reason IS NOT NULL ORDER BY file_order, row_number
        """
    ).to_arrow_table()
    register = connection.sql(
        """
        SELECT s.supplier_key, any_value(s.supplier_name) AS supplier_name, any_value(s.supplier_type) AS supplier_type,
            s.number_shown AS number_as_written, s.name_shown AS name_as_written,
            any_value(s.number_status) AS number_status, count(*) AS rows, sum(r.amount_ore)::BIGINT AS amount_ore
        FROM all_rows r JOIN supplier_identity s
            ON s.number_written = coalesce(r.supplier_number, '') AND s.name_written = coalesce(r.supplier_name, '')
        WHERE r.reason IS NULL
        GROUP BY s.supplier_key, s.number_shown, s.name_shown
        ORDER BY s.supplier_key, number_as_written, name_as_written
        """
    ).to_arrow_table()
    return lines, rejected, register


def _check_reconciles(reading: LedgerReading) -> None:
    """Compare the control totals of the files, taken before identities were joined, with the tables handed on."""
    control = reading.control
    accepted = (reading.lines.num_rows, _sum_ore(reading.lines))
    rejected = (reading.rejected.num_rows, _sum_ore(reading.rejected))
    expected = (
        (control.rows_accepted, control.amount_accepted_ore),
        (control.rows_rejected, control.amount_rejected_ore),
    )
    whole = (
        control.rows_accepted + control.rows_rejected,
        control.amount_accepted_ore + control.amount_rejected_ore,
    )
    if (accepted, rejected) != expected or whole != (control.rows_read, control.amount_read_ore):
        raise ReconciliationError(
            f"The ledger does not reconcile: read {control.rows_read} rows and {control.amount_read_ore} hundredths; "
            f"accepted {accepted[0]} and {accepted[1]}; rejected {rejected[0]} and {rejected[1]}. "
            "This is a fault in the program: keep the files and report it."
        )


def _sum_ore(table: pa.Table) -> int:
    return int(pc.sum(table.column("amount_ore")).as_py() or 0)


def _one(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    return tuple(connection.execute(query, dict(values or {})).fetchall()[0])
