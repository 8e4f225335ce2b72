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

from procanalysis.errors import InputError, ReconciliationError
from procanalysis.read.casting import cast_rows, clean_amounts, date_order_of, decimal_sign_of, prepare
from procanalysis.read.files import file_digest
from procanalysis.read.headers import Header, find_header, normal_header
from procanalysis.read.identity import identify_suppliers
from procanalysis.read.plausibility import refuse_shifted_columns, refuse_unreadable
from procanalysis.read.supplier_numbers import PERSONAL_IN_TEXT_SQL, Masker
from procanalysis.read.tables import Cells, RawTable, read_tables

_RAW_COLUMNS = (
    "buyer_id", "buyer", "unit", "supplier_name", "supplier_number", "account", "account_text", "project", "text",
    "invoice_number", "voucher_number", "booked_on", "amount", "basis", "contract_reference",
)  # fmt: skip
_TOTAL_WORDS = {
    "summa",
    "total",
    "totalt",
    "totalsumma",
    "slutsumma",
    "summa totalt",
    "grand total",
    "totals",
    "sum",
}
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
        files = _read_files(connection, paths, form, progress)
        if not sum(reading.control.rows_read for reading in files):
            raise InputError(
                f"The ledger is empty: {', '.join(path.name for path in paths)} hold(s) no rows under a header. "
                "Check that the export succeeded."
            )
        has_dates = all(_one(connection, "SELECT bool_and(has_dates) FROM all_rows"))
        numbers = identify_suppliers(connection, form.supplier_numbers, masker)
        _hide_personal_numbers(connection, masker)
        lines, rejected, register = _result_tables(connection, masker)
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
    progress: Callable[[str], None],
) -> tuple[FileReading, ...]:
    readings: list[FileReading] = []
    deliveries: dict[object, str] = {}
    order = 0
    for path in paths:
        progress(path.name)
        digest = file_digest(path)
        for table in read_tables(path, encoding=form.encoding, delimiter=form.delimiter):
            order += 1
            readings.append(_read_table(connection, table, digest, form, deliveries, order))
    return tuple(readings)


def _read_table(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    digest: str,
    form: LedgerFormat,
    deliveries: dict[object, str],
    order: int,
) -> FileReading:
    if not table.rows:
        return FileReading(table.name, digest, table.encoding, table.delimiter, "", _EMPTY, "Filen är tom.")
    header = find_header(table, form.columns)
    raw = _lay_out(table, header)
    if not raw.num_rows:
        return FileReading(
            table.name, digest, table.encoding, table.delimiter, "", _EMPTY, "Filen har bara en rubrikrad."
        )
    names = {column: header.names[position] for column, position in header.columns.items()}
    values = {column: raw.column(column).slice(0, 1000).to_pylist() for column in names}
    refuse_shifted_columns(table.name, names, values)
    connection.register("laid_out", raw)
    clean_amounts(connection, "laid_out")
    connection.unregister("laid_out")
    decimal = form.decimal if form.decimal != "auto" else decimal_sign_of(connection, "raw_rows")
    date_order = form.date_order if form.date_order != "auto" else date_order_of(connection, "raw_rows")
    has_dates = "booked_on" in header.columns
    cast_rows(connection, "raw_rows", decimal=decimal, date_order=date_order, has_dates=has_dates)
    _refuse_unreadable_columns(connection, table.name, names)
    note = _mark_repeated_delivery(connection, table.name, digest, deliveries)
    control = _control(connection)
    _append(connection, table.name, order, has_dates, names)
    return FileReading(table.name, digest, table.encoding, table.delimiter, decimal or "", control, note)


def _lay_out(table: RawTable, header: Header) -> pa.Table:
    """Lay the cells out under our column names, and mark rows that cannot be postings."""
    rows, numbers = table.rows[header.position + 1 :], table.row_numbers[header.position + 1 :]
    judge = _RowJudge(header)
    reasons = [judge.reason(cells) for cells in rows]
    width = judge.width
    even = (cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))] for cells in rows)
    by_position = list(zip(*even, strict=True)) or [()] * width
    absent = pa.nulls(len(rows), pa.string())
    arrays = {
        column: pa.array(by_position[header.columns[column]], pa.string()) if column in header.columns else absent
        for column in _RAW_COLUMNS
    }
    arrays["row_number"] = pa.array(numbers, pa.int64())
    arrays["raw_reason"] = pa.array(reasons, pa.string())
    return pa.table(arrays)


class _RowJudge:
    """Tell, from a row's cells alone, whether it can be a posting."""

    def __init__(self, header: Header) -> None:
        self.width = len(header.names)
        at = header.columns
        self._amount = at["amount"]
        self._amount_header = normal_header(header.names[self._amount])
        self._supplier = [at[name] for name in ("supplier_name", "supplier_number") if name in at]
        self._other = [at[name] for name in ("account", "account_text", "booked_on") if name in at]
        self._needed = max(self._amount, *self._supplier, *(at[n] for n in ("account", "booked_on") if n in at))

    def reason(self, cells: Cells) -> str | None:
        """Return why the row cannot be a posting, or None."""
        if len(cells) != self.width:
            if any(map(str.strip, cells[self.width :])):
                return "too_many_cells"
            if len(cells) <= self._needed:
                return "too_few_cells"
        amount = cells[self._amount]
        if amount[:1].isalpha() and normal_header(amount) == self._amount_header:
            return "repeated_header"
        if any(cells[place].strip() for place in self._other if place < len(cells)):
            return None
        says_total = any(cell.strip().casefold().rstrip(":") in _TOTAL_WORDS for cell in cells)
        return "totals_row" if says_total or not any(cells[place].strip() for place in self._supplier) else None


def _refuse_unreadable_columns(connection: duckdb.DuckDBPyConnection, name: str, headers: Mapping[str, str]) -> None:
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
        refuse_unreadable(name, headers[column], rows, unreadable, [s[0] for s in samples], remedy)


def _mark_repeated_delivery(
    connection: duckdb.DuckDBPyConnection, name: str, digest: str, deliveries: dict[object, str]
) -> str:
    """Reject every row of a file that was delivered before, byte for byte or with the same postings in other dress."""
    content = (
        "hash(coalesce(trimmed(supplier_number), ''), coalesce(trimmed(supplier_name), ''), coalesce(account, ''), "
        "coalesce(invoice_number, ''), coalesce(voucher_number, ''), coalesce(CAST(booked_on AS VARCHAR), ''), "
        "coalesce(unit, ''), amount_ore)"
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
    create = (
        "INSERT INTO all_rows" if order > 1 and _table_exists(connection, "all_rows") else "CREATE TABLE all_rows AS"
    )
    fault = "CASE WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN $amount WHEN reason LIKE 'date%' THEN $date ELSE '' END"
    value = "CASE WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN amount_written WHEN reason LIKE 'date%' THEN date_written ELSE '' END"
    connection.execute(
        f"""
        {create} SELECT $order::INTEGER AS file_order, $name AS file, $has_dates AS has_dates,
            {fault} AS fault_column, coalesce({value}, '') AS fault_value, *
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


def _table_exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(_one(connection, "SELECT count(*) FROM duckdb_tables() WHERE table_name = $name", {"name": name})[0])


def _hide_personal_numbers(connection: duckdb.DuckDBPyConnection, masker: Masker) -> None:
    """Hide personal numbers that stand in free texts of the accepted rows."""
    if not masker.enabled:
        return
    connection.create_function("hide_numbers", masker.text, ["VARCHAR"], "VARCHAR")
    for column in ("text", "account_text", "unit", "project"):
        connection.execute(
            f"UPDATE all_rows SET {column} = hide_numbers({column}) WHERE regexp_matches({column}, $pattern)",
            {"pattern": PERSONAL_IN_TEXT_SQL},
        )


def _result_tables(connection: duckdb.DuckDBPyConnection, masker: Masker) -> tuple[pa.Table, pa.Table, pa.Table]:
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
            ON s.number_written = coalesce(r.supplier_number, '') AND s.name_written = coalesce(r.raw_supplier_name, '')
        WHERE r.reason IS NULL ORDER BY line_id
        """
    ).to_arrow_table()
    rejected = connection.sql(
        """
        SELECT file, row_number, fault_column AS column, fault_value AS value, reason, amount_ore
        FROM all_rows WHERE reason IS NOT NULL ORDER BY file_order, row_number
        """
    ).to_arrow_table()
    values = pa.array([masker.text(value) for value in rejected.column("value").to_pylist()], pa.string())
    rejected = rejected.set_column(rejected.schema.get_field_index("value"), "value", values)
    register = connection.sql(
        """
        SELECT s.supplier_key, any_value(s.supplier_name) AS supplier_name, any_value(s.supplier_type) AS supplier_type,
            s.number_shown AS number_as_written, s.name_shown AS name_as_written,
            any_value(s.number_status) AS number_status, count(*) AS rows, sum(r.amount_ore)::BIGINT AS amount_ore
        FROM all_rows r JOIN supplier_identity s
            ON s.number_written = coalesce(r.supplier_number, '') AND s.name_written = coalesce(r.raw_supplier_name, '')
        WHERE r.reason IS NULL
        GROUP BY s.supplier_key, s.number_shown, s.name_shown ORDER BY s.supplier_key, number_as_written, name_as_written
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
    return sum(value for value in table.column("amount_ore").to_pylist() if value is not None)


def _one(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    row = connection.execute(query, dict(values or {})).fetchone()
    return tuple(row or ())
