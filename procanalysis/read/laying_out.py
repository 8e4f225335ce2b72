"""Make every table of a ledger file a relation of text under the ledger's own column names, ready to be cast."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from procanalysis.read.careful_rows import CarefulRows, DelimitedFile
from procanalysis.read.casting import ValueForms, gather_forms
from procanalysis.read.files import file_digest, file_kind, head_of
from procanalysis.read.headers import SEARCHED_ROWS, Header, find_header, is_like_a_ledger
from procanalysis.read.layout import RAW_COLUMNS, lay_out
from procanalysis.read.plausibility import refuse_shifted_columns
from procanalysis.read.records import SAMPLED_LINES, delimiter_of, shown_delimiter
from procanalysis.read.regular_rows import lay_out_regular
from procanalysis.read.sie.ledger_table import SIE_HEADERS, is_sie, sie_table
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tables import RawTable, read_tables
from procanalysis.read.text_survey import line_blocks, survey_text, text_blocks

Way = Literal["auto", "careful"]

RELATION = "laid_out"
"""The name of the relation that holds the rows of the table at hand."""

_SAMPLE = 1000
_HELD_ROWS = 500_000
_EMPTY = "Filen är tom."
_ONLY_HEADER = "Filen har bara en rubrikrad."
_NO_VOUCHERS = "Filen har inga verifikationer."


@dataclass(frozen=True)
class LedgerFormat:
    """Say how the ledger files are written; 'auto' finds out per file.

    accounts: of a SIE file, how the account codes to read begin; all when empty.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: str = "auto"
    date_order: str = "auto"
    supplier_numbers: str = "auto"
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class LaidOutTable:
    """Describe one file or sheet whose rows stand in the relation `laid_out`; without rows there is no relation.

    headers: our column → the header as the file writes it; absent: our columns that the file has no header for, so that
    every row is empty there (of SIE none are told); sha256: of the whole file; forms: how the values are written, None
    without rows; is_ledger: False for the sheets of a workbook beside its ledger; is_regular: whether DuckDB reads the
    file by itself.
    """

    name: str
    sha256: str
    encoding: str
    delimiter: str
    headers: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    rows_count: int = 0
    forms: ValueForms | None = None
    note: str = ""
    is_ledger: bool = True
    is_regular: bool = False


def laid_out_tables(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    form: LedgerFormat,
    *,
    way: Way = "auto",
    masker: Masker | None = None,
) -> Iterator[LaidOutTable]:
    """Lay out the tables of one input file, one after the other, as the relation `laid_out` in the connection.

    Parameters: the connection, which knows the casts; path, a CSV, XLSX, JSON, Parquet or SIE 4 file; form, how it is
    written; way, 'careful' to read a delimited file record by record even when DuckDB could read it by itself; masker,
    hides the people whom a SIE file's objects name (None: under a key of the moment).
    Returns a description of each table, while which the relation holds its rows as text: our columns, `row_number` in
    the file, and `raw_reason`. A delimited file is read anew by each query of the relation; held whole are workbooks,
    JSON, Parquet and SIE, and the rows of a delimited file that DuckDB cannot read by itself, when they are 500,000 at
    most. The relation is dropped when the next table is asked for. Raises InputError for a file that cannot be read,
    has no header of a ledger, or whose columns hold something else than their headers say.
    """
    try:
        head = head_of(path)
        if file_kind(head) != "text":
            yield from _whole_tables(connection, path, form)
            return
        if is_sie(head):
            yield _lay_out_sie(connection, path, form, masker or Masker(secrets.token_bytes(32)))
            return
        survey = survey_text(path, form.encoding)
        if _is_json(path, survey.encoding):
            yield from _whole_tables(connection, path, form)
            return
        first_lines = islice(chain.from_iterable(line_blocks(path, survey.encoding)), SAMPLED_LINES)
        file = DelimitedFile(path, survey, delimiter_of(form.delimiter, list(first_lines)))
        yield _lay_out_delimited(connection, file, form, way)
    finally:
        _drop(connection)


def _drop(connection: duckdb.DuckDBPyConnection) -> None:
    connection.unregister(RELATION)
    connection.execute(f"DROP VIEW IF EXISTS {RELATION}")


def _is_json(path: Path, encoding: str) -> bool:
    first = next((text.lstrip()[0] for text in text_blocks(path, encoding) if text.strip()), "")
    return first in ("{", "[")


def _whole_tables(connection: duckdb.DuckDBPyConnection, path: Path, form: LedgerFormat) -> Iterator[LaidOutTable]:
    digest = file_digest(path)
    tables = read_tables(path, encoding=form.encoding, delimiter=form.delimiter)
    some_ledger = any(is_like_a_ledger(table, form.columns) for table in tables)
    for table in tables:
        if some_ledger and not is_like_a_ledger(table, form.columns):
            note = f"Bladet är ingen reskontra och lästes inte ({len(table.rows)} rader)."
            yield LaidOutTable(table.name, digest, table.encoding, table.delimiter, note=note, is_ledger=False)
            continue
        yield _lay_out_whole(connection, table, digest, form)
        _drop(connection)


def _lay_out_sie(connection: duckdb.DuckDBPyConnection, path: Path, form: LedgerFormat, masker: Masker) -> LaidOutTable:
    digest = file_digest(path)
    table = sie_table(path, accounts=form.accounts, masker=masker)
    if not table.rows.num_rows:
        return LaidOutTable(path.name, digest, table.encoding, "", note=_NO_VOUCHERS)
    connection.register(RELATION, table.rows)
    forms = gather_forms(connection, RELATION, decimal=".", date_order="year-month-day")
    return LaidOutTable(
        path.name,
        digest,
        table.encoding,
        "",
        SIE_HEADERS,
        rows_count=table.rows.num_rows,
        forms=forms,
        note=table.note,
    )


def _lay_out_whole(
    connection: duckdb.DuckDBPyConnection, table: RawTable, digest: str, form: LedgerFormat
) -> LaidOutTable:
    if not table.rows:
        return LaidOutTable(table.name, digest, table.encoding, table.delimiter, note=_EMPTY)
    header = find_header(table, form.columns)
    raw = lay_out(table, header)
    if not raw.num_rows:
        return LaidOutTable(table.name, digest, table.encoding, table.delimiter, note=_ONLY_HEADER)
    _refuse_shifted(table, header, raw)
    connection.register(RELATION, raw)
    forms = gather_forms(connection, RELATION, decimal=form.decimal, date_order=form.date_order)
    return LaidOutTable(
        table.name,
        digest,
        table.encoding,
        table.delimiter,
        _headers(header),
        _absent(header),
        raw.num_rows,
        forms,
        table.note,
    )


def _lay_out_delimited(
    connection: duckdb.DuckDBPyConnection, file: DelimitedFile, form: LedgerFormat, way: Way
) -> LaidOutTable:
    name, digest, encoding = file.path.name, file.survey.sha256, file.survey.encoding
    shown = shown_delimiter(file.delimiter)
    first_rows = list(islice(file.rows(), SEARCHED_ROWS + _SAMPLE))
    head = RawTable(name, [cells for _, cells in first_rows], [number for number, _ in first_rows])
    if not first_rows:
        return LaidOutTable(name, digest, encoding, shown, note=_EMPTY)
    header = find_header(head, form.columns)
    if len(first_rows) == header.position + 1:
        return LaidOutTable(name, digest, encoding, shown, note=_ONLY_HEADER)
    forms = None
    if way == "auto":
        forms = lay_out_regular(
            connection,
            RELATION,
            file,
            header,
            head.row_numbers[header.position],
            decimal=form.decimal,
            date_order=form.date_order,
        )
    is_regular = forms is not None
    if forms is None:
        rows = CarefulRows(file, header, held_rows=_HELD_ROWS)
        connection.register(RELATION, rows.relation())
        forms = gather_forms(connection, RELATION, decimal=form.decimal, date_order=form.date_order)
    _refuse_shifted(head, header, lay_out(head, header))
    return LaidOutTable(
        name, digest, encoding, shown, _headers(header), _absent(header), forms.rows, forms, is_regular=is_regular
    )


def _headers(header: Header) -> dict[str, str]:
    return {column: header.names[position] for column, position in header.columns.items()}


def _absent(header: Header) -> frozenset[str]:
    return frozenset(RAW_COLUMNS) - frozenset(header.columns)


def _refuse_shifted(table: RawTable, header: Header, laid_out: pa.Table) -> None:
    headers = _headers(header)
    values = {column: laid_out.column(column).slice(0, _SAMPLE).to_pylist() for column in headers}
    refuse_shifted_columns(table.name, headers, values)
